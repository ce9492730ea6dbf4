"""Columns are what the log says: read from a real encrypted database, refreshed, and put in order."""

import dataclasses
from datetime import UTC, date, datetime

import numpy as np
import pytest

from posyandu_app.domain.age import Month
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Sex
from posyandu_app.domain.rules import default_rules
from posyandu_app.reports import causes, duplicates, frame_cache, frames, visit_reader
from posyandu_app.reports.areas import Level
from posyandu_app.reports.columns import MOST, ChildColumns, VisitColumns
from posyandu_app.reports.frames import NO_AGE, load, of_domain
from posyandu_app.reports.periods import Period
from posyandu_app.storage import log
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import NewOperation
from tests import generator
from tests.reports.analysis import MELATI, girl, measured

CLOCK = FixedClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="module")
def world():
    return generator.make(children=120, months=8, posyandu=3, seed=5)


@pytest.fixture
def database(tmp_path):
    made = Database.create(tmp_path / "posyandu.db", bytes(32))
    yield made
    made.close()


def same(one, other):
    """Whether two frames hold the same children and visits, whatever their numbering."""
    problems = []
    for field in dataclasses.fields(ChildColumns):
        if field.name not in ("ids", "place"):
            a, b = getattr(one.children, field.name), getattr(other.children, field.name)
            problems += [] if np.array_equal(a, b) else [f"children.{field.name}"]
    if one.children.ids != other.children.ids:
        problems.append("children.ids")
    for field in dataclasses.fields(VisitColumns):
        if field.name not in ("number", "place", "actor"):
            a, b = getattr(one.visits, field.name), getattr(other.visits, field.name)
            problems += [] if np.array_equal(a, b) else [f"visits.{field.name}"]
    rows = range(len(one.visits))
    if one.visit_ids(rows) != other.visit_ids(rows):
        problems.append("visit ids")
    for name, of in (("place", lambda f: f.areas.scopes), ("actor", lambda f: f.actors)):
        a, b = ([of(f)[code] for code in getattr(f.visits, name)] for f in (one, other))
        problems += [] if a == b else [name]
    return problems


def test_a_database_filled_through_the_log_gives_the_world_that_went_in(world, database):
    generator.store(world, database)
    frame = load(database)
    assert same(frame, world.frame()) == []
    assert len(frame.visits) > 500
    assert frame.areas.name(world.scopes[1]) == world.names[1]
    assert frame.actor_names[world.actors[0]] == "Kader 1"


def test_the_bulk_path_writes_what_the_log_would(world, database, tmp_path):
    generator.store(world, database)
    bulk = Database.create(tmp_path / "bulk.db", bytes(32))
    generator.fill(world, bulk)
    try:
        assert same(load(bulk), load(database)) == []
    finally:
        bulk.close()


def test_pages_of_any_size_give_the_same_columns(world, database, monkeypatch):
    generator.fill(world, database)
    whole = load(database)
    monkeypatch.setattr(visit_reader, "PAGE", 7)
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    seen = []
    assert same(load(database, progress=lambda done, total: seen.append((done, total))), whole) == []
    assert seen[-1] == (len(world.visit_ids), len(world.visit_ids))


def test_nothing_new_gives_the_same_frame_again(world, database):
    generator.store(world, database)
    frame = load(database)
    assert load(database, frame) is frame


def test_a_workspace_keeps_its_frame(world, database):
    generator.store(world, database)
    cache = {"frame": "something else"}
    frame = frames.current(database, cache)
    assert frames.current(database, cache) is frame is cache["frame"]
    append(database, ("child.register", "anak-1", child()))
    assert "anak-1" in frames.current(database, cache).children.ids


def append(database, *operations):
    return log.append(
        database, [NewOperation(t, e, MELATI, p) for t, e, p in operations], actor="kader-1", clock=CLOCK
    )


def child(name="Melati Contoh", birth="2024-01-10"):
    return {"name": {"v": name}, "sex": {"v": "F"}, "birth_date": {"v": birth}}


def record(of="anak-1", day="2026-11-12", **values):
    return {"child": of, "date": day, **values}


def test_what_changed_is_read_again_and_nothing_else(world, database, monkeypatch):
    generator.store(world, database)
    append(database, ("child.register", "anak-1", child()))
    (key,) = append(database, ("measurement.record", "ukur-1", record(weight_g=11_000)))
    frame = load(database)
    first = world.visit_ids[0]
    append(
        database,
        ("measurement.correct", "ukur-1", {"set": {"weight_g": {"v": 10_100, "base": list(key)}}}),
        ("measurement.void", first, {"reason": "salah", "seen": [[generator.DISTRICT_REPLICA, 1]]}),
        ("child.register", "anak-2", child("Mawar Contoh")),
        ("child.set", "anak-1", {"birth_date": {"v": "2024-02-10"}, "state": {"v": "pindah"}}),
    )
    append(database, ("measurement.record", "ukur-2", record("anak-2", weight_g=9_000)))
    whole = load(database)
    monkeypatch.setattr(frames.VisitReader, "all", lambda *_: pytest.fail("read everything"))
    fresh = load(database, frame)
    assert same(fresh, whole) == []
    ids = fresh.visit_ids(range(len(fresh.visits)))
    assert fresh.visits.weight_g[ids.index("ukur-1")] == 10_100
    assert "ukur-2" in ids
    row = fresh.children.ids.index("anak-1")
    assert (fresh.children.active[row], fresh.children.birth[row]) == (False, date(2024, 2, 10).toordinal())
    assert len(fresh.visits) == len(frame.visits) + 1 - (first not in ids)


def test_a_child_registered_by_mistake_leaves_with_her_visits(world, database):
    generator.store(world, database)
    append(database, ("child.register", "anak-1", child()))
    append(database, ("measurement.record", "ukur-1", record(weight_g=11_000)))
    frame = load(database)
    append(database, ("child.set", "anak-1", {"state": {"v": "batal"}}))
    fresh = load(database, frame)
    assert same(fresh, load(database)) == []
    assert "anak-1" not in fresh.children.ids
    assert len(fresh.visits) == len(frame.visits) - 1


def test_after_a_flood_of_changes_everything_is_read_anew(world, database):
    generator.store(world, database)
    frame = load(database)
    with database.atomic():
        database.run("UPDATE measured SET changed = ?, weight_g = 5000", (frame.version + 1,))
        database.set_meta("changed", str(frame.version + 1))
    fresh = load(database, frame)
    assert set(fresh.visits.weight_g.tolist()) == {5000}


def test_a_frame_of_another_database_is_of_no_use(world, database, tmp_path):
    generator.fill(world, database)
    other = Database.create(tmp_path / "other.db", bytes(32))
    try:
        assert len(load(other, load(database)).visits) == 0
    finally:
        other.close()


def test_an_empty_database_is_an_empty_frame(database):
    frame = load(database)
    assert (len(frame.children), len(frame.visits), frame.areas.scopes) == (0, 0, ())
    assert len(frame.growth.bmi) == len(frame.age_months) == len(frame.earlier_day) == 0


@pytest.mark.parametrize(
    "day", ["2026-02-31", "12/11/2026", "", "2026-11-1", "2026-W46-4", "0000-01-01", None, 7]
)
def test_a_measurement_without_a_readable_date_is_left_out(database, day):
    append(database, ("child.register", "anak-1", child()))
    append(database, ("measurement.record", "ukur-1", record(day=day, weight_g=9000)))
    append(database, ("measurement.record", "ukur-2", record(weight_g=9000)))
    frame = load(database)
    from posyandu_app.storage import measurements

    known = {item.id for item in measurements.of_child(database, "anak-1")}
    assert set(frame.visit_ids(range(len(frame.visits)))) == known


def test_hostile_values_are_taken_as_the_domain_takes_them(database):
    append(
        database, ("child.register", 'anak","1\x1f,', {**child(), "kia_held": {"v": "ya"}, "sex": {"v": "X"}})
    )
    values = {"weight_g": 2**62, "length_mm": -5, "head_mm": True, "position": "terbalik", "oedema": -1}
    append(database, ("measurement.record", "ukur-1", record('anak","1\x1f,', **values)))
    append(database, ("measurement.record", "ukur-2", record("tidak ada", weight_g=9000)))
    append(database, ("measurement.record", "ukur-3", {"date": "2026-11-12"}))
    frame = load(database)
    assert frame.visit_ids(range(len(frame.visits))) == ("ukur-1",)
    visits = frame.visits
    assert visits.weight_g[0] == MOST
    assert (visits.length_mm[0], visits.head_mm[0], visits.position[0], visits.oedema[0]) == (0, 0, 0, True)
    assert (frame.children.card[0], frame.children.sex[0]) == (False, 0)
    assert np.isnan(frame.growth.weight_for_age.centi[0])


def test_measurements_of_one_day_stand_in_the_order_of_saving(database):
    append(database, ("child.register", "anak-1", child()))
    for key in ("c", "a", "b"):
        append(database, ("measurement.record", key, record(weight_g=9000)))
    assert load(database).visit_ids(range(3)) == ("c", "a", "b")


def test_order_within_a_day_is_by_stamp_then_id():
    one, day = girl(1), date(2026, 11, 12)
    stamps = [("z", "1"), ("a", "2"), ("m", "1")]
    frame = of_domain([one], [measured(one, day, key=key, hlc=hlc, weight_g=1) for key, hlc in stamps])
    assert frame.visit_ids(range(3)) == ("m", "z", "a")
    assert frame.earlier_day.tolist() == [0, 0, 0]


def test_without_a_birth_date_there_is_no_age():
    frame = of_domain([girl(1, None)], [measured(girl(1), date(2026, 11, 12), weight_g=9000)])
    assert (frame.age_days[0], frame.age_months[0]) == (NO_AGE, NO_AGE)
    assert np.isnan(frame.growth.weight_for_age.centi[0])


def test_z_scores_are_those_of_the_scalar_formula(world):
    from posyandu_app.domain.zscore import assess

    frame = world.frame()
    items = {item.id: item for visits in world.histories.values() for item in visits}
    sexes = {c.id: (c.sex, c.birth_date) for c in world.children}
    for row, key in enumerate(frame.visit_ids(range(len(frame.visits)))):
        item = items[key]
        sex, birth = sexes[item.child]
        expected = assess(
            sex,
            None if birth is None else (item.date - birth).days,
            weight_g=item.weight_g,
            length_mm=item.length_mm,
            position=item.position,
            head_mm=item.head_mm,
            oedema=item.oedema,
        )
        for name in ("length_for_age", "weight_for_age", "weight_for_length", "bmi_for_age", "head_for_age"):
            score, found = getattr(expected, name), getattr(frame.growth, name)
            assert (None if np.isnan(found.centi[row]) else found.centi[row]) == (score and score.centi)
            assert found.flagged[row] == bool(score and score.flagged)


def test_the_generator_makes_the_same_world_for_the_same_seed():
    one, again, other = (generator.make(children=40, months=4, posyandu=2, seed=seed) for seed in (3, 3, 4))
    assert one.children == again.children
    assert one.histories == again.histories
    assert one.children != other.children
    assert {c.sex for c in one.children} >= set(Sex)


def rows(frame):
    """The weights under each child's id, by day."""
    found = {}
    for child_row, grams in zip(frame.visits.child.tolist(), frame.visits.weight_g.tolist(), strict=True):
        found.setdefault(frame.children.ids[child_row], []).append(grams)
    return found


@pytest.fixture
def twice(database):
    """One child under two names, the smaller id the later one; and another child."""
    append(
        database,
        ("child.register", "anak-2", child()),
        ("child.register", "anak-1", child("Melaty Contoh")),
        ("child.register", "anak-3", child("Mawar Contoh")),
        ("measurement.record", "ukur-1", record("anak-2", "2026-10-12", weight_g=10_800)),
        ("measurement.record", "ukur-2", record("anak-1", "2026-11-12", weight_g=11_000)),
        ("measurement.record", "ukur-3", record("anak-3", "2026-11-12", weight_g=9_000)),
    )
    return database


@pytest.mark.parametrize("one", ["anak-1", "anak-2"])
def test_two_records_of_one_child_count_once_under_the_smallest_id(twice, one):
    apart = load(twice)
    assert rows(apart) == {"anak-1": [11_000], "anak-2": [10_800], "anak-3": [9_000]}
    other = "anak-2" if one == "anak-1" else "anak-1"
    append(twice, ("person.link", one, {"other": other, "reason": ""}))
    for frame in (load(twice), load(twice, apart)):
        assert frame.children.ids == ("anak-1", "anak-3")
        assert rows(frame) == {"anak-1": [10_800, 11_000], "anak-3": [9_000]}
        assert frame.row_of["anak-2"] == frame.row_of["anak-1"] == 0
    together = load(twice, apart)
    assert load(twice, together) is together
    append(twice, ("person.unlink", one, {"other": other, "reason": ""}))
    assert same(load(twice, together), load(twice)) == []
    assert rows(load(twice, together)) == rows(apart)


def test_a_record_by_mistake_stands_for_nobody(twice):
    append(twice, ("person.link", "anak-1", {"other": "anak-2", "reason": ""}))
    linked = load(twice)
    append(twice, ("child.set", "anak-1", {"state": {"v": "batal"}}))
    for frame in (load(twice), load(twice, linked)):
        assert rows(frame) == {"anak-2": [10_800], "anak-3": [9_000]}


def test_the_kept_columns_know_who_stands_behind_whom(twice):
    append(twice, ("person.link", "anak-1", {"other": "anak-2", "reason": ""}))
    frame = load(twice)
    frame_cache.keep(frame)
    kept = frame_cache.kept(twice)
    assert kept.behind == {"anak-2": "anak-1"}
    assert load(twice, kept) is kept
    append(twice, ("person.unlink", "anak-1", {"other": "anak-2", "reason": ""}))
    assert rows(load(twice, kept)) == {"anak-1": [11_000], "anak-2": [10_800], "anak-3": [9_000]}


def test_records_that_are_one_child_are_no_longer_shown_as_registered_twice(twice):
    pairs = duplicates.find(duplicates.read(twice), default_rules())
    assert [(pair.one, pair.other) for pair in pairs] == [("anak-2", "anak-1")]
    append(twice, ("person.link", "anak-1", {"other": "anak-2", "reason": ""}))
    assert duplicates.find(duplicates.read(twice), default_rules()) == ()


def test_a_dose_under_either_record_is_the_childs(twice):
    append(twice, ("person.link", "anak-1", {"other": "anak-2", "reason": ""}))
    dose = {"child": "anak-2", "date": "2026-08-12", "what": "vitamin_a", "state": "diberikan"}
    append(twice, ("dose.record", "dosis-1", dose))
    month = Period.of_month(Month(2026, 8))
    table = causes.table(load(twice), causes.read(twice, "2026-01-01"), month, Level.POSYANDU)
    share = table.total.shares[causes.Cause.VITAMIN_A]
    assert (share.count, share.of) == (1, 2)


def test_records_decided_to_be_two_children_are_no_longer_shown_as_registered_twice(twice):
    def shown():
        pairs = duplicates.find(duplicates.read(twice), default_rules())
        found = duplicates.open_pairs(pairs, duplicates.decided_apart(twice))
        return [(pair.one, pair.other) for pair in found]

    assert shown() == [("anak-2", "anak-1")]
    append(twice, ("person.unlink", "anak-1", {"other": "anak-2", "reason": "dua anak"}))
    assert shown() == []
    append(twice, ("person.unlink", "anak-2", {"other": "anak-1", "reason": "", "undecided": True}))
    assert shown() == [("anak-2", "anak-1")], "a decision taken back is asked again"


def test_of_three_with_one_nik_the_pair_nobody_has_decided_about_stays(database):
    nik = {"nik": {"v": "3211135211240001"}}
    for number, name in enumerate(("Melati", "Mawar", "Kenanga"), 1):
        birth = f"2024-0{3 * number}-10"
        append(database, ("child.register", f"anak-{number}", {**child(f"{name} Contoh", birth), **nik}))
    append(database, ("person.unlink", "anak-1", {"other": "anak-2", "reason": ""}))
    append(database, ("person.unlink", "anak-1", {"other": "anak-3", "reason": ""}))
    pairs = duplicates.find(duplicates.read(database), default_rules())
    left = duplicates.open_pairs(pairs, duplicates.decided_apart(database))
    assert [(pair.one, pair.other, pair.same_nik) for pair in left] == [("anak-2", "anak-3", True)]

"""The analyst over a real database: it keeps up, keeps what it read sealed, covers and masks."""

import dataclasses
import shutil
from datetime import date

import numpy as np
import pytest

from posyandu_app.domain.age import Month
from posyandu_app.domain.model import Role
from posyandu_app.domain.rules import default_rules
from posyandu_app.reports import duplicates as twice
from posyandu_app.reports import frame_cache, frames, prevalence
from posyandu_app.reports.analyst import Analyst, Stopped, level_below
from posyandu_app.reports.areas import Level
from posyandu_app.reports.cohort import Path
from posyandu_app.reports.people import people
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator
from posyandu_app.reports.quality import DIGIT_FIELDS, SD_MEASURES, Check, Team
from posyandu_app.reports.snapshots import scores_of
from posyandu_app.storage.connection import Database
from tests import generator

RULES = default_rules()
NOVEMBER = Period.of_month(Month(2026, 11))
AUGUST = Period.of_month(Month(2026, 8))
KEY = bytes(32)


@pytest.fixture(scope="module")
def world():
    return generator.make(children=400, months=6, posyandu=6, seed=11)


@pytest.fixture(scope="module")
def template(world, tmp_path_factory):
    path = tmp_path_factory.mktemp("district") / "posyandu.db"
    database = Database.create(path, KEY)
    generator.fill(world, database)
    database.close()
    return path


@pytest.fixture
def database(template, tmp_path):
    path = tmp_path / "posyandu.db"
    shutil.copy(template, path)
    opened = Database.open(path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def analysts(database, monkeypatch):
    monkeypatch.setattr("posyandu_app.reports.analyst._WORTH_KEEPING", 1)
    made = []

    def make(role=Role.TPG):
        made.append(Analyst(database, RULES, role))
        return made[-1]

    yield make
    for analyst in made:
        analyst.close()


def same(one, other):
    assert one.children.ids == other.children.ids
    for table in ("children", "visits"):
        for field in dataclasses.fields(getattr(one, table)):
            left, right = (getattr(getattr(frame, table), field.name) for frame in (one, other))
            assert left == right if field.name == "ids" else np.array_equal(left, right), field.name


def test_what_was_kept_is_what_was_read_and_holds_no_name(analysts, database, world):
    analyst = analysts()
    read = analyst.frame()
    analyst.keep()
    kept = frame_cache.kept(database)
    same(kept, read)
    assert kept.version == read.version
    assert kept.visit_ids([0, 5]) == read.visit_ids([0, 5])
    content = frame_cache.path_of(database).read_bytes()
    assert world.child_names[0].encode() not in content
    assert world.child_ids[0].encode() not in content


def test_a_frame_kept_and_brought_up_to_date_is_the_one_read_anew(analysts, database):
    first = analysts()
    first.frame()
    first.keep()
    first.close()
    with database.atomic():
        database.run("UPDATE measured SET weight_g = 9999, changed = 7 WHERE n % 50 = 0")
        database.run("UPDATE measured SET voided = 1, changed = 7 WHERE n % 77 = 0")
        database.run("UPDATE child SET state = 'pindah', changed = 7 WHERE n % 9 = 0")
        database.set_meta("changed", "7")
    same(analysts().frame(), frames.load(database))


def test_a_kept_file_of_another_database_or_a_damaged_one_is_not_used(analysts, database, tmp_path):
    analyst = analysts()
    analyst.frame()
    analyst.keep()
    database.set_meta("replica", "anybody-else")
    assert frame_cache.kept(database) is None
    frame_cache.path_of(database).write_bytes(b"rusak" * 100)
    assert frame_cache.kept(database) is None
    assert len(analysts().frame().visits) > 0


def test_entry_goes_on_while_the_analyst_reads(analysts, database):
    """Two connections: a write between two of its pages is neither refused nor seen half."""
    analyst = analysts()
    seen = []

    def write_meanwhile(done, of):
        with database.atomic():
            database.set_meta("note", str(done))
        seen.append(done)

    analyst._read = write_meanwhile
    analyst.frame()
    assert seen
    assert database.meta("note") == str(seen[-1])


def test_whoever_closes_waits_for_nothing(analysts):
    analyst = analysts()
    analyst.stop()
    with pytest.raises(Stopped):
        analyst.known()


def test_small_numbers_are_covered_for_the_dinas_and_in_what_leaves_the_office(analysts):
    asked = ("32.11", NOVEMBER, AUGUST, By.POSYANDU)
    full = analysts(Role.TPG).prevalence(*asked).table.rows
    small = [row.key for row in full if 0 < row.shares[Indicator.SEVERE_WASTING].count < 5]
    assert small, "the made-up district has small numbers"
    for shown in (
        analysts(Role.DINAS).prevalence(*asked).table.rows,
        analysts(Role.TPG).prevalence(*asked, outward=True).table.rows,
    ):
        hidden = {row.key for row in shown if row.shares[Indicator.SEVERE_WASTING].hidden}
        assert set(small) <= hidden
    assert not any(row.shares[Indicator.SEVERE_WASTING].hidden for row in full)


def test_the_figures_are_those_counted_by_hand_from_the_raw_values(analysts, world):
    """An independent count: each child's last length of November by the domain's own z-score."""
    from posyandu_app.domain.zscore import assess

    last = {}
    for visits, child in ((world.histories[c.id], c) for c in world.children):
        for visit in sorted(visits, key=lambda v: (v.date, v.hlc)):
            if (visit.date.year, visit.date.month) == (2026, 11) and visit.length_mm:
                last[child.id] = (child, visit)
    stunted = of = 0
    for child, visit in last.values():
        if child.sex is None or child.birth_date is None:
            continue
        days = (visit.date - child.birth_date).days
        if not 0 <= days <= 1826:
            continue
        found = assess(
            sex=child.sex,
            age_days=days,
            weight_g=visit.weight_g,
            length_mm=visit.length_mm,
            position=visit.position,
        ).length_for_age
        if found.centi is None or found.flagged:
            continue
        of += 1
        stunted += found.centi < -200
    share = analysts().prevalence("32.11", NOVEMBER, AUGUST, By.ALL).table.total.shares[Indicator.STUNTING]
    assert (share.count, share.of) == (stunted, of)
    assert share.low < 100 * stunted / of < share.high


def test_names_are_masked_for_the_dinas_and_shown_to_the_puskesmas(analysts, world):
    known = dict(zip(world.child_ids, world.child_names, strict=True))
    for role, masked in ((Role.DINAS, True), (Role.TPG, False), (Role.BIDAN, False), (Role.KADER, True)):
        found = analysts(role).affected("32.11", NOVEMBER, Indicator.STUNTING)
        assert found.count == len(found.lines) > 5
        assert found.masked is masked
        for line in found.lines:
            shown = line.person.name
            assert (shown == known[line.person.id]) is not masked
            if masked:
                assert line.person.mother == line.person.address == line.person.house == ""
        worst = [line.centi for line in found.lines if line.centi is not None]
        assert worst == sorted(worst)
        assert all(centi < -200 for centi in worst)


def test_lists_hold_the_children_that_the_figures_count(analysts):
    analyst = analysts()
    cohort = analyst.cohort("32.11", AUGUST, NOVEMBER, Indicator.STUNTING, Level.KECAMATAN)
    for path in (Path.RECOVERED, Path.NEW, Path.PERSISTENT):
        found = analyst.on_path("32.11", AUGUST, NOVEMBER, Indicator.STUNTING, path)
        assert found.count == cohort.total.counts[path]
    table = analyst.quality("32.11", NOVEMBER, Team.POSYANDU)
    for check in (Check.NO_NIK, Check.SAME_WEIGHT, Check.FLAGGED):
        worst = table.rows[0]
        assert (
            analyst.behind("32.11", NOVEMBER, Team.POSYANDU, check, worst.key).count
            == worst.figures[check].count
        )


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_behind_late_records_stand_the_days_of_each_the_longest_first(analysts, database, role):
    with database.atomic():
        database.run("UPDATE measured SET at = '2026-12-' || printf('%02d', 1 + n % 28) || 'T08:00:00+07:00'")
    analyst = analysts(role)
    found = analyst.behind("32.11", NOVEMBER, Team.POSYANDU, Check.LATE, "")
    days = [line.seen.days for line in found.lines]
    assert days == sorted(days, reverse=True)
    assert len(set(days)) > 10
    assert min(days) > analyst.analysis.quality.late_after_days
    visits = analyst.frame().visits
    waits = set(zip(visits.day.tolist(), visits.saved.tolist(), strict=True))
    for line in found.lines:
        assert (line.day, line.seen.until) in waits
        assert line.seen.days == line.seen.until - line.day
        assert (line.weight_g, line.length_mm) == (0, 0), "what a child weighs is not what this is about"


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_behind_a_child_registered_twice_stands_the_other_record(analysts, database, role):
    analyst = analysts(role)
    found = analyst.behind("32.11", NOVEMBER, Team.POSYANDU, Check.DUPLICATES, "")
    assert found.lines
    records = twice.read(database)
    pairs = twice.find(records, RULES)
    others = {}
    for pair in pairs:
        others.setdefault(pair.one, []).append((pair.other, pair.same_nik))
        others.setdefault(pair.other, []).append((pair.one, pair.same_nik))
    known = people(database, records.ids, masked=role is Role.DINAS)
    for line in found.lines:
        (other, same_nik), *more = others[line.person.id]
        assert (line.seen.name, line.seen.same_nik, line.seen.more) == (
            known[other].name,
            same_nik,
            len(more),
        )
        assert ("•" in line.seen.name) is (role is Role.DINAS)
    ids = [line.person.id for line in found.lines]
    alone = [one for one in ids if len(others[one]) == 1]
    assert any(abs(ids.index(one) - ids.index(others[one][0][0])) == 1 for one in alone)


@pytest.mark.parametrize(
    ("check", "unit"),
    [
        (Check.WEIGHT_DIGITS, 100),
        (Check.LENGTH_DIGITS, 1),
        (Check.HEAD_DIGITS, 1),
        (Check.MUAC_DIGITS, 1),
    ],
)
def test_behind_digits_stands_the_measure_that_they_are_of(analysts, database, check, unit):
    field = DIGIT_FIELDS[check]
    with database.atomic():
        database.run(f"UPDATE measured SET {field} = {field} / {10 * unit} * {10 * unit} + {5 * unit}")
    measured = analysts()
    values = set(getattr(measured.frame().visits, field).tolist())
    for role in (Role.TPG, Role.DINAS):
        found = analysts(role).behind("32.11", NOVEMBER, Team.POSYANDU, check, "")
        assert found.lines
        for line in found.lines:
            assert (line.seen.check, line.seen.digit) == (check, 5)
            assert (line.weight_g, line.length_mm) == (0, 0)
            if role is Role.DINAS and check is Check.MUAC_DIGITS:
                assert line.seen.value is None, "a LiLA by itself says whether a child is wasted"
            else:
                assert line.seen.value in values
                assert line.seen.value // unit % 10 == 5


def rows_behind(analyst, found):
    """The rows of the visits in a list, in its order."""
    frame = analyst.frame()
    places = {
        (frame.children.ids[child], day): row
        for row, (child, day) in enumerate(
            zip(frame.visits.child.tolist(), frame.visits.day.tolist(), strict=True)
        )
    }
    return [places[line.person.id, line.day] for line in found.lines]


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_behind_jumps_stand_both_values_of_the_one_measure_that_jumped_worst(analysts, database, role):
    with database.atomic():
        database.run("UPDATE measured SET weight_g = weight_g + 100 * n % 9000 WHERE n % 40 = 0")
        database.run("UPDATE measured SET length_mm = length_mm + n % 150 WHERE n % 56 = 0")
        database.run("UPDATE measured SET head_mm = head_mm - n % 50 WHERE n % 64 = 0")
    analyst = analysts(role)
    found = analyst.behind("32.11", NOVEMBER, Team.POSYANDU, Check.JUMPS, "")
    frame, limits = analyst.frame(), RULES.plausibility
    shares, shown = [], set()
    for row, line in zip(rows_behind(analyst, found), found.lines, strict=True):
        seen, values = line.seen, getattr(frame.visits, line.seen.field)
        earlier = [
            at
            for at in range(len(values))
            if frame.visits.child[at] == frame.visits.child[row]
            and frame.visits.day[at] < line.day
            and values[at]
        ]
        assert (seen.earlier, seen.later) == (values[earlier[-1]], values[row])
        assert seen.earlier_day == frame.visits.day[earlier[-1]]
        assert (line.weight_g, line.length_mm) == (0, 0), "a weight beside a length tells of BB/TB"
        months = max(frame.month[row] - frame.month[earlier[-1]], 1)
        change = seen.later - seen.earlier
        believed = {
            "weight_g": months
            * (limits.weight_rise_g_per_month if change > 0 else limits.weight_fall_g_per_month),
            "length_mm": months * limits.length_rise_mm_per_month if change > 0 else limits.length_fall_mm,
            "head_mm": limits.head_fall_mm,
        }
        shares.append(abs(change) / believed[seen.field])
        shown.add(seen.field)
        assert role is not Role.DINAS or seen.shift == 0, "a position not written follows from the age"
    assert shares == sorted(shares, reverse=True)
    assert shown == {"weight_g", "length_mm", "head_mm"}


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
@pytest.mark.parametrize(
    ("check", "field"), [(Check.SAME_WEIGHT, "weight_g"), (Check.SAME_LENGTH, "length_mm")]
)
def test_behind_a_repeated_value_stand_the_value_and_since_when(analysts, database, role, check, field):
    with database.atomic():
        database.run(f"UPDATE measured SET {field} = 900 WHERE child % 5 = 0")
    analyst = analysts(role)
    found = analyst.behind("32.11", NOVEMBER, Team.POSYANDU, check, "")
    visits = analyst.frame().visits
    known = set(zip(visits.child.tolist(), visits.day.tolist(), getattr(visits, field).tolist(), strict=True))
    months = [line.seen.months for line in found.lines]
    assert months == sorted(months, reverse=True)
    assert len(set(months)) > 2
    for row, line in zip(rows_behind(analyst, found), found.lines, strict=True):
        child, seen = int(visits.child[row]), line.seen
        assert {(child, line.day, seen.value), (child, seen.earlier_day, seen.value)} <= known
        spanned = (
            Month.of(date.fromordinal(line.day)).number - Month.of(date.fromordinal(seen.earlier_day)).number
        )
        assert (seen.field, seen.months, spanned > 0) == (field, spanned + 1, True)
        assert (line.weight_g, line.length_mm) == (0, 0)


def test_behind_flagged_z_scores_stand_index_z_score_and_what_it_was_taken_from(analysts, database):
    with database.atomic():
        database.run("UPDATE measured SET length_mm = length_mm / 2 + n % 100 WHERE n % 30 = 0")
        database.run("UPDATE measured SET weight_g = weight_g / 3 WHERE n % 41 = 0")
        database.run("UPDATE measured SET head_mm = head_mm - 130 WHERE n % 43 = 0")
    full, dinas = analysts(Role.TPG), analysts(Role.DINAS)
    limits = {"TB/U": (-600, 600), "BB/U": (-600, 500), "LK/U": (-500, 500)}
    asked = ("32.11", NOVEMBER, Team.POSYANDU, Check.FLAGGED, "")
    listed, masked = full.behind(*asked), dinas.behind(*asked)
    growth, visits = full.frame().growth, full.frame().visits
    beyond = []
    for row, line in zip(rows_behind(full, listed), listed.lines, strict=True):
        seen = line.seen
        low, high = limits.get(seen.index, (-500, 500))
        beyond.append(max(low - seen.centi, seen.centi - high))
        scores = {
            "TB/U": growth.length_for_age,
            "BB/U": growth.weight_for_age,
            "LK/U": growth.head_for_age,
            "BB/TB": growth.weight_for_length,
            "IMT/U": growth.bmi_for_age,
        }
        assert scores[seen.index].flagged[row]
        alone = any(scores[index].flagged[row] for index in ("TB/U", "BB/U", "LK/U"))
        assert (len(seen.measures) == 1) == alone, "of one measure it says which one is wrong"
        assert seen.centi == scores[seen.index].centi[row]
        assert all(value == getattr(visits, field)[row] > 0 for field, value in seen.measures)
    assert min(beyond) > 0
    assert beyond == sorted(beyond, reverse=True)
    assert {"TB/U", "BB/U", "LK/U"} <= {line.seen.index for line in listed.lines}
    named = dict(zip(rows_behind(full, listed), (line.seen for line in listed.lines), strict=True))
    rows = rows_behind(dinas, masked)
    assert rows == sorted(named), "no order tells a z-score"
    for row, line in zip(rows, masked.lines, strict=True):
        assert (line.seen.index, line.seen.centi) == (named[row].index, None)
        assert len(line.seen.measures) == (0 if line.seen.index in ("BB/TB", "IMT/U") else 1)
        assert (line.weight_g, line.length_mm) == (0, 0)


def test_behind_a_wide_spread_stand_the_z_scores_without_names_none(analysts, database):
    with database.atomic():
        database.run("UPDATE measured SET length_mm = length_mm + 100 WHERE n % 30 = 0")
        database.run("UPDATE measured SET weight_g = weight_g * 1.5 WHERE n % 41 = 0")
    full, dinas = analysts(Role.TPG), analysts(Role.DINAS)
    for check, measure in SD_MEASURES.items():
        asked = ("32.11", NOVEMBER, Team.POSYANDU, check, "")
        listed, masked = full.behind(*asked), dinas.behind(*asked)
        assert listed.lines
        for row, line in zip(rows_behind(full, listed), listed.lines, strict=True):
            assert (line.seen.index, line.seen.centi) == (
                measure.label,
                scores_of(full.frame(), measure).centi[row],
            )
        for line in masked.lines:
            assert (line.seen.centi, line.weight_g, line.length_mm) == (None, 0, 0)
            assert len(line.seen.measures) == (0 if measure.label == "BB/TB" else 1)


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_no_list_of_data_quality_shows_more_than_its_figure_is_about(analysts, database, role):
    with database.atomic():
        database.run("UPDATE measured SET position = 0 WHERE n % 3 = 0")
        database.run("UPDATE measured SET position = 2 WHERE n % 3 = 1")
    for check, shown in (
        (Check.NO_LENGTH, "weight_g"),
        (Check.NO_POSITION, "length_mm"),
        (Check.STANDING_TOO_YOUNG, "length_mm"),
    ):
        found = analysts(role).behind("32.11", NOVEMBER, Team.POSYANDU, check, "")
        assert found.lines, check
        for line in found.lines:
            assert [field for field in ("weight_g", "length_mm") if getattr(line, field)] == [shown]


def test_without_names_no_whole_rows_of_weights_are_listed(analysts):
    dinas, full = analysts(Role.DINAS), analysts(Role.TPG)
    table = full.quality("32.11", NOVEMBER, Team.POSYANDU, duplicates=False)
    plain = [
        (check, row.key, figure.of)
        for row in (table.total, *table.rows)
        for check, figure in row.figures.items()
        if check in (*DIGIT_FIELDS, *SD_MEASURES) and figure.of and not figure.count
    ]
    assert plain
    for check, key, of in plain:
        key = "" if key == table.total.key else key
        assert full.behind("32.11", NOVEMBER, Team.POSYANDU, check, key).count == of
        assert dinas.behind("32.11", NOVEMBER, Team.POSYANDU, check, key).lines == ()


def test_an_answer_is_counted_once_until_something_changes(analysts, database, monkeypatch):
    analyst, counted = analysts(), []
    real = prevalence.table
    monkeypatch.setattr(prevalence, "table", lambda *a, **k: counted.append(1) or real(*a, **k))
    for _ in range(3):
        analyst.prevalence("32.11", NOVEMBER, AUGUST, By.KECAMATAN)
    assert len(counted) == 1
    with database.atomic():
        database.run("UPDATE measured SET length_mm = 500, changed = 9 WHERE n = 1")
        database.set_meta("changed", "9")
    analyst.prevalence("32.11", NOVEMBER, AUGUST, By.KECAMATAN)
    assert len(counted) == 2


def test_levels_go_down_to_the_posyandu_and_no_further():
    assert level_below("") is Level.KECAMATAN
    assert level_below("32.11") is Level.KECAMATAN
    assert level_below("32.11.13.2005") is Level.POSYANDU
    assert level_below("32.11.13.2005.001") is None


def test_a_child_who_is_forgotten_is_in_no_column_any_more(analysts, database):
    from posyandu_app.storage import leaving

    analyst = analysts()
    gone = analyst.frame().children.ids[3]
    analyst.keep()
    assert frame_cache.path_of(database).exists()
    leaving.hear(database, [gone], leaving.ERASE, "2026-11-28T09:00:00+07:00")
    leaving.carry_out(database)
    assert not frame_cache.path_of(database).exists()
    assert gone not in analyst.frame().children.ids
    same(analyst.frame(), frames.load(database))


def test_the_dinas_cannot_count_a_covered_figure_in_any_list(analysts):
    """The list of a covered figure is closed; no list names an area by which one could be counted."""
    dinas, full = analysts(Role.DINAS), analysts(Role.TPG)
    areas = sorted({code for scope in full.frame().areas.scopes for code in _around(scope)})
    covered = 0
    for indicator in (Indicator.STUNTING, Indicator.SEVERE_WASTING, Indicator.OVERWEIGHT):
        asked = [
            dinas.prevalence("32.11", NOVEMBER, AUGUST, by).table
            for by in (By.KECAMATAN, By.VILLAGE, By.POSYANDU)
        ]
        tables = {row.key: row.shares[indicator] for table in asked for row in (table.total, *table.rows)}
        names = {dinas.name(key): key for key in tables}
        for area in areas:
            found = dinas.affected(area, NOVEMBER, indicator)
            shown = tables["" if area == "32.11" else area]
            if shown.hidden:
                covered += bool(full.affected(area, NOVEMBER, indicator).lines)
                assert (found.count, found.lines) == (None, ())
                continue
            assert found.count == len(found.lines) == shown.count
            for named in {line.posyandu for line in found.lines if line.posyandu in names}:
                assert not tables[names[named]].hidden
    assert covered > 5


def _around(scope):
    parts = scope.split(".")
    return [".".join(parts[:depth]) for depth in range(2, len(parts) + 1)]


def test_a_list_without_names_tells_no_sex_age_or_value_where_groups_are_small(analysts):
    dinas, full = analysts(Role.DINAS), analysts(Role.TPG)
    told = {True: 0, False: 0}
    for area in sorted({a for scope in full.frame().areas.scopes for a in _around(scope)}):
        found = dinas.affected(area, NOVEMBER, Indicator.STUNTING)
        hidden = {"sex": set(), "age": set(), "z": set()}
        for line in found.lines:
            told[line.person.sex is not None] += 1
            if line.person.sex is None:
                hidden["sex"].add(line.posyandu)
            if line.person.birth is None:
                assert line.age_months is None
                hidden["age"].add(line.posyandu)
            if line.centi is None and not line.oedema:
                hidden["z"].add(line.posyandu)
            if any(line.posyandu in places for places in hidden.values()):
                assert (line.weight_g, line.length_mm, line.person.scope) == (0, 0, "")
        named = {line.posyandu for line in found.lines}
        for places in hidden.values():
            assert len(places) != 1 or named == places, "what one area hides would follow from the others"
    assert told[False] > 0
    lists = [
        dinas.on_path("32.11", AUGUST, NOVEMBER, Indicator.STUNTING, Path.PERSISTENT),
        dinas.behind("32.11", NOVEMBER, Team.POSYANDU, Check.SAME_WEIGHT, ""),
        dinas.behind("32.11", NOVEMBER, Team.POSYANDU, Check.NO_NIK, ""),
    ]
    for found in lists:
        assert found.lines
        assert all(line.person.sex is None and line.person.birth is None for line in found.lines)
        assert all(line.centi is None for line in found.lines)


def test_a_path_of_the_cohort_that_is_covered_has_no_list(analysts):
    dinas = analysts(Role.DINAS)
    found = dinas.cohort("32.11", AUGUST, NOVEMBER, Indicator.STUNTING, Level.POSYANDU)
    closed = 0
    for row in found.rows:
        for path, count in row.counts.items():
            listed = dinas.on_path(row.key, AUGUST, NOVEMBER, Indicator.STUNTING, path)
            assert listed.count == count
            closed += count is None
    assert closed > 0

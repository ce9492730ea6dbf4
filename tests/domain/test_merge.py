"""What becomes visible when several people wrote: nobody's word is lost, order never matters."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import hlc
from posyandu_app.domain.merge import CHILD_FIELDS, Known, entity_kind, last_moves, merge_field, project
from posyandu_app.domain.operations import Operation, OpKey

KADER, BIDAN, OTHER = "replica-a", "replica-b", "replica-c"
SCOPE = "32.11.13.2005.001"


def known(replica: str, seq: int, op_type: str, payload: dict, *, eff: int = 0, entity: str = "e") -> Known:
    stamp = hlc.stamp(1_700_000_000_000 + (eff or seq) * 1000)
    operation = Operation(
        seq, op_type, 1, entity, SCOPE, "actor", "2026-11-23T09:00:00+07:00", stamp, (seq, 0, 1), "1", payload
    )
    return Known(replica, stamp, operation)


def register(**fields: object) -> Known:
    return known(
        KADER, 1, "child.register", {name: {"v": value, "base": None} for name, value in fields.items()}
    )


def edit(replica: str, seq: int, base: tuple[str, int] | None, *, eff: int = 0, **fields: object) -> Known:
    based = list(base) if base else None
    return known(replica, seq, "child.set", {n: {"v": v, "base": based} for n, v in fields.items()}, eff=eff)


FIRST = (KADER, 1)
BORN = register(name="Siti", sex="F", birth_date="2025-01-31", address="Pasir")


def test_two_people_edit_different_fields_and_both_edits_stand():
    row = project(
        "child", "e", [BORN, edit(KADER, 2, FIRST, phone="0812"), edit(BIDAN, 1, FIRST, address="Nangela")]
    )
    assert row.values["phone"] == "0812"
    assert row.values["address"] == "Nangela"
    assert row.disputed == {}


def test_a_concurrent_change_of_name_is_shown_and_listed_for_a_person():
    one, two = edit(KADER, 2, FIRST, name="Siti A", eff=10), edit(BIDAN, 1, FIRST, name="Siti B", eff=20)
    row = project("child", "e", [BORN, one, two])
    assert row.values["name"] == "Siti B"
    assert [head.value for head in row.disputed["name"]] == ["Siti B", "Siti A"]


def test_the_same_correction_by_two_people_is_no_conflict():
    row = project(
        "child", "e", [BORN, edit(KADER, 2, FIRST, name="Siti A"), edit(BIDAN, 1, FIRST, name="Siti A")]
    )
    assert row.disputed == {}


def test_a_concurrent_address_is_not_put_before_a_person():
    row = project(
        "child", "e", [BORN, edit(KADER, 2, FIRST, address="X"), edit(BIDAN, 1, FIRST, address="Y", eff=9)]
    )
    assert row.values["address"] == "Y"
    assert row.disputed == {}


def test_an_edit_that_saw_the_other_replaces_it_whatever_the_clock_says():
    late_clock, after = (
        edit(KADER, 2, FIRST, name="Salah", eff=99_999),
        edit(BIDAN, 1, (KADER, 2), name="Betul", eff=1),
    )
    row = project("child", "e", [BORN, late_clock, after])
    assert row.values["name"] == "Betul"
    assert row.disputed == {}


def test_conflict_resolve_names_both_and_ends_the_dispute():
    one, two = edit(KADER, 2, FIRST, name="Siti A"), edit(BIDAN, 1, FIRST, name="Siti B")
    decided = known(
        BIDAN, 2, "conflict.resolve", {"name": {"v": "Siti A", "bases": [[KADER, 2], [BIDAN, 1]]}}
    )
    row = project("child", "e", [BORN, one, two, decided])
    assert row.values["name"] == "Siti A"
    assert row.disputed == {}


def test_death_outranks_a_later_concurrent_move():
    dead, moved = edit(KADER, 2, None, state="meninggal", eff=1), edit(BIDAN, 1, None, state="pindah", eff=50)
    assert project("child", "e", [BORN, dead, moved]).values["state"] == "meninggal"


@pytest.mark.parametrize(
    ("shown", "other"), [("meninggal", "pindah"), ("pindah", "lulus"), ("lulus", "aktif"), ("aktif", "batal")]
)
def test_of_two_states_the_graver_is_shown_whichever_was_written_later(shown, other):
    for eff, later in ((1, 50), (50, 1)):
        writes = [edit(KADER, 2, None, state=shown, eff=eff), edit(BIDAN, 1, None, state=other, eff=later)]
        assert project("child", "e", [BORN, *writes]).values["state"] == shown


@pytest.mark.parametrize(("dead_eff", "moved_eff"), [(1, 50), (50, 1)])
def test_the_date_and_place_shown_are_those_of_the_state_shown(dead_eff, moved_eff):
    """Nobody is shown to have died on the day on which somebody else believed she had moved."""
    dead = edit(KADER, 2, None, state="meninggal", state_on="2026-11-01", eff=dead_eff)
    moved = edit(BIDAN, 1, None, state="pindah", state_on="2026-11-10", moved_to="Garut", eff=moved_eff)
    values = project("child", "e", [BORN, dead, moved]).values
    assert (values["state"], values["state_on"]) == ("meninggal", "2026-11-01")
    put_right = edit(OTHER, 1, (KADER, 2), state_on="2026-11-02", eff=2)
    again = edit(OTHER, 2, (OTHER, 1), state_on="2026-11-03", eff=3)
    assert project("child", "e", [BORN, dead, moved, put_right]).values["state_on"] == "2026-11-02"
    assert project("child", "e", [BORN, again, dead, moved, put_right]).values["state_on"] == "2026-11-03"


def test_of_the_same_state_told_twice_the_date_is_the_shown_ones():
    first = edit(KADER, 2, None, state="pindah", state_on="2026-11-01", moved_to="Garut", eff=1)
    second = edit(BIDAN, 1, None, state="pindah", state_on="2026-11-10", moved_to="Cirebon", eff=50)
    values = project("child", "e", [BORN, first, second]).values
    assert (values["state_on"], values["moved_to"]) == ("2026-11-10", "Cirebon")


def test_a_states_word_in_another_field_is_a_word_like_any_other():
    writes = [edit(KADER, 2, None, moved_to="pindah", eff=1), edit(BIDAN, 1, None, moved_to="Garut", eff=50)]
    assert project("child", "e", [BORN, *writes]).values["moved_to"] == "Garut"


def test_a_state_taken_back_by_someone_who_saw_it_is_taken_back():
    dead, alive = edit(KADER, 2, None, state="meninggal"), edit(BIDAN, 1, (KADER, 2), state="aktif")
    assert project("child", "e", [BORN, dead, alive]).values["state"] == "aktif"


def test_transfer_carries_the_child_to_the_new_scope():
    moved = known(BIDAN, 1, "child.transfer", {"to": "32.11.13.2008.002", "date": "2026-11-23"})
    assert project("child", "e", [BORN, moved]).scope == "32.11.13.2008.002"


def test_whoever_moves_a_child_knowing_of_the_move_before_has_moved_her_whatever_the_clocks_say():
    first = known(KADER, 2, "child.transfer", {"to": "32.11.13.2008.002", "date": "2026-11-23"}, eff=90)
    told = {"to": "32.11.13.2008.003", "date": "2026-11-24", "bases": [[KADER, 2]]}
    second = known(BIDAN, 1, "child.transfer", told, eff=50)
    assert project("child", "e", [BORN, first, second]).scope == "32.11.13.2008.003"
    assert last_moves([BORN, first, second]) == [second.key]


def test_of_two_moves_at_once_the_later_is_shown_and_the_next_one_follows_both():
    first = known(KADER, 2, "child.transfer", {"to": "32.11.13.2008.002", "date": "2026-11-23"}, eff=90)
    other = {"to": "32.11.13.2008.003", "date": "2026-11-24", "bases": []}
    second = known(BIDAN, 1, "child.transfer", other, eff=50)
    assert project("child", "e", [BORN, first, second]).scope == "32.11.13.2008.002"
    assert last_moves([BORN, first, second]) == sorted([first.key, second.key])


def test_nothing_is_visible_before_the_child_is_registered():
    assert project("child", "e", [edit(BIDAN, 1, FIRST, name="X")]) is None


def test_operations_and_fields_of_a_newer_version_hide_nothing():
    row = project(
        "child",
        "e",
        [BORN, known(OTHER, 1, "child.hologram", {"x": 1}), edit(OTHER, 2, None, favourite_colour="biru")],
    )
    assert row.values["name"] == "Siti"
    assert row.values["favourite_colour"] == "biru"


def test_a_value_set_to_nothing_is_gone_from_view():
    assert "address" not in project("child", "e", [BORN, edit(KADER, 2, FIRST, address=None)]).values


WEIGHED = known(
    KADER, 2, "measurement.record", {"child": "c", "date": "2026-11-10", "weight_g": 8400, "length_mm": 712}
)
WEIGHED_KEY = [KADER, 2]


def correction(replica: str, seq: int, grams: int, base: list, eff: int = 0) -> Known:
    payload = {"set": {"weight_g": {"v": grams, "base": base}}, "reason": "salah ketik"}
    return known(replica, seq, "measurement.correct", payload, eff=eff)


def test_a_correction_replaces_only_what_it_names():
    row = project("measurement", "m", [WEIGHED, correction(BIDAN, 1, 8600, WEIGHED_KEY)])
    assert (row.values["weight_g"], row.values["length_mm"]) == (8600, 712)
    assert row.bases["weight_g"] == OpKey(BIDAN, 1)


@pytest.mark.parametrize("base", [WEIGHED_KEY, None])
def test_what_was_not_measured_can_be_added_later_without_a_dispute(base):
    added = {"set": {"head_mm": {"v": 451, "base": base}}, "reason": "lupa ditulis"}
    row = project("measurement", "m", [WEIGHED, known(BIDAN, 1, "measurement.correct", added)])
    assert row.values["head_mm"] == 451
    assert row.disputed == {}


def test_whose_measurement_it_is_cannot_be_corrected():
    moved = {"set": {"child": {"v": "another", "base": WEIGHED_KEY}}}
    row = project("measurement", "m", [WEIGHED, known(BIDAN, 1, "measurement.correct", moved)])
    assert row.values["child"] == "c"


@pytest.mark.parametrize("kind", ["visit", "dose", "home_visit", "consent", "review", "recommendation"])
def test_every_fact_is_recorded_corrected_and_voided_alike(kind):
    record = known(KADER, 1, f"{kind}.record", {"child": "c", "date": "2026-11-10", "colour": "biru"})
    better = known(
        BIDAN, 1, f"{kind}.correct", {"set": {"colour": {"v": "merah", "base": [KADER, 1]}}, "reason": "umur"}
    )
    assert project(kind, "x", [record, better]).values["colour"] == "merah"
    void = known(BIDAN, 2, f"{kind}.void", {"reason": "dua kali", "seen": [[KADER, 1]]})
    assert project(kind, "x", [record, better, void]).values["voided"] is True


def test_two_corrections_at_once_are_both_kept_for_a_person():
    pair = [correction(BIDAN, 1, 8600, WEIGHED_KEY, eff=5), correction(OTHER, 1, 8500, WEIGHED_KEY, eff=6)]
    row = project("measurement", "m", [WEIGHED, *pair])
    assert row.values["weight_g"] == 8500
    assert {head.value for head in row.disputed["weight_g"]} == {8600, 8500}


def test_a_void_hides():
    row = project(
        "measurement", "m", [WEIGHED, known(KADER, 3, "measurement.void", {"reason": "salah anak"})]
    )
    assert row.values["voided"] is True


@pytest.mark.parametrize("action", ["void", "correct", "restore"])
def test_what_has_lost_its_content_says_nothing(action):
    """It is kept for the chain of its log only; nobody knows any more what its author had seen."""
    better = correction(BIDAN, 1, 8600, WEIGHED_KEY)
    void = known(BIDAN, 2, "measurement.void", {"reason": "dua kali", "seen": [[BIDAN, 1]]})
    emptied = known(KADER, 3, f"measurement.{action}", None)
    assert project("measurement", "m", [WEIGHED, better, emptied, void]) == project(
        "measurement", "m", [WEIGHED, better, void]
    )


def test_a_void_never_beats_a_correction_its_author_had_not_seen():
    void = known(KADER, 3, "measurement.void", {"reason": "x", "seen": [WEIGHED_KEY]})
    row = project("measurement", "m", [WEIGHED, correction(BIDAN, 1, 8600, WEIGHED_KEY), void])
    assert "voided" not in row.values
    assert "voided" in row.disputed


def test_a_void_by_someone_who_saw_the_correction_hides():
    void = known(KADER, 3, "measurement.void", {"reason": "x", "seen": [WEIGHED_KEY, [BIDAN, 1]]})
    row = project("measurement", "m", [WEIGHED, correction(BIDAN, 1, 8600, WEIGHED_KEY), void])
    assert row.values["voided"] is True
    assert row.disputed == {}


def test_a_restore_takes_back_the_void_it_names_and_no_other():
    first = known(KADER, 3, "measurement.void", {"reason": "x"})
    second = known(BIDAN, 1, "measurement.void", {"reason": "y"})
    back = known(KADER, 4, "measurement.restore", {"voids": [[KADER, 3]]})
    assert "voided" not in project("measurement", "m", [WEIGHED, first, back]).values
    assert project("measurement", "m", [WEIGHED, first, second, back]).values["voided"] is True


@pytest.mark.parametrize(
    "payload",
    [
        {"set": []},
        {"set": {"weight_g": 5}},
        {"set": {"weight_g": {"base": 3}}},
        {"set": {"weight_g": {"v": 8600, "base": ["x"]}}},
        {"set": {"weight_g": {"v": 8600, "base": [1, "x"], "bases": 7}}},
        {},
    ],
)
def test_a_malformed_correction_never_breaks_the_row(payload):
    row = project("measurement", "m", [WEIGHED, known(OTHER, 1, "measurement.correct", payload)])
    assert row.values["length_mm"] == 712


@st.composite
def histories(draw):
    """A child and edits by three laptops, each based on any earlier write it happened to know."""
    items = [BORN]
    for step in range(draw(st.integers(0, 12))):
        replica = draw(st.sampled_from([KADER, BIDAN, OTHER]))
        field = draw(st.sampled_from(["name", "address", "state", "state_on", "sex"]))
        value = draw(st.sampled_from(["aktif", "pindah", "meninggal", "Siti", "Sity"]))
        writers = [item.key for item in items if field in (item.operation.payload or {})]
        base = draw(st.sampled_from([None, *writers]))
        items.append(edit(replica, step + 2, base, eff=draw(st.integers(1, 5)), **{field: value}))
    return items


@given(histories(), st.randoms(use_true_random=False))
def test_order_of_arrival_never_matters(items, rng: random.Random):
    shuffled = list(items)
    rng.shuffle(shuffled)
    assert project("child", "e", shuffled).digest() == project("child", "e", items).digest()
    assert project("child", "e", shuffled) == project("child", "e", items)


@given(histories())
def test_every_value_is_shown_superseded_by_someone_who_saw_it_or_a_kept_head(items):
    row = project("child", "e", items)
    for name in ("name", "address", "state", "state_on", "sex"):
        writes = [i for i in items if name in (i.operation.payload or {})]
        seen = {tuple(i.operation.payload[name]["base"] or ()) for i in writes}
        alive = {i.key for i in writes if tuple(i.key) not in seen}
        if not alive:
            continue
        shown = row.bases[name]
        assert shown in alive
        values = {i.operation.payload[name]["v"] for i in writes if i.key in alive}
        if len(values) > 1 and CHILD_FIELDS[name] == "identity":
            assert {head.value for head in row.disputed[name]} == values


@given(histories())
def test_learning_more_never_brings_back_what_was_superseded(items):
    final = project("child", "e", items)
    again = project(
        "child", "e", [*items, edit(BIDAN, 99, tuple(final.bases["name"]), name="Terakhir", eff=1)]
    )
    assert final.bases["name"] not in {head.key for head in again.disputed.get("name", ())}


def test_a_forged_circle_of_bases_still_shows_a_value():
    one = edit(KADER, 2, (BIDAN, 1), address="A", eff=1)
    two = edit(BIDAN, 1, (KADER, 2), address="B", eff=2)
    assert project("child", "e", [register(name="Siti"), one, two]).values["address"] == "B"


def test_conflict_resolve_is_about_a_child():
    assert entity_kind(known(KADER, 1, "conflict.resolve", {}).operation) == "child"
    assert entity_kind(known(KADER, 1, "measurement.void", {}).operation) == "measurement"


def test_merge_field_shows_the_winner_first():
    from posyandu_app.domain.merge import Write

    low, high = known(KADER, 1, "child.set", {}, eff=1), known(BIDAN, 1, "child.set", {}, eff=2)
    merged = merge_field([Write(low, "a"), Write(high, "b")])
    assert [head.value for head in merged.heads] == ["b", "a"]


def test_deeds_about_a_child_shape_no_other_row_under_the_same_id():
    """The server projects only the kind that an operation is about; laptops must see the same."""
    born = known(KADER, 1, "user.register", {"name": {"v": "Rina", "base": None}})
    resolved = known(BIDAN, 1, "conflict.resolve", {"name": {"v": "Lain", "bases": [list(FIRST)]}})
    moved = known(BIDAN, 2, "child.transfer", {"to": "32.11.13.2008.002", "date": "2026-11-23"})
    assert project("user", "e", [born, resolved, moved]) == project("user", "e", [born])

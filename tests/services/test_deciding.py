"""What the midwife decides between laptops, and what stands while she has not."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import hlc, persons
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import NotAllowed, UserError
from posyandu_app.domain.model import Position, Role, Sex
from posyandu_app.domain.operations import Operation, OpKey
from posyandu_app.domain.persons import Decided
from posyandu_app.domain.undecided import Undecided
from posyandu_app.services import (
    children,
    deciding,
    history,
    pairing,
    registration,
    roster,
    undoing,
    weighing,
)
from posyandu_app.services.deciding import Kind
from posyandu_app.storage import forks, log, measurements, writers
from posyandu_app.storage.connection import Database
from tests.services.conftest import siti
from tests.storage.made_up import SCOPE

OTHER = "99999999-9999-4999-8999-999999999999"
THIRD = "88888888-8888-4888-8888-888888888888"
LIA = "55555555-5555-4555-8555-555555555555"
_order = itertools.count(10_000)


class OtherLaptop:
    """Somebody else's entries, as they come by sync."""

    def __init__(self, ws, replica: str = OTHER, actor: str = "user-lain") -> None:
        self.ws, self.replica, self.actor, self.seq = ws, replica, actor, 0

    def known_as(self, laptop: str, name: str, role: Role) -> "OtherLaptop":
        """The Dinas has told what this laptop is called and who writes on it."""
        with self.ws.database.atomic():
            writers.note(self.ws.database, {self.replica: laptop})
        told = {"name": {"v": name, "base": None}, "role": {"v": role.value, "base": None}}
        self.writes("user.register", self.actor, told)
        return self

    def writes(self, type_: str, entity: str, payload: dict, minutes: int = 1):
        self.seq += 1
        ms = self.ws.clock.ms() + minutes * 60_000
        operation = Operation(
            seq=self.seq,
            type=type_,
            v=1,
            entity=entity,
            scope=SCOPE,
            actor=self.actor,
            at=(self.ws.clock.now() + timedelta(minutes=minutes)).isoformat(),
            hlc=hlc.tick(hlc.ZERO, ms),
            tx=None,
            app="1.0.0",
            payload=payload,
        )
        received = log.Received(self.replica, operation, operation.hlc, "applied", next(_order))
        log.receive(self.ws.database, [received], [], received_at=self.ws.clock.now().isoformat())
        return [self.replica, self.seq]


@pytest.fixture
def other(ws):
    return OtherLaptop(ws)


@pytest.fixture
def midwife(as_role):
    return as_role(Role.BIDAN)


@pytest.fixture
def two_birth_dates(ws, child_id, other):
    """Here somebody has put 2025-11-20, on another laptop 2025-10-23, both on top of the first."""
    base = registration.shown(ws, child_id)["birth_date"]
    registration.update(ws, child_id, {"birth_date": date(2025, 11, 20)})
    other.writes("child.set", child_id, {"birth_date": {"v": "2025-10-23", "base": list(base)}})
    return child_id


def only(ws):
    (decision,) = deciding.waiting(ws).decisions
    return decision


def test_two_birth_dates_stand_side_by_side_with_who_when_and_where(midwife, two_birth_dates):
    decision = only(midwife)
    assert (decision.kind, decision.child.id, decision.pending) == (Kind.FIELD, two_birth_dates, True)
    assert decision.choices == ("23/10/2025", "20/11/2025")
    assert [[line.value for line in v.lines if line.differs] for v in decision.versions] == [
        ["23/10/2025"],
        ["20/11/2025"],
    ]
    assert [v.shown for v in decision.versions] == [True, False]
    theirs, own = decision.versions
    assert (own.who, own.role, own.where) == ("Sari Dewi", "kader", "Melati 1, laptop ini")
    assert own.at == midwife.clock.now()
    assert (theirs.who, theirs.role) == ("orang yang belum dikenal laptop ini", "")
    assert theirs.where == "Melati 1, laptop lain (tanda 9999)"
    assert theirs.at == midwife.clock.now() + timedelta(minutes=1)


@pytest.fixture
def from_laptop_two(ws):
    return OtherLaptop(ws, actor=LIA).known_as("Laptop Melati 2", "Lia Amalia", Role.KADER)


def written(version):
    return version.who, version.role, version.where


OF_LAPTOP_TWO = ("Lia Amalia", "kader", "Melati 1, Laptop Melati 2")
HERE = ("Sari Dewi", "kader", "Melati 1, laptop ini")


def test_a_laptop_and_a_writer_that_the_dinas_told_of_are_named_in_every_kind_of_question(
    ws, midwife, child_id, from_laptop_two
):
    other = from_laptop_two
    base = list(registration.shown(ws, child_id)["birth_date"])
    registration.update(ws, child_id, {"birth_date": date(2025, 11, 20)})
    other.writes("child.set", child_id, {"birth_date": {"v": "2025-11-21", "base": base}})
    record = {"child": child_id, "date": ws.clock.today().isoformat(), "weight_g": 9800}
    weighing.record(ws, child_id, Draft(ws.clock.today(), 8900))
    other.writes("measurement.record", "77777777-7777-4777-8777-777777777777", record)
    fields = {"name": "Siti Aminnah", "sex": "F", "birth_date": "2025-11-21", "mother_name": "Rohmah"}
    twin = {name: {"v": value, "base": None} for name, value in fields.items()}
    other.writes("child.register", "66666666-6666-4666-8666-666666666666", twin)
    found = deciding.waiting(midwife).decisions
    assert [decision.kind for decision in found] == [Kind.FIELD, Kind.DOUBLE, Kind.DUPLICATE]
    for decision in found:
        assert sorted(map(written, decision.versions)) == [OF_LAPTOP_TWO, HERE]
        assert all(version.at is not None for version in decision.versions)


def test_what_was_written_before_this_database_went_on_under_a_new_name_was_written_here(
    ws, midwife, child_id
):
    before = ws.database.replica
    entry = log.entries_of(ws.database, child_id)[0]
    with ws.database.atomic():
        forks.mint(ws.database, log.tip(ws.database)[0] + 1)
    assert ws.database.replica != before == entry.replica
    ws.clock.move(timedelta(minutes=1))
    registration.register(ws, siti(name="Siti Aminnah"))
    (decision,) = deciding.waiting(midwife).decisions
    assert [written(version) for version in decision.versions] == [HERE, HERE]


def test_a_posyandu_without_a_name_is_told_by_its_number(ws, midwife, two_birth_dates):
    ws.database.conn.execute("DELETE FROM other_row WHERE kind = 'posyandu'")
    assert only(midwife).versions[1].where == f"posyandu {SCOPE}, laptop ini"


@pytest.mark.parametrize(("choice", "born"), [(0, date(2025, 10, 23)), (1, date(2025, 11, 20))])
def test_the_choice_stands_and_undoing_it_asks_again(midwife, two_birth_dates, choice, born):
    before = only(midwife)
    changes = deciding.decide(midwife, before, choice)
    assert children.get(midwife, two_birth_dates).birth_date == born
    assert children.get(midwife, two_birth_dates).disputed == frozenset()
    assert deciding.waiting(midwife).decisions == ()
    undone = undoing.undo(midwife, changes.undo)
    again = only(midwife)
    assert again.choices == before.choices
    assert [(written(v), v.at) for v in again.versions] == [(written(v), v.at) for v in before.versions]
    assert children.get(midwife, two_birth_dates).birth_date == date(2025, 10, 23)
    undoing.undo(midwife, undone.undo)
    assert deciding.waiting(midwife).decisions == ()
    assert children.get(midwife, two_birth_dates).birth_date == born


def test_only_the_midwife_decides(ws, as_role, two_birth_dates):
    for someone in (ws, as_role(Role.TPG), as_role(Role.DINAS)):
        with pytest.raises(NotAllowed):
            deciding.decide(someone, only(someone), 0)
    assert only(ws).choices


def test_what_arrives_while_she_looks_is_looked_at_first(midwife, two_birth_dates, other):
    seen = only(midwife)
    other.writes("child.set", two_birth_dates, {"birth_date": {"v": "2025-09-01", "base": None}}, 5)
    with pytest.raises(UserError, match="isian baru"):
        deciding.decide(midwife, seen, 0)
    assert len(only(midwife).versions) == 3


def test_growth_waits_while_the_birth_date_is_in_dispute(midwife, ws, two_birth_dates):
    weighing.record(ws, two_birth_dates, Draft(ws.clock.today(), 8900, 735, Position.LYING))
    card = children.open_card(ws, two_birth_dates)
    assert card.history[0].growth.weight_for_age is None
    assert card.history[0].record is None
    assert card.risk.reasons[0].text.startswith("Menunggu konfirmasi bidan")
    deciding.decide(midwife, only(midwife), 1)
    assert children.open_card(ws, two_birth_dates).history[0].growth.weight_for_age is not None


def test_identity_numbers_are_compared_by_the_midwife_and_masked_for_others(ws, midwife, child_id, other):
    registration.update(ws, child_id, {"nik": "3211136311250001"})
    other.writes("child.set", child_id, {"nik": {"v": "3211136311250007", "base": None}})
    assert only(midwife).choices == ("3211136311250007", "3211136311250001")
    assert all("3211136311" not in choice for choice in only(ws).choices)


# two weighings on one day


@pytest.fixture
def weighed_twice(ws, child_id, other):
    on = ws.clock.today()
    weighing.record(ws, child_id, Draft(on, 8900, 735, Position.LYING))
    other.writes(
        "measurement.record",
        "77777777-7777-4777-8777-777777777777",
        {"child": child_id, "date": on.isoformat(), "weight_g": 9800, "length_mm": 735, "position": "lying"},
    )
    return child_id


def test_of_two_weighings_on_one_day_one_is_preferred(midwife, weighed_twice):
    decision = only(midwife)
    assert decision.kind is Kind.DOUBLE
    assert decision.choices == ("8,9 kg", "9,8 kg")
    assert [line.label for line in decision.versions[0].lines if line.differs] == ["Berat"]
    changes = deciding.decide(midwife, decision, 0)
    assert [a.measurement.weight_g for a in children.open_card(midwife, weighed_twice).history] == [8900]
    assert deciding.waiting(midwife).decisions == ()
    undone = undoing.undo(midwife, changes.undo)
    assert only(midwife).choices == decision.choices
    undoing.undo(midwife, undone.undo)
    assert deciding.waiting(midwife).decisions == ()


def test_two_midwives_who_prefer_different_weighings_are_asked_again_and_lose_neither(
    midwife, weighed_twice, other
):
    here, there = only(midwife).mark
    seen = [list(entry.key) for entry in log.entries_of(midwife.database, here)]
    deciding.decide(midwife, only(midwife), 0)
    other.writes("measurement.correct", there, {"set": {}, "reason": "keputusan bidan"}, 2)
    other.writes("measurement.void", here, {"seen": seen, "reason": "keputusan bidan"}, 2)

    def standing() -> list[str]:
        found = measurements.of_child(midwife.database, weighed_twice)
        return sorted(item.id for item in found if not item.voided)

    assert standing() == sorted((here, there))
    waiting = deciding.waiting(midwife).decisions
    assert [item.kind for item in waiting] == [Kind.VOIDED, Kind.VOIDED, Kind.DOUBLE]
    deciding.decide(midwife, waiting[-1], 1)
    assert standing() == [there]
    assert deciding.waiting(midwife).decisions == ()
    assert "Dipilih: penimbangan 23/11/2026" in [item.title for item in history.of(midwife, weighed_twice)]


def test_a_preference_can_be_undone_after_the_day_was_closed(midwife, ws, weighed_twice):
    from posyandu_app.services import sessions

    sessions.open_day(ws, ws.clock.today())
    sessions.close_day(ws, ws.clock.today())
    changes = deciding.decide(midwife, only(midwife), 1)
    undoing.undo(midwife, changes.undo)
    assert only(midwife).kind is Kind.DOUBLE


# corrected here, taken back there


@pytest.fixture
def three_laptops(ws, child_id):
    """Two laptops that have not heard of each other: one takes a weighing back, one corrects it."""
    weighing.record(ws, child_id, Draft(ws.clock.today(), 8900, 735, Position.LYING))
    (item,) = measurements.of_child(ws.database, child_id)
    first = log.entries_of(ws.database, item.id)[0]
    OtherLaptop(ws).writes(
        "measurement.void", item.id, {"seen": [list(first.key)], "reason": "salah anak"}, 2
    )
    base = list(dict(item.bases)["weight_g"])
    OtherLaptop(ws, THIRD).writes(
        "measurement.correct", item.id, {"set": {"weight_g": {"v": 9100, "base": base}}, "reason": "baca"}, 3
    )
    return child_id


@pytest.mark.parametrize(("choice", "left"), [(0, [9100]), (1, [])])
def test_a_weighing_taken_back_by_one_and_corrected_by_another(midwife, three_laptops, choice, left):
    decision = only(midwife)
    assert decision.kind is Kind.VOIDED
    changes = deciding.decide(midwife, decision, choice)
    history = children.open_card(midwife, three_laptops).history
    assert [a.measurement.weight_g for a in history] == left
    assert deciding.waiting(midwife).decisions == ()
    undoing.undo(midwife, changes.undo)
    assert only(midwife).kind is Kind.VOIDED


# one child twice


@pytest.fixture
def twice(ws, child_id):
    ws.clock.move(timedelta(minutes=1))
    second = next(iter(registration.register(ws, siti(name="Siti Aminnah", nik=None)).entities))
    weighing.record(ws, child_id, Draft(date(2026, 10, 5), 8300))
    weighing.record(ws, second, Draft(ws.clock.today(), 8900))
    return tuple(sorted((child_id, second)))


def test_two_records_of_one_child_are_linked_and_keep_their_measurements(midwife, twice):
    decision = only(midwife)
    assert (decision.kind, decision.mark) == (Kind.DUPLICATE, twice)
    assert decision.choices == ("Satu anak", "Dua anak berbeda")
    assert [line.value for line in decision.versions[0].lines if line.differs and line.label == "Nama"]
    deciding.decide(midwife, decision, 0)
    assert deciding.waiting(midwife).decisions == ()
    (row,) = roster.rows(midwife)
    assert row.child.id == twice[0]
    for record in twice:
        card = children.open_card(midwife, record)
        assert card.child.id == twice[0]
        assert [a.measurement.weight_g for a in card.history] == [8300, 8900]
    assert [row.child.id for row in roster.rows(midwife, "aminnah")] == [twice[0]]
    told = [entry.title for entry in history.of(midwife, twice[0])]
    assert told[-1].startswith("Satu anak dengan catatan ")


def test_a_link_can_be_undone_at_once_and_taken_apart_later(midwife, twice):
    changes = deciding.decide(midwife, only(midwife), 0)
    undone = undoing.undo(midwife, changes.undo)
    assert only(midwife).kind is Kind.DUPLICATE, "she is asked again"
    assert len(roster.rows(midwife)) == 2
    undoing.undo(midwife, undone.undo)
    (linked,) = deciding.waiting(midwife).linked
    assert linked.mark == twice
    assert linked.question == "Satu anak menurut Rina, 23/11/2026."
    apart = deciding.decide(midwife, linked, 0)
    assert deciding.waiting(midwife) == deciding.Waiting()
    assert len(roster.rows(midwife)) == 2
    undoing.undo(midwife, apart.undo)
    assert deciding.waiting(midwife).linked == (linked,)
    deciding.separate(midwife, *twice)
    assert len(roster.rows(midwife)) == 2


def test_two_different_children_are_never_asked_about_again_unless_that_is_undone(midwife, twice):
    changes = deciding.decide(midwife, only(midwife), 1)
    assert deciding.waiting(midwife).decisions == ()
    assert len(roster.rows(midwife)) == 2
    undoing.undo(midwife, changes.undo)
    assert only(midwife).kind is Kind.DUPLICATE


def first_record(ws, records):
    """The one that was weighed in October."""
    return next(r for r in records if measurements.of_child(ws.database, r)[0].date.month == 10)


def test_both_records_weighed_on_one_day_become_a_double_when_linked(midwife, ws, twice):
    weighing.record(ws, first_record(ws, twice), Draft(ws.clock.today(), 9000))
    deciding.decide(
        midwife, next(d for d in deciding.waiting(midwife).decisions if d.kind is Kind.DUPLICATE), 0
    )
    doubles = [d for d in deciding.waiting(midwife).decisions if d.kind is Kind.DOUBLE]
    expected = len(measurements.of_child(ws.database, twice[0])) + len(
        measurements.of_child(ws.database, twice[1])
    )
    assert expected == 3
    (double,) = doubles
    assert sorted(double.choices) == ["8,9 kg", "9,0 kg"]


def test_a_link_from_another_laptop_counts_in_whatever_order_it_comes(midwife, ws, twice, other):
    one, two = twice
    other.writes("person.link", two, {"other": one, "reason": ""})
    assert len(roster.rows(ws)) == 1
    deciding.separate(midwife, one, two)
    assert len(roster.rows(ws)) == 2, "she knew of the link, whatever the other laptop's clock says"


@pytest.mark.parametrize("minutes", [-1, 1], ids=["before", "after"])
def test_two_midwives_who_decide_otherwise_about_two_records_at_once_are_asked_again(
    midwife, ws, twice, other, minutes
):
    """Neither has seen what the other says: no clock decides which of them is heard."""
    one, two = twice
    deciding.separate(midwife, one, two)
    assert deciding.waiting(midwife).decisions == ()
    other.writes("person.link", two, {"other": one, "reason": "", "seen": []}, minutes)
    assert len(roster.rows(ws)) == 2
    assert deciding.waiting(midwife).linked == ()
    (asked,) = deciding.waiting(midwife).decisions
    assert (asked.kind, sorted(map(str, asked.mark))) == (Kind.DUPLICATE, sorted(twice))
    changes = deciding.decide(midwife, asked, 0)
    assert len(roster.rows(ws)) == 1
    assert deciding.waiting(midwife).decisions == ()
    undoing.undo(midwife, changes.undo)
    assert [item.mark for item in deciding.waiting(midwife).decisions] == [asked.mark]


def test_two_who_link_records_that_nothing_points_to_and_part_them_at_once_are_asked(midwife, ws, other):
    one, two = (
        registration.register(ws, siti(name=name, birth_date=day)).child
        for name, day in (("Wulan", date(2024, 1, 3)), ("Joko", date(2025, 6, 9)))
    )
    deciding.link(midwife, one, two)
    other.writes("person.unlink", two, {"other": one, "reason": "", "seen": []})
    (asked,) = deciding.waiting(midwife).decisions
    assert asked.kind is Kind.DUPLICATE
    deciding.decide(midwife, asked, 1)
    assert deciding.waiting(midwife).decisions == ()


def test_two_who_decide_alike_at_once_are_not_asked(midwife, ws, twice, other):
    deciding.link(midwife, *twice)
    other.writes("person.link", twice[1], {"other": twice[0], "reason": "", "seen": []})
    assert deciding.waiting(midwife).decisions == ()
    deciding.decide(midwife, deciding.waiting(midwife).linked[0], 0)
    assert len(roster.rows(ws)) == 2


IDS = ("a", "b", "c", "d")
decisions = st.builds(
    Decided,
    st.sampled_from(IDS),
    st.sampled_from(IDS),
    st.booleans(),
    st.tuples(st.sampled_from(["0", "1", "2"]), st.sampled_from(["x", "y"]), st.integers(1, 40)),
    undecided=st.booleans(),
    seen=st.none() | st.frozensets(st.builds(OpKey, st.sampled_from(["x", "y"]), st.integers(1, 40))),
)


@given(st.lists(decisions, max_size=12, unique_by=lambda d: d.rank), st.randoms())
def test_the_order_of_arrival_never_matters(made, random):
    shuffled = list(made)
    random.shuffle(shuffled)
    assert persons.groups(made) == persons.groups(shuffled)
    for record, group in persons.groups(made).items():
        assert record in group
        assert list(group) == sorted(group)
        assert all(persons.groups(made)[member] == group for member in group)


def test_taking_one_link_of_three_apart_leaves_the_others_together():
    made = [Decided(a, b, True, ("1", "x", n)) for n, (a, b) in enumerate(itertools.pairwise("abcd"))]
    assert persons.groups(made)["d"] == ("a", "b", "c", "d")
    made.append(Decided("c", "b", False, ("2", "x", 9)))
    assert persons.groups(made) == {"a": ("a", "b"), "b": ("a", "b"), "c": ("c", "d"), "d": ("c", "d")}


def test_the_number_that_waits_says_who_decides_and_follows_every_change(
    ws, midwife, as_role, two_birth_dates, other
):
    assert deciding.undecided(ws) == Undecided(1)
    assert deciding.undecided(midwife) == Undecided(1, mine=True)
    for role in (Role.TPG, Role.DINAS):
        assert deciding.undecided(as_role(role)) == Undecided(1, whole=False)
    record = {"child": two_birth_dates, "date": ws.clock.today().isoformat(), "weight_g": 9800}
    weighing.record(ws, two_birth_dates, Draft(ws.clock.today(), 8900, 735, Position.LYING))
    other.writes("measurement.record", "77777777-7777-4777-8777-777777777777", record)
    ws.clock.move(timedelta(minutes=1))
    registration.register(ws, siti(name="Siti Aminnah", birth_date=date(2025, 10, 23)))
    for someone in (ws, midwife):
        assert deciding.undecided(someone).count == len(deciding.waiting(someone).decisions) == 3
    changes = deciding.decide(midwife, deciding.waiting(midwife).decisions[0], 0)
    assert (deciding.undecided(ws).count, deciding.undecided(midwife).count) == (2, 2)
    undoing.undo(midwife, changes.undo)
    assert (deciding.undecided(ws).count, deciding.undecided(midwife).count) == (3, 3)


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_an_office_is_shown_what_it_is_told_the_number_of_and_its_children_are_not_compared(
    ws, midwife, as_role, two_birth_dates, other, monkeypatch, role
):
    office = as_role(role)
    record = {"child": two_birth_dates, "date": ws.clock.today().isoformat(), "weight_g": 9800}
    weighing.record(ws, two_birth_dates, Draft(ws.clock.today(), 8900, 735, Position.LYING))
    other.writes("measurement.record", "77777777-7777-4777-8777-777777777777", record)
    ws.clock.move(timedelta(minutes=1))
    twin = next(iter(registration.register(ws, siti(name="Siti Aminnah")).entities))
    triplet = next(iter(registration.register(ws, siti(name="Sitti Aminah")).entities))
    deciding.link(midwife, twin, triplet)
    registration.register(ws, siti(name="Siti Aminnah", birth_date=date(2025, 10, 23)))
    assert {item.kind for item in deciding.waiting(midwife).decisions} == {
        Kind.FIELD,
        Kind.DOUBLE,
        Kind.DUPLICATE,
    }
    monkeypatch.setattr(pairing, "found", lambda *_, **__: pytest.fail("every child was compared"))
    told = deciding.waiting(office)
    assert [item.kind for item in told.decisions] == [Kind.FIELD]
    assert [item.kind for item in told.linked] == [Kind.LINKED]
    assert not told.whole
    assert deciding.undecided(office) == Undecided(1, whole=False)
    registration.update(ws, twin, {"name": "Siti Amina"})
    other.writes("child.set", twin, {"name": {"v": "Siti Aminah", "base": None}})
    change = {"set": {"weight_g": {"v": 9000, "base": None}}, "reason": "salah_ketik"}
    other.writes("measurement.correct", "77777777-7777-4777-8777-777777777777", change)
    assert deciding.undecided(office).count == len(deciding.waiting(office).decisions)
    ws.database.set_meta("scope", "32.11.13.2005.002")
    assert deciding.undecided(office).count == len(deciding.waiting(office).decisions) == 0


def test_a_change_by_another_connection_is_seen(midwife, two_birth_dates):
    assert deciding.undecided(midwife).count == 1
    second = Database.open(midwife.database.path, midwife.database.key)
    try:
        elsewhere = replace(midwife, database=second, cache={})
        deciding.decide(elsewhere, only(elsewhere), 0)
    finally:
        second.close()
    assert deciding.undecided(midwife).count == 0


def test_a_sex_in_dispute_waits_too(midwife, ws, child_id, other):
    registration.update(ws, child_id, {"sex": Sex.MALE})
    other.writes("child.set", child_id, {"sex": {"v": "F", "base": None}})
    assert only(midwife).pending
    assert only(midwife).question == "Jenis kelamin mana yang benar?"

"""Children who leave and come: each deed named, undoable, and only by who may."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import ChildState, Role
from posyandu_app.domain.visits import Visit
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, moves, registration, roster, visits, weighing
from posyandu_app.services.accounts import Setup
from posyandu_app.services.children import get
from posyandu_app.services.undoing import undo
from posyandu_app.storage import children, log, measurements
from tests.services.conftest import PASSWORD, siti
from tests.storage.made_up import SCOPE, clock

TODAY = date(2026, 11, 23)
LAST_WEEK = TODAY - timedelta(days=7)


def expected(ws):
    return {row.child.name for row in roster.rows(ws)}


def test_a_child_moves_away_and_is_expected_no_more(ws, child_id):
    changes = moves.move_away(ws, child_id, LAST_WEEK, "Bandung")
    assert changes.kinds == {"child"}
    assert changes.undo.label == "Pindah: Siti Aminah"
    child = get(ws, child_id)
    assert (child.state, child.state_on, child.moved_to) == (ChildState.MOVED, LAST_WEEK, "Bandung")
    assert expected(ws) == set()
    assert {row.child.id for row in roster.rows(ws, "siti")} == {child_id}
    undo(ws, changes.undo)
    child = get(ws, child_id)
    assert (child.state, child.state_on, child.moved_to) == (ChildState.ACTIVE, None, None)
    assert expected(ws) == {"Siti Aminah"}


def test_she_comes_back(ws, child_id):
    moves.move_away(ws, child_id, LAST_WEEK, "Bandung")
    back = moves.come_back(ws, child_id)
    assert back.undo.label == "Aktif lagi: Siti Aminah"
    child = get(ws, child_id)
    assert (child.state, child.state_on, child.moved_to) == (ChildState.ACTIVE, None, None)
    undo(ws, back.undo)
    assert get(ws, child_id).moved_to == "Bandung"
    moves.come_back(ws, child_id)
    with pytest.raises(UserError, match="Tidak ada yang berubah"):
        moves.come_back(ws, child_id)


def test_who_moves_in_says_where_from(ws):
    changes = registration.register(ws, siti(name="Bayu", origin="Posyandu Mawar, Garut"))
    (child_id,) = changes.entities
    assert get(ws, child_id).origin == "Posyandu Mawar, Garut"


def test_a_death_is_not_before_the_last_weighing(ws, child_id):
    weighing.record(ws, child_id, Draft(LAST_WEEK, weight_g=8400))
    with pytest.raises(InvalidValue, match="16/11/2026") as told:
        moves.died(ws, child_id, LAST_WEEK - timedelta(days=1))
    assert told.value.field == "state_on"
    assert get(ws, child_id).state == ChildState.ACTIVE
    changes = moves.died(ws, child_id, LAST_WEEK)
    assert changes.undo.label == "Meninggal: Siti Aminah"
    assert get(ws, child_id).state == ChildState.DEAD
    undo(ws, changes.undo)
    assert get(ws, child_id).state == ChildState.ACTIVE


@pytest.mark.parametrize("deed", [moves.move_away, moves.died])
@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), date(2025, 11, 22), None, "kemarin"])
def test_a_day_that_cannot_be_is_refused(ws, child_id, deed, on):
    with pytest.raises(InvalidValue) as told:
        deed(ws, child_id, on)
    assert told.value.field == "state_on"
    assert get(ws, child_id).state == ChildState.ACTIVE


def test_a_place_may_be_unknown_but_not_a_novel(ws, child_id):
    with pytest.raises(InvalidValue) as told:
        moves.move_away(ws, child_id, TODAY, "x" * 201)
    assert told.value.field == "moved_to"
    moves.move_away(ws, child_id, TODAY)
    assert get(ws, child_id).moved_to is None


# graduating


@pytest.fixture
def old(ws):
    """Two children of 60 months and one who is a day short of it."""
    born = {"Ani": date(2021, 11, 23), "Bayu": date(2021, 1, 2), "Citra": date(2021, 11, 24)}
    return {
        name: next(iter(registration.register(ws, siti(name=name, birth_date=birth)).entities))
        for name, birth in born.items()
    }


def test_who_completed_60_months_is_listed_and_lets_go_in_one_deed(ws, old):
    assert [child.name for child in moves.graduates(ws, TODAY)] == ["Ani", "Bayu"]
    changes = moves.graduate(ws, [old["Ani"], old["Bayu"], old["Ani"]], TODAY)
    assert changes.undo.label == "Lulus: 2 anak"
    assert changes.entities == {old["Ani"], old["Bayu"]}
    assert moves.graduates(ws, TODAY) == ()
    assert expected(ws) == {"Citra"}
    undo(ws, changes.undo)
    assert [child.name for child in moves.graduates(ws, TODAY)] == ["Ani", "Bayu"]


def test_one_is_named(ws, old):
    assert moves.graduate(ws, [old["Ani"]], TODAY).undo.label == "Lulus: Ani"
    assert get(ws, old["Ani"]).state_on == TODAY


def test_a_day_too_young_says_from_when_and_nobody_graduates(ws, old):
    with pytest.raises(UserError, match="Citra belum 60 bulan; lulus mulai 24/11/2026"):
        moves.graduate(ws, [old["Ani"], old["Citra"]], TODAY)
    assert get(ws, old["Ani"]).state == ChildState.ACTIVE


def test_an_unknown_age_graduates_nobody(ws, old):
    new = log.NewOperation("child.set", old["Ani"], SCOPE, {"birth_date": {"v": None, "base": None}})
    new.payload["birth_date"]["base"] = list(children.shown_by(ws.database, old["Ani"])["birth_date"])
    log.append(ws.database, [new], actor=ws.user.id, clock=ws.clock)
    with pytest.raises(UserError, match="Tanggal lahir Ani belum diisi"):
        moves.graduate(ws, [old["Ani"]], TODAY)


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_readers_move_nobody(ws, as_role, child_id, role):
    reader = as_role(role)
    for deed in (
        lambda: moves.move_away(reader, child_id, TODAY),
        lambda: moves.died(reader, child_id, TODAY),
        lambda: moves.come_back(reader, child_id),
        lambda: moves.graduate(reader, [child_id], TODAY),
        lambda: moves.transfer(reader, child_id, "32.11.13.2005.002", TODAY),
    ):
        with pytest.raises(NotAllowed):
            deed()


# to another posyandu


@pytest.fixture
def village(tmp_path):
    setup = Setup(SCOPE.rpartition(".")[0], "", "Rina", "Rina", Role.BIDAN, PASSWORD)
    made = accounts.set_up(DataFolder(tmp_path / "village"), setup, clock(), cheap=True)
    yield made
    made.close()


@pytest.fixture
def villager(village):
    return next(iter(registration.register(village, siti(scope=SCOPE)).entities))


def test_the_midwife_moves_a_child_with_her_history(village, villager):
    weighing.record(village, villager, Draft(LAST_WEEK, weight_g=8400))
    to = "32.11.13.2005.002"
    changes = moves.transfer(village, villager, to, TODAY)
    assert changes.undo.label == f"Dipindahkan ke {to}: Siti Aminah"
    assert get(village, villager).scope == to
    (row,) = roster.rows(village)
    assert row.last_weight_g == 8400
    operation = log.entries_of(village.database, villager)[-1].operation
    assert (operation.type, operation.scope) == ("child.transfer", SCOPE)
    assert operation.payload == {"to": to, "date": "2026-11-23"}
    undo(village, changes.undo)
    assert get(village, villager).scope == SCOPE
    back = log.entries_of(village.database, villager)[-1].operation
    assert back.payload == {
        "to": SCOPE,
        "date": "2026-11-23",
        "bases": [list(changes.undo.operation_keys[0])],
    }


def test_what_is_recorded_after_the_move_belongs_to_the_new_posyandu(village, villager):
    moves.transfer(village, villager, "32.11.13.2005.002", TODAY)
    weighing.record(village, villager, Draft(TODAY, weight_g=8400))
    (item,) = measurements.of_child(village.database, villager)
    assert log.entries_of(village.database, item.id)[0].operation.scope == "32.11.13.2005.002"


def test_a_move_out_of_the_village_is_undone_from_where_this_laptop_works(village, villager):
    changes = moves.transfer(village, villager, "32.11.14.2001.001", TODAY)
    assert expected(village) == set()
    undo(village, changes.undo)
    assert log.entries_of(village.database, villager)[-1].operation.scope == SCOPE
    assert expected(village) == {"Siti Aminah"}


def test_a_kader_transfers_nobody(ws, child_id):
    with pytest.raises(NotAllowed, match="Hanya bidan"):
        moves.transfer(ws, child_id, "32.11.13.2005.002", TODAY)


@pytest.mark.parametrize(
    ("to", "on", "field"),
    [
        (SCOPE, TODAY, "to"),
        ("32.11.13.2005", TODAY, "to"),
        ("Melati 2", TODAY, "to"),
        (None, TODAY, "to"),
        ("32.05.13.2005.001", TODAY, "to"),
        ("32.11.13.2005.002", TODAY + timedelta(days=1), "date"),
        ("32.11.13.2005.002", None, "date"),
    ],
)
def test_a_transfer_that_cannot_be_names_its_field(village, villager, to, on, field):
    with pytest.raises(InvalidValue) as told:
        moves.transfer(village, villager, to, on)
    assert told.value.field == field
    assert get(village, villager).scope == SCOPE


def test_a_transfer_done_over_cannot_be_undone_twice(village, villager):
    first = moves.transfer(village, villager, "32.11.13.2005.002", TODAY)
    moves.transfer(village, villager, "32.11.13.2005.003", TODAY)
    with pytest.raises(UserError) as told:
        undo(village, first.undo)
    assert told.value.code == "changed_since"


def test_undoing_a_registration_stops_at_what_was_recorded_since(ws):
    changes = registration.register(ws, siti(name="Bayu"))
    (child_id,) = changes.entities
    done = visits.record(ws, Visit(id="", child=child_id, date=TODAY, note="Demam"))
    with pytest.raises(UserError, match="sudah punya catatan kunjungan"):
        undo(ws, changes.undo)
    undo(ws, done.undo)
    undo(ws, changes.undo)
    assert expected(ws) == set()

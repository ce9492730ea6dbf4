"""Immunisations, vitamin A and deworming: a doubt is a question, never a wall."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.doses import Dose
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Role
from posyandu_app.domain.schedule import Kind, State
from posyandu_app.services import doses, registration
from posyandu_app.services.undoing import undo
from posyandu_app.storage import facts, log
from tests.services.conftest import siti

TODAY = date(2026, 11, 23)


def shot(child_id, antigen="mr1", on=TODAY, **more):
    return Dose(id="", child=child_id, date=on, what="imunisasi", antigen=antigen, **more)


def capsule(child_id, on=TODAY, **more):
    return Dose(id="", child=child_id, date=on, what="vitamin_a", **more)


def save(ws, dose, **more):
    changes = doses.record(ws, dose, **more)
    (entity,) = changes.entities - {dose.child}
    return entity, changes


def test_a_dose_given_today_is_done_on_the_list(ws, child_id):
    before = {s.code: s.state for s in doses.due(ws, child_id, TODAY) if s.kind is Kind.IMMUNISATION}
    assert before["mr1"] is State.UNRECORDED
    _, changes = save(ws, shot(child_id))
    assert changes.undo.label == "Disimpan: Siti Aminah, Campak-Rubela (MR) 1"
    after = {s.code: s for s in doses.due(ws, child_id, TODAY)}
    assert after["mr1"].state is State.DONE
    assert after["mr1"].done_on == TODAY


def test_a_refusal_is_a_state_of_its_own(ws, child_id):
    _, changes = save(ws, shot(child_id, state="menolak"))
    assert changes.undo.label == "Disimpan: Siti Aminah, Campak-Rubela (MR) 1 (menolak)"
    due = {s.code: s.state for s in doses.due(ws, child_id, TODAY)}
    assert due["mr1"] is State.REFUSED
    save(ws, shot(child_id))
    assert {s.code: s.state for s in doses.due(ws, child_id, TODAY)}["mr1"] is State.DONE


@pytest.mark.parametrize(("months", "colour"), [(6, "biru"), (11, "biru"), (12, "merah"), (59, "merah")])
def test_the_capsule_has_the_colour_of_the_age(ws, months, colour):
    year, month = divmod(2026 * 12 + 10 - months, 12)
    born = date(year, month + 1, 23)
    child_id = next(iter(registration.register(ws, siti(name="Bayu", birth_date=born)).entities))
    entity, changes = save(ws, capsule(child_id))
    assert facts.get(ws.database, Dose, entity).colour == colour
    assert changes.undo.label == f"Disimpan: Bayu, Vitamin A (kapsul {colour})"


def test_a_colour_that_somebody_chose_stays(ws, child_id):
    entity, _ = save(ws, capsule(child_id, colour="biru"))
    assert facts.get(ws.database, Dose, entity).colour == "biru"


def test_an_age_that_gets_no_capsule_asks_for_the_colour(ws):
    child_id = next(iter(registration.register(ws, siti(birth_date=date(2026, 9, 1))).entities))
    with pytest.raises(InvalidValue) as told:
        doses.record(ws, capsule(child_id))
    assert told.value.field == "colour"


def test_a_refused_capsule_has_no_colour(ws, child_id):
    entity, _ = save(ws, capsule(child_id, state="menolak"))
    assert facts.get(ws.database, Dose, entity).colour is None


def test_a_dose_recorded_before_is_a_question_not_a_wall(ws, child_id):
    earlier = TODAY - timedelta(days=40)
    save(ws, shot(child_id, on=earlier))
    again = shot(child_id)
    assert doses.doubts(ws, again) == ("Campak-Rubela (MR) 1 sudah tercatat 14/10/2026.",)
    entity, _ = save(ws, again, confirmed=True)
    assert len(doses.of_child(ws, child_id)) == 2
    payload = log.entries_of(ws.database, entity)[0].operation.payload
    assert payload["confirmed"] == [doses.CONFIRMED]


def test_a_dose_without_doubt_is_not_marked_as_confirmed(ws, child_id):
    assert doses.doubts(ws, shot(child_id)) == ()
    entity, _ = save(ws, shot(child_id), confirmed=True)
    assert "confirmed" not in log.entries_of(ws.database, entity)[0].operation.payload


def test_the_very_same_dose_is_not_recorded_twice(ws, child_id):
    """Enter pressed twice gives no second injection."""
    save(ws, shot(child_id))
    tip = log.tip(ws.database)
    with pytest.raises(UserError, match=r"Campak-Rubela \(MR\) 1 sudah tercatat pada hari itu"):
        doses.record(ws, shot(child_id))
    assert log.tip(ws.database) == tip


def test_after_undo_it_can_be_recorded_again(ws, child_id):
    entity, changes = save(ws, shot(child_id))
    undone = undo(ws, changes.undo)
    assert undone.entities == {entity, child_id}
    assert doses.of_child(ws, child_id) == ()
    save(ws, shot(child_id))
    assert len(doses.of_child(ws, child_id)) == 1


def test_a_wrong_date_is_corrected_and_undone(ws, child_id):
    entity, _ = save(ws, shot(child_id))
    right = TODAY - timedelta(days=7)
    changes = doses.correct(ws, entity, {"date": right}, "Dari Buku KIA")
    assert facts.get(ws.database, Dose, entity).date == right
    undo(ws, changes.undo)
    assert facts.get(ws.database, Dose, entity).date == TODAY


def test_a_voided_dose_is_offered_again(ws, child_id):
    entity, _ = save(ws, shot(child_id))
    voided = doses.void(ws, entity, "Anak lain")
    assert voided.undo.label == "Dibatalkan: Siti Aminah, Campak-Rubela (MR) 1"
    assert {s.code: s.state for s in doses.due(ws, child_id, TODAY)}["mr1"] is not State.DONE
    undo(ws, voided.undo)
    assert {s.code: s.state for s in doses.due(ws, child_id, TODAY)}["mr1"] is State.DONE


def test_the_book_is_copied_with_its_own_dates(ws, child_id):
    for antigen, on in (("hb0", date(2025, 11, 23)), ("bcg", date(2025, 12, 20))):
        save(ws, shot(child_id, antigen, on))
    assert [(dose.antigen, dose.date) for dose in doses.of_child(ws, child_id)] == [
        ("hb0", date(2025, 11, 23)),
        ("bcg", date(2025, 12, 20)),
    ]


def test_a_kader_does_not_change_another_persons_dose(ws, as_role, child_id):
    entity, _ = save(as_role(Role.BIDAN), shot(child_id))
    with pytest.raises(NotAllowed):
        doses.correct(ws, entity, {"antigen": "ipv2"})
    with pytest.raises(NotAllowed):
        doses.void(ws, entity)
    for role in (Role.TPG, Role.DINAS):
        with pytest.raises(NotAllowed):
            doses.record(as_role(role), shot(child_id, "ipv2"))


@pytest.mark.parametrize(
    ("dose", "field"),
    [
        ({"what": "jamu"}, "what"),
        ({"what": None}, "what"),
        ({"what": "imunisasi"}, "antigen"),
        ({"what": "imunisasi", "antigen": "flu"}, "antigen"),
        ({"what": "imunisasi", "antigen": 7}, "antigen"),
        ({"what": "vitamin_a", "colour": "hijau"}, "colour"),
        ({"what": "obat_cacing", "state": "lupa"}, "state"),
        ({"what": "obat_cacing", "state": None}, "state"),
        ({"what": "obat_cacing", "note": "x" * 501}, "note"),
        ({"what": "obat_cacing", "date": TODAY + timedelta(days=1)}, "date"),
        ({"what": "obat_cacing", "date": date(2025, 11, 22)}, "date"),
        ({"what": "obat_cacing", "date": None}, "date"),
        ({"what": "vitamin_a", "date": "besok"}, "date"),
    ],
)
def test_what_cannot_be_names_its_field(ws, child_id, dose, field):
    tip = log.tip(ws.database)
    with pytest.raises(InvalidValue) as told:
        doses.record(ws, Dose(**{"id": "", "child": child_id, "date": TODAY, **dose}))
    assert told.value.field == field
    assert log.tip(ws.database) == tip

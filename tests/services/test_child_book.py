"""The home of a child: everything about her in one reading, and bringing back what was hidden."""

from datetime import date

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.consent import Consent, ConsentState, Relation
from posyandu_app.domain.doses import Dose, DoseKind
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.home_visits import HomeVisit
from posyandu_app.domain.model import Role
from posyandu_app.domain.visits import Visit
from posyandu_app.services import (
    child_book,
    consent,
    doses,
    home_visits,
    registration,
    sessions,
    visits,
    weighing,
)
from tests.services.conftest import siti

TODAY = date(2026, 11, 23)


def weighed(ws, child_id, grams=8400, on=TODAY):
    changes = weighing.record(ws, child_id, Draft(on, grams))
    return next(entity for entity in changes.entities if entity != child_id)


def test_hidden_visits_are_in_the_book_without_an_assessment(ws, child_id):
    kept, hidden = weighed(ws, child_id, 8000, date(2026, 10, 20)), weighed(ws, child_id)
    weighing.void(ws, hidden)
    book = child_book.open_book(ws, child_id)
    assert [(item.measurement.id, item.assessed is None) for item in book.visits] == [
        (hidden, True),
        (kept, False),
    ]
    assert book.visits[0].who == "Sari Dewi"
    assert book.trend.sentence.startswith("Baru ditimbang satu kali")


def test_what_was_given_is_told_newest_first(ws, child_id):
    doses.record(ws, Dose(id="", child=child_id, date=date(2026, 8, 20), what=DoseKind.VITAMIN_A))
    visits.record(ws, Visit(id="", child=child_id, date=TODAY, local_food=True, note="anak batuk"))
    home_visits.record(ws, HomeVisit(id="", child=child_id, date=date(2026, 9, 2), outcome="bertemu"))
    given = child_book.open_book(ws, child_id).given
    assert [item.title for item in given] == [
        "Kartu kunjungan",
        "Kunjungan rumah: bertemu",
        "Vitamin A, kapsul biru: diberikan",
    ]
    assert "catatan: anak batuk" in given[0].details
    assert given[1].details == ("Tidak hadir bulan ini",)


def test_a_hidden_visit_is_brought_back_and_that_is_undone_too(ws, child_id):
    entity = weighed(ws, child_id)
    weighing.void(ws, entity)
    changes = weighing.restore(ws, entity)
    assert not weighing.get_measurement(ws, entity).voided
    assert changes.undo.label == "Dikembalikan: Siti Aminah, 8,4 kg"
    weighing.undo(ws, changes.undo)
    assert weighing.get_measurement(ws, entity).voided


def test_bringing_back_what_stands_is_refused(ws, child_id):
    with pytest.raises(UserError, match="tidak dibatalkan"):
        weighing.restore(ws, weighed(ws, child_id))


def test_who_may_hide_may_bring_back_and_a_closed_day_wants_a_reason(ws, child_id, as_role):
    sessions.open_day(ws, TODAY)
    entity = weighed(ws, child_id)
    weighing.void(ws, entity)
    sessions.close_day(ws, TODAY)
    with pytest.raises(NotAllowed):
        weighing.restore(as_role(Role.KADER), entity, "salah batal")
    with pytest.raises(InvalidValue) as refused:
        weighing.restore(ws, entity)
    assert refused.value.field == "reason"
    weighing.restore(as_role(Role.BIDAN), entity, "salah batal")
    assert not weighing.get_measurement(ws, entity).voided


def test_the_book_says_who_may_correct_and_when_a_reason_is_due(ws, child_id, as_role):
    sessions.open_day(ws, TODAY)
    weighed(ws, child_id)
    own = child_book.open_book(ws, child_id).visits[0]
    assert (own.may_change, own.needs_reason) == (True, False)
    sessions.close_day(ws, TODAY)
    assert child_book.open_book(ws, child_id).visits[0].needs_reason
    assert not child_book.open_book(as_role(Role.KADER), child_id).visits[0].may_change
    assert child_book.open_book(as_role(Role.BIDAN), child_id).visits[0].may_change
    assert not child_book.open_book(as_role(Role.DINAS), child_id).visits[0].may_change


def test_a_change_and_the_parents_decision_are_one_deed(ws, child_id):
    said = Consent(id="", child=child_id, date=TODAY, name="Rohmah", relation=Relation.MOTHER)
    changes = registration.update(ws, child_id, {"rt": "03"}, decision=said)
    assert changes.kinds == {"child", "consent"}
    assert consent.in_force(ws, child_id).state == ConsentState.GIVEN
    weighing.undo(ws, changes.undo)
    assert consent.in_force(ws, child_id) is None
    assert child_book.open_book(ws, child_id).child.rt is None


def test_a_decision_alone_is_a_change_too(ws, child_id):
    said = Consent(id="", child=child_id, date=TODAY, name="Rohmah", state=ConsentState.REFUSED)
    assert registration.update(ws, child_id, {}, decision=said).kinds == {"consent"}
    with pytest.raises(UserError, match="Tidak ada yang berubah"):
        registration.update(ws, child_id, {})


def test_premature_is_known_from_the_weeks(ws):
    made = next(iter(registration.register(ws, siti(name="Kecil", gestation_weeks=36)).entities))
    assert child_book.is_premature(child_book.open_book(ws, made).child)
    made = next(iter(registration.register(ws, siti(name="Cukup", gestation_weeks=37)).entities))
    assert not child_book.is_premature(child_book.open_book(ws, made).child)

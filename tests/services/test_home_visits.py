"""Home visits: why, what was found, corrected and taken back."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.home_visits import HomeVisit, VisitOutcome, VisitReason
from posyandu_app.domain.model import Role
from posyandu_app.services import home_visits, sessions
from posyandu_app.services.undoing import undo
from posyandu_app.storage import log

TODAY = date(2026, 11, 23)


def visit(child_id, **more):
    return HomeVisit(**{"id": "", "child": child_id, "date": TODAY, **more})


def save(ws, child_id, **more):
    changes = home_visits.record(ws, visit(child_id, **more))
    (entity,) = changes.entities - {child_id}
    return entity, changes


def test_a_home_visit_says_why_and_what_was_found(ws, child_id):
    _, changes = save(
        ws, child_id, reason=VisitReason.ABSENT_AFTER_T, outcome=VisitOutcome.MET, note="Demam 3 hari"
    )
    assert changes.kinds == {"home_visit"}
    assert changes.undo.label == "Disimpan: kunjungan rumah Siti Aminah"
    (kept,) = home_visits.of_child(ws, child_id)
    assert (kept.reason, kept.outcome, kept.note, kept.date) == (
        "tidak_hadir_setelah_tidak_naik",
        "bertemu",
        "Demam 3 hari",
        TODAY,
    )


def test_two_visits_to_one_home_are_two(ws, child_id):
    save(ws, child_id, outcome="tidak_di_rumah")
    save(ws, child_id, outcome="bertemu")
    assert [item.outcome for item in home_visits.of_child(ws, child_id)] == ["tidak_di_rumah", "bertemu"]


def test_corrected_voided_and_undone(ws, child_id):
    entity, recorded = save(ws, child_id, outcome="bertemu")
    corrected = home_visits.correct(ws, entity, {"outcome": "tidak_di_rumah"})
    assert home_visits.of_child(ws, child_id)[0].outcome == "tidak_di_rumah"
    undo(ws, corrected.undo)
    assert home_visits.of_child(ws, child_id)[0].outcome == "bertemu"
    voided = home_visits.void(ws, entity, "Rumah lain")
    assert home_visits.of_child(ws, child_id) == ()
    undo(ws, voided.undo)
    gone = undo(ws, recorded.undo)
    assert gone.undo.label == "Diurungkan: kunjungan rumah Siti Aminah"
    assert home_visits.of_child(ws, child_id) == ()


def test_it_belongs_to_no_posyandu_day(ws, child_id):
    sessions.open_day(ws, TODAY)
    entity, recorded = save(ws, child_id)
    sessions.close_day(ws, TODAY)
    home_visits.correct(ws, entity, {"reason": "tindak_lanjut"})
    undo(ws, recorded.undo)


def test_only_its_author_or_the_midwife_changes_it(ws, as_role, child_id):
    entity, _ = save(as_role(Role.BIDAN), child_id, outcome="bertemu")
    with pytest.raises(NotAllowed):
        home_visits.correct(ws, entity, {"outcome": "pindah"})
    home_visits.correct(ws, entity, {"note": "Ikut melihat"})
    with pytest.raises(NotAllowed):
        home_visits.void(ws, entity)
    with pytest.raises(NotAllowed):
        home_visits.record(as_role(Role.TPG), visit(child_id))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": "iseng"}, "reason"),
        ({"reason": None}, "reason"),
        ({"outcome": "senang"}, "outcome"),
        ({"note": "x" * 501}, "note"),
        ({"date": TODAY + timedelta(days=1)}, "date"),
        ({"date": "kemarin"}, "date"),
    ],
)
def test_what_cannot_be_names_its_field(ws, child_id, more, field):
    tip = log.tip(ws.database)
    with pytest.raises(InvalidValue) as told:
        home_visits.record(ws, visit(child_id, **more))
    assert told.value.field == field
    assert log.tip(ws.database) == tip


def test_of_nobody_is_refused(ws):
    with pytest.raises(UserError) as told:
        home_visits.record(ws, visit("tidak-ada"))
    assert told.value.code == "unknown_child"

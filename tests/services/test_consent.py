"""Consent: who decided, as what, when and to which text; never assumed, never a wall."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.consent import CONSENT_VERSION, Consent, ConsentState, Relation
from posyandu_app.domain.errors import InvalidValue, NotAllowed
from posyandu_app.domain.model import Role
from posyandu_app.services import consent, registration, weighing
from posyandu_app.services.undoing import undo
from posyandu_app.storage import children, log
from tests.services.conftest import siti

TODAY = date(2026, 11, 23)


def decision(child_id="", **more):
    return Consent(**{"id": "", "child": child_id, "date": TODAY, "name": "Rohmah", **more})


def test_nobody_has_decided_at_first(ws, child_id):
    assert consent.in_force(ws, child_id) is None


def test_a_decision_is_kept_with_who_when_and_which_text(ws, child_id):
    changes = consent.record(ws, decision(child_id, relation=Relation.FATHER, name=" Asep  Hidayat "))
    assert changes.undo.label == "Disimpan: Setuju, Siti Aminah"
    kept = consent.in_force(ws, child_id)
    assert (kept.name, kept.relation, kept.date, kept.version, kept.state) == (
        "Asep Hidayat",
        "ayah",
        TODAY,
        CONSENT_VERSION,
        "diberikan",
    )
    assert kept.at == "2026-11-23T09:12:44+07:00"


def test_a_later_decision_replaces_an_earlier_one_and_can_be_taken_back(ws, child_id):
    consent.record(ws, decision(child_id))
    ws.clock.move(timedelta(minutes=1))
    withdrawn = consent.record(ws, decision(child_id, state=ConsentState.WITHDRAWN))
    assert consent.in_force(ws, child_id).state == "ditarik"
    undo(ws, withdrawn.undo)
    assert consent.in_force(ws, child_id).state == "diberikan"


def test_a_child_whose_parents_said_no_is_weighed_all_the_same(ws, child_id):
    consent.record(ws, decision(child_id, state=ConsentState.REFUSED))
    weighing.record(ws, child_id, Draft(TODAY, weight_g=8400))
    assert consent.in_force(ws, child_id).state == "ditolak"


def test_it_is_registered_together_with_the_child_and_undone_with_her(ws):
    changes = registration.register(ws, siti(), decision())
    assert changes.kinds == {"child", "consent"}
    (child_id,) = [entity for entity in changes.entities if children.get(ws.database, entity)]
    assert consent.in_force(ws, child_id).name == "Rohmah"
    entries = log.own_after(ws.database, log.tip(ws.database)[0] - 2, 2)
    assert [entry.operation.type for entry in entries] == ["child.register", "consent.record"]
    assert entries[0].operation.tx[0] == entries[1].operation.tx[0]
    undo(ws, changes.undo)
    assert consent.in_force(ws, child_id) is None
    assert children.get(ws.database, child_id).state == registration.REGISTERED_BY_MISTAKE


def test_a_bad_decision_registers_nobody(ws):
    tip = log.tip(ws.database)
    with pytest.raises(InvalidValue) as told:
        registration.register(ws, siti(), decision(name=" "))
    assert told.value.field == "name"
    assert log.tip(ws.database) == tip


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 501}, "name"),
        ({"name": 7}, "name"),
        ({"relation": "tetangga"}, "relation"),
        ({"relation": None}, "relation"),
        ({"state": "mungkin"}, "state"),
        ({"version": ""}, "version"),
        ({"date": TODAY + timedelta(days=1)}, "date"),
        ({"date": None}, "date"),
    ],
)
def test_what_cannot_be_names_its_field(ws, child_id, more, field):
    with pytest.raises(InvalidValue) as told:
        consent.record(ws, replace(decision(child_id), **more))
    assert told.value.field == field
    assert consent.in_force(ws, child_id) is None


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_readers_record_no_decision(ws, as_role, child_id, role):
    with pytest.raises(NotAllowed):
        consent.record(as_role(role), decision(child_id))

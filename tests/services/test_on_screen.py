"""What came in while a form was open was on nobody's screen: it is neither corrected nor hidden unseen."""

from datetime import date

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.operations import OpKey
from posyandu_app.services import registration, weighing
from posyandu_app.services.undoing import undo
from posyandu_app.storage import children, log, measurements
from posyandu_app.storage.log import NewOperation
from tests.storage.made_up import SCOPE, operation, received

OTHER = "22222222-2222-4222-8222-222222222222"


def arrives(ws, kind, entity, payload, seq=1):
    """Something that another laptop has written, by way of the server."""
    item = received(OTHER, operation(NewOperation(kind, entity, SCOPE, payload), seq, ms=ws.clock.ms()), seq)
    log.receive(ws.database, [item], received_at="2026-11-23T10:00:00+07:00")


def based_on(ws, entity):
    """The bases of the last operation written here."""
    last = max(
        (entry for entry in log.entries_of(ws.database, entity) if entry.replica == ws.database.replica),
        key=lambda entry: entry.key.seq,
    )
    payload = last.operation.payload
    return {name: change["base"] for name, change in payload.get("set", payload).items()}


def value(of, base):
    return {"v": of, "base": None if base is None else list(base)}


def weigh(ws, child_id):
    changes = weighing.record(ws, child_id, Draft(date(2026, 11, 23), weight_g=8400))
    return next(iter(changes.entities - {child_id})), changes.undo


def test_a_field_of_a_child_is_based_on_what_the_form_showed(ws, child_id):
    seen = registration.shown(ws, child_id)
    arrives(ws, "child.set", child_id, {"name": value("Siti Rohmah", seen["name"])})
    registration.update(ws, child_id, {"name": "Siti Aminatun"}, seen=seen)
    assert based_on(ws, child_id) == {"name": list(seen["name"])}
    assert children.get(ws.database, child_id).disputed == {"name"}


def test_a_field_that_was_empty_on_the_form_is_based_on_nothing(ws, child_id):
    seen = registration.shown(ws, child_id)
    arrives(ws, "child.set", child_id, {"phone": value("081200000001", None)})
    registration.update(ws, child_id, {"phone": "081200000002"}, seen=seen)
    assert based_on(ws, child_id) == {"phone": None}


def test_without_a_form_the_field_is_based_on_what_stands(ws, child_id):
    arrives(ws, "child.set", child_id, {"phone": value("081200000001", None)})
    registration.update(ws, child_id, {"phone": "081200000002"})
    assert based_on(ws, child_id) == {"phone": [OTHER, 1]}


def test_a_correction_is_based_on_the_visit_as_the_form_showed_it(ws, child_id):
    entity, _ = weigh(ws, child_id)
    seen = weighing.get_measurement(ws, entity)
    recorded = dict(seen.bases)["weight_g"]
    arrives(ws, "measurement.correct", entity, {"set": {"weight_g": value(8600, recorded)}, "reason": ""})
    weighing.correct(ws, entity, {"weight_g": 8500}, seen=seen)
    assert based_on(ws, entity) == {"weight_g": list(recorded)}
    assert ws.database.rows("SELECT field FROM dispute") == [("weight_g",)]


def test_a_correction_that_came_in_before_the_visit_was_hidden_brings_it_to_a_person(ws, child_id):
    entity, _ = weigh(ws, child_id)
    seen = weighing.on_screen(ws, entity)
    recorded = dict(weighing.get_measurement(ws, entity).bases)["weight_g"]
    arrives(ws, "measurement.correct", entity, {"set": {"weight_g": value(8600, recorded)}, "reason": ""})
    weighing.void(ws, entity, "anak lain", seen=seen)
    assert not measurements.get(ws.database, entity).voided
    assert ws.database.rows("SELECT field FROM dispute") == [("voided",)]


def test_what_was_on_screen_goes_with_the_visit(ws, child_id):
    entity, _ = weigh(ws, child_id)
    weighing.void(ws, entity, "anak lain", seen=weighing.on_screen(ws, entity))
    assert measurements.get(ws.database, entity).voided


def test_an_undo_does_not_hide_a_correction_that_came_in_since(ws, child_id):
    entity, offered = weigh(ws, child_id)
    recorded = dict(weighing.get_measurement(ws, entity).bases)["weight_g"]
    arrives(ws, "measurement.correct", entity, {"set": {"weight_g": value(8600, recorded)}, "reason": ""})
    with pytest.raises(UserError) as told:
        undo(ws, offered)
    assert told.value.code == "changed_since"
    assert measurements.get(ws.database, entity).weight_g == 8600


def test_what_was_seen_when_a_visit_was_hidden_is_hidden_again_with_it(ws, child_id):
    entity, _ = weigh(ws, child_id)
    recorded = dict(weighing.get_measurement(ws, entity).bases)["weight_g"]
    arrives(ws, "measurement.correct", entity, {"set": {"weight_g": value(8600, recorded)}, "reason": ""})
    hidden = weighing.void(ws, entity, "anak lain")
    back = undo(ws, hidden.undo)
    undo(ws, back.undo)
    assert measurements.get(ws.database, entity).voided
    arrives(ws, "measurement.correct", entity, {"set": {"weight_g": value(8700, OpKey(OTHER, 1))}}, seq=2)
    assert not measurements.get(ws.database, entity).voided

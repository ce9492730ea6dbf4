"""Weighing: saved whole, corrected with what was on screen, hidden, and every deed taken back by name."""

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Position, Role
from posyandu_app.services import children, drafts, weighing
from posyandu_app.services.views import Undo
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log, measurements
from posyandu_app.storage.log import NewOperation
from tests.storage.made_up import SCOPE, WIB, operation, received

TODAY = date(2026, 11, 23)


def draft(**fields: object) -> Draft:
    return Draft(**{"date": TODAY, "weight_g": 8400, **fields})


def record(ws: Workspace, child_id: str, **fields: object) -> str:
    return next(iter(weighing.record(ws, child_id, draft(**fields)).entities - {child_id}))


def weights(ws: Workspace, child_id: str) -> list[int | None]:
    """What the card shows."""
    return [item.measurement.weight_g for item in children.open_card(ws, child_id).history]


class TestRecord:
    def test_everything_measured_is_kept(self, ws, child_id):
        given_ = draft(length_mm=712, position=Position.LYING, head_mm=451, muac_mm=139, oedema=1)
        changes = weighing.record(ws, child_id, given_, ("weight_jump", "comma"))
        (kept,) = measurements.of_child(ws.database, child_id)
        assert (kept.date, kept.weight_g, kept.length_mm, kept.position) == (TODAY, 8400, 712, Position.LYING)
        assert (kept.head_mm, kept.muac_mm, kept.oedema) == (451, 139, 1)
        assert kept.confirmed == ("comma", "weight_jump")
        assert (kept.actor, kept.at, kept.source) == (ws.user.id, "2026-11-23T09:12:44+07:00", None)
        assert changes.entities == {child_id, kept.id}
        assert changes.kinds == {"measurement"}
        assert changes.saved_at == ws.clock.now()

    def test_what_was_not_measured_is_left_out(self, ws, child_id):
        record(ws, child_id)
        payload = log.own_after(ws.database, log.tip(ws.database)[0] - 1, 1)[0].operation.payload
        assert payload == {"child": child_id, "date": "2026-11-23", "weight_g": 8400, "oedema": 0}

    def test_two_on_one_day_are_both_kept_and_marked(self, ws, child_id):
        record(ws, child_id, weight_g=8400)
        record(ws, child_id, weight_g=8500)
        history = children.open_card(ws, child_id).history
        assert [item.double for item in history] == [True, True]
        assert weights(ws, child_id) == [8400, 8500]

    def test_the_draft_goes_with_the_save(self, ws, child_id):
        drafts.save(ws, child_id, {"weight_g": "8,4"})
        record(ws, child_id)
        assert drafts.load(ws, child_id) is None

    def test_the_draft_stays_when_the_save_is_refused(self, ws, child_id):
        drafts.save(ws, child_id, {"weight_g": "8,4"})
        with pytest.raises(InvalidValue):
            weighing.record(ws, child_id, draft(weight_g=0))
        assert drafts.load(ws, child_id) == {"weight_g": "8,4"}

    @pytest.mark.parametrize(
        ("fields", "label"),
        [
            ({}, "Disimpan: Siti Aminah, 8,4 kg"),
            ({"weight_g": 8450}, "Disimpan: Siti Aminah, 8,45 kg"),
            ({"weight_g": None, "length_mm": 712}, "Disimpan: Siti Aminah, 71,2 cm"),
            ({"weight_g": None, "oedema": 2}, "Disimpan: Siti Aminah"),
        ],
    )
    def test_the_deed_has_a_name(self, ws, child_id, fields, label):
        changes = weighing.record(ws, child_id, draft(**fields))
        assert changes.undo is not None
        assert changes.undo.label == label

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"weight_g": None}, "weight_g"),
            ({"weight_g": 0}, "weight_g"),
            ({"weight_g": -1}, "weight_g"),
            ({"weight_g": 500_001}, "weight_g"),
            ({"weight_g": 8.4}, "weight_g"),
            ({"weight_g": True}, "weight_g"),
            ({"weight_g": "8400"}, "weight_g"),
            ({"length_mm": 0}, "length_mm"),
            ({"length_mm": 3001}, "length_mm"),
            ({"head_mm": -5}, "head_mm"),
            ({"muac_mm": 10**9}, "muac_mm"),
            ({"oedema": 4}, "oedema"),
            ({"oedema": -1}, "oedema"),
            ({"oedema": True}, "oedema"),
            ({"position": "hanging"}, "position"),
            ({"date": date(2026, 11, 24)}, "date"),
            ({"date": date(2025, 11, 22)}, "date"),
            ({"date": date(1, 1, 1)}, "date"),
            ({"date": date(9999, 12, 31)}, "date"),
            ({"date": None}, "date"),
            ({"date": datetime(2026, 11, 23)}, "date"),
        ],
    )
    def test_what_cannot_be_names_its_field_and_saves_nothing(self, ws, child_id, fields, field):
        before = log.count(ws.database)
        with pytest.raises(InvalidValue) as told:
            weighing.record(ws, child_id, draft(**fields))
        assert told.value.field == field
        assert log.count(ws.database) == before

    @pytest.mark.parametrize("grams", [1, 84_000, 500_000])
    def test_what_is_merely_absurd_is_saved(self, ws, child_id, grams):
        record(ws, child_id, weight_g=grams)
        assert weights(ws, child_id) == [grams]

    def test_the_day_of_birth_itself_is_a_day_to_weigh(self, ws, child_id):
        record(ws, child_id, date=date(2025, 11, 23), weight_g=3100)
        assert weights(ws, child_id) == [3100]

    def test_codes_that_nobody_could_have_answered_do_no_harm(self, ws, child_id):
        weighing.record(ws, child_id, draft(), ("", "x" * 5000, "a", "a", *(f"code-{n}" for n in range(500))))
        (kept,) = measurements.of_child(ws.database, child_id)
        assert len(kept.confirmed) == 50
        assert kept.confirmed[0] == "a"

    def test_a_clock_behind_the_last_known_day_forbids_no_work(self, ws, child_id):
        ws.clock = FixedClock(datetime(2000, 1, 1, 8, tzinfo=WIB))
        record(ws, child_id)
        assert weights(ws, child_id) == [8400]

    def test_an_unknown_child_is_told(self, ws):
        with pytest.raises(UserError) as told:
            weighing.record(ws, "nobody", draft())
        assert told.value.code == "unknown_child"


class TestCorrect:
    def test_the_new_value_is_shown_and_the_old_one_stays_in_the_log(self, ws, child_id):
        entity = record(ws, child_id)
        changes = weighing.correct(ws, entity, {"weight_g": 8600}, "salah baca")
        assert weights(ws, child_id) == [8600]
        assert changes.undo is not None
        assert changes.undo.label == "Diperbaiki: Siti Aminah, 8,6 kg"
        first, second = (entry.operation for entry in log.entries_of(ws.database, entity))
        assert first.payload["weight_g"] == 8400
        assert second.payload == {
            "set": {"weight_g": {"v": 8600, "base": [ws.database.replica, first.seq]}},
            "reason": "salah baca",
        }

    def test_a_second_correction_names_the_first(self, ws, child_id):
        entity = record(ws, child_id)
        weighing.correct(ws, entity, {"weight_g": 8600})
        weighing.correct(ws, entity, {"weight_g": 8700})
        _, second, third = (entry.operation for entry in log.entries_of(ws.database, entity))
        assert third.payload["set"]["weight_g"]["base"] == [ws.database.replica, second.seq]
        assert weights(ws, child_id) == [8700]

    def test_a_value_can_be_added_moved_to_another_day_and_taken_away(self, ws, child_id):
        entity = record(ws, child_id)
        weighing.correct(
            ws, entity, {"length_mm": 712, "position": Position.LYING, "date": date(2026, 11, 20)}
        )
        shown = weighing.get_measurement(ws, entity)
        assert (shown.length_mm, shown.position, shown.date) == (712, Position.LYING, date(2026, 11, 20))
        weighing.correct(ws, entity, {"length_mm": None, "position": None})
        assert weighing.get_measurement(ws, entity).length_mm is None

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"weight_g": None}, "weight_g"),
            ({"weight_g": 0}, "weight_g"),
            ({"oedema": 9}, "oedema"),
            ({"date": date(2026, 12, 1)}, "date"),
            ({"date": date(2025, 1, 1)}, "date"),
        ],
    )
    def test_a_correction_is_checked_like_a_new_visit(self, ws, child_id, changes, field):
        entity = record(ws, child_id)
        with pytest.raises(InvalidValue) as told:
            weighing.correct(ws, entity, changes)
        assert told.value.field == field

    def test_what_is_equal_is_no_correction(self, ws, child_id):
        entity = record(ws, child_id)
        with pytest.raises(UserError) as told:
            weighing.correct(ws, entity, {"weight_g": 8400, "oedema": 0})
        assert told.value.code == "nothing_changed"

    def test_a_reason_is_tidied_and_not_endless(self, ws, child_id):
        entity = record(ws, child_id)
        with pytest.raises(InvalidValue) as told:
            weighing.correct(ws, entity, {"weight_g": 8600}, "x" * 501)
        assert told.value.field == "reason"

    def test_an_unknown_field_is_a_bug(self, ws, child_id):
        with pytest.raises(ValueError):
            weighing.correct(ws, record(ws, child_id), {"child": "x"})

    def test_an_unknown_visit_is_told(self, ws):
        for deed in (lambda: weighing.correct(ws, "x", {"weight_g": 1}), lambda: weighing.void(ws, "x")):
            with pytest.raises(UserError) as told:
                deed()
            assert told.value.code == "unknown_measurement"


class TestVoid:
    def test_a_hidden_visit_no_longer_counts(self, ws, child_id):
        entity = record(ws, child_id)
        changes = weighing.void(ws, entity, "anak lain")
        assert weights(ws, child_id) == []
        assert changes.undo is not None
        assert changes.undo.label == "Dibatalkan: Siti Aminah, 8,4 kg"
        assert weighing.get_measurement(ws, entity).voided

    def test_it_names_everything_that_was_on_screen(self, ws, child_id):
        entity = record(ws, child_id)
        weighing.correct(ws, entity, {"weight_g": 8600})
        weighing.void(ws, entity)
        first, second, void = (entry for entry in log.entries_of(ws.database, entity))
        assert void.operation.payload["seen"] == [list(first.key), list(second.key)]

    def test_hiding_twice_is_told(self, ws, child_id):
        entity = record(ws, child_id)
        weighing.void(ws, entity)
        with pytest.raises(UserError):
            weighing.void(ws, entity)

    def test_a_correction_that_the_voider_had_not_seen_brings_it_to_a_person(self, ws, child_id):
        """Sync rule 6: a removal never beats a concurrent edit."""
        entity = record(ws, child_id)
        key = log.entries_of(ws.database, entity)[0].key
        correction = NewOperation(
            "measurement.correct", entity, SCOPE, {"set": {"weight_g": {"v": 8600, "base": list(key)}}}
        )
        weighing.void(ws, entity)
        log.receive(
            ws.database, [received("r2", operation(correction, 1, ms=ws.clock.ms()), 1)], received_at="x"
        )
        assert weights(ws, child_id) == [8600]
        assert ws.database.rows("SELECT field FROM dispute") == [("voided",)]


class TestRoles:
    def test_a_kader_changes_only_what_she_entered(self, ws, as_role, child_id):
        entity = record(as_role(Role.KADER), child_id)
        undo = weighing.record(as_role(Role.KADER), child_id, draft(date=date(2026, 11, 1))).undo
        for deed in (
            lambda: weighing.correct(ws, entity, {"weight_g": 8600}),
            lambda: weighing.void(ws, entity),
            lambda: weighing.undo(ws, undo),
        ):
            with pytest.raises(NotAllowed):
                deed()
        assert weights(ws, child_id) == [8400, 8400]
        weighing.correct(as_role(Role.KADER), entity, {"weight_g": 8600})

    def test_a_midwife_corrects_hides_and_undoes_everything(self, ws, as_role, child_id):
        midwife = as_role(Role.BIDAN)
        entity = record(ws, child_id)
        weighing.correct(midwife, entity, {"weight_g": 8600})
        changes = weighing.void(midwife, entity)
        weighing.undo(midwife, changes.undo)
        assert weights(ws, child_id) == [8600]

    @pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
    def test_those_who_only_read_write_nothing(self, ws, as_role, child_id, role):
        changes = weighing.record(ws, child_id, draft())
        entity = next(iter(changes.entities - {child_id}))
        reader = as_role(role)
        for deed in (
            lambda: weighing.record(reader, child_id, draft()),
            lambda: weighing.correct(reader, entity, {"weight_g": 8600}),
            lambda: weighing.void(reader, entity),
            lambda: weighing.undo(reader, changes.undo),
        ):
            with pytest.raises(NotAllowed):
                deed()
        assert weights(reader, child_id) == [8400]


class TestUndo:
    def test_a_saved_visit_is_taken_back_and_brought_back(self, ws, child_id):
        saved = weighing.record(ws, child_id, draft())
        undone = weighing.undo(ws, saved.undo)
        assert weights(ws, child_id) == []
        assert undone.kinds == {"measurement"}
        assert undone.entities == saved.entities
        assert undone.undo.label == "Diurungkan: Siti Aminah, 8,4 kg"
        again = weighing.undo(ws, undone.undo)
        assert weights(ws, child_id) == [8400]
        assert again.undo.label == "Dikembalikan: Siti Aminah, 8,4 kg"
        weighing.undo(ws, again.undo)
        assert weights(ws, child_id) == []

    def test_the_operations_are_those_of_the_protocol(self, ws, child_id):
        saved = weighing.record(ws, child_id, draft())
        undone = weighing.undo(ws, saved.undo)
        weighing.undo(ws, undone.undo)
        entity = next(iter(saved.entities - {child_id}))
        first, second, third = (entry for entry in log.entries_of(ws.database, entity))
        assert second.operation.type == "measurement.void"
        assert second.operation.payload == {"seen": [list(first.key)], "reason": "diurungkan"}
        assert third.operation.type == "measurement.restore"
        assert third.operation.payload == {"voids": [list(second.key)], "reason": "diurungkan"}

    def test_taking_a_void_back_again_after_it_was_redone_names_both(self, ws, child_id):
        entity = record(ws, child_id)
        voided = weighing.void(ws, entity, "anak lain")
        weighing.undo(ws, weighing.undo(ws, voided.undo).undo)
        assert weights(ws, child_id) == []
        weighing.undo(ws, voided.undo)
        assert weights(ws, child_id) == [8400]
        voids = [
            entry for entry in log.entries_of(ws.database, entity) if entry.operation.type.endswith("void")
        ]
        last = log.entries_of(ws.database, entity)[-1]
        assert last.operation.payload["voids"] == [list(void.key) for void in voids]

    def test_taking_a_void_back_leaves_another_undo_and_its_dispute_as_they_are(self, ws, child_id):
        """A correction came in that the first undo had not seen: that stays for a person to decide."""
        saved = weighing.record(ws, child_id, draft())
        entity = next(iter(saved.entities - {child_id}))
        key = log.entries_of(ws.database, entity)[0].key
        correction = NewOperation(
            "measurement.correct", entity, SCOPE, {"set": {"weight_g": {"v": 8600, "base": list(key)}}}
        )
        weighing.undo(ws, saved.undo)
        log.receive(
            ws.database, [received("r2", operation(correction, 1, ms=ws.clock.ms()), 1)], received_at="x"
        )
        weighing.undo(ws, weighing.void(ws, entity, "anak lain").undo)
        assert weights(ws, child_id) == [8600]
        assert ws.database.rows("SELECT field FROM dispute") == [("voided",)]

    def test_a_correction_goes_back_to_what_stood_before(self, ws, child_id):
        entity = record(ws, child_id)
        weighing.correct(ws, entity, {"weight_g": 8500})
        changes = weighing.correct(ws, entity, {"weight_g": 8600, "length_mm": 712})
        weighing.undo(ws, changes.undo)
        shown = weighing.get_measurement(ws, entity)
        assert (shown.weight_g, shown.length_mm) == (8500, None)

    def test_a_hidden_visit_comes_back(self, ws, child_id):
        entity = record(ws, child_id)
        changes = weighing.void(ws, entity)
        weighing.undo(ws, changes.undo)
        assert weights(ws, child_id) == [8400]

    def test_what_was_changed_since_is_not_taken_back(self, ws, child_id):
        entity = record(ws, child_id)
        changes = weighing.correct(ws, entity, {"weight_g": 8600})
        weighing.correct(ws, entity, {"weight_g": 8700})
        with pytest.raises(UserError) as told:
            weighing.undo(ws, changes.undo)
        assert told.value.code == "changed_since"
        assert weights(ws, child_id) == [8700]

    def test_twice_is_told(self, ws, child_id):
        saved = weighing.record(ws, child_id, draft())
        weighing.undo(ws, saved.undo)
        with pytest.raises(UserError) as told:
            weighing.undo(ws, saved.undo)
        assert told.value.code == "nothing_to_undo"

    @pytest.mark.parametrize("keys", [(), (("nobody", 1),), (("", -5),)])
    def test_nothing_to_undo_is_told(self, ws, keys):
        with pytest.raises(UserError) as told:
            weighing.undo(ws, Undo("Disimpan: x", keys))
        assert told.value.code == "nothing_to_undo"

    def test_setting_up_cannot_be_undone(self, ws):
        with pytest.raises(NotAllowed):
            weighing.undo(ws, Undo("x", ((ws.database.replica, 1),)))

    def test_after_the_child_moved_the_operation_is_made_where_she_is(self, ws, as_role, child_id):
        saved = weighing.record(ws, child_id, draft())
        ws.database.set_meta("scope", "32.11.13.2005")
        move = NewOperation("child.transfer", child_id, SCOPE, {"to": "32.11.13.2005.002"})
        log.append(ws.database, [move], actor="rina", clock=ws.clock)
        weighing.undo(as_role(Role.BIDAN), saved.undo)
        assert log.own_after(ws.database, 0, 99)[-1].operation.scope == "32.11.13.2005.002"


deeds = st.lists(st.sampled_from(("record", "correct", "void", "undo")), max_size=8)


@given(steps=deeds, grams=st.lists(st.integers(2000, 20000), min_size=8, max_size=8, unique=True))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_everything_in_turn_leads_back_to_the_beginning(ws, child_id, steps, grams):
    """Undo is exact: after each deed its undo restores what the card showed before it."""
    for number, step in enumerate(steps):
        before = weights(ws, child_id)
        standing = [item.measurement.id for item in children.open_card(ws, child_id).history]
        if step == "record" or not standing:
            changes = weighing.record(ws, child_id, draft(weight_g=grams[number]))
        elif step == "void":
            changes = weighing.void(ws, standing[0])
        else:
            try:
                changes = weighing.correct(ws, standing[-1], {"weight_g": grams[number]})
            except UserError:
                continue
        after = weights(ws, child_id)
        undone = weighing.undo(ws, changes.undo)
        assert weights(ws, child_id) == before
        redone = weighing.undo(ws, undone.undo)
        assert weights(ws, child_id) == after
        if step == "undo":
            weighing.undo(ws, redone.undo)
            assert weights(ws, child_id) == before

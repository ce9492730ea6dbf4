"""The card of a visit: one for each child and day, answered at several tables, corrected, undone."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posyandu_app.domain.counselling import Topic
from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Role
from posyandu_app.domain.visits import Development, Referral, TbSymptom, Visit
from posyandu_app.services import registration, visits
from posyandu_app.services.undoing import undo
from posyandu_app.storage import facts, log
from posyandu_app.storage.log import NewOperation
from tests.services.conftest import siti

TODAY = date(2026, 11, 23)


def card(child_id, on=TODAY, **answers):
    return Visit(id="", child=child_id, date=on, **answers)


def record(ws, child_id, **answers):
    changes = visits.record(ws, card(child_id, **answers))
    (entity,) = changes.entities - {child_id}
    return entity, changes


def test_everything_on_the_card_is_kept(ws, child_id):
    told = card(
        child_id,
        exclusive_breastfeeding=False,
        complementary_feeding=True,
        development=Development.INCOMPLETE,
        tb_symptoms=frozenset({TbSymptom.COUGH, TbSymptom.CONTACT}),
        danger_signs=frozenset(),
        local_food=True,
        counselling=frozenset({Topic.FEEDING}),
        book_copied=True,
        referral=Referral.PUSKESMAS,
        referral_reason="  Batuk\tlama ",
        note="Datang dengan nenek",
    )
    changes = visits.record(ws, told)
    assert changes.kinds == {"visit"}
    assert changes.undo.label == "Disimpan: kartu kunjungan Siti Aminah, 23/11/2026"
    kept = visits.on_day(ws, child_id, TODAY)
    assert kept.actor == ws.user.id
    assert kept.at == "2026-11-23T09:12:44+07:00"
    for name in visits.ANSWERS:
        expected = "Batuk lama" if name == "referral_reason" else getattr(told, name)
        assert getattr(kept, name) == expected, name


def test_not_asked_and_none_found_stay_two_things(ws, child_id):
    record(ws, child_id, danger_signs=frozenset())
    kept = visits.on_day(ws, child_id, TODAY)
    assert kept.danger_signs == frozenset()
    assert kept.tb_symptoms is None


def test_a_second_table_adds_to_the_same_card(ws, child_id):
    first, _ = record(ws, child_id, complementary_feeding=True)
    second, _ = record(ws, child_id, tb_symptoms=frozenset())
    assert first == second
    kept = visits.on_day(ws, child_id, TODAY)
    assert kept.complementary_feeding is True
    assert kept.tb_symptoms == frozenset()
    assert len(visits.of_child(ws, child_id)) == 1


def test_another_day_has_another_card(ws, child_id):
    first, _ = record(ws, child_id, complementary_feeding=True)
    yesterday = TODAY - timedelta(days=1)
    visits.record(ws, card(child_id, yesterday, complementary_feeding=False))
    assert visits.on_day(ws, child_id, TODAY).id == first
    assert visits.on_day(ws, child_id, yesterday).complementary_feeding is False


def test_saying_it_again_changes_nothing(ws, child_id):
    record(ws, child_id, complementary_feeding=True)
    tip = log.tip(ws.database)
    with pytest.raises(UserError, match="Tidak ada yang berubah"):
        record(ws, child_id, complementary_feeding=True)
    assert log.tip(ws.database) == tip


def test_an_answer_is_taken_back_on_the_form_it_stands_on(ws, child_id):
    record(ws, child_id, complementary_feeding=True, note="Rewel")
    shown = visits.on_day(ws, child_id, TODAY)
    visits.record(ws, replace(shown, note=None))
    kept = visits.on_day(ws, child_id, TODAY)
    assert kept.note is None
    assert kept.complementary_feeding is True


def test_an_old_form_takes_back_no_answer_given_since(ws, child_id):
    record(ws, child_id, complementary_feeding=True)
    old_form = visits.on_day(ws, child_id, TODAY)
    record(ws, child_id, note="Batuk sejak kemarin")
    visits.record(ws, replace(old_form, local_food=True))
    kept = visits.on_day(ws, child_id, TODAY)
    assert kept.note == "Batuk sejak kemarin"
    assert kept.local_food is True


def test_answers_typed_elsewhere_leave_how_the_child_stands(ws, child_id):
    record(ws, child_id, attendance="tidak_dapat_diukur")
    record(ws, child_id, complementary_feeding=True)
    assert visits.on_day(ws, child_id, TODAY).attendance == "tidak_dapat_diukur"


def test_who_was_absent_and_answers_after_all_is_there(ws, child_id):
    record(ws, child_id, attendance="tidak_hadir")
    record(ws, child_id, complementary_feeding=True)
    assert visits.on_day(ws, child_id, TODAY).attendance == "hadir"


# correcting, hiding, undoing


def test_a_correction_names_what_it_corrects_and_why(ws, child_id):
    entity, _ = record(ws, child_id, complementary_feeding=True)
    told = {"complementary_feeding": False, "note": "Bubur saja"}
    changes = visits.correct(ws, entity, told, "Salah dengar")
    assert changes.undo.label == "Diperbaiki: kartu kunjungan Siti Aminah, 23/11/2026"
    operation = log.entries_of(ws.database, entity)[-1].operation
    assert operation.payload["reason"] == "Salah dengar"
    assert set(operation.payload["set"]) == {"complementary_feeding", "note"}
    assert visits.on_day(ws, child_id, TODAY).complementary_feeding is False


def test_a_card_moves_to_the_right_day_unless_that_has_one(ws, child_id):
    entity, _ = record(ws, child_id, complementary_feeding=True)
    right = TODAY - timedelta(days=1)
    visits.correct(ws, entity, {"date": right})
    assert visits.on_day(ws, child_id, TODAY) is None
    other, _ = record(ws, child_id, complementary_feeding=False)
    with pytest.raises(InvalidValue, match="sudah punya kartu") as told:
        visits.correct(ws, other, {"date": right})
    assert told.value.field == "date"
    assert visits.on_day(ws, child_id, TODAY).id == other


def test_every_deed_on_a_card_is_undone_and_done_again(ws, child_id):
    entity, recorded = record(ws, child_id, complementary_feeding=True)
    corrected = visits.correct(ws, entity, {"complementary_feeding": False})
    back = undo(ws, corrected.undo)
    assert back.kinds == {"visit"}
    assert back.entities == {entity, child_id}
    assert visits.on_day(ws, child_id, TODAY).complementary_feeding is True
    undo(ws, back.undo)
    assert visits.on_day(ws, child_id, TODAY).complementary_feeding is False
    voided = visits.void(ws, entity, "Anak lain")
    assert visits.on_day(ws, child_id, TODAY) is None
    undo(ws, voided.undo)
    assert visits.on_day(ws, child_id, TODAY).id == entity
    gone = undo(ws, recorded.undo)
    assert gone.undo.label == "Diurungkan: kartu kunjungan Siti Aminah, 23/11/2026"
    assert visits.of_child(ws, child_id) == ()
    assert facts.get(ws.database, Visit, entity).voided


def test_an_undo_does_not_undo_somebody_elses_later_answer(ws, child_id, as_role):
    entity, _ = record(ws, child_id, complementary_feeding=True)
    mine = visits.correct(ws, entity, {"complementary_feeding": False})
    visits.correct(as_role(Role.BIDAN), entity, {"complementary_feeding": True}, "Diperiksa")
    with pytest.raises(UserError) as told:
        undo(ws, mine.undo)
    assert told.value.code == "changed_since"


def test_what_was_voided_cannot_be_voided_or_corrected(ws, child_id):
    entity, _ = record(ws, child_id, complementary_feeding=True)
    visits.void(ws, entity)
    with pytest.raises(UserError, match="sudah dibatalkan"):
        visits.void(ws, entity)
    with pytest.raises(UserError, match="sudah dibatalkan"):
        visits.correct(ws, entity, {"complementary_feeding": False})
    new, _ = record(ws, child_id, complementary_feeding=False)
    assert new != entity


# roles


def test_a_kader_fills_in_but_does_not_change_what_another_answered(ws, as_role, child_id):
    entity, _ = record(as_role(Role.BIDAN), child_id, complementary_feeding=True)
    record(ws, child_id, tb_symptoms=frozenset())
    with pytest.raises(NotAllowed):
        record(ws, child_id, complementary_feeding=False)
    with pytest.raises(NotAllowed):
        visits.void(ws, entity)
    with pytest.raises(NotAllowed):
        visits.correct(ws, entity, {"complementary_feeding": None})


def test_the_midwife_changes_every_card(ws, as_role, child_id):
    entity, _ = record(ws, child_id, complementary_feeding=True)
    visits.correct(as_role(Role.BIDAN), entity, {"complementary_feeding": False})
    visits.void(as_role(Role.BIDAN), entity)
    assert visits.of_child(ws, child_id) == ()


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_readers_record_nothing(ws, as_role, child_id, role):
    entity, _ = record(ws, child_id, complementary_feeding=True)
    reader = as_role(role)
    for deed in (
        lambda: record(reader, child_id, note="x"),
        lambda: visits.correct(reader, entity, {"note": "x"}),
        lambda: visits.void(reader, entity),
    ):
        with pytest.raises(NotAllowed):
            deed()


# what cannot be


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"attendance": "di jalan"}, "attendance"),
        ({"attendance": None}, "attendance"),
        ({"attendance": ""}, "attendance"),
        ({"exclusive_breastfeeding": "ya"}, "exclusive_breastfeeding"),
        ({"complementary_feeding": 1}, "complementary_feeding"),
        ({"development": "bagus"}, "development"),
        ({"tb_symptoms": frozenset({"batuk"})}, "tb_symptoms"),
        ({"tb_symptoms": ["batuk_dua_minggu"]}, "tb_symptoms"),
        ({"danger_signs": frozenset({DangerSign.COLD, 7})}, "danger_signs"),
        ({"counselling": frozenset({"gosip"})}, "counselling"),
        ({"referral": "rumah"}, "referral"),
        ({"note": "x" * 501}, "note"),
        ({"note": 5}, "note"),
        ({"referral_reason": b"x"}, "referral_reason"),
        ({"on": TODAY + timedelta(days=1)}, "date"),
        ({"on": date(2025, 11, 22)}, "date"),
        ({"on": None}, "date"),
        ({"on": "2026-11-23"}, "date"),
    ],
)
def test_what_cannot_be_names_its_field(ws, child_id, answers, field):
    tip = log.tip(ws.database)
    with pytest.raises(InvalidValue) as told:
        visits.record(ws, card(child_id, **answers))
    assert told.value.field == field
    assert log.tip(ws.database) == tip


def test_a_card_of_nobody_is_refused(ws):
    with pytest.raises(UserError) as told:
        visits.record(ws, card("tidak-ada"))
    assert told.value.code == "unknown_child"
    with pytest.raises(UserError) as told:
        visits.correct(ws, "tidak-ada", {"note": "x"})
    assert told.value.code == "unknown_fact"


def test_a_name_that_no_card_has_is_a_bug(ws, child_id):
    entity, _ = record(ws, child_id, complementary_feeding=True)
    for name in ("voided", "child", "id", "berat"):
        with pytest.raises(ValueError, match="no field"):
            visits.correct(ws, entity, {name: "x"})


def test_a_code_of_a_newer_version_survives_a_correction_beside_it(ws, child_id):
    new = NewOperation(
        "visit.record",
        "0192f3a0-0000-7000-8000-000000000001",
        "32.11.13.2005.001",
        {"child": child_id, "date": TODAY.isoformat(), "attendance": "daring", "extra": 7},
    )
    log.append(ws.database, [new], actor=ws.user.id, clock=ws.clock)
    visits.correct(ws, new.entity, {"note": "lewat telepon"})
    kept = visits.on_day(ws, child_id, TODAY)
    assert (kept.attendance, kept.note) == ("daring", "lewat telepon")
    row = ws.database.one("SELECT vals FROM other_row WHERE id = ?", (new.entity,))
    assert '"extra":7' in row[0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=600))
def test_any_note_is_kept_on_one_line_or_refused(ws, text):
    child_id = next(iter(registration.register(ws, siti(name="Anak Contoh")).entities))
    if len(" ".join("".join(c if c.isprintable() else " " for c in text).split())) > 500:
        with pytest.raises(InvalidValue, match="Terlalu panjang"):
            record(ws, child_id, note=text)
        return
    record(ws, child_id, note=text)
    note = visits.on_day(ws, child_id, TODAY).note
    assert note is None or (note == " ".join(note.split()) and 0 < len(note) <= 500)

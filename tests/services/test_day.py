"""One form for everything at the tables: looked at before, saved in one deed, taken back by one undo."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.consent import Consent
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.schedule import State
from posyandu_app.domain.visits import Visit
from posyandu_app.services import consent, day, doses, drafts, registration, sessions, visits, weighing
from posyandu_app.services.day import DayForm
from posyandu_app.services.undoing import undo
from posyandu_app.storage import log, measurements
from tests.services.conftest import siti

TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)


def card(child_id="", **answers):
    return Visit(**{"id": "", "child": child_id, "date": TODAY, **answers})


def shot(antigen="mr1", on=TODAY, **more):
    return Dose(id="", child="", date=on, what="imunisasi", antigen=antigen, **more)


def capsule(on=TODAY):
    return Dose(id="", child="", date=on, what="vitamin_a")


def full(**more):
    return DayForm(
        **{
            "date": TODAY,
            "weighing": Draft(TODAY, weight_g=8400, length_mm=712, position=Position.LYING),
            "card": card(complementary_feeding=True, danger_signs=frozenset()),
            "doses": (capsule(), shot()),
            **more,
        }
    )


def standing(ws, child_id):
    """What stands for a child: weights, answers, doses."""
    weighed = [m.weight_g for m in measurements.of_child(ws.database, child_id) if not m.voided]
    return weighed, len(visits.of_child(ws, child_id)), [d.what for d in doses.of_child(ws, child_id)]


# saving


def test_everything_typed_is_one_deed_with_one_undo(ws, child_id):
    drafts.save(ws, child_id, {"weight": "8,4"})
    tip = log.tip(ws.database)[0]
    changes = day.save_child(ws, child_id, full())
    assert changes.kinds == {"measurement", "visit", "dose"}
    assert len(changes.entities) == 5
    assert child_id in changes.entities
    assert (
        changes.undo.label == "Disimpan: Siti Aminah, 8,4 kg, Vitamin A (kapsul merah), Campak-Rubela (MR) 1"
    )
    entries = log.own_after(ws.database, tip, 100)
    assert {entry.operation.tx for entry in entries} == {
        (entries[0].operation.tx[0], index, 4) for index in (1, 2, 3, 4)
    }
    assert standing(ws, child_id) == ([8400], 1, ["vitamin_a", "imunisasi"])
    assert drafts.load(ws, child_id) is None
    back = undo(ws, changes.undo)
    assert back.kinds == {"measurement", "visit", "dose"}
    assert standing(ws, child_id) == ([], 0, [])
    again = undo(ws, back.undo)
    assert standing(ws, child_id) == ([8400], 1, ["vitamin_a", "imunisasi"])
    assert again.undo.label.startswith("Dikembalikan: Siti Aminah, 8,4 kg")


def test_all_of_it_or_nothing(ws, child_id):
    """A capsule without a colour stops the form: nothing of it is saved and the draft stays."""
    young = next(iter(registration.register(ws, siti(name="Bayi", birth_date=date(2026, 9, 1))).entities))
    drafts.save(ws, young, {"weight": "5"})
    tip = log.tip(ws.database)
    with pytest.raises(InvalidValue) as told:
        day.save_child(ws, young, full(weighing=Draft(TODAY, weight_g=5000), doses=(shot("bcg"), capsule())))
    assert told.value.field == "colour"
    assert log.tip(ws.database) == tip
    assert drafts.load(ws, young) == {"weight": "5"}


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (DayForm(TODAY), "weight_g"),
        (DayForm(None, weighing=Draft(TODAY, weight_g=8400)), "date"),
        (DayForm(TODAY + timedelta(days=1), weighing=Draft(TODAY, weight_g=8400)), "date"),
        (DayForm(TODAY, weighing=Draft(TODAY, weight_g=-1)), "weight_g"),
        (DayForm(TODAY, weighing=Draft(TODAY, weight_g=8400), card=card(development="?")), "development"),
        (DayForm(TODAY, weighing=Draft(TODAY, weight_g=8400), doses=(shot("flu"),)), "antigen"),
        (DayForm(TODAY, weighing=Draft(TODAY, weight_g=8400), doses=(shot(on=None),)), "date"),
    ],
)
def test_what_cannot_be_names_its_field_and_saves_nothing(ws, child_id, form, field):
    tip = log.tip(ws.database)
    with pytest.raises(InvalidValue) as told:
        day.save_child(ws, child_id, form)
    assert told.value.field == field
    assert log.tip(ws.database) == tip


def test_the_day_of_the_form_is_the_day_of_all_of_it(ws, child_id):
    """Yesterday's paper: one date, whatever the parts of the form were made with."""
    day.save_child(ws, child_id, full(date=YESTERDAY, doses=(capsule(YESTERDAY),)))
    assert [m.date for m in measurements.of_child(ws.database, child_id)] == [YESTERDAY]
    assert [v.date for v in visits.of_child(ws, child_id)] == [YESTERDAY]
    assert day.open_form(ws, child_id, TODAY).measurement is None


def test_a_dose_copied_from_the_book_keeps_its_own_day(ws, child_id):
    form = DayForm(TODAY, card=card(book_copied=True), doses=(shot("hb0", date(2025, 11, 23)),))
    day.save_child(ws, child_id, form)
    assert doses.of_child(ws, child_id)[0].date == date(2025, 11, 23)


def test_a_weighing_alone_makes_no_empty_card(ws, child_id):
    day.save_child(ws, child_id, full(card=card(), doses=()))
    assert visits.of_child(ws, child_id) == ()


def test_a_child_who_cannot_be_measured_has_a_card(ws, child_id):
    form = DayForm(TODAY, weighing=Draft(TODAY), card=card(attendance="tidak_dapat_diukur", note="Rewel"))
    changes = day.save_child(ws, child_id, form)
    assert changes.undo.label == "Disimpan: Siti Aminah, kartu kunjungan"
    assert visits.on_day(ws, child_id, TODAY).attendance == "tidak_dapat_diukur"


def test_a_child_marked_absent_who_is_weighed_after_all_is_there(ws, child_id):
    visits.record(ws, card(child_id, attendance="tidak_hadir"))
    day.save_child(ws, child_id, full(card=card(), doses=()))
    assert visits.on_day(ws, child_id, TODAY).attendance == "hadir"


def test_many_doses_are_counted_in_the_label(ws, child_id):
    form = DayForm(TODAY, doses=(shot("hb0", date(2025, 11, 24)), shot("bcg"), shot("mr1")))
    assert day.save_child(ws, child_id, form).undo.label == "Disimpan: Siti Aminah, 3 dosis"


def test_saving_the_same_form_twice_saves_it_once(ws, child_id):
    day.save_child(ws, child_id, full())
    shown = day.open_form(ws, child_id, TODAY)
    form = full(measurement=shown.measurement.id, card=shown.card)
    tip = log.tip(ws.database)
    with pytest.raises(UserError, match="Tidak ada yang berubah"):
        day.save_child(ws, child_id, form)
    assert log.tip(ws.database) == tip


# two tables


def test_the_second_table_completes_what_the_first_began(ws, as_role, child_id):
    first = as_role(Role.KADER)
    day.save_child(first, child_id, DayForm(TODAY, weighing=Draft(TODAY, weight_g=8400), card=card()))
    shown = day.open_form(ws, child_id, TODAY)
    assert shown.measurement.weight_g == 8400
    filled = replace(weighing.draft_of(shown.measurement), length_mm=712, position=Position.LYING)
    day.save_child(
        ws, child_id, DayForm(TODAY, weighing=filled, measurement=shown.measurement.id, card=card(note="Ok"))
    )
    (item,) = measurements.of_child(ws.database, child_id)
    assert (item.weight_g, item.length_mm, item.position) == (8400, 712, Position.LYING)


def test_the_second_table_does_not_change_what_the_first_weighed(ws, as_role, child_id):
    first = as_role(Role.KADER)
    day.save_child(first, child_id, full(card=None, doses=()))
    shown = day.open_form(ws, child_id, TODAY)
    form = DayForm(
        TODAY,
        weighing=replace(weighing.draft_of(shown.measurement), weight_g=9400),
        measurement=shown.measurement.id,
        card=card(note="Ok"),
    )
    with pytest.raises(NotAllowed):
        day.save_child(ws, child_id, form)
    assert visits.of_child(ws, child_id) == ()
    day.save_child(as_role(Role.BIDAN), child_id, form)
    assert measurements.of_child(ws.database, child_id)[0].weight_g == 9400


def test_a_value_is_taken_away_on_the_form_it_stands_on(ws, child_id):
    day.save_child(ws, child_id, full(doses=()))
    shown = day.open_form(ws, child_id, TODAY)
    kept = replace(weighing.draft_of(shown.measurement), length_mm=None, position=None)
    day.save_child(ws, child_id, DayForm(TODAY, weighing=kept, measurement=shown.measurement.id))
    (item,) = measurements.of_child(ws.database, child_id)
    assert (item.weight_g, item.length_mm) == (8400, None)


def test_a_weighing_emptied_on_its_form_is_refused(ws, child_id):
    day.save_child(ws, child_id, full(doses=()))
    shown = day.open_form(ws, child_id, TODAY)
    with pytest.raises(InvalidValue) as told:
        day.save_child(ws, child_id, DayForm(TODAY, weighing=Draft(TODAY), measurement=shown.measurement.id))
    assert told.value.field == "weight_g"


def test_a_second_weighing_of_the_day_is_kept_beside_the_first(ws, child_id):
    day.save_child(ws, child_id, full(doses=(), card=None))
    day.save_child(ws, child_id, full(doses=(), card=None, weighing=Draft(TODAY, weight_g=8500)))
    shown = day.open_form(ws, child_id, TODAY)
    assert [item.double for item in shown.status.history] == [True, True]


def test_another_childs_weighing_is_never_corrected(ws, child_id):
    other = next(iter(registration.register(ws, siti(name="Bayu")).entities))
    weighing.record(ws, other, Draft(TODAY, weight_g=9000))
    (theirs,) = measurements.of_child(ws.database, other)
    with pytest.raises(ValueError, match="another child"):
        day.save_child(ws, child_id, full(measurement=theirs.id))


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_readers_save_nothing(ws, as_role, child_id, role):
    with pytest.raises(NotAllowed):
        day.save_child(as_role(role), child_id, full())


def test_a_closed_day_takes_late_entries_and_corrections_with_a_reason(ws, child_id):
    other = next(iter(registration.register(ws, siti(name="Bayu")).entities))
    sessions.open_day(ws, TODAY)
    day.save_child(ws, child_id, full())
    sessions.close_day(ws, TODAY)
    day.save_child(ws, other, full(weighing=Draft(TODAY, weight_g=9000)))
    shown = day.open_form(ws, child_id, TODAY)
    assert shown.closed
    form = DayForm(
        TODAY,
        weighing=replace(weighing.draft_of(shown.measurement), weight_g=8500),
        measurement=shown.measurement.id,
        card=replace(shown.card, complementary_feeding=False),
    )
    with pytest.raises(InvalidValue) as told:
        day.save_child(ws, child_id, form)
    assert told.value.field == "reason"
    day.save_child(ws, child_id, replace(form, reason="Ditimbang ulang"))
    corrections = log.own_after(ws.database, log.tip(ws.database)[0] - 2, 2)
    assert [entry.operation.payload["reason"] for entry in corrections] == ["Ditimbang ulang"] * 2


# opening


def test_the_form_opens_with_what_is_known(ws, child_id):
    consent.record(ws, Consent(id="", child=child_id, date=TODAY, name="Rohmah"))
    sessions.open_day(ws, TODAY)
    day.save_child(ws, child_id, full())
    drafts.save(ws, child_id, {"note": "setengah"})
    shown = day.open_form(ws, child_id, TODAY)
    assert (shown.child.id, shown.on, shown.closed) == (child_id, TODAY, False)
    assert shown.session.is_open
    assert shown.measurement.weight_g == 8400
    assert shown.card.complementary_feeding is True
    assert shown.consent.name == "Rohmah"
    assert shown.draft == {"note": "setengah"}
    assert [dose.what for dose in shown.doses] == ["vitamin_a", "imunisasi"]
    assert {service.code: service.state for service in shown.services}["mr1"] is State.DONE
    assert "kejang" in shown.danger_signs
    assert [m.weight_g for m in shown.measurements] == [8400]


def test_a_newborn_is_asked_about_her_own_danger_signs(ws):
    baby = next(iter(registration.register(ws, siti(name="Bayi", birth_date=date(2026, 11, 1))).entities))
    assert "tali_pusat" in day.open_form(ws, baby, TODAY).danger_signs
    assert "tali_pusat" not in day.open_form(ws, baby, TODAY + timedelta(days=7)).danger_signs


def test_another_days_form_is_empty(ws, child_id):
    day.save_child(ws, child_id, full())
    shown = day.open_form(ws, child_id, YESTERDAY)
    assert (shown.measurement, shown.card, shown.session, shown.consent) == (None, None, None, None)


def test_the_form_of_nobody_is_refused(ws):
    with pytest.raises(UserError) as told:
        day.open_form(ws, "tidak-ada", TODAY)
    assert told.value.code == "unknown_child"


# looking before saving


def test_the_preview_says_what_saving_will_bring(ws, child_id):
    weighing.record(ws, child_id, Draft(date(2026, 10, 23), weight_g=8150, length_mm=705))
    form = full(card=card(danger_signs=frozenset({"kejang"})))
    seen = day.preview(day.open_form(ws, child_id, TODAY), form, ws.rules)
    tip = log.tip(ws.database)
    assert seen.weighing.headline == "Berat naik 250 g (minimal 200 g) — N"
    assert seen.risk.tone == Tone.RUJUK_SEGERA
    assert [advice.topic for advice in seen.advice] == ["tanda_bahaya"]
    assert {s.code: s.state for s in seen.services}["mr1"] is State.DONE
    assert log.tip(ws.database) == tip
    day.save_child(ws, child_id, form)
    assert day.open_form(ws, child_id, TODAY).status.risk.tone == Tone.RUJUK_SEGERA
    assert day.open_form(ws, child_id, TODAY).services == seen.services


def test_without_a_weight_the_preview_still_judges_the_card(ws, child_id):
    form = DayForm(TODAY, card=card(tb_symptoms=frozenset({"batuk_dua_minggu", "kontak_tbc"})))
    seen = day.preview(day.open_form(ws, child_id, TODAY), form, ws.rules)
    assert seen.weighing is None
    assert seen.risk.tone == Tone.RUJUK
    assert "tbc" in [advice.topic for advice in seen.advice]


def test_what_is_offered_is_talked_about(ws, child_id):
    seen = day.preview(day.open_form(ws, child_id, date(2026, 11, 23)), DayForm(TODAY), ws.rules)
    assert "mp_asi" in [advice.topic for advice in seen.advice]


def test_a_reopened_form_is_judged_in_place_of_what_it_corrects(ws, child_id):
    weighing.record(ws, child_id, Draft(date(2026, 10, 23), weight_g=8150))
    day.save_child(ws, child_id, full(doses=(), card=card(danger_signs=frozenset({"kejang"}))))
    shown = day.open_form(ws, child_id, TODAY)
    form = DayForm(
        TODAY,
        weighing=replace(weighing.draft_of(shown.measurement), weight_g=8200),
        measurement=shown.measurement.id,
        card=replace(shown.card, danger_signs=frozenset()),
    )
    seen = day.preview(shown, form, ws.rules)
    assert seen.weighing.headline == "Berat naik hanya 50 g (minimal 200 g) — T"
    assert not seen.weighing.assessed.double
    assert seen.risk.tone == Tone.WASPADA


def test_doubts_about_doses_are_asked_once_for_each(ws, child_id):
    doses.record(ws, replace(shot(on=date(2026, 10, 1)), child=child_id))
    form = DayForm(TODAY, doses=(shot(), replace(capsule(), colour="biru"), shot("ipv1")))
    seen = day.preview(day.open_form(ws, child_id, TODAY), form, ws.rules)
    assert [(doubt.dose.antigen or doubt.dose.what, doubt.sentences) for doubt in seen.doubts] == [
        ("mr1", ("Campak-Rubela (MR) 1 sudah tercatat 01/10/2026.",)),
        ("vitamin_a", ("Umur 12 bulan seharusnya kapsul merah.",)),
    ]
    day.save_child(ws, child_id, replace(form, doses_confirmed=True))
    marked = [
        entry.operation.payload.get("confirmed")
        for entry in log.own_after(ws.database, log.tip(ws.database)[0] - 3, 3)
    ]
    assert marked == [["dose_doubt"], ["dose_doubt"], None]


def test_two_doses_typed_together_are_seen_together(ws, child_id):
    form = DayForm(TODAY, doses=(shot("dpt_hb_hib_1"), shot("dpt_hb_hib_2")))
    seen = day.preview(day.open_form(ws, child_id, TODAY), form, ws.rules)
    assert [doubt.sentences for doubt in seen.doubts] == [("DPT-HB-Hib 2 paling cepat 21/12/2026.",)]

"""What cards and doses say reaches every list at once: roster, midwife's list, child card, status line."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.visits import Visit
from posyandu_app.i18n import set_language
from posyandu_app.services import children, doses, registration, review, roster, sessions, visits, weighing
from posyandu_app.services.undoing import undo
from tests.services.conftest import siti

TODAY = date(2026, 11, 23)


@pytest.fixture
def child_id(ws):
    """A plain child of 20 months who was weighed today, and whose doses are all copied from the book."""
    made = next(iter(registration.register(ws, siti(birth_date=date(2025, 3, 20))).entities))
    for antigen in ("hb0", "bcg", "opv4", "dpt_hb_hib_4", "pcv3", "rv3", "ipv2", "mr2"):
        doses.record(ws, Dose(id="", child=made, date=date(2026, 10, 1), what="imunisasi", antigen=antigen))
    doses.record(ws, Dose(id="", child=made, date=date(2026, 8, 10), what="vitamin_a"))
    weighing.record(ws, made, Draft(TODAY, weight_g=10_500, length_mm=820))
    return made


def tone(ws, child_id):
    """The tone of a child, which every list must agree on."""
    card = children.open_card(ws, child_id).risk
    (row,) = [row for row in roster.rows(ws) if row.child.id == child_id]
    listed = [row for row in review.at_risk(ws) if row.child.id == child_id]
    assert row.risk == card
    assert [item.risk for item in listed] == ([card] if card.listed else [])
    assert review.counts(ws).tones[card.tone] == 1
    return card.tone


def texts(ws, child_id):
    return [reason.text for reason in children.open_card(ws, child_id).risk.reasons]


def ask(ws, child_id, **answers):
    return visits.record(ws, Visit(id="", child=child_id, date=TODAY, **answers))


def test_a_plain_child_is_well(ws, child_id):
    assert tone(ws, child_id) == Tone.BAIK


def test_a_danger_sign_makes_the_child_go_today(ws, child_id):
    tone(ws, child_id)
    changes = ask(ws, child_id, danger_signs=frozenset({"kejang"}))
    assert tone(ws, child_id) == Tone.RUJUK_SEGERA
    assert texts(ws, child_id) == ["Tanda bahaya: Kejang"]
    undo(ws, changes.undo)
    assert tone(ws, child_id) == Tone.BAIK


def test_two_tb_symptoms_refer_and_one_does_not(ws, child_id):
    ask(ws, child_id, tb_symptoms=frozenset({"batuk_dua_minggu"}))
    assert tone(ws, child_id) == Tone.BAIK
    ask(ws, child_id, tb_symptoms=frozenset({"batuk_dua_minggu", "kontak_tbc"}))
    assert tone(ws, child_id) == Tone.RUJUK
    assert texts(ws, child_id) == ["2 gejala TBC"]


def test_an_incomplete_checklist_refers_until_it_is_complete(ws, child_id):
    ask(ws, child_id, development="tidak_lengkap")
    assert tone(ws, child_id) == Tone.RUJUK
    ask(ws, child_id, development="lengkap")
    assert tone(ws, child_id) == Tone.BAIK


def test_a_correction_of_the_card_reaches_the_lists(ws, child_id):
    ask(ws, child_id, danger_signs=frozenset({"kejang"}))
    card = visits.on_day(ws, child_id, TODAY)
    visits.correct(ws, card.id, {"danger_signs": frozenset()})
    assert tone(ws, child_id) == Tone.BAIK
    visits.correct(ws, card.id, {"danger_signs": frozenset({"kejang"})})
    visits.void(ws, card.id)
    assert tone(ws, child_id) == Tone.BAIK


def test_a_missing_capsule_is_overdue_two_months_later(ws):
    made = next(iter(registration.register(ws, siti(birth_date=date(2026, 1, 20))).entities))
    weighing.record(ws, made, Draft(TODAY, weight_g=8200, length_mm=705))
    assert "Vitamin A belum diberikan" not in texts(ws, made)
    ws.clock.set(ws.clock.now().replace(year=2027, month=4, day=23))
    weighing.record(ws, made, Draft(date(2027, 4, 23), weight_g=9300, length_mm=745))
    assert "Vitamin A belum diberikan" in texts(ws, made)
    assert tone(ws, made) == Tone.WASPADA


def test_an_immunisation_due_before_this_posyandu_knew_the_child_accuses_nobody(ws):
    made = next(iter(registration.register(ws, siti(birth_date=date(2025, 3, 20))).entities))
    weighing.record(ws, made, Draft(TODAY, weight_g=10_500, length_mm=820))
    assert tone(ws, made) == Tone.BAIK
    ask(ws, made, book_copied=True)
    assert tone(ws, made) == Tone.WASPADA
    assert texts(ws, made)[0].startswith("Imunisasi terlambat: Polio tetes 1, DPT-HB-Hib 1")


def test_the_missing_dose_given_at_last_takes_the_child_off_the_list(ws, child_id):
    (pcv3,) = [dose for dose in doses.of_child(ws, child_id) if dose.antigen == "pcv3"]
    doses.void(ws, pcv3.id, "Anak lain")
    assert tone(ws, child_id) == Tone.BAIK
    ask(ws, child_id, book_copied=True)
    assert texts(ws, child_id) == ["Imunisasi terlambat: PCV 1"]
    for antigen, on in (("pcv1", date(2025, 5, 20)), ("pcv2", date(2025, 6, 20))):
        doses.record(ws, Dose(id="", child=child_id, date=on, what="imunisasi", antigen=antigen))
    assert texts(ws, child_id) == ["Imunisasi terlambat: PCV 3"]
    doses.record(ws, Dose(id="", child=child_id, date=TODAY, what="imunisasi", antigen="pcv3"))
    assert tone(ws, child_id) == Tone.BAIK


def test_tomorrow_is_judged_anew_though_nothing_was_saved(ws, child_id):
    assert tone(ws, child_id) == Tone.BAIK
    ws.clock.move(timedelta(days=8))
    assert tone(ws, child_id) == Tone.BELUM_DIUKUR


def test_closing_the_day_makes_the_absent_children_absent(ws, child_id):
    """Weighed with T in October and not here in November: said as soon as November's day is over."""
    for on, grams in ((date(2026, 9, 23), 10_400), (date(2026, 10, 23), 10_400)):
        weighing.record(ws, child_id, Draft(on, weight_g=grams, length_mm=815))
    (today,) = [m for m in children.open_card(ws, child_id).history if m.measurement.date == TODAY]
    weighing.void(ws, today.measurement.id)
    assert "Tidak ditimbang lagi setelah T pada Oktober 2026" not in texts(ws, child_id)
    sessions.open_day(ws, TODAY)
    assert "Tidak ditimbang lagi setelah T pada Oktober 2026" not in texts(ws, child_id)
    closed = sessions.close_day(ws, TODAY)
    assert "Tidak ditimbang lagi setelah T pada Oktober 2026" in texts(ws, child_id)
    undo(ws, closed.undo)
    assert "Tidak ditimbang lagi setelah T pada Oktober 2026" not in texts(ws, child_id)


def test_the_language_of_reasons_follows_the_screen(ws, child_id):
    ask(ws, child_id, danger_signs=frozenset({"kejang"}))
    assert texts(ws, child_id) == ["Tanda bahaya: Kejang"]
    set_language("en")
    assert texts(ws, child_id) == ["Danger sign: Convulsions"]


def test_the_child_card_hands_its_findings_to_the_preview(ws, child_id):
    ask(ws, child_id, danger_signs=frozenset({"kejang"}), development="tidak_lengkap")
    found = children.open_card(ws, child_id).findings
    assert (found.danger_signs, found.development_complete) == (("Kejang",), False)


def test_one_childs_card_says_nothing_about_another(ws, child_id):
    other = next(iter(registration.register(ws, siti(name="Bayu", birth_date=date(2025, 3, 20))).entities))
    weighing.record(ws, other, Draft(TODAY, weight_g=10_500, length_mm=820))
    ask(ws, child_id, danger_signs=frozenset({"kejang"}))
    assert children.open_card(ws, other).risk.tone == Tone.BAIK

"""One case by keys alone over real services: every step of the midwife, its undo, and wrong input."""

from datetime import date

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.cases import CaseState
from posyandu_app.domain.model import Role
from posyandu_app.domain.mtbs import MtbsClass
from posyandu_app.domain.reviews import Decision, Outcome, Step, Verdict
from posyandu_app.domain.visits import Referral
from posyandu_app.services import cases
from posyandu_app.storage import measurements
from posyandu_app.ui import letter_paper
from posyandu_app.ui.screens.case_state import Page
from tests import village
from tests.ui.test_layout import LOOKS, check

Key = Qt.Key
TODAY = date(2026, 11, 23)


class Desk:
    """The midwife before one child's case."""

    def __init__(self, hands, village_folder, name):
        self.hands, self.child = hands, village_folder.children[name]
        hands.main.go("review")
        hands.main.go("case", self.child)
        hands.settle()
        self.screen = hands.main.screen_of("case")

    @property
    def case(self):
        return cases.card(self.hands.app.workspace, self.child).case

    @property
    def weighings(self):
        found = measurements.of_child(self.hands.app.workspace.database, self.child)
        return [item for item in found if not item.voided]

    @property
    def last(self):
        return self.case.reviews[-1]

    def begin(self, key):
        self.hands.press(key)
        return self.screen.page


@pytest.fixture
def at(midwife, village_folder):
    return lambda name: Desk(midwife, village_folder, name)


def test_the_case_shows_why_since_when_values_and_the_next_step(at, midwife):
    desk = at("Bagas Saputra")
    assert midwife.text("case_header_name") == "Bagas Saputra"
    assert midwife.text("case_state") == "Baru"
    assert "sejak 20 Nov" in desk.screen.overview.reasons.accessibleName()
    assert "7,05 kg" in desk.screen.overview.values.accessibleName()
    assert desk.screen.overview.chart.indicator.value == "BB/TB", "what the worst reason is about"
    assert midwife.focus.objectName() == "case_next_step"
    assert desk.screen.overview.main.text() == "Periksa ukuran"
    midwife.press(Key.Key_F10)
    assert desk.screen.overview.chart.indicator.value == "IMT/U"


# --- confirming ---


def test_right_without_measuring_again_is_two_keys(at, midwife):
    desk = at("Citra Lestari")
    midwife.press(Key.Key_F9)
    assert desk.screen.page is Page.VERIFY
    midwife.press(Key.Key_F9)
    assert (desk.last.step, desk.last.verdict, desk.case.state) == (
        Step.VERIFY,
        Verdict.RIGHT,
        CaseState.VERIFIED,
    )
    assert midwife.text("undo_text") == "Ukuran diperiksa: Citra Lestari"
    midwife.ctrl(Key.Key_Z)
    assert desk.case.state is CaseState.NEW
    assert midwife.text("case_state") == "Baru"


def test_measuring_again_tells_the_difference_and_what_follows(at, midwife):
    desk = at("Citra Lestari")
    before = desk.weighings[-1]
    midwife.press(Key.Key_F9)
    midwife.enter("9,6")
    midwife.enter("85,7")
    midwife.enter("12,9")
    page = desk.screen.verify
    told = [verdict.words for verdict in page.boxes["weight_g"].verdicts]
    assert told == ["Kader: 8,8 kg", "800 g lebih berat"]
    assert [verdict.words for verdict in page.boxes["length_mm"].verdicts][1] == "sama"
    assert page.ways.accessibleName().endswith("Diukur baru hari ini")
    assert page.now.accessibleName() == "RUJUK SEGERA"
    assert page.then.accessibleName() != "RUJUK SEGERA"
    midwife.press(Key.Key_F9)
    assert [item.weight_g for item in desk.weighings[-2:]] == [before.weight_g, 9_600]
    assert desk.last.remeasured.weight_g == 9_600
    assert desk.last.recorded.weight_g == before.weight_g
    assert desk.case.state is CaseState.VERIFIED, "she had what followed on screen"
    midwife.ctrl(Key.Key_Z)
    assert desk.weighings[-1].weight_g == before.weight_g
    assert desk.case.state is CaseState.NEW


def test_a_slip_in_her_own_values_is_asked_about_once_and_never_blocks(at, midwife):
    desk = at("Citra Lestari")
    count = len(desk.weighings)
    midwife.press(Key.Key_F9)
    midwife.enter("84")
    midwife.press(Key.Key_F9)
    box = desk.screen.verify.boxes["weight_g"]
    assert box.error == "84 kg? Maksudnya 8,4 kg? Bila benar, tekan F9 sekali lagi."
    assert midwife.focus is box.edit
    assert len(desk.weighings) == count
    midwife.type("8,4")
    assert box.error == ""
    midwife.press(Key.Key_Escape)
    midwife.press(Key.Key_F9)
    midwife.enter("84")
    for _ in range(2):
        midwife.press(Key.Key_F9)
    assert [item.weight_g for item in desk.weighings[count:]] == [84_000]
    assert desk.weighings[-1].confirmed, "that she was asked is written down"


def test_her_values_take_the_place_of_the_kaders_when_she_says_so(at, midwife):
    desk = at("Citra Lestari")
    midwife.press(Key.Key_F9)
    for text in ("8,9", "", "", ""):
        midwife.enter(text)
    midwife.press(Key.Key_Return)
    assert midwife.focus.objectName() == "verify_verdict"
    midwife.press(Key.Key_2)
    assert midwife.text("verify_meaning").startswith("Ukuran bidan menggantikan ukuran kader.")
    midwife.press(Key.Key_F9)
    assert desk.weighings[-1].weight_g == 8_900
    assert desk.weighings[-1].date == date(2026, 11, 20)


def test_a_weighing_that_was_wrong_no_longer_counts(at, midwife):
    desk = at("Citra Lestari")
    count = len(desk.weighings)
    midwife.press(Key.Key_F9)
    desk.screen.verify.ways.setFocus()
    midwife.press(Key.Key_4)
    midwife.press(Key.Key_F9)
    assert len(desk.weighings) == count - 1
    midwife.ctrl(Key.Key_Z)
    assert len(desk.weighings) == count


@pytest.mark.parametrize("text", ["delapan", "-3", "0", "8,,4", "😀", "9" * 200])
def test_what_cannot_be_read_is_told_at_its_field_and_nothing_is_saved(at, midwife, text):
    desk = at("Citra Lestari")
    reviews = len(desk.case.reviews)
    midwife.press(Key.Key_F9)
    midwife.paste(text)
    midwife.press(Key.Key_F9)
    box = desk.screen.verify.boxes["weight_g"]
    assert box.error
    assert midwife.focus is box.edit
    assert desk.screen.page is Page.VERIFY
    assert len(desk.case.reviews) == reviews


def test_oedema_that_the_kader_saw_is_never_lost_by_silence(at, midwife):
    desk = at("Bagas Saputra")
    midwife.press(Key.Key_F9)
    for text in ("7,0", "78,1", "11,1"):
        midwife.enter(text)
    midwife.press(Key.Key_F9)
    assert midwife.text("verify_message").startswith("Kader mencatat bengkak +1.")
    assert midwife.focus.objectName() == "verify_oedema"
    assert desk.weighings[-1].weight_g == 7_050
    midwife.type("2")
    midwife.press(Key.Key_F9)
    assert (desk.weighings[-1].weight_g, desk.weighings[-1].oedema) == (7_000, 2)


# --- deciding ---


def decide(hands):
    """To the second step."""
    hands.press(Key.Key_K)
    hands.press(Key.Key_F9)


def test_mtbs_proposes_by_what_was_found_and_says_its_rule(at, midwife):
    desk = at("Bagas Saputra")
    midwife.press(Key.Key_K)
    assert desk.screen.page is Page.EXAM
    assert midwife.text("exam_class") == "Gizi buruk tanpa komplikasi"
    assert "Uji nafsu makan" in midwife.text("exam_missing")
    assert midwife.text("exam_rule").startswith("Aturan: bagan MTBS, status gizi umur 6 sampai 59 bulan")
    midwife.press(Key.Key_Return)
    midwife.type("t")
    assert midwife.text("exam_class") == "Gizi buruk dengan komplikasi"
    assert "Tidak lulus uji nafsu makan" in midwife.text("exam_findings")
    midwife.press(Key.Key_F9)
    ticks = {item for item, tick in desk.screen.plan.ticks.items() if tick.isChecked()}
    assert ticks == {Decision.REFER_TODAY}
    assert desk.screen.plan.place.accessibleName() == "Dirujuk ke: Rumah sakit"
    assert "vitamin A 200.000 IU" in midwife.text("plan_action")


def test_a_same_day_referral_leads_to_its_letter_as_pdf(at, midwife, tmp_path):
    desk = at("Bagas Saputra")
    desk.screen.printer.folder = tmp_path / "surat"
    opened = []
    desk.screen.printer.show = opened.append
    midwife.press(Key.Key_K)
    midwife.press(Key.Key_Return)
    midwife.type("t")
    midwife.press(Key.Key_F9)
    midwife.press(Key.Key_F9)
    assert (desk.last.step, desk.last.mtbs, desk.last.place) == (
        Step.DECIDE,
        MtbsClass.COMPLICATED,
        Referral.HOSPITAL,
    )
    assert desk.screen.page is Page.LETTER
    paper = desk.screen.letter.sheet.accessibleName()
    for part in ("SURAT RUJUKAN BALITA", "RUJUKAN SEGERA", "Bagas Saputra", "7,05 kg", "+1", "Rina Marlina"):
        assert part in paper
    assert "LiLA 11,2 cm" in midwife.text("letter_content")
    assert not desk.screen.letter.show_file.isVisible()
    midwife.press(Key.Key_F9)
    (path,) = (tmp_path / "surat").iterdir()
    assert path.read_bytes().startswith(b"%PDF")
    assert path.read_bytes().count(b"/Type /Page\n") == 1
    assert path.name in midwife.text("letter_saved")
    midwife.press(Key.Key_O)
    assert opened == [path]
    midwife.press(Key.Key_Escape)
    assert midwife.text("case_state") == "Tindak lanjut"
    midwife.press(Key.Key_S)
    assert desk.screen.page is Page.LETTER, "a letter can be printed again"
    midwife.press(Key.Key_Escape)
    midwife.ctrl(Key.Key_Z)
    assert desk.case.state is CaseState.NEW


def test_no_line_of_the_letters_words_is_cut_in_large_text(start, village_folder):
    from PySide6.QtWidgets import QLabel

    hands = start(village_folder.folder, text_size="large")
    assert hands.app.unlock(village.LABEL, village.PASSWORD)
    hands.settle()
    desk = Desk(hands, village_folder, "Bagas Saputra")
    hands.press(Key.Key_K)
    hands.press(Key.Key_Return)
    hands.type("t")
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F9)
    assert desk.screen.page is Page.LETTER
    for name in ("letter_about", "letter_content"):
        label = desk.screen.letter.findChild(QLabel, name)
        assert label.height() >= label.heightForWidth(label.width()), name
    assert "vitamin A" in hands.text("letter_content"), "what to give before leaving is told too"


def test_a_letter_that_cannot_be_written_says_so(at, midwife, tmp_path):
    desk = at("Hafiz Maulana")
    (tmp_path / "file").write_text("x")
    desk.screen.printer.folder = tmp_path / "file"
    midwife.press(Key.Key_S)
    assert desk.screen.page is Page.LETTER
    midwife.press(Key.Key_F9)
    assert "tidak dapat disimpan" in midwife.text("undo_text")
    assert not desk.screen.letter.show_file.isVisible()


def test_days_and_revisit_come_from_the_rules_and_can_be_changed(at, midwife):
    desk = at("Citra Lestari")
    desk.hands.press(Key.Key_K)
    desk.screen.exam.feeding.setFocus()
    midwife.press(Key.Key_F9)
    plan = desk.screen.plan
    assert midwife.text("plan_class") == "Gizi buruk tanpa komplikasi"
    assert plan.revisit.text() == "30/11/2026", "gizi buruk: seven days"
    plan.revisit.edit.setFocus()
    plan.revisit.edit.selectAll()
    midwife.type("1 des 2026")
    midwife.press(Key.Key_F9)
    assert desk.case.revisit_on == date(2026, 12, 1)
    assert desk.case.state is CaseState.FOLLOW_UP


def test_2t_alone_is_proposed_for_the_puskesmas_with_food_of_its_days(at, midwife):
    desk = at("Dimas Prasetyo")
    decide(midwife)
    plan = desk.screen.plan
    ticks = {item for item, tick in plan.ticks.items() if tick.isChecked()}
    assert ticks == {Decision.REFER, Decision.COUNSEL, Decision.PMT}
    assert plan.days.text() == "14"
    assert plan.place.accessibleName() == "Dirujuk ke: Puskesmas"
    midwife.press(Key.Key_F9)
    assert (desk.last.pmt_days, desk.last.place) == (14, Referral.PUSKESMAS)


@pytest.mark.parametrize(
    ("name", "text", "note"),
    [
        ("pmt_days", "empat belas", "1 sampai 366"),
        ("pmt_days", "400", "1 sampai 366"),
        ("pmt_days", "", "1 sampai 366"),
        ("revisit_on", "kemarin", "tidak terbaca"),
        ("revisit_on", "22/11/2026", "antara hari ini"),
        ("revisit_on", "31/2/2027", "tidak ada"),
    ],
)
def test_a_wrong_plan_is_told_at_its_field_and_stays(at, midwife, name, text, note):
    desk = at("Dimas Prasetyo")
    decide(midwife)
    field = {"pmt_days": desk.screen.plan.days, "revisit_on": desk.screen.plan.revisit}[name]
    field.edit.setFocus()
    field.edit.selectAll()
    if text:
        midwife.type(text)
    else:
        midwife.press(Key.Key_Delete)
    midwife.press(Key.Key_F9)
    assert note in midwife.text(f"plan_{name}_note")
    assert midwife.focus is field.edit
    assert desk.case.state is CaseState.NEW
    assert field.text() == text


def test_nothing_ticked_is_no_decision(at, midwife):
    desk = at("Dimas Prasetyo")
    decide(midwife)
    for tick in desk.screen.plan.ticks.values():
        if tick.isChecked():
            tick.setFocus()
            midwife.press(Key.Key_Space)
    midwife.press(Key.Key_F9)
    assert midwife.text("plan_message") == "Pilih paling sedikit satu tindakan."
    assert desk.case.state is CaseState.NEW


def test_esc_goes_back_one_page_at_a_time_and_keeps_what_was_found(at, midwife):
    desk = at("Bagas Saputra")
    midwife.press(Key.Key_K)
    midwife.press(Key.Key_Return)
    midwife.type("t")
    midwife.press(Key.Key_F9)
    midwife.press(Key.Key_Escape)
    assert desk.screen.page is Page.EXAM
    assert midwife.text("exam_class") == "Gizi buruk dengan komplikasi"
    midwife.press(Key.Key_Escape)
    assert desk.screen.page is Page.OVERVIEW
    midwife.press(Key.Key_Escape)
    assert midwife.main.place == "review"


# --- what came of it ---


def test_an_outcome_with_the_next_revisit_and_its_undo(at, midwife):
    desk = at("Rafi Alfarizi")
    desk.screen.turn_to(Page.OUTCOME)
    midwife.settle()
    assert midwife.focus.objectName() == "say_outcome"
    midwife.press(Key.Key_F9)
    assert midwife.text("say_message") == "Pilih hasil tindak lanjut."
    midwife.press(Key.Key_1)
    midwife.press(Key.Key_Return)
    assert midwife.focus.objectName() == "say_revisit_on"
    midwife.focus.selectAll()
    midwife.enter("14/12/2026")
    midwife.enter("berat naik 300 g")
    midwife.press(Key.Key_F9)
    assert (desk.last.outcome, desk.last.note) == (Outcome.BETTER, "berat naik 300 g")
    assert desk.case.revisit_on == date(2026, 12, 14)
    assert midwife.text("undo_text") == "Hasil dicatat: Rafi Alfarizi"
    midwife.ctrl(Key.Key_Z)
    assert desk.case.revisit_on == date(2026, 11, 30)


def test_a_case_is_closed_reopened_with_its_reason_and_both_are_undone(at, midwife):
    desk = at("Aisyah Putri")
    assert midwife.text("case_state") == "Selesai"
    assert desk.screen.overview.main.text() == "Buka kembali"
    midwife.press(Key.Key_F9)
    midwife.press(Key.Key_F9)
    assert midwife.text("say_note_note") == "Tulis mengapa kasus dibuka kembali."
    midwife.type("ibu melapor anak sakit lagi")
    midwife.press(Key.Key_F9)
    assert desk.case.state is CaseState.VERIFIED
    assert midwife.text("case_state") == "Dibuka kembali"
    midwife.press(Key.Key_T)
    assert "Sembuh" not in desk.screen.say.ways.ways, "pendek still stands"
    assert midwife.text("say_lead").startswith("Belum bisa ditutup sebagai sembuh")
    midwife.press(Key.Key_1)
    midwife.press(Key.Key_F9)
    assert desk.case.state is CaseState.RESOLVED
    midwife.ctrl(Key.Key_Z)
    assert desk.case.state is CaseState.VERIFIED


def test_the_history_tells_every_deed_newest_first(at, midwife):
    desk = at("Hafiz Maulana")
    model = desk.screen.overview.model
    what, who = model.deed(0)
    assert what == "Rujuk ke Puskesmas; PMT 56 hari; kontrol 20/11/2026"
    assert who == "06/11/2026 · Rina Marlina"
    midwife.press(Key.Key_C)
    midwife.type("keluarga setuju berangkat besok")
    midwife.press(Key.Key_F9)
    assert model.deed(0)[0] == "keluarga setuju berangkat besok"
    assert desk.case.state is CaseState.FOLLOW_UP, "a note moves nothing"


def test_what_arrives_by_sync_is_shown_at_once(at, midwife):
    desk = at("Hafiz Maulana")
    ws = midwife.app.workspace
    midwife.main.desk.do(lambda _: cases.close(ws, desk.child, Outcome.TREATED))
    midwife.settle()
    assert midwife.text("case_state") == "Selesai"


def test_a_childs_card_is_one_key_away(at, midwife):
    at("Hafiz Maulana")
    midwife.ctrl(Key.Key_Return)
    assert midwife.main.place == "child"


def test_the_puskesmas_confirms_and_leaves_measurements_alone(midwife, village_folder):
    ws = midwife.app.workspace
    ws.user = type(ws.user)(ws.user.id, "Pak Asep", Role.TPG)
    desk = Desk(midwife, village_folder, "Citra Lestari")
    midwife.press(Key.Key_F9)
    assert desk.screen.verify.ways.ways == ("Ukuran kader benar",)
    midwife.enter("8,7")
    midwife.press(Key.Key_F9)
    assert desk.weighings[-1].weight_g == 8_800
    assert (desk.last.role, desk.last.remeasured.weight_g) == (Role.TPG, 8_700)


def test_the_letter_fits_one_page_whatever_was_written(midwife, village_folder):
    from dataclasses import replace

    from posyandu_app.services import referral

    letter = referral.letter(midwife.app.workspace, village_folder.children["Hafiz Maulana"])
    long = replace(
        letter,
        reasons=tuple(f"Alasan ke-{number} <b>& tanda</b> " + "panjang " * 12 for number in range(8)),
        findings=tuple("temuan " * 9 for _ in range(10)),
        before_leaving=tuple("sebelum berangkat " * 6 for _ in range(3)),
        decided="keputusan " * 40,
    )
    document = letter_paper.fitted(long)
    assert document.size().height() <= letter_paper.HEIGHT - 2 * 56
    assert "<b>& tanda</b>" in document.toPlainText(), "what people typed is not markup"
    assert letter_paper.fitted(letter).defaultFont().pixelSize() >= 13, "10 points when there is room"


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_of_a_case_fits_the_laptop_in_every_look(start, village_folder, look):
    hands = start(village_folder.folder, **look)
    assert hands.app.unlock(village.LABEL, village.PASSWORD)
    hands.settle()
    desk = Desk(hands, village_folder, "Hafiz Maulana")
    check(hands)
    for page in (Page.VERIFY, Page.EXAM, Page.PLAN, Page.LETTER, Page.OUTCOME, Page.CLOSE, Page.NOTE):
        desk.screen.turn_to(page)
        hands.settle()
        assert desk.screen.page is page
        large_forms = look["text_size"] == "large" and page in (Page.VERIFY, Page.EXAM, Page.PLAN)
        check(hands, scrolling=large_forms)

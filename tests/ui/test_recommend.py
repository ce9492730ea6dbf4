"""Recommendations on screen: who receives them answers, who sends them sees what has become of it."""

import time
from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from posyandu_app.domain import regions
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.domain.recommendations import AnswerState, Figure, Progress
from posyandu_app.domain.reports_check import Item, Verdict
from posyandu_app.reports.prevalence import By
from posyandu_app.reports.recommend import Rule
from posyandu_app.services import monthly_reports, roster
from posyandu_app.services import recommendations as rec
from posyandu_app.ui.analysis.state import View
from posyandu_app.ui.screens.recommend_state import Part
from posyandu_app.ui.widgets.suggest import Suggestion
from tests import offices
from tests.ui.conftest import Hands

Key = Qt.Key
VILLAGE, MELATI = offices.scope_of(Role.BIDAN), offices.scope_of(Role.KADER)
KECAMATAN = offices.scope_of(Role.TPG)
IN_JULY = offices.NOW.replace(month=7)


@pytest.fixture
def clock():
    return FixedClock(offices.NOW)


@pytest.fixture
def at(start, tmp_path):
    """The app of one role, unlocked, over the made-up district."""

    def begin(role: Role, **look) -> Hands:
        hands = start(offices.make(tmp_path / role, role), **look)
        assert hands.app.unlock(offices.LABELS[role], offices.PASSWORD)
        hands.settle()
        return hands

    return begin


def sent(hands, text="Kunjungi semua yang absen", role=Role.DINAS, at=None, **more) -> str:
    """Something that an office has sent, as if it had come by sync."""
    with offices.somebody(hands.app.workspace, role) as office:
        if at is not None:
            office.clock = FixedClock(at)
        more.setdefault("scope", None if "child_id" in more else VILLAGE)
        changes = rec.send(office, text, **more)
    hands.main._received(changes)
    hands.settle()
    return next(entity for entity in changes.entities if entity != more.get("child_id"))


def answers(hands, wanted):
    return rec.one(hands.app.workspace, wanted).status.answers


def shown(hands):
    return [line.title for line in hands.main.screen_of("recommend").model.rows]


def badge(hands):
    return hands.main.rail.findChild(object, "place_recommend").accessibleDescription()


def test_a_kader_sees_reads_and_answers_what_the_dinas_asks(at):
    hands = at(Role.KADER)
    wanted = sent(hands, due_on=date(2026, 12, 3))
    assert badge(hands) == "1", "the rail tells before she looks"
    hands.go("recommend")
    assert shown(hands) == ["Untuk Bojongloa"]
    assert answers(hands, wanted) == (), "a list in sight is not yet read"
    hands.press(Key.Key_Return)
    assert hands.main.place == "recommendation"
    assert hands.text("recommendation_text") == "Kunjungi semua yang absen"
    assert hands.text("recommendation_due") == "Tenggat 3 Des"
    (seen,) = answers(hands, wanted)
    assert (seen.state, seen.by, seen.scope) == (AnswerState.SEEN, "Sari", MELATI)
    hands.type("semua dikunjungi")
    hands.press(Key.Key_F9)
    assert hands.main.place == "recommend"
    assert (answers(hands, wanted)[-1].state, answers(hands, wanted)[-1].note) == (
        AnswerState.DONE,
        "semua dikunjungi",
    )
    assert shown(hands) == []
    assert hands.text("undo_text") == "Rekomendasi: Sudah dikerjakan"
    assert badge(hands) == ""
    hands.ctrl(Key.Key_Z)
    assert shown(hands) == ["Untuk Bojongloa"], "an answer given by mistake is taken back"
    assert badge(hands) == "1"


def test_opening_twice_is_seen_once(at):
    hands = at(Role.KADER)
    wanted = sent(hands)
    hands.go("recommend")
    for _ in range(2):
        hands.press(Key.Key_Return)
        hands.press(Key.Key_Escape)
    assert len(answers(hands, wanted)) == 1


def test_who_cannot_must_say_why_and_keeps_what_was_typed(at):
    hands = at(Role.KADER)
    wanted = sent(hands)
    hands.go("recommend")
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F6)
    assert hands.main.place == "recommendation"
    assert hands.text("recommendation_note_note") == "Tulis mengapa tidak bisa dikerjakan."
    assert hands.focus.objectName() == "recommendation_note"
    hands.paste("jalan putus\x00 sejak \u200bsenin")
    hands.press(Key.Key_F6)
    last = answers(hands, wanted)[-1]
    assert (last.state, last.note) == (AnswerState.CANNOT, "jalan putus sejak senin")
    hands.press(Key.Key_2)
    assert shown(hands) == ["Untuk Bojongloa"]
    assert hands.main.screen_of("recommend").model.row(0).right == "Tidak bisa 23 Nov"


def test_a_note_that_is_too_long_is_cut_as_it_is_pasted(at):
    hands = at(Role.KADER)
    sent(hands)
    hands.go("recommend")
    hands.press(Key.Key_Return)
    hands.paste("x" * 5000)
    assert len(hands.main.screen_of("recommendation").note.text()) == 500


def test_overdue_comes_first_and_says_so_in_words(at):
    hands = at(Role.BIDAN)
    sent(hands, "yang baru", due_on=date(2026, 12, 1))
    clock = hands.app.clock
    clock.set(offices.NOW - timedelta(days=10))
    sent(hands, "yang lama", due_on=date(2026, 11, 20))
    clock.set(offices.NOW)
    hands.go("recommend")
    lines = hands.main.screen_of("recommend").model.rows
    assert [(line.text, line.right, line.icon) for line in lines] == [
        ("yang lama", "Lewat 3 hari", "clock-alert"),
        ("yang baru", "Tenggat 1 Des", "mail"),
    ]


def test_about_a_child_leads_to_her_card_and_back(at):
    hands = at(Role.KADER)
    child = roster.expected_children(hands.app.workspace)[0]
    sent(hands, "Ukur ulang tinggi", Role.TPG, child_id=child.id)
    hands.go("recommend")
    hands.press(Key.Key_Return)
    assert hands.text("recommendation_to").startswith(child.name)
    hands.ctrl(Key.Key_Return)
    assert (hands.main.place, hands.text("child_header_name")) == ("child", child.name)


def test_the_day_says_quietly_that_something_waits(at):
    hands = at(Role.KADER)
    hands.go("day")
    assert hands.text("day_asked") == ""
    sent(hands)
    hands.go("day")
    assert hands.text("day_asked").startswith("1 permintaan menunggu jawaban")


def test_nothing_to_answer_says_what_that_means(at):
    hands = at(Role.KADER)
    hands.go("recommend")
    assert "Tidak ada yang perlu dijawab" in hands.main.screen_of("recommend").empty.accessibleName()
    hands.press(Key.Key_Return)
    assert hands.main.place == "recommend"


def test_the_dinas_writes_to_a_posyandu_found_by_typing(at):
    hands = at(Role.DINAS)
    hands.go("recommend")
    assert "Belum ada rekomendasi" in hands.main.screen_of("recommend").empty.accessibleName()
    hands.ctrl(Key.Key_N)
    hands.enter("melati 2")
    assert hands.focus.objectName() == "recommend_text"
    hands.type("Tera timbangan")
    hands.press(Key.Key_Tab)
    hands.type("1/12/2026")
    hands.press(Key.Key_F9)
    assert hands.main.place == "recommend"
    assert hands.text("undo_text") == "Rekomendasi dikirim: Melati 2"
    (row,) = rec.listed(hands.app.workspace)
    item = row.status.recommendation
    assert (item.scope, item.text, item.due_on, item.by) == (
        offices.world().scopes[1],
        "Tera timbangan",
        date(2026, 12, 1),
        "Ibu Dewi",
    )
    hands.ctrl(Key.Key_Z)
    assert rec.listed(hands.app.workspace) == ()


def test_wrong_inputs_are_told_at_their_field_and_stay(at):
    hands = at(Role.DINAS)
    hands.go("recommend")
    hands.ctrl(Key.Key_N)
    hands.press(Key.Key_F9)
    assert hands.text("recommend_to_note").startswith("Pilih kepada siapa")
    hands.enter("tidak ada tempat begini")
    assert hands.text("recommend_to_note") == "Pilih dari yang ditawarkan."
    hands.focus.selectAll()
    hands.enter("melati 1")
    hands.press(Key.Key_F9)
    assert hands.text("recommend_text_note") == "Tulis rekomendasinya."
    assert hands.focus.objectName() == "recommend_text"
    hands.type("Tera timbangan")
    hands.press(Key.Key_Tab)
    for typed, told in (
        ("besok", "Tanggal tidak terbaca"),
        ("22/11/2026", "Tenggat 22/11/2026 harus"),
        ("23/11/2028", "Tenggat 23/11/2028 harus"),
    ):
        hands.focus.selectAll()
        hands.type(typed)
        hands.press(Key.Key_F9)
        assert hands.text("recommend_due_note").startswith(told)
        assert hands.main.screen_of("recommend_write").due.text() == typed
    assert rec.listed(hands.app.workspace) == ()
    hands.focus.selectAll()
    hands.type("24/11/2026")
    hands.press(Key.Key_F9)
    assert len(rec.listed(hands.app.workspace)) == 1


def test_half_a_letter_waits_when_one_looks_something_up(at):
    hands = at(Role.DINAS)
    hands.go("recommend")
    hands.ctrl(Key.Key_N)
    hands.enter("melati 1")
    hands.type("Tera tim")
    hands.press(Key.Key_Escape)
    hands.ctrl(Key.Key_N)
    assert hands.main.screen_of("recommend_write").text.text() == "Tera tim"


def test_a_puskesmas_finds_a_child_by_name(at):
    hands = at(Role.TPG)
    child = roster.expected_children(hands.app.workspace)[0]
    hands.go("recommend")
    hands.ctrl(Key.Key_N)
    hands.type(child.name[:6])
    hands.wait(300)
    to = hands.main.screen_of("recommend_write").to
    assert child.name in [offer.words for offer in to._found]


def test_a_change_that_chance_explains_is_not_called_one(at):
    """19 of 25 and then a few per cent more: too few children to tell."""
    hands = at(Role.DINAS)
    figure = Figure(
        code="d_s", area=MELATI, first="2026-06", last="2026-06", value=680, count=17, of=25, label="D/S"
    )
    wanted = sent(hands, figures=[figure], scope=MELATI, at=IN_JULY)
    hands.main.go("recommendation", wanted)
    hands.settle()
    since = hands.text("recommendation_since")
    assert "Oktober 2026: " in since
    assert since.endswith("mungkin kebetulan")


@pytest.mark.parametrize(
    ("on", "now"),
    [
        (offices.NOW, "November 2026 (belum selesai): 0,0 % (0 dari 78"),
        (offices.NOW.replace(month=10, day=30), "Oktober 2026 (bulan dikirim): "),
        (IN_JULY, "Oktober 2026: "),
    ],
)
def test_what_was_over_when_it_was_sent_is_no_change_since(at, on, now):
    hands = at(Role.TPG)
    figure = Figure(
        code="d_s", area=VILLAGE, first="2026-06", last="2026-06", value=500, count=40, of=80, label="D/S"
    )
    wanted = sent(hands, figures=[figure], at=on)
    hands.main.go("recommendation", wanted)
    hands.settle()
    since = hands.text("recommendation_since")
    assert now in since
    assert since.endswith("→ belum dapat dibandingkan" if "belum selesai" in now else "→ membaik")


def test_the_receiver_reads_of_when_the_figures_are(at):
    hands = at(Role.KADER)
    months = ("2026-09", "2026-10")
    given = [Figure(code="d_s", area=MELATI, first=m, last=m, value=500, label="D/S") for m in months]
    for figures, head in ((given[1:], "Berdasarkan angka Okt 2026"), (given, "Berdasarkan angka")):
        wanted = sent(hands, figures=figures)
        hands.main.go("recommendation", wanted)
        hands.settle()
        assert hands.text("recommendation_figures_head") == head


def test_the_dinas_reads_no_small_number_in_what_a_puskesmas_has_sent(at):
    figure = Figure(
        code="severe_wasting", area=MELATI, first="2026-10", last="2026-10", value=24, count=1, of=41,
        label="Gizi buruk", shown="2,4 % (1 dari 41)",
    )  # fmt: skip
    told = {}
    for role in (Role.DINAS, Role.TPG):
        hands = at(role)
        wanted = sent(hands, "Periksa yang gizi buruk", Role.TPG, scope=MELATI, figures=[figure])
        hands.main.go("recommendation", wanted)
        hands.settle()
        told[role] = hands.text("recommendation_figures") + hands.text("recommendation_since")
    assert "1 dari 41" not in told[Role.DINAS]
    assert "Gizi buruk: ada, jumlahnya kecil" in told[Role.DINAS]
    assert "1 dari 41" in told[Role.TPG]


def test_a_long_note_of_an_answer_is_read_whole_by_who_asked(at):
    hands = at(Role.DINAS)
    wanted = sent(hands, scope=MELATI)
    note = "semua rumah sudah dikunjungi, dua keluarga sedang pindah ke rumah nenek sampai akhir bulan"
    ws = hands.app.workspace
    ws.database.set_meta("scope", MELATI)
    with offices.somebody(ws, Role.KADER) as kader:
        rec.answer(kader, wanted, AnswerState.DONE, note)
    ws.database.set_meta("scope", offices.scope_of(Role.DINAS))
    hands.main.go("recommendation", wanted)
    hands.settle()
    one = hands.main.screen_of("recommendation")
    line = next(line for line in one.model.rows if line.text)
    assert line.text == note
    assert "".join(one.list.itemDelegate()._wrapped(line, one.list.width())).count("…") == 0


def test_from_elsewhere_a_letter_begins_with_its_receiver(at):
    hands = at(Role.TPG)
    hands.app.desk.go("recommend", VILLAGE)
    hands.settle()
    write = hands.main.screen_of("recommend_write")
    assert (hands.main.place, write.to.text(), hands.focus.objectName()) == (
        "recommend_write",
        "Bojongloa",
        "recommend_text",
    )
    child = roster.expected_children(hands.app.workspace)[0]
    hands.app.desk.go("recommend", child.id)
    hands.settle()
    assert write.to.text() == child.name
    hands.type("Periksa PMT")
    hands.press(Key.Key_F9)
    (row,) = rec.listed(hands.app.workspace)
    assert (row.child.id, row.status.recommendation.text) == (child.id, "Periksa PMT")


def test_for_a_kader_the_same_way_shows_what_is_asked_about_the_child(at):
    hands = at(Role.KADER)
    child = roster.expected_children(hands.app.workspace)[0]
    sent(hands, "untuk semua", due_on=date(2026, 11, 24))
    wanted = sent(hands, "Ukur ulang tinggi", Role.TPG, child_id=child.id)
    hands.app.desk.go("recommend", child.id)
    hands.settle()
    assert hands.main.screen_of("recommend").state.chosen == wanted


def test_a_proposal_says_its_rule_and_figures_and_is_edited_before_it_goes(at):
    hands = at(Role.TPG)
    hands.go("recommend")
    hands.ctrl(Key.Key_U)
    proposals = hands.main.screen_of("proposals")
    assert proposals.found
    first = proposals.found[0]
    assert hands.text("proposal_text") == first.text
    assert hands.text("proposal_why") == first.rule.explanation
    assert "dari" in hands.text("proposal_figures")
    hands.press(Key.Key_Return)
    assert hands.main.place == "recommend_write"
    assert hands.text("recommend_why") == first.rule.explanation
    assert rec.listed(hands.app.workspace) == (), "nothing goes out by itself"
    hands.press(Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    hands.type(" Minggu ini.")
    hands.press(Key.Key_F9)
    (row,) = rec.listed(hands.app.workspace)
    item = row.status.recommendation
    assert item.text == first.text + " Minggu ini."
    assert item.scope == first.area
    assert [figure.code for figure in item.figures] == [evidence.code for evidence in first.evidence]
    assert item.due_on == offices.NOW.date() + timedelta(days=first.due_days)


def begun_from_proposal(hands, rule, area=None):
    """The form of a proposal of that rule, taken by keys; the proposals of all its areas."""
    hands.go("recommend")
    hands.ctrl(Key.Key_U)
    screen = hands.main.screen_of("proposals")
    found = [item for item in screen.found if item.rule is rule]
    wanted = next(item for item in found if area in (None, item.area))
    hands.press(Key.Key_Home)
    for _ in range(screen.found.index(wanted)):
        hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    assert hands.main.place == "recommend_write"
    return wanted, found


def send_to(hands, name):
    """Another receiver, by name."""
    write = hands.main.screen_of("recommend_write")
    write.to.edit.setFocus()
    write.to.edit.selectAll()
    hands.enter(name)
    assert write.to.text().casefold() == name.casefold()
    return write


def edit_and_send(hands):
    """A sentence of one's own, then F9."""
    write = hands.main.screen_of("recommend_write")
    write.text.edit.setFocus()
    write.text.edit.selectAll()
    hands.type("Simpan penimbangan pada hari yang sama")
    hands.press(Key.Key_F9)


def test_to_another_posyandu_goes_its_own_figure_and_sentence(at):
    hands = at(Role.TPG)
    first, found = begun_from_proposal(hands, Rule.TWO_T)
    other = next(item for item in found if item.area != first.area)
    send_to(hands, other.label)
    assert hands.text("recommend_note") == f"Angka dan kalimat kini tentang {other.label}."
    shown_figures = hands.text("recommend_figures")
    assert hands.text("recommend_why") == other.rule.explanation
    hands.press(Key.Key_F9)
    (row,) = rec.listed(hands.app.workspace)
    item = row.status.recommendation
    assert (item.scope, item.text) == (other.area, other.text)
    (figure,), (evidence,) = item.figures, other.evidence
    assert (figure.area, figure.value, figure.of) == (other.area, evidence.value, evidence.of)
    assert shown_figures == f"{figure.label}: {figure.told}"


def test_words_of_a_person_stay_when_the_figure_becomes_anothers(at):
    hands = at(Role.TPG)
    first, found = begun_from_proposal(hands, Rule.TWO_T)
    other = next(item for item in found if item.area != first.area)
    hands.press(Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    hands.type(" Minggu ini.")
    write = send_to(hands, other.label)
    assert write.text.text() == f"{first.text} Minggu ini."
    assert "Kalimat Anda tidak diubah" in hands.text("recommend_note")
    send_to(hands, first.label)
    assert hands.text("recommend_note") == ""
    assert write.text.text() == f"{first.text} Minggu ini."
    hands.press(Key.Key_F9)
    (row,) = rec.listed(hands.app.workspace)
    assert [one.area for one in row.status.recommendation.figures] == [first.area]


def test_to_an_area_where_the_rule_does_not_speak_goes_its_figure_without_the_reason(at):
    hands = at(Role.TPG)
    begun_from_proposal(hands, Rule.LATE_RECORDS)
    send_to(hands, "bojongloa")
    assert hands.text("recommend_note").startswith("Angka kini dari Bojongloa.")
    assert hands.text("recommend_why") == ""
    hands.press(Key.Key_F9)
    assert rec.listed(hands.app.workspace) == (), "its sentence names the posyandu"
    assert hands.text("recommend_text_note") == "Kalimat ini masih tentang wilayah lain. Ubah dulu."
    assert hands.focus.objectName() == "recommend_text"
    edit_and_send(hands)
    (row,) = rec.listed(hands.app.workspace)
    (figure,) = row.status.recommendation.figures
    assert (row.status.recommendation.scope, figure.code, figure.area) == (VILLAGE, "late", VILLAGE)


def test_about_a_child_goes_no_figure_of_an_area(at):
    hands = at(Role.TPG)
    begun_from_proposal(hands, Rule.LOW_ATTENDANCE)
    child = roster.expected_children(hands.app.workspace)[0]
    write = hands.main.screen_of("recommend_write")
    write.to.edit.setFocus()
    write.to.edit.selectAll()
    hands.type(child.name)
    hands.wait(400)
    write.to.choose(next(offer for offer in write.to._found if offer.key == f"child:{child.id}"))
    hands.settle()
    assert hands.text("recommend_note").startswith("Tanpa angka: yang ada tentang wilayah")
    assert hands.text("recommend_figures") == ""
    edit_and_send(hands)
    (row,) = rec.listed(hands.app.workspace)
    assert (row.status.recommendation.child, row.status.recommendation.figures) == (child.id, ())


def test_a_figure_that_is_not_there_for_the_receiver_is_left_behind_and_told(at):
    hands = at(Role.DINAS)
    begun_from_proposal(hands, Rule.LOW_ATTENDANCE)
    empty = next(
        region
        for region in regions.search("", regions.Level.KECAMATAN, offices.scope_of(Role.DINAS), 30)
        if region.code != KECAMATAN
    )
    send_to(hands, empty.name)
    assert hands.text("recommend_note") == (
        f"Tanpa angka: untuk {empty.name} angka ini tidak ada. Periksa kalimatnya."
    )
    edit_and_send(hands)
    (row,) = rec.listed(hands.app.workspace)
    assert (row.status.recommendation.scope, row.status.recommendation.figures) == (empty.code, ())


def test_nothing_is_sent_while_the_figures_of_another_are_read(at):
    hands = at(Role.TPG)
    first, found = begun_from_proposal(hands, Rule.TWO_T)
    other = next(item for item in found if item.area != first.area)
    write = hands.main.screen_of("recommend_write")
    hands.app.desk.tasks.run("analysis", lambda: time.sleep(0.3), None)
    write.to.choose(Suggestion(f"area:{other.area}", other.label))
    assert hands.text("recommend_note") == f"Membaca angka {other.label} …"
    QTest.keyClick(write.text.edit, Key.Key_F9)
    write.send.click()
    hands.settle()
    assert rec.listed(hands.app.workspace) == ()
    hands.press(Key.Key_F9)
    (row,) = rec.listed(hands.app.workspace)
    assert row.status.recommendation.figures[0].area == other.area


def test_small_numbers_of_the_new_receiver_are_covered_for_the_dinas(at):
    hands = at(Role.DINAS)
    first, found = begun_from_proposal(hands, Rule.TWO_T)
    other = next(item for item in found if item.area != first.area)
    send_to(hands, other.label)
    assert hands.text("recommend_figures") == "2T, dua bulan tidak naik: ada, jumlahnya kecil"
    send_to(hands, "bojongloa")
    village = hands.text("recommend_figures")
    assert village.startswith("2T, dua bulan tidak naik: ")
    assert "%" in village or village.endswith("kecil")


def test_whom_a_recommendation_is_replaced_for_has_its_own_figures_too(at):
    hands = at(Role.TPG)
    first, found = begun_from_proposal(hands, Rule.TWO_T)
    other = next(item for item in found if item.area != first.area)
    hands.press(Key.Key_F9)
    hands.press(Key.Key_Return)
    hands.ctrl(Key.Key_N)
    assert hands.text("recommend_figures")
    send_to(hands, other.label)
    assert hands.text("recommend_note") == f"Angka kini dari {other.label}. Periksa kalimatnya."
    hands.press(Key.Key_F9)
    row = next(row for row in rec.listed(hands.app.workspace) if not row.status.recommendation.voided)
    assert (row.status.recommendation.scope, row.status.recommendation.figures[0].area) == (
        other.area,
        other.area,
    )


def test_a_proposal_opens_the_figures_that_it_rests_on(at):
    hands = at(Role.DINAS)
    hands.go("recommend")
    hands.ctrl(Key.Key_U)
    wanted = hands.main.screen_of("proposals").found[0].area
    hands.press(Key.Key_F7)
    assert hands.main.place == "analysis"
    state = hands.main.screen_of("analysis").state
    assert (state.area, state.month) == (wanted, offices.LAST)


def test_each_proposal_opens_the_view_that_its_own_figure_stands_in(at):
    hands = at(Role.TPG)
    hands.go("analysis")
    hands.type("8")
    views = {}
    found = ()
    number = 0
    while not found or number < len(found):
        hands.go("recommend")
        hands.ctrl(Key.Key_U)
        found = hands.main.screen_of("proposals").found
        hands.press(Key.Key_Home)
        for _ in range(number):
            hands.press(Key.Key_Down)
        hands.press(Key.Key_F7)
        screen = hands.main.current
        rule = found[number].rule
        if hands.main.place == "quality":
            views[rule] = screen.checks.chosen
            assert (screen.state.area, screen.state.period.label) == (found[number].area, "Oktober 2026")
        else:
            views[rule] = screen.state.view
            assert screen.state.area == found[number].area
        number += 1
    assert views == {Rule.TWO_T: View.SKDN, Rule.LOW_ATTENDANCE: View.SKDN, Rule.LATE_RECORDS: "late"}


def test_what_was_sent_is_chosen_in_the_list_and_its_proposal_says_so(at):
    hands = at(Role.TPG)
    hands.go("recommend")
    hands.ctrl(Key.Key_U)
    proposals = hands.main.screen_of("proposals")
    assert {line.right for line in proposals.model.rows} == {""}
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    listed = hands.main.screen_of("recommend")
    assert listed.state.part is Part.RUNNING
    assert listed.model.row(0).below == "Belum dikirim"
    hands.ctrl(Key.Key_U)
    assert [line.right for line in proposals.model.rows][:2] == ["Dikirim 23 Nov", ""]
    hands.ctrl(Key.Key_Z)
    hands.go("recommend")
    hands.ctrl(Key.Key_U)
    assert {line.right for line in proposals.model.rows} == {""}, "taken back"


def test_proposals_turn_to_other_areas_and_months_and_an_empty_month_says_so(at):
    hands = at(Role.DINAS)
    hands.go("recommend")
    hands.ctrl(Key.Key_U)
    proposals = hands.main.screen_of("proposals")
    assert {item.area.count(".") for item in proposals.found} == {4}
    hands.press(Key.Key_F3)
    assert proposals._by is By.KECAMATAN
    assert {item.area for item in proposals.found} == {KECAMATAN}
    for _ in range(8):
        hands.ctrl(Key.Key_Left)
    assert "Tidak ada usulan untuk Februari 2026" in proposals.empty.accessibleName()
    assert hands.text("proposals_month_label") == "Februari 2026"
    for _ in range(12):
        hands.ctrl(Key.Key_Right)
    assert hands.text("proposals_month_label") == "November 2026", "never beyond the month under way"


def test_small_numbers_are_covered_for_the_dinas_and_shown_to_the_puskesmas(at):
    told = {}
    for role in (Role.DINAS, Role.TPG):
        hands = at(role)
        hands.go("recommend")
        hands.ctrl(Key.Key_U)
        told[role] = hands.text("proposal_figures")
    assert told[Role.DINAS] == "2T, dua bulan tidak naik: ada, jumlahnya kecil"
    assert "dari" in told[Role.TPG]


def test_the_sender_follows_each_posyandu_and_whether_the_figure_has_changed(at):
    hands = at(Role.DINAS)
    figure = Figure(
        code="d_s", area=VILLAGE, first="2026-06", last="2026-06", value=500, count=40, of=80, label="D/S"
    )
    wanted = sent(hands, figures=[figure], due_on=date(2026, 11, 24), at=IN_JULY)
    ws = hands.app.workspace
    ws.database.set_meta("scope", MELATI)
    with offices.somebody(ws, Role.KADER) as kader:
        rec.answer(kader, wanted, AnswerState.DONE, "sudah")
    ws.database.set_meta("scope", offices.scope_of(Role.DINAS))
    hands.go("recommend")
    line = hands.main.screen_of("recommend").model.row(0)
    assert line.below == "1 dari 3 selesai"
    hands.press(Key.Key_Return)
    one = hands.main.screen_of("recommendation")
    assert [(line.title, line.right, line.text) for line in one.model.rows][-1] == (
        "Melati 1",
        "Dikerjakan",
        "sudah",
    )
    assert hands.text("recommendation_figures_head") == "Berdasarkan angka Jun 2026"
    since = hands.text("recommendation_since")
    assert "Juni 2026: 50,0 % (40 dari 80; rentang 39–61 %)" in since
    assert "Oktober 2026: " in since
    assert since.endswith("→ membaik")
    assert "kebetulan" not in since, "the intervals do not meet"
    assert not one.answer.isVisible(), "whoever sent it does not answer it"


def test_the_sender_takes_back_and_replaces_in_one_deed(at):
    hands = at(Role.DINAS)
    first = sent(hands, "Kunjungi yang absent")
    hands.go("recommend")
    hands.press(Key.Key_Return)
    hands.ctrl(Key.Key_N)
    assert hands.main.place == "recommend_write"
    assert hands.main.screen_of("recommend_write").text.text() == "Kunjungi yang absent"
    hands.ctrl(Key.Key_A)
    hands.type("Kunjungi yang absen")
    hands.press(Key.Key_F9)
    ws = hands.app.workspace
    (row,) = rec.listed(ws)
    assert row.status.recommendation.text == "Kunjungi yang absen"
    assert rec.one(ws, first).status.recommendation.voided
    hands.ctrl(Key.Key_Z)
    assert [row.id for row in rec.listed(ws)] == [first], "undone as one"
    hands.press(Key.Key_Return)
    hands.ctrl(Key.Key_D)
    assert rec.listed(ws) == ()
    assert hands.text("undo_text") == "Rekomendasi ditarik: Bojongloa"
    hands.ctrl(Key.Key_Z)
    assert [row.id for row in rec.listed(ws)] == [first]


def test_a_puskesmas_cannot_take_back_what_the_dinas_has_sent(at):
    hands = at(Role.TPG)
    sent(hands)
    hands.go("recommend")
    hands.press(Key.Key_2)
    hands.press(Key.Key_Return)
    assert not hands.main.screen_of("recommendation").back.isVisible()
    hands.ctrl(Key.Key_D)
    assert len(rec.listed(hands.app.workspace)) == 1


def test_what_is_addressed_to_the_puskesmas_is_answered_there(at):
    hands = at(Role.TPG)
    wanted = sent(hands, "Adakan pelatihan", scope=KECAMATAN)
    assert badge(hands) == "1"
    hands.go("recommend")
    assert hands.main.screen_of("recommend").state.part is Part.WAITING
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    assert rec.one(hands.app.workspace, wanted).status.progress is Progress.DONE


def test_a_returned_report_stands_among_what_is_asked(at):
    hands = at(Role.KADER)
    with offices.somebody(hands.app.workspace, Role.TPG) as tpg:
        changes = monthly_reports.verify(
            tpg, MELATI, offices.LAST, Verdict.RETURNED, [Item.NIK], "lengkapi NIK"
        )
    hands.main._received(changes)
    hands.settle()
    assert badge(hands) == "1"
    hands.go("recommend")
    (line,) = hands.main.screen_of("recommend").model.rows
    assert line.title == "Laporan Oktober 2026 dikembalikan: Melati 1"
    assert line.text == "NIK diisi; lengkapi NIK"


@pytest.mark.parametrize("role", [Role.KADER, Role.BIDAN])
def test_who_receives_has_no_way_to_write(at, role):
    hands = at(role)
    hands.go("recommend")
    hands.ctrl(Key.Key_N)
    hands.ctrl(Key.Key_U)
    assert hands.main.place == "recommend"

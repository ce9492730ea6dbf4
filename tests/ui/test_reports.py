"""Monthly reports on screen: the overview of a kecamatan, one report, and what comes back to the posyandu."""

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.domain.reports_check import Item, ReportState, Verdict
from posyandu_app.reports import spreadsheet
from posyandu_app.services import monthly_reports as reports
from posyandu_app.ui.screens.report_state import Show, address, read_address
from tests import offices

Key = Qt.Key
MELATI, SECOND, THIRD = offices.world().scopes
OCTOBER = offices.LAST


@pytest.fixture
def clock():
    return FixedClock(offices.NOW)


@pytest.fixture
def at(start, tmp_path):
    """The app of one role, unlocked, over the made-up district; paper goes to a folder of its own."""

    def begin(role: Role):
        hands = start(offices.make(tmp_path / role, role))
        assert hands.app.unlock(offices.LABELS[role], offices.PASSWORD)
        hands.settle()
        screen = hands.main.screen_of("report")
        screen.paper_folder = tmp_path / "kertas"
        screen.shown = []
        screen.show_paper = screen.shown.append
        return hands

    return begin


def overview(hands):
    return hands.main.screen_of("reports")


def one(hands):
    return hands.main.screen_of("report")


def verify(hands, scope, verdict, items=(), note=None):
    with offices.somebody(hands.app.workspace, Role.TPG) as tpg:
        changes = reports.verify(tpg, scope, OCTOBER, verdict, items, note)
    hands.main._received(changes)
    hands.settle()


def test_the_puskesmas_sees_who_sent_who_did_not_and_what_was_returned(at):
    hands = at(Role.TPG)
    verify(hands, SECOND, Verdict.RETURNED, [Item.NIK])
    verify(hands, THIRD, Verdict.ACCEPTED)
    hands.go("reports")
    assert hands.text("reports_month_label") == "Oktober 2026", "the last month that is over"
    assert [(line.title, line.right) for line in overview(hands).model.rows] == [
        ("Melati 1", "Belum diperiksa"),
        ("Melati 2", "Dikembalikan"),
        ("Melati 3", "Diterima"),
    ]
    assert hands.text("reports_lead") == (
        "3 posyandu: 0 belum ada data, 1 perlu diperiksa, 1 dikembalikan, 1 diterima. "
        "Bulan berakhir 23 hari lalu."
    )
    hands.press(Key.Key_4)
    assert [line.title for line in overview(hands).model.rows] == ["Melati 2"]
    hands.press(Key.Key_1)
    hands.ctrl(Key.Key_Right)
    assert {line.right for line in overview(hands).model.rows} == {"Belum ada data"}
    assert "Bulan ini masih berjalan." in hands.text("reports_lead")
    hands.press(Key.Key_5)
    assert "Tidak ada posyandu di bagian ini" in overview(hands).empty.accessibleName()


def test_the_figures_of_the_overview_are_those_of_the_report(at):
    hands = at(Role.TPG)
    hands.go("reports")
    line = overview(hands).model.row(0)
    skdn = reports.report(hands.app.workspace, MELATI, OCTOBER).skdn
    percent = f"{skdn.D * 100 / skdn.S:.1f}".replace(".", ",")
    assert f"D/S {percent} %" in line.text
    assert f"2T {skdn.two_t}" in line.text


def test_accepting_is_one_key_and_undone_by_name(at):
    hands = at(Role.TPG)
    hands.go("reports")
    hands.press(Key.Key_Return)
    assert (hands.main.place, hands.text("report_state")) == ("report", "Belum diperiksa")
    hands.press(Key.Key_F9)
    assert hands.main.place == "reports"
    assert hands.text("undo_text") == "Laporan Melati 1 Oktober 2026: Diterima"
    status = reports.report(hands.app.workspace, MELATI, OCTOBER).status
    assert status.state is ReportState.ACCEPTED
    assert status.last.rules == "2026.1"
    hands.ctrl(Key.Key_Z)
    assert reports.report(hands.app.workspace, MELATI, OCTOBER).status.state is ReportState.WAITING


def test_returning_says_what_is_to_be_mended(at):
    hands = at(Role.TPG)
    hands.go("reports")
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F6)
    assert hands.main.place == "report"
    assert hands.text("report_note_note") == "Tulis apa yang harus diperbaiki, atau tandai barisnya."
    one(hands).list.setFocus()
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Space)
    assert one(hands).marked == {Item.CLOSED}
    assert one(hands).model.row(1).right == "minta diperbaiki"
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Space)
    hands.press(Key.Key_Space)
    assert one(hands).marked == {Item.CLOSED}, "space takes the mark away again"
    hands.press(Key.Key_F6)
    last = reports.report(hands.app.workspace, MELATI, OCTOBER).status.last
    assert (last.verdict, last.items) == (Verdict.RETURNED, {Item.CLOSED})


def test_a_line_leads_to_the_children_behind_it(at):
    hands = at(Role.TPG)
    hands.go("reports")
    hands.press(Key.Key_Return)
    found = reports.report(hands.app.workspace, MELATI, OCTOBER)
    at_line = next(place for place, line in enumerate(found.lines) if line.children)
    for _ in range(at_line):
        hands.press(Key.Key_Down)
    names = {found.children[child].name for child in found.lines[at_line].children}
    assert {line.title for line in one(hands).behind.rows} == names
    hands.press(Key.Key_Return)
    hands.press(Key.Key_Return)
    assert hands.main.place == "child"
    assert hands.text("child_header_name") in names


def test_the_posyandu_sees_what_is_asked_back_and_says_that_it_is_mended(at):
    hands = at(Role.KADER)
    verify(hands, MELATI, Verdict.RETURNED, [Item.NIK], "Lengkapi NIK dua anak baru")
    hands.go("recommend")
    hands.press(Key.Key_Return)
    assert hands.main.place == "report"
    assert hands.text("report_state") == "Dikembalikan"
    why = hands.text("report_why")
    assert "NIK diisi" in why
    assert "Lengkapi NIK dua anak baru" in why
    assert not one(hands).give_back.isVisible(), "only the puskesmas returns"
    one(hands).note.edit.setFocus()
    hands.type("sudah dilengkapi")
    hands.press(Key.Key_F9)
    status = reports.report(hands.app.workspace, MELATI, OCTOBER).status
    assert (status.state, status.answer.note) == (ReportState.MENDED, "sudah dilengkapi")
    assert hands.main.place == "recommend"
    hands.ctrl(Key.Key_Z)
    assert reports.report(hands.app.workspace, MELATI, OCTOBER).status.state is ReportState.RETURNED


def test_who_may_not_verify_has_no_way_to(at):
    for role in (Role.BIDAN, Role.DINAS):
        hands = at(role)
        hands.go("reports")
        hands.press(Key.Key_Return)
        hands.press(Key.Key_F9)
        hands.press(Key.Key_F6)
        hands.press(Key.Key_Space)
        assert reports.report(hands.app.workspace, MELATI, OCTOBER).status.state is ReportState.WAITING
        assert one(hands).marked == frozenset()


def test_the_dinas_sees_the_same_figures_from_the_analysis(at):
    seen = {}
    for role in (Role.TPG, Role.DINAS):
        hands = at(role)
        verify(hands, THIRD, Verdict.ACCEPTED)
        hands.go("reports")
        seen[role] = [
            (place.name, place.skdn.S, place.skdn.D, place.skdn.N, place.skdn.bgm, place.state)
            for place in overview(hands).state.places
        ]
    assert sorted(seen[Role.DINAS]) == sorted(seen[Role.TPG])


def test_the_form_has_rows_and_columns_as_on_paper_and_adds_up(at):
    hands = at(Role.TPG)
    hands.go("reports")
    hands.press(Key.Key_Return)
    hands.press(Key.Key_2)
    rows = {row[0]: [int(cell) for cell in row[2:]] for row in one(hands).form.rows}
    assert list(rows) == [str(number) for number in range(1, 13)]
    skdn = reports.report(hands.app.workspace, MELATI, OCTOBER).skdn
    assert rows["7"][-1] == skdn.D
    for place in range(13):
        assert rows["7"][place] == sum(rows[number][place] for number in "3456"), "D = N + T + O + B"
    for cells in rows.values():
        assert cells[10] + cells[11] in (cells[12], cells[12] - 1), "a child without a known sex is in all"
        assert sum(cells[:10:2]) == cells[10]
        assert sum(cells[1:10:2]) == cells[11]


def test_the_report_is_written_as_a_workbook_stamped_with_the_rules(at, tmp_path):
    hands = at(Role.TPG)
    hands.go("reports")
    hands.press(Key.Key_Return)
    hands.ctrl(Key.Key_E)
    (path,) = one(hands).shown
    assert path.parent == tmp_path / "kertas"
    sheets = list(spreadsheet.sheets(path))
    assert [sheet.name for sheet in sheets][:2] == ["F1-Gizi", "Pelayanan"]
    cells = [[str(cell) for cell in line] for line in sheets[0].rows]
    told = "\n".join(line[0] for line in cells[:8])
    assert "Aturan program: 2026.1" in told
    assert "Bulan: Oktober 2026" in told
    weighed = next(line for line in cells if line[0] == "7")
    assert float(weighed[-1]) == reports.report(hands.app.workspace, MELATI, OCTOBER).skdn.D


def test_the_report_is_printed_as_pdf_and_a_full_folder_is_told(at, tmp_path):
    hands = at(Role.TPG)
    hands.go("reports")
    hands.press(Key.Key_Return)
    hands.ctrl(Key.Key_P)
    (path,) = one(hands).shown
    assert path.read_bytes().startswith(b"%PDF")
    one(hands).paper_folder = tmp_path / "kertas" / path.name
    hands.ctrl(Key.Key_P)
    hands.ctrl(Key.Key_E)
    assert len(one(hands).shown) == 1
    assert "tidak dapat disimpan" in hands.text("undo_text")


def test_a_change_after_acceptance_shows(at):
    hands = at(Role.TPG)
    verify(hands, MELATI, Verdict.ACCEPTED)
    ws = hands.app.workspace
    with ws.database.atomic():
        ws.database.run_many(
            "UPDATE measured SET voided = 1 WHERE scope = (SELECT n FROM term WHERE text = ?)", [(MELATI,)]
        )
    ws.cache.clear()
    hands.go("reports")
    assert overview(hands).model.row(0).right == "Berubah setelah diterima"
    assert overview(hands).state.places[0].shown_under is Show.WAITING


def test_addresses_are_read_back_and_nonsense_is_none():
    assert read_address(address(MELATI, OCTOBER)) == (MELATI, OCTOBER)
    assert read_address("") is None
    assert read_address(f"{MELATI}/2026-13") is None

"""An existing list comes in by keys alone: trial, preview, import, repeated without doubling."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from python_calamine import CalamineWorkbook

from posyandu_app.services import roster
from posyandu_app.storage import measurements
from posyandu_app.ui import theme
from posyandu_app.ui.models.import_delegate import LINE, ImportDelegate, room, told
from posyandu_app.ui.models.import_model import STEP
from posyandu_app.ui.screens import import_state as states
from posyandu_app.ui.screens.import_state import Kind
from posyandu_app.ui.widgets.versions import Lines
from tests.eppgbm_files import SAMPLES, export, line
from tests.ui.conftest import LABEL, PASSWORD

Key = Qt.Key


@pytest.fixture
def screen(hands, tmp_path):
    hands.go("settings")
    hands.press(Key.Key_2)
    assert hands.main.place == "import"
    assert hands.focus.objectName() == "import_file"
    page = hands.main.screen_of("import")
    page.folder = tmp_path / "dokumen"
    page.shown = []
    page.show_file = page.shown.append
    return page


def written(tmp_path, rows, name="daftar.xlsx"):
    return export(tmp_path / name, *rows)


def children(hands):
    return len(roster.rows(hands.app.workspace))


def many(count):
    """That many made-up children, born on different days."""
    for number in range(count):
        letters = "".join(chr(97 + int(digit)) for digit in f"{number:05d}")
        born = date(2023, 1, 1) + timedelta(days=number % 900)
        yield line(
            Nama=f"ANAK {letters}", NIK="-", Tgl_Lahir=born.isoformat(), Nama_Ortu=f"- / IBU {letters}"
        )


def test_trial_writes_nothing_and_the_import_writes_what_it_showed(hands, screen, tmp_path):
    before = children(hands)
    hands.enter(str(written(tmp_path, [line()])))
    assert children(hands) == before
    assert "1 anak baru, 1 ukuran baru" in hands.text("import_message")
    assert [screen.model.row(0).name, screen.model.row(0).mother] == ["Siti Aminah", "Neng Sumiati"]
    hands.press(Key.Key_F9)
    assert children(hands) == before + 1
    assert hands.text("import_message").startswith("Selesai")
    hands.press(Key.Key_Return)
    assert "0 anak baru, 0 ukuran baru" in hands.text("import_message")
    assert not screen.go_on.isEnabled()
    assert screen.model.row(0).upper == "Sudah ada di laptop ini."


def test_a_refused_row_says_why_and_the_kinds_are_turned_by_arrow_keys(hands, screen, tmp_path):
    hands.enter(str(written(tmp_path, [line(), line(Nama="BUDI", NIK="-", Tgl_Lahir="-")])))
    assert hands.focus.objectName() == "import_kinds"
    hands.press(Key.Key_Right)
    assert screen._kind is Kind.LOOK
    assert screen.model.rowCount() == 1
    assert "tanggal lahir" in screen.model.row(0).upper


def test_a_posyandu_of_another_name_is_asked_for(hands, screen, tmp_path):
    rows = [line(Posyandu="ANGGREK"), line(Posyandu="DAHLIA", Nama="BUDI", NIK="-", JK="L")]
    hands.enter(str(written(tmp_path, rows)))
    assert hands.text("import_message") == "Posyandu mana yang diambil?"
    assert hands.focus.objectName() == "part_ANGGREK"
    hands.press(Key.Key_Return)
    assert "1 anak baru" in hands.text("import_message")


def test_broken_and_renamed_files_say_what_to_do_and_keep_the_path(hands, screen, tmp_path):
    broken = tmp_path / "rusak.xlsx"
    broken.write_bytes(b"PK\x03\x04 bukan excel")
    page = tmp_path / "daftar.xls"
    page.write_text("<html><table><tr><td>NIK</td></tr></table></html>", encoding="utf-8")
    for path, words in ((broken, "rusak"), (page, "halaman web"), (tmp_path / "tidak-ada.xlsx", "berkas")):
        screen.file.edit.selectAll()
        hands.enter(str(path))
        assert words in hands.text("import_file_note").lower()
        assert screen.file.text() == str(path)
        assert hands.focus.objectName() == "import_file"


def test_five_thousand_rows_leave_the_window_free_and_esc_stops_the_trial(hands, screen, tmp_path):
    path = written(tmp_path, many(5000))
    before = children(hands)
    screen.take_file(str(path))
    while not screen._stop.is_set():
        hands.app.qt.processEvents()
        if "dari" in screen.message.text():
            screen.escape()
    hands.settle()
    assert hands.text("import_message") == "Uji coba dihentikan. Belum ada yang ditulis."
    assert children(hands) == before


def test_an_import_stopped_on_the_way_is_finished_by_repeating_it(hands, screen, tmp_path):
    before = children(hands)
    hands.enter(str(written(tmp_path, many(400))))
    stop_early = screen.progressed.connect(
        lambda doing, *_: screen._stop.set() if doing == "write" else None,
        Qt.ConnectionType.DirectConnection,
    )
    hands.press(Key.Key_F9)
    assert before < children(hands) < before + 400
    assert hands.text("import_message").startswith("Dihentikan")
    screen.progressed.disconnect(stop_early)
    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    assert hands.text("import_message").startswith("Selesai")
    assert children(hands) == before + 400


def test_the_template_is_written_opened_and_comes_back_as_a_list(hands, screen):
    hands.press(Key.Key_F6)
    assert [path.name for path in screen.shown] == ["Contoh isian daftar anak.xlsx"]
    assert screen.shown[0].is_file()


def test_a_template_that_is_being_filled_in_is_never_replaced(hands, screen):
    hands.press(Key.Key_F6)
    screen.shown[0].write_bytes(b"diisi semalaman")
    hands.press(Key.Key_F6)
    assert screen.shown[1].name == "Contoh isian daftar anak (2).xlsx"
    assert screen.shown[0].read_bytes() == b"diisi semalaman"


# --- the samples of the export ---


def counted(path, posyandu):
    """Children and measurements of one posyandu in a file, counted cell by cell."""
    with CalamineWorkbook.from_path(path) as book:
        lines = book.get_sheet_by_index(0).to_python()
    header = next(at for at, cells in enumerate(lines) if "NIK" in cells and "Berat" in cells)
    place = {name: lines[header].index(name) for name in ("Posyandu", "Nama", "NIK", "Tgl Lahir", "Berat")}
    rows = [cells for cells in lines[header + 1 :] if cells[place["Nama"]]]
    own = [cells for cells in rows if cells[place["Posyandu"]] == posyandu]
    people = {(cells[place["NIK"]], cells[place["Nama"]], cells[place["Tgl Lahir"]]) for cells in own}
    weighed = [cells for cells in own if cells[place["Berat"]] not in ("", "-")]
    return len(rows), len(own), len(people), len(weighed)


@pytest.mark.parametrize("name", ["older", "newer"])
def test_a_sample_shows_its_own_figures_and_a_second_import_doubles_nothing(hands, screen, name):
    path = SAMPLES / f"eppgbm_cilembu_{name}.xlsx"
    rows, own, people, weighed = counted(path, "MELATI 1")
    assert own > 100
    before, visits_before = children(hands), visit_count(hands)
    hands.enter(str(path))
    told = (
        f"{path.name}: {rows} baris dibaca: {people} anak baru, {weighed} ukuran baru, 0 baris perlu dilihat."
    )
    assert hands.text("import_message") == told
    found = states.counts(screen.trial)
    assert (found[Kind.NEW], found[Kind.SKIPPED], found[Kind.LOOK]) == (own, rows - own, 0)
    assert screen.model.rowCount() == own
    hands.press(Key.Key_F9)
    assert (children(hands), visit_count(hands)) == (before + people, visits_before + weighed)
    hands.press(Key.Key_Return)
    assert ": 0 anak baru, 0 ukuran baru, 0 baris" in hands.text("import_message")
    assert states.counts(screen.trial)[Kind.KNOWN] == own
    hands.press(Key.Key_F9)
    assert (children(hands), visit_count(hands)) == (before + people, visits_before + weighed)


def visit_count(hands):
    ids = [row.child.id for row in roster.rows(hands.app.workspace)]
    return sum(map(len, measurements.of_children(hands.app.workspace.database, ids).values()))


def test_a_file_that_excel_holds_says_to_close_it_there(hands, screen, tmp_path, monkeypatch):
    path = written(tmp_path, [line()])
    real = Path.open

    def held(self, *args, **kwargs):
        if self == path:
            raise PermissionError(13, "The process cannot access the file", str(self))
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", held)
    hands.enter(str(path))
    assert hands.text("import_file_note").startswith("Berkas tidak bisa dibaca. Tutup dulu di Excel")
    assert "process" not in hands.text("import_file_note")
    monkeypatch.undo()
    hands.press(Key.Key_Return)
    assert "1 anak baru" in hands.text("import_message")


# --- rows that may mean one of several children ---

UNCLEAR = {
    "Nama": "Bagas Saputra",
    "JK": "L",
    "Tgl_Lahir": "2025-06-02",
    "NIK": "-",
    "Nama_Ortu": "- / ROHMAH",
}
NEAR = {"Nama": "Dimas Prasetya", "JK": "L", "Tgl_Lahir": "2026-03-30", "NIK": "-", "Nama_Ortu": "-"}


def visits(hands, posyandu, name):
    return measurements.of_child(hands.app.workspace.database, posyandu.children[name])


def test_a_row_is_opened_both_sides_are_seen_and_a_number_says_this_child(hands, screen, posyandu, tmp_path):
    before, weighed = children(hands), len(visits(hands, posyandu, "Bagas Saputra"))
    hands.enter(str(written(tmp_path, [line(**UNCLEAR)])))
    assert screen._kind is Kind.LOOK
    assert not screen.go_on.isEnabled()
    hands.press(Key.Key_Down)
    hands.press(Key.Key_Return)
    assert screen.choice.isVisible()
    assert hands.focus.objectName() == "import_choice_later", "Enter decides nothing by itself"
    told = " | ".join(lines.accessibleName() for lines in screen.choice.findChildren(Lines))
    assert "Nama ibu: Rohmah;" in told
    assert "Nama ibu: Dedeh (berbeda)" in told
    hands.press(Key.Key_1)
    assert not screen.choice.isVisible()
    assert "0 anak baru, 1 ukuran baru, 0 baris perlu dilihat" in hands.text("import_message")
    hands.press(Key.Key_F9)
    assert children(hands) == before
    assert len(visits(hands, posyandu, "Bagas Saputra")) == weighed + 1
    hands.press(Key.Key_Return)
    assert "0 anak baru, 0 ukuran baru, 0 baris perlu dilihat" in hands.text("import_message")


def test_f7_asks_one_after_the_other_and_what_is_put_off_stays_open(hands, screen, posyandu, tmp_path):
    before = children(hands)
    third = line(Nama="Citra Lestary", Tgl_Lahir="2023-01-09", NIK="-", Nama_Ortu="-")
    hands.enter(str(written(tmp_path, [line(**UNCLEAR), line(**NEAR), third])))
    assert screen.decide.text() == "Putuskan 3 anak"
    hands.press(Key.Key_F7)
    assert hands.text("import_choice_place") == "3 anak lagi"
    hands.press(Key.Key_N)
    assert hands.text("import_choice_place") == "2 anak lagi"
    hands.press(Key.Key_PageDown)
    assert hands.text("import_choice_place") == "1 anak lagi"
    hands.press(Key.Key_L)
    assert not screen.choice.isVisible()
    assert "1 anak baru, 1 ukuran baru, 1 baris perlu dilihat" in hands.text("import_message")
    assert screen.decide.text() == "Putuskan 1 anak"
    hands.press(Key.Key_F9)
    assert children(hands) == before + 1
    hands.press(Key.Key_Return)
    assert "0 anak baru, 0 ukuran baru, 1 baris perlu dilihat" in hands.text("import_message")
    assert states.counts(screen.trial)[Kind.SKIPPED] == 1


def test_after_the_last_decision_the_rows_that_will_be_saved_are_shown(hands, screen, tmp_path):
    hands.enter(str(written(tmp_path, [line(**UNCLEAR)])))
    assert screen._kind is Kind.LOOK
    hands.press(Key.Key_F7)
    hands.press(Key.Key_N)
    assert screen._kind is Kind.NEW
    assert screen.model.row(0).lower.startswith("Anak baru, sesuai keputusan Anda.")


@pytest.mark.parametrize("size", ["normal", "large"])
def test_the_reason_of_a_row_is_read_in_full(start, posyandu, tmp_path, size):
    hands = start(posyandu.folder, text_size=size)
    assert hands.app.unlock(LABEL, PASSWORD)
    hands.settle()
    hands.go("settings")
    hands.press(Key.Key_2)
    page = hands.main.screen_of("import")
    hands.enter(str(written(tmp_path, [line(**UNCLEAR), line(Nama="BUDI", NIK="-", Tgl_Lahir="-")])))
    assert page.model.rowCount() == 2
    for at in range(2):
        row, area = page.model.row(at), page.list.visualRect(page.model.index(at))
        upper, lower = told(row, theme.current(), room(area.width(), theme.current()))
        assert " ".join(upper) == row.upper
        assert " ".join(lower) == row.lower
        assert area.height() > (len(upper) + len(lower)) * theme.current().px(LINE)


def test_esc_leaves_the_question_open_and_a_decision_can_be_changed(hands, screen, tmp_path):
    hands.enter(str(written(tmp_path, [line(**UNCLEAR)])))
    hands.press(Key.Key_F7)
    hands.press(Key.Key_Escape)
    assert len(screen.trial.open_questions) == 1
    assert hands.focus.objectName() == "import_rows"
    hands.press(Key.Key_Return)
    hands.press(Key.Key_L)
    assert screen.trial.open_questions == ()
    screen._choose_kind(list(Kind).index(Kind.SKIPPED))
    screen.chips.setFocus()
    hands.press(Key.Key_Down)
    assert screen.model.row(0).lower.endswith("Enter: ubah keputusan.")
    hands.press(Key.Key_Return)
    assert hands.text("import_choice_note") == "Keputusan Anda sekarang: dilewati."
    hands.press(Key.Key_N)
    assert "1 anak baru, 1 ukuran baru" in hands.text("import_message")


def test_a_nik_beside_a_row_is_masked(hands, screen, tmp_path):
    hands.enter(str(written(tmp_path, [line(**{**UNCLEAR, "NIK": "3211130206250004"})])))
    registered = line(**{**UNCLEAR, "NIK": "3211130206250004", "Nama_Ortu": "- / DEDEH"})
    hands.press(Key.Key_Escape)
    screen.file.edit.selectAll()
    hands.enter(str(written(tmp_path, [registered], "dedeh.xlsx")))
    hands.press(Key.Key_F9)
    screen.file.edit.selectAll()
    other = line(**{**UNCLEAR, "Nama": "RINA", "NIK": "3211130206250004", "Nama_Ortu": "-"})
    hands.enter(str(written(tmp_path, [other], "lain.xlsx")))
    hands.press(Key.Key_F7)
    told = " ".join(lines.accessibleName() for lines in screen.choice.findChildren(Lines))
    assert told.count("NIK anak: 3211********0004") == 2
    assert "3211130206250004" not in told


def test_a_long_file_is_laid_out_as_far_as_one_looks(hands, screen, tmp_path, monkeypatch):
    measured = []
    plain = ImportDelegate.sizeHint

    def counted(self, option, index):
        measured.append(index.row())
        return plain(self, option, index)

    monkeypatch.setattr(ImportDelegate, "sizeHint", counted)
    hands.enter(str(written(tmp_path, many(1000))))
    every = states.counts(screen.trial)[Kind.NEW]
    assert every > 2 * STEP
    assert 0 < len(set(measured)) <= STEP, "what is out of sight is not laid out yet"
    hands.press(Key.Key_Down)
    for _ in range(4):
        hands.press(Key.Key_End)
    assert screen.model.rowCount() == every, "the list grows as it is scrolled"
    assert screen.list.currentIndex().row() == every - 1
    last = screen.model.row(every - 1)
    assert last.age == f"Baris {every + 2}"
    screen.trial = replace(screen.trial)
    screen._show()
    assert screen.model.rowCount() == STEP, "another trial begins at the top"
    assert screen.model.index_of(last.child) == every - 1, "a row that is asked for is there"
    assert screen.model.rowCount() == every


def test_the_import_is_taken_back_at_once_or_later_and_who_stays_is_named(hands, screen, tmp_path):
    before = children(hands)
    assert not screen.take_back.isVisible()
    rows = [line(), line(Nama="BUDI SANTOSA", NIK="-", JK="L", Tgl_Lahir="2025-03-02")]
    hands.enter(str(written(tmp_path, rows)))
    hands.press(Key.Key_F9)
    assert children(hands) == before + 2
    assert hands.text("undo_text") == "Disimpan: impor daftar.xlsx"
    hands.ctrl(Key.Key_Z)
    assert children(hands) == before
    assert hands.text("undo_text").startswith("Diurungkan: impor daftar.xlsx")
    assert not screen.take_back.isVisible()

    hands.press(Key.Key_Return)
    hands.press(Key.Key_F9)
    hands.go("roster")
    hands.open_child("Budi Santosa")
    hands.enter("9,1")
    hands.press(Key.Key_F9)
    hands.go("settings")
    hands.press(Key.Key_2)
    assert hands.text("import_last") == "Impor terakhir: daftar.xlsx, 23/11/2026 09.12"
    hands.press(Key.Key_F10)
    assert children(hands) == before + 1
    said = hands.text("import_message")
    assert "1 anak tetap, karena sudah diubah sesudah impor: Budi Santosa." in said
    assert not screen.take_back.isVisible()

"""An existing list comes in: choose the file, see row by row what would happen, then do it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from posyandu_app.domain.eppgbm import EppgbmSheet
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.services import import_undo, importing
from posyandu_app.services.import_undo import Import, TakenBack
from posyandu_app.services.importing import Candidate, Choice, Imported, PlannedRow
from posyandu_app.services.views import Changes, Undo
from posyandu_app.services.workspace import Workspace, posyandu_names
from posyandu_app.ui.desk import Deed, Desk, Notice
from posyandu_app.ui.messages import describe
from posyandu_app.ui.models.import_delegate import ImportDelegate
from posyandu_app.ui.models.import_model import ImportModel
from posyandu_app.ui.screens import import_state as states
from posyandu_app.ui.screens.import_choice import ImportChoice
from posyandu_app.ui.screens.import_state import Kind, Trial
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Label, row
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.parts import Part, Parts
from posyandu_app.ui.widgets.rows import Rows, RowsCard

KINDS = tuple(Kind)
QUOTE = '"'
"""Windows puts a path between quotes when it is copied."""


class _Stopped(Exception):
    """Somebody pressed Esc in the middle of a trial."""


class ImportScreen(Screen):
    """Nothing is written before the person has seen the trial; it can be stopped and repeated."""

    progressed = Signal(str, int, int)

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "import_screen")
        self.trial: Trial | None = None
        self._busy = False
        self._stop = threading.Event()
        self._kind = Kind.NEW
        self._taken: frozenset[str] | None = None
        self._asked: PlannedRow | None = None
        self._one_by_one = False
        self._put_off: set[str] = set()
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.folder = Path(documents) / "Posyandu"
        self.show_file: Callable[[Path], object] = lambda path: QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(path))
        )
        self.choose_file: Callable[[], str] = self._dialog
        self.setAcceptDrops(True)
        self.file = Field(
            self,
            tr("Berkas daftar anak"),
            tr("Dari e-PPGBM, atau contoh isian yang sudah diisi. Boleh juga diseret ke sini."),
            name="import_file",
            longest=1000,
        )
        self.browse = Button(self, tr("Pilih berkas"), "F4", "secondary", "search", name="import_browse")
        self.template = Button(
            self, tr("Unduh contoh isian"), "F6", "secondary", "file-text", name="import_template"
        )
        self.message = Label(self, "", "body", "", wrap=True)
        self.message.setObjectName("import_message")
        self.guide = Label(
            self,
            tr(
                "Sebelum ada yang disimpan, Anda melihat dulu isi berkas baris demi baris. Yang diambil "
                "hanya data anak dan hasil ukurnya. Umur, z-score, status gizi dan N/T di berkas "
                "tidak diambil, karena dihitung ulang di sini."
            ),
            "body",
            "soft",
            wrap=True,
        )
        self.chips = Chips(self, tr("Baris yang ditampilkan"), name="import_kinds")
        self.model = ImportModel(self)
        self.list = Rows(self, tr("Baris berkas"), name="import_rows")
        self.list.setModel(self.model)
        self.list.setItemDelegate(ImportDelegate(self.list))
        self.card = RowsCard(self, self.list)
        self.warning = Label(
            self,
            tr(
                "Mengulang impor aman: yang sudah ada dikenali, dan nilai di laptop ini tidak ditimpa. "
                "Impor yang keliru bisa diurungkan sekaligus."
            ),
            "small",
            "soft",
            wrap=True,
        )
        self._last: Import | None = None
        self.last = Label(self, "", "body", "soft", wrap=True)
        self.last.setObjectName("import_last")
        self.take_back = Button(
            self, tr("Urungkan impor ini"), "F10", "secondary", "undo-2", name="import_take_back"
        )
        self.choice = ImportChoice(self)
        self.decide = Button(self, "", "F7", "secondary", name="import_decide")
        self.go_on = Button(self, tr("Impor sekarang"), "F9", "primary", name="import_apply")
        self._places = QWidget(self)
        self._places_column = QVBoxLayout(self._places)
        self._places_column.setContentsMargins(0, 0, 0, 0)
        self._lay_out()
        self.file.entered.connect(self.try_out)
        self.browse.clicked.connect(self._browse)
        self.template.clicked.connect(self._write_template)
        self.chips.chosen.connect(self._choose_kind)
        self.go_on.clicked.connect(self.carry_out)
        self.progressed.connect(self._tell_progress)
        self.decide.clicked.connect(self._ask_all)
        self.list.opened.connect(self._open_row)
        self.list.doubleClicked.connect(self._open_row)
        self.take_back.clicked.connect(self._take_back)
        self.choice.decided.connect(self._decided)
        self.choice.put_off.connect(self._later)
        self._show()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(12)
        column.addWidget(Label(self, tr("Impor daftar anak"), "display"))
        column.addWidget(self.choice, 1)
        column.addWidget(self.file)
        column.addLayout(row(self.browse, self.template, None, spacing=8))
        column.addWidget(self.guide)
        column.addWidget(self.message)
        line = row(self.take_back, spacing=16)
        line.addWidget(self.last, 1)
        column.addLayout(line)
        column.addWidget(self._places)
        column.addWidget(self.chips)
        column.addWidget(self.card, 1)
        column.addWidget(self.warning)
        column.addLayout(row(self.go_on, self.decide, None, spacing=8))
        column.addStretch(0)

    # what the window asks

    def hints(self) -> tuple[tuple[str, str], ...]:
        if self._busy:
            return ((tr("Berhenti"), "Esc"),)
        if self.trial is None:
            return ((tr("Uji coba"), "Enter"), (tr("Kembali"), "Esc"))
        if self._asked is not None:
            return (
                (tr("Anak ini"), "1…"),
                (tr("Ini anak baru"), "N"),
                (tr("Lewati"), "L"),
                (tr("Kembali"), "Esc"),
            )
        return (
            (tr("Pilih"), "← →"),
            (tr("Buka baris"), "↓ Enter"),
            (tr("Impor sekarang"), "F9"),
            (tr("Kembali"), "Esc"),
        )

    def open(self, child: str = "") -> None:
        (self.chips if self.trial is not None else self.file.edit).setFocus()
        self._ask_last()

    def _ask_last(self) -> None:
        """Which import came in last: it can be taken back."""

        def found(made: Import | None) -> None:
            self._last = made
            self._show()

        self.desk.ask(import_undo.last, found)

    def escape(self) -> None:
        if self._busy:
            self._stop.set()
        elif self._asked is not None:
            self._back_to_list()
        elif self.trial is not None:
            self.trial = None
            self._say("")
            self._show()
            self.file.edit.setFocus()
        else:
            self.desk.go("settings")

    def turn_filter(self) -> None:
        """F3: the next kind of rows."""
        if self.trial is not None:
            self._choose_kind((KINDS.index(self._kind) + 1) % len(KINDS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.chips.hasFocus() and self.model.rowCount():
            self._into_list()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and not self._busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.take_file(event.mimeData().urls()[0].toLocalFile())

    # choosing

    def take_file(self, path: str) -> None:
        """A file was chosen or dropped here: try it out at once."""
        if path and not self._busy:
            self.file.set_text(path)
            self.try_out()

    def _browse(self) -> None:
        if not self._busy:
            self.take_file(self.choose_file())

    def _dialog(self) -> str:
        kinds = tr("Daftar anak") + " (*.xlsx *.xls *.csv)"
        return QFileDialog.getOpenFileName(self, tr("Pilih berkas"), "", kinds)[0]

    def _write_template(self) -> None:
        folder, name = self.folder, tr("Contoh isian daftar anak")

        def write(workspace: Workspace) -> Path:
            from posyandu_app.reports import template

            path = template.free_path(folder, name)
            template.write(path, tuple(posyandu_names(workspace).values()))
            return path

        def written(path: Path) -> None:
            sentence = tr("Tersimpan: {name} di folder Dokumen, Posyandu.")
            self.desk.noticed.emit(Notice(sentence.format(name=path.name)))
            self.show_file(path)

        self.desk.ask(write, written)

    # trial

    def try_out(self) -> None:
        """Read the file and plan; nothing is written."""
        if self._busy:
            return
        if not self.file.text():
            self.file.set_error(tr("Pilih berkasnya dulu."))
            return
        self._taken = None
        self._put_off.clear()
        self._plan(None)

    def _plan(self, sheet: EppgbmSheet | None) -> None:
        path, accept = Path(self.file.text().strip(QUOTE)), self._taken
        self._begin()

        def job(workspace: Workspace) -> Trial:
            from posyandu_app.reports import eppgbm

            read = sheet or eppgbm.read(path, self._progress("read"))
            return Trial(read, importing.plan(workspace, read, accept, self._progress("plan")))

        self.desk.ask(job, self._planned, self._not_planned)

    # who is meant

    def _ask_all(self) -> None:
        """One question after the other."""
        self._one_by_one = True
        self._put_off.clear()
        self._next_question()

    def _next_question(self) -> None:
        found = self.trial.open_questions if self.trial is not None else ()
        waiting = [row for row in found if row.question is not None and row.question.key not in self._put_off]
        if self._one_by_one and waiting:
            self._ask(waiting[0], tr("{count} anak lagi").format(count=len(waiting)))
        else:
            self._back_to_list()

    def _open_row(self) -> None:
        """Enter on a row: whom does it mean?"""
        at = self.list.currentIndex()
        if self.trial is None or self._busy or not at.isValid():
            return
        row = self.trial.planned(self.model.row(at.row()).child)
        if row is not None and row.question is not None:
            self._one_by_one = False
            self._ask(row, "")

    def _ask(self, row: PlannedRow, place: str) -> None:
        assert row.question is not None
        self._asked = row
        self.choice.show_question(row.question, row.reason, row.number, place)
        self._show()
        self.choice.take_keyboard()

    def _later(self) -> None:
        if self._asked is not None and self._asked.question is not None and not self._busy:
            self._put_off.add(self._asked.question.key)
            self._next_question()

    def _back_to_list(self) -> None:
        row, self._asked, self._one_by_one = self._asked, None, False
        if self.trial is not None and not states.counts(self.trial)[self._kind]:
            self._kind = states.first_kind(self.trial)
        self._show()
        if row is not None and self.model.rowCount():
            self._into_list(states.row_name(row.sheet, row.number))
        else:
            self.chips.setFocus()

    def _into_list(self, name: str = "") -> None:
        at = max(0, self.model.index_of(name) if name else self.list.currentIndex().row())
        self.list.setCurrentIndex(self.model.index(at))
        self.list.setFocus()

    def _decided(self, choice: Choice, candidate: Candidate | None) -> None:
        trial, asked, accept = self.trial, self._asked, self._taken
        if self._busy or trial is None or asked is None or asked.question is None:
            return
        question = asked.question
        self._busy = True
        self._stop.clear()

        def job(workspace: Workspace) -> Trial:
            importing.decide(workspace, question, choice, candidate)
            return Trial(trial.sheet, importing.plan(workspace, trial.sheet, accept, self._progress("plan")))

        self.desk.ask(job, self._planned_anew, self._not_planned)

    def _planned_anew(self, trial: Trial) -> None:
        self._busy = False
        self.trial = trial
        self._say(self._summary())
        self._next_question()

    def _progress(self, doing: str) -> Callable[[int, int], None]:
        def told(done: int, total: int) -> None:
            if self._stop.is_set():
                raise _Stopped
            self.progressed.emit(doing, done, total)

        return told

    def _planned(self, trial: Trial) -> None:
        self._busy = False
        self.trial = trial
        self._kind = states.first_kind(trial)
        self._say(self._summary() if not trial.asks_posyandu else tr("Posyandu mana yang diambil?"))
        self._show()
        self.chips.setFocus()
        if trial.asks_posyandu:
            self._ask_posyandu(trial)

    def _summary(self) -> str:
        assert self.trial is not None
        return f"{self._file_name()}: {states.summary(self.trial)}"

    def _file_name(self) -> str:
        return Path(self.file.text().strip(QUOTE)).name

    def _not_planned(self, error: Exception) -> None:
        self._busy = False
        if self.trial is not None:
            stopped = tr("Uji coba dihentikan. Belum ada yang ditulis.")
            self._say(stopped if isinstance(error, _Stopped) else describe(error), trouble=True)
            self._back_to_list()
            if self.trial.asks_posyandu:
                self._ask_posyandu(self.trial)
            return
        if isinstance(error, _Stopped):
            self._say(tr("Uji coba dihentikan. Belum ada yang ditulis."))
        elif isinstance(error, UserError):
            self.file.set_error(error.message)
        else:
            self.file.set_error(describe(error))
        self._show()
        self.file.edit.setFocus()

    def _ask_posyandu(self, trial: Trial) -> None:
        """The file calls the posyandu otherwise than this laptop does: which of them is meant?"""
        while (item := self._places_column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        parts = [
            Part(place.name, "map", place.name, tr("{count} baris di berkas").format(count=place.rows))
            for place in trial.plan.posyandu
        ]
        choice = Parts(self._places, parts)
        choice.opened.connect(self._posyandu_chosen)
        self._places_column.addWidget(choice)
        choice.take_keyboard()

    def _posyandu_chosen(self, name: str) -> None:
        if self.trial is not None and not self._busy:
            self._taken = frozenset((name,))
            self._plan(self.trial.sheet)

    # the deed

    def carry_out(self) -> None:
        """Import what the trial showed."""
        trial = self.trial
        if self._busy or trial is None or not trial.writes:
            return
        file = self._file_name()
        self._begin()
        self.desk.do(
            lambda workspace: importing.apply(
                workspace,
                trial.plan,
                lambda at, of: self.progressed.emit("write", at, of),
                self._stop.is_set,
                file=file,
            ),
            self._imported,
            self._not_imported,
        )

    def _imported(self, changes: Changes) -> None:
        self._busy = False
        self.trial = None
        assert isinstance(changes, Imported)
        words = (
            tr("Selesai: {count} catatan tersimpan di laptop ini.")
            if changes.finished
            else tr(
                "Dihentikan: {count} catatan sudah tersimpan. "
                "Ulangi impor untuk sisanya; tidak ada yang dobel."
            )
        )
        self._say(words.format(count=changes.operations))
        if (made := changes.made) is not None:
            self._last = made
            undo = Undo(tr("Disimpan: {what}").format(what=import_undo.told(made)), ())
            deed = Deed(undo, self._ask_last, None, lambda ws: import_undo.take_back(ws, made))
            self.desk.offer(replace(changes, undo=undo), "", deed)
        self.file.set_text(self.file.text())  # from now on Ctrl+Z is about the import, not about typing
        self._show()
        self.file.edit.setFocus()

    def _take_back(self) -> None:
        """F10: the last import goes as a whole, as far as nothing was changed since."""
        made = self._last
        if self._busy or self.trial is not None or made is None:
            return
        self._begin()
        self.desk.do(
            lambda workspace: import_undo.take_back(
                workspace, made, lambda at, of: self.progressed.emit("back", at, of)
            ),
            self._taken_back,
            self._not_imported,
        )

    def _taken_back(self, changes: Changes) -> None:
        self._busy = False
        self._last = None
        assert isinstance(changes, TakenBack)
        self._say(states.taken_back(changes))
        self.desk.offer(changes)
        self._show()
        self.file.edit.setFocus()

    def _not_imported(self, error: Exception) -> None:
        self._busy = False
        self.trial = None
        self._say(describe(error), trouble=True)
        self._show()
        self.file.edit.setFocus()

    # showing

    def _begin(self) -> None:
        self._stop.clear()
        self._busy = True
        self.file.set_error("")
        self._say(tr("Sebentar…"))
        self._show()

    def _say(self, sentence: str, trouble: bool = False) -> None:
        self.message.setText(sentence)
        self.message.set_ink("danger" if trouble else "")

    def _tell_progress(self, doing: str, done: int, total: int) -> None:
        if self._busy:
            self._say(states.progress(doing, done, total))

    def _choose_kind(self, at: int) -> None:
        self._kind = KINDS[at]
        self._show()

    def _show(self) -> None:
        trial = self.trial
        asks = trial is not None and trial.asks_posyandu
        asked = self._asked is not None
        shown = trial is not None and not asks and not self._busy and not asked
        self.choice.setVisible(asked)
        self.file.setVisible(trial is None)
        self.message.setVisible(bool(self.message.text()) and not asked)
        self.file.setEnabled(not self._busy)
        self.browse.setVisible(trial is None)
        self.guide.setVisible(trial is None and not self.message.text())
        self.template.setVisible(trial is None)
        may_go_back = trial is None and self._last is not None and not self._busy
        self.take_back.setVisible(may_go_back)
        self.last.setVisible(may_go_back)
        if self._last is not None:
            self.last.setText(states.last_import(self._last))
        self._places.setVisible(asks and not self._busy)
        for widget in (self.chips, self.card, self.warning, self.go_on):
            widget.setVisible(shown)
        if shown and trial is not None:
            found = states.counts(trial)
            chips = [("", states.kind_words(kind), found[kind], "") for kind in KINDS]
            self.chips.show_chips(chips, KINDS.index(self._kind))
            self.model.show_rows(states.rows(trial, self._kind))
            self.go_on.setEnabled(trial.writes)
            unclear = len(trial.open_questions)
            self.decide.set_words(tr("Putuskan {count} anak").format(count=unclear))
            self.decide.setVisible(unclear > 0)
        else:
            self.decide.hide()
        self.hints_changed.emit()

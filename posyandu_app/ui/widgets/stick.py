"""Copying to a USB stick and reading one: choosing it, how far it is, and when it may be pulled out."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from posyandu_app.i18n import tr, written
from posyandu_app.ui import drives
from posyandu_app.ui.drives import Drive
from posyandu_app.ui.sync_controller import StickDone, StickJob
from posyandu_app.ui.widgets.basic import Button, Card, Icon, Label, row

MOST = 4


class StickPanel(Card):
    """1 to 4 choose a stick that is plugged in, Ctrl+O another folder; Esc ends it."""

    copy_wanted = Signal(object, object)
    read_wanted = Signal(object)
    stop_wanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, margins=20, spacing=10)
        self.setObjectName("stick_panel")
        self.find_drives: Callable[[], Sequence[Drive]] = drives.plugged_in
        self.choose_folder: Callable[[], str] = self._ask_folder
        self.writes = True
        self.running = False
        self.title = Label(self, "", "heading")
        self.title.setObjectName("stick_title")
        self.said = Label(self, "", "body", wrap=True)
        self.said.setObjectName("stick_said")
        self.other = Button(self, tr("Pilih folder lain"), "Ctrl+O", "quiet", name="stick_folder")
        self.again = Button(self, tr("Cari lagi"), "Ctrl+R", "quiet", name="stick_again")
        self.stop = Button(self, tr("Hentikan"), "", "secondary", shown_key="Esc", name="stick_stop")
        self.column.addLayout(row(Icon(self, "usb", 28, "accent"), self.title, None, spacing=12))
        self.column.addWidget(self.said)
        self._drives = QVBoxLayout()
        self._drives.setSpacing(8)
        self.column.addLayout(self._drives)
        self.buttons: list[Button] = []
        self._found: tuple[Drive, ...] = ()
        self.column.addLayout(row(self.other, self.again, self.stop, None, spacing=12))
        self.other.clicked.connect(self._other)
        self.again.clicked.connect(lambda: self.begin(writes=self.writes))
        self.stop.clicked.connect(self.stop_wanted)
        for at in range(MOST):
            key = QShortcut(QKeySequence(str(at + 1)), self)
            key.activated.connect(lambda at=at: self._choose(at))
        self.hide()

    def begin(self, *, writes: bool) -> None:
        """Ask which stick."""
        if self.running:
            return
        self.writes = writes
        self._found = tuple(self.find_drives())[:MOST]
        self.title.setText(tr("Salin ke flashdisk") if writes else tr("Baca flashdisk"))
        if self._found:
            self.said.setText(tr("Pilih flashdisknya."))
        else:
            self.said.setText(tr("Belum ada flashdisk. Pasang flashdisk, lalu tekan Ctrl+R."))
        self._show_drives()
        self.show()
        (self.buttons[0] if self.buttons else self.again).setFocus()

    def show_progress(self, job: StickJob) -> None:
        """How far it is."""
        self.running = True
        self._found = ()
        self._show_drives()
        unit = tr("{done} dari {total} data") if job.writes else tr("{done} dari {total} berkas")
        sentence = unit.format(done=job.done, total=job.total) if job.total else tr("Menyiapkan…")
        if job.stopped:
            sentence = tr("Menghentikan…")
        self.said.setText(f"{sentence} {tr('Jangan cabut flashdisk.')}")
        if self.isVisible() and not self.stop.hasFocus():
            self.stop.setFocus()

    def show_done(self, done: StickDone) -> None:
        """What came of it."""
        self.running = False
        self._show_drives()
        self.said.setText(done.sentence)
        if self.isVisible():
            self.again.setFocus()

    def escape(self) -> bool:
        """Esc: stop what runs, or close; whether there was anything to end."""
        if not self.isVisible():
            return False
        if self.running:
            self.stop_wanted.emit()
        else:
            self.hide()
            self.closed.emit()
        return True

    def _show_drives(self) -> None:
        for button in self.buttons:
            self._drives.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for at, drive in enumerate(self._found):
            free = tr("{name}, kosong {free}").format(name=drive.name, free=_size(drive.free))
            button = Button(self, free, "", shown_key=str(at + 1), icon="usb", name=f"stick_{at + 1}")
            button.clicked.connect(lambda _=False, at=at: self._choose(at))
            self._drives.addLayout(row(button, None))
            button.show()
            self.buttons.append(button)
        self.stop.setVisible(self.running)
        self.other.setVisible(not self.running)
        self.again.setVisible(not self.running)

    def _choose(self, at: int) -> None:
        if at < len(self._found) and not self.running:
            drive = self._found[at]
            self._go(drive.folder, drive.free)

    def _other(self) -> None:
        chosen = self.choose_folder()
        if chosen and not self.running:
            self._go(Path(chosen), None)

    def _go(self, folder: Path, free: int | None) -> None:
        if self.writes:
            self.copy_wanted.emit(folder, free)
        else:
            self.read_wanted.emit(folder)

    def _ask_folder(self) -> str:
        return QFileDialog.getExistingDirectory(self, tr("Pilih folder flashdisk"))


def _size(free: int) -> str:
    if free >= 1_000_000_000:
        return written(f"{free / 1_000_000_000:.1f}") + " GB"
    return f"{free // 1_000_000} MB"

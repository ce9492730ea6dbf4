"""Sync as people see it: what is safe here, what the Dinas has, and joining with a code."""

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.sync.status import SyncStatus
from posyandu_app.ui import words
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Card, Icon, Label, row
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.scroll import Scroll


class SyncScreen(Screen):
    """F5 exchanges now; without enrolment the form to join stands here."""

    enrolment_wanted = Signal(str, str, str)
    sync_wanted = Signal()

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "sync_screen")
        self._status: SyncStatus | None = None
        self._busy = False
        self._network_on = True
        self.icon = Icon(self, "cloud-off", 40, "accent")
        self.title = Label(self, "", "small_strong", "soft")
        self.title.setObjectName("sync_title")
        self.sentence = Label(self, "", "status", wrap=True)
        self.sentence.setObjectName("sync_sentence")
        self.trouble = Label(self, "", "body", "soft", wrap=True)
        self.trouble.setObjectName("sync_trouble")
        self.now = Button(self, tr("Sinkronkan sekarang"), "F5", "primary", "refresh-cw", name="sync_now")
        self.figures = {
            "total": Figure(self, tr("Catatan dibuat di laptop ini"), "sync_total"),
            "received": Figure(self, tr("Sudah diterima Dinas"), "sync_received"),
            "unsent": Figure(self, tr("Menunggu dikirim"), "sync_unsent"),
        }
        self.waiting = Label(self, "", "body", wrap=True)
        self.waiting.setObjectName("sync_waiting")
        self.form = self._form()
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        column.addWidget(Label(self, tr("Sinkronisasi"), "display"))
        content = QWidget(self)
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(16)
        inside.addWidget(self._summary())
        inside.addWidget(self.form)
        inside.addStretch(1)
        column.addWidget(Scroll(self, content), 1)
        self.now.clicked.connect(self.sync_wanted)

    def _summary(self) -> QWidget:
        card = Card(self, margins=20, spacing=16)
        said = QVBoxLayout()
        said.setSpacing(4)
        said.addWidget(self.title)
        said.addWidget(self.sentence)
        said.addWidget(self.trouble)
        top = row(spacing=20)
        top.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(said, 1)
        top.addWidget(self.now, 0, Qt.AlignmentFlag.AlignTop)
        card.column.addLayout(top)
        figures = row(spacing=48)
        for figure in self.figures.values():
            figures.addWidget(figure)
        figures.addStretch(1)
        card.column.addLayout(figures)
        card.column.addWidget(self.waiting)
        return card

    def _form(self) -> Card:
        form = Card(self, margins=20, spacing=12)
        form.column.addWidget(Label(form, tr("Gabung dengan Dinas"), "heading"))
        lead = tr("Minta alamat dan kode dari puskesmas atau Dinas Kesehatan. Cukup sekali.")
        form.column.addWidget(Label(form, lead, "body", "soft", wrap=True))
        self.fields = {
            "url": Field(form, tr("Alamat server"), tr("Dimulai dengan https://"), name="enrol_url"),
            "code": Field(
                form, tr("Kode pendaftaran"), tr("Seperti ABCD-EFGH-JKLM"), name="enrol_code", longest=100
            ),
            "name": Field(
                form, tr("Nama laptop ini"), tr("Misalnya Laptop Melati 1"), name="enrol_name", longest=100
            ),
        }
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.addWidget(self.fields["url"], 0, 0)
        grid.addWidget(self.fields["code"], 0, 1)
        grid.addWidget(self.fields["name"], 0, 2)
        form.column.addLayout(grid)
        self.enrol_trouble = Label(form, "", "strong", "danger", wrap=True)
        self.enrol_trouble.setObjectName("enrol_trouble")
        self.join = Button(form, tr("Gabungkan laptop ini"), "F9", "primary", name="enrol_button")
        bottom = QHBoxLayout()
        bottom.setSpacing(16)
        bottom.addWidget(self.join)
        bottom.addWidget(self.enrol_trouble, 1)
        form.column.addLayout(bottom)
        order = list(self.fields.values())
        for field, following in pairwise(order):
            field.entered.connect(following.edit.setFocus)
        order[-1].entered.connect(self._join)
        for field in order:
            field.changed.connect(lambda _text, field=field: self._typed(field))
        self.join.clicked.connect(self._join)
        return form

    def hints(self) -> tuple[tuple[str, str], ...]:
        return ((tr("Sinkronkan sekarang"), "F5"), (tr("Jaringan"), "F8"), (tr("Kembali"), "Esc"))

    def open(self, child: str = "") -> None:
        if self._status is not None and not self._status.enrolled:
            self.fields["url"].setFocus()
        else:
            self.now.setFocus()

    def escape(self) -> None:
        self.desk.go("roster")

    def offer(self, url: str, name: str) -> None:
        """Fill in what is known already."""
        for key, text in (("url", url), ("name", name)):
            if not self.fields[key].text():
                self.fields[key].set_text(text)

    def show_status(self, status: SyncStatus, network_on: bool) -> None:
        """Show where this laptop stands."""
        joined = self._status is not None and not self._status.enrolled and status.enrolled
        self._status, self._network_on = status, network_on
        icon, _, title, sentence = words.sync_line(status, network_on)
        self.icon.set_icon(icon)
        self.title.setText(title)
        self.sentence.setText(sentence)
        for name, figure in self.figures.items():
            figure.show_figure(getattr(status, name))
        self.waiting.setText(_waiting(status))
        self.waiting.setVisible(bool(self.waiting.text()))
        self.form.setVisible(not status.enrolled)
        if joined:
            self.enrol_trouble.setText("")
            self.now.setFocus()
        self._show_busy()

    def show_busy(self, busy: bool) -> None:
        """An exchange began or ended."""
        self._busy = busy
        if busy:
            self.trouble.setText("")
            self.enrol_trouble.setText("")
        self._show_busy()

    def show_trouble(self, sentence: str) -> None:
        """What stood in the way of the last attempt; the data is safe all the same."""
        enrolled = self._status is not None and self._status.enrolled
        self.trouble.setText(sentence if enrolled else "")
        self.enrol_trouble.setText("" if enrolled else sentence)
        self._show_busy()

    def _show_busy(self) -> None:
        enrolled = self._status is not None and self._status.enrolled
        self.now.set_words(
            tr("Sedang menyinkronkan…") if self._busy and enrolled else tr("Sinkronkan sekarang")
        )
        self.now.setEnabled(enrolled and not self._busy and self._network_on)
        self.now.setVisible(enrolled)
        self.join.set_words(
            tr("Menghubungi Dinas…") if self._busy and not enrolled else tr("Gabungkan laptop ini")
        )
        self.join.setEnabled(not enrolled and not self._busy)
        if not self._network_on:
            self.trouble.setText(tr("Jaringan dimatikan. Tekan F8 untuk menyalakannya."))
        self.trouble.setVisible(bool(self.trouble.text()))

    def _typed(self, field: Field) -> None:
        field.set_error("")
        self.enrol_trouble.setText("")

    def _join(self) -> None:
        asked = {
            "url": tr("Isi alamat server dari Dinas."),
            "code": tr("Isi kode dari Dinas, seperti ABCD-EFGH-JKLM."),
            "name": tr("Isi nama laptop ini, misalnya Laptop Melati 1."),
        }
        missing = [name for name, field in self.fields.items() if not field.text()]
        for name, field in self.fields.items():
            field.set_error(asked[name] if name in missing else "")
        if missing:
            self.fields[missing[0]].setFocus()
        else:
            self.enrolment_wanted.emit(*(self.fields[name].text() for name in ("url", "code", "name")))


class Figure(QWidget):
    """A number and what it counts."""

    def __init__(self, parent: QWidget, words_: str, name: str) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.number = Label(self, words.NOTHING, "number")
        self.number.setObjectName(name)
        self._words = words_
        column.addWidget(self.number)
        column.addWidget(Label(self, words_, "small", "soft"))

    def show_figure(self, value: int) -> None:
        """Show it with points between the thousands."""
        text = f"{value:,}".replace(",", ".")
        self.number.setText(text)
        self.number.setAccessibleName(f"{self._words}: {text}")


def _waiting(status: SyncStatus) -> str:
    """What another deed or a person must settle, in words."""
    parts = []
    if status.held:
        parts.append(tr("{count} menunggu catatan lain tiba dulu").format(count=status.held))
    if status.quarantined:
        parts.append(tr("{count} ditahan untuk diperiksa").format(count=status.quarantined))
    if status.conflicts:
        parts.append(
            tr("{count} berbeda dengan laptop lain dan menunggu keputusan").format(count=status.conflicts)
        )
    return f"{'; '.join(parts)}.".capitalize() if parts else ""

"""Sync as people see it: what is safe here, what the Dinas has, and joining with a code."""

from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain.numbers import format_count
from posyandu_app.i18n import tr
from posyandu_app.services import sync_book
from posyandu_app.services.sync_book import Book
from posyandu_app.services.views import Changes
from posyandu_app.sync.status import SyncStatus
from posyandu_app.ui import theme, words
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.screens.questions import FROM_SYNC
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.sync_controller import StickDone, StickJob
from posyandu_app.ui.widgets.basic import Button, Card, Icon, Label, row
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.stick import StickPanel
from posyandu_app.ui.widgets.sync_book import AttentionCard, HistoryCard

ONE_LINE = 40
COPY = "copy"
"""Opened so, the page asks at once which stick to copy to."""


class SyncScreen(Screen):
    """F5 exchanges now, F6 copies to a stick, F7 reads one; before joining the form for it stands here."""

    enrolment_wanted = Signal(str, str, str)
    sync_wanted = Signal()
    copy_wanted = Signal(object, object)
    read_wanted = Signal(object)
    stop_wanted = Signal()

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
        self.copy = Button(self, tr("Salin ke flashdisk"), "F6", "secondary", name="sync_copy")
        self.read = Button(self, tr("Baca flashdisk"), "F7", "secondary", name="sync_read")
        self.help = Button(
            self, tr("Apa yang terjadi dengan data saya?"), "F1", "quiet", "book-open-text", name="sync_help"
        )
        self.stick = StickPanel(self)
        self.attention = AttentionCard(self)
        self.history = HistoryCard(self)
        self._latest = Latest(desk)
        self.form = self._form()
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        column.addLayout(row(Label(self, tr("Sinkronisasi"), "display"), None, self.help))
        content = QWidget(self)
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(16)
        inside.addWidget(self._summary())
        for card in (self.stick, self.form, self.attention, self.history):
            inside.addWidget(card)
        inside.addStretch(1)
        self.page = Scroll(self, content)
        column.addWidget(self.page, 1)
        self.now.clicked.connect(self.sync_wanted)
        self.copy.clicked.connect(lambda: self._begin_stick(writes=True))
        self.read.clicked.connect(lambda: self._begin_stick(writes=False))
        self.help.clicked.connect(lambda: desk.go("data_help"))
        self.attention.decide_wanted.connect(lambda: desk.go("decide", FROM_SYNC))
        for key, way in (("PgDown", 1), ("PgUp", -1)):
            QShortcut(QKeySequence(key), self).activated.connect(lambda way=way: self._turn_page(way))
        self.stick.copy_wanted.connect(self.copy_wanted)
        self.stick.read_wanted.connect(self.read_wanted)
        self.stick.stop_wanted.connect(self.stop_wanted)
        self.stick.closed.connect(self.now.setFocus)

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
        card.column.addLayout(top)
        figures = row(spacing=48)
        for figure in self.figures.values():
            figures.addWidget(figure)
        figures.addStretch(1)
        card.column.addLayout(figures)
        card.column.addLayout(row(self.now, self.copy, self.read, None, spacing=8))
        return card

    def _form(self) -> Card:
        form = Card(self, margins=20, spacing=12)
        form.column.addWidget(Label(form, tr("Gabung dengan Dinas"), "heading"))
        lead = tr("Minta alamat dan kode dari puskesmas atau Dinas Kesehatan. Cukup sekali.")
        form.column.addWidget(Label(form, lead, "body", "soft", wrap=True))
        self.fields = {
            "url": Field(form, tr("Alamat server"), tr("Dengan atau tanpa https://"), name="enrol_url"),
            "code": Field(
                form, tr("Kode pendaftaran"), tr("Seperti ABCD-EFGH-JKLM"), name="enrol_code", longest=100
            ),
            "name": Field(
                form, tr("Nama laptop ini"), tr("Misalnya Laptop Melati 1"), name="enrol_name", longest=100
            ),
        }
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        for at, (name, part) in enumerate((("url", 4), ("code", 3), ("name", 3))):
            grid.addWidget(self.fields[name], 0, at, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(at, part)
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
        more = ((tr("Gulir"), "PgDn"),) if self.page.verticalScrollBar().maximum() else ()
        if self._status is None or not self._status.enrolled:
            return ((tr("Bantuan"), "F1"), (tr("Jaringan"), "F8"), *more, (tr("Kembali"), "Esc"))
        return (
            (tr("Sinkronkan sekarang"), "F5"),
            (tr("Salin ke flashdisk"), "F6"),
            (tr("Baca flashdisk"), "F7"),
            (tr("Jaringan"), "F8"),
            *more,
            (tr("Kembali"), "Esc"),
        )

    def _turn_page(self, way: int) -> None:
        bar = self.page.verticalScrollBar()
        bar.setValue(bar.value() + way * (bar.pageStep() - theme.current().px(ONE_LINE)))

    def open(self, child: str = "") -> None:
        self.refresh()
        if child == COPY and self._status is not None and self._status.enrolled:
            self._begin_stick(writes=True)
        elif self.stick.running:
            self.stick.stop.setFocus()
        elif self._status is not None and not self._status.enrolled:
            self.fields["url"].setFocus()
        else:
            self.now.setFocus()

    def escape(self) -> None:
        if not self.stick.escape():
            self.desk.go("roster")

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds != frozenset({"draft"}):
            self.refresh()

    def refresh(self) -> None:
        """Read again what waits and what was exchanged."""
        self._latest.ask(sync_book.read, self._show_book)

    def _show_book(self, book: Book) -> None:
        self.attention.show_book(book)
        self.history.show_book(book)
        QTimer.singleShot(0, self, self.hints_changed.emit)  # as soon as it is known whether all of it fits

    def _begin_stick(self, *, writes: bool) -> None:
        self.stick.begin(writes=writes)

    def show_stick(self, job: StickJob) -> None:
        """How far a stick is."""
        self.stick.show_progress(job)

    def show_stick_done(self, done: StickDone) -> None:
        """What came of a stick."""
        self.stick.show_done(done)
        self.refresh()

    def offer(self, url: str, name: str) -> None:
        """Fill in what is known already."""
        for key, text in (("url", url), ("name", name)):
            if not self.fields[key].text():
                self.fields[key].set_text(text)

    def show_status(self, status: SyncStatus, network_on: bool) -> None:
        """Show where this laptop stands."""
        first = self._status is None
        joined = self._status is not None and not self._status.enrolled and status.enrolled
        self._status, self._network_on = status, network_on
        icon, _, title, sentence = words.sync_line(status, network_on)
        self.icon.set_icon(icon)
        self.title.setText(title)
        self.sentence.setText(sentence)
        for name, figure in self.figures.items():
            figure.show_figure(getattr(status, name))
        self.form.setVisible(not status.enrolled)
        for button in (self.copy, self.read):
            button.setVisible(status.enrolled)
        if self.isVisible():
            self.refresh()
        if joined:
            self.enrol_trouble.setText("")
            self.now.setFocus()
        elif first and not status.enrolled and self.isVisible():
            self.fields["url"].setFocus()  # opened before it was known that nobody has joined yet
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

    def show_refused(self, field: str, sentence: str) -> None:
        """Why the Dinas did not take this laptop in, at the field that it is about, else below all."""
        if field:
            self.fields[field].set_error(sentence)
            if self.isVisible():
                self.fields[field].setFocus()
        else:
            self.enrol_trouble.setText(sentence)
        QTimer.singleShot(0, self, self.hints_changed.emit)  # a long sentence may need scrolling

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
        """Show it with the thousands set apart."""
        text = format_count(value)
        self.number.setText(text)
        self.number.setAccessibleName(f"{self._words}: {text}")

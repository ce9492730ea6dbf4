"""The service table: one row for each thing that is due, and the words for the mother beside it."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain.counselling import Advice
from posyandu_app.i18n import tr
from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.screens.care_state import SOME, Item
from posyandu_app.ui.widgets.basic import (
    Button,
    Card,
    ElidedLabel,
    Icon,
    Label,
    Pill,
    Segmented,
    Switch,
    row,
)
from posyandu_app.ui.widgets.fields import DayEdit, mark_wrong
from posyandu_app.ui.widgets.scroll import Scroll

SIDES = 36
LONG, LONG_IN_LARGE = 150, 90
"""Characters from which words for the mother are set in smaller type."""


class Tick(QAbstractButton):
    """One sign or symptom to tick with the space bar; Enter goes on. Long words take a second line."""

    entered = Signal()

    def __init__(self, parent: QWidget, text: str, *, name: str, role: str = "body") -> None:
        """In the role "small" many of them fit a screen."""
        super().__init__(parent)
        self._role = role
        self._roles = (role, "small_strong" if role == "small" else "strong")
        self.setObjectName(name)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(400))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, theme.TARGET - 2) if self._role == "small" else QSize(200, theme.TARGET)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        words = QRectF(0, 0, width - self._left() - 8, 1000)
        flags = int(Qt.TextFlag.TextWordWrap)
        metrics = QFontMetricsF(theme.current().font(self._role))
        needed = round(metrics.boundingRect(words, flags, self.text()).height())
        if self._role == "small":
            return max(theme.TARGET - 2, needed + 2)
        return max(theme.current().px(40), theme.TARGET, needed + 14)

    @staticmethod
    def _left() -> int:
        return theme.current().px(24) + 22

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            paint.focus_ring(painter, QRectF(self.rect()), 10, look)
        size, middle = look.px(24), self.height() / 2
        box = QRectF(10, middle - size / 2, size, size)
        on = self.isChecked()
        paint.rounded(painter, box, 6, c.accent if on else c.surface, c.accent if on else c.line_strong, 2)
        if on:
            icons.draw(painter, "check", c.on_accent, box.left() + 3, box.top() + 3, size - 6)
        painter.setFont(look.font(self._roles[on]))
        painter.setPen(theme.color(c.ink))
        words = QRectF(self._left(), 0, self.width() - self._left() - 8, self.height())
        painter.drawText(words, int(theme.ALIGN_LEFT) | int(Qt.TextFlag.TextWordWrap), self.text())


class Rule(QWidget):
    """A hairline between two parts of a card."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(2)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        QPainter(self).fillRect(0, 0, self.width(), look.stroke, theme.color(look.colors.line))


class CareRow(QWidget):
    """One thing to give or to ask: its name, why, and the answers side by side."""

    answered = Signal(str, str)
    ticked = Signal(str, bool)
    date_typed = Signal(str, str)
    date_left = Signal(str)
    date_forgotten = Signal(str)

    def __init__(self, parent: QWidget, item: Item) -> None:
        super().__init__(parent)
        self.item = item
        self._last = False
        self.setObjectName(f"care_{item.code}_row")
        self.name = Label(self, item.name, "strong", wrap=True)
        self.note = Label(self, item.text, "small", "soft", wrap=True)
        self.note.setObjectName(f"care_{item.code}_note")
        self.answers = Segmented(
            self,
            [(choice.words, choice.key) for choice in item.choices],
            item.name,
            name=f"care_{item.code}",
            role="small_strong",
            height=42,
        )
        self.answers.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.marks = {code: Tick(self, words, name=f"care_{code}") for code, words in item.marks}
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 8, 16, 8)
        column.setSpacing(2)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(4)
        self._line.addWidget(self.name, 1)
        self._line.addWidget(self.answers)
        column.addLayout(self._line)
        self.date = DayEdit(
            self, tr("Tanggal {what}").format(what=item.name), name=f"care_{item.code}_date", longest=40
        )
        self.date.setFixedWidth(theme.current().px(148))
        self.day = QWidget(self)
        column.addLayout(self._note_line())
        for mark in self.marks.values():
            column.addWidget(mark)
        self.answers.chosen.connect(lambda at: self.answered.emit(self.item.code, self.item.choices[at].code))
        for code, mark in self.marks.items():
            mark.toggled.connect(lambda on, code=code: self.ticked.emit(code, on))
        self.answers.digit.connect(self._begin_date)
        self.date.textEdited.connect(lambda text: self.date_typed.emit(self.item.code, text))
        self.date.left.connect(lambda: self.date_left.emit(self.item.code))
        self.date.escaped.connect(self._forget_date)

    def _note_line(self) -> QBoxLayout:
        inner = row(Icon(self.day, "calendar-days", 18), self.date, spacing=6)
        self.day.setLayout(inner)
        self.day.hide()
        line = row(spacing=12)
        line.addWidget(self.note, 1)
        line.addWidget(self.day, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        return line

    def _begin_date(self, digit: str) -> None:
        """A figure typed on the answers is the day, copied from the book."""
        if self.item.dated:
            self.date.setText(digit)
            self.date_typed.emit(self.item.code, digit)
            self.date.setFocus()
            self.date.setCursorPosition(len(digit))

    def _forget_date(self) -> None:
        self.date_forgotten.emit(self.item.code)
        self.answers.setFocus()

    def show_answer(
        self, choice: str, ticks: frozenset[str], note: str, day: str = "", *, wrong: bool = False
    ) -> None:
        """Show what was answered, on which day, and the sentence about it; `wrong` says the day cannot be."""
        codes = [choice_.code for choice_ in self.item.choices]
        self.answers.set_index(codes.index(choice) if choice in codes else -1)
        self.note.setText(note)
        self.note.set_ink("danger" if wrong else "soft")
        dated = self.item.dated and bool(choice)
        self.note.setVisible(bool(note) or dated)
        self.day.setVisible(dated)
        mark_wrong(self.date, wrong)
        if self.date.text() != day:
            self.date.setText(day)
        for code, mark in self.marks.items():
            mark.blockSignals(True)
            mark.setChecked(code in ticks)
            mark.blockSignals(False)
            mark.setVisible(choice == SOME)
            mark.update()

    def set_last(self, *, last: bool) -> None:
        """Whether the card ends after this row."""
        self._last = last
        self.update()

    def stops(self) -> list[QWidget]:
        """Where Enter goes in this row, in order; the day is passed unless somebody types it."""
        return [self.answers, *(mark for mark in self.marks.values() if mark.isVisibleTo(self))]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        name = self.name.fontMetrics().horizontalAdvance(self.name.text())
        fits = SIDES + name + 12 + self.answers.sizeHint().width() <= self.width()
        direction = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        self._line.setDirection(direction)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._last:
            look = theme.current()
            line = QRectF(20, self.height() - look.stroke, self.width() - SIDES, look.stroke)
            QPainter(self).fillRect(line, theme.color(look.colors.line))


class CareList(QWidget):
    """The rows; Enter goes from one to the next, and from the last to whoever comes after (`finished`)."""

    answered = Signal(str, str)
    ticked = Signal(str, bool)
    date_typed = Signal(str, str)
    date_left = Signal(str)
    date_forgotten = Signal(str)
    finished = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("care_list")
        self.rows: list[CareRow] = []
        self._items: tuple[Item, ...] = ()
        self._between: tuple[QWidget, QWidget] | None = None
        self._card = Card(self, margins=0, spacing=0)
        self._card.column.setContentsMargins(0, 6, 0, 6)
        self._area = Scroll(self, self._card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._area, 1)

    def show_items(self, items: Sequence[Item]) -> None:
        """Show these rows; the same ones stay as they are, with the keyboard where it was."""
        if tuple(items) == self._items:
            return
        self._items = tuple(items)
        known = {made.item: made for made in self.rows}
        while self._card.column.count():
            self._card.column.takeAt(0)
        self.rows = [known.pop(item) if item in known else self._made(item) for item in items]
        for old in known.values():
            old.hide()
            old.deleteLater()
        for made in self.rows:
            made.set_last(last=made is self.rows[-1])
            self._card.column.addWidget(made)
            made.show()
        self._card.column.addStretch(1)
        if self._between is not None:
            self.chain(*self._between)

    def _made(self, item: Item) -> CareRow:
        made = CareRow(self._card, item)
        made.answered.connect(self.answered)
        made.ticked.connect(self.ticked)
        made.date_typed.connect(self.date_typed)
        made.date_left.connect(self.date_left)
        made.date_forgotten.connect(self.date_forgotten)
        made.answers.entered.connect(lambda: self._on_from(made))
        made.date.returnPressed.connect(lambda: self._date_entered(made))
        for mark in made.marks.values():
            mark.entered.connect(lambda mark=mark: self._on_from(made, mark))
        return made

    def _date_entered(self, made: CareRow) -> None:
        """Enter in a day: on to the next row, unless it has to be mended first."""
        self.date_left.emit(made.item.code)
        if made.date.property("wrong"):
            made.date.selectAll()
        else:
            self._on_from(made)

    def row(self, code: str) -> CareRow:
        """The row of an item."""
        return next(row for row in self.rows if row.item.code == code)

    def take_keyboard(self, code: str = "") -> None:
        """Begin at the first row, or at that of an item."""
        if self.rows:
            (self.row(code) if code else self.rows[0]).answers.setFocus()

    def chain(self, after: QWidget, before: QWidget) -> None:
        """Tab goes from `after` through the rows as the eye does, then to `before`."""
        self._between = (after, before)
        stops = [
            after,
            *(stop for made in self.rows for stop in (made.answers, made.date, *made.marks.values())),
            before,
        ]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    def _on_from(self, made: CareRow, stop: QWidget | None = None) -> None:
        at = self.rows.index(made)
        stops = made.stops()
        place = stops.index(stop) + 1 if stop is not None else 1
        if place < len(stops):
            stops[place].setFocus()
        elif at + 1 < len(self.rows):
            self.rows[at + 1].answers.setFocus()
        else:
            self.finished.emit()


class MotherCard(Card):
    """How the child does in a few words, then what to say to the mother: one message at a time, large."""

    turned = Signal()
    told = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, margins=20, spacing=8)
        self.setObjectName("mother_card")
        self.tone = Pill(self, name="care_tone")
        self.headline = Label(self, "", "lead_strong", wrap=True)
        self.headline.setObjectName("care_headline")
        self.reasons = Label(self, "", "small", "soft", wrap=True)
        self.reasons.setObjectName("care_reasons")
        self.title = Label(self, tr("Kata untuk ibu"), "strong")
        self.more = Button(self, tr("Pesan lain"), "F12", "quiet", name="mother_more")
        keeps_room = self.more.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)
        self.more.setSizePolicy(keeps_room)
        self.topic = ElidedLabel(self, "", "small_strong", "accent")
        self.topic.setObjectName("mother_topic")
        words = QWidget(self)
        self.words = Label(words, "", "lead", wrap=True)
        self.words.setObjectName("mother_words")
        self.source = Label(words, "", "small", "soft", wrap=True)
        inner = QVBoxLayout(words)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self.words)
        inner.addWidget(self.source)
        inner.addStretch(1)
        self.said = Switch(self, tr("Sudah disampaikan"), "Ctrl+D", name="mother_told")
        self.column.addLayout(row(self.tone, None))
        self.column.addWidget(self.headline)
        self.column.addWidget(self.reasons)
        self.column.addSpacing(8)
        self.column.addWidget(Rule(self))
        self.column.addLayout(
            row(Icon(self, "heart-pulse", 20, "accent"), self.title, None, self.more, spacing=10)
        )
        self.column.addWidget(self.topic)
        self.column.addWidget(Scroll(self, words), 1)
        self.column.addLayout(row(self.said, None))
        self.more.clicked.connect(self.turned)
        self.said.toggled.connect(self.told)

    def show_status(self, tone: str, word: str, headline: str, reasons: str) -> None:
        """Show what both tables together mean."""
        self.tone.show_tone(tone, word)
        self.headline.setText(headline)
        self.reasons.setText(reasons)
        self.reasons.setVisible(bool(reasons))

    def show_advice(self, advice: Sequence[Advice], at: int, said: bool) -> None:
        """Show one of the messages."""
        shown = advice[min(at, len(advice) - 1)] if advice else None
        topic = shown.title if shown is not None else ""
        if len(advice) > 1:
            sentence = tr("{topic} · {number} dari {count}")
            topic = sentence.format(topic=topic, number=at + 1, count=len(advice))
        self.topic.setText(topic)
        self.topic.setVisible(bool(topic))
        self.more.setVisible(len(advice) > 1)
        most = LONG if theme.current().scale == 1 else LONG_IN_LARGE
        long = shown is not None and len(shown.text) > most
        self.words.setProperty("role", "body" if long else "lead")
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)
        self.words.setText(shown.text if shown is not None else tr("Tidak ada pesan khusus hari ini."))
        self.source.setText(shown.source if shown is not None else "")
        self.said.setEnabled(shown is not None)
        self.said.blockSignals(True)
        self.said.setChecked(said)
        self.said.blockSignals(False)
        self.said.update()

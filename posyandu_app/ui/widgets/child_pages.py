"""The parts of a child's card: how she does, and what is known of her."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QSizePolicy, QWidget

from posyandu_app.domain.trend import Direction
from posyandu_app.i18n import tr
from posyandu_app.services.child_book import ChildBook
from posyandu_app.ui import paint, theme
from posyandu_app.ui.screens import child_state as cs
from posyandu_app.ui.widgets.basic import Card, Label, Pill, row
from posyandu_app.ui.widgets.care import Rule
from posyandu_app.ui.widgets.measure import Verdict, verdict_of

_ARROWS = {Direction.CATCHING_UP: "↗", Direction.ALONG: "→", Direction.FALLING: "↘", Direction.UNKNOWN: "·"}


class Verdicts(QWidget):
    """What the last visit means, one line for each index: side as arrow, words, figure."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._lines: tuple[Verdict, ...] = ()
        self.setObjectName("child_verdicts")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[Verdict]) -> None:
        """Show these."""
        self._lines = tuple(lines)
        self.setAccessibleName("; ".join(f"{line.words} {line.figure}" for line in lines))
        self.updateGeometry()
        self.update()

    @property
    def any(self) -> bool:
        """Whether there is something to say."""
        return bool(self._lines)

    def sizeHint(self) -> QSize:
        return QSize(300, theme.current().px(27) * len(self._lines))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height, icon = look.px(27), look.px(20)
        for at, line in enumerate(self._lines):
            top = at * height
            mark = QRectF(0, top + (height - icon) / 2, icon, icon)
            paint.arrow(painter, mark, line.side, line.tone, look)
            ink = look.tone(line.tone).text if line.side else look.colors.ink
            right = QFontMetricsF(look.font("small")).horizontalAdvance(line.figure) + 4
            box = QRectF(icon + 8, top, self.width() - icon - 8 - right - 8, height)
            paint.text(painter, box, line.words, look.font("small_strong"), ink)
            figure = QRectF(self.width() - right, top, right, height)
            paint.text(
                painter, figure, line.figure, look.font("small"), look.colors.ink_soft, theme.ALIGN_RIGHT
            )


class Standing(Card):
    """Tone with its reasons, the trend in one sentence, what the last visit means, and what to know."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, margins=15, spacing=5)
        self.tone = Pill(self, name="child_tone")
        self.since = Label(self, "", "small", "soft", wrap=True)
        self._head = row(self.tone, spacing=12)
        self._head.addWidget(self.since, 1)
        self.column.addLayout(self._head)
        self.trend = Label(self, "", "lead_strong", wrap=True)
        self.trend.setObjectName("child_trend")
        self.column.addStretch(2)
        self.column.addWidget(self.trend)
        self.column.addStretch(1)
        self.lines = [Label(self, "", "body", wrap=True) for _ in range(cs.MOST_REASONS)]
        for at, line in enumerate(self.lines):
            line.setObjectName(f"child_reason_{at + 1}")
            self.column.addWidget(line)
        self.verdicts = Verdicts(self)
        self.column.addStretch(1)
        self.rule = Rule(self)
        self.column.addWidget(self.rule)
        self.column.addStretch(1)
        self.column.addWidget(self.verdicts)
        self.column.addStretch(6)
        self.notes = Label(self, "", "small", "soft", wrap=True)
        self.notes.setObjectName("child_notes")
        self.column.addWidget(self.notes)

    def show_book(self, book: ChildBook) -> None:
        """Show how a child does."""
        risk = book.card.risk
        self.tone.show_tone(risk.tone, risk.tone.label)
        since = cs.since(book)
        self.since.setText(since)
        self.since.setVisible(bool(since))
        self._arrange()
        self.trend.setText(f"{_ARROWS[book.trend.direction]} {book.trend.sentence}")
        self.trend.setAccessibleName(book.trend.sentence)
        told = cs.reasons(book)
        for at, line in enumerate(self.lines):
            line.setText(told[at] if at < len(told) else "")
            line.setVisible(at < len(told))
        self.verdicts.show_lines(_verdicts(book))
        notes = "\n".join(cs.notes(book))
        self.notes.setText(notes)
        self.notes.setVisible(bool(notes))
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._make_room()

    def _make_room(self) -> None:
        """What the last visit means gives way where the reasons take the room; the chart shows it too."""
        parent = self.parentWidget()
        below = (self.rule, self.verdicts)
        taken = sum(widget.sizeHint().height() + self.column.spacing() for widget in below)
        shown = self.verdicts.isVisibleTo(self)
        needed = self.column.totalHeightForWidth(self.width()) + (0 if shown else taken)
        fits = parent is None or needed + 8 <= parent.height()
        for widget in below:
            widget.setVisible(fits and self.verdicts.any)

    def _arrange(self) -> None:
        """Since when stands beside the tone, or below it where that is too narrow for its words."""
        inside = self.column.contentsMargins()
        room = self.width() - inside.left() - inside.right() - self.tone.sizeHint().width() - 12
        beside = self.since.fontMetrics().horizontalAdvance(self.since.text()) <= room
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._head.setDirection(across if beside else down)
        self._head.setSpacing(12 if beside else 0)


def _verdicts(book: ChildBook) -> list[Verdict]:
    known = next((visit.assessed for visit in book.visits if visit.assessed is not None), None)
    if known is None:
        return []
    growth = known.growth
    scores = {
        "BB/U": growth.weight_for_age,
        "TB/U": growth.length_for_age,
        "BB/TB": growth.weight_for_length,
        "IMT/U": growth.bmi_for_age,
        "LK/U": growth.head_for_age,
    }
    shown = [item for item in known.categories.values() if item.index.value != "IMT/U"]
    return [verdict_of(item, scores.get(item.index.value), known.age_days) for item in shown]


class Sheet(Card):
    """A heading and facts under it, label left, value right."""

    def __init__(self, parent: QWidget, *, name: str, count: int) -> None:
        super().__init__(parent, margins=16, spacing=10)
        self.setObjectName(name)
        self.heading = Label(self, "", "small_strong", "accent")
        self.column.addWidget(self.heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        self.labels = [Label(self, "", "small", "soft", wrap=True) for _ in range(count)]
        self.values = [Label(self, "", "small_strong", wrap=True) for _ in range(count)]
        top = Qt.AlignmentFlag.AlignTop
        for at, (label, value) in enumerate(zip(self.labels, self.values, strict=True)):
            grid.addWidget(label, at, 0, top)
            grid.addWidget(value, at, 1, top)
            grid.setRowStretch(at, 1)
        self.column.addLayout(grid, 4)
        self.column.addStretch(3)

    def show_facts(self, heading: str, facts: cs.Facts) -> None:
        """Show these; as many as there are rows."""
        self.heading.setText(heading)
        for label, value, (what, said) in zip(self.labels, self.values, facts, strict=True):
            label.setText(what)
            value.setText(said)
        self.setAccessibleName(f"{heading}: " + "; ".join(f"{what} {said}" for what, said in facts))


def nothing(page: cs.Page) -> tuple[str, str, str]:
    """Icon and words of a view with nothing in it."""
    if page is cs.Page.VISITS:
        return "scale", tr("Belum pernah ditimbang"), tr("Tekan F9 untuk menimbang anak ini.")
    return (
        "heart-pulse",
        tr("Belum ada pelayanan yang dicatat"),
        tr("Imunisasi, vitamin A, dan kunjungan rumah muncul di sini."),
    )

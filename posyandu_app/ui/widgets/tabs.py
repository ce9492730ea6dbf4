"""The screens that share one place of the rail: a line of tabs, each with its key and how many wait there."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.i18n import tr
from posyandu_app.ui import paint, theme
from posyandu_app.ui.desk import Desk

PAD = 12


@dataclass(frozen=True, slots=True)
class Tab:
    """One screen: its name, its words and the key that opens it."""

    name: str
    words: str
    key: str


class Tabs(QWidget):
    """Left and right, or a tab's key, go to another screen; the one in sight is underlined.

    How many wait stands at the others: the screen in sight counts its own list, which may hold more.
    """

    went = Signal(str)

    def __init__(self, parent: QWidget, desk: Desk, tabs: Sequence[Tab], here: str, *, name: str) -> None:
        super().__init__(parent)
        self._tabs = tuple(tabs)
        self._here = [tab.name for tab in tabs].index(here)
        self._counts = {tab.name: desk.counts.get(tab.name, 0) for tab in tabs}
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for tab in self._tabs:
            key = QShortcut(QKeySequence(tab.key), parent)
            key.activated.connect(lambda name=tab.name: self._go(name))
        self.went.connect(lambda place: desk.go(place))
        desk.counted.connect(self.set_count)
        self._describe()

    def set_count(self, name: str, count: int) -> None:
        """How many wait at one of the screens; others are passed over."""
        if name in self._counts and self._counts[name] != count:
            self._counts[name] = count
            self._describe()
            self.updateGeometry()
            self.update()

    def count_of(self, name: str) -> int:
        """How many wait at a screen."""
        return self._counts[name]

    def _describe(self) -> None:
        told = [f"{self._label(tab)} ({tab.key})" for tab in self._tabs]
        self.setAccessibleName(f"{told[self._here]}; {', '.join(told)}")

    def _label(self, tab: Tab) -> str:
        count = 0 if self._tabs[self._here] is tab else self._counts[tab.name]
        return f"{tab.words}  {count}" if count else tab.words

    def _go(self, name: str) -> None:
        if name != self._tabs[self._here].name:
            self.went.emit(name)

    def _widths(self) -> list[float]:
        look = theme.current()
        metrics = QFontMetricsF(look.font("small_strong"))
        return [
            metrics.horizontalAdvance(self._label(tab)) + 8 + paint.badge_width(tab.key, look) + 2 * PAD
            for tab in self._tabs
        ]

    def sizeHint(self) -> QSize:
        return QSize(round(sum(self._widths())) + 1, max(theme.current().px(42), theme.TARGET))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c, font = look.colors, look.font("small_strong")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            paint.focus_ring(painter, QRectF(self.rect()), 10, look)
        x, middle = 0.0, self.height() / 2
        for at, (tab, width) in enumerate(zip(self._tabs, self._widths(), strict=True)):
            here = at == self._here
            ink = c.accent if here else c.ink
            box = QRectF(x + PAD, 0, width, self.height())
            took = paint.text(painter, box, self._label(tab), font, ink, elide=False)
            paint.key_badge(painter, x + PAD + took + 8, middle, tab.key, look, c.ink_soft, c.line_strong)
            if here:
                paint.rounded(painter, QRectF(x + PAD, self.height() - 4, width - 2 * PAD, 3), 1.5, c.accent)
            x += width

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = 0.0
        for tab, width in zip(self._tabs, self._widths(), strict=True):
            if x <= event.position().x() < x + width:
                self._go(tab.name)
                return
            x += width

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._go(self._tabs[max(0, min(self._here + step, len(self._tabs) - 1))].name)


def of_attention(parent: QWidget, desk: Desk, here: str, *, decides: bool) -> Tabs:
    """The tabs of "Perlu perhatian": the children, their revisits and, for the midwife, what to decide."""
    tabs = [Tab("review", tr("Anak"), "D"), Tab("controls", tr("Kontrol"), "J")]
    if decides:
        tabs.append(Tab("decide", tr("Keputusan"), "K"))
    return Tabs(parent, desk, tabs, here, name=f"{here}_tabs")

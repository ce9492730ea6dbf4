"""A list of lines as most screens need it: icon or status, words, what is said below, a note at the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem

from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.models.rows import ROW, Index, RowDelegate, RowModel

EDGE = 24
TITLE_LINES = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `key` is what it stands for.

    `tone` is a health status and takes the place of the icon; `ink` names the colour of icon and
    right side. `text` may take several lines, `below` stands under `right`.
    """

    key: str
    title: str
    text: str = ""
    right: str = ""
    below: str = ""
    icon: str = ""
    ink: str = "ink_soft"
    tone: str = ""

    @property
    def told(self) -> str:
        """The line for a screen reader."""
        return ". ".join(part for part in (self.title, self.text, self.right, self.below) if part)


class LineModel(RowModel[Line]):
    """Lines in order."""

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these."""
        if tuple(lines) != self.rows:
            self.show(lines)

    def key(self, row: Line) -> str:
        return row.key

    def told(self, row: Line) -> str:
        return row.told

    def tip(self, row: Line) -> str:
        return row.text


class LineDelegate(RowDelegate):
    """Paints lines; `most` is how many lines the text may take, `right` how wide the right side is, px."""

    def __init__(self, view: QAbstractItemView, *, most: int = 1, right: int = 200) -> None:
        super().__init__(view)
        self._most, self._right = most, right

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = index.data(ROW)
        assert isinstance(line, Line)
        look, view = theme.current(), option.widget
        assert isinstance(view, QAbstractItemView)
        width = view.width() - view.verticalScrollBar().sizeHint().width()
        rows = len(self._titles(line, width)) + max(len(self._wrapped(line, width)), 1 if line.below else 0)
        return QSize(width, look.px(24) * rows + look.px(20 if rows > 1 else 28))

    def _room(self, width: float, line: Line) -> tuple[float, float]:
        """Where the words begin, and how wide they may be."""
        look = theme.current()
        left = EDGE + (look.px(24) + 16 if line.icon or line.tone else 0)
        aside = self._aside(line)
        return left, width - left - (aside + 16 if aside else 0) - EDGE

    def _aside(self, line: Line) -> float:
        """How wide the right side is: what its words take, at most what it may."""
        look = theme.current()
        strong = QFontMetricsF(look.font("small_strong", figures=True)).horizontalAdvance(line.right)
        small = QFontMetricsF(look.font("small")).horizontalAdvance(line.below)
        return min(max(strong, small) + 1, look.px(self._right)) if line.right or line.below else 0.0

    def _titles(self, line: Line, width: float) -> list[str]:
        """The title whole, on a second line where it needs one."""
        metrics = QFontMetricsF(theme.current().font("strong"))
        return paint.broken(line.title, metrics, self._room(width, line)[1], TITLE_LINES) or [""]

    def _wrapped(self, line: Line, width: float) -> list[str]:
        if not line.text:
            return []
        metrics = QFontMetricsF(theme.current().font("small"))
        return paint.broken(line.text, metrics, self._room(width, line)[1], self._most)

    def room(self, option: QStyleOptionViewItem) -> QRectF:
        view, rect = option.widget, QRectF(option.rect)
        assert isinstance(view, QAbstractItemView)
        rect.setWidth(view.width() - view.verticalScrollBar().sizeHint().width())
        return rect

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: theme.Look) -> None:
        line = index.data(ROW)
        assert isinstance(line, Line)
        self._paint(painter, rect, line, look)

    def _paint(self, painter: QPainter, rect: QRectF, line: Line, look: theme.Look) -> None:
        c, step, shape = look.colors, look.px(24), look.px(24)
        titles, texts = self._titles(line, rect.width()), self._wrapped(line, rect.width())
        left, width = self._room(rect.width(), line)
        rows = len(titles) + max(len(texts), 1 if line.below else 0)
        top = rect.center().y() - step * rows / 2
        middle = top + step if rows > 1 else rect.center().y()
        x, ink = rect.left() + EDGE, str(getattr(c, line.ink))
        if line.tone:
            paint.tone_shape(painter, QRectF(x, middle - shape / 2, shape, shape), line.tone, look)
        elif line.icon:
            icons.draw(painter, line.icon, ink, x, middle - shape / 2, shape)
        head = top if texts else rect.center().y() - step * len(titles) / 2
        box = QRectF(rect.left() + left, head, width, step)
        for title in titles:
            paint.text(painter, box, title, look.font("strong"), c.ink)
            box.translate(0, step)
        for text in texts:
            paint.text(painter, box, text, look.font("small"), c.ink_soft)
            box.translate(0, step)
        side = QRectF(
            rect.right() - EDGE - look.px(self._right),
            top if line.below else middle,
            look.px(self._right),
            step,
        )
        if not line.below:
            side.translate(0, -step / 2)
        strong = look.font("small_strong", figures=True)
        paint.text(painter, side, line.right, strong, ink, theme.ALIGN_RIGHT)
        side.translate(0, step)
        paint.text(painter, side, line.below, look.font("small"), c.ink_soft, theme.ALIGN_RIGHT)

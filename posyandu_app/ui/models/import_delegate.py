"""The painter of the rows of a trial import: who stands there, and the whole reason beside it."""

from functools import lru_cache

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QStyleOptionViewItem

from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.models.rows import ROW, Index, RowDelegate
from posyandu_app.ui.screens.day_state import ICON, DayRow

LINE = 22
MOST_LINES = 4


class ImportDelegate(RowDelegate):
    """Sign, name and mother, row and date, then reason and remarks in as many lines as they need."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        look, row = theme.current(), index.data(ROW)
        area = option.widget
        width = area.viewport().width() if isinstance(area, QAbstractScrollArea) else option.rect.width()
        upper, lower = told(row, look, room(width, look))
        lines = max(2, len(upper) + len(lower))
        return QSize(600, look.px(LINE) * lines + look.px(18))

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: theme.Look) -> None:
        row = index.data(ROW)
        assert isinstance(row, DayRow)
        _paint(painter, rect, row, look)


def _names(width: float, look: theme.Look) -> tuple[float, float]:
    return min(look.px(220), width * 0.25), min(look.px(110), width * 0.14)


def room(width: float, look: theme.Look) -> float:
    """How wide the reason may be in a row of that width (px)."""
    return width - _left(width, look) - 20


def _left(width: float, look: theme.Look) -> float:
    """Where the reason begins."""
    return 24 + look.px(24) + 16 + sum(_names(width, look)) + 32


def told(row: DayRow, look: theme.Look, width: float) -> tuple[list[str], list[str]]:
    """The reason and the remarks of a row in lines that fit the width (px)."""
    return _broken(row.upper, row.lower, width, look)


@lru_cache(maxsize=2048)
def _broken(reason: str, remarks: str, width: float, look: theme.Look) -> tuple[list[str], list[str]]:
    """Most rows of a list say the same, so that a list of thousands is measured quickly."""
    upper = paint.broken(reason, QFontMetricsF(look.font("small_strong")), width, MOST_LINES - 1)
    room = MOST_LINES - len(upper)
    return upper, paint.broken(remarks, QFontMetricsF(look.font("small")), width, room)


def _paint(painter: QPainter, rect: QRectF, row: DayRow, look: theme.Look) -> None:
    c, line, shape = look.colors, look.px(LINE), look.px(24)
    middle, x = rect.center().y(), rect.left() + 24
    icons.draw(painter, row.tone.removeprefix(ICON), c.accent, x, middle - shape / 2, shape)
    x += shape + 16
    small = look.font("small")
    for width, above, below, font in zip(
        _names(rect.width(), look),
        (row.name, row.age),
        (row.mother, row.place),
        (look.font("strong"), look.font("body")),
        strict=True,
    ):
        paint.text(painter, QRectF(x, middle - line - 1, width, line), above, font, c.ink)
        paint.text(painter, QRectF(x, middle + 1, width, line), below, small, c.ink_soft)
        x += width + 16
    width = room(rect.width(), look)
    upper, lower = told(row, look, width)
    top = middle - line * (len(upper) + len(lower)) / 2
    for at, words in enumerate([*upper, *lower]):
        strong = at < len(upper)
        font = look.font("small_strong") if strong else small
        paint.text(
            painter, QRectF(x, top + at * line, width, line), words, font, c.ink if strong else c.ink_soft
        )

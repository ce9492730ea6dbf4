"""The lists of a posyandu day and the painter of their rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem

from posyandu_app.i18n import tr
from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.models.rows import ROW, Index, RowDelegate, RowModel
from posyandu_app.ui.screens.day_state import ICON, DayRow

MOST = 2
"""How many lines the upper and the lower words of a matter may take each."""


class DayModel(RowModel[DayRow]):
    """The children of one view of the day."""

    def set_rows(self, rows: Sequence[DayRow]) -> None:
        """Show these."""
        if tuple(rows) != self.rows:
            self.show(rows)

    def key(self, row: DayRow) -> str:
        return row.child

    def told(self, row: DayRow) -> str:
        return row.told

    def tip(self, row: DayRow) -> str:
        return row.lower


class DayDelegate(RowDelegate):
    """One child: status shape, name and mother, age and RT/RW, and the matter in its lines."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW)
        assert isinstance(row, DayRow)
        look, width = theme.current(), self.room(option).width()
        upper, lower = _said(row, _Columns.of(0, width, look).matter[1], look)
        lines = max(2, len(upper) + len(lower))
        return QSize(round(width), look.px(24) * lines + look.px(18))

    def room(self, option: QStyleOptionViewItem) -> QRectF:
        """The width of the list without its scroll bar, whether it is in sight or not."""
        rect, view = QRectF(option.rect), option.widget
        assert isinstance(view, QAbstractItemView)
        rect.setWidth(view.width() - view.verticalScrollBar().sizeHint().width())
        return rect

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: theme.Look) -> None:
        row = index.data(ROW)
        assert isinstance(row, DayRow)
        _paint(painter, rect, row, look)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Left edge and width of each column, px."""

    name: tuple[float, float]
    age: tuple[float, float]
    matter: tuple[float, float]

    @classmethod
    def of(cls, left: float, width: float, look: theme.Look) -> "_Columns":
        """Columns of a row; what names and ages leave is for the matter."""
        x, right = left + 24 + look.px(24) + 16, left + width - 20
        name = min(look.px(220), (right - x) * 0.28)
        longest = QFontMetricsF(look.font("body")).horizontalAdvance(
            tr("{years} tahun {months} bulan").format(years=4, months=10)
        )
        age = max(longest, look.px(140)) + 2
        matter = x + name + 16 + age + 20
        return cls((x, name), (x + name + 16, age), (matter, right - matter))


def _said(row: DayRow, width: float, look: theme.Look) -> tuple[list[str], list[str]]:
    """The matter of a row broken into lines: the strong ones and those below."""
    upper = paint.broken(row.upper, QFontMetricsF(look.font("small_strong")), width, MOST)
    return upper, paint.broken(row.lower, QFontMetricsF(look.font("small")), width, MOST)


def _paint(painter: QPainter, rect: QRectF, row: DayRow, look: theme.Look) -> None:
    c, at = look.colors, _Columns.of(rect.left(), rect.width(), look)
    line, middle, shape = look.px(24), rect.center().y(), look.px(24)
    x = rect.left() + 24
    if row.tone.startswith(ICON):
        if icon := row.tone.removeprefix(ICON):
            icons.draw(painter, icon, c.accent, x, middle - shape / 2, shape)
    else:
        paint.tone_shape(painter, QRectF(x, middle - shape / 2, shape, shape), row.tone, look)
    small = look.font("small")
    for (left, width), upper, font, lower in (
        (at.name, row.name, look.font("strong"), row.mother),
        (at.age, row.age, look.font("body"), row.place),
    ):
        paint.text(painter, QRectF(left, middle - line, width, line), upper, font, c.ink)
        paint.text(painter, QRectF(left, middle + 1, width, line), lower, small, c.ink_soft)
    left, width = at.matter
    strong, soft = _said(row, width, look)
    box = QRectF(left, middle - line * (len(strong) + len(soft)) / 2, width, line)
    for words in strong:
        ink = look.tone(row.tone).text if row.toned else c.ink
        paint.text(painter, box, words, look.font("small_strong"), ink)
        box.translate(0, line)
    for words in soft:
        paint.text(painter, box, words, small, c.ink_soft)
        box.translate(0, line)

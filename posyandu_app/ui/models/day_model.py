"""The lists of a posyandu day and the painter of their rows."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.models.rows import ROW, Index, RowDelegate, RowModel
from posyandu_app.ui.screens.day_state import ICON, DayRow


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
    """One child: status shape, name and mother, age and RT/RW, and the matter in two lines."""

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: theme.Look) -> None:
        row = index.data(ROW)
        assert isinstance(row, DayRow)
        _paint(painter, rect, row, look)


def _paint(painter: QPainter, rect: QRectF, row: DayRow, look: theme.Look) -> None:
    c = look.colors
    line, middle, shape = look.px(24), rect.center().y(), look.px(24)
    upper, lower = middle - line, middle + 1
    x = rect.left() + 24
    if row.tone.startswith(ICON):
        if icon := row.tone.removeprefix(ICON):
            icons.draw(painter, icon, c.accent, x, middle - shape / 2, shape)
    else:
        paint.tone_shape(painter, QRectF(x, middle - shape / 2, shape, shape), row.tone, look)
    x += shape + 16
    room = rect.right() - 20 - x
    name_width = min(look.px(220), room * 0.32)
    age_width = min(look.px(158), room * 0.22)
    strong, body, small = look.font("strong"), look.font("body"), look.font("small")
    box = QRectF(x, upper, name_width, line)
    paint.text(painter, box, row.name, strong, c.ink)
    paint.text(painter, box.translated(0, lower - upper), row.mother, small, c.ink_soft)
    box = QRectF(box.right() + 16, upper, age_width, line)
    paint.text(painter, box, row.age, body, c.ink)
    paint.text(painter, box.translated(0, lower - upper), row.place, small, c.ink_soft)
    left = box.right() + 16
    box = QRectF(left, upper if row.lower else middle - line / 2, rect.right() - 20 - left, line)
    ink = look.tone(row.tone).text if row.toned else c.ink
    paint.text(painter, box, row.upper, look.font("small_strong"), ink)
    if row.lower:
        paint.text(painter, box.translated(0, lower - upper), row.lower, small, c.ink_soft)

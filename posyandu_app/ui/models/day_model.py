"""The lists of a posyandu day and the painter of their rows."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.models.roster_model import paint_ground
from posyandu_app.ui.screens.day_state import ICON, DayRow

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole


class DayModel(QAbstractListModel):
    """The children of one view of the day."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: Sequence[DayRow] = ()

    def set_rows(self, rows: Sequence[DayRow]) -> None:
        """Show these."""
        if tuple(rows) != tuple(self._rows):
            self.beginResetModel()
            self._rows = tuple(rows)
            self.endResetModel()

    def row(self, at: int) -> DayRow:
        return self._rows[at]

    def index_of(self, child: str) -> int:
        """Where a child stands, −1 when not shown."""
        return next((at for at, row in enumerate(self._rows) if row.child == child), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= self.rowCount():
            return None
        row = self.row(index.row())
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.told
        return row.lower if role == Qt.ItemDataRole.ToolTipRole and row.lower else None


class DayDelegate(QStyledItemDelegate):
    """One child: status shape, name and mother, age and RT/RW, and the matter in two lines."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(600, theme.current().px(66))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, model = index.data(ROW), index.model()
        assert isinstance(row, DayRow)
        assert isinstance(model, DayModel)
        look = theme.current()
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        paint_ground(painter, rect, look, selected, index.row() == model.rowCount() - 1, option.widget)
        _paint(painter, rect, row, look)
        painter.restore()


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

"""What every list of the app shares: rows as a model, and the painter of one row on its ground."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from posyandu_app.ui import paint, theme
from posyandu_app.ui.theme import Look

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
"""The role under which a row itself is given."""

R = TypeVar("R")


class RowModel(QAbstractListModel, Generic[R]):
    """Rows in order; the accessible text tells all that is painted."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: tuple[R, ...] = ()

    def show(self, rows: Iterable[R]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def told(self, row: R) -> str:
        """The row for a screen reader."""
        raise NotImplementedError

    def key(self, row: R) -> str:
        """What the row stands for; empty for a row that stands for nothing."""
        raise NotImplementedError

    def tip(self, row: R) -> str:
        """What is said when the pointer rests on the row; empty for nothing."""
        return ""

    def row(self, at: int) -> R:
        """The row at that place of the list."""
        return self.rows[at]

    def index_of(self, key: str) -> int:
        """Where what is meant stands, −1 when not shown."""
        return next((at for at, row in enumerate(self.rows) if key and self.key(row) == key), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= self.rowCount():
            return None
        row = self.row(index.row())
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.told(row)
        return (self.tip(row) or None) if role == Qt.ItemDataRole.ToolTipRole else None


class RowDelegate(QStyledItemDelegate):
    """Paints one row on its ground; `height` in px at normal text."""

    height = 66

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(400, theme.current().px(self.height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, rect = theme.current(), self.room(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.flags() & Qt.ItemFlag.ItemIsSelectable:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            last = index.row() == index.model().rowCount() - 1
            paint_ground(painter, rect, look, chosen, last, option.widget)
        self.paint_row(painter, rect, index, look)
        painter.restore()

    def room(self, option: QStyleOptionViewItem) -> QRectF:
        """Where the row is painted."""
        return QRectF(option.rect)

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: Look) -> None:
        """The row without its ground."""
        raise NotImplementedError


def paint_ground(
    painter: QPainter, rect: QRectF, look: Look, selected: bool, last: bool, view: object
) -> None:
    """The ground of a list row: tinted and barred when chosen, a hairline below when not the last."""
    c = look.colors
    if selected:
        body = rect.adjusted(6, 3, -6, -3)
        focused = isinstance(view, QWidget) and view.hasFocus()
        paint.rounded(painter, body, 10, c.accent_soft, c.accent if focused else "", 2)
        paint.rounded(painter, QRectF(body.left(), body.top() + 12, 4, body.height() - 24), 2, c.accent)
    elif not last:
        painter.fillRect(
            QRectF(rect.left() + 20, rect.bottom() - look.stroke, rect.width() - 40, look.stroke),
            theme.color(c.line),
        )

"""What happened to a child, one row each: what, the values in as many lines as they need, who and when."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from posyandu_app.ui import paint, theme
from posyandu_app.ui.models.roster_model import paint_ground
from posyandu_app.ui.screens.child_state import EventRow

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_SIDE = 22
_RIGHT = 190


class EventModel(QAbstractListModel):
    """Events in the order given."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: tuple[EventRow, ...] = ()

    def set_rows(self, rows: Sequence[EventRow]) -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def row(self, at: int) -> EventRow:
        return self._rows[at]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        return row.told if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None


class EventDelegate(QStyledItemDelegate):
    """Title, its values below, who and when at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else option.rect.width()
        row = index.data(ROW)
        look = theme.current()
        details = self._details(row, QRectF(0, 0, width, 0), look) if isinstance(row, EventRow) else 0.0
        return QSize(400, round(max(look.px(60), look.px(24) + details + 24)))

    def _words(self, rect: QRectF, look: theme.Look) -> QRectF:
        width = rect.width() - 2 * _SIDE - look.px(_RIGHT) - 16
        return QRectF(rect.left() + _SIDE, rect.top(), max(120.0, width), rect.height())

    def _details(self, row: EventRow, rect: QRectF, look: theme.Look) -> float:
        if not row.details:
            return 0.0
        metrics = QFontMetricsF(look.font("small"))
        room = QRectF(0, 0, self._words(rect, look).width(), 10_000)
        return metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), row.details).height()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, model = index.data(ROW), index.model()
        assert isinstance(row, EventRow)
        assert isinstance(model, EventModel)
        look = theme.current()
        c, rect = look.colors, QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        paint_ground(painter, rect, look, selected, index.row() == model.rowCount() - 1, option.widget)
        line, words = look.px(24), self._words(rect, look)
        details = self._details(row, rect, look)
        top = rect.center().y() - (line + details) / 2
        paint.text(
            painter, QRectF(words.left(), top, words.width(), line), row.title, look.font("strong"), c.ink
        )
        if row.details:
            painter.setFont(look.font("small"))
            painter.setPen(theme.color(c.ink_soft))
            box = QRectF(words.left(), top + line, words.width(), details + 2)
            painter.drawText(box, int(Qt.TextFlag.TextWordWrap), row.details)
        right = QRectF(words.right() + 16, rect.center().y() - look.px(22), look.px(_RIGHT), look.px(22))
        paint.text(painter, right, row.when, look.font("small_strong"), c.ink, theme.ALIGN_RIGHT)
        below = right.translated(0, right.height())
        paint.text(painter, below, row.who, look.font("small"), c.ink_soft, theme.ALIGN_RIGHT)
        painter.restore()

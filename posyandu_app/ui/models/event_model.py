"""What happened to a child, one row each: what, the values in as many lines as they need, who and when."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem

from posyandu_app.ui import paint, theme
from posyandu_app.ui.models.rows import ROW, Index, RowDelegate, RowModel
from posyandu_app.ui.screens.child_state import EventRow

_SIDE = 22
_RIGHT = 190


class EventModel(RowModel[EventRow]):
    """Events in the order given."""

    def set_rows(self, rows: Sequence[EventRow]) -> None:
        """Show these."""
        self.show(rows)

    def told(self, row: EventRow) -> str:
        return row.told


class EventDelegate(RowDelegate):
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

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: theme.Look) -> None:
        row, c = index.data(ROW), look.colors
        assert isinstance(row, EventRow)
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

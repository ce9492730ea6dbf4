"""A child's visits, newest first, and the painter of their rows."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from posyandu_app.domain import age
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.classify import Index as Of
from posyandu_app.domain.model import Child
from posyandu_app.domain.numbers import format_gain
from posyandu_app.i18n import tr
from posyandu_app.ui import paint, theme, words
from posyandu_app.ui.models.roster_model import paint_ground

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole


class HistoryModel(QAbstractListModel):
    """The visits of one child."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: Sequence[Assessed] = ()
        self.child: Child | None = None
        self.today = date.min

    def set_history(self, child: Child, history: Sequence[Assessed], today: date) -> None:
        """Show a child's visits, the newest on top."""
        self.beginResetModel()
        self.child, self._rows, self.today = child, tuple(reversed(history)), today
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        item = self._rows[index.row()]
        if role == ROW:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            value = item.measurement
            parts = [
                words.day_short(value.date, self.today),
                words.weight(value.weight_g),
                words.length(value.length_mm),
            ]
            parts += [category.label for category in item.categories.values()]
            return ", ".join(parts)
        return None


class HistoryDelegate(QStyledItemDelegate):
    """One visit: when and how old, weight with gain and letter, length, and what was not normal."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(400, theme.current().px(60))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item, model = index.data(ROW), index.model()
        assert isinstance(item, Assessed)
        assert isinstance(model, HistoryModel)
        look = theme.current()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        last = index.row() == model.rowCount() - 1
        paint_ground(painter, rect, look, selected, last, option.widget)
        self._paint(painter, rect, item, model)
        painter.restore()

    @staticmethod
    def _paint(painter: QPainter, rect: QRectF, item: Assessed, model: HistoryModel) -> None:
        look = theme.current()
        c = look.colors
        value, line = item.measurement, look.px(23)
        x, top = rect.left() + 22, rect.center().y() - line
        strong, small = look.font("strong", figures=True), look.font("small")
        date_box = QRectF(x, top, look.px(104), line)
        day = words.day_short(value.date, value.date)
        paint.text(painter, date_box, day, strong, c.ink)
        child = model.child
        old = words.NOTHING
        if child is not None and child.birth_date is not None:
            old = tr("{months} bln").format(months=age.completed_months(child.birth_date, value.date))
        if value.date.year != model.today.year:
            old = f"{value.date.year} · {old}"
        paint.text(painter, date_box.translated(0, line), old, small, c.ink_soft)
        weight_box = QRectF(date_box.right() + 8, top, look.px(100), line)
        letter = item.record.letter.value if item.record is not None else ""
        paint.text(painter, weight_box, words.weight(value.weight_g), strong, c.ink)
        gain = ""
        if item.record is not None and item.record.gain_g is not None:
            gain = format_gain(item.record.gain_g)
        paint.text(painter, weight_box.translated(0, line), gain, small, c.ink_soft)
        letter_box = QRectF(weight_box.right(), rect.center().y() - look.px(13), look.px(26), look.px(26))
        if letter:
            tone = look.tone("waspada" if letter == "T" else "baik" if letter == "N" else "belum_diukur")
            paint.rounded(painter, letter_box, 6, tone.soft, tone.text if look.stroke > 1 else "", 2)
            paint.text(painter, letter_box, letter, look.font("small_strong"), tone.text, theme.ALIGN_CENTER)
        left = letter_box.right() + look.px(12)
        length_box = QRectF(left, top, rect.right() - left - 12, line)
        paint.text(painter, length_box, words.length(value.length_mm), strong, c.ink)
        below = length_box.translated(0, line)
        told = _findings(item, QFontMetricsF(small), below.width())
        paint.text(painter, below, told, small, c.ink_soft)


def _findings(item: Assessed, metrics: QFontMetricsF, width: float) -> str:
    """What was not normal, the worst first, as much as fits, and how many more there were."""
    order = (Of.BB_TB, Of.LILA, Of.TB_U, Of.BB_U, Of.LK_U)
    found = [item.categories[at] for at in order if at in item.categories and item.categories[at].side]
    labels = [category.label for category in sorted(found, key=lambda category: -abs(category.side))]
    for shown in range(len(labels), 0, -1):
        rest = f" +{len(labels) - shown}" if shown < len(labels) else ""
        told = ", ".join(labels[:shown]) + rest
        if shown == 1 or metrics.horizontalAdvance(told) <= width:
            return told
    return ""

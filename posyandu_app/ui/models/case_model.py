"""The worklist as a list model, and the painter of its rows: worst first, each with why and since when."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from posyandu_app.domain import names
from posyandu_app.domain.cases import CaseState
from posyandu_app.i18n import tr
from posyandu_app.services.cases import CaseRow
from posyandu_app.ui import case_words, paint, theme, words
from posyandu_app.ui.charts.channel import channel_of, paint_channel
from posyandu_app.ui.models.roster_model import paint_ground
from posyandu_app.ui.theme import Look

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
HEIGHT = 96


class CaseModel(QAbstractListModel):
    """Rows of the worklist."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: Sequence[CaseRow] = ()
        self.today = date.min
        self.several = False

    def set_rows(self, rows: Sequence[CaseRow], today: date, *, several: bool) -> None:
        """Show other rows; the posyandu is named when there are several."""
        if tuple(rows) == tuple(self._rows) and (today, several) == (self.today, self.several):
            return
        self.beginResetModel()
        self._rows, self.today, self.several = tuple(rows), today, several
        self.endResetModel()

    def row(self, index: int) -> CaseRow:
        """The row at that place of the list."""
        return self._rows[index]

    def index_of(self, child: str) -> int:
        """Where a child stands, −1 when not shown."""
        return next((i for i, row in enumerate(self._rows) if row.child.id == child), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.child.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._told(row)
        return None

    def _told(self, row: CaseRow) -> str:
        case, last = row.case, row.last.measurement if row.last is not None else None
        told = [names.display(row.child.name), words.mother(row.child), case_words.tone_label(case)]
        told += [case_words.reason(item, self.today) for item in case.reasons]
        told.append(case_words.standing(case, self.today))
        if last is not None:
            told += [words.weight(last.weight_g), words.length(last.length_mm)]
        return ", ".join(told)


class CaseDelegate(QStyledItemDelegate):
    """Paints one child: status as shape and word, who, why, how far and since when, and her channel."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(400, theme.current().px(HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, model = index.data(ROW), index.model()
        assert isinstance(row, CaseRow)
        assert isinstance(model, CaseModel)
        look = theme.current()
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        paint_ground(painter, rect, look, selected, index.row() == model.rowCount() - 1, option.widget)
        _paint_row(painter, rect, row, model, look)
        painter.restore()


def _paint_row(painter: QPainter, rect: QRectF, row: CaseRow, model: CaseModel, look: Look) -> None:
    c, case, today = look.colors, row.case, model.today
    line, shape = look.px(25), look.px(32)
    top = rect.center().y() - line * 1.5
    x = rect.left() + 22
    mark = QRectF(x, top + look.px(2), shape, shape)
    if case.reasons:
        paint.tone_shape(painter, mark, case.tone, look)
    else:
        paint.tone_shape(painter, mark, "belum_diukur", look)
    left, right = x + shape + 16, rect.right() - 22
    small = look.font("small")
    standing = case_words.standing(case, today)
    state_font = look.font("small_strong")
    wide = QFontMetricsF(state_font).horizontalAdvance(standing) + 2
    box = QRectF(left, top, right - left, line)
    urgent = case.overdue_days > 0
    fresh = case.state is CaseState.NEW
    ink = c.danger if urgent else c.accent if fresh else c.ink_soft
    paint.text(painter, box, standing, state_font, ink, theme.ALIGN_RIGHT)
    name = QRectF(left, top, box.width() - wide - 12, line)
    took = paint.text(painter, name, names.display(row.child.name), look.font("strong"), c.ink)
    age = QRectF(left + took + 10, top, name.width() - took - 10, line)
    if age.width() > look.px(60):
        paint.text(painter, age, words.age(row.child, today), small, c.ink_soft)
    picture = look.px(80)
    room = QRectF(left, top + line, right - left - picture - 12, line)
    took = 0.0
    if case.reasons:
        took = paint.text(painter, room, case.tone.label, state_font, look.tone(case.tone).text) + 8
    paint.text(painter, room.adjusted(took, 0, 0, 0), case_words.short(case), small, c.ink)
    paint.text(painter, room.translated(0, line), _where(row, model), small, c.ink_soft)
    group = case.reasons[0].group if case.reasons else None
    channel = channel_of(row.history, group, today)
    if len(channel.points) > 1:
        picture_box = QRectF(right - picture, top + line + 4, picture, 2 * line - 6)
        paint_channel(painter, picture_box, channel, look, labels=False)


def _where(row: CaseRow, model: CaseModel) -> str:
    parts = [case_words.since(case_words.worst_since(row.case), model.today)] if row.case.reasons else []
    if model.several:
        parts.append(row.posyandu)
    last = row.last.measurement if row.last is not None else None
    if last is None:
        parts.append(tr("belum pernah ditimbang"))
    else:
        parts.append(f"{words.weight(last.weight_g)}, {words.length(last.length_mm)}")
    return " · ".join(part for part in parts if part)

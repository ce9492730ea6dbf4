"""The roster as a list model, and the painter of its rows: thousands of children scroll without delay."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from posyandu_app.domain import names
from posyandu_app.i18n import tr
from posyandu_app.services.views import RosterRow
from posyandu_app.ui import icons, paint, theme, words
from posyandu_app.ui.theme import Look

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
HEIGHT = 66


class RosterModel(QAbstractListModel):
    """Roster rows; `ROW` gives the row itself, the accessible text tells all that is painted."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: Sequence[RosterRow] = ()
        self.today = date.min

    def set_rows(self, rows: Sequence[RosterRow], today: date) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows, self.today = rows, today
        self.endResetModel()

    def row(self, index: int) -> RosterRow:
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
            done = (
                tr("sudah ditimbang bulan ini")
                if row.measured_this_month
                else tr("belum ditimbang bulan ini")
            )
            parts = (
                names.display(row.child.name),
                words.mother(row.child),
                words.age(row.child, self.today),
                words.weight(row.last_weight_g),
                row.risk.tone.label,
                done,
                tr("draf") if row.has_draft else "",
            )
            return ", ".join(part for part in parts if part)
        return None


class RosterDelegate(QStyledItemDelegate):
    """Paints one child: status shape, name and mother, age and RT/RW, last weight, status word, done."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(600, theme.current().px(HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        model = index.model()
        assert isinstance(row, RosterRow)
        assert isinstance(model, RosterModel)
        look = theme.current()
        view = option.widget
        state = option.state
        rect = QRectF(option.rect)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ground(painter, rect, look, selected, index.row() == model.rowCount() - 1, view)
        _paint_row(painter, rect, row, model.today, look)
        painter.restore()


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


def _paint_row(painter: QPainter, rect: QRectF, row: RosterRow, today: date, look: Look) -> None:
    c = look.colors
    middle = rect.center().y()
    line = look.px(24)
    upper, lower = middle - line, middle + 1
    shape = look.px(26)
    x = rect.left() + 24
    paint.tone_shape(painter, QRectF(x, middle - shape / 2, shape, shape), row.risk.tone, look)
    x += shape + 18

    right = rect.right() - 20
    # the name needs the room more than the word beside the sign
    mark_width = look.px(120) if rect.width() >= look.px(960) else look.px(20)
    _paint_mark(painter, QRectF(right - mark_width, rect.top(), mark_width, rect.height()), row, look)
    right -= mark_width + 8
    tone_width = look.px(204)
    _paint_tone(painter, QRectF(right - tone_width, upper, tone_width, line), row, today, look)
    right -= tone_width + 24
    weight_width = look.px(96)
    figures = look.font("strong", figures=True)
    box = QRectF(right - weight_width, upper, weight_width, line)
    paint.text(painter, box, words.weight(row.last_weight_g), figures, c.ink, theme.ALIGN_RIGHT)
    when = words.NOTHING if row.last_date is None else words.day_short(row.last_date, today)
    paint.text(
        painter, box.translated(0, lower - upper), when, look.font("small"), c.ink_soft, theme.ALIGN_RIGHT
    )
    right -= weight_width + 24
    age_width = look.px(168)
    box = QRectF(right - age_width, upper, age_width, line)
    paint.text(painter, box, words.age(row.child, today), look.font("body"), c.ink)
    paint.text(
        painter, box.translated(0, lower - upper), words.place(row.child), look.font("small"), c.ink_soft
    )
    right -= age_width + 16
    box = QRectF(x, upper, right - x, line)
    paint.text(painter, box, names.display(row.child.name), look.font("strong"), c.ink)
    paint.text(
        painter, box.translated(0, lower - upper), words.mother(row.child), look.font("small"), c.ink_soft
    )


def _paint_tone(painter: QPainter, box: QRectF, row: RosterRow, today: date, look: Look) -> None:
    """The status in words; one that is from before stands below with its date."""
    risk, font = row.risk, look.font("small_strong")
    older = risk.previous is not None and risk.previous_on is not None
    where = box if older else box.translated(0, box.height() / 2)
    paint.text(painter, where, risk.tone.label, font, look.tone(risk.tone).text)
    if risk.previous is not None and risk.previous_on is not None:
        below = box.translated(0, box.height() + 1)
        size = look.px(15)
        shape = QRectF(below.left(), below.center().y() - size / 2, size, size)
        paint.tone_shape(painter, shape, risk.previous, look)
        said = f"{risk.previous.label}, {words.day_short(risk.previous_on, today)}"
        ink = look.tone(risk.previous).text
        paint.text(painter, below.adjusted(size + 6, 0, 0, 0), said, look.font("small"), ink)


def _paint_mark(painter: QPainter, rect: QRectF, row: RosterRow, look: Look) -> None:
    c = look.colors
    middle, size = rect.center().y(), look.px(20)
    if row.has_draft:
        icons.draw(painter, "pencil", c.accent, rect.left(), middle - size / 2, size)
        ink, said = c.accent, tr("draf")
    elif row.measured_this_month:
        icons.draw(painter, "check", c.accent, rect.left(), middle - size / 2, size)
        ink, said = c.accent, tr("ditimbang")
    else:
        return
    box = QRectF(rect.left() + size + 8, rect.top(), rect.width() - size - 8, rect.height())
    if box.width() > 0:
        paint.text(painter, box, said, look.font("small_strong"), ink)

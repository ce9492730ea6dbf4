"""The midwife's list as a list model, and the painter of its rows: worst first, each with its reasons."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from posyandu_app.domain import names
from posyandu_app.domain.risk import Reason, Tone
from posyandu_app.i18n import tr
from posyandu_app.services.views import RiskRow
from posyandu_app.ui import paint, theme, words
from posyandu_app.ui.models.roster_model import paint_ground
from posyandu_app.ui.theme import Look

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
MOST_REASONS = 3


def reasons_of(row: RiskRow) -> tuple[Reason, ...]:
    """What is told about a child: today's reasons, then those that still wait from before."""
    return (*row.risk.reasons, *row.risk.older_reasons)


def tone_of(row: RiskRow) -> Tone:
    """The tone a row is listed under: today's, or the older one while she has not been measured again."""
    previous = row.risk.previous
    if previous is not None and previous.severity > row.risk.tone.severity:
        return previous
    return row.risk.tone


class RiskModel(QAbstractListModel):
    """Rows of the midwife's list."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: Sequence[RiskRow] = ()
        self.today = date.min
        self.several = False

    def set_rows(self, rows: Sequence[RiskRow], today: date) -> None:
        """Show other rows; the posyandu is named when there are several."""
        self.beginResetModel()
        self._rows, self.today = rows, today
        self.several = len({row.posyandu for row in rows}) > 1
        self.endResetModel()

    def row(self, index: int) -> RiskRow:
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
            told = [names.display(row.child.name), words.mother(row.child), tone_of(row).label]
            return ", ".join(told + [reason.text for reason in reasons_of(row)])
        return None


class RiskDelegate(QStyledItemDelegate):
    """Paints one child: status as shape and word, who it is, why, since when, and the last values."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        look = theme.current()
        row = index.data(ROW)
        shown = min(len(reasons_of(row)), MOST_REASONS) if isinstance(row, RiskRow) else 1
        return QSize(600, look.px(24) * max(3, shown + 1) + look.px(26))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, model = index.data(ROW), index.model()
        assert isinstance(row, RiskRow)
        assert isinstance(model, RiskModel)
        look = theme.current()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        last = index.row() == model.rowCount() - 1
        paint_ground(painter, rect, look, selected, last, option.widget)
        _paint_row(painter, rect, row, model, look)
        painter.restore()


def _paint_row(painter: QPainter, rect: QRectF, row: RiskRow, model: RiskModel, look: Look) -> None:
    c = look.colors
    line, tone = look.px(24), tone_of(row)
    top = rect.top() + look.px(12)
    x = rect.left() + 24
    shape = look.px(30)
    paint.tone_shape(painter, QRectF(x, top + look.px(6), shape, shape), tone, look)
    x += shape + 18
    who_width = look.px(300)
    box = QRectF(x, top, who_width, line)
    paint.text(painter, box, names.display(row.child.name), look.font("strong"), c.ink)
    facts = f"{words.mother(row.child)} · {words.age(row.child, model.today)}"
    paint.text(painter, box.translated(0, line), facts, look.font("small"), c.ink_soft)
    where = words.place(row.child)
    if model.several:
        where = f"{row.posyandu} · {where}"
    paint.text(painter, box.translated(0, 2 * line), where, look.font("small"), c.ink_soft)
    right = rect.right() - 24
    last_width = look.px(150)
    _paint_last(painter, QRectF(right - last_width, top, last_width, line), row, model.today, look)
    left = x + who_width + 20
    reasons = QRectF(left, top, right - last_width - 16 - left, line)
    colors = look.tone(tone)
    when = _since(row, model.today)
    took = paint.text(painter, reasons, tone.label, look.font("small_strong"), colors.text)
    paint.text(painter, reasons.adjusted(took + 10, 0, 0, 0), when, look.font("small"), c.ink_soft)
    told = reasons_of(row)
    shown = told[:MOST_REASONS]
    for at, reason in enumerate(shown):
        text = reason.text
        if at == MOST_REASONS - 1 and len(told) > MOST_REASONS:
            text = tr("{reason} … dan {count} alasan lagi").format(
                reason=text, count=len(told) - MOST_REASONS
            )
        paint.text(painter, reasons.translated(0, (at + 1) * line), text, look.font("small"), c.ink)


def _paint_last(painter: QPainter, box: QRectF, row: RiskRow, today: date, look: Look) -> None:
    c = look.colors
    if row.last is None:
        paint.text(painter, box, tr("Belum pernah"), look.font("small"), c.ink_soft, theme.ALIGN_RIGHT)
        return
    last, line = row.last.measurement, look.px(24)
    paint.text(
        painter, box, words.weight(last.weight_g), look.font("strong", figures=True), c.ink, theme.ALIGN_RIGHT
    )
    small = look.font("small")
    paint.text(
        painter, box.translated(0, line), words.length(last.length_mm), small, c.ink_soft, theme.ALIGN_RIGHT
    )
    when = words.day_short(last.date, today)
    paint.text(painter, box.translated(0, 2 * line), when, small, c.ink_soft, theme.ALIGN_RIGHT)


def _since(row: RiskRow, today: date) -> str:
    """When the status was found."""
    on = row.risk.previous_on if tone_of(row) != row.risk.tone else row.risk.measured_on
    if on is None:
        return ""
    if tone_of(row) != row.risk.tone:
        return tr("sejak {day}, bulan ini belum diukur").format(day=words.day_short(on, today))
    return tr("diukur {day}").format(day=words.day_short(on, today))

"""The midwife's list as a list model, and the painter of its rows: worst first, each with its reasons."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

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
        row, view = index.data(ROW), option.widget
        if not isinstance(row, RiskRow) or not isinstance(view, QAbstractItemView):
            return QSize(600, look.px(96))
        reasons = sum(_heights(row, _columns(_room(view), look).reasons, look))
        return QSize(_room(view), round(max(look.px(24) * 2, reasons) + look.px(24)) + look.px(26))

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
        view = option.widget
        assert isinstance(view, QAbstractItemView)
        rect.setWidth(_room(view))
        _paint_row(painter, rect, row, model, look)
        painter.restore()


def _room(view: QAbstractItemView) -> int:
    """The width that rows are laid out for: the same with and without a scroll bar, so that no row jumps."""
    return view.width() - view.verticalScrollBar().sizeHint().width()


class _Columns(NamedTuple):
    """Where the parts of a row lie, in px from its left edge, and how wide they are."""

    who: float
    who_width: float
    why: float
    reasons: float
    last: float
    last_width: float


def _columns(width: float, look: Look) -> _Columns:
    who = 24 + look.px(30) + 18
    last_width = look.px(104)
    last = width - 24 - last_width
    who_width = (last - who) * 0.42
    why = who + who_width + 20
    return _Columns(who, who_width, why, last - 16 - why, last, last_width)


def _told(row: RiskRow) -> list[str]:
    """The reasons as they are shown: the worst first, and how many more there are."""
    reasons = reasons_of(row)
    told = [reason.text for reason in reasons[:MOST_REASONS]]
    if len(reasons) > MOST_REASONS:
        more = tr("{reason} … dan {count} alasan lagi")
        told[-1] = more.format(reason=told[-1], count=len(reasons) - MOST_REASONS)
    return told


def _heights(row: RiskRow, width: float, look: Look) -> list[float]:
    """The height of each reason, wrapped to the width."""
    metrics = QFontMetricsF(look.font("small"))
    box = QRectF(0, 0, width, 10_000)
    return [metrics.boundingRect(box, Qt.TextFlag.TextWordWrap, text).height() + 4 for text in _told(row)]


def _paint_row(painter: QPainter, rect: QRectF, row: RiskRow, model: RiskModel, look: Look) -> None:
    c = look.colors
    line, tone, at = look.px(24), tone_of(row), _columns(rect.width(), look)
    top, shape = rect.top() + look.px(12), look.px(30)
    paint.tone_shape(painter, QRectF(rect.left() + 24, top + look.px(6), shape, shape), tone, look)
    box = QRectF(rect.left() + at.who, top, at.who_width, line)
    small = look.font("small")
    paint.text(painter, box, names.display(row.child.name), look.font("strong"), c.ink)
    paint.text(painter, box.translated(0, line), words.mother(row.child), small, c.ink_soft)
    where = f"{words.age(row.child, model.today)} · {words.place(row.child)}"
    if model.several:
        where = f"{row.posyandu} · {where}"
    paint.text(painter, box.translated(0, 2 * line), where, small, c.ink_soft)
    _paint_last(painter, QRectF(rect.left() + at.last, top, at.last_width, line), row, model.today, look)
    head = QRectF(rect.left() + at.why, top, at.reasons, line)
    took = paint.text(painter, head, tone.label, look.font("small_strong"), look.tone(tone).text)
    paint.text(painter, head.adjusted(took + 10, 0, 0, 0), _since(row, model.today), small, c.ink_soft)
    painter.setFont(small)
    painter.setPen(theme.color(c.ink))
    y = top + line
    for text, height in zip(_told(row), _heights(row, at.reasons, look), strict=True):
        painter.drawText(QRectF(head.left(), y, at.reasons, height), int(Qt.TextFlag.TextWordWrap), text)
        y += height


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
        return tr("{day}, belum diukur lagi").format(day=words.day_short(on, today))
    return tr("diukur {day}").format(day=words.day_short(on, today))

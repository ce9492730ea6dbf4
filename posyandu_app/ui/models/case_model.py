"""The worklist as a list model, and the painter of its rows: worst first, each with why and since when."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from posyandu_app.domain import names
from posyandu_app.domain.cases import CaseState
from posyandu_app.i18n import tr
from posyandu_app.services.cases import CaseRow
from posyandu_app.ui import case_words, paint, theme, words
from posyandu_app.ui.charts.channel import channel_of, paint_channel
from posyandu_app.ui.models.rows import ROW, Index, RowDelegate, RowModel
from posyandu_app.ui.theme import Look

PICTURE_IN_LARGE = 64


class CaseModel(RowModel[CaseRow]):
    """Rows of the worklist."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.today = date.min
        self.several = False

    def set_rows(self, rows: Sequence[CaseRow], today: date, *, several: bool) -> None:
        """Show other rows; the posyandu is named when there are several."""
        if (tuple(rows), today, several) != (self.rows, self.today, self.several):
            self.today, self.several = today, several
            self.show(rows)

    def key(self, row: CaseRow) -> str:
        return row.child.id

    def told(self, row: CaseRow) -> str:
        case, last = row.case, row.last.measurement if row.last is not None else None
        told = [names.display(row.child.name), words.mother(row.child), case_words.tone_label(case)]
        told += [case_words.reason(item, self.today) for item in case.reasons]
        told.append(case_words.standing(case, self.today))
        if last is not None:
            told += [words.weight(last.weight_g), words.length(last.length_mm)]
        return ", ".join(told)


class CaseDelegate(RowDelegate):
    """Paints one child: status as shape and word, who, why, how far and since when, and her channel."""

    height = 96

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: Look) -> None:
        row, model = index.data(ROW), index.model()
        assert isinstance(row, CaseRow)
        assert isinstance(model, CaseModel)
        _paint_row(painter, rect, row, model, look)


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
    age, years = QRectF(left + took + 10, top, name.width() - took - 10, line), words.age(row.child, today)
    if QFontMetricsF(small).horizontalAdvance(years) <= age.width():
        paint.text(painter, age, years, small, c.ink_soft)
    picture = look.px(80) if look.scale == 1 else PICTURE_IN_LARGE
    room = QRectF(left, top + line, right - left - picture - 12, line)
    took = 0.0
    if case.reasons:
        took = paint.text(painter, room, case.tone.label, state_font, look.tone(case.tone).text) + 8
    beside = room.adjusted(took, 0, 0, 0)
    paint.text(painter, beside, _where(row, model, beside.width(), look), small, c.ink_soft)
    why = paint.clause(case_words.short(case), QFontMetricsF(small), room.width())
    paint.text(painter, room.translated(0, line), why, small, c.ink)
    group = case.reasons[0].group if case.reasons else None
    channel = channel_of(row.history, group, today)
    if len(channel.points) > 1:
        picture_box = QRectF(right - picture, top + line + 4, picture, 2 * line - 6)
        paint_channel(painter, picture_box, channel, look, labels=False)


def _where(row: CaseRow, model: CaseModel, width: float, look: Look) -> str:
    """Since when, where, and how many reasons more: as much of it as fits, whole."""
    parts = [case_words.since(case_words.worst_since(row.case), model.today)] if row.case.reasons else []
    if model.several:
        parts.append(row.posyandu)
    if row.last is None:
        parts.append(tr("belum pernah ditimbang"))
    parts.append(case_words.more(row.case))
    return paint.as_fits(parts, QFontMetricsF(look.font("small")), width)

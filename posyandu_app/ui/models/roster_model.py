"""The roster as a list model, and the painter of its rows: thousands of children scroll without delay."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QPainter

from posyandu_app.domain import names
from posyandu_app.i18n import tr
from posyandu_app.services.views import RosterRow
from posyandu_app.ui import icons, paint, theme, words
from posyandu_app.ui.models.rows import ROW, Index, RowDelegate, RowModel
from posyandu_app.ui.theme import Look


class RosterModel(RowModel[RosterRow]):
    """Rows of the roster."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.today = date.min

    def set_rows(self, rows: Sequence[RosterRow], today: date) -> None:
        """Show other rows."""
        self.today = today
        self.show(rows)

    def key(self, row: RosterRow) -> str:
        return row.child.id

    def told(self, row: RosterRow) -> str:
        weighed = row.measured_this_month
        parts = (
            names.display(row.child.name),
            words.mother(row.child),
            row.posyandu,
            words.age(row.child, self.today),
            words.weight(row.last_weight_g),
            row.risk.tone.label,
            tr("sudah ditimbang bulan ini") if weighed else tr("belum ditimbang bulan ini"),
            tr("draf") if row.has_draft else "",
        )
        return ", ".join(part for part in parts if part)


class RosterDelegate(RowDelegate):
    """Paints one child: status shape, name and mother, age and RT/RW or posyandu, last weight, status."""

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: Look) -> None:
        row, model = index.data(ROW), index.model()
        assert isinstance(row, RosterRow)
        assert isinstance(model, RosterModel)
        _paint_row(painter, rect, row, model.today, look)


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
    where = row.posyandu or words.place(row.child)
    paint.text(painter, box.translated(0, lower - upper), where, look.font("small"), c.ink_soft)
    right -= age_width + 16
    box = QRectF(x, upper, right - x, line)
    paint.text(painter, box, names.display(row.child.name), look.font("strong"), c.ink)
    family = words.family(row.child, row.posyandu)
    paint.text(painter, box.translated(0, lower - upper), family, look.font("small"), c.ink_soft)


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

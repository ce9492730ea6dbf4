"""The follow-up calendar as a list: days as headings, under each the children to be seen."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QObject, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from posyandu_app.domain import names
from posyandu_app.ui import case_words, paint, theme, words
from posyandu_app.ui.models.rows import ROW, Index, RowDelegate, RowModel
from posyandu_app.ui.screens import controls_state as cs
from posyandu_app.ui.screens.controls_state import Entry
from posyandu_app.ui.theme import Look

HEAD = 46


class ControlsModel(RowModel[Entry]):
    """Headings, which cannot be chosen, and appointments."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.today = date.min

    def set_entries(self, entries: Sequence[Entry], today: date) -> None:
        """Show these."""
        if (tuple(entries), today) != (self.rows, self.today):
            self.today = today
            self.show(entries)

    def key(self, row: Entry) -> str:
        return row.key

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.rows[index.row()].row is None:
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def told(self, row: Entry) -> str:
        appointment = row.row
        if appointment is None:
            return row.title
        parts = (
            names.display(appointment.child.name),
            words.mother(appointment.child),
            row.title,
            case_words.tone_label(appointment.case),
            cs.why(appointment, self.today),
            appointment.posyandu,
        )
        return ", ".join(parts)


class ControlsDelegate(RowDelegate):
    """One appointment: status shape, who and where, what is to be done, and why since when."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        entry = index.data(ROW)
        heading = isinstance(entry, Entry) and entry.row is None
        return QSize(400, theme.current().px(HEAD if heading else self.height))

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: Look) -> None:
        entry, model = index.data(ROW), index.model()
        assert isinstance(entry, Entry)
        assert isinstance(model, ControlsModel)
        if entry.row is None:
            ink = look.colors.danger if entry.overdue else look.colors.ink_soft
            box = rect.adjusted(24, look.px(12), -20, 0)
            paint.text(painter, box, entry.title, look.font("small_strong"), ink)
        else:
            _paint(painter, rect, entry, model.today, look)


def _paint(painter: QPainter, rect: QRectF, entry: Entry, today: date, look: Look) -> None:
    row, c = entry.row, look.colors
    assert row is not None
    line, middle, shape = look.px(24), rect.center().y(), look.px(24)
    upper, lower = middle - line, middle + 1
    x = rect.left() + 24
    tone = case_words.tone_of(row.case)
    paint.tone_shape(painter, QRectF(x, middle - shape / 2, shape, shape), tone, look)
    x += shape + 16
    room = rect.right() - 20 - x
    strong, small = look.font("strong"), look.font("small")
    who = QRectF(x, upper, room * 0.3, line)
    paint.text(painter, who, names.display(row.child.name), strong, c.ink)
    paint.text(painter, who.translated(0, lower - upper), words.mother(row.child), small, c.ink_soft)
    where = QRectF(who.right() + 14, upper, room * 0.18, line)
    paint.text(painter, where, row.posyandu, small, c.ink)
    paint.text(painter, where.translated(0, lower - upper), words.place(row.child), small, c.ink_soft)
    left = where.right() + 14
    what = QRectF(left, upper, rect.right() - 20 - left, line)
    ink = c.danger if entry.overdue else c.ink
    paint.text(painter, what, entry.title, look.font("small_strong"), ink)
    why = paint.as_fits(cs.why(row, today).split(" · "), QFontMetricsF(small), what.width())
    paint.text(painter, what.translated(0, lower - upper), why, small, c.ink_soft)

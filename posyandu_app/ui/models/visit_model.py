"""The table of a child's visits, newest first: every value, what it means, who entered it."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QObject, QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.services.child_book import Visited
from posyandu_app.ui import paint, theme
from posyandu_app.ui.models.rows import ROW, Index, RowDelegate, RowModel
from posyandu_app.ui.screens.child_state import Cells, cells

_SHARES = (0.19, 0.125, 0.045, 0.13, 0.1, 0.1, 0.31)
_SIDE = 22


class VisitModel(RowModel[Cells]):
    """The visits of one child, hidden ones too."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._visits: tuple[Visited, ...] = ()

    def set_visits(self, visits: Sequence[Visited], child: Child, today: date) -> None:
        """Show these."""
        self._visits = tuple(visits)
        self.show(cells(visit, child, today) for visit in visits)

    def visit(self, at: int) -> Visited:
        return self._visits[at]

    def index_of(self, key: str) -> int:
        ids = [visit.measurement.id for visit in self._visits]
        return ids.index(key) if key in ids else -1

    def told(self, row: Cells) -> str:
        return row.told

    def tip(self, row: Cells) -> str:
        return row.meaning[0]


def _boxes(rect: QRectF) -> list[QRectF]:
    width, x, boxes = rect.width() - 2 * _SIDE, rect.left() + _SIDE, []
    for share in _SHARES:
        boxes.append(QRectF(x, rect.top(), width * share - 10, rect.height()))
        x += width * share
    return boxes


class VisitDelegate(RowDelegate):
    """One visit in two lines; what was cancelled is struck through."""

    height = 60

    def paint_row(self, painter: QPainter, rect: QRectF, index: Index, look: theme.Look) -> None:
        row = index.data(ROW)
        assert isinstance(row, Cells)
        c = look.colors
        boxes = _boxes(rect)
        columns = (row.when, row.weight, ("", ""), row.length, row.arm, row.head, row.meaning)
        line = look.px(23)
        top = rect.center().y() - line
        for at, ((upper, lower), box) in enumerate(zip(columns, boxes, strict=True)):
            font = look.font("small_strong" if at == len(boxes) - 1 else "strong")
            font.setStrikeOut(row.voided and at < len(boxes) - 1)
            ink = c.ink_soft if row.voided else c.ink
            one = QRectF(box.left(), top if lower else top + line / 2, box.width(), line)
            said = paint.broken(upper, QFontMetricsF(font), one.width(), 2)
            one.moveTop(top if lower or len(said) > 1 else top + line / 2)
            for at_line, words in enumerate(said):
                paint.text(painter, one.translated(0, at_line * line), words, font, ink)
            if lower and len(said) < 2:  # a long meaning takes the place of who wrote it
                paint.text(painter, one.translated(0, line), lower, look.font("small"), c.ink_soft)
        if row.letter and not row.voided:
            size = look.px(26)
            box = QRectF(boxes[2].left(), rect.center().y() - size / 2, size, size)
            tone = look.tone(
                "waspada" if row.letter == "T" else "baik" if row.letter == "N" else "belum_diukur"
            )
            paint.rounded(painter, box, 6, tone.soft, tone.text if look.stroke > 1 else "", 2)
            paint.text(painter, box, row.letter, look.font("small_strong"), tone.text, theme.ALIGN_CENTER)


class VisitHead(QWidget):
    """The names of the columns over the table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(600, theme.current().px(24))

    def paintEvent(self, event: object) -> None:
        look = theme.current()
        heads = (tr("Tanggal"), tr("BB"), "", tr("PB/TB"), tr("LiLA"), tr("LK"), tr("Artinya"))
        painter = QPainter(self)
        for head, box in zip(heads, _boxes(QRectF(3, 0, self.width() - 6, self.height())), strict=True):
            paint.text(painter, box, head, look.font("small"), look.colors.ink_soft)

"""The recap of a day: the figures of the KMS balok this month beside last month, and the services given."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain.recap import Line
from posyandu_app.i18n import tr
from posyandu_app.ui import paint, theme
from posyandu_app.ui.widgets.basic import Card, Segmented
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.tips import show_tip

GAP = 14
"""Between two columns of figures, px."""


class Figures(QWidget):
    """Lines of a label and right-aligned figures under their heads; one column is the one that counts."""

    def __init__(self, parent: QWidget, *, name: str, strong: int = 0) -> None:
        """`strong` is the column of figures that counts, −1 the last."""
        super().__init__(parent)
        self._strong = strong
        self._heads: tuple[str, ...] = ()
        self._lines: tuple[tuple[str, ...], ...] = ()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_lines(self, heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
        """Show (label, figure, …) lines under heads of the same length."""
        self._heads = tuple(heads)
        self._lines = tuple(tuple(line) for line in lines)
        self.setAccessibleName("; ".join(" ".join(part for part in line if part) for line in self._lines))
        show_tip(self, "\n".join("  ".join(line) for line in self._lines))
        self.update()

    def _height(self) -> float:
        rows = len(self._lines) + 1
        return min(theme.current().px(36), self.height() / rows) if self.height() else theme.current().px(30)

    def sizeHint(self) -> QSize:
        return QSize(300, round(theme.current().px(20) * (len(self._lines) + 1)))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, round(theme.current().px(20) * (len(self._lines) + 1)))

    def _columns(self) -> list[float]:
        """The width of each column of figures: what its widest cell takes."""
        metrics = QFontMetricsF(theme.current().font("small_strong", figures=True))
        columns = zip(*(line[1:] for line in (self._heads, *self._lines)), strict=True)
        return [max(metrics.horizontalAdvance(cell) for cell in column) + GAP for column in columns]

    def _left_of(self, cells: Sequence[str], widths: Sequence[float]) -> float:
        """Where the figures of a line begin: its label may use the columns that are empty or narrow here."""
        metrics = QFontMetricsF(theme.current().font("small_strong", figures=True))
        at = next((at for at, cell in enumerate(cells[1:]) if cell), len(widths))
        if at == len(widths):
            return float(self.width())
        return self.width() - sum(widths[at + 1 :]) - metrics.horizontalAdvance(cells[at + 1])

    def label_is_whole(self, at: int) -> bool:
        """Whether the label of a line is painted without being cut off."""
        cells = self._lines[at]
        needed = QFontMetricsF(theme.current().font("small")).horizontalAdvance(cells[0])
        return needed <= self._left_of(cells, self._columns()) - GAP / 2

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height, widths = self._height(), self._columns()
        soft, strong = look.font("small", figures=True), look.font("small_strong", figures=True)
        counts = self._strong % max(1, len(widths))
        for place, cells in enumerate((self._heads, *self._lines)):
            top, head = place * height, place == 0
            if place:
                painter.fillRect(QRectF(0, top, self.width(), look.stroke), theme.color(c.line))
            label = QRectF(0, top, self._left_of(cells, widths) - GAP / 2, height)
            paint.text(painter, label, cells[0], soft, c.ink_soft if head else c.ink)
            for at, cell in enumerate(cells[1:]):
                box = QRectF(self.width() - sum(widths[at:]), top, widths[at], height)
                if head:
                    font, ink = soft, c.ink_soft
                else:
                    font, ink = (strong, c.ink) if at == counts else (soft, c.ink_soft)
                paint.text(painter, box, cell, font, ink, theme.ALIGN_RIGHT)


class RecapPanel(QWidget):
    """Both tables; the segments choose whom the first one counts."""

    def __init__(self, parent: QWidget, groups: Sequence[str]) -> None:
        super().__init__(parent)
        self.setObjectName("recap")
        self.groups = Segmented(
            self, [(group, "") for group in groups], tr("Hitung"), name="recap_group", role="small", height=40
        )
        month, given = Card(self, margins=14, spacing=0), Card(self, margins=14, spacing=0)
        self.skdn = Figures(month, name="recap_skdn")
        self.given = Figures(given, name="recap_services")
        month.column.addWidget(Scroll(month, self.skdn), 1)
        given.column.addWidget(Scroll(given, self.given), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.groups, 0, Qt.AlignmentFlag.AlignLeft)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(month, 3)
        both.addWidget(given, 2)
        column.addLayout(both, 1)

    def show_recap(self, lines: Sequence[Line], services: Sequence[tuple[str, str]], group: int) -> None:
        """Show a recap."""
        self.groups.set_index(group)
        heads = (tr("Penimbangan"), tr("Bulan ini"), tr("Bulan lalu"), tr("Target"))
        self.skdn.show_lines(heads, [(line.label, line.now, line.before, line.target) for line in lines])
        self.given.show_lines((tr("Pelayanan"), tr("Jumlah")), services)

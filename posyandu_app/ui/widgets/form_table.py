"""The monthly form as on paper: counts by age group and sex, painted so that all of it is in sight."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.ui import paint, theme

ROW = 30


class FormTable(QWidget):
    """Two lines of heads, then one line for each row: number, label, figures."""

    def __init__(self, parent: QWidget, *, name: str) -> None:
        super().__init__(parent)
        self._groups: tuple[str, ...] = ()
        self._heads: tuple[str, ...] = ()
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._strong: frozenset[str] = frozenset()
        self._unit = ""
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_rows(
        self,
        groups: Sequence[str],
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        strong: frozenset[str] = frozenset(),
        unit: str = "",
    ) -> None:
        """Each group spans two heads, the last three; `strong` rows stand out; groups are in `unit`."""
        self._groups, self._heads = tuple(groups), tuple(heads)
        self._unit = unit
        self._rows, self._strong = tuple(tuple(row) for row in rows), strong
        self.setAccessibleName("; ".join(" ".join((row[1], *row[2:])) for row in self._rows))
        self.updateGeometry()
        self.update()

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        return self._rows

    def sizeHint(self) -> QSize:
        return QSize(700, theme.current().px(24) * (len(self._rows) + 2))

    def minimumSizeHint(self) -> QSize:
        return QSize(600, theme.current().px(22) * (len(self._rows) + 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._heads:
            return
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = min(look.px(ROW), self.height() / (len(self._rows) + 2))
        small, strong = look.font("small"), look.font("small_strong", figures=True)
        figures = look.font("small", figures=True)
        number = QFontMetricsF(small).horizontalAdvance("00") + 10
        label = max((QFontMetricsF(strong).horizontalAdvance(row[1]) for row in self._rows), default=0) + 12
        label = min(label, self.width() * 0.32)
        width = (self.width() - number - label) / len(self._heads)
        paint.text(painter, QRectF(number, 0, label, height), self._unit, small, c.ink_soft)
        left = number + label
        for at, group in enumerate(self._groups):
            span = 3 if at == len(self._groups) - 1 else 2
            box = QRectF(left, 0, span * width, height)
            if at % 2:
                painter.fillRect(
                    QRectF(left, 0, span * width, height * (len(self._rows) + 2)), theme.color(c.sunken)
                )
            paint.text(painter, box, group, small, c.ink_soft, theme.ALIGN_CENTER)
            left += span * width
        for at, head in enumerate(self._heads):
            box = QRectF(number + label + at * width, height, width, height)
            paint.text(painter, box, head, small, c.ink_soft, theme.ALIGN_CENTER)
        for at, row in enumerate(self._rows):
            top = (at + 2) * height
            painter.fillRect(QRectF(0, top, self.width(), look.stroke), theme.color(c.line))
            bold = row[0] in self._strong
            paint.text(painter, QRectF(0, top, number, height), row[0], small, c.ink_soft)
            box = QRectF(number, top, label - 6, height)
            paint.text(painter, box, row[1], strong if bold else small, c.ink)
            for place, cell in enumerate(row[2:]):
                box = QRectF(number + label + place * width, top, width, height)
                last = place == len(row) - 3
                font = strong if bold or last else figures
                ink = c.ink if cell != "0" or bold or last else c.ink_soft
                paint.text(painter, box, cell.replace("-", "−"), font, ink, theme.ALIGN_CENTER)

"""What to have ready, as small labels with their numbers: the table is laid with one look at them."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.ui import paint, theme

HEIGHT, GAP = 32, 8


class Needs(QWidget):
    """A word in front, then each thing with its number; on a second line where there are many."""

    def __init__(self, parent: QWidget, title: str, *, name: str) -> None:
        super().__init__(parent)
        self._title = title
        self._needs: tuple[tuple[str, int], ...] = ()
        self.setObjectName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_needs(self, needs: Sequence[tuple[str, int]]) -> None:
        """Show (name, how many)."""
        self._needs = tuple(needs)
        told = ", ".join(f"{number} {name}" for name, number in self._needs)
        self.setAccessibleName(f"{self._title}: {told}")
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(self.width() or 400))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(self.width() or 400))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        boxes = self._boxes(width)
        return round(boxes[-1].bottom()) if boxes else 0

    def _fit(self) -> None:
        self.setFixedHeight(self.heightForWidth(max(self.width(), 200)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _boxes(self, width: float) -> list[QRectF]:
        look = theme.current()
        words = QFontMetricsF(look.font("small"))
        figures = QFontMetricsF(look.font("small_strong", figures=True))
        first = words.horizontalAdvance(self._title) + 12
        boxes, x, y = [], first, 0.0
        height, gap = look.px(HEIGHT), look.px(GAP)
        for name, number in self._needs:
            took = (
                words.horizontalAdvance(name) + figures.horizontalAdvance(str(number)) + look.px(12) * 2 + 8
            )
            if x > first and x + took > width:
                x, y = first, y + height + gap
            boxes.append(QRectF(x, y, took, height))
            x += took + gap
        return boxes

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small, strong = look.font("small"), look.font("small_strong", figures=True)
        title = QRectF(0, 0, self.width(), look.px(HEIGHT))
        paint.text(painter, title, self._title, small, c.ink_soft)
        for (name, number), box in zip(self._needs, self._boxes(self.width()), strict=True):
            paint.rounded(painter, box, box.height() / 2, c.surface, c.line, look.stroke)
            inside = box.adjusted(look.px(12), 0, -look.px(12), 0)
            took = paint.text(painter, inside, str(number), strong, c.accent, elide=False)
            words = inside.adjusted(took + 8, 0, 4, 0)
            paint.text(painter, words, name, small, c.ink, Qt.AlignmentFlag.AlignVCenter, elide=False)

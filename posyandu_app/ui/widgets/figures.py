"""The few large figures at the top of an analysis; one of them is what the picture shows."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.ui import paint, theme
from posyandu_app.ui.analysis.shown import Figure
from posyandu_app.ui.pictures.dots import paint_mark
from posyandu_app.ui.pictures.style import PictureStyle

HEIGHT, FLAT, GAP = 92, 44, 12


class Figures(QWidget):
    """Figures side by side; arrow keys and clicks choose, F3 goes on from anywhere."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self._figures: tuple[Figure, ...] = ()
        self._at = -1
        self._accessible = accessible
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(accessible)

    def show_figures(self, figures: Sequence[Figure], chosen: str) -> None:
        """Show these, with the chosen one marked."""
        self._figures = tuple(figures)
        self._at = next((at for at, figure in enumerate(figures) if figure.key == chosen), -1)
        self.setVisible(bool(figures))
        told = [
            " ".join(part for part in (f.label, f.value, f.below, f.change) if part) for f in self._figures
        ]
        self.setAccessibleName(f"{self._accessible}: {told[self._at] if self._at >= 0 else ''}")
        self.setAccessibleDescription("; ".join(told))
        self.updateGeometry()
        self.update()

    @property
    def _flat(self) -> bool:
        return not any(figure.value for figure in self._figures)

    def sizeHint(self) -> QSize:
        return QSize(600, round(theme.current().px(FLAT if self._flat else HEIGHT)))

    def minimumSizeHint(self) -> QSize:
        return QSize(300, self.sizeHint().height())

    def _boxes(self) -> list[QRectF]:
        count = max(len(self._figures), 1)
        width = (self.width() - GAP * (count - 1)) / count
        return [QRectF(at * (width + GAP), 0, width, self.height()) for at in range(len(self._figures))]

    def paintEvent(self, event: QPaintEvent) -> None:
        style = PictureStyle.of(self)
        c, look = style.colors, style.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for at, (figure, box) in enumerate(zip(self._figures, self._boxes(), strict=True)):
            on = at == self._at
            fill, line = (c.accent_soft, c.accent) if on else (c.surface, c.line)
            paint.rounded(painter, box, theme.RADIUS, fill, line, 2 if on else look.stroke)
            if on and self.hasFocus():
                paint.focus_ring(painter, box, theme.RADIUS, look)
            inner = box.adjusted(style.px(16), 0, -style.px(12), 0)
            ink = c.accent if on else c.ink
            if self._flat:
                label, role = box.adjusted(6, 0, -6, 0), "strong"
                if style.width(figure.label, role) > label.width():
                    role = "small_strong"
                paint.text(painter, label, figure.label, style.font(role), ink, theme.ALIGN_CENTER)
                continue
            self._paint(painter, inner, figure, ink, style)

    def _paint(self, painter: QPainter, box: QRectF, figure: Figure, ink: str, style: PictureStyle) -> None:
        c = style.colors
        line = style.px(21)
        top = QRectF(box.left(), box.top() + style.px(9), box.width() + style.px(8), line)
        paint.text(painter, top, figure.label, style.font("small_strong"), ink)
        middle = QRectF(box.left(), top.bottom() - style.px(1), box.width(), style.px(36))
        x = middle.left()
        if figure.tone:
            radius = style.px(7)
            centre = QPointF(x + radius, middle.center().y() + style.px(1))
            paint_mark(painter, centre, radius, figure.tone, figure.high_is_bad, style)
            x += 2 * radius + style.px(9)
        role = "title" if len(figure.value) < 9 else "strong"
        value = QRectF(x, middle.top(), middle.right() - x, middle.height())
        took = paint.text(painter, value, figure.value, style.font(role, figures=True), c.ink)
        below = QRectF(box.left(), middle.bottom() - style.px(3), box.width(), line)
        told, left = figure.below, x + took + style.px(12)
        if (
            figure.change
            and left + style.width(figure.change, "small_strong", figures=True) <= middle.right()
        ):
            beside = QRectF(left, middle.top() + style.px(3), middle.right() - left, middle.height())
            font = style.font("small_strong", figures=True)
            paint.text(painter, beside, figure.change, font, c.ink_soft)
        elif figure.change:
            told = f"{figure.below} · {figure.change}"
        shorter = (told, figure.change if told != figure.below else "", told.rpartition(" ")[0])
        fits = (
            words for words in shorter if words and style.width(words, "small", figures=True) <= box.width()
        )
        paint.text(painter, below, next(fits, told), style.font("small", figures=True), c.ink_soft)

    def _choose(self, at: int) -> None:
        if 0 <= at < len(self._figures) and at != self._at:
            self.chosen.emit(self._figures[at].key)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for at, box in enumerate(self._boxes()):
            if box.contains(event.position()):
                self._choose(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Right:
            self._choose(min(self._at + 1, len(self._figures) - 1))
        elif event.key() == Qt.Key.Key_Left:
            self._choose(max(self._at - 1, 0))
        else:
            super().keyPressEvent(event)

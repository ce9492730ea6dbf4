"""The left half of the first screens: the name of the app over quiet growth curves."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.i18n import tr
from posyandu_app.ui import icons, paint, theme

WIDTH, COMPACT_WIDTH = 480, 88


class Welcome(QWidget):
    """Painted, not interactive: who this program is for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Posyandu: catatan tumbuh kembang balita"))

    def sizeHint(self) -> QSize:
        """In a compact window the questions need the room more than this does."""
        return QSize(COMPACT_WIDTH if theme.current().compact else WIDTH, 400)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color(c.accent_pressed))
        if look.contrast == theme.Contrast.NORMAL:
            self._curves(painter)
        if look.compact:
            self._tile(painter, (self.width() - 56) / 2, 24)
            return
        left, width = 48.0, self.width() - 96.0
        self._tile(painter, left, 56)
        paint.text(
            painter, QRectF(left, 132, width, look.px(48)), tr("Posyandu"), look.font("display"), c.on_accent
        )
        painter.setFont(look.font("lead"))
        painter.setPen(theme.color(c.on_accent))
        words = tr("Timbang, ukur, dan tahu saat itu juga. Tanpa internet pun semua tersimpan di laptop ini.")
        rect = QRectF(left, 132 + look.px(56), width, look.px(120))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), words)

    def _tile(self, painter: QPainter, left: float, top: float) -> None:
        c = theme.current().colors
        paint.rounded(painter, QRectF(left, top, 56, 56), 16, c.on_accent)
        icons.draw(painter, "sprout", c.accent, left + 11, top + 11, 34)

    def _curves(self, painter: QPainter) -> None:
        width, height = float(self.width()), float(self.height())
        for end, bend, tint in ((0.40, 0.50, 14), (0.56, 0.66, 16), (0.72, 0.80, 18)):
            path = QPainterPath(QPointF(0, height))
            path.cubicTo(
                QPointF(width * 0.16, height * (bend + 0.26)),
                QPointF(width * 0.52, height * bend),
                QPointF(width, height * end),
            )
            path.lineTo(width, height)
            path.closeSubpath()
            painter.fillPath(path, QColor(255, 255, 255, tint))
        line = QPainterPath(QPointF(0, height))
        line.cubicTo(
            QPointF(width * 0.15, height * 0.84),
            QPointF(width * 0.45, height * 0.62),
            QPointF(width * 0.80, height * 0.55),
        )
        painter.setPen(QPen(QColor(255, 255, 255, 200), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPath(line)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255))
        for t in (0.18, 0.36, 0.52, 0.68, 0.84, 1.0):
            point = line.pointAtPercent(t)
            painter.drawEllipse(point, 5 if t < 1 else 8, 5 if t < 1 else 8)

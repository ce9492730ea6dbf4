"""How often each last digit was written: ten bars that ought to be alike."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.i18n import tr
from posyandu_app.reports.digits import DigitPreference
from posyandu_app.ui import paint, theme
from posyandu_app.ui.pictures.style import PictureStyle


class DigitBars(QWidget):
    """Bars from 0 to 9 with the line of 10 %; those written too often are marked."""

    def __init__(self, parent: QWidget, *, name: str) -> None:
        super().__init__(parent)
        self._found: DigitPreference | None = None
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_digits(self, found: DigitPreference | None) -> None:
        """Show these, or nothing."""
        self._found = found
        self.setVisible(found is not None)
        if found is not None and found.n:
            told = (f"{digit}: {round(100 * count / found.n)} %" for digit, count in enumerate(found.counts))
            self.setAccessibleName(tr("Angka akhir yang ditulis") + ": " + "; ".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, round(theme.current().px(118)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        style = PictureStyle.of(self)
        c, look = style.colors, style.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.rounded(painter, QRectF(self.rect()), theme.RADIUS, c.surface, c.line, look.stroke)
        found = self._found
        if found is None or not found.n:
            return
        line = style.px(22)
        area = QRectF(self.rect()).adjusted(20, 12 + line * 0.8, -20, -6 - line)
        most = max(max(found.counts) / found.n, 0.2)
        width = area.width() / 10
        y = area.bottom() - area.height() * 0.1 / most
        for digit, count in enumerate(found.counts):
            share = count / found.n
            tall = area.height() * share / most
            box = QRectF(area.left() + width * digit + width * 0.2, area.bottom() - tall, width * 0.6, tall)
            often = digit in found.preferred
            tone = look.tone("rujuk")
            painter.setPen(QPen(QColor(tone.solid if often else c.accent), 1))
            painter.setBrush(QColor(tone.solid if often else c.accent_soft))
            painter.drawRoundedRect(box, 3, 3)
            words = f"{round(share * 100)} %"
            over = QRectF(box.left() - 20, box.top() - line, box.width() + 40, line)
            if over.top() < y < over.bottom():  # not struck through by the line of 10 %
                over.moveBottom(min(y - 1, box.top()))
            role = "small_strong" if often else "small"
            paint.text(painter, over, words, style.font(role, figures=True), c.ink, theme.ALIGN_CENTER)
            under = QRectF(box.left(), area.bottom(), box.width(), line)
            paint.text(
                painter,
                under,
                str(digit),
                style.font("small_strong", figures=True),
                c.ink,
                theme.ALIGN_CENTER,
            )
        painter.setPen(QPen(QColor(c.ink_soft), 1))
        painter.drawLine(round(area.left()), round(y), round(area.right()), round(y))

"""The icon family (Lucide, ISC licence), recoloured by the theme and kept once drawn."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from posyandu_app.paths import resources


@lru_cache(maxsize=512)
def pixmap(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon at `size` logical px in one colour; raises `FileNotFoundError` for a name not shipped."""
    source = (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


def draw(painter: QPainter, name: str, color: str, x: float, y: float, size: int) -> None:
    """Paint the icon with its top left corner at (x, y), sharp on every screen."""
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(QRectF(x, y, size, size), pixmap(name, color, size, ratio), QRectF())

"""Small drawings that widgets and list rows share: key badges, status shapes, pills, focus rings."""

import re
from collections.abc import Sequence
from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from posyandu_app.ui import theme
from posyandu_app.ui.theme import Look

BADGE_HEIGHT = 24


def rounded(
    painter: QPainter, rect: QRectF, radius: float, fill: str, line: str = "", width: float = 1
) -> None:
    """A filled rounded rectangle, outlined inside its own bounds when `line` is given."""
    painter.setBrush(QColor(fill))
    if line:
        painter.setPen(QPen(QColor(line), width))
        inset = width / 2
        rect = rect.adjusted(inset, inset, -inset, -inset)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, radius, radius)


def card(painter: QPainter, rect: QRectF, look: Look) -> None:
    """The white rounded ground of what belongs together."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rounded(painter, rect, theme.RADIUS, look.colors.surface, look.colors.line, look.stroke)


def focus_ring(painter: QPainter, rect: QRectF, radius: float, look: Look, inside: str = "") -> None:
    """The ring around what has the keyboard; over a dark fill a light line sets it off."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(look.colors.focus), 3))
    painter.drawRoundedRect(rect.adjusted(1.5, 1.5, -1.5, -1.5), radius - 1, radius - 1)
    if inside and theme.contrast(inside, look.colors.focus) < 3:
        painter.setPen(QPen(QColor(look.colors.on_accent), 2))
        painter.drawRoundedRect(rect.adjusted(4, 4, -4, -4), radius - 3, radius - 3)


def shortened(words: str, metrics: QFontMetricsF, width: float) -> str:
    """One line cut with … to fit the width; the one place where words of the screen are shortened."""
    return metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)


def as_fits(parts: Sequence[str], metrics: QFontMetricsF, width: float, glue: str = " · ") -> str:
    """Parts joined as far as they fit, each whole; the first one always stands."""
    said = ""
    for part in parts:
        longer = glue.join(word for word in (said, part) if word)
        if said and metrics.horizontalAdvance(longer) > width:
            break
        said = longer
    return said


def clause(words: str, metrics: QFontMetricsF, width: float) -> str:
    """As much of a sentence as fits, up to one of its own breaks: before a comma, a colon, a bracket."""
    ends = [len(words), *(match.start() for match in reversed(list(_BREAKS.finditer(words))))]
    return next((words[:end] for end in ends if metrics.horizontalAdvance(words[:end]) <= width), words)


def whole(words: str, metrics: QFontMetricsF, width: float) -> str:
    """As much of a few words as fits, never a part of one: up to a break, else word by word."""
    shorter = clause(words, metrics, width)
    return as_fits(shorter.split(" "), metrics, width, " ")


def text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    font: QFont,
    ink: str,
    align: Qt.AlignmentFlag = theme.ALIGN_LEFT,
    elide: bool = True,
) -> float:
    """One line of text, shortened with … when it does not fit; returns the width it took."""
    metrics = QFontMetricsF(font)
    if elide:
        words = shortened(words, metrics, rect.width() + 0.5)
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(rect, int(align) | int(Qt.TextFlag.TextSingleLine), words)
    return metrics.horizontalAdvance(words)


_UNITS = "%|kg|g|cm|SD|IU"
_MONTHS = "Jan|Feb|Mar|Apr|Mei|May|Jun|Jul|Agu|Aug|Sep|Okt|Oct|Nov|Des|Dec"
_GLUE = re.compile(rf"(?<=\d) (?=(?:{_UNITS}|{_MONTHS})(?!\w))")
_BREAKS = re.compile(r", |: | \(")
_GAPS = re.compile(r"[ \t\n]+")
_INDEX = re.compile(r"(?<=[A-Z])/(?=[A-Z])")
NBSP, JOINER = "\u00a0", "\u2060"


def glued(words: str) -> str:
    """The words with figure and unit, and both halves of an index, held together: "8,4 kg", "BB/TB"."""
    return _INDEX.sub(f"/{JOINER}", _GLUE.sub(NBSP, words))


def broken(words: str, metrics: QFontMetricsF, width: float, most: int) -> list[str]:
    """Text as lines that fit the width, at most so many; the last is shortened with … when more is left."""
    lines: list[str] = []
    left = [word for word in _GAPS.split(glued(words)) if word]
    while left and len(lines) < most:
        line = left.pop(0)
        while left and metrics.horizontalAdvance(f"{line} {left[0]}") <= width:
            line = f"{line} {left.pop(0)}"
        lines.append(line)
    if left:
        rest = " ".join([lines[-1], *left])
        lines[-1] = shortened(rest, metrics, width)
    return lines


def badge_width(key: str, look: Look) -> float:
    """The width of a key badge, 0 without a key."""
    if not key:
        return 0
    return max(QFontMetricsF(look.font("small")).horizontalAdvance(key) + 12, look.px(BADGE_HEIGHT))


def key_badge(painter: QPainter, x: float, middle: float, key: str, look: Look, ink: str, line: str) -> float:
    """A key's name in a small outlined box, centred on `middle`; returns its width."""
    width, height = badge_width(key, look), look.px(BADGE_HEIGHT)
    rect = QRectF(x, middle - height / 2, width, height)
    pen = QPen(QColor(line), 1)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    text(painter, rect, key, look.font("small"), ink, theme.ALIGN_CENTER, elide=False)
    return width


def tone_shape(painter: QPainter, rect: QRectF, tone: str, look: Look) -> None:
    """The shape of a status: octagon, triangle, diamond, disc with a tick, dashed ring.

    Each is known without its colour; `low` and `high` findings are arrows down and up.
    """
    colors = look.tone(tone)
    side = min(rect.width(), rect.height())
    centre = rect.center()
    solid, on_solid = QColor(colors.solid), QColor(colors.on_solid)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(solid)
    radius = side / 2
    if tone == "rujuk_segera":
        painter.drawPolygon(_polygon(centre, radius, 8, pi / 8))
        _mark(painter, centre, side, on_solid)
    elif tone == "rujuk":
        top = QPointF(centre.x(), centre.y() - radius)
        base = centre.y() + radius * 0.86
        path = QPainterPath(top)
        path.lineTo(centre.x() + radius * 1.06, base)
        path.lineTo(centre.x() - radius * 1.06, base)
        path.closeSubpath()
        painter.setPen(
            QPen(solid, side * 0.1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        painter.drawPath(path)
        _mark(painter, centre + QPointF(0, side * 0.1), side * 0.82, on_solid)
    elif tone == "waspada":
        painter.setPen(QPen(solid.darker(165), max(1.0, side * 0.06)))
        painter.drawPolygon(_polygon(centre, radius, 4, 0))
        _mark(painter, centre, side * 0.8, on_solid)
    elif tone == "baik":
        painter.drawEllipse(centre, radius * 0.94, radius * 0.94)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_round_pen(on_solid, side * 0.11))
        tick = [(-0.24, 0.02), (-0.07, 0.19), (0.24, -0.16)]
        painter.drawPolyline(QPolygonF([centre + QPointF(x * side, y * side) for x, y in tick]))
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(solid, side * 0.12)
        pen.setDashPattern([1.6, 1.3])
        painter.setPen(pen)
        painter.drawEllipse(centre, radius * 0.84, radius * 0.84)
    painter.restore()


def arrow(painter: QPainter, rect: QRectF, side: int, tone: str, look: Look) -> None:
    """Where a value stands: an arrow down (low), up (high) or a disc (normal); two chevrons when far out."""
    solid = QColor(look.tone(tone).solid)
    size = min(rect.width(), rect.height())
    centre = rect.center()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if side == 0:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(solid)
        painter.drawEllipse(centre, size * 0.28, size * 0.28)
    else:
        painter.setPen(_round_pen(solid.darker(150) if tone == "waspada" else solid, size * 0.16))
        direction = 1 if side < 0 else -1
        for shift in (-0.2, 0.2) if abs(side) > 1 else (0.0,):
            middle = centre.y() + shift * size + direction * size * 0.12
            painter.drawPolyline(
                QPolygonF(
                    [
                        QPointF(centre.x() - size * 0.32, middle - direction * size * 0.26),
                        QPointF(centre.x(), middle),
                        QPointF(centre.x() + size * 0.32, middle - direction * size * 0.26),
                    ]
                )
            )
    painter.restore()


def pill(
    painter: QPainter, x: float, middle: float, words: str, tone: str, look: Look, shape: bool = True
) -> float:
    """A status as shape and word on its soft ground, centred on `middle`; returns its width."""
    colors = look.tone(tone)
    font = look.font("small_strong")
    height = look.px(32)
    icon = look.px(18) if shape else 0
    gap = look.px(8) if shape else 0
    width = look.px(12) * 2 + icon + gap + QFontMetricsF(font).horizontalAdvance(words)
    rect = QRectF(x, middle - height / 2, width, height)
    line = colors.text if look.contrast == theme.Contrast.HIGH else ""
    rounded(painter, rect, height / 2, colors.soft, line, 2)
    left = x + look.px(12)
    if shape:
        tone_shape(painter, QRectF(left, middle - icon / 2, icon, icon), tone, look)
    text(painter, QRectF(left + icon + gap, rect.top(), width, height), words, font, colors.text, elide=False)
    return width


def pill_width(words: str, look: Look, shape: bool = True) -> float:
    """The width that `pill` takes."""
    extra = look.px(18) + look.px(8) if shape else 0
    return look.px(12) * 2 + extra + QFontMetricsF(look.font("small_strong")).horizontalAdvance(words)


def _polygon(centre: QPointF, radius: float, corners: int, turn: float) -> QPolygonF:
    points = [
        centre
        + QPointF(radius * sin(2 * pi * i / corners + turn), -radius * cos(2 * pi * i / corners + turn))
        for i in range(corners)
    ]
    return QPolygonF(points)


def _round_pen(ink: QColor, width: float) -> QPen:
    return QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _mark(painter: QPainter, centre: QPointF, side: float, ink: QColor) -> None:
    """An exclamation mark."""
    painter.save()
    painter.setPen(_round_pen(ink, side * 0.13))
    painter.drawLine(centre + QPointF(0, -side * 0.24), centre + QPointF(0, side * 0.04))
    painter.drawPoint(centre + QPointF(0, side * 0.25))
    painter.restore()

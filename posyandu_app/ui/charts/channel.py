"""How a child moves between the channels of one index: a small picture of her last year in z-scores.

The lines are those of PMK 2/2020 (−3, −2, 0, and the upper limit of the index); a child who grows
along her own line stays level, one who falters falls, long before she is short.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from posyandu_app.domain.age import months_before
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.cases import Group
from posyandu_app.domain.classify import Index, index_name
from posyandu_app.domain.zscore import Growth, ZScore, format_z
from posyandu_app.ui import paint, theme
from posyandu_app.ui.theme import Look

MONTHS = 12
_UPPER = {Index.BB_U: 1.0, Index.TB_U: 3.0, Index.BB_TB: 2.0, Index.LK_U: 2.0}
_OF_GROUP = {
    Group.SEVERE: Index.BB_TB,
    Group.WASTING: Index.BB_TB,
    Group.OVERWEIGHT: Index.BB_TB,
    Group.STUNTING: Index.TB_U,
    Group.HEAD: Index.LK_U,
}


@dataclass(frozen=True, slots=True)
class Channel:
    """The z-scores of one index, oldest first, in hundredths; `name` is PB/U or TB/U by her age."""

    index: Index
    name: str
    points: tuple[tuple[date, int], ...]

    @property
    def told(self) -> str:
        """The picture in words: "BB/U −1,20, −1,64, −2,11"."""
        return f"{self.name} " + ", ".join(format_z(centi) for _, centi in self.points)


def channel_of(history: Sequence[Assessed], group: Group | None, today: date) -> Channel:
    """The year up to today of the index that a reason is about, else of weight for age."""
    wanted = _OF_GROUP.get(group, Index.BB_U) if group is not None else Index.BB_U
    found = _points(history, wanted, today)
    if len(found) < 2 and wanted is not Index.BB_U and len(_points(history, Index.BB_U, today)) > len(found):
        wanted, found = Index.BB_U, _points(history, Index.BB_U, today)
    days = history[-1].age_days if history else None
    return Channel(wanted, index_name(wanted, days), found)


def _points(history: Sequence[Assessed], index: Index, today: date) -> tuple[tuple[date, int], ...]:
    since = months_before(today, MONTHS)
    return tuple(
        (item.measurement.date, score.centi)
        for item in history
        if item.measurement.date >= since
        and (score := score_of(item.growth, index)) is not None
        and not score.flagged
    )


def score_of(growth: Growth, index: Index) -> ZScore | None:
    """The z-score of one index, None when it was not measured."""
    return {
        Index.BB_U: growth.weight_for_age,
        Index.TB_U: growth.length_for_age,
        Index.BB_TB: growth.weight_for_length,
        Index.LK_U: growth.head_for_age,
    }.get(index)


def paint_channel(painter: QPainter, rect: QRectF, channel: Channel, look: Look, *, labels: bool) -> None:
    """Paint the picture; with `labels` the limits are named at the right and the last value at its point."""
    c, small = look.colors, look.font("small", figures=True)
    values = [centi / 100 for _, centi in channel.points]
    upper = _UPPER[channel.index]
    low = min([-3.4, *(value - 0.5 for value in values)])
    high = max([upper + 0.4, *(value + 0.3 for value in values)])
    gutter = QFontMetricsF(small).horizontalAdvance("−3") + 10 if labels else 0.0
    area = rect.adjusted(0, 0, -gutter, 0)

    def y(z: float) -> float:
        return area.bottom() - (z - low) / (high - low) * area.height()

    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    below, far = look.tone("rujuk"), look.tone("rujuk_segera")
    painter.fillRect(QRectF(area.left(), y(high), area.width(), y(-2) - y(high)), theme.color(c.sunken))
    painter.fillRect(QRectF(area.left(), y(-2), area.width(), y(-3) - y(-2)), theme.color(below.soft))
    painter.fillRect(QRectF(area.left(), y(-3), area.width(), area.bottom() - y(-3)), theme.color(far.soft))
    tall, named = QFontMetricsF(small).height(), [float("inf")]
    for z, ink in ((-3.0, far.solid), (-2.0, below.solid), (0.0, c.line_strong), (upper, c.line_strong)):
        pen = QPen(theme.color(ink), look.stroke)
        pen.setStyle(Qt.PenStyle.DashLine if z in (0.0, upper) else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(area.left(), y(z)), QPointF(area.right(), y(z)))
        if labels and named[-1] - y(z) >= tall * 0.8:  # the graver limit is named where two would touch
            named.append(y(z))
            box = QRectF(area.right() + 6, y(z) - tall / 2, gutter, tall)
            paint.text(painter, box, _limit(z), small, c.ink_soft, elide=False)
    _paint_line(painter, area, channel, look, y, large=labels)
    painter.restore()


def _limit(z: float) -> str:
    return f"−{-z:.0f}" if z < 0 else f"+{z:.0f}" if z > 0 else "0"


def _paint_line(
    painter: QPainter, area: QRectF, channel: Channel, look: Look, y: Callable[[float], float], *, large: bool
) -> None:
    points = channel.points
    if not points:
        return
    first, last = points[0][0].toordinal(), points[-1][0].toordinal()
    inset = 10.0 if large else 6.0
    span = max(1, last - first)

    def at(day: date, centi: int) -> QPointF:
        share = (day.toordinal() - first) / span if len(points) > 1 else 1.0
        return QPointF(area.left() + inset + share * (area.width() - 2 * inset), y(centi / 100))

    places = [at(day, centi) for day, centi in points]
    ink = theme.color(look.colors.ink)
    width = 2.5 if large else 2.0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(
        QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.drawPolyline(QPolygonF(places))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    for place in places[:-1] if large else ():
        painter.drawEllipse(place, 3, 3)
    painter.drawEllipse(places[-1], 5 if large else 3.5, 5 if large else 3.5)
    if large:
        words = format_z(points[-1][1])
        font = look.font("small_strong", figures=True)
        metrics = QFontMetricsF(font)
        box = QRectF(0, 0, metrics.horizontalAdvance(words) + 8, metrics.height())
        box.moveRight(places[-1].x() + 4)
        above = places[-1].y() - box.height() - 8
        box.moveTop(above if above > area.top() else places[-1].y() + 8)
        paint.text(painter, box, words, font, look.colors.ink, theme.ALIGN_CENTER, elide=False)

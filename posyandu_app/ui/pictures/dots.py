"""Figures of many areas or groups on one axis: a dot with its 95 % interval, the target line, the words.

The dot says three things at once: a disc lies at or under the target with its whole interval, a
triangle wholly beyond it, a ring is not clear of it. Without a target all are discs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from posyandu_app.i18n import tr, written
from posyandu_app.reports.statistics import Share, limits
from posyandu_app.ui import paint, theme
from posyandu_app.ui.pictures.style import PictureStyle

ROW = 54
HEAD = 44
FLAT_HEAD = 30
SHAPE = 22
GOOD, UNCLEAR, BAD, PLAIN = "baik", "waspada", "rujuk", ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure at the end of a row: what it is, smaller words below, and the tone of a status or ""."""

    upper: str
    lower: str = ""
    tone: str = ""
    arrow: int = 0
    """−1 fell, 1 rose, 0 neither: painted as an arrow before the words."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One row: `value` with `low` and `high` in per cent, `before` where it was, `figure` in words."""

    key: str
    label: str
    detail: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    figure: str = "—"
    interval: str = ""
    tone: str = PLAIN
    place: str = ""
    cells: tuple[Cell, ...] = ()
    shape: str = ""
    """The tone of a status whose shape stands before the words, in pictures without an axis."""

    def told(self) -> str:
        """The row for those who listen."""
        tone = {GOOD: tr("memenuhi target"), BAD: tr("belum memenuhi target")}.get(self.tone, "")
        parts = [self.place, self.label, self.figure, self.interval, tone, self.detail]
        parts += [f"{cell.upper} {cell.lower}".strip() for cell in self.cells]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Dots:
    """The rows, what their columns are called, and the axis: its end and the target, in per cent."""

    heads: tuple[str, ...]
    """Of the label, of the figure, of each cell."""
    rows: tuple[Dot, ...]
    high: float = 100.0
    target: float | None = None
    target_words: str = ""
    high_is_bad: bool = True
    axis: bool = True


def axis_end(values: Sequence[float | None]) -> float:
    """A round end of the axis that holds all values, at least 5 and at most 100 per cent."""
    most = max((value for value in values if value is not None), default=0.0)
    if most >= 95:
        return 100.0
    step = mark_step(max(most, 5.0))
    return min(100.0, ceil(most * 1.02 / step) * step or step)


def tone_of(one: Share, target: float | None) -> str:
    """Whether a share, of which more is worse, is clear of its target, on which side, or not clear at all."""
    if one.percent is None or one.low is None or target is None:
        return PLAIN
    low, high = limits(one)
    if low <= target < high or (low < target <= high):
        return UNCLEAR
    return BAD if low > target else GOOD


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a picture lie: left edges and widths, px."""

    place: float
    label: float
    label_width: float
    axis: float
    axis_width: float
    figure: float
    figure_width: float
    cells: tuple[tuple[float, float], ...]


def columns(dots: Dots, left: float, width: float, style: PictureStyle) -> Columns:
    """Columns as wide as their words; what is left is shared by labels and axis."""
    gap = style.px(18 if dots.axis else 14)
    place = max((style.width(row.place, "lead_strong", figures=True) for row in dots.rows), default=0.0)
    place = place + gap if place else 0.0
    if any(row.shape for row in dots.rows):
        place = style.px(SHAPE) + gap
    figure = max(
        [style.width(row.figure, "strong", figures=True) for row in dots.rows]
        + [style.width(row.interval, "small", figures=True) for row in dots.rows]
        + [style.width(dots.heads[1], "small") if len(dots.heads) > 1 else 0.0, style.px(56)]
    )
    cells = []
    for at in range(len(dots.heads) - 2):
        words = [style.width(dots.heads[at + 2], "small")]
        for row in dots.rows:
            if at < len(row.cells):
                cell = row.cells[at]
                arrow = style.px(20) if cell.arrow else 0.0
                words.append(style.width(cell.upper, "strong", figures=True) + arrow)
                if dots.axis:
                    words.append(style.width(cell.lower, "small", figures=True))
        cells.append(max(words))
    if not dots.axis:  # what stands below the last cell may reach under the figure
        figure = max(figure, _below(dots, style) - gap - sum(cells[:1]))
    pad = style.px(26 if dots.axis else 18)
    gaps = len(cells) + (2 if dots.axis else 1)
    room = width - 2 * pad - place - figure - sum(cells) - gap * gaps
    longest = max((style.width(row.label, "strong") for row in dots.rows), default=0.0)
    details = max((style.width(row.detail, "small") for row in dots.rows), default=0.0)
    label = min(max(longest, details, style.px(120)), room * 0.5) if dots.axis else room
    axis = max(room - label, style.px(80)) if dots.axis else 0.0
    inset = style.px(14) if dots.axis else 0.0
    x = left + pad
    edges: list[tuple[float, float]] = []
    figure_left = x + place + label + gap + (axis + gap if dots.axis else 0.0)
    at_x = figure_left + figure
    for cell_width in cells:
        edges.append((at_x + gap, cell_width))
        at_x += gap + cell_width
    return Columns(
        place=x,
        label=x + place,
        label_width=label,
        axis=x + place + label + gap + inset,
        axis_width=axis - 2 * inset,
        figure=figure_left,
        figure_width=figure,
        cells=tuple(edges),
    )


def _below(dots: Dots, style: PictureStyle) -> float:
    """The width of the longest words below the first cell."""
    below = [row.cells[0].lower for row in dots.rows if row.cells]
    return max((style.width(words, "small", figures=True) for words in below), default=0.0)


def paint_head(painter: QPainter, rect: QRectF, dots: Dots, cols: Columns, style: PictureStyle) -> None:
    """The names of the columns, the axis with its marks, and the target."""
    c, small = style.colors, style.font("small")
    line = style.px(20)
    lower = QRectF(rect.left(), rect.bottom() - line - style.px(2), rect.width(), line)
    paint.text(
        painter, QRectF(cols.label, lower.top(), cols.label_width, line), dots.heads[0], small, c.ink_soft
    )
    if len(dots.heads) > 1:
        box = QRectF(cols.figure - style.px(40), lower.top(), cols.figure_width + style.px(40), line)
        paint.text(painter, box, dots.heads[1], small, c.ink_soft, theme.ALIGN_RIGHT)
    for head, (left, width) in zip(dots.heads[2:], cols.cells, strict=False):
        box = QRectF(left - style.px(12), lower.top(), width + style.px(12), line)
        paint.text(painter, box, head, small, c.ink_soft, theme.ALIGN_RIGHT, elide=False)
    if not dots.axis:
        return
    step = mark_step(dots.high)
    if cols.axis_width < style.px(200):
        step *= 2
    at = 0.0
    while at <= dots.high + 1e-6:
        x = _x(at, dots, cols)
        words = written(f"{at:g}")
        box = QRectF(x - 30, lower.top(), 60, line)
        paint.text(painter, box, words, style.font("small", figures=True), c.ink_soft, theme.ALIGN_CENTER)
        at += step
    if dots.target is not None and dots.target <= dots.high:
        x = _x(dots.target, dots, cols)
        words = dots.target_words
        took = style.width(words, "small_strong")
        left = min(max(cols.axis, x - took / 2), cols.axis + cols.axis_width - took)
        box = QRectF(left, rect.top(), took + 4, line)
        paint.text(painter, box, words, style.font("small_strong"), c.accent, elide=False)


def paint_row(
    painter: QPainter, rect: QRectF, row: Dot, dots: Dots, cols: Columns, style: PictureStyle
) -> None:
    """One row: the place, the words, the dot with its interval, the figure and the cells."""
    c = style.colors
    middle, line = rect.center().y(), style.px(22)
    upper, lower = middle - line, middle + 1
    if row.shape:
        side = style.px(SHAPE)
        paint.tone_shape(painter, QRectF(cols.place, middle - side / 2, side, side), row.shape, style.look)
    if row.place:
        box = QRectF(cols.place, rect.top(), cols.label - cols.place, rect.height())
        paint.text(painter, box, row.place, style.font("lead_strong", figures=True), c.ink_soft)
    box = QRectF(cols.label, upper if row.detail else middle - line / 2, cols.label_width, line)
    paint.text(painter, box, row.label, style.font("strong"), c.ink)
    if row.detail:
        below = QRectF(cols.label, lower, cols.label_width, line)
        font = style.font("small")
        detail = paint.whole(row.detail, QFontMetricsF(font), cols.label_width)
        paint.text(painter, below, detail, font, c.ink_soft)
    if dots.axis:
        _paint_axis(painter, rect, row, dots, cols, style)
    two = row.interval or (not dots.axis and any(cell.lower for cell in row.cells))
    box = QRectF(cols.figure, upper if two else middle - line / 2, cols.figure_width, line)
    ink = c.ink if row.value is not None else c.ink_soft
    font = style.font("strong" if row.value is not None else "small", figures=True)
    paint.text(painter, box, row.figure, font, ink, theme.ALIGN_RIGHT)
    if row.interval:
        below = QRectF(cols.figure, lower, cols.figure_width, line)
        paint.text(
            painter, below, row.interval, style.font("small", figures=True), c.ink_soft, theme.ALIGN_RIGHT
        )
    for cell, (left, width) in zip(row.cells, cols.cells, strict=False):
        box = QRectF(left, rect.top(), width, rect.height())
        _paint_cell(painter, box, cell, style, 0.0 if dots.axis else left - cols.figure)


def _paint_cell(painter: QPainter, rect: QRectF, cell: Cell, style: PictureStyle, spare: float = 0.0) -> None:
    """`spare` is how far the words below may reach to the left, px."""
    c = style.colors
    middle, line = rect.center().y(), style.px(22)
    top = middle - line if cell.lower else middle - line / 2
    ink = style.look.tone(cell.tone).text if cell.tone else c.ink
    font = style.font("strong", figures=True)
    took = paint.text(
        painter, QRectF(rect.left(), top, rect.width(), line), cell.upper, font, ink, theme.ALIGN_RIGHT
    )
    if cell.arrow:
        size = style.px(13)
        x, y = rect.right() - took - style.px(7) - size, top + line / 2
        _arrow(painter, QPointF(x + size / 2, y), size, cell.arrow, ink)
    if cell.lower:
        box = QRectF(rect.left() - spare, middle + 1, rect.width() + spare, line)
        small = style.font("small", figures=True)
        paint.text(painter, box, cell.lower, small, c.ink_soft, theme.ALIGN_RIGHT)


def _arrow(painter: QPainter, centre: QPointF, size: float, direction: int, ink: str) -> None:
    tip = -direction * size / 2
    painter.setPen(QPen(QColor(ink), size * 0.17, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(centre + QPointF(0, -tip), centre + QPointF(0, tip))
    for side in (-1, 1):
        painter.drawLine(
            centre + QPointF(0, tip), centre + QPointF(side * size * 0.34, tip + direction * size * 0.36)
        )


def _paint_axis(
    painter: QPainter, rect: QRectF, row: Dot, dots: Dots, cols: Columns, style: PictureStyle
) -> None:
    c = style.colors
    step = mark_step(dots.high)
    at = 0.0
    while at <= dots.high + 1e-6:
        painter.fillRect(QRectF(round(_x(at, dots, cols)), rect.top(), 1, rect.height()), QColor(c.line))
        at += step
    if dots.target is not None and dots.target <= dots.high:
        pen = QPen(QColor(c.accent), style.px(1.5), Qt.PenStyle.DashLine)
        painter.setPen(pen)
        x = _x(dots.target, dots, cols)
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
    if row.value is None:
        return
    middle = rect.center().y()
    x = _x(row.value, dots, cols)
    ink = mark_ink(row.tone, style)
    if row.before is not None:
        self_x = _x(row.before, dots, cols)
        painter.setPen(QPen(QColor(c.line_strong), style.px(2)))
        painter.drawLine(QPointF(self_x, middle), QPointF(x, middle))
        painter.setBrush(QColor(c.surface))
        painter.drawEllipse(QPointF(self_x, middle), style.px(4), style.px(4))
    elif row.low is not None and row.high is not None:
        bar = QColor(ink)
        bar.setAlphaF(0.32)
        half = style.px(5)
        left, right = _x(row.low, dots, cols), _x(min(row.high, dots.high), dots, cols)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(bar)
        painter.drawRoundedRect(QRectF(left, middle - half, max(right - left, 1), 2 * half), half, half)
    paint_mark(painter, QPointF(x, middle), style.px(7), row.tone, dots.high_is_bad, style)


def mark_ink(tone: str, style: PictureStyle) -> str:
    """The colour of a dot."""
    if not tone:
        return style.colors.accent
    ink = style.look.tone(tone).solid
    return QColor(ink).darker(165).name() if tone == UNCLEAR else ink


def paint_mark(
    painter: QPainter, centre: QPointF, radius: float, tone: str, high_is_bad: bool, style: PictureStyle
) -> None:
    """A disc, a ring when not clear of the target, a triangle beyond it pointing where it lies."""
    ink, ground = QColor(mark_ink(tone, style)), QColor(style.colors.surface)
    painter.setPen(QPen(ground, style.px(1.5)))
    painter.setBrush(ink)
    if tone == BAD:
        turn = -1 if high_is_bad else 1
        points = [(-1.15, -turn * 0.85), (1.15, -turn * 0.85), (0, turn * 1.15)]
        painter.drawPolygon(QPolygonF([centre + QPointF(px * radius, py * radius) for px, py in points]))
    elif tone == UNCLEAR:
        painter.setBrush(ground)
        painter.setPen(QPen(ink, style.px(3)))
        painter.drawEllipse(centre, radius * 0.82, radius * 0.82)
    else:
        painter.drawEllipse(centre, radius, radius)


def height(dots: Dots, style: PictureStyle) -> float:
    """How high all rows with their head are."""
    return head_height(dots, style) + len(dots.rows) * style.px(ROW)


def head_height(dots: Dots, style: PictureStyle) -> float:
    """How high the head is: higher where a target stands over the axis."""
    return style.px(HEAD if dots.axis else FLAT_HEAD)


def paint_all(painter: QPainter, rect: QRectF, dots: Dots, style: PictureStyle) -> None:
    """Head and rows, as far as they fit; for paper and pictures."""
    cols = columns(dots, rect.left(), rect.width(), style)
    head = QRectF(rect.left(), rect.top(), rect.width(), head_height(dots, style))
    paint_head(painter, head, dots, cols, style)
    tall = style.px(ROW)
    for at, row in enumerate(dots.rows):
        box = QRectF(rect.left(), head.bottom() + at * tall, rect.width(), tall)
        if box.bottom() > rect.bottom() + 1:
            return
        painter.fillRect(
            QRectF(box.left(), box.top(), box.width(), style.look.stroke), QColor(style.colors.line)
        )
        paint_row(painter, box, row, dots, cols, style)


def _x(percent: float, dots: Dots, cols: Columns) -> float:
    return cols.axis + cols.axis_width * min(max(percent, 0.0), dots.high) / dots.high


def mark_step(high: float) -> float:
    """A round distance of marks that makes three to six of them."""
    rough = high / 5
    power = 10.0 ** floor(log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)

"""Where things lie on a growth chart: plain arithmetic on pixels and values, no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, hypot

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one axis, in the unit of that axis; `low` lies below `high`."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"empty span {self.low}..{self.high}")

    @property
    def width(self) -> float:
        """How much the span covers."""
        return self.high - self.low

    def holds(self, value: float) -> bool:
        """Whether the value lies in the span, ends included."""
        return self.low <= value <= self.high

    def clamp(self, value: float) -> float:
        """The value of the span nearest to `value`."""
        return min(max(value, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels down."""
        return self.bottom - self.top

    def holds(self, point: Point) -> bool:
        """Whether the point lies in the box, edges included."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def grown(self, margin: float) -> "Box":
        """The box with `margin` pixels more on each side."""
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot: a box of pixels and the stretch of the world it shows."""

    box: Box
    x: Span
    y: Span

    def px(self, x: float) -> float:
        """The pixel column of a value of the horizontal axis."""
        return self.box.left + (x - self.x.low) / self.x.width * self.box.width

    def py(self, y: float) -> float:
        """The pixel row of a value of the vertical axis."""
        return self.box.bottom - (y - self.y.low) / self.y.width * self.box.height

    def pixel(self, point: Point) -> Point:
        """The pixel of a point of the world."""
        return self.px(point[0]), self.py(point[1])

    def world(self, pixel: Point) -> Point:
        """The point of the world under a pixel; undoes `pixel`."""
        return (
            self.x.low + (pixel[0] - self.box.left) / self.box.width * self.x.width,
            self.y.low + (self.box.bottom - pixel[1]) / self.box.height * self.y.width,
        )


def pick_step(span: Span, pixels: float, gap: float, steps: Sequence[float]) -> float:
    """The smallest of the rising `steps` that leaves `gap` pixels between two marks, else the last."""
    for step in steps:
        if step / span.width * pixels >= gap:
            return step
    return steps[-1]


def marks(span: Span, step: float) -> list[float]:
    """Every multiple of `step` in the span, ends included."""
    first = ceil(span.low / step - 1e-9)
    last = floor(span.high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def spread(centres: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions at least `gap` apart within low..high, moved as little as possible from the rising `centres`.

    Least squares by pooling neighbours. When not all fit, they share the room evenly.
    """
    count = len(centres)
    if count == 0:
        return []
    if gap * (count - 1) > high - low:
        even = (high - low) / (count - 1)
        return [low + even * index for index in range(count)]
    blocks: list[tuple[float, int]] = []
    for index, centre in enumerate(centres):
        total, size = centre - index * gap, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / size:
            earlier, number = blocks.pop()
            total, size = total + earlier, size + number
        blocks.append((total, size))
    top = high - (count - 1) * gap
    placed: list[float] = []
    for total, size in blocks:
        base, first = min(max(total / size, low), top), len(placed)
        placed.extend(base + index * gap for index in range(first, first + size))
    return placed


def place_box(anchor: Point, size: Point, bounds: Box, avoid: Sequence[Point], distance: float) -> Box:
    """A box of `size` beside `anchor`, inside `bounds`, that covers the fewest points of `avoid`.

    Above is preferred, then below, right, left and the corners; a box larger than the bounds
    starts at their left and top.
    """
    width, height = size
    x, y = anchor
    aside, half = distance + width / 2, distance + height / 2
    offsets = (
        (0.0, -half),
        (0.0, half),
        (aside, 0.0),
        (-aside, 0.0),
        (aside, -half),
        (-aside, -half),
        (aside, half),
        (-aside, half),
        (0.0, -half - 2 * height),
        (0.0, half + 2 * height),
    )
    best: tuple[float, int] | None = None
    chosen = Box(bounds.left, bounds.top, bounds.left + width, bounds.top + height)
    for rank, (dx, dy) in enumerate(offsets):
        left = max(bounds.left, min(x + dx - width / 2, bounds.right - width))
        top = max(bounds.top, min(y + dy - height / 2, bounds.bottom - height))
        box = Box(left, top, left + width, top + height)
        near = box.grown(distance / 3)
        cost = sum(1.0 for point in avoid if near.holds(point))
        if near.holds(anchor):
            cost += 1000.0
        if best is None or (cost, rank) < best:
            best, chosen = (cost, rank), box
    return chosen


def along(line: Sequence[Point], every: float) -> list[Point]:
    """Points on a broken line, its corners and one at least each `every` pixels, for collision tests."""
    points: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise(line):
        pieces = min(400, max(1, ceil(hypot(x1 - x0, y1 - y0) / every)))
        points.extend((x0 + (x1 - x0) * i / pieces, y0 + (y1 - y0) * i / pieces) for i in range(pieces))
    points.extend(line[-1:])
    return points


def height_at(line: Sequence[Point], x: float) -> float | None:
    """The y of a line of rising x at `x`, between its points in proportion; None beyond its ends."""
    low, high = 0, len(line) - 1
    if high < 0 or not line[0][0] <= x <= line[-1][0]:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if line[middle][0] <= x:
            low = middle
        else:
            high = middle
    (x0, y0), (x1, y1) = line[low], line[high]
    return y1 if x1 == x0 else y0 + (x - x0) / (x1 - x0) * (y1 - y0)

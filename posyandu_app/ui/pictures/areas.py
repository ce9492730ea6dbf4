"""Areas by class of a figure: on the district's own map, or as ranked tiles where no map was given.

One hue from light to dark, a pattern that grows denser with the class, and the figure in words: no
class is known by its colour alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from posyandu_app.i18n import tr
from posyandu_app.ui import paint, theme
from posyandu_app.ui.pictures.style import PictureStyle

Ring = Sequence[tuple[float, float]]
TILE_WIDTH, TILE_NARROW, TILE_HEIGHT, TILE_LEAST, TILE_GAP = 168, 128, 92, 46, 8
LEGEND, LINE, SIDE = 40, 32, 20

_RAMP = ("#E9EDFB", "#BCC8F2", "#8598DE", "#4C64BE", "#24368A")
_RAMP_HIGH = ("#FFFFFF", "#C9D0F5", "#8C99E0", "#3F50B8", "#0A1660")
_PATTERNS = (
    Qt.BrushStyle.NoBrush,
    Qt.BrushStyle.Dense7Pattern,
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.Dense5Pattern,
    Qt.BrushStyle.NoBrush,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One area: its figure in words, and its class, None without a figure or with a covered one."""

    key: str
    label: str
    figure: str
    detail: str
    grade: int | None

    def told(self, grades: Sequence[str]) -> str:
        """The area for those who listen."""
        grade = grades[self.grade] if self.grade is not None else ""
        return ", ".join(part for part in (self.label, self.figure, grade, self.detail) if part)


@dataclass(frozen=True, slots=True)
class AreaPicture:
    """The areas, worst first; what the classes are called; the outlines by area, {} for tiles.

    Rings are longitude and latitude in degrees, holes among them (filled by the odd-even rule).
    """

    places: tuple[Place, ...]
    grades: tuple[str, ...]
    shapes: Mapping[str, Sequence[Ring]]

    @property
    def mapped(self) -> bool:
        """Whether there is a map of at least half of the areas."""
        found = sum(place.key in self.shapes for place in self.places)
        return bool(found) and found * 2 >= len(self.places)


def grade_fill(grade: int | None, grades: int, style: PictureStyle) -> tuple[QColor, Qt.BrushStyle, str]:
    """Ground, pattern and ink of a class; without a class plain ground with crosses."""
    high = style.look.contrast == theme.Contrast.HIGH
    if grade is None:
        return QColor(style.colors.sunken), Qt.BrushStyle.DiagCrossPattern, style.colors.ink
    at = grade if grades == len(_RAMP) else round(grade * (len(_RAMP) - 1) / max(grades - 1, 1))
    ramp = _RAMP_HIGH if high else _RAMP
    ink = "#FFFFFF" if at >= 3 else style.colors.ink
    return QColor(ramp[at]), _PATTERNS[at], ink


def _pattern_ink(grade: int | None, style: PictureStyle) -> QColor:
    ink = QColor(style.colors.ink_soft if grade is None else style.colors.accent_pressed)
    ink.setAlphaF(0.25 if grade is None else 0.45)
    return ink


# tiles


def tile_boxes(rect: QRectF, picture: AreaPicture, style: PictureStyle) -> list[QRectF]:
    """Where the tiles lie, in rows from the worst on; lower and narrower when many, as many as fit."""
    gap, count = style.px(TILE_GAP), len(picture.places)
    for narrowest in (TILE_WIDTH, TILE_NARROW):
        across = max(1, int((rect.width() + gap) // (style.px(narrowest) + gap)))
        rows = max(1, -(-count // across))
        tall = (rect.height() - gap * (rows - 1)) / rows
        if tall >= style.px(TILE_LEAST):
            break
    tall = min(max(tall, style.px(TILE_LEAST)), style.px(TILE_HEIGHT))
    width = (rect.width() - gap * (across - 1)) / across
    boxes = []
    for at in range(count):
        x, y = rect.left() + (at % across) * (width + gap), rect.top() + (at // across) * (tall + gap)
        if y + tall > rect.bottom() + 1:
            break
        boxes.append(QRectF(x, y, width, tall))
    return boxes


def tiles_height(width: float, picture: AreaPicture, style: PictureStyle) -> float:
    """How high all tiles with the legend are on paper, where there is room."""
    gap, tall = style.px(TILE_GAP), style.px(TILE_HEIGHT)
    across = max(1, int((width + gap) // (style.px(TILE_WIDTH) + gap)))
    return -(-len(picture.places) // across) * (tall + gap) + style.px(LEGEND)


def _paint_tiles(
    painter: QPainter, rect: QRectF, picture: AreaPicture, style: PictureStyle, chosen: str
) -> None:
    for place, box in zip(picture.places, tile_boxes(rect, picture, style), strict=False):
        ground, pattern, ink = grade_fill(place.grade, len(picture.grades), style)
        painter.setPen(QPen(QColor(style.colors.line_strong), style.look.stroke))
        painter.setBrush(ground)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        strip = QRectF(box.right() - style.px(26), box.top() + 1, style.px(25), box.height() - 2)
        if pattern != Qt.BrushStyle.NoBrush:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(_pattern_ink(place.grade, style), pattern))
            painter.drawRect(strip)
        if place.key == chosen:
            paint.focus_ring(painter, box, 10, style.look, inside=ground.name())
        _tile_words(painter, box.adjusted(style.px(12), 0, -style.px(28), 0), place, style, ink)


def _tile_words(painter: QPainter, box: QRectF, place: Place, style: PictureStyle, ink: str) -> None:
    """Name over figure over interval; the interval, then the size of the figure, give way in a low tile."""
    line, large = style.px(20), style.px(32)
    interval = box.height() >= 2 * line + large + 6
    role = "title" if box.height() >= line + large + 4 else "strong"
    tall = large if role == "title" else line
    top = box.top() + (box.height() - line - tall - (line if interval else 0)) / 2
    first = QRectF(box.left(), top, box.width(), line)
    paint.text(painter, first, place.label, style.font("small_strong"), ink)
    middle = QRectF(box.left(), first.bottom(), box.width(), tall)
    paint.text(painter, middle, place.figure, style.font(role, figures=True), ink)
    if interval:
        below = QRectF(box.left(), middle.bottom(), box.width(), line)
        paint.text(painter, below, place.detail, style.font("small", figures=True), ink)


# the map


@dataclass(frozen=True, slots=True)
class Projection:
    """From degrees to the rectangle, true to shape around the middle latitude."""

    left: float
    top: float
    scale: float
    west: float
    north: float
    narrow: float

    def point(self, lon: float, lat: float) -> QPointF:
        return QPointF(
            self.left + (lon - self.west) * self.narrow * self.scale,
            self.top + (self.north - lat) * self.scale,
        )


def projection(rect: QRectF, picture: AreaPicture) -> Projection:
    """The largest map of these areas that fits."""
    rings = [ring for place in picture.places for ring in picture.shapes.get(place.key, ())]
    lons = [lon for ring in rings for lon, _ in ring]
    lats = [lat for ring in rings for _, lat in ring]
    west, east, south, north = min(lons), max(lons), min(lats), max(lats)
    narrow = max(cos(radians((north + south) / 2)), 0.1)
    wide, tall = max((east - west) * narrow, 1e-6), max(north - south, 1e-6)
    scale = min(rect.width() / wide, rect.height() / tall)
    left = rect.left() + (rect.width() - wide * scale) / 2
    top = rect.top() + (rect.height() - tall * scale) / 2
    return Projection(left, top, scale, west, north, narrow)


def outlines(rect: QRectF, picture: AreaPicture) -> dict[str, QPainterPath]:
    """The path of every area that the map knows."""
    at = projection(rect, picture)
    found = {}
    for place in picture.places:
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.OddEvenFill)
        for ring in picture.shapes.get(place.key, ()):
            points = [at.point(lon, lat) for lon, lat in ring]
            path.moveTo(points[0])
            for point in points[1:]:
                path.lineTo(point)
            path.closeSubpath()
        if not path.isEmpty():
            found[place.key] = path
    return found


def _paint_map(
    painter: QPainter, rect: QRectF, picture: AreaPicture, style: PictureStyle, chosen: str
) -> None:
    paths = outlines(rect, picture)
    by_key = {place.key: place for place in picture.places}
    line = QPen(QColor(style.colors.surface), style.px(1.2))
    if style.look.contrast == theme.Contrast.HIGH:
        line = QPen(QColor(style.colors.ink), style.px(1.2))
    for key, path in paths.items():
        ground, pattern, _ = grade_fill(by_key[key].grade, len(picture.grades), style)
        painter.setPen(line)
        painter.setBrush(ground)
        painter.drawPath(path)
        if pattern != Qt.BrushStyle.NoBrush:
            painter.setBrush(QBrush(_pattern_ink(by_key[key].grade, style), pattern))
            painter.drawPath(path)
    if chosen in paths:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(style.colors.surface), style.px(6)))
        painter.drawPath(paths[chosen])
        painter.setPen(QPen(QColor(style.colors.ink), style.px(3)))
        painter.drawPath(paths[chosen])
    taken: list[QRectF] = []
    for key in sorted(paths, key=lambda key: key != chosen):  # the chosen one has its name before all others
        taken += _name(painter, paths[key], by_key[key], style, taken, key == chosen)


def _name(
    painter: QPainter,
    path: QPainterPath,
    place: Place,
    style: PictureStyle,
    taken: Sequence[QRectF],
    chosen: bool,
) -> list[QRectF]:
    """Name and figure inside an area that holds them, clear of other names; the chosen one always has them.

    Returns the place they took, in a list of one or none.
    """
    said = [place.label] if place.grade is None and not chosen else [place.label, place.figure]
    font, line = style.font("small_strong", figures=True), style.px(19)
    if not chosen and not _move_inside(_block(said, style), path, taken):
        said = [place.label]
    block = _block(said, style)
    if chosen:
        block.moveCenter(path.boundingRect().center())
        paint.rounded(painter, block.adjusted(-8, -3, 8, 3), 7, style.colors.bar)
    elif not _move_inside(block, path, taken):
        return []
    wide = block.width()
    for at, words in enumerate(said):
        row = QRectF(block.left() - 4, block.top() + at * line, wide + 8, line)
        if chosen:
            paint.text(painter, row, words, font, style.colors.on_bar, theme.ALIGN_CENTER, elide=False)
        else:
            _with_halo(painter, row, words, font, style)
    return [block.adjusted(-8, -3, 8, 3)]


def _block(said: Sequence[str], style: PictureStyle) -> QRectF:
    wide = max(style.width(words, "small_strong", figures=True) for words in said)
    return QRectF(0, 0, wide, style.px(19) * len(said))


def _move_inside(block: QRectF, path: QPainterPath, taken: Sequence[QRectF]) -> bool:
    """Put a block of words where the area holds most of it, nearest to its middle; False when nowhere."""
    box = path.boundingRect()
    steps = [(dx / 20, dy / 20) for dx in range(-6, 7) for dy in range(-6, 7)]
    for dx, dy in sorted(steps, key=lambda step: step[0] ** 2 + step[1] ** 2):
        block.moveCenter(box.center() + QPointF(dx * box.width(), dy * box.height()))
        spare = block.width() * 0.1
        if path.contains(block.adjusted(spare, 3, -spare, -3)) and not any(
            block.intersects(other) for other in taken
        ):
            return True
    return False


def _with_halo(painter: QPainter, box: QRectF, words: str, font: QFont, style: PictureStyle) -> None:
    """Words that can be read on any class and across a border: dark, with a light line around them."""
    metrics = QFontMetricsF(font)
    x = box.center().x() - metrics.horizontalAdvance(words) / 2
    y = box.center().y() + (metrics.ascent() - metrics.descent()) / 2
    path = QPainterPath()
    path.addText(QPointF(x, y), font, words)
    halo = QPen(QColor(style.colors.surface), style.px(4))
    halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, halo)
    painter.fillPath(path, QColor(style.colors.ink))


# both


def paint_areas(
    painter: QPainter, rect: QRectF, picture: AreaPicture, style: PictureStyle, chosen: str = ""
) -> None:
    """The map with the legend at its left, or the tiles with the legend under them."""
    body = body_of(rect, picture, style)
    if picture.mapped:
        _paint_map(painter, body, picture, style, chosen)
    else:
        _paint_tiles(painter, body, picture, style, chosen)
    for entry in legend(rect, picture, style):
        _paint_entry(painter, entry, picture, style)
    left_out = 0 if picture.mapped else len(picture.places) - len(tile_boxes(body, picture, style))
    if left_out > 0:
        more = tr("{count} lagi: lihat Peringkat").format(count=left_out)
        line = QRectF(rect.left(), rect.bottom() - style.px(LINE), rect.width(), style.px(LINE))
        paint.text(painter, line, more, style.font("small_strong"), style.colors.ink, theme.ALIGN_RIGHT)


@dataclass(frozen=True, slots=True)
class Entry:
    """One class in the legend: None for the areas without a figure."""

    grade: int | None
    words: str
    box: QRectF


def legend(rect: QRectF, picture: AreaPicture, style: PictureStyle) -> tuple[Entry, ...]:
    """The classes with how many areas each has: one below the other beside a map, else in lines below."""
    named: list[tuple[int | None, str]] = list(enumerate(picture.grades))
    if any(place.grade is None for place in picture.places):
        named.append((None, tr("tanpa angka")))
    said = [(grade, f"{words} ({_count(picture, grade)})") for grade, words in named]
    line, mark = style.px(LINE), style.px(SIDE + 7)
    wide = [mark + style.width(words, "small") + 2 for _, words in said]
    if picture.mapped:
        top = rect.bottom() - line * len(said)
        boxes = [QRectF(rect.left(), top + at * line, max(wide), line) for at in range(len(said))]
    else:
        boxes, x, y = [], rect.left(), 0.0
        for width in wide:
            if x > rect.left() and x + width > rect.right():
                x, y = rect.left(), y + line
            boxes.append(QRectF(x, y, width, line))
            x += width + style.px(18)
        for box in boxes:
            box.translate(0, rect.bottom() - y - line)
    return tuple(Entry(grade, words, box) for (grade, words), box in zip(said, boxes, strict=True))


def body_of(rect: QRectF, picture: AreaPicture, style: PictureStyle) -> QRectF:
    """What the legend leaves for the map or the tiles."""
    entries = legend(rect, picture, style)
    if not entries:
        return QRectF(rect)
    if picture.mapped:
        return rect.adjusted(max(entry.box.width() for entry in entries) + style.px(16), 0, 0, 0)
    return QRectF(rect.left(), rect.top(), rect.width(), entries[0].box.top() - style.px(8) - rect.top())


def _count(picture: AreaPicture, grade: int | None) -> int:
    return sum(place.grade == grade for place in picture.places)


def _paint_entry(painter: QPainter, entry: Entry, picture: AreaPicture, style: PictureStyle) -> None:
    ground, pattern, _ = grade_fill(entry.grade, len(picture.grades), style)
    side = style.px(SIDE)
    box = QRectF(entry.box.left(), entry.box.center().y() - side / 2, side, side)
    painter.setPen(QPen(QColor(style.colors.line_strong), 1))
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 4, 4)
    if pattern != Qt.BrushStyle.NoBrush:
        painter.setBrush(QBrush(_pattern_ink(entry.grade, style), pattern))
        painter.drawRoundedRect(box, 4, 4)
    words = entry.box.adjusted(style.px(SIDE + 7), 0, 0, 0)
    paint.text(painter, words, entry.words, style.font("small"), style.colors.ink)


def place_at(rect: QRectF, picture: AreaPicture, style: PictureStyle, where: QPointF) -> str:
    """The area under a place on screen, "" for none."""
    body = body_of(rect, picture, style)
    if picture.mapped:
        return next((key for key, path in outlines(body, picture).items() if path.contains(where)), "")
    boxes = tile_boxes(body, picture, style)
    return next(
        (place.key for place, box in zip(picture.places, boxes, strict=False) if box.contains(where)), ""
    )


def beside(rect: QRectF, picture: AreaPicture, style: PictureStyle, chosen: str, dx: int, dy: int) -> str:
    """The area next to the chosen one in a direction, by where they lie; the same when there is none."""
    body = body_of(rect, picture, style)
    centres: dict[str, QPointF]
    if picture.mapped:
        centres = {key: path.boundingRect().center() for key, path in outlines(body, picture).items()}
    else:
        boxes = tile_boxes(body, picture, style)
        centres = {place.key: box.center() for place, box in zip(picture.places, boxes, strict=False)}
    if not centres:
        return ""
    if chosen not in centres:
        return next(iter(centres))
    here = centres[chosen]
    found, nearest = chosen, float("inf")
    for key, centre in centres.items():
        along = (centre.x() - here.x()) * dx + (centre.y() - here.y()) * dy
        across = abs((centre.x() - here.x()) * dy) + abs((centre.y() - here.y()) * dx)
        if key != chosen and along > 1 and along + 2 * across < nearest:
            found, nearest = key, along + 2 * across
    return found

"""The growth chart as a widget: shows, zooms, reads a point aloud; paints through `charts.painter`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import hypot
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QFontInfo,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.model import Child
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.i18n import tr
from posyandu_app.ui import printing, theme
from posyandu_app.ui.charts.colors import HIGH_CONTRAST, NORMAL
from posyandu_app.ui.charts.geometry import Span
from posyandu_app.ui.charts.layout import ChartStyle, in_window, lay_out, position
from posyandu_app.ui.charts.model import ChartModel, ChartPoint, Indicator, Preset, build
from posyandu_app.ui.charts.painter import paint_passing, paint_standing

_REACH = 28.0
"""How far from a point, in px, the mouse still means it."""
_WIDTHS = {False: (12.0, 24.0, 36.0, 60.0), True: (20.0, 30.0, 40.0, 65.0)}
"""The widths that zooming steps through: months, and centimetres on BB/TB."""
_TEXT_SHARE = 0.72
"""Axis text beside body text: the chart is read closely, its numbers are many."""


class GrowthChart(QWidget):
    """One child's growth on the card of her sex; keys, mouse and screen reader read the same points."""

    pointRead = Signal(str)  # noqa: N815
    """The point being read, in one line; empty when reading ends."""
    indicatorChanged = Signal(str)  # noqa: N815
    """The chart now shown, such as "BB/U"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._child: Child | None = None
        self._history: tuple[Assessed, ...] = ()
        self._preview: Assessed | None = None
        self._rules: ProgramRules | None = None
        self._today: date | None = None
        self._indicator = Indicator.BB_U
        self._window: Preset | Span = Preset.AUTO
        self._look: theme.Look | None = None
        self._model: ChartModel | None = None
        self._read: str | None = None
        self._pinned = False
        self._standing = QPixmap()
        self._standing_key: object = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._describe()

    # what it shows

    def set_child(
        self,
        child: Child | None,
        history: Sequence[Assessed] = (),
        *,
        rules: ProgramRules | None = None,
        today: date | None = None,
    ) -> None:
        """Show another child, or the same one with a new history; a preview and a reading end here.

        `today` places the window while nothing has been measured yet.
        """
        if child is None or self._child is None or child.id != self._child.id:
            self._window = Preset.AUTO
        self._child, self._history, self._preview = child, tuple(history), None
        self._rules, self._today = rules, today
        self._read, self._pinned = None, False
        self._refresh()

    def set_preview(self, assessed: Assessed | None) -> None:
        """Show what is being typed as a point not yet saved; None takes it away."""
        if assessed != self._preview:
            self._preview = assessed
            self._refresh()

    def set_indicator(self, indicator: Indicator | str) -> None:
        """Change to another of the five charts; a window chosen by hand ends with the old one."""
        chosen = Indicator(str(indicator))
        if chosen is self._indicator:
            return
        if isinstance(self._window, Span):
            self._window = Preset.AUTO
        self._indicator = chosen
        self._pinned = False
        self._refresh()
        self.indicatorChanged.emit(chosen.value)

    def set_window(self, window: Preset | Span) -> None:
        """Show a ready-made window, or a stretch of months (cm on BB/TB)."""
        self._window = window
        self._refresh()

    def set_theme(self, look: theme.Look | None) -> None:
        """Dress the chart in a look of its own; None (as at first) follows the look in force."""
        self._look = look
        self._standing_key = None
        self.updateGeometry()
        self.update()

    @property
    def indicator(self) -> Indicator:
        """The chart shown."""
        return self._indicator

    @property
    def model(self) -> ChartModel | None:
        """What is shown, or None while there is no child."""
        return self._model

    @property
    def read_point(self) -> ChartPoint | None:
        """The point being read."""
        return next((point for point in self._readable() if point.key == self._read), None)

    def style_in_force(self) -> ChartStyle:
        """Colours, text size and typeface that the chart is painted with."""
        look = self._look or theme.current()
        colors = HIGH_CONTRAST if look.contrast == theme.Contrast.HIGH else NORMAL
        return ChartStyle(colors, self._text_px(), self.font().family())

    def point_position(self, point: ChartPoint) -> QPointF:
        """Where a point of the model lies in the widget."""
        if self._model is None:
            raise ValueError("no child, no points")
        style = self.style_in_force()
        return QPointF(*position(point, lay_out(self._area(), self._model, style), style))

    def zoom(self, steps: int) -> None:
        """Show fewer months (steps > 0) or more (steps < 0), keeping the read or newest point in sight."""
        model = self._model
        if model is None:
            return None
        widths = [width for width in _WIDTHS[model.by_length] if width <= model.limits.width]
        now = min(range(len(widths)), key=lambda at: abs(widths[at] - model.x.width))
        width = widths[max(0, min(len(widths) - 1, now - steps))]
        if width >= model.limits.width:
            return self.set_window(model.limits)
        shown = [point for point in model.readable() if in_window(point, model)]
        read = self.read_point
        centre = read.x if read else shown[-1].x if shown else (model.x.low + model.x.high) / 2
        low = float(round(centre - width * 0.6))
        low = max(model.limits.low, min(low, model.limits.high - width))
        return self.set_window(Span(low, low + width))

    # paper

    def to_png(self, path: Path, size: tuple[int, int] = (1600, 1000), dpi: int = 150) -> None:
        """Write the saved points as a picture of `size` px; `UserError` when that cannot be done."""
        printing.to_png(path, self._shown(), size=size, dpi=dpi)

    def to_pdf(self, path: Path, header: "printing.Header | None" = None) -> None:
        """Write the chart on an A4 page under the child's name; `UserError` as for `to_png`."""
        model = self._shown()
        printing.to_pdf(path, model, header or printing.header_of(self._child))

    def _shown(self) -> ChartModel:
        """The chart without what is being typed: paper shows what is saved."""
        if self._model is None or self._child is None:
            raise printing.nothing_to_print()
        return build(
            self._child,
            self._history,
            self._indicator,
            window=self._window,
            rules=self._rules,
            today=self._today,
        )

    # Qt

    def sizeHint(self) -> QSize:
        text = self._text_px()
        return QSize(round(text * 56), round(text * 38))

    def minimumSizeHint(self) -> QSize:
        text = self._text_px()
        return QSize(round(text * 26), round(text * 18))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        style, area = self.style_in_force(), self._area()
        if self._model is None or area.isEmpty():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(style.colors.unknown.ground))
            painter.drawRoundedRect(area, 12, 12)
        else:
            self._paint_standing(self._model, style, area)
            painter.drawPixmap(0, 0, self._standing)
            paint_passing(painter, area, self._model, style, self.read_point)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(style.colors.focus), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1.5, 1.5, -1.5, -1.5), 11, 11)
        painter.end()

    def _paint_standing(self, model: ChartModel, style: ChartStyle, area: QRectF) -> None:
        """Paint bands, lines and saved points anew only when they, the size or the screen changed."""
        ratio = self.devicePixelRatioF()
        still = replace(model, preview=None)
        key = (still, style, self.size(), ratio)
        if key == self._standing_key:
            return
        self._standing = QPixmap(self.size() * ratio)
        self._standing.setDevicePixelRatio(ratio)
        self._standing.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._standing)
        paint_standing(painter, area, still, style)
        painter.end()
        self._standing_key = key

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._standing_key = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.LanguageChange):
            self._standing_key = None
            self.updateGeometry()
            self._refresh()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._key(event):
            event.ignore()

    def _key(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            return False
        key, text = event.key(), event.text()
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if key in steps:
            return self._step(steps[Qt.Key(key)])
        if key == Qt.Key.Key_Home:
            return self._read_at(0)
        if key == Qt.Key.Key_End:
            return self._read_at(-1)
        if key == Qt.Key.Key_Escape and self._read is not None:
            self._read_point(None, pinned=False)
            return True
        if text in ("+", "=", "-"):
            self.zoom(-1 if text == "-" else 1)
            return True
        if text == "0":
            self.set_window(Preset.AUTO)
            return True
        if len(text) == 1 and text in "12345":
            self.set_indicator(list(Indicator)[int(text) - 1])
            return True
        return False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        near = self._nearest(event.position())
        if near is not None:
            self._read_point(near, pinned=self._pinned and near.key == self._read)
        elif not self._pinned:
            self._read_point(None, pinned=False)
        super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        near = self._nearest(event.position())
        self._read_point(near, pinned=near is not None)

    def leaveEvent(self, event: QEvent) -> None:
        if not self._pinned:
            self._read_point(None, pinned=False)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # reading

    def _readable(self) -> tuple[ChartPoint, ...]:
        return () if self._model is None else self._model.readable()

    def _step(self, step: int) -> bool:
        points = self._readable()
        at = next((i for i, point in enumerate(points) if point.key == self._read), None)
        if at is None:
            return self._read_at(-1)
        return self._read_at(max(0, min(len(points) - 1, at + step)))

    def _read_at(self, index: int) -> bool:
        points = self._readable()
        if points:
            self._read_point(points[index], pinned=True)
        return bool(points)

    def _nearest(self, place: QPointF) -> ChartPoint | None:
        model = self._model
        if model is None:
            return None
        style = self.style_in_force()
        layout = lay_out(self._area(), model, style)
        found: tuple[float, ChartPoint] | None = None
        for point in model.readable():
            if not in_window(point, model):
                continue
            x, y = position(point, layout, style)
            distance = hypot(x - place.x(), y - place.y())
            if distance <= _REACH * style.unit and (found is None or distance <= found[0]):
                found = (distance, point)
        return None if found is None else found[1]

    def _read_point(self, point: ChartPoint | None, *, pinned: bool) -> None:
        key = None if point is None else point.key
        changed, self._pinned = key != self._read, pinned
        self._read = key
        if point is not None and self._model is not None and not in_window(point, self._model):
            self._show(point, self._model)
        if not changed:
            return
        self.update()
        self._describe()
        words = "" if point is None else point.reading(saved=not self._is_preview(point))
        self.pointRead.emit(words)
        if words and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _show(self, point: ChartPoint, model: ChartModel) -> None:
        """Move the window, at its width, so that the point is in sight."""
        width = model.x.width
        low = max(model.limits.low, min(float(round(point.x - width / 2)), model.limits.high - width))
        self.set_window(Span(low, low + width))

    def _is_preview(self, point: ChartPoint) -> bool:
        return self._model is not None and point is self._model.preview

    def _refresh(self) -> None:
        self._model = None
        if self._child is not None:
            self._model = build(
                self._child,
                self._history,
                self._indicator,
                preview=self._preview,
                window=self._window,
                rules=self._rules,
                today=self._today,
            )
        if self.read_point is None:
            self._read, self._pinned = None, False
        self._describe()
        self.update()

    def _describe(self) -> None:
        """Say the chart, and the point being read, to those who listen."""
        if self._model is None:
            self.setAccessibleName(tr("Grafik pertumbuhan"))
            self.setAccessibleDescription("")
            return
        self.setAccessibleName(
            tr("Grafik pertumbuhan {name}, {index}").format(
                name=self._model.name, index=self._indicator.value
            )
        )
        read = self.read_point
        words = (
            self._model.summary()
            if read is None
            else tr("Titik dibaca: {reading}.").format(reading=read.reading(saved=not self._is_preview(read)))
        )
        self.setAccessibleDescription(words)

    def _area(self) -> QRectF:
        return QRectF(0, 0, self.width(), self.height())

    def _text_px(self) -> float:
        return max(11.0, min(24.0, round(QFontInfo(self.font()).pixelSize() * _TEXT_SHARE)))

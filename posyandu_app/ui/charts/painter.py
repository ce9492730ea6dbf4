"""The growth chart in paint: one function for screen, PNG and PDF, in two layers.

`paint_standing` is everything that changes only with the child, the chart or the size;
`paint_passing` is the point being typed and the point being read. `paint_chart` is both.
"""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from posyandu_app.ui.charts import axes, callouts, card, line_names, points, rows
from posyandu_app.ui.charts.canvas import Canvas
from posyandu_app.ui.charts.layout import ChartStyle, in_window, lay_out
from posyandu_app.ui.charts.model import ChartModel, ChartPoint


def paint_chart(
    painter: QPainter, rect: QRectF, model: ChartModel, style: ChartStyle, read: ChartPoint | None = None
) -> None:
    """Paint the whole chart into `rect`; the painter may belong to a screen, an image or a page."""
    paint_standing(painter, rect, model, style)
    paint_passing(painter, rect, model, style, read)


def paint_standing(painter: QPainter, rect: QRectF, model: ChartModel, style: ChartStyle) -> None:
    """Paint ground, bands, lines, axes, rows and the saved points."""
    canvas = Canvas(painter, model, style, lay_out(rect, model, style))
    painter.save()
    canvas.hints()
    card.paint_ground(canvas)
    painter.save()
    painter.setClipRect(canvas.plot, Qt.ClipOperation.IntersectClip)
    card.paint_bands(canvas)
    card.paint_grid(canvas)
    card.paint_lines(canvas)
    line_names.paint_names(canvas)
    points.paint_line(canvas)
    painter.restore()
    card.paint_border(canvas)
    points.paint_marks(canvas)
    axes.paint_title(canvas)
    axes.paint_axes(canvas)
    axes.paint_line_ends(canvas)
    rows.paint_rows(canvas)
    callouts.paint_notes(canvas)
    painter.restore()


def paint_passing(
    painter: QPainter, rect: QRectF, model: ChartModel, style: ChartStyle, read: ChartPoint | None = None
) -> None:
    """Paint the point not yet saved and the callout of the point being read, over `paint_standing`."""
    if model.preview is None and read is None:
        return
    canvas = Canvas(painter, model, style, lay_out(rect, model, style))
    painter.save()
    canvas.hints()
    if model.preview is not None and in_window(model.preview, model):
        points.paint_preview(canvas, model.preview)
        rows.paint_preview_letter(canvas, model.preview)
        if read != model.preview:
            callouts.paint_value(canvas, model.preview)
    if read is not None and in_window(read, model):
        callouts.paint_callout(canvas, read)
    painter.restore()

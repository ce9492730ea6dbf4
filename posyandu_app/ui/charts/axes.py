"""The words about the card: title, numbers and units at the axes, what each line is."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from posyandu_app.domain.model import Sex
from posyandu_app.i18n import tr, written
from posyandu_app.ui.charts.canvas import CENTER, LEFT, RIGHT, Canvas
from posyandu_app.ui.charts.geometry import height_at, spread
from posyandu_app.ui.charts.layout import axis_text, x_marks, x_unit, y_marks, y_unit


def paint_title(canvas: Canvas) -> None:
    """The name of the chart, and whose card it is."""
    layout, style = canvas.layout, canvas.style
    card = layout.card
    words = {
        Sex.MALE: tr("Laki-laki"),
        Sex.FEMALE: tr("Perempuan"),
        None: tr("Jenis kelamin belum diisi"),
    }
    sex = words[canvas.model.sex]
    font = style.font(1.0, 500, figures=False)
    width = QFontMetricsF(font).horizontalAdvance(sex)
    height = layout.title_height
    right = card.right - layout.margin
    left = card.left + layout.margin
    bold = style.font(1.18, 600, figures=False)
    room = max(0.0, right - left - width - style.text_px)
    metrics = QFontMetricsF(bold)
    fits = metrics.horizontalAdvance(canvas.model.title) <= room
    title = canvas.model.title if fits else canvas.model.short_title
    title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
    canvas.text(QRectF(left, layout.title_top, room, height), LEFT, title, canvas.sheet.ink, bold)
    canvas.text(
        QRectF(right - width - 1, layout.title_top, width + 1, height), RIGHT, sex, canvas.sheet.ink, font
    )


def paint_axes(canvas: Canvas) -> None:
    """Numbers and units at the axes, years above."""
    layout, style, box = canvas.layout, canvas.style, canvas.frame.box
    text = style.text_px
    plain, bold, small = style.font(), style.font(1.0, 600), style.font(0.88, 500)
    gutter = text * 0.5
    label_width = box.left - layout.card.left - gutter
    for y in y_marks(layout):
        row = canvas.frame.py(y)
        area = QRectF(layout.card.left, row - text, label_width, text * 2)
        canvas.text(area, RIGHT, axis_text(y), canvas.colors.ink, plain)
    strip = text * 1.4
    canvas.text(
        QRectF(box.left - text * 0.4, layout.strip_top, text * 6, strip),
        LEFT,
        y_unit(canvas.model),
        canvas.colors.ink_soft,
        small,
    )
    for x in x_marks(layout):
        column = canvas.frame.px(x)
        year = not canvas.model.by_length and x % 12 == 0
        area = QRectF(column - text * 2, box.bottom, text * 4, layout.axis_bottom - box.bottom)
        canvas.text(area, CENTER, axis_text(x), canvas.colors.ink, bold if year else plain)
    canvas.text(
        QRectF(layout.card.left + layout.margin, box.bottom, label_width, layout.axis_bottom - box.bottom),
        LEFT,
        x_unit(canvas.model),
        canvas.colors.ink_soft,
        small,
    )
    for x in canvas.years():
        column = canvas.frame.px(x)
        words = tr("1 tahun") if x == 12 else tr("{years} tahun").format(years=round(x / 12))
        width = QFontMetricsF(small).horizontalAdvance(words)
        column = min(max(column, box.left + width / 2), box.right - width / 2)
        canvas.text(
            QRectF(column - width, layout.strip_top, width * 2, strip),
            CENTER,
            words,
            canvas.colors.ink_soft,
            small,
        )


def paint_line_ends(canvas: Canvas) -> None:
    """Label each line at its right end, apart from one another."""
    box, text = canvas.frame.box, canvas.style.text_px
    ends: list[tuple[float, float]] = []
    for z in canvas.levels():
        curve = canvas.curve(z)
        y = height_at(curve, min(box.right, curve[-1][0])) if curve else None
        if y is not None and box.top - 1 <= y <= box.bottom + 1:
            ends.append((y, z))
    ends.sort()
    rows = spread([y for y, _ in ends], text * 1.08, box.top - text * 0.4, box.bottom - text * 0.2)
    for (_, z), row in zip(ends, rows, strict=True):
        color, weight = canvas.colors.ink, 400
        if canvas.model.is_kms and z == canvas.model.red_line:
            color, weight = canvas.colors.red_text, 600
        elif canvas.model.is_kms and z == canvas.model.orange_line:
            color, weight = canvas.colors.orange_text, 600
        elif z == 0:
            weight = 600
        area = QRectF(box.right + text * 0.4, row - text, canvas.layout.card.right - box.right, text * 2)
        canvas.text(area, LEFT, _sd_text(z), color, canvas.style.font(0.92, weight))


def _sd_text(z: float) -> str:
    number = written(f"{abs(z):g}")
    return number if z == 0 else f"{'+' if z > 0 else '−'}{number}"

"""What an eye finds wrong in a window: cut off, unnamed, too small to hit."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLabel, QLineEdit, QWidget

from posyandu_app.ui import paint, theme
from posyandu_app.ui.widgets.basic import Button, ElidedLabel, Segmented, Switch
from posyandu_app.ui.widgets.child_header import Facts
from posyandu_app.ui.widgets.frame import Frame
from posyandu_app.ui.widgets.scroll import Scroll


def in_sight(window):
    return [
        widget for widget in window.findChildren(QWidget) if widget.isVisibleTo(window) and widget.isVisible()
    ]


def scroll_areas(widget):
    """What the widget lies in that can scroll."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea) and widget is not parent.viewport():
            yield parent
        parent = parent.parentWidget()


def beside(widget, area):
    """Whether part of the widget lies left or right of what the area shows: nobody scrolls sideways."""
    left = widget.mapTo(area.viewport(), QPoint(0, 0)).x()
    return left < 0 or left + widget.width() > area.viewport().width()


def cut_off(window):
    """What is smaller than its words need, or reaches over the edge of the window."""
    found = []
    for widget in in_sight(window):
        name = f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()}"
        size, hint = widget.size(), widget.sizeHint()
        if isinstance(widget, QLabel) and not isinstance(widget, ElidedLabel) and widget.text():
            if widget.wordWrap():
                hint.setHeight(widget.heightForWidth(size.width()))
                words = max(widget.fontMetrics().horizontalAdvance(word) for word in widget.text().split())
                hint.setWidth(words)
            if size.width() < hint.width() or size.height() < hint.height():
                found.append(f"{name}: {size.toTuple()} < {hint.toTuple()}: {widget.text()[:40]}")
        elif isinstance(widget, Button | Segmented | Switch) and (
            size.width() < hint.width() or size.height() < hint.height()
        ):
            found.append(f"{name}: {size.toTuple()} < {hint.toTuple()}")
        elif isinstance(widget, Facts) and sum(widget.widths()) + widget.gap() * 5 > size.width() + 1:
            found.append(f"{name}: facts wider than {size.width()}")
        elif isinstance(widget, QLineEdit) and (figures := widget.text()).isdigit():
            room = size.width() - 2 * theme.current().px(16)
            if widget.fontMetrics().horizontalAdvance(figures) > room:
                found.append(f"{name}: {figures} is wider than {room} px")
        areas = [area for area in scroll_areas(widget) if area.viewport().isAncestorOf(widget)]
        corner = widget.mapTo(window, QPoint(size.width(), size.height()))
        if not areas and (corner.x() > window.width() or corner.y() > window.height()):
            found.append(f"{name} ends at {corner.toTuple()}")
        if any(beside(widget, area) for area in areas):
            found.append(f"{name} ({size.toTuple()}) is cut off at its side")
    return found


def shortened(window):
    """The words that the window shows with … in place of their end, as they would stand in full."""
    found, shorten = [], paint.shortened

    def watched(words, metrics, width):
        shown = shorten(words, metrics, width)
        if shown != words and words not in found:
            found.append(words)
        return shown

    paint.shortened = watched
    try:
        window.grab()
    finally:
        paint.shortened = shorten
    return found


def needs_scrolling(window):
    return [
        f"{scroll.widget().objectName() or type(scroll.parentWidget()).__name__}: "
        f"{scroll.verticalScrollBar().maximum()} px"
        for scroll in in_sight(window)
        if isinstance(scroll, Scroll | Frame) and scroll.verticalScrollBar().maximum() > 0
    ]


def focusable(window):
    return [
        widget
        for widget in in_sight(window)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isEnabled()
        and widget.focusProxy() is None
    ]


def unnamed(window):
    return [type(widget).__name__ for widget in focusable(window) if not widget.accessibleName()]


def too_small(window):
    """Targets below 10 mm."""
    return [
        f"{type(widget).__name__} {widget.objectName()}: {widget.size().toTuple()}"
        for widget in in_sight(window)
        if isinstance(widget, QAbstractButton | Segmented)
        and widget.isEnabled()
        and min(widget.width(), widget.height()) < theme.TARGET - 2
    ]

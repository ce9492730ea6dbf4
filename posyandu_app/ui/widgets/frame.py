"""What holds a screen: it scrolls in a window too small for it, and never forces the window to grow."""

from PySide6.QtCore import QEvent, QMargins, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QBoxLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QStackedLayout,
    QStackedWidget,
    QWidget,
)

from posyandu_app.ui import theme

MARGIN = 32
LEAST = QSize(320, 200)


class Frame(QScrollArea):
    """Lets the lists inside shrink first; whoever has the keyboard is scrolled into sight.

    Qt's own `widgetResizable` gives a screen with wrapped text the height that it would like to
    have; here it gets the height that it needs.
    """

    def __init__(self, parent: QWidget, content: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("frame")
        self._content = content
        self._spacious: tuple[QMargins, int] | None = None
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        content.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_changed)
        self.fit()

    def fit(self) -> None:
        """Narrow margins in a compact window, the screen's own in a spacious one."""
        layout = self._content.layout()
        if layout is None:
            return
        if self._spacious is None:
            self._spacious = layout.contentsMargins(), layout.spacing()
        margins, spacing = self._spacious
        if theme.current().compact:
            margins, spacing = margins / 2, max(4, spacing * 5 // 8)
            margins.setLeft(min(12, margins.left()))
            margins.setRight(min(12, margins.right()))
        layout.setContentsMargins(margins)
        layout.setSpacing(spacing)
        self._give_room()

    def minimumSizeHint(self) -> QSize:
        return LEAST

    def sizeHint(self) -> QSize:
        return LEAST

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._give_room()
        return super().eventFilter(watched, event)

    def _give_room(self) -> None:
        whole = self.maximumViewportSize()
        least = self._content.minimumSizeHint().width()
        height = self._least_height(max(whole.width(), least))
        if height > whole.height():
            whole.setWidth(whole.width() - self.verticalScrollBar().sizeHint().width())
            height = max(height, self._least_height(max(whole.width(), least)))
        self._content.resize(QSize(least, height).expandedTo(whole))

    def _least_height(self, width: int) -> int:
        layout = self._content.layout()
        if layout is None:
            return self._content.minimumSizeHint().height()
        if self._content.width() != width:
            self._content.resize(width, self._content.height())
        layout.activate()
        return least_height(layout)

    def _focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._content.isAncestorOf(now):
            self.ensureWidgetVisible(now, MARGIN, MARGIN)


def least_height(layout: QLayout) -> int:
    """What the items of a layout need in height at the widths that they have now.

    Qt itself counts what a nested widget with wrapped text would like to have, not what it needs.
    """
    margins = layout.contentsMargins()
    items = [item for item in map(layout.itemAt, range(layout.count())) if item is not None]
    heights = [_least_of(item) for item in items if not item.isEmpty() or item.spacerItem() is not None]
    downwards = isinstance(layout, QBoxLayout) and layout.direction() in (
        QBoxLayout.Direction.TopToBottom,
        QBoxLayout.Direction.BottomToTop,
    )
    if not downwards and not isinstance(layout, QBoxLayout | QStackedLayout):
        inside = layout.minimumSize().height()
        return max(inside, layout.totalMinimumHeightForWidth(layout.geometry().width()))
    shown = sum(not item.isEmpty() for item in items)
    inside = sum(heights) + layout.spacing() * max(0, shown - 1) if downwards else max(heights, default=0)
    return inside + margins.top() + margins.bottom()


def _least_of(item: QLayoutItem) -> int:
    widget, layout = item.widget(), item.layout()
    if layout is not None:
        return least_height(layout)
    if widget is None:
        return item.minimumSize().height()
    shown = widget.currentWidget() if isinstance(widget, QStackedWidget) else widget
    return _least_of_widget(shown) if shown is not None else 0


def _least_of_widget(widget: QWidget) -> int:
    inner = widget.layout()
    if widget.minimumHeight() > 0:  # said outright, it counts before every hint
        return widget.minimumHeight()
    least = widget.minimumSizeHint().height()
    if isinstance(widget, QAbstractScrollArea):
        pass
    elif inner is not None:
        least = least_height(inner)
    elif widget.hasHeightForWidth():
        least = widget.heightForWidth(widget.width())
    return min(least, widget.maximumHeight())

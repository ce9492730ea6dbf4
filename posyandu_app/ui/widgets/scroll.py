"""A part of a screen that scrolls only when the window is too low for it."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QScrollArea, QSizePolicy, QWidget

LEAST_HEIGHT = 120
MARGIN = 24


class Scroll(QScrollArea):
    """Never narrower than its content; whoever has the keyboard inside is scrolled into sight."""

    def __init__(self, parent: QWidget, content: QWidget, *, most: int = 0) -> None:
        """`most` px at most are taken in height when the content is a list among other things."""
        super().__init__(parent)
        self._content = content
        self._most = most
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        vertical = QSizePolicy.Policy.Fixed if most else QSizePolicy.Policy.Expanding
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        content.installEventFilter(self)
        self._grown = QTimer(self)
        self._grown.setSingleShot(True)
        self._grown.setInterval(0)
        self._grown.timeout.connect(lambda: self._focus_changed(None, QApplication.focusWidget()))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_changed)

    def sizeHint(self) -> QSize:
        hint = self._content.sizeHint()
        if self._most:
            hint.setHeight(min(hint.height(), self._most))
        return hint

    def minimumSizeHint(self) -> QSize:
        height = min(self.sizeHint().height(), LEAST_HEIGHT)
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._content.minimumSizeHint().width() + bar, height)

    def _focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._content.isAncestorOf(now):
            self.ensureWidgetVisible(now, 0, MARGIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        elif event.type() == QEvent.Type.Resize:
            self._grown.start()
        return super().eventFilter(watched, event)

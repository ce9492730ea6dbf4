"""A part of a screen that scrolls only when the window is too low for it."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget


class Scroll(QScrollArea):
    """Takes the width of its content; whoever has the keyboard inside is scrolled into sight."""

    def __init__(self, parent: QWidget, content: QWidget, *, fit_width: bool = True, most: int = 0) -> None:
        """`most` px at most are taken in height when the content is a list among other things."""
        super().__init__(parent)
        self._fit = fit_width
        self._content = content
        self._most = most
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        policy = QSizePolicy.Policy.Fixed if fit_width else QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, QSizePolicy.Policy.Fixed if most else QSizePolicy.Policy.Expanding)
        content.installEventFilter(self)

    def sizeHint(self) -> QSize:
        hint = self._content.sizeHint()
        hint.setWidth(self._width())
        if self._most:
            hint.setHeight(min(hint.height(), self._most))
        return hint

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width() if self._fit else 100, 120)

    def _width(self) -> int:
        needs_bar = self._content.minimumSizeHint().height() > self.height() > 0
        return self._content.minimumSizeHint().width() + (
            self.verticalScrollBar().sizeHint().width() if needs_bar else 0
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

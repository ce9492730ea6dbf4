"""Notices that nobody has touched keyboard or mouse for a while."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class Idle(QObject):
    """Tells `left()` once after each stretch without a touch.

    It listens to the window of the system alone: a filter on the whole app would be asked
    about every event of every widget.
    """

    left = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.left)
        window.winId()  # makes the window of the system, which is not there before
        handle = window.windowHandle()
        assert handle is not None
        handle.installEventFilter(self)

    def watch(self, milliseconds: int) -> None:
        """From now on tell after so long; 0 is never."""
        self._timer.stop()
        self._timer.setInterval(milliseconds)
        if milliseconds:
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES and self._timer.interval():
            self._timer.start()
        return False

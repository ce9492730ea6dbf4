"""Keys typed while a screen is saving are kept and given to the next field: a fast hand loses nothing."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

_KEPT = {
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
}


class Typeahead(QObject):
    """Between `hold` and `release` no key reaches any widget; then text keys arrive where the focus is."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held: list[QKeyEvent] = []
        self._holding = False

    @property
    def holding(self) -> bool:
        return self._holding

    def hold(self) -> None:
        """Keep what is typed from now on."""
        if not self._holding:
            self._holding = True
            _app().installEventFilter(self)

    def release(self) -> None:
        """Give the kept keys to whoever has the keyboard now."""
        if not self._holding:
            return
        self._holding = False
        _app().removeEventFilter(self)
        held, self._held = self._held, []
        for event in held:
            target = QApplication.focusWidget()
            if target is not None:
                QApplication.postEvent(target, event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() in (QEvent.Type.Shortcut, QEvent.Type.KeyRelease):
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            printable = bool(event.text()) and event.text().isprintable()
            # a key that nobody wanted travels up to the parents: only its first stop counts
            if watched is QApplication.focusWidget() and (printable or event.key() in _KEPT):
                self._held.append(
                    QKeyEvent(
                        event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat()
                    )
                )
            return watched.isWidgetType()
        return False


def _app() -> QCoreApplication:
    app = QApplication.instance()
    assert app is not None, "there are no keys without an application"
    return app

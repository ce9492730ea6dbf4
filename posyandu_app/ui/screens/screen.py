"""What the window expects of every screen inside it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from posyandu_app.services.views import Changes
from posyandu_app.ui.desk import Desk


class Screen(QWidget):
    """One place of the window; `hints` are the keys shown at its foot."""

    hints_changed = Signal()

    def __init__(self, parent: QWidget, desk: Desk, name: str) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setObjectName(name)

    @property
    def about(self) -> str:
        """The id of what this screen is about, to come back to it after a lock; "" for a list."""
        return ""

    def hints(self) -> tuple[tuple[str, str], ...]:
        """(words, key) of what can be done here."""
        return ()

    def open(self, child: str = "") -> None:
        """The person came here, about this child if one is named."""

    def leave(self) -> None:
        """The person goes elsewhere or the app locks: keep what is half-done."""

    def changed(self, changes: Changes) -> None:
        """Something changed, here or by sync."""

    def turn_filter(self) -> None:
        """F3: show the next part of a list."""

    def open_card(self) -> None:
        """Ctrl+Enter: the card of the chosen child."""

    def escape(self) -> None:
        """Esc was pressed and nothing inside wanted it."""

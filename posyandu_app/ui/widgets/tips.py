"""What a pointer at rest is told: always as it is written, also where a name holds `<` and `>`."""

from PySide6.QtGui import Qt
from PySide6.QtWidgets import QWidget


def show_tip(widget: QWidget, text: str) -> None:
    """Tell a text at a widget; Qt would read one that looks like HTML as such."""
    widget.setToolTip(Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text)

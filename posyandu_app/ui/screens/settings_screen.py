"""Everything that is set once and then forgotten: a calm list of parts."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.screens.settings_parts import parts
from posyandu_app.ui.widgets.basic import Label
from posyandu_app.ui.widgets.parts import Parts
from posyandu_app.ui.widgets.scroll import Scroll

WIDEST = 760


class SettingsScreen(Screen):
    """Opens one part; who comes back from it finds the keyboard there."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "settings_screen")
        self._opened = ""
        self.parts = Parts(self, parts(desk.workspace.user.role))
        self.parts.setMaximumWidth(WIDEST)
        self.parts.opened.connect(self._open_part)
        inside = QWidget(self)
        holder = QVBoxLayout(inside)
        holder.setContentsMargins(0, 0, 0, 8)
        holder.addWidget(self.parts)
        holder.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        column.addWidget(Label(self, tr("Pengaturan"), "display"))
        column.addWidget(Scroll(self, inside), 1)

    def hints(self) -> tuple[tuple[str, str], ...]:
        return ((tr("Pilih"), "↑ ↓"), (tr("Buka bagian"), "Enter"), (tr("Kembali"), "Esc"))

    def open(self, child: str = "") -> None:
        self.parts.take_keyboard(self._opened)

    def _open_part(self, room: str) -> None:
        self._opened = room
        self.desk.go(room)

    def escape(self) -> None:
        self.desk.go("roster")

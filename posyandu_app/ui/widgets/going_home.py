"""What to do before going home once the day is closed: what waits goes by network, or on a stick."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from posyandu_app.domain.numbers import format_count
from posyandu_app.i18n import tr
from posyandu_app.ui.widgets.basic import Button, Icon, Label, row


class GoingHome(QWidget):
    """One line: how much the Dinas has not received yet, and both ways to get it there.

    `compact` leaves room for more beside it: the buttons show their icons and keys.
    """

    sync_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, parent: QWidget, name: str, *, compact: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.icon = Icon(self, "cloud-upload", 24, "accent")
        self.text = Label(self, "", "strong", wrap=True)
        self.text.setObjectName(f"{name}_text")
        self.sync, self.copy = (
            Button(self, words, key, icon=icon if compact else "", name=f"{name}_{deed}", compact=compact)
            for words, key, icon, deed in (
                (tr("Sinkronkan sekarang"), "F5", "refresh-cw", "sync"),
                (tr("Salin ke flashdisk"), "F7", "usb", "copy"),
            )
        )
        line = row(spacing=12)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self.icon.setHidden(compact)
        line.addWidget(self.text, 1)
        line.addWidget(self.sync)
        line.addWidget(self.copy)
        self.setLayout(line)
        self.sync.clicked.connect(self.sync_wanted)
        self.copy.clicked.connect(self.copy_wanted)

    def show_waiting(self, unsent: int, network_on: bool) -> None:
        """How many entries wait; without network only the stick is offered."""
        sentence = tr("{count} data belum diterima Dinas. Kirim sebelum pulang.")
        self.text.setText(sentence.format(count=format_count(unsent)))
        self.sync.setVisible(network_on)
        self.sync.set_kind("primary")
        self.copy.set_kind("secondary" if network_on else "primary")

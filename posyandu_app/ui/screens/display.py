"""How the app looks and speaks, and when it locks itself."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.settings import Settings
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Card, KeyCap, Label, Segmented, row

SIZES = ("normal", "large")
CONTRASTS = ("normal", "high")
LANGUAGES = ("id", "en")
LOCK_MINUTES = (5, 10, 30, 0)


class DisplayScreen(Screen):
    """Every choice works at once."""

    wished = Signal(str, object)

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "display_screen")
        self.text_size = Segmented(
            self, [(tr("Biasa"), ""), (tr("Besar"), "")], tr("Ukuran huruf"), name="text_size"
        )
        self.contrast = Segmented(
            self, [(tr("Biasa"), ""), (tr("Tinggi"), "")], tr("Kontras"), name="contrast"
        )
        self.language = Segmented(
            self, [("Bahasa Indonesia", ""), ("English", "")], tr("Bahasa"), name="language"
        )
        times = [(tr("{count} menit").format(count=minutes), "") for minutes in LOCK_MINUTES[:-1]]
        self.lock_minutes = Segmented(
            self, [*times, (tr("Tidak"), "")], tr("Kunci sendiri"), name="lock_minutes"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        column.addWidget(Label(self, tr("Tampilan"), "display"))
        card = Card(self, spacing=24)
        self._line(
            card,
            tr("Ukuran huruf"),
            tr("Untuk mata yang cepat lelah atau layar yang jauh."),
            "Ctrl+T",
            self.text_size,
        )
        self._line(
            card,
            tr("Kontras"),
            tr("Untuk layar yang silau atau penglihatan yang kurang."),
            "Ctrl+K",
            self.contrast,
        )
        self._line(card, tr("Bahasa"), tr("Bahasa seluruh aplikasi di laptop ini."), "", self.language)
        self._line(
            card,
            tr("Kunci sendiri"),
            tr("Bila laptop ditinggal. Isian yang belum selesai tetap tersimpan."),
            "",
            self.lock_minutes,
        )
        column.addWidget(card)
        column.addStretch(1)
        self.text_size.chosen.connect(lambda at: self.wished.emit("text_size", SIZES[at]))
        self.contrast.chosen.connect(lambda at: self.wished.emit("contrast", CONTRASTS[at]))
        self.language.chosen.connect(lambda at: self.wished.emit("language", LANGUAGES[at]))

        self.lock_minutes.chosen.connect(lambda at: self.wished.emit("lock_minutes", LOCK_MINUTES[at]))

    def _line(self, card: Card, title: str, text: str, key: str, choice: Segmented) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(card, title, "strong"))
        words.addWidget(Label(card, text, "small", "soft", wrap=True))
        line = row(spacing=16)
        line.addLayout(words, 1)
        if key:
            line.addWidget(KeyCap(card, key), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(choice, 0, Qt.AlignmentFlag.AlignVCenter)
        card.column.addLayout(line)

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self.text_size.set_index(SIZES.index(settings.text_size))
        self.contrast.set_index(CONTRASTS.index(settings.contrast))
        self.language.set_index(LANGUAGES.index(settings.language))
        self.lock_minutes.set_index(LOCK_MINUTES.index(settings.lock_minutes))

    def hints(self) -> tuple[tuple[str, str], ...]:
        return ((tr("Ukuran huruf"), "Ctrl+T"), (tr("Kontras"), "Ctrl+K"), (tr("Kembali"), "Esc"))

    def open(self, child: str = "") -> None:
        self.text_size.setFocus()

    def escape(self) -> None:
        self.desk.go("settings")

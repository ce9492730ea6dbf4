"""The page "Apa yang terjadi dengan data saya?" as a help inside the app."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.i18n import language, tr
from posyandu_app.paths import resources
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Card, Label
from posyandu_app.ui.widgets.scroll import Scroll


class DataHelpScreen(Screen):
    """Questions and answers in plain words; arrow keys and PgDn scroll, Esc goes back."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "data_help_screen")
        card = QWidget(self)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(0, 0, 8, 0)
        inside.setSpacing(14)
        title, lead, parts = read(language())
        inside.addWidget(Label(card, lead, "body", "soft", wrap=True))
        for question, answer in parts:
            part = Card(card, margins=20, spacing=6)
            part.column.addWidget(Label(part, question, "lead_strong", wrap=True))
            part.column.addWidget(Label(part, answer, "body", wrap=True))
            inside.addWidget(part)
        inside.addStretch(1)
        self.page = Scroll(self, card)
        self.page.setObjectName("data_help_page")
        self.page.setAccessibleName(title)
        self.page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(12)
        column.addWidget(Label(self, title, "display", wrap=True))
        column.addWidget(self.page, 1)

    def hints(self) -> tuple[tuple[str, str], ...]:
        return ((tr("Gulir"), "↑ ↓"), (tr("Halaman berikut"), "PgDn"), (tr("Kembali"), "Esc"))

    def open(self, child: str = "") -> None:
        self.page.verticalScrollBar().setValue(0)
        self.page.setFocus()

    def escape(self) -> None:
        self.desk.go("sync")


def read(language_: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Title, lead, and (question, answer) pairs of the page in a language; Indonesian when there is none."""
    page = resources() / "help" / f"data_saya.{language_}.md"
    if not page.is_file():
        page = resources() / "help" / "data_saya.id.md"
    return parse(page.read_text(encoding="utf-8"))


def parse(text: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """A page of one `#` title, a lead, and `##` questions with their answers."""
    title, lead, parts = "", "", []
    for block in text.split("\n## "):
        head, _, rest = block.strip().partition("\n")
        plain = " ".join(rest.split()).replace("*", "")
        if head.startswith("# "):
            title, lead = head.removeprefix("# "), plain
        else:
            parts.append((head, plain))
    return title, lead, tuple(parts)

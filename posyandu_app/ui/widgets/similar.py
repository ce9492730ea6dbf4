"""Children who may be the one being registered, beside the form."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from posyandu_app.domain import names
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.ui import words
from posyandu_app.ui.widgets.basic import Button, Card, Label

_MOST_SHOWN = 3


class Similar(Card):
    """Those who may be the same child; a person decides, nothing is merged."""

    opened = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, spacing=12)
        self.setObjectName("similar")
        self._ids: list[str] = []
        self.title = Label(self, tr("Mungkin sudah terdaftar"), "heading")
        self.text = Label(self, "", "body", "soft", wrap=True)
        self.column.addWidget(self.title)
        self.column.addWidget(self.text)
        self._names: list[Label] = []
        self._details: list[Label] = []
        self._buttons: list[Button] = []
        for at in range(_MOST_SHOWN):
            name = Label(self, "", "strong", wrap=True)
            detail = Label(self, "", "small", "soft", wrap=True)
            button = Button(self, tr("Buka anak ini"), f"Ctrl+{at + 1}", name=f"similar_{at + 1}")
            button.clicked.connect(lambda _=False, at=at: self.opened.emit(self._ids[at]))
            self.column.addWidget(name)
            self.column.addWidget(detail)
            self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self._names.append(name)
            self._details.append(detail)
            self._buttons.append(button)
        self.column.addStretch(1)
        self.show_children(())

    def show_children(self, children: Sequence[Child]) -> None:
        """Show the most similar ones, nobody when there are none."""
        shown = children[:_MOST_SHOWN]
        self._ids = [child.id for child in shown]
        self.text.setText(
            tr("Periksa dulu: bila anak yang sama, buka saja dia dan jangan daftarkan lagi.")
            if shown
            else tr("Sambil Anda mengetik, anak yang mirip dan sudah terdaftar muncul di sini.")
        )
        for at in range(_MOST_SHOWN):
            visible = at < len(shown)
            for widget in (self._names[at], self._details[at], self._buttons[at]):
                widget.setVisible(visible)
            if visible:
                child = shown[at]
                born = format_date(child.birth_date) if child.birth_date is not None else words.NOTHING
                facts = (words.mother(child), tr("lahir {date}").format(date=born), words.place(child))
                self._names[at].setText(names.display(child.name))
                self._details[at].setText(" · ".join(facts))

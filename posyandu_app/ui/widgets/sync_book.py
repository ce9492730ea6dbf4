"""What waits for a person, and what was exchanged when: two quiet lists of the sync page."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.services.sync_book import Book
from posyandu_app.ui import sync_words
from posyandu_app.ui.widgets.basic import Button, Card, Label, row


class AttentionCard(Card):
    """Decisions that wait, and entries put aside, each with its reason and the next step."""

    decide_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, margins=20, spacing=8)
        self.setObjectName("sync_attention")
        self.decisions = Label(self, "", "body", wrap=True)
        self.decisions.setObjectName("sync_decisions")
        self.look = Button(self, tr("Lihat"), "Ctrl+D", "quiet", name="sync_decide")
        self._asked = QWidget(self)
        line = row(spacing=12)
        line.addWidget(self.decisions, 1)
        line.addWidget(self.look)
        self._asked.setLayout(line)
        self.column.addWidget(Label(self, tr("Perlu dilihat"), "heading"))
        self.column.addWidget(self._asked)
        self._made: list[QWidget] = []
        self.look.clicked.connect(self.decide_wanted)
        self.hide()

    def show_book(self, book: Book) -> None:
        """Show what waits; nothing at all hides the card."""
        sentence = book.undecided.words
        self.decisions.setText(f"{sentence[0].upper()}{sentence[1:]}." if sentence else "")
        self._asked.setVisible(bool(sentence))
        for widget in self._made:
            self.column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._made = []
        for item in book.aside:
            what, why = sync_words.aside(item)
            for text, role, ink in ((what, "strong", ""), (why, "body", "soft")):
                label = Label(self, text, role, ink, wrap=True)
                label.setObjectName("sync_aside")
                self.column.addWidget(label)
                label.show()
                self._made.append(label)
        self.setVisible(bool(sentence or book.aside))


class HistoryCard(Card):
    """The latest exchanges: when, which way, what came of them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, margins=20, spacing=8)
        self.setObjectName("sync_history")
        self.column.addWidget(Label(self, tr("Riwayat sinkronisasi"), "heading"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)
        self.column.addLayout(self._grid)
        self._shown: Sequence[object] = ()
        self._made: list[QWidget] = []
        self.hide()

    def show_book(self, book: Book) -> None:
        """Show the latest; an empty book hides the card."""
        self.setVisible(bool(book.history))
        if book.history == self._shown:
            return
        self._shown = book.history
        for widget in self._made:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._made = []
        for line, item in enumerate(book.history):
            for column, text in enumerate(sync_words.exchange(item)):
                role = "small_strong" if column == 1 else "small"
                label = Label(self, text, role, "" if column == 1 else "soft", wrap=column == 2)
                label.setObjectName("sync_exchange")
                self._grid.addWidget(label, line, column)
                label.show()
                self._made.append(label)

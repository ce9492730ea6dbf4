"""A row of an import list that may mean one of several children: both sides, and one key decides."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.services.importing import Candidate, Choice, Question
from posyandu_app.ui import theme
from posyandu_app.ui.screens import import_choice_state as cs
from posyandu_app.ui.widgets.basic import Button, Card, Label, row
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.versions import Lines

BESIDE = 2
"""So many children at most stand beside the row of the file, one in large text; further ones below them."""


class _Child(Card):
    """One child on a white card, and under her values the answer that means her."""

    def __init__(self, parent: QWidget, column: cs.Column, answer: Button | None) -> None:
        super().__init__(parent, spacing=10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        inside = self.column
        inside.setContentsMargins(12, 14, 12, 14)
        title = Label(self, column.title, "small_strong", "soft", wrap=True)
        title.setContentsMargins(theme.current().px(12), 0, 12, 0)
        inside.addWidget(title)
        inside.addWidget(Lines(self, column.lines))
        inside.addStretch(1)
        if answer is not None:
            answer.setParent(self)
            answer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            inside.addWidget(answer)


class ImportChoice(QWidget):
    """1 … choose a child who is known, N a new one, L leaves the row out, PgDn leaves it for later."""

    decided = Signal(object, object)
    put_off = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("import_choice")
        self.place = Label(self, "", "small_strong", "soft")
        self.place.setObjectName("import_choice_place")
        self.question = Label(self, tr("Anak yang mana?"), "title")
        self.reason = Label(self, "", "body", wrap=True)
        self.reason.setObjectName("import_choice_reason")
        self.note = Label(self, "", "body", "soft", wrap=True)
        self.note.setObjectName("import_choice_note")
        self.new = Button(self, tr("Ini anak baru"), "N", "secondary", "user-plus", name="import_choice_new")
        self.skip = Button(self, tr("Lewati"), "L", "secondary", name="import_choice_skip")
        self.later = Button(
            self, tr("Nanti saja"), "PgDown", "quiet", shown_key="PgDn", name="import_choice_later"
        )
        self.buttons: list[Button] = []
        self._made: list[QWidget] = []
        self._content = QWidget(self)
        self._grid = QGridLayout(self._content)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.place)
        column.addWidget(self.question)
        column.addWidget(self.reason)
        column.addWidget(self.note)
        column.addSpacing(4)
        column.addWidget(Scroll(self, self._content), 1)
        column.addLayout(row(self.new, self.skip, self.later, None, spacing=8))
        self.new.clicked.connect(lambda: self.decided.emit(Choice.NEW, None))
        self.skip.clicked.connect(lambda: self.decided.emit(Choice.SKIP, None))
        self.later.clicked.connect(self.put_off.emit)

    def show_question(self, question: Question, reason: str, number: int, place: str) -> None:
        """Show a row, why a person is asked, its number in the file, and which of the questions it is."""
        for widget in self._made:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._made, self.buttons = [], []
        wide = 1 if theme.current().scale > 1 else min(BESIDE, max(1, len(question.candidates)))
        for at in range(BESIDE + 1):
            self._grid.setColumnStretch(at, 1 if at <= wide else 0)
        for at, told in enumerate(cs.columns(question, number)):
            answer = self._answer(self._content, told.candidate) if told.candidate is not None else None
            card = _Child(self._content, told, answer)
            line, beside = divmod(at - 1, wide) if at else (0, -1)
            self._grid.addWidget(card, line, beside + 1, Qt.AlignmentFlag.AlignTop)
            card.show()
            self._made.append(card)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        self.place.setText(place)
        self.place.setVisible(bool(place))
        self.reason.setText(reason)
        self.note.setText(cs.note(question))
        self.note.setVisible(bool(self.note.text()))

    def _answer(self, parent: QWidget, candidate: Candidate) -> Button:
        key = str(len(self.buttons) + 1)
        button = Button(parent, tr("Anak ini"), key, "secondary", "check", name=f"import_choice_{key}")
        button.clicked.connect(lambda: self.decided.emit(Choice.SAME, candidate))
        self.buttons.append(button)
        return button

    def take_keyboard(self) -> None:
        """Begin where Enter decides nothing."""
        self.later.setFocus()

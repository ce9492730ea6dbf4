"""What the weighing means, in one place: the fact, the letter, what to do; or the open question."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.widgets.basic import Button, Label, Pill, row

HEIGHT = 182
SIDE = 20


class Letter(QWidget):
    """N, T, O or B in a large square, in the colour of the status; a dash while there is none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._letter, self._tone, self._icon = "", "belum_diukur", ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_letter(self, letter: str, tone: str) -> None:
        """Show a letter of the KMS."""
        self._letter, self._tone, self._icon = letter, tone, ""
        self.update()

    def show_icon(self, icon: str) -> None:
        """Show an icon while there is no letter."""
        self._icon = icon
        self.update()

    def sizeHint(self) -> QSize:
        size = theme.current().px(48)
        return QSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self._icon:
            size = rect.width() / 2
            paint.rounded(painter, rect, 12, look.colors.accent_soft)
            icons.draw(painter, self._icon, look.colors.accent, size / 2, size / 2, round(size))
            return
        if not self._letter:
            shape = rect.adjusted(4, 4, -4, -4)
            paint.tone_shape(painter, shape, self._tone, look)
            return
        colors = look.tone(self._tone)
        paint.rounded(painter, rect, 12, colors.solid)
        paint.text(
            painter, rect, self._letter, look.font("title"), colors.on_solid, theme.ALIGN_CENTER, elide=False
        )


class QuestionPanel(QWidget):
    """A doubt with both answers as buttons: 1 mends it, 2 says that it is right."""

    answered = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.text = Label(self, "", "status", wrap=True)
        self.text.setObjectName("question_text")
        self.note = Label(self, "", "body", wrap=True)
        self.note.setObjectName("question_note")
        self.mend = Button(self, "", "", "primary", name="question_mend", shown_key="1")
        self.keep = Button(self, "", "", "secondary", name="question_keep", shown_key="2")
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(8)
        self._buttons.addWidget(self.mend)
        self._buttons.addWidget(self.keep)
        self._buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.text)
        column.addLayout(self._buttons)
        column.addWidget(self.note)
        column.addStretch(1)
        self.mend.clicked.connect(lambda: self.answered.emit(False))
        self.keep.clicked.connect(lambda: self.answered.emit(True))
        self.setFocusProxy(self.mend)

    def show_question(self, text: str, mend: str, keep: str, note: str) -> None:
        """Ask; the note helps to decide."""
        self.text.setText(text)
        self.note.setText(note)
        self.mend.set_words(mend)
        self.keep.set_words(keep)
        self.setAccessibleName(text)
        self.mend.setAccessibleDescription(text)

    def arrange(self, width: int) -> None:
        """Both answers side by side, or one below the other when they do not fit."""
        wanted = self.mend.sizeHint().width() + self.keep.sizeHint().width() + 8
        fits = wanted <= width
        direction = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        self._buttons.setDirection(direction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() in ("1", "2"):
            self.answered.emit(event.text() == "2")
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self.keep.setFocus()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self.mend.setFocus()
        else:
            super().keyPressEvent(event)


class StatusBlock(QWidget):
    """Headline in large type, advice below, the status as shape and word; or the open question."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("status_block")
        self._asking = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._told = QWidget(self)
        self.letter = Letter(self._told)
        self.pill = Pill(self._told, name="status_tone")
        self.headline = Label(self._told, "", "status", wrap=True)
        self.headline.setObjectName("status_headline")
        self.advice = Label(self._told, "", "body", "soft", wrap=True)
        self.advice.setObjectName("status_advice")
        self.question = QuestionPanel(self)
        words = QVBoxLayout(self._told)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(8)
        words.addLayout(row(self.letter, self.pill, None, spacing=12))
        words.addWidget(self.headline)
        words.addWidget(self.advice)
        words.addStretch(1)
        column = QVBoxLayout()
        column.addWidget(self._told)
        column.addWidget(self.question)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(SIDE, 16, SIDE, 16)
        whole.addStrut(theme.current().px(HEIGHT))  # what is below must not move when the words change
        whole.addLayout(column, 1)
        self.question.hide()

    def show_status(self, letter: str, tone: str, word: str, headline: str, advice: str) -> None:
        """Show what the weighing means."""
        self._turn(asking=False)
        self.letter.show_letter(letter, tone)
        self.pill.show_tone(tone, word)
        self.headline.setText(headline)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.setAccessibleName(". ".join(part for part in (word, headline, advice) if part))

    def show_prompt(self, tone: str, word: str, headline: str, advice: str) -> None:
        """Nothing is typed yet: what to do first, and how she did before."""
        self.show_status("", tone, word, headline, advice)
        self.letter.show_icon("scale")

    def ask(self, text: str, mend: str, keep: str, note: str) -> None:
        """Show a question instead."""
        self.question.show_question(text, mend, keep, note)
        self.question.arrange(self.width() - 2 * SIDE)
        self._turn(asking=True)

    def _turn(self, *, asking: bool) -> None:
        if asking == self._asking:
            return
        self._asking = asking
        going, coming = (self._told, self.question) if asking else (self.question, self._told)
        going.hide()  # first: the window would grow for both
        coming.show()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.question.arrange(self.width() - 2 * SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = look.tone("waspada").text if self._asking else c.line
        fill = look.tone("waspada").soft if self._asking else c.surface
        paint.rounded(
            painter, QRectF(self.rect()), theme.RADIUS, fill, line, 2 if self._asking else look.stroke
        )

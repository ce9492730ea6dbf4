"""The referral letter as it will be printed, with its two deeds: save it, and open it."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain.dates import format_date
from posyandu_app.i18n import tr
from posyandu_app.services.referral import ReferralLetter
from posyandu_app.ui import letter_paper, theme
from posyandu_app.ui.case.step import StepPage
from posyandu_app.ui.widgets.basic import Button, Card, Label, row
from posyandu_app.ui.widgets.scroll import Scroll

MOST_TOLD = 12
"""Lines of the letter that are told again in readable type beside the small sheet."""


class Sheet(QWidget):
    """One page of paper, as large as the room allows."""

    def __init__(self, parent: QWidget, *, name: str) -> None:
        super().__init__(parent)
        self._letter: ReferralLetter | None = None
        self._image: QImage | None = None
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_letter(self, letter: ReferralLetter) -> None:
        """Show a letter."""
        self._letter, self._image = letter, None
        self.setAccessibleName(letter_paper.fitted(letter).toPlainText())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(380, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._letter is None:
            return
        ratio = self.devicePixelRatioF()
        height = min(self.height(), round(self.width() * letter_paper.HEIGHT / letter_paper.WIDTH)) - 2
        if self._image is None or round(self._image.height() / ratio) != height:
            self._image = letter_paper.picture(self._letter, height, ratio)
        painter = QPainter(self)
        size = self._image.deviceIndependentSize()
        sheet = QRectF((self.width() - size.width()) / 2, 1, size.width(), size.height())
        painter.drawImage(sheet, self._image)
        painter.setPen(theme.color(theme.current().colors.line_strong))
        painter.drawRect(sheet)


class LetterPage(StepPage):
    """F9 saves the letter as PDF; O opens the file that was saved."""

    opened = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Surat rujukan"), tr("Simpan PDF"), name="letter")
        self.sheet = Sheet(self, name="letter_sheet")
        card = Card(self, margins=18, spacing=10)
        self.about = Label(card, "", "body", wrap=True)
        self.about.setObjectName("letter_about")
        self.saved = Label(card, "", "small_strong", "accent", wrap=True)
        self.saved.setObjectName("letter_saved")
        self.show_file = Button(card, tr("Buka berkas"), "O", icon="file-text", name="letter_open")
        private = tr("Surat ini memuat data pribadi anak. Berikan kepada keluarga, jangan ditinggal di meja.")
        self.content = Label(card, "", "small", wrap=True)
        self.content.setObjectName("letter_content")
        words = QWidget(card)
        told = QVBoxLayout(words)
        told.setContentsMargins(0, 0, 0, 0)
        told.setSpacing(10)
        told.addWidget(self.about)
        told.addWidget(self.content)
        told.addWidget(Label(words, private, "small", "soft", wrap=True))
        told.addStretch(1)
        card.column.addWidget(Scroll(card, words), 1)
        card.column.addWidget(self.saved)
        card.column.addLayout(row(self.show_file, None))
        side = QVBoxLayout()
        side.addWidget(card, 1)
        self.sides.addWidget(self.sheet, 3)
        self.sides.addLayout(side, 2)
        self.cancel.set_words(tr("Kembali ke kasus"))
        self.show_file.clicked.connect(self.opened)

    def show_letter(self, letter: ReferralLetter) -> None:
        """Show a letter that has not been saved yet."""
        self.sheet.show_letter(letter)
        sentence = tr("Nomor {number}, {date}. Kepada {to}.")
        about = sentence.format(number=letter.number, date=format_date(letter.on), to=letter.to)
        self.about.setText(f"{tr('Berangkat hari ini juga.')} {about}" if letter.urgent else about)
        told = (*letter.reasons, *letter.findings, letter.decided, *letter.before_leaving)
        self.content.setText("\n".join(f"• {line}" for line in told[:MOST_TOLD]))
        self.show_saved("")

    def show_saved(self, name: str) -> None:
        """Say where the file is; it can be opened from then on."""
        told = tr("Tersimpan: {name} di folder Dokumen, Posyandu.").format(name=name) if name else ""
        self.saved.setText(told)
        self.saved.setVisible(bool(name))
        self.show_file.setVisible(bool(name))

"""The foot of the window: what was just done with "Urungkan" beside it, or the keys that work here."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from posyandu_app.i18n import tr
from posyandu_app.ui import paint, theme
from posyandu_app.ui.desk import Notice
from posyandu_app.ui.widgets.basic import Button, ElidedLabel, FittingLabel, Icon, KeyHints, press_with
from posyandu_app.ui.widgets.tips import show_tip

DETAIL_MS = 8000
DASH = " — "


class Bar(QWidget):
    """A dark bar with one sentence and at most one deed."""

    undone = Signal()
    redone = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("undo_bar")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._notice = Notice("")
        self.icon = Icon(self, "check", 20, "on_bar")
        self.text = ElidedLabel(self, "", "strong", "bar")
        self.text.setObjectName("undo_text")
        self.detail = FittingLabel(self, "small", "bar", aside=True)
        self.detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.detail.setObjectName("undo_detail")
        self.undo = Button(self, tr("Urungkan"), "Ctrl+Z", "bar", "undo-2", name="undo_button")
        self.redo = Button(
            self, tr("Kembalikan"), "Ctrl+Shift+Z", "bar", name="redo_button", shown_key="Ctrl+Y"
        )
        self._line = line = QHBoxLayout(self)
        line.setContentsMargins(16, 4, 6, 4)
        line.setSpacing(12)
        line.addWidget(self.icon)
        line.addWidget(self.text)
        line.addWidget(self.detail, 1)
        line.addWidget(self.undo)
        line.addWidget(self.redo)
        press_with(self.redo, "Ctrl+Y")
        self.undo.clicked.connect(lambda: self.undone.emit())
        self.redo.clicked.connect(lambda: self.redone.emit())

    def show_notice(self, notice: Notice) -> None:
        """Show a sentence and what can be done about it."""
        self._notice = notice
        self.icon.set_icon("triangle-alert" if notice.trouble else "check")
        self.text.setText(notice.text)
        self.detail.set_parts(notice.detail.split(DASH), DASH)
        self.detail.setVisible(bool(notice.detail))
        self.setAccessibleName(f"{notice.text} {notice.detail}".strip())
        show_tip(self, notice.text)
        self.undo.setVisible(notice.deed is not None)
        deeds = notice.deed is not None or notice.redo is not None
        self._line.setContentsMargins(16, 4, 6 if deeds else 20, 4)
        self.undo.setAccessibleDescription(notice.deed.undo.label if notice.deed is not None else "")
        self.redo.setAccessibleDescription(notice.redo.undo.label if notice.redo is not None else "")
        self.redo.setVisible(notice.redo is not None)
        self.update()

    @property
    def passing(self) -> bool:
        """Whether it only said what was done: nothing to take back or to mend."""
        notice = self._notice
        return not notice.trouble and notice.deed is None and notice.redo is None

    def show_received(self) -> None:
        """What was saved has arrived at the Dinas."""
        if self._notice.deed is not None and self._notice.detail and self._notice.redo is None:
            self.detail.set_parts([tr("Sudah diterima Dinas")])

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.current().px(48))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = look.colors.danger if self._notice.trouble else look.colors.bar
        paint.rounded(painter, QRectF(self.rect()), theme.RADIUS, fill)


class Foot(QWidget):
    """One line at the bottom that is always there, so that nothing above it ever moves."""

    undone = Signal()
    redone = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("foot")
        self.bar = Bar(self)
        self.hints = KeyHints(self)
        self.hints.setObjectName("key_hints")
        self._line = line = QHBoxLayout(self)
        line.setSpacing(24)
        line.addWidget(self.bar)
        line.addWidget(self.hints, 1)
        self.bar.hide()
        self._shorten = QTimer(self)
        self._shorten.setSingleShot(True)
        self._shorten.setInterval(DETAIL_MS)
        self._shorten.timeout.connect(self._without_detail)
        self.bar.undone.connect(self.undone)
        self.bar.redone.connect(self.redone)
        self.fit()

    def fit(self) -> None:
        """As high as one line of deeds, with less around it in a compact window."""
        look = theme.current()
        side, below = (16, 4) if look.compact else (32, 12)
        self._line.setContentsMargins(side, 0, side, below)
        self.setFixedHeight(max(look.px(48), theme.TARGET) + (4 if look.compact else 8) + below)

    def changeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().changeEvent(event)
        self.fit()

    def set_hints(self, hints: Sequence[tuple[str, str]]) -> None:
        """The keys of the screen in sight."""
        self.hints.set_hints(hints)

    def show_notice(self, notice: Notice | None) -> None:
        """Say what was done, or with None go back to the keys."""
        self.bar.setVisible(notice is not None)
        self._shorten.stop()
        self.hints.setVisible(True)
        if notice is not None:
            self.bar.show_notice(notice)
            long = bool(notice.detail) or notice.trouble
            self.hints.setVisible(not long)
            if notice.detail:
                self._shorten.start()

    def leave(self) -> None:
        """Another screen comes in sight: what was only said goes, what can be taken back stays."""
        if self.bar.isVisibleTo(self) and self.bar.passing:
            self.show_notice(None)

    def _without_detail(self) -> None:
        """The deed stays in sight to be undone; the keys come back beside it."""
        self.bar.detail.hide()
        self.hints.show()

"""The few building blocks that every screen is made of."""

from collections.abc import Sequence

from PySide6.QtCore import QMetaMethod, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.widgets.tips import show_tip

DIGITS = "0123456789"


def key_name(sequence: str) -> str:
    """How a key is written on screen."""
    return {"Return": "Enter", "Ctrl+=": "Ctrl +", "Ctrl+-": "Ctrl −"}.get(sequence, sequence)


def press_with(button: QAbstractButton, key: str) -> None:
    """Let a key press a button at once; Qt's own button shortcuts wait 100 ms to show it pressed."""
    shortcut = QShortcut(QKeySequence(key), button)
    shortcut.setAutoRepeat(False)
    shortcut.activated.connect(button.click)


class Label(QLabel):
    """Text in one of the type roles; `ink` is "", "soft", "danger" or "accent"."""

    def __init__(
        self, parent: QWidget, text: str = "", role: str = "body", ink: str = "", wrap: bool = False
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setProperty("ink", ink)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show words; a figure stays on one line with its unit."""
        super().setText(paint.glued(text) if self.wordWrap() else text)

    def text(self) -> str:
        """The words as they were given."""
        return super().text().replace(paint.NBSP, " ").replace(paint.JOINER, "")

    def set_ink(self, ink: str) -> None:
        """Change the ink of a label on screen."""
        if self.property("ink") != ink:
            self.setProperty("ink", ink)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedLabel(Label):
    """One line that shortens itself with … and then tells all in its tool tip."""

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(
            QFontMetrics(self.font()).horizontalAdvance(self.text()) + 2, super().sizeHint().height()
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = paint.shortened(self.text(), QFontMetricsF(self.font()), self.width())
        show_tip(self, self.text() if shown != self.text() else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(theme.ALIGN_LEFT), shown)


class FittingLabel(ElidedLabel):
    """Parts of one line: those at the end are left out where there is no room for them.

    The first part stands, shortened if need be; of a mere `aside` nothing is shown instead.
    """

    def __init__(self, parent: QWidget, role: str = "body", ink: str = "", *, aside: bool = False) -> None:
        super().__init__(parent, "", role, ink)
        self._aside = aside
        self._parts: tuple[str, ...] = ()
        self._glue = " · "

    def set_parts(self, parts: Sequence[str], glue: str = " · ") -> None:
        """Show these, joined by `glue`."""
        self._parts, self._glue = tuple(parts), glue
        self.setText(glue.join(parts))

    @property
    def shown(self) -> str:
        """What there is room for."""
        metrics = QFontMetricsF(self.font())
        fits = paint.as_fits(self._parts, metrics, self.width(), self._glue)
        return "" if self._aside and metrics.horizontalAdvance(fits) > self.width() else fits

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self.shown
        show_tip(self, self.text() if shown != self.text() else "")
        ink = self.palette().color(self.foregroundRole()).name()
        paint.text(QPainter(self), QRectF(self.rect()), shown, self.font(), ink)


class NameLabel(ElidedLabel):
    """A name in the largest type that it fits in; only the longest are shortened."""

    ROLES = ("display", "title", "heading")

    def __init__(self, parent: QWidget, text: str, role: str = "display") -> None:
        """`role`, one of `ROLES`, is the largest that it may take."""
        super().__init__(parent, text, role)
        self._first = self._largest = self.ROLES.index(role)

    def set_lower(self, lower: bool) -> None:
        """Leave room for a line below, in the height of the row."""
        self._first = (1 if theme.current().scale == 1 else 2) if lower else self._largest
        self.setProperty("role", self.ROLES[self._first])
        self.style().unpolish(self)
        self.style().polish(self)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return QSize(160, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        fonts = [look.font(role) for role in self.ROLES[self._first :]]
        fits = (font for font in fonts if QFontMetricsF(font).horizontalAdvance(self.text()) <= self.width())
        font = next(fits, fonts[-1])
        took = QFontMetricsF(font).horizontalAdvance(self.text())
        show_tip(self, self.text() if took > self.width() else "")
        paint.text(QPainter(self), QRectF(self.rect()), self.text(), font, look.colors.ink)


class Button(QPushButton):
    """A deed named by its words, with its key beside them.

    `kind`: "primary" (one per screen), "secondary", "quiet", "bar" (on the dark bar).
    """

    def __init__(
        self,
        parent: QWidget,
        text: str,
        key: str = "",
        kind: str = "secondary",
        icon: str = "",
        *,
        name: str = "",
        shown_key: str = "",
        compact: bool = False,
        small: bool = False,
    ) -> None:
        """`compact` shows icon and key only; the words stay in the tool tip. `small` is for one of many."""
        super().__init__(text, parent)
        self._role, self._height = ("small_strong", theme.TARGET) if small else ("strong", 48)
        self._kind = kind
        self._compact = compact
        self._icon = icon
        self._key = shown_key or key_name(key)
        self.setObjectName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if key:
            press_with(self, key)
        self._describe()

    def set_words(self, text: str) -> None:
        """Rename the deed."""
        if text == self.text():
            return
        self.setText(text)
        self._describe()
        self.updateGeometry()
        self.update()

    def set_kind(self, kind: str) -> None:
        """Make it the main deed of the screen, or one of the others."""
        self._kind = kind
        self.updateGeometry()
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Show icon and key only, or the words too."""
        self._compact = compact
        self._describe()
        self.updateGeometry()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(f"{self.text()} ({self._key})" if self._key else self.text())
        show_tip(self, self.accessibleName() if self._compact else "")

    def sizeHint(self) -> QSize:
        look = theme.current()
        text_width = QFontMetricsF(look.font(self._role)).horizontalAdvance(self._shown_words())
        width = text_width + 2 * self._pad()
        if self._icon:
            width += look.px(20) + (look.px(10) if self._shown_words() else 0)
        if self._key:
            width += paint.badge_width(self._key, look) + look.px(10)
        height = max(look.px(self._height if self._kind != "bar" else 40), theme.TARGET)
        if self._role == "small_strong":
            height = theme.TARGET
        return QSize(round(width) + 1, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _shown_words(self) -> str:
        """Buttons of icon and key alone keep their words for the tool tip and the screen reader."""
        return "" if self._compact else self.text()

    def _pad(self) -> int:
        return theme.current().px(12 if self._compact or self._kind == "quiet" else 20)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect())
        pressed, hover = self.isDown(), self.underMouse()
        fill, ink, line, badge = c.surface, c.ink, c.line_strong, c.ink_soft
        if self._kind == "primary":
            fill, ink, line, badge = (
                c.accent_pressed if pressed or hover else c.accent,
                c.on_accent,
                "",
                c.on_accent,
            )
        elif self._kind == "quiet":
            fill, ink, line = c.sunken if pressed or hover else "", c.accent, ""
        elif self._kind == "bar":
            fill, ink, line, badge = c.bar, c.on_bar, c.on_bar, c.on_bar
        elif pressed or hover:
            fill = c.sunken
        if not self.isEnabled():
            fill, ink, line, badge = c.sunken, c.ink_soft, c.line, c.ink_soft
        if fill:
            paint.rounded(painter, body, 10, fill, line, look.stroke + 0.5)
        if self.hasFocus():
            paint.focus_ring(painter, body, 10, look, inside=fill)
        font = look.font(self._role)
        wanted = self.sizeHint().width()
        x = body.left() + self._pad() + max(0, (body.width() - wanted) / 2)
        middle = body.center().y()
        if self._icon:
            size = look.px(20)
            icons.draw(painter, self._icon, ink, x, middle - size / 2, size)
            x += size + (look.px(10) if self._shown_words() else 0)
        width = QFontMetricsF(font).horizontalAdvance(self._shown_words())
        words = QRectF(x, body.top(), width + 2, body.height())
        paint.text(painter, words, self._shown_words(), font, ink, elide=False)
        if self._key:
            paint.key_badge(painter, x + width + look.px(10), middle, self._key, look, badge, badge)


class Card(QWidget):
    """A white rounded surface that groups what belongs together; never placed inside another."""

    def __init__(self, parent: QWidget, margins: int = 24, spacing: int = 16) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margins, margins, margins, margins)
        self.column.setSpacing(spacing)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.card(QPainter(self), QRectF(self.rect()), theme.current())


class Switch(QAbstractButton):
    """On or off, with its words and its key; space or Enter turns it."""

    def __init__(self, parent: QWidget, text: str, key: str = "", *, name: str = "") -> None:
        super().__init__(parent)
        self._key = key_name(key)
        self._compact = False
        self.setObjectName(name)
        self.setText(text)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if key:
            press_with(self, key)
        self.setAccessibleName(f"{text} ({self._key})" if key else text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        look = theme.current()
        width = QFontMetricsF(look.font("body")).horizontalAdvance(self._shown_words()) + look.px(44) + 12 + 8
        if self._key:
            width += paint.badge_width(self._key, look) + 10
        return QSize(round(width), max(look.px(40), theme.TARGET))

    def set_compact(self, compact: bool) -> None:
        """Show switch and key only, or the words too."""
        self._compact = compact
        show_tip(self, self.accessibleName() if compact else "")
        self.updateGeometry()
        self.update()

    def _shown_words(self) -> str:
        return "" if self._compact else self.text()

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            paint.focus_ring(painter, QRectF(self.rect()), 10, look)
        middle = self.height() / 2
        width, height = look.px(44), look.px(24)
        track = QRectF(6, middle - height / 2, width, height)
        fill = c.accent if self.isChecked() else c.surface
        paint.rounded(painter, track, height / 2, fill, c.accent if self.isChecked() else c.line_strong, 2)
        knob = height - 8
        x = track.right() - knob - 4 if self.isChecked() else track.left() + 4
        ink = c.on_accent if self.isChecked() else c.line_strong
        paint.rounded(painter, QRectF(x, middle - knob / 2, knob, knob), knob / 2, ink)
        left = track.right() + 10
        font = look.font("body")
        right = self.width() - 6.0
        if self._key:
            badge = paint.badge_width(self._key, look)
            right -= badge
            paint.key_badge(painter, right, middle, self._key, look, c.ink_soft, c.line_strong)
            right -= 8
        paint.text(painter, QRectF(left, 0, right - left, self.height()), self._shown_words(), font, c.ink)


class Segmented(QWidget):
    """One choice of a few, side by side; arrow keys move it and every choice may have a typed key.

    `digit` tells a figure typed that picks no choice.
    """

    chosen = Signal(int)
    entered = Signal()
    digit = Signal(str)

    def __init__(
        self,
        parent: QWidget,
        choices: Sequence[tuple[str, str]],
        accessible: str,
        *,
        name: str = "",
        role: str = "strong",
        height: int = 48,
    ) -> None:
        """`choices` are (words, key typed while it has the focus, or "")."""
        super().__init__(parent)
        self._choices = list(choices)
        self._role = role
        self._height = height
        self._accessible = accessible
        self._index = -1
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._describe()

    @property
    def index(self) -> int:
        """The chosen one, −1 for none."""
        return self._index

    def set_index(self, index: int) -> None:
        """Show a choice without telling anybody."""
        self._index = index
        self._describe()
        self.update()

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer these instead; none is chosen when the chosen one is not among them."""
        if list(choices) != self._choices:
            self._choices = list(choices)
            self.updateGeometry()
            self.set_index(self._index if self._index < len(self._choices) else -1)

    def _describe(self) -> None:
        shown = self._choices[self._index][0] if self._index >= 0 else "—"
        self.setAccessibleName(f"{self._accessible}: {shown}")

    def choose(self, index: int) -> None:
        """Take a choice, as a hand would."""
        index = max(0, min(index, len(self._choices) - 1))
        self.set_index(index)
        self.chosen.emit(index)

    def _widths(self) -> list[float]:
        look = theme.current()
        metrics = QFontMetricsF(look.font(self._role))
        return [metrics.horizontalAdvance(words) + 2 * look.px(14) for words, _ in self._choices]

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(round(sum(self._widths())) + 8, max(look.px(self._height), theme.TARGET))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _boxes(self) -> list[QRectF]:
        widths = self._widths()
        spare = max(0.0, self.width() - 8 - sum(widths)) / len(widths)
        boxes, x = [], 4.0
        for width in widths:
            boxes.append(QRectF(x, 4, width + spare, self.height() - 8))
            x += width + spare
        return boxes

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        paint.rounded(painter, whole, 10, c.sunken, c.line_strong if look.stroke > 1 else "", look.stroke)
        if self.hasFocus():
            paint.focus_ring(painter, whole, 10, look)
        font = look.font(self._role)
        for i, ((words, _), box) in enumerate(zip(self._choices, self._boxes(), strict=True)):
            ink = c.ink_soft
            if i == self._index:
                here = box.adjusted(1, 1, -1, -1)
                paint.rounded(painter, here, 7, c.accent if self.isEnabled() else c.surface)
                ink = c.on_accent if self.isEnabled() else c.ink_soft
            paint.text(painter, box, words, font, ink, theme.ALIGN_CENTER, elide=False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for i, box in enumerate(self._boxes()):
            if box.contains(event.position()):
                self.choose(i)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self.choose(self._index - 1)
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self.choose(self._index + 1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            for i, (_, key) in enumerate(self._choices):
                if key and event.text().lower() == key.lower():
                    self.choose(i)
                    return
            asked = self.isSignalConnected(QMetaMethod.fromSignal(self.digit))
            if asked and event.text() and event.text() in DIGITS:
                self.digit.emit(event.text())
                return
            super().keyPressEvent(event)


class Pill(QWidget):
    """A status as shape and word."""

    def __init__(self, parent: QWidget, *, name: str = "") -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._tone, self._words = "belum_diukur", ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_tone(self, tone: str, words: str) -> None:
        """Show a status."""
        self._tone, self._words = tone, words
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(round(paint.pill_width(self._words, look)) + 1, look.px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.pill(painter, 0, self.height() / 2, self._words, self._tone, theme.current())


class KeyHints(QWidget):
    """The keys that work here, as a quiet line of (words, key); what does not fit is left out at the end."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._hints: tuple[tuple[str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_hints(self, hints: Sequence[tuple[str, str]]) -> None:
        """Show these."""
        self._hints = tuple(hints)
        self.setAccessibleName("; ".join(f"{words} {key}" for words, key in hints))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, theme.current().px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = look.font("small")
        metrics = QFontMetricsF(font)
        x, middle = 0.0, self.height() / 2
        for words, key in self._hints:
            badge = paint.badge_width(key, look)
            width = badge + 8 + metrics.horizontalAdvance(words)
            if x + width > self.width():
                break
            paint.key_badge(painter, x, middle, key, look, c.ink_soft, c.line_strong)
            rect = QRectF(x + badge + 8, 0, width, self.height())
            paint.text(painter, rect, words, font, c.ink_soft, elide=False)
            x += width + look.px(24)


class KeyCap(QWidget):
    """The name of a key, where the deed it does has no button of its own."""

    def __init__(self, parent: QWidget, key: str) -> None:
        super().__init__(parent)
        self._key = key_name(key)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(round(paint.badge_width(self._key, look)) + 2, look.px(paint.BADGE_HEIGHT) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.key_badge(painter, 1, self.height() / 2, self._key, look, c.ink_soft, c.line_strong)


class Icon(QWidget):
    """One icon in a colour of the scheme, named by its token so that it follows the theme."""

    def __init__(self, parent: QWidget, icon: str, size: int = 20, ink: str = "ink_soft") -> None:
        super().__init__(parent)
        self._icon, self._size, self._ink = icon, size, ink
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_icon(self, icon: str, ink: str | None = None) -> None:
        """Show another one."""
        self._icon = icon
        self._ink = ink or self._ink
        self.update()

    def sizeHint(self) -> QSize:
        size = theme.current().px(self._size)
        return QSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        size = look.px(self._size)
        ink = str(getattr(look.colors, self._ink))
        painter = QPainter(self)
        icons.draw(painter, self._icon, ink, (self.width() - size) / 2, (self.height() - size) / 2, size)


def row(*items: "QWidget | int | None", spacing: int = 16, stretch_last: bool = False) -> QHBoxLayout:
    """Widgets side by side; a number is a fixed gap in px, None takes the room that is left."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        else:
            layout.addWidget(item)
    return layout

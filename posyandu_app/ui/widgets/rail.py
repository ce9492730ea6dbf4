"""The left rail: the places, the quiet status sentence, the network switch, and who is at the keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.services.views import User
from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.widgets.basic import Button, ElidedLabel, Icon, Label, Switch, key_name, press_with, row

WIDTH = 264
MANY = 8
"""From so many places on the rail is laid out closer."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the window: its object name, words, icon and key."""

    name: str
    words: str
    icon: str
    key: str


class PlaceButton(QAbstractButton):
    """A place in the rail: icon, words, how many wait there, key."""

    def __init__(self, parent: QWidget, place: Place) -> None:
        super().__init__(parent)
        self._place = place
        self._count = 0
        self.setObjectName(f"place_{place.name}")
        self.setText(place.words)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        press_with(self, place.key)
        self.setAccessibleName(f"{place.words} ({key_name(place.key)})")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def key(self) -> str:
        return self._place.key

    def set_count(self, count: int) -> None:
        """Show how many wait there; nothing for 0."""
        self._count = count
        self.setAccessibleDescription(str(count) if count else "")
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.current()
        width = QFontMetricsF(look.font("strong")).horizontalAdvance(self.text())
        key = paint.badge_width(key_name(self._place.key), look)
        return QSize(round(width + key + look.px(22)) + 44, look.px(48))

    def minimumSizeHint(self) -> QSize:
        """Many places in a low window stand closer together."""
        return QSize(self.sizeHint().width(), theme.TARGET)

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
        body = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        ink, font = c.ink, look.font("body")
        if self.isChecked():
            line = c.accent if look.contrast == theme.Contrast.HIGH else ""
            paint.rounded(painter, body, 10, c.accent_soft, line, 2)
            ink, font = c.accent, look.font("strong")
        elif self.underMouse():
            paint.rounded(painter, body, 10, c.sunken)
        if self.hasFocus():
            paint.focus_ring(painter, QRectF(self.rect()), 12, look)
        middle, size = self.height() / 2, look.px(22)
        icons.draw(painter, self._place.icon, ink, 14, middle - size / 2, size)
        key = key_name(self._place.key)
        width = paint.badge_width(key, look)
        right = self.width() - width - 10
        paint.key_badge(painter, right, middle, key, look, c.ink_soft, c.line_strong)
        left = 14 + size + 10
        took = paint.text(painter, QRectF(left, 0, right - left - 4, self.height()), self.text(), font, ink)
        if self._count:
            self._paint_count(painter, left + took + 8, middle, right - 6)

    def _paint_count(self, painter: QPainter, left: float, middle: float, right: float) -> None:
        look = theme.current()
        words = str(self._count) if self._count < 1000 else "999+"
        font = look.font("small_strong")
        width = max(look.px(22), QFontMetricsF(font).horizontalAdvance(words) + 12)
        rect = QRectF(left, middle - look.px(11), width, look.px(22))
        if left + width > right:  # no room beside the words: on the corner of the icon
            font = look.font("small_strong")
            font.setPointSizeF(font.pointSizeF() * 0.8)
            width = max(look.px(18), QFontMetricsF(font).horizontalAdvance(words) + 8)
            rect = QRectF(14 + look.px(22) - look.px(9), middle - look.px(19), width, look.px(18))
        paint.rounded(painter, rect, rect.height() / 2, look.colors.accent)
        paint.text(painter, rect, words, font, look.colors.on_accent, theme.ALIGN_CENTER, elide=False)


class Avatar(QWidget):
    """The first letters of a name in a disc."""

    def __init__(self, parent: QWidget, name: str, size: int = 40) -> None:
        super().__init__(parent)
        self._size = size
        self._letters = "".join(word[0] for word in name.split()[:2] if word).upper()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        size = theme.current().px(self._size)
        return QSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint.rounded(painter, rect, rect.height() / 2, look.colors.accent_soft)
        font = look.font("strong")
        paint.text(painter, rect, self._letters, font, look.colors.accent, theme.ALIGN_CENTER, elide=False)


class PracticeMark(QWidget):
    """Says that what is in sight is practice; no colour of a health status."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("practice_mark")
        self.setAccessibleName(tr("LATIHAN: anak buatan"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        look = theme.current()
        width = QFontMetricsF(look.font("small_strong")).horizontalAdvance(self.accessibleName())
        return QSize(round(width) + 24, look.px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint.rounded(painter, rect, 8, look.colors.accent_pressed)
        font, ink = look.font("small_strong"), look.colors.on_accent
        paint.text(painter, rect, self.accessibleName(), font, ink, theme.ALIGN_CENTER)


def role_name(role: str) -> str:
    """What people call a role."""
    names = {
        Role.KADER: tr("Kader"),
        Role.BIDAN: tr("Bidan"),
        Role.TPG: tr("Petugas gizi puskesmas"),
        Role.DINAS: tr("Dinas Kesehatan"),
    }
    return names.get(Role(role), role) if role in set(Role) else role


class Rail(QWidget):
    """Always in sight on the left."""

    went = Signal(str)

    def __init__(self, parent: QWidget, places: Sequence[Place], user: User, posyandu: str) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        many = len(places) >= MANY
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10 if many else 20, 12, 8 if many else 16)
        column.setSpacing(1)  # many places fit a window of 690 px in large type
        column.addLayout(self._head(posyandu))
        column.addSpacing(8 if many else 20)
        self._buttons: dict[str, PlaceButton] = {}
        for place in places:
            button = PlaceButton(self, place)
            button.clicked.connect(lambda _=False, name=place.name: self.went.emit(name))
            self._buttons[place.name] = button
            column.addWidget(button)
        column.addStretch(1)
        column.addLayout(self._status())
        column.addSpacing(8)
        self.network = Switch(self, tr("Jaringan"), "F8", name="network_switch")
        self.network.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column.addWidget(self.network)
        column.addSpacing(4 if many else 12)
        who = self._who(user, avatar=not many)
        column.addLayout(who)
        self.lock = Button(self, tr("Kunci"), "Ctrl+L", "secondary", "lock", name="lock_button", compact=many)
        if many:  # the lock stands beside the name, so that every place keeps its height
            who.addWidget(self.lock)
        else:
            self.lock.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            column.addSpacing(4)
            column.addWidget(self.lock)

    def _head(self, posyandu: str) -> QHBoxLayout:
        mark = Icon(self, "sprout", 30, "accent")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(self, tr("Posyandu"), "heading"))
        name = ElidedLabel(self, posyandu, "small", "soft")
        name.setObjectName("rail_posyandu")
        words.addWidget(name)
        head = row(mark, spacing=12)
        head.setContentsMargins(8, 0, 0, 0)
        head.addLayout(words, 1)
        return head

    def _status(self) -> QVBoxLayout:
        self.status_icon = Icon(self, "cloud-off", 20)
        self.status_title = Label(self, "", "small_strong", wrap=True)
        self.status_title.setObjectName("status_title")
        self.status_text = Label(self, "", "small", "soft", wrap=True)
        self.status_text.setObjectName("status_sentence")
        column = QVBoxLayout()
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(4)
        title = row(self.status_icon, spacing=8)
        title.addWidget(self.status_title, 1)
        column.addLayout(title)
        column.addWidget(self.status_text)
        return column

    def _who(self, user: User, *, avatar: bool) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        name = ElidedLabel(self, user.name, "strong")
        name.setObjectName("rail_user")
        words.addWidget(name)
        words.addWidget(ElidedLabel(self, role_name(user.role), "small", "soft"))
        who = row(*((Avatar(self, user.name),) if avatar else ()), spacing=12)
        who.setContentsMargins(8, 0, 0, 0)
        who.addLayout(words, 1)
        return who

    def sizeHint(self) -> QSize:
        return QSize(theme.current().px(WIDTH), 400)

    def show_place(self, name: str) -> None:
        """Mark where the person is."""
        if name in self._buttons:
            self._buttons[name].setChecked(True)

    def show_practice(self) -> None:
        """Say in every place that these children are made up."""
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(1, PracticeMark(self))
        self.lock.set_words(tr("Selesai latihan"))

    def has(self, name: str) -> bool:
        """Whether this role finds the place here."""
        return name in self._buttons

    def key_of(self, name: str) -> str:
        """The key of a place, such as "Alt+2"."""
        return self._buttons[name].key

    def set_count(self, name: str, count: int) -> None:
        """How many wait at a place; places that this role does not have are passed over."""
        if name in self._buttons:
            self._buttons[name].set_count(count)

    def show_status(self, icon: str, token: str, title: str, sentence: str) -> None:
        """The quiet status: what is safe here, what the Dinas has received."""
        self.status_icon.set_icon(icon, token)
        self.status_title.setText(title)
        self.status_text.setText(sentence)
        self._keep_status_whole()

    def _keep_status_whole(self) -> None:
        """Where room is short the places give way, never the sentence about what is safe."""
        for label in (self.status_title, self.status_text):
            label.setMinimumHeight(max(0, label.heightForWidth(max(1, label.width()))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_status_whole()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color(look.colors.surface))
        painter.fillRect(
            self.width() - look.stroke, 0, look.stroke, self.height(), theme.color(look.colors.line)
        )

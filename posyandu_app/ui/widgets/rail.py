"""The left rail: the places, the quiet status sentence, the network switch, and who is at the keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.services.views import User
from posyandu_app.ui import icons, paint, theme
from posyandu_app.ui.widgets.basic import Button, ElidedLabel, Icon, Label, Switch, key_name, press_with, row
from posyandu_app.ui.widgets.tips import show_tip

WIDTH = 264
MANY = 8
"""From so many places on the rail is laid out closer."""
COMPACT_PAD = 10
COMPACT_HEIGHT, COMPACT_LEAST = 36, 32  # px of a screen that is enlarged: 48 of one that is not


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
        show_tip(self, place.words)
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
        show_tip(self, f"{self._place.words} {count}" if count else self._place.words)
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.current()
        key = paint.badge_width(key_name(self._place.key), look)
        if look.compact:
            return QSize(round(key) + look.px(22) + 8 + 2 * COMPACT_PAD, COMPACT_HEIGHT)
        width = QFontMetricsF(look.font("strong")).horizontalAdvance(self.text())
        return QSize(round(width + key + look.px(22)) + 44, look.px(48))

    def minimumSizeHint(self) -> QSize:
        """Many places in a low window stand closer together."""
        least = COMPACT_LEAST if theme.current().compact else theme.TARGET
        return QSize(self.sizeHint().width(), least)

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
        start = COMPACT_PAD if look.compact else 14
        icons.draw(painter, self._place.icon, ink, start, middle - size / 2, size)
        key = key_name(self._place.key)
        width = paint.badge_width(key, look)
        right = self.width() - width - 10
        paint.key_badge(painter, right, middle, key, look, c.ink_soft, c.line_strong)
        if look.compact:
            if self._count:
                paint.rounded(painter, QRectF(start + size - 6, middle - size / 2 - 3, 10, 10), 5, c.accent)
            return
        left = start + size + 10
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
            rect = QRectF(14 + look.px(22) + 9 - width, middle - look.px(19), width, look.px(18))
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
        width = QFontMetricsF(look.font("small_strong")).horizontalAdvance(self._words())
        return QSize(round(width) + (12 if look.compact else 24), look.px(32))

    def _words(self) -> str:
        return tr("LATIHAN") if theme.current().compact else self.accessibleName()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint.rounded(painter, rect, 8, look.colors.accent_pressed)
        font, ink = look.font("small_strong"), look.colors.on_accent
        paint.text(painter, rect, self._words(), font, ink, theme.ALIGN_CENTER)


def role_name(role: str) -> str:
    """What people call a role."""
    names = {
        Role.KADER: tr("Kader"),
        Role.BIDAN: tr("Bidan"),
        Role.TPG: tr("Petugas gizi"),
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
        self._many = len(places) >= MANY
        self._column = column = QVBoxLayout(self)
        column.addWidget(self._head(posyandu))
        self._buttons: dict[str, PlaceButton] = {}
        for place in places:
            button = PlaceButton(self, place)
            button.clicked.connect(lambda _=False, name=place.name: self.went.emit(name))
            self._buttons[place.name] = button
            column.addWidget(button)
        column.addStretch(1)
        column.addWidget(self._status())
        self.network = Switch(self, tr("Jaringan"), "F8", name="network_switch")
        self.network.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column.addWidget(self.network)
        column.addWidget(self._who(user))
        self.lock = Button(self, tr("Kunci"), "Ctrl+L", "secondary", "lock", name="lock_button")
        self._lock_beside = False
        column.addWidget(self.lock)
        self.fit()

    def _head(self, posyandu: str) -> QWidget:
        self.head = QWidget(self)
        mark = Icon(self.head, "sprout", 30, "accent")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(self.head, tr("Posyandu"), "heading"))
        name = ElidedLabel(self.head, posyandu, "small", "soft")
        name.setObjectName("rail_posyandu")
        words.addWidget(name)
        self._head_line = line = row(mark, spacing=12)
        line.addLayout(words, 1)
        self.head.setLayout(line)
        return self.head

    def _status(self) -> QWidget:
        self.status = QWidget(self)
        self.status_icon = Icon(self.status, "cloud-off", 20)
        self.status_title = Label(self.status, "", "small_strong", wrap=True)
        self.status_title.setObjectName("status_title")
        self.status_text = Label(self.status, "", "small", "soft", wrap=True)
        self.status_text.setObjectName("status_sentence")
        column = QVBoxLayout(self.status)
        column.setContentsMargins(8, 0, 0, 8)
        column.setSpacing(4)
        title = row(spacing=8)
        title.addWidget(self.status_icon, 0, Qt.AlignmentFlag.AlignLeft)
        title.addWidget(self.status_title, 1)
        column.addLayout(title)
        column.addWidget(self.status_text)
        return self.status

    def _who(self, user: User) -> QWidget:
        self.who = QWidget(self)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._name = ElidedLabel(self.who, user.name, "strong")
        self._name.setObjectName("rail_user")
        words.addWidget(self._name)
        self._role = ElidedLabel(self.who, role_name(user.role), "small", "soft")
        words.addWidget(self._role)
        self._avatar = Avatar(self.who, user.name)
        self._who_line = line = row(self._avatar, spacing=12)
        line.addLayout(words, 1)
        self.who.setLayout(line)
        show_tip(self.who, f"{user.name}, {role_name(user.role)}")
        return self.who

    def fit(self) -> None:
        """Icons and keys alone in a compact window; what their words say stands in the tool tips."""
        compact, many = theme.current().compact, self._many
        if compact:
            self._column.setContentsMargins(4, 2, 4, 2)
        else:
            self._column.setContentsMargins(12, 10 if many else 20, 12, 8 if many else 16)
        self._column.setSpacing(0 if compact else 1)  # many places fit a window of 690 px in large type
        self._head_line.setContentsMargins(8, 0, 0, 8 if many else 20)
        self._who_line.setContentsMargins(8, 4 if many else 10, 0, 0 if many else 4)
        for widget in (self.head, self.status_title, self.status_text, self._name, self._role):
            widget.setVisible(not compact)
        self._avatar.setVisible(compact or not many)
        self.network.set_compact(compact)
        self.lock.set_compact(compact or many)
        self._place_lock(beside=many and not compact)
        self._save_height()
        self.updateGeometry()

    def _place_lock(self, *, beside: bool) -> None:
        """With many places the lock stands beside the name, so that every place keeps its height."""
        wide = QSizePolicy.Policy.Minimum if beside else QSizePolicy.Policy.Expanding
        self.lock.setSizePolicy(wide, QSizePolicy.Policy.Fixed)
        if beside != self._lock_beside:
            self._lock_beside = beside
            (self._who_line if beside else self._column).addWidget(self.lock)

    def sizeHint(self) -> QSize:
        look = theme.current()
        widest = max(button.sizeHint().width() for button in (*self._buttons.values(), self.network))
        if look.compact:
            return QSize(max(widest, self.lock.sizeHint().width()) + 8, 400)
        if not self._lock_beside:
            widest = max(widest, self.lock.sizeHint().width())
        return QSize(max(look.px(WIDTH), widest + 24), 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), 200)

    def _save_height(self) -> None:
        """In a compact window the places come first, then who is here, then the status."""
        compact = theme.current().compact
        deeds = (*self._buttons.values(), self.network, self.lock)
        spare = self.height() - 24 - sum(deed.minimumSizeHint().height() for deed in deeds)
        for widget in (self.who, self.status):
            needs = widget.sizeHint().height() + 1
            widget.setVisible(not compact or needs <= spare)
            spare -= needs

    def show_place(self, name: str) -> None:
        """Mark where the person is."""
        if name in self._buttons:
            self._buttons[name].setChecked(True)

    def show_practice(self) -> None:
        """Say in every place that these children are made up."""
        self._column.insertWidget(1, PracticeMark(self))
        self.lock.set_words(tr("Selesai latihan"))

    def show_others(self, others: bool) -> None:
        """Whether others use this laptop too: then locking it means that another one comes."""
        self.lock.set_words(tr("Ganti akun") if others else tr("Kunci"))
        self.updateGeometry()

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
        show_tip(self.status, f"{title}. {sentence}")
        self.status.setAccessibleName(f"{title}. {sentence}")
        self.status_title.setText(title)
        self.status_text.setText(sentence)
        self._keep_status_whole()

    def _keep_status_whole(self) -> None:
        """Where room is short the places give way, never the sentence about what is safe."""
        for label in (self.status_title, self.status_text):
            label.setMinimumHeight(max(0, label.heightForWidth(max(1, label.width()))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._save_height()
        self._keep_status_whole()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color(look.colors.surface))
        painter.fillRect(
            self.width() - look.stroke, 0, look.stroke, self.height(), theme.color(look.colors.line)
        )

"""The one window: the gate (first start, unlock), then the places with rail and foot."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.services import programme_rules
from posyandu_app.services.views import Changes, User
from posyandu_app.settings import Settings
from posyandu_app.sync.status import SyncStatus
from posyandu_app.ui import theme, words
from posyandu_app.ui.counts import Counts
from posyandu_app.ui.desk import Desk, Notice
from posyandu_app.ui.fit import Fit, fit
from posyandu_app.ui.places import BY_NAME, EVERYBODY, in_rail, rooms
from posyandu_app.ui.screens.child import ChildScreen
from posyandu_app.ui.screens.day import DayScreen
from posyandu_app.ui.screens.display import DisplayScreen
from posyandu_app.ui.screens.first_run import FirstRunScreen
from posyandu_app.ui.screens.register import RegisterScreen
from posyandu_app.ui.screens.review import ReviewScreen
from posyandu_app.ui.screens.roster import RosterScreen
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.screens.sync_screen import SyncScreen
from posyandu_app.ui.screens.unlock import UnlockScreen
from posyandu_app.ui.screens.weighing import WeighingScreen
from posyandu_app.ui.sync_controller import StickDone, SyncController
from posyandu_app.ui.theme import Contrast, Look, TextSize
from posyandu_app.ui.widgets.foot import Foot
from posyandu_app.ui.widgets.frame import Frame
from posyandu_app.ui.widgets.rail import Rail

WIDTH, HEIGHT = 1366, 768

S = TypeVar("S", bound=Screen)


class Window(QWidget):
    """Shows the gate or the places; it decides nothing about data.

    `unlock_wanted(label, password)`, `setup_wanted(Setup)`, `lock_wanted()`, `settings_changed(Settings)`
    and `closing()` are for the composition root.
    """

    unlock_wanted = Signal(str, str)
    setup_wanted = Signal(object)
    lock_wanted = Signal()
    settings_changed = Signal(object)
    closing = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(tr("Posyandu"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.settings = settings
        self._fit = Fit()
        self.main: Main | None = None
        self.gate: QWidget | None = None
        self._gate_frame: Frame | None = None
        self._pages = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self.resize(WIDTH, HEIGHT)
        for key, deed in (("Ctrl+T", self.turn_text_size), ("Ctrl+K", self.turn_contrast)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(deed)

    def appear(self) -> None:
        """Show the window, over the whole screen when that is small."""
        room = self.screen().availableGeometry()
        if room.width() > WIDTH and room.height() > HEIGHT:
            self.show()
        else:
            self.showMaximized()

    # the gate

    def show_first_run(self) -> FirstRunScreen:
        """Nothing is set up on this laptop yet."""
        screen = FirstRunScreen(self)
        screen.wanted.connect(self.setup_wanted)
        self._show_gate(screen)
        screen.start()
        return screen

    def show_unlock(self, labels: tuple[str, ...], said: str = "", label: str = "") -> UnlockScreen:
        """Ask who is there."""
        screen = UnlockScreen(self, labels, said, label)
        screen.wanted.connect(self.unlock_wanted)
        self._show_gate(screen)
        screen.start()
        return screen

    def _show_gate(self, screen: QWidget) -> None:
        self._drop_main()
        self._drop_gate()
        self.gate = screen
        self._gate_frame = Frame(self, screen)
        self._pages.addWidget(self._gate_frame)
        self._pages.setCurrentWidget(self._gate_frame)

    def _drop_gate(self) -> None:
        if self._gate_frame is not None:
            self._pages.removeWidget(self._gate_frame)
            self._gate_frame.deleteLater()
            self.gate = self._gate_frame = None

    # the places

    def show_main(self, desk: Desk, sync: SyncController, user: User, posyandu: str) -> "Main":
        """Somebody unlocked the laptop: show the places."""
        self._drop_main()
        self.main = Main(self, desk, sync, user, posyandu, self.settings)
        self.main.rail.lock.clicked.connect(self.lock_wanted)
        desk.wishes["after_register"] = self.settings.after_register
        desk.wished.connect(self._wished)
        self.main.display.wished.connect(self._wished)
        self.main.rail.network.toggled.connect(self._network_turned)
        self._pages.addWidget(self.main)
        self._pages.setCurrentWidget(self.main)
        self._drop_gate()
        self.main.start()
        return self.main

    def leave_main(self) -> None:
        """Keep what is half-done before locking or closing."""
        if self.main is not None:
            self.main.current.leave()

    def _drop_main(self) -> None:
        if self.main is not None:
            self._pages.removeWidget(self.main)
            self.main.deleteLater()
            self.main = None

    # how it looks

    def turn_text_size(self) -> None:
        """Ctrl+T: the other text size."""
        other = "normal" if self.settings.text_size == "large" else "large"
        self._wished("text_size", other)

    def turn_contrast(self) -> None:
        """Ctrl+K: the other contrast."""
        other = "normal" if self.settings.contrast == "high" else "high"
        self._wished("contrast", other)

    def _network_turned(self, off_or_on: bool) -> None:
        self._keep(replace(self.settings, network_on=off_or_on))

    def _wished(self, name: str, value: str) -> None:
        if getattr(self.settings, name) == value:
            return
        wishes: dict[str, Any] = {name: value}
        settings = replace(self.settings, **wishes)
        self._keep(settings)

    def _keep(self, settings: Settings) -> None:
        self.settings = settings
        self.settings_changed.emit(settings)

    def dress(self) -> None:
        """Dress the whole app as the settings and the size of this window say."""
        self._fit = self._suits()
        apply_look(self.settings, self._fit)
        if self.main is not None:
            self.main.fit()
        if self._gate_frame is not None:
            self._gate_frame.fit()

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._suits() != self._fit:
            self.dress()
        super().resizeEvent(event)

    def _suits(self) -> Fit:
        large = self.settings.text_size == TextSize.LARGE
        return fit(self.width(), self.height(), self.devicePixelRatioF(), large_text=large)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.main is not None:
                self.main.current.escape()
            elif isinstance(self.gate, FirstRunScreen):
                self.gate.go_back()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.leave_main()
        self.closing.emit()
        super().closeEvent(event)


def apply_look(settings: Settings, suits: Fit = Fit()) -> None:  # noqa: B008 - a value that never changes
    """Dress the whole app as the settings and the room on screen say."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    look = Look(Contrast(settings.contrast), TextSize(settings.text_size), suits.compact, suits.shrink)
    theme.apply(app, look)


class Main(QWidget):
    """Rail, screens and foot for one unlocked person."""

    def __init__(
        self, parent: QWidget, desk: Desk, sync: SyncController, user: User, posyandu: str, settings: Settings
    ) -> None:
        super().__init__(parent)
        self.setObjectName("main")
        self.desk, self.sync = desk, sync
        self.counts = Counts(desk)
        self._rooms = {room.name: room for room in rooms()}
        places = in_rail(tuple(self._rooms.values()), user.role)
        self._first = self._came_from = places[0].name
        self.rail = Rail(self, places, user, posyandu)
        self.foot = Foot(self)
        self.screens: dict[str, Screen] = {}
        self._frames: dict[str, Frame] = {}
        self._stack = QStackedWidget(self)
        self._role = user.role
        self._by_name = user.role in BY_NAME
        if self._by_name:
            for name in ("roster", "weighing", "review"):  # so that the first key finds them ready
                self.screen_of(name)
        if self._own("decide"):  # so that the rail counts what waits
            self.screen_of("decide")
        self._lay_out()
        self.display.show_settings(settings)
        self.sync_screen.offer(settings.server_url, "")
        self.rail.network.setChecked(settings.network_on)
        self._connect()

    def start(self) -> None:
        """Show the first place, once the window shows this."""
        self.go(self._first)
        if "decide" in self.screens:
            self.screens["decide"].changed(Changes(frozenset({"child"}), frozenset()))
        self.counts.refresh()
        self.sync.refresh()

    def screen_of(self, name: str) -> Screen:
        """The screen of that name, made when it is first wanted."""
        if name not in self.screens:
            made = self._rooms[name].make(self, self.desk)
            made.hints_changed.connect(lambda: self.foot.set_hints(self.current.hints()))
            self.screens[name] = made
            self._frames[name] = Frame(self, made)
            self._stack.addWidget(self._frames[name])
        return self.screens[name]

    @property
    def first(self) -> str:
        """The place at the top of the rail."""
        return self._first

    @property
    def roster(self) -> RosterScreen:
        return self._named("roster", RosterScreen)

    @property
    def weighing(self) -> WeighingScreen:
        return self._named("weighing", WeighingScreen)

    @property
    def register(self) -> RegisterScreen:
        return self._named("register", RegisterScreen)

    @property
    def review(self) -> ReviewScreen:
        return self._named("review", ReviewScreen)

    @property
    def child(self) -> ChildScreen:
        return self._named("child", ChildScreen)

    @property
    def day(self) -> DayScreen:
        return self._named("day", DayScreen)

    @property
    def sync_screen(self) -> SyncScreen:
        return self._named("sync", SyncScreen)

    @property
    def display(self) -> DisplayScreen:
        return self._named("display", DisplayScreen)

    def _named(self, name: str, kind: type[S]) -> S:
        found = self.screen_of(name)
        assert isinstance(found, kind)
        return found

    def _lay_out(self) -> None:
        content = QVBoxLayout()
        content.setContentsMargins(0, 0, 0, 0)
        content.setSpacing(4)
        content.addWidget(self._stack, 1)
        content.addWidget(self.foot)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.rail)
        line.addLayout(content, 1)

    def _connect(self) -> None:
        desk, sync = self.desk, self.sync
        desk.went.connect(self.go)
        desk.resumed.connect(self._resume)
        desk.changed.connect(self._changed)
        desk.noticed.connect(self.foot.show_notice)
        desk.counted.connect(self._count)
        desk.sync_asked.connect(sync.sync_now)
        self.foot.undone.connect(desk.take_back)
        self.foot.redone.connect(desk.do_again)
        self.rail.went.connect(lambda place: self.go(place))
        self.rail.network.toggled.connect(sync.set_network)
        sync.status_changed.connect(self._show_status)
        sync.received.connect(self._received)
        sync.busy_changed.connect(self.sync_screen.show_busy)
        sync.troubled.connect(self.sync_screen.show_trouble)
        sync.refused.connect(self.sync_screen.show_refused)
        sync.answered.connect(self._answered)
        self.sync_screen.sync_wanted.connect(sync.sync_now)
        self.sync_screen.enrolment_wanted.connect(sync.enrol)
        self.sync_screen.copy_wanted.connect(sync.copy_to_stick)
        self.sync_screen.read_wanted.connect(sync.read_stick)
        self.sync_screen.stop_wanted.connect(sync.stop_stick)
        sync.stick_changed.connect(self.sync_screen.show_stick)
        sync.stick_done.connect(self.sync_screen.show_stick_done)
        sync.stick_done.connect(self._stick_ended)
        keys: tuple[tuple[str, Callable[[], None]], ...] = (
            ("F2", self._search),
            ("F3", lambda: self.current.turn_filter()),
            ("Ctrl+Return", lambda: self.current.open_card()),
        )
        for key, deed in keys:
            QShortcut(QKeySequence(key), self).activated.connect(deed)

    @property
    def current(self) -> Screen:
        """The screen in sight."""
        return self.screens[self.place]

    @property
    def place(self) -> str:
        """The name of the screen in sight."""
        return next(name for name, frame in self._frames.items() if frame is self._stack.currentWidget())

    def go(self, place: str, child: str = "") -> None:
        """Show another screen; "back" is where the child's card was opened from."""
        if place == "back":
            place = self._came_from
        room = self._rooms[place]
        if not room.words and not (room.within and self._own(place)):
            here = self.place
            returns = self._rooms[here].returns and self._own(here)
            self._came_from = here if returns else self.rail_place(here)
        self.current.leave()
        self.foot.leave()
        screen = self.screen_of(place)
        self._stack.setCurrentWidget(self._frames[place])
        screen.open(child)
        self.rail.show_place(self.rail_place(place))
        self.foot.set_hints(self.current.hints())

    def _resume(self, child: str) -> None:
        """Back to a child whose weighing was taken back, for whoever is weighing; others stay."""
        if self.place in ("roster", "weighing"):
            self.go("weighing", child)

    def fit(self) -> None:
        """Take the room that the window has."""
        self.rail.fit()
        self.foot.fit()
        for frame in self._frames.values():
            frame.fit()

    def rail_place(self, name: str) -> str:
        """The place in the rail that a screen belongs to."""
        room = self._rooms[name]
        if room.words and self.rail.has(name):
            return name
        return room.within if room.within and self._own(name) else self.rail_place(self._came_from)

    def _own(self, name: str) -> bool:
        """Whether a screen belongs to the work of who is here."""
        roles = self._rooms[name].roles
        return self._role in roles or roles == EVERYBODY

    def _count(self, name: str, count: int) -> None:
        """A place of the rail counts what waits at all of its screens."""
        if not self._own(name):
            return
        place = self.rail_place(name)
        others = [room for room in self._rooms if room != name and self._rooms[room].within == place]
        others += [place] if name != place else []
        self.rail.set_count(place, count + sum(self.desk.counts.get(room, 0) for room in others))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F4 and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            if self._own("register"):
                self.go("register")
        elif event.key() == Qt.Key.Key_F5:
            self.sync.sync_now()
        else:
            super().keyPressEvent(event)

    def _search(self) -> None:
        if not self._by_name:
            return
        if self.current is not self.roster:
            self.go("roster")
        self.roster.focus_search()

    def _changed(self, changes: Changes) -> None:
        for screen in self.screens.values():
            screen.changed(changes)
        self.counts.changed(changes)
        if changes.kinds != frozenset({"draft"}):
            self.sync.refresh()

    def _answered(self, sentence: str, trouble: bool) -> None:
        """An exchange that somebody asked for is over; its own screen tells more."""
        if self.place != "sync":
            self.foot.show_notice(Notice(sentence, trouble=trouble))

    def _stick_ended(self, done: StickDone) -> None:
        self._answered(done.sentence, not done.well)

    def _received(self, changes: Changes) -> None:
        self.desk.tell(programme_rules.refresh)  # before the screens ask: rules may have come
        for screen in self.screens.values():
            screen.changed(changes)
        self.counts.changed(changes)

    def _show_status(self, status: SyncStatus) -> None:
        self.rail.show_status(*words.sync_line(status, self.sync.network_on))
        self.sync_screen.show_status(status, self.sync.network_on)
        self.desk.show_unsent(status.unsent if status.enrolled else 0, self.sync.network_on)
        if status.enrolled and not status.unsent:
            self.foot.bar.show_received()
        if self.place == "sync":
            self.foot.set_hints(self.sync_screen.hints())

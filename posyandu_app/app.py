"""Composition root: builds every object of the desktop app; the only module that knows all layers."""

import logging
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from PySide6.QtGui import QIcon
from PySide6.QtNetwork import QNetworkInformation
from PySide6.QtWidgets import QApplication

from posyandu_app import i18n, settings
from posyandu_app.domain import regions
from posyandu_app.domain.clock import Clock, CorrectedClock, SystemClock, timestamp
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.reports.analyst import Analyst
from posyandu_app.services import accounts, deciding, practice, wiping
from posyandu_app.services.accounts import Setup
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, back_up_daily, day_ahead_of_clock
from posyandu_app.settings import Settings
from posyandu_app.storage import exchanges
from posyandu_app.storage.connection import Database
from posyandu_app.storage.exchanges import Exchange, Way
from posyandu_app.sync import enrolment, usb
from posyandu_app.sync.conversation import Conversation
from posyandu_app.sync.engine import Engine, Outgoing
from posyandu_app.sync.http import HttpTransport, transport_for
from posyandu_app.sync.status import Link, SyncStatus, status
from posyandu_app.sync.trouble import SyncTrouble, quiet_words
from posyandu_app.sync.trouble import code_of as trouble_code
from posyandu_app.ui import icons, theme
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.first_join import FirstJoin
from posyandu_app.ui.idle import Idle
from posyandu_app.ui.messages import describe
from posyandu_app.ui.preparing import Preparing
from posyandu_app.ui.screens.first_run import FirstRunScreen
from posyandu_app.ui.screens.first_run_state import Joining
from posyandu_app.ui.screens.unlock import UnlockScreen
from posyandu_app.ui.sync_controller import Arrived, StickDone, StickJob, SyncController
from posyandu_app.ui.tasks import Tasks
from posyandu_app.ui.window import Window, apply_look

log = logging.getLogger(__name__)


class EnginePort:
    """The protocol engine of one open database, in steps for the two lanes."""

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._talk = Conversation(Engine(workspace.database, clock))
        self._transport: HttpTransport | None = None
        self._sent = self._received = 0

    def status(self, link: Link) -> SyncStatus:
        """Where this laptop stands."""
        ws = self._workspace
        return status(ws.database, link, self._clock, deciding.undecided(ws))

    def prepare(self) -> object:
        """The request that goes out when none is under way."""
        return self._talk.begin()

    def carry(self, outgoing: object) -> bytes:
        """The server's answer."""
        return self._talk.carry(cast(Outgoing, outgoing), self._carrier())

    def mend(self, outgoing: object, error: Exception) -> None:
        """Make the next request one that goes through, or raise what stood in the way."""
        if not isinstance(error, SyncTrouble):
            raise error
        self._talk.mend(cast(Outgoing, outgoing), error)

    def read_ahead(self, outgoing: object) -> None:
        """Make ready what comes after a request that is under way."""
        self._talk.read_ahead(cast(Outgoing, outgoing))

    def follow(self, outgoing: object, reply: bytes) -> object | None:
        """The request that can go out before the answer is taken in."""
        return self._talk.follow(cast(Outgoing, outgoing), reply)

    def take(self, reply: bytes) -> Arrived:
        """Take the answer in."""
        exchanged, more = self._talk.take(reply)
        self._sent += exchanged.sent
        self._received += exchanged.received
        if not more:
            self._note(Way.LINE, self._sent, self._received, "wiped" if exchanged.wipe_ordered else "")
            self._sent = self._received = 0
        fill = exchanged.fill
        return Arrived(
            exchanged.changed,
            more,
            said=quiet_words(exchanged.incidents),
            fill=None if fill is None else (fill.received, fill.total),
            wipe=exchanged.wipe_due,
        )

    def enrol(self, url: str, code: str, name: str) -> None:
        """Join the district."""
        self.close()
        with HttpTransport(url) as transport:
            enrolment.enrol(self._workspace.database, transport, code, name)
        role = enrolment.role(self._workspace.database)
        if role is not None:
            accounts.adopt_role(self._workspace, role)
        accounts.announce(self._workspace)

    def note_trouble(self, error: Exception) -> None:
        """Remember what stood in the way, and what had gone through before."""
        if isinstance(error, SyncTrouble):
            self._note(Way.LINE, self._sent, self._received, trouble_code(error))
            self._sent = self._received = 0

    def stick(self, folder: Path, free: int | None, job: StickJob) -> StickDone:
        """Copy to a stick or read it, on a connection of its own: saving goes on meanwhile."""
        own = self._workspace.database
        database = Database.open(own.path, own.key)
        try:
            if job.writes:
                return self._copy(database, folder, free, job)
            return self._read(database, folder, job)
        except UserError as error:
            way = Way.STICK_OUT if job.writes else Way.STICK_IN
            exchanges.note(database, Exchange(self._now(), way, 0, 0, trouble_code(error)))
            raise
        finally:
            database.close()

    def _copy(self, database: Database, folder: Path, free: int | None, job: StickJob) -> StickDone:
        usb.require_room(database, folder, free)
        done = usb.export_to(database, self._clock, folder, job.tell, job.stop)
        handed = sum(item.operations for item in done.handed)
        trouble = "stopped" if done.stopped else ""
        exchanges.note(database, Exchange(self._now(), Way.STICK_OUT, done.operations + handed, 0, trouble))
        checked = i18n.tr("Sudah diperiksa: isinya sama. Flashdisk boleh dicabut.")
        return StickDone(done.message if done.stopped else f"{done.message} {checked}", not done.stopped)

    def _read(self, database: Database, folder: Path, job: StickJob) -> StickDone:
        done = usb.import_from(database, self._clock, folder, job.tell, job.stop)
        received = done.exchanged.received + sum(item.operations for item in done.handed)
        trouble = "stopped" if done.stopped else done.problems[0].word if done.problems else ""
        exchanges.note(database, Exchange(self._now(), Way.STICK_IN, done.exchanged.sent, received, trouble))
        sentence = done.message
        if not done.stopped:
            sentence += " " + i18n.tr("Flashdisk boleh dicabut.")
        return StickDone(sentence, not done.problems and not done.stopped, done.changed)

    def _note(self, way: Way, sent: int, received: int, trouble: str) -> None:
        exchanges.note(self._workspace.database, Exchange(self._now(), way, sent, received, trouble))

    def _now(self) -> str:
        return timestamp(self._workspace.clock.now())

    def close(self) -> None:
        """Let go of the connection."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _carrier(self) -> HttpTransport:
        if self._transport is None:
            self._transport = transport_for(self._workspace.database)
        return self._transport


class Application:
    """The desktop app on one data folder: gate, then one unlocked person at a time."""

    def __init__(self, folder: DataFolder, clock: Clock, language: str | None) -> None:
        self.folder = folder
        self.clock = clock
        wiping.finish(folder)
        loaded = settings.load(folder.settings)
        chosen = loaded.settings
        if language is not None:
            chosen = replace(chosen, language=language)
        i18n.set_language(chosen.language)
        self.qt = _qt_application()
        theme.load_fonts()
        self.qt.setWindowIcon(QIcon(icons.pixmap("sprout", theme.current().colors.accent, 128)))
        apply_look(chosen)
        self._settings = chosen
        self.tasks = Tasks()
        self.window = Window(chosen)
        self.desk: Desk | None = None
        self.sync: SyncController | None = None
        self._port: EnginePort | None = None
        self._analyst: Analyst | None = None
        self._label = ""
        self._posyandu = ""
        self._joining: FirstJoin | None = None
        self._naming: Workspace | None = None
        self._left_at: dict[str, tuple[str, str]] = {}
        self._wanted: tuple[str, str] | None = None
        self._known_day = date.min
        self._then = ""
        self._closed = False
        self.idle = Idle(self.window)
        self.idle.left.connect(self.lock)
        self.idle.watch(60_000 * chosen.lock_minutes)
        self.window.unlock_wanted.connect(self._unlock)
        self.window.setup_wanted.connect(self._set_up)
        self.window.lock_wanted.connect(self.change_user)
        self.window.settings_changed.connect(self._keep_settings)
        self.window.closing.connect(self.close)
        self._network = QNetworkInformation.instance() if QNetworkInformation.loadDefaultBackend() else None
        if self._network is not None:
            self._network.reachabilityChanged.connect(self._network_changed)
        self._show_gate(loaded.message or "")

    @property
    def workspace(self) -> Workspace | None:
        """The open workspace, None while locked."""
        return self.desk.workspace if self.desk is not None else None

    def unlock(self, label: str, password: str, timeout: float = 30.0) -> bool:
        """Unlock as a person would, through the real widgets; whether the places are shown."""
        gate = self.window.gate
        if not isinstance(gate, UnlockScreen):
            return False
        gate.choose(label)
        gate.password.set_text(password)
        gate.button.click()
        self.tasks.wait_idle(timeout)
        return self.window.main is not None

    def lock(self) -> None:
        """Lock the laptop; what is half-typed waits as a draft."""
        main = self.window.main
        if main is None:
            return
        self._left_at[self._label] = self._where()
        self.window.leave_main()
        practised = self._practising
        self._let_go()
        self.window.setWindowTitle(i18n.tr("Posyandu"))
        if practised:
            self._show_gate(i18n.tr("Latihan ditutup. Data posyandu Anda tidak tersentuh."))
        else:
            self._show_gate(i18n.tr("Terkunci. Isian yang belum selesai tersimpan."))

    def change_user(self) -> None:
        """Lock because somebody said so: the keyboard is on the people, for whoever comes."""
        self.lock()
        if isinstance(self.window.gate, UnlockScreen):
            self.window.gate.start(choosing=True)

    def close(self) -> None:
        """Finish what is being saved, then let go of everything."""
        if self._closed:
            return
        self._closed = True
        self.idle.watch(0)
        if self._network is not None:
            self._network.reachabilityChanged.disconnect(self._network_changed)
        self.window.leave_main()
        self._let_go()
        if self._joining is not None:
            self._joining.close()
            self._joining = None
        if self._naming is not None:
            self.tasks.run("db", self._naming.close)
            self._naming = None
        self.tasks.close()
        self.window.close()

    # the gate

    def _show_gate(self, said: str = "") -> None:
        try:
            labels = accounts.labels(self.folder)
        except UserError as error:
            self.window.show_unlock((), error.message)
            return
        practised = practice.exists(self.folder)
        if labels and self._joining is None and self._naming is None:
            unlock = self.window.show_unlock(labels, said, self._label or self.window.settings.last_label)
            unlock.show_practice(practised)
            unlock.practice_wanted.connect(self._practise)
            unlock.discard_wanted.connect(self._discard_practice)
            return
        first = self.window.show_first_run()
        first.show_settings(self.window.settings, practised)
        first.wished.connect(self._wished)
        first.joining.connect(self._join)
        first.practice_wanted.connect(self._practise)
        first.discard_wanted.connect(self._discard_practice)
        first.named.connect(self._named)
        if self._naming is not None:
            first.ask_name()

    def _wished(self, name: str, value: str) -> None:
        wishes: dict[str, Any] = {name: value}
        self._keep_settings(replace(self.window.settings, **wishes))

    def _unlock(self, label: str, password: str) -> None:
        self._label = label
        self.tasks.run(
            "db",
            lambda: _with_name(accounts.unlock(self.folder, label, password, self.clock)),
            lambda opened: self._opened(*opened),
            self._refused,
        )

    def _refused(self, error: Exception) -> None:
        gate = self.window.gate
        if not isinstance(gate, UnlockScreen):
            return
        if isinstance(error, UserError) and error.code == "wrong_password":
            gate.refuse()
        else:
            gate.fail(describe(error))

    def _set_up(self, setup: Setup) -> None:
        self._label = setup.label
        gate = self.window.gate
        self._then = "import" if isinstance(gate, FirstRunScreen) and gate.state.imports else ""
        self.tasks.run(
            "db",
            lambda: _with_name(accounts.set_up(self.folder, setup, self.clock)),
            lambda opened: self._opened(*opened),
            self._not_set_up,
        )

    def _not_set_up(self, error: Exception) -> None:
        gate = self.window.gate
        if isinstance(gate, FirstRunScreen):
            gate.refuse(error.field if isinstance(error, InvalidValue) else "", describe(error))

    # practice

    @property
    def _practising(self) -> bool:
        return self.workspace is not None and self.workspace.practice

    def _practise(self) -> None:
        self.tasks.run(
            "db",
            lambda: _with_name(practice.start(self.folder, self.clock)),
            lambda opened: self._practice_opened(*opened),
            self._gate_failed,
        )

    def _practice_opened(self, workspace: Workspace, posyandu: str, _: date | None) -> None:
        if self._closed:
            workspace.close()
            return
        self._label, self._posyandu, self._known_day = "", posyandu, date.min
        self._begin(workspace)
        self.window.setWindowTitle(i18n.tr("Posyandu: LATIHAN dengan anak-anak buatan"))

    def _discard_practice(self) -> None:
        self.tasks.run("db", lambda: practice.discard(self.folder), self._discarded, self._gate_failed)

    def _discarded(self, _: None) -> None:
        gate = self.window.gate
        if isinstance(gate, UnlockScreen | FirstRunScreen):
            gate.show_discarded()

    def _gate_failed(self, error: Exception) -> None:
        gate = self.window.gate
        if isinstance(gate, UnlockScreen):
            gate.fail(describe(error))
        elif isinstance(gate, FirstRunScreen):
            gate.refuse("", describe(error))

    # joining with a code on the first start

    def _join(self, wanted: Joining) -> None:
        """Set the laptop up, then ask the Dinas; what was set up stays when the Dinas cannot be reached."""
        self._label = wanted.setup.label
        self._keep_settings(replace(self.window.settings, server_url=wanted.url))
        if self._joining is not None:
            self._ask_to_join(wanted)
            return
        self.tasks.run(
            "db",
            lambda: accounts.set_up(self.folder, wanted.setup, self.clock),
            lambda workspace: self._set_up_to_join(workspace, wanted),
            self._not_set_up,
        )

    def _set_up_to_join(self, workspace: Workspace, wanted: Joining) -> None:
        if self._closed:
            workspace.close()
            return
        self._joining = FirstJoin(self.tasks, workspace, EnginePort(workspace, self.clock))
        self._joining.refused.connect(lambda field, said: self._first_run().refuse(field, said))
        self._joining.received.connect(lambda count: self._first_run().show_received(count))
        self._joining.filled.connect(lambda count, total: self._first_run().show_received(count, total))
        self._joining.finished.connect(self._joined)
        self._ask_to_join(wanted)

    def _ask_to_join(self, wanted: Joining) -> None:
        assert self._joining is not None
        self._first_run().show_prepared()
        self._joining.ask(wanted.url, wanted.code, wanted.name)

    def _first_run(self) -> FirstRunScreen:
        gate = self.window.gate
        assert isinstance(gate, FirstRunScreen), "joining is asked from the first start alone"
        return gate

    def _joined(self, trouble: str) -> None:
        """In; the rest of the data comes by the ordinary sync when the first one broke off."""
        joining, self._joining = self._joining, None
        if joining is None:
            return
        workspace = joining.release()
        self.tasks.run("db", lambda: _with_name(workspace), lambda opened: self._opened(*opened))
        if trouble:
            self.tasks.run("db", lambda: trouble, self._tell)

    def _tell(self, sentence: str) -> None:
        if self.desk is not None:
            self.desk.report(sentence)

    def _named(self, name: str) -> None:
        """Somebody has said what her posyandu is called."""
        workspace = self._naming
        if workspace is None:
            return

        def say() -> tuple[Workspace, str, date | None]:
            accounts.name_posyandu(workspace, name)
            return _with_name(workspace)

        self.tasks.run("db", say, lambda opened: self._opened(*opened), self._not_set_up)

    def _opened(self, workspace: Workspace, posyandu: str, known_day: date | None) -> None:
        if self._closed:
            workspace.close()
            return
        self._naming = workspace if not posyandu and workspace.scope is not None else None
        if self._naming is not None:
            self._show_gate()
            return
        self._posyandu = posyandu
        self._known_day = known_day or date.min
        self._begin(workspace)
        self.tasks.run("db", lambda: back_up_daily(workspace))
        self._keep_settings(replace(self.window.settings, last_label=self._label))
        main, (place, child) = self.window.main, self._left_at.pop(self._label, ("", ""))
        then, self._then = self._then, ""
        if main is None or workspace.scope is None:
            return
        self._wanted = None
        if place == "register" or child:
            self._wanted = place, child
        elif place or then:
            self._wanted = then or main.rail_place(place), ""
        if known_day is not None:
            main.go("today")
        elif self._wanted is not None:
            main.go(*self._wanted)

    def _dated(self, on: date | None) -> None:
        """Somebody has said which day it is, for as long as she works; unsaid, the clock stands as it is."""
        workspace, main = self.workspace, self.window.main
        if workspace is None or main is None:
            return
        if on is None:
            main.go(*(self._wanted or ("back", "")))
            return
        workspace.clock = CorrectedClock(self.clock, on)
        self._build_anew(self._wanted or (main.first, ""))

    def _begin(self, workspace: Workspace) -> None:
        """Show the places for an open workspace."""
        if self._analyst is None:
            self._analyst = Analyst(workspace.database, workspace.rules, workspace.user.role)
        self.desk = Desk(workspace, self.tasks, workspace.clock, analyst=self._analyst)
        self.desk.known_day = self._known_day
        self.desk.dated.connect(self._dated)
        self.tasks.troubled.connect(self.desk.report)
        self._port = EnginePort(workspace, self.clock)
        self.sync = SyncController(self.tasks, self._port, network_on=self.window.settings.network_on)
        self.sync.mended.connect(self.desk.report)
        self.sync.wipe_due.connect(self._wipe)
        if workspace.user.role in (Role.TPG, Role.DINAS):
            Preparing(self.desk, self.sync).soon()
        main = self.window.show_main(self.desk, self.sync, workspace.user, self._posyandu)
        if workspace.practice:
            main.rail.show_practice()
        elif workspace.scope is None:
            main.go("sync")
        if not workspace.practice:
            self._count_people(Changes(frozenset({"user"}), frozenset()))
            self.desk.changed.connect(self._count_people)

    def _count_people(self, changes: Changes) -> None:
        if "user" in changes.kinds and self.window.main is not None:
            self.window.main.rail.show_others(len(accounts.labels(self.folder)) > 1)

    def _end(self) -> Workspace | None:
        """Let go of what serves the places; the workspace stays open."""
        desk, port, sync = self.desk, self._port, self.sync
        self.desk = self._port = self.sync = None
        if sync is not None:
            sync.close()
        if desk is None or port is None:
            return None
        desk.close()
        self.tasks.troubled.disconnect(desk.report)
        self.tasks.run("db", port.close)
        return desk.workspace

    def _let_go(self) -> None:
        """Close the database after everything that was asked of it has been done."""
        workspace = self._end()
        if self._analyst is not None:
            self._analyst.stop()
            self.tasks.run("analysis", self._analyst.close)
            self._analyst = None
        if workspace is not None:
            self.tasks.run("db", workspace.close)

    def _wipe(self) -> None:
        """The Dinas has revoked this laptop and signed for everything: nothing stays here."""
        self.window.leave_main()
        workspace = self._end()
        if workspace is None:
            return
        self._label, self._left_at = "", {}
        self._keep_settings(replace(self.window.settings, last_label=""))
        self.tasks.run("db", lambda: wiping.wipe(workspace), self._wiped, self._gate_failed)

    def _wiped(self, sentence: str) -> None:
        self._show_gate()
        gate = self.window.gate
        if isinstance(gate, FirstRunScreen):
            gate.refuse("", sentence)

    # settings and network

    def _keep_settings(self, chosen: Settings) -> None:
        before, self._settings = self._settings, chosen
        self.window.settings = chosen
        if before.lock_minutes != chosen.lock_minutes:
            self.idle.watch(60_000 * chosen.lock_minutes)
        trouble = settings.save(self.folder.settings, chosen)
        if trouble and self.desk is not None:
            self.desk.report(trouble)
        looks = ("language", "text_size", "contrast")
        if any(getattr(before, name) != getattr(chosen, name) for name in looks):
            i18n.set_language(chosen.language)
            self.window.dress()
            self._build_anew()

    def _build_anew(self, to: tuple[str, str] | None = None) -> None:
        """Build what is in sight again in another language, look or day; what is half-typed comes back."""
        place, child = to or self._where()
        self.window.leave_main()
        workspace = self._end()
        if workspace is None:
            gate = self.window.gate
            state = gate.state if isinstance(gate, FirstRunScreen) else None
            focus = self.qt.focusWidget()
            self._show_gate()
            gate = self.window.gate
            if state is not None and isinstance(gate, FirstRunScreen):
                gate.resume(state, focus.objectName() if focus is not None else "")
            return
        workspace.cache.clear()  # assessments hold words
        if self._analyst is not None:
            self.tasks.run("analysis", self._analyst.forget_words)
        self._begin(workspace)
        if self.window.main is not None:
            self.window.main.go(place, child)

    def _where(self) -> tuple[str, str]:
        """The place in sight and the child it is about."""
        main = self.window.main
        if main is None:
            return "roster", ""
        return main.place, main.current.about

    def _network_changed(self, reachability: QNetworkInformation.Reachability) -> None:
        if reachability == QNetworkInformation.Reachability.Online and self.sync is not None:
            self.sync.reconnected()


def build(folder: DataFolder, *, clock: Clock | None = None, language: str | None = None) -> Application:
    """The app on a data folder, its window not shown yet."""
    return Application(folder, clock or SystemClock(), language)


def _with_name(workspace: Workspace) -> tuple[Workspace, str, date | None]:
    """The workspace, what its part of the programme is called, and the day that its clock is behind.

    "" for a posyandu that nobody has named yet.
    """
    name, scope = workspace.posyandu_name, workspace.scope
    if accounts.nameless(workspace):
        return workspace, "", None
    if scope is not None and name == scope:
        name = regions.name_of(scope) or scope
    return workspace, name, day_ahead_of_clock(workspace)


def _qt_application() -> QApplication:
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Posyandu")
    app.setStyle("Fusion")
    return app

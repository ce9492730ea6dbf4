"""Sync by USB stick, the laptop's half: what goes out, and what is taken in.

Losing a stick costs nothing: every export begins at the last `have` that the server signed.
Taking in is safe in any order, twice and months late. Files for others are carried untouched.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from msgspec import UNSET, Raw, Struct, UnsetType
from nacl.signing import VerifyKey

from posyandu_app.domain.clock import Clock
from posyandu_app.domain.scopes import within
from posyandu_app.i18n import tr
from posyandu_app.storage import log, peer
from posyandu_app.storage.connection import Database
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import cards, direct, stick, wire
from posyandu_app.sync.cards import Holds, Laptop, NotOurs
from posyandu_app.sync.engine import Engine, Exchanged, Outgoing
from posyandu_app.sync.enrolment import device_keys
from posyandu_app.sync.signing import BadSignature, open_message
from posyandu_app.sync.stick import (
    CARDS,
    DIRECT,
    INBOX,
    MAX_CARD,
    OUTBOX,
    Stick,
    StickFile,
    StickTrouble,
    Unreadable,
)
from posyandu_app.sync.trouble import Forked, NotEnrolled, Portal, Refused, TooLarge, quiet_words

Progress = Callable[[int, int], None]
Stop = Callable[[], bool]

_NUMBER = "usb_number"
_LEAST_ROOM, _ROOM_EACH = 1_000_000, 1_000


@dataclass(frozen=True, slots=True)
class Handed:
    """Operations for another laptop, or from it; `who` is that laptop as people know it."""

    who: str
    operations: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A file on the stick that could not be used, and why."""

    file: str
    word: str
    message: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What now lies on the stick: own operations and files for the Dinas, and what is for other laptops."""

    operations: int = 0
    files: int = 0
    handed: tuple[Handed, ...] = ()
    stopped: bool = False

    @property
    def message(self) -> str:
        """The sentences for the person with the stick."""
        if self.stopped:
            said = tr("Dihentikan: {count} data sudah tersalin. Ulangi supaya semuanya ikut.")
        elif self.operations:
            said = tr("{count} data tersalin ke flashdisk. Bawa ke Dinas; data tetap ada di laptop ini.")
        else:
            said = tr("Tidak ada data baru untuk Dinas; flashdisk ini meminta kabar terbaru dari sana.")
        sentences = [said.format(count=self.operations)]
        for_others = tr("Untuk laptop {who}: {count} data.")
        sentences += [for_others.format(who=item.who, count=item.operations) for item in self.handed]
        return " ".join(sentences)


@dataclass(frozen=True, slots=True)
class Imported:
    """What the stick brought: replies of the server (`exchanged`), and operations from other laptops.

    `waiting` are replies whose predecessor is on another stick: they stay on this one, to be
    taken in again after it. `others` are files for other laptops.
    """

    exchanged: Exchanged = field(default_factory=Exchanged)
    replies: int = 0
    handed: tuple[Handed, ...] = ()
    changed: frozenset[str] = frozenset()
    waiting: int = 0
    others: int = 0
    problems: tuple[Problem, ...] = ()
    stopped: bool = False

    @property
    def message(self) -> str:
        """The sentences for the person with the stick."""
        sentences = [item.message for item in self.problems]
        nothing_new = not (self.exchanged.sent or self.exchanged.received or self.changed)
        if self.replies and nothing_new:
            sentences.append(tr("Balasan Dinas di flashdisk ini sudah pernah dibaca; tidak ada yang baru."))
        elif self.replies or self.exchanged.sent:
            from_server = tr("Dari Dinas: {sent} data laptop ini diterima, {received} data baru masuk.")
            sentences.append(from_server.format(sent=self.exchanged.sent, received=self.exchanged.received))
        from_others = tr("Dari laptop {who}: {count} data baru; belum sampai di Dinas.")
        sentences += [from_others.format(who=item.who, count=item.operations) for item in self.handed]
        if self.waiting:
            later = tr("{count} berkas menunggu berkas sebelumnya dari flashdisk lain.")
            sentences.append(later.format(count=self.waiting))
        said = quiet_words(self.exchanged.incidents)
        if said:
            sentences.append(said)
        if self.exchanged.wipe_ordered:
            sentences.append(tr("Dinas sudah mencabut izin laptop ini."))
        if self.stopped:
            sentences.append(tr("Dihentikan; sisanya masih ada di flashdisk."))
        if not sentences and self.others:
            for_others = tr("Isinya untuk laptop lain ({count} berkas); biarkan tetap di flashdisk.")
            sentences.append(for_others.format(count=self.others))
        return " ".join(sentences) or tr("Tidak ada kiriman untuk laptop ini di flashdisk ini.")


def export_to(
    database: Database,
    clock: Clock,
    folder: Path,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Exported:
    """Copy to a stick what the Dinas has not signed for, and what other laptops may read and lack.

    `progress` hears how many own operations of how many are on the stick; `stop` is asked between
    files. What is written stays good whatever happens after. Raises `NotEnrolled`, `TooLarge` and
    `StickTrouble`.
    """
    return _Export(database, clock, Stick(folder), progress, stop).run()


def require_room(database: Database, folder: Path, free: int | None = None) -> None:
    """Raise `StickTrouble` when a stick plainly has too little room for what waits.

    `free` are its free bytes where they are known already. What is sealed is about a fifth of what is
    counted here, so a stick that passes is hardly ever found full while writing.
    """
    server = _server(database)
    tip, _ = log.tip(database)
    needed = _LEAST_ROOM + _ROOM_EACH * max(0, tip - server.acked)
    if free is None:
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            return  # the export itself says what is wrong with it
    if free < needed:
        raise StickTrouble(
            tr(
                "Flashdisk ini hampir penuh: perlu {needed} MB, kosong {free} MB. Hapus berkas lain dulu."
            ).format(needed=-(-needed // 1_000_000), free=free // 1_000_000),
            code="stick_full",
        )


def import_from(
    database: Database,
    clock: Clock,
    folder: Path,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Imported:
    """Take in what a stick brings for this laptop, each file wholly or not at all.

    `progress` hears how many files of how many; `stop` is asked between files. What was taken in
    is removed from the stick if that can be; what cannot be used stays and is named. Raises
    `NotEnrolled` and `StickTrouble`.
    """
    return _Import(database, clock, Stick(folder), progress, stop).run()


class _Export:
    def __init__(
        self, database: Database, clock: Clock, target: Stick, progress: Progress | None, stop: Stop | None
    ) -> None:
        self._database = database
        self._clock = clock
        self._server = _server(database)
        self._stick = target
        self._progress = progress
        self._stop = stop or _never

    def run(self) -> Exported:
        device = self._server.device
        for folder in (OUTBOX, DIRECT, CARDS):
            self._stick.sweep(folder, device)
        on_stick = self._stick.files(OUTBOX) + self._stick.files(DIRECT)
        earlier = [file for file in on_stick if self._is_mine(file.owner)]
        numbers = [*self._stick.numbers(OUTBOX).items(), *self._stick.numbers(DIRECT).items()]
        _number_above(self._database, max((n for owner, n in numbers if self._is_mine(owner)), default=0))
        done = self._write_requests()
        replaced = {device}
        own = cards.own(self._database, self._server)
        if own is not None and not done.stopped:
            _write_card(self._database, self._clock, own, self._stick)
            for reader, holds in _learn(self._database, self._server, self._stick):
                count = self._hand_over(own, reader, holds)
                if count:
                    done = replace(done, handed=(*done.handed, Handed(_who(reader), count)))
                if holds is not None:
                    replaced.add(f"{reader.device}-{device}")
        if not done.stopped:
            for file in earlier:
                if file.owner in replaced:
                    self._stick.remove(file)
        return done

    def _is_mine(self, owner: str) -> bool:
        return owner == self._server.device or owner.endswith(f"-{self._server.device}")

    def _write_requests(self) -> Exported:
        tip, _ = log.tip(self._database)
        total = max(0, tip - self._server.acked)
        done = Exported()
        outgoing: Outgoing | None = None
        engine = Engine(self._database, self._clock)
        engine.introduce()  # nobody knows here whether the server still knows this laptop
        while outgoing is None or outgoing.more:
            if self._stop():
                return replace(done, stopped=True)
            outgoing, sealed = self._request(engine, outgoing)
            self._write(OUTBOX, self._server.device, sealed)
            engine.carried_off(outgoing)
            done = replace(done, operations=done.operations + outgoing.count, files=done.files + 1)
            if self._progress is not None:
                self._progress(done.operations, max(total, done.operations))
        return done

    def _request(self, engine: Engine, follows: Outgoing | None) -> tuple[Outgoing, bytes]:
        """The next request and its sealed bytes, no larger than the server takes."""
        limit = wire.MAX_OPERATIONS
        while True:
            outgoing = engine.prepare(limit, follows)
            sealed = stick.seal(outgoing.body, self._server.seal_key)
            if len(sealed) <= wire.MAX_BODY:
                return outgoing, sealed
            if limit == 1:
                raise TooLarge
            limit //= 2

    def _hand_over(self, own: Laptop, reader: Laptop, holds: Holds | None) -> int:
        """Write for another laptop; returns how many operations."""
        total = 0
        for body, count in direct.write(self._database, self._clock, self._server, own, reader, holds):
            sealed = stick.seal(body, reader.seal_key)
            self._write(DIRECT, f"{reader.device}-{own.device}", sealed)
            total += count
        return total

    def _write(self, folder: str, owner: str, sealed: bytes) -> None:
        self._stick.write(folder, stick.numbered(owner, _next_number(self._database)), sealed)


class _Import:
    def __init__(
        self, database: Database, clock: Clock, source: Stick, progress: Progress | None, stop: Stop | None
    ) -> None:
        self._database = database
        self._clock = clock
        self._server = _server(database)
        self._key = device_keys(database).seal
        self._engine = Engine(database, clock)
        self._stick = source
        self._progress = progress
        self._stop = stop or _never
        self._done = Imported()
        self._handed: dict[str, Handed] = {}

    def run(self) -> Imported:
        _learn(self._database, self._server, self._stick)
        found = self._stick.files(INBOX) + self._stick.files(DIRECT)
        pending = [file for file in found if self._may_be_mine(file)]
        self._done = replace(self._done, others=len(found) - len(pending))
        total = len(pending)
        while pending:
            ahead = self._take_all(pending, total)
            if self._done.stopped or len(ahead) == len(pending):
                break
            pending = ahead
        waiting = 0 if self._done.stopped else len(pending)
        self._renew_card()
        return replace(self._done, waiting=waiting, handed=tuple(self._handed.values()))

    def _renew_card(self) -> None:
        """Let whoever sees this stick next know what this laptop holds now."""
        own = cards.own(self._database, self._server)
        if own is not None and any(file.owner == own.device for file in self._stick.cards()):
            with suppress(StickTrouble):  # a stick may be read-only; the old card costs a few bytes more
                _write_card(self._database, self._clock, own, self._stick)

    def _may_be_mine(self, file: StickFile) -> bool:
        device = self._server.device
        return not file.owner or file.owner == device or file.owner.startswith(f"{device}-")

    def _take_all(self, files: list[StickFile], total: int) -> list[StickFile]:
        """Take in each of the files; returns those that come after something that is not here."""
        ahead = []
        for number, file in enumerate(files, total - len(files) + 1):
            if self._stop():
                self._done = replace(self._done, stopped=True)
                break
            if not self._take(file):
                ahead.append(file)
            if self._progress is not None:
                self._progress(number, total)
        return ahead

    def _take(self, file: StickFile) -> bool:
        """Take in one file; False when it comes after something that is not here yet."""
        try:
            message = stick.unseal(self._stick.read(file), self._key)
        except Unreadable:
            if file.owner:
                self._problem(file, "damaged", tr("{file} rusak; minta disalin lagi, tidak ada yang hilang."))
            return True
        try:
            if not self._take_message(file, message):
                return False
        except (wire.Malformed, direct.NotBelieved, BadSignature, Portal):
            self._problem(file, "not_believed", tr("{file} bukan dari Dinas laptop ini; tidak dipakai."))
        except Forked as forked:
            self._problem(file, "fork", forked.message)
        else:
            self._stick.remove(file)
        return True

    def _take_message(self, file: StickFile, message: bytes) -> bool:
        shape = wire.decode(message, _Shape)
        if shape.reader is not UNSET:
            self._take_handover(file, message)
        elif shape.error is not UNSET:
            self._take_refusal(file, message)
        else:
            return self._take_reply(message)
        return True

    def _take_reply(self, message: bytes) -> bool:
        exchanged = self._engine.apply(message)
        told, server = wire.decode(message, wire.Reply), _server(self._database)
        ahead = told.epoch == server.epoch and told.feed.from_ > server.heard
        self._done = replace(
            self._done,
            exchanged=self._done.exchanged + exchanged,
            replies=self._done.replies + (not ahead),
            changed=self._done.changed | exchanged.changed,
        )
        return not ahead

    def _take_refusal(self, file: StickFile, message: bytes) -> None:
        server = self._server
        told = open_message(message, VerifyKey(server.sign_key), wire.Refusal)
        if told.device != server.device or told.proto != wire.PROTO:
            raise BadSignature("for somebody else")
        if told.error == "fork":
            self._engine.refused(message)
            self._engine.settle_refusal()
            noticed = Exchanged(incidents=self._engine.notices())
            self._done = replace(self._done, exchanged=self._done.exchanged + noticed)
            return
        self._problem(file, told.error, Refused(told.error).message)

    def _take_handover(self, file: StickFile, message: bytes) -> None:
        taken = direct.take(self._database, self._clock, _server(self._database), message)
        earlier = self._handed.get(taken.giver.device, Handed(_who(taken.giver), 0))
        count = earlier.operations + taken.operations
        self._handed[taken.giver.device] = Handed(earlier.who, count)
        self._done = replace(self._done, changed=self._done.changed | taken.changed)
        if taken.left_out:
            left_out = tr("Sebagian isi {file} tidak dapat dibaca di laptop ini; menyusul lewat Dinas.")
            self._problem(file, "left_out", left_out)

    def _problem(self, file: StickFile, word: str, sentence: str) -> None:
        problem = Problem(file.shown, word, sentence.format(file=file.shown))
        self._done = replace(self._done, problems=(*self._done.problems, problem))


class _Shape(Struct):
    """What tells one kind of message from another."""

    reader: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


def _learn(database: Database, server: Peer, source: Stick) -> list[tuple[Laptop, Holds | None]]:
    """The laptops that share a part of this one's area; from their cards here, what they hold."""
    known, gone = cards.known(database, server), peer.revoked(database) | {server.device}
    found: dict[str, tuple[Laptop, Holds | None]] = {
        device: (laptop, None) for device, laptop in known.items()
    }
    for file in source.cards():
        try:
            laptop, holds = cards.read(source.read(file, MAX_CARD), server)
        except (NotOurs, Unreadable):
            continue
        shares = laptop.reads(server.scope) or within(laptop.scope, server.scope)
        if shares and laptop.device not in gone:
            found[laptop.device] = laptop, holds
            if laptop.device not in known or known[laptop.device].proof != laptop.proof:
                cards.remember(database, laptop)
    return [found[device] for device in sorted(found)]


def _write_card(database: Database, clock: Clock, own: Laptop, target: Stick) -> None:
    target.write(CARDS, f"{own.device}.json", cards.write(database, own, _server(database), clock))


def _who(laptop: Laptop) -> str:
    return f"{laptop.role} {laptop.scope}"


def _number_above(database: Database, number: int) -> None:
    """No file of this laptop is numbered up to `number` from now on."""
    with database.atomic():
        database.set_meta(_NUMBER, str(max(number, int(database.meta(_NUMBER) or 0))))


def _next_number(database: Database) -> int:
    """A number that no file of this laptop has had."""
    with database.atomic():
        number = int(database.meta(_NUMBER) or 0) + 1
        database.set_meta(_NUMBER, str(number))
        return number


def _server(database: Database) -> Peer:
    server = peer.load(database)
    if server is None:
        raise NotEnrolled
    return server


def _never() -> bool:
    return False

"""The server's half of sync by USB stick: take in every request on it, and write the replies beside them.

A request is durable before its file goes from the stick. Requests to other servers, and all
else on the stick, are left as they are.
"""

from dataclasses import dataclass, field
from pathlib import Path

from msgspec import structs
from sqlalchemy import select

from posyandu_app.district import schema
from posyandu_app.district.config import District
from posyandu_app.district.desk import Desk, Visit
from posyandu_app.district.refusal import Refusal
from posyandu_app.district.store import Store, fact, set_fact
from posyandu_app.i18n import tr
from posyandu_app.sync import stick, wire
from posyandu_app.sync.signing import from_base64, sign_message
from posyandu_app.sync.stick import INBOX, OUTBOX, Stick, StickFile, StickTrouble, Unreadable

MAX_PAGES = 1_000
"""Pages of the feed for one laptop on one stick; it asks for the rest with its next one."""


@dataclass(slots=True)
class Served:
    """One laptop whose requests lay on the stick; `more` says that it has more to hear than fits."""

    device: str
    name: str
    scope: str
    seal_key: bytes
    operations: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    replies: int = 0
    more: bool = False

    @property
    def message(self) -> str:
        """The sentence for the person with the stick."""
        sentence = tr("{name} ({scope}): {count} data diterima, {replies} berkas balasan.")
        return sentence.format(name=self.name, scope=self.scope, count=self.operations, replies=self.replies)


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be taken in, or replies that could not be written, and why."""

    file: str
    word: str
    message: str


@dataclass(slots=True)
class Report:
    """What was done with a stick; `foreign` are requests to other servers, left as they are."""

    laptops: dict[str, Served] = field(default_factory=dict)
    foreign: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def message(self) -> str:
        """The sentences for the person with the stick, one a line."""
        lines = [served.message for served in self.laptops.values()]
        if self.foreign:
            others = tr("{count} berkas untuk server lain; dibiarkan.")
            lines.append(others.format(count=self.foreign))
        lines += [problem.message for problem in self.problems]
        return "\n".join(lines) or tr("Tidak ada kiriman untuk server ini di flashdisk ini.")


def serve(district: District, store: Store, desk: Desk, folder: Path) -> Report:
    """Do everything that a stick asks of this server; raises `StickTrouble` when it cannot be read."""
    return _Round(district, store, desk, Stick(folder)).run()


class _Round:
    def __init__(self, district: District, store: Store, desk: Desk, source: Stick) -> None:
        self._district = district
        self._store = store
        self._desk = desk
        self._stick = source
        self._report = Report()
        self._unwritable: StickTrouble | None = None
        self._taken: dict[str, int] = {}

    def run(self) -> Report:
        self._stick.sweep(INBOX, None)
        self._taken = self._stick.numbers(INBOX)
        last: dict[str, Visit] = {}
        try:
            for file in self._stick.files(OUTBOX):
                visit = self._take_in(file)
                if visit is not None:
                    request = structs.replace(visit.request, segments=[])
                    last[visit.device.id] = Visit(request, visit.device, [], visit.received_ms)
        except StickTrouble as trouble:
            self._unwritable = trouble
        for device, visit in last.items():
            if not visit.device.revoked:
                self._write_news(self._report.laptops[device], visit)
        if self._unwritable is not None:
            sentence = tr("Yang sudah terbaca aman di server; balasannya belum semua tertulis. {reason}")
            self._problem("", self._unwritable.code, sentence.format(reason=self._unwritable.message))
        return self._report

    def _take_in(self, file: StickFile) -> Visit | None:
        """Take in one request, answer what became of it, and take its file away; None when it cannot be."""
        try:
            sealed = self._stick.read(file, wire.MAX_BODY)
            body = stick.unseal(sealed, self._district.keys.seal, wire.MAX_UNPACKED)
        except Unreadable:
            self._not_opened(file)
            return None
        try:
            visit = self._desk.take_in(body, carried=True)
        except Refusal as refused:
            self._refused(file, body, refused)
            return None
        served = self._served(visit.device.id)
        assert served is not None, "the desk knows it"
        answer = self._desk.answer(visit, limit=0)
        served.operations += sum(len(segment.ops) for segment in visit.request.segments)
        for receipt in answer.receipts:
            served.statuses[receipt.status] = served.statuses.get(receipt.status, 0) + 1
        if self._write(served, answer):
            self._stick.remove(file)
        return visit

    def _not_opened(self, file: StickFile) -> None:
        if self._served(file.owner, keep=False) is None:
            self._report.foreign += 1
            return
        sentence = tr("{file} rusak atau terpotong; minta laptop itu menyalin lagi, tidak ada yang hilang.")
        self._problem(file.shown, "damaged", sentence.format(file=file.shown))

    def _refused(self, file: StickFile, body: bytes, refused: Refusal) -> None:
        told = refused.reply
        self._problem(file.shown, told.error, f"{file.shown}: {told.message}")
        if refused.signed is None:
            return
        served = self._served(wire.decode(body, wire.Request).device)
        assert served is not None, "its signature was verified"
        self._write_bytes(served, refused.signed)

    def _write_news(self, served: Served, visit: Visit) -> None:
        """Write the pages of the feed that the laptop has not heard."""
        after: int | None = None
        for _ in range(MAX_PAGES):
            page = self._desk.answer(visit, after=after, limit=wire.MAX_OPERATIONS)
            served.more = page.feed.more
            if not self._write(served, page):
                served.more = True
                return
            if not page.feed.more:
                return
            after = page.feed.to

    def _write(self, served: Served, reply: wire.Reply) -> bool:
        """Write a reply for a laptop; False when the stick does not take any more."""
        return self._write_bytes(served, sign_message(reply, self._district.keys.sign))

    def _write_bytes(self, served: Served, message: bytes) -> bool:
        if self._unwritable is not None:
            return False
        sealed = stick.seal(message, served.seal_key)
        name = stick.numbered(served.device, self._number(served.device))
        try:
            self._stick.write(INBOX, name, sealed)
        except StickTrouble as trouble:
            self._unwritable = trouble
            return False
        served.replies += 1
        return True

    def _number(self, device: str) -> int:
        """A number that no reply to this laptop has had, here or on another stick."""
        key = f"usb:{device}"
        with self._store.write() as connection:
            number = max(int(fact(connection, key) or 0), self._taken.get(device, 0)) + 1
            set_fact(connection, key, str(number))
        return number

    def _served(self, device: str, *, keep: bool = True) -> Served | None:
        if device in self._report.laptops:
            return self._report.laptops[device]
        columns = schema.device.c
        with self._store.read() as connection:
            found = connection.execute(
                select(columns.id, columns.name, columns.scope, columns.seal_key).where(columns.id == device)
            ).one_or_none()
        if found is None:
            return None
        served = Served(found.id, found.name, found.scope, from_base64(found.seal_key, 32))
        if keep:
            self._report.laptops[device] = served
        return served

    def _problem(self, file: str, word: str, message: str) -> None:
        self._report.problems.append(Problem(file, word, message))

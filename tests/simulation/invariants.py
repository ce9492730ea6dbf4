"""The promises I1 to I9 of docs/sync-proof.md, checked after every step and once more when all is healed."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from posyandu_app.district.schema import NO_CHAIN
from posyandu_app.domain import hlc
from posyandu_app.domain.operations import OpKey, canonical
from posyandu_app.domain.scopes import within
from posyandu_app.storage import log, peer
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import status
from posyandu_app.sync.engine import Exchanged
from posyandu_app.sync.status import Link
from tests.simulation import deciders, fate, oracle
from tests.simulation.dinas import Held
from tests.simulation.ledger import Entry, require
from tests.simulation.people import MARK
from tests.simulation.releases import HOUSEHOLD

if TYPE_CHECKING:
    from tests.simulation.laptop import Laptop
    from tests.simulation.world import World

_UNSENT = re.compile(r"(\d+) data (?:belum diterima|menunggu dikirim|tersimpan di sini)")
_OF_NO_CHILD = ("user", "posyandu", HOUSEHOLD)
_OF_COPIES = ("forked", "other_copy")


class Check:
    """Watches a world; raises `Violation` at the first promise that is broken."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._have: dict[str, int] = {}
        self._epoch = ""
        self._peers: dict[str, Peer] = {}
        self._replicas: dict[str, str] = {}
        self.incidents: list[str] = []

    # after every step

    def laptop(self, laptop: "Laptop") -> None:
        """The own log has what was acknowledged, and the status sentence says what is so (I1, I5, I9)."""
        with laptop.disk.unwatched():
            laptop.look_for_a_new_log()
            database, ledger = laptop.database, self._world.ledger
            tip, chain = log.tip(database)
            known = ledger.tip(laptop.book)
            require(tip == known, "I1", f"{laptop.name} holds {tip} of {known} acknowledged operations")
            if known:
                last = ledger.books[laptop.book][-1]
                require(chain == last.chain, "I5", f"the log of {laptop.name} is not the one acknowledged")
            server = peer.load(database)
            self._watermark(laptop, server)
            link = laptop.line.link if laptop.line is not None else Link.UNKNOWN
            told = status.status(database, link, laptop.clock)
            require(told.total == tip, "I9", f"{laptop.name} counts {told.total} of {tip} operations")
            if server is None:
                require(told.unsent == tip, "I9", f"{laptop.name} says something arrived nowhere")
                return
            if server.epoch == self._world.dinas.epoch and told.received:
                there = self._world.dinas.chain(laptop.replica, told.received)
                require(
                    there == ledger.books[laptop.book][told.received - 1].chain,
                    "I9",
                    f"{laptop.name} says that {told.received} arrived, the server holds "
                    + ("something else there" if there else "less"),
                )
            counted = _UNSENT.search(told.message)
            require(
                told.unsent == tip - told.received == (int(counted[1]) if counted else 0),
                "I9",
                f"{told.unsent} of {tip} are not received, {laptop.name} says “{told.message}”",
            )

    def _watermark(self, laptop: "Laptop", server: Peer | None) -> None:
        before = self._peers.get(laptop.name)
        if server is not None and before is not None and before.device == server.device:
            same = before.epoch == server.epoch == self._world.dinas.epoch
            same = same and self._replicas.get(laptop.name) == laptop.replica
            require(
                not same or server.acked >= before.acked,
                "I5",
                f"the watermark of {laptop.name} fell from {before.acked} to {server.acked}",
            )
        if server is not None:
            self._peers[laptop.name], self._replicas[laptop.name] = server, laptop.replica

    def applied(self, laptop: "Laptop", exchanged: Exchanged) -> None:
        """Neither side has found that they differ."""
        for name in exchanged.incidents:
            self._world.note(laptop.name, name)
            self.incidents.append(name)
            former_name = laptop.joined > 1 and self._world.dinas.histories  # what a backup knows it by
            expected = name == "new_epoch" or (name in _OF_COPIES and (laptop.has_a_copy or former_name))
            expected = expected or (name == "new_scope" and laptop.former_scope is not None)
            hurt = laptop.mended is not None or laptop.former_scope is not None  # the old area's receipts
            expected = expected or (name in fate.MENDING and hurt)
            require(expected, "I3", f"{laptop.name} and the server differ: {name}")

    def may_wipe(self, laptop: "Laptop") -> None:
        """I1: whatever was acknowledged on a laptop is at the server before it is ordered to wipe."""
        require(laptop.revoked or laptop.has_a_copy, "I1", f"{laptop.name} is wiped and was not revoked")
        for entry in self._world.ledger.books[laptop.book]:
            there = self._world.dinas.chain(*entry.key)
            require(there == entry.chain, "I1", f"{laptop.name} is wiped before {entry.key} arrived")

    def reopened(self, laptop: "Laptop") -> None:
        """All that was acknowledged is still there; of what was under way, all or nothing (I1)."""
        with laptop.disk.unwatched():
            laptop.look_for_a_new_log()
            tip, _ = log.tip(laptop.database)
            known = self._world.ledger.tip(laptop.book)
            require(tip >= known, "I1", f"{laptop.name} came back with {tip} of {known} operations")
            attempted, laptop.attempted = laptop.attempted, None
            if tip > known:
                require(attempted is not None, "I2", f"{laptop.name} came back with something nobody did")
                entries = laptop.entries_after(known)
                self._world.ledger.acknowledge(laptop.book, entries, attempted or None)
                self._world.note(laptop.name, "had saved", tip)

    def set_up(self, laptop: "Laptop") -> None:
        """The user and the posyandu are in the log, once each."""
        with laptop.disk.unwatched():
            entries = laptop.entries_after(self._world.ledger.tip(laptop.book))
            kinds = [entry.operation["type"] for entry in entries]
            require(
                set(kinds) <= {"user.register", "posyandu.register"} and len(set(kinds)) == len(kinds),
                "I2",
                f"{laptop.name} logged {kinds} when it was set up",
            )
            self._world.ledger.acknowledge(laptop.book, entries, None)

    def server(self) -> None:
        """`have` never falls within a history, and everything that was stored has been judged (I5, I8)."""
        dinas = self._world.dinas
        have, epoch = dinas.have(), dinas.epoch
        if epoch == self._epoch:
            for replica, before in self._have.items():
                require(
                    have.get(replica, 0) >= before, "I5", f"have fell from {before} to {have.get(replica, 0)}"
                )
        self._have, self._epoch = have, epoch
        waiting = dinas.rows("SELECT count(*) FROM op WHERE status = 'stored'")[0][0]
        require(
            waiting == 0 or dinas.down or dinas.full or self._world.dinas_was_hurt,
            "I8",
            f"{waiting} not judged",
        )

    # when all is healed

    def everything(self) -> None:
        """I1 to I9 at rest."""
        world = self._world
        held = world.dinas.operations()
        unjudged = [(item.replica, item.seq) for item in held if item.status == "stored"]
        require(not unjudged, "I8", f"{unjudged} were never judged")
        self._ledger_is_at_the_server(held)
        self._chains_at_the_server(held)
        self._stamps(held)
        expected = oracle.rows(
            (
                oracle.Op(item.replica, item.seq, item.eff, item.operation)
                for item in held
                if item.ss is not None and item.erased is None
            ),
            world.dinas.release,
        )
        require(self._server_rows() == expected, "I4", _difference(self._server_rows(), expected))
        self._follow_their_children(held)
        for laptop in world.laptops:
            if laptop.on:
                self._at_rest(laptop, held)
        deciders.check(world, held)
        self._no_plain_text()

    def _ledger_is_at_the_server(self, held: list[Held]) -> None:
        """I2: the server holds what was acknowledged, all of it, once, and nothing else."""
        there = {OpKey(item.replica, item.seq): item for item in held}
        known: set[OpKey] = set()
        for laptop in self._world.laptops:
            ledger = self._world.ledger
            for entry in [*ledger.left.get(laptop.book, []), *ledger.books.get(laptop.book, [])]:
                item = there.get(entry.key)
                arrived = item is not None and item.content == entry.content
                lost = (laptop.burnt or laptop.wiped) and self._world.dinas.histories > 0
                if lost and not arrived and not self._is_known_to_others(entry):
                    continue
                require(
                    arrived,
                    "I2",
                    f"{entry.key} was acknowledged on {laptop.name} and is not at the server",
                )
                assert item is not None
                whole = entry.operation if item.erased is None else entry.operation | {"payload": None}
                require(item.operation == whole, "I2", f"{entry.key} is another operation there")
                known.add(entry.key)
        foreign = sorted(there.keys() - known)
        require(not foreign, "I2", f"the server holds what nobody did: {foreign[:3]}")

    def _is_known_to_others(self, entry: Entry) -> bool:
        """Whether a laptop that may write there itself has been told this by the server, in any history."""
        for laptop in self._world.laptops:
            if not laptop.on or laptop.revoked:
                continue
            with laptop.looked_into():
                found = log.entry(laptop.database, entry.key)
            if found is None or found.operation.to_json() != entry.operation:
                continue
            told = found.status in ("applied", "conflict", "duplicate")
            if told and within(found.operation.scope, laptop.place.scope):
                return True
        return False

    def _chains_at_the_server(self, held: list[Held]) -> None:
        """I5: every log at the server is gapless and fits its hashes, computed anew."""
        chains = {
            (replica, seq): bytes(chain)
            for replica, seq, chain in self._world.dinas.rows("SELECT replica, seq, chain FROM op")
        }
        before: dict[str, tuple[int, bytes]] = {}
        gone = {
            entry.key
            for laptop in self._world.laptops
            if (laptop.burnt or laptop.wiped) and self._world.dinas.histories > 0
            for entry in self._world.ledger.books.get(laptop.book, ())
        }
        for item in held:
            if chains[item.replica, item.seq] == NO_CHAIN and OpKey(item.replica, item.seq) in gone:
                continue  # others gave it back, one by one
            seq, previous = before.get(item.replica, (0, bytes(32)))
            require(item.seq == seq + 1, "I5", f"{item.replica} has a gap after {seq}")
            envelope = {name: value for name, value in item.operation.items() if name != "payload"}
            chain = hashlib.sha256(
                previous
                + hashlib.sha256(canonical(envelope)).digest()
                + (item.erased or hashlib.sha256(canonical(item.operation["payload"])).digest())
            ).digest()
            require(
                chains[item.replica, item.seq] == chain,
                "I5",
                f"{item.replica} does not fit its hash at {item.seq}",
            )
            before[item.replica] = (item.seq, chain)
        have = self._world.dinas.have()
        for replica, (seq, _) in before.items():
            require(have[replica] == seq, "I5", f"have says {have[replica]} of {seq}")

    def _follow_their_children(self, held: list[Held]) -> None:
        """I3: what is said about a record is where its child is, whatever program it takes to show it."""
        about = {
            (str(item.operation["type"]).split(".")[0], item.operation["entity"]): item.operation["payload"][
                "child"
            ]
            for item in held
            if item.ss is not None
            and item.erased is None
            and str(item.operation["type"]).endswith(".record")
            and item.operation["payload"].get("child")
        }
        for item in held:
            child = about.get((str(item.operation["type"]).split(".")[0], item.operation["entity"]))
            require(
                item.ss is None or child is None or item.subject == child,
                "I3",
                f"{item.replica}:{item.seq} is about {item.subject}, its record about {child}",
            )

    def _stamps(self, held: list[Held]) -> None:
        """Rule 7: no stamp that counts lies in the server's future."""
        for item in held:
            require(
                hlc.milliseconds(item.eff) <= item.received_ms,
                "I4",
                f"{item.replica}:{item.seq} counts as written after it was received",
            )

    def _server_rows(self) -> dict[tuple[str, str], oracle.Visible]:
        found = {}
        for kind, entity, body in self._world.dinas.rows("SELECT kind, entity, body FROM row"):
            row = json.loads(body)
            disputed = {name: [head[2] for head in heads] for name, heads in row["disputed"].items()}
            found[kind, entity] = oracle.Visible(row["scope"], row["values"], disputed)
        return found

    def _at_rest(self, laptop: "Laptop", held: list[Held]) -> None:
        with laptop.looked_into():
            self.laptop(laptop)
            log.verify_chain(laptop.database)
            mine = self._world.ledger.keys(laptop.book)
            own = [item for item in held if (item.replica, item.seq) in mine]
            gone = fate.forgotten(self._world, laptop)
            if not laptop.revoked:  # a revoked one keeps what it heard until it is wiped, and hears no more
                heard = [*self._in_area(laptop, held), *own, *self._handed_over(laptop, held)]
                known = {OpKey(item.replica, item.seq): item for item in heard}
                self._log(laptop, known, gone)
                shown = {key: item for key, item in known.items() if not _is_gone(item, gone)}
                self._rows(laptop, {key: shown[key] for key in shown.keys() - fate.emptied(laptop, held)})
                self._sums(laptop)
                for child in sorted(gone):
                    require(
                        not fate.knows(laptop.database, child), "I6", f"{laptop.name} still knows {child}"
                    )
                if gone:
                    moved = self._world.fate == fate.MONTHS
                    self._world.note(
                        laptop.name, "forgets who moved away" if moved else "forgets a child", len(gone)
                    )
            told = status.status(laptop.database, clock=laptop.clock)
            newer_there = self._world.dinas.release > laptop.release
            require(
                told.outdated == newer_there or laptop.revoked,
                "I9",
                f"{laptop.name} of release {laptop.release} says “{told.message}”",
            )
            aside = [item for item in own if item.ss is None] + self._handed_over(laptop, held)
            emptied = fate.emptied(laptop, held)
            aside = [item for item in aside if not _is_gone(item, gone) and item[:2] not in emptied]
            counts = {
                name: len({item[:2] for item in aside if item.status == name})
                for name in ("held", "quarantined")
            }
            require(
                told.unsent == 0 and (told.held, told.quarantined) == (counts["held"], counts["quarantined"]),
                "I9",
                f"{laptop.name} says {told}, the server {counts}",
            )
            for waiting, words in (
                (_held_for_long(laptop) + told.quarantined, "perlu diperiksa"),
                (told.conflicts, "isian berbeda menunggu keputusan bidan"),
            ):
                require(
                    (f"; {waiting} {words}" in told.message) == bool(waiting)
                    and (words in told.message) == bool(waiting),
                    "I9",
                    f"{waiting} need a person, {laptop.name} says “{told.message}”",
                )

    def _in_area(self, laptop: "Laptop", held: list[Held]) -> list[Held]:
        placed = self._world.dinas.placements(laptop.place.scope)
        return [item for item in held if item.ss is not None and item.subject in placed]

    def _handed_over(self, laptop: "Laptop", held: list[Held]) -> list[Held]:
        """What a stick brought directly from a laptop of the same area, and the server has put aside."""
        here = {
            (replica, seq): status_
            for replica, seq, status_ in laptop.database.rows(
                "SELECT replica, seq, status FROM log WHERE status IN ('held', 'quarantined', 'carried')"
            )
        }
        found = []
        for item in held:
            there = here.get((item.replica, item.seq))
            if item.ss is None and there and within(str(item.operation["scope"]), laptop.place.scope):
                require(there != log.CARRIED, "I9", f"{laptop.name} says {item[:2]} has not arrived")
                found.append(item)
        return found

    def _log(self, laptop: "Laptop", known: dict[OpKey, Held], gone: set[str]) -> None:
        """I3, I6: the laptop holds its area's operations and its own, no others, as the server has them."""
        found = {
            OpKey(replica, seq): (bytes(content), status, eff if ss is not None else "")
            for replica, seq, content, status, eff, ss in laptop.database.rows(
                "SELECT replica, seq, content, status, eff, ss FROM log"
            )
        }
        if laptop.former_scope is not None:  # who worked in the old area stays known, no child does
            kept = laptop.database.rows(
                "SELECT replica, seq FROM log WHERE type NOT LIKE 'child.%' AND payload ->> '$.child' IS NULL"
                " AND ss IS NULL"
            )
            for key in {OpKey(*row) for row in kept} - known.keys():
                found.pop(key, None)
        told = {child for (child,) in laptop.database.rows("SELECT id FROM told WHERE what = 'erased'")}
        erased = {child for (child,) in self._world.dinas.rows("SELECT subject FROM erasure")}
        require(told <= erased, "I6", f"{laptop.name} knows of an erasure that the server has forgotten")
        if self._world.dinas.histories > 0:  # what it has lost and the law emptied since nobody tells it
            kept = laptop.database.rows("SELECT replica, seq FROM log WHERE payload IS NULL AND ss IS NULL")
            for key in {OpKey(*row) for row in kept} - known.keys():
                found.pop(key, None)
        placed = self._world.dinas.placements(laptop.place.scope)
        missing, foreign = sorted(known.keys() - found.keys()), sorted(found.keys() - known.keys())
        require(not missing, "I3", f"{laptop.name} lacks {missing[:3]} of {len(known)}")
        require(not foreign, "I6", f"{laptop.name} holds {foreign[:3]} from elsewhere")
        for key, item in known.items():
            if _is_gone(item, gone) or (laptop.former_scope is not None and item.subject not in placed):
                require(found[key][0] == item.content, "I3", f"{laptop.name} holds {key} otherwise")
                continue
            there = (item.content, item.status, item.eff if item.ss is not None else "")
            require(
                found[key] == there,
                "I3",
                f"{laptop.name} has {key} as {found[key][1:]}, the server as {there[1:]}",
            )

    def _rows(self, laptop: "Laptop", known: dict[OpKey, Held]) -> None:
        """I4: what is visible on the laptop is what the rules make of the operations."""
        here = {
            (replica, seq): eff
            for replica, seq, eff in laptop.database.rows("SELECT replica, seq, eff FROM log")
        }
        expected = oracle.rows(
            (oracle.Op(item.replica, item.seq, here[key], item.operation) for key, item in known.items()),
            laptop.release,
        )
        found = dict(_rows_of(laptop))
        if laptop.former_scope is not None:  # what is of no child in the old area stays as it was known last
            for key in [key for key in found if key[0] in _OF_NO_CHILD and found[key] != expected.get(key)]:
                del found[key]
                expected.pop(key, None)
        require(found == expected, "I4", f"{laptop.name}: {_difference(found, expected)}")
        listed = {
            (kind, entity, name): [head[2] for head in json.loads(heads)]
            for kind, entity, name, heads in laptop.database.rows(
                "SELECT kind, entity, field, heads FROM dispute"
            )
        }
        wanted = {
            (kind, entity, name): heads
            for (kind, entity), row in expected.items()
            for name, heads in row.disputed.items()
        }
        require(listed == wanted, "I4", f"{laptop.name} lists {listed}, not {wanted}")

    def _sums(self, laptop: "Laptop") -> None:
        """I3: both sides' sums agree where both know the same."""
        database = laptop.database
        own = {kind: pair for kind, pair in peer.row_sums(database).items() if pair[0]}
        theirs = {kind: pair for kind, pair in self._world.dinas.sums(laptop.place.scope).items() if pair[0]}
        logged = theirs.pop("log", (0, bytes(32)))
        server = peer.load(database)
        assert server is not None, "enrolled"
        require((server.log_count, server.log_sum) == logged, "I3", f"the log sums of {laptop.name} differ")
        waiting = log.statuses(database)
        alone = laptop.former_scope is not None or laptop.release != self._world.dinas.release
        alone = alone or any(waiting.get(name) for name in ("held", "quarantined", log.CARRIED))
        if not alone:
            require(own == theirs, "I3", f"the row sums of {laptop.name} differ")

    def _no_plain_text(self) -> None:
        """I6: nobody's name stands readable in a laptop's files."""
        mark = MARK.encode()
        for laptop in self._world.laptops:
            for path in self._world.folder.glob(f"{laptop.path.name}*"):
                require(mark not in path.read_bytes(), "I6", f"a name stands readable in {path.name}")
        for stick in self._world.sticks:
            require(stick.holds_no_plain_text(), "I6", f"a name stands readable on {stick.name}")


def _held_for_long(laptop: "Laptop") -> int:
    """How many operations the server has held for 30 days by this laptop's clock (rule 3)."""
    told = laptop.database.rows(
        "SELECT received_at FROM log WHERE status = 'held' AND payload IS NOT NULL AND received_at <> ''"
    )
    long_ago = laptop.clock.now() - timedelta(days=30)
    return sum(datetime.fromisoformat(at) <= long_ago for (at,) in told)


def _is_gone(item: Held, gone: set[str]) -> bool:
    return item.erased is not None or item.subject in gone


_COLUMNS = ("child", "date", "weight_g", "length_mm", "position", "head_mm", "muac_mm", "oedema", "source")


def _rows_of(laptop: "Laptop") -> Iterator[tuple[tuple[str, str], oracle.Visible]]:
    """The visible rows of a laptop, as its tables have them."""
    database = laptop.database
    disputes: dict[tuple[str, str], dict[str, list[Any]]] = {}
    for kind, entity, name, heads in database.rows("SELECT kind, entity, field, heads FROM dispute"):
        disputes.setdefault((kind, entity), {})[name] = [head[2] for head in json.loads(heads)]
    for entity, scope, values in database.rows("SELECT id, scope, vals FROM child"):
        key = ("child", entity)
        yield key, oracle.Visible(scope, json.loads(values), disputes.get(key, {}))
    for kind, entity, scope, values in database.rows("SELECT kind, id, scope, vals FROM other_row"):
        yield (kind, entity), oracle.Visible(scope, json.loads(values), disputes.get((kind, entity), {}))
    columns = ", ".join(_COLUMNS)
    for entity, scope, confirmed, voided, rest, *measured in database.rows(
        f"SELECT id, scope, confirmed, voided, rest, {columns} FROM measurement"
    ):
        values = {name: value for name, value in zip(_COLUMNS, measured, strict=True) if value is not None}
        values |= json.loads(rest) if rest else {}
        if confirmed is not None:
            values["confirmed"] = json.loads(confirmed)
        if voided:
            values["voided"] = True
        key = ("measurement", entity)
        yield key, oracle.Visible(scope, values, disputes.get(key, {}))


def _difference(found: dict[Any, Any], expected: dict[Any, Any]) -> str:
    for key in sorted(found.keys() | expected.keys()):
        if found.get(key) != expected.get(key):
            return f"{key} is {found.get(key)}, should be {expected.get(key)}"
    return "no difference"

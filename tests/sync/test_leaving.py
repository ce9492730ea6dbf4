"""Children who moved away, laptops with another area, erasure by law, revoked laptops (rules 10, 14, 19)."""

import json
import time
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from posyandu_app.district import admin, schema
from posyandu_app.domain import card_codes
from posyandu_app.domain.errors import UserError
from posyandu_app.storage import backup, carried, children, drafts, leaving, log, proofs
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.trouble import Offline
from tests.district import server as servers
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE, Wire
from tests.sync.laptops import Laptop, a_copy, on_sqlite_alone
from tests.sync.sticks import UsbStick

DAY_MS = 24 * 60 * 60 * 1000
SECRET = "Rahasia Pindah"


def pass_days(server, laptop: Laptop, days: int) -> None:
    server.time.move(days * DAY_MS)
    laptop.clock.move(timedelta(days=days))


def knows(laptop: Laptop, child: str) -> bool:
    """Whether anything about the child can still be read on this laptop."""
    database = laptop.database
    return bool(
        database.number("SELECT count(*) FROM child WHERE id = ?", (child,))
        or database.number("SELECT count(*) FROM measurement WHERE child = ?", (child,))
        or database.number("SELECT count(*) FROM child_search WHERE key LIKE '%rahasia%'")
        or database.number(
            "SELECT count(*) FROM log WHERE payload LIKE '%Rahasia%' OR payload LIKE ?", (f"%{child}%",)
        )
        or database.number("SELECT count(*) FROM draft WHERE child = ?", (child,))
        or database.number("SELECT count(*) FROM displaced WHERE instr(envelope || payload, ?)", (child,))
    )


def move(old: Laptop, child: str, to: str = OTHER_VILLAGE) -> None:
    old.log("child.transfer", child, {"to": to, "date": "2026-11-18"})
    old.sync()


@pytest.fixture
def moved(server, make):
    """A child who moved: the old posyandu, the midwife above it, the new posyandu, the kabupaten."""
    old, bidan, new, above = make(), make(VILLAGE), make(OTHER_VILLAGE), make("32.11")
    child = old.register(SECRET)
    old.weigh(child)
    stays = old.register("Tinggal")
    old.sync()
    bidan.sync()
    bidan.scope = POSYANDU
    bidan.weigh(child, 8500)
    bidan.sync()
    old.sync()
    move(old, child)
    for laptop in (bidan, new, above):
        laptop.sync()
    return child, stays, old, bidan, new, above


def test_the_old_posyandu_reads_for_ninety_days_and_then_forgets(server, moved):
    child, stays, old, bidan, new, above = moved
    drafts.save(old.database, child, "u", {"weight": "8,4"}, "2026-11-18T09:00:00+07:00")
    backup.make(old.database, backup.DAILY)
    pass_days(server, old, 89)
    for laptop in (old, bidan):
        laptop.sync()
        assert knows(laptop, child)
    pass_days(server, old, 2)
    for laptop in (old, bidan, new, above):
        done = laptop.sync()
        assert done.incidents == ()
        assert (child in done.changed) == (laptop in (old, bidan)), "her name leaves the screens"
        assert laptop.sync().incidents == ()
    for laptop in (old, bidan):
        assert not knows(laptop, child)
        assert knows(laptop, stays)
        log.verify_chain(laptop.database)
    for laptop in (new, above):
        assert knows(laptop, child)
        assert laptop.database.number("SELECT count(*) FROM measurement WHERE child = ?", (child,)) == 2
    (kept,) = (old.database.path.parent / "backups").glob(f"{old.database.path.stem}-*.db")
    from posyandu_app.storage.connection import connect

    copy = connect(kept, old.database.key)
    assert copy.execute("SELECT count(*) FROM child").fetchone() == (1,)
    copy.close()
    assert server.status().digests["child"][0] == 2


def test_nothing_is_forgotten_before_the_server_has_signed_for_it(server, moved):
    """I6 does not come before I1."""
    child, _, old, *_ = moved
    pass_days(server, old, 91)

    class Deaf(Wire):
        """Upload fails; what comes back is the answer to a request that said nothing."""

        def exchange(self, body: bytes) -> bytes:
            raise Offline

    quiet = old.engine.prepare()
    reply = server.desk.exchange(quiet.body)
    late = old.weigh(child, 9100)
    old.engine.apply(reply)
    assert leaving.waiting(old.database) == [child]
    assert old.weight(late) == 9100
    assert old.status.unsent == 1
    with pytest.raises(Offline):
        old.sync(Deaf(server.desk))
    assert old.weight(late) == 9100
    done = old.sync()
    assert done.sent == 1
    assert done.statuses == {"quarantined": 1}
    assert not knows(old, child)
    assert server.status().statuses["quarantined"] == 1


def test_a_child_who_comes_back_brings_all_her_history(server, moved):
    child, _, old, bidan, new, above = moved
    before = above.digests()["measurement"]
    pass_days(server, old, 91)
    for laptop in (old, bidan, new):
        laptop.sync()
    assert not knows(old, child)
    new.scope = OTHER_VILLAGE
    new.log("child.transfer", child, {"to": POSYANDU, "date": "2027-03-01"})
    new.sync()
    for laptop in (old, bidan, above):
        assert laptop.sync().incidents == ()
        assert laptop.sync().incidents == ()
    assert old.database.number("SELECT count(*) FROM measurement WHERE child = ?", (child,)) == 2
    assert old.value(child, "name") == SECRET
    assert above.digests()["measurement"] == before
    log.verify_chain(old.database)


def test_a_removal_that_was_put_aside_and_forgotten_says_nothing_of_her_who_comes_back(server, moved):
    """Its content is gone with the child: what it had seen is not known any more, nor what it meant."""
    child, _, old, bidan, new, above = moved
    (measurement,) = old.database.rows("SELECT id FROM measurement WHERE weight_g = 8500")[0]
    base = list(log.entries_of(old.database, measurement)[0].key)
    changes = {"weight_g": {"v": 8600, "base": base}}
    bidan.log("measurement.correct", measurement, {"set": changes, "reason": "salah baca"})
    bidan.log("measurement.void", measurement, {"seen": [], "reason": "salah anak"})
    bidan.sync()
    old.scope = OTHER_POSYANDU  # for which this laptop may never write
    old.log("measurement.void", measurement, {"seen": [], "reason": "salah anak"})
    pass_days(server, old, 91)
    for laptop in (bidan, new):
        laptop.sync()
    assert old.sync().statuses == {"quarantined": 1}
    assert not knows(old, child)
    new.scope = OTHER_VILLAGE
    new.log("child.transfer", child, {"to": POSYANDU, "date": "2027-03-01"})
    new.sync()
    for laptop in (old, above):
        laptop.sync()
        assert laptop.database.rows("SELECT voided FROM measurement WHERE id = ?", (measurement,)) == [(1,)]
        assert laptop.database.rows("SELECT field FROM dispute") == []


def test_what_came_too_late_and_was_forgotten_stands_when_she_comes_back(server, moved):
    """It was put aside as outside; its author, who had to forget its content, is told it whole."""
    child, _, old, bidan, new, above = moved
    (measurement,) = old.database.rows("SELECT id FROM measurement WHERE weight_g = 8500")[0]
    late = old.weigh(child, 9100)
    old.log("measurement.void", measurement, {"seen": [], "reason": "salah anak"})
    old.edit(child, "phone", "0811")
    pass_days(server, old, 91)
    for laptop in (bidan, new):
        laptop.sync()
    assert old.sync().statuses == {"quarantined": 3}
    assert not knows(old, child)
    new.scope = OTHER_VILLAGE
    new.log("child.transfer", child, {"to": POSYANDU, "date": "2027-03-01"})
    new.sync()
    assert "quarantined" not in server.status().statuses
    for laptop in (old, bidan, above):
        assert laptop.sync().incidents == ()
        assert laptop.sync().incidents == ()
        assert laptop.weight(late) == 9100
        assert laptop.value(child, "phone") == "0811"
        assert laptop.database.rows("SELECT voided FROM measurement WHERE id = ?", (measurement,)) == [(1,)]
    assert old.status.quarantined == 0
    assert old.digests() == bidan.digests()
    assert old.database.rows("SELECT field FROM dispute") == above.database.rows("SELECT field FROM dispute")
    log.verify_chain(old.database)


def test_one_who_comes_back_before_the_ninety_days_is_never_forgotten(server, moved):
    child, _, old, bidan, new, _ = moved
    pass_days(server, old, 30)
    new.scope = OTHER_VILLAGE
    new.log("child.transfer", child, {"to": POSYANDU, "date": "2026-12-18"})
    new.sync()
    pass_days(server, old, 61)
    old.sync()
    assert knows(old, child)
    pass_days(server, old, 40)
    for laptop in (old, bidan, new):
        assert laptop.sync().incidents == ()
    assert knows(old, child)
    assert not knows(new, child)


def test_a_stick_that_was_read_already_forgets_nobody_again(server, moved):
    child, _, old, _, new, _ = moved
    pass_days(server, old, 91)
    reply = server.desk.exchange(old.engine.prepare().body)
    old.engine.apply(reply)
    new.scope = OTHER_VILLAGE
    new.log("child.transfer", child, {"to": POSYANDU, "date": "2027-03-01"})
    new.sync()
    old.sync()
    assert knows(old, child)
    old.engine.apply(reply)
    assert knows(old, child)


def test_an_answer_from_before_the_purge_gives_nothing_its_place_again(server, moved):
    child, _, old, bidan, *_ = moved
    old.weigh(child)
    early = server.desk.exchange(old.engine.prepare().body)
    pass_days(server, old, 91)
    for laptop in (old, bidan):
        laptop.sync()
    assert not knows(old, child)
    old.engine.apply(early)
    assert old.sync().incidents == ()
    assert not knows(old, child)


def test_what_a_colleague_hands_over_about_a_child_who_left_long_ago_is_let_go(server, make, tmp_path):
    old, mate, stick = make(), make(), UsbStick(tmp_path / "flashdisk")
    child = old.register(SECRET)
    old.sync()
    mate.sync()

    class Loses(Wire):
        def exchange(self, body: bytes) -> bytes:
            super().exchange(body)
            raise Offline

    mate.log("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    with pytest.raises(Offline):
        mate.sync(Loses(server.desk))
    pass_days(server, old, 91)
    old.sync()
    assert not knows(old, child)
    stick.export(old)
    stick.export(mate)
    assert [item.operations for item in stick.take(old).handed] == [1]
    assert old.statuses()["carried"] == 1
    assert old.sync().incidents == old.sync().incidents == ()
    assert "carried" not in old.statuses()
    assert old.database.number("SELECT count(*) FROM log WHERE entity = ? AND payload <> ''", (child,)) == 0
    assert not knows(old, child)
    assert carried.waiting(old.database) == []
    log.verify_chain(old.database)


def test_what_was_handed_over_in_several_stretches_is_let_go_all_of_it(server, make, tmp_path):
    """What the server holds it is asked about too: a stretch that did not fit into the first request."""
    old, bidan, stick = make(), make(VILLAGE), UsbStick(tmp_path / "flashdisk")
    bidan.scope = POSYANDU
    child = old.register(SECRET)
    for laptop in (old, bidan):
        laptop.sync()
    stick.export(old)
    for number in range(60):
        bidan.edit(child, "phone", f"0812{number}")
    there = str(uuid.uuid4())
    bidan.log("child.register", there, {"name": {"v": "Di sana", "base": None}}, OTHER_POSYANDU)
    bidan.edit(child, "address", "RT 2")
    move(bidan, child, OTHER_POSYANDU)
    pass_days(server, old, 91)
    for laptop in (bidan, old, old):
        laptop.sync()
    assert not knows(old, child)
    stick.export(bidan)
    assert [item.operations for item in stick.take(old).handed] == [62]
    for _ in range(2):
        assert old.sync().incidents == ()
    assert not knows(old, child)
    assert old.statuses().keys() == {"applied"}
    assert carried.waiting(old.database) == []


def test_what_a_colleague_wrote_about_her_since_is_let_go_once_the_server_has_put_it_aside(
    server, make, tmp_path
):
    old, mate, stick = make(), make(), UsbStick(tmp_path / "flashdisk")
    child = old.register(SECRET)
    old.sync()
    mate.sync()
    move(old, child)
    pass_days(server, old, 91)
    old.sync()
    mate.log("child.set", child, {"phone": {"v": "0815", "base": None}})
    stick.export(old)
    stick.export(mate)
    assert [item.operations for item in stick.take(old).handed] == [1]
    assert old.sync().incidents == ()
    assert server.status().statuses["quarantined"] == 1
    assert not knows(old, child)
    assert old.status.quarantined == 0
    mate.sync()
    assert mate.status.quarantined == 0, "she has to forget the child, too"
    assert (carried.waiting(old.database), old.sync().incidents) == ([], ())


def test_a_child_whom_a_colleague_has_moved_out_of_the_district_stays_once_the_server_has_put_that_aside(
    server, make, tmp_path
):
    kader, bidan, stick = make(), make(VILLAGE), UsbStick(tmp_path / "flashdisk")
    child = kader.register(SECRET)
    kader.sync()
    bidan.sync()
    kader.log("child.transfer", child, {"to": "33.74.01.1001.001", "date": "2026-11-18"})
    stick.export(bidan)
    stick.export(kader)
    assert [item.operations for item in stick.take(bidan).handed] == [1]
    for _ in range(2):
        assert bidan.sync().incidents == ()
    found = children.get(bidan.database, child)
    assert found is not None
    assert found.scope == POSYANDU
    assert carried.waiting(bidan.database) == []
    kader.sync()
    assert kader.status.quarantined == 1


def test_nobody_is_forgotten_whose_record_is_carried_in_one_stretch_with_what_is_nowhere_else(
    server, make, tmp_path
):
    """A stretch is signed as a whole: with one of its records gone none of them could be sent any more."""
    old, mate = make(), make()
    child = old.register(SECRET)
    old.sync()
    mate.sync()
    cards = UsbStick(tmp_path / "cards")
    cards.export(old)
    cards.export(mate)

    class Loses(Wire):
        def exchange(self, body: bytes) -> bytes:
            super().exchange(body)
            raise Offline

    mate.weigh(child)
    with pytest.raises(Offline):
        mate.sync(Loses(server.desk))
    move(old, child)
    fresh = mate.register("Baru")
    stick = UsbStick(tmp_path / "flashdisk")
    stick.export(mate)
    pass_days(server, old, 91)
    stick.take(old)
    assert old.statuses()["carried"] == 1, "the weighing was heard from the Dinas"
    old.engine.apply(server.desk.exchange(old.engine.prepare(10).body))
    assert leaving.waiting(old.database) == [child]
    assert old.sync().incidents == ()
    assert server.status().statuses == {"applied": 4}
    assert old.value(fresh, "name") == "Baru"
    assert not knows(old, child)
    assert (carried.waiting(old.database), leaving.waiting(old.database)) == ([], [])
    assert old.sync().incidents == ()


def test_what_a_colleague_hands_over_stays_while_the_order_is_not_heard_to_its_end(server, make, tmp_path):
    old, mate, stick = make(), make(), UsbStick(tmp_path / "flashdisk")
    old.sync()
    for _ in range(60):
        mate.register("Satu")
    stick.export(old)
    stick.export(mate)
    stick.take(old)
    reply = server.desk.exchange(old.engine.prepare(50).body)
    assert old.engine.apply(reply).more, "its page has 50 of the 60, its receipts are for all"
    assert old.statuses() == {"applied": 50, "elsewhere": 10}
    assert old.database.number("SELECT count(*) FROM child") == 60
    assert old.sync().incidents == ()
    assert old.statuses() == {"applied": 60}
    assert old.database.number("SELECT count(*) FROM child") == 60


def test_a_restored_server_keeps_what_others_wrote_about_what_the_old_posyandu_had_to_forget(
    server, make, tmp_path
):
    """What comes without its content was forgotten after a move: no law said that others' goes too."""
    old, colleague, bidan = make(), make(), make(VILLAGE)
    backup = servers.back_up(server)
    child = old.register(SECRET)
    measurement = old.weigh(child)
    for laptop in (old, colleague, bidan):
        laptop.sync()
    bidan.log("child.transfer", child, {"to": OTHER_POSYANDU, "date": "2026-11-18"}, POSYANDU)
    bidan.sync()
    change = {"weight_g": {"v": 8123, "base": None}}
    kept = colleague.log("measurement.correct", measurement, {"set": change, "reason": "lama"})
    server.time.move(91 * DAY_MS)
    for laptop in (old, colleague, bidan):
        laptop.clock.move(timedelta(days=91))
    old.sync()
    assert not knows(old, child)
    stick = UsbStick(tmp_path / "flashdisk")
    stick.export(old)
    stick.export(colleague)
    stick.take(old)
    servers.put_back(server, backup)
    admin.restored(server.store)
    old.sync()
    colleague.sync()
    with server.store.read() as connection:
        kept_here = schema.op.c.replica == colleague.database.replica
        ((body, erased),) = connection.execute(select(schema.op.c.body, schema.op.c.erased).where(kept_here))
    assert "8123" in body
    assert erased is None
    assert log.entry(colleague.database, kept).operation.payload is not None


# erasure by law


def test_an_erasure_drops_the_content_everywhere_and_keeps_the_chains(server, make):
    kader, bidan, above = make(), make(VILLAGE), make("32.11")
    child, stays = kader.register(SECRET), kader.register("Tinggal")
    measurement = kader.weigh(child)
    for laptop in (kader, bidan, above):
        laptop.sync()
    assert admin.erase(server.store, card_codes.code_of(child).lower(), "Surat 12/2026") == 2
    with pytest.raises(UserError):
        admin.erase(server.store, "8c1f4f1e-9a0b-4c3d-8e2f-1a2b3c4d5e6f", "x")
    late = kader.log(
        "measurement.correct", measurement, {"set": {"weight_g": {"v": 1, "base": None}}, "reason": SECRET}
    )
    kader.weigh(child, 9999)
    for laptop in (kader, bidan, above):
        assert laptop.sync().incidents == ()
        assert laptop.sync().incidents == ()
        assert not knows(laptop, child)
        assert knows(laptop, stays)
    log.verify_chain(kader.database)
    assert log.entry(kader.database, late).operation.payload is None
    assert kader.status.quarantined == 0
    fresh = make(VILLAGE)
    assert fresh.sync().incidents == ()
    assert not knows(fresh, child)
    assert fresh.digests() == kader.digests() == bidan.digests()
    with server.store.read() as connection:
        from sqlalchemy import text

        bodies = "".join(connection.scalars(text("SELECT body FROM op")))
        rows = "".join(connection.scalars(text("SELECT body FROM row")))
    assert SECRET not in bodies + rows
    assert "9999" not in bodies
    with server.store.write() as connection:
        admin.rebuild(connection)
    assert bidan.sync().incidents == ()


@on_sqlite_alone
def test_an_erasure_leaves_nothing_in_the_servers_files_while_it_serves(server, make):
    kader = make()
    child = kader.register(SECRET)
    kader.edit(child, "address", SECRET * 20)
    kader.edit(child, "address", None)
    for number in range(50):
        kader.register(f"Anak {number}")
    kader.sync()

    def holding() -> set[str]:
        files = server.district.folder.iterdir()
        return {file.name for file in files if SECRET.encode() in file.read_bytes()}

    assert holding()
    event.listen(server.store._engine, "checkout", lambda line, *_: line.execute("PRAGMA busy_timeout = 50"))
    with server.store.read() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM op").fetchall()
        with pytest.raises(UserError):
            admin.erase(server.store, child, "Surat 12/2026")
    assert admin.erase(server.store, child, "Surat 12/2026") == 0
    assert holding() == set()
    assert server.status().statuses == {"applied": 53}
    assert kader.sync().incidents == ()


def test_what_is_written_about_an_erased_child_after_the_order_was_heard_goes_as_well(server, make):
    """The order was heard and carried out; the server puts aside what comes later, and nobody keeps it."""
    kader = make()
    child = kader.register(SECRET)
    kader.sync()
    admin.erase(server.store, child, "Surat 12/2026")
    kader.sync()
    assert not knows(kader, child)
    kader.weigh(child, 9999)
    kader.sync()
    assert kader.status.unsent == 0
    assert not knows(kader, child)
    assert kader.database.number("SELECT count(*) FROM measurement") == 0
    log.verify_chain(kader.database)


def test_what_comes_with_its_correction_after_an_erasure_is_kept_without_either_content(server, make):
    kader = make()
    child = kader.register(SECRET)
    kader.sync()
    admin.erase(server.store, child, "Surat 12/2026")
    visit = kader.weigh(child)
    kader.log(
        "measurement.correct", visit, {"set": {"weight_g": {"v": 9999, "base": None}}, "reason": SECRET}
    )
    assert kader.sync().incidents == ()
    assert server.status().statuses == {"applied": 1, "quarantined": 2}
    assert kader.status.held == kader.status.quarantined == 0
    with server.store.read() as connection:
        from sqlalchemy import text

        assert SECRET not in "".join(connection.scalars(text("SELECT body FROM op")))


def test_what_a_colleague_who_has_not_heard_of_an_erasure_hands_over_is_let_go(server, make, tmp_path):
    old, mate, stick = make(), make(), UsbStick(tmp_path / "flashdisk")
    child = old.register(SECRET)
    for laptop in (old, mate):
        laptop.sync()
    other = mate.register("Lain")
    admin.erase(server.store, child, "Surat 12/2026")
    old.sync()
    assert not knows(old, child)
    mate.weigh(child)
    mate.edit(child, "name", SECRET)
    stick.export(old)
    stick.export(mate)
    assert [item.operations for item in stick.take(old).handed] == [3]
    for laptop in (old, old, mate):
        assert laptop.sync().incidents == ()
    for laptop in (old, mate):
        assert not knows(laptop, child)
        assert laptop.value(other, "name") == "Lain"
    assert carried.waiting(old.database) == []
    assert old.status.quarantined == 0


def test_a_carried_stretch_of_which_something_was_erased_is_not_kept_for_ever(server, make, tmp_path):
    """It cannot be sent as it was signed; what of it stands nowhere here is with its author."""
    old, mate, stick = make(), make(), UsbStick(tmp_path / "flashdisk")
    child = old.register(SECRET)
    for laptop in (old, mate):
        laptop.sync()
    mate.weigh(child)
    mate.log("recommendation.record", str(uuid.uuid4()), {"child": mate.register("Lain"), "text": "PMT"})
    stick.export(old)
    stick.export(mate)
    stick.take(old)
    assert [stretch.left_out == "[]" for stretch in carried.waiting(old.database)] == [False]
    mate.sync()
    admin.erase(server.store, child, "Surat 12/2026")
    request = old.engine.prepare(1)
    old.engine.apply(server.desk.exchange(request.body))
    for _ in range(2):
        assert old.sync().incidents == ()
    assert carried.waiting(old.database) == []
    assert not knows(old, child)


def test_a_stretch_that_comes_after_the_erasure_of_something_in_it_reaches_the_server(server, make, tmp_path):
    """What was emptied here goes along as the hash of what it was; the rest of the stretch is news."""
    old, mate, stick = make(), make(), UsbStick(tmp_path / "flashdisk")
    old.sync()
    stick.export(old)
    child = mate.register(SECRET)
    mate.sync()
    old.sync()
    admin.erase(server.store, child, "Surat 12/2026")
    old.sync()
    mate.edit(child, "name", SECRET)
    other = mate.register("Lain")
    stick.export(mate)
    assert [item.operations for item in stick.take(old).handed] == [2]
    for _ in range(2):
        assert old.sync().incidents == ()
    assert carried.waiting(old.database) == []
    assert not knows(old, child)
    assert old.value(other, "name") == "Lain"
    assert server.status().statuses == {"applied": 2, "quarantined": 1}
    assert mate.sync().incidents == ()
    assert not knows(mate, child)


@pytest.mark.parametrize("why", [leaving.PURGE, leaving.ERASE])
def test_what_was_written_under_the_ids_of_others_takes_nothing_of_theirs_along(server, make, tmp_path, why):
    """Handed over by stick it stands at the midwife's before the server has judged it."""
    neighbour, bad, bidan, stick = make(), make(), make(VILLAGE), UsbStick(tmp_path / "flashdisk")
    bidan.scope = POSYANDU
    stays = neighbour.register("Tetangga")
    measurement, visit = neighbour.weigh(stays, 8100), str(uuid.uuid4())
    neighbour.log("visit.record", visit, {"child": stays, "date": "2026-11-18"})
    for laptop in (neighbour, bidan):
        laptop.sync()
    read = list(log.entries_of(bidan.database, measurement)[0].key)
    changes = {"weight_g": {"v": 8200, "base": read}}
    bidan.log("measurement.correct", measurement, {"set": changes, "reason": "salah baca"})
    for laptop in (bidan, neighbour):
        laptop.sync()
    before = neighbour.digests()
    bad.clock.move(timedelta(days=-300))
    child = bad.register(SECRET)
    bad.sync()
    bidan.sync()
    for entity in (stays, measurement, visit):
        for kind in ("visit", "dose", "measurement"):
            bad.log(f"{kind}.record", entity, {"child": child, "date": "2026-01-20", "weight_g": 7000})
    bad.log("visit.correct", measurement, {"set": {"note": {"v": SECRET, "base": None}}, "reason": SECRET})
    stick.export(bidan)
    stick.export(bad)
    assert [item.operations for item in stick.take(bidan).handed] == [10]
    if why == leaving.ERASE:
        admin.erase(server.store, child, "Surat 12/2026")
    else:
        move(bad, child)
        pass_days(server, bidan, 91)
    for _ in range(3):
        assert bidan.sync().incidents == ()
    assert not knows(bidan, child)
    assert bidan.digests() == before
    assert bidan.weight(measurement) == 8200
    assert bidan.value(stays, "name") == "Tetangga"
    emptied = "SELECT count(*) FROM log WHERE payload IS NULL AND replica <> ?"
    assert bidan.database.number(emptied, (bad.database.replica,)) == 0
    assert bidan.statuses().keys() <= {"applied"}
    log.verify_chain(bidan.database)


@pytest.mark.parametrize("record_first", [True, False])
def test_an_erasure_drops_what_changes_a_record_that_never_stood(server, make, record_first):
    """They wait for a record that was put aside, or that comes after the erasure."""
    kader = make()
    child = kader.register(SECRET)
    kader.sync()
    visit, bad = str(uuid.uuid4()), {"child": child, "date": "kemarin", "weight_g": 8400}
    changes = {"weight_g": {"v": 9999, "base": None}}
    kader.log("measurement.correct", visit, {"set": changes, "reason": SECRET})
    kader.log("measurement.void", visit, {"seen": [], "reason": SECRET})
    kader.log("measurement.correct", visit, {"set": [SECRET], "reason": "rusak"})
    kader.sync()
    if record_first:
        kader.log("measurement.record", visit, bad)
        kader.sync()
    admin.erase(server.store, child, "Surat 12/2026")
    if not record_first:
        kader.log("measurement.record", visit, bad)
    assert kader.sync().incidents == ()
    assert kader.sync().incidents == ()
    assert not knows(kader, child)
    with server.store.read() as connection:
        from sqlalchemy import text

        bodies = "".join(connection.scalars(text("SELECT body FROM op")))
    assert SECRET not in bodies
    assert "9999" not in bodies
    assert kader.status.held == kader.status.quarantined == 0
    log.verify_chain(kader.database)


def test_an_erasure_reaches_what_gave_way_to_another_copy_of_its_writers_disk(server, make, tmp_path):
    first, bidan = make(), make(VILLAGE)
    first.sync()
    backup_of_server = servers.back_up(server)
    twin = a_copy(first, tmp_path)
    child = twin.register(SECRET)
    twin.weigh(child)
    for laptop in (twin, bidan):
        laptop.sync()
    servers.put_back(server, backup_of_server)
    admin.restored(server.store)
    first.register("Lain")
    first.register("Lagi")
    for laptop in (first, bidan, twin, bidan):
        laptop.sync()
    assert bidan.database.number("SELECT count(*) FROM displaced") == 2
    admin.erase(server.store, child, "Surat 12/2026")
    for laptop in (twin, bidan):
        assert laptop.sync().incidents == ()
        assert not knows(laptop, child)
    twin.database.close()


def test_a_restored_server_gets_erased_operations_back_without_their_content(server, make):
    kader = make()
    kader.register("Pertama")
    kader.sync()
    backup = servers.back_up(server)
    child = kader.register(SECRET)
    kader.weigh(child)
    kader.register("Sesudah")
    kader.sync()
    admin.erase(server.store, child, "Surat 12/2026")
    kader.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    done = kader.sync()
    assert "new_epoch" in done.incidents
    assert kader.status.unsent == 0
    assert server.status().statuses == {"applied": 2, "quarantined": 2}
    assert not knows(kader, child)


# another area


def test_a_laptop_with_another_area_hears_the_new_and_forgets_the_old(server, make):
    kader, other, bidan = make(), make(OTHER_POSYANDU), make(VILLAGE)
    child, there = kader.register(SECRET), other.register("Di sana")
    for laptop in (kader, other, bidan):
        laptop.sync()
    kader.weigh(child, 8123)
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    done = kader.sync()
    assert "new_scope" in done.incidents
    assert done.sent == 1
    assert kader.peer.scope == OTHER_POSYANDU
    assert kader.sync().incidents == ()
    assert not knows(kader, child)
    assert knows(kader, there)
    log.verify_chain(kader.database)
    assert server.status().statuses == {"applied": 3}, "what was written in the old area still stands"
    bidan.sync()
    assert bidan.database.number("SELECT count(*) FROM measurement WHERE weight_g = 8123") == 1
    kader.scope = OTHER_POSYANDU
    kader.weigh(there)
    kader.sync()
    other.sync()
    assert other.digests() == kader.digests()


def test_a_laptop_that_joins_again_counts_nothing_of_a_child_it_had_to_forget(server, moved):
    """It sends all of its log again, as it has another name; who left is not in its reading."""
    child, _stays, old, *_ = moved
    pass_days(server, old, 91)
    old.sync()
    assert not knows(old, child)
    code, *_ = admin.issue_code(server.district, server.store, POSYANDU, days=365)
    enrol(old.database, Wire(server.desk), code, "Laptop Uji")
    for _ in range(2):
        assert old.sync().incidents == ()
        pass_days(server, old, 2)
    assert old.status.unsent == 0
    assert not knows(old, child)


def test_what_is_changed_later_about_somebody_of_the_old_area_counts_there(server, make):
    """Who worked in the old area stays known on the laptop; what is said of them is read there."""
    kader, mate = make(), make()
    person = str(uuid.uuid4())
    kader.log("user.register", person, {"name": {"v": "Ibu Uji", "base": None}})
    sync = (kader.sync(), mate.sync())
    assert all(done.incidents == () for done in sync)
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    key = kader.log("user.set", person, {"name": {"v": "Ibu Uji Baru", "base": None}})
    for _ in range(2):
        done = kader.sync()
        assert done.incidents == ()
        pass_days(server, kader, 2)
    assert kader.status.unsent == 0
    entry = log.entry(kader.database, key)
    assert entry is not None
    assert (entry.status, entry.ss) == ("applied", None)
    mate.sync()
    assert mate.database.number("SELECT count(*) FROM log WHERE entity = ?", (person,)) == 2


def test_the_children_of_the_old_area_leave_the_screens_though_the_new_one_brings_nothing(server, make):
    kader = make()
    child = kader.register(SECRET)
    kader.sync()
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    done = kader.sync()
    assert not knows(kader, child)
    assert child in done.changed


def test_a_laptop_with_another_area_joins_again_there_and_nowhere_else(server, make):
    kader, other = make(), make(OTHER_POSYANDU)
    kader.database.set_meta("scope", POSYANDU)  # as it was set up
    child, there = kader.register(SECRET), other.register("Di sana")
    for laptop in (kader, other):
        laptop.sync()
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    for area in (POSYANDU, OTHER_VILLAGE):
        with pytest.raises(UserError, match=f"Minta kode untuk wilayah {OTHER_POSYANDU}"):
            enrol(kader.database, Wire(server.desk), server.code(area), "Laptop")
        assert kader.sync().incidents == (), "it goes on as before"
    enrol(kader.database, Wire(server.desk), server.code(OTHER_POSYANDU), "Laptop")
    kader.sync()
    assert kader.sync().incidents == ()
    assert (knows(kader, child), knows(kader, there)) == (False, True)
    kader.scope = OTHER_POSYANDU
    kader.weigh(there)
    kader.sync()
    other.sync()
    assert other.digests() == kader.digests()


def test_a_laptop_that_was_never_set_up_joins_again_in_its_area_only(server, make):
    """It has no user yet; what it holds is of the area it joined with."""
    kader = make()
    kader.register(SECRET)
    kader.sync()
    with pytest.raises(UserError, match=f"Minta kode untuk wilayah {POSYANDU}"):
        enrol(kader.database, Wire(server.desk), server.code(OTHER_POSYANDU), "Laptop")
    enrol(kader.database, Wire(server.desk), server.code(VILLAGE), "Laptop")
    kader.sync()
    assert kader.sync().incidents == ()


def test_a_laptop_that_is_given_its_old_area_back_gets_its_own_records_back(server, make):
    """It had to forget their content: it is told them whole, though it has their envelopes."""
    kader, bidan = make(), make(VILLAGE)
    child = kader.register(SECRET)
    kader.weigh(child, 8123)
    kader.sync()
    bidan.sync()
    for area in (OTHER_VILLAGE, POSYANDU):
        admin.rescope(server.district, server.store, kader.peer.device, area)
        assert kader.sync().incidents == ("new_scope",)
        assert kader.sync().incidents == ()
        assert knows(kader, child) is (area == POSYANDU)
    assert kader.digests() == bidan.digests()
    log.verify_chain(kader.database)
    kader.weigh(child, 8200)
    assert kader.sync().received == 0, "what it has just sent is not told back"


def test_what_a_restored_server_put_aside_of_an_area_given_since_stands_when_it_is_given_again(server, make):
    kader, other = make(), make(OTHER_VILLAGE)
    child = other.register(SECRET)
    other.sync()
    backup = servers.back_up(server)
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_VILLAGE)
    kader.sync()
    kader.scope = OTHER_VILLAGE
    kader.weigh(child, 9100)
    kader.sync()
    assert server.status().statuses == {"applied": 2}
    servers.put_back(server, backup)
    admin.restored(server.store)
    proofs.forget_area(kader.database)  # an older program has not kept it
    kader.sync()
    assert server.status().statuses == {"applied": 1, "quarantined": 1}
    assert kader.sync().incidents == ()
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_VILLAGE)
    assert server.status().statuses == {"applied": 2}
    assert kader.sync().incidents == ("new_scope",)
    for laptop in (other, kader):
        laptop.sync()
        assert laptop.sync().incidents == ()
    assert kader.digests() == other.digests()


def test_what_was_written_of_a_child_and_never_receipted_keeps_her_not_in_another_area(server, make):
    """The answer was lost, and when it was asked for again the laptop had another area."""
    kader, mate = make(), make()
    child = mate.register(SECRET)
    mate.sync()
    kader.sync()
    kader.edit(child, "phone", "0811")
    kader.edit(child, "phone", "0812")

    class Loses(Wire):
        def exchange(self, body: bytes) -> bytes:
            super().exchange(body)
            raise Offline

    with pytest.raises(Offline):
        kader.sync(Loses(server.desk))
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.engine.apply(server.desk.exchange(kader.engine.prepare(1).body))
    kader.sync()
    assert kader.status.unsent == 0
    assert not knows(kader, child)
    log.verify_chain(kader.database)


def test_what_was_written_of_a_child_handed_over_goes_with_her_when_the_area_is_another(
    server, make, tmp_path
):
    """A colleague handed her over, she was weighed here, and the laptop was given another area since."""
    kader, mate, stick = make(), make(), UsbStick(tmp_path / "flashdisk")
    child = mate.register(SECRET)
    stick.export(kader)
    stick.export(mate)
    assert [item.operations for item in stick.take(kader).handed] == [1]
    kader.weigh(child)
    kader.log("dose.record", "01a1999a-553c-77f1-81be-5799daf916f0", {"child": child, "date": "2026-11-18"})
    mate.sync()
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    kader.sync()
    assert kader.status.unsent == 0
    assert not knows(kader, child)
    assert kader.database.number("SELECT count(*) FROM other_row WHERE child = ?", (child,)) == 0
    log.verify_chain(kader.database)


def test_what_the_server_holds_back_of_the_old_area_is_let_go_with_it(server, make, tmp_path):
    """A colleague's measurement of a child whom nobody has registered yet came by stick."""
    kader, mate, stick = make(), make(), UsbStick(tmp_path / "flashdisk")
    measurement = mate.weigh("9c18e0ce-4a52-4650-adfa-0b7df1c4891e")
    stick.export(kader)
    stick.export(mate)
    assert [item.operations for item in stick.take(kader).handed] == [1]
    for laptop in (mate, kader):
        laptop.sync()
        assert laptop.statuses() == {"held": 1}
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    kader.sync()
    assert log.entries_of(kader.database, measurement) == []
    assert kader.statuses() == {}
    assert mate.statuses() == {"held": 1}


def test_what_comes_from_an_area_left_long_ago_is_put_aside(server, make):
    kader = make()
    child = kader.register()
    kader.sync()
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    import time

    server.time.now = time.time_ns() // 1_000_000 + 91 * DAY_MS
    kader.weigh(child)
    kader.sync()
    assert server.status().statuses == {"applied": 1, "quarantined": 1}


def test_a_child_of_an_area_left_long_ago_is_forgotten_though_what_was_changed_there_is_put_aside(
    server, make
):
    """The server keeps the change for the Dinas; the laptop has no business with the child any more."""
    kader = make()
    child, alone = kader.register(), kader.register("Hanya di sini")
    kader.sync()
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    server.time.now = time.time_ns() // 1_000_000 + 91 * DAY_MS
    kader.edit(child, "address", "Kp. 9")
    kader.weigh(child)
    late = kader.register("Terlambat")
    kader.sync()
    assert server.status().statuses == {"applied": 2, "quarantined": 3}
    assert not knows(kader, child)
    assert not knows(kader, alone)
    assert knows(kader, late), "the server knows of nobody else who has her"
    assert kader.sync().incidents == ()


def test_a_wider_area_keeps_all_and_hears_the_rest(server, make):
    kader, other = make(), make(OTHER_POSYANDU)
    child, there = kader.register(), other.register("Di sana")
    kader.sync()
    other.sync()
    admin.rescope(server.district, server.store, kader.peer.device, VILLAGE)
    kader.sync()
    assert kader.sync().incidents == ()
    assert knows(kader, child)
    assert knows(kader, there)


def test_an_area_of_another_district_is_refused(server, make):
    kader = make()
    with pytest.raises(UserError):
        admin.rescope(server.district, server.store, kader.peer.device, "33.01")
    with pytest.raises(UserError):
        admin.rescope(server.district, server.store, "8c1f4f1e-9a0b-4c3d-8e2f-1a2b3c4d5e6f", VILLAGE)


# revoked


def test_a_revoked_laptop_is_to_wipe_only_when_all_of_its_log_was_taken(server, make):
    """F22."""
    laptop = make()
    laptop.register()
    laptop.sync()
    admin.revoke(server.store, laptop.peer.device)
    for _ in range(120):
        laptop.register()
    engine = laptop.engine
    ordered, due = [], []
    while not due or not due[-1]:
        exchanged = engine.apply(server.desk.exchange(engine.prepare(50).body))
        ordered.append(exchanged.wipe_ordered)
        due.append(exchanged.wipe_due)
        assert exchanged.wipe_due == (laptop.status.unsent == 0)
    assert ordered == [True, True, True]
    assert due == [False, False, True]
    assert server.status().statuses == {"applied": 1, "quarantined": 120}


def test_a_newer_server_tells_an_older_laptop_that_it_cannot_show_all(server, make, monkeypatch):
    from posyandu_app.district import desk

    laptop = make()
    laptop.register()
    laptop.sync()
    assert not laptop.status.outdated
    monkeypatch.setattr(desk, "PROJECTION_VERSION", 99)
    laptop.sync()
    assert laptop.status.outdated
    assert "perbarui aplikasi" in laptop.status.message
    monkeypatch.undo()
    laptop.sync()
    assert not laptop.status.outdated


def test_a_receipt_that_was_lost_for_what_stands_aside_comes_again(server, make):
    """The watermark covers it, and no page of the feed would ever name it."""
    laptop = make()
    laptop.log(
        "child.register", "8c1f4f1e-9a0b-4c3d-8e2f-1a2b3c4d5e6f", {"name": {"v": "X", "base": None}}, "99.11"
    )
    request = json.loads(laptop.engine.prepare().body)
    assert request["segments"]
    server.desk.exchange(laptop.engine.prepare().body)
    laptop.engine.apply(server.desk.exchange(laptop.engine.prepare(1).body))
    with laptop.database.atomic():
        laptop.database.run("UPDATE log SET status = 'local', why = NULL, message = NULL")
    laptop.sync()
    assert laptop.statuses() == {"quarantined": 1}
    assert laptop.status.quarantined == 1

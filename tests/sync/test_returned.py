"""What a restored server has lost comes back from those who had been told it (sync rule 16)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from posyandu_app.district import admin, incidents, schema
from posyandu_app.district.schema import NO_CHAIN
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.operations import OpKey
from posyandu_app.storage import log, proofs, returned
from posyandu_app.storage.log import NewOperation
from posyandu_app.sync.trouble import Refused
from tests.district import server as servers
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE
from tests.sync.laptops import ACTOR, Laptop, a_copy
from tests.sync.sticks import UsbStick

DAY_MS = 24 * 60 * 60 * 1000
SECRET = "Rahasia Kembali"


@pytest.fixture
def lost(server, make):
    """A server that was put back to before a child was written down; who wrote it, and who has read it."""
    kader, bidan, above = make(), make(VILLAGE), make("32.11")
    kader.register("Sebelumnya")
    everybody = (kader, bidan, above)
    sync(*everybody)
    backup = servers.back_up(server)
    child = kader.register(SECRET)
    measurement = kader.weigh(child)
    sync(*everybody)

    def put_back() -> None:
        servers.put_back(server, backup)
        admin.restored(server.store)

    return kader, bidan, above, child, measurement, put_back


def sync(*laptops: Laptop) -> None:
    for laptop in laptops:
        laptop.sync()


def pass_days(server, days: int, *laptops: Laptop) -> None:
    server.time.move(days * DAY_MS)
    for laptop in laptops:
        laptop.clock.move(timedelta(days=days))


def knows(server, entity: str) -> bool:
    with server.store.read() as connection:
        return (
            connection.execute(select(schema.row.c.entity).where(schema.row.c.entity == entity)).first()
            is not None
        )


def weighed(laptop: Laptop, child: str) -> int:
    return laptop.database.number("SELECT count(*) FROM measurement WHERE child = ?", (child,))


def test_what_a_laptop_that_is_no_more_had_sent_comes_back_from_who_has_read_it(server, make, lost):
    _dead, bidan, above, child, measurement, put_back = lost
    put_back()
    sync(bidan, above)
    assert not knows(server, child)
    pass_days(server, 7, bidan, above)
    done = bidan.sync()
    assert done.incidents == ()
    assert knows(server, child)
    assert knows(server, measurement)
    successor = make()
    sync(successor, above)
    assert weighed(successor, child) == 1
    for laptop in (bidan, above, successor):
        assert laptop.sync().incidents == ()
    assert bidan.digests() == above.digests() == successor.digests()
    assert server.status().statuses == {"applied": 3}


def test_what_comes_back_can_be_gone_on_with(server, make, lost):
    _dead, bidan, _above, child, _measurement, put_back = lost
    put_back()
    bidan.sync()
    bidan.scope = POSYANDU
    bidan.weigh(child, 9100)
    bidan.sync()
    assert server.status().statuses == {"applied": 1, "held": 1}
    pass_days(server, 7, bidan)
    bidan.sync()
    assert server.status().statuses == {"applied": 4}
    assert bidan.status.held == 0
    successor = make()
    successor.sync()
    assert weighed(successor, child) == 2
    assert successor.digests() == bidan.digests()


def test_authors_are_given_a_week_to_bring_theirs_themselves(server, lost):
    kader, bidan, above, child, _, put_back = lost
    put_back()
    sync(bidan)
    pass_days(server, 6, bidan, kader)
    sync(bidan)
    assert not knows(server, child)
    sync(kader)
    assert knows(server, child)
    pass_days(server, 8, bidan, kader)
    sync(bidan, above)
    with server.store.read() as connection:
        assert connection.scalars(select(schema.op.c.seq).where(schema.op.c.chain == NO_CHAIN)).all() == []


def test_it_becomes_part_of_its_authors_log_when_that_comes(server, lost):
    kader, bidan, above, child, _measurement, put_back = lost
    put_back()
    sync(bidan)
    pass_days(server, 7, bidan, above, kader)
    sync(bidan, above)
    kader.weigh(child, 8800)
    done = kader.sync()
    assert done.incidents == ("new_epoch",)
    assert kader.status.unsent == 0
    assert server.status().statuses == {"applied": 4}
    with server.store.read() as connection:
        chains = connection.execute(
            select(schema.op.c.seq, schema.op.c.chain).order_by(schema.op.c.seq)
        ).all()
    assert [bytes(chain) for _, chain in chains] == [log.hash_at(kader.database, seq) for seq, _ in chains]
    sync(bidan, above)
    for laptop in (kader, bidan, above):
        assert laptop.sync().incidents == ()
    assert kader.digests() == bidan.digests() == above.digests()


def test_a_laptop_that_had_to_forget_what_it_wrote_gets_its_content_told_by_others(server, make, lost):
    kader, bidan, above, child, _measurement, put_back = lost
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    assert weighed(kader, child) == 0
    put_back()
    sync(kader, bidan, above)
    assert server.status().statuses == {"applied": 1, "quarantined": 2}
    pass_days(server, 7, kader, bidan, above)
    sync(above)
    assert server.status().statuses == {"applied": 3}
    successor = make()
    sync(bidan, successor, kader)
    assert weighed(successor, child) == 1
    for laptop in (kader, bidan, above, successor):
        assert laptop.sync().incidents == ()
    assert successor.digests() == bidan.digests() == above.digests()
    assert (kader.peer.scope, kader.digests()) == (OTHER_POSYANDU, {})
    assert kader.status.quarantined == 0


def test_what_the_law_has_emptied_stays_empty(server, lost):
    kader, bidan, above, child, _measurement, put_back = lost
    admin.erase(server.store, child, "Surat 12/2026")
    kader.sync()  # and the others have not heard of it
    put_back()
    sync(kader, bidan, above)
    pass_days(server, 7, kader, bidan, above)
    sync(bidan, above, kader)
    assert server.status().statuses == {"applied": 1, "quarantined": 2}
    assert not knows(server, child)


def forgotten_by(*laptops: Laptop) -> bool:
    return all(
        not laptop.database.rows("SELECT 1 FROM log WHERE payload LIKE ?", (f"%{SECRET}%",))
        for laptop in laptops
    )


def test_whoever_heard_of_an_erasure_tells_it_a_server_that_was_put_back(server, make, lost):
    kader, bidan, above, child, _measurement, put_back = lost
    admin.erase(server.store, child, "Surat 12/2026")
    above.sync()  # her posyandu has not heard of it, and sends her again
    put_back()
    sync(kader)
    assert knows(server, child)
    assert not forgotten_by(kader)
    sync(above)
    assert not knows(server, child)
    sync(kader, bidan)
    assert forgotten_by(kader, bidan, above)
    successor = make()
    successor.sync()
    assert forgotten_by(successor)
    for laptop in (kader, bidan, above):
        assert laptop.sync().incidents == ()
    with server.store.read() as connection:
        assert [one.detail for one in incidents.known(connection) if one.what == "erased_again"] == ["1"]


def test_who_gives_back_what_the_law_has_emptied_hears_of_it(server, make, lost):
    _dead, bidan, above, child, _measurement, put_back = lost
    admin.erase(server.store, child, "Surat 12/2026")
    above.sync()
    put_back()
    sync(above, bidan)
    pass_days(server, 7, bidan, above)
    bidan.sync()
    assert not knows(server, child)
    assert forgotten_by(bidan)
    assert server.status().statuses == {"applied": 1, "quarantined": 2}
    for laptop in (bidan, above):
        assert laptop.sync().incidents == ()
    assert bidan.digests() == above.digests()


def test_an_erasure_is_told_again_whenever_the_server_is_put_back(server, lost):
    kader, _bidan, above, child, _measurement, put_back = lost
    admin.erase(server.store, child, "Surat 12/2026")
    sync(kader, above)
    for _ in range(2):
        put_back()
        sync(above)
        assert proofs.to_tell(above.database) == {}, "it was heard"
        with server.store.read() as connection:
            assert connection.scalars(select(schema.erasure.c.subject)).all() == [child]


def test_who_has_read_of_an_erased_child_forgets_her_though_the_server_had_lost_her(server, lost):
    """What her posyandu had to forget stands without its content, and so lies in nobody's reading."""
    kader, bidan, above, child, _measurement, put_back = lost
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    put_back()
    sync(kader, bidan)
    admin.erase(server.store, child, "Surat 12/2026")
    pass_days(server, 7, kader, bidan, above)
    sync(above, bidan, kader)
    assert server.status().statuses == {"applied": 1, "quarantined": 2}
    assert [laptop.value(child, "name") for laptop in (kader, bidan, above)] == [None] * 3
    assert [weighed(laptop, child) for laptop in (kader, bidan, above)] == [0] * 3
    for laptop in (kader, bidan, above):
        assert laptop.sync().incidents == ()


def test_anybody_gives_back_what_an_author_wrote_whom_the_server_knows(server, make):
    above, bidan = make("32.11"), make(VILLAGE)
    advice = str(uuid.uuid4())
    payload = {"date": "2026-11-18", "text": "Kunjungi"}
    above.log("recommendation.record", str(uuid.uuid4()), payload, POSYANDU)
    above.sync()
    backup = servers.back_up(server)
    above.log("recommendation.record", advice, payload, POSYANDU)
    sync(above, bidan)
    servers.put_back(server, backup)
    admin.restored(server.store)
    bidan.sync()
    pass_days(server, 7, bidan)
    bidan.sync()
    assert knows(server, advice)
    sync(above, bidan)
    assert above.digests() == bidan.digests()


def test_of_an_author_whom_the_server_does_not_know_only_what_they_may_write_themselves(server, make, lost):
    _kader, bidan, above, child, _, put_back = lost
    advice = str(uuid.uuid4())
    payload = {"date": "2026-11-18", "text": "Kunjungi"}
    above.log("recommendation.record", advice, payload, POSYANDU)
    sync(above, bidan)
    put_back()
    sync(bidan)
    pass_days(server, 7, bidan, above)
    sync(bidan)
    assert knows(server, child)
    assert not knows(server, advice)
    with server.store.read() as connection:
        kinds = connection.scalars(select(schema.op.c.kind).where(schema.op.c.kind == "recommendation")).all()
    assert kinds == [], "nor does it stand in its author's way"
    assert bidan.sync().incidents == ()
    sync(above)
    assert knows(server, advice)


def test_who_was_heard_since_speaks_for_itself(server, lost):
    """Nobody writes in the log of a laptop that is at work."""
    kader, bidan, _above, _child, _measurement, put_back = lost
    put_back()
    sync(kader, bidan)
    pass_days(server, 7, kader, bidan)
    tip, _ = log.tip(kader.database)
    forged = OpKey(kader.database.replica, tip + 1)
    entry = log.entry(kader.database, OpKey(kader.database.replica, tip))
    assert entry is not None
    with bidan.database.atomic():
        bidan.database.run(
            "INSERT INTO log(replica, seq, type, entity, kind, scope, eff, status, envelope, payload,"
            " content)"
            " SELECT replica, ?, type, ?, kind, scope, eff, 'applied',"
            " json_set(envelope, '$.seq', ?, '$.entity', ?), payload, zeroblob(32)"
            " FROM log WHERE replica = ? AND seq = ?",
            (forged.seq, str(uuid.uuid4()), forged.seq, str(uuid.uuid4()), entry.replica, tip),
        )
    sync(bidan)
    kader.weigh(kader.register("Berikutnya"))
    assert kader.sync().incidents == ()
    assert server.status().statuses == {"applied": 5}


def test_it_goes_back_by_stick_too(server, make, lost, tmp_path):
    _dead, bidan, _above, child, _, put_back = lost
    put_back()
    sync(bidan)
    pass_days(server, 8, bidan)
    stick = UsbStick(tmp_path / "flashdisk")
    for _ in range(3):
        stick.round_trip(bidan, server)
    assert knows(server, child)
    assert bidan.sync().incidents == ()


def test_it_goes_back_over_a_line_that_bears_little_at_a_time(server, lost):
    _dead, bidan, _above, child, _, put_back = lost
    put_back()
    sync(bidan)
    pass_days(server, 7, bidan)
    for _ in range(4):
        request = bidan.engine.prepare(10)
        done = bidan.engine.apply(bidan.transport.exchange(request.body))
    assert knows(server, child)
    assert not done.more, "nothing is left that another exchange would bring on"


def test_by_stick_too_what_is_not_taken_is_offered_once_a_week(server, lost, tmp_path):
    _dead, bidan, above, child, _, put_back = lost
    above.log(
        "recommendation.record", str(uuid.uuid4()), {"date": "2026-11-18", "text": "Kunjungi"}, POSYANDU
    )
    sync(above, bidan)
    put_back()
    sync(bidan)
    pass_days(server, 8, bidan)
    stick = UsbStick(tmp_path / "flashdisk")
    for _ in range(4):
        stick.round_trip(bidan, server)
    assert knows(server, child)
    assert not returned.is_due(bidan.database), "it waits for a week with what was not taken"


def test_a_laptop_that_is_revoked_while_it_gives_back_asks_for_no_more(server, lost):
    _dead, bidan, _above, child, _, put_back = lost
    put_back()
    sync(bidan)
    pass_days(server, 8, bidan)
    bidan.engine.apply(bidan.transport.exchange(bidan.engine.prepare().body))
    assert returned.is_due(bidan.database)
    admin.revoke(server.store, bidan.peer.device)
    done = bidan.engine.apply(bidan.transport.exchange(bidan.engine.prepare().body))
    assert (done.wipe_due, done.more) == (True, False)
    assert not knows(server, child)


def test_a_server_that_loses_it_again_gets_it_again(server, lost):
    _dead, bidan, _above, child, _, put_back = lost
    for _ in range(2):
        put_back()
        sync(bidan)
        pass_days(server, 7, bidan)
        sync(bidan)
        assert knows(server, child)


def test_what_a_laptop_sent_before_it_was_revoked_stands_though_it_sends_it_again_since(server, lost):
    thief, bidan, _above, child, measurement, put_back = lost
    put_back()
    admin.revoke(server.store, thief.peer.device)
    thief.weigh(child, 1111)
    sync(thief, bidan)
    assert server.status().statuses == {"applied": 1, "quarantined": 3}
    pass_days(server, 7, bidan)
    bidan.sync()
    assert knows(server, child)
    assert knows(server, measurement)
    assert server.status().statuses == {"applied": 3, "quarantined": 1}, "what nobody was told before stays"
    assert bidan.sync().incidents == ()


def test_what_came_by_stick_from_a_laptop_that_is_no_more_arrives_too(server, make, tmp_path):
    """The restored server had forgotten both laptops, and knows them again by what it has signed."""
    backup = servers.back_up(server)
    gone, bidan = make(), make(VILLAGE)
    child = gone.register(SECRET)
    gone.weigh(child)
    stick = UsbStick(tmp_path / "flashdisk")
    stick.export(gone)
    stick.export(bidan)
    stick.export(gone)
    stick.take(bidan)
    assert bidan.statuses()["carried"] == 2
    servers.put_back(server, backup)
    admin.restored(server.store)
    assert bidan.sync().incidents == ("new_epoch",)
    assert knows(server, child)
    assert bidan.sync().incidents == ()
    assert "carried" not in bidan.statuses()
    with server.store.read() as connection:
        assert connection.scalars(select(schema.op.c.seq).where(schema.op.c.chain == NO_CHAIN)).all() == []


def test_a_laptop_that_joined_after_the_backup_goes_on_without_a_new_code(server, make):
    backup = servers.back_up(server)
    kader = make()
    child = kader.register(SECRET)
    kader.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    kader.weigh(child)
    assert kader.sync().incidents == ("new_epoch",)
    assert knows(server, child)
    assert kader.status.unsent == 0
    assert [(row.id, row.scope) for row in admin.devices(server.store)] == [(kader.peer.device, POSYANDU)]
    with server.store.read() as connection:
        assert "known_again" in [one.what for one in incidents.known(connection)]


def test_and_by_stick_too(server, make, tmp_path):
    backup = servers.back_up(server)
    kader = make()
    child = kader.register(SECRET)
    servers.put_back(server, backup)
    admin.restored(server.store)
    stick = UsbStick(tmp_path / "flashdisk")
    stick.export(kader)
    stick.serve(server)
    stick.take(kader)
    assert knows(server, child)
    assert kader.status.unsent == 0


def test_what_both_copies_had_written_before_they_parted_comes_again_from_either(server, make, tmp_path):
    kader, bidan = make(), make(VILLAGE)
    kader.register("Sebelumnya")
    kader.sync()
    backup = servers.back_up(server)
    child = kader.register(SECRET)
    measurement = kader.weigh(child)
    kader.sync()
    twin = a_copy(kader, tmp_path)
    twin.weigh(child, 8500)
    twin.sync()
    kader.weigh(child, 8600)
    assert kader.sync().incidents == ("forked",)
    bidan.sync()
    twin.database.close()  # and is never seen again
    servers.put_back(server, backup)
    admin.restored(server.store)
    sync(kader, bidan)
    assert knows(server, child)
    assert knows(server, measurement)
    assert server.status().statuses == {"applied": 4}, "but for what the other copy wrote alone"
    pass_days(server, 8, kader, bidan)
    sync(bidan, kader)
    assert weighed(kader, child) == 3
    successor = make()
    successor.sync()
    assert successor.digests() == kader.digests()
    assert server.status().statuses == {"applied": 5}
    assert kader.sync().incidents == ()


def test_a_laptop_that_was_given_another_area_since_the_backup_keeps_it(server, make):
    kader, above = make(), make("32.11")
    sync(kader, above)
    backup = servers.back_up(server)
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    kader.scope = OTHER_POSYANDU
    child = kader.register(SECRET)
    sync(kader, above)
    servers.put_back(server, backup)
    admin.restored(server.store)
    assert kader.sync().incidents == ("new_epoch",)
    assert kader.peer.scope == OTHER_POSYANDU
    assert knows(server, child)
    assert kader.value(child, "name") == SECRET
    assert kader.statuses() == {"applied": 1}
    assert kader.sync().incidents == ()


def test_by_stick_too_it_keeps_that_area(server, make, tmp_path):
    """The answers were written before the laptop could tell the server which area it has."""
    kader, other = make(), make(OTHER_POSYANDU)
    child = other.register(SECRET)
    sync(kader, other)
    backup = servers.back_up(server)
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    kader.scope = OTHER_POSYANDU
    kader.weigh(child)
    stick = UsbStick(tmp_path / "flashdisk")
    for _ in range(3):
        stick.export(kader)
        stick.serve(server)
        stick.take(kader)
        assert kader.peer.scope == OTHER_POSYANDU
        assert kader.value(child, "name") == SECRET
    assert kader.statuses() == {"applied": 2}
    assert server.status().statuses == {"applied": 2}


def test_it_keeps_it_when_the_server_is_put_back_once_more(server, make):
    kader, bidan = make(), make(VILLAGE)
    sync(kader, bidan)
    backup = servers.back_up(server)
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    bidan.sync()
    servers.put_back(server, servers.back_up(server))
    admin.restored(server.store)
    kader.sync()
    assert kader.peer.scope == OTHER_POSYANDU


def test_what_the_dinas_has_decided_anew_counts(server, make):
    kader = make()
    kader.sync()
    backup = servers.back_up(server)
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_POSYANDU)
    kader.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    admin.rescope(server.district, server.store, kader.peer.device, OTHER_VILLAGE)
    kader.sync()
    assert kader.peer.scope == OTHER_VILLAGE


@pytest.mark.parametrize("comes_first", [False, True])
def test_a_laptop_that_was_revoked_since_the_backup_is_so_again_once_the_dinas_is_heard(
    server, make, comes_first
):
    above = make("32.11")
    above.sync()
    backup = servers.back_up(server)
    thief = make()
    child = thief.register(SECRET)
    thief.sync()
    admin.revoke(server.store, thief.peer.device)
    above.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    if comes_first:
        thief.sync()
    above.sync()
    thief.sync()
    (row,) = [one for one in admin.devices(server.store) if one.id == thief.peer.device]
    assert row.revoked_at is not None
    assert knows(server, child) == comes_first
    assert thief.sync().wipe_ordered


def test_who_was_let_in_again_after_being_revoked_stays_in(server, make):
    kader, above = make(), make("32.11")
    kader.sync()
    admin.revoke(server.store, kader.peer.device)
    sync(above)
    kader.join(server).sync()
    servers.put_back(server, servers.back_up(server))
    admin.restored(server.store)
    sync(above, kader)
    kader.register(SECRET)
    assert not kader.sync().wipe_ordered
    assert server.status().statuses == {"applied": 1}


def test_the_dinas_revokes_a_laptop_that_the_restored_server_does_not_know_yet(server, make):
    backup = servers.back_up(server)
    thief = make()
    thief.register(SECRET)
    thief.sync()
    with pytest.raises(UserError):
        admin.revoke(server.store, str(uuid.uuid4()))
    servers.put_back(server, backup)
    admin.restored(server.store)
    assert admin.revoke(server.store, thief.peer.device).revoked_at is not None
    assert thief.sync().wipe_ordered
    assert server.status().statuses == {"quarantined": 1}


def test_a_server_that_was_not_put_back_lets_nobody_in_but_by_code(server, make):
    backup = servers.back_up(server)
    kader = make()
    servers.put_back(server, backup)
    with pytest.raises(Refused) as trouble:
        kader.sync()
    assert trouble.value.word == "unknown_device"
    assert admin.devices(server.store) == []


@pytest.mark.parametrize("itself", [False, True])
def test_what_an_old_copy_of_the_file_had_lacked_comes_back(server, make, tmp_path, itself):
    """It goes on in another log: of the one it has left nobody will ever hear more, though it was heard."""
    kader, bidan = make(), make(VILLAGE)
    kader.register("Sebelumnya")
    sync(kader, bidan)
    backup = servers.back_up(server)
    old = a_copy(kader, tmp_path)
    child = kader.register(SECRET)
    sync(kader, bidan)
    sync(old)
    assert old.value(child, "name") == SECRET
    servers.put_back(server, backup)
    admin.restored(server.store)
    sync(old, bidan, old)
    pass_days(server, 8, old, bidan)
    sync(old if itself else bidan)
    assert knows(server, child)
    sync(old, bidan)
    for laptop in (old, bidan):
        assert laptop.sync().incidents == ()
    assert old.digests() == bidan.digests()
    old.database.close()


def test_an_old_copy_of_the_file_hears_though_what_came_back_begins_beyond_its_log(server, make, tmp_path):
    """Who gives back may not write all of what stands between: it never comes, and nothing waits for it."""
    bidan, kader = make(VILLAGE), make()
    bidan.scope = POSYANDU
    bidan.register("Sebelumnya")
    sync(bidan, kader)
    backup = servers.back_up(server)
    old = a_copy(bidan, tmp_path)
    bidan.scope = OTHER_POSYANDU
    bidan.register("Di tempat lain")
    bidan.scope = POSYANDU
    child = bidan.register(SECRET)
    sync(bidan, kader)
    servers.put_back(server, backup)
    admin.restored(server.store)
    sync(kader)
    pass_days(server, 8, kader, old)
    sync(kader)
    assert knows(server, child)
    assert "forked" in old.sync().incidents
    assert old.value(child, "name") == SECRET
    later = old.register("Sesudahnya")
    sync(old, kader)
    assert kader.value(later, "name") == "Sesudahnya"
    for laptop in (old, kader):
        assert laptop.sync().incidents == ()
    old.database.close()


def test_a_server_put_back_while_something_goes_back_to_it_has_its_week_again(server, make):
    dead, bidan = make(), make(VILLAGE)
    dead.register("Sebelumnya")
    sync(dead, bidan)
    backup = servers.back_up(server)
    for number in range(60):
        dead.register(f"{SECRET} {number}")
    sync(dead, bidan)
    servers.put_back(server, backup)
    admin.restored(server.store)
    sync(bidan)
    pass_days(server, 8, bidan)
    bidan.engine.apply(bidan.transport.exchange(bidan.engine.prepare().body))
    request = bidan.engine.prepare(50)
    assert request.returned is not None
    servers.put_back(server, backup)
    admin.restored(server.store)
    bidan.engine.apply(bidan.transport.exchange(request.body))
    assert bidan.engine.prepare().returned is None
    pass_days(server, 8, bidan)
    sync(bidan)
    assert server.status().statuses == {"applied": 61}


def test_what_names_no_scope_does_not_come_to_lie_in_that_of_who_gives_it_back(server, make):
    """It means its author's area, which nobody else knows."""
    dead, above = make(), make("32.11")
    above.register("Sebelumnya")
    above.sync()
    backup = servers.back_up(server)
    child = str(uuid.uuid4())
    new = NewOperation("child.register", child, "", {"name": {"v": SECRET, "base": None}})
    log.append(dead.database, [new], actor=ACTOR, clock=dead.clock)
    sync(dead, above)
    servers.put_back(server, backup)
    admin.restored(server.store)
    sync(above)
    pass_days(server, 8, above)
    sync(above)
    with server.store.read() as connection:
        placed = connection.scalars(
            select(schema.placement.c.scope).where(schema.placement.c.subject == child)
        )
        assert placed.all() == []
    sync(dead)
    with server.store.read() as connection:
        placed = connection.scalars(
            select(schema.placement.c.scope).where(schema.placement.c.subject == child)
        )
        assert placed.all() == [POSYANDU]


def test_a_laptop_given_its_area_again_before_it_comes_still_has_what_it_read_there(server, make):
    keeper, dead = make(), make(OTHER_POSYANDU)
    backup = servers.back_up(server)
    admin.rescope(server.district, server.store, keeper.peer.device, OTHER_POSYANDU)
    child = dead.register(SECRET)
    sync(dead, keeper)
    servers.put_back(server, backup)
    admin.restored(server.store)
    admin.rescope(server.district, server.store, keeper.peer.device, OTHER_POSYANDU)
    sync(keeper)
    pass_days(server, 8, keeper)
    sync(keeper)
    assert knows(server, child)


def test_what_had_left_is_known_to_have_left_after_the_server_has_applied_it_again(server, lost):
    """Its author is told that it stands aside, and that it stands; lost again, it comes back again."""
    kader, bidan, above, child, measurement, put_back = lost
    device = kader.peer.device
    admin.rescope(server.district, server.store, device, OTHER_POSYANDU)
    kader.sync()
    for first, then in (((kader, above), bidan), ((above, bidan), kader), ((kader, above), bidan)):
        put_back()
        admin.rescope(server.district, server.store, device, OTHER_POSYANDU)
        sync(*first)
        pass_days(server, 8, kader, bidan, above)
        sync(*first)
        sync(then, above)
        assert server.status().statuses == {"applied": 3}
        assert knows(server, measurement)
    assert weighed(kader, child) == 0


@pytest.mark.parametrize("wrote", [False, True], ids=["read only", "wrote since"])
@pytest.mark.parametrize("gap", [False, True], ids=["all came back", "some came back"])
def test_an_old_copy_of_its_authors_file_gives_what_is_in_it_and_goes_on_by_another_name(
    server, make, tmp_path, gap, wrote
):
    """What others gave back was written after the copy was made, and what only the copy has comes first."""
    kader, bidan = make(), make(VILLAGE)
    backup = servers.back_up(server)
    kader.weigh(str(uuid.uuid4()))  # held, so nobody was told
    kader.register("Sebelumnya")
    kader.sync()
    old = a_copy(kader, tmp_path)
    try:
        if gap:
            kader.weigh(str(uuid.uuid4()))
        lost = kader.register(SECRET)
        sync(kader, bidan)
        servers.put_back(server, backup)
        admin.restored(server.store)
        bidan.sync()
        pass_days(server, 8, bidan)
        bidan.sync()
        written = [old.register("Sesudahnya")] if wrote else []
        old.sync()
        written.append(old.register("Berikutnya"))
        sync(old, old, bidan)
        with server.store.read() as connection:
            there = {OpKey(*key) for key in connection.execute(select(schema.op.c.replica, schema.op.c.seq))}
        assert {OpKey(*key) for key in old.database.rows("SELECT replica, seq FROM log")} <= there
        assert all(knows(server, child) for child in (lost, *written))
        assert old.status.unsent == 0
        assert old.database.replica != kader.database.replica
        assert old.sync().incidents == bidan.sync().incidents == ()
        assert old.digests()["child"] == bidan.digests()["child"]
    finally:
        old.database.close()

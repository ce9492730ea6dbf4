"""Two copies of one disk (F5, sync rule 17): both go on working, nothing is lost or doubled."""

import uuid

import msgspec
import pytest

from posyandu_app.district import admin, incidents
from posyandu_app.domain.merge import Known
from posyandu_app.domain.operations import OpKey, seal
from posyandu_app.storage import carried, forks, log
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import NewOperation
from posyandu_app.sync import stretches, trouble
from posyandu_app.sync.signing import Keys, sign_message
from posyandu_app.sync.trouble import Forked, Offline
from tests.district import server as servers
from tests.district.server import POSYANDU, VILLAGE, Server, Wire
from tests.storage.made_up import operation, received
from tests.sync.laptops import KEY, Laptop, a_copy
from tests.sync.sticks import UsbStick

CHILD = "8c1f4f1e-9a0b-4c3d-8e2f-1a2b3c4d5e6f"


@pytest.fixture
def copy(tmp_path):
    made: list[Laptop] = []

    def _copy(laptop: Laptop) -> Laptop:
        made.append(a_copy(laptop, tmp_path))
        return made[-1]

    yield _copy
    for twin in made:
        twin.database.close()


def names(laptop: Laptop) -> list[str]:
    return sorted(name for (name,) in laptop.database.rows("SELECT name FROM child"))


def agree(server: Server, *laptops: Laptop) -> None:
    digests = {kind: tuple(pair) for kind, pair in server.status().digests.items()}
    for laptop in laptops:
        assert laptop.digests() == digests
        log.verify_chain(laptop.database)
        assert laptop.status.unsent == 0


def test_both_copies_go_on_and_every_deed_arrives_once(server, make, copy):
    first, bidan = make(), make(VILLAGE)
    child = first.register("Sebelum")
    first.sync()
    shared = first.register("Belum terkirim saat disalin")
    twin = copy(first)
    first.edit(child, "name", "Dari yang pertama")
    first.weigh(shared, 8100)
    first.sync()
    twin.edit(shared, "name", "Dari salinan")
    twin.edit(shared, "phone", "0812")
    twin.weigh(child, 9000)
    replica, tip = twin.database.replica, log.tip(twin.database)[0]
    done = twin.sync()
    assert "forked" in done.incidents
    assert trouble.quiet_words(done.incidents)
    assert twin.database.replica != replica
    assert log.tip(twin.database)[0] == tip - 2, "what both had written before the copy stays where it is"
    opening = log.own_after(twin.database, 0, 1)[0].operation
    assert opening.extra["forked_from"] == [replica, 2]
    for laptop in (first, bidan, twin):
        assert "forked" not in laptop.sync().incidents
    agree(server, first, bidan, twin)
    assert names(bidan) == ["Dari salinan", "Dari yang pertama"]
    assert server.status().operations == 7
    assert server.status().statuses == {"applied": 7}
    for laptop in (first, twin):
        laptop.register("Sesudah")
        assert laptop.sync().incidents == ()
    assert server.status().operations == 9
    with server.store.read() as connection:
        assert [one.what for one in incidents.known(connection)] == ["forked", "fork"]


def test_what_was_moved_is_based_on_itself_under_its_new_numbers(server, make, copy):
    """An edit of an edit, both made on the copy, is no conflict afterwards."""
    first = make()
    child = first.register("Satu")
    first.sync()
    twin = copy(first)
    first.register("Lain")
    first.sync()
    twin.edit(child, "name", "Dua")
    twin.edit(child, "name", "Tiga")
    twin.sync()
    twin.sync()
    assert server.status().statuses == {"applied": 4}
    assert twin.value(child, "name") == "Tiga"
    assert twin.status.conflicts == 0
    moved = log.own_after(twin.database, 0, 5)
    assert [entry.operation.extra for entry in moved] == [{"forked_from": [first.database.replica, 1]}, {}]


def test_an_old_copy_of_the_file_hears_what_it_lacks_and_writes_under_a_new_name(server, make, copy):
    """`have` beyond the own tip is the sign of it: the watermark must not cover what is written next."""
    laptop = make()
    laptop.register("Lama")
    laptop.sync()
    old = copy(laptop)
    for number in range(5):
        laptop.register(f"Baru {number}")
    laptop.sync()
    done = old.sync()
    assert "forked" in done.incidents
    assert names(old) == names(laptop)
    old.register("Dari cadangan")
    assert old.status.unsent == 1
    old.sync()
    laptop.sync()
    agree(server, laptop, old)
    assert server.status().operations == 7


@pytest.mark.parametrize("written", [1, 3])
def test_a_copy_that_writes_while_its_first_request_is_under_way_loses_nothing(server, make, copy, written):
    """What is held is not in the feed: the first number that does not fit is not where they parted."""
    laptop = make()
    laptop.register("Lama")
    laptop.sync()
    twin = copy(laptop)
    laptop.weigh(str(uuid.uuid4()))
    for number in range(3):
        laptop.register(f"Baru {number}")
    laptop.sync()
    request = twin.engine.prepare()
    answer = server.desk.exchange(request.body)
    for number in range(written):
        twin.register(f"Dari salinan {number}")
    twin.engine.apply(answer)
    assert twin.status.unsent == written
    for one in (twin, twin, laptop):
        one.sync()
    agree(server, twin)
    assert laptop.status.unsent == 0
    assert names(laptop) == names(twin)
    assert [name for name in names(laptop) if "salinan" in name] == [
        f"Dari salinan {number}" for number in range(written)
    ]
    assert server.status().operations == 5 + written


def test_a_feed_with_the_other_copys_deeds_right_after_what_is_shared_shows_where_both_parted(
    server, make, copy
):
    laptop = make()
    laptop.register("Lama")
    laptop.sync()
    twin = copy(laptop)
    laptop.register("Baru")
    laptop.sync()
    answer = server.desk.exchange(twin.engine.prepare().body)
    twin.register("Dari salinan")
    assert "forked" in twin.engine.apply(answer).incidents
    assert log.have(twin.database) == {twin.database.replica: 1, laptop.database.replica: 1}
    assert names(twin) == ["Baru", "Dari salinan", "Lama"]
    assert twin.status.unsent == 1
    for one in (twin, laptop):
        one.sync()
    agree(server, laptop, twin)
    assert server.status().operations == 3


def test_where_both_copies_parted_is_looked_for_when_it_lies_before_what_is_sent(server, make, copy):
    """The server had signed for the copy's deeds, was restored, and has the other's under their numbers."""
    first = make()
    first.register("Bersama")
    first.sync()
    backup = servers.back_up(server)
    twin = copy(first)
    for number in (2, 3):
        twin.register(f"Salinan {number}")
    twin.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    for number in (2, 3):
        first.register(f"Pertama {number}")
    first.sync()
    twin.register("Salinan 4")
    for laptop in (twin, first, twin):
        laptop.sync()
    assert log.have(twin.database) == {twin.database.replica: 3, first.database.replica: 1}
    assert names(twin) == ["Bersama", "Pertama 2", "Pertama 3", "Salinan 2", "Salinan 3", "Salinan 4"]
    agree(server, first, twin)


def test_a_reply_to_the_other_copy_is_no_acknowledgement_here(server, make, copy):
    """A stick of the one put into the other: same laptop's id, same keys, same numbers."""
    first = make()
    first.register("Bersama")
    first.sync()
    twin = copy(first)
    for number in range(3):
        first.register(f"Pertama {number}")
    twin.register("Salinan 1")
    twin.register("Salinan 2")
    reply = server.desk.exchange(first.engine.prepare().body)
    for held in (3, 4):
        if log.tip(twin.database)[0] < held:
            twin.register(f"Salinan {held}")
        assert "other_copy" in twin.engine.apply(reply).incidents
        assert twin.status.unsent == held - 1
        assert twin.statuses().get("applied") == 1
    first.engine.apply(reply)
    twin.sync()
    first.sync()
    agree(server, first, twin)
    assert server.status().operations == 1 + 3 + 3


@pytest.mark.parametrize("answered", [False, True])
def test_what_the_other_copy_was_refused_moves_nothing_here(server, make, copy, tmp_path, answered):
    """The stick of one copy, with the server's refusal on it, is put into the other, whose data is there."""
    first, stick = make(), UsbStick(tmp_path / "flashdisk")
    first.register("Bersama")
    first.sync()
    twin = copy(first)
    for number in range(2):
        first.register(f"Pertama {number}")
    reply = server.desk.exchange(first.engine.prepare().body)
    if answered:
        first.engine.apply(reply)
    for number in range(3):
        twin.register(f"Salinan {number}")
    stick.export(twin)
    stick.serve(server)
    replica = first.database.replica
    assert stick.take(first).exchanged.incidents == ()
    assert first.database.replica == replica
    assert "forked" in twin.sync().incidents
    first.sync()
    agree(server, first, twin)
    assert server.status().operations == 1 + 2 + 3


def test_only_the_servers_signed_word_makes_a_laptop_go_on_under_a_new_name(server, make):
    laptop = make()
    laptop.register()
    replica = laptop.database.replica
    from posyandu_app.sync import wire

    told = wire.Refusal(
        laptop.peer.device, "fork", "…", 1, "2026-11-18T00:00:00+00:00", replica=replica, seq=1, first=1
    )

    class Lying(Wire):
        evidence = sign_message(told, Keys.generate().sign)

        def exchange(self, body: bytes) -> bytes:
            raise Forked(self.evidence)

    no_such_word = (
        msgspec.structs.replace(told, **otherwise)
        for otherwise in (
            {"device": make().peer.device},
            {"error": "damaged"},
            {"seq": None},
            {"first": None},
        )
    )
    signed = [sign_message(other, server.district.keys.sign) for other in no_such_word]
    cut = sign_message(told, server.district.keys.sign)[:-1]
    for evidence in (Lying.evidence, b"", b"<html>", cut, *signed):
        Lying.evidence = evidence
        with pytest.raises(Forked):
            laptop.sync(Lying(server.desk))
        assert laptop.database.replica == replica
    laptop.sync()
    assert server.status().operations == 1


def test_a_lost_answer_while_forking_loses_and_doubles_nothing(server, make, copy):
    first = make()
    first.register("Bersama")
    first.sync()
    twin = copy(first)
    first.register("Pertama")
    first.sync()
    twin.register("Salinan")

    class Losing(Wire):
        def exchange(self, body: bytes) -> bytes:
            super().exchange(body)
            raise Offline

    for _ in range(3):
        with pytest.raises(Offline):
            twin.sync(Losing(server.desk))
    twin.sync()
    first.sync()
    agree(server, first, twin)
    assert server.status().operations == 3


def test_three_copies_of_copies_all_go_on(server, make, copy):
    laptop = make()
    laptop.register("Bersama")
    laptop.sync()
    family = [laptop, copy(laptop)]
    family[1].register("Dari salinan")
    family.append(copy(family[1]))
    for number, member in enumerate(family):
        member.register(f"Nomor {number}")
    for member in [*family, *family, *family]:
        member.sync()
    agree(server, *family)
    assert server.status().operations >= 5
    assert sum(name == "Dari salinan" for name in names(laptop)) == 1


def test_a_copied_disk_and_a_restored_server_together(server, make, copy):
    """The copy's entries come first, are lost with the server, and the other copy's take their numbers."""
    first, innocent = make(), make(VILLAGE)
    first.register("Bersama")
    first.sync()
    backup = servers.back_up(server)
    twin = copy(first)
    twin.register("Salinan 2")
    twin.register("Salinan 3")
    twin.sync()
    innocent.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    first.register("Pertama 2")
    first.sync()
    innocent.sync()
    assert names(innocent) == ["Bersama", "Pertama 2"]
    assert innocent.database.number("SELECT count(*) FROM displaced") == 2
    twin.sync()
    for laptop in (first, innocent, twin):
        laptop.sync()
    for laptop in (first, innocent, twin):
        assert names(laptop) == ["Bersama", "Pertama 2", "Salinan 2", "Salinan 3"]
        assert laptop.sync().incidents == ()
    agree(server, first, innocent, twin)


@pytest.mark.parametrize(("mine", "others"), [(2, 1), (1, 2), (1, 0), (0, 1), (0, 0)])
def test_of_a_disk_that_was_copied_before_it_joined_both_copies_go_on(server, make_alone, copy, mine, others):
    """Each joins under its own name; the log belongs to the one that is heard first."""
    first = make_alone()
    child = first.register("Bersama")
    twin = copy(first)
    for number in range(mine):
        first.register(f"Pertama {number}")
    for number in range(others):
        twin.edit(child, "phone", f"081{number}")
    first.join(server).sync()
    twin.join(server).sync()
    for laptop in (first, twin):
        laptop.sync()
    agree(server, first, twin)
    assert server.status().statuses == {"applied": 1 + mine + others}
    for laptop in (twin, first, twin, first):
        laptop.register("Sesudah")
        laptop.sync()
    for laptop in (first, twin):
        assert laptop.sync().incidents == ()
    agree(server, first, twin)
    assert server.status().operations == 5 + mine + others


def test_a_backup_from_before_the_joining_goes_on_on_another_machine(server, make_alone, copy):
    lost = make_alone()
    lost.register("Bersama")
    backup = copy(lost)
    lost.join(server)
    lost.register("Hanya di laptop yang hilang")
    lost.sync()
    backup.register("Di laptop pengganti")
    backup.join(server).sync()
    assert backup.sync().incidents == ()
    agree(server, backup)
    assert len(names(backup)) == 3


def test_what_a_restored_server_takes_of_nobody_but_the_other_copy_is_not_said_again_for_ever(
    server, make_alone, copy
):
    """A disk was copied before it had joined: the log belongs to the copy that was heard first."""
    first = make_alone()
    child = first.register("Bersama")
    first.weigh(child)
    twin = copy(first)
    first.join(server)
    first.transport.exchange(first.engine.prepare(1).body)
    backup = servers.back_up(server)
    first.sync()
    twin.join(server)
    twin.weigh(child)
    twin.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    for _ in range(3):
        twin.sync()
    assert not stretches.shared_is_lacking(twin.database)
    assert twin.status.unsent == 0
    with server.store.read() as connection:
        assert [one.what for one in incidents.known(connection)].count("fork") <= 1


@pytest.mark.parametrize("joins_anew", [0, 1])
def test_a_laptop_whom_the_restored_server_knows_under_a_former_name_goes_on_and_is_heard_once(
    server, make, joins_anew
):
    """It has joined anew since the backup; unless it does so once more, it shows that the log is its own."""
    first, bidan = make(), make(VILLAGE)
    child = first.register("Lama")
    first.sync()
    backup = servers.back_up(server)
    first.join(server)
    first.edit(child, "name", "Baru")
    first.edit(child, "phone", "0812")
    first.weigh(first.register("Sesudah cadangan"))
    first.sync()
    bidan.sync()
    servers.put_back(server, backup)
    admin.restored(server.store)
    for _ in range(joins_anew):
        first.join(server)
        bidan.join(server)
    assert first.sync().incidents == (("forked",) if joins_anew else ("new_epoch",))
    for laptop in (bidan, first, bidan):
        laptop.sync()
    agree(server, first, bidan)
    for laptop in (first, bidan):
        assert laptop.statuses() == {"applied": 5}
        assert laptop.value(child, "name") == "Baru"
        assert laptop.status.conflicts == 0


def test_what_a_copy_handed_over_under_its_old_numbers_goes_once_it_has_come_under_the_new(
    server, make_alone, copy, tmp_path
):
    """The midwife is to hold each deed once, although the other copy never writes under these numbers."""
    first, bidan, stick = make_alone(), make_alone(VILLAGE), UsbStick(tmp_path / "flashdisk")
    first.register("Bersama")
    twin = copy(first)
    first.join(server).sync()
    bidan.join(server).sync()
    twin.join(server)
    child = twin.register("Dari salinan")
    twin.edit(child, "name", "Diganti di salinan")
    twin.edit(child, "phone", "0812")
    stick.export(bidan)
    stick.export(twin)
    assert [item.operations for item in stick.take(bidan).handed] == [3]
    bidan.sync()
    assert bidan.value(child, "name") == "Diganti di salinan", "it stays until it comes under its new number"
    assert bidan.statuses()["carried"] == 3
    twin.sync()
    assert bidan.sync().incidents == ()
    for laptop in (first, bidan):
        laptop.sync()
    agree(server, first, bidan, twin)
    assert bidan.statuses() == {"applied": 4}
    assert bidan.value(child, "name") == "Diganti di salinan"
    assert bidan.base(child, "name") == [twin.database.replica, 2], "what she types next is based on it"
    assert bidan.status.conflicts == 0
    assert carried.waiting(bidan.database) == []


def test_what_another_has_done_at_the_same_moment_is_not_taken_for_the_same_deed(make_alone):
    laptop = make_alone()
    moment, old, new = "0199a3c2f4d1-0003", str(uuid.uuid4()), str(uuid.uuid4())
    by_stick, by_feed = (
        operation(NewOperation("child.set", CHILD, POSYANDU, {"phone": {"v": phone, "base": None}}), seq).but(
            hlc=moment
        )
        for phone, seq in (("0812", 7), ("0813", 2))
    )
    log.carry(laptop.database, [(Known(old, moment, by_stick), seal(by_stick))])
    log.receive(laptop.database, [received(new, by_feed, 1)], received_at="2026-11-23T10:00:00+07:00")
    assert forks.let_go(laptop.database) == frozenset()
    assert log.count(laptop.database) == 2
    moved = by_stick.but(seq=3)
    log.receive(laptop.database, [received(new, moved, 2)], received_at="2026-11-23T10:00:00+07:00")
    assert forks.let_go(laptop.database) == {CHILD}
    assert log.entry(laptop.database, OpKey(old, 7)) is None


def test_of_a_copy_that_handed_over_more_than_the_other_has_written_each_deed_is_held_once(
    server, make, copy, tmp_path
):
    first, bidan, stick = make(), make(VILLAGE), UsbStick(tmp_path / "flashdisk")
    first.register("Bersama")
    first.sync()
    bidan.sync()
    twin = copy(first)
    for number in range(3):
        twin.register(f"Salinan {number}")
    stick.export(bidan)
    stick.export(twin)
    assert [item.operations for item in stick.take(bidan).handed] == [3]
    first.register("Pertama")
    first.sync()
    bidan.sync()
    assert names(bidan) == ["Bersama", "Pertama", "Salinan 1", "Salinan 2"]
    for laptop in (twin, bidan, first, bidan):
        laptop.sync()
    agree(server, first, bidan, twin)
    assert bidan.statuses() == {"applied": 5}
    assert carried.waiting(bidan.database) == []


def test_a_new_log_knows_its_clock_and_its_place(make_alone):
    laptop = make_alone()
    laptop.register()
    before = log.last_stamp(laptop.database)
    old = laptop.database.replica
    new = forks.mint(laptop.database, 2)
    assert log.tip(laptop.database) == (0, bytes(32))
    assert log.last_stamp(laptop.database) == before
    assert log.have(laptop.database) == {new: 0, old: 1}
    laptop.register()
    assert log.own_after(laptop.database, 0, 5)[0].operation.extra == {"forked_from": [old, 1]}
    laptop.register()
    assert log.own_after(laptop.database, 1, 5)[0].operation.extra == {}
    path = laptop.database.path
    laptop.database.close()
    laptop.database = Database.open(path, KEY)
    assert log.verify_chain(laptop.database) == 2
    assert laptop.scope == POSYANDU

"""By stick to the district and back: lost, doubled, out of order, late, damaged, foreign: all the same."""

import errno
import os
import random
import shutil
import uuid
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import msgspec
import pytest
import zstandard
from nacl.public import SealedBox
from sqlalchemy import text

from posyandu_app.district import admin
from posyandu_app.district.desk import Desk
from posyandu_app.sync import stick as sticks
from posyandu_app.sync import usb, wire
from posyandu_app.sync.signing import Keys, sign_message
from posyandu_app.sync.stick import StickTrouble
from posyandu_app.sync.trouble import NotEnrolled, TooLarge
from tests.district import server as servers
from tests.district.server import POSYANDU, VILLAGE
from tests.sync.laptops import ACTOR, Laptop, a_copy, on_sqlite_alone
from tests.sync.sticks import UsbStick, agree, another_district, many

NAMES = ("Rahasia Aminah", "Ibu Tersembunyi", "3211134501250001", "Jalan Sunyi 9")


@pytest.fixture
def stick(tmp_path):
    return UsbStick(tmp_path / "flashdisk")


@pytest.fixture
def another(tmp_path):
    """Makes further sticks."""
    made = iter(range(1000))
    return lambda: UsbStick(tmp_path / f"flashdisk-{next(made)}")


@pytest.fixture
def small_files(monkeypatch):
    """Files of at most a hundred operations, so that a few hundred fill several."""
    monkeypatch.setattr(wire, "MAX_OPERATIONS", 100)


# the road there and back


def test_there_and_back_everything_is_received_and_nothing_stays_on_the_stick(server, make, stick):
    kader, bidan = make(), make(VILLAGE)
    for number in range(3):
        kader.weigh(kader.register(f"Anak {number}"))
    done = stick.export(kader)
    assert (done.operations, done.files, done.stopped) == (6, 1, False)
    assert done.message == "6 data tersalin ke flashdisk. Bawa ke Dinas; data tetap ada di laptop ini."
    assert kader.status.unsent == 6
    report = stick.serve(server)
    assert report.message == "Laptop Uji (32.11.13.2005.001): 6 data diterima, 2 berkas balasan."
    taken = stick.take(kader)
    assert taken.message == "Dari Dinas: 6 data laptop ini diterima, 0 data baru masuk."
    assert (kader.status.unsent, kader.statuses()) == (0, {"applied": 6})
    assert stick.outbox == stick.inbox == []
    assert stick.round_trip(bidan, server).exchanged.received == 6
    agree(server, kader, bidan)


def test_a_stick_from_the_posyandu_is_read_by_nobody_but_its_reader(server, make, stick):
    kader, bidan = make(), make(VILLAGE)
    stick.round_trip(bidan, server)
    name, mother, nik, address = NAMES
    kader.weigh(kader.register(name, mother_name=mother, nik=nik, address=address))
    kader.register(name, phone="081234567890")
    done = stick.export(kader)
    assert len(done.handed) == 1
    shown = []
    shown.append(stick.contents())
    stick.serve(server)
    shown.append(stick.contents())
    stick.take(bidan)
    shown.append(stick.contents())
    for contents in shown:
        everything = b"\n".join([*contents.values(), *(place.encode() for place in contents)])
        for secret in (*NAMES, "081234567890", "weight_g", "child.register", "birth_date", ACTOR):
            for encoding in ("utf-8", "utf-16-le"):
                assert secret.encode(encoding) not in everything
                assert secret.casefold().encode(encoding) not in everything.lower()
        sealed = [body for place, body in contents.items() if place.endswith(".psb")]
        assert all(b"\x28\xb5\x2f\xfd" not in body[:64] for body in sealed), "compressed, but not sealed"
    with pytest.raises(sticks.Unreadable):
        sticks.unseal(shown[0][f"outbox/{kader.peer.device}-1.psb"], Keys.generate().seal)


def test_what_is_on_the_stick_is_the_request_compressed_and_sealed_to_the_letter(server, make, stick):
    kader = make()
    kader.register()
    stick.export(kader)
    name = f"{kader.peer.device}-1.psb"
    assert stick.outbox == [name]
    sealed = stick.contents()[f"outbox/{name}"]
    body = zstandard.decompress(SealedBox(server.district.keys.seal).decrypt(sealed))
    assert wire.decode(body, wire.Request).device == kader.peer.device
    assert server.desk.exchange(body)


def test_a_lost_stick_costs_nothing(server, make, another):
    laptop = make()
    laptop.register("Pertama")
    lost = another()
    lost.export(laptop)
    shutil.rmtree(lost.root)
    laptop.register("Kedua")
    assert another().round_trip(laptop, server).exchanged.sent == 2
    laptop.register("Ketiga")
    served = another()
    served.export(laptop)
    served.serve(server)
    shutil.rmtree(served.root)  # with the replies on it
    assert laptop.status.unsent == 1
    laptop.register("Keempat")
    assert another().round_trip(laptop, server).exchanged.sent == 2
    assert server.status().statuses == {"applied": 4}
    agree(server, laptop)


def test_a_stick_that_was_copied_and_served_twice_doubles_nothing(server, make, stick, tmp_path):
    laptop = make()
    laptop.weigh(laptop.register())
    stick.export(laptop)
    twin = stick.copy(tmp_path / "salinan")
    for one in (stick, twin, twin):
        one.serve(server)
    assert not set(stick.inbox) & set(twin.inbox), "no two replies have one name"
    again = twin.copy(tmp_path / "salinan lagi")
    for one in (twin, stick, again):
        assert one.take(laptop).problems == ()
    assert server.status().statuses == {"applied": 2}
    assert laptop.statuses() == {"applied": 2}
    agree(server, laptop)


def test_a_reply_that_comes_months_late_never_lowers_the_watermark(server, make, stick, another):
    laptop, other = make(), make()
    laptop.register("Pertama")
    stick.export(laptop)
    stick.serve(server)
    other.register("Dari tetangga")
    other.sync()
    for number in range(3):
        server.time.move(30 * 24 * 3600 * 1000)
        laptop.clock.move(timedelta(days=30))
        laptop.register(f"Bulan {number}")
        laptop.sync()
    before = laptop.peer
    assert before.acked == 4
    done = stick.take(laptop)
    assert (done.problems, done.waiting, done.exchanged.incidents) == ((), 0, ())
    assert laptop.peer == before
    assert laptop.status.unsent == 0
    agree(server, laptop)


def test_a_stick_written_before_the_last_exchange_and_served_after_it_takes_nothing_back(server, make, stick):
    """The server proves what the request on the stick knew of; that it holds more is no contradiction."""
    kader = make()
    child = kader.register()
    kader.sync()
    stick.export(kader)
    kader.weigh(child)
    kader.sync()
    server.time.move(60_000)
    stick.serve(server)
    taken = stick.take(kader)
    assert taken.exchanged.incidents == ()
    assert (kader.peer.acked, kader.status.unsent) == (2, 0)


def test_an_old_request_says_nothing_of_the_clock_and_moves_no_cursor_back(server, make, stick, another):
    """A stick that lay in a drawer: its records keep their own time, and no newer edit loses to them."""
    kader, bidan = make(), make(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.register("Siti")
    kader.sync()
    bidan.sync()
    kader.clock.move(timedelta(hours=1))
    kader.edit(child, "name", "Siti Lama")
    stick.export(kader)
    bidan.clock.move(timedelta(days=9))
    bidan.edit(child, "name", "Siti Baru")
    server.time.move(10 * 24 * 3600 * 1000)
    bidan.sync()
    with server.store.read() as connection:
        query = text("SELECT skew_ms, cursor FROM device WHERE id = :id")
        before = connection.execute(query, {"id": bidan.peer.device}).one()
    stick.serve(server)
    with server.store.read() as connection:
        assert connection.execute(query, {"id": bidan.peer.device}).one() == before
    stick.take(kader)
    bidan.sync()
    assert kader.value(child, "name") == bidan.value(child, "name") == "Siti Baru"
    agree(server, kader, bidan)


def test_the_history_of_the_server_changes_while_the_stick_is_on_its_way(server, make, stick, another):
    laptop, other = make(), make()
    other.register("Dari tetangga")
    other.sync()
    laptop.register("Pertama")
    laptop.sync()
    laptop.register("Kedua")
    stick.export(laptop)
    late = another()
    late.export(laptop)
    late.serve(server)
    admin.restored(server.store)
    server.time.move(60_000)
    assert stick.serve(server).problems == []
    done = stick.take(laptop)
    assert done.exchanged.incidents == ("new_epoch",)
    assert laptop.peer.epoch == server.status().epoch
    before = laptop.peer
    assert late.take(laptop).problems == ()  # from the history that is no more
    assert laptop.peer == before
    assert laptop.status.unsent == 0
    agree(server, laptop)


def test_a_server_restored_from_an_old_copy_gets_by_stick_what_it_lacks(server, make, stick):
    """F4."""
    laptop = make()
    laptop.register("Sebelum cadangan")
    laptop.sync()
    backup = servers.back_up(server)
    laptop.register("Sesudah cadangan")
    laptop.sync()
    laptop.register("Di flashdisk")
    stick.export(laptop)
    servers.put_back(server, backup)
    server.store = admin.open_store(server.district)
    server.desk = Desk(server.district, server.store, server.time)
    try:
        admin.restored(server.store)
        server.time.move(60_000)
        stick.serve(server)
        assert stick.take(laptop).exchanged.incidents == ("new_epoch",)
        assert laptop.status.unsent == 2
        stick.round_trip(laptop, server)
        assert laptop.status.unsent == 0
        assert server.status().statuses == {"applied": 3}
        agree(server, laptop)
    finally:
        server.store.close()


@on_sqlite_alone
def test_a_log_that_is_large_goes_in_several_files_and_arrives_whole(server, make, stick):
    laptop = make()
    many(laptop, 4_500)
    heard: list[tuple[int, int]] = []
    done = stick.export(laptop, progress=lambda now, total: heard.append((now, total)))
    assert (done.operations, done.files) == (4_500, 3)
    assert heard == [(2_000, 4_500), (4_000, 4_500), (4_500, 4_500)]
    assert all(len(body) <= wire.MAX_BODY for body in stick.contents().values())
    assert stick.serve(server).problems == []
    assert stick.take(laptop).exchanged.sent == 4_500
    assert server.status().statuses == {"applied": 4_500}
    agree(server, laptop)


def test_texts_that_cannot_be_compressed_go_in_files_the_server_takes(server, make, stick):
    laptop = make()
    dice = random.Random(3)
    for _ in range(6):
        many(laptop, 1, hobby=dice.randbytes(250_000).hex())
    done = stick.export(laptop)
    assert done.operations == 6
    assert done.files > 1
    assert all(len(body) <= wire.MAX_BODY for body in stick.contents().values())
    assert stick.round_trip(laptop, server).exchanged.sent == 6
    many(laptop, 1, hobby=dice.randbytes(1_100_000).hex())
    with pytest.raises(TooLarge):
        stick.export(laptop)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_files_of_one_log_may_come_on_sticks_in_any_order(
    server, make, small_files, stick, another, order
):
    laptop = make()
    many(laptop, 205)
    stick.export(laptop)
    names = sorted(stick.outbox, key=lambda name: int(name.split("-")[-1][:-4]))
    parts = []
    for name in names:
        part = another()
        (part.root / "outbox").mkdir()
        shutil.copy(stick.root / "outbox" / name, part.root / "outbox" / name)
        parts.append(part)
    for number in order:
        assert parts[number].serve(server).problems == []
    for number in reversed(order):
        assert parts[number].take(laptop).problems == ()
    whole = 0
    for number in order:
        whole = number + 1 if number == whole else whole
    assert laptop.peer.acked == min(205, whole * 100)
    stick.round_trip(laptop, server)
    assert laptop.status.unsent == 0
    assert server.status().statuses == {"applied": 205}
    agree(server, laptop)


def test_pages_of_news_on_several_sticks_may_be_taken_in_in_any_order(
    server, make, small_files, stick, another
):
    kader, bidan = make(), make(VILLAGE)
    many(kader, 325)
    while kader.status.unsent:
        kader.sync()
    stick.export(bidan)
    report = stick.serve(server)
    assert report.laptops[bidan.peer.device].replies == 5
    pages = sorted(stick.inbox, key=lambda name: int(name.split("-")[-1][:-4]))
    mixed = list(pages)
    random.Random(11).shuffle(mixed)
    assert mixed != pages
    parts = []
    for name in mixed:
        part = another()
        (part.root / "inbox").mkdir()
        shutil.move(stick.root / "inbox" / name, part.root / "inbox" / name)
        parts.append(part)
    rounds = 0
    while bidan.peer.cursor < server.status().head:
        rounds += 1
        assert rounds <= 5
        for part in parts:
            done = part.take(bidan)
            assert done.problems == ()
            assert done.waiting == len(part.inbox), "a page that cannot be taken in yet stays on its stick"
    assert rounds > 1
    assert all(part.inbox == [] for part in parts)
    agree(server, kader, bidan)
    assert bidan.sync().incidents == ()


def test_all_pages_on_one_stick_are_taken_in_whatever_their_numbers(server, make, small_files, stick):
    kader, bidan = make(), make(VILLAGE)
    many(kader, 325)
    while kader.status.unsent:
        kader.sync()
    stick.export(bidan)
    stick.serve(server)
    inbox = stick.root / "inbox"
    for number, name in enumerate(sorted(stick.inbox, reverse=True), 100):
        (inbox / name).rename(inbox / f"{bidan.peer.device}-{number}.psb")
    done = stick.take(bidan)
    assert (done.waiting, done.exchanged.received) == (0, 325)
    agree(server, kader, bidan)


def test_news_on_a_stick_is_of_use_though_the_laptop_has_heard_part_of_it(server, make, stick):
    kader, bidan = make(), make(VILLAGE)
    bidan.sync()
    kader.register("Pertama")
    kader.sync()
    stick.export(bidan)
    kader.register("Kedua")
    kader.sync()
    stick.serve(server)
    bidan_cursor = bidan.peer.cursor
    bidan.engine.apply(server.desk.exchange(bidan.engine.prepare(1).body))
    assert bidan_cursor < bidan.peer.cursor < server.status().head
    assert stick.take(bidan).exchanged.received == 1
    agree(server, kader, bidan)


def test_a_second_export_takes_the_place_of_the_first_once_it_is_whole(server, make, stick):
    laptop, other = make(), make()
    stick.export(other)
    theirs = stick.contents()
    laptop.register()
    stick.export(laptop)
    laptop.register()
    stick.export(laptop)
    [mine] = [name for name in stick.outbox if name.startswith(laptop.peer.device)]
    assert mine != f"{laptop.peer.device}-1.psb"
    assert theirs.items() <= stick.contents().items()
    assert stick.round_trip(laptop, server).exchanged.sent == 2


def test_stopping_an_export_or_an_import_leaves_whole_files_and_goes_on_later(
    server, make, small_files, stick
):
    laptop = make()
    many(laptop, 205)
    answers = iter([False, True])
    done = stick.export(laptop, stop=lambda: next(answers))
    assert (done.operations, done.stopped) == (100, True)
    assert done.message == "Dihentikan: 100 data sudah tersalin. Ulangi supaya semuanya ikut."
    assert stick.serve(server).problems == []
    answers = iter([False, True])
    taken = stick.take(laptop, stop=lambda: next(answers))
    assert taken.stopped
    assert taken.message.endswith("Dihentikan; sisanya masih ada di flashdisk.")
    assert laptop.peer.acked == 100
    heard: list[tuple[int, int]] = []
    stick.take(laptop, progress=lambda now, total: heard.append((now, total)))
    assert heard == [(1, 1)]
    assert stick.round_trip(laptop, server).exchanged.sent == 105
    agree(server, laptop)


def test_held_and_put_aside_come_back_with_their_reasons(server, make, stick):
    kader, bidan = make(), make(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.register()
    bidan.weigh(child)
    bidan.log("recommendation.record", str(uuid.uuid4()), {"child": child, "text": "PMT"})
    stick.round_trip(bidan, server)
    assert (bidan.status.unsent, bidan.status.held, bidan.status.quarantined) == (0, 1, 1)
    stick.round_trip(kader, server)
    stick.round_trip(bidan, server)
    assert (bidan.status.held, bidan.status.quarantined) == (0, 1)


def test_a_revoked_laptop_hands_in_what_it_has_and_is_told(server, make, stick):
    laptop = make()
    laptop.register()
    admin.revoke(server.store, laptop.peer.device)
    stick.export(laptop)
    assert stick.serve(server).laptops[laptop.peer.device].statuses == {"quarantined": 1}
    done = stick.take(laptop)
    assert done.exchanged.wipe_ordered
    assert "Dinas sudah mencabut izin laptop ini." in done.message
    assert laptop.status.unsent == 0


def test_a_copied_database_goes_on_under_a_new_name_by_stick(server, make, stick, tmp_path):
    laptop = make()
    laptop.register()
    laptop.sync()
    twin = a_copy(laptop, tmp_path)
    laptop.register("Di laptop pertama")
    laptop.sync()
    try:
        twin.register("Di laptop kedua")
        stick.export(twin)
        report = stick.serve(server)
        assert [problem.word for problem in report.problems] == ["fork"]
        done = stick.take(twin)
        assert done.problems == ()
        assert "pernah disalin dan dipakai di dua tempat" in done.message
        assert twin.status.unsent == 1
        stick.export(twin)
        stick.serve(server)
        stick.take(twin)
        assert twin.status.unsent == 0
        assert {name for (name,) in twin.database.rows("SELECT name FROM child")} == {
            "Anak Uji",
            "Di laptop pertama",
            "Di laptop kedua",
        }
    finally:
        twin.database.close()
    assert server.status().statuses == {"applied": 3}


def test_a_laptop_that_knows_no_server_has_nobody_to_copy_for(make_alone, stick):
    laptop = make_alone()
    laptop.register()
    for action in (stick.export, stick.take):
        with pytest.raises(NotEnrolled):
            action(laptop)
    assert stick.contents() == {}


# damage


def test_every_cut_and_change_of_a_file_is_noticed_and_costs_nothing(server, make, stick):
    laptop = make()
    laptop.weigh(laptop.register())
    stick.export(laptop)
    [name] = stick.outbox
    path = stick.root / "outbox" / name
    whole = path.read_bytes()
    dice = random.Random(5)
    damaged = [whole[:cut] for cut in (0, 1, 31, 32, 47, 48, len(whole) // 2, len(whole) - 1)]
    damaged += [whole + b"\0", whole + whole]
    for _ in range(40):
        place = dice.randrange(len(whole))
        damaged.append(whole[:place] + bytes([whole[place] ^ (1 << dice.randrange(8))]) + whole[place + 1 :])
    for body in damaged:
        path.write_bytes(body)
        report = stick.serve(server)
        assert [(problem.file, problem.word) for problem in report.problems] == [
            (f"outbox/{name}", "damaged")
        ]
        assert "minta laptop itu menyalin lagi, tidak ada yang hilang" in report.message
        assert (stick.outbox, stick.inbox) == ([name], [])
    assert server.status().operations == 0
    path.write_bytes(whole)
    stick.serve(server)
    replies = {name: (stick.root / "inbox" / name).read_bytes() for name in stick.inbox}
    for reply, body in replies.items():
        (stick.root / "inbox" / reply).write_bytes(body[:-1])
    before = laptop.peer
    done = stick.take(laptop)
    assert [problem.word for problem in done.problems] == ["damaged", "damaged"]
    assert laptop.peer == before
    assert sorted(stick.inbox) == sorted(replies)
    assert stick.round_trip(laptop, server).exchanged.sent == 2


def test_one_damaged_file_holds_up_no_other(server, make, stick):
    first, second = make(), make()
    for laptop in (first, second):
        laptop.register()
        stick.export(laptop)
    (stick.root / "outbox" / f"{first.peer.device}-1.psb").write_bytes(b"rusak")
    report = stick.serve(server)
    assert [problem.word for problem in report.problems] == ["damaged"]
    assert stick.take(second).exchanged.sent == 1
    assert second.status.unsent == 0
    assert first.status.unsent == 1


def test_a_stick_of_another_districts_laptop_is_carried_on_untouched(server, make, stick, tmp_path):
    with servers.running(tmp_path / "dinas lain") as other:
        ours, theirs = make(), Laptop(tmp_path / "lain.db").join(another_district(other))
        try:
            for laptop in (ours, theirs):
                laptop.register()
                stick.export(laptop)
            foreign = {place: body for place, body in stick.contents().items() if theirs.peer.device in place}
            report = stick.serve(server)
            assert (report.foreign, report.problems) == (1, [])
            assert "1 berkas untuk server lain; dibiarkan." in report.message
            assert foreign.items() <= stick.contents().items()
            done = stick.take(theirs)
            assert done.message == "Isinya untuk laptop lain (2 berkas); biarkan tetap di flashdisk."
            assert stick.take(ours).exchanged.sent == 1
            assert stick.serve(other).laptops[theirs.peer.device].operations == 1
            assert stick.take(theirs).exchanged.sent == 1
        finally:
            theirs.database.close()


def test_a_reply_by_another_server_or_for_another_laptop_is_not_believed(server, make, stick):
    laptop, other = make(), make()
    laptop.register()
    inbox = stick.root / "inbox"
    inbox.mkdir()
    reply = server.desk.exchange(laptop.engine.prepare().body)
    told = wire.decode(reply, wire.Reply)
    forged = sign_message(msgspec.structs.replace(told, signature=msgspec.UNSET), Keys.generate().sign)
    refusal = wire.Refusal(laptop.peer.device, "fork", "", 1, told.received_at)
    bodies = {
        "forged": forged,
        "for another": server.desk.exchange(other.engine.prepare().body),
        "a request": laptop.engine.prepare().body,
        "a page": b"<html>Selamat datang</html>",
        "nothing": b"",
        "deep": b"[" * 100_000,
        "an unsigned refusal": wire.encode(refusal),
        "another's refusal": sign_message(refusal, Keys.generate().sign),
        "an empty handover": b'{"reader":"x"}',
    }
    key = bytes(Keys.from_bytes(bytes.fromhex(laptop.database.meta("device_keys"))).seal.public_key)
    for number, body in enumerate(bodies.values(), 1):
        (inbox / f"{laptop.peer.device}-{number}.psb").write_bytes(sticks.seal(body, key))
    before = laptop.peer
    done = stick.take(laptop)
    assert [problem.word for problem in done.problems] == ["not_believed"] * len(bodies)
    assert laptop.peer == before
    assert len(stick.inbox) == len(bodies)


# tricks


def test_links_in_the_place_of_folders_and_files_are_not_followed(server, make, stick, tmp_path):
    laptop = make()
    laptop.register()
    outside = tmp_path / "rumah"
    outside.mkdir()
    (stick.root / "outbox").symlink_to(outside)
    with pytest.raises(StickTrouble) as trouble:
        stick.export(laptop)
    assert trouble.value.code == "stick_not_a_folder"
    assert list(outside.iterdir()) == []
    (stick.root / "outbox").unlink()
    stick.export(laptop)
    [name] = stick.outbox
    (stick.root / "outbox" / name).rename(outside / name)
    (stick.root / "outbox" / name).symlink_to(outside / name)
    (stick.root / "inbox").symlink_to(outside)
    report = stick.serve(server)
    assert (report.laptops, report.problems) == ({}, [])
    assert server.status().operations == 0
    assert list(outside.iterdir()) == [outside / name]
    assert stick.take(laptop).message == "Tidak ada kiriman untuk laptop ini di flashdisk ini."


def test_pipes_devices_and_folders_with_the_names_of_files_hang_nothing(server, make, stick):
    laptop = make()
    for folder in ("outbox", "inbox", "direct", "cards"):
        (stick.root / folder).mkdir()
        for number, make_it in enumerate((os.mkfifo, os.mkdir), 1):
            make_it(stick.root / folder / f"{laptop.peer.device}-{number}.psb")
            make_it(stick.root / folder / f"{uuid.uuid4()}.json")
    laptop.register()
    assert stick.export(laptop).operations == 1
    assert stick.serve(server).problems == []
    assert stick.take(laptop).exchanged.sent == 1


def test_files_in_the_place_of_folders_are_named(make, stick):
    laptop = make()
    (stick.root / "outbox").write_text("bukan folder")
    with pytest.raises(StickTrouble) as trouble:
        stick.export(laptop)
    assert trouble.value.message.startswith("“outbox” di flashdisk ini bukan folder biasa.")
    with pytest.raises(StickTrouble) as trouble:
        usb.export_to(laptop.database, laptop.clock, stick.root / "outbox")
    assert trouble.value.code == "stick_missing"


TRICKS = (
    "..psb",
    ".psb",
    "-1.psb",
    "{device}.psb",
    "{device}-0.psb",
    "{device}-01.psb",
    "{device}--1.psb",
    "{device}-1.psb.exe",
    "{device}-1 (1).psb",
    "{device}-99999999999999999999.psb",
    "{device}-١.psb",
    "{DEVICE}-7.PSB",
    "Salinan {device}-1.psb",
    "\u202ebsp.1-{device}.psb",
    "baris\nbaru\x1b[2J.psb",
    "panjang" * 30 + ".psb",
    "'; DROP TABLE op; --.psb",
    "%s%n{0}{file}.psb",
)


def test_names_with_tricks_are_opened_or_left_and_shown_without_harm(server, make, stick):
    laptop = make()
    laptop.register()
    stick.export(laptop)
    [name] = stick.outbox
    outbox = stick.root / "outbox"
    whole = (outbox / name).read_bytes()
    device = laptop.peer.device
    names = [trick.replace("{device}", device).replace("{DEVICE}", device.upper()) for trick in TRICKS]
    for trick in names:
        (outbox / trick).write_bytes(b"tidak ada apa-apa")
    (outbox / os.fsdecode(b"\xff\xfe.psb")).write_bytes(b"")
    report = stick.serve(server)
    assert report.laptops[device].operations == 1
    assert report.problems == []
    stick.take(laptop)
    (outbox / f"Salinan {name}").write_bytes(whole)
    report = stick.serve(server)
    assert report.laptops[device].operations == 1, "a copy under another name is the same request"
    (outbox / "baris\nbaru\x1b[2J.psb").write_bytes(
        sticks.seal(b"{}", bytes(server.district.keys.seal.public_key))
    )
    report = stick.serve(server)
    [problem] = report.problems
    assert problem.file == "outbox/baris?baru?[2J.psb"
    assert problem.message.isprintable()
    assert server.status().statuses == {"applied": 1}


def test_a_file_larger_than_any_of_ours_is_not_read(server, make, stick):
    laptop = make()
    laptop.register()
    stick.export(laptop)
    for folder, number in (("outbox", 5), ("inbox", 5), ("cards", 0)):
        (stick.root / folder).mkdir(exist_ok=True)
        name = f"{laptop.peer.device}-{number}.psb" if number else f"{uuid.uuid4()}.json"
        with (stick.root / folder / name).open("wb") as file:
            file.truncate(8 * 1024**3)
    report = stick.serve(server)
    assert [problem.word for problem in report.problems] == ["damaged"]
    done = stick.take(laptop)
    assert (done.exchanged.sent, [problem.word for problem in done.problems]) == (1, ["damaged"])


def test_a_file_that_unpacks_to_more_than_it_may_is_not_unpacked(server, make, stick):
    laptop = make()
    stick.export(laptop)
    bomb = sticks.seal(b" " * (sticks.MAX_MESSAGE + 1), bytes(server.district.keys.seal.public_key))
    assert len(bomb) < 100_000
    (stick.root / "outbox" / f"{laptop.peer.device}-9.psb").write_bytes(bomb)
    assert [problem.word for problem in stick.serve(server).problems] == ["damaged"]


@on_sqlite_alone
def test_thousands_of_strange_files_hide_nothing(server, make, stick):
    laptop = make()
    laptop.register()
    stick.export(laptop)
    (stick.root / "inbox").mkdir(exist_ok=True)
    for number in range(3_000):
        (stick.root / "outbox" / f"{uuid.uuid4()}-{number}.psb").write_bytes(b"x" * 60)
        (stick.root / "inbox" / f"{uuid.uuid4()}-{number + 1}.psb").write_bytes(b"x" * 60)
    report = stick.serve(server)
    assert report.laptops[laptop.peer.device].operations == 1
    assert report.foreign > 2_900
    done = stick.take(laptop)
    assert (done.exchanged.sent, done.others) == (1, 3_000)


def test_more_files_than_any_stick_of_ours_has_are_named(make, stick, monkeypatch):
    laptop = make()
    monkeypatch.setattr(sticks, "MAX_FILES", 20)
    (stick.root / "inbox").mkdir()
    for number in range(30):
        (stick.root / "inbox" / f"{uuid.uuid4()}-{number + 1}.psb").touch()
    with pytest.raises(StickTrouble) as trouble:
        stick.take(laptop)
    assert trouble.value.code == "stick_crowded"


def test_what_was_left_half_written_is_swept_and_only_that(server, make, stick):
    laptop, other = make(), make()
    stick.export(other)
    outbox = stick.root / "outbox"
    mine = outbox / f".{laptop.peer.device}-4.psb.0123abcd.tmp"
    theirs = outbox / f".{other.peer.device}-4.psb.0123abcd.tmp"
    strange = outbox / ".foto.jpg.tmp"
    for path in (mine, theirs, strange):
        path.write_bytes(b"separuh")
    stick.export(laptop)
    assert not mine.exists()
    assert theirs.exists()
    assert strange.exists()


def test_no_number_is_used_twice_though_a_laptop_is_restored_from_its_backup(server, make, stick):
    laptop = make()
    laptop.register()
    stick.export(laptop)
    laptop.database.set_meta("usb_number", None)
    laptop.register()
    stick.export(laptop)
    assert stick.outbox == [f"{laptop.peer.device}-2.psb"]


def test_reading_back_notices_a_stick_that_lies(tmp_path, make, stick, monkeypatch):
    laptop = make()
    laptop.register()
    real = os.fsync

    def lying(handle: int) -> None:
        real(handle)
        written = Path(f"/proc/self/fd/{handle}").readlink()
        if written.suffix == ".tmp":
            os.truncate(written, 10)

    monkeypatch.setattr(os, "fsync", lying)
    with pytest.raises(StickTrouble) as trouble:
        stick.export(laptop)
    assert trouble.value.code == "stick_unreliable"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "stick_full"),
        (errno.EROFS, "stick_read_only"),
        (errno.EIO, "stick_gone"),
        (errno.ENODEV, "stick_gone"),
    ],
)
def test_each_trouble_of_a_stick_has_its_sentence(number, code):
    with pytest.raises(StickTrouble) as trouble, sticks._told():
        raise OSError(number, "x")
    assert trouble.value.code == code
    assert trouble.value.message[0].isupper()

"""Sticks at the district, filled by a second client that knows docs/sync-protocol.md and nothing else."""

import json
from itertools import pairwise

import pytest
import zstandard
from nacl.public import PublicKey, SealedBox

from posyandu_app.district import admin, usb
from posyandu_app.sync import wire
from posyandu_app.sync.stick import StickTrouble
from tests.district.hand import Hand, opened, statuses
from tests.district.server import VILLAGE


class Stick:
    """A stick and what the second client does with it."""

    def __init__(self, root) -> None:
        self.root = root
        root.mkdir()

    def put(self, server, laptop: Hand, number: int, body: bytes) -> None:
        outbox = self.root / "outbox"
        outbox.mkdir(exist_ok=True)
        reader = PublicKey(bytes(server.district.keys.seal.public_key))
        sealed = SealedBox(reader).encrypt(zstandard.compress(body))
        (outbox / f"{laptop.device}-{number}.psb").write_bytes(sealed)

    def replies(self, laptop: Hand) -> list[dict]:
        """Every reply for a laptop, opened and its signature found right, by number."""
        found = {}
        for path in (self.root / "inbox").glob(f"{laptop.device}-*.psb"):
            body = zstandard.decompress(SealedBox(laptop.seal).decrypt(path.read_bytes()))
            found[int(path.stem.rpartition("-")[2])] = opened(body, laptop.server_key)
        return [found[number] for number in sorted(found)]

    def serve(self, server) -> usb.Report:
        return usb.serve(server.district, server.store, server.desk, self.root)


@pytest.fixture
def stick(tmp_path):
    return Stick(tmp_path / "flashdisk")


def test_a_request_on_a_stick_is_answered_like_one_on_the_line(server, join, stick):
    kader, bidan = join(), join(VILLAGE)
    kader.measure(kader.child("Siti"))
    stick.put(server, kader, 1, kader.signed(kader.segment()))
    report = stick.serve(server)
    assert report.problems == []
    served = report.laptops[kader.device]
    assert (served.operations, served.statuses, served.more) == (2, {"applied": 2}, False)
    replies = stick.replies(kader)
    assert len(replies) == served.replies
    assert statuses(replies[0]) == ["applied", "applied"]
    assert all(reply["have"] == {kader.replica: 2} for reply in replies)
    assert replies[-1]["sanity"]["log"][0] == 2
    stick.put(server, bidan, 1, bidan.signed())
    stick.serve(server)
    heard = [item["op"] for reply in stick.replies(bidan) for item in reply["feed"]["ops"]]
    assert heard == kader.ops
    assert server.status().statuses == {"applied": 2}


def test_pages_follow_each_other_without_a_gap(server, join, stick, monkeypatch):
    kader, bidan = join(), join(VILLAGE)
    for number in range(260):
        kader.child(f"Anak {number}")
    kader.push(server)
    monkeypatch.setattr(wire, "MAX_OPERATIONS", 100)
    stick.put(server, bidan, 1, bidan.signed(limit=1))
    assert stick.serve(server).laptops[bidan.device].replies == 4
    pages = [reply["feed"] for reply in stick.replies(bidan)]
    assert [len(page["ops"]) for page in pages] == [0, 100, 100, 60]
    for before, after in pairwise(pages):
        assert before["to"] == after["from"]
    assert [page["more"] for page in pages] == [True, True, True, False]


def test_a_laptop_gets_no_more_pages_than_a_stick_should_hold(server, join, stick, monkeypatch):
    kader, bidan = join(), join(VILLAGE)
    for number in range(30):
        kader.child(f"Anak {number}")
    kader.push(server)
    monkeypatch.setattr(wire, "MAX_OPERATIONS", 5)
    monkeypatch.setattr(usb, "MAX_PAGES", 3)
    stick.put(server, bidan, 1, bidan.signed(limit=5))
    served = stick.serve(server).laptops[bidan.device]
    assert (served.replies, served.more) == (4, True)
    bidan.cursor = stick.replies(bidan)[-1]["feed"]["to"]
    stick.put(server, bidan, 2, bidan.signed(limit=5))
    assert stick.serve(server).laptops[bidan.device].more is False
    heard = [item["op"]["seq"] for reply in stick.replies(bidan) for item in reply["feed"]["ops"]]
    assert heard == list(range(1, 31))


def test_the_second_part_of_a_log_waits_for_the_first(server, join, stick):
    laptop = join()
    for _ in range(4):
        laptop.child()
    stick.put(server, laptop, 2, laptop.signed(laptop.segment(3)))
    report = stick.serve(server)
    assert report.problems == []
    assert stick.replies(laptop)[-1]["have"] == {laptop.replica: 0}
    stick.put(server, laptop, 1, laptop.signed(laptop.segment(1, 2)))
    stick.put(server, laptop, 2, laptop.signed(laptop.segment(3)))
    stick.serve(server)
    assert stick.replies(laptop)[-1]["have"] == {laptop.replica: 4}


def test_a_fork_is_answered_with_a_signed_refusal(server, join, stick):
    laptop = join()
    laptop.child()
    laptop.push(server)
    twin = Hand(
        laptop.scope,
        laptop.now_ms,
        laptop.device,
        laptop.replica,
        laptop.key,
        laptop.seal,
        epoch=laptop.epoch,
    )
    twin.server_key = laptop.server_key
    twin.child()
    twin.child()
    stick.put(server, twin, 1, twin.signed(twin.segment()))
    [problem] = stick.serve(server).problems
    assert problem.word == "fork"
    [refusal] = stick.replies(twin)
    assert (refusal["error"], refusal["device"], refusal["replica"]) == (
        "fork",
        laptop.device,
        laptop.replica,
    )
    assert refusal["seq"] == 1
    assert "feed" not in refusal
    assert server.status().operations == 1


def test_whoever_is_not_known_or_signs_with_another_key_gets_no_answer(server, join, stick):
    laptop, thief = join(), join(VILLAGE)
    laptop.child("Siti")
    body = laptop.signed(laptop.segment())
    stick.put(server, thief, 1, body.replace(b"Siti", b"Sita"))
    stranger = Hand(laptop.scope, laptop.now_ms)
    stranger.child()
    stick.put(server, stranger, 1, stranger.signed(stranger.segment()))
    stick.put(server, laptop, 1, json.dumps({**json.loads(body), "limit": 5}).encode())
    report = stick.serve(server)
    assert sorted(problem.word for problem in report.problems) == ["bad_signature"] * 2 + ["unknown_device"]
    assert not (stick.root / "inbox").exists()
    assert server.status().operations == 0
    assert len(list((stick.root / "outbox").iterdir())) == 3


def test_a_carrier_brings_others_and_is_told_of_them(server, join, stick):
    kader, bidan = join(), join(VILLAGE)
    kader.child()
    stick.put(server, bidan, 1, bidan.signed(kader.segment()))
    stick.serve(server)
    first = stick.replies(bidan)[0]
    assert first["have"][kader.replica] == 1
    assert [(item["replica"], item["status"]) for item in first["receipts"]] == [(kader.replica, "applied")]


def test_a_revoked_laptop_is_told_to_wipe_and_hears_nothing(server, join, stick):
    laptop, other = join(), join()
    other.child("Tetangga")
    other.push(server)
    laptop.child()
    admin.revoke(server.store, laptop.device)
    stick.put(server, laptop, 1, laptop.signed(laptop.segment()))
    stick.serve(server)
    [reply] = stick.replies(laptop)
    assert reply["order"] == {"wipe": True}
    assert reply["feed"]["ops"] == []
    assert reasons(reply) == ["revoked"]


def reasons(reply: dict) -> list[str | None]:
    return [receipt.get("why") for receipt in reply["receipts"]]


def test_the_numbers_of_replies_never_come_again(server, join, stick, tmp_path):
    laptop = join()
    names = set()
    for number in range(1, 4):
        fresh = Stick(tmp_path / f"lain-{number}")
        fresh.put(server, laptop, 1, laptop.signed())
        fresh.serve(server)
        found = {path.name for path in (fresh.root / "inbox").iterdir()}
        assert not names & found
        names |= found
    stick.put(server, laptop, 1, laptop.signed())
    inbox = stick.root / "inbox"
    inbox.mkdir()
    (inbox / f"{laptop.device}-50.psb").write_bytes(b"dari server yang dipulihkan")
    stick.serve(server)
    assert (inbox / f"{laptop.device}-50.psb").read_bytes() == b"dari server yang dipulihkan"
    assert (inbox / f"{laptop.device}-51.psb").exists()


def test_a_stick_that_is_no_folder_is_named(server, stick):
    with pytest.raises(StickTrouble) as trouble:
        usb.serve(server.district, server.store, server.desk, stick.root / "tidak ada")
    assert "tidak ditemukan" in trouble.value.message
    assert stick.serve(server).message == "Tidak ada kiriman untuk server ini di flashdisk ini."

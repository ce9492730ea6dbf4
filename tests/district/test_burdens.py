"""What an enrolled laptop that means harm can burden the district and other laptops with: not much."""

import time

import pytest

from posyandu_app.district import judge, leaving
from posyandu_app.sync.http import MAX_UNPACKED_ANSWER
from tests.district.hand import new_id, reasons, statuses
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE

MANY = 1_900


def field(value, base=None):
    return {"v": value, "base": base}


def named(laptop, child, measurement):
    laptop.write("child.set", child, {"name": field(f"Nama {len(laptop.ops)}")})


def same(laptop, child, measurement):
    laptop.child("Anak Uji", child)


def another(laptop, child, measurement):
    laptop.child(f"Nama {len(laptop.ops)}", child)


def of_its_own(laptop, child, measurement):
    own = [laptop.replica, len(laptop.ops) + 1]
    laptop.write("child.set", child, {"name": field(f"Nama {len(laptop.ops)}", own)})


def moved(laptop, child, measurement):
    before = [laptop.replica, len(laptop.ops)]
    laptop.write("child.set", child, {"state": field("pindah"), "state_on": field("2026-11-01", before)})


def corrected(laptop, child, measurement):
    laptop.write("measurement.correct", measurement, {"set": {"weight_g": field(len(laptop.ops))}})


def voided(laptop, child, measurement):
    if len(laptop.ops) % 2:
        corrected(laptop, child, measurement)
    else:
        laptop.write("measurement.void", measurement, {"reason": "x", "seen": []})


@pytest.mark.parametrize("writes", [named, same, another, of_its_own, moved, corrected, voided])
def test_a_long_history_costs_no_more_than_it_is_long(server, join, monkeypatch, writes):
    monkeypatch.setattr(judge, "MOST_ABOUT_ONE", 2 * MANY)
    laptop = join()
    child = laptop.child()
    measurement = laptop.measure(child)
    laptop.push(server)
    for _ in range(MANY):
        writes(laptop, child, measurement)
    body = laptop.signed(laptop.segment(first=3))
    began = time.thread_time()
    answer = server.desk.exchange(body)
    assert time.thread_time() - began < 3, "ten seconds and more when each is merged with all before it"
    assert len(answer) < MAX_UNPACKED_ANSWER / 8, "who is in conflict with whom is said in few words"


def test_of_too_much_about_one_child_the_rest_is_put_aside_and_told(server, join):
    laptop, another = join(), join()
    child, sister = laptop.child(), laptop.child()
    laptop.push(server)
    for number in range(judge.MOST_ABOUT_ONE + 4):
        laptop.write("child.set", child, {"phone": field(f"08{number}")})
    laptop.write("child.set", sister, {"phone": field("0812")})
    reply = laptop.push(server, first=3)
    assert statuses(reply, 3) == ["applied"] * (judge.MOST_ABOUT_ONE - 1) + ["quarantined"] * 5 + ["applied"]
    assert {*reasons(reply)} == {None, "too_long"}
    assert all(
        receipt["message"].startswith("Laptop ini menulis terlalu banyak")
        for receipt in reply["receipts"]
        if receipt["status"] == "quarantined"
    )
    laptop.write("child.set", child, {"phone": field("0813")})
    assert statuses(laptop.push(server, first=len(laptop.ops)), len(laptop.ops)) == ["quarantined"]
    another.write("child.set", child, {"phone": field("0814")})
    assert statuses(another.push(server)) == ["applied"], "nobody else is kept from writing about her"


def test_of_too_much_text_the_rest_is_put_aside_and_told(server, join):
    """A row of a hundred thousand fields would be merged, sent and shown again with each that comes."""
    laptop, village = join(), join(VILLAGE)
    child = laptop.child()
    for number in range(4):
        laptop.write("child.set", child, {f"x{number}_{name}": field(None) for name in range(15_000)})
    laptop.write("visit.record", new_id(), {"child": child, "date": "2026-11-18", "note": "x" * 2_000_000})
    laptop.write("child.set", child, {"phone": field("0812")})
    reply = laptop.push(server)
    assert statuses(reply) == ["applied"] * 3 + ["quarantined"] * 3 + ["applied"]
    assert reasons(reply) == [None] * 3 + ["too_long"] * 3 + [None]
    assert len(village.hear(server)) == 4


def test_many_who_leave_at_once_are_let_go_in_one_look_through_the_feed(server, join, monkeypatch):
    looks = []
    clear = leaving._clear_feed
    monkeypatch.setattr(leaving, "_clear_feed", lambda *which: (looks.append(which), clear(*which)))
    laptop, other = join(), join(OTHER_VILLAGE)
    children = [laptop.child() for _ in range(120)]
    for child in children:
        laptop.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    laptop.child("Tinggal")
    laptop.push(server)
    server.time.move(judge.READS_ON_MS + 1)
    other.ask(server)
    assert [scope for _, scope, _ in looks] == [POSYANDU]
    reply = laptop.ask(server)
    assert set(reply["order"]["purge"]) == set(children)
    assert reply["sanity"]["log"][0] == 1
    again = laptop.ask(server, have={}, cursor=0)["feed"]["ops"]
    assert [item["op"]["seq"] for item in again] == [241], "the feed tells of who stays"


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (VILLAGE, "too_wide"),
        ("32.11.13", "too_wide"),
        ("32.11", "too_wide"),
        (f"{OTHER_POSYANDU}.1", "malformed"),
    ],
)
def test_a_child_moves_to_one_posyandu(server, join, to, why):
    laptop, wide = join(), join(VILLAGE)
    child = laptop.child()
    laptop.write("child.transfer", child, {"to": to, "date": "2026-11-18"})
    reply = laptop.push(server)
    assert statuses(reply) == ["applied", "quarantined"]
    assert reasons(reply) == [None, why]
    assert [item["op"]["type"] for item in wide.hear(server)] == ["child.register"]


def test_a_child_moves_about_but_not_through_the_whole_district(server, join):
    laptop = join()
    child, sister = laptop.child(), laptop.child()
    for number in range(judge.MOST_SCOPES + 3):
        laptop.write("child.transfer", child, {"to": f"32.11.13.2008.{number:03}", "date": "2026-11-18"})
    laptop.write("child.transfer", child, {"to": POSYANDU, "date": "2026-11-18"})
    laptop.write("child.transfer", sister, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    reply = laptop.push(server)
    moves = statuses(reply, 3)
    assert moves == ["applied"] * (judge.MOST_SCOPES - 1) + ["quarantined"] * 4 + ["applied"] * 2
    assert {*reasons(reply)} == {None, "moved_too_often"}


def test_nothing_of_ones_own_is_written_under_the_id_of_what_others_wrote(server, join):
    """Who forgets the one child would forget the other's record with her: her midwife's laptop, for one."""
    laptop, other = join(), join(OTHER_POSYANDU)
    child = other.child("Anak Tetangga")
    measurement = other.measure(child)
    other.push(server)
    own = laptop.child()
    for entity in (child, measurement):
        for kind in ("visit", "dose", "measurement", "teleposyandu"):
            laptop.write(f"{kind}.record", entity, {"child": own, "date": "2026-11-18"})
    reply = laptop.push(server)
    outside = reasons(reply).index("out_of_scope")
    assert laptop.ops[outside]["type"] == "measurement.record"
    assert laptop.ops[outside]["entity"] == measurement
    assert [why for why in reasons(reply) if why != "out_of_scope"] == [None] + ["id_taken"] * 7
    laptop.write("visit.record", own, {"child": own, "date": "2026-11-18"})
    assert statuses(laptop.push(server, first=10), 10) == ["applied"], "under her own id it harms nobody"


def test_nothing_is_written_inside_a_posyandu(server, join):
    """What lies there would count in the posyandu's sums and never come to its laptops."""
    laptop = join()
    laptop.write("child.register", new_id(), {"name": field("Anak Uji")}, scope=f"{POSYANDU}.1")
    reply = laptop.push(server)
    assert reasons(reply) == ["malformed"]
    assert reply["sanity"]["log"][0] == 0


def test_one_that_cannot_be_judged_makes_the_others_wait_for_little(server, join, monkeypatch):
    """Each of a batch is judged in halves of it, not one by one, when one of them is a trap."""
    held = []
    hold, apply = judge.Sitting.hold, judge.Sitting._apply

    def counting(self):
        held.append(len(self.cases))
        return hold(self)

    def trap(self, case, subject):
        if case.key.seq == 300:
            raise ValueError("a trap")
        return apply(self, case, subject)

    monkeypatch.setattr(judge.Sitting, "hold", counting)
    monkeypatch.setattr(judge.Sitting, "_apply", trap)
    laptop = join()
    child = laptop.child()
    for _ in range(499):
        laptop.measure(child)
    reply = laptop.push(server)
    assert reasons(reply) == [None] * 299 + ["judge_failed"] + [None] * 200
    assert len(held) < 30

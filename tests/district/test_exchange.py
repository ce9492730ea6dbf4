"""One exchange: what is stored, what becomes of it, and what is told back."""

import json

import pytest
from sqlalchemy import select

from posyandu_app.district import schema
from posyandu_app.district.refusal import Refusal
from posyandu_app.domain.clock import rfc3339
from tests.district.hand import Hand, hlc, new_id, opened, reasons, sign, statuses
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE


def test_what_a_laptop_sends_is_applied_and_signed_for(server, join):
    laptop = join()
    laptop.measure(laptop.child())
    reply = laptop.push(server)
    assert reply["have"] == {laptop.replica: 2}
    assert statuses(reply) == ["applied", "applied"]
    assert [receipt["ss"] for receipt in reply["receipts"]] == [1, 2]
    assert reply["device"] == laptop.device
    assert reply["feed"] == {"from": 0, "to": 2, "ops": [], "more": False}
    assert server.status().digests["child"][0] == 1
    assert server.status().digests["measurement"][0] == 1


def test_a_repeated_request_changes_nothing_and_gives_the_same_receipts(server, join):
    laptop = join()
    laptop.measure(laptop.child())
    body = laptop.signed(laptop.segment())
    first = opened(server.desk.exchange(body), laptop.server_key)
    before = server.status()
    for _ in range(3):
        again = opened(server.desk.exchange(body), laptop.server_key)
        assert again["receipts"] == first["receipts"]
        assert again["have"] == first["have"]
    assert server.status() == before


def test_an_overlapping_segment_adds_only_what_is_new(server, join):
    laptop = join()
    child = laptop.child()
    laptop.push(server)
    laptop.measure(child)
    reply = laptop.push(server, first=1)
    assert reply["have"][laptop.replica] == 2
    assert server.status().operations == 2


def test_another_laptop_of_the_scope_hears_it_once_and_in_order(server, join):
    kader, bidan = join(), join(VILLAGE)
    child = kader.child()
    for weight in (8000, 8200, 8400):
        kader.measure(child, weight)
    kader.push(server)
    heard = bidan.hear(server)
    assert [item["ss"] for item in heard] == [1, 2, 3, 4]
    assert [item["op"] for item in heard] == kader.ops
    assert [item["replica"] for item in heard] == [kader.replica] * 4
    assert bidan.hear(server) == []


def test_operations_travel_on_as_they_came_also_with_fields_and_types_of_a_newer_version(server, join):
    kader, bidan = join(), join(VILLAGE)
    child = kader.child(nickname="Ucil")
    kader.write(
        "child.set", child, {"colour": {"v": {"deep": [1, None, True, "é"]}, "base": None}}, later={"x": 1}
    )
    kader.write("teleposyandu.call", new_id(), {"child": child, "minutes": 12}, v=7)
    assert statuses(kader.push(server)) == ["applied"] * 3
    assert [item["op"] for item in bidan.hear(server)] == kader.ops


def test_a_page_of_the_feed_ends_at_its_limit_and_the_next_goes_on_there(server, join):
    kader, bidan = join(), join(VILLAGE)
    child = kader.child()
    for number in range(9):
        kader.measure(child, 8000 + number)
    kader.push(server)
    pages = []
    while True:
        reply = bidan.ask(server, limit=4)
        pages.append([item["ss"] for item in reply["feed"]["ops"]])
        assert ("sanity" in reply) is not reply["feed"]["more"]
        bidan.cursor = reply["feed"]["to"]
        if not reply["feed"]["more"]:
            break
    assert pages == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]


def test_the_cursor_passes_over_what_lies_outside_the_scope(server, join):
    near, far = join(), join(OTHER_VILLAGE)
    far.child()
    far.push(server)
    reply = near.ask(server)
    assert reply["feed"] == {"from": 0, "to": 1, "ops": [], "more": False}


def test_nobody_hears_what_lies_outside_the_scope(server, join):
    laptops = {scope: join(scope) for scope in (POSYANDU, OTHER_POSYANDU, OTHER_VILLAGE, VILLAGE, "32.11")}
    for scope in (POSYANDU, OTHER_POSYANDU, OTHER_VILLAGE):
        laptops[scope].child(scope)
        laptops[scope].push(server)
    heard = {
        scope: {item["op"]["scope"] for item in laptop.hear(server)} for scope, laptop in laptops.items()
    }
    assert heard == {
        POSYANDU: set(),
        OTHER_POSYANDU: set(),
        OTHER_VILLAGE: set(),
        VILLAGE: {POSYANDU, OTHER_POSYANDU},
        "32.11": {POSYANDU, OTHER_POSYANDU, OTHER_VILLAGE},
    }


def test_own_operations_that_have_covers_come_as_receipts(server, join):
    """So a lost reply never loses an `eff`, and sums over the order stay exact."""
    laptop = join()
    laptop.measure(laptop.child())
    lost = laptop.push(server)
    reply = laptop.ask(server)
    assert reply["feed"]["ops"] == []
    assert reply["receipts"] == lost["receipts"]


def test_a_laptop_restored_from_a_backup_hears_what_its_backup_lacked(server, join):
    laptop = join()
    child = laptop.child()
    laptop.measure(child)
    laptop.push(server)
    reply = laptop.ask(server, have={laptop.replica: 1, new_id(): 0})
    assert [item["op"]["seq"] for item in reply["feed"]["ops"]] == [2]
    assert [receipt["seq"] for receipt in reply["receipts"]] == [1]


def test_have_answers_for_every_log_that_was_named(server, join):
    laptop, other, nobody = join(), join(), new_id()
    other.child()
    other.push(server)
    reply = laptop.ask(server, have={laptop.replica: 0, other.replica: 0, nobody: 5})
    assert reply["have"] == {laptop.replica: 0, other.replica: 1, nobody: 0}


def test_a_gap_is_told_with_what_is_held_and_nothing_is_kept(server, join):
    laptop = join()
    laptop.child()
    laptop.push(server)
    for _ in range(3):
        laptop.child()
    with pytest.raises(Refusal) as refused:
        laptop.push(server, first=3)
    assert (refused.value.status, refused.value.reply.error) == (409, "gap")
    assert refused.value.reply.have == {laptop.replica: 1}
    assert server.status().operations == 1


def test_with_another_epoch_a_late_start_is_passed_over_and_have_tells_where_to_begin(server, join):
    laptop = join()
    for _ in range(3):
        laptop.child()
    laptop.push(server, until=1)
    reply = laptop.ask(server, laptop.segment(first=3), epoch=new_id(), cursor=77)
    assert reply["have"] == {laptop.replica: 1}
    assert reply["feed"]["from"] == 0
    assert server.status().operations == 1


def test_a_fork_is_told_with_the_first_number_that_differs(server, join):
    laptop = join()
    clone = Hand(laptop.scope, laptop.now_ms, laptop.device, laptop.replica, laptop.key, laptop.seal)
    clone.server_key, clone.epoch = laptop.server_key, laptop.epoch
    same = laptop.child("Sama")
    clone.append(laptop.ops[0])
    laptop.measure(same, 8000)
    clone.measure(same, 9000)
    laptop.push(server)
    with pytest.raises(Refusal) as refused:
        clone.push(server)
    assert (refused.value.status, refused.value.reply.error) == (409, "fork")
    assert (refused.value.reply.replica, refused.value.reply.seq) == (laptop.replica, 2)
    clone.measure(same, 9100)
    with pytest.raises(Refusal) as refused:
        clone.push(server, first=3)
    assert refused.value.reply.error == "fork"


@pytest.mark.parametrize("part", ["payload", "envelope", "last"])
def test_a_hash_that_does_not_fit_is_damage_and_nothing_is_kept(server, join, part):
    laptop = join()
    laptop.child("Utuh")
    segment = json.loads(json.dumps(laptop.segment()))
    if part == "payload":
        segment["ops"][0]["payload"]["name"]["v"] = "Rusak"
    elif part == "envelope":
        segment["ops"][0]["actor"] = "orang lain"
    else:
        segment = laptop.segment(last="ab" * 32)
    with pytest.raises(Refusal) as refused:
        laptop.ask(server, segment)
    assert (refused.value.status, refused.value.reply.error) == (422, "damaged")
    assert server.status().operations == 0


def test_eff_is_never_later_than_the_time_received(server, join):
    """A clock in the future wins for ever otherwise (F7)."""
    laptop = join()
    laptop.write("child.register", new_id(), {"name": {"v": "A", "base": None}}, hlc=hlc(2**47))
    receipt = laptop.push(server)["receipts"][0]
    assert receipt["eff"][:12] <= f"{server.time.now:012x}"


def test_the_last_page_says_that_it_is_the_last_one_however_full_it_is(server, join):
    kader, bidan = join(), join(VILLAGE)
    for _ in range(3):
        kader.child()
    kader.push(server)
    for limit, more in ((2, True), (3, False), (4, False)):
        reply = bidan.ask(server, limit=limit)
        assert len(reply["feed"]["ops"]) == min(limit, 3)
        assert (reply["feed"]["more"], "sanity" in reply, "total" in reply["feed"]) == (more, not more, more)


def test_of_two_edits_the_one_made_later_is_shown_whichever_comes_first(server, join):
    """Both were made before contact: when they came to the server says nothing of when they were made."""
    first, second = join(), join()
    child = first.child("Siti", phone="0811")
    first.push(server)
    base = [first.replica, 1]
    minute = 60_000
    first.now_ms += 10 * minute
    second.now_ms += 30 * minute
    first.write("child.set", child, {"phone": {"v": "0812", "base": base}})
    second.write("child.set", child, {"phone": {"v": "0813", "base": base}})
    server.time.move(50 * minute)
    sent_at = rfc3339(server.time.now)
    for laptop, seq in ((second, 1), (first, 2)):
        receipt = laptop.push(server, seq, sent_at=sent_at)["receipts"][0]
        assert receipt["eff"] == laptop.ops[-1]["hlc"]
    with server.store.read() as connection:
        body = connection.scalar(select(schema.row.c.body).where(schema.row.c.entity == child))
    assert json.loads(body)["values"]["phone"] == "0813"


def test_eff_is_corrected_by_the_skew_measured_at_contact(server, join):
    laptop = join()
    day = 24 * 60 * 60 * 1000
    laptop.now_ms -= 30 * day
    laptop.child()
    from datetime import UTC, datetime

    sent_at = datetime.fromtimestamp((server.time.now - 30 * day) / 1000, UTC).isoformat()
    receipt = laptop.push(server, sent_at=sent_at)["receipts"][0]
    assert abs(int(receipt["eff"][:12], 16) - server.time.now) < 60_000


@pytest.mark.parametrize(
    "sent_at", ["1970-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59", "2000-01-01T00:00:00Z"]
)
def test_no_clock_forbids_an_upload(server, join, sent_at):
    laptop = join()
    laptop.child()
    reply = laptop.push(server, sent_at=sent_at)
    assert statuses(reply) == ["applied"]
    assert reply["receipts"][0]["eff"][:12] <= f"{server.time.now:012x}"


def test_the_reply_is_dated_by_the_server(server, join):
    laptop = join()
    first, second = laptop.ask(server)["received_at"], laptop.ask(server)["received_at"]
    assert first < second
    assert first.endswith("+00:00")


def test_sanity_counts_what_is_in_scope(server, join):
    near, far = join(), join(OTHER_VILLAGE)
    child = near.child()
    near.measure(child)
    near.push(server)
    far.child()
    far.push(server)
    sanity = near.ask(server)["sanity"]
    assert sanity["cursor"] == 3
    assert sanity["log"][0] == 2
    assert {kind: pair[0] for kind, pair in sanity["rows"].items() if kind != "version"} == {
        "child": 1,
        "measurement": 1,
    }


def test_the_operation_hashes_add_up_as_the_protocol_says(server, join):
    import hashlib

    from tests.district.hand import canonical, sha256

    laptop = join()
    laptop.measure(laptop.child())
    total = 0
    for operation in laptop.ops:
        envelope = {name: value for name, value in operation.items() if name != "payload"}
        mark = laptop.replica.encode() + sha256(canonical(envelope)) + sha256(canonical(operation["payload"]))
        total += int.from_bytes(hashlib.sha256(mark).digest(), "big")
    assert laptop.push(server)["sanity"]["log"] == [2, f"{total % 2**256:064x}"]


def test_a_revoked_laptop_is_heard_put_aside_and_told_to_wipe(server, join):
    from posyandu_app.district import admin

    laptop, other = join(), join(VILLAGE)
    other.child(entity=new_id())
    laptop.child()
    laptop.push(server)
    admin.revoke(server.store, laptop.device)
    laptop.child()
    reply = laptop.push(server, first=2)
    assert reply["have"][laptop.replica] == 2
    assert (statuses(reply), reasons(reply)) == (["quarantined"], ["revoked"])
    assert reply["order"] == {"wipe": True}
    assert reply["feed"]["ops"] == []
    assert "sanity" not in reply


def test_a_laptop_enrolled_again_goes_on_with_its_log(server, join):
    first = join()
    first.child()
    first.push(server)
    second = first
    for _ in range(2):
        former = second
        second = Hand(
            first.scope,
            former.now_ms,
            replica=first.replica,
            ops=list(former.ops),
            hashes=list(former.hashes),
        )
        second.join(server, continues=second.continuation(former))
        second.child()
        reply = second.push(server)
    assert reply["have"] == {first.replica: 3}
    assert first.push(server)["have"] == {first.replica: 3}


def test_nobody_goes_on_with_a_log_without_its_former_key(server, join):
    owner = join()
    owner.child()
    owner.push(server)
    thief = Hand(
        owner.scope, owner.now_ms, replica=owner.replica, ops=list(owner.ops), hashes=list(owner.hashes)
    )
    forged = {"device": owner.device, "sig": thief.continuation(thief)["sig"]}
    with pytest.raises(Refusal) as refused:
        thief.join(server, continues=forged)
    assert (refused.value.status, refused.value.reply.error) == (401, "bad_signature")
    with pytest.raises(Refusal) as refused:
        thief.join(server, continues={"device": "x", "sig": ""})
    assert refused.value.reply.error == "malformed"
    thief.join(server, continues={"device": new_id(), "sig": ""})
    thief.child()
    with pytest.raises(Refusal) as refused:
        thief.push(server, first=2)
    told = refused.value.reply
    assert (told.error, told.replica, told.seq) == ("fork", owner.replica, 2)
    assert owner.push(server)["have"] == {owner.replica: 1}


def test_a_laptop_may_carry_anothers_signed_segments(server, join):
    kader, bidan = join(), join(VILLAGE)
    kader.child()
    reply = bidan.ask(server, kader.segment())
    assert reply["have"][kader.replica] == 1
    assert statuses(reply) == ["applied"]


def test_a_request_in_other_spacing_and_order_is_the_same_request(server, join):
    laptop = join()
    laptop.child("Ünïcödé")
    message = json.loads(laptop.signed(laptop.segment()))
    body = json.dumps(dict(reversed(message.items())), indent=2).encode("utf-8")
    reply = opened(server.desk.exchange(body), laptop.server_key)
    assert statuses(reply) == ["applied"]
    bidan = join(VILLAGE)
    assert [item["op"] for item in bidan.hear(server)] == laptop.ops


def test_fields_of_a_newer_protocol_in_the_request_are_let_be(server, join):
    laptop = join()
    laptop.child()
    reply = laptop.ask(server, laptop.segment(), zebra={"new": [1, 2, 3]}, battery=80)
    assert statuses(reply) == ["applied"]


def test_health_names_the_server_and_its_history(server, join):
    laptop = join()
    health = server.desk.health()
    assert (health.status, health.proto) == ("ok", [1])
    assert health.server.sign_key == laptop.server_key
    assert health.epoch == laptop.epoch


def test_after_a_restored_backup_the_epoch_is_new_and_everything_is_heard_again(server, join):
    from posyandu_app.district import admin

    kader, bidan = join(), join(VILLAGE)
    kader.child()
    kader.push(server)
    assert len(bidan.hear(server)) == 1
    admin.restored(server.store)
    before = bidan.epoch
    heard = bidan.hear(server)
    assert bidan.epoch != before
    assert [item["op"] for item in heard] == kader.ops


def test_a_signature_by_another_key_is_refused(server, join):
    laptop, thief = join(), join(VILLAGE)
    laptop.child()
    body = sign(laptop.request(laptop.segment()), thief.key)
    with pytest.raises(Refusal) as refused:
        server.desk.exchange(body)
    assert (refused.value.status, refused.value.reply.error) == (401, "bad_signature")

"""What becomes of an operation: applied, conflict, duplicate, held, quarantined; one never blocks another."""

import gc
import random
import sqlite3
import tracemalloc

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from posyandu_app.district import admin, desk, judge, schema, stored, verdicts
from posyandu_app.district.store import insert
from tests.district.hand import new_id, posyandu_of, reasons, session_of, statuses
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, VILLAGE


def field(value, base=None):
    return {"v": value, "base": base}


def test_a_measurement_of_an_unknown_child_is_held_and_applied_by_itself_when_the_child_comes(server, join):
    bidan, kader = join(VILLAGE), join()
    child = kader.child()
    bidan.scope = POSYANDU
    bidan.measure(child)
    reply = bidan.push(server)
    receipt = reply["receipts"][0]
    assert (receipt["status"], receipt["why"], receipt["ref"]) == ("held", "unknown_child", child)
    assert "ss" not in receipt
    assert "anak" in receipt["message"]
    assert server.status().statuses == {"held": 1}
    kader.push(server)
    assert server.status().statuses == {"applied": 2}
    later = bidan.ask(server)
    assert [(r["seq"], r["status"], r["ss"]) for r in later["receipts"]] == [(1, "applied", 2)]
    assert [item["op"]["seq"] for item in kader.hear(server)] == [1]


def test_a_chain_of_held_operations_is_released_in_one_go(server, join):
    bidan, kader = join(VILLAGE), join()
    bidan.scope = POSYANDU
    child = kader.child()
    measurement, first = bidan.measure(child, 8400), [bidan.replica, 1]
    change = {"weight_g": field(8600, first)}
    bidan.write("measurement.correct", measurement, {"set": change, "reason": "salah baca"})
    bidan.write("measurement.void", measurement, {"reason": "timbangan rusak", "seen": []})
    assert statuses(bidan.push(server)) == ["held"] * 3
    assert [receipt["ref"] for receipt in bidan.push(server)["receipts"]] == [child, measurement, measurement]
    kader.push(server)
    assert server.status().statuses == {"applied": 4}


def test_no_text_of_an_operation_upsets_the_database(server, join):
    """PostgreSQL takes neither NUL nor very long keys in an index."""
    laptop = join()
    for bad in ("\x00", "x" * 100_000, "\U0010ffff" * 9000, "'; DROP TABLE op; --"):
        for part in ("entity", "type", "scope", "actor", "at", "hlc", "app"):
            laptop.write("child.register", new_id(), {"name": field(bad)}, **{part: bad})
    laptop.child("Sesudahnya")
    reply = laptop.push(server)
    assert statuses(reply).count("quarantined") == 26  # an odd name of a user or of an app is only odd
    assert statuses(reply)[-1] == "applied"
    assert reply["have"][laptop.replica] == 29


@pytest.mark.parametrize("kind", ["visit.record", "measurement.correct", "person.link", "teleposyandu.call"])
@pytest.mark.parametrize("child", ["\x00", "Siti", random.Random(1).randbytes(9_000).hex()], ids=len)
def test_a_child_that_is_no_id_is_never_waited_for(server, join, kind, child):
    laptop = join()
    payload = {"child": child, "date": "2026-11-18", "set": {}, "other": new_id()}
    laptop.write(kind, new_id(), payload)
    laptop.child("Sesudahnya")
    reply = laptop.push(server)
    assert reasons(reply) == ["malformed", None]
    assert "“child”" in reply["receipts"][0]["message"]


@pytest.mark.parametrize("name", ["a\x00", "a\nb", "x" * 5_000], ids=len)
def test_a_field_whose_name_cannot_be_shown_is_told_as_the_payload(server, join, name):
    laptop = join()
    child = laptop.child()
    laptop.write("child.set", child, {name: 5})
    reply = laptop.push(server)
    assert reasons(reply) == [None, "malformed"]
    assert "“payload”" in reply["receipts"][1]["message"]


def test_long_texts_of_operations_are_not_kept_in_memory(server, join):
    """What is remembered to be quick is short: a laptop that means harm cannot fill the server with it."""
    laptop = join()

    def told(start: int) -> None:
        for number in range(start, start + 12):
            long = f"{number}" + "x" * 200_000
            laptop.write("visit.record", new_id(), {}, app=long, actor=long, at=long, hlc=long)
            laptop.write(f"{long}.record", new_id(), {}, scope=long)
        assert set(statuses(laptop.push(server, first=2 * start + 1))) == {"quarantined"}

    told(0)
    gc.collect()
    tracemalloc.start()
    told(12)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown - sum(len(str(operation)) for operation in laptop.ops[24:]) < 1_000_000


@pytest.mark.parametrize("other", [None, 5, [1], {}, "\x00"], ids=str)
def test_a_deed_about_a_person_that_this_version_does_not_know_is_stored_as_it_came(server, join, other):
    laptop = join()
    child = laptop.child()
    laptop.write("person.rename", child, {"other": other})
    laptop.write("person.rename", new_id(), {})
    assert statuses(laptop.push(server)) == ["applied", "applied", "applied"]
    assert join(VILLAGE).hear(server)[-1]["op"] == laptop.ops[-1]


def test_one_bad_operation_delays_none_of_the_others(server, join):
    laptop = join()
    child = laptop.child()
    laptop.write("measurement.record", new_id(), {"child": child, "date": "kemarin", "weight_g": 8000})
    laptop.write("child.set", child, {"name": field(12)})
    laptop.write("rules.set", new_id(), {"kbm": field(1)})
    laptop.measure(child)
    reply = laptop.push(server)
    assert statuses(reply) == ["applied", "quarantined", "quarantined", "quarantined", "applied"]
    assert reasons(reply) == [None, "malformed", "malformed", "server_owned", None]
    assert "“date”" in reply["receipts"][1]["message"]
    assert "“name”" in reply["receipts"][2]["message"]
    assert reply["have"][laptop.replica] == 5


@pytest.mark.parametrize(
    ("kind", "payload", "named"),
    [
        ("child.register", {}, "name"),
        ("child.register", {"name": field(None)}, "name"),
        ("child.register", {"name": field("   ")}, "name"),
        ("child.register", {"name": field("x" * 501)}, "name"),
        ("child.register", {"name": "Siti"}, "name"),
        ("child.register", {"name": field("Siti"), "sex": field("X")}, "sex"),
        ("child.register", {"name": field("Siti"), "birth_date": field("2025-02-30")}, "birth_date"),
        ("child.register", {"name": field("Siti"), "birth_date": field("20250101")}, "birth_date"),
        ("child.register", {"name": field("Siti"), "birth_date": field("2025-W01-1")}, "birth_date"),
        ("child.register", {"name": field("Siti"), "birth_weight_g": field(-1)}, "birth_weight_g"),
        ("child.register", {"name": field("Siti"), "birth_weight_g": field(True)}, "birth_weight_g"),
        ("child.register", {"name": field("Siti"), "kia_held": field(1)}, "kia_held"),
        ("child.register", {"name": field("Siti"), "nik": field(3211)}, "nik"),
        ("child.register", {"name": field("Siti"), "phone": {"v": "08", "base": ["x", 1]}}, "phone"),
        ("child.register", {"name": field("Siti"), "phone": {"v": "08", "base": [new_id(), 0]}}, "phone"),
        ("child.register", {"name": field("Siti"), "phone": {"base": None}}, "phone"),
        ("child.register", None, "payload"),
        ("measurement.record", {"date": "2026-11-18"}, "child"),
        ("measurement.record", {"child": "bukan-uuid", "date": "2026-11-18"}, "child"),
        ("measurement.record", {"child": new_id()}, "date"),
        ("measurement.record", {"child": new_id(), "date": "2026-11-18", "weight_g": "8400"}, "weight_g"),
        ("measurement.record", {"child": new_id(), "date": "2026-11-18", "weight_g": None}, "weight_g"),
        ("measurement.record", {"child": new_id(), "date": "2026-11-18", "length_mm": 10**7}, "length_mm"),
        ("measurement.record", {"child": new_id(), "date": "2026-11-18", "position": "duduk"}, "position"),
        ("measurement.correct", {"reason": "x"}, "set"),
        ("measurement.correct", {"set": {"weight_g": 8000}}, "weight_g"),
        ("child.transfer", {"to": "mana saja", "date": "2026-11-18"}, "to"),
        ("child.transfer", {"to": POSYANDU, "date": ""}, "date"),
        ("person.link", {"other": 5}, "other"),
    ],
)
def test_a_value_not_in_its_form_is_put_aside_with_its_name(server, join, kind, payload, named):
    laptop = join()
    laptop.write(kind, new_id(), payload)
    reply = laptop.push(server)
    assert reasons(reply) == ["malformed"]
    assert f"“{named}”" in reply["receipts"][0]["message"]


@pytest.mark.parametrize(
    ("otherwise", "named"),
    [
        ({"entity": "bukan-uuid"}, "entity"),
        ({"entity": new_id().upper()}, "entity"),
        ({"entity": "x" * 100_000}, "entity"),
        ({"scope": "32.11.13.2005.001' OR 1=1"}, "scope"),
        ({"scope": "32.11.13.2005.001\x00"}, "scope"),
        ({"scope": "32..11"}, "scope"),
        ({"type": "child"}, "type"),
        ({"type": "CHILD.REGISTER"}, "type"),
        ({"type": "x" * 100_000}, "type"),
        ({"type": "child.register\x00"}, "type"),
        ({"actor": "a" * 501}, "actor"),
        ({"at": "kemarin"}, "at"),
        ({"at": "2026-11-18T09:00:00"}, "at"),
        ({"app": "1" * 501}, "app"),
        ({"hlc": "sekarang"}, "hlc"),
        ({"hlc": "ZZZZZZZZZZZZ-0000"}, "hlc"),
    ],
)
def test_an_envelope_not_in_its_form_is_put_aside(server, join, otherwise, named):
    laptop = join()
    laptop.write("child.register", new_id(), {"name": field("Siti")}, **otherwise)
    laptop.child()
    reply = laptop.push(server)
    assert statuses(reply) == ["quarantined", "applied"]
    assert f"“{named}”" in reply["receipts"][0]["message"]


def test_text_that_is_not_composed_is_put_aside(server, join):
    laptop = join()
    laptop.child("Ane\u0301")
    laptop.child("An\u00e9")
    assert statuses(laptop.push(server)) == ["quarantined", "applied"]


@pytest.mark.parametrize(
    "scope", ["32.11.13.2005.002", "32.11.13.2005.0010", "32.11.13.2005", "32.1", "32", "99"]
)
def test_an_operation_outside_the_laptops_scope_is_put_aside(server, join, scope):
    laptop = join()
    laptop.write("child.register", new_id(), {"name": field("Siti")}, scope=scope)
    reply = laptop.push(server)
    assert reasons(reply) == ["out_of_scope"]
    assert "wilayah" in reply["receipts"][0]["message"]


def test_a_scope_is_a_prefix_by_whole_parts_only(server, join):
    """`32.11.13.2005.00` is no posyandu of ours although the text begins alike, nor the other way round."""
    laptop, longer = join("32.11.13.2005.00"), join("32.11.13.2005.001")
    laptop.write("child.register", new_id(), {"name": field("Siti")}, scope="32.11.13.2005.001")
    assert reasons(laptop.push(server)) == ["out_of_scope"]
    longer.child()
    longer.push(server)
    assert laptop.hear(server) == []


def test_another_posyandus_child_cannot_be_changed_under_the_own_scope(server, join):
    near, far = join(), join(OTHER_VILLAGE)
    child = far.child()
    measurement = far.measure(child)
    far.push(server)
    near.write("child.set", child, {"name": field("Dibajak")})
    near.measure(child)
    near.write("measurement.void", measurement, {"reason": "x"})
    near.write("child.transfer", child, {"to": POSYANDU, "date": "2026-11-18"})
    near.write("child.register", child, {"name": field("Dibajak")})
    near.write("teleposyandu.call", new_id(), {"child": child})
    near.write("person.link", child, {"other": child})
    assert reasons(near.push(server)) == ["out_of_scope"] * 7
    assert near.hear(server) == []


def test_naming_a_child_of_the_own_gives_no_hold_on_another_posyandus_records(server, join):
    """A change is about whom the changed record is about, whatever child it names itself."""
    victim, other = join(), join(OTHER_POSYANDU)
    child = victim.child("Melati")
    measurement = victim.measure(child, 8400)
    visit = session_of(POSYANDU, "2026-11-18")
    victim.write("session.register", visit, {"date": field("2026-11-18")})
    assert statuses(victim.push(server)) == ["applied"] * 3
    own = other.child("Kenanga")
    change = {"weight_g": field(1, [victim.replica, 2])}
    other.write("measurement.correct", measurement, {"child": own, "set": change, "reason": "-"})
    other.write("measurement.void", measurement, {"child": own, "reason": "-", "seen": []})
    other.write("measurement.record", measurement, {"child": own, "date": "2026-11-18", "weight_g": 1})
    other.write("child.transfer", child, {"child": own, "to": OTHER_POSYANDU, "date": "2026-11-18"})
    other.write("person.link", child, {"child": own, "other": own, "reason": "-"})
    other.write("session.set", visit, {"child": own, "date": field("2026-11-19")})
    reply = other.push(server)
    assert reasons(reply) == [None, *["out_of_scope"] * 6]
    assert server.status().statuses == {"applied": 4, "quarantined": 6}


def test_naming_a_child_of_the_own_gives_no_hold_on_what_comes_later(server, join):
    victim, other = join(), join(OTHER_POSYANDU)
    measurement = victim.measure(victim.child("Melati"), 8400)
    own = other.child("Kenanga")
    other.write("measurement.void", measurement, {"child": own, "reason": "-", "seen": []})
    assert statuses(other.push(server)) == ["applied", "held"]
    victim.push(server)
    told = {receipt["seq"]: receipt for receipt in other.ask(server)["receipts"]}
    assert (told[2]["status"], told[2]["why"]) == ("quarantined", "out_of_scope")


def test_an_operation_without_scope_belongs_to_the_laptops_scope(server, join):
    """What was written before the laptop was enrolled."""
    kader, bidan, far = join(), join(VILLAGE), join(OTHER_POSYANDU)
    kader.write("user.register", new_id(), {"name": field("Ibu Wati")}, scope="")
    assert statuses(kader.push(server)) == ["applied"]
    assert len(bidan.hear(server)) == 1
    assert far.hear(server) == []


@pytest.mark.parametrize(
    ("role", "scope", "becomes"),
    [("kader", POSYANDU, "quarantined"), ("bidan", VILLAGE, "quarantined"), ("tpg", "32.11.13", "applied")],
)
def test_recommendations_are_written_by_those_who_may(server, join, role, scope, becomes):
    kader, writer = join(), join(scope, role)
    child = kader.child()
    kader.push(server)
    writer.scope = POSYANDU
    writer.write("recommendation.record", new_id(), {"child": child, "text": "PMT 56 hari"})
    assert statuses(writer.push(server)) == [becomes]


def test_concurrent_edits_of_identity_are_a_conflict_with_both_sides_named(server, join):
    kader, bidan = join(), join(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.child("Siti")
    kader.push(server)
    bidan.hear(server)
    base = [kader.replica, 1]
    kader.write("child.set", child, {"name": field("Siti Aminah", base)})
    bidan.write("child.set", child, {"name": field("Siti Aisyah", base)})
    assert statuses(kader.push(server, first=2), 2) == ["applied"]
    receipt = bidan.push(server)["receipts"][0]
    assert receipt["status"] == "conflict"
    assert receipt["with"] == [[kader.replica, 2]]
    heard = kader.hear(server)
    assert [(item["status"], item["with"]) for item in heard] == [("conflict", [[kader.replica, 2]])]
    assert server.status().statuses == {"applied": 2, "conflict": 1}


def test_concurrent_edits_of_different_fields_are_no_conflict(server, join):
    kader, bidan = join(), join(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.child("Siti", phone="0812")
    kader.push(server)
    base = [kader.replica, 1]
    kader.write("child.set", child, {"name": field("Siti Aminah", base)})
    bidan.write("child.set", child, {"birth_date": field("2025-01-06", base)})
    kader.push(server, first=2)
    assert statuses(bidan.push(server)) == ["applied"]


def test_concurrent_edits_of_contact_are_no_conflict(server, join):
    kader, bidan = join(), join(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.child("Siti", phone="0812")
    kader.push(server)
    base = [kader.replica, 1]
    kader.write("child.set", child, {"phone": field("0813", base)})
    bidan.write("child.set", child, {"phone": field("0814", base)})
    kader.push(server, first=2)
    assert statuses(bidan.push(server)) == ["applied"]


def test_a_void_that_overlooks_a_correction_is_a_conflict(server, join):
    """A delete never beats an edit silently (F9)."""
    kader, bidan = join(), join(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.child()
    measurement = kader.measure(child)
    kader.write(
        "measurement.correct",
        measurement,
        {"set": {"weight_g": field(8600, [kader.replica, 2])}, "reason": "x"},
    )
    kader.push(server)
    bidan.write("measurement.void", measurement, {"reason": "dobel", "seen": [[kader.replica, 2]]})
    receipt = bidan.push(server)["receipts"][0]
    assert (receipt["status"], receipt["with"]) == ("conflict", [[kader.replica, 3]])


def test_resolving_a_conflict_is_applied(server, join):
    kader, bidan = join(), join(VILLAGE)
    bidan.scope = POSYANDU
    child = kader.child("Siti")
    kader.push(server)
    bidan.write("child.set", child, {"name": field("Situ")})
    assert statuses(bidan.push(server)) == ["conflict"]
    heads = [[kader.replica, 1], [bidan.replica, 1]]
    bidan.write("conflict.resolve", child, {"name": {"v": "Siti", "bases": heads}})
    assert statuses(bidan.push(server, first=2), 2) == ["applied"]
    with server.store.read() as connection:
        body = connection.scalar(select(schema.row.c.body).where(schema.row.c.entity == child))
    assert '"disputed":{}' in body


def test_the_same_thing_registered_twice_is_a_duplicate(server, join):
    """Two laptops of one posyandu both name it (a true singleton has one id)."""
    kader, bidan = join(), join(VILLAGE)
    bidan.scope = POSYANDU
    posyandu = posyandu_of(POSYANDU)
    for laptop in (kader, bidan):
        laptop.write("posyandu.register", posyandu, {"name": field("Melati 1")})
    assert statuses(kader.push(server)) == ["applied"]
    assert statuses(bidan.push(server)) == ["duplicate"]
    assert server.status().digests["posyandu"][0] == 1


def test_a_fact_recorded_twice_with_one_content_is_a_duplicate_and_with_another_is_put_aside(server, join):
    kader, bidan = join(), join(VILLAGE)
    bidan.scope = POSYANDU
    child, measurement = kader.child(), new_id()
    payload = {"child": child, "date": "2026-11-18", "weight_g": 8000}
    kader.write("measurement.record", measurement, payload)
    kader.push(server)
    bidan.write("measurement.record", measurement, payload)
    bidan.write("measurement.record", measurement, payload | {"weight_g": 9000}, hlc="000000000000-0000")
    reply = bidan.push(server)
    assert statuses(reply) == ["duplicate", "quarantined"]
    assert reasons(reply) == [None, "already_recorded"]


def test_two_measurements_of_one_child_on_one_day_are_both_kept(server, join):
    kader = join()
    child = kader.child()
    kader.measure(child, 8000)
    kader.measure(child, 8100)
    assert statuses(kader.push(server)) == ["applied"] * 3
    assert server.status().digests["measurement"][0] == 2


def test_linking_waits_for_both_children(server, join):
    kader = join()
    one, two = kader.child(), new_id()
    kader.write("person.link", one, {"other": two, "reason": "anak yang sama"})
    reply = kader.push(server)
    assert statuses(reply) == ["applied", "held"]
    assert reply["receipts"][1]["ref"] == two
    kader.child(entity=two)
    kader.push(server, first=3)
    assert server.status().statuses == {"applied": 3}


def test_what_was_put_aside_is_judged_again_after_an_upgrade(server, join, monkeypatch):
    laptop = join()
    laptop.write("recommendation.record", new_id(), {"child": laptop.child(), "text": "x"})
    assert statuses(laptop.push(server)) == ["applied", "quarantined"]
    monkeypatch.setitem(judge.HANDED_OUT, "recommendation", frozenset({"kader"}))
    admin.open_store(server.district).close()
    assert server.status().statuses == {"applied": 1, "quarantined": 1}
    monkeypatch.setattr(admin, "__version__", "99.0.0")
    admin.open_store(server.district).close()
    assert server.status().statuses == {"applied": 2}
    receipts = laptop.ask(server)["receipts"]
    assert [receipt["status"] for receipt in receipts] == ["applied", "applied"]


def test_what_an_earlier_server_forgot_to_release_is_released_by_an_upgrade(server, join, monkeypatch):
    bidan, kader = join(VILLAGE), join()
    bidan.scope = POSYANDU
    bidan.measure(kader.child())
    bidan.measure(new_id())
    bidan.push(server)
    with monkeypatch.context() as earlier:
        earlier.setattr(judge.rejudge, "what_waited_for", lambda *_: 0)
        kader.push(server)
    assert server.status().statuses == {"applied": 1, "held": 2}
    monkeypatch.setattr(admin, "__version__", "99.0.0")
    admin.open_store(server.district).close()
    assert server.status().statuses == {"applied": 2, "held": 1}
    assert [(r["seq"], r["status"]) for r in bidan.ask(server)["receipts"]] == [(1, "applied"), (2, "held")]


def test_an_operation_that_breaks_the_judge_is_put_aside_alone(server, join, monkeypatch, caplog):
    laptop = join()
    for name in ("Satu", "Racun", "Tiga"):
        laptop.child(name)
    projected = judge.project

    def brittle(kind, entity, known):
        if any("Racun" in str(item.operation.payload) for item in known):
            raise RuntimeError("a bug")
        return projected(kind, entity, known)

    monkeypatch.setattr(judge, "project", brittle)
    reply = laptop.push(server)
    assert statuses(reply) == ["applied", "quarantined", "applied"]
    assert reasons(reply)[1] == "judge_failed"
    assert "could not be judged" in caplog.text
    assert "Racun" not in caplog.text.replace("'Racun'", "")
    monkeypatch.undo()
    monkeypatch.setattr(admin, "__version__", "99.0.0")
    admin.open_store(server.district).close()
    assert server.status().statuses == {"applied": 3}


def test_what_an_earlier_server_stored_and_did_not_judge_is_judged_at_the_next_start(
    server, join, monkeypatch
):
    """It was killed between storing and judging, which were two transactions then."""
    laptop = join()
    laptop.child()

    def stores_only(connection, region, fresh) -> None:
        waits = verdicts.Verdict(schema.STORED)
        rows = [stored.op_row(one, "", waits, None) for one in fresh]
        insert(connection, schema.op, stored.OP_COLUMNS, rows)

    monkeypatch.setattr(desk, "judge", stores_only)
    reply = laptop.push(server)
    assert reply["have"] == {laptop.replica: 1}
    assert statuses(reply) == ["stored"]
    admin.open_store(server.district).close()
    assert server.status().statuses == {"applied": 1}
    assert statuses(laptop.ask(server)) == ["applied"]


def test_what_comes_is_stored_and_judged_together_or_not_at_all(server, join, monkeypatch):
    laptop = join()
    laptop.child()

    def dies(connection, region, fresh) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(desk, "judge", dies)
        with pytest.raises(OSError):
            laptop.push(server)
    assert server.status().operations == 0
    assert laptop.ask(server)["have"] == {laptop.replica: 0}
    assert statuses(laptop.push(server)) == ["applied"]


def test_a_full_disk_in_mid_judging_leaves_nothing_behind(server, join, monkeypatch):
    """SQLite takes the whole transaction back by itself: what follows would stand for itself."""
    laptop = join()
    laptop.measure(laptop.child())

    def disk_is_full(connection, table, columns, rows) -> None:
        if table is schema.feed:
            connection.exec_driver_sql("ROLLBACK")
            raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
        insert(connection, table, columns, rows)

    with monkeypatch.context() as full:
        full.setattr(judge, "insert", disk_is_full)
        with pytest.raises(OperationalError):
            laptop.push(server)
    assert server.status().operations == 0
    assert statuses(laptop.push(server)) == ["applied", "applied"]


def test_rows_and_sums_made_anew_are_the_same(server, join):
    kader, bidan = join(), join(VILLAGE)
    bidan.scope = POSYANDU
    children = [kader.child() for _ in range(5)]
    for child in children:
        kader.measure(child)
    kader.push(server)
    bidan.write("child.set", children[0], {"name": field("Lain")})
    bidan.write("child.transfer", children[1], {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    bidan.push(server)
    before, seen = server.status(), bidan.ask(server)["sanity"]
    in_order = select(schema.row).order_by(schema.row.c.entity)
    with server.store.write() as connection:
        rows = connection.execute(in_order).all()
        admin.rebuild(connection)
        assert connection.execute(in_order).all() == rows
    assert server.status() == before
    assert bidan.ask(server)["sanity"] == seen

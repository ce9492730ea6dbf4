"""Somebody with one laptop and a licence for one area: what she cannot do to the others of the district."""

import json

import pytest
from sqlalchemy import select

from posyandu_app.district import admin, config, schema
from posyandu_app.district.store import JUDGED_BY, set_fact
from posyandu_app.domain import forms
from tests.district.hand import new_id, posyandu_of, reasons, session_of, statuses
from tests.district.server import OTHER_POSYANDU, OTHER_VILLAGE, POSYANDU, REGION, VILLAGE

SAME = {"reason": "nama dan ibu sama"}


def field(value, base=None):
    return {"v": value, "base": base}


ANY_ID = "0199a3c2-0000-7000-8000-000000000002"
NAMED = {"name": field("Melati 1")}
OPENED = {"date": field("2026-11-18")}

# the id of another posyandu, or of its day

TAKING = [
    ("posyandu.register", {"name": field("Dibajak")}),
    ("session.register", {"date": field("2026-11-18")}),
    ("child.register", {"name": field("Dibajak")}),
    ("user.register", {"name": field("Dibajak")}),
    ("visit.record", {"date": "2026-11-18"}),
    ("measurement.record", {"child": ANY_ID, "date": "2026-11-18"}),
    ("teleposyandu.call", {"minutes": 9}),
]


@pytest.mark.parametrize(("kind", "payload"), TAKING)
def test_nobody_takes_the_id_of_another_posyandu_or_its_day_before_it_is_named(server, join, kind, payload):
    stranger, kader = join(OTHER_POSYANDU), join()
    for taken in (posyandu_of(POSYANDU), session_of(POSYANDU, "2026-11-18")):
        stranger.write(kind, taken, payload)
    reply = stranger.push(server)
    assert reasons(reply) == ["malformed"] * 2
    assert "“entity”" in reply["receipts"][0]["message"]
    kader.write("posyandu.register", posyandu_of(POSYANDU), NAMED)
    kader.write("session.register", session_of(POSYANDU, "2026-11-18"), OPENED)
    kader.write("session.set", session_of(POSYANDU, "2026-11-18"), {"closed_at": field("12.00")})
    assert statuses(kader.push(server)) == ["applied"] * 3
    assert [item["op"]["seq"] for item in join(VILLAGE).hear(server)] == [1, 2, 3]


def test_what_is_written_about_a_posyandu_that_nobody_has_named_takes_nothing(server, join):
    stranger, kader = join(OTHER_POSYANDU), join()
    stranger.write("posyandu.set", posyandu_of(POSYANDU), {"name": field("Dibajak")})
    stranger.write("session.set", session_of(POSYANDU, "2026-11-18"), {"date": field("2026-11-18")})
    assert statuses(stranger.push(server)) == ["held"] * 2
    kader.write("posyandu.register", posyandu_of(POSYANDU), NAMED)
    kader.write("session.register", session_of(POSYANDU, "2026-11-18"), OPENED)
    assert statuses(kader.push(server)) == ["applied"] * 2
    told = [one for one in stranger.ask(server)["receipts"] if one["replica"] == stranger.replica]
    assert [one["why"] for one in told] == ["out_of_scope"] * 2


@pytest.mark.parametrize(
    ("kind", "entity", "payload", "scope", "named"),
    [
        ("posyandu.register", ANY_ID, NAMED, POSYANDU, "entity"),
        ("posyandu.register", posyandu_of(VILLAGE), NAMED, POSYANDU, "entity"),
        ("posyandu.register", posyandu_of(""), NAMED, "", "scope"),
        ("session.register", ANY_ID, OPENED, POSYANDU, "entity"),
        ("session.register", session_of(POSYANDU, "2026-11-19"), OPENED, POSYANDU, "entity"),
        ("session.register", session_of(POSYANDU, "2026-11-18"), {}, POSYANDU, "date"),
        ("session.register", session_of(POSYANDU, "kemarin"), {"date": field("kemarin")}, POSYANDU, "date"),
        ("session.register", session_of("", "2026-11-18"), OPENED, "", "scope"),
    ],
)
def test_a_posyandu_and_its_day_have_the_id_that_is_made_of_them(
    server, join, kind, entity, payload, scope, named
):
    laptop = join()
    laptop.write(kind, entity, payload, scope=scope)
    laptop.child()
    reply = laptop.push(server)
    assert reasons(reply) == ["malformed", None]
    assert f"“{named}”" in reply["receipts"][0]["message"]


def test_the_midwife_names_the_posyandu_of_her_village_and_opens_their_days(server, join):
    bidan, kader = join(VILLAGE), join()
    for scope in (POSYANDU, OTHER_POSYANDU):
        bidan.write("posyandu.register", posyandu_of(scope), NAMED, scope=scope)
        bidan.write("session.register", session_of(scope, "2026-11-18"), OPENED, scope=scope)
    assert statuses(bidan.push(server)) == ["applied"] * 4
    kader.write("posyandu.register", posyandu_of(POSYANDU), NAMED)
    assert statuses(kader.push(server)) == ["duplicate"]


# a child sent out of the district


@pytest.mark.parametrize("to", ["33.01.02.2001.001", "32.1", "32", "32.110.13.2005.001", "99"])
def test_a_child_is_not_moved_out_of_the_district(server, join, to):
    laptop, village = join(), join(VILLAGE)
    child = laptop.child()
    laptop.write("child.transfer", child, {"to": to, "date": "2026-11-18"})
    laptop.measure(child)
    reply = laptop.push(server)
    assert reasons(reply) == [None, "outside_district", None]
    assert "pindah" in reply["receipts"][1]["message"]
    heard = village.hear(server)
    assert [item["op"]["seq"] for item in heard] == [1, 3]
    assert laptop.ask(server)["sanity"]["log"] == village.ask(server)["sanity"]["log"]
    with server.store.read() as connection:
        assert set(connection.scalars(select(schema.placement.c.scope))) == {POSYANDU}


def test_a_family_that_leaves_the_district_is_written_down_as_moved(server, join):
    laptop = join()
    child = laptop.child()
    left = {"state": field("pindah"), "state_on": field("2026-11-18"), "moved_to": field("Kota Semarang")}
    laptop.write("child.set", child, left)
    assert statuses(laptop.push(server)) == ["applied"] * 2


def test_a_move_that_an_earlier_server_put_aside_is_applied_once_the_district_is_larger(server, join):
    """Whatever the region was when it came, it is judged again with every upgrade."""
    laptop = join()
    child = laptop.child()
    laptop.write("child.transfer", child, {"to": "32.12.01.2001.001", "date": "2026-11-18"})
    assert reasons(laptop.push(server)) == [None, "outside_district"]
    server.store.close()
    folder = server.district.folder
    settings = json.loads((folder / "district.json").read_text(encoding="utf-8"))
    (folder / "district.json").write_text(json.dumps(settings | {"region": "32"}), encoding="utf-8")
    with server.store.write() as connection:
        set_fact(connection, JUDGED_BY, "0.0.1")
    admin.open_store(config.load(folder, server.district.database)).close()
    assert server.status().statuses == {"applied": 2}


# a child of another area said to be one with the own


@pytest.mark.parametrize("kind", ["person.link", "person.unlink"])
def test_a_child_of_another_area_is_not_joined_with_ones_own(server, join, kind):
    victim, stranger = join(), join(OTHER_POSYANDU)
    theirs = victim.child("Melati")
    victim.push(server)
    own = stranger.child("Kenanga")
    stranger.write(kind, own, {"other": theirs, **SAME})
    stranger.write(kind, theirs, {"other": own, **SAME})
    reply = stranger.push(server)
    assert reasons(reply) == [None, "out_of_scope", "out_of_scope"]
    assert reply["receipts"][1]["ref"] == theirs
    assert "ref" not in reply["receipts"][2]
    assert [item["op"]["seq"] for item in join(VILLAGE).hear(server)] == [1, 1]


def test_the_midwife_joins_records_of_two_posyandu_of_her_village_and_the_dinas_of_two_villages(server, join):
    here, there, elsewhere = join(), join(OTHER_POSYANDU), join(OTHER_VILLAGE)
    one, two, three = here.child(), there.child(), elsewhere.child()
    for laptop in (here, there, elsewhere):
        laptop.push(server)
    bidan, dinas = join(VILLAGE), join(REGION)
    bidan.write("person.link", one, {"other": two, **SAME}, scope=POSYANDU)
    bidan.write("person.unlink", two, {"other": one, **SAME}, scope=OTHER_POSYANDU)
    bidan.write("person.link", one, {"other": three, **SAME}, scope=POSYANDU)
    assert reasons(bidan.push(server)) == [None, None, "out_of_scope"]
    dinas.write("person.link", one, {"other": three, **SAME}, scope=POSYANDU)
    assert statuses(dinas.push(server)) == ["applied"]


def test_a_link_to_a_record_that_has_not_come_waits_for_it_and_is_judged_then(server, join):
    kader, mate, stranger = join(), join(), join(OTHER_POSYANDU)
    mates, theirs = mate.child(), stranger.child()
    own = kader.child()
    for other in (mates, theirs):
        kader.write("person.link", own, {"other": other, **SAME})
    reply = kader.push(server)
    assert [(one["status"], one.get("ref")) for one in reply["receipts"][1:]] == [
        ("held", mates),
        ("held", theirs),
    ]
    mate.push(server)
    stranger.push(server)
    told = {one["seq"]: one for one in kader.ask(server)["receipts"] if one["replica"] == kader.replica}
    assert (told[2]["status"], told[3]["why"], told[3]["ref"]) == ("applied", "out_of_scope", theirs)


@pytest.mark.parametrize("first_moves", ["the child herself", "the other one"])
def test_a_link_put_aside_is_applied_once_both_records_lie_in_the_area(server, join, first_moves):
    """A restored server hears the midwife's link before the moves that brought the records to her."""
    far, new = join(OTHER_VILLAGE), join()
    one, two, stays = far.child(), far.child(), far.child()
    far.push(server)
    own = new.child()
    new.write("person.link", own, {"other": two, **SAME})
    new.write("person.link", one, {"other": two, **SAME})
    new.write("person.link", own, {"other": stays, **SAME})
    reply = new.push(server)
    assert reasons(reply) == [None, *["out_of_scope"] * 3]
    moves = [one, two] if first_moves == "the child herself" else [two, one]
    for child in moves:
        far.write("child.transfer", child, {"to": POSYANDU, "date": "2026-11-18"})
        far.push(server, first=len(far.ops))
    told = {one["seq"]: one for one in new.ask(server)["receipts"] if one["replica"] == new.replica}
    assert [told[seq]["status"] for seq in (2, 3, 4)] == ["applied", "applied", "quarantined"]
    assert told[4]["ref"] == stays
    heard = [item["op"] for item in far.hear(server) if item["replica"] == new.replica]
    assert [(op["seq"], op["entity"]) for op in heard] == [(3, one)], "about her who was theirs"
    dinas = join(REGION)
    dinas.hear(server)
    assert dinas.ask(server)["sanity"]["log"][0] == 3 + 1 + 2 + 2, (
        "far's, her own child, both moves, both links"
    )


def test_a_link_put_aside_is_applied_once_the_laptop_is_given_the_area_of_the_other(server, join):
    far, laptop = join(OTHER_VILLAGE), join()
    theirs, own = far.child(), laptop.child()
    far.push(server)
    laptop.write("person.link", own, {"other": theirs, **SAME})
    assert reasons(laptop.push(server)) == [None, "out_of_scope"]
    admin.rescope(server.district, server.store, laptop.device, REGION)
    assert server.status().statuses == {"applied": 3}


# signs that nobody sees

HIDDEN = ["\x00", "\x1b", "\n", "\x7f", "\x9b", "\u061c", "\u200e", "\u202e", "\u2028", "\u2066"]


@pytest.mark.parametrize("sign", HIDDEN)
def test_a_name_that_hides_signs_is_put_aside_and_delays_nothing(server, join, sign):
    laptop = join()
    laptop.child(f"Siti{sign}Aminah")
    child = laptop.child("Siti Aminah", mother_name="Ibu Rina")
    laptop.write("child.set", child, {"mother_name": field(f"Ibu {sign}Rina")})
    laptop.write("conflict.resolve", child, {"address": {"v": f"RT 1{sign}", "bases": []}})
    laptop.write("user.register", new_id(), {"name": field(f"Wati{sign}"), "role": field("kader")})
    laptop.write("posyandu.register", posyandu_of(POSYANDU), {"name": field(f"Melati{sign}")})
    told = {"child": child, "date": "2026-11-18", "relation": "ibu", "state": "diberikan"}
    laptop.write("consent.record", new_id(), {**told, "name": f"Rina{sign}"})
    laptop.write("consent.record", new_id(), {**told, "name": "Rina"})
    reply = laptop.push(server)
    assert reasons(reply) == [
        "malformed", None, "malformed", "malformed", "malformed", "malformed", "malformed", None,
    ]  # fmt: skip
    assert "“name” berisi tanda yang tidak terlihat" in reply["receipts"][0]["message"]
    assert [item["op"]["seq"] for item in join(VILLAGE).hear(server)] == [2, 8]


def test_notes_have_lines_and_turn_no_writing_round(server, join):
    laptop = join()
    child = laptop.child()
    dose = {"child": child, "date": "2026-11-18", "what": "vitamin_a", "state": "diberikan"}
    laptop.write("dose.record", new_id(), {**dose, "note": "dua tetes\n\tdi rumah"})
    laptop.write("dose.record", new_id(), {**dose, "note": "dua \u202etetes"})
    entity = new_id()
    laptop.write("dose.record", entity, dose)
    laptop.write("dose.correct", entity, {"set": {"note": field("\u2067dua")}, "reason": "-"})
    laptop.write("dose.void", entity, {"reason": "salah\x9b", "seen": []})
    reply = laptop.push(server)
    assert reasons(reply) == [None, None, "malformed", None, "malformed", "malformed"]
    assert "“note” berisi tanda" in reply["receipts"][2]["message"]


def test_letters_of_every_script_stand_in_a_name(server, join):
    laptop = join()
    for name in (
        "Ni\u2019mah",
        "Ana\u00efs",
        "\u0645\u0631\u064a\u0645",
        "\ua9b1\ua9b6",
        "Siti\u00a0A.",
        "\U0001f338",
    ):
        laptop.child(name)
    assert set(statuses(laptop.push(server))) == {"applied"}


def test_what_an_earlier_server_has_applied_goes_on_being_read(server, join, monkeypatch):
    kader, bidan = join(), join(VILLAGE)
    with monkeypatch.context() as earlier:
        earlier.setattr(forms.notes, "hides_signs", lambda _: False)
        child = kader.child("Siti\u202eAminah")
        assert statuses(kader.push(server)) == ["applied"]
    with server.store.write() as connection:
        set_fact(connection, JUDGED_BY, "0.0.1")
    admin.open_store(server.district).close()
    kader.measure(child)
    assert statuses(kader.push(server, first=2), 2) == ["applied"]
    assert [item["op"]["seq"] for item in bidan.hear(server)] == [1, 2]

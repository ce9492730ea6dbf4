"""A child moves: her whole history follows (rule 10), and the old posyandu goes on reading."""

from tests.district.hand import new_id, statuses
from tests.district.server import OTHER_VILLAGE, POSYANDU, VILLAGE


def field(value, base=None):
    return {"v": value, "base": base}


def test_the_whole_child_comes_to_the_new_posyandu_however_far_it_has_read(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child, stays = old.child("Pindah"), old.child("Tinggal")
    measurement = old.measure(child)
    old.write("measurement.correct", measurement, {"set": {"weight_g": field(8500)}, "reason": "x"})
    old.measure(stays)
    old.push(server)
    new.child("Sudah ada")
    new.push(server)
    assert new.hear(server) == []
    old.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    assert statuses(old.push(server, first=6), 6) == ["applied"]
    heard = new.hear(server)
    assert [item["op"]["seq"] for item in heard] == [1, 3, 4, 6]
    assert [item["ss"] for item in heard] == sorted(item["ss"] for item in heard)


def test_what_is_written_after_the_move_reaches_both_posyandu(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    old.push(server)
    old.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    old.push(server, first=2)
    new.hear(server)
    new.measure(child)
    assert statuses(new.push(server)) == ["applied"]
    assert [item["op"]["type"] for item in old.hear(server)] == ["measurement.record"]
    old.measure(child)
    assert statuses(old.push(server, first=3), 3) == ["applied"]
    assert [item["op"]["seq"] for item in new.hear(server)] == [3]


def test_both_posyandu_and_everybody_above_count_the_moved_child_once(server, join):
    old, new, village, regency = join(), join(OTHER_VILLAGE), join(VILLAGE), join("32.11")
    child = old.child()
    old.measure(child)
    old.child("Tinggal")
    old.push(server)
    regency.hear(server)
    old.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    old.push(server, first=4)
    new.measure(child)
    new.push(server)

    def counted(laptop):
        laptop.hear(server)
        sanity = laptop.ask(server)["sanity"]
        return sanity["log"][0], sanity["rows"]["child"][0], sanity["rows"]["measurement"][0]

    assert counted(old) == counted(village) == counted(regency) == (5, 2, 2)
    assert counted(new) == (4, 1, 2)
    status = server.status()
    assert (status.operations, status.digests["child"][0], status.digests["measurement"][0]) == (5, 2, 2)


def test_a_laptop_above_both_hears_every_operation_of_the_moved_child(server, join):
    old, regency = join(), join("32.11")
    child = old.child()
    old.push(server)
    old.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    old.push(server, first=2)
    heard = regency.hear(server)
    assert {item["op"]["seq"] for item in heard} == {1, 2}
    assert max(item["ss"] for item in heard) == regency.cursor


def test_moving_back_and_moving_twice_send_no_history_again(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    old.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    old.write("child.transfer", child, {"to": POSYANDU, "date": "2026-11-19"})
    old.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-20"})
    assert statuses(old.push(server)) == ["applied"] * 4
    assert [item["op"]["seq"] for item in new.hear(server)] == [1, 2, 3, 4]


def test_a_posyandu_cannot_take_a_child_that_was_not_given(server, join):
    old, new = join(), join(OTHER_VILLAGE)
    child = old.child()
    old.push(server)
    new.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    assert statuses(new.push(server)) == ["quarantined"]
    assert new.hear(server) == []
    assert new.ask(server)["sanity"]["log"][0] == 0


def test_the_move_of_an_unknown_child_waits(server, join):
    old = join()
    child = new_id()
    old.write("child.transfer", child, {"to": OTHER_VILLAGE, "date": "2026-11-18"})
    assert statuses(old.push(server)) == ["held"]

"""Unlocking, without Qt."""

from posyandu_app.ui.screens import unlock_state as us
from posyandu_app.ui.screens.unlock_state import UnlockState

BOTH = UnlockState(("Siti", "Euis"))


def test_the_pause_grows_after_each_wrong_password_and_ends_at_a_minute():
    pauses = [us.pause_seconds(n) for n in range(12)]
    assert pauses[:5] == [0, 0, 0, 2, 4]
    assert pauses == sorted(pauses)
    assert max(pauses) == 60


def test_nothing_is_tried_without_a_password():
    state = us.submit(BOTH, "", 0)
    assert not state.busy
    assert state.message == "Ketik kata sandi Anda dulu."


def test_a_password_is_not_tried_during_the_pause_but_after_it():
    state = BOTH
    for _ in range(3):
        state = us.refused(us.submit(state, "salah", 0), 0)
    assert state.message == "Kata sandi belum cocok. Coba lagi dalam 2 detik."
    assert us.is_waiting(state, 1999)
    early = us.submit(state, "benar", 1500)
    assert not early.busy
    assert early.message == "Kata sandi belum cocok. Coba lagi dalam 1 detik."
    assert us.submit(state, "benar", 2000).busy


def test_choosing_somebody_else_keeps_the_pause():
    state = UnlockState(("Siti", "Euis"), failures=5, wait_until=8000, message="…")
    other = us.select(state, 1)
    assert (other.label, other.wait_until, other.failures, other.message) == ("Euis", 8000, 5, "")


def test_choosing_stops_at_the_ends_and_does_nothing_while_busy_or_empty():
    assert us.select(BOTH, 9).label == "Euis"
    assert us.select(BOTH, -3).label == "Siti"
    assert us.select(UnlockState(()), 1).label == ""
    busy = us.submit(BOTH, "x", 0)
    assert us.select(busy, 1) == busy


def test_caps_lock_is_noticed_from_letters_only():
    assert us.typed(BOTH, "A", False).caps_lock
    assert us.typed(BOTH, "a", True).caps_lock
    assert not us.typed(BOTH, "A", True).caps_lock
    on = us.typed(BOTH, "A", False)
    assert us.typed(on, "7", False).caps_lock
    assert us.typed(on, "", False).caps_lock
    assert not us.typed(on, "b", False).caps_lock


def test_other_trouble_is_told_in_its_own_words_and_is_no_wrong_password():
    state = us.broken(us.submit(BOTH, "x", 0), "Berkas kunci rusak.")
    assert (state.busy, state.failures, state.message) == (False, 0, "Berkas kunci rusak.")


def test_of_several_people_none_is_chosen_beforehand_and_nothing_is_tried_without_a_name():
    asking = us.asking_who(BOTH)
    assert (asking.selected, asking.label) == (-1, "")
    assert us.asking_who(UnlockState(("Siti",))).label == "Siti"
    sent = us.submit(asking, "melati", 0)
    assert (sent.busy, sent.nameless, sent.failures) == (False, True, 0)
    assert not us.select(sent, 0).nameless
    assert us.submit(UnlockState(()), "melati", 0).busy, "a laptop whose names cannot be read says why"


def test_the_arrows_begin_at_the_end_they_come_from():
    three = us.asking_who(UnlockState(("Siti", "Euis", "Elis")))
    assert us.move(three, 1).label == "Siti"
    assert us.move(three, -1).label == "Elis"
    assert us.move(us.move(three, 1), 1).label == "Euis"
    assert us.move(us.move(three, 1), -1).label == "Siti"

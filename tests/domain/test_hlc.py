"""Stamps under any clock: they order, they never run away, they never forbid."""

from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import hlc

YEAR_MS = 365 * 86_400_000
times = st.integers(-5 * YEAR_MS, 200 * YEAR_MS)
stamps = st.builds(hlc.stamp, st.integers(0, 16**12 - 2), st.integers(0, 0xFFFF))


@given(stamps, times)
def test_the_next_stamp_is_always_greater(last, now):
    assert hlc.tick(last, now) > last
    assert hlc.is_stamp(hlc.tick(last, now))


@given(st.lists(times, min_size=1, max_size=50))
def test_a_clock_that_jumps_about_still_gives_rising_stamps(clock):
    last, seen = hlc.ZERO, []
    for now in clock:
        last = hlc.tick(last, now)
        seen.append(last)
    assert seen == sorted(set(seen))


@given(stamps, stamps)
def test_stamps_sort_as_text_as_they_do_in_time(one, other):
    by_number = sorted([one, other], key=lambda s: (hlc.milliseconds(s), int(s[13:], 16)))
    assert sorted([one, other]) == by_number


@given(stamps, stamps, times)
def test_a_received_stamp_never_pushes_beyond_server_time_plus_five_minutes(last, received, server_now):
    after = hlc.observe(last, received, server_now)
    assert after >= last
    assert after == last or after <= hlc.stamp(server_now + 5 * 60 * 1000)


def test_a_clock_in_the_future_does_not_win_for_ever():
    now = 1_800_000_000_000
    from_2100 = hlc.stamp(now + 73 * YEAR_MS)
    assert hlc.effective(from_2100, now) == hlc.stamp(now)


def test_a_known_skew_is_taken_off():
    now = 1_800_000_000_000
    hour = 3_600_000
    assert hlc.effective(hlc.stamp(now - 2 * hour, 7), now, skew_ms=-hour) == hlc.stamp(now - hour, 7)


def test_a_small_skew_leaves_honest_stamps_alone():
    now = 1_800_000_000_000
    assert hlc.effective(hlc.stamp(now - 60_000), now, skew_ms=30_000) == hlc.stamp(now - 60_000)


@given(stamps, times, times)
def test_eff_is_never_later_than_receipt(stamp, received, skew):
    assert hlc.milliseconds(hlc.effective(stamp, received, skew)) <= max(received, 0)


def test_the_counter_overflows_into_time():
    assert hlc.tick(hlc.stamp(5, 0xFFFF), 0) == hlc.stamp(6)

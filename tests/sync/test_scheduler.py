"""When to exchange: a pure function (rule 21)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.sync.scheduler import (
    EVERY_SECONDS,
    LONGEST_RETRY_SECONDS,
    Go,
    State,
    Wait,
    backoff,
    next_action,
)

CALM = State(now=10_000.0, enrolled=True, online=True, last_attempt=9_900.0, last_success=9_900.0)


def test_a_quiet_laptop_waits_for_its_quarter_of_an_hour():
    assert next_action(CALM) == Wait(EVERY_SECONDS - 100)
    assert next_action(replace(CALM, now=9_900 + EVERY_SECONDS)) == Go("regular")


def test_a_save_is_sent_when_online():
    assert next_action(replace(CALM, unsent=1)) == Go("unsent")


def test_nothing_is_tried_offline_until_the_network_comes_back():
    offline = replace(CALM, unsent=5, online=False, failures=2)
    assert next_action(offline) == Wait(None)
    assert next_action(replace(offline, online=True, reconnected=True)) == Go("reconnected")


def test_where_the_system_does_not_tell_it_is_tried():
    assert next_action(replace(CALM, unsent=1, online=None)) == Go("unsent")


def test_a_first_contact_is_made_at_once():
    assert next_action(State(now=5.0, enrolled=True)) == Go("regular")


def test_without_a_server_or_switched_off_or_under_way_nothing_happens_even_when_asked():
    for blocked in (
        replace(CALM, enrolled=False, asked=True),
        replace(CALM, switched_off=True, asked=True),
        replace(CALM, under_way=True, asked=True),
    ):
        assert next_action(blocked) == Wait(None)


def test_a_person_need_not_wait():
    waiting = replace(CALM, asked=True, failures=9, retry_at=10_500.0, online=False)
    assert next_action(waiting) == Go("asked")


def test_after_failures_it_waits_longer_each_time():
    failed = replace(CALM, failures=3, last_attempt=9_990.0, jitter=1.0, unsent=7)
    assert next_action(failed) == Wait(50.0)
    assert next_action(replace(failed, now=10_050.0)) == Go("retry")


def test_a_busy_server_is_left_alone_as_long_as_it_asks():
    asked = replace(CALM, retry_at=10_030.0, unsent=1, reconnected=True)
    assert next_action(asked) == Wait(30.0)
    assert next_action(replace(asked, now=10_030.0)) == Go("reconnected")


def test_a_clock_set_back_does_not_stop_it():
    assert next_action(replace(CALM, now=10.0)) == Go("regular")
    assert next_action(replace(CALM, now=10.0, failures=5, last_attempt=9_000.0)) == Go("retry")
    assert next_action(replace(CALM, now=10.0, retry_at=9_000.0)) == Go("regular")


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_wait_is_never_longer_than_the_longest(failures, jitter):
    assert 0 <= backoff(failures, jitter) <= LONGEST_RETRY_SECONDS


@pytest.mark.parametrize(("failures", "seconds"), [(1, 15), (2, 30), (3, 60), (6, 480), (7, 900), (50, 900)])
def test_the_span_doubles(failures, seconds):
    assert backoff(failures, 1.0) == seconds
    assert backoff(failures, 0.5) == seconds / 2


@given(
    st.builds(
        State,
        now=st.floats(0, 1e9),
        enrolled=st.just(True),
        online=st.sampled_from([True, None]),
        unsent=st.integers(0, 9),
        last_attempt=st.none() | st.floats(0, 1e9),
        last_success=st.none() | st.floats(0, 1e9),
        failures=st.integers(0, 99),
        jitter=st.floats(0, 1),
        retry_at=st.none() | st.floats(0, 2e9),
        asked=st.booleans(),
        reconnected=st.booleans(),
    )
)
def test_an_online_laptop_always_tries_again_within_a_quarter_of_an_hour(state):
    """A retry that never retries (F24)."""
    action = next_action(state)
    assert isinstance(action, Go) or (action.seconds is not None and 0 < action.seconds <= 15 * 60)

"""The trend in one sentence: letters of the KMS and channels of 0.67 z, nothing guessed."""

from datetime import date

import pytest

from posyandu_app.domain.trend import Direction, trend
from tests.domain.field import RULES, child, history, visit
from tests.domain.test_risk import scored

GIRL = child(date(2024, 8, 20))  # 23 to 27 months below, KBM 200 g
TODAY = date(2026, 11, 23)


def seen(*weights, first=8, year=2026):
    """One weighing a month from August 2026; None is a month missed."""
    visits = [
        visit(date(year, first + at, 12), grams) for at, grams in enumerate(weights) if grams is not None
    ]
    return history(GIRL, *visits)


def told(items, on=TODAY):
    return trend(items, on, RULES).sentence


def test_nothing_weighed_says_so():
    found = trend((), TODAY, RULES)
    assert found.direction is Direction.UNKNOWN
    assert found.sentence == "Belum ada penimbangan, jadi arah pertumbuhan belum terlihat."


def test_one_weighing_has_no_direction_yet():
    assert told(seen(11000, first=11)) == "Baru ditimbang satu kali, arahnya terlihat setelah beberapa bulan."


def test_gains_in_a_row_are_counted():
    found = [
        scored(item, weight_for_age=z)
        for item, z in zip(seen(10500, 10700, 10900, 11100), (-50, -48, -45, -44), strict=True)
    ]
    assert told(found) == "Berat naik cukup 3 bulan berturut-turut, garisnya mengikuti jalurnya."
    assert trend(found, TODAY, RULES).direction is Direction.ALONG


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (199, "Berat naik, tetapi kurang dari yang seharusnya"),
        (0, "Berat tidak bertambah"),
        (-100, "Berat turun pada penimbangan terakhir"),
    ],
)
def test_a_t_is_told_as_rising_too_little_flat_or_falling(gain, said):
    found = seen(10500, 10700, 10900, 10900 + gain)
    assert told(found).startswith(said)
    assert trend(found, TODAY, RULES).direction is Direction.FALLING


def test_two_t_in_a_row_are_counted_and_an_o_breaks_the_run():
    assert told(seen(10500, 10700, 10800, 10800)).startswith("Berat tidak naik cukup 2 bulan berturut-turut")
    gap = seen(10500, 10500, None, 10500)
    assert told(gap).startswith("Bulan sebelumnya tidak ditimbang")


@pytest.mark.parametrize(
    ("then", "now", "direction"),
    [
        (0, -67, Direction.FALLING),
        (0, -66, Direction.ALONG),
        (-100, -33, Direction.CATCHING_UP),
        (-100, -34, Direction.ALONG),
    ],
)
def test_a_channel_is_0_67_z_in_about_three_months(then, now, direction):
    zs = (then, then, then, now)
    found = [
        scored(item, weight_for_age=z) for item, z in zip(seen(10500, 10700, 10900, 11100), zs, strict=True)
    ]
    assert trend(found, TODAY, RULES).direction is direction


def test_an_implausible_value_moves_no_channel():
    found = [
        scored(item, weight_for_age=z)
        for item, z in zip(seen(10500, 10700, 10900, 11100), (0, 0, 0, -700), strict=True)
    ]
    assert trend(found, TODAY, RULES).direction is Direction.UNKNOWN, (
        "nothing good to compare three months apart"
    )


def test_slower_length_is_told_beside_the_weight():
    found = [
        scored(item, weight_for_age=0, length_for_age=z)
        for item, z in zip(seen(10500, 10700, 10900, 11100), (0, -20, -50, -70), strict=True)
    ]
    assert told(found).endswith("pertambahan panjang atau tinggi badannya juga melambat.")
    assert trend(found, TODAY, RULES).direction is Direction.FALLING


def test_an_old_weighing_is_told_with_its_date_and_later_ones_are_not_looked_at():
    items = seen(10500, 10700, 10900, first=6)
    assert told(items).startswith("Terakhir ditimbang 12/08/2026. Berat naik cukup 2 bulan berturut-turut")
    assert told(items, on=date(2026, 7, 30)).startswith("Berat naik cukup pada penimbangan terakhir")

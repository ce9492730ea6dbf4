"""What a verdict makes of the measurements: hers beside, hers instead, the kader's gone, or nothing."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as some

from posyandu_app.domain.model import Measurement, Position
from posyandu_app.domain.reviews import Measured, Verdict
from posyandu_app.domain.verifying import measurements_after, values_of

TODAY = date(2026, 11, 23)
OLD = Measurement("a", "siti", date(2026, 10, 20), weight_g=8_500)
LAST = Measurement("b", "siti", date(2026, 11, 20), weight_g=8_800, length_mm=735, muac_mm=120, oedema=1)
MINE = Measured(weight_g=8_700, muac_mm=125)


def after(verdict, mine=MINE):
    return measurements_after((OLD, LAST), verdict, "b", mine, "siti", TODAY)


def test_right_changes_nothing():
    assert after(Verdict.RIGHT) == (OLD, LAST)


def test_corrected_keeps_what_she_did_not_measure():
    old, mended = after(Verdict.CORRECTED)
    assert old == OLD
    assert (mended.id, mended.weight_g, mended.muac_mm, mended.length_mm, mended.oedema) == (
        "b", 8_700, 125, 735, 1,
    )  # fmt: skip


def test_anew_is_a_visit_of_today_after_all_others():
    *before, new = after(Verdict.MEASURED_ANEW)
    assert tuple(before) == (OLD, LAST)
    assert (new.date, new.child, new.weight_g, new.length_mm) == (TODAY, "siti", 8_700, None)
    assert new.hlc > LAST.hlc


def test_wrong_takes_only_that_one_away():
    assert after(Verdict.WRONG) == (OLD,)


@given(some.sampled_from(Verdict))
def test_without_values_of_hers_nothing_is_added(verdict):
    assert set(after(verdict, None)) <= {OLD, LAST}


def test_only_what_was_measured_is_told():
    assert values_of(Measured(oedema=0, position=Position.LYING)) == {
        "oedema": 0,
        "position": Position.LYING,
    }

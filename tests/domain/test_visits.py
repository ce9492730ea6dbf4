"""The card of a visit: who counts as there, what was not asked, and what does not stop the queue."""

from datetime import date

import pytest

from posyandu_app.domain.facts import check, payload
from posyandu_app.domain.visits import Visit, read_visit

DAY = date(2026, 11, 23)


def test_asked_and_none_found_is_not_the_same_as_not_asked():
    asked, silent = (Visit(id="v", child="c", date=DAY, danger_signs=found) for found in (frozenset(), None))
    assert payload(asked)["danger_signs"] == []
    assert "danger_signs" not in payload(silent)
    assert read_visit("v", payload(asked)).danger_signs == frozenset()
    assert read_visit("v", payload(silent)).danger_signs is None


@pytest.mark.parametrize(
    ("attendance", "came"),
    [
        ("hadir", True),
        ("tidak_dapat_diukur", True),
        ("tidak_hadir", False),
        ("pindah", False),
        ("lain", True),
    ],
)
def test_who_counts_as_there(attendance, came):
    assert Visit(id="v", child="c", date=DAY, attendance=attendance).came is came


def test_a_referral_without_a_reason_does_not_stop_the_queue():
    assert check(Visit(id="v", child="c", date=DAY, referral="puskesmas"), DAY).referral_reason is None

"""Who stands where, and what has moved."""

from datetime import date

import pytest

from posyandu_app.domain.age import Month
from posyandu_app.reports import ranking
from posyandu_app.reports.analysis_rules import SmallNumbers
from posyandu_app.reports.areas import Level
from posyandu_app.reports.frames import of_domain
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator
from posyandu_app.reports.statistics import Share
from tests.reports.analysis import IN_NOVEMBER, NOVEMBER, RULES, girl, measured, tall

OCTOBER = Month(2026, 10)
SCOPES = [f"32.11.13.2005.00{number}" for number in range(1, 5)]


def district(october, november):
    """Posyandu of 20 children each, with so many of them stunted; None: nobody was measured."""
    children, visits = [], []
    for place, (before, now) in enumerate(zip(october, november, strict=True)):
        for number in range(20):
            one = girl(place * 100 + number, scope=SCOPES[place])
            children.append(one)
            for day, stunted in ((date(2026, 10, 12), before), (date(2026, 11, 12), now)):
                if stunted is not None:
                    visits.append(tall(one, day, -2.6 if number < stunted else 0.0))
    return of_domain(children, visits)


def ranked(frame, **more):
    return ranking.by_prevalence(
        frame, Indicator.STUNTING, IN_NOVEMBER, IN_NOVEMBER.previous(), By.POSYANDU, RULES, **more
    ).rows


def test_the_worst_stand_first_and_equal_figures_share_a_place():
    rows = ranked(district([2, 4, 4, 6], [8, 4, 4, 2]))
    assert [(row.key[-1], row.place, row.moved) for row in rows] == [
        ("1", 1, -3),
        ("2", 2, 0),
        ("3", 2, 0),
        ("4", 4, 3),
    ]
    assert [row.change for row in rows] == pytest.approx([30, 0, 0, -20])


def test_a_change_is_clear_only_beyond_both_intervals():
    rows = {row.key: row for row in ranked(district([1, 8, 2, 0], [16, 9, 12, 3]))}
    assert [rows[scope].clear for scope in SCOPES] == [True, False, True, False]


def test_none_stunted_among_few_is_no_proof_of_a_change():
    rows = {row.key: row for row in ranked(district([0, 0, 0, 0], [2, 20, 0, None]))}
    assert rows[SCOPES[0]].now.low > rows[SCOPES[0]].before.high == 0
    assert [rows[scope].clear for scope in SCOPES] == [False, True, False, False]


def test_who_has_no_figure_has_no_place_and_stands_last():
    rows = ranked(district([2, None, 5, 1], [3, 4, None, 1]))
    assert [row.key[-1] for row in rows] == ["2", "1", "4", "3"]
    assert (rows[0].place, rows[0].change, rows[0].moved) == (1, None, None)
    assert (rows[3].place, rows[3].now.percent, rows[3].moved) == (None, None, None)


def test_covered_figures_have_no_place():
    rules = SmallNumbers(5, frozenset())
    rows = ranked(district([8, 8, 8, 8], [8, 2, 9, 10]), small_numbers=rules)
    assert [(row.key[-1], row.place, row.now.hidden) for row in rows] == [
        ("4", 1, False),
        ("3", 2, False),
        ("1", None, True),
        ("2", None, True),
    ]


def test_a_year_is_compared_with_the_year_before():
    frame = district([2, 2, 2, 2], [4, 4, 4, 4])
    found = ranking.by_prevalence(
        frame, Indicator.STUNTING, IN_NOVEMBER, IN_NOVEMBER.year_before(), By.VILLAGE, RULES
    )
    assert found.compared_with == Period.of_month(Month(2025, 11))
    assert [(row.label, row.before.of, row.change) for row in found.rows] == [("Cilembu", 0, None)]


def test_attendance_ranks_the_lowest_first():
    children = [girl(number, scope=SCOPES[number % 2]) for number in range(8)]
    visits = [measured(child, date(2026, 11, 12), weight_g=11_000) for child in children[3:]]
    found = ranking.by_skdn(of_domain(children, visits), "d_s", NOVEMBER, OCTOBER, Level.POSYANDU, RULES)
    assert not found.high_is_bad
    assert [(row.key[-1], row.place, row.now.count, row.now.of) for row in found.rows] == [
        ("1", 1, 2, 4),
        ("2", 2, 3, 4),
    ]
    assert [row.before.percent for row in found.rows] == [0, 0]


def test_only_areas_are_ranked():
    with pytest.raises(ValueError, match="areas"):
        ranking.by_prevalence(
            of_domain([], []), Indicator.STUNTING, IN_NOVEMBER, IN_NOVEMBER.previous(), By.SEX, RULES
        )


def test_an_empty_district_has_an_empty_ranking():
    assert ranked(of_domain([], [])) == ()
    assert Share(0, 0).percent is None

"""Figures of data quality, their verdicts, and the records behind them."""

import statistics
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from posyandu_app.domain.age import Month
from posyandu_app.domain.zscore import assess
from posyandu_app.reports import quality
from posyandu_app.reports.duplicates import Pair, find
from posyandu_app.reports.frames import of_domain
from posyandu_app.reports.periods import Period
from posyandu_app.reports.quality import Check, Team, Unit
from tests import generator
from tests.reports.analysis import (
    ANALYSIS,
    IN_NOVEMBER,
    KENANGA,
    MELATI,
    RULES,
    girl,
    length_at,
    measured,
    records,
    tall,
)

DAY = date(2026, 11, 12)
YEAR = Period.of_year(2026)


def looked_at(children, visits, by=Team.POSYANDU, period=IN_NOVEMBER, **more):
    return quality.table(of_domain(children, visits), period, by, RULES, ANALYSIS, **more)


def figure(children, visits, check, **more):
    return looked_at(children, visits, **more).total.figures[check]


def test_rounding_to_whole_and_half_kilograms_is_seen_with_the_readings_behind_it():
    children = [girl(number) for number in range(150)]
    visits = [measured(child, DAY, weight_g=10_000 + 500 * (n % 4)) for n, child in enumerate(children[:120])]
    visits += [measured(child, DAY, weight_g=10_000 + 100 * n) for n, child in enumerate(children[120:])]
    table = looked_at(children, visits)
    found = table.total.figures[Check.WEIGHT_DIGITS]
    assert found.digits.counts == (63, 3, 3, 3, 3, 63, 3, 3, 3, 3)
    assert (found.doubtful, found.unit, found.of) == (True, Unit.SCORE, 150)
    behind = table.records(Check.WEIGHT_DIGITS)
    assert len(behind) == found.count == 126
    assert set(behind) == {item.id for item in visits if item.weight_g % 500 == 0}
    assert table.records(Check.LENGTH_DIGITS) == ()


def test_few_readings_are_not_judged():
    children = [girl(number) for number in range(60)]
    found = figure(
        children, [measured(child, DAY, weight_g=10_000) for child in children], Check.WEIGHT_DIGITS
    )
    assert (found.value, found.doubtful) == (pytest.approx(100), None)


@pytest.mark.parametrize(("flagged", "doubtful"), [(0, False), (1, False), (2, False), (3, True)])
def test_more_than_one_per_cent_flagged_beyond_chance_is_in_doubt(flagged, doubtful):
    children = [girl(number) for number in range(60)]
    visits = [
        measured(child, DAY, weight_g=11_000 if number >= flagged else 60_000)
        for number, child in enumerate(children)
    ]
    table = looked_at(children, visits)
    found = table.total.figures[Check.FLAGGED]
    assert (found.count, found.of, found.doubtful) == (flagged, 60, doubtful)
    assert table.records(Check.FLAGGED) == tuple(item.id for item in visits[:flagged])


@pytest.mark.parametrize(("spread", "doubtful"), [(1.2, False), (2.2, True), (0.3, True)])
def test_a_standard_deviation_outside_whos_range_is_in_doubt(spread, doubtful):
    children = [girl(number) for number in range(200)]
    normal = statistics.NormalDist(-1, spread)
    visits = [tall(child, DAY, normal.inv_cdf((number + 0.5) / 200)) for number, child in enumerate(children)]
    found = figure(children, visits, Check.SD_LENGTH_FOR_AGE)
    scores = [
        assess(child.sex, (DAY - child.birth_date).days, length_mm=item.length_mm).length_for_age
        for child, item in zip(children, visits, strict=True)
    ]
    kept = [score.value for score in scores if not score.flagged]
    assert found.value == pytest.approx(statistics.stdev(kept), rel=1e-9)
    assert found.of == len(kept)
    assert (found.doubtful, found.unit) == (doubtful, Unit.SD)
    assert (found.expected.low, found.expected.high) == (1.10, 1.30)


def test_the_records_behind_a_wide_spread_lie_far_from_the_teams_own_mean():
    children = [girl(number) for number in range(120)]
    visits = [tall(child, DAY, 2.9 if number == 7 else -1.0) for number, child in enumerate(children)]
    table = looked_at(children, visits)
    assert table.records(Check.SD_LENGTH_FOR_AGE) == (visits[7].id,)
    assert table.total.figures[Check.SD_LENGTH_FOR_AGE].count == 1


def test_behind_a_spread_without_anybody_far_off_stand_all_the_farthest_first():
    children = [girl(number) for number in range(120)]
    heights = (-1.2, -0.9, -1.05)
    visits = [tall(child, DAY, heights[number % 3]) for number, child in enumerate(children)]
    table = looked_at(children, visits)
    found = table.total.figures[Check.SD_LENGTH_FOR_AGE]
    assert (found.count, found.of, found.doubtful) == (0, 120, True)
    behind = table.records(Check.SD_LENGTH_FOR_AGE)
    assert set(behind) == {item.id for item in visits}
    nearest = {item.id for at, item in enumerate(visits) if at % 3 == 2}
    assert set(behind[80:]) == nearest


def test_behind_digits_written_as_often_as_by_chance_stand_all_readings():
    children = [girl(number) for number in range(100)]
    visits = [measured(child, DAY, weight_g=10_000 + 100 * (at % 10)) for at, child in enumerate(children)]
    table = looked_at(children, visits)
    assert table.total.figures[Check.WEIGHT_DIGITS].doubtful is False
    assert table.records(Check.WEIGHT_DIGITS) == tuple(item.id for item in visits)
    assert table.records(Check.WEIGHT_DIGITS, whole=False) == ()


def test_missing_birth_dates_and_niks_are_counted_among_children_expected_now():
    children = [girl(1, None), girl(2, nik=None), girl(3), girl(4, None, nik=None, state="pindah")]
    table = looked_at(children, [])
    assert (table.total.children, table.total.visits) == (3, 0)
    assert table.records(Check.NO_BIRTH_DATE) == ("anak-1",)
    assert table.records(Check.NO_NIK, MELATI) == ("anak-2",)
    assert table.total.figures[Check.NO_BIRTH_DATE].doubtful is True
    assert table.total.figures[Check.FLAGGED].value is None
    assert table.total.figures[Check.FLAGGED].doubtful is None
    assert Check.DUPLICATES not in table.total.figures


def test_duplicates_found_elsewhere_are_counted_where_the_children_live():
    children = [girl(1), girl(2), girl(3, scope=KENANGA)]
    table = looked_at(
        children, [], duplicates=[Pair("anak-1", "anak-3", False), Pair("anak-9", "anak-1", True)]
    )
    assert table.total.figures[Check.DUPLICATES].count == 2
    assert table.records(Check.DUPLICATES, KENANGA) == ("anak-3",)


def test_late_records_and_the_usual_delay():
    delays = [0, 1, 2, 8, 30, -3]
    children = [girl(number) for number in range(7)]
    visits = [
        measured(child, DAY, weight_g=11_000, at=f"{DAY + timedelta(days=days)}T08:00:00+07:00")
        for child, days in zip(children, delays, strict=False)
    ]
    visits.append(measured(children[6], DAY, weight_g=11_000, at="kemarin"))
    table = looked_at(children, visits)
    found = table.total.figures[Check.LATE]
    assert (found.count, found.of, found.median_days) == (2, 6, 1.5)
    assert table.records(Check.LATE) == (visits[4].id, visits[3].id), "30 days, then 8"


def test_days_until_arrival_count_only_where_the_day_is_known():
    children = [girl(number) for number in range(5)]
    frame = of_domain(children, [measured(child, DAY, weight_g=11_000) for child in children])
    came = [0, 3, 30, 31, 90]
    frame.visits.came[:] = [DAY.toordinal() + days if days else 0 for days in came]
    found = quality.table(frame, YEAR, Team.POSYANDU, RULES, ANALYSIS).total.figures[Check.ARRIVED_LATE]
    assert (found.count, found.of, found.median_days) == (2, 4, 30.5)
    nothing_known = quality.table(of_domain(children, []), YEAR, Team.POSYANDU, RULES, ANALYSIS).total
    assert nothing_known.figures[Check.ARRIVED_LATE].value is None


def test_lengths_left_out_positions_left_out_and_babies_standing():
    children = [girl(1), girl(2), girl(3, date(2026, 6, 12))]
    visits = [
        measured(children[0], DAY, weight_g=11_000),
        measured(children[1], DAY, weight_g=11_000, length_mm=850),
        measured(children[2], DAY, weight_g=6000, length_mm=620, position="standing"),
    ]
    table = looked_at(children, visits)
    figures = table.total.figures
    assert (figures[Check.NO_LENGTH].count, figures[Check.NO_LENGTH].of) == (1, 3)
    assert (figures[Check.NO_POSITION].count, figures[Check.NO_POSITION].of) == (1, 2)
    assert (figures[Check.STANDING_TOO_YOUNG].count, figures[Check.STANDING_TOO_YOUNG].of) == (1, 1)
    assert table.records(Check.STANDING_TOO_YOUNG) == (visits[2].id,)


def test_jumps_and_repeated_weights():
    one, other = girl(1), girl(2)
    visits = [
        measured(one, date(2026, 10, 12), weight_g=9000),
        measured(one, DAY, weight_g=12_000),
        measured(other, date(2026, 10, 12), weight_g=9000),
        measured(other, DAY, weight_g=9000),
    ]
    table = looked_at([one, other], visits)
    assert (table.total.visits, table.total.figures[Check.JUMPS].of) == (2, 2)
    assert table.records(Check.JUMPS) == (visits[1].id,)
    assert table.records(Check.SAME_WEIGHT) == (visits[3].id,)


def test_the_worst_jumps_repetitions_and_z_scores_stand_first():
    children = [girl(number) for number in range(3)]
    months = [date(2026, month, 12) for month in (8, 9, 10, 11)]
    weights = {0: (9000, 9500, 9600, 9600), 1: (9000, 9000, 9000, 9000), 2: (9000, 12_000, 9600, 9700)}
    visits = {
        (number, day): measured(children[number], day, weight_g=grams)
        for number, of_child in weights.items()
        for day, grams in zip(months, of_child, strict=True)
    }
    table = looked_at(children, list(visits.values()), period=YEAR)
    _, september, october, november = months
    assert table.records(Check.SAME_WEIGHT) == tuple(
        visits[at].id for at in ((1, november), (1, october), (0, november), (1, september))
    )
    assert table.records(Check.JUMPS) == (visits[2, october].id, visits[2, september].id)
    flagged = [
        measured(child, DAY, length_mm=length_at(child, DAY, z))
        for child, z in zip(children, (-6.5, 7.5, -7.0), strict=True)
    ]
    assert looked_at(children, flagged).records(Check.FLAGGED) == tuple(flagged[at].id for at in (1, 2, 0))


def test_a_team_is_whoever_saved_the_record():
    children = [girl(number) for number in range(4)]
    visits = [
        measured(child, DAY, weight_g=11_000, actor="ani" if number else "budi")
        for number, child in enumerate(children)
    ]
    table = looked_at(children, visits, by=Team.ACTOR)
    assert {row.key: row.visits for row in table.rows} == {"ani": 3, "budi": 1}
    assert not any(check.of_children for row in table.rows for check in row.figures)
    assert table.total.figures[Check.NO_NIK].of == 4
    assert {row.label for row in table.rows} == {"Tanpa nama"}


def test_the_most_doubtful_stand_first_and_an_area_can_be_asked_for():
    children = [girl(1, None, scope=KENANGA), girl(2), girl(3)]
    table = looked_at(children, [measured(children[1], DAY, weight_g=11_000)])
    assert [(row.key, row.doubtful) for row in table.rows] == [(KENANGA, 1), (MELATI, 0)]
    alone = looked_at(children, [measured(children[1], DAY, weight_g=11_000)], within="32.11.13")
    assert [row.key for row in alone.rows] == [MELATI]
    assert alone.total.label == "Pamulihan"


def test_nothing_at_all_gives_no_rows():
    table = looked_at([], [])
    assert (table.rows, table.total.visits, table.total.doubtful) == ((), 0, 0)
    assert table.records(Check.WEIGHT_DIGITS) == ()


@pytest.fixture(scope="module")
def world():
    return generator.make(children=400, months=12, posyandu=4, seed=2)


def test_every_figure_has_its_records_in_every_row(world):
    frame = world.frame()
    table = quality.table(
        frame, YEAR, Team.POSYANDU, RULES, ANALYSIS, duplicates=find(records(world.children), RULES)
    )
    everything = {item.id for visits in world.histories.values() for item in visits}
    children = {child.id for child in world.children}
    assert len(table.rows) == 4
    for row in (table.total, *table.rows):
        assert set(row.figures) == set(Check)
        for check, one in row.figures.items():
            behind = table.records(check, row.key)
            all_of_it = one.unit is not Unit.PERCENT and one.count == 0
            assert len(behind) == len(set(behind)) == (one.of if all_of_it else one.count)
            assert set(behind) <= (children if check.of_children else everything)
    for check in Check:
        if check not in quality.DIGIT_FIELDS and check not in quality.SD_MEASURES:
            assert table.total.figures[check].count == sum(row.figures[check].count for row in table.rows)
            assert table.total.figures[check].of == sum(row.figures[check].of for row in table.rows)


def test_figures_are_those_counted_visit_by_visit(world):
    table = quality.table(world.frame(), YEAR, Team.POSYANDU, RULES, ANALYSIS)
    digits, delays, counts = defaultdict(Counter), defaultdict(list), Counter()
    for child in world.children:
        for item in world.histories[child.id]:
            if item.date.year != 2026:
                continue
            counts[child.scope, "visits"] += 1
            if item.length_mm:
                digits[child.scope][item.length_mm % 10] += 1
            counts[child.scope, "no length"] += item.weight_g is not None and not item.length_mm
            delays[child.scope].append((date.fromisoformat(item.at[:10]) - item.date).days)
    for row in table.rows:
        assert row.visits == counts[row.key, "visits"]
        assert row.figures[Check.NO_LENGTH].count == counts[row.key, "no length"]
        found = row.figures[Check.LENGTH_DIGITS].digits
        assert found.counts == tuple(digits[row.key][digit] for digit in range(10))
        assert row.figures[Check.LATE].median_days == statistics.median(delays[row.key])
        assert row.figures[Check.LATE].count == sum(days > 7 for days in delays[row.key])


def test_visits_outside_the_period_are_not_looked_at(world):
    frame = world.frame()
    months = [Period.of_month(Month(2026, month)) for month in range(1, 12)]
    parts = [quality.table(frame, month, Team.POSYANDU, RULES, ANALYSIS).total.visits for month in months]
    assert sum(parts) == quality.table(frame, YEAR, Team.POSYANDU, RULES, ANALYSIS).total.visits
    assert quality.table(frame, Period.of_year(1999), Team.ACTOR, RULES, ANALYSIS).rows == ()

"""What became of the same children: examples, and a count by hand."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from posyandu_app.domain.age import Month, completed_months
from posyandu_app.reports.areas import Level
from posyandu_app.reports.cohort import PATHS, Path, cohort, counts_of
from posyandu_app.reports.frames import of_domain
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import ALL, Indicator, affected
from posyandu_app.reports.snapshots import take
from tests import generator
from tests.reports.analysis import KENANGA, MELATI, girl, tall, thick

FEBRUARY, AUGUST = (Period.of_month(Month(2026, month)) for month in (2, 8))
THEN, NOW = date(2026, 2, 12), date(2026, 8, 12)
STORIES = {
    Path.RECOVERED: (-2.6, -1.0),
    Path.NEW: (-1.0, -2.6),
    Path.PERSISTENT: (-2.6, -2.7),
    Path.NEVER: (0.0, 0.0),
    Path.LOST_AFFECTED: (-2.6, None),
    Path.LOST_HEALTHY: (0.0, None),
    Path.JOINED_AFFECTED: (None, -2.6),
    Path.JOINED_HEALTHY: (None, 0.0),
}


def told(stories, **more):
    children, visits = [], []
    for number, (then, now) in enumerate(stories):
        one = girl(number, **more)
        children.append(one)
        visits += [tall(one, day, z) for day, z in ((THEN, then), (NOW, now)) if z is not None]
    return of_domain(children, visits)


def test_every_path_a_child_can_take():
    table = cohort(told(STORIES.values()), FEBRUARY, AUGUST, Indicator.STUNTING, Level.POSYANDU)
    for number, path in enumerate(STORIES):
        assert counts_of(table.total)[path] == 1
        assert table.children(path) == (f"anak-{number}",)
        assert table.children(path, MELATI) == (f"anak-{number}",)
    assert table.total.followed == 4
    assert (table.total.recovery.count, table.total.recovery.of) == (1, 2)
    assert (table.total.incidence.count, table.total.incidence.of) == (1, 2)
    assert (table.total.loss.count, table.total.loss.of) == (2, 6)


def test_who_has_turned_five_is_not_lost():
    five = told([(-2.6, None)], birth=date(2021, 8, 20))
    assert cohort(five, FEBRUARY, AUGUST, Indicator.STUNTING, Level.POSYANDU).total.graduated == 1
    younger = told([(-2.6, None)], birth=date(2021, 9, 1))
    assert cohort(younger, FEBRUARY, AUGUST, Indicator.STUNTING, Level.POSYANDU).total.lost_affected == 1


@pytest.mark.parametrize("state", ["pindah", "meninggal", "lulus"])
def test_who_has_left_is_not_lost(state):
    total = cohort(
        told([(-2.6, None)], state=state), FEBRUARY, AUGUST, Indicator.STUNTING, Level.POSYANDU
    ).total
    assert (total.left, total.lost_affected) == (1, 0)


def test_oedema_is_wasting_that_can_be_recovered_from():
    one = girl(1)
    visits = [thick(one, THEN, 0.0, oedema=1), thick(one, NOW, 0.0)]
    total = cohort(of_domain([one], visits), FEBRUARY, AUGUST, Indicator.WASTING, Level.POSYANDU).total
    assert total.recovered == 1


def test_areas_are_parted_and_an_area_alone_can_be_asked_for():
    children = [girl(1), girl(2, scope=KENANGA)]
    visits = [tall(child, day, z) for child in children for day, z in ((THEN, -2.6), (NOW, 0.0))]
    frame = of_domain(children, visits)
    table = cohort(frame, FEBRUARY, AUGUST, Indicator.STUNTING, Level.KECAMATAN)
    assert [(row.key, row.recovered) for row in table.rows] == [("32.11.10", 1), ("32.11.13", 1)]
    assert table.children(Path.RECOVERED, "32.11.10") == ("anak-2",)
    alone = cohort(frame, FEBRUARY, AUGUST, Indicator.STUNTING, Level.POSYANDU, "32.11.13")
    assert (alone.total.recovered, alone.children(Path.RECOVERED)) == (1, ("anak-1",))


@pytest.mark.parametrize("after", [FEBRUARY, Period.of_year(2026), Period.of_month(Month(2025, 1))])
def test_the_second_period_comes_after_the_first(after):
    with pytest.raises(ValueError, match="after"):
        cohort(told([]), FEBRUARY, after, Indicator.STUNTING, Level.POSYANDU)


def test_nobody_gives_no_rows():
    table = cohort(told([]), FEBRUARY, AUGUST, Indicator.STUNTING, Level.POSYANDU)
    assert (table.rows, table.total.followed, table.total.recovery.percent) == ((), 0, None)


@pytest.mark.parametrize("indicator", ALL)
def test_paths_are_those_counted_child_by_child(indicator):
    world = generator.make(children=300, months=12, posyandu=3, seed=21)
    frame = world.frame()
    before, after = Period(Month(2025, 12), Month(2026, 3)), Period(Month(2026, 7), Month(2026, 11))
    states = []
    for period in (before, after):
        snapshot = take(frame, [period])
        has, counts = affected(snapshot, indicator)
        rows = np.flatnonzero(counts)
        states.append({frame.children.ids[snapshot.child[row]]: bool(has[row]) for row in rows})
    then, now = states
    expected = Counter()
    for child in world.children:
        first, second = then.get(child.id), now.get(child.id)
        if first is None and second is None:
            continue
        if second is None:
            old = child.birth_date and completed_months(child.birth_date, date(2026, 11, 30)) >= 60
            if child.state != "aktif":
                path = Path.LEFT
            elif old:
                path = Path.GRADUATED
            else:
                path = Path.LOST_AFFECTED if first else Path.LOST_HEALTHY
        else:
            path = {
                (True, False): Path.RECOVERED,
                (False, True): Path.NEW,
                (True, True): Path.PERSISTENT,
                (False, False): Path.NEVER,
                (None, True): Path.JOINED_AFFECTED,
                (None, False): Path.JOINED_HEALTHY,
            }[first, second]
        expected[path] += 1
    table = cohort(frame, before, after, indicator, Level.POSYANDU)
    assert counts_of(table.total) == {path: expected[path] for path in PATHS}
    assert len({*then, *now}) == sum(counts_of(table.total).values()) > 150
    for path in PATHS:
        assert sum(counts_of(row)[path] for row in table.rows) == expected[path]
        assert len(set(table.children(path))) == expected[path]


def test_a_year_sees_who_was_measured_at_any_time_in_it():
    one = girl(1, date(2024, 11, 12))
    visits = [tall(one, date(2025, 2, 12), -2.6), tall(one, date(2025, 2, 12) + timedelta(days=400), -1.0)]
    table = cohort(
        of_domain([one], visits),
        Period.of_year(2025),
        Period.of_year(2026),
        Indicator.STUNTING,
        Level.VILLAGE,
    )
    assert table.total.recovered == 1

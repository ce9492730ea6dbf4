"""Which children and which values a prevalence counts."""

from collections import Counter
from datetime import date, timedelta

import pytest

from posyandu_app.domain.age import Month
from posyandu_app.domain.model import Sex
from posyandu_app.domain.zscore import assess
from posyandu_app.reports import prevalence
from posyandu_app.reports.frames import of_domain
from posyandu_app.reports.periods import Period, months, years
from posyandu_app.reports.prevalence import ALL, By, Indicator
from posyandu_app.reports.snapshots import take
from posyandu_app.reports.statistics import Share
from tests import generator
from tests.reports.analysis import (
    ANALYSIS,
    IN_NOVEMBER,
    KENANGA,
    MAWAR,
    MELATI,
    NOVEMBER,
    RULES,
    girl,
    measured,
    tall,
    thick,
)

DAY = date(2026, 11, 12)
NEXT = date(2026, 11, 20)


def share(children, visits, indicator=Indicator.STUNTING, period=IN_NOVEMBER):
    table = prevalence.table(of_domain(children, visits), period, By.ALL, RULES)
    return table.total.shares[indicator]


def test_the_last_measurement_of_the_month_counts():
    one, other = girl(1), girl(2)
    visits = [tall(one, DAY, -3), tall(one, NEXT, 0), tall(other, NEXT, -2.5), tall(other, DAY, 0)]
    found = share([one, other], visits)
    assert (found.count, found.of) == (1, 2)


def test_of_two_on_one_day_the_one_saved_later_counts():
    one = girl(1)
    visits = [tall(one, DAY, 0, key="a", hlc="2"), tall(one, DAY, -3, key="b", hlc="1")]
    assert share([one], visits).count == 0
    assert share([one], list(reversed(visits))).count == 0


def test_a_weighing_without_length_does_not_hide_the_length_before_it():
    one = girl(1)
    visits = [tall(one, date(2026, 8, 12), -2.5), measured(one, DAY, weight_g=11_000)]
    assert share([one], visits).of == 0
    assert share([one], visits, period=Period.of_year(2026)).count == 1
    weight = share([one], visits, Indicator.UNDERWEIGHT, Period.of_year(2026))
    assert weight.of == 1


def test_a_flagged_value_is_left_out_and_no_earlier_one_takes_its_place():
    one = girl(1)
    visits = [tall(one, DAY, -2.5), measured(one, NEXT, weight_g=11_000, length_mm=550)]
    assert share([one], visits).of == 0


def test_oedema_counts_as_severe_wasting_and_underweight_whatever_the_scales_say():
    one = girl(1)
    visits = [thick(one, DAY, 0.0, oedema=1)]
    for indicator in (Indicator.SEVERE_WASTING, Indicator.WASTING, Indicator.SEVERE_UNDERWEIGHT):
        assert (share([one], visits, indicator).count, share([one], visits, indicator).of) == (1, 1)
    assert (share([one], visits, Indicator.STUNTING).count, share([one], visits).of) == (0, 1)
    assert share([one], [measured(one, DAY, oedema=2)], Indicator.SEVERE_WASTING).count == 1


def test_cut_offs_are_below_minus_two_and_above_plus_two():
    one = girl(1, DAY - timedelta(days=365))
    low = [assess(Sex.FEMALE, 365, length_mm=mm).length_for_age.centi for mm in (687, 688, 689)]
    assert low == [-206, -202, -198]
    counts = [share([one], [measured(one, DAY, weight_g=8000, length_mm=mm)]).count for mm in (687, 688, 689)]
    assert counts == [1, 1, 0]
    heavy = [share([one], [thick(one, DAY, z)], Indicator.OVERWEIGHT).count for z in (1.9, 2.2, 3.2)]
    assert heavy == [0, 1, 1]
    assert share([one], [thick(one, DAY, 3.2)], Indicator.OBESITY).count == 1


@pytest.mark.parametrize(("days", "counts"), [(1826, 1), (1827, 0), (0, 1), (-1, 0)])
def test_ages_from_birth_to_1826_days_count(days, counts):
    one = girl(1, DAY - timedelta(days=days))
    visits = [measured(one, DAY, weight_g=9000, length_mm=900, oedema=1)]
    table = prevalence.table(of_domain([one], visits), IN_NOVEMBER, By.ALL, RULES)
    assert (table.total.children, table.total.shares[Indicator.WASTING].of) == (counts, counts)


def test_a_child_without_birth_date_counts_by_weight_for_height_alone():
    one = girl(1, None)
    frame = of_domain([one], [measured(one, DAY, weight_g=11_000, length_mm=900)])
    total = prevalence.table(frame, IN_NOVEMBER, By.ALL, RULES).total
    assert {i for i in ALL if total.shares[i].of} == {
        Indicator.WASTING,
        Indicator.SEVERE_WASTING,
        Indicator.OVERWEIGHT,
        Indicator.OBESITY,
    }
    assert sum(row.children for row in prevalence.table(frame, IN_NOVEMBER, By.AGE, RULES).rows) == 0


def test_voided_measurements_and_children_registered_by_mistake_do_not_count():
    one, other = girl(1), girl(2, state="batal")
    visits = [tall(one, DAY, -3, voided=True), tall(other, DAY, -3)]
    assert share([one, other], visits).of == 0


def test_children_who_have_left_since_still_count_in_the_month_they_were_measured():
    assert share([girl(1, state="pindah")], [tall(girl(1), DAY, -3)]).count == 1


def test_an_area_holds_its_own_children_and_shows_posyandu_where_nobody_came():
    children = [girl(1, scope=MELATI), girl(2, scope=MAWAR), girl(3, scope=KENANGA)]
    visits = [tall(child, DAY, -2.5) for child in children[:2]] + [tall(children[2], date(2026, 10, 12), 0)]
    frame = of_domain(children, visits, {MELATI: "Melati 1"})
    table = prevalence.table(frame, IN_NOVEMBER, By.POSYANDU, RULES)
    assert [(row.key, row.children) for row in table.rows] == [(KENANGA, 0), (MELATI, 1), (MAWAR, 1)]
    assert [row.label for row in table.rows] == [KENANGA, "Melati 1", MAWAR]
    village = prevalence.table(frame, IN_NOVEMBER, By.POSYANDU, RULES, within="32.11.13.2005")
    assert [row.key for row in village.rows] == [MELATI, MAWAR]
    assert village.total.label == "Cilembu"
    assert prevalence.table(frame, IN_NOVEMBER, By.KECAMATAN, RULES).rows[1].label == "Pamulihan"
    nowhere = prevalence.table(frame, IN_NOVEMBER, By.POSYANDU, RULES, within="99.99")
    assert (nowhere.rows, nowhere.total.children) == ((), 0)


def test_a_scope_is_not_inside_another_that_only_begins_alike():
    frame = of_domain([girl(1, scope="32.11.13.2005.0010")], [tall(girl(1), DAY, -3)])
    assert prevalence.table(frame, IN_NOVEMBER, By.ALL, RULES, within=MELATI).total.children == 0


def test_nothing_at_all_gives_an_empty_table():
    frame = of_domain([], [])
    table = prevalence.table(frame, IN_NOVEMBER, By.POSYANDU, RULES)
    assert (table.rows, table.total.children, table.total.shares[Indicator.STUNTING].percent) == ((), 0, None)
    assert [point.row.children for point in prevalence.series(frame, [IN_NOVEMBER], {})] == [0]


def test_a_series_follows_the_months_and_holds_the_target_against_them():
    children = [girl(number) for number in range(10)]
    visits = [
        tall(child, date(2026, 10, 12), -3 if number < 2 else 0) for number, child in enumerate(children)
    ]
    visits += [tall(child, DAY, -3 if number < 1 else 0) for number, child in enumerate(children)]
    points = prevalence.series(
        of_domain(children, visits), months(Month(2026, 9), NOVEMBER), {Indicator.STUNTING: 14.0}
    )
    assert [point.row.shares[Indicator.STUNTING].percent for point in points] == [None, 20, 10]
    assert [point.reached(Indicator.STUNTING) for point in points] == [None, False, True]
    year = prevalence.series(of_domain(children, visits), years(2025, 2026), {})
    assert [point.row.shares[Indicator.STUNTING].count for point in year] == [0, 1]


def test_periods_that_overlap_are_refused():
    frame = of_domain([girl(1)], [tall(girl(1), DAY, 0)])
    with pytest.raises(ValueError, match="overlap"):
        take(frame, [Period.of_year(2026), IN_NOVEMBER])


@pytest.fixture(scope="module")
def world():
    return generator.make(children=350, months=14, posyandu=5, seed=11)


def counted_again(world, period, key):
    """The same figures by hand: one child after the other with the scalar formula, no column in sight."""
    of, found, children = Counter(), Counter(), Counter()
    needs = {"HA": ("length_mm",), "WA": ("weight_g",), "WH": ("weight_g", "length_mm")}
    for child in world.children:
        seen = [
            (item, growth)
            for item in sorted(world.histories[child.id], key=lambda item: (item.date, item.hlc, item.id))
            if period.first <= Month.of(item.date) <= period.last
            for days in [None if child.birth_date is None else (item.date - child.birth_date).days]
            if days is None or 0 <= days <= 1826
            for growth in [
                assess(
                    child.sex,
                    days,
                    weight_g=item.weight_g,
                    length_mm=item.length_mm,
                    position=item.position,
                    oedema=item.oedema,
                )
            ]
        ]
        if not seen:
            continue
        group = key(child, seen[-1][0])
        children[group] += 1
        for short, fields in needs.items():
            chosen = [
                (item, growth)
                for item, growth in seen
                if all(getattr(item, name) for name in fields) or (short != "HA" and item.oedema)
            ]
            if not chosen:
                continue
            item, growth = chosen[-1]
            score = {
                "HA": growth.length_for_age,
                "WA": growth.weight_for_age,
                "WH": growth.weight_for_length,
            }[short]
            swollen = short != "HA" and item.oedema
            if not swollen and (score is None or score.flagged):
                continue
            centi = -310 if swollen else score.centi
            for indicator in Indicator:
                if indicator.measure.value == short:
                    of[group, indicator] += 1
                    limit = indicator.cut_off
                    found[group, indicator] += centi < limit if limit < 0 else centi > limit
    return children, of, found


@pytest.mark.parametrize(
    "period", [IN_NOVEMBER, Period.of_year(2026), Period(Month(2025, 11), Month(2026, 2))]
)
@pytest.mark.parametrize(
    ("by", "key"),
    [
        (By.ALL, lambda child, item: ""),
        (By.POSYANDU, lambda child, item: child.scope),
        (By.VILLAGE, lambda child, item: child.scope[:13]),
        (By.SEX, lambda child, item: child.sex and child.sex.value),
    ],
)
def test_columns_count_what_counting_by_hand_counts(world, period, by, key):
    children, of, found = counted_again(world, period, key)
    table = prevalence.table(world.frame(), period, by, RULES)
    rows = table.rows if by is not By.ALL else (table.total,)
    assert sum(children.values()) > 100
    for row in rows:
        assert row.children == children[row.key]
        for indicator in ALL:
            share = row.shares[indicator]
            assert (share.count, share.of) == (found[row.key, indicator], of[row.key, indicator])


def test_every_month_of_a_series_is_the_table_of_that_month(world):
    frame = world.frame()
    points = prevalence.series(frame, months(world.months[0], world.months[-1]), {})
    for point in points:
        table = prevalence.table(frame, point.period, By.ALL, RULES)
        assert point.row.shares == table.total.shares
        assert point.row.children == table.total.children


def test_labels_are_in_the_language_in_force():
    from posyandu_app import i18n

    i18n.set_language("en")
    assert Indicator.STUNTING.label == "Stunting (height-for-age < −2 SD)"
    assert Period(Month(2026, 2), Month(2026, 8)).label.count("–") == 1


def test_the_children_behind_a_prevalence_can_be_named(world):
    frame = world.frame()
    for indicator in ALL:
        total = prevalence.table(frame, IN_NOVEMBER, By.ALL, RULES).total.shares[indicator]
        found = prevalence.children(frame, IN_NOVEMBER, indicator)
        assert len(found) == len(set(found)) == total.count
    one = girl(1, scope=KENANGA)
    small = of_domain([one, girl(2)], [tall(one, DAY, -2.5), tall(girl(2), DAY, -2.5)])
    assert prevalence.children(small, IN_NOVEMBER, Indicator.STUNTING, "32.11.10") == ("anak-1",)


@pytest.mark.parametrize(
    ("indicator", "percent", "expected"),
    [
        (Indicator.STUNTING, 2.4, "very_low"),
        (Indicator.STUNTING, 2.5, "low"),
        (Indicator.STUNTING, 19.9, "medium"),
        (Indicator.STUNTING, 20.0, "high"),
        (Indicator.STUNTING, 30.0, "very_high"),
        (Indicator.WASTING, 10.0, "high"),
        (Indicator.OVERWEIGHT, 15.1, "very_high"),
        (Indicator.UNDERWEIGHT, 50.0, None),
        (Indicator.STUNTING, None, None),
    ],
)
def test_the_weight_of_a_prevalence_is_whos(indicator, percent, expected):
    assert prevalence.severity(indicator, Share(1, 10, percent), ANALYSIS) == expected


def test_targets_come_from_both_files_of_rules():
    assert prevalence.targets(RULES, ANALYSIS) == {Indicator.STUNTING: 14.0, Indicator.WASTING: 7.0}

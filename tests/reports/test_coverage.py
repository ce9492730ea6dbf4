"""Letters and SKDN of whole columns equal those of the domain, child by child."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain import kms, skdn
from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import assess_history
from posyandu_app.domain.model import ChildState, Sex
from posyandu_app.domain.skdn import Skdn
from posyandu_app.reports import coverage
from posyandu_app.reports.areas import Level
from posyandu_app.reports.coverage import skdn_grid
from posyandu_app.reports.frames import of_domain
from posyandu_app.reports.letters import letters
from tests import generator
from tests.reports.analysis import KENANGA, MAWAR, MELATI, NOVEMBER, RULES, girl, measured, tall

CODES = {Sex.MALE: 1, Sex.FEMALE: 2}
MONTHS = [NOVEMBER.shifted(back) for back in range(-5, 2)]


def histories(children, visits):
    """Each child with her assessed history, as the services hand it to the domain."""
    return [
        (child, assess_history(child, [item for item in visits if item.child == child.id], RULES))
        for child in children
    ]


def assert_equal_to_the_domain(children, visits, months=MONTHS):
    frame = of_domain(children, visits)
    grid = skdn_grid(frame, months, RULES)
    assessed = histories(children, visits)
    for month in months:
        table = skdn.count(assessed, month, RULES)
        assert grid.skdn(month) == table.total
        assert coverage.expected(frame, month, RULES) == table.total.S
        for sex, part in table.by_sex.items():
            assert grid.skdn(month, sex=CODES[sex]) == part
        for group, part in table.by_group.items():
            assert grid.skdn(month, group=group) == part
        for (group, sex), part in table.by_group_and_sex.items():
            assert grid.skdn(month, sex=CODES[sex], group=group) == part


def letters_by_column(frame):
    columns = letters(frame, RULES)
    ids = frame.visit_ids(columns.visit.tolist())
    return {
        key: ("?NTOB"[letter], None if letter == 4 else gain, two_t)
        for key, letter, gain, two_t in zip(
            ids, columns.letter.tolist(), columns.gain_g.tolist(), columns.two_t.tolist(), strict=True
        )
    }


CHILDREN = st.lists(
    st.tuples(
        st.one_of(st.none(), st.dates(date(2021, 4, 1), date(2027, 1, 31))),
        st.sampled_from([None, *Sex]),
        st.sampled_from([None, True, False]),
        st.sampled_from([*ChildState, "cuti"]),
        st.lists(
            st.tuples(
                st.dates(date(2026, 5, 1), date(2026, 12, 31)),
                st.one_of(st.none(), st.integers(-1, 20_000), st.sampled_from([8000, 8100, 8300])),
                st.booleans(),
                st.booleans(),
            ),
            max_size=8,
        ),
    ),
    max_size=6,
)


def built(drawn):
    children, visits = [], []
    for number, (birth, sex, card, state, weighings) in enumerate(drawn):
        one = girl(number, birth, (MELATI, MAWAR)[number % 2], sex=sex, kia_held=card, state=state)
        children.append(one)
        for place, (on, weight, voided, late) in enumerate(weighings):
            visits.append(
                measured(
                    one,
                    on,
                    weight_g=weight,
                    voided=voided and late,
                    key=f"{number}-{place}",
                    hlc="2" if late else "1",
                )
            )
    return children, visits


@given(CHILDREN)
@settings(max_examples=150, deadline=None)
def test_skdn_of_any_posyandu_is_that_of_the_domain(drawn):
    assert_equal_to_the_domain(*built(drawn))


@given(CHILDREN)
@settings(max_examples=150, deadline=None)
def test_letters_of_any_children_are_those_of_the_domain(drawn):
    children, visits = built(drawn)
    expected = {
        record.measurement_id: (record.letter.value, record.gain_g, record.two_t)
        for child in children
        for record in kms.records(
            child.sex, child.birth_date, [item for item in visits if item.child == child.id], RULES
        )
    }
    assert letters_by_column(of_domain(children, visits)) == expected


def test_skdn_of_a_generated_district_is_that_of_the_domain():
    world = generator.make(children=250, months=10, posyandu=4, seed=8)
    visits = [item for items in world.histories.values() for item in items]
    assert_equal_to_the_domain(world.children, visits, list(world.months))
    frame = world.frame()
    grid = skdn_grid(frame, world.months, RULES)
    for scope in world.scopes:
        own = [child for child in world.children if child.scope == scope]
        table = skdn.count(histories(own, visits), NOVEMBER, RULES)
        assert grid.skdn(NOVEMBER, frame.areas.inside(scope)) == table.total


def test_ages_at_both_ends_of_the_card():
    on = date(2026, 11, 12)
    births = [date(*NOVEMBER.shifted(-m), day) for m in (0, 1, 59, 60, 61) for day in (11, 12, 13)]
    children = [girl(number, birth) for number, birth in enumerate(births)]
    assert_equal_to_the_domain(children, [measured(child, on, weight_g=9000) for child in children])
    assert_equal_to_the_domain(children, [])


def posyandu():
    """Two posyandu: in Melati two of three came, one of them measured; Kenanga's only child came."""
    children = [girl(1), girl(2), girl(3), girl(4, scope=KENANGA)]
    visits = [
        tall(children[0], date(2026, 11, 12), -2.5),
        measured(children[1], date(2026, 11, 12), weight_g=11_000),
        tall(children[3], date(2026, 11, 10), 0),
    ]
    return of_domain(children, visits)


def test_coverage_stands_beside_prevalence():
    table = coverage.table(posyandu(), NOVEMBER, Level.KECAMATAN, RULES)
    melati, kenanga = table.rows[1], table.rows[0]
    assert (melati.key, melati.label, kenanga.label) == ("32.11.13", "Pamulihan", "Buahdua")
    assert (melati.skdn.S, melati.skdn.D, melati.skdn.d_s) == (3, 2, 667)
    assert (melati.with_length_for_age.count, melati.with_length_for_age.of) == (1, 3)
    assert melati.with_weight_for_length.percent == pytest.approx(100 / 3)
    assert table.total.skdn == melati.skdn + kenanga.skdn
    assert table.total.with_length_for_age.count == 2


def test_coverage_of_one_village_leaves_the_others_out():
    table = coverage.table(posyandu(), NOVEMBER, Level.POSYANDU, RULES, within="32.11.10.2001")
    assert [row.key for row in table.rows] == [KENANGA]
    assert table.total.skdn == Skdn(S=1, K=1, D=1, B=1)


def test_children_measured_but_not_counted_in_s_are_not_covered():
    gone = girl(1, None)
    frame = of_domain([gone], [measured(gone, date(2026, 11, 12), weight_g=11_000, length_mm=900)])
    total = coverage.table(frame, NOVEMBER, Level.POSYANDU, RULES).total
    assert (total.skdn.S, total.with_weight_for_length.count, total.with_weight_for_length.percent) == (
        0,
        0,
        None,
    )


def test_a_series_gives_every_month_also_those_without_anybody():
    found = coverage.series(posyandu(), [Month(2015, 1), NOVEMBER], RULES, "32.11.13")
    assert [(month, skdn.S, skdn.D) for month, skdn in found] == [(Month(2015, 1), 0, 0), (NOVEMBER, 3, 2)]


def test_no_children_no_counts():
    frame = of_domain([], [])
    assert skdn_grid(frame, [NOVEMBER], RULES).skdn(NOVEMBER) == Skdn()
    assert coverage.table(frame, NOVEMBER, Level.POSYANDU, RULES).rows == ()


def test_the_children_behind_a_count_can_be_named():
    world = generator.make(children=250, months=10, posyandu=4, seed=8)
    frame = world.frame()
    total = skdn_grid(frame, [NOVEMBER], RULES).skdn(NOVEMBER)
    expected = {"absent": total.S - total.D, "N": total.N, "T": total.T, "O": total.O, "B": total.B}
    expected |= {"two_t": total.two_t, "bgm": total.bgm, "no_card": total.S - total.K}
    for standing in coverage.Standing:
        found = coverage.children(frame, NOVEMBER, standing, RULES)
        assert len(set(found)) == len(found) == expected[standing]
    frame = posyandu()
    assert coverage.children(frame, NOVEMBER, coverage.Standing.ABSENT, RULES) == ("anak-3",)
    assert coverage.children(frame, NOVEMBER, coverage.Standing.B, RULES, KENANGA) == ("anak-4",)
    assert coverage.children(of_domain([], []), NOVEMBER, coverage.Standing.N, RULES) == ()

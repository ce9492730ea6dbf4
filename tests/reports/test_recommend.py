"""Proposals come from figures by rules that can be read, and their figures can be taken again."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app import i18n
from posyandu_app.domain.age import Month
from posyandu_app.domain.operations import canonical
from posyandu_app.reports import coverage, quality, recommend
from posyandu_app.reports.analysis_rules import SmallNumbers
from posyandu_app.reports.areas import Level
from posyandu_app.reports.evidence import NEW_STUNTING, TWO_T, Evidence, from_json, measure, tenths
from posyandu_app.reports.frames import of_domain
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator
from posyandu_app.reports.quality import Check, Team
from posyandu_app.reports.ranking import SKDN_SHARES
from posyandu_app.reports.recommend import Rule, changes, propose
from tests import generator
from tests.reports.analysis import (
    ANALYSIS,
    IN_NOVEMBER,
    KENANGA,
    MELATI,
    NOVEMBER,
    RULES,
    girl,
    measured,
    tall,
    thick,
)

DAY = date(2026, 11, 12)
OCTOBER = date(2026, 10, 12)
COVERED = SmallNumbers(5, frozenset())


def healthy(count, scope=MELATI, first=0):
    """Children who came in both months and grew as they should."""
    children = [girl(first + number, scope=scope) for number in range(count)]
    visits = [thick(child, OCTOBER, 0.0) for child in children]
    visits += [
        measured(
            child, DAY, weight_g=item.weight_g + 250, length_mm=item.length_mm + 5, position=item.position
        )
        for child, item in zip(children, visits, strict=True)
    ]
    return children, visits


def proposed(children, visits, by=By.POSYANDU, **more):
    frame = of_domain(children, visits, {MELATI: "Melati 1"})
    return propose(frame, NOVEMBER, by, RULES, ANALYSIS, **more)


def rules_of(proposals):
    return [proposal.rule for proposal in proposals]


def test_where_all_is_well_nothing_is_proposed():
    assert proposed(*healthy(40)) == ()


def test_one_child_with_severe_wasting_is_enough_and_is_urgent():
    children, visits = healthy(40)
    sick = girl(900)
    (one,) = proposed([*children, sick], [*visits, thick(sick, DAY, -3.5)])
    assert (one.rule, one.area, one.due_days) == (Rule.SEVERE_WASTING, MELATI, 7)
    assert one.text.startswith("1 anak gizi buruk di Melati 1 pada November 2026. Pastikan")
    assert one.evidence == (Evidence("severe_wasting", MELATI, IN_NOVEMBER, 24, 1, 41),)
    assert "gizi buruk" in one.rule.explanation


def test_where_small_numbers_are_covered_the_proposal_names_none():
    children, visits = healthy(40)
    sick = girl(900)
    (one,) = proposed([*children, sick], [*visits, thick(sick, DAY, -3.5)], small_numbers=COVERED)
    assert one.text.startswith("Ada anak gizi buruk di Melati 1")
    assert (one.evidence[0].count, one.evidence[0].of, one.evidence[0].value) == (None, None, None)


def test_children_without_gain_for_two_months():
    children, visits = healthy(40)
    thin = girl(900)
    weighings = [measured(thin, date(2026, month, 12), weight_g=11_000) for month in (9, 10, 11)]
    (one,) = proposed([*children, thin], visits + weighings)
    assert (one.rule, one.evidence[0].code, one.evidence[0].count) == (Rule.TWO_T, TWO_T, 1)
    assert "1 anak 2T di Melati 1" in one.text


@pytest.mark.parametrize(("stunted", "spoken"), [(5, False), (8, False), (14, True)])
def test_stunting_is_raised_only_when_the_whole_interval_is_above_the_target(stunted, spoken):
    children = [girl(number) for number in range(40)]
    visits = [
        tall(child, day, -2.5 if n < stunted else 0.0) for n, child in enumerate(children) for day in (DAY,)
    ]
    found = [p for p in proposed(children, visits) if p.rule is Rule.STUNTING_ABOVE_TARGET]
    assert bool(found) is spoken
    if spoken:
        assert "35,0 % pada November 2026, di atas target 14,0 %" in found[0].text
        assert found[0].evidence[0].limit == 140


def test_few_children_give_no_proposal_on_a_prevalence():
    children = [girl(number) for number in range(20)]
    assert Rule.STUNTING_ABOVE_TARGET not in rules_of(
        proposed(children, [tall(child, DAY, -2.5) for child in children])
    )


def test_wasting_and_overweight_have_their_own_limits():
    children = [girl(number) for number in range(60)]
    thin = [thick(child, DAY, -2.5 if n < 20 else 0.0) for n, child in enumerate(children)]
    fat = [thick(child, DAY, 2.5 if n < 20 else 0.0) for n, child in enumerate(children)]
    assert Rule.WASTING_ABOVE_TARGET in rules_of(proposed(children, thin))
    assert Rule.OVERWEIGHT in rules_of(proposed(children, fat))


def test_low_attendance_counts_who_was_missed():
    children, visits = healthy(40)
    (one,) = proposed([*children, *(girl(100 + number) for number in range(20))], visits)
    assert one.rule is Rule.LOW_ATTENDANCE
    assert "66,7 % pada November 2026, di bawah target 85,0 %: 20 balita tidak ditimbang" in one.text


def test_few_gaining_weight():
    children, visits = healthy(40)
    stuck = [measured(c, DAY, weight_g=v.weight_g) for c, v in zip(children[:20], visits, strict=False)]
    found = proposed(children, visits[:40] + stuck + visits[60:])
    assert Rule.LOW_GAIN in rules_of(found)
    assert "N/D di Melati 1 50,0 %" in next(p.text for p in found if p.rule is Rule.LOW_GAIN)


def became_stunted(new, recovered):
    children = [girl(number) for number in range(60)]
    visits = []
    for number, child in enumerate(children):
        before, after = (-2.5, 0.0) if number < recovered else (0.0, -2.5 if number >= 60 - new else 0.0)
        visits += [tall(child, date(2026, 7, 12), before), tall(child, DAY, after)]
    return children, visits


@pytest.mark.parametrize(
    ("new", "recovered", "spoken"), [(10, 6, True), (9, 6, False), (4, 0, False), (5, 0, True)]
)
def test_new_cases_beyond_those_recovered(new, recovered, spoken):
    found = [p for p in proposed(*became_stunted(new, recovered)) if p.rule is Rule.NEW_STUNTING]
    assert bool(found) is spoken
    if spoken:
        assert found[0].text.startswith(
            f"{new} anak di Melati 1 menjadi stunting dalam 3 bulan, {recovered} yang"
        )
        assert found[0].evidence[0].code == NEW_STUNTING


def test_a_covered_number_of_recovered_children_is_not_named():
    found = [
        p for p in proposed(*became_stunted(12, 2), small_numbers=COVERED) if p.rule is Rule.NEW_STUNTING
    ]
    assert "lebih banyak dari yang pulih" in found[0].text
    assert " 2 " not in found[0].text


def test_doubtful_measuring_names_what_is_in_doubt():
    children, visits = healthy(120)
    visits = [
        measured(children[n % 120], v.date, weight_g=11_000 + 500 * (n >= 120), length_mm=v.length_mm)
        for n, v in enumerate(visits)
    ]
    frame = of_domain(children, visits)
    judged = quality.table(frame, IN_NOVEMBER, Team.POSYANDU, RULES, ANALYSIS)
    found = [
        p
        for p in propose(frame, NOVEMBER, By.POSYANDU, RULES, ANALYSIS, quality=judged)
        if p.rule is Rule.POOR_MEASURING
    ]
    assert "Angka akhir berat" in found[0].text
    assert {evidence.code for evidence in found[0].evidence} >= {"weight_digits"}
    assert not [
        p for p in propose(frame, NOVEMBER, By.VILLAGE, RULES, ANALYSIS, quality=judged) if p.area == MELATI
    ]


def test_missing_identities_and_late_records():
    children = [girl(number, nik=None) for number in range(20)]
    visits = [measured(child, DAY, weight_g=11_000, at="2026-11-30T08:00:00+07:00") for child in children]
    frame = of_domain(children, visits)
    judged = quality.table(frame, IN_NOVEMBER, Team.POSYANDU, RULES, ANALYSIS)
    found = {p.rule: p for p in propose(frame, NOVEMBER, By.POSYANDU, RULES, ANALYSIS, quality=judged)}
    assert "Tanpa NIK" in found[Rule.IDENTITY_MISSING].text
    assert "lebih dari 7 hari" in found[Rule.LATE_RECORDS].text


def test_the_gravest_come_first_and_each_area_has_its_own():
    one, first = healthy(40)
    other, second = healthy(40, KENANGA, first=100)
    sick, absent = girl(900, scope=KENANGA), [girl(910 + number) for number in range(20)]
    found = proposed([*one, *other, sick, *absent], [*first, *second, thick(sick, DAY, -3.5)])
    assert [(p.rule, p.area) for p in found] == [
        (Rule.SEVERE_WASTING, KENANGA),
        (Rule.LOW_ATTENDANCE, MELATI),
    ]
    inside = proposed([*one, *other, sick, *absent], [*first, *second, thick(sick, DAY, -3.5)], within=MELATI)
    assert rules_of(inside) == [Rule.LOW_ATTENDANCE]


def test_recommendations_are_for_areas():
    with pytest.raises(ValueError, match="areas"):
        proposed([], [], by=By.SEX)
    assert proposed([], []) == ()


def test_every_rule_and_sentence_has_its_english():
    i18n.set_language("en")
    children, visits = healthy(40)
    sick = girl(900)
    (one,) = proposed([*children, sick], [*visits, thick(sick, DAY, -3.5)])
    assert one.text.startswith("1 children with severe wasting in Melati 1")
    assert all(rule.explanation.endswith(".") and "yang" not in rule.explanation for rule in Rule)


@pytest.fixture(scope="module")
def frame():
    return generator.make(children=400, months=12, posyandu=3, seed=6).frame()


def test_the_figures_of_every_proposal_can_be_taken_again(frame):
    judged = quality.table(frame, IN_NOVEMBER, Team.POSYANDU, RULES, ANALYSIS)
    found = propose(frame, NOVEMBER, By.POSYANDU, RULES, ANALYSIS, quality=judged)
    assert len({p.rule for p in found}) >= 5
    for proposal in found:
        for evidence in proposal.evidence:
            if evidence.code in tuple(Check) and Check(evidence.code).of_children:
                continue
            again = measure(frame, evidence.code, evidence.area, evidence.period, RULES, ANALYSIS)
            assert (again.count, again.of) == (evidence.count, evidence.of)
            assert again.value == evidence.value


@pytest.mark.parametrize("code", [*Indicator, *SKDN_SHARES, TWO_T, NEW_STUNTING])
def test_every_figure_can_be_named_and_has_a_label(frame, code):
    found = measure(frame, code, "", IN_NOVEMBER, RULES, ANALYSIS)
    assert found.of > 0
    assert found.value == pytest.approx(1000 * found.count / found.of, abs=0.51)
    assert found.label != code


def test_an_unknown_figure_is_refused_but_kept_as_it_is(frame):
    with pytest.raises(ValueError, match="unknown figure"):
        measure(frame, "kebahagiaan", "", IN_NOVEMBER, RULES, ANALYSIS)
    evidence = Evidence("kebahagiaan", MELATI, IN_NOVEMBER, 1, 2, 3)
    assert evidence.label == "kebahagiaan"
    assert changes([evidence], frame, IN_NOVEMBER, RULES, ANALYSIS) == ()


def test_afterwards_it_is_seen_whether_the_figures_have_changed():
    children = [girl(number) for number in range(40)]
    visits = [tall(child, OCTOBER, -2.5 if n < 20 else 0.0) for n, child in enumerate(children)]
    visits += [tall(child, DAY, -2.5 if n < 12 else 0.0) for n, child in enumerate(children[:30])]
    frame = of_domain(children, visits)
    october = Period.of_month(Month(2026, 10))
    before = [measure(frame, code, MELATI, october, RULES, ANALYSIS) for code in ("stunting", "d_s", "k_s")]
    stunting, attendance, cards = changes(before, frame, IN_NOVEMBER, RULES, ANALYSIS)
    assert (stunting.before.value, stunting.now.value, stunting.better) == (500, 400, True)
    assert (attendance.before.value, attendance.now.value, attendance.better) == (1000, 750, False)
    assert (cards.now.value, cards.better) == (1000, None)
    gone = changes(before, frame, Period.of_year(2030), RULES, ANALYSIS)
    assert [(change.now.of, change.better) for change in gone] == [(0, None)] * 3


def test_evidence_travels_in_an_operation_and_comes_back():
    evidence = Evidence("stunting", MELATI, Period(Month(2026, 9), NOVEMBER), 127, 12, None, 140)
    assert from_json(json.loads(canonical(evidence.to_json()))) == evidence


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("2026-11"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "area", "first", "last", "value", "count"]), inner)
    ),
    max_leaves=8,
)


@given(JSON)
def test_whatever_arrives_in_its_place_never_fails(value):
    found = from_json(value)
    assert found is None or isinstance(found, Evidence)


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-13", "2026-12"), ("2026-11", "2026-10"), ("0000-01", "2026-01"), ("２０２６-11", "2026-11")],
)
def test_months_that_are_none_are_not_read(first, last):
    assert from_json({"code": "stunting", "area": MELATI, "first": first, "last": last}) is None


def test_tenths_round_half_up():
    assert [tenths(value) for value in (None, 0.0, 12.64, 12.65, 99.96)] == [None, 0, 126, 127, 1000]


def test_coverage_and_evidence_agree(frame):
    row = coverage.table(frame, NOVEMBER, Level.KABUPATEN, RULES).total.skdn
    assert measure(frame, "n_d", "", IN_NOVEMBER, RULES, ANALYSIS).value == row.n_d
    assert recommend.below(row.n_d, 100) is True
    assert recommend.below(None, 100) is False

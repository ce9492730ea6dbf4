"""The case of a child at risk: states, reopening, two midwives at once, 2T, revisits, since when."""

import ast
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import cases, risk, schedule
from posyandu_app.domain.cases import Appointment, Case, CaseState, Due, Group, Show
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Measurement
from posyandu_app.domain.reviews import Decision, Outcome, Review, Step, Verdict
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.visits import Referral, Visit
from tests.domain.field import RULES, child, history, standing

TODAY = date(2026, 11, 23)
GIRL = child(date(2024, 8, 20))
NEW, VERIFIED, FOLLOW_UP, RESOLVED = CaseState


def weighed(month: int, weight_g: int = 11_700, day: int = 12, **more) -> Measurement:
    tall = 860 + 9 * (month - 8)
    return standing(date(2026, month, day), weight_g, tall, **{"muac_mm": 150, "oedema": 0, **more})


def thin(month: int, **more) -> Measurement:
    """A visit with a thin arm: RUJUK, for one reason."""
    return weighed(month, muac_mm=120, **more)


RISING = (weighed(8, 11_100), weighed(9, 11_400), weighed(10, 11_700))
THIN_NOW = (*RISING, thin(11, weight_g=12_000))
TWO_T = (weighed(8, 11_400), weighed(9, 11_700), weighed(10, 11_750), weighed(11, 11_800))


def review(key: str, step: str = Step.DECIDE, on: date = TODAY, *, hlc: str = "", **more) -> Review:
    values = {"role": "bidan", "reasons": frozenset({"low_muac", "two_t"})}
    if step == Step.DECIDE:
        values["decisions"] = frozenset({Decision.COUNSEL})
    if step == Step.CLOSE:
        values["outcome"] = Outcome.TREATED
    if isinstance(more.get("seen"), str):
        more["seen"] = frozenset(more["seen"].split())
    return Review(id=key, child="anak-1", date=on, step=step, hlc=hlc or key, **{**values, **more})


def case(*reviews: Review, visits=THIN_NOW, on: date = TODAY, cards=()) -> Case | None:
    known = history(GIRL, *visits)
    found = schedule.findings(cards, (), on)
    return cases.build(GIRL, known, risk.assess(GIRL, known, on, RULES, found), reviews, on, RULES, cards)


def codes(found: Case) -> dict[str, tuple[date | None, bool]]:
    return {item.reason.code: (item.since, item.new) for item in found.reasons}


# --- the way of a case ---


def test_a_child_without_reason_and_review_is_no_case():
    assert case(visits=(*RISING, weighed(11, 12_000))) is None


def test_new_until_a_health_worker_has_looked():
    found = case()
    assert (found.state, found.tone, found.has_news) == (NEW, Tone.RUJUK, True)
    assert codes(found) == {"low_muac": (date(2026, 11, 12), True)}
    looked = case(review("a", Step.VERIFY, verdict=Verdict.RIGHT))
    assert (looked.state, looked.has_news) == (VERIFIED, False)


def test_a_kader_moves_no_case():
    for step in Step:
        found = case(review("a", step, role="kader", note="sudah dijenguk"))
        assert (found.state, len(found.reviews)) == (NEW, 1), "her note stands beside the case"


def test_decided_is_follow_up_and_closed_is_resolved():
    decided = review("a", revisit_on=date(2026, 12, 7))
    assert (case(decided).state, case(decided).revisit_on) == (FOLLOW_UP, date(2026, 12, 7))
    closed = case(decided, review("b", Step.CLOSE, seen="a"))
    assert (closed.state, closed.revisit_on, closed.decisions) == (RESOLVED, None, ())


def test_a_closed_case_stays_closed_while_the_same_reason_lasts():
    closed = review("a", Step.CLOSE, on=date(2026, 11, 13))
    visits = (*RISING, thin(11, weight_g=12_000), thin(12, weight_g=12_300))
    assert case(closed, visits=visits, on=date(2026, 12, 20)).state is RESOLVED


def test_a_reason_that_ends_and_comes_back_reopens_the_case():
    closed = review("a", Step.CLOSE, on=date(2026, 9, 20))
    visits = (thin(9, weight_g=11_400), weighed(10, 11_700), thin(11, weight_g=12_000))
    found = case(closed, visits=visits)
    assert (found.state, found.reopened) == (NEW, True)
    assert codes(found)["low_muac"] == (date(2026, 11, 12), True)
    looked = case(closed, review("b", Step.VERIFY, verdict=Verdict.RIGHT), visits=visits)
    assert (looked.state, looked.reopened) == (VERIFIED, True)


def test_another_reason_than_the_closing_named_reopens_the_case():
    closed = review("a", Step.CLOSE, reasons=frozenset({"stunting"}))
    assert (case(closed).state, case(closed).reopened) == (NEW, True)


def test_what_was_entered_late_is_new_though_its_date_is_before_the_review():
    looked = review("a", Step.VERIFY, on=date(2026, 11, 20), reasons=frozenset(), verdict=Verdict.RIGHT)
    assert case(looked).state is NEW


def test_a_person_reopens():
    closed = review("a", Step.CLOSE)
    found = case(closed, review("b", Step.REOPEN, seen="a", note="sakit lagi"))
    assert (found.state, found.reopened) == (VERIFIED, True)
    again = case(closed, review("b", Step.REOPEN, seen="a"), review("c", seen="a b"))
    assert again.state is FOLLOW_UP


def test_a_review_taken_back_is_as_if_never_made():
    decided = review("a")
    closed = review("b", Step.CLOSE, seen="a", voided=True)
    assert case(decided, closed) == case(decided)


def test_follow_up_goes_on_when_the_child_is_well_until_somebody_closes_it():
    found = case(review("a", on=date(2026, 10, 20)), visits=(*RISING, weighed(11, 12_000)))
    assert (found.state, found.improved, found.tone) == (FOLLOW_UP, True, Tone.BAIK)
    assert not case(review("a")).improved


def test_a_new_reason_in_the_middle_of_a_follow_up_is_news():
    decided = review("a", on=date(2026, 11, 15), reasons=frozenset({"low_muac"}))
    swollen = (*THIN_NOW, weighed(11, 12_050, day=20, muac_mm=120, oedema=1))
    found = case(decided, visits=swollen)
    assert (found.state, found.has_news, found.tone) == (FOLLOW_UP, True, Tone.RUJUK_SEGERA)
    assert cases.shown(found, Show.NEW)


def test_steps_and_roles_of_a_newer_version_move_nothing_and_are_kept():
    found = case(review("a", "langkah_baru"), review("b", Step.CLOSE, role="peran_baru"))
    assert (found.state, len(found.reviews)) == (NEW, 2)


def test_a_review_counts_whatever_the_clock_of_its_author_said():
    assert case(review("a", on=date(2099, 1, 1))).state is FOLLOW_UP
    assert case(review("a", on=date(2099, 1, 1)), review("b", Step.CLOSE, seen="a")).state is RESOLVED


# --- two health workers at once ---


def test_who_closes_without_seeing_a_decision_does_not_end_it():
    decided = review("a", revisit_on=date(2026, 12, 7), hlc="1")
    for hlc in ("0", "2"):
        found = case(decided, review("b", Step.CLOSE, hlc=hlc))
        assert (found.state, found.concurrent, found.revisit_on) == (FOLLOW_UP, True, date(2026, 12, 7))
        assert [item.id for item in found.decisions] == ["a"]


def test_two_decisions_at_once_are_both_in_force_and_the_earlier_revisit_counts():
    one = review("a", revisit_on=date(2026, 12, 7))
    other = review(
        "b",
        role="tpg",
        decisions=frozenset({Decision.PMT}),
        pmt_days=14,
        pmt_from=TODAY,
        revisit_on=date(2026, 11, 30),
    )
    found = case(one, other)
    assert (found.revisit_on, found.pmt_until) == (date(2026, 11, 30), date(2026, 12, 6))
    assert {item.id for item in found.decisions} == {"a", "b"}
    settled = case(one, other, review("c", seen="a b", revisit_on=date(2026, 12, 1)))
    assert (settled.concurrent, settled.revisit_on, settled.pmt_until) == (False, date(2026, 12, 1), None)


def test_a_forged_circle_of_seen_hides_nothing():
    found = case(review("a", seen="b"), review("b", Step.CLOSE, seen="a"))
    assert found.state in (FOLLOW_UP, RESOLVED)
    assert len(found.reviews) == 2


KEYS = ("a", "b", "c", "d", "e")


@st.composite
def some_reviews(draw):
    made = []
    for place, key in enumerate(draw(st.permutations(KEYS))[: draw(st.integers(1, 5))]):
        earlier = [item.id for item in made]
        made.append(
            review(
                key,
                draw(st.sampled_from([*Step, "langkah_baru"])),
                date(2026, 11, 12) + timedelta(days=place % 3),
                role=draw(st.sampled_from(["bidan", "tpg", "kader"])),
                seen=frozenset(draw(st.lists(st.sampled_from(earlier)))) if earlier else frozenset(),
                reasons=draw(st.frozensets(st.sampled_from(["low_muac", "two_t"]))),
                revisit_on=draw(st.none() | st.dates(date(2026, 11, 20), date(2026, 12, 20))),
                voided=draw(st.booleans()),
            )
        )
    return made


@given(some_reviews(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(made, random):
    shuffled = list(made)
    random.shuffle(shuffled)
    assert case(*made) == case(*shuffled)
    assert case(*made, *shuffled[:1]) is not None


@given(some_reviews())
def test_nothing_a_health_worker_began_ends_unseen(made):
    found = case(*made)
    begun = [r for r in made if r.by_health_worker and not r.voided and r.step in (Step.DECIDE, Step.OUTCOME)]
    later = {
        key for r in made if r.by_health_worker and not r.voided and r.step in cases._PLAN for key in r.seen
    }
    if any(item.id not in later for item in begun):
        assert found.state is FOLLOW_UP
    if found.state is RESOLVED:
        assert any(r.step == Step.CLOSE and r.by_health_worker and not r.voided for r in made)


@given(some_reviews(), some_reviews())
def test_what_the_next_review_names_leaves_it_alone_at_the_head(made, more):
    known = {item.id: item for item in [*made, *more]}.values()
    next_ = review("z", Step.CLOSE, TODAY, seen=cases.seen_by_next(known))
    assert case(*known, next_).heads == (next_,)


# --- 2T ---


def test_2t_is_new_and_a_kader_cannot_close_it():
    assert codes(case(visits=TWO_T)) == {"two_t": (date(2026, 11, 12), True)}
    for role in ("kader", "dinas", ""):
        assert case(review("a", Step.CLOSE, role=role), visits=TWO_T).state is NEW
    for role in ("bidan", "tpg"):
        assert case(review("a", Step.CLOSE, role=role), visits=TWO_T).state is RESOLVED


def test_2t_waits_for_a_health_worker_also_after_the_weight_has_risen():
    visits = (*TWO_T, weighed(12, 12_300))
    later = date(2026, 12, 20)
    found = case(visits=visits, on=later)
    assert codes(found) == {"two_t_waiting": (date(2026, 11, 12), True)}
    assert found.reasons[0].reason.text == "2T pada November 2026 belum diverifikasi bidan"
    assert (found.state, found.tone, found.reasons[0].group) == (NEW, Tone.WASPADA, Group.TWO_T)
    looked = review("a", Step.VERIFY, later, verdict=Verdict.RIGHT, reasons=frozenset({"two_t_waiting"}))
    assert case(looked, visits=visits, on=later) is None
    assert case(replace(looked, role="kader"), visits=visits, on=later) == replace(
        found, reviews=(replace(looked, role="kader"),)
    )


def test_a_note_of_the_midwife_is_no_verification():
    note = review("a", Step.NOTE, note="tidak diangkat teleponnya")
    assert case(note, visits=TWO_T).state is NEW
    assert case(note, visits=(*TWO_T, weighed(12, 12_300)), on=date(2026, 12, 20)).state is NEW


def test_2t_that_goes_on_needs_no_second_verification():
    looked = review("a", Step.VERIFY, verdict=Verdict.RIGHT)
    longer = (*TWO_T, weighed(12, 11_850))
    assert case(looked, visits=longer, on=date(2026, 12, 20)).state is VERIFIED
    january = standing(date(2027, 1, 12), 12_300, 905, muac_mm=150, oedema=0)
    assert case(looked, visits=(*longer, january), on=date(2027, 1, 20)) is None


def test_2t_verified_in_its_own_month_does_not_wait():
    looked = review("a", Step.VERIFY, verdict=Verdict.RIGHT)
    assert case(looked, visits=(*TWO_T, weighed(12, 12_300)), on=date(2026, 12, 20)) is None


def test_a_new_2t_needs_a_new_verification():
    looked = review("a", Step.VERIFY, date(2026, 10, 15), verdict=Verdict.RIGHT)
    visits = (weighed(7, 11_600), weighed(8, 11_650), weighed(9, 11_700), weighed(10, 12_000))
    assert case(replace(looked, date=date(2026, 9, 15)), visits=visits) is None
    visits = (*visits, weighed(11, 12_050), weighed(12, 12_100))
    assert codes(case(looked, visits=visits, on=date(2026, 12, 20))) == {"two_t": (date(2026, 12, 12), True)}


def test_2t_of_an_imported_list_is_not_waited_for():
    visits = [replace(item, source="eppgbm.xlsx") for item in TWO_T]
    assert case(visits=(*visits, weighed(12, 12_300)), on=date(2026, 12, 20)) is None
    assert codes(case(visits=visits)) == {"two_t": (date(2026, 11, 12), True)}, (
        "while it stands it is a reason"
    )


# --- since when ---


def test_since_goes_back_over_the_visits_at_which_the_reason_stood():
    visits = (thin(7), weighed(8), thin(9), thin(10), thin(11))
    assert codes(case(visits=visits))["low_muac"][0] == date(2026, 9, 12)


def test_a_visit_where_it_was_not_measured_does_not_break_the_run():
    visits = (thin(9), replace(weighed(10), muac_mm=None), thin(11))
    assert codes(case(visits=visits))["low_muac"][0] == date(2026, 9, 12)


def test_an_older_reason_not_measured_again_keeps_its_first_day():
    visits = (thin(9), thin(10))
    found = case(visits=visits)
    assert codes(found)["low_muac"][0] == date(2026, 9, 12)
    assert found.tone is Tone.RUJUK, "an old reason still counts"


def test_absence_stands_since_the_last_visit():
    found = case(visits=(weighed(7), weighed(8)))
    assert codes(found)["not_seen"] == (date(2026, 8, 12), True)


def test_a_danger_sign_stands_since_its_first_card():
    cards = [
        Visit(id=str(day), child="anak-1", date=date(2026, 11, day), danger_signs=frozenset(signs))
        for day, signs in {2: {"kejang"}, 3: set(), 5: {"kejang"}, 9: {"kejang", "biru"}}.items()
    ]
    found = case(visits=(*RISING, weighed(11, 12_000)), cards=cards)
    assert codes(found) == {"danger_sign": (date(2026, 11, 5), True)}
    assert found.tone is Tone.RUJUK_SEGERA


@given(
    st.lists(
        st.tuples(
            st.integers(0, 400),
            st.none() | st.integers(2_000, 30_000),
            st.none() | st.integers(450, 1_200),
            st.none() | st.integers(90, 200),
            st.integers(0, 1),
        ),
        max_size=6,
        unique_by=lambda visit: visit[0],
    )
)
def test_what_stood_on_a_day_is_what_the_risk_of_that_day_says(drawn):
    first = date(2025, 10, 1)
    visits = [
        replace(
            standing(first + timedelta(days=day), weight, length, muac_mm=muac, oedema=oedema), position=None
        )
        for day, weight, length, muac, oedema in sorted(drawn)
    ]
    known = history(GIRL, *visits)
    absent = {"not_seen", "missed_after_t", "not_measured", "not_measured_again"}
    everything = _reason_codes() - absent
    for on in [visit.date for visit in visits] + [TODAY]:
        found = risk.assess(GIRL, known, on, RULES)
        said = {reason.code for reason in (*found.reasons, *found.older_reasons)} - absent
        assert risk.stood(known, on, RULES, everything) == said
        assert risk.stood(known, on, RULES, {"stunting"}) == said & {"stunting"}


def test_falling_channels_are_listed_before_anything_is_wrong():
    """11.7 kg three months ago, rising too little since: 0.67 z lower, still well above −2."""
    visits = (weighed(8, 12_700), weighed(9, 12_900), weighed(10, 12_000), weighed(11, 12_200))
    found = case(visits=visits)
    assert found.reasons[0].group is Group.FALLING
    assert "BB/U" in found.reasons[0].reason.text
    assert (found.tone, cases.shown(found, Show.NEW, Group.FALLING)) == (Tone.WASPADA, True)


# --- revisits and the calendar ---


@pytest.mark.parametrize(
    ("revisit", "late"), [(date(2026, 11, 23), 0), (date(2026, 11, 22), 1), (date(2026, 11, 1), 22)]
)
def test_overdue_counts_from_the_day_after_the_revisit(revisit, late):
    found = case(review("a", on=date(2026, 10, 20), revisit_on=revisit))
    assert (found.overdue_days, cases.shown(found, Show.OVERDUE)) == (late, late > 0)


def test_an_outcome_sets_the_next_revisit_and_keeps_the_decision():
    decided = review("a", on=date(2026, 11, 1), revisit_on=date(2026, 11, 15))
    came = review("b", Step.OUTCOME, seen="a", outcome=Outcome.BETTER, revisit_on=date(2026, 12, 1))
    found = case(decided, came)
    assert (found.revisit_on, found.overdue_days, [r.id for r in found.decisions]) == (
        date(2026, 12, 1),
        0,
        ["a"],
    )


def test_a_note_or_a_verification_does_not_move_the_revisit():
    decided = review("a", on=date(2026, 11, 1), revisit_on=date(2026, 11, 15))
    note = review("b", Step.NOTE, seen="a", note="ditelepon")
    looked = review("c", Step.VERIFY, seen="a", verdict=Verdict.RIGHT)
    assert case(decided, note, looked).revisit_on == date(2026, 11, 15)


def test_the_calendar_of_a_referred_child_on_supplementary_food():
    plan = review(
        "a",
        on=date(2026, 11, 13),
        decisions=frozenset({Decision.REFER, Decision.PMT}),
        place=Referral.PUSKESMAS,
        pmt_days=28,
        pmt_from=date(2026, 11, 14),
        revisit_on=date(2026, 11, 27),
    )
    found = case(plan)
    assert cases.calendar(found, []) == (
        Due(date(2026, 11, 14), Appointment.REFERRAL),
        Due(date(2026, 11, 21), Appointment.PMT_WEIGHING),
        Due(date(2026, 11, 27), Appointment.REVISIT),
        Due(date(2026, 12, 11), Appointment.PMT_END),
    )
    came = review("b", Step.OUTCOME, seen="a", outcome=Outcome.TREATED)
    weighed_on = [date(2026, 11, 12), date(2026, 11, 20)]
    assert cases.calendar(case(plan, came), weighed_on) == (
        Due(date(2026, 11, 27), Appointment.PMT_WEIGHING),
        Due(date(2026, 12, 11), Appointment.PMT_END),
    )
    assert cases.calendar(case(plan, review("c", Step.CLOSE, seen="a")), []) == ()


def test_a_weighing_near_the_end_of_supplementary_food_is_the_last():
    plan = review(
        "a", on=TODAY, decisions=frozenset({Decision.PMT}), pmt_days=14, pmt_from=TODAY, revisit_on=None
    )
    days = [due.what for due in cases.calendar(case(plan), [date(2026, 11, 29)])]
    assert days == [Appointment.PMT_END]


# --- closing, filters, order ---


def test_recovered_needs_that_no_reason_for_referral_stands():
    with pytest.raises(InvalidValue, match="LiLA"):
        cases.check_close(Outcome.RECOVERED, case())
    cases.check_close(Outcome.TREATED, case())
    well = case(review("a", on=date(2026, 10, 20)), visits=(*RISING, weighed(11, 12_000)))
    cases.check_close(Outcome.RECOVERED, well)
    cases.check_close(Outcome.RECOVERED, None)


def test_every_state_is_under_some_filter():
    new, verified = case(), case(review("a", Step.VERIFY, verdict=Verdict.RIGHT))
    followed, closed = case(review("a")), case(review("a", Step.CLOSE))
    shows = {
        found.state: {show for show in Show if cases.shown(found, show)}
        for found in (new, verified, followed, closed)
    }
    assert shows == {
        NEW: {Show.OPEN, Show.NEW},
        VERIFIED: {Show.OPEN, Show.FOLLOW_UP},
        FOLLOW_UP: {Show.OPEN, Show.FOLLOW_UP},
        RESOLVED: {Show.RESOLVED},
    }
    assert cases.shown(new, group=Group.WASTING)
    assert not cases.shown(new, group=Group.STUNTING)


def test_every_reason_that_risk_can_give_has_a_group():
    ungrouped = {code for code in _reason_codes() if cases.group_of(code) is Group.OTHER}
    assert ungrouped == {"not_measured", "not_measured_again"}
    assert cases.group_of("alasan_baru") is Group.OTHER


def _reason_codes() -> set[str]:
    tree = ast.parse(Path(risk.__file__).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                found.add(first.value)
    return found | {"severe_muac", "low_muac"}


def test_worst_first_then_unseen_then_overdue_then_longest():
    base = case()
    urgent = case(visits=(*RISING, weighed(11, 12_000, oedema=2)))
    seen = case(review("a", on=date(2026, 11, 15)))
    late = case(review("a", on=date(2026, 11, 15), revisit_on=date(2026, 11, 20)))
    ordered = sorted([seen, late, base, urgent], key=lambda item: item.worst_first)
    assert ordered == [urgent, base, late, seen]

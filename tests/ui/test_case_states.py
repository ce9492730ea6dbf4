"""The midwife's screens without Qt: what is offered when, what follows, what a wrong text says."""

from dataclasses import replace
from datetime import date

import pytest

from posyandu_app.domain.cases import CaseState, Show
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Position
from posyandu_app.domain.reviews import Decision, Outcome, Verdict
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.rules import default_rules
from posyandu_app.domain.visits import Referral
from posyandu_app.services import accounts, cases
from posyandu_app.services.cases import Exam
from posyandu_app.ui import case_words
from posyandu_app.ui.charts.channel import channel_of
from posyandu_app.ui.screens import case_state as cs
from posyandu_app.ui.screens import controls_state as calendar
from posyandu_app.ui.screens import decide_state as ds
from posyandu_app.ui.screens import review_state as rs
from posyandu_app.ui.screens import verify_state as vs
from posyandu_app.ui.screens.case_state import Page
from posyandu_app.ui.screens.weighing_state import LENGTH, MUAC, OEDEMA, WEIGHT
from tests import village

TODAY = date(2026, 11, 23)


@pytest.fixture
def ws(village_folder):
    opened = accounts.unlock(village_folder.folder, village.LABEL, village.PASSWORD, FixedClock(village.NOW))
    yield opened
    opened.close()


@pytest.fixture
def card(ws, village_folder):
    return lambda name: cases.card(ws, village_folder.children[name])


def pages(case):
    return [action.page for action in cs.actions(case)]


def test_the_next_step_follows_how_the_case_stands(card):
    new = card("Bagas Saputra").case
    assert pages(new)[0] is Page.VERIFY
    assert Page.OUTCOME not in pages(new), "nothing was decided that could have an outcome"
    late = card("Hafiz Maulana").case
    assert late.has_news
    assert pages(late)[0] is Page.VERIFY
    assert {Page.OUTCOME, Page.LETTER, Page.CLOSE} <= set(pages(late))
    better = card("Rafi Alfarizi").case
    assert better.improved
    assert pages(better)[:2] == [Page.CLOSE, Page.OUTCOME]
    assert Page.LETTER not in pages(better), "never referred"
    closed = card("Aisyah Putri").case
    assert pages(closed) == [Page.REOPEN, Page.NOTE]
    assert pages(None) == [Page.VERIFY, Page.EXAM]
    keys = [action.key for action in cs.actions(late)]
    assert len(keys) == len(set(keys))


def test_recovered_is_offered_only_when_no_reason_for_referral_stands(card):
    sick, better = card("Bagas Saputra").case, card("Rafi Alfarizi").case
    assert Outcome.RECOVERED not in cs.outcomes(Page.CLOSE, sick)
    assert cs.why_not_recovered(Page.CLOSE, sick)
    assert Outcome.RECOVERED in cs.outcomes(Page.CLOSE, better)
    assert cs.why_not_recovered(Page.CLOSE, better) == ""


def test_the_list_is_narrowed_by_all_three_filters_at_once(ws):
    state = rs.found(rs.ReviewState(), cases.every_case(ws))
    assert len(state.visible) == state.count(Show.OPEN)
    for scope, _, count in state.places[1:]:
        placed = rs.placed(state, scope)
        assert len(placed.visible) == count
        for group, number in placed.groups:
            narrowed = rs.narrowed(placed, group)
            assert len(narrowed.visible) == number
            assert narrowed.chosen in {row.child.id for row in narrowed.visible} | {""}
    assert rs.unfiltered(rs.placed(rs.shown(state, Show.RESOLVED), village.MAWAR)).visible == state.visible


def test_a_posyandu_that_has_no_case_any_more_is_no_filter(ws):
    rows = cases.every_case(ws)
    state = rs.placed(rs.found(rs.ReviewState(), rows), village.MAWAR)
    rest = [row for row in rows if row.child.scope != village.MAWAR]
    assert rs.found(state, rest).place is None


def test_who_waits_is_counted_once(ws):
    rows = cases.every_case(ws)
    new = {row.child.id for row in cases.worklist(ws, Show.NEW)}
    late = {row.child.id for row in cases.worklist(ws, Show.OVERDUE)}
    assert new & late, "Hafiz is late and has news"
    assert rs.waiting(rows, decides=True) == len(new | late)
    assert rs.waiting(rows, decides=False) == len(cases.worklist(ws))


def test_the_words_above_the_list_count_everybody_in_it(ws):
    state = rs.found(rs.ReviewState(), cases.every_case(ws))
    told = [int(part.split()[0]) for part in rs.lead_parts(state) if "mulai turun jalur" not in part]
    assert sum(told) == state.count(Show.OPEN)
    assert any(part.endswith("tanpa alasan lagi") for part in rs.lead_parts(state)), "Rafi is better"
    assert not any("alasan" in part for part in rs.lead_parts(rs.shown(state, Show.RESOLVED)))


def start(card, name):
    return vs.start(card(name), default_rules(), may_change=True)


def test_her_value_of_another_day_is_a_new_visit_and_of_the_same_day_a_correction(card):
    state = start(card, "Citra Lestari")
    assert vs.proposed(state) is Verdict.RIGHT
    state = vs.entered(vs.typed(state, WEIGHT, "8.9"), WEIGHT)
    assert state.texts[WEIGHT] == "8,9"
    assert vs.proposed(state) is Verdict.MEASURED_ANEW
    same_day = replace(state, today=state.before.date)
    assert vs.proposed(same_day) is Verdict.CORRECTED
    alike = vs.typed(same_day, WEIGHT, "8,8")
    assert vs.proposed(alike) is Verdict.RIGHT
    assert vs.proposed(replace(state, may_change=False)) is Verdict.RIGHT


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (WEIGHT, "8,6", "200 g lebih ringan"),
        (WEIGHT, "9", "200 g lebih berat"),
        (WEIGHT, "8,8", "sama"),
        (LENGTH, "86,2", "0,5 cm lebih panjang"),
        (MUAC, "11,9", "0,2 cm lebih kecil"),
        (WEIGHT, "", ""),
        (WEIGHT, "x", ""),
    ],
)
def test_the_difference_is_told_in_words(card, name, text, words):
    assert vs.difference(vs.typed(start(card, "Citra Lestari"), name, text), name) == words


def test_what_follows_is_computed_and_nothing_is_saved(card, ws):
    state = vs.typed(start(card, "Citra Lestari"), WEIGHT, "11")
    assert vs.follows(state)[1].tone is vs.follows(state)[0].tone, "without her length BB/TB is the kader's"
    state = vs.typed(vs.typed(state, LENGTH, "85,7"), MUAC, "13,5")
    now, then = vs.follows(state)
    assert now.tone.severity > then.tone.severity
    wrong = vs.verdict_chosen(start(card, "Citra Lestari"), Verdict.WRONG)
    assert vs.follows(wrong)[1].measured_on == date(2026, 10, 20)


def test_what_stands_from_an_older_month_is_told_while_the_measurement_is_judged(card):
    state = start(card, "Aisyah Putri")
    state = replace(state, today=date(2026, 12, 1))
    now, then = vs.follows(state)
    assert (now.tone, then.tone) == (Tone.RUJUK, Tone.RUJUK), "she is short since November, as her case says"
    assert any(reason.code == "stunting" for reason in then.reasons)


def test_oedema_must_be_looked_for_when_the_kader_saw_it(card):
    state = vs.typed(start(card, "Bagas Saputra"), WEIGHT, "7")
    assert OEDEMA in vs.checked(state).errors
    assert vs.checked(vs.oedema_chosen(state, 0)).errors == {}
    assert vs.checked(vs.verdict_chosen(state, Verdict.RIGHT)).errors == {}


def test_a_child_never_measured_is_measured_by_the_midwife(card, ws):
    opened = card("Kirana Ayu")
    empty = replace(opened, status=replace(opened.status, history=()))
    state = vs.start(empty, default_rules(), may_change=True)
    assert (vs.proposed(state), vs.verdicts(state)) == (Verdict.MEASURED_ANEW, (Verdict.MEASURED_ANEW,))
    assert state.position is Position.LYING


def test_the_plan_follows_the_proposal_until_it_is_touched(ws, village_folder):
    child = village_folder.children["Citra Lestari"]
    first = cases.propose(ws, child, Exam())
    state = ds.proposed(ds.DecideState(), first)
    assert state.texts[ds.REVISIT] == "30/11/2026"
    touched = ds.typed(state, ds.REVISIT, "25/11/2026")
    again = ds.proposed(touched, cases.propose(ws, child, Exam(appetite=False)))
    assert again.decisions == {Decision.REFER_TODAY}, "what she has not touched follows"
    assert again.texts[ds.REVISIT] == "25/11/2026"
    assert ds.plan_of(again).revisit_on == date(2026, 11, 25)


def test_todays_referral_and_a_later_one_exclude_each_other():
    state = ds.turned(ds.DecideState(), Decision.REFER, True)
    assert state.place is Referral.PUSKESMAS
    state = ds.turned(state, Decision.REFER_TODAY, True)
    assert state.decisions == {Decision.REFER_TODAY}
    state = ds.turned(state, Decision.REFER_TODAY, False)
    assert ds.plan_of(state).place is None


@pytest.mark.parametrize(("text", "days"), [("14", 14), (" 56 hari ", 56), ("", None)])
def test_days_are_read_as_people_write_them(text, days):
    assert ds.read_days(text) == days


@pytest.mark.parametrize("text", ["dua minggu", "-3", "1,5", "٣", "99999", "12 minggu"])
def test_days_that_cannot_be_read_name_their_field(text):
    with pytest.raises(InvalidValue) as caught:
        ds.read_days(text)
    assert caught.value.field == ds.PMT_DAYS


def test_the_channel_is_that_of_the_worst_reason_and_leaves_out_what_is_flagged(ws, card):
    opened = card("Citra Lestari")
    group = opened.case.reasons[0].group
    channel = channel_of(opened.status.history, group, TODAY)
    assert (channel.name, len(channel.points)) == ("BB/TB", 6)
    centi = [value for _, value in channel.points]
    assert centi == sorted(centi, reverse=True), "falling all the way"
    assert channel_of((), None, TODAY).points == ()


def test_a_week_ends_on_sunday(ws):
    rows = cases.calendar(ws, date(2027, 11, 23))
    state = calendar.found(calendar.ControlsState(TODAY), rows)
    monday = replace(state, today=date(2026, 11, 30))
    sunday = replace(state, today=date(2026, 11, 29))
    assert monday.count(calendar.When.TODAY) == 1
    assert sunday.count(calendar.When.WEEK) == 0
    assert sunday.count(calendar.When.NEXT_WEEK) >= 2
    assert calendar.day_title(date(2026, 11, 30), date(2026, 11, 29)).startswith("Besok · Senin")


def test_words_for_the_state_of_a_case(card):
    assert case_words.standing(card("Hafiz Maulana").case, TODAY) == "Terlambat 3 hari"
    assert case_words.standing(card("Rafi Alfarizi").case, TODAY) == "Kontrol 30 Nov"
    assert case_words.standing(card("Aisyah Putri").case, TODAY) == "Selesai"
    assert card("Bagas Saputra").case.state is CaseState.NEW
    assert case_words.since(TODAY, TODAY) == "sejak hari ini"
    assert case_words.since(None, TODAY) == ""

"""The monthly report before the puskesmas: every line of the checklist, and every state of a report."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import reports_check as rc
from posyandu_app.domain.age import Month
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.operations import canonical
from posyandu_app.domain.recommendations import Answer
from posyandu_app.domain.reports_check import (
    Item,
    ReportCheck,
    Reported,
    ReportState,
    Verdict,
    checklist,
    status,
)
from posyandu_app.domain.skdn import Skdn, count
from tests.domain.field import RULES, child, history, standing, visit

NOVEMBER = Month(2026, 11)
MELATI = "32.11.13.2005.001"
OCTOBER_VISIT = standing(date(2026, 10, 12), 11_500, 868, at="2026-10-12T10:00:00+07:00")
NOVEMBER_VISIT = standing(date(2026, 11, 12), 11_750, 877, at="2026-11-12T10:00:00+07:00")


def reported(*visits, key: str = "anak-1", unseen: bool = False, **more) -> Reported:
    of = child(more.pop("birth", date(2024, 8, 20)), nik="3211134508240001", id=key, kia_held=True, **more)
    return Reported(of, history(of, *visits), unseen)


GOOD = reported(OCTOBER_VISIT, NOVEMBER_VISIT)


def lines(*children: Reported, closed: bool = True) -> dict[Item, rc.Line]:
    total = count([(item.child, item.history) for item in children], NOVEMBER, RULES).total
    return {line.item: line for line in checklist(children, total, NOVEMBER, RULES, closed=closed)}


def failing(*children: Reported) -> dict[Item, tuple[str, ...]]:
    return {item: line.children for item, line in lines(*children).items() if not line.ok}


def test_a_report_without_fault_passes_every_line():
    assert list(lines(GOOD)) == list(Item)
    assert failing(GOOD) == {}


def test_an_empty_report_has_nobody_weighed():
    found = lines()
    assert (found[Item.WEIGHED].ok, found[Item.WEIGHED].told) == (False, "0")
    assert (found[Item.ATTENDANCE].ok, found[Item.ATTENDANCE].told) == (False, "—, target 85 %")


def test_the_day_must_be_closed():
    assert [item for item, line in lines(GOOD, closed=False).items() if not line.ok] == [Item.CLOSED]


@pytest.mark.parametrize(("came", "ok"), [(17, True), (16, False)])
def test_attendance_meets_the_target_at_exactly_its_percentage(came, ok):
    there = [reported(OCTOBER_VISIT, NOVEMBER_VISIT, key=f"a{n}") for n in range(came)]
    absent = [reported(OCTOBER_VISIT, key=f"b{n}") for n in range(20 - came)]
    assert lines(*there, *absent)[Item.ATTENDANCE].ok is ok


@pytest.mark.parametrize(
    ("item", "bad"),
    [
        (Item.LENGTH, reported(OCTOBER_VISIT, visit(date(2026, 11, 12), 11_750))),
        (Item.POSITION, reported(OCTOBER_VISIT, replace(NOVEMBER_VISIT, position=None))),
        (Item.SHRUNK, reported(OCTOBER_VISIT, replace(NOVEMBER_VISIT, length_mm=862))),
        (Item.SAME, reported(OCTOBER_VISIT, replace(NOVEMBER_VISIT, weight_g=11_500, length_mm=868))),
        (Item.LATE, reported(OCTOBER_VISIT, replace(NOVEMBER_VISIT, at="2026-11-20T10:00:00+07:00"))),
        (Item.NIK, replace(GOOD, child=replace(GOOD.child, nik=None))),
        (Item.DISPUTED, replace(GOOD, child=replace(GOOD.child, disputed=frozenset({"name"})))),
        (Item.UNSEEN, replace(GOOD, unseen=True)),
    ],
)
def test_each_fault_is_on_its_line_with_the_child_behind_it(item, bad):
    assert failing(bad) == {item: ("anak-1",)}
    assert lines(bad)[item].told == "1 dari 1 anak"


def test_missing_birth_date_or_sex():
    assert Item.BIRTH_AND_SEX in failing(replace(GOOD, child=replace(GOOD.child, birth_date=None)))
    assert Item.BIRTH_AND_SEX in failing(replace(GOOD, child=replace(GOOD.child, sex=None)))
    assert Sex.FEMALE is GOOD.child.sex


def test_implausible_values_wait_until_measured_again_in_the_month():
    wrong = replace(NOVEMBER_VISIT, weight_g=29_000)
    assert Item.IMPLAUSIBLE in failing(reported(OCTOBER_VISIT, wrong))
    again = replace(NOVEMBER_VISIT, id="lagi", date=date(2026, 11, 20), at="2026-11-20T10:00:00+07:00")
    assert Item.IMPLAUSIBLE not in failing(reported(OCTOBER_VISIT, wrong, again))
    baby = replace(visit(date(2026, 11, 12), 7_000), length_mm=650, position=Position.STANDING)
    young = reported(baby, birth=date(2026, 5, 1))
    assert Item.IMPLAUSIBLE in failing(young)


def test_two_measurements_on_a_day():
    twice = replace(NOVEMBER_VISIT, id="lagi", weight_g=11_800)
    assert failing(reported(OCTOBER_VISIT, NOVEMBER_VISIT, twice)) == {Item.DOUBLE: ("anak-1",)}


@pytest.mark.parametrize(
    ("saved", "late"), [("2026-11-19T23:59:59+07:00", False), ("2026-11-20T00:00:00+07:00", True)]
)
def test_late_is_more_than_a_week(saved, late):
    assert (Item.LATE in failing(reported(OCTOBER_VISIT, replace(NOVEMBER_VISIT, at=saved)))) is late


def test_an_imported_list_is_not_late_and_an_unreadable_time_neither():
    saved = {"at": "2027-03-01T10:00:00+07:00"}
    assert failing(reported(OCTOBER_VISIT, replace(NOVEMBER_VISIT, source="eppgbm.xlsx", **saved))) == {}
    assert failing(reported(OCTOBER_VISIT, replace(NOVEMBER_VISIT, at="kemarin"))) == {}


def test_who_has_moved_away_and_did_not_come_is_not_asked_about():
    gone = replace(GOOD, child=replace(GOOD.child, id="pindah", nik=None, state="pindah"), history=())
    assert failing(GOOD, gone) == {}


# --- what was decided ---

NOW = Skdn(S=20, K=18, D=17, N=12, T=3, O=1, B=1, two_t=1, bgm=0)


def decision(key: str, verdict: str = Verdict.ACCEPTED, *, seen: str = "", **more) -> ReportCheck:
    values = {"figures": rc.snapshot(NOW), "on": date(2026, 12, 3), "hlc": key}
    return ReportCheck(
        id=key,
        scope=MELATI,
        month=NOVEMBER,
        verdict=verdict,
        seen=frozenset(seen.split()),
        **{**values, **more},
    )


def mended(to: str, **more) -> Answer:
    return Answer(id="j", to=to, scope=MELATI, state="selesai", on=date(2026, 12, 4), **more)


def state(*checks: ReportCheck, answers=(), now: Skdn = NOW) -> ReportState:
    return status(checks, answers, now).state


def test_the_way_of_a_report():
    returned = decision("a", Verdict.RETURNED, note="NIK")
    assert state() is ReportState.WAITING
    assert state(returned) is ReportState.RETURNED
    assert state(returned, answers=[mended("a")]) is ReportState.MENDED
    assert state(returned, answers=[mended("lain")]) is ReportState.RETURNED
    assert state(returned, answers=[mended("a", voided=True)]) is ReportState.RETURNED
    assert state(returned, decision("b", seen="a"), answers=[mended("a")]) is ReportState.ACCEPTED


def test_an_accepted_report_whose_figures_change_says_so():
    assert state(decision("a"), now=replace(NOW, D=18, N=13)) is ReportState.CHANGED
    assert state(
        decision("a"),
        decision("b", seen="a", figures=rc.snapshot(replace(NOW, D=18))),
        now=replace(NOW, D=18),
    ) is (ReportState.ACCEPTED)


def test_a_return_beats_an_acceptance_that_did_not_see_it():
    for hlc in ("0", "z"):
        found = status([decision("a", Verdict.RETURNED, hlc=hlc), decision("b")], (), NOW)
        assert (found.state, found.last.id, len(found.checks)) == (ReportState.RETURNED, "a", 2)


def test_a_decision_taken_back_is_as_if_never_made():
    assert state(decision("a", voided=True)) is ReportState.WAITING
    assert (
        state(decision("a", Verdict.RETURNED), decision("b", seen="a", voided=True)) is ReportState.RETURNED
    )


@given(
    st.lists(
        st.builds(
            decision,
            st.sampled_from("abcd"),
            st.sampled_from([*Verdict, "keputusan_baru"]),
            seen=st.sampled_from(["", "a", "a b", "c"]),
            voided=st.booleans(),
        ),
        unique_by=lambda item: item.id,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_never_matters(checks, random):
    shuffled = list(checks)
    random.shuffle(shuffled)
    assert status(checks, (), NOW) == status(shuffled, (), NOW)


def test_what_is_written_is_read_back():
    made = decision("a", Verdict.RETURNED, items=frozenset({Item.NIK}), note="NIK", role="tpg", by="Pak Asep")
    made = replace(made, rules="2026.1", seen=frozenset({"x"}), hlc="")
    values = rc.payload(made)
    canonical(values)
    assert rc.read("a", MELATI, values) == made


@given(
    st.dictionaries(
        st.sampled_from(["month", "verdict", "date", "items", "note", "figures", "seen", "lain"]),
        st.none()
        | st.integers()
        | st.text(max_size=8)
        | st.lists(st.integers())
        | st.dictionaries(st.text(), st.none()),
    )
)
def test_a_hostile_row_never_breaks_reading(values):
    found = rc.read("a", MELATI, values | {"month": "2026-11", "verdict": "diterima", "date": "2026-12-01"})
    assert status([found], (), NOW).state in (ReportState.ACCEPTED, ReportState.CHANGED)


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "2026", "0000-01", "202611", "", None, "2026-11-01"])
def test_a_month_has_one_form(month):
    assert rc.read_month(month) is None


def test_a_return_says_what_to_mend():
    with pytest.raises(InvalidValue) as caught:
        rc.check(decision("a", Verdict.RETURNED, note=" "))
    assert caught.value.field == "note"
    assert rc.check(decision("a", Verdict.RETURNED, items=frozenset({Item.NIK}))).items == {Item.NIK}
    for wrong, field in (
        ({"verdict": "mungkin"}, "verdict"),
        ({"items": frozenset({"x"})}, "items"),
        ({"note": "x" * 501}, "note"),
    ):
        with pytest.raises(InvalidValue) as caught:
            rc.check(replace(decision("a"), **wrong))
        assert caught.value.field == field
    assert (label_of(Item, Item.NIK), label_of(Item, "baris_baru")) == ("NIK diisi", "baris_baru")

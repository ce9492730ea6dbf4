"""Visits, doses, home visits and consents: recorded, corrected and checked alike, nothing lost in the log."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.consent import Consent, read_consent
from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.doses import Dose, DoseKind, DoseState, read_dose
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.facts import Fact, check, correction, payload, standing
from posyandu_app.domain.home_visits import HomeVisit, VisitReason, read_home_visit
from posyandu_app.domain.merge import FACTS, project
from posyandu_app.domain.notes import LONGEST
from posyandu_app.domain.operations import OpKey, canonical
from posyandu_app.domain.visits import Attendance, Development, Referral, TbSymptom, Visit, read_visit
from tests.domain.field import logged

DAY = date(2026, 11, 23)
READERS = {
    "visit": read_visit,
    "dose": read_dose,
    "home_visit": read_home_visit,
    "consent": read_consent,
}

codes = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
words = st.none() | st.text("abcdefg ij", min_size=1, max_size=30).map(str.strip).filter(bool)


def optional(strategy):
    return st.none() | strategy


def sets_of(enum):
    return st.frozensets(st.sampled_from([str(code) for code in enum]) | codes, max_size=5)


visits = st.builds(
    Visit,
    id=st.just("v"),
    child=st.just("c"),
    date=days,
    attendance=st.sampled_from([str(code) for code in Attendance]) | codes,
    exclusive_breastfeeding=optional(st.booleans()),
    complementary_feeding=optional(st.booleans()),
    development=optional(st.sampled_from([str(code) for code in Development]) | codes),
    tb_symptoms=optional(sets_of(TbSymptom)),
    danger_signs=optional(sets_of(DangerSign)),
    local_food=optional(st.booleans()),
    counselling=optional(sets_of(DangerSign)),
    book_copied=optional(st.booleans()),
    referral=optional(st.sampled_from([str(code) for code in Referral]) | codes),
    referral_reason=words,
    note=words,
)
doses = st.builds(
    Dose,
    id=st.just("d"),
    child=st.just("c"),
    date=days,
    what=st.sampled_from([str(code) for code in DoseKind]) | codes,
    state=st.sampled_from([str(code) for code in DoseState]) | codes,
    antigen=optional(codes),
    colour=optional(codes),
    note=words,
)
home_visits = st.builds(
    HomeVisit,
    id=st.just("h"),
    child=st.just("c"),
    date=days,
    reason=st.sampled_from([str(code) for code in VisitReason]) | codes,
    outcome=optional(codes),
    note=words,
)
consents = st.builds(
    Consent,
    id=st.just("k"),
    child=st.just("c"),
    date=days,
    name=words.filter(lambda word: word is not None),
    relation=codes,
    version=codes,
    state=codes,
)
facts = st.one_of(visits, doses, home_visits, consents)


def nfc(fact: Fact) -> Fact:
    """The fact as the log keeps it: text in NFC."""
    return READERS[fact.kind](fact.id, payload(fact))


@given(facts)
def test_what_is_recorded_is_read_back_through_the_log(fact):
    row = project(fact.kind, fact.id, [logged(fact.id, f"{fact.kind}.record", payload(fact), 1)])
    read = READERS[fact.kind](row.entity, row.values, row.bases)
    assert replace(read, bases=()) == nfc(fact)
    assert payload(read) == payload(fact)
    assert canonical(payload(fact))


@given(visits, visits)
def test_a_correction_turns_one_card_into_the_other(before, after):
    recorded = logged(before.id, "visit.record", payload(before), 1)
    row = project("visit", "v", [recorded])
    shown = read_visit("v", row.values, row.bases)
    change = correction(shown, after, "salah tulis")
    if change is None:
        assert payload(shown) == payload(after)
        return
    final = project("visit", "v", [recorded, logged(before.id, "visit.correct", change, 2)])
    read = read_visit("v", final.values, final.bases)
    assert payload(read) == payload(after)
    assert final.disputed == {}
    assert change["reason"] == "salah tulis"


def test_a_correction_names_only_what_changed_and_what_it_is_based_on():
    before = Visit(
        id="v", child="c", date=DAY, local_food=True, note="a", bases=(("note", OpKey("laptop", 4)),)
    )
    change = correction(before, replace(before, note="b", local_food=None))
    assert change == {
        "set": {"note": {"v": "b", "base": ["laptop", 4]}, "local_food": {"v": None, "base": None}}
    }
    assert correction(before, before) is None


def test_whose_card_it_is_is_never_corrected():
    before = Visit(id="v", child="c", date=DAY)
    assert correction(before, replace(before, child="another")) is None


@pytest.mark.parametrize("kind", ["visit", "dose", "home_visit", "consent"])
def test_the_log_knows_every_kind(kind):
    assert kind in FACTS


@given(
    st.sampled_from(sorted(READERS)),
    st.dictionaries(
        st.sampled_from(["child", "date", "what", "state", "antigen", "tb_symptoms", "note", "attendance"])
        | codes,
        st.none()
        | st.booleans()
        | st.integers()
        | codes
        | st.lists(st.integers() | codes, max_size=3)
        | st.dictionaries(codes, st.integers(), max_size=2),
        max_size=8,
    ),
)
def test_a_row_of_any_shape_is_read_or_left_but_never_breaks(kind, values):
    read = READERS[kind]("x", values)
    if read is not None:
        assert isinstance(read.date, date)
        assert isinstance(read.child, str)
        json.dumps(payload(read))


@pytest.mark.parametrize("day", ["23/11/2026", "2026-13-01", "20261123", "2026-W48-1", "", 5, None, True])
def test_a_card_without_a_readable_date_is_left_for_a_newer_version(day):
    assert read_visit("v", {"child": "c", "date": day}) is None


def test_a_visit_tomorrow_is_refused_and_today_is_not():
    tomorrow = Visit(id="v", child="c", date=DAY + timedelta(days=1))
    with pytest.raises(InvalidValue, match="24/11/2026 belum terjadi") as caught:
        check(tomorrow, DAY)
    assert caught.value.field == "date"
    assert check(replace(tomorrow, date=DAY), DAY).date == DAY


def test_notes_are_one_trimmed_line():
    note = "  demam\tsejak \n kemarin\x00 "
    assert check(Visit(id="v", child="c", date=DAY, note=note), DAY).note == "demam sejak kemarin"
    assert check(Visit(id="v", child="c", date=DAY, note=" \n "), DAY).note is None


def test_a_note_longer_than_the_limit_is_refused_by_name():
    longest = "a" * LONGEST
    assert check(Visit(id="v", child="c", date=DAY, note=longest), DAY).note == longest
    with pytest.raises(InvalidValue, match="500 huruf") as caught:
        check(Visit(id="v", child="c", date=DAY, referral_reason=longest + "a"), DAY)
    assert caught.value.field == "referral_reason"


@given(st.text(max_size=200))
def test_any_text_is_taken_or_refused_with_a_sentence(note):
    checked = check(Visit(id="v", child="c", date=DAY, note=note), DAY)
    assert checked.note is None or (checked.note == checked.note.strip() and "\n" not in checked.note)
    canonical(payload(checked))


def test_standing_leaves_out_what_was_voided_and_orders_by_day_then_stamp():
    def card(name: str, day: date, hlc: str = "", voided: bool = False) -> Visit:
        return Visit(id=name, child="c", date=day, hlc=hlc, voided=voided)

    later = DAY + timedelta(days=1)
    mixed = [card("c", later), card("b", DAY, "2"), card("a", DAY, "1"), card("x", DAY, voided=True)]
    assert [fact.id for fact in standing(mixed)] == ["a", "b", "c"]
    assert [fact.id for fact in standing(mixed, DAY)] == ["a", "b"]

"""The card of a visit, doses, home visits, consent and sessions: nothing lost on the way through the log."""

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import visit as cards
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.merge import FACTS, Known, project
from posyandu_app.domain.operations import Operation, OpKey, canonical
from posyandu_app.domain.visit import (
    Attendance,
    CapsuleColour,
    Consent,
    ConsentState,
    DangerSign,
    Development,
    Dose,
    DoseKind,
    DoseState,
    Fact,
    HomeVisit,
    Referral,
    Relation,
    Session,
    TbSymptom,
    Visit,
    VisitOutcome,
    VisitReason,
    label_of,
)

DAY = date(2026, 11, 23)
ENUMS = (
    Attendance,
    Development,
    TbSymptom,
    DangerSign,
    Referral,
    DoseKind,
    DoseState,
    CapsuleColour,
    VisitReason,
    VisitOutcome,
    Relation,
    ConsentState,
)
READERS = {
    "visit": cards.read_visit,
    "dose": cards.read_dose,
    "home_visit": cards.read_home_visit,
    "consent": cards.read_consent,
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


def operation(fact: Fact, op_type: str, payload: dict, seq: int) -> Known:
    stamp = f"{1_700_000_000_000 + seq:013d}"
    made = Operation(
        seq, op_type, 1, fact.id, "s", "actor", "2026-11-23T09:00:00+07:00", stamp, (seq, 0, 1), "1", payload
    )
    return Known("laptop", stamp, made)


def nfc(fact: Fact) -> Fact:
    """The fact as the log keeps it: text in NFC."""
    return READERS[fact.kind](fact.id, cards.payload(fact))


@given(facts)
def test_what_is_recorded_is_read_back_through_the_log(fact):
    row = project(fact.kind, fact.id, [operation(fact, f"{fact.kind}.record", cards.payload(fact), 1)])
    read = READERS[fact.kind](row.entity, row.values, row.bases)
    assert replace(read, bases=()) == nfc(fact)
    assert cards.payload(read) == cards.payload(fact)
    assert canonical(cards.payload(fact))


@given(visits, visits)
def test_a_correction_turns_one_card_into_the_other(before, after):
    recorded = operation(before, "visit.record", cards.payload(before), 1)
    row = project("visit", "v", [recorded])
    shown = cards.read_visit("v", row.values, row.bases)
    change = cards.correction(shown, after, "salah tulis")
    if change is None:
        assert cards.payload(shown) == cards.payload(after)
        return
    final = project("visit", "v", [recorded, operation(before, "visit.correct", change, 2)])
    read = cards.read_visit("v", final.values, final.bases)
    assert cards.payload(read) == cards.payload(after)
    assert final.disputed == {}
    assert change["reason"] == "salah tulis"


def test_a_correction_names_only_what_changed_and_what_it_is_based_on():
    before = Visit(
        id="v", child="c", date=DAY, local_food=True, note="a", bases=(("note", OpKey("laptop", 4)),)
    )
    change = cards.correction(before, replace(before, note="b", local_food=None))
    assert change == {
        "set": {"note": {"v": "b", "base": ["laptop", 4]}, "local_food": {"v": None, "base": None}}
    }
    assert cards.correction(before, before) is None


def test_whose_card_it_is_is_never_corrected():
    before = Visit(id="v", child="c", date=DAY)
    assert cards.correction(before, replace(before, child="another")) is None


@pytest.mark.parametrize("kind", ["visit", "dose", "home_visit", "consent"])
def test_the_log_knows_every_kind(kind):
    assert kind in FACTS


def test_asked_and_none_found_is_not_the_same_as_not_asked():
    asked, silent = (Visit(id="v", child="c", date=DAY, danger_signs=found) for found in (frozenset(), None))
    assert cards.payload(asked)["danger_signs"] == []
    assert "danger_signs" not in cards.payload(silent)
    assert nfc(asked).danger_signs == frozenset()
    assert nfc(silent).danger_signs is None


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
        json.dumps(cards.payload(read))


@pytest.mark.parametrize("day", ["23/11/2026", "2026-13-01", "20261123", "2026-W48-1", "", 5, None, True])
def test_a_card_without_a_readable_date_is_left_for_a_newer_version(day):
    assert cards.read_visit("v", {"child": "c", "date": day}) is None


def test_a_dose_that_does_not_say_what_was_given_is_left():
    assert cards.read_dose("d", {"child": "c", "date": "2026-11-23"}) is None


def test_consent_is_never_assumed():
    values = {"child": "c", "date": "2026-11-23", "name": "Ani", "version": "2026-1", "state": "diberikan"}
    assert cards.read_consent("k", values).state == ConsentState.GIVEN
    for missing in ("version", "state"):
        assert cards.read_consent("k", {k: v for k, v in values.items() if k != missing}) is None


@pytest.mark.parametrize("enum", ENUMS)
def test_every_code_has_a_label_of_its_own(enum):
    labels = [code.label for code in enum]
    assert len(set(labels)) == len(labels)
    assert all(label and label[0].isupper() for label in labels)


def test_a_code_of_a_newer_version_is_shown_as_it_came():
    assert label_of(Referral, "klinik_apung") == "klinik_apung"
    assert label_of(Referral, "rs") == "Rumah sakit"
    assert label_of(Referral, None) == "—"
    assert nfc(Visit(id="v", child="c", date=DAY, referral="klinik_apung")).referral == "klinik_apung"


def test_newborns_have_their_own_danger_signs_up_to_day_28():
    assert DangerSign.NAVEL in cards.danger_signs_for(28)
    assert DangerSign.NAVEL not in cards.danger_signs_for(29)
    assert cards.danger_signs_for(None) == cards.danger_signs_for(400)
    for signs in (cards.danger_signs_for(0), cards.danger_signs_for(400)):
        assert len(set(signs)) == len(signs)
    assert {*cards.danger_signs_for(0), *cards.danger_signs_for(400)} == set(DangerSign)


@pytest.mark.parametrize(
    ("attendance", "came"),
    [
        ("hadir", True),
        ("tidak_dapat_diukur", True),
        ("tidak_hadir", False),
        ("pindah", False),
        ("lain", True),
    ],
)
def test_who_counts_as_there(attendance, came):
    assert Visit(id="v", child="c", date=DAY, attendance=attendance).came is came


def test_a_visit_tomorrow_is_refused_and_today_is_not():
    tomorrow = Visit(id="v", child="c", date=DAY + timedelta(days=1))
    with pytest.raises(InvalidValue, match="24/11/2026 belum terjadi") as caught:
        cards.check(tomorrow, DAY)
    assert caught.value.field == "date"
    assert cards.check(replace(tomorrow, date=DAY), DAY).date == DAY


def test_a_dose_before_birth_is_refused_and_on_the_day_of_birth_is_not():
    dose = Dose(id="d", child="c", date=DAY, what="imunisasi", antigen="hb0")
    assert cards.check(dose, DAY, birth=DAY) == dose
    with pytest.raises(InvalidValue, match="sebelum anak lahir"):
        cards.check(replace(dose, date=DAY - timedelta(days=1)), DAY, birth=DAY)


def test_an_immunisation_needs_its_name_and_a_capsule_its_colour():
    with pytest.raises(InvalidValue) as caught:
        cards.check(Dose(id="d", child="c", date=DAY, what="imunisasi"), DAY)
    assert caught.value.field == "antigen"
    capsule = Dose(id="d", child="c", date=DAY, what="vitamin_a")
    with pytest.raises(InvalidValue) as caught:
        cards.check(capsule, DAY)
    assert caught.value.field == "colour"
    assert cards.check(replace(capsule, state="menolak"), DAY).state == "menolak"
    assert cards.check(Dose(id="d", child="c", date=DAY, what="obat_cacing"), DAY)


def test_a_referral_without_a_reason_does_not_stop_the_queue():
    assert cards.check(Visit(id="v", child="c", date=DAY, referral="puskesmas"), DAY).referral_reason is None


def test_consent_needs_a_name():
    for name in ("", "   ", "\u200b\n"):
        with pytest.raises(InvalidValue) as caught:
            cards.check(Consent(id="k", child="c", date=DAY, name=name), DAY)
        assert caught.value.field == "name"


def test_notes_are_one_trimmed_line():
    note = "  demam\tsejak \n kemarin\x00 "
    assert cards.check(Visit(id="v", child="c", date=DAY, note=note), DAY).note == "demam sejak kemarin"
    assert cards.check(Visit(id="v", child="c", date=DAY, note=" \n "), DAY).note is None


def test_a_note_longer_than_the_limit_is_refused_by_name():
    longest = "a" * cards.LONGEST_TEXT
    assert cards.check(Visit(id="v", child="c", date=DAY, note=longest), DAY).note == longest
    with pytest.raises(InvalidValue, match="500 huruf") as caught:
        cards.check(Visit(id="v", child="c", date=DAY, referral_reason=longest + "a"), DAY)
    assert caught.value.field == "referral_reason"


@given(st.text(max_size=200))
def test_any_text_is_taken_or_refused_with_a_sentence(note):
    checked = cards.check(Visit(id="v", child="c", date=DAY, note=note), DAY)
    assert checked.note is None or (checked.note == checked.note.strip() and "\n" not in checked.note)
    canonical(cards.payload(checked))


def test_standing_leaves_out_what_was_voided_and_orders_by_day_then_stamp():
    def card(name: str, day: date, hlc: str = "", voided: bool = False) -> Visit:
        return Visit(id=name, child="c", date=day, hlc=hlc, voided=voided)

    later = DAY + timedelta(days=1)
    mixed = [card("c", later), card("b", DAY, "2"), card("a", DAY, "1"), card("x", DAY, voided=True)]
    assert [fact.id for fact in cards.standing(mixed)] == ["a", "b", "c"]
    assert [fact.id for fact in cards.standing(mixed, DAY)] == ["a", "b"]


def test_the_latest_decision_is_the_one_in_force():
    yes = Consent(id="1", child="c", date=DAY, name="Ani")
    no = replace(yes, id="2", date=DAY + timedelta(days=30), state="ditarik")
    assert cards.consent_in_force([no, yes]) == no
    assert cards.consent_in_force([replace(no, voided=True), yes]) == yes
    assert cards.consent_in_force([]) is None


def test_a_changed_consent_text_needs_a_new_version():
    digest = hashlib.sha256("\n".join(cards.consent_text()).encode()).hexdigest()[:16]
    assert (cards.CONSENT_VERSION, digest) == ("2026-1", "6f126b95fa40291c")


def test_two_laptops_that_open_the_same_day_open_the_same_session():
    assert cards.session_id("32.11.13.2005.001", DAY) == cards.session_id("32.11.13.2005.001", DAY)
    others = {
        cards.session_id("32.11.13.2005.002", DAY),
        cards.session_id("32.11.13.2005.001", DAY + timedelta(days=1)),
    }
    assert cards.session_id("32.11.13.2005.001", DAY) not in others
    assert len(others) == 2


def test_a_session_is_opened_closed_and_opened_again_through_the_log():
    session = Session(id="s", scope="x", date=DAY, posyandu="Melati", opened_at="2026-11-23T08:00:00+07:00")
    log = [operation(_as_fact(session), "session.register", cards.register_session(session), 1)]

    def shown() -> Session:
        row = project("session", "s", log)
        return cards.read_session("s", row.scope, row.values, row.bases)

    assert shown().is_open
    assert (shown().date, shown().posyandu) == (DAY, "Melati")
    closed = replace(shown(), closed_at="2026-11-23T11:30:00+07:00")
    log.append(operation(_as_fact(session), "session.set", cards.set_session(shown(), closed), 2))
    assert not shown().is_open
    again = replace(shown(), closed_at=None)
    log.append(operation(_as_fact(session), "session.set", cards.set_session(shown(), again), 3))
    assert shown().is_open
    assert cards.set_session(shown(), shown()) is None


def _as_fact(session: Session) -> Fact:
    return Visit(id=session.id, child="", date=session.date)


def test_a_session_without_a_date_is_left_for_a_newer_version():
    assert cards.read_session("s", "x", {"posyandu": "Melati"}) is None

"""Reviews: what is written is read back, hostile rows hide nothing, and a form says what to mend."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import reviews
from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Position
from posyandu_app.domain.mtbs import Complication, MtbsClass
from posyandu_app.domain.operations import canonical
from posyandu_app.domain.reviews import (
    Decision,
    Measured,
    Outcome,
    Review,
    Step,
    Verdict,
    check,
    payload,
    read,
)
from posyandu_app.domain.visits import Referral

TODAY = date(2026, 11, 23)
BIRTH = date(2025, 1, 10)


def review(step: str = Step.DECIDE, **more) -> Review:
    values = {"id": "r", "child": "anak-1", "date": TODAY, "role": "bidan"}
    if step == Step.DECIDE:
        values["decisions"] = frozenset({Decision.COUNSEL})
    return Review(step=step, **{**values, **more})


measured = st.builds(
    Measured,
    weight_g=st.none() | st.integers(1, 30_000),
    length_mm=st.none() | st.integers(1, 1300),
    position=st.none() | st.sampled_from(Position),
    head_mm=st.none() | st.integers(1, 600),
    muac_mm=st.none() | st.integers(1, 400),
    oedema=st.none() | st.integers(0, 3),
)
words = st.none() | st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20
)
days = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
written = st.builds(
    Review,
    id=st.just("r"),
    child=st.just("anak-1"),
    date=st.dates(date(2020, 1, 1), TODAY),
    step=st.sampled_from([*Step, "langkah_baru"]),
    role=st.sampled_from(["bidan", "tpg", "kader"]),
    by=st.sampled_from(["", "Bidan Rina"]),
    seen=st.frozensets(st.sampled_from(["a", "b", "c"])),
    reasons=st.frozensets(st.sampled_from(["two_t", "stunting"])),
    verdict=st.none() | st.sampled_from(Verdict),
    recorded=st.none() | measured,
    remeasured=st.none() | measured,
    mtbs=st.none() | st.sampled_from(MtbsClass),
    complications=st.none() | st.frozensets(st.sampled_from(Complication), min_size=1),
    danger_signs=st.none() | st.frozensets(st.sampled_from(DangerSign), min_size=1),
    appetite=st.none() | st.booleans(),
    decisions=st.frozensets(st.sampled_from(Decision)),
    place=st.none() | st.sampled_from(Referral),
    pmt_days=st.none() | st.integers(1, 366),
    pmt_from=days,
    revisit_on=days,
    outcome=st.none() | st.sampled_from(Outcome),
)


@given(written)
def test_what_is_written_is_read_back(made):
    values = payload(made)
    canonical(values)
    assert read("r", values) == made


@given(
    st.dictionaries(
        st.sampled_from(["child", "date", "step", *reviews._WRITTEN, "lain"]),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=5,
        ),
    )
)
def test_a_hostile_row_never_breaks_reading(values):
    found = read("r", values | {"child": "a", "date": "2026-11-23", "step": "keputusan"})
    assert found is not None
    assert reviews.sentence(found)
    assert found.pmt_until is None or found.pmt_until >= date(1, 1, 1)


def test_a_row_that_does_not_say_whom_when_or_what_is_none():
    good = payload(review())
    assert read("r", good) is not None
    for name in ("child", "date", "step"):
        assert read("r", {key: value for key, value in good.items() if key != name}) is None
    assert read("r", good | {"date": "23-11-2026"}) is None


def refused(made: Review) -> str:
    with pytest.raises(InvalidValue) as caught:
        check(made, TODAY, BIRTH)
    return caught.value.field


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (review(date=date(2026, 11, 24)), "date"),
        (review(date=date(2025, 1, 9)), "date"),
        (review(decisions=frozenset()), "decisions"),
        (review(decisions=frozenset({"operasi"})), "decisions"),
        (review(decisions=frozenset({Decision.REFER})), "place"),
        (review(decisions=frozenset({Decision.REFER_TODAY}), place="dukun"), "place"),
        (review(decisions=frozenset({Decision.PMT}), pmt_from=TODAY), "pmt_days"),
        (review(decisions=frozenset({Decision.PMT}), pmt_from=TODAY, pmt_days=0), "pmt_days"),
        (review(decisions=frozenset({Decision.PMT}), pmt_from=TODAY, pmt_days=367), "pmt_days"),
        (review(decisions=frozenset({Decision.PMT}), pmt_from=TODAY, pmt_days=True), "pmt_days"),
        (review(decisions=frozenset({Decision.PMT}), pmt_days=14), "pmt_from"),
        (review(decisions=frozenset({Decision.PMT}), pmt_days=14, pmt_from=date(2026, 11, 22)), "pmt_from"),
        (review(revisit_on=date(2026, 11, 22)), "revisit_on"),
        (review(revisit_on=date(2027, 11, 25)), "revisit_on"),
        (review(mtbs="gizi_aneh"), "mtbs"),
        (review(complications=frozenset({"sakit"})), "complications"),
        (review(note="x" * 501), "note"),
        (review(Step.VERIFY), "verdict"),
        (review(Step.VERIFY, verdict=Verdict.RIGHT), "measurement"),
        (review(Step.VERIFY, verdict=Verdict.CORRECTED, measurement="m"), "weight_g"),
        (
            review(Step.VERIFY, verdict=Verdict.MEASURED_ANEW, remeasured=Measured(position=Position.LYING)),
            "weight_g",
        ),
        (review(Step.OUTCOME), "outcome"),
        (review(Step.OUTCOME, outcome=Outcome.NO_CASE), "outcome"),
        (review(Step.CLOSE, outcome=Outcome.BETTER), "outcome"),
        (review(Step.REOPEN, note=" \n"), "note"),
        (review(Step.NOTE), "note"),
        (review("langkah_baru"), "step"),
    ],
)
def test_a_form_names_the_field_to_mend(made, field):
    assert refused(made) == field


@pytest.mark.parametrize("revisit", [TODAY, date(2027, 11, 24)])
def test_both_ends_of_the_year_ahead_are_allowed(revisit):
    assert check(review(revisit_on=revisit), TODAY, None).revisit_on == revisit


def test_a_note_is_kept_tidy():
    assert check(review(Step.NOTE, note="  sudah\tdijenguk\u0000 "), TODAY, BIRTH).note == "sudah dijenguk"


def test_supplementary_food_counts_its_first_day():
    plan = review(decisions=frozenset({Decision.PMT}), pmt_days=14, pmt_from=date(2026, 11, 24))
    assert plan.pmt_until == date(2026, 12, 7)
    assert review(pmt_days=14, pmt_from=TODAY).pmt_until is None, "without the decision there is no course"


def test_a_review_in_one_line():
    made = review(
        decisions=frozenset({Decision.REFER, Decision.COUNSEL, Decision.PMT}),
        place=Referral.PUSKESMAS,
        pmt_days=56,
        pmt_from=TODAY,
        revisit_on=date(2026, 12, 7),
    )
    assert reviews.sentence(made) == "Rujuk ke Puskesmas; Konseling; PMT 56 hari; kontrol 07/12/2026"
    urgent = review(decisions=frozenset({Decision.REFER_TODAY}), place=Referral.HOSPITAL)
    assert reviews.sentence(urgent) == "Rujuk hari ini ke Rumah sakit"
    assert reviews.sentence(review("langkah_baru")) == "langkah_baru"

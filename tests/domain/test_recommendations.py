"""Recommendations: from sent to done, answered for each area, and whether the figures have moved since."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import recommendations as rec
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.operations import canonical
from posyandu_app.domain.recommendations import (
    Answer,
    AnswerState,
    Figure,
    Progress,
    Reach,
    Recommendation,
    status,
    waits_for,
)

TODAY = date(2026, 11, 23)
KECAMATAN, VILLAGE = "32.11.13", "32.11.13.2005"
MELATI, MAWAR, FAR = "32.11.13.2005.001", "32.11.13.2005.002", "32.11.13.2008.001"
ALL = (MELATI, MAWAR, FAR)
SEEN, DONE, CANNOT = AnswerState
HERE = Reach(at_server=True, read=1, laptops=2)


def recommendation(scope: str = VILLAGE, **more) -> Recommendation:
    values = {"id": "r", "text": "Kejar D/S", "sent_on": date(2026, 11, 1), "due_on": date(2026, 11, 30)}
    return Recommendation(scope=scope, **{**values, **more})


def answer(scope: str, state: str = DONE, key: str = "", on: date = TODAY, **more) -> Answer:
    return Answer(id=key or f"{scope}-{state}", to="r", scope=scope, state=state, on=on, **more)


def progress(*answers: Answer, scope: str = VILLAGE, reach: Reach = HERE, **more) -> Progress:
    return status(recommendation(scope, **more), answers, TODAY, reach, ALL).progress


# --- how far it has come ---


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (Reach(at_server=False), Progress.UNSENT),
        (Reach(at_server=True, read=0, laptops=3), Progress.SENT),
        (Reach(at_server=True, read=1, laptops=3), Progress.DELIVERED),
    ],
)
def test_before_anybody_answers_the_way_it_has_come_counts(reach, expected):
    assert progress(reach=reach) is expected


def test_seen_done_and_cannot_by_the_one_addressed():
    for state, expected in {SEEN: Progress.SEEN, DONE: Progress.DONE, CANNOT: Progress.CANNOT}.items():
        assert progress(answer(MELATI, state), scope=MELATI) is expected
        assert progress(answer(VILLAGE, state)) is expected


def test_a_village_has_done_it_when_all_its_posyandu_have():
    assert progress(answer(MELATI)) is Progress.SEEN
    assert progress(answer(MELATI), answer(MAWAR)) is Progress.DONE
    assert progress(answer(MELATI), answer(MAWAR, CANNOT)) is Progress.DONE
    assert progress(answer(MELATI, CANNOT), answer(MAWAR, CANNOT)) is Progress.CANNOT
    found = status(recommendation(), [answer(MELATI)], TODAY, HERE, ALL)
    assert [(part.scope, part.progress) for part in found.parts] == [
        (MELATI, Progress.DONE),
        (MAWAR, Progress.DELIVERED),
    ]
    assert found.done == 1


def test_the_midwife_answers_for_the_whole_village():
    assert progress(answer(VILLAGE), answer(MELATI, CANNOT)) is Progress.DONE


def test_who_lies_outside_the_address_does_not_count():
    assert progress(answer(FAR)) is Progress.DELIVERED
    assert progress(answer(KECAMATAN), scope=VILLAGE) is Progress.DELIVERED


def test_the_last_that_ends_the_matter_counts_and_seeing_it_again_changes_nothing():
    first, last = answer(MELATI, DONE, "a", hlc="1"), answer(MELATI, CANNOT, "b", hlc="2", note="hujan")
    again = answer(MELATI, SEEN, "c", hlc="3")
    assert progress(last, again, first, scope=MELATI) is Progress.CANNOT
    assert progress(replace(last, voided=True), again, first, scope=MELATI) is Progress.DONE


def test_answers_about_a_child_count_wherever_she_has_moved_to():
    assert progress(answer(MELATI), scope=FAR, child="anak-1") is Progress.DONE


@given(
    st.lists(
        st.builds(
            answer,
            st.sampled_from([KECAMATAN, VILLAGE, MELATI, MAWAR, FAR]),
            st.sampled_from([*AnswerState, "jawaban_baru"]),
            key=st.sampled_from("abcdef"),
            on=st.dates(date(2026, 11, 1), TODAY),
            hlc=st.sampled_from(["1", "2"]),
            voided=st.booleans(),
        ),
        max_size=6,
        unique_by=lambda item: item.id,
    ),
    st.randoms(use_true_random=False),
    st.sampled_from([VILLAGE, MELATI, KECAMATAN]),
)
def test_the_order_of_arrival_never_matters(answers, random, scope):
    shuffled = list(answers)
    random.shuffle(shuffled)
    one = status(recommendation(scope), answers, TODAY, HERE, ALL)
    assert one == status(recommendation(scope), shuffled, TODAY, HERE, tuple(reversed(ALL)))
    finals = [item for item in answers if item.final and not item.voided]
    if not finals:
        assert one.open


# --- overdue, waiting, who speaks for whom ---


@pytest.mark.parametrize(("due", "late"), [(TODAY, 0), (date(2026, 11, 22), 1), (None, 0)])
def test_overdue_from_the_day_after_it_was_due(due, late):
    assert status(recommendation(due_on=due), (), TODAY, HERE).overdue_days == late
    done = status(recommendation(due_on=due), [answer(VILLAGE)], TODAY, HERE)
    assert done.overdue_days == 0


def test_most_pressing_first():
    def found(key, *answers, due=None):
        return status(recommendation(id=key, due_on=due), answers, TODAY, HERE)

    done = found("a", answer(VILLAGE), due=date(2026, 11, 1))
    late, soon = found("b", due=date(2026, 11, 1)), found("c", due=date(2026, 11, 25))
    whenever, longer = found("d"), found("e", due=date(2026, 10, 1))
    ordered = sorted([done, whenever, soon, late, longer], key=lambda item: item.most_pressing_first)
    assert [item.recommendation.id for item in ordered] == ["e", "b", "c", "d", "a"]


def test_it_waits_for_those_inside_and_above_until_they_or_all_have_ended_it():
    open_ = status(recommendation(), [answer(MELATI)], TODAY, HERE, ALL)
    assert {scope: waits_for(open_, scope) for scope in (*ALL, VILLAGE, KECAMATAN)} == {
        MELATI: False,
        MAWAR: True,
        FAR: False,
        VILLAGE: True,
        KECAMATAN: True,
    }
    assert not waits_for(status(recommendation(), [answer(VILLAGE)], TODAY, HERE, ALL), MAWAR)
    assert not waits_for(status(recommendation(voided=True), (), TODAY, HERE, ALL), MELATI)
    assert waits_for(status(recommendation(), [answer(MELATI, SEEN)], TODAY, HERE, ALL), MELATI)


@pytest.mark.parametrize(
    ("own", "address", "speaks"),
    [
        (MELATI, VILLAGE, MELATI),
        (MELATI, MELATI, MELATI),
        (VILLAGE, MELATI, MELATI),
        (VILLAGE, VILLAGE, VILLAGE),
        ("32.11.13.200", VILLAGE, VILLAGE),
    ],
)
def test_an_answer_speaks_for_the_smaller_area(own, address, speaks):
    assert rec.speaks_for(own, address) == speaks


# --- figures ---


def figure(**more) -> Figure:
    values = {"code": "d_s", "area": VILLAGE, "first": "2026-10", "last": "2026-10", "count": 10, "of": 16}
    return Figure(**{**values, "label": "D/S", **more})


def test_a_figure_in_words():
    assert figure().told == "62,5 % (10 dari 16)"
    assert figure(of=None).told == "10"
    assert figure(count=0, of=0).told == "— (0 dari 0)"
    assert figure(count=None, of=None, value=123).told == "—"
    assert figure(shown="1,23 SD").told == "1,23 SD"


def test_a_figure_travels_in_the_form_that_the_analysis_takes_again():
    from posyandu_app.reports import evidence

    (written,) = rec.payload(recommendation(figures=(figure(value=625, limit=850),)))["figures"]
    taken = evidence.from_json(written)
    assert (taken.code, taken.area, taken.value, taken.count, taken.of) == ("d_s", VILLAGE, 625, 10, 16)
    again = rec.read("r", VILLAGE, rec.payload(recommendation()) | {"figures": [taken.to_json()]})
    assert again.figures == (figure(value=625, limit=850, label="d_s"),)


# --- written and read ---


def test_what_is_written_is_read_back():
    made = recommendation(
        text="Kejar D/S:\nkunjungi yang absen",
        figures=(figure(), figure(code="two_t", count=3, of=None, label="2T", shown="3 anak")),
        role="dinas",
        by="Ibu Rina",
        rules="2026.1",
        child="anak-1",
    )
    values = rec.payload(made)
    canonical(values)
    assert rec.read("r", VILLAGE, values) == made
    given_ = answer(MELATI, CANNOT, note="hujan", role="kader", by="Sari", child="anak-1")
    assert rec.read_answer(given_.id, MELATI, rec.answer_payload(given_)) == given_


hostile = st.dictionaries(
    st.sampled_from(["text", "date", "due_on", "child", "figures", "to", "state", "note", "role", "lain"]),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "count", "of"]), inner)
        ),
        max_leaves=6,
    ),
)


@given(hostile)
def test_a_hostile_row_never_breaks_reading(values):
    found = rec.read("r", VILLAGE, values | {"text": "x", "date": "2026-11-23"})
    assert found is not None
    assert all(item.told for item in found.figures)
    reply = rec.read_answer("a", MELATI, values | {"to": "r", "state": "selesai", "date": "2026-11-23"})
    assert status(found, [reply], TODAY, HERE, ALL)


def test_what_cannot_be_understood_is_none():
    good = rec.payload(recommendation())
    for name in ("text", "date"):
        assert rec.read("r", VILLAGE, {key: value for key, value in good.items() if key != name}) is None
    given_ = rec.answer_payload(answer(MELATI))
    for name in ("to", "state", "date"):
        assert rec.read_answer("a", MELATI, {key: v for key, v in given_.items() if key != name}) is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": " \n\t"}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"due_on": date(2026, 11, 22)}, "due_on"),
        ({"due_on": date(2027, 11, 25)}, "due_on"),
        ({"figures": (figure(),) * 51}, "figures"),
    ],
)
def test_a_form_names_the_field_to_mend(changed, field):
    with pytest.raises(InvalidValue) as caught:
        rec.check(recommendation(**changed), TODAY)
    assert caught.value.field == field


def test_a_text_keeps_its_lines_and_loses_what_cannot_be_printed():
    made = rec.check(recommendation(text="  Kejar\u0000 D/S \n\n ya\u202e "), TODAY)
    assert made.text == "Kejar D/S\n\nya"


def test_who_cannot_says_why():
    with pytest.raises(InvalidValue, match="mengapa") as caught:
        rec.check_answer(answer(MELATI, CANNOT, note=" "))
    assert caught.value.field == "note"
    with pytest.raises(InvalidValue):
        rec.check_answer(answer(MELATI, "mungkin"))
    assert rec.check_answer(answer(MELATI, note=" sudah ")).note == "sudah"

"""Weighing one child, without Qt: what Enter, answers, keys and mistakes lead to."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.model import Child, Measurement, Position, Sex
from posyandu_app.domain.rules import default_rules
from posyandu_app.ui.screens import weighing_state as ws
from posyandu_app.ui.screens.weighing_state import (
    DATE,
    HEAD,
    LENGTH,
    MUAC,
    OEDEMA,
    ORDER,
    QUESTION,
    TYPED,
    WEIGHT,
)

TODAY = date(2026, 11, 23)
GIRL = Child("c1", "32.11.13.2005.001", "Siti", Sex.FEMALE, date(2024, 8, 17), mother_name="Aminah")
BEFORE = Measurement(
    "m1", "c1", date(2026, 10, 20), weight_g=11000, length_mm=866, position=Position.STANDING
)


def start(child=GIRL, history=(BEFORE,), on=TODAY, draft=None):
    return ws.start(child, history, default_rules(), on, TODAY, draft)


def fill(state, **texts):
    for name, text in texts.items():
        state = ws.entered(ws.typed(state, name, text), name)
    return state


def test_nothing_nags_while_typing():
    state = ws.typed(ws.typed(start(), WEIGHT, "84"), WEIGHT, "84,x")
    assert state.preview is None
    assert state.question is None
    assert dict(state.errors) == {}


def test_enter_judges_the_field_and_goes_on():
    state = fill(start(), weight_g="11.3")
    assert state.texts[WEIGHT] == "11,3"
    assert state.focus == LENGTH
    assert state.preview is not None
    assert state.preview.headline == "Berat naik 300 g (minimal 200 g) — N"
    assert [category.label for category, _ in ws.findings(state, WEIGHT)] == ["Berat badan normal"]
    assert ws.findings(state, LENGTH) == ()


def test_changing_a_judged_field_takes_its_assessment_away():
    state = ws.typed(fill(start(), weight_g="11,3"), WEIGHT, "11,35")
    assert state.preview is None
    assert ws.findings(state, WEIGHT) == ()


@pytest.mark.parametrize("text", ["delapan", "8,,4", "8,4,1", "-8", "٨٫٤", "8 4", "😀", "‮4,8", "1e9", "0"])
def test_what_cannot_be_read_stays_with_a_sentence_and_keeps_the_keyboard(text):
    state = fill(start(), weight_g=text)
    assert state.texts[WEIGHT] == text
    assert state.focus == WEIGHT
    assert state.errors[WEIGHT].endswith((".", "kg."))
    assert state.phase == "entering"
    assert ws.ask_save(state).phase == "entering"


def test_a_comma_slip_is_a_question_whose_suggestion_mends_it():
    state = fill(start(), weight_g="113")
    assert state.focus == QUESTION
    assert state.question is not None
    assert state.question.suggestion == 11300
    mended = ws.answer(state, keep=False)
    assert mended.texts[WEIGHT] == "11,3"
    assert (mended.question, mended.focus) == (None, LENGTH)


def test_it_is_right_is_remembered_and_saved_as_confirmed():
    state = fill(start(), weight_g="8,0")
    assert state.question is not None
    code = state.question.code
    kept = ws.answer(state, keep=True)
    assert (kept.question, kept.focus) == (None, LENGTH)
    saving = ws.ask_save(kept)
    assert saving.phase == "saving"
    assert ws.confirmed_of(saving) == (code,)


def test_measure_again_keeps_what_was_typed_and_goes_back_to_the_field():
    state = ws.answer(fill(start(), weight_g="8,0"), keep=False)
    assert (state.texts[WEIGHT], state.focus, state.question) == ("8,0", WEIGHT, None)
    assert ws.ask_save(state).focus == QUESTION, "the doubt comes back at saving"


def test_an_answer_is_forgotten_when_its_field_changes_and_stays_when_another_does():
    kept = ws.answer(fill(start(), weight_g="8,0"), keep=True)
    assert ws.ask_save(fill(kept, length_mm="87,2")).phase == "saving"
    assert ws.ask_save(ws.typed(kept, WEIGHT, "8,1")).focus == QUESTION


def test_saving_past_a_doubt_asks_first_and_saves_after_the_answer():
    asked = ws.ask_save(ws.typed(start(), WEIGHT, "8,0"))
    assert (asked.phase, asked.focus, asked.wants_save) == ("entering", QUESTION, True)
    assert ws.answer(asked, keep=True).phase == "saving"


def test_mending_at_saving_saves_the_mended_value():
    asked = ws.ask_save(ws.typed(start(), WEIGHT, "113"))
    saving = ws.answer(asked, keep=False)
    assert saving.phase == "saving"
    assert ws.draft_of(saving).weight_g == 11300
    assert ws.confirmed_of(saving) == ()


def test_a_child_too_young_to_stand_is_asked_about_and_turned():
    baby = replace(GIRL, birth_date=date(2026, 6, 1))
    state = ws.position_turned(start(baby, ()))
    assert state.position is Position.STANDING
    state = fill(state, length_mm="62,0")
    assert state.question is not None
    assert state.question.field == "position"
    turned = ws.answer(state, keep=False)
    assert (turned.position, turned.texts[LENGTH]) == (Position.LYING, "62,0")


def test_enter_through_empty_fields_and_in_the_last_one_saves():
    state = fill(start(), weight_g="11,3")
    for name in (LENGTH, MUAC, HEAD):
        assert state.focus == name
        state = ws.entered(state, name)
    assert state.focus == OEDEMA
    assert ws.entered(state, OEDEMA).phase == "saving"


def test_nothing_at_all_is_not_saved():
    state = ws.ask_save(ws.typed(start(), WEIGHT, "   "))
    assert (state.phase, state.focus) == ("entering", WEIGHT)
    assert state.message == "Belum ada yang diisi. Ketik berat badan anak dulu."


def test_oedema_alone_can_be_saved():
    state = ws.ask_save(ws.oedema_chosen(start(), 2))
    assert state.phase == "saving"
    assert ws.draft_of(state).oedema == 2


def test_nothing_changes_while_saving_and_a_failure_loses_nothing():
    saving = ws.ask_save(fill(start(), weight_g="11,3", length_mm="87,2"))
    assert ws.ask_save(saving) == saving
    failed = ws.save_failed(saving, "Laptop penuh.")
    assert (failed.phase, failed.message, failed.texts) == ("entering", "Laptop penuh.", saving.texts)


def test_position_follows_age_until_somebody_chooses():
    assert start().position is Position.STANDING
    turned_two = replace(GIRL, birth_date=date(2024, 11, 24))
    young = start(turned_two)
    assert young.position is Position.LYING
    assert ws.position_turned(young).position is Position.STANDING
    chosen = ws.position_turned(start())
    assert ws.with_date(chosen, date(2026, 11, 1)).position is Position.LYING


def test_the_date_moves_age_and_letter_and_is_refused_in_the_future_and_before_birth():
    state = ws.date_entered(fill(start(), weight_g="11,3"), "22/11/2026")
    assert state.on == date(2026, 11, 22)
    assert state.texts[WEIGHT] == "11,3"
    assert ws.draft_of(state).date == date(2026, 11, 22)
    for wrong in ("24/11/2026", "16/8/2024", "31/2/2026", "kemarin", "", "9" * 1000):
        refused = ws.date_entered(state, wrong)
        assert refused.on == date(2026, 11, 22)
        assert refused.errors["date"]
        assert refused.texts == state.texts
    assert "date" not in ws.date_entered(ws.date_entered(state, "kemarin"), "21 nov 2026").errors


def test_a_draft_brings_everything_back_as_it_was():
    state = fill(
        ws.position_turned(ws.with_date(start(), date(2026, 11, 22))), weight_g="11,3", muac_mm="14,1"
    )
    state = ws.typed(ws.oedema_chosen(state, 1), HEAD, "46,")
    again = start(draft=ws.fields_of(state))
    assert again.texts == {WEIGHT: "11,3", MUAC: "14,1", HEAD: "46,"}
    assert (again.on, again.position, again.oedema) == (state.on, state.position, 1)
    assert again.preview is not None
    assert again.preview.assessed.measurement.weight_g == 11300
    assert (again.focus, dict(again.errors)) == (HEAD, {}), "she goes on where she stopped"


@pytest.mark.parametrize("text", ["13", "13,", "1"])
def test_what_was_half_typed_is_no_weight_yet_when_it_comes_back(text):
    again = start(draft=ws.fields_of(ws.typed(start(), WEIGHT, text)))
    assert again.texts == {WEIGHT: text}, "13 of 13,6 is not 13,0"
    assert (again.focus, again.preview, dict(again.errors)) == (WEIGHT, None, {})
    on = ws.entered(ws.typed(again, WEIGHT, f"{text.rstrip(',')},6"), WEIGHT)
    assert ws.draft_of(on).weight_g == round(float(text.rstrip(",")) * 1000) + 600


def test_a_draft_that_cannot_be_read_comes_back_at_the_field_to_mend():
    again = start(draft={"weight_g": "13,"})
    assert again.focus == WEIGHT
    assert WEIGHT in again.errors


def test_a_draft_with_figures_that_were_read_goes_on_in_the_next_field():
    assert start(draft=ws.fields_of(fill(start(), weight_g="11,3"))).focus == LENGTH


def test_a_length_typed_as_weight_moves_to_its_field():
    asked = ws.entered(ws.typed(start(), WEIGHT, "86,8"), WEIGHT)
    assert asked.question.code == "weight_g.swapped"
    moved = ws.answer(asked, keep=False)
    assert (moved.texts, moved.focus) == ({WEIGHT: "", LENGTH: "86,8"}, WEIGHT)
    done = ws.entered(ws.typed(moved, WEIGHT, "11,3"), WEIGHT)
    assert (done.question, done.focus) == (None, LENGTH)
    draft = ws.draft_of(done)
    assert (draft.weight_g, draft.length_mm) == (11300, 868)


def test_both_in_each_others_field_change_places():
    state = ws.answer(ws.entered(ws.typed(start(), WEIGHT, "86,8"), WEIGHT), keep=True)
    asked = ws.entered(ws.typed(state, LENGTH, "11,3"), LENGTH)
    assert asked.question.no == "Ya, tukar keduanya"
    done = ws.answer(asked, keep=False)
    assert (done.texts[WEIGHT], done.texts[LENGTH], done.question) == ("11,3", "86,8", None)
    assert ws.confirmed_of(done) == (), "nothing wrong was confirmed in the end"


def test_an_untouched_form_leaves_no_draft():
    assert ws.fields_of(start()) == {}
    assert ws.fields_of(ws.with_date(start(), date(2026, 11, 22))) == {}
    assert start().untouched


@pytest.mark.parametrize(
    "draft",
    [
        {"weight_g": "x" * 5000},
        {"date": "yesterday", "weight_g": "8,4"},
        {"date": "9999-99-99"},
        {"position": "upside down", "oedema": "9", "weight_g": "8,4"},
        {"someone": "else", "oedema": "²"},
    ],
)
def test_a_damaged_draft_is_read_as_far_as_it_can_be(draft):
    state = start(draft=draft)
    assert state.oedema == 0
    assert state.on == TODAY
    assert state.texts.get(WEIGHT, "") == draft.get("weight_g", "")


def test_a_child_without_birth_date_and_sex_can_be_weighed():
    unknown = replace(GIRL, birth_date=None, sex=None)
    state = ws.ask_save(fill(start(unknown, ()), weight_g="11,3", length_mm="86,6"))
    assert state.phase == "saving"
    assert ws.findings(state, WEIGHT) == ()


def test_the_next_child_is_the_next_in_the_list_who_is_not_done():
    order = ("a", "b", "c", "d")
    assert ws.next_child(order, "a", frozenset()) == "b"
    assert ws.next_child(order, "a", frozenset("bc")) == "d"
    assert ws.next_child(order, "c", frozenset("cd")) == "a"
    assert ws.next_child(order, "a", frozenset("abcd")) is None
    assert ws.next_child(order, "a", frozenset("bcd")) is None
    assert ws.next_child(order, "elsewhere", frozenset("a")) == "b"
    assert ws.next_child((), "a", frozenset()) is None


def test_another_laptops_change_keeps_what_is_typed():
    state = fill(start(), weight_g="11,3")
    later = replace(BEFORE, id="m2", date=date(2026, 11, 2), weight_g=11200)
    renewed = ws.refreshed(state, replace(GIRL, name="Siti Aminah"), (BEFORE, later))
    assert renewed.texts == state.texts
    assert renewed.child.name == "Siti Aminah"
    assert renewed.preview is not None
    assert renewed.preview.assessed.record is not None
    assert renewed.preview.assessed.record.gain_g == 300, "compared with last month, not with this one"


EVENTS = st.one_of(
    st.tuples(
        st.just(ws.typed),
        st.sampled_from(TYPED),
        st.text(max_size=70) | st.from_regex(r"\d{1,3},\d", fullmatch=True),
    ),
    st.tuples(st.just(ws.entered), st.sampled_from(ORDER)),
    st.tuples(st.just(ws.left), st.sampled_from(TYPED), st.sampled_from(ORDER)),
    st.tuples(st.just(ws.oedema_chosen), st.integers(0, 3)),
    st.tuples(st.just(ws.position_turned)),
    st.tuples(st.just(ws.date_entered), st.text(max_size=45) | st.dates().map(str)),
    st.tuples(st.just(ws.answer), st.booleans()),
    st.tuples(st.just(ws.ask_save)),
)


@given(st.lists(EVENTS, max_size=12))
def test_whatever_is_typed_a_save_holds_only_what_can_be_read(events):
    state = start()
    for event, *arguments in events:
        if state.phase == "saving":
            break
        state = event(state, *arguments)
        assert state.focus in (*ORDER, QUESTION, "date")
        if state.focus == QUESTION:
            assert state.question is not None
    if state.phase == "saving":
        draft = ws.draft_of(state)
        assert not state.errors or set(state.errors) <= {"date"}
        assert (
            any(
                value is not None for value in (draft.weight_g, draft.length_mm, draft.muac_mm, draft.head_mm)
            )
            or draft.oedema
        )
        assert {question.code for question in state.preview.questions} == set(ws.confirmed_of(state))


def test_what_is_taken_back_joins_what_waits_of_the_same_day_and_never_of_another():
    taken_back = {DATE: "2026-11-23", WEIGHT: "10,1", LENGTH: "77,2"}
    assert ws.with_taken_back(None, taken_back) == taken_back
    assert ws.with_taken_back({}, taken_back) == taken_back
    typed = {DATE: "2026-11-23", WEIGHT: "10,4", MUAC: "14,2"}
    joined = {DATE: "2026-11-23", WEIGHT: "10,4", LENGTH: "77,2", MUAC: "14,2"}
    assert ws.with_taken_back(typed, taken_back) == joined
    another = {**typed, DATE: "2026-11-20"}
    assert ws.with_taken_back(another, taken_back) == another

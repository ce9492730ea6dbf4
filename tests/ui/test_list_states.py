"""Roster, midwife's list and registration, without Qt."""

from datetime import date

import pytest

from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.risk import Risk, Tone
from posyandu_app.services.views import RosterRow
from posyandu_app.ui.screens import register_state as reg
from posyandu_app.ui.screens import roster_state as ros
from posyandu_app.ui.screens.register_state import RegisterState
from posyandu_app.ui.screens.roster_state import RosterState, Show

TODAY = date(2026, 11, 23)


def child(name: str) -> Child:
    return Child(name, "32.11.13.2005.001", name, Sex.MALE, date(2025, 1, 1))


def row(name: str, done: bool = False, tone: Tone = Tone.BELUM_DIUKUR) -> RosterRow:
    return RosterRow(child(name), 22, None, None, done, False, Risk(tone, (), None, None, None))


ROWS = (row("a"), row("b", done=True), row("c"))


def test_the_roster_begins_with_those_who_wait():
    state = ros.found(RosterState(), "", ROWS)
    assert [r.child.id for r in state.visible] == ["a", "c"]
    assert (state.done, state.order, state.chosen) == (1, ("a", "b", "c"), "a")


def test_a_search_looks_everywhere_whatever_the_filter_says():
    state = ros.found(ros.searched(ros.found(RosterState(), "", ROWS), "b"), "b", (ROWS[1],))
    assert [r.child.id for r in state.visible] == ["b"]
    assert state.chosen == "b"
    assert state.order == ("a", "b", "c"), "the order of weighing is that of the whole roster"


def test_an_answer_is_fresh_only_for_what_is_searched_now():
    state = ros.searched(ros.found(RosterState(), "", ROWS), "b")
    assert not state.fresh
    assert ros.found(state, "b", ()).fresh
    assert ros.found(state, "b", ()).chosen == ""


def test_moving_stops_at_the_ends():
    state = ros.found(RosterState(), "", ROWS)
    assert ros.moved(state, 99).chosen == "c"
    assert ros.moved(state, -1).chosen == "a"
    assert ros.moved(ros.found(RosterState(), "", ()), 1).chosen == ""


def test_filters_turn_and_keep_a_choice_that_is_still_there():
    state = ros.next_filter(ros.found(RosterState(), "", ROWS))
    assert (state.show, [r.child.id for r in state.visible], state.chosen) == (Show.DONE, ["b"], "b")
    state = ros.next_filter(state)
    assert (state.show, state.chosen) == (Show.ALL, "b")
    assert ros.next_filter(state).show == Show.WAITING


def new() -> RegisterState:
    state = reg.scope_known(RegisterState(today=TODAY), "32.11.13.2005.001", False)
    for name, text in ((reg.NAME, "Siti"), (reg.BIRTH, "17 agt 25"), (reg.MOTHER, "Aminah")):
        state = reg.entered(reg.typed(state, name, text), name)
    return reg.chosen(state, reg.SEX, Sex.FEMALE)


def test_a_child_is_registered_with_the_date_as_it_was_understood():
    state = new()
    assert state.texts[reg.BIRTH] == "17/08/2025"
    saving = reg.ask_save(state)
    assert saving.phase == "saving"
    known = reg.input_of(saving)
    assert (known.name, known.sex, known.birth_date, known.nik) == (
        "Siti",
        Sex.FEMALE,
        date(2025, 8, 17),
        None,
    )


def test_what_is_missing_is_named_and_the_first_gets_the_keyboard():
    state = reg.ask_save(RegisterState(today=TODAY))
    assert set(state.errors) == {reg.NAME, reg.SEX, reg.BIRTH}
    assert state.focus == reg.NAME
    several = reg.ask_save(reg.scope_known(RegisterState(today=TODAY), "32.11.13.2005", True))
    assert (reg.POSYANDU in several.errors, several.focus) == (True, reg.POSYANDU)


@pytest.mark.parametrize("text", ["24/11/2026", "1/1/2001", "31/2/2026", "kemarin", "😀", "1" * 60])
def test_a_birth_date_that_cannot_be_keeps_what_was_typed(text):
    state = reg.entered(reg.typed(new(), reg.BIRTH, text), reg.BIRTH)
    assert state.errors[reg.BIRTH]
    assert (state.texts[reg.BIRTH], state.focus) == (text, reg.BIRTH)
    assert reg.ask_save(state).phase == "entering"


def test_a_nik_may_follow_but_half_of_one_is_not_taken():
    assert reg.input_of(reg.typed(new(), reg.NIK, "Menyusul")).nik is None
    assert reg.ask_save(reg.typed(new(), reg.NIK, "menyusul")).phase == "saving"
    half = reg.entered(reg.typed(new(), reg.NIK, "3211"), reg.NIK)
    assert "16" in half.errors[reg.NIK]
    assert reg.ask_save(half).focus == reg.NIK


def test_a_nik_of_somebody_else_is_a_warning_and_never_forbids():
    state = reg.entered(reg.typed(new(), reg.NIK, "3211131708240001"), reg.NIK)
    assert state.notes[reg.NIK]
    assert state.errors == {}
    assert reg.ask_save(state).phase == "saving"
    mended = reg.entered(reg.typed(state, reg.NIK, "3211135708250001"), reg.NIK)
    assert mended.notes == {}


def test_a_refusal_stands_at_its_field_and_nothing_is_lost():
    saving = reg.ask_save(new())
    refused = reg.refused(saving, reg.PHONE, "Nomor telepon terdiri dari 6 sampai 15 angka.")
    assert (refused.phase, refused.focus, refused.texts) == ("entering", reg.PHONE, saving.texts)
    assert reg.refused(saving, "", "Laptop penuh.").message == "Laptop penuh."

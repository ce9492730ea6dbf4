"""First start, without Qt."""

from posyandu_app.domain.model import Role
from posyandu_app.ui.screens import first_run_state as fs
from posyandu_app.ui.screens.first_run_state import FirstRunState, Step, Way


def place() -> FirstRunState:
    state = fs.place_chosen(FirstRunState(Step.PLACE), "kabupaten", "32.11")
    state = fs.place_chosen(state, "kecamatan", "32.11.13")
    state = fs.place_chosen(state, "village", "32.11.13.2005")
    return fs.typed(state, "posyandu_name", " Melati 1 ")


def person() -> FirstRunState:
    state = fs.forward(place())
    for name, text in (("user_name", "Siti Rahma"), ("password", "melati satu"), ("repeated", "melati satu")):
        state = fs.typed(state, name, text)
    return state


def test_every_missing_place_is_named_at_once():
    state = fs.forward(FirstRunState(Step.PLACE))
    assert state.step == Step.PLACE
    assert set(state.errors) == {"kabupaten", "kecamatan", "village", "posyandu_name"}


def test_choosing_another_kabupaten_forgets_what_lay_in_the_old_one():
    state = fs.place_chosen(place(), "kabupaten", "32.04")
    assert (state.kecamatan, state.village) == ("", "")
    assert set(fs.forward(state).errors) == {"kecamatan", "village"}


def test_the_way_to_setting_up_and_back_loses_nothing():
    state = person()
    assert fs.forward(fs.back(state)).step == Step.PERSON
    last = fs.forward(state)
    assert (last.step, last.busy, last.steps_done + 1, last.steps) == (Step.LIST, False, 5, 5)
    assert fs.back(last).texts == state.texts
    done = fs.forward(last)
    assert done.busy
    assert fs.list_chosen(done, True) == done, "too late"
    setup = fs.setup_of(done, lambda village: f"{village}.417")
    assert (setup.scope, setup.posyandu_name, setup.user_name, setup.label, setup.role, setup.password) == (
        "32.11.13.2005.417",
        "Melati 1",
        "Siti Rahma",
        "Siti Rahma",
        Role.KADER,
        "melati satu",
    )
    assert fs.forward(done) == done, "only once"


def test_a_midwife_works_in_the_whole_village():
    assert fs.setup_of(fs.role_chosen(person(), Role.BIDAN)).scope == "32.11.13.2005"


def test_a_short_password_and_two_different_ones_are_told():
    assert set(fs.forward(fs.typed(person(), "password", "pendek")).errors) == {"password"}
    assert set(fs.forward(fs.typed(person(), "repeated", "melati dua")).errors) == {"repeated"}
    assert set(fs.forward(fs.typed(person(), "user_name", "  ")).errors) == {"user_name"}


def test_what_the_services_refuse_stands_at_its_field_or_below_all():
    busy = fs.forward(fs.forward(person()))
    assert busy.busy
    at_field = fs.refused(busy, "posyandu_name", "Terlalu panjang.")
    assert (at_field.step, dict(at_field.errors)) == (Step.PLACE, {"posyandu_name": "Terlalu panjang."})
    below = fs.refused(busy, "", "Laptop penuh.")
    assert (below.busy, below.message, dict(below.errors)) == (False, "Laptop penuh.", {})
    assert below.texts == busy.texts


def test_joining_asks_who_then_the_code_and_takes_the_place_from_the_dinas():
    state = fs.way_chosen(fs.forward(FirstRunState()), Way.JOIN)
    state = fs.forward(state)
    assert (state.step, state.steps) == (Step.PERSON, 4)
    for name, text in (("user_name", "Siti Rahma"), ("password", "melati satu"), ("repeated", "melati satu")):
        state = fs.typed(state, name, text)
    state = fs.forward(state)
    assert set(fs.forward(state).errors) == {"url", "code", "laptop"}
    for name, text in (("url", "https://dinas.example.id "), ("code", "ABCD"), ("laptop", "Laptop 1")):
        state = fs.typed(state, name, text)
    state = fs.forward(state)
    wanted = fs.joining_of(state)
    assert (wanted.url, wanted.code, wanted.name) == ("https://dinas.example.id", "ABCD", "Laptop 1")
    assert wanted.setup.scope is None


def test_once_the_laptop_has_its_user_only_the_dinas_is_asked_again():
    state = FirstRunState(Step.CODE, Way.JOIN, texts={"url": "u", "code": "c", "laptop": "n"})
    state = fs.prepared(fs.forward(state))
    assert fs.back(state) == state
    assert fs.received(state, 1234).progress == "Mengambil data dari Dinas: 1.234 catatan…"
    state = fs.refused(state, "", "Tidak ada jaringan.")
    assert (state.busy, state.progress, state.message) == (False, "", "Tidak ada jaringan.")
    assert fs.back(state).step == Step.CODE
    assert fs.forward(state).busy


def test_practice_begins_at_once():
    state = fs.forward(fs.way_chosen(fs.forward(FirstRunState()), Way.PRACTICE))
    assert state.busy
    assert fs.way_chosen(state, Way.NEW).way == Way.PRACTICE

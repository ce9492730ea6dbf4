import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import card_codes

CHILD = "0199a6b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b"
CODE = card_codes.code_of(CHILD)


@given(st.uuids())
def test_every_id_comes_back_from_its_code(some):
    code = card_codes.code_of(str(some))
    assert card_codes.child_of(code) == str(some)
    assert code.isascii()
    assert code.isalnum()
    assert code == code.upper(), "alphanumeric QR, the same on every keyboard layout"


def test_caps_lock_spaces_and_the_printed_groups_change_nothing():
    assert card_codes.child_of(CODE.lower()) == CHILD
    assert card_codes.child_of(f"  {card_codes.grouped(CODE)}\r") == CHILD
    assert card_codes.child_of(card_codes.grouped(CODE).replace(" ", "-")) == CHILD


def test_letters_that_people_read_for_figures_are_understood():
    assert card_codes.child_of(CODE[:3] + CODE[3:].replace("0", "O").replace("1", "l")) == CHILD


@given(st.integers(3, 29), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_sign_never_opens_another_child(place, sign):
    wrong = CODE[:place] + sign + CODE[place + 1 :]
    assert card_codes.child_of(wrong) == (CHILD if wrong == CODE else None)


@given(st.integers(3, 28))
def test_two_signs_swapped_never_open_another_child(place):
    wrong = CODE[:place] + CODE[place + 1] + CODE[place] + CODE[place + 2 :]
    assert card_codes.child_of(wrong) == (CHILD if wrong == CODE else None)


@pytest.mark.parametrize("text", ["", "PSY", "Siti Aminah", "3211132005120001", CODE[:-1], CODE + "A", CHILD])
def test_what_is_no_code_opens_nobody(text):
    assert card_codes.child_of(text) is None


def test_a_name_is_not_taken_for_a_card():
    assert not card_codes.looks_like_code("Psyche Amalia Nurhaliza Rahmawati")
    assert not card_codes.looks_like_code("3211132005120001")
    assert card_codes.looks_like_code(CODE[:-2]), "a torn card is not searched for as a name"


def test_an_id_that_is_no_uuid_has_no_card():
    with pytest.raises(ValueError):
        card_codes.code_of("anak-1")


def test_a_code_beyond_the_ids_is_none():
    largest = card_codes.code_of(str(uuid.UUID(int=(1 << 128) - 1)))
    assert card_codes.child_of(largest) == "ffffffff-ffff-ffff-ffff-ffffffffffff"
    assert largest[3] == "7", "26 signs hold two bits more than an id"
    assert card_codes.child_of("PSY" + "Z" * 27) is None

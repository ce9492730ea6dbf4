"""Areas contain each other by whole parts of the path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.scopes import all_ancestors, ancestors, is_leaf, is_scope, within

part = st.integers(0, 9999).map(str)
scope = st.lists(part, min_size=1, max_size=5).map(".".join)


@pytest.mark.parametrize(
    ("inner", "area", "holds"),
    [
        ("32.11.13.2005.001", "32.11.13.2005.001", True),
        ("32.11.13.2005.001", "32.11", True),
        ("32.11", "32.11.13", False),
        ("32.11", "32.1", False),
        ("32.1", "32.11", False),
        ("32.11.13.2005.0010", "32.11.13.2005.001", False),
        ("132.11", "32.11", False),
    ],
)
def test_an_area_holds_what_lies_in_it(inner, area, holds):
    assert within(inner, area) is holds


@given(scope, st.lists(part, max_size=3))
def test_what_is_longer_by_whole_parts_lies_inside(area, more):
    inner = ".".join([area, *more])
    assert within(inner, area)
    assert area in ancestors(inner)


@given(scope, st.text("0123456789", min_size=1, max_size=3))
def test_a_longer_last_part_is_another_area(area, digits):
    assert not within(area + digits, area)


@given(scope, scope)
def test_an_area_is_an_ancestor_exactly_when_it_holds(inner, area):
    assert (area in ancestors(inner)) is within(inner, area)


@given(st.frozensets(scope, max_size=4))
def test_each_area_above_several_scopes_is_named_once(scopes):
    areas = all_ancestors(scopes)
    assert areas == frozenset().union([""], *(ancestors(item) for item in scopes))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "32.",
        "32.11.13.2005.001.1",
        ".32",
        "32..11",
        "32.11 ",
        "a",
        "32.11\n",
        "٣٢.١١",
        "-1",
        "1" * 11,
        ".".join("1" * 9),
    ],
)
def test_what_is_no_path_of_digits_is_no_scope(text):
    assert not is_scope(text)


def test_a_posyandu_is_a_leaf_and_a_village_is_not():
    assert is_leaf("32.11.13.2005.001")
    assert not is_leaf("32.11.13.2005")

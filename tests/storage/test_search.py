"""Found as typed: any part of a name or NIK, in any spelling, whatever else is typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.storage import children, log
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import NewOperation
from tests.storage.made_up import KEY, SCOPE, child, clock

PEOPLE = {
    "siti": ("Siti Aminah", "Rohmah", "3211136311250001"),
    "joko": ("Djoko Soesilo", "Noer Aini", None),
    "nur": ("Nurhayati", "Qomariah", "3211130101250002"),
    "me": ("Ahmad Jaya", "Éuis", None),
    "al": ("Al", "Iis", None),
}


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    database = Database.create(tmp_path_factory.mktemp("search") / "x.db", KEY)
    for entity, (name, mother, nik) in PEOPLE.items():
        fields = {"mother_name": mother} | ({"nik": nik} if nik else {})
        log.append(database, [child(name, entity=entity, **fields)], actor="u", clock=clock())
    yield database
    database.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("siti", {"siti"}),
        ("SITI", {"siti"}),
        ("minah", {"siti"}),
        ("aminah siti", {"siti"}),
        ("rohmah", {"siti"}),
        ("siti rohmah", {"siti"}),
        ("siti budi", set()),
        ("joko", {"joko"}),
        ("djoko", {"joko"}),
        ("susilo", {"joko"}),
        ("soesilo", {"joko"}),
        ("nuraini", {"joko"}),
        ("nur aini", {"joko"}),
        ("nur", {"joko", "nur"}),
        ("nur hayati", {"nur"}),
        ("komariah", {"nur"}),
        ("ahmadjaya", set()),
        ("ahmad jaya", {"me"}),
        ("jaya", {"me"}),
        ("euis", {"me"}),
        ("3211136311250001", {"siti"}),
        ("321113", {"siti", "nur"}),
        ("250002", {"nur"}),
        ("al", {"al"}),
        ("is", {"al", "me"}),
        ("s", {"siti", "joko", "al", "me"}),
        ("zz", set()),
        ("", set()),
        ("   ", set()),
        ("--", set()),
    ],
)
def test_what_is_typed_finds(full, query, found):
    assert set(children.search(full, query, 100)) == found


@pytest.mark.parametrize(
    "query", ['"', "'; DROP TABLE child; --", "a* OR b", "NEAR(", "%", "_", "\x00", "ñ" * 5000, "a " * 5000]
)
def test_no_query_harms(full, query):
    children.search(full, query, 100)
    assert set(children.search(full, "siti", 100)) == {"siti"}


@given(query=st.text(max_size=30))
@settings(deadline=None)
def test_any_text_may_be_typed(full, query):
    children.search(full, query, 100)


@given(data=st.data())
@settings(deadline=None)
def test_every_part_of_three_letters_of_a_plain_name_finds_it(full, data):
    name = "Siti Aminah"
    word = data.draw(st.sampled_from(name.split()))
    start = data.draw(st.integers(0, len(word) - 3))
    end = data.draw(st.integers(start + 3, len(word)))
    assert "siti" in children.search(full, word[start:end], 100)


def test_a_changed_name_is_found_and_the_old_one_no_more(database, clock):
    baby = child("Budi")
    log.append(database, [baby], actor="u", clock=clock)
    new = NewOperation(
        "child.set", baby.entity, SCOPE, {"name": {"v": "Dewi", "base": [database.replica, 1]}}
    )
    log.append(database, [new], actor="u", clock=clock)
    assert children.search(database, "dewi", 10) == [baby.entity]
    assert children.search(database, "budi", 10) == []


def test_no_more_than_asked_for(database, clock):
    log.append(database, [child(f"Siti {n}") for n in range(30)], actor="u", clock=clock)
    assert len(children.search(database, "siti", 10)) == 10
    assert len(children.search(database, "si", 10)) == 10

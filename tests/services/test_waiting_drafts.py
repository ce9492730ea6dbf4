"""Two tables on one laptop: who waits half-entered, since when, and handing over."""

from datetime import timedelta

import pytest

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role
from posyandu_app.services import accounts, drafts, registration
from posyandu_app.services.workspace import Workspace
from tests.services.conftest import siti


@pytest.fixture
def second(ws):
    """Another kader of this laptop at the keyboard."""
    user = accounts.add_user(ws, "Wati", "Wati Sumiati", Role.KADER, "kenanga456", cheap=True)
    return Workspace(ws.database, user, ws.rules, ws.clock, ws.folder)


@pytest.fixture
def bayu(ws):
    return next(iter(registration.register(ws, siti(name="Bayu")).entities))


def test_nobody_waits_at_first(ws):
    assert drafts.waiting(ws) == ()


def test_the_longest_waiting_stands_first_with_who_and_when(ws, second, child_id, bayu):
    drafts.save(ws, child_id, {"weight": "8,4"})
    ws.clock.move(timedelta(minutes=4))
    drafts.save(second, bayu, {"weight": "9"})
    found = drafts.waiting(ws)
    assert [(item.child.name, item.user_name, item.own) for item in found] == [
        ("Siti Aminah", "Sari Dewi", True),
        ("Bayu", "Wati Sumiati", False),
    ]
    assert found[0].since.isoformat() == "2026-11-23T09:12:44+07:00"
    assert found[1].since - found[0].since == timedelta(minutes=4)
    assert [item.own for item in drafts.waiting(second)] == [False, True]


def test_the_next_table_goes_on_with_what_was_typed(ws, second, child_id):
    drafts.save(ws, child_id, {"weight": "8,4"})
    assert drafts.take(second, child_id, ws.user.id) == {"weight": "8,4"}
    assert drafts.load(second, child_id) == {"weight": "8,4"}
    assert drafts.load(ws, child_id) is None
    assert [(item.user_name, item.own) for item in drafts.waiting(second)] == [("Wati Sumiati", True)]


def test_taking_ones_own_changes_nothing(ws, child_id):
    drafts.save(ws, child_id, {"weight": "8,4"})
    assert drafts.take(ws, child_id, ws.user.id) == {"weight": "8,4"}
    assert drafts.load(ws, child_id) == {"weight": "8,4"}


def test_nothing_typed_is_overwritten(ws, second, child_id):
    drafts.save(ws, child_id, {"weight": "8,4"})
    drafts.save(second, child_id, {"length": "71"})
    with pytest.raises(UserError) as told:
        drafts.take(second, child_id, ws.user.id)
    assert told.value.code == "own_draft"
    assert drafts.load(ws, child_id) == {"weight": "8,4"}
    assert drafts.load(second, child_id) == {"length": "71"}


def test_what_waits_no_more_says_so(ws, second, child_id):
    with pytest.raises(UserError) as told:
        drafts.take(second, child_id, ws.user.id)
    assert told.value.code == "no_draft"


def test_a_form_of_no_child_waits_for_nobody_else(ws):
    drafts.save(ws, "baru", {"name": "Siti"})
    assert drafts.waiting(ws) == ()
    assert drafts.load(ws, "baru") == {"name": "Siti"}

"""What other rules would say of children is what they say when they are in force."""

from datetime import UTC, date, datetime

import pytest

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.rules import default_rules, load, shipped_text
from posyandu_app.services.assessing import compared, status_of
from posyandu_app.services.roster import registered_children
from posyandu_app.services.views import User
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import NewOperation
from tests import generator

DINAS = User("11111111-1111-4111-8111-111111111111", "Rina", Role.DINAS)
CLOCK = FixedClock(datetime(2026, 11, 25, 9, tzinfo=UTC))
CHANGES = (
    ("refer_after_t = 2", "refer_after_t = 1"),
    ('"12-60" = 200', '"12-60" = 350'),
    ("months = [2, 8]\nblue_iu", "months = [3, 9]\nblue_iu"),
    ("z_drop_sd = 0.67", "z_drop_sd = 0.40"),
    ("wfa_below_sd = -2.00", "wfa_below_sd = -1.50"),
    ("red_line_sd = -3.00", "red_line_sd = -2.50"),
    ("tb_symptoms = 2", "tb_symptoms = 1"),
)


def changed(*changes):
    text = shipped_text()
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return load(text)


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    """Two posyandu with doses given and refused, cards, a girl with two records, and one moved away."""
    world = generator.make(children=120, months=9, posyandu=2, seed=11)
    made = Database.create(tmp_path_factory.mktemp("district") / "posyandu.db", bytes(32))
    generator.store(world, made)
    with made.atomic():
        made.set_meta("scope", world.scopes[0][:5])
        log.append(made, list(written_down(world.children)), actor=DINAS.id, clock=CLOCK)
    yield made
    made.close()


def written_down(children):
    def about(child, kind, number, **values):
        entity = f"{kind.split('.')[0]}-{child.id}-{number}"
        return NewOperation(kind, entity, child.scope, {"child": child.id, **values})

    for place, child in enumerate(children):
        if place % 3 == 0:
            dose = {"date": "2026-08-12", "what": "vitamin_a", "state": "diberikan"}
            yield about(child, "dose.record", 1, **dose)
        if place % 4 == 0:
            state = "menolak" if place % 8 else "diberikan"
            yield about(
                child, "dose.record", 2, date="2026-10-12", what="imunisasi", antigen="mr1", state=state
            )
        if place % 5 == 0:
            signs = ["kejang"] if place % 10 else []
            yield about(
                child, "visit.record", 1, date="2026-11-20", tb_symptoms=["batuk"], danger_signs=signs
            )
    one, other = children[3], children[4]
    yield NewOperation("person.link", one.id, one.scope, {"other": other.id, "reason": ""})


@pytest.mark.parametrize("changes", [*((change,) for change in CHANGES), CHANGES, ()])
def test_both_sides_are_what_each_version_says(district, changes):
    rules = changed(*changes)
    now, then = (Workspace(district, DINAS, by, CLOCK) for by in (default_rules(), rules))
    children = registered_children(now)
    assert len(children) == 119
    for on in (None, date(2026, 9, 30)):
        found = compared(now, children, rules, on)
        assert [before for before, _ in found] == status_of(now, children, on)
        assert [after for _, after in found] == status_of(then, children, on)
        assert not changes or [a.risk for a, _ in found] != [b.risk for _, b in found] or on


def test_the_children_compared_are_of_every_kind(district):
    now = Workspace(district, DINAS, default_rules(), CLOCK)
    statuses = status_of(now, registered_children(now))
    risks = [status.risk for status in statuses]
    codes = {reason.code for risk in risks for reason in (*risk.reasons, *risk.older_reasons)}
    assert {risk.tone for risk in risks} >= {Tone.RUJUK_SEGERA, Tone.RUJUK, Tone.WASPADA}
    assert codes >= {"danger_sign", "vitamin_a", "two_t", "first_t", "z_drop", "stunting"}


def test_nothing_is_remembered(district):
    ws = Workspace(district, DINAS, default_rules(), CLOCK)
    children = registered_children(ws)
    before = dict(ws.cache)
    compared(ws, children, changed(*CHANGES))
    assert ws.cache == before

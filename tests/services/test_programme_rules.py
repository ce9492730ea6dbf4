"""The Dinas publishes programme rules: effect seen first, in force everywhere, taken back, stamped."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.rules import default_rules, shipped_text
from posyandu_app.services import accounts, programme_rules, registration, review, weighing
from posyandu_app.services.undoing import undo
from posyandu_app.storage import log
from tests.services.conftest import PASSWORD, siti
from tests.storage.made_up import clock


def text(version: str = "sumedang-1", old: str = "refer_after_t = 2", new: str = "refer_after_t = 1") -> str:
    assert shipped_text().count(old) == 1
    return shipped_text().replace('version = "2026.1"', f'version = "{version}"').replace(old, new)


@pytest.fixture
def dinas(as_role):
    return as_role(Role.DINAS)


@pytest.fixture
def first_t(ws, child_id):
    """A girl of one year who gained 100 g in the last month: T for the first time."""
    weights = {date(2026, 9, 23): 8_300, date(2026, 10, 22): 8_700, date(2026, 11, 22): 8_800}
    for place, (day, weight) in enumerate(weights.items()):
        weighing.record(ws, child_id, Draft(day, weight, 700 + 12 * place, Position.LYING, muac_mm=140))
    return child_id


def test_a_published_version_is_in_force_at_once_and_after_opening_again(ws, dinas, first_t, folder):
    assert [row.risk.tone for row in review.at_risk(ws)] == [Tone.WASPADA]
    programme_rules.publish(dinas, text(), note="Buku KIA 2023")
    assert dinas.rules.version == "sumedang-1"
    assert ws.rules == default_rules(), "the kader's window follows when it is told"
    assert programme_rules.refresh(ws)
    assert (ws.rules.version, ws.rules.refer_after_t) == ("sumedang-1", 1)
    assert [row.risk.tone for row in review.at_risk(ws)] == [Tone.RUJUK]
    assert not programme_rules.refresh(ws), "nothing new"
    again = accounts.unlock(folder, "Sari", PASSWORD, clock())
    assert again.rules.version == "sumedang-1"
    again.close()


def test_taking_a_version_back_by_name_and_giving_it_back(dinas):
    published = programme_rules.publish(dinas, text())
    assert published.undo.label == "Aturan diterbitkan: sumedang-1"
    back = undo(dinas, published.undo)
    assert (dinas.rules.version, back.undo.label) == ("2026.1", "Diurungkan: sumedang-1")
    again = undo(dinas, back.undo)
    assert dinas.rules.version == "sumedang-1"
    assert undo(dinas, again.undo).kinds == {"rules"}
    assert dinas.rules.version == "2026.1"


def test_withdrawing_lets_the_version_before_hold_again(dinas):
    programme_rules.publish(dinas, text("satu"))
    programme_rules.publish(dinas, text("dua", "gizi_buruk = 7", "gizi_buruk = 5"))
    newest, oldest = programme_rules.versions(dinas)
    assert (newest.number, newest.by, newest.rules.version, oldest.number) == (2, "Rina", "dua", 1)
    withdrawn = programme_rules.withdraw(dinas, newest.id)
    assert (dinas.rules.version, dinas.rules.refer_after_t) == ("satu", 1)
    with pytest.raises(UserError):
        programme_rules.withdraw(dinas, newest.id)
    undo(dinas, withdrawn.undo)
    assert dinas.rules.version == "dua"
    with pytest.raises(UserError):
        programme_rules.withdraw(dinas, "tidak-ada")


def test_a_version_may_hold_from_a_later_day(dinas):
    programme_rules.publish(dinas, text(), holds_from=date(2026, 12, 1))
    assert dinas.rules.version == "2026.1"
    dinas.clock.move(timedelta(days=8))
    assert programme_rules.refresh(dinas)
    assert dinas.rules.version == "sumedang-1"
    for day in (date(2026, 11, 30), date(2028, 1, 1)):
        with pytest.raises(InvalidValue) as caught:
            programme_rules.publish(dinas, text("lain"), holds_from=day)
        assert caught.value.field == "holds_from"


@pytest.mark.parametrize("role", [Role.KADER, Role.BIDAN, Role.TPG])
def test_only_the_dinas_publishes_and_withdraws(as_role, dinas, role):
    other = as_role(role)
    published = programme_rules.publish(dinas, text())
    before = log.tip(dinas.database)
    with pytest.raises(NotAllowed):
        programme_rules.publish(other, text("lain"))
    with pytest.raises(NotAllowed):
        programme_rules.withdraw(other, programme_rules.versions(other)[0].id)
    with pytest.raises(NotAllowed):
        undo(other, published.undo)
    assert log.tip(dinas.database) == before


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (text(new="refer_after_t = 3"), r"kms\.refer_after_t"),
        ("", "format"),
        ("x" * 300_000, "terlalu besar"),
        ("[", "tidak terbaca"),
        (shipped_text(), "2026.1"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_saved(dinas, wrong, named):
    before = log.tip(dinas.database)
    with pytest.raises(UserError, match=named):
        programme_rules.publish(dinas, wrong)
    assert log.tip(dinas.database) == before
    assert dinas.rules == default_rules()


def test_the_effect_is_shown_before_anything_is_saved(ws, dinas, first_t):
    registration.register(ws, siti(name="Budi", mother_name="Lilis"))
    before = log.tip(ws.database)
    seen: list[tuple[int, int]] = []
    effect = programme_rules.preview(dinas, text(), progress=lambda done, of: seen.append((done, of)))
    assert (effect.version, effect.children, seen) == ("sumedang-1", 2, [(2, 2)])
    assert [(d.key, d.before, d.after) for d in effect.differences] == [
        ("version", "2026.1", "sumedang-1"),
        ("kms.refer_after_t", "2", "1"),
    ]
    (row,) = effect.affected
    assert (row.child.id, row.posyandu, row.before, row.after) == (
        first_t,
        "Melati 1",
        Tone.WASPADA,
        Tone.RUJUK,
    )
    assert (row.letter_before, row.letter_after) == ("T", "T")
    assert dict(effect.tones_before) == {Tone.WASPADA: 1, Tone.BELUM_DIUKUR: 1}
    assert dict(effect.tones_after) == {Tone.RUJUK: 1, Tone.BELUM_DIUKUR: 1}
    assert (log.tip(ws.database), dinas.rules) == (before, default_rules())


def test_a_smaller_minimum_gain_turns_letters(ws, dinas, first_t):
    girls = shipped_text().index("[kms.kbm_girls_g]")
    softer = shipped_text()[:girls] + shipped_text()[girls:].replace('"11-60" = 200', '"11-60" = 100')
    effect = programme_rules.preview(dinas, softer.replace('"2026.1"', '"lunak"'))
    (row,) = effect.affected
    assert (row.letter_before, row.letter_after, row.after) == ("T", "N", Tone.BAIK)


def test_the_effect_asks_within_the_own_area_only(dinas, first_t):
    assert programme_rules.preview(dinas, text(), scope="32.11.13.2005.001").children == 1
    assert programme_rules.preview(dinas, text(), scope="32.11.13.2005.002").children == 0


def test_what_arrives_broken_leaves_the_shipped_rules_in_force(ws, dinas):
    new = log.NewOperation(
        "rules.register",
        "0199a3c2-0000-7000-8000-000000000001",
        "32.11.13.2005.001",
        {
            "number": {"v": 9, "base": None},
            "text": {"v": "bukan aturan", "base": None},
            "from": {"v": "2026-01-01", "base": None},
        },
    )
    log.append(ws.database, [new], actor="jauh", clock=ws.clock)
    programme_rules.refresh(ws)
    assert ws.rules == default_rules()
    assert programme_rules.content(ws) == shipped_text()
    programme_rules.publish(dinas, text())
    assert programme_rules.versions(dinas)[0].number == 10
    assert programme_rules.content(dinas) == text()

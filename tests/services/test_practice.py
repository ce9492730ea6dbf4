"""Practice: made-up children beside the real ones, never sent, thrown away without a trace."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role
from posyandu_app.domain.plausibility import questions
from posyandu_app.domain.risk import Tone
from posyandu_app.paths import DataFolder
from posyandu_app.services import (
    accounts,
    consent,
    doses,
    made_up,
    practice,
    recap,
    registration,
    review,
    roster,
    sessions,
    visits,
)
from posyandu_app.services.accounts import Setup
from posyandu_app.services.weighing import draft_of
from posyandu_app.storage import log, measurements, peer
from posyandu_app.storage.peer import Peer
from tests.services.conftest import PASSWORD, siti
from tests.storage.made_up import SCOPE, WIB, clock

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def practised(tmp_path_factory):
    """One practice posyandu for all tests that only look at it."""
    folder = DataFolder(tmp_path_factory.mktemp("laptop"))
    made = practice.start(folder, clock(), cheap=True)
    yield made
    made.close()


@pytest.fixture
def laptop(tmp_path):
    return DataFolder(tmp_path / "laptop")


def server():
    return Peer(
        url="https://dinas.example.id",
        device="0192f3a0-0000-7000-8000-000000000001",
        scope=practice.SCOPE,
        sign_key=bytes(32),
        seal_key=bytes(32),
        epoch=None,
    )


# never meets the Dinas


def test_practice_is_marked_and_cannot_be_enrolled(practised):
    assert practised.practice
    with pytest.raises(UserError) as told:
        peer.enrol(practised.database, server())
    assert told.value.code == "practice"
    assert peer.load(practised.database) is None


def test_its_place_is_nowhere_in_indonesia(practised):
    assert practised.scope == practice.SCOPE
    assert practised.posyandu_name == "Posyandu Latihan"
    assert not practice.SCOPE.startswith(("1", "2", "3", "4", "5", "6", "7", "8"))


def test_real_data_are_not_practice_and_can_be_enrolled(ws):
    assert not ws.practice
    peer.enrol(ws.database, server())
    assert peer.load(ws.database) is not None


# its own folder


def test_practice_and_real_data_know_nothing_of_each_other(laptop):
    real = accounts.set_up(
        laptop, Setup(SCOPE, "Melati 1", "Sari Dewi", "Sari", Role.KADER, PASSWORD), clock(), cheap=True
    )
    registration.register(real, siti())
    assert not practice.exists(laptop)
    play = practice.start(laptop, clock(), cheap=True)
    assert practice.exists(laptop)
    assert "Siti Aminah" in {row.child.name for row in roster.rows(play)}
    assert play.database.path.parent != real.database.path.parent
    assert [row.child.name for row in roster.rows(real)] == ["Siti Aminah"]
    assert accounts.labels(laptop) == ("Sari",)
    play.close()
    practice.discard(laptop)
    assert not practice.exists(laptop)
    assert not (laptop.root / practice.FOLDER).exists()
    assert [row.child.name for row in roster.rows(real)] == ["Siti Aminah"]
    real.close()


def test_practice_goes_on_where_it_was_left(laptop):
    play = practice.start(laptop, clock(), cheap=True)
    registration.register(play, siti(name="Baru Latihan"))
    replica = play.database.replica
    play.close()
    again = practice.start(laptop, clock())
    assert again.database.replica == replica
    assert "Baru Latihan" in {row.child.name for row in roster.rows(again)}
    again.close()


def test_what_a_power_cut_left_unfinished_is_made_anew(laptop, monkeypatch):
    def cut(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(made_up, "fill", cut)
    with pytest.raises(KeyboardInterrupt):
        practice.start(laptop, clock(), cheap=True)
    monkeypatch.undo()
    assert practice.exists(laptop)
    play = practice.start(laptop, clock(), cheap=True)
    assert len(roster.rows(play)) == 36
    play.close()


def test_one_practises_as_a_midwife_too(laptop):
    play = practice.start(laptop, clock(), role=Role.BIDAN, cheap=True)
    assert (play.user.role, play.user.name) == (Role.BIDAN, "Bidan Latihan")
    play.close()


def test_throwing_away_what_is_not_there_does_nothing(laptop):
    practice.discard(laptop)
    assert not laptop.root.exists()


def test_throwing_away_never_follows_a_link_out_of_the_folder(laptop, tmp_path):
    precious = tmp_path / "penting"
    precious.mkdir()
    (precious / "data.db").write_bytes(b"x")
    laptop.root.mkdir()
    try:
        (laptop.root / practice.FOLDER).symlink_to(precious, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    practice.discard(laptop)
    assert (precious / "data.db").exists()
    assert not practice.exists(laptop)


# the made-up children


def facts_of(ws):
    """What is the same in every practice posyandu of a day: names, births, weights, doses, answers."""
    found = []
    for row in roster.rows(ws):
        weights = [m.weight_g for m in measurements.of_child(ws.database, row.child.id)]
        given = [(d.antigen, d.date, d.state) for d in doses.of_child(ws, row.child.id)]
        found.append((row.child.id, row.child.name, row.child.nik, row.child.birth_date, weights, given))
    return found


def test_the_same_day_and_seed_give_the_same_children(practised, laptop):
    again = practice.start(laptop, clock(), cheap=True)
    assert facts_of(again) == facts_of(practised)
    again.close()


def test_another_seed_gives_others(practised, laptop):
    setup = Setup(practice.SCOPE, "Latihan", "Ani", "Ani", Role.KADER, PASSWORD, practice=True)
    other = accounts.set_up(laptop, setup, clock(), cheap=True)
    made_up.fill(other, TODAY, children=20, seed=2)
    assert len(roster.rows(other)) == 20
    assert facts_of(other) != facts_of(practised)[:20]
    other.close()


def test_a_year_of_closed_posyandu_days_lies_behind(practised):
    held = sessions.listed(practised)
    assert [(s.date.year, s.date.month) for s in held] == [
        *((2026, month) for month in range(10, 0, -1)),
        (2025, 12),
        (2025, 11),
    ]
    assert not any(session.is_open for session in held)
    assert log.verify_chain(practised.database) == log.tip(practised.database)[0]


def test_there_is_something_of_everything_to_notice(practised):
    codes = {
        reason.code
        for row in review.at_risk(practised)
        for reason in (*row.risk.reasons, *row.risk.older_reasons)
    }
    assert {
        "two_t",
        "first_t",
        "wasting",
        "stunting",
        "bgm",
        "above_orange",
        "not_seen",
        "missed_after_t",
        "tb_symptoms",
        "development",
        "immunisation",
    } <= codes
    children = [row.child for row in roster.rows(practised)]
    assert any(child.nik is None for child in children)
    assert any(child.kia_held is False for child in children)
    assert 0 < sum(consent.in_force(practised, child.id) is None for child in children) < 3
    ahead = recap.before(practised, TODAY)
    assert ahead.graduates
    assert ahead.needs
    assert any(row.milestones for row in ahead.expected)
    assert any(row.absent_last for row in ahead.expected)
    refused = [d for c in children for d in doses.of_child(practised, c.id) if d.state == "menolak"]
    assert refused


def test_most_children_are_plain(practised):
    """A list on which everybody stands teaches nothing."""
    tones = Counter(row.risk.previous or row.risk.tone for row in roster.rows(practised))
    assert tones[Tone.BAIK] >= 12
    assert tones[Tone.RUJUK_SEGERA] <= 2


def test_no_made_up_value_is_one_that_the_app_would_ask_about(practised):
    asked = []
    for row in roster.rows(practised):
        history = measurements.of_child(practised.database, row.child.id)
        for place, item in enumerate(history):
            found = questions(row.child, history[:place], draft_of(item), practised.rules)
            asked += [(row.child.name, item.date, q.code) for q in found if q.code != "same_as_last_month"]
    assert asked == []


def test_practising_on_any_day_of_the_year_works(tmp_path):
    for number, today in enumerate((date(2024, 2, 29), date(2027, 1, 1), date(2026, 3, 31))):
        now = datetime.combine(today, datetime.min.time(), WIB) + timedelta(hours=9)
        play = practice.start(DataFolder(tmp_path / str(number)), FixedClock(now), cheap=True)
        assert len(roster.rows(play)) == 36
        assert recap.closing(play, today).lines[2].before != "0"
        play.close()


@pytest.mark.parametrize("count", [0, -1, 37])
def test_a_number_of_children_that_cannot_be_is_a_bug(ws, count):
    with pytest.raises(ValueError, match="children"):
        made_up.fill(ws, TODAY, children=count)


def test_the_book_is_copied_at_the_first_visit(practised):
    for row in roster.rows(practised):
        cards = visits.of_child(practised, row.child.id)
        assert not cards or cards[0].book_copied

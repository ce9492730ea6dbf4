"""A row that may mean one of several children is decided by a person, once, for every import of the file."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.eppgbm import EppgbmSheet, parse_row, recognise
from posyandu_app.domain.errors import NotAllowed
from posyandu_app.domain.model import Child, Role, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, importing, registration
from posyandu_app.services.importing import Choice, ImportPlan, Outcome, Question
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.roster import REGISTERED_BY_MISTAKE
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import children, log, measurements
from posyandu_app.storage.log import NewOperation
from tests.eppgbm_files import NEWER, line

POSYANDU = "32.11.13.2005.001"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=7)))
BORN = date(2025, 8, 17)

OTHER_MOTHER = {"NIK": "-", "Nama_Ortu": "- / ROHMAH"}


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """A laptop where Siti of Neng Sumiati is known."""
    setup = accounts.Setup(POSYANDU, "Melati 1", "Neng Ayu", "neng", Role.KADER, "rahasia-sekali")
    ws = accounts.set_up(DataFolder(tmp_path / "laptop"), setup, FixedClock(NOW), cheap=True)
    siti = ChildInput("Siti Aminah", Sex.FEMALE, BORN, mother_name="Neng Sumiati", nik="3211135708250003")
    registration.register(ws, siti)
    yield ws
    ws.close()


def listed(*changes: dict[str, object]) -> EppgbmSheet:
    layout = recognise(NEWER)
    assert layout is not None
    rows = [parse_row(line(NEWER, **change), layout, "Status", at) for at, change in enumerate(changes, 2)]
    return EppgbmSheet(tuple(row for row in rows if row is not None), ("MELATI 1",))


def known(ws: Workspace) -> list[Child]:
    return children.in_scope(ws.database, POSYANDU)


def weighed(ws: Workspace) -> dict[str | None, list[int | None]]:
    """Weights in grams by the mother's name."""
    return {
        child.mother_name: [item.weight_g for item in measurements.of_child(ws.database, child.id)]
        for child in known(ws)
    }


def question(planned: ImportPlan, row: int = 0) -> Question:
    found = planned.rows[row].question
    assert found is not None
    return found


def outcomes(planned: ImportPlan) -> list[tuple[Outcome, str]]:
    return [(row.outcome, row.code) for row in planned.rows]


def test_both_sides_are_told_and_no_printed_plan_names_them(ws):
    asked = question(importing.plan(ws, listed({"NIK": "3211135708250009"})))
    assert (asked.side.name, asked.side.nik, asked.side.rt) == ("Siti Aminah", "3211135708250009", "002")
    (candidate,) = asked.candidates
    assert (candidate.side.name, candidate.side.birth_date) == ("Siti Aminah", BORN)
    assert (candidate.side.mother_name, candidate.side.nik) == ("Neng Sumiati", "3211135708250003")
    assert candidate.child == known(ws)[0].id
    assert (asked.decided, asked.rows) == (None, 1)
    assert "32111357" not in repr(asked)
    assert "Siti" not in repr(asked)


def test_this_child_is_measured_and_a_repeat_doubles_nothing(ws):
    sheet = listed(OTHER_MOTHER)
    planned = importing.plan(ws, sheet)
    assert outcomes(planned) == [(Outcome.PROBLEM, "unclear")]
    asked = question(planned)
    importing.decide(ws, asked, Choice.SAME, asked.candidates[0])
    assert weighed(ws) == {"Neng Sumiati": []}, "a decision alone writes no child and no weight"
    planned = importing.plan(ws, sheet)
    assert outcomes(planned) == [(Outcome.CREATE, "completed")]
    assert planned.rows[0].differences == ("mother_name",)
    importing.apply(ws, planned)
    assert weighed(ws) == {"Neng Sumiati": [8400]}
    before = log.tip(ws.database)
    again = importing.plan(ws, sheet)
    assert outcomes(again) == [(Outcome.MATCH, "known")]
    assert again.rows[0].question is None, "what was imported is not decided anew"
    importing.apply(ws, again)
    assert log.tip(ws.database) == before


def test_a_new_child_is_registered_once_however_often_the_file_comes(ws):
    sheet = listed(OTHER_MOTHER, OTHER_MOTHER | {"Tanggal_Pengukuran": "2026-10-10", "Berat": 8.1})
    planned = importing.plan(ws, sheet)
    assert [question(planned, row).rows for row in (0, 1)] == [2, 2]
    importing.decide(ws, question(planned), Choice.NEW)
    planned = importing.plan(ws, sheet)
    assert outcomes(planned) == [(Outcome.CREATE, "child"), (Outcome.CREATE, "measurement")]
    assert planned.counts.children_created == 1
    importing.apply(ws, planned)
    assert {mother: sorted(weights) for mother, weights in weighed(ws).items()} == {
        "Neng Sumiati": [],
        "Rohmah": [8100, 8400],
    }
    again = importing.plan(ws, sheet)
    assert again.deeds == ()
    assert [row.question for row in again.rows] == [None, None]
    later = importing.plan(ws, listed(OTHER_MOTHER | {"Tanggal_Pengukuran": "2026-11-17", "Berat": 8.5}))
    assert outcomes(later) == [(Outcome.CREATE, "measurement")], "next month's file asks no more"


def test_a_skipped_row_stays_skipped_and_can_be_decided_anew(ws):
    sheet = listed(OTHER_MOTHER)
    importing.decide(ws, question(importing.plan(ws, sheet)), Choice.SKIP)
    planned = importing.plan(ws, sheet)
    assert outcomes(planned) == [(Outcome.SKIP, "decided_skip")]
    assert planned.deeds == ()
    asked = question(planned)
    assert asked.decided is not None
    importing.decide(ws, asked, Choice.SAME, asked.candidates[0])
    importing.apply(ws, importing.plan(ws, sheet))
    assert weighed(ws) == {"Neng Sumiati": [8400]}


def test_an_answer_can_be_changed_before_the_import(ws):
    sheet = listed(OTHER_MOTHER)
    asked = question(importing.plan(ws, sheet))
    importing.decide(ws, asked, Choice.NEW)
    asked = question(importing.plan(ws, sheet))
    assert [candidate.child for candidate in asked.candidates] == [known(ws)[0].id]
    importing.decide(ws, asked, Choice.SAME, asked.candidates[0])
    importing.apply(ws, importing.plan(ws, sheet))
    assert weighed(ws) == {"Neng Sumiati": [8400]}


def test_a_child_that_only_the_file_brings_can_be_the_one_too(ws):
    first = {"NIK": "-", "Nama": "DEWI LESTARI", "Nama_Ortu": "- / TETI", "JK": "P"}
    second = first | {"Nama": "DEWI LESTARIA", "Tanggal_Pengukuran": "2026-10-10", "Berat": 8.1}
    sheet = listed(first, second)
    planned = importing.plan(ws, sheet)
    assert outcomes(planned) == [(Outcome.CREATE, "child"), (Outcome.PROBLEM, "unclear")]
    asked = question(planned, 1)
    (candidate,) = asked.candidates
    assert (candidate.number, candidate.side.name) == (2, "Dewi Lestari")
    importing.decide(ws, asked, Choice.SAME, candidate)
    importing.apply(ws, importing.plan(ws, sheet))
    assert sorted(weighed(ws)["Teti"]) == [8100, 8400]
    assert importing.plan(ws, sheet).deeds == ()


def test_the_nik_of_another_child_is_not_taken_by_a_decision(ws):
    sheet = listed({"Nama": "RINA", "Nama_Ortu": "-"})
    asked = question(importing.plan(ws, sheet))
    importing.decide(ws, asked, Choice.NEW)
    planned = importing.plan(ws, sheet)
    assert "nik_shared" in [remark.code for remark in planned.rows[0].remarks]
    importing.apply(ws, planned)
    assert {child.name: child.nik for child in known(ws)} == {
        "Siti Aminah": "3211135708250003",
        "Rina": None,
    }


def test_a_child_taken_back_after_the_import_is_asked_about_again(ws):
    sheet = listed(OTHER_MOTHER | {"Berat": "-", "Tinggi": "-", "LiLA": "-"})
    importing.decide(ws, question(importing.plan(ws, sheet)), Choice.NEW)
    importing.apply(ws, importing.plan(ws, sheet))
    (rohmahs,) = [child for child in known(ws) if child.mother_name == "Rohmah"]
    mistake = {"state": {"v": REGISTERED_BY_MISTAKE, "base": None}}
    with ws.database.atomic():
        taken_back = NewOperation("child.set", rohmahs.id, POSYANDU, mistake)
        log.append(ws.database, [taken_back], actor=ws.user.id, clock=ws.clock)
    planned = importing.plan(ws, sheet)
    assert outcomes(planned) == [(Outcome.PROBLEM, "unclear")]
    importing.decide(ws, question(planned), Choice.NEW)
    assert importing.plan(ws, sheet).counts.children_created == 1


def test_decisions_survive_a_restart_and_stay_on_this_laptop(ws, tmp_path):
    sheet = listed(OTHER_MOTHER)
    before = log.tip(ws.database)
    importing.decide(ws, question(importing.plan(ws, sheet)), Choice.NEW)
    assert log.tip(ws.database) == before
    folder = DataFolder(tmp_path / "laptop")
    ws.close()
    reopened = accounts.unlock(folder, "neng", "rahasia-sekali", FixedClock(NOW))
    try:
        assert importing.plan(reopened, sheet).counts.children_created == 1
    finally:
        reopened.close()


def test_rows_that_are_clear_ask_nothing(ws):
    assert importing.plan(ws, listed({})).rows[0].question is None


def test_a_decision_after_the_trial_does_not_spoil_an_import_of_others(ws):
    sheet = listed(OTHER_MOTHER, {"NIK": "-", "Nama": "BUDI", "JK": "L", "Nama_Ortu": "- / TETI"})
    planned = importing.plan(ws, sheet)
    importing.decide(ws, question(planned), Choice.SKIP)
    assert importing.apply(ws, planned).finished


def test_who_registers_nobody_decides_nothing(tmp_path, ws):
    asked = question(importing.plan(ws, listed(OTHER_MOTHER)))
    setup = accounts.Setup("32.11.13.2005", "", "Dinas", "dinas", Role.DINAS, "rahasia-sekali")
    reader = accounts.set_up(DataFolder(tmp_path / "dinas"), setup, FixedClock(NOW), cheap=True)
    try:
        with pytest.raises(NotAllowed):
            importing.decide(reader, asked, Choice.SKIP)
    finally:
        reader.close()

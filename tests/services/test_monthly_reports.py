"""The puskesmas verifies monthly reports: overview, checklist, accepted, returned, mended, changed."""

from datetime import date

import pytest

from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.cases import Show
from posyandu_app.domain.derived_ids import posyandu_entity
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.reports_check import Item, ReportState, Verdict
from posyandu_app.domain.risk import Tone
from posyandu_app.services import monthly_reports, recap, registration, sessions, weighing
from posyandu_app.services.undoing import undo
from posyandu_app.services.views import User
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log
from tests.services.conftest import siti

MELATI, KECAMATAN = "32.11.13.2005.001", "32.11.13"
NOVEMBER = Month(2026, 11)


@pytest.fixture
def at(ws):
    def workspace(role: Role, scope: str) -> Workspace:
        ws.database.set_meta("scope", scope)
        return Workspace(ws.database, User(f"user-{role}", f"Petugas {role}", role), ws.rules, ws.clock)

    return workspace


@pytest.fixture
def november(ws, child_id):
    """One child weighed on the posyandu day of November, in order but for the NIK."""
    sessions.open_day(ws, date(2026, 11, 20))
    weigh(ws, child_id)
    sessions.close_day(ws, date(2026, 11, 20))
    registration.update(ws, child_id, {"kia_held": True})
    return child_id


def weigh(ws, child_id, day=date(2026, 11, 20), **more):
    values = {"weight_g": 8_900, "length_mm": 735, "position": Position.LYING, "muac_mm": 140} | more
    weighing.record(ws, child_id, Draft(day, **values))


def state(at, month=NOVEMBER) -> ReportState:
    return monthly_reports.report(at(Role.TPG, KECAMATAN), MELATI, month).status.state


def verify(at, verdict=Verdict.ACCEPTED, items=(), note=None, month=NOVEMBER):
    return monthly_reports.verify(at(Role.TPG, KECAMATAN), MELATI, month, verdict, items, note)


def test_the_report_says_what_the_kaders_recap_says(ws, at, november):
    closing = recap.closing(ws, date(2026, 11, 30), MELATI).recap.now.total
    found = monthly_reports.report(at(Role.TPG, KECAMATAN), MELATI, NOVEMBER)
    assert found.skdn == closing
    assert (found.skdn.S, found.skdn.D, found.posyandu, found.rules) == (1, 1, "Melati 1", "2026.1")


def test_every_line_leads_to_the_children_behind_it(at, november):
    found = monthly_reports.report(at(Role.TPG, KECAMATAN), MELATI, NOVEMBER)
    assert {line.item: line.children for line in found.lines if not line.ok} == {Item.NIK: (november,)}
    assert (found.open_lines, found.children[november].name) == (1, "Siti Aminah")


def test_a_day_left_open_and_a_child_nobody_has_seen(ws, at, november):
    weigh(ws, november, date(2026, 11, 22), muac_mm=112)
    sessions.open_day(ws, date(2026, 11, 22))
    found = monthly_reports.report(at(Role.TPG, KECAMATAN), MELATI, NOVEMBER)
    assert {line.item for line in found.lines if not line.ok} == {Item.CLOSED, Item.NIK, Item.UNSEEN}


def test_returned_with_reasons_mended_and_accepted(ws, at, november):
    assert state(at) is ReportState.WAITING
    back = verify(at, Verdict.RETURNED, [Item.NIK], "lengkapi NIK")
    assert back.undo.label == "Laporan Melati 1 November 2026: Dikembalikan"
    assert state(at) is ReportState.RETURNED
    kader = at(Role.KADER, MELATI)
    (waiting,) = monthly_reports.returned(kader)
    assert (waiting.posyandu, waiting.items, waiting.check.note) == (
        "Melati 1",
        ("NIK diisi",),
        "lengkapi NIK",
    )
    assert (waiting.check.by, waiting.check.role) == ("Petugas tpg", "tpg")
    registration.update(ws, november, {"nik": "3211136311250001"})
    monthly_reports.mended(kader, waiting.check.id, "sudah")
    assert monthly_reports.returned(kader) == ()
    found = monthly_reports.report(at(Role.TPG, KECAMATAN), MELATI, NOVEMBER).status
    assert (found.state, found.answer.note) == (ReportState.MENDED, "sudah")
    verify(at)
    assert state(at) is ReportState.ACCEPTED
    assert state(at, Month(2026, 10)) is ReportState.WAITING


def test_what_changes_after_it_was_accepted_shows(ws, at, november):
    verify(at)
    at(Role.KADER, MELATI)
    registration.register(ws, siti(name="Budi", mother_name="Lilis"))
    assert state(at) is ReportState.CHANGED


def test_a_decision_is_taken_back_by_name(at, november):
    done = verify(at)
    undo(at(Role.TPG, KECAMATAN), done.undo)
    assert state(at) is ReportState.WAITING
    with pytest.raises(UserError):
        undo(at(Role.TPG, KECAMATAN), done.undo)


@pytest.mark.parametrize("role", [Role.KADER, Role.BIDAN, Role.DINAS])
def test_only_the_puskesmas_verifies(at, november, role):
    with pytest.raises(NotAllowed):
        monthly_reports.verify(at(role, KECAMATAN), MELATI, NOVEMBER, Verdict.ACCEPTED)


def test_only_the_posyandu_and_its_midwife_mend(at, november):
    verify(at, Verdict.RETURNED, note="x")
    tpg = at(Role.TPG, KECAMATAN)
    (waiting,) = monthly_reports.returned(tpg)
    with pytest.raises(NotAllowed):
        monthly_reports.mended(tpg, waiting.check.id)
    with pytest.raises(UserError):
        monthly_reports.mended(at(Role.KADER, MELATI), "tidak-ada")
    assert monthly_reports.returned(at(Role.KADER, "32.11.13.2005.002")) == ()
    with pytest.raises(UserError):
        monthly_reports.mended(at(Role.KADER, "32.11.13.2005.002"), waiting.check.id)
    monthly_reports.mended(at(Role.BIDAN, "32.11.13.2005"), waiting.check.id)
    assert monthly_reports.returned(at(Role.KADER, MELATI)) == ()


@pytest.mark.parametrize(
    ("scope", "month", "verdict", "items", "field"),
    [
        ("32.11.13.2005", NOVEMBER, Verdict.ACCEPTED, (), "scope"),
        ("32.11.14.2001.001", NOVEMBER, Verdict.ACCEPTED, (), "scope"),
        ("x", NOVEMBER, Verdict.ACCEPTED, (), "scope"),
        (MELATI, Month(2026, 12), Verdict.ACCEPTED, (), "month"),
        (MELATI, NOVEMBER, Verdict.RETURNED, (), "note"),
        (MELATI, NOVEMBER, Verdict.RETURNED, ("x",), "items"),
    ],
)
def test_a_wrong_form_names_its_field_and_saves_nothing(at, november, scope, month, verdict, items, field):
    tpg = at(Role.TPG, KECAMATAN)
    before = log.tip(tpg.database)
    with pytest.raises(InvalidValue) as caught:
        monthly_reports.verify(tpg, scope, month, verdict, items)
    assert caught.value.field == field
    assert log.tip(tpg.database) == before


def test_the_overview_shows_every_posyandu_of_the_kecamatan(ws, at, november):
    weigh(ws, november, date(2026, 11, 22), muac_mm=112)
    other = log.NewOperation(
        "posyandu.register",
        posyandu_entity("32.11.13.2005.002"),
        "32.11.13.2005.002",
        {"name": {"v": "Mawar", "base": None}},
    )
    log.append(ws.database, [other], actor="bidan", clock=ws.clock)
    verify(at, Verdict.RETURNED, note="x")
    first, second = monthly_reports.overview(at(Role.TPG, KECAMATAN), NOVEMBER)
    assert (first.scope, first.posyandu, first.skdn.D, first.status.state) == (
        MELATI, "Melati 1", 1, ReportState.RETURNED,
    )  # fmt: skip
    assert (first.tones, first.cases[Show.NEW]) == ({Tone.RUJUK_SEGERA: 1}, 1)
    assert (second.posyandu, second.skdn.S, second.status.state, second.tones) == (
        "Mawar", 0, ReportState.WAITING, {},
    )  # fmt: skip
    assert monthly_reports.overview(at(Role.TPG, KECAMATAN), NOVEMBER, "32.11.13.2005.002") == (second,)

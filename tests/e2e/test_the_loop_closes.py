"""From a measurement to a recommendation that is acted on: kader, midwife, puskesmas and Dinas, five laptops.

Real encrypted databases, the real engine and the real server's desk; only the network is left out.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.cases import CaseState, Show
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.errors import NotAllowed
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.recommendations import AnswerState, Progress
from posyandu_app.domain.reports_check import Item, ReportState, Verdict
from posyandu_app.domain.reviews import Decision, Measured, Outcome
from posyandu_app.domain.reviews import Verdict as Checked
from posyandu_app.domain.rules import shipped_text
from posyandu_app.domain.visits import Referral
from posyandu_app.paths import DataFolder
from posyandu_app.services import (
    accounts,
    cases,
    monthly_reports,
    programme_rules,
    recommendations,
    registration,
    sessions,
    weighing,
)
from posyandu_app.services.undoing import undo
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log
from posyandu_app.storage.log import NewOperation
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from tests.district import server as servers
from tests.services.conftest import siti
from tests.sync.laptops import START

MELATI, MAWAR = "32.11.13.2005.001", "32.11.13.2005.002"
VILLAGE, KECAMATAN, REGION = "32.11.13.2005", "32.11.13", "32.11"
TODAY = date(2026, 11, 18)
NOVEMBER = Month.of(TODAY)


@dataclass
class Office:
    """One laptop with the person at its keyboard."""

    ws: Workspace
    engine: Engine
    transport: servers.Wire

    @property
    def name(self) -> str:
        return self.ws.user.name

    def sync(self) -> None:
        """Exchange until nothing waits; both sides' sums of operations and rows agree."""
        exchanged = exchange_all(self.engine, self.transport)
        assert exchanged.incidents == (), self.name
        programme_rules.refresh(self.ws)


@pytest.fixture
def offices(tmp_path):
    with servers.running(tmp_path / "dinas") as server:
        made = {
            "melati": _office(tmp_path, server, MELATI, Role.KADER, "Sari", "Melati 1"),
            "mawar": _office(tmp_path, server, MAWAR, Role.KADER, "Wati", "Mawar"),
            "bidan": _office(tmp_path, server, VILLAGE, Role.BIDAN, "Bidan Rina"),
            "tpg": _office(tmp_path, server, KECAMATAN, Role.TPG, "Pak Asep"),
            "dinas": _office(tmp_path, server, REGION, Role.DINAS, "Ibu Dewi"),
        }
        yield made
        for office in made.values():
            office.ws.close()


def _office(
    folder: Path, server: servers.Server, scope: str, role: Role, name: str, posyandu: str = ""
) -> Office:
    clock = FixedClock(START)
    setup = accounts.Setup(scope, posyandu, name, name.lower(), role, "rahasia-sekali")
    ws = accounts.set_up(DataFolder(folder / name), setup, clock, cheap=True)
    transport = servers.Wire(server.desk)
    enrol(ws.database, transport, server.code(scope, role), name)
    return Office(ws, Engine(ws.database, clock), transport)


def all_sync(offices: dict[str, Office], times: int = 2) -> None:
    for _ in range(times):
        for office in offices.values():
            office.sync()


def thin_child(office: Office) -> str:
    child = next(iter(registration.register(office.ws, siti()).entities))
    draft = Draft(TODAY, 8_800, 735, Position.LYING, muac_mm=120)
    weighing.record(office.ws, child, draft)
    return child


def test_two_health_workers_offline_at_once_lose_nothing_of_each_other(offices):
    melati, bidan, tpg = offices["melati"], offices["bidan"], offices["tpg"]
    child = thin_child(melati)
    all_sync(offices)
    assert [row.child.id for row in cases.worklist(bidan.ws)] == [child]

    measured = cases.card(bidan.ws, child).status.history[-1].measurement.id
    mine = Measured(weight_g=8_790, muac_mm=121)
    cases.confirm(bidan.ws, child, Checked.RIGHT, measurement_id=measured, remeasured=mine)
    cases.decide(bidan.ws, child, {Decision.PMT}, pmt_days=56, revisit_on=date(2026, 12, 2))
    cases.close(tpg.ws, child, Outcome.TREATED, note="ditangani di puskesmas")
    for order in ((bidan, tpg), (tpg, bidan)):
        for office in order:
            office.sync()
    all_sync(offices)

    found = {name: cases.card(offices[name].ws, child).case for name in ("melati", "bidan", "tpg", "dinas")}
    assert all(case == found["bidan"] for case in found.values())
    assert (found["bidan"].state, found["bidan"].concurrent) == (CaseState.FOLLOW_UP, True)
    assert {review.by for review in found["bidan"].reviews} == {"Bidan Rina", "Pak Asep"}
    (wanted,) = cases.wanted(melati.ws)
    assert (wanted.child.id, wanted.revisit_on) == (child, date(2026, 12, 2))
    assert wanted.decided == ("PMT 56 hari; kontrol 02/12/2026",)
    assert cases.wanted(offices["mawar"].ws) == ()

    cases.close(bidan.ws, child, Outcome.TREATED)
    all_sync(offices)
    assert cases.card(melati.ws, child).case.state is CaseState.RESOLVED
    assert cases.wanted(melati.ws) == ()


def test_a_decision_taken_back_is_gone_everywhere(offices):
    child = thin_child(offices["melati"])
    all_sync(offices)
    done = cases.decide(
        offices["bidan"].ws, child, {Decision.REFER}, place=Referral.PUSKESMAS, revisit_on=date(2026, 12, 1)
    )
    all_sync(offices)
    assert len(cases.wanted(offices["melati"].ws)) == 1
    undo(offices["bidan"].ws, done.undo)
    all_sync(offices)
    assert cases.wanted(offices["melati"].ws) == ()
    assert cases.counts(offices["tpg"].ws)[Show.NEW] == 1


def test_a_recommendation_goes_down_is_seen_and_done_and_the_dinas_sees_it(offices):
    melati, mawar, bidan, dinas = (offices[name] for name in ("melati", "mawar", "bidan", "dinas"))
    all_sync(offices)
    changes = recommendations.send(
        dinas.ws, "Kunjungi semua yang absen", scope=VILLAGE, due_on=date(2026, 12, 1)
    )
    (sent,) = changes.entities

    def progress() -> Progress:
        return recommendations.one(dinas.ws, sent).status.progress

    assert progress() is Progress.UNSENT
    dinas.sync()
    assert progress() is Progress.SENT
    mawar.sync()
    mawar.sync()
    dinas.sync()
    assert progress() is Progress.DELIVERED
    assert recommendations.one(dinas.ws, sent).status.reach.read == 1

    melati.sync()
    (row,) = recommendations.waiting(melati.ws)
    assert (row.status.recommendation.by, row.from_above) == ("Ibu Dewi", True)
    recommendations.opened(melati.ws, sent)
    melati.sync()
    dinas.sync()
    assert progress() is Progress.SEEN
    recommendations.answer(melati.ws, sent, AnswerState.DONE, "semua dikunjungi")
    recommendations.answer(mawar.ws, sent, AnswerState.DONE)
    all_sync(offices)
    found = recommendations.one(dinas.ws, sent).status
    assert (found.progress, found.done) == (Progress.DONE, 2)
    assert {(item.scope, item.note) for item in found.answers if item.final} == {
        (MELATI, "semua dikunjungi"),
        (MAWAR, None),
    }
    assert recommendations.waiting(bidan.ws) == ()


def test_a_recommendation_about_a_child_reaches_her_posyandu_and_no_other(offices):
    child = thin_child(offices["melati"])
    all_sync(offices)
    recommendations.send(offices["tpg"].ws, "Ukur ulang tinggi", child_id=child)
    all_sync(offices)
    assert [row.child.id for row in recommendations.listed(offices["melati"].ws)] == [child]
    assert recommendations.listed(offices["mawar"].ws) == ()
    assert [row.child.id for row in recommendations.listed(offices["dinas"].ws)] == [child]


def test_who_may_not_recommend_cannot_get_it_past_the_server_either(offices):
    melati, bidan = offices["melati"], offices["bidan"]
    all_sync(offices)
    with pytest.raises(NotAllowed):
        recommendations.send(melati.ws, "x", scope=MELATI)
    forged = NewOperation(
        "recommendation.record",
        "0199a3c2-0000-7000-8000-00000000000f",
        MELATI,
        {"text": "palsu", "date": "2026-11-18"},
    )
    log.append(melati.ws.database, [forged], actor=melati.ws.user.id, clock=melati.ws.clock)
    melati.sync()
    bidan.sync()
    assert log.statuses(melati.ws.database).get("quarantined") == 1
    assert recommendations.listed(bidan.ws) == ()


def test_rules_of_the_dinas_are_in_force_on_every_laptop_and_can_be_taken_back(offices):
    all_sync(offices)
    text = (
        shipped_text().replace('"2026.1"', '"sumedang-1"').replace("refer_after_t = 2", "refer_after_t = 1")
    )
    published = programme_rules.publish(offices["dinas"].ws, text)
    all_sync(offices)
    assert {office.ws.rules.version for office in offices.values()} == {"sumedang-1"}
    assert {office.ws.rules.refer_after_t for office in offices.values()} == {1}
    undo(offices["dinas"].ws, published.undo)
    all_sync(offices)
    assert {office.ws.rules.version for office in offices.values()} == {"2026.1"}


def test_a_returned_report_is_mended_and_accepted_across_laptops(offices):
    melati, tpg = offices["melati"], offices["tpg"]
    sessions.open_day(melati.ws, TODAY)
    child = thin_child(melati)
    sessions.close_day(melati.ws, TODAY)
    all_sync(offices)
    found = monthly_reports.report(tpg.ws, MELATI, NOVEMBER)
    assert {line.item for line in found.lines if not line.ok} == {Item.NIK, Item.UNSEEN}
    monthly_reports.verify(tpg.ws, MELATI, NOVEMBER, Verdict.RETURNED, [Item.NIK], "lengkapi NIK")
    all_sync(offices)
    (waiting,) = monthly_reports.returned(melati.ws)
    assert monthly_reports.returned(offices["mawar"].ws) == ()
    registration.update(melati.ws, child, {"nik": "3211136311250001"})
    monthly_reports.mended(melati.ws, waiting.check.id)
    all_sync(offices)
    assert monthly_reports.report(tpg.ws, MELATI, NOVEMBER).status.state is ReportState.MENDED
    monthly_reports.verify(tpg.ws, MELATI, NOVEMBER, Verdict.ACCEPTED)
    all_sync(offices)
    assert monthly_reports.report(melati.ws, MELATI, NOVEMBER).status.state is ReportState.ACCEPTED

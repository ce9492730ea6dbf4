"""The way of one case across laptops and a real server: kader, midwife, back to the kader, and resolved."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.cases import CaseState, Group, Show
from posyandu_app.domain.model import Position
from posyandu_app.domain.reviews import Decision, Measured, Outcome, Verdict
from posyandu_app.domain.visits import Referral
from posyandu_app.services import cases, referral, registration, weighing
from posyandu_app.services.cases import Exam
from posyandu_app.services.undoing import undo
from posyandu_app.ui import case_words, letter_paper
from tests.e2e.test_the_loop_closes import MELATI, TODAY, all_sync, offices
from tests.services.conftest import siti

__all__ = ["offices"]
REVISIT = TODAY + timedelta(days=14)


@pytest.fixture
def people(offices):
    return offices["melati"], offices["mawar"], offices["bidan"], offices["tpg"]


def later(offices, days):
    for office in offices.values():
        office.ws.clock.move(timedelta(days=days))


def test_from_the_kaders_scale_to_resolved_and_reopened(offices, people, qapp, tmp_path):
    melati, mawar, bidan, tpg = people
    child = next(iter(registration.register(melati.ws, siti(nik="3211136311250001")).entities))
    weighing.record(melati.ws, child, Draft(TODAY, 8_800, 735, Position.LYING, muac_mm=120))
    all_sync(offices)

    (row,) = cases.every_case(bidan.ws)
    assert (row.child.scope, row.case.state) == (MELATI, CaseState.NEW)
    measured = row.last.measurement.id
    mine = Measured(weight_g=8_780, length_mm=735, position=Position.LYING, muac_mm=119)
    cases.confirm(bidan.ws, child, Verdict.CORRECTED, measurement_id=measured, remeasured=mine)
    assert cases.card(bidan.ws, child).case.state is CaseState.VERIFIED
    proposal = cases.propose(bidan.ws, child, Exam(appetite=True, oedema=0))
    assert proposal.revisit_on == REVISIT
    decided = cases.decide(
        bidan.ws,
        child,
        proposal.decisions,
        exam=Exam(appetite=True, oedema=0),
        place=proposal.place,
        pmt_days=proposal.pmt.days,
        revisit_on=proposal.revisit_on,
        note="bawa Buku KIA",
    )
    letter = referral.letter(bidan.ws, child)
    assert dict(letter.measurements)["LiLA"] == "11,9 cm"
    letter_paper.to_pdf(tmp_path / "surat.pdf", letter)
    assert (tmp_path / "surat.pdf").read_bytes().startswith(b"%PDF")

    assert cases.wanted_child(melati.ws, child) is None, "not before the next contact"
    all_sync(offices)
    wish = cases.wanted_child(melati.ws, child)
    told = case_words.wanted(wish, TODAY)
    assert told.startswith("Bidan Rina menunggu paling lambat 02/12/2026: LiLA 11,9 cm")
    assert "bawa Buku KIA" in wish.decided[0]
    assert cases.wanted(mawar.ws) == ()

    back = undo(bidan.ws, decided.undo)
    all_sync(offices)
    assert cases.wanted(melati.ws) == ()
    undo(bidan.ws, back.undo)
    all_sync(offices)
    assert cases.wanted_child(melati.ws, child).revisit_on == REVISIT

    later(offices, 16)
    assert [row.child.id for row in cases.worklist(tpg.ws, Show.OVERDUE)] == [child]
    assert case_words.wanted(cases.wanted_child(melati.ws, child), REVISIT + timedelta(2)).startswith(
        "Bidan Rina menunggu sejak 02/12/2026"
    )
    on = TODAY + timedelta(days=16)
    weighing.record(melati.ws, child, Draft(on, 9_400, 742, Position.LYING, muac_mm=131))
    all_sync(offices)
    cases.outcome(bidan.ws, child, Outcome.BETTER, note="berat naik")
    assert cases.card(bidan.ws, child).case.improved
    cases.close(bidan.ws, child, Outcome.RECOVERED)
    all_sync(offices)
    for office in (melati, bidan, tpg):
        assert cases.card(office.ws, child).case.state is CaseState.RESOLVED
    assert cases.wanted(melati.ws) == ()

    cases.reopen(tpg.ws, child, "ibu melapor anak sakit lagi")
    all_sync(offices)
    assert cases.card(bidan.ws, child).case.reopened


def test_2t_is_not_closed_by_the_scale_but_by_a_health_worker(offices, people):
    melati, _, bidan, tpg = people
    child = next(iter(registration.register(melati.ws, siti()).entities))
    for month, grams in ((8, 8_600), (9, 8_650), (10, 8_700)):
        draft = Draft(date(2026, month, 16), grams, 700 + 8 * month, Position.LYING, muac_mm=140)
        weighing.record(melati.ws, child, draft)
    weighing.record(melati.ws, child, Draft(TODAY, 9_300, 790, Position.LYING, muac_mm=141))
    all_sync(offices)
    (row,) = cases.worklist(tpg.ws, group=Group.TWO_T)
    assert [item.reason.code for item in row.case.reasons][-1] == "two_t_waiting"
    measured = row.last.measurement.id
    cases.confirm(tpg.ws, child, Verdict.RIGHT, measurement_id=measured)
    all_sync(offices)
    assert cases.worklist(bidan.ws, group=Group.TWO_T) == ()


def test_a_referral_of_the_puskesmas_reaches_the_midwife_and_the_kader(offices, people):
    melati, _, bidan, tpg = people
    child = next(iter(registration.register(melati.ws, siti()).entities))
    weighing.record(melati.ws, child, Draft(TODAY, 8_800, 735, Position.LYING, muac_mm=112))
    all_sync(offices)
    cases.decide(tpg.ws, child, {Decision.REFER}, place=Referral.HOSPITAL)
    all_sync(offices)
    assert referral.letter(bidan.ws, child).sender == "Pak Asep"
    (wish,) = cases.wanted(melati.ws)
    assert (wish.by, wish.decided) == ("Pak Asep", ("Rujuk ke Rumah sakit",))

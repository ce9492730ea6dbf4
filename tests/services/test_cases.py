"""The midwife at work on one posyandu: worklist, confirm, decide, outcome, close, reopen, undo, letter."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.cases import Appointment, CaseState, Due, Group, Show
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.mtbs import Complication, MtbsClass, Pmt
from posyandu_app.domain.reviews import Decision, Measured, Outcome, Step, Verdict
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.visits import Referral
from posyandu_app.domain.zscore import format_z
from posyandu_app.services import cases, referral, registration, weighing
from posyandu_app.services.cases import Exam
from posyandu_app.services.undoing import undo
from posyandu_app.storage import case_facts, log, measurements
from posyandu_app.storage.children import get as children_of
from tests.services.conftest import siti

TODAY = date(2026, 11, 23)


@pytest.fixture
def bidan(as_role):
    return as_role(Role.BIDAN)


@pytest.fixture
def tpg(as_role):
    return as_role(Role.TPG)


def weigh(ws, child_id, day=date(2026, 11, 20), weight_g=8_800, **more):
    values = {"length_mm": 735, "position": Position.LYING, "muac_mm": 140} | more
    weighing.record(ws, child_id, Draft(day, weight_g, **values))
    return measurements.of_child(ws.database, child_id)[-1].id


@pytest.fixture
def thin(ws, child_id):
    """Siti, one year old, with a thin arm: gizi kurang."""
    weigh(ws, child_id, muac_mm=120)
    return child_id


def state(ws, child_id):
    case = cases.card(ws, child_id).case
    return None if case is None else case.state


def decide(ws, child_id, *decisions, **more):
    return cases.decide(ws, child_id, decisions or (Decision.COUNSEL,), **more)


# --- the worklist ---


def test_a_child_at_risk_is_on_the_list_with_reasons_values_and_since_when(bidan, thin):
    (row,) = cases.worklist(bidan)
    assert (row.child.id, row.posyandu, row.age_months) == (thin, "Melati 1", 12)
    assert (row.case.state, row.case.tone, row.case.since) == (CaseState.NEW, Tone.RUJUK, date(2026, 11, 20))
    assert [item.reason.text for item in row.case.reasons] == ["LiLA 12,0 cm, di bawah 12,5 cm"]
    assert (row.last.measurement.weight_g, row.last.measurement.muac_mm) == (8_800, 120)


def test_worst_first_and_filters(ws, bidan, thin):
    swollen = next(iter(registration.register(ws, siti(name="Budi Santoso", mother_name="Lilis")).entities))
    weigh(ws, swollen, oedema=1)
    absent = next(iter(registration.register(ws, siti(name="Citra", mother_name="Wati")).entities))
    assert [row.child.id for row in cases.worklist(bidan)] == [swollen, thin]
    assert [row.child.id for row in cases.worklist(bidan, group=Group.WASTING)] == [thin]
    decide(bidan, thin, revisit_on=TODAY)
    assert [row.child.id for row in cases.worklist(bidan, Show.NEW)] == [swollen]
    assert [row.child.id for row in cases.worklist(bidan, Show.FOLLOW_UP)] == [thin]
    assert cases.worklist(bidan, Show.OVERDUE) == ()
    assert cases.worklist(bidan, scope="32.11.13.2005.002") == ()
    assert cases.counts(bidan) == {
        Show.OPEN: 2, Show.NEW: 1, Show.FOLLOW_UP: 1, Show.OVERDUE: 0, Show.RESOLVED: 0,
    }  # fmt: skip
    assert cases.groups(bidan) == {Group.SEVERE: 1, Group.WASTING: 1}
    assert cases.unseen_referrals(bidan, "32.11.13.2005.001") == {swollen}
    assert state(bidan, absent) is None


def test_the_list_follows_new_measurements_reviews_and_days(ws, bidan, thin):
    assert len(cases.worklist(bidan)) == 1
    decide(bidan, thin, revisit_on=date(2026, 11, 24))
    assert cases.worklist(bidan)[0].case.state is CaseState.FOLLOW_UP
    bidan.clock.move(timedelta(days=2))
    assert cases.worklist(bidan, Show.OVERDUE)[0].case.overdue_days == 1
    weigh(ws, thin, date(2026, 11, 25), oedema=1, muac_mm=120)
    assert cases.worklist(bidan)[0].case.tone is Tone.RUJUK_SEGERA


def test_children_who_left_are_not_on_the_list(ws, bidan, thin):
    registration.update(ws, thin, {"state": "meninggal"})
    assert cases.worklist(bidan) == ()


# --- confirming ---


def test_confirming_keeps_the_midwifes_values_beside_the_kaders(bidan, thin):
    (measurement,) = measurements.of_child(bidan.database, thin)
    mine = Measured(weight_g=8_820, length_mm=736, position=Position.LYING, muac_mm=121)
    done = cases.confirm(bidan, thin, Verdict.RIGHT, measurement_id=measurement.id, remeasured=mine)
    card = cases.card(bidan, thin)
    (review,) = card.case.reviews
    assert (review.step, review.verdict, review.by, review.role) == (
        Step.VERIFY,
        Verdict.RIGHT,
        "Rina",
        "bidan",
    )
    assert (review.recorded.muac_mm, review.remeasured) == (120, mine)
    assert measurements.get(bidan.database, measurement.id) == measurement, "the kader's stands"
    assert (card.case.state, review.rules) == (CaseState.VERIFIED, "2026.1")
    assert done.kinds == {"review"}
    assert thin in done.entities


def test_the_midwife_puts_her_values_in_the_kaders_place_and_takes_it_all_back(bidan, thin):
    (measurement,) = measurements.of_child(bidan.database, thin)
    mine = Measured(muac_mm=135, weight_g=8_800)
    done = cases.confirm(bidan, thin, Verdict.CORRECTED, measurement_id=measurement.id, remeasured=mine)
    now = measurements.get(bidan.database, measurement.id)
    assert (now.muac_mm, now.weight_g, now.length_mm) == (135, 8_800, 735)
    assert state(bidan, thin) is None, "no reason is left"
    assert done.undo.label == "Ukuran diperiksa: Siti Aminah"
    back = undo(bidan, done.undo)
    assert measurements.get(bidan.database, measurement.id).muac_mm == 120
    assert (state(bidan, thin), cases.card(bidan, thin).case.reviews) == (CaseState.NEW, ())
    undo(bidan, back.undo)
    assert measurements.get(bidan.database, measurement.id).muac_mm == 135


def test_the_midwife_records_a_visit_of_her_own_or_voids_the_kaders(bidan, thin):
    (measurement,) = measurements.of_child(bidan.database, thin)
    mine = Measured(weight_g=8_900, length_mm=735, position=Position.LYING, muac_mm=126)
    anew = cases.confirm(bidan, thin, Verdict.MEASURED_ANEW, remeasured=mine)
    found = measurements.of_child(bidan.database, thin)
    assert [(item.date, item.muac_mm) for item in found] == [(date(2026, 11, 20), 120), (TODAY, 126)]
    undo(bidan, anew.undo)
    wrong = cases.confirm(bidan, thin, Verdict.WRONG, measurement_id=measurement.id)
    assert measurements.get(bidan.database, measurement.id).voided
    with pytest.raises(UserError):
        cases.confirm(bidan, thin, Verdict.RIGHT, measurement_id=measurement.id)
    undo(bidan, wrong.undo)
    assert not measurements.get(bidan.database, measurement.id).voided


@pytest.mark.parametrize(
    ("verdict", "mine", "field"),
    [
        (Verdict.CORRECTED, None, "weight_g"),
        (Verdict.CORRECTED, Measured(), "weight_g"),
        (Verdict.CORRECTED, Measured(muac_mm=120), "verdict"),
        (Verdict.CORRECTED, Measured(weight_g=-5), "weight_g"),
        (Verdict.MEASURED_ANEW, Measured(position=Position.LYING), "weight_g"),
        (Verdict.RIGHT, Measured(muac_mm=10**9), "muac_mm"),
        (Verdict.RIGHT, Measured(muac_mm=120, oedema=4), "oedema"),
    ],
)
def test_a_wrong_form_names_its_field_and_saves_nothing(bidan, thin, verdict, mine, field):
    (measurement,) = measurements.of_child(bidan.database, thin)
    before = log.tip(bidan.database)
    with pytest.raises(InvalidValue) as caught:
        cases.confirm(bidan, thin, verdict, measurement_id=measurement.id, remeasured=mine)
    assert caught.value.field == field
    assert log.tip(bidan.database) == before


def test_a_measurement_of_another_child_is_refused(ws, bidan, thin):
    other = next(iter(registration.register(ws, siti(name="Budi", mother_name="Lilis")).entities))
    measurement = weigh(ws, other)
    with pytest.raises(InvalidValue) as caught:
        cases.confirm(bidan, thin, Verdict.RIGHT, measurement_id=measurement)
    assert caught.value.field == "measurement"
    with pytest.raises(UserError):
        cases.confirm(bidan, thin, Verdict.RIGHT, measurement_id="tidak-ada")


# --- MTBS and deciding ---


def test_mtbs_proposes_from_the_last_visit_and_the_rules(bidan, thin):
    found = cases.propose(bidan, thin, Exam())
    assert (found.classification.code, found.place) == (MtbsClass.MODERATE, Referral.PUSKESMAS)
    assert found.decisions == {Decision.COUNSEL, Decision.REFER, Decision.PMT}
    assert (found.pmt, found.revisit_on) == (Pmt(56, "gizi_kurang"), date(2026, 12, 7))
    assert cases.propose(bidan, thin, Exam(feeding_problem=True)).revisit_on == date(2026, 11, 30)


def test_mtbs_takes_the_midwifes_own_values_and_what_she_finds(bidan, thin):
    mine = Measured(weight_g=8_800, length_mm=735, position=Position.LYING, muac_mm=112)
    assert cases.propose(bidan, thin, Exam(measured=mine)).classification.code is MtbsClass.SEVERE
    ill = Exam(measured=mine, complications=frozenset({Complication.PNEUMONIA}))
    found = cases.propose(bidan, thin, ill)
    assert found.classification.code is MtbsClass.COMPLICATED
    assert (found.decisions, found.place, found.pmt) == ({Decision.REFER_TODAY}, Referral.HOSPITAL, None)


def test_nothing_measured_proposes_to_measure(bidan, child_id):
    found = cases.propose(bidan, child_id, Exam())
    assert found.classification.code is None
    assert "Ukur berat dan panjang atau tinggi" in found.classification.missing


def test_a_decision_is_kept_with_its_class_days_and_what_it_rests_on(bidan, thin):
    mine = Measured(weight_g=8_800, length_mm=735, position=Position.LYING, muac_mm=121, oedema=0)
    done = decide(
        bidan,
        thin,
        Decision.REFER,
        Decision.PMT,
        exam=Exam(measured=mine, appetite=True, complications=frozenset({Complication.ANAEMIA})),
        place=Referral.PUSKESMAS,
        pmt_days=56,
        revisit_on=date(2026, 12, 7),
        note=" timbang tiap minggu ",
    )
    case = cases.card(bidan, thin).case
    (review,) = case.reviews
    assert (case.state, case.revisit_on, case.pmt_until) == (
        CaseState.FOLLOW_UP, date(2026, 12, 7), date(2027, 1, 17),
    )  # fmt: skip
    assert (review.mtbs, review.appetite, review.complications) == ("gizi_kurang", True, {"anemia_berat"})
    assert (review.remeasured, review.recorded.muac_mm, review.note) == (mine, 120, "timbang tiap minggu")
    assert review.reasons == {"low_muac"}
    undo(bidan, done.undo)
    assert state(bidan, thin) is CaseState.NEW


def test_the_whole_way_of_a_case(ws, bidan, thin):
    decide(bidan, thin, Decision.REFER, place=Referral.PUSKESMAS, revisit_on=date(2026, 11, 30))
    assert cases.card(bidan, thin).calendar == (
        Due(date(2026, 11, 24), Appointment.REFERRAL),
        Due(date(2026, 11, 30), Appointment.REVISIT),
    )
    bidan.clock.move(timedelta(days=9))
    assert [row.child.id for row in cases.worklist(bidan, Show.OVERDUE)] == [thin]
    rows = cases.calendar(bidan, until=date(2026, 12, 31))
    assert [(row.due.on, row.child.id) for row in rows] == [
        (date(2026, 11, 24), thin),
        (date(2026, 11, 30), thin),
    ]
    cases.outcome(bidan, thin, Outcome.TREATED, revisit_on=date(2026, 12, 10))
    assert cases.worklist(bidan, Show.OVERDUE) == ()
    with pytest.raises(InvalidValue, match="LiLA"):
        cases.close(bidan, thin, Outcome.RECOVERED)
    bidan.clock.move(timedelta(days=8))
    weigh(ws, thin, date(2026, 12, 10), 9_300, muac_mm=130, length_mm=745)
    assert cases.card(bidan, thin).case.improved
    closed = cases.close(bidan, thin, Outcome.RECOVERED)
    assert state(bidan, thin) is CaseState.RESOLVED
    assert [row.child.id for row in cases.worklist(bidan, Show.RESOLVED)] == [thin]
    undo(bidan, closed.undo)
    assert state(bidan, thin) is CaseState.FOLLOW_UP
    cases.close(bidan, thin, Outcome.RECOVERED)
    cases.reopen(bidan, thin, "ibu melapor anak sakit lagi")
    assert state(bidan, thin) is CaseState.VERIFIED


def test_a_step_that_does_not_fit_the_state_says_so(bidan, thin):
    for deed in (
        lambda: cases.outcome(bidan, thin, Outcome.BETTER),
        lambda: cases.reopen(bidan, thin, "salah"),
    ):
        with pytest.raises(UserError, match="Baru"):
            deed()
    cases.close(bidan, thin, Outcome.TREATED)
    with pytest.raises(UserError, match="Selesai"):
        cases.close(bidan, thin, Outcome.TREATED)


def test_closing_a_child_without_a_case_is_refused(bidan, child_id):
    with pytest.raises(UserError, match="tidak ada"):
        cases.close(bidan, child_id, Outcome.NO_CASE)


# --- roles ---


def test_a_kader_decides_nothing_and_may_note(ws, thin):
    (measurement,) = measurements.of_child(ws.database, thin)
    before = log.tip(ws.database)
    for deed in (
        lambda: cases.confirm(ws, thin, Verdict.RIGHT, measurement_id=measurement.id),
        lambda: decide(ws, thin),
        lambda: cases.outcome(ws, thin, Outcome.BETTER),
        lambda: cases.close(ws, thin, Outcome.TREATED),
        lambda: cases.reopen(ws, thin, "x"),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert log.tip(ws.database) == before
    cases.add_note(ws, thin, "sudah dijenguk, ibu setuju ke puskesmas")
    assert state(ws, thin) is CaseState.NEW
    assert cases.card(ws, thin).case.reviews[0].note == "sudah dijenguk, ibu setuju ke puskesmas"


def test_the_puskesmas_reviews_and_leaves_measurements_alone(tpg, thin):
    (measurement,) = measurements.of_child(tpg.database, thin)
    for verdict in (Verdict.CORRECTED, Verdict.MEASURED_ANEW, Verdict.WRONG):
        with pytest.raises(NotAllowed):
            cases.confirm(tpg, thin, verdict, measurement_id=measurement.id, remeasured=Measured(muac_mm=130))
    cases.confirm(tpg, thin, Verdict.RIGHT, measurement_id=measurement.id)
    done = decide(tpg, thin)
    assert state(tpg, thin) is CaseState.FOLLOW_UP
    undo(tpg, done.undo)
    assert state(tpg, thin) is CaseState.VERIFIED


def test_the_dinas_reads(as_role, thin):
    dinas = as_role(Role.DINAS)
    assert len(cases.worklist(dinas)) == 1
    for deed in (lambda: decide(dinas, thin), lambda: cases.add_note(dinas, thin, "x")):
        with pytest.raises(NotAllowed):
            deed()


def test_a_review_is_taken_back_by_who_made_it_only(bidan, tpg, thin):
    done = decide(bidan, thin)
    with pytest.raises(NotAllowed):
        undo(tpg, done.undo)
    back = undo(bidan, done.undo)
    with pytest.raises(UserError):
        undo(bidan, done.undo)
    undo(bidan, back.undo)
    assert state(bidan, thin) is CaseState.FOLLOW_UP


def test_2t_closes_only_when_a_health_worker_has_looked(ws, bidan, child_id):
    weights = {date(2026, 9, 20): 8_900, date(2026, 10, 20): 8_950, date(2026, 11, 20): 9_000}
    weigh(ws, child_id, date(2026, 8, 20), 8_600, length_mm=700)
    for place, (day, weight) in enumerate(weights.items(), 1):
        weigh(ws, child_id, day, weight, length_mm=700 + 12 * place)
    (row,) = cases.worklist(ws, group=Group.TWO_T)
    assert [item.reason.code for item in row.case.reasons] == ["two_t"]
    ws.clock.move(timedelta(days=30))
    weigh(ws, child_id, date(2026, 12, 20), 9_500, length_mm=748)
    (row,) = cases.worklist(ws, group=Group.TWO_T)
    assert [item.reason.code for item in row.case.reasons] == ["two_t_waiting"]
    with pytest.raises(NotAllowed):
        cases.close(ws, child_id, Outcome.RECOVERED)
    cases.close(bidan, child_id, Outcome.RECOVERED)
    assert cases.worklist(ws) == ()


# --- what the kader sees ---


def test_the_kader_sees_whom_the_midwife_wants_to_see_again_and_why(ws, bidan, thin):
    assert cases.wanted(ws) == ()
    decide(bidan, thin, Decision.PMT, pmt_days=14, revisit_on=date(2026, 11, 30), note="bawa Buku KIA")
    (row,) = cases.wanted(ws)
    assert (row.child.id, row.by, row.revisit_on, row.overdue_days) == (thin, "Rina", date(2026, 11, 30), 0)
    assert row.reasons == ("LiLA 12,0 cm, di bawah 12,5 cm",)
    assert row.decided == ("PMT 14 hari; kontrol 30/11/2026; bawa Buku KIA",)
    cases.close(bidan, thin, Outcome.TREATED)
    assert cases.wanted(ws) == ()


# --- the letter ---


def test_a_referral_letter_says_who_why_what_and_from_whom(ws, bidan, thin):
    registration.update(
        ws,
        thin,
        {
            "nik": "3211136311250001",
            "address": "Dusun Cilembu",
            "rt": "02",
            "rw": "05",
            "phone": "0812345678",
        },
    )
    ill = Exam(
        measured=Measured(weight_g=8_800, length_mm=735, position=Position.LYING, muac_mm=112, oedema=0),
        appetite=False,
        complications=frozenset({Complication.PNEUMONIA}),
    )
    decide(bidan, thin, Decision.REFER_TODAY, exam=ill, place=Referral.HOSPITAL)
    found = referral.letter(bidan, thin)
    assert (found.urgent, found.to, found.name, found.on) == (True, "Rumah sakit", "Siti Aminah", TODAY)
    assert len(found.number) == 8
    identity = dict(found.identity)
    assert (identity["NIK"], identity["Umur"], identity["Nama ibu"]) == (
        "3211136311250001",
        "1 tahun",
        "Rohmah",
    )
    assert identity["Alamat"] == "Dusun Cilembu, RT 02 / RW 05"
    measured = dict(found.measurements)
    assert measured["Berat badan"].startswith("8,8 kg (BB/U ")
    assert measured["LiLA"] == "11,2 cm", "her own measurement"
    assert found.reasons == ("LiLA 12,0 cm, di bawah 12,5 cm",)
    assert found.findings == ("Gizi buruk dengan komplikasi", "Pneumonia", "Nafsu makan buruk")
    assert found.before_leaving[-1] == "Beri vitamin A 200.000 IU."
    assert (found.sender, found.sender_role, found.rules) == ("Rina", "Bidan", "2026.1")
    assert found.place == "Melati 1, Cilembu, Pamulihan, Kabupaten Sumedang"


def test_only_a_referred_child_has_a_letter(bidan, thin):
    with pytest.raises(UserError, match="belum dirujuk"):
        referral.letter(bidan, thin)
    decide(bidan, thin, Decision.COUNSEL)
    with pytest.raises(UserError, match="belum dirujuk"):
        referral.letter(bidan, thin)
    decide(bidan, thin, Decision.REFER, place=Referral.PUSKESMAS)
    first = cases.card(bidan, thin).case.decisions[0].id
    found = referral.letter(bidan, thin)
    assert (found.urgent, found.before_leaving, found.to) == (False, (), "Puskesmas")
    assert dict(found.measurements)["LiLA"] == "12,0 cm"
    decide(bidan, thin, Decision.COUNSEL)
    with pytest.raises(UserError):
        referral.letter(bidan, thin)
    assert referral.letter(bidan, thin, first) == found, "a letter can be printed again"
    assert {item.id for item in case_facts.reviews_of(bidan.database, [thin])[thin]} >= {first}


# --- what the screen rests on ---


def test_her_own_measuring_verifies_what_it_shows_too(bidan, thin):
    """She gives her verdict with what follows from it on screen, so nothing of it is news."""
    mine = Measured(weight_g=6_500, length_mm=735, position=Position.LYING, muac_mm=110)
    cases.confirm(bidan, thin, Verdict.MEASURED_ANEW, remeasured=mine)
    case = cases.card(bidan, thin).case
    assert {item.reason.code for item in case.reasons} >= {"severe_wasting", "severe_muac"}
    assert (case.state, case.has_news) == (CaseState.VERIFIED, False)


def test_a_new_reason_after_her_verdict_is_news_again(ws, bidan, thin):
    cases.confirm(bidan, thin, Verdict.RIGHT, measurement_id=measurements.of_child(ws.database, thin)[-1].id)
    weigh(ws, thin, TODAY, muac_mm=120, oedema=1)
    assert state(bidan, thin) is CaseState.NEW


def test_oedema_seen_without_measuring_again_counts_and_is_in_the_letter(bidan, thin):
    exam = Exam(oedema=2, appetite=True)
    assert cases.propose(bidan, thin, exam).classification.code is MtbsClass.SEVERE
    decide(bidan, thin, Decision.REFER, exam=exam, place=Referral.PUSKESMAS)
    (review,) = cases.card(bidan, thin).case.reviews
    assert review.remeasured == Measured(oedema=2), "what she did not measure is not put in her mouth"
    measured = dict(referral.letter(bidan, thin).measurements)
    assert (measured["Bengkak kedua kaki"], measured["LiLA"]) == ("+2", "12,0 cm")


def test_a_reason_for_referral_that_mtbs_does_not_know_is_proposed_for_the_puskesmas(ws, bidan, child_id):
    weigh(ws, child_id, length_mm=660, weight_g=7_700)
    codes = {item.reason.code for item in cases.card(bidan, child_id).case.reasons}
    assert "stunting" in codes
    found = cases.propose(bidan, child_id, Exam())
    assert found.classification.refer is None
    assert (found.place, Decision.REFER in found.decisions) == (Referral.PUSKESMAS, True)


def test_a_child_to_be_watched_is_not_proposed_for_referral(ws, bidan, child_id):
    weigh(ws, child_id, date(2026, 10, 20), 8_900, length_mm=735)
    weigh(ws, child_id, date(2026, 11, 20), 8_900, length_mm=740)
    card = cases.card(bidan, child_id)
    assert card.case.tone is Tone.WASPADA
    found = cases.propose(bidan, child_id, Exam())
    assert (found.place, found.decisions & {Decision.REFER, Decision.REFER_TODAY}) == (None, frozenset())


def test_every_case_tells_closed_ones_too_and_what_is_wanted_of_one_child(ws, bidan, thin):
    decide(bidan, thin, revisit_on=date(2026, 11, 30))
    (row,) = cases.every_case(ws)
    assert cases.wanted_of(row) == cases.wanted_child(ws, thin) == cases.wanted(ws)[0]
    assert [item.measurement.date for item in row.history] == [date(2026, 11, 20)]
    cases.close(bidan, thin, Outcome.TREATED)
    (row,) = cases.every_case(ws)
    assert row.case.state is CaseState.RESOLVED
    assert (cases.wanted_of(row), cases.wanted_child(ws, thin)) == (None, None)


def test_a_letter_tells_the_figures_of_its_own_day(ws, bidan, thin):
    decide(bidan, thin, Decision.REFER, place=Referral.PUSKESMAS)
    before = referral.letter(bidan, thin)
    bidan.clock.move(timedelta(days=20))
    weigh(ws, thin, date(2026, 12, 10), 9_400, length_mm=745, muac_mm=131)
    again = referral.letter(bidan, thin)
    assert again.reasons == before.reasons == ("LiLA 12,0 cm, di bawah 12,5 cm",)
    assert dict(again.measurements) == dict(before.measurements)
    score = cases.card(bidan, thin).status.history[0].growth.weight_for_length
    assert dict(again.measurements)["BB/PB"] == f"{format_z(score.centi)}, Gizi baik (normal)"


# --- a child with two records ---


@pytest.fixture
def twice(ws, bidan, thin):
    """Siti, thin, and a second record of hers that the midwife has linked with the first."""
    other = next(iter(registration.register(ws, siti(name="Siti N.")).entities))
    payload = {"other": thin}
    new = log.NewOperation("person.link", other, registration_scope(ws, other), payload)
    log.append(ws.database, [new], actor=bidan.user.id, clock=bidan.clock)
    return min(thin, other), max(thin, other)


def registration_scope(ws, child_id):
    return children_of(ws.database, child_id).scope


def test_what_the_midwife_wrote_under_the_other_record_belongs_to_the_case(bidan, twice):
    """Reviews and PMT made before the records were linked, or by a laptop that has not heard of it."""
    shown, hidden = twice
    decide(bidan, hidden, Decision.COUNSEL, Decision.PMT, pmt_days=56, revisit_on=date(2026, 12, 7))
    (row,) = cases.worklist(bidan)
    assert row.child.id == shown
    assert row.case.state is CaseState.FOLLOW_UP
    assert row.case.revisit_on == date(2026, 12, 7)
    assert [review.pmt_days for review in row.case.decisions] == [56]
    assert [entry.child.id for entry in cases.calendar(bidan, date(2027, 2, 1))] == [shown] * len(
        cases.calendar(bidan, date(2027, 2, 1))
    )
    (wanted,) = cases.wanted(bidan)
    assert wanted.child.id == shown


def test_a_measurement_of_either_record_can_be_confirmed_from_the_one_case(bidan, twice):
    shown, hidden = twice
    weigh(bidan, hidden, day=date(2026, 11, 21), muac_mm=118)
    measured = measurements.of_child(bidan.database, hidden)[-1]
    mine = Measured(weight_g=8_850, muac_mm=121)
    cases.confirm(bidan, shown, Verdict.CORRECTED, measurement_id=measured.id, remeasured=mine)
    assert measurements.get(bidan.database, measured.id).muac_mm == 121
    assert state(bidan, shown) is state(bidan, hidden) is CaseState.VERIFIED


def test_taken_apart_again_each_record_has_its_own_case(bidan, ws, twice):
    shown, hidden = twice
    weigh(ws, hidden, day=date(2026, 11, 21), muac_mm=118)
    weigh(ws, shown, day=date(2026, 11, 22), muac_mm=118)
    decide(bidan, hidden, revisit_on=date(2026, 12, 7))
    assert state(bidan, shown) is CaseState.FOLLOW_UP
    new = log.NewOperation("person.unlink", hidden, registration_scope(ws, hidden), {"other": shown})
    log.append(bidan.database, [new], actor=bidan.user.id, clock=bidan.clock)
    assert state(bidan, hidden) is CaseState.FOLLOW_UP
    assert state(bidan, shown) is CaseState.NEW

"""A child's history tells what midwife, puskesmas and Dinas did, by their names, taken back or not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.mtbs import Complication
from posyandu_app.domain.operations import Operation
from posyandu_app.domain.recommendations import AnswerState
from posyandu_app.domain.reviews import Decision, Measured, Verdict
from posyandu_app.domain.visits import Referral
from posyandu_app.services import case_words, cases, history, recommendations, weighing
from posyandu_app.services.cases import Exam
from posyandu_app.services.undoing import undo
from posyandu_app.storage import measurements


@pytest.fixture
def thin(ws, child_id):
    weighing.record(ws, child_id, Draft(date(2026, 11, 20), 8_800, 735, Position.LYING, muac_mm=120))
    return child_id


def last(ws, child_id):
    entry = history.of(ws, child_id)[-1]
    return entry.title, entry.details, entry.who


def test_a_review_in_the_history(ws, as_role, thin):
    bidan = as_role(Role.BIDAN)
    (measurement,) = measurements.of_child(ws.database, thin)
    mine = Measured(8_790, 736, Position.LYING, 452, 121, 1)
    cases.confirm(bidan, thin, Verdict.RIGHT, measurement_id=measurement.id, remeasured=mine)
    assert last(ws, thin) == (
        "Ukuran diperiksa 23/11/2026",
        (
            "Ukuran kader benar",
            "Ukuran kader: 8,8 kg, 73,5 cm terlentang, LiLA 12,0 cm",
            "Ukuran petugas kesehatan: 8,79 kg, 73,6 cm terlentang, kepala 45,2 cm, LiLA 12,1 cm, bengkak +1",
        ),
        "Rina",
    )
    done = cases.decide(
        bidan,
        thin,
        {Decision.REFER},
        place=Referral.PUSKESMAS,
        exam=Exam(complications=frozenset({Complication.ANAEMIA}), appetite=True),
        note="bawa KIA",
    )
    title, details, who = last(ws, thin)
    assert (title, who) == ("Keputusan 23/11/2026", "Rina")
    assert details[:3] == ("Rujuk ke Puskesmas; bawa KIA", "MTBS: Gizi kurang", "Komplikasi: Anemia berat")
    undo(bidan, done.undo)
    assert last(ws, thin)[0] == "Dibatalkan: pemeriksaan petugas kesehatan"


def test_a_recommendation_and_its_answer_in_the_history(ws, as_role, thin):
    ws.database.set_meta("scope", "32.11")
    changes = recommendations.send(as_role(Role.DINAS), "Ukur ulang\nsegera", child_id=thin)
    assert last(ws, thin) == ("Rekomendasi dari Dinas", ("Ukur ulang", "segera"), "Rina")
    (sent,) = changes.entities - {thin}
    recommendations.answer(ws, sent, AnswerState.DONE, "sudah diukur")
    assert last(ws, thin) == ("Jawaban atas rekomendasi: Sudah dikerjakan", ("sudah diukur",), "Sari Dewi")


@given(
    st.sampled_from(["review", "recommendation", "answer"]),
    st.sampled_from(["record", "void", "restore", "baru"]),
    st.dictionaries(
        st.sampled_from(["child", "date", "step", "text", "state", "to", "by", "remeasured", "mtbs", "lain"]),
        st.none()
        | st.integers()
        | st.text(max_size=8)
        | st.dictionaries(st.text(), st.none() | st.integers()),
    ),
)
def test_a_hostile_operation_is_told_somehow(kind, action, payload):
    operation = Operation(1, f"{kind}.{action}", 1, "e", "32", "a", "", "", None, "", payload)
    title, details = case_words.told(operation)
    assert title
    assert all(isinstance(detail, str) for detail in details)

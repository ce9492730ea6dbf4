"""Recommendations on one laptop with everybody at its keyboard in turn: sent, opened, answered, withdrawn."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Role
from posyandu_app.domain.recommendations import AnswerState, Figure, Progress
from posyandu_app.services import recommendations as rec
from posyandu_app.services.undoing import undo
from posyandu_app.services.views import User
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import case_facts, log, peer

REGION, KECAMATAN, VILLAGE = "32.11", "32.11.13", "32.11.13.2005"
MELATI = "32.11.13.2005.001"
SEEN, DONE, CANNOT = AnswerState


@pytest.fixture
def at(ws):
    """The same database with somebody of a role at work in an area."""

    def workspace(role: Role, scope: str) -> Workspace:
        ws.database.set_meta("scope", scope)
        return Workspace(ws.database, User(f"user-{role}", f"Petugas {role}", role), ws.rules, ws.clock)

    return workspace


def send(at, scope: str | None = VILLAGE, text: str = "Kunjungi yang absen", **more) -> str:
    changes = rec.send(at(Role.DINAS, REGION), text, scope=scope, **more)
    return next(entity for entity in changes.entities if entity != more.get("child_id"))


def test_what_is_sent_waits_for_the_kader_and_the_midwife(at):
    sent = send(at, due_on=date(2026, 11, 30))
    kader = at(Role.KADER, MELATI)
    (row,) = rec.waiting(kader)
    assert (row.id, row.address, row.from_above, row.may_answer) == (sent, "Cilembu", True, True)
    item = row.status.recommendation
    assert (item.text, item.by, item.role, item.rules) == (
        "Kunjungi yang absen",
        "Petugas dinas",
        "dinas",
        "2026.1",
    )
    assert [row.id for row in rec.waiting(at(Role.BIDAN, VILLAGE))] == [sent]
    assert rec.waiting(at(Role.KADER, "32.11.13.2008.001")) == ()
    assert rec.waiting(at(Role.DINAS, REGION)) == ()
    assert [row.id for row in rec.listed(at(Role.DINAS, REGION))] == [sent]
    assert [row.id for row in rec.listed(at(Role.DINAS, REGION), "32.11.13.2008")] == []


def test_opening_is_noted_once_and_only_by_those_who_receive(at):
    sent = send(at)
    assert rec.opened(at(Role.DINAS, REGION), sent) is None
    assert rec.opened(at(Role.TPG, KECAMATAN), sent) is None, "who looks from above has not received it"
    kader = at(Role.KADER, MELATI)
    before = log.count(kader.database)
    assert rec.opened(kader, sent) is not None
    assert rec.opened(kader, sent) is None
    assert log.count(kader.database) == before + 1
    (row,) = rec.waiting(kader)
    assert row.status.progress is Progress.SEEN
    (given,) = row.status.answers
    assert (given.scope, given.state, given.by, given.role) == (MELATI, SEEN, "Petugas kader", "kader")


def test_listing_notes_nothing(at):
    send(at)
    kader = at(Role.KADER, MELATI)
    before = log.tip(kader.database)
    rec.waiting(kader)
    rec.listed(kader)
    rec.one(kader, rec.listed(kader)[0].id)
    assert log.tip(kader.database) == before


def test_done_by_the_posyandu_and_by_the_midwife_for_all(at):
    sent = send(at)
    kader = at(Role.KADER, MELATI)
    done = rec.answer(kader, sent, DONE, "semua dikunjungi")
    assert rec.waiting(kader) == ()
    assert done.kinds == {"recommendation", "answer"}
    assert done.undo.label == "Rekomendasi: Sudah dikerjakan"
    assert rec.one(kader, sent).status.progress is Progress.DONE, "the only posyandu known in the village"
    undo(kader, done.undo)
    assert [row.id for row in rec.waiting(kader)] == [sent]
    bidan = at(Role.BIDAN, VILLAGE)
    rec.answer(bidan, sent, DONE)
    assert rec.waiting(at(Role.KADER, MELATI)) == ()


def test_who_cannot_says_why(at):
    sent = send(at)
    kader = at(Role.KADER, MELATI)
    with pytest.raises(InvalidValue) as caught:
        rec.answer(kader, sent, CANNOT)
    assert caught.value.field == "note"
    rec.answer(kader, sent, CANNOT, "jalan putus")
    found = rec.one(at(Role.DINAS, REGION), sent).status
    assert (found.progress, found.answers[0].note, found.open) == (Progress.CANNOT, "jalan putus", False)


def test_the_dinas_sees_overdue_and_the_receiver_does_too(at):
    sent = send(at, due_on=date(2026, 11, 25))
    dinas = at(Role.DINAS, REGION)
    dinas.clock.move(timedelta(days=5))
    assert rec.one(dinas, sent).status.overdue_days == 3
    kader = at(Role.KADER, MELATI)
    assert rec.waiting(kader)[0].status.overdue_days == 3
    rec.answer(kader, sent, DONE)
    assert rec.one(dinas, sent).status.overdue_days == 0


def test_a_puskesmas_recommends_within_its_kecamatan_and_answers_what_is_addressed_to_it(at):
    tpg = at(Role.TPG, KECAMATAN)
    rec.send(tpg, "Latih kader", scope=VILLAGE)
    for scope in (REGION, "32.11.14", "32.11.14.2001"):
        with pytest.raises(InvalidValue) as caught:
            rec.send(tpg, "x", scope=scope)
        assert caught.value.field == "scope"
    sent = send(at, KECAMATAN)
    assert [row.id for row in rec.waiting(at(Role.TPG, KECAMATAN))] == [sent], "not its own"
    rec.answer(at(Role.TPG, KECAMATAN), sent, DONE)
    assert rec.one(at(Role.DINAS, REGION), sent).status.progress is Progress.DONE
    with pytest.raises(NotAllowed):
        rec.answer(at(Role.TPG, KECAMATAN), send(at, VILLAGE), DONE)


@pytest.mark.parametrize("role", [Role.KADER, Role.BIDAN])
def test_others_do_not_recommend(at, role):
    workspace = at(role, VILLAGE)
    before = log.tip(workspace.database)
    with pytest.raises(NotAllowed):
        rec.send(workspace, "x", scope=MELATI)
    sent = send(at)
    with pytest.raises(NotAllowed):
        rec.withdraw(at(role, VILLAGE), sent)
    with pytest.raises(NotAllowed):
        rec.answer(at(Role.DINAS, REGION), sent, DONE)
    assert log.tip(workspace.database)[0] == before[0] + 1


def test_about_a_child_it_goes_to_her_posyandu(at, child_id):
    sent = send(at, None, "Periksa ulang tinggi", child_id=child_id)
    kader = at(Role.KADER, MELATI)
    (row,) = rec.listed(kader)
    assert (row.id, row.child.name, row.address, row.from_above) == (sent, "Siti Aminah", "Melati 1", False)
    rec.answer(kader, sent, DONE)
    (given,) = case_facts.answers(kader.database)[sent]
    assert (given.child, given.scope) == (child_id, MELATI)


def test_a_child_that_moved_takes_it_along(ws, at, child_id):
    sent = send(at, None, child_id=child_id)
    new = log.NewOperation(
        "child.transfer", child_id, MELATI, {"to": "32.11.13.2005.002", "date": "2026-11-20"}
    )
    log.append(ws.database, [new], actor="bidan", clock=ws.clock)
    assert [row.id for row in rec.waiting(at(Role.KADER, "32.11.13.2005.002"))] == [sent]
    assert rec.waiting(at(Role.KADER, MELATI)) == ()


def test_the_figures_it_rests_on_are_kept(at):
    figure = Figure(code="d_s", area=VILLAGE, first="2026-10", last="2026-10", count=10, of=16, label="D/S")
    sent = send(at, figures=[figure])
    assert rec.one(at(Role.KADER, MELATI), sent).status.recommendation.figures == (figure,)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 3000}, "text"),
        ({"scope": None}, "scope"),
        ({"scope": "32.11.13.2005.1"}, "scope"),
        ({"scope": "'; DROP TABLE log"}, "scope"),
        ({"scope": "33.01"}, "scope"),
        ({"due_on": date(2026, 11, 1)}, "due_on"),
    ],
)
def test_a_form_names_the_field_and_saves_nothing(at, changed, field):
    before = log.tip(at(Role.DINAS, REGION).database)
    with pytest.raises(InvalidValue) as caught:
        send(at, **changed)
    assert caught.value.field == field
    assert log.tip(at(Role.DINAS, REGION).database) == before


def test_an_unknown_one_is_told_and_an_unknown_child_too(at):
    for deed in (rec.one, rec.opened, rec.withdraw):
        with pytest.raises(UserError):
            deed(at(Role.DINAS, REGION), "tidak-ada")
    with pytest.raises(UserError):
        send(at, None, child_id="tidak-ada")


def test_withdrawing_and_taking_that_back(at):
    sent = send(at)
    dinas = at(Role.DINAS, REGION)
    gone = rec.withdraw(dinas, sent, "salah alamat")
    assert rec.listed(dinas) == ()
    assert rec.opened(at(Role.KADER, MELATI), sent) is None
    with pytest.raises(UserError):
        rec.answer(at(Role.KADER, MELATI), sent, DONE)
    with pytest.raises(UserError):
        rec.withdraw(at(Role.DINAS, REGION), sent)
    undo(at(Role.DINAS, REGION), gone.undo)
    assert [row.id for row in rec.waiting(at(Role.KADER, MELATI))] == [sent]
    with pytest.raises(NotAllowed):
        rec.withdraw(at(Role.TPG, KECAMATAN), sent)


def test_sending_is_taken_back_by_name_by_its_sender(at):
    dinas = at(Role.DINAS, REGION)
    sent = rec.send(dinas, "Kejar D/S", scope=VILLAGE)
    assert sent.undo.label == "Rekomendasi dikirim: Cilembu"
    with pytest.raises(NotAllowed):
        undo(at(Role.BIDAN, VILLAGE), sent.undo)
    undo(at(Role.DINAS, REGION), sent.undo)
    assert rec.listed(at(Role.DINAS, REGION)) == ()


# --- how far it has come ---


def test_the_way_it_has_come_as_the_server_tells(at, ws):
    sent = send(at, VILLAGE)
    dinas = at(Role.DINAS, REGION)

    def progress():
        found = rec.one(dinas, sent).status
        return found.progress, found.reach.read, found.reach.laptops

    assert progress() == (Progress.UNSENT, 0, 0)
    with ws.database.atomic():
        ws.database.run("UPDATE log SET ss = 7 WHERE entity = ?", (sent,))
        peer.note_readers(
            ws.database,
            [
                peer.Reader(KECAMATAN, 99),
                peer.Reader(VILLAGE, 6),
                peer.Reader(MELATI, 3),
                peer.Reader("32.11.13.2008.001", 99),
            ],
        )
    assert progress() == (Progress.SENT, 0, 2), "who reads elsewhere has not received it"
    with ws.database.atomic():
        peer.note_readers(ws.database, [peer.Reader(VILLAGE, 6), peer.Reader(MELATI, 7)])
    assert progress() == (Progress.DELIVERED, 1, 2)
    kader = at(Role.KADER, MELATI)
    assert rec.one(kader, sent).status.progress is Progress.DELIVERED


def test_one_to_a_posyandu_is_received_by_its_midwife_too(at, ws):
    sent = send(at, MELATI)
    with ws.database.atomic():
        ws.database.run("UPDATE log SET ss = 7 WHERE entity = ?", (sent,))
        peer.note_readers(ws.database, [peer.Reader(VILLAGE, 7), peer.Reader(KECAMATAN, 9)])
    assert rec.one(at(Role.DINAS, REGION), sent).status.reach.read == 1

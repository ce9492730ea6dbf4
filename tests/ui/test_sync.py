"""Sync inside the app, against a real district server on loopback."""

import time
from datetime import timedelta

import pytest
import uuid_utils
from PySide6.QtCore import QPoint, Qt

from posyandu_app.district import admin
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, roster, weighing
from posyandu_app.storage import log
from posyandu_app.storage.connection import Database
from posyandu_app.sync import wire
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.status import Link
from tests.district.server import POSYANDU, listening, running
from tests.ui.conftest import PASSWORD

Key = Qt.Key


@pytest.fixture
def server(tmp_path):
    with running(tmp_path / "dinas") as district, listening(district.desk) as url:
        district.url = url
        yield district


def until(hands, reached, patience=200):
    for _ in range(patience):
        if reached():
            return
        hands.wait(25)
    raise AssertionError("waited in vain")


def join(hands, server):
    hands.go("sync")
    assert hands.focus.objectName() == "enrol_url"
    hands.enter(server.url)
    hands.enter(server.code(POSYANDU, "kader"))
    hands.enter("Laptop Melati 1")
    until(hands, lambda: hands.app.sync.status.enrolled and not hands.app.sync.busy)


def test_joining_with_a_code_sends_all_that_is_here(hands, server):
    before = hands.app.sync.status
    assert not before.enrolled
    assert "belum didaftarkan" in hands.text("status_sentence")
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    assert hands.app.sync.status.link == Link.ONLINE
    assert server.status().digests["measurement"][0] == 14
    assert server.status().digests["child"][0] == 5
    assert hands.text("sync_unsent") == "0"
    assert hands.text("status_sentence").startswith("Semua data sudah diterima Dinas")
    assert not hands.main.sync_screen.form.isVisible()


def test_a_code_that_is_not_known_is_told_and_what_was_typed_stays(hands, server):
    hands.go("sync")
    hands.enter(server.url)
    hands.enter("AAAA-BBBB-CCCC")
    hands.enter("Laptop Melati 1")
    until(hands, lambda: hands.text("enrol_code_note").startswith("Kode ini tidak dikenal."))
    assert hands.text("enrol_trouble") == ""
    assert hands.focus.objectName() == "enrol_code", "where it is to be mended"
    fields = hands.main.sync_screen.fields.values()
    assert len({field.edit.mapTo(hands.app.window, QPoint(0, 0)).y() for field in fields}) == 1
    assert hands.main.sync_screen.fields["code"].text() == "AAAA-BBBB-CCCC"
    assert not hands.app.sync.status.enrolled


def test_after_too_many_wrong_codes_nobody_asks_again_before_the_person_does(hands, server, monkeypatch):
    hands.go("sync")
    hands.enter(server.url)
    hands.enter("AAAA-BBBB-CCCC")
    hands.enter("Laptop Melati 1")
    for _ in range(10):
        until(hands, lambda: not hands.app.sync.busy and "ode" in hands.text("enrol_code_note"))
        hands.press(Key.Key_F9)
    until(hands, lambda: hands.text("enrol_code_note").startswith("Terlalu banyak kode salah dari sini."))
    assert "Cocokkan dulu kodenya" in hands.text("enrol_code_note")
    assert hands.main.sync_screen.fields["code"].text() == "AAAA-BBBB-CCCC"
    asked = []
    monkeypatch.setattr(server.desk, "enrol", lambda *_: asked.append(1))
    for _ in range(4):
        hands.app.sync.reconnected()
        hands.wait(100)
    assert asked == []
    assert hands.app.sync.status.link == Link.NOT_ENROLLED


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Isi alamat server dari Dinas."),
        ("bukan alamat", "lamat"),
        ("http://dinas.example.id", "https://"),
        ("ftp://127.0.0.1", "lamat"),
        ("x" * 10_000, "lamat"),
    ],
)
def test_an_address_that_cannot_be_is_told(hands, url, said):
    hands.go("sync")
    if url:
        hands.paste(url)
    hands.press(Key.Key_Return)
    hands.enter("AAAA-BBBB-CCCC")
    hands.enter("Laptop")
    until(hands, lambda: said in hands.text("enrol_url_note"))
    assert hands.text("enrol_url_note") != "Dengan atau tanpa https://"
    assert hands.text("enrol_trouble") == ""
    assert hands.focus.objectName() == "enrol_url"


def test_an_unreachable_server_is_no_fault_of_a_field(hands):
    hands.go("sync")
    for text in ("http://127.0.0.1:9", "AAAA-BBBB-CCCC", "Laptop"):
        hands.enter(text)
    until(hands, lambda: hands.text("enrol_trouble").startswith("Server Dinas tidak terjangkau."))
    assert hands.text("enrol_url_note") == "Dengan atau tanpa https://"


def test_with_the_switch_off_nothing_is_attempted_and_with_it_on_everything_arrives(hands, server, posyandu):
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.press(Key.Key_F8)
    assert not hands.app.sync.network_on
    assert hands.text("status_title") == "Bekerja tanpa jaringan"
    asked = server.time.now
    hands.open_child("Aisyah Putri")
    hands.enter("11,7")
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F5)
    hands.wait(300)
    assert server.time.now == asked, "the server was not even asked"
    assert hands.app.sync.status.unsent == 1
    assert hands.text("status_sentence").startswith("1 data belum diterima Dinas; terakhir diterima")
    hands.press(Key.Key_F8)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    assert server.status().digests["measurement"][0] == 15


def test_a_save_is_sent_by_itself_when_there_is_a_network(hands, server):
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.open_child("Bagas Saputra")
    hands.enter("10,1")
    hands.press(Key.Key_F9)
    until(hands, lambda: server.status().digests["measurement"][0] == 15)


def backlog(hands, clock, posyandu, monkeypatch) -> None:
    """400 weighings written down while there was no network, of which no request carries more than 100."""
    monkeypatch.setattr(wire, "MAX_OPERATIONS", 100)
    hands.press(Key.Key_F8)
    child = posyandu.children["Citra Lestari"]
    new = [
        log.NewOperation(
            "measurement.record",
            str(uuid_utils.uuid7()),
            POSYANDU,
            {"child": child, "date": str(clock.today() - timedelta(days=number)), "weight_g": 9000},
        )
        for number in range(1, 401)
    ]
    log.append(hands.app.workspace.database, new, actor="x", clock=clock)


def test_what_comes_next_is_on_its_way_while_an_answer_is_taken_in(
    hands, server, clock, posyandu, monkeypatch
):
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    backlog(hands, clock, posyandu, monkeypatch)
    port, happened = hands.app._port, []
    carry, take = port.carry, port.take
    monkeypatch.setattr(port, "carry", lambda outgoing: (happened.append("sent"), carry(outgoing))[1])

    def slowly(reply):
        time.sleep(0.2)
        try:
            return take(reply)
        finally:
            happened.append("taken")

    monkeypatch.setattr(port, "take", slowly)
    hands.press(Key.Key_F8)
    until(hands, lambda: hands.app.sync.status.unsent == 0 and not hands.app.sync.busy)
    assert happened.count("taken") == happened.count("sent")
    assert happened[:3] == ["sent", "sent", "taken"]
    assert server.status().digests["measurement"][0] == 414


@pytest.mark.parametrize("number", [1, 2])
def test_trouble_in_taking_in_waits_for_what_is_on_its_way_and_then_all_comes_again(
    hands, server, clock, posyandu, monkeypatch, number
):
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    backlog(hands, clock, posyandu, monkeypatch)
    port, taken, troubled = hands.app._port, [], []
    take = port.take

    def full(reply):
        taken.append(reply)
        if len(taken) == number:
            raise UserError("Disk penuh.", code="disk_full")
        return take(reply)

    monkeypatch.setattr(port, "take", full)
    hands.app.sync.troubled.connect(troubled.append)
    hands.press(Key.Key_F8)
    until(hands, lambda: troubled)
    hands.press(Key.Key_F5)
    until(hands, lambda: hands.app.sync.status.unsent == 0 and not hands.app.sync.busy)
    assert len(troubled) == 1
    assert server.status().statuses == {"applied": server.status().operations}
    assert server.status().digests["measurement"][0] == 414


def test_switched_off_in_the_middle_it_stops_and_goes_on_where_it_was(
    hands, server, clock, posyandu, monkeypatch
):
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    backlog(hands, clock, posyandu, monkeypatch)
    port, sent = hands.app._port, []
    carry = port.carry
    monkeypatch.setattr(port, "carry", lambda outgoing: (sent.append(outgoing), carry(outgoing))[1])

    def switch_off(status):
        if 0 < status.unsent < 400:
            hands.app.sync.set_network(False)

    hands.app.sync.status_changed.connect(switch_off)
    hands.press(Key.Key_F8)
    until(hands, lambda: sent and not hands.app.sync.busy)
    hands.app.sync.status_changed.disconnect(switch_off)
    assert not hands.app.sync.network_on
    hands.app.sync.set_network(True)
    until(hands, lambda: hands.app.sync.status.unsent == 0 and not hands.app.sync.busy)
    assert server.status().digests["measurement"][0] == 414


def test_what_another_laptop_measured_appears_by_itself(hands, server, tmp_path, clock, posyandu):
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    other = DataFolder(tmp_path / "other")
    setup = accounts.Setup(POSYANDU, "Melati 1", "Euis", "Euis", Role.KADER, PASSWORD)
    ws = accounts.set_up(other, setup, clock, cheap=True)
    with HttpTransport(server.url) as transport:
        enrol(ws.database, transport, server.code(POSYANDU, "kader"), "Laptop kedua")
        exchange_all(Engine(ws.database, clock), transport)
        child = posyandu.children["Citra Lestari"]
        weighing.record(ws, child, Draft(clock.today(), 10900))
        exchange_all(Engine(ws.database, clock), transport)
    ws.close()
    hands.go("roster")
    hands.press(Key.Key_F5)
    until(hands, lambda: hands.main.roster.state.done == 1)
    done = [row.child.name for row in roster.rows(hands.app.workspace) if row.measured_this_month]
    assert done == ["Citra Lestari"]


def test_a_server_that_is_gone_is_told_once_and_work_goes_on(hands, tmp_path):
    with running(tmp_path / "gone") as district, listening(district.desk) as url:
        district.url = url
        join(hands, district)
        until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.press(Key.Key_F5)
    until(hands, lambda: hands.app.sync.status.link == Link.OFFLINE)
    assert "Internet belum ada." in hands.text("status_sentence")
    hands.open_child("Aisyah Putri")
    hands.enter("11,7")
    hands.press(Key.Key_F9)
    assert hands.text("undo_text") == "Disimpan: Aisyah Putri, 11,7 kg"
    until(hands, lambda: hands.app.sync.status.unsent == 1)


def test_the_network_switch_is_kept_for_the_next_start(hands, start, posyandu):
    hands.press(Key.Key_F8)
    again = start(posyandu.folder)
    assert again.app.window.settings.network_on is False


def test_a_person_who_asks_elsewhere_gets_an_answer_at_the_foot(hands, server):
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.go("roster")
    hands.press(Key.Key_F5)
    until(hands, lambda: hands.text("undo_text").startswith("Semua data sudah diterima Dinas"))


def test_locking_in_the_middle_of_an_exchange_is_quiet(hands, server):
    join(hands, server)
    hands.app.sync.sync_now()
    hands.app.lock()
    hands.wait(300)
    assert hands.app.window.main is None
    hands.enter(PASSWORD)
    until(hands, lambda: hands.app.sync is not None and hands.app.sync.status is not None)
    assert hands.app.sync.status.enrolled


def test_the_foot_says_when_what_was_saved_has_arrived(hands, server):
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    hands.open_child("Bagas Saputra")
    hands.enter("10,1")
    hands.press(Key.Key_F9)
    until(hands, lambda: hands.text("undo_detail") == "Sudah diterima Dinas")
    assert hands.text("undo_text") == "Disimpan: Bagas Saputra, 10,1 kg"


def test_a_revoked_laptop_sends_what_it_has_and_then_keeps_nothing(hands, server, posyandu):
    """F22: the order is carried out after the Dinas has signed for everything, and a person is told."""
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    admin.revoke(server.store, admin.devices(server.store)[0].id)
    hands.press(Key.Key_F8)
    hands.open_child("Bagas Saputra")
    hands.enter("10,1")
    hands.press(Key.Key_F9)
    hands.wait(100)
    folder = posyandu.folder
    assert folder.database.exists()
    hands.press(Key.Key_F8)
    until(hands, lambda: hands.app.window.main is None and hands.app.tasks.idle)
    until(hands, lambda: "mencabut izin" in hands.text("first_run_message"))
    assert server.status().statuses["quarantined"] == 1
    left = {path.name for path in folder.root.rglob("*") if path.is_file()}
    assert not {name for name in left if name.endswith((".db", "keys.json", "-wal", "-shm"))}


def test_a_copied_disk_goes_on_by_itself_with_one_quiet_sentence(hands, server, tmp_path, clock):
    join(hands, server)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    own = hands.app.workspace.database
    hands.press(Key.Key_F8)
    hands.wait(100)
    with own.snapshot():
        own.rows("SELECT 1")
    copied = tmp_path / "salinan.db"
    own.conn.execute("VACUUM INTO ?", (str(copied),))
    copy = Database.open(copied, own.key)
    child = copy.one("SELECT id FROM child")[0]
    payload = {"name": {"v": "Dari salinan", "base": None}}
    log.append(copy, [log.NewOperation("child.set", child, POSYANDU, payload)], actor="x", clock=clock)
    with HttpTransport(server.url) as transport:
        exchange_all(Engine(copy, clock), transport)
    copy.close()
    said = []
    hands.app.sync.mended.connect(said.append)
    hands.open_child("Bagas Saputra")
    hands.enter("10,1")
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F8)
    until(hands, lambda: server.status().digests["measurement"][0] == 15)
    until(hands, lambda: hands.app.sync.status.unsent == 0)
    assert len(said) == 1
    assert "tidak ada yang hilang" in said[0]
    assert hands.app.window.main is not None

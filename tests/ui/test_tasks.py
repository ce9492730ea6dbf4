"""Work leaves the GUI thread and comes back whole, in order, on the GUI thread."""

import gc
import threading
import time
import weakref

import pytest
from PySide6.QtCore import QObject, QThread, Signal

from posyandu_app.domain.errors import UserError
from posyandu_app.ui.collector import Collector
from posyandu_app.ui.tasks import Tasks


@pytest.fixture
def tasks(qapp):
    made = Tasks()
    yield made
    made.close()


def test_results_arrive_on_the_gui_thread_in_the_order_asked(tasks, qapp):
    seen = []
    for number in range(200):
        tasks.run("db", lambda n=number: (n, threading.get_ident()), seen.append)
    threads_of_delivery = []
    tasks.run("db", lambda: None, lambda _: threads_of_delivery.append(QThread.currentThread()))
    assert tasks.wait_idle(10)
    assert [number for number, _ in seen] == list(range(200))
    assert {ident for _, ident in seen} != {threading.get_ident()}
    assert len({ident for _, ident in seen}) == 1
    assert threads_of_delivery == [qapp.thread()]


def test_a_failure_goes_to_whoever_asked(tasks):
    told, elsewhere = [], []
    tasks.troubled.connect(elsewhere.append)

    def fail():
        raise UserError("Periksa kabelnya.")

    tasks.run("net", fail, None, told.append)
    assert tasks.wait_idle(10)
    assert [error.message for error in told] == ["Periksa kabelnya."]
    assert elsewhere == []


def test_a_failure_nobody_takes_is_told_in_its_own_sentence(tasks):
    told = []
    tasks.troubled.connect(told.append)

    def fail():
        raise UserError("Periksa kabelnya.")

    tasks.run("db", fail)
    assert tasks.wait_idle(10)
    assert told == ["Periksa kabelnya."]


def test_a_bug_is_told_calmly_with_a_code_and_without_its_text(tasks, caplog):
    told = []
    tasks.troubled.connect(told.append)
    tasks.run("db", lambda: {}["3204051708240001"])
    assert tasks.wait_idle(10)
    assert len(told) == 1
    assert "3204051708240001" not in told[0]
    assert "KeyError" not in told[0]
    code = next(word for word in told[0].rstrip(".").split() if word.isdigit())
    assert code in caplog.text


def test_one_screens_mistake_does_not_keep_others_waiting(tasks, caplog):
    seen = []
    tasks.run("db", lambda: 1, lambda _: 1 / 0)
    tasks.run("db", lambda: 2, seen.append)
    assert tasks.wait_idle(10)
    assert seen == [2]
    assert "ZeroDivisionError" in caplog.text


def test_the_network_never_keeps_the_database_waiting(tasks):
    release = threading.Event()
    seen = []
    for _ in range(2):
        tasks.run("net", lambda: release.wait(20))
    tasks.run("db", lambda: "saved", seen.append)
    deadline = time.monotonic() + 10
    while not seen and time.monotonic() < deadline:
        tasks.wait_idle(0.02)
    assert seen == ["saved"]
    release.set()
    assert tasks.wait_idle(10)


def test_nothing_asked_of_the_database_is_lost_at_shutdown(qapp):
    tasks = Tasks()
    written, told = [], []
    for number in range(50):
        tasks.run("db", lambda n=number: written.append(n), lambda _, n=number: told.append(n))
    tasks.close()
    assert written == list(range(50))
    assert told == list(range(50))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("db", "net"))]
    with pytest.raises(RuntimeError):
        tasks.run("db", lambda: None)


def test_waiting_says_when_it_was_not_enough(tasks):
    release = threading.Event()
    tasks.run("net", lambda: release.wait(20))
    assert tasks.wait_idle(0.05) is False
    release.set()
    assert tasks.wait_idle(10) is True


def test_thousands_of_emitted_truths(qapp):
    """PYSIDE-3474: PySide6 6.12.0 on Python 3.11 loses a reference at each emit, aborts after ~570."""

    class Source(QObject):
        told = Signal(bool)

    source, heard = Source(), []
    source.told.connect(heard.append)
    for _ in range(5000):
        source.told.emit(True)
    assert heard == [True] * 5000


def test_saving_never_waits_for_a_figure(tasks):
    counted, saved = threading.Event(), []
    tasks.run("analysis", lambda: counted.wait(20))
    tasks.run("db", lambda: True, saved.append)
    deadline = time.monotonic() + 10
    while not saved and time.monotonic() < deadline:
        tasks.wait_idle(0.05)
    assert saved == [True]
    counted.set()
    assert tasks.wait_idle(10)


def test_what_is_gone_is_destroyed_on_the_gui_thread_whoever_is_at_work(tasks, qapp):
    """A window and its timer in a circle of references, and a worker that makes very many objects."""
    died = []

    class Owner:
        pass

    owner = Owner()
    owner.window = QObject()
    owner.window.owner = owner
    weakref.finalize(owner, lambda: died.append(threading.get_ident()))
    del owner
    tasks.run("db", lambda: [[[number]] for number in range(300_000)])
    assert tasks.wait_idle(30)
    assert died == [], "no worker collects"
    for _ in range(3):
        gc.collect()
    assert died == [threading.get_ident()]


def test_garbage_is_looked_for_while_the_app_runs(tasks, qapp):
    assert not gc.isenabled()
    before = sum(item["collections"] for item in gc.get_stats())
    keep = [[number] for number in range(5_000)]
    tasks._collector.look()
    assert sum(item["collections"] for item in gc.get_stats()) == before + 1
    assert keep


def test_the_interpreter_keeps_off_until_the_last_of_several_has_closed(qapp):
    others = Collector._at_work
    first, second = Tasks(), Tasks()
    first.close()
    first.close()
    assert not gc.isenabled()
    second.close()
    assert Collector._at_work == others
    assert gc.isenabled() == (others == 0)

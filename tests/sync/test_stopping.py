"""A real server process that is told to stop finishes what is under way; another on its database goes on."""

import signal
import socket
import threading
import time

import pytest

from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport
from tests.district import server as servers
from tests.district.server import POSYANDU
from tests.sync.laptops import Laptop
from tests.sync.processes import ServerProcess, message, server_process

pytestmark = pytest.mark.process


def told_to_stop(process: ServerProcess) -> None:
    assert process._process is not None
    process._process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("on_postgresql", [False, True], ids=["sqlite", "postgresql"])
def test_a_request_half_way_in_is_answered_before_the_process_ends(tmp_path, on_postgresql):
    database = servers.postgres() if on_postgresql else None
    with (
        servers.running(tmp_path / "dinas", database) as server,
        server_process(tmp_path / "dinas", database) as one,
        server_process(tmp_path / "dinas", database) as two,
    ):
        laptop = Laptop(tmp_path / "laptop.db", POSYANDU)
        with HttpTransport(two.url) as line:
            enrol(laptop.database, line, server.code(POSYANDU), "Laptop Uji")
        laptop.weigh(laptop.register())
        body = laptop.engine.prepare().body
        head = f"POST /v1/exchange HTTP/1.1\r\nHost: dinas\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", one.port), timeout=20) as talk:
            talk.sendall(head + body[:100])
            time.sleep(0.3)
            told_to_stop(one)
            time.sleep(0.3)
            late = threading.Thread(target=talk.sendall, args=(body[100:],))
            late.start()
            answer = message(talk)
            late.join()
        assert answer.startswith(b"HTTP/1.1 200")
        laptop.engine.apply(answer.partition(b"\r\n\r\n")[2])
        assert laptop.status.unsent == 0, "it was stored before it was answered"
        assert one.wait() == 0
        laptop.weigh(laptop.register("Anak Dua"))
        with HttpTransport(two.url) as line:
            assert exchange_all(laptop.engine, line).sent == 2, "the other process serves on"
        assert server.status().operations == 4
        laptop.database.close()

"""A server for each test, on both databases."""

import pytest

from tests.district import server as servers
from tests.district.hand import Hand


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request, tmp_path):
    if request.param == "sqlite":
        with servers.running(tmp_path / "dinas") as running:
            yield running
        return
    with servers.running(tmp_path / "dinas", servers.postgres()) as running:
        yield running


@pytest.fixture
def join(server):
    """Makes laptops that are enrolled with the server."""

    def _join(scope: str = servers.POSYANDU, role: str | None = None) -> Hand:
        return Hand(scope, server.time.now).join(server, role)

    return _join


@pytest.fixture
def server_on_sqlite(tmp_path):
    """For what is of SQLite alone: its file and its query plans."""
    with servers.running(tmp_path / "dinas") as running:
        yield running, lambda scope=servers.POSYANDU: Hand(scope, running.time.now).join(running)

"""A server and laptops for each test."""

import inspect

import pytest

from tests.district import server as servers
from tests.sync.laptops import laptops


def pytest_generate_tests(metafunc):
    """A module that says `ON_BOTH = True` is run on SQLite and on a real PostgreSQL.

    Tests that copy the server's folder, database and all, are for SQLite alone.
    """
    if "server" in metafunc.fixturenames and getattr(metafunc.module, "ON_BOTH", False):
        copies = "copytree(server.district.folder" in inspect.getsource(metafunc.function)
        databases = ["sqlite"] if copies else ["sqlite", "postgresql"]
        metafunc.parametrize("server", databases, indirect=True)


@pytest.fixture
def server(request, tmp_path):
    database = servers.postgres() if getattr(request, "param", "sqlite") == "postgresql" else None
    with servers.running(tmp_path / "dinas", database) as running:
        yield running


@pytest.fixture
def make(tmp_path, server):
    """Makes laptops that are enrolled with the server."""
    with laptops(tmp_path, server) as make:
        yield make


@pytest.fixture
def make_alone(tmp_path):
    """Makes laptops that know no server."""
    with laptops(tmp_path) as make:
        yield make

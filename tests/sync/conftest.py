"""A server and laptops for each test."""

import pytest

from tests.district import server as servers
from tests.sync.laptops import laptops


@pytest.fixture
def server(tmp_path):
    with servers.running(tmp_path / "dinas") as running:
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

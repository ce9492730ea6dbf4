"""A fresh encrypted database for each test."""

import pytest

from posyandu_app.storage.connection import Database
from tests.storage.made_up import KEY, clock


@pytest.fixture
def database(tmp_path):
    made = Database.create(tmp_path / "posyandu.db", KEY)
    yield made
    made.close()


@pytest.fixture
def other(tmp_path):
    made = Database.create(tmp_path / "other" / "posyandu.db", KEY)
    yield made
    made.close()


@pytest.fixture(name="clock")
def _clock():
    return clock()

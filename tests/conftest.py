"""Shared fixtures: Qt without a screen, and Indonesian as the language of every test."""

import os
import sys

import pytest
from hypothesis import settings
from hypothesis import strategies as st

settings.register_profile("long", max_examples=10_000, deadline=None)  # --hypothesis-profile=long
settings.register_profile("every run", derandomize=True)  # what fails here fails for everybody
settings.load_profile("every run")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _indonesian():
    from posyandu_app import i18n

    i18n.set_language("id")
    yield
    i18n.set_language("id")


def pytest_collection_finish():
    st.text().validate()  # reads what is known of Unicode: no test is found slow for having been the first


def pytest_sessionfinish():
    """Not left to the end of the process: a worker that is slow to end is killed, its PostgreSQL is not."""
    if (server := sys.modules.get("tests.district.server")) is not None:
        server.stop_postgres()

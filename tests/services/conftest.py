"""A kader and a midwife at work on one made-up posyandu."""

from datetime import date

import pytest

from posyandu_app.domain.model import Role, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, registration
from posyandu_app.services.accounts import Setup
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.views import User
from posyandu_app.services.workspace import Workspace
from tests.storage.made_up import SCOPE, clock

PASSWORD = "melati123"


@pytest.fixture
def folder(tmp_path):
    return DataFolder(tmp_path / "data")


@pytest.fixture
def ws(folder):
    """The kader's workspace, on 23 November 2026."""
    setup = Setup(SCOPE, "Melati 1", "Sari Dewi", "Sari", Role.KADER, PASSWORD)
    made = accounts.set_up(folder, setup, clock(), cheap=True)
    yield made
    made.close()


@pytest.fixture
def as_role(ws):
    """The same laptop with somebody else at the keyboard."""

    def other(role: Role) -> Workspace:
        return Workspace(ws.database, User(f"user-{role}", "Rina", role), ws.rules, ws.clock, ws.folder)

    return other


def siti(**fields: object) -> ChildInput:
    values = {
        "name": "Siti Aminah",
        "sex": Sex.FEMALE,
        "birth_date": date(2025, 11, 23),
        "mother_name": "Rohmah",
    }
    return ChildInput(**{**values, **fields})


@pytest.fixture
def child_id(ws):
    return next(iter(registration.register(ws, siti()).entities))

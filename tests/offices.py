"""Laptops of every role over one made-up district, for tests of screens and for pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from posyandu_app.domain.age import Month
from posyandu_app.domain.clock import Clock, FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts
from posyandu_app.services.views import User
from posyandu_app.services.workspace import Workspace
from tests import generator

WIB = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 23, 9, 12, tzinfo=WIB)
PASSWORD = "melati satu"
LAST = Month(2026, 10)


@cache
def world(children: int = 90) -> generator.World:
    """Three posyandu of one village over half a year, up to October."""
    return generator.make(children=children, months=6, posyandu=3, seed=11, last=LAST)


def scope_of(role: Role, posyandu: int = 0) -> str:
    """The area of a role in that world."""
    parts = world().scopes[posyandu].split(".")
    return ".".join(parts[: {Role.KADER: 5, Role.BIDAN: 4, Role.TPG: 3, Role.DINAS: 2}[role]])


LABELS = {Role.KADER: "Sari", Role.BIDAN: "Bidan Rina", Role.TPG: "Pak Asep", Role.DINAS: "Ibu Dewi"}


def make(root: Path, role: Role, clock: Clock | None = None, posyandu: int = 0) -> DataFolder:
    """A laptop of that role, with all that its area holds."""
    folder = DataFolder(root)
    clock = clock or FixedClock(NOW)
    name = LABELS[role]
    area = scope_of(role, posyandu)
    posyandu_name = world().names[posyandu] if role is Role.KADER else ""
    setup = accounts.Setup(area, posyandu_name, name, name, role, PASSWORD)
    ws = accounts.set_up(folder, setup, clock, cheap=True)
    generator.store(world(), ws.database)
    ws.close()
    return folder


@contextmanager
def somebody(ws: Workspace, role: Role) -> Iterator[Workspace]:
    """Somebody of another role at the same data, as if what she does had come by sync."""
    own = ws.database.meta("scope")
    area = scope_of(role)
    ws.database.set_meta("scope", area)
    try:
        yield Workspace(ws.database, User(f"user-{role}", LABELS[role], role), ws.rules, ws.clock, ws.folder)
    finally:
        ws.database.set_meta("scope", own or "")

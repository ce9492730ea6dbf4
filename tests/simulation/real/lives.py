"""What is killed: a laptop at work, the server, and the technician who takes in a stick."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import SystemClock
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.operations import OpKey
from posyandu_app.domain.rules import default_rules
from posyandu_app.services import drafts, registration, roster, weighing
from posyandu_app.services.views import Changes, User
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import measurements
from posyandu_app.storage.connection import Database
from posyandu_app.sync import usb
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.http import HttpTransport
from posyandu_app.sync.trouble import SyncTrouble
from tests.simulation.disk import Disk, under
from tests.simulation.laptop import KEY
from tests.simulation.real.process import die
from tests.sync.dying import LAPTOP_POINTS, SERVER_POINTS

Say = Callable[[str], None]
STEPS = 40
"""So many deeds a laptop does at most before it is switched off without being killed."""


class DyingDisk(Disk):
    """The process dies at its n-th touch of the disk."""

    def touch(self) -> None:
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                die()


def dies_at(point: str, after: int) -> None:
    """Let this process die when it comes to a named point, having passed it so many times."""
    module, name = (LAPTOP_POINTS | SERVER_POINTS)[point]
    real = getattr(import_module(module), name)
    passed = 0

    def reached(*arguments: Any, **named: Any) -> Any:
        nonlocal passed
        passed += 1
        if passed > after:
            die()
        return real(*arguments, **named)

    setattr(import_module(module), name, reached)


def laptop(path: Path, user: User, url: str, stick: Path, seed: int, fuse: int | None, say: Say) -> None:
    """Work and exchange by turns, saying each time what is saved."""
    disk = DyingDisk(path)
    with under({path: disk}):
        database = Database.open(path, KEY)
        ws = Workspace(database, user, default_rules(), SystemClock())
        chance = random.Random(seed)
        say("open")
        disk.fuse = fuse
        with HttpTransport(url, answer_seconds=20) as transport:
            for _ in range(STEPS):
                if chance.random() < 0.25:
                    _contact(ws, transport, stick, chance)
                else:
                    _deed(ws, chance, say)
        disk.fuse = None
        ws.close()


def _contact(ws: Workspace, transport: HttpTransport, stick: Path, chance: random.Random) -> None:
    with suppress(SyncTrouble, UserError):
        if chance.random() < 0.6:
            exchange_all(Engine(ws.database, ws.clock), transport)
        elif chance.random() < 0.5:
            usb.export_to(ws.database, ws.clock, stick)
        else:
            usb.import_from(ws.database, ws.clock, stick)


def _deed(ws: Workspace, chance: random.Random, say: Say) -> None:
    children = roster.registered_children(ws)
    if not children or chance.random() < 0.15:
        _registers(ws, chance, say)
        return
    child = chance.choice(sorted(children, key=lambda item: item.id))
    own = [item for item in measurements.of_child(ws.database, child.id) if item.actor == ws.user.id]
    match chance.randrange(6):
        case 0 if own:
            visit = chance.choice(own)
            typed = {"weight_g": chance.randrange(30, 200) * 100}
            _saved(lambda: weighing.correct(ws, visit.id, typed, "salah koma", seen=visit), ws, say)
        case 1 if own:
            visit = chance.choice(own)
            seen = weighing.on_screen(ws, visit.id)
            _saved(lambda: weighing.void(ws, visit.id, "anak lain", seen=seen), ws, say)
        case 2:
            seen = registration.shown(ws, child.id)
            typed = {"phone": f"0812{chance.randrange(10**8):08}", "rt": str(chance.randrange(1, 9))}
            _saved(lambda: registration.update(ws, child.id, typed, seen=seen), ws, say)
        case 3:
            drafts.save(ws, child.id, {"weight_g": str(chance.randrange(3000, 15000))})
        case _:
            draft = Draft(ws.clock.today(), chance.randrange(30, 200) * 100, 700, Position.LYING)
            _saved(lambda: weighing.record(ws, child.id, draft), ws, say)


def _registers(ws: Workspace, chance: random.Random, say: Say) -> None:
    born = ws.clock.today() - timedelta(days=chance.randrange(20, 1500))
    child = registration.ChildInput(
        f"Anak {chance.randrange(10**9)}", Sex.FEMALE, born, mother_name="Rohmah", scope=ws.scope
    )
    _saved(lambda: registration.register(ws, child), ws, say)


def _saved(deed: Callable[[], Changes], ws: Workspace, say: Say) -> None:
    """Do it, and say what is saved once the app says that it is."""
    try:
        done = deed()
    except UserError:
        return
    if done.undo is None:
        return
    for key in done.undo.operation_keys:
        replica, seq = OpKey(*key)
        row = ws.database.one("SELECT content FROM log WHERE replica = ? AND seq = ?", (replica, seq))
        assert row is not None, "what is saved can be read"
        say(json.dumps(["saved", seq, bytes(row[0]).hex()]))


def district(words: list[str], point: str = "", after: int = 0) -> None:
    """`posyandu district …`."""
    from posyandu_app.cli import main

    if point:
        dies_at(point, after)
    done = main(["district", *words])
    assert done == 0 or words[0] == "usb", f"{words} ended with {done}"

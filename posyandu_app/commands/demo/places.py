"""The places of the demo: a district server process on loopback and two laptops, all real, in one folder."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posyandu_app.domain.clock import Clock
from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.paths import DataFolder
from posyandu_app.reports import eppgbm
from posyandu_app.services import accounts, importing
from posyandu_app.services.accounts import Setup
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import peer
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport

DISTRICT = "32.11"
VILLAGE = "32.11.13.2005"
POSYANDU = f"{VILLAGE}.001"
PASSWORD = "melati123"  # noqa: S105  (made-up people, told in the README)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up, and the laptop she opens."""

    folder: str
    laptop: str
    label: str
    name: str
    role: Role
    scope: str


KADER = Person("kader", "Laptop posyandu", "Euis", "Euis Kartini", Role.KADER, POSYANDU)
BIDAN = Person("bidan", "Laptop bidan desa", "Bidan Rina", "Rina Marlina", Role.BIDAN, VILLAGE)

DINAS = Person("dinas", "Laptop Dinas", "Bu Dewi", "Dewi Lestari", Role.DINAS, DISTRICT)


class Server:
    """A district server process on loopback; ends with the `with` block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> "Server":
        self._ask("init", "--name", "Dinas Kesehatan Kabupaten Sumedang", "--region", DISTRICT)
        self._process = subprocess.Popen(
            [*self._command("serve"), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=_environment(),
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the district server ended before it listened")
        self.url = json.loads(line)["listening"]
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def code(self, person: Person) -> str:
        """A fresh enrolment code for her laptop."""
        answer = self._ask("code", "--scope", person.scope, "--role", str(person.role), "--json")
        return str(json.loads(answer)["code"])

    def status(self) -> dict[str, object]:
        """What the server holds, in its own words."""
        found: dict[str, object] = json.loads(self._ask("status", "--json"))
        return found

    def _ask(self, action: str, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command(action), *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            env=_environment(),
        )
        if done.returncode != 0:
            raise RuntimeError(f"district {action}: {done.stderr.strip()}")
        return done.stdout

    def _command(self, action: str) -> Sequence[str]:
        return (sys.executable, "-m", "posyandu_app", "district", action, "--data", str(self._folder))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1"}


def prepare_laptop(root: Path, person: Person, server: Server, clock: Clock) -> Workspace:
    """Her laptop set up and joined with the district; open, so that data can be filled in."""
    setup = Setup(
        scope=person.scope,
        posyandu_name=tr("Posyandu Cilembu") if person.role is Role.KADER else tr("Desa Cilembu"),
        user_name=person.name,
        label=person.label,
        role=person.role,
        password=PASSWORD,
    )
    ws = accounts.set_up(DataFolder(root / person.folder), setup, clock)
    with HttpTransport(server.url) as transport:
        enrol(ws.database, transport, server.code(person), person.laptop)
    return ws


def exchange(ws: Workspace, clock: Clock) -> None:
    """Send and receive until nothing waits."""
    known = peer.load(ws.database)
    assert known is not None, "enrolled above"
    with HttpTransport(known.url) as transport:
        exchange_all(Engine(ws.database, clock), transport)


def fill(root: Path, server: Server, clock: Clock, export: Path) -> None:
    """The posyandu filled from an e-PPGBM export and sent to the server; the others' laptops hear it."""
    sheet = eppgbm.read(export)
    kader = prepare_laptop(root, KADER, server, clock)
    try:
        importing.apply(kader, importing.plan(kader, sheet, frozenset(sheet.posyandu)))
        exchange(kader, clock)
    finally:
        kader.close()
    for person in (BIDAN, DINAS):
        ws = prepare_laptop(root, person, server, clock)
        try:
            exchange(ws, clock)
        finally:
            ws.close()

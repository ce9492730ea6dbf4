"""Killed at any moment, the laptop keeps every deed it has said to be saved, and no half of one.

POSYANDU_KILLS sets how often (the long run uses 10,000).
"""

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from posyandu_app.domain.model import Role
from posyandu_app.domain.operations import OpKey
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, drafts
from posyandu_app.services.accounts import Setup
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log, measurements, peer, projection
from tests.storage.made_up import SCOPE, clock
from tests.storage.saver import LABEL, PASSWORD

KILLS = int(os.environ.get("POSYANDU_KILLS", "20"))
ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.process, pytest.mark.timeout(60 + 10 * KILLS)]


def run_and_kill(folder: Path, after: float) -> list[list[str]]:
    """Start the saver, kill it that long after it is ready, and return what it had acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.saver", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first == "ready\n"
    timer = threading.Timer(after, process.kill)
    timer.start()
    heard = process.stdout.read()
    timer.join()
    process.wait()
    process.stdout.close()
    lines = heard.split("\n")
    return [line.split() for line in lines[:-1]]  # a line without its end was not said


def test_no_kill_loses_or_halves_a_deed(tmp_path):
    folder = DataFolder(tmp_path / "data")
    accounts.set_up(
        folder, Setup(SCOPE, "Melati 1", "Sari", LABEL, Role.KADER, PASSWORD), clock(), cheap=True
    ).close()
    chance = random.Random(2026)
    ledger: dict[int, int] = {}
    for turn in range(KILLS):
        said = run_and_kill(folder.root, chance.uniform(0.0, 0.08))
        ws = accounts.unlock(folder, LABEL, PASSWORD, clock())
        database = ws.database
        ledger |= {int(words[1]): int(words[2]) for words in said if words[0] == "saved"}
        tip, _ = log.tip(database)
        assert log.verify_chain(database) == tip, "a gap or a half entry"
        lost = [seq for seq in ledger if seq > tip]
        assert lost == [], f"kill {turn}: acknowledged and gone"
        assert {seq: weight_in(ws, seq) for seq in ledger} == ledger
        check_last_draft(ws, said)
        sums = peer.row_sums(database)
        projection.rebuild(database)
        assert peer.row_sums(database) == sums, "log and rows disagree"
        ws.close()
    assert len(ledger) > KILLS, "the saver did not save"


def check_last_draft(ws: Workspace, said: list[list[str]]) -> None:
    """What was typed last is there: as the draft, or as the visit that was saved of it."""
    if said and said[-1][0] == "draft":
        _, child_id, grams = said[-1]
        kept = drafts.load(ws, child_id)
        weights = [item.weight_g for item in measurements.of_child(ws.database, child_id)]
        assert kept == {"weight_g": grams} or (kept is None and int(grams) in weights)


def weight_in(ws: Workspace, seq: int) -> object:
    """The weight that an own entry gave."""
    entry = log.entry(ws.database, OpKey(ws.database.replica, seq))
    assert entry is not None
    payload = entry.operation.payload
    return payload["set"]["weight_g"]["v"] if "set" in payload else payload["weight_g"]


@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4])
def test_setting_up_is_done_or_can_be_done_again(tmp_path, after):
    program = (
        "from pathlib import Path; from posyandu_app.paths import DataFolder;"
        "from posyandu_app.domain.clock import SystemClock; from posyandu_app.domain.model import Role;"
        "from posyandu_app.services.accounts import Setup, set_up;"
        "print('ready', flush=True);"
        f"set_up(DataFolder(Path({str(tmp_path / 'data')!r})),"
        f" Setup({SCOPE!r}, 'Melati 1', 'Sari', {LABEL!r}, Role.KADER, {PASSWORD!r}), SystemClock())"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(after)
    process.kill()
    process.wait()
    process.stdout.close()
    folder = DataFolder(tmp_path / "data")
    if accounts.labels(folder) == ():
        accounts.set_up(
            folder, Setup(SCOPE, "Melati 1", "Sari", LABEL, Role.KADER, PASSWORD), clock(), cheap=True
        ).close()
    ws = accounts.unlock(folder, LABEL, PASSWORD, clock())
    assert ws.posyandu_name == "Melati 1"
    assert log.verify_chain(ws.database) == 2
    ws.close()

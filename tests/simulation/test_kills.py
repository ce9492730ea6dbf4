"""Killed hundreds of times, at random and at named points, nothing that was acknowledged is lost.

`python3 dev.py simulate --kills 10000` is the long run; POSYANDU_SIM_KILLS sets how many there are here.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("POSYANDU_SIM_KILLS", "200"))
ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.process,
    pytest.mark.timeout(120 + 5 * KILLS),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks processes to kill; tests/sync starts them"),
]


@pytest.mark.parametrize("first", [0, 1_000])
def test_no_kill_loses_or_doubles_anything(first):
    """In a process of its own: only a process with one thread may fork."""
    words = ["--kills", str(KILLS // 2), "--from", str(first), "--jobs", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 lost" in done.stdout

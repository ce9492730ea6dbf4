"""The line harmed at bytes all over the request and the reply: nothing lost, nothing doubled.

`python3 dev.py simulate --cuts` does it at every byte once.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the server; tests/sync starts it"),
]


def test_a_line_harmed_anywhere_loses_and_doubles_nothing():
    words = [sys.executable, "-m", "tests.simulation", "--cuts", "8"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("nothing lost or doubled") == 7

"""Processes to kill: forked from one that has imported everything, so that thousands are quick.

Only where a process can fork (not on Windows); the process that forks must have one thread.
"""

import os
import select
import signal
import time
from collections.abc import Callable


class Process:
    """A forked process that says lines; it does its work and ends, or is killed."""

    def __init__(self, work: Callable[[Callable[[str], None]], None]) -> None:
        """`work` gets the function that says a line."""
        self._heard = b""
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            _be(work, writing)
        os.close(writing)
        self._reading = reading
        self.killed: bool | None = None

    def wait_for(self, words: str, seconds: float = 60) -> bool:
        """Whether it says this before it ends."""
        deadline = time.monotonic() + seconds
        while words.encode() not in self._heard:
            ready, _, _ = select.select([self._reading], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError(f"never said {words!r}")
            more = os.read(self._reading, 65536)
            if not more:
                return False
            self._heard += more
        return True

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        if self.killed is None:
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> list[str]:
        """Wait until it is gone; returns the whole lines it said; `killed` is known then."""
        while more := os.read(self._reading, 65536):
            self._heard += more
        os.close(self._reading)
        _, status = os.waitpid(self.pid, 0)
        self.killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not self.killed and status != 0:
            raise AssertionError(f"the process failed: {self._heard.decode(errors='replace')[-2000:]}")
        return self._heard.decode("utf-8").split("\n")[:-1]


def _be(work: Callable[[Callable[[str], None]], None], writing: int) -> None:
    """The forked process: work, and never come back."""
    import traceback

    def say(line: str) -> None:
        os.write(writing, f"{line}\n".encode())

    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(writing, 1)
        os.dup2(os.open(os.devnull, os.O_RDWR), 2)
        work(say)
        code = 0
    except BaseException:
        say(traceback.format_exc())
    finally:
        os._exit(code)


def die() -> None:
    """End this process as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)

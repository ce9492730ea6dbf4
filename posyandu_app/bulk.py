"""Making very many objects at once, and large columns side by side."""

import gc
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

MOST_THREADS = 4


def threads(most: int) -> int:
    """How many threads share work that is worth so many: one for each core, four at most."""
    return max(1, min(MOST_THREADS, os.cpu_count() or 1, most))


def side_by_side(work: Callable[[T], object], items: Sequence[T], most: int = MOST_THREADS) -> None:
    """Work on each item in up to `most` threads, of which the caller is one.

    For work in native code that lets others run meanwhile. What one raises is raised when all are done.
    """
    left, lock = iter(items), threading.Lock()

    def share() -> None:
        while True:
            with lock:
                some = list(islice(left, 1))
            if not some:
                return
            work(some[0])

    others = threads(min(most, len(items))) - 1
    if not others:
        share()
        return
    with ThreadPoolExecutor(others, "share") as pool:
        helping = [pool.submit(share) for _ in range(others)]
        share()
        for each in helping:
            each.result()


@contextmanager
def without_collections() -> Iterator[None]:
    """No garbage collection inside: bulk is no garbage, and looking for it costs a sixth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

"""Many seeds, over the cores; and how many seeds it takes to catch each fault."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import TypeVar

from tests.simulation.faults import ALL, ONCE_HERE, Fault
from tests.simulation.world import COPIES, SIZES, Outcome, simulate

A, R = TypeVar("A"), TypeVar("R")

MOST_SEEDS = 400
"""A fault that this many seeds do not catch is not caught."""
STRIDE = 100_000
"""The first seeds of two hunts lie this far apart."""


def cores() -> int:
    """How many processes may compute at once."""
    return os.cpu_count() or 1


def fault_of(number: str | None) -> Fault | None:
    """The fault of this name, `F7`; raises `LookupError` for others."""
    if number is None:
        return None
    for fault in ALL:
        if fault.number == number.upper():
            return fault
    raise LookupError(f"there is no fault {number}: F1 to F28, O1 to O{len(ONCE_HERE)}")


def live(
    seed: int,
    fault: str | None = None,
    size: str | None = None,
    copies: bool = COPIES,
    *,
    with_twists: bool = True,
) -> Outcome:
    """One seed, in whatever process this is; what the engine logs in it is heard by nobody."""
    heard = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        found = SIZES[size] if size else None
        return simulate(seed, fault_of(fault), found, copies=copies, with_twists=with_twists)
    finally:
        logging.disable(heard)


def run(
    seeds: Iterable[int],
    *,
    fault: str | None = None,
    size: str | None = None,
    copies: bool = COPIES,
    jobs: int | None = None,
) -> Iterator[Outcome]:
    """The outcome of every seed, as they come."""
    yield from spread(lambda pool, seed: pool.submit(live, seed, fault, size, copies), seeds, jobs)


@dataclass(frozen=True)
class Hunt:
    """How many seeds it took to catch a fault from a first seed on; `needed` is None if it was not caught."""

    fault: str
    first: int
    needed: int | None
    promise: str = ""


def hunt(fault: str, first: int, most: int = MOST_SEEDS) -> Hunt:
    """Try seed after seed until the fault is caught.

    Where disks must be copied for it, only a world that keeps its promises without the fault counts.
    """
    found = fault_of(fault)
    copies = COPIES or (found is not None and found.copies)
    for needed in range(1, most + 1):
        seed = first + needed - 1
        violation = live(seed, fault, copies=copies).violation
        assert violation is None or violation.promise != "crash", f"{fault}: {violation}"
        if violation is not None and (copies == COPIES or live(seed, copies=copies).violation is None):
            return Hunt(fault, first, needed, violation.promise)
    return Hunt(fault, first, None)


def hunts(times: int, jobs: int | None = None) -> Iterator[Hunt]:
    """Hunt for every fault so many times, each time from other seeds."""
    wanted = [(fault.number, time * STRIDE) for time in range(times) for fault in ALL]
    yield from spread(lambda pool, item: pool.submit(hunt, *item), wanted, jobs)


@dataclass(frozen=True)
class Caught:
    """All hunts for one fault taken together."""

    fault: Fault
    hunts: int
    missed: int
    median: float
    most: int
    promises: tuple[str, ...]


def summary(found: Iterable[Hunt]) -> list[Caught]:
    """One line for each fault, in the order of their numbers."""
    by_fault: dict[str, list[Hunt]] = {}
    for item in found:
        by_fault.setdefault(item.fault, []).append(item)
    lines = []
    for fault in ALL:
        of_it = by_fault.get(fault.number, [])
        needed = [item.needed for item in of_it if item.needed is not None]
        promises = sorted({item.promise for item in of_it if item.promise})
        lines.append(
            Caught(
                fault,
                len(of_it),
                len(of_it) - len(needed),
                median(needed) if needed else 0,
                max(needed, default=0),
                tuple(promises),
            )
        )
    return lines


def spread(
    submit: Callable[[ProcessPoolExecutor, A], "Future[R]"], work: Iterable[A], jobs: int | None
) -> Iterator[R]:
    """Results as they come; never much more work is handed out than there are processes."""
    jobs = jobs or cores()
    waiting = iter(work)
    with ProcessPoolExecutor(jobs) as pool:
        under_way = {submit(pool, item) for item in islice(waiting, jobs * 2)}
        try:
            while under_way:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                under_way |= {submit(pool, item) for item in islice(waiting, len(done))}
                for future in done:
                    yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)

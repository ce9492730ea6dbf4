"""The long runs of the sync simulation.

python3 dev.py simulate --seeds N [--from S] [--size small|large|huge] [--fault F7]   many worlds
python3 dev.py simulate --seed S --lines [--fault F7]      one world, with all that happened in it
python3 dev.py simulate --faults N                         each fault hunted N times, the table of it
python3 dev.py simulate --kills N [--from S]               N times SIGKILL to real laptops and servers
python3 dev.py simulate --cuts [N]                         the line harmed at every byte, or at N of each way
python3 dev.py simulate --proof                            docs/sync-proof.md anew from the recorded figures

With --record the figures of a run are kept in tests/simulation/figures.json and docs/sync-proof.md.
"""

# ruff: noqa: T201 - printing is what this command is for

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from tests.simulation import proof, runs
from tests.simulation.world import COPIES, SIZES, Outcome, simulate

EVERY_SECONDS = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    told = _parser().parse_args(arguments)
    if told.seed is not None:
        return one_seed(told.seed, told.fault, told.size, told.copies, told.lines, told.plain)
    if told.proof:
        proof.write()
        return 0
    if told.kills:
        return many_kills(told.kills, told.first, told.jobs, told.record)
    if told.cuts is not None:
        return harmed_line(told.cuts, told.record)
    if told.faults:
        return every_fault(told.faults, told.jobs, told.record)
    seeds = range(told.first, told.first + told.seeds)
    return many_seeds(seeds, told.fault, told.size, told.copies, told.jobs, told.record)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py simulate", description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=300, help="how many worlds")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--size", choices=sorted(SIZES), help="of every world; else most are small")
    parser.add_argument("--fault", type=str.upper, choices=[f.number for f in runs.ALL], metavar="F7")
    parser.add_argument("--copies", action="store_true", default=COPIES, help="disks are copied as well")
    parser.add_argument("--seed", type=int, help="one world only")
    parser.add_argument("--plain", action="store_true", help="that world without a twist (`twists`)")
    parser.add_argument("--lines", action="store_true", help="print all that happens in it")
    parser.add_argument("--faults", type=int, metavar="N", help="hunt each fault so many times")
    parser.add_argument("--kills", type=int, metavar="N", help="kill real processes so many times")
    parser.add_argument(
        "--cuts", type=int, nargs="?", const=0, metavar="N", help="harm the line at every byte"
    )
    parser.add_argument("--proof", action="store_true", help="write docs/sync-proof.md anew")
    parser.add_argument("--record", action="store_true", help="keep the figures for docs/sync-proof.md")
    parser.add_argument("--jobs", type=int, help="processes at once; one for each core")
    return parser


def one_seed(seed: int, fault: str | None, size: str | None, copies: bool, lines: bool, plain: bool) -> int:
    """Live through one seed and tell about it."""
    outcome = simulate(
        seed,
        runs.fault_of(fault),
        SIZES[size] if size else None,
        copies=copies,
        keep_lines=lines,
        with_twists=not plain,
    )
    for line in outcome.lines:
        print(line)
    print(f"seed {seed}: {outcome.violation or 'all promises kept'}, trace {outcome.trace}")
    return 1 if outcome.violation is not None else 0


def many_seeds(
    seeds: range, fault: str | None, size: str | None, copies: bool, jobs: int | None, record: bool
) -> int:
    """Live through many seeds; prints every violation with the seed that shows it again."""
    print(f"seeds {seeds.start} to {seeds.stop - 1}", flush=True)
    started = told = time.monotonic()
    totals: Counter[str] = Counter()
    broken: list[Outcome] = []
    for done, outcome in enumerate(runs.run(seeds, fault=fault, size=size, copies=copies, jobs=jobs), 1):
        totals.update(outcome.counts)
        if outcome.violation is not None:
            broken.append(outcome)
            again = " --copies" if copies else ""
            again += "".join(
                f" --{name} {value}" for name, value in (("size", size), ("fault", fault)) if value
            )
            print(f"seed {outcome.seed}: {outcome.violation}", flush=True)
            print(f"    python3 dev.py simulate --seed {outcome.seed} --lines{again}", flush=True)
        if time.monotonic() - told > EVERY_SECONDS or done == len(seeds):
            told = time.monotonic()
            print(_progress(done, len(seeds), len(broken), totals, told - started), flush=True)
    if record:
        figures = {
            "from": seeds.start,
            "worlds": len(seeds),
            "operations": totals["operations"],
            "exchanges": totals["exchanged"],
            "power_cuts": _power_cuts(totals),
            "broken": len(broken),
        }
        proof.record("seeds", [figures], add=True)
    return 1 if broken else 0


def _progress(done: int, of: int, broken: int, totals: Counter[str], seconds: float) -> str:
    left = (of - done) * seconds / done / 60
    exchanges, deaths = totals["exchanged"], _power_cuts(totals)
    return (
        f"{done:,} of {of:,} seeds, {broken} broken; {totals['operations']:,} operations,"
        f" {exchanges:,} exchanges, {deaths:,} power cuts; {done / seconds:.1f} seeds/s, {left:.0f} min left"
    )


def _power_cuts(totals: Counter[str]) -> int:
    return sum(totals[name] for name in totals if name.startswith(("dies", "dinas dies")))


def every_fault(times: int, jobs: int | None, record: bool) -> int:
    """Hunt every fault and print how many seeds each took."""
    found = []
    for item in runs.hunts(times, jobs):
        found.append(item)
        took = f"caught after {item.needed} seeds, {item.promise}" if item.needed else "not caught"
        print(f"{item.fault} from {item.first}: {took}", flush=True)
    lines = runs.summary(found)
    for line in lines:
        print(
            f"{line.fault.number:4} median {line.median:5.1f} max {line.most:4} missed {line.missed}"
            f"  {', '.join(line.promises):12}  {line.fault.failure}"
        )
    if record:
        proof.record_faults(lines)
    return 1 if any(line.missed for line in lines) else 0


def many_kills(kills: int, first: int, jobs: int | None, record: bool) -> int:
    """Kill real processes, a world after the other; prints what was lost."""
    from tests.simulation.real.kills import KILLS_OF_A_WORLD, live

    worlds = range(first, first + -(-kills // KILLS_OF_A_WORLD))
    done = of_the_server = at_points = operations = 0
    broken = []
    for outcome in runs.spread(lambda pool, seed: pool.submit(live, seed), worlds, jobs):
        done += outcome.kills
        of_the_server += outcome.of_the_server
        at_points += outcome.at_points
        operations += outcome.operations
        if outcome.violation is not None:
            broken.append(outcome)
            print(f"world {outcome.seed}: {outcome.violation}", flush=True)
        print(
            f"{done:,} kills ({of_the_server:,} of the server, {at_points:,} at a named point or statement),"
            f" {operations:,} operations acknowledged and held, {len(broken)} lost",
            flush=True,
        )
    if record:
        figures = {
            "from": first,
            "kills": done,
            "of_the_server": of_the_server,
            "at_points": at_points,
            "operations": operations,
            "broken": len(broken),
        }
        proof.record("kills", [figures], add=True)
    return 1 if broken else 0


def harmed_line(sample: int, record: bool) -> int:
    """Harm the line between a real laptop and a real server at every byte."""
    from tests.simulation.real.cuts import Harm, run

    def tell(harm: Harm) -> None:
        print(
            f"{harm.way}: {harm.offsets:,} of {harm.of:,} offsets, {harm.failed:,} exchanges failed there,"
            f" nothing lost or doubled, at most {harm.most_resent} batch sent again",
            flush=True,
        )

    found = run(sample or None, tell)
    if record:
        proof.record("cuts", [asdict(harm) for harm in found], add=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The figures of the long runs, and the page docs/sync-proof.md that is made of them."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.simulation.faults import ALL
from tests.simulation.runs import Caught

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).with_name("proof.md")
FIGURES = Path(__file__).with_name("figures.json")
PAGE = ROOT / "docs" / "sync-proof.md"

PROMISES = {
    "I1": "whatever the app said to be saved exists in at least one durable place at all times",
    "I2": "in the end the server's log holds all of it, each operation once, and nothing else",
    "I3": "all laptops of an area, and the server, have the same operations, rows and sums",
    "I4": "every value is shown, or was replaced by somebody who saw it, or is on a list a person can open",
    "I5": "hash chains verify; `have` never falls while the server's history is the same",
    "I6": "no laptop holds what is not its area's; no name is readable in a file or on a stick",
    "I7": "saving is possible unless the disk is full, and then nothing is half saved",
    "I8": "no operation delays another by more than a batch; a harmed line sends one batch again at most",
    "I9": "the status sentence says what is so",
}


def figures() -> dict[str, Any]:
    """What was recorded, by kind of run."""
    return dict(json.loads(FIGURES.read_text(encoding="utf-8"))) if FIGURES.exists() else {}


def record(kind: str, runs: Sequence[Mapping[str, Any]], *, add: bool) -> None:
    """Keep the figures of a run, beside those of earlier ones or instead of them, and write the page."""
    kept = figures()
    of = version()
    kept[kind] = [*(kept.get(kind, []) if add else []), *({**run, "version": of} for run in runs)]
    FIGURES.write_text(
        json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )
    write()


def version() -> str:
    """The commit of the program that is run, as git abbreviates it."""
    told = subprocess.run(
        ["git", "rev-parse", "--short=9", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def write() -> None:
    """Write docs/sync-proof.md anew."""
    PAGE.write_text(page(), encoding="utf-8")


def record_faults(lines: Sequence[Caught]) -> None:
    """Keep how many seeds each fault took."""
    record(
        "faults",
        [
            {
                "fault": line.fault.number,
                "hunts": line.hunts,
                "missed": line.missed,
                "median": line.median,
                "most": line.most,
                "promises": line.promises,
            }
            for line in lines
        ],
        add=False,
    )


def page() -> str:
    """docs/sync-proof.md."""
    kept = figures()
    return TEMPLATE.read_text(encoding="utf-8").format(
        promises="\n".join(f"| {name} | {words} |" for name, words in PROMISES.items()),
        figures="\n".join(_figures(kept)),
        faults="\n".join(map(_fault, kept.get("faults", []))),
    )


def _fault(line: Mapping[str, Any]) -> str:
    words = next(fault.failure for fault in ALL if fault.number == line["fault"])
    promises = ", ".join(line["promises"])
    caught = f"{line['hunts'] - line['missed']} of {line['hunts']}"
    return f"| {line['fault']} | {words} | {caught} | {line['median']:g} | {line['most']} | {promises} |"


def _figures(kept: Mapping[str, Any]) -> list[str]:
    lines = ["| run | figures |", "|---|---|"]
    seeds, kills = kept.get("seeds", []), kept.get("kills", [])
    if seeds:
        lines.append(
            f"| worlds | {_sum(seeds, 'worlds')} seeds: {_sum(seeds, 'operations')} operations,"
            f" {_sum(seeds, 'exchanges')} exchanges, {_sum(seeds, 'power_cuts')} power cuts;"
            f" {_sum(seeds, 'broken')} worlds broke a promise ({_versions(seeds)}) |"
        )
    if kills:
        lines.append(
            f"| kills of real processes | {_sum(kills, 'kills')} SIGKILLs, {_sum(kills, 'of_the_server')} of"
            f" them to the server, {_sum(kills, 'at_points')} at a named point or statement;"
            f" {_sum(kills, 'operations')} operations acknowledged; {_sum(kills, 'broken')} worlds lost or"
            f" doubled something ({_versions(kills)}) |"
        )
    for line in kept.get("cuts", []):
        lines.append(
            f"| line: {line['way']} | {line['offsets']:,} of {line['of']:,} byte offsets; nothing lost"
            f" or doubled, at most {line['most_resent']} batch sent again |"
        )
    lines += [f"| {line['run']} | {line['told']} |" for line in kept.get("others", [])]
    return lines


def _versions(runs: Sequence[Mapping[str, Any]]) -> str:
    """Which versions of the program were run, in the order they were."""
    of = list(dict.fromkeys(str(run["version"]) for run in runs))
    return f"version {of[0]}" if len(of) == 1 else f"versions {', '.join(of)}"


def _sum(runs: Sequence[Mapping[str, Any]], name: str) -> str:
    return f"{sum(run[name] for run in runs):,}"

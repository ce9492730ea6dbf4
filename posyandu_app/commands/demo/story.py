"""The story of the demo, played with keys on the real widgets; every step leaves a picture and is checked."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt, qInstallMessageHandler

from posyandu_app.commands.demo import places
from posyandu_app.commands.demo.loop import the_loop_closes
from posyandu_app.commands.demo.places import BIDAN, DINAS, KADER, PASSWORD, Person, Server
from posyandu_app.commands.demo.stage import Disagreement, Laptop, Pictures, say, unsent
from posyandu_app.domain.cases import CaseState
from posyandu_app.domain.clock import Clock, ShiftedClock
from posyandu_app.domain.kms import Letter
from posyandu_app.domain.numbers import format_length, format_weight
from posyandu_app.i18n import tr
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, cases, children, review, roster
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import peer
from posyandu_app.sync.status import Link, status

Key = Qt.Key


@dataclass(frozen=True, slots=True)
class Chosen:
    """The child the story is about, and what the kader will type."""

    id: str
    name: str
    weight: str
    length: str


def play(root: Path, out: Path, day: date, export: Path) -> int:
    """Play the story into `out`; 0 when laptops and server agree at its end, else 1."""
    qInstallMessageHandler(say)
    clock = ShiftedClock.to_date(day)
    checks: dict[str, bool] = {}
    summary: dict[str, object] = {}
    with Server(root / "district") as server:
        places.fill(root, server, clock, export)
        before = _counts(root, KADER, clock)
        chosen = _choose(root, clock)
        pictures = Pictures(out)
        _kader_story(root, clock, chosen, pictures, checks)
        _bidan_story(root, clock, chosen, pictures, checks)
        the_loop_closes(root, clock, pictures, checks, chosen.id)
        summary = _summary(root, clock, server, before, checks)
    summary["pictures"] = pictures.made
    (out / "summary.json").write_text(
        json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    for name, held in checks.items():
        print(f"  {'✓' if held else '✗'} {name}")
    print(tr("Gambar dan summary.json ada di {folder}").format(folder=out))
    return 0 if all(checks.values()) else 1


def _kader_story(
    root: Path, clock: Clock, chosen: Chosen, pictures: "Pictures", checks: dict[str, bool]
) -> None:
    with Laptop(root, KADER, clock, pictures) as laptop:
        laptop.unlock("kader")
        laptop.press(Key.Key_F8)
        laptop.wait(lambda: laptop.sync.network_on is False)
        laptop.press(Key.Key_F2)
        laptop.type(chosen.name)
        laptop.settle()
        laptop.picture("kader-search")
        laptop.press(Key.Key_Return)
        laptop.wait(lambda: laptop.main.place == "weighing")
        laptop.wait(lambda: laptop.main.weighing.state is not None)
        laptop.settle()
        laptop.picture("kader-child")
        chart_before = laptop.chart()
        laptop.type(chosen.weight)
        laptop.press(Key.Key_Return)
        laptop.settle()
        checks["the chart shows the weight before it is saved"] = laptop.chart() != chart_before
        checks["the assessment answers at once"] = bool(laptop.text("status_headline"))
        laptop.picture("kader-weight")
        laptop.type(chosen.length)
        laptop.press(Key.Key_Return)
        laptop.settle()
        laptop.picture("kader-assessment")
        for _ in ("LiLA", "LK", "oedema"):
            laptop.press(Key.Key_Return)
        laptop.wait(lambda: unsent(laptop.workspace, clock) == 1)
        laptop.settle()
        checks["saved on this laptop while the network is off"] = _measured_today(laptop.workspace, chosen.id)
        laptop.picture("kader-saved-offline")
        laptop.go("review")
        laptop.settle()
        checks["on the midwife's list with reasons"] = _listed(laptop.workspace, chosen.id)
        laptop.picture("kader-at-risk")
        laptop.press(Key.Key_F8)
        laptop.wait(lambda: unsent(laptop.workspace, clock) == 0)
        laptop.go("sync")
        laptop.settle()
        checks["everything arrives when the network is on"] = unsent(laptop.workspace, clock) == 0
        laptop.picture("kader-synced")


def _bidan_story(
    root: Path, clock: Clock, chosen: Chosen, pictures: "Pictures", checks: dict[str, bool]
) -> None:
    with Laptop(root, BIDAN, clock, pictures) as laptop:
        laptop.unlock("bidan")
        laptop.press(Key.Key_F5)
        laptop.wait(lambda: _measured_today(laptop.workspace, chosen.id))
        laptop.go("review")
        laptop.settle()
        checks["on the midwife's own laptop, with reasons"] = _listed(laptop.workspace, chosen.id)
        laptop.picture("bidan-at-risk")
        _the_case(laptop, chosen, checks)
        laptop.press(Key.Key_F5)
        laptop.wait(lambda: unsent(laptop.workspace, clock) == 0)


def _the_case(laptop: Laptop, chosen: Chosen, checks: dict[str, bool]) -> None:
    """The midwife opens the case, confirms what was measured, decides by MTBS, and has the letter."""
    laptop.main.go("case", chosen.id)
    laptop.wait(lambda: bool(laptop.text("case_state")))
    laptop.settle()
    laptop.picture("bidan-case")
    laptop.press(Key.Key_F9)
    laptop.picture("bidan-confirms")
    laptop.press(Key.Key_F9)
    laptop.wait(lambda: _state(laptop.workspace, chosen.id) is CaseState.VERIFIED)
    laptop.wait(lambda: bool(laptop.text("case_state")))
    laptop.settle()
    laptop.press(Key.Key_F9)
    laptop.settle()
    laptop.picture("bidan-classifies")
    laptop.press(Key.Key_F9)
    laptop.settle()
    laptop.picture("bidan-decides")
    laptop.press(Key.Key_F9)
    laptop.wait(lambda: _state(laptop.workspace, chosen.id) is CaseState.FOLLOW_UP)
    laptop.settle()
    checks["the midwife has confirmed, classified and decided"] = True
    laptop.picture("bidan-letter")
    laptop.press(Key.Key_Escape)
    laptop.settle()
    laptop.picture("bidan-follow-up")


def _state(ws: Workspace, child: str) -> CaseState | None:
    case = cases.card(ws, child).case
    return None if case is None else case.state


def _choose(root: Path, clock: Clock) -> Chosen:
    """A child not yet weighed this month whose weight did not rise last month: today decides about 2T."""
    ws = accounts.unlock(DataFolder(root / KADER.folder), KADER.label, PASSWORD, clock)
    try:
        for row in roster.rows(ws):
            card = children.open_card(ws, row.child.id)
            last = card.history[-1] if card.history else None
            if row.measured_this_month or last is None or last.record is None:
                continue
            measured = last.measurement
            if last.record.letter is not Letter.T or last.record.month != _month_before(clock.today()):
                continue
            if measured.weight_g is None or measured.length_mm is None or last.age_months is None:
                continue
            if 6 <= last.age_months < 57:
                weight = format_weight(measured.weight_g - 100)
                return Chosen(row.child.id, row.child.name, weight, format_length(measured.length_mm + 5))
    finally:
        ws.close()
    raise Disagreement("the export has no child for the story")


def _month_before(day: date) -> tuple[int, int]:
    return (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)


def _measured_today(ws: Workspace, child: str) -> bool:
    history = children.open_card(ws, child).history
    return bool(history) and history[-1].measurement.date == ws.clock.today()


def _listed(ws: Workspace, child: str) -> bool:
    return any(row.child.id == child and row.risk.reasons for row in review.at_risk(ws))


def _counts(root: Path, person: Person, clock: Clock) -> dict[str, object]:
    ws = accounts.unlock(DataFolder(root / person.folder), person.label, PASSWORD, clock)
    try:
        counts = review.counts(ws)
        told = status(ws.database, Link.UNKNOWN, clock)
        sums = {kind: [n, total.hex()] for kind, (n, total) in peer.row_sums(ws.database).items()}
        return {
            "children": counts.children,
            "measurements": counts.measurements,
            "operations": {
                "made": told.total,
                "received_by_server": told.received,
                "unsent": told.unsent,
                "known": counts.operations,
            },
            "at_risk": counts.tones,
            "rows": {kind: sums[kind] for kind in ("child", "measurement") if kind in sums},
        }
    finally:
        ws.close()


def _summary(
    root: Path, clock: Clock, server: Server, before: dict[str, object], checks: dict[str, bool]
) -> dict[str, object]:
    kader, bidan, dinas = (_counts(root, person, clock) for person in (KADER, BIDAN, DINAS))
    district = server.status()
    digests = district["digests"]
    assert isinstance(digests, dict)
    held = {kind: digests.get(kind) for kind in ("child", "measurement")}
    checks["the two laptops hold the same children and measurements"] = kader["rows"] == bidan["rows"]
    checks["the Dinas holds the same too"] = dinas["rows"] == kader["rows"]
    checks["the server holds what the laptops hold"] = held == kader["rows"]
    checks["both laptops judge risk alike"] = kader["at_risk"] == bidan["at_risk"]
    checks["nothing waits, nothing is held or quarantined"] = (
        not any(district[name] for name in ("held", "quarantined", "conflict"))
        and _sent(kader)
        and _sent(bidan)
        and _sent(dinas)
    )
    checks["one more measurement than before"] = kader["measurements"] == int(str(before["measurements"])) + 1
    return {
        "agree": all(checks.values()),
        "checks": checks,
        "before": before,
        "kader": kader,
        "bidan": bidan,
        "dinas": dinas,
        "district": district,
    }


def _sent(counts: dict[str, object]) -> bool:
    operations = counts["operations"]
    return isinstance(operations, dict) and operations["unsent"] == 0 and operations["made"] > 0

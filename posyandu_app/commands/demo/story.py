"""The story of the demo, played with keys on the real widgets; every step leaves a picture and is checked."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from PySide6.QtCore import QEventLoop, QMessageLogContext, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from posyandu_app.app import Application, build
from posyandu_app.commands.demo import places
from posyandu_app.commands.demo.places import BIDAN, KADER, PASSWORD, Person, Server
from posyandu_app.domain.clock import Clock, ShiftedClock
from posyandu_app.domain.kms import Letter
from posyandu_app.domain.numbers import format_length, format_weight
from posyandu_app.i18n import tr
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, children, review, roster
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import peer
from posyandu_app.sync.status import Link, status
from posyandu_app.ui.sync_controller import SyncController
from posyandu_app.ui.window import Main

SIZE = (1366, 768)
Key = Qt.Key
_PATIENCE_MS = 30_000


class Disagreement(Exception):
    """Something in the story is not as it must be."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The child the story is about, and what the kader will type."""

    id: str
    name: str
    weight: str
    length: str


def play(root: Path, out: Path, day: date, export: Path) -> int:
    """Play the story into `out`; 0 when laptops and server agree at its end, else 1."""
    qInstallMessageHandler(_say)
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
        laptop.wait(lambda: _unsent(laptop.workspace, clock) == 1)
        laptop.settle()
        checks["saved on this laptop while the network is off"] = _measured_today(laptop.workspace, chosen.id)
        laptop.picture("kader-saved-offline")
        laptop.go("review")
        laptop.settle()
        checks["on the midwife's list with reasons"] = _listed(laptop.workspace, chosen.id)
        laptop.picture("kader-at-risk")
        laptop.press(Key.Key_F8)
        laptop.wait(lambda: _unsent(laptop.workspace, clock) == 0)
        laptop.go("sync")
        laptop.settle()
        checks["everything arrives when the network is on"] = _unsent(laptop.workspace, clock) == 0
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
        laptop.main.go("child", chosen.id)
        laptop.settle()
        laptop.picture("bidan-child")


class Pictures:
    """Numbered pictures of the steps."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.made: list[str] = []

    def take(self, widget: QWidget, name: str) -> None:
        """One picture of a window."""
        file = f"{len(self.made) + 1:02d}-{name}.png"
        widget.grab().save(str(self._out / file))
        self.made.append(file)


class Laptop:
    """One laptop with its window, driven by keys alone."""

    def __init__(self, root: Path, person: Person, clock: Clock, pictures: Pictures) -> None:
        self._person = person
        self._pictures = pictures
        self.app: Application = build(DataFolder(root / person.folder), clock=clock, language="id")
        self.app.window.setWindowTitle(person.laptop)
        self.app.window.resize(*SIZE)
        self.app.window.show()

    def __enter__(self) -> "Laptop":
        return self

    def __exit__(self, *_: object) -> None:
        self.app.close()
        self.app.window.deleteLater()
        QApplication.processEvents()

    @property
    def main(self) -> Main:
        main = self.app.window.main
        if main is None:
            raise Disagreement("the laptop is locked")
        return main

    @property
    def workspace(self) -> Workspace:
        workspace = self.app.workspace
        if workspace is None:
            raise Disagreement("the laptop is locked")
        return workspace

    @property
    def sync(self) -> SyncController:
        sync = self.app.sync
        if sync is None:
            raise Disagreement("the laptop is locked")
        return sync

    def unlock(self, name: str) -> None:
        """Type the password and wait for the list."""
        self.settle()
        self.picture(f"{name}-unlock")
        self.type(PASSWORD)
        self.press(Key.Key_Return)
        self.wait(lambda: self.app.window.main is not None)
        self.settle()
        self.picture(f"{name}-roster")

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One key, given to whatever has the focus."""
        QTest.keyClick(self._focus(), key, modifier)
        self.settle()

    def go(self, place: str) -> None:
        """To a place of the rail, by its key."""
        number = self.main.rail.key_of(place).removeprefix("Alt+")
        self.press(Key(ord(number)), Qt.KeyboardModifier.AltModifier)

    def type(self, text: str) -> None:
        """Text, key by key, to whatever has the focus."""
        QTest.keyClicks(self._focus(), text)

    def text(self, name: str) -> str:
        """What a label shows."""
        label = self.app.window.findChild(QLabel, name)
        return label.text() if isinstance(label, QLabel) and label.isVisible() else ""

    def chart(self) -> QImage:
        """The growth chart as painted now."""
        return self.main.weighing.chart.grab().toImage()

    def picture(self, name: str) -> None:
        """A picture of the window."""
        self._pictures.take(self.app.window, name)

    def settle(self) -> None:
        """Let everything asked for finish, and a moment for timers."""
        _run_for(120)
        self.app.tasks.wait_idle()
        _run_for(30)

    def wait(self, reached: Callable[[], bool]) -> None:
        """Run until something is so; the story ends when it never is."""
        for _ in range(_PATIENCE_MS // 50):
            if reached():
                return
            _run_for(50)
        raise Disagreement("the story waited in vain")

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self.app.window


def _say(kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
    if "propagateSizeHints" not in message:  # the offscreen platform says so of every window
        print(f"Qt {kind.name}: {message}", file=sys.stderr)


def _run_for(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


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


def _unsent(ws: Workspace, clock: Clock) -> int:
    return status(ws.database, Link.UNKNOWN, clock).unsent


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
    kader, bidan, district = _counts(root, KADER, clock), _counts(root, BIDAN, clock), server.status()
    digests = district["digests"]
    assert isinstance(digests, dict)
    held = {kind: digests.get(kind) for kind in ("child", "measurement")}
    checks["the two laptops hold the same children and measurements"] = kader["rows"] == bidan["rows"]
    checks["the server holds what the laptops hold"] = held == kader["rows"]
    checks["both laptops judge risk alike"] = kader["at_risk"] == bidan["at_risk"]
    checks["nothing waits, nothing is held or quarantined"] = (
        not any(district[name] for name in ("held", "quarantined", "conflict"))
        and _sent(kader)
        and _sent(bidan)
    )
    checks["one more measurement than before"] = kader["measurements"] == int(str(before["measurements"])) + 1
    return {
        "agree": all(checks.values()),
        "checks": checks,
        "before": before,
        "kader": kader,
        "bidan": bidan,
        "district": district,
    }


def _sent(counts: dict[str, object]) -> bool:
    operations = counts["operations"]
    return isinstance(operations, dict) and operations["unsent"] == 0 and operations["made"] > 0

"""Three posyandu, a midwife, a puskesmas and the Dinas, 300 children, twelve months: the loop closes.

A real district server in a process of its own, real data folders, one core of the app for each
laptop. At the beginning, and when the recommendation goes down and comes back, every laptop exchanges
in a process of its own, all at once; in between here. The third posyandu never meets the network again
after joining: its sticks are written and read by the real commands. Figures are counted a second time
here, from the made-up world itself.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import groupby
from pathlib import Path

import pytest

from posyandu_app.commands.demo import places
from posyandu_app.domain.age import Month
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role, Sex
from posyandu_app.domain.recommendations import AnswerState, Progress
from posyandu_app.domain.reports_check import Item, ReportState, Verdict
from posyandu_app.paths import DataFolder
from posyandu_app.reports import proposing
from posyandu_app.reports.analyst import Analyst
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By, Indicator
from posyandu_app.reports.recommend import Rule
from posyandu_app.services import (
    accounts,
    children,
    monthly_reports,
    programme_rules,
    recommendations,
    registration,
    sessions,
)
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log, peer
from posyandu_app.storage.log import NewOperation
from posyandu_app.sync.conversation import exchange_all
from posyandu_app.sync.engine import Engine
from posyandu_app.sync.enrolment import enrol
from posyandu_app.sync.http import HttpTransport, transport_for
from tests import generator

pytestmark = pytest.mark.process

WIB = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 10, 9, 0, tzinfo=WIB)
OCTOBER = Month(2026, 10)
PASSWORD = "rahasia sekali"
WORLD = generator.make(children=300, months=12, posyandu=3, seed=5, last=OCTOBER)
MELATI, MAWAR, KENANGA = WORLD.scopes
VILLAGE, KECAMATAN, REGION = MELATI[:13], MELATI[:8], MELATI[:5]


@dataclass
class Laptop:
    """One person's laptop: a data folder, and the core of the app on it."""

    folder: DataFolder
    label: str
    clock: FixedClock
    ws: Workspace

    def sync(self) -> None:
        """Over the line, until nothing waits; the sums of both sides agree."""
        with transport_for(self.ws.database) as transport:
            exchanged = exchange_all(Engine(self.ws.database, self.clock), transport)
        assert exchanged.incidents == (), self.label
        programme_rules.refresh(self.ws)

    def apart(self, *words: str) -> dict:
        """A command of the app, in a process of its own."""
        self.ws.close()
        try:
            return command(*words, "--data", str(self.folder.root))
        finally:
            self.ws = accounts.unlock(self.folder, self.label, PASSWORD, self.clock)
            programme_rules.refresh(self.ws)


def command(*words: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "posyandu_app", *words, "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1", "POSYANDU_PASSWORD": PASSWORD},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


class District:
    """Everybody's laptop and the server between them."""

    def __init__(self, root: Path, server: places.Server) -> None:
        self.root, self.server, self._stick = root, server, root / "flashdisk"
        self._stick.mkdir()
        self.melati = self._laptop("Sari", MELATI, Role.KADER, WORLD.names[0])
        self.mawar = self._laptop("Wati", MAWAR, Role.KADER, WORLD.names[1])
        self.kenanga = self._laptop("Euis", KENANGA, Role.KADER, WORLD.names[2])
        self.bidan = self._laptop("Bidan Rina", VILLAGE, Role.BIDAN)
        self.tpg = self._laptop("Pak Asep", KECAMATAN, Role.TPG)
        self.dinas = self._laptop("Ibu Dewi", REGION, Role.DINAS)
        self.online = (self.melati, self.mawar, self.bidan, self.tpg, self.dinas)
        self.all = (*self.online, self.kenanga)

    def _laptop(self, label: str, scope: str, role: Role, posyandu: str = "") -> Laptop:
        folder, clock = DataFolder(self.root / label), FixedClock(NOW)
        setup = accounts.Setup(scope, posyandu, label, label, role, PASSWORD)
        ws = accounts.set_up(folder, setup, clock, cheap=True)
        person = places.Person(label, label, label, label, role, scope)
        with HttpTransport(self.server.url) as transport:
            enrol(ws.database, transport, self.server.code(person), label)
        return Laptop(folder, label, clock, ws)

    def carry(self) -> None:
        """The stick goes from the third posyandu to the Dinas and back."""
        self.kenanga.apart("usb", "export", str(self._stick))
        folder = str(self.root / "district")
        command("district", "usb", str(self._stick), "--data", folder)
        self.kenanga.apart("usb", "import", str(self._stick))

    def all_sync(self, times: int = 2) -> None:
        for _ in range(times):
            for laptop in self.online:
                laptop.sync()

    def all_sync_at_once(self) -> None:
        """Every laptop by its own process, at one time; then once more here, for what they did not see."""
        with ThreadPoolExecutor(len(self.online)) as pool:
            for told in pool.map(lambda laptop: laptop.apart("sync"), self.online):
                assert (told["unsent"], told["incidents"]) == (0, []), told
        self.all_sync()

    def close(self) -> None:
        for laptop in self.all:
            laptop.ws.close()


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    root = tmp_path_factory.mktemp("kabupaten")
    with places.Server(root / "district") as server:
        made = District(root, server)
        try:
            for laptop in (made.melati, made.mawar, made.kenanga):
                live(laptop)
            yield made
        finally:
            made.close()


def live(laptop: Laptop) -> None:
    """The world's twelve months at one posyandu, saved on the days on which they were saved."""
    scope = laptop.ws.scope
    mine = [
        operation
        for operation in WORLD.operations()
        if operation.scope == scope and operation.type != "posyandu.register"
    ]
    for (at, actor), operations in groupby(mine, key=lambda item: (item.at, item.actor)):
        laptop.clock.set(datetime.fromisoformat(at))
        news = [NewOperation(item.type, item.entity, item.scope, item.payload) for item in operations]
        log.append(laptop.ws.database, news, actor=actor, clock=laptop.clock)
    laptop.clock.set(NOW)


def test_from_the_figures_down_to_the_posyandu_and_back_up(district):
    d = district
    d.all_sync_at_once()
    assert known_children(d.dinas) < 300, "the third posyandu has not been heard of yet"
    d.carry()
    d.all_sync()
    assert known_children(d.dinas) == 300

    # the figures are those of the world, counted another way
    rows = {row.scope: row.skdn for row in monthly_reports.overview(d.tpg.ws, OCTOBER)}
    assert set(rows) == set(WORLD.scopes)
    for scope, skdn in rows.items():
        assert {name: getattr(skdn, name) for name in ("S", "D", "N", "T", "O", "B", "two_t")} == (
            recounted(scope)
        ), scope
    analyst = Analyst(d.dinas.ws.database, d.dinas.ws.rules, Role.TPG)
    try:
        october = Period.of_month(OCTOBER)
        found = analyst.prevalence("", october, october.previous(), By.POSYANDU).table
        counted = {row.key: row.shares[Indicator.STUNTING] for row in found.rows}
        for scope in WORLD.scopes:
            assert (counted[scope].count, counted[scope].of) == stunted(scope), scope
        proposals = proposing.proposals(analyst, "", OCTOBER, By.POSYANDU)
    finally:
        analyst.close()

    # a proposal, edited by a person, goes down: to one posyandu by line, to the other by stick
    low = {item.area: item for item in proposals if item.rule is Rule.LOW_ATTENDANCE}
    assert {scope for scope in WORLD.scopes if low_attendance(scope)} == set(low)
    chosen = low[KENANGA]
    sent = {}
    for scope in (MELATI, KENANGA):
        changes = recommendations.send(
            d.dinas.ws,
            f"{chosen.text} Laporkan lewat laptop.",
            scope=scope,
            due_on=date(2026, 11, 24),
            figures=[proposing.figure_of(item) for item in chosen.evidence],
        )
        (sent[scope],) = changes.entities
    assert progress(d, sent) == {Progress.UNSENT}
    d.all_sync_at_once()  # down, read, and told
    assert progress(d, sent) == {Progress.DELIVERED}
    assert readers(d, sent[MELATI]) == 2, "the kader and her midwife"
    assert readers(d, sent[KENANGA]) == 1, "the midwife alone has fetched it by line"
    d.carry()
    d.carry()
    d.all_sync()
    assert readers(d, sent[KENANGA]) == 2

    # it is seen, acted on, answered; one says why she cannot
    for laptop, scope, state, note in (
        (d.kenanga, KENANGA, AnswerState.DONE, "lima rumah dikunjungi"),
        (d.melati, MELATI, AnswerState.CANNOT, "jalan putus"),
    ):
        (row,) = recommendations.waiting(laptop.ws)
        assert row.id == sent[scope]
        recommendations.opened(laptop.ws, row.id)
        recommendations.answer(laptop.ws, row.id, state, note)
    assert recommendations.waiting(d.mawar.ws) == (), "it is none of her business"
    d.carry()
    d.all_sync_at_once()
    done = recommendations.one(d.dinas.ws, sent[KENANGA]).status
    cannot = recommendations.one(d.dinas.ws, sent[MELATI]).status
    assert (done.progress, done.answers[-1].note, done.answers[-1].by) == (
        Progress.DONE,
        "lima rumah dikunjungi",
        "Euis",
    )
    assert (cannot.progress, cannot.answers[-1].note) == (Progress.CANNOT, "jalan putus")

    # the puskesmas returns a report with a reason; after mending it is accepted
    for laptop in (d.melati, d.mawar, d.kenanga):
        laptop.clock.set(NOW - timedelta(days=20))
        sessions.open_day(laptop.ws, date(2026, 10, 20))
        sessions.close_day(laptop.ws, date(2026, 10, 20))
        laptop.clock.set(NOW)
    d.carry()
    d.all_sync()
    report = monthly_reports.report(d.tpg.ws, KENANGA, OCTOBER)
    lines = {line.item: line for line in report.lines}
    assert lines[Item.CLOSED].ok
    without = {child.id for child in WORLD.children if child.scope == KENANGA and not child.nik}
    assert set(lines[Item.NIK].children) <= without
    monthly_reports.verify(d.tpg.ws, KENANGA, OCTOBER, Verdict.RETURNED, [Item.NIK], "lengkapi NIK")
    monthly_reports.verify(d.tpg.ws, MELATI, OCTOBER, Verdict.ACCEPTED)
    d.all_sync()
    d.carry()
    (returned,) = monthly_reports.returned(d.kenanga.ws)
    assert (returned.check.note, returned.items) == ("lengkapi NIK", ("NIK diisi",))
    assert monthly_reports.returned(d.melati.ws) == ()
    for number, child in enumerate(lines[Item.NIK].children):
        registration.update(d.kenanga.ws, child, {"nik": made_up_nik(d.kenanga.ws, child, number)})
    monthly_reports.mended(d.kenanga.ws, returned.check.id, "sudah diisi dari KK")
    d.carry()
    d.all_sync()
    mended = monthly_reports.report(d.tpg.ws, KENANGA, OCTOBER)
    assert (mended.status.state, mended.status.answer.by) == (ReportState.MENDED, "Euis")
    assert {line.item: line.ok for line in mended.lines}[Item.NIK]
    monthly_reports.verify(d.tpg.ws, KENANGA, OCTOBER, Verdict.ACCEPTED)
    d.all_sync()
    d.carry()
    d.carry()
    d.all_sync()
    assert monthly_reports.report(d.kenanga.ws, KENANGA, OCTOBER).status.state is ReportState.ACCEPTED
    assert monthly_reports.decided(d.dinas.ws, OCTOBER)[MELATI].state is ReportState.ACCEPTED

    # everybody who holds the whole kabupaten, or all of the village, holds the same
    status = d.server.status()
    assert {status[name] for name in ("held", "quarantined", "conflict")} == {0}
    whole = [sums(laptop) for laptop in (d.bidan, d.tpg, d.dinas)]
    assert whole[0]["measurement"] == whole[1]["measurement"] == whole[2]["measurement"]
    for kind, (count, digest) in status["digests"].items():
        assert sums(d.dinas)[kind] == (count, digest), kind
    assert sums(d.dinas)["measurement"][0] == len(WORLD.visit_ids)
    assert sum(sums(laptop)["child"][0] for laptop in (d.melati, d.mawar, d.kenanga)) == 300


def progress(d: District, sent: dict[str, str]) -> set[Progress]:
    return {recommendations.one(d.dinas.ws, one).status.progress for one in sent.values()}


def readers(d: District, one: str) -> int:
    return recommendations.one(d.dinas.ws, one).status.reach.read


def known_children(laptop: Laptop) -> int:
    return int(sums(laptop)["child"][0])


def sums(laptop: Laptop) -> dict[str, tuple[int, str]]:
    return {kind: (count, total.hex()) for kind, (count, total) in peer.row_sums(laptop.ws.database).items()}


def made_up_nik(ws: Workspace, child_id: str, number: int) -> str:
    child = children.get(ws, child_id)
    born = child.birth_date or date(2024, 1, 1)
    day = born.day + (40 if child.sex is Sex.FEMALE else 0)
    return f"{REGION.replace('.', '')}{KECAMATAN[-2:]}{day:02d}{born:%m%y}{9000 + number:04d}"


# the second count: from the arrays of the world, without the app's own arithmetic

KBM = {
    1: [800, 800, 900, 800, 600, 500, 400, 400, 300, 300, 300, 300] + [200] * 49,
    2: [800, 800, 900, 800, 600, 500, 400, 300, 300, 300, 300] + [200] * 50,
}


def months_old(birth: date, on: date) -> int:
    months = (on.year - birth.year) * 12 + on.month - birth.month
    return months - (on.day < birth.day and (on + timedelta(days=1)).day != 1)


def recounted(scope: str) -> dict[str, int]:
    """S, D and the letters of October at one posyandu."""
    place, end = WORLD.scopes.index(scope), OCTOBER.last_day
    counted = Counter(dict.fromkeys(("S", "D", "N", "T", "O", "B", "two_t"), 0))
    weighed = weighings()
    for child, home in enumerate(WORLD.child_place):
        birth = WORLD.birth[child] and date.fromordinal(int(WORLD.birth[child]))
        if home != place or not birth:
            continue
        mine = weighed.get(child, [])
        this = [item for item in mine if item[0] == (2026, 10)]
        on = this[0][1] if this else end
        if not birth <= on or months_old(birth, on) >= 60:
            continue
        if not this and WORLD.state[child] != 0:
            continue
        counted["S"] += 1
        if this and WORLD.sex[child]:
            letters = spelled(child, birth, mine)
            counted["D"] += 1
            counted[letters[(2026, 10)]] += 1
            counted["two_t"] += letters[(2026, 10)] == letters.get((2026, 9)) == "T"
    return dict(counted)


def weighings() -> dict[int, list[tuple[tuple[int, int], date, int]]]:
    """Of each child the weighing that counts in each month (the last one), oldest first."""
    found: dict[int, dict[tuple[int, int], tuple[date, int]]] = {}
    order = sorted(range(len(WORLD.visit_ids)), key=lambda at: (WORLD.day[at], WORLD.saved[at], at))
    for at in order:
        if WORLD.weight_g[at]:
            on = date.fromordinal(int(WORLD.day[at]))
            grams = int(WORLD.weight_g[at])
            found.setdefault(int(WORLD.visit_child[at]), {})[(on.year, on.month)] = (on, grams)
    return {
        child: [(month, *value) for month, value in sorted(by_month.items())]
        for child, by_month in found.items()
    }


def spelled(child: int, birth: date, mine: list) -> dict[tuple[int, int], str]:
    letters, before = {}, None
    for month, on, grams in mine:
        if before is None:
            letters[month] = "B"
        elif (month[0] * 12 + month[1]) - (before[0][0] * 12 + before[0][1]) > 1:
            letters[month] = "O"
        else:
            least = KBM[int(WORLD.sex[child])][months_old(birth, on)]
            letters[month] = "N" if grams - before[1] >= least else "T"
        before = (month, grams)
    return letters


def low_attendance(scope: str) -> bool:
    counted = recounted(scope)
    return counted["D"] * 100 < 85 * counted["S"]


STANDARDS = Path(__file__).parents[2] / "resources" / "growth" / "who_2006.csv"
STANDARD = {
    (sex, int(day)): tuple(map(float, lms))
    for indicator, sex, day, *lms in (line.split(",") for line in STANDARDS.read_text().split()[1:])
    if indicator == "lhfa"
}


def stunted(scope: str) -> tuple[int, int]:
    """Children with length-for-age below −2 of those with one that WHO does not flag, in October."""
    place, last = WORLD.scopes.index(scope), {}
    order = sorted(range(len(WORLD.visit_ids)), key=lambda at: (WORLD.day[at], WORLD.saved[at], at))
    for at in order:
        on = date.fromordinal(int(WORLD.day[at]))
        child = int(WORLD.visit_child[at])
        if (on.year, on.month) == (2026, 10) and WORLD.child_place[child] == place and WORLD.length_mm[at]:
            last[child] = at
    count = of = 0
    for child, at in last.items():
        days, sex = int(WORLD.day[at] - WORLD.birth[child]), int(WORLD.sex[child])
        if not WORLD.birth[child] or not sex or not 0 <= days <= 1826:
            continue
        position = int(WORLD.position[at])
        if position == 2 and days / 30.4375 < 9:
            position = 0  # WHO's software takes nobody's word that an infant stood
        shift = 0.7 * (int(position == 2) - int(days >= 731)) if position else 0.0
        power, median, spread = STANDARD["MF"[sex - 1], days]
        length = float(WORLD.length_mm[at]) / 10 + shift
        z = round(((length / median) ** power - 1) / (power * spread), 2)
        if abs(z) <= 6:
            of += 1
            count += z < -2
    return count, of

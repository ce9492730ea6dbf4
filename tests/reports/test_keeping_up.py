"""Columns that keep up with what comes are those read anew, and those counted row by row, whatever came."""

import dataclasses
from collections import defaultdict
from datetime import date

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from posyandu_app.domain.age import Month
from posyandu_app.domain.clock import rfc3339
from posyandu_app.domain.model import Role
from posyandu_app.domain.operations import Operation
from posyandu_app.domain.persons import REGISTERED_BY_MISTAKE
from posyandu_app.domain.reading import read_date
from posyandu_app.domain.rules import load as rules_of
from posyandu_app.domain.rules import shipped_text
from posyandu_app.reports import frame_cache
from posyandu_app.reports.analyst import Analyst
from posyandu_app.reports.areas import Level
from posyandu_app.reports.frames import load
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import By
from posyandu_app.reports.quality import Team
from posyandu_app.storage import arrivals, leaving, log, persons, projection
from posyandu_app.storage.connection import Database
from tests.reports.analysis import KENANGA, MAWAR, MELATI, RULES
from tests.reports.test_frames import same

START_MS = 1_795_000_000_000
CHILDREN = [f"{number:08d}-1111-4111-8111-111111111111" for number in range(1, 5)]
"""Ids in the usual form; the last child's is of another one."""
CHILDREN[-1] = "anak yang lain"
PLACES = [MELATI, MAWAR, KENANGA]
STRICTER = rules_of(shipped_text().replace('version = "2026.1"', 'version = "uji"').replace("= 300", "= 350"))
DEEDS = (
    "register",
    "record",
    "record",
    "record",
    "correct",
    "void",
    "restore",
    "transfer",
    "set",
    "mistake",
    "link",
    "unlink",
    "erase",
    "rebuild",
    "rules",
)


class Feed:
    """Another laptop's operations as the server tells them, a page for each step."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.replica = "99999999-9999-4999-8999-999999999999"
        self.seq = 0
        self.places = {child: PLACES[at % 3] for at, child in enumerate(CHILDREN)}
        self.measured: list[tuple[str, str, int]] = []
        self.voids: list[tuple[str, int]] = []

    def tell(self, kind: str, entity: str, child: str, payload: dict) -> int:
        self.seq += 1
        ms = START_MS + self.seq * 3_600_000
        stamp = f"{ms:012x}-0000"
        operation = Operation(
            seq=self.seq,
            type=kind,
            v=1,
            entity=entity,
            scope=self.places[child],
            actor="kader-1" if self.seq % 3 else "22222222-2222-4222-8222-222222222222",
            at=rfc3339(ms),
            hlc=stamp,
            tx=None,
            app="1.0.0",
            payload=payload,
        )
        if self.seq % 2:
            arrivals.note(
                self.database, [arrivals.Came(self.replica, self.seq, self.seq, ms + 5 * 86_400_000)]
            )
        log.receive(
            self.database,
            [log.Received(self.replica, operation, stamp, "applied", self.seq)],
            received_at=rfc3339(ms),
        )
        return self.seq

    def do(self, deed: str, a: int, b: int) -> None:
        child = CHILDREN[a % len(CHILDREN)]
        key = [self.replica]
        if deed == "register":
            fields = {"name": f"Anak {a}", "sex": "FM"[b % 2], "birth_date": f"2024-0{1 + b % 9}-10"}
            self.tell("child.register", child, child, {n: {"v": v, "base": None} for n, v in fields.items()})
        elif deed == "record":
            payload = {
                "child": child,
                "date": f"2026-{8 + a % 4:02d}-{1 + b % 31:02d}",
                "weight_g": 8_000 + 10 * b,
                "length_mm": 700 + a,
                "position": "standing",
            }
            measurement = f"{self.seq + 1:08d}-3333-4333-8333-333333333333"
            self.measured.append(
                (measurement, child, self.tell("measurement.record", measurement, child, payload))
            )
        elif deed in ("correct", "void") and self.measured:
            measurement, of, seq = self.measured[a % len(self.measured)]
            if deed == "correct":
                change = {"weight_g": {"v": 8_190 + b, "base": [*key, seq]}}
                self.tell("measurement.correct", measurement, of, {"set": change, "reason": "salah baca"})
            else:
                void = self.tell(
                    "measurement.void", measurement, of, {"reason": "salah", "seen": [[*key, seq]]}
                )
                self.voids.append((measurement, void))
        elif deed == "restore" and self.voids:
            measurement, void = self.voids[a % len(self.voids)]
            of = next(of for id_, of, _ in self.measured if id_ == measurement)
            self.tell("measurement.restore", measurement, of, {"voids": [[*key, void]]})
        elif deed == "transfer":
            to = PLACES[b % 3]
            self.tell("child.transfer", child, child, {"to": to, "date": "2026-11-01"})
            self.places[child] = to
        elif deed == "set":
            self.tell("child.set", child, child, {"birth_date": {"v": f"2024-0{1 + b % 9}-11", "base": None}})
        elif deed == "mistake":
            state = REGISTERED_BY_MISTAKE if b % 2 else "aktif"
            self.tell("child.set", child, child, {"state": {"v": state, "base": None}})
        elif deed in ("link", "unlink"):
            other = CHILDREN[b % len(CHILDREN)]
            if other != child:
                self.tell(f"person.{deed}", child, child, {"other": other, "reason": ""})
        elif deed == "erase":
            leaving.hear(self.database, [child], leaving.ERASE, rfc3339(START_MS))
            leaving.carry_out(self.database)
            self.measured = [item for item in self.measured if item[1] != child]
            known = {id_ for id_, _, _ in self.measured}
            self.voids = [item for item in self.voids if item[0] in known]
        elif deed == "rebuild":
            projection.rebuild(self.database)


def row_by_row(database: Database) -> dict[str, list[tuple]]:
    """Child → what was measured of her, from the rows one at a time and nothing of the columns' code."""
    behind = persons.behind(database)
    children = {
        id_
        for id_, state in database.rows("SELECT id, state FROM child")
        if state != REGISTERED_BY_MISTAKE and id_ not in behind
    }
    found = defaultdict(list)
    for child, on, at, came, scope, actor, weight, length, hlc, id_, voided in database.rows(
        "SELECT child, date, at, came, scope, actor, weight_g, length_mm, hlc, id, voided FROM measurement"
    ):
        owner, day = behind.get(child, child), read_date(on)
        if not voided and owner in children and day is not None:
            saved = date.fromisoformat(at[:10]).toordinal()
            found[owner].append(
                (day.toordinal(), hlc, id_, weight or 0, length or 0, saved, came or 0, scope, actor)
            )
    return {
        child: [(day, *rest) for day, _, _, *rest in sorted(rows)] for child, rows in sorted(found.items())
    }


def as_rows(frame) -> dict[str, list[tuple]]:
    visits = frame.visits
    found = defaultdict(list)
    for row in range(len(visits)):
        found[frame.children.ids[visits.child[row]]].append(
            (
                int(visits.day[row]),
                int(visits.weight_g[row]),
                int(visits.length_mm[row]),
                int(visits.saved[row]),
                int(visits.came[row]),
                frame.areas.scopes[visits.place[row]],
                frame.actors[visits.actor[row]],
            )
        )
    return dict(sorted(found.items()))


def answers(analyst: Analyst) -> list:
    """What the screens ask, some of each kind."""
    november, before = Period.of_month(Month(2026, 11)), Period.of_month(Month(2026, 10))
    quality = analyst.quality("", Period.of_year(2026), Team.POSYANDU)
    return [
        analyst.known(),
        analyst.prevalence("", november, before, By.POSYANDU),
        analyst.skdn("", november.first, before.first, Level.POSYANDU),
        [(row.key, row.figures) for row in (quality.total, *quality.rows)],
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@example([[("erase", 0, 0), ("record", 0, 0)], [("register", 0, 0)]])
@example([[("erase", 0, 0), ("record", 0, 0), ("record", 1, 0)], [("register", 0, 0)]])
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(DEEDS), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5
        ),
        min_size=2,
        max_size=5,
    )
)
def test_whatever_comes_what_is_kept_up_is_what_is_read_anew(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("district")
    database = Database.create(folder / "posyandu.db", bytes(32))
    following = Analyst(database, RULES, Role.TPG)
    try:
        feed = Feed(database)
        for number in range(len(CHILDREN)):
            feed.do("register", number, number)
        for step in steps:
            for deed, a, b in step:
                if deed == "rules":
                    following.use(STRICTER if b % 2 else RULES)
                else:
                    feed.do(deed, a, b)
            anew = Analyst(database, following.rules, Role.TPG)
            try:
                kept_up, read = following.frame(), anew.frame()
                assert same(kept_up, read) == []
                assert as_rows(kept_up) == row_by_row(database)
                assert repr(answers(following)) == repr(answers(anew))
                if len(kept_up.visits):
                    frame_cache.keep(kept_up)
            finally:
                anew.close()
        kept = frame_cache.kept(database)
        if kept is not None:
            assert same(load(database, kept), load(database)) == []
    finally:
        following.close()
        database.close()


def test_a_child_who_was_forgotten_and_is_told_again_counts_once(tmp_path):
    """She moved away and came back between two looks at the figures: her rows are other rows now."""
    database = Database.create(tmp_path / "posyandu.db", bytes(32))
    try:
        feed = Feed(database)
        feed.do("register", 0, 0)
        for day in range(12):
            feed.do("register", 1, 1)
            feed.do("record", 1, day)
        feed.do("record", 0, 3)
        before = load(database)
        feed.do("erase", 0, 0)
        feed.do("register", 0, 0)
        after = load(database, before)
        assert same(after, load(database)) == []
        assert (len(before.visits), len(after.visits)) == (13, 12)
    finally:
        database.close()


def test_the_stricter_rules_are_other_rules():
    assert STRICTER.kbm_boys != RULES.kbm_boys


def test_columns_are_of_one_length(tmp_path):
    database = Database.create(tmp_path / "posyandu.db", bytes(32))
    try:
        feed = Feed(database)
        feed.do("register", 0, 0)
        feed.do("record", 0, 30)
        feed.do("record", 0, 29)
        visits = load(database).visits
        assert {len(getattr(visits, field.name)) for field in dataclasses.fields(visits)} == {2}
        assert (visits.came - visits.saved).tolist() == [5, -int(visits.saved[1])], (
            "told of the later one only"
        )
    finally:
        database.close()

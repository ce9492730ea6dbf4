"""Whatever the order, batches and repeats: the same operations make the same rows and the same sums."""

import json
import random
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain.hlc import stamp
from posyandu_app.domain.merge import KINDS, Known, Row, project
from posyandu_app.domain.operations import OpKey
from posyandu_app.storage import log, measured, peer, projection
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import NewOperation, Received
from posyandu_app.storage.peer import Peer
from tests.storage.made_up import KEY, SCOPE, operation

AT = "2026-11-23T10:00:00+07:00"
REPLICAS = ("aaaa", "bbbb", "cccc")
CHILDREN = ("child-1", "child-2")
VISITS = ("visit-1", "visit-2", "visit-3")
NAMES = ("Siti", "Budi", "Ani", "Ânî", "Dewi Sartika")

keys = st.tuples(st.sampled_from(REPLICAS), st.integers(1, 8)).map(list)
base = st.none() | keys
children = st.sampled_from(CHILDREN)
visits = st.sampled_from(VISITS)


def change(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries({"v": values, "base": base}, optional={"bases": st.lists(keys, max_size=2)})


child_fields = st.fixed_dictionaries(
    {},
    optional={
        "name": change(st.sampled_from(NAMES) | st.none() | st.integers(0, 1)),
        "mother_name": change(st.sampled_from(NAMES)),
        "sex": change(st.sampled_from(("M", "F", "?"))),
        "birth_date": change(st.sampled_from(("2025-01-01", "2025-01-02", "kemarin"))),
        "nik": change(st.sampled_from(("3211136311250001", "3211136311250002"))),
        "phone": change(st.sampled_from(("0812", "0813"))),
        "state": change(st.sampled_from(("aktif", "pindah", "meninggal", "lulus", "baru", [1]))),
        "new_field": change(st.sampled_from(({"a": 1}, ["x"], True))),
    },
)
measurings = st.fixed_dictionaries(
    {},
    optional={
        "child": children,
        "date": st.sampled_from(("2026-11-23", "2026-11-24", "besok", 5)),
        "weight_g": st.sampled_from((8400, 8500, "8,4", None, True)),
        "oedema": st.sampled_from((0, 3)),
        "confirmed": st.sampled_from((["a"], "a", [])),
        "source": st.sampled_from(("eppgbm", 4)),
        "voided": st.just(True),
        "note": st.text(max_size=3),
    },
)
deeds = st.one_of(
    st.builds(lambda e, p: NewOperation("child.register", e, SCOPE, p), children, child_fields),
    st.builds(lambda e, p: NewOperation("child.set", e, SCOPE, p), children, child_fields),
    st.builds(lambda e, p: NewOperation("conflict.resolve", e, SCOPE, p), children, child_fields),
    st.builds(
        lambda e, to: NewOperation("child.transfer", e, SCOPE, {"to": to}),
        children,
        st.sampled_from(("32.11.13.2008.002", 7)),
    ),
    st.builds(lambda e, p: NewOperation("measurement.record", e, SCOPE, p), visits, measurings),
    st.builds(
        lambda e, w, b: NewOperation(
            "measurement.correct", e, SCOPE, {"set": {"weight_g": {"v": w, "base": b}}}
        ),
        visits,
        st.integers(8000, 8003),
        base,
    ),
    st.builds(
        lambda e, k: NewOperation("measurement.void", e, SCOPE, {"seen": k}),
        visits,
        st.lists(keys, max_size=3),
    ),
    st.builds(
        lambda e, k: NewOperation("measurement.restore", e, SCOPE, {"voids": k}),
        visits,
        st.lists(keys, max_size=3),
    ),
    st.builds(
        lambda e, n: NewOperation("user.register", e, SCOPE, {"name": {"v": n, "base": None}}),
        st.just("user-1"),
        st.sampled_from(NAMES),
    ),
    st.builds(lambda e: NewOperation("telemetry.blink", e, SCOPE, {}), visits),
    st.builds(lambda e: NewOperation("measurement.record", e, SCOPE, {"child": e}), children),
)
worlds = st.lists(st.tuples(deeds, st.sampled_from(REPLICAS), st.integers(1, 5)), min_size=1, max_size=24)


def feed_of(world: list[tuple[NewOperation, str, int]]) -> list[Received]:
    numbers = dict.fromkeys(REPLICAS, 0)
    items = []
    for ss, (new, replica, ms) in enumerate(world, 1):
        numbers[replica] += 1
        items.append(Received(replica, operation(new, numbers[replica], ms=ms), stamp(ms), "applied", ss))
    return items


def rows_of(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Everything visible, without the marks of this database's own bookkeeping; digests come last."""
    found = {
        "child": database.rows(
            "SELECT id, scope, name, sex, birth_date, nik, mother_name, state, actor, at, vals, disputed,"
            " bases, hex(digest) FROM child ORDER BY id"
        ),
        "measurement": database.rows(
            "SELECT id, scope, child, date, weight_g, oedema, confirmed, source, voided, actor, at, hlc,"
            " replica, seq, disputed, rest, coalesce(bases, ''), hex(digest) FROM measurement ORDER BY id"
        ),
        "other": database.rows(
            "SELECT kind, id, scope, vals, bases, hex(digest) FROM other_row ORDER BY kind, id"
        ),
    }
    rows: dict[str, list[tuple[object, ...]]] = {
        name: [(*row[:-2], projection.bases(row[-2]), row[-1]) for row in table]
        for name, table in found.items()
    }
    digests = measured.digests(database, [row[0] for row in rows["measurement"]])
    rows["measurement"] = [(*row, digests[str(row[0])].hex().upper()) for row in rows["measurement"]]
    rows["dispute"] = database.rows("SELECT * FROM dispute ORDER BY kind, entity, field")
    rows["sum"] = database.rows("SELECT kind, count, hex(sum) FROM row_sum WHERE count > 0 ORDER BY kind")
    rows["search"] = database.rows(
        "SELECT id, key FROM child_search JOIN child ON n = child_search.rowid ORDER BY id"
    )
    return rows


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty database file to copy: making one anew for each example would take longer than the test."""
    made = Database.create(tmp_path_factory.mktemp("empty") / "empty.db", KEY)
    peer.enrol(made, Peer("http://dinas", "device", SCOPE, b"s" * 32, b"b" * 32, "epoch-1"))
    made.close()
    return made.path


def fresh(empty, folder, name: str) -> Database:
    return Database.open(shutil.copy(empty, folder / name), KEY)


def deliver(database: Database, items: list[Received], chance: random.Random) -> None:
    waiting = items + chance.sample(items, chance.randint(0, len(items)))
    chance.shuffle(waiting)
    while waiting:
        size = chance.randint(1, 6)
        log.receive(database, waiting[:size], received_at=AT)
        if chance.random() < 0.3:
            peer.advance(database, chance.randint(0, len(items)))
        del waiting[:size]
    peer.advance(database, len(items))


@given(world=worlds, chance=st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_any_order_of_arrival_gives_the_same_rows_and_sums(empty, tmp_path_factory, world, chance):
    folder = tmp_path_factory.mktemp("order")
    items = feed_of(world)
    straight, shuffled = fresh(empty, folder, "straight.db"), fresh(empty, folder, "shuffled.db")
    log.receive(straight, items, received_at=AT)
    peer.advance(straight, len(items))
    deliver(shuffled, items, chance)
    assert rows_of(straight) == rows_of(shuffled)
    one, other = peer.load(straight), peer.load(shuffled)
    assert (one.log_count, one.log_sum) == (other.log_count, other.log_sum)
    expected = rows_of(straight)
    projection.rebuild(shuffled)
    assert rows_of(shuffled) == expected
    assert digests_by_the_merge(items) == {
        (kind, row[0], row[-1]) for kind in ("child", "measurement") for row in expected[kind]
    } | {(row[0], row[1], row[-1]) for row in expected["other"]}
    straight.close()
    shuffled.close()
    shutil.rmtree(folder)


def digests_by_the_merge(items: list[Received]) -> set[tuple[str, str, str]]:
    entities: dict[str, list[Known]] = {}
    for item in items:
        entities.setdefault(item.operation.entity, []).append(Known(item.replica, item.eff, item.operation))
    rows = (project(kind, entity, known) for entity, known in entities.items() for kind in KINDS)
    return {(row.kind, row.entity, row.digest().hex().upper()) for row in rows if row is not None}


@given(world=worlds, chance=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_stamps_that_change_later_end_in_the_same_rows(empty, tmp_path_factory, world, chance):
    """A laptop that first knew its own stamps, then the server's, shows what one that came later shows."""
    folder = tmp_path_factory.mktemp("stamps")
    items = feed_of(world)
    late, early = fresh(empty, folder, "late.db"), fresh(empty, folder, "early.db")
    log.receive(late, items, received_at=AT)
    first = [
        Received(item.replica, item.operation, stamp(chance.randint(1, 9)), "applied", item.ss)
        for item in items
    ]
    log.receive(early, first, received_at=AT)
    deliver(early, items, chance)
    assert rows_of(late) == rows_of(early)
    late.close()
    early.close()
    shutil.rmtree(folder)


def test_the_operation_shown_is_the_base_of_the_next_edit(empty, tmp_path):
    database = fresh(empty, tmp_path, "x.db")
    items = feed_of(
        [
            (NewOperation("child.register", "c", SCOPE, {"name": {"v": "Siti", "base": None}}), "aaaa", 1),
            (NewOperation("child.set", "c", SCOPE, {"phone": {"v": "0812", "base": None}}), "bbbb", 2),
        ]
    )
    log.receive(database, items, received_at=AT)
    stored = database.one("SELECT bases FROM child")[0]
    assert projection.bases(stored) == {"name": OpKey("aaaa", 1), "phone": OpKey("bbbb", 1)}
    database.close()


@given(
    st.dictionaries(
        st.text(max_size=4), st.builds(OpKey, st.text(max_size=4), st.integers(1, 2**62)), max_size=5
    )
)
@settings(deadline=None)
def test_bases_of_any_field_and_replica_come_back(shown):
    assert projection.bases(projection._bases(Row("child", "c", SCOPE, {}, shown))) == shown


def test_a_dispute_appears_and_goes_away(empty, tmp_path):
    database = fresh(empty, tmp_path, "x.db")
    rival = {"name": {"v": "Budi", "base": None}}
    decision = {"name": {"v": "Siti", "bases": [["aaaa", 1], ["bbbb", 1]]}}
    items = feed_of(
        [
            (NewOperation("child.register", "c", SCOPE, {"name": {"v": "Siti", "base": None}}), "aaaa", 1),
            (NewOperation("child.set", "c", SCOPE, rival), "bbbb", 2),
            (NewOperation("conflict.resolve", "c", SCOPE, decision), "cccc", 3),
        ]
    )
    log.receive(database, items[:2], received_at=AT)
    ((kind, entity, field, heads),) = database.rows("SELECT * FROM dispute")
    assert (kind, entity, field) == ("child", "c", "name")
    assert json.loads(heads) == [["bbbb", 1, "Budi"], ["aaaa", 1, "Siti"]]
    log.receive(database, items[2:], received_at=AT)
    assert database.rows("SELECT * FROM dispute") == []
    assert database.one("SELECT name, disputed FROM child") == ("Siti", None)
    database.close()

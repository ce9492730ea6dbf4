"""On a full disk nothing is half written, what is there can be read, and work goes on once there is room."""

import sys
from collections.abc import Callable

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Position, Role, Sex
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, drafts, registration, roster, weighing
from posyandu_app.services.accounts import Setup
from posyandu_app.services.registration import ChildInput
from posyandu_app.storage import backup, log, peer, projection
from tests.storage.made_up import SCOPE, child, clock, measurement, new_id, operation, received

AT = "2026-11-23T10:00:00+07:00"


@pytest.fixture
def ws(tmp_path):
    folder = DataFolder(tmp_path / "data")
    made = accounts.set_up(
        folder, Setup(SCOPE, "Melati 1", "Sari", "Sari", Role.KADER, "melati123"), clock(), cheap=True
    )
    yield made
    made.close()


def register(ws, name: str = "Siti Aminah") -> str:
    born = ws.clock.today().replace(year=2025)
    return next(
        iter(registration.register(ws, ChildInput(name, Sex.FEMALE, born, mother_name="Rohmah")).entities)
    )


def everything(database) -> dict[str, list[tuple[object, ...]]]:
    tables = ("log", "child", "measurement", "other_row", "row_sum", "draft", "meta", "child_search", "peer")
    return {table: database.rows(f"SELECT * FROM {table}") for table in tables}


def full_after(database, pages: int) -> None:
    """Let the file grow by so many pages and no more."""
    database.conn.execute(
        f"PRAGMA max_page_count = {database.one('PRAGMA page_count')[0] + pages}"
    ).fetchall()


def room(database) -> None:
    database.conn.execute("PRAGMA max_page_count = 4294967294").fetchall()


def save_visit(ws, child_id):
    weighing.record(
        ws, child_id, Draft(ws.clock.today(), 8400, 712, Position.LYING, 451, 139), ("a" * 90,) * 9
    )


def save_big_child(ws, child_id):
    for number in range(30):
        register(ws, f"Anak dengan nama panjang sekali nomor {'ab' * 20} {number}")


def save_corrections(ws, child_id):
    saved = weighing.record(ws, child_id, Draft(ws.clock.today(), 8400))
    entity = next(iter(saved.entities - {child_id}))
    for grams in range(8000, 8030):
        weighing.correct(ws, entity, {"weight_g": grams}, "salah baca " * 40)


def save_draft(ws, child_id):
    drafts.save(ws, child_id, {"note": "x" * 15_000})


def receive_page(ws, child_id):
    replica = new_id()
    page = [received(replica, operation(measurement(child_id), seq), seq) for seq in range(1, 60)]
    log.receive(ws.database, page, received_at=AT)


DEEDS = {
    "children": save_big_child,
    "corrections": save_corrections,
    "draft": save_draft,
    "receive": receive_page,
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_that_does_not_fit_leaves_nothing_and_fits_later(ws, deed):
    child_id = register(ws)
    refused = 0
    for pages in range(24):
        before = everything(ws.database)
        full_after(ws.database, pages)
        told = trouble(lambda: all_or_nothing(ws, deed, child_id))
        if told is None:
            break
        refused += 1
        check_refused(ws, told, before, child_id)
        room(ws.database)
    room(ws.database)
    assert refused > 0, "the disk was never full"
    all_or_nothing(ws, deed, child_id)
    assert log.verify_chain(ws.database) == log.tip(ws.database)[0]
    sums = peer.row_sums(ws.database)
    projection.rebuild(ws.database)
    assert peer.row_sums(ws.database) == sums


def test_visits_are_saved_one_by_one_until_the_disk_is_full(ws):
    """The limit is met at ever other statements: each round begins with other free space in the file."""
    child_id = register(ws)
    for round_ in range(12):
        drafts.save(ws, child_id, {"note": "x" * 400 * round_})
        full_after(ws.database, 1)
        told = None
        while told is None:
            before = everything(ws.database)
            told = trouble(lambda: save_visit(ws, child_id))
        check_refused(ws, told, before, child_id)
        room(ws.database)
        save_visit(ws, child_id)
    assert log.verify_chain(ws.database) == log.tip(ws.database)[0]


def trouble(deed: Callable[[], None]) -> UserError | None:
    try:
        deed()
    except UserError as told:
        return told
    return None


def all_or_nothing(ws, deed: str, child_id: str) -> None:
    with ws.database.atomic():
        DEEDS[deed](ws, child_id)


def check_refused(ws, told: UserError, before: dict[str, list[tuple[object, ...]]], child_id: str) -> None:
    assert told.code == "disk_full"
    assert told.message.startswith("Laptop penuh")
    assert everything(ws.database) == before
    assert [row.child.id for row in roster.rows(ws, "siti")] == [child_id]


def test_a_rebuild_that_does_not_fit_leaves_the_old_rows(ws):
    child_id = register(ws)
    log.append(ws.database, [measurement(child_id) for _ in range(300)], actor="u", clock=ws.clock)
    before = everything(ws.database)
    with ws.database.atomic():
        ws.database.run("CREATE TABLE filler (a BLOB)")
        ws.database.run("DROP TABLE filler")
    full_after(ws.database, 0)
    with pytest.raises(UserError) as told:
        fill_while_rebuilding(ws.database)
    assert told.value.code == "disk_full"
    room(ws.database)
    assert everything(ws.database) == before


def fill_while_rebuilding(database) -> None:
    with database.atomic():
        projection.rebuild(database)
        log.append(database, [child("x" * 90) for _ in range(200)], actor="u", clock=clock())


def test_setting_up_on_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    folder = DataFolder(tmp_path / "data")
    setup = Setup(SCOPE, "Melati 1", "Sari", "Sari", Role.KADER, "melati123")

    def full(*arguments: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("posyandu_app.storage.keys.write_atomically", full)
    with pytest.raises(UserError):
        accounts.set_up(folder, setup, clock(), cheap=True)
    monkeypatch.undo()
    assert accounts.labels(folder) == ()
    accounts.set_up(folder, setup, clock(), cheap=True).close()
    assert accounts.labels(folder) == ("Sari",)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the size of files of this process")
@pytest.mark.parametrize("extra", [0, 5_000, 40_000, 90_000])
def test_a_file_system_that_takes_no_more_bytes(ws, extra):
    """A real failing write, in the middle of the write-ahead log."""
    import resource

    child_id = register(ws)
    wal = ws.database.path.with_name(ws.database.path.name + "-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = everything(ws.database)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + extra, hard))
    try:
        with pytest.raises(UserError) as told:
            save_much(ws, child_id)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told.value.code in ("disk_full", "disk_error")
    assert everything(ws.database) == before
    save_much(ws, child_id)
    assert log.verify_chain(ws.database) == log.tip(ws.database)[0]


def save_much(ws, child_id) -> None:
    with ws.database.atomic():
        log.append(ws.database, [measurement(child_id) for _ in range(400)], actor="u", clock=ws.clock)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the size of files of this process")
def test_a_backup_that_does_not_fit_is_told_and_leaves_nothing(ws):
    import resource

    save_much(ws, register(ws))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(UserError) as told:
            backup.make(ws.database, backup.DAILY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told.value.code in ("disk_full", "disk_error", "backup_failed")
    assert list((ws.database.path.parent / "backups").iterdir()) == []
    assert backup.make(ws.database, backup.DAILY).exists()

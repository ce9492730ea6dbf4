"""Backups are whole, encrypted, verified and few."""

from datetime import datetime, timedelta

import pytest

from posyandu_app.domain.errors import UserError
from posyandu_app.storage import backup, log
from posyandu_app.storage.connection import Database
from tests.storage.made_up import KEY, WIB, child, measurement

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=WIB)


@pytest.fixture(autouse=True)
def _filled(database, clock):
    mother = child()
    log.append(database, [mother], actor="u", clock=clock)
    log.append(database, [measurement(mother.entity) for _ in range(50)], actor="u", clock=clock)


def test_a_backup_opens_with_the_same_key_and_holds_everything(database):
    copy = Database.open(backup.make(database, backup.DAILY, NOW), KEY)
    assert log.verify_chain(copy) == 51
    assert copy.rows("SELECT * FROM row_sum") == database.rows("SELECT * FROM row_sum")
    copy.close()


def test_no_leftovers_beside_it(database):
    made = backup.make(database, backup.DAILY, NOW)
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_a_backup_is_due_once_a_day(database):
    assert backup.due(database, NOW)
    backup.make(database, backup.DAILY, NOW)
    assert not backup.due(database, NOW + timedelta(hours=3))
    assert backup.due(database, NOW + timedelta(days=1))


def test_the_newest_seven_are_kept_and_those_before_updates_apart(database):
    before = backup.make(database, backup.BEFORE_UPDATE, NOW - timedelta(days=30))
    made = [backup.make(database, backup.DAILY, NOW + timedelta(days=day)) for day in range(9)]
    assert sorted(before.parent.iterdir()) == sorted([before, *made[2:]])


def test_two_of_one_second_do_not_overwrite_each_other(database):
    first = backup.make(database, backup.DAILY, NOW)
    assert backup.make(database, backup.DAILY, NOW) != first
    assert first.exists()


@pytest.mark.parametrize("place", [100, 4096 * 3 + 100, -50])
def test_a_copy_with_one_wrong_byte_is_not_accepted(database, place):
    copy = backup.make(database, backup.DAILY, NOW)
    content = bytearray(copy.read_bytes())
    content[place] ^= 1
    copy.write_bytes(content)
    with pytest.raises(UserError) as told:
        backup.verify(copy, database)
    assert told.value.code == "backup_failed"


def test_a_copy_that_lacks_the_last_deed_is_not_accepted(database, clock):
    copy = backup.make(database, backup.DAILY, NOW)
    log.append(database, [child()], actor="u", clock=clock)
    with pytest.raises(UserError):
        backup.verify(copy, database)


def test_a_folder_that_cannot_be_made_is_told(database):
    (database.path.parent / "backups").write_text("a file in its place")
    with pytest.raises(UserError) as told:
        backup.make(database, backup.DAILY, NOW)
    assert told.value.code == "backup_failed"


def test_a_copy_is_made_while_a_screen_reads(database):
    """A statement of another thread that is still under way is no trouble for the daily copy."""
    reading = database.conn.execute("SELECT name FROM sqlite_master")
    assert reading.fetchone()
    assert backup.make(database, backup.DAILY).is_file()
    reading.close()

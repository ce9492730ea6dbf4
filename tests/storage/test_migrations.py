"""A newer program's data is refused, an older one's is brought up to date after a backup."""

import hashlib

import pytest

from posyandu_app.domain.errors import UserError
from posyandu_app.storage import backup, log, migrations, projection
from posyandu_app.storage.connection import Database
from tests.storage.made_up import KEY, child, measurement


@pytest.fixture
def filled(database, clock):
    mother = child()
    log.append(database, [mother, measurement(mother.entity)], actor="u", clock=clock)
    database.close()
    return database.path


@pytest.fixture
def next_version(monkeypatch):
    """The program of the next version, which has one step more."""
    steps = migrations.Migrations("posyandu")
    for step in migrations.MIGRATIONS._migrations:
        steps(name=step.name)(step.fn)
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    return steps


def backups(path):
    return sorted((path.parent / "backups").glob("*.db"))


def test_data_of_a_newer_program_is_refused_and_left_alone(filled):
    opened = Database.open(filled, KEY)
    with opened.atomic():
        opened.run(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at)"
            " VALUES ('posyandu', '9999_later', '')"
        )
    opened.close()
    before = hashlib.sha256(filled.read_bytes()).digest()
    with pytest.raises(UserError) as told:
        Database.open(filled, KEY)
    assert told.value.code == "database_newer"
    assert hashlib.sha256(filled.read_bytes()).digest() == before


def test_an_update_makes_a_backup_first(filled, next_version):
    @next_version(name="0002_note")
    def _note(db):
        db.execute("ALTER TABLE draft ADD COLUMN note TEXT")

    opened = Database.open(filled, KEY)
    assert opened.rows("SELECT note FROM draft") == []
    opened.close()
    (copy,) = backups(filled)
    assert backup.BEFORE_UPDATE in copy.name
    old = Database.open(copy, KEY)
    assert log.count(old) == 2
    old.close()


def test_an_update_that_fails_changes_nothing(filled, next_version):
    @next_version(name="0002_broken")
    def _broken(db):
        db.execute("ALTER TABLE draft ADD COLUMN note TEXT")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Database.open(filled, KEY)
    assert len(backups(filled)) == 1
    next_version._migrations.pop()
    opened = Database.open(filled, KEY)
    assert "note" not in {row[1] for row in opened.rows("PRAGMA table_info(draft)")}
    assert log.verify_chain(opened) == 2
    opened.close()


def test_no_update_happens_without_a_backup(filled, next_version, monkeypatch):
    @next_version(name="0002_note")
    def _note(db):
        db.execute("ALTER TABLE draft ADD COLUMN note TEXT")

    def unsound(copy, database):
        raise UserError("Cadangan tidak utuh.", code="backup_failed")

    monkeypatch.setattr(backup, "verify", unsound)
    with pytest.raises(UserError):
        Database.open(filled, KEY)
    assert backups(filled) == []
    monkeypatch.undo()
    opened = Database.open(filled, KEY)
    assert "note" not in {row[1] for row in opened.rows("PRAGMA table_info(draft)")}
    opened.close()


def test_opening_an_up_to_date_file_makes_no_backup(filled):
    Database.open(filled, KEY).close()
    assert backups(filled) == []


def test_rows_are_made_anew_when_their_version_differs(filled, monkeypatch):
    opened = Database.open(filled, KEY)
    right = opened.rows("SELECT * FROM row_sum ORDER BY kind")
    with opened.atomic():
        opened.set_meta("projection_version", "0")
        opened.run("UPDATE child SET name = 'salah', digest = x'00'")
        opened.run("DELETE FROM measured")
        opened.run("DELETE FROM row_sum")
    opened.close()
    steps = []
    again = Database.open(filled, KEY, progress=lambda done, total: steps.append((done, total)))
    assert again.rows("SELECT * FROM row_sum ORDER BY kind") == right
    assert again.one("SELECT name FROM child") == ("Siti Aminah",)
    assert again.number("SELECT count(*) FROM measurement") == 1
    assert again.meta("projection_version") == str(projection.PROJECTION_VERSION)
    assert steps == [(2, 2)]
    again.close()

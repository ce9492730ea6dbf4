"""The file is encrypted, whole, and says what is wrong with it; trouble changes nothing."""

import contextlib
import hashlib
import os
import stat
import sys
import threading
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from posyandu_app.domain.errors import UserError
from posyandu_app.storage import backup, connection, drafts, log
from posyandu_app.storage.connection import Database
from posyandu_app.storage.driver import dbapi
from tests.storage.made_up import KEY, child, measurement

SECRETS = ("RAHAYU PUSPITA", "3211136311250001", "Jalan Kenanga", "setengah ketik")


def fill(database: Database, clock: object) -> None:
    mother = child("RAHAYU PUSPITA", nik="3211136311250001", address="Jalan Kenanga 4")
    log.append(database, [mother, measurement(mother.entity)], actor="u", clock=clock)
    drafts.save(database, mother.entity, "u", {"note": "setengah ketik"}, "2026-11-23")


def every_byte(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def open_files() -> set[str]:
    """What this process has open, deleted files too; Linux only."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(str(path.readlink()))
    return found


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_nothing_on_the_disk_can_be_read_without_the_key(database, clock, tmp_path):
    fill(database, clock)
    backup.make(database, backup.DAILY)
    while_open = every_byte(tmp_path)
    assert any(name.endswith("-wal") and content for name, content in while_open.items())
    assert any(name.startswith("backups") for name in while_open)
    database.close()
    for content in (*while_open.values(), *every_byte(tmp_path).values()):
        for secret in SECRETS:
            assert secret.encode() not in content
            assert secret.encode("utf-16-le") not in content
        assert not content.startswith(b"SQLite format 3")


def test_the_key_itself_is_not_in_any_file(database, clock, tmp_path):
    fill(database, clock)
    backup.make(database, backup.DAILY)
    for content in every_byte(tmp_path).values():
        assert KEY not in content
        assert KEY.hex().encode() not in content.lower()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at the open files of this process")
def test_sorting_more_than_fits_the_cache_makes_no_temporary_file(database, clock):
    mother = child()
    log.append(database, [mother], actor="u", clock=clock)
    log.append(database, [measurement(mother.entity) for _ in range(6000)], actor="u", clock=clock)
    database.conn.execute("PRAGMA cache_size = 10")
    before = open_files()
    sorting = database.conn.execute("SELECT envelope, payload FROM log ORDER BY random()")
    assert sorting.fetchone() is not None
    opened = open_files() - before
    sorting.close()
    assert opened == set()


def test_the_safe_settings_are_in_force(database):
    asked = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "temp_store": 2,
        "trusted_schema": 0,
        "busy_timeout": 5000,
    }
    assert {name: database.one(f"PRAGMA {name}")[0] for name in asked} == asked


def test_the_cipher_is_the_declared_one(database):
    asked = {
        "cipher": "AES-256-CBC",
        "cipher_page_size": "8192",
        "cipher_use_hmac": "1",
        "cipher_hmac_algorithm": "HMAC_SHA512",
        "cipher_plaintext_header_size": "0",
    }
    assert {name: database.one(f"PRAGMA {name}")[0] for name in asked} == asked


@pytest.fixture
def former(tmp_path, clock, monkeypatch):
    """A file in pages of 4 KiB, as they were at first, with what was written still in its WAL."""
    with monkeypatch.context() as patch:
        patch.setattr(connection, "_PAGE_BYTES", 4096)
        database = Database.create(tmp_path / "former.db", KEY)
    fill(database, clock)
    yield database
    database.close()


def page_bytes(database: Database) -> int:
    return int(database.one("PRAGMA cipher_page_size")[0])


def test_a_file_in_former_pages_is_read_written_and_backed_up_in_them(former, clock):
    former.close()
    database = Database.open(former.path, KEY)
    log.append(database, [child("KEDUA")], actor="u", clock=clock)
    copy = Database.open(backup.make(database, backup.DAILY), KEY)
    for held in (database, copy):
        assert (page_bytes(held), log.verify_chain(held)) == (4096, 3)
    copy.close()
    database.close()


@pytest.mark.parametrize("torn", [False, True])
def test_nothing_of_a_killed_program_is_lost_whatever_the_pages(former, database, clock, tmp_path, torn):
    """`torn`: killed while the first page was written from the WAL into the file, which can hold any half."""
    fill(database, clock)
    for killed, size in ((former, 4096), (database, 8192)):
        left = tmp_path / f"left-{size}.db"
        for end in ("", "-wal"):
            Path(f"{left}{end}").write_bytes(Path(f"{killed.path}{end}").read_bytes())
        assert Path(f"{left}-wal").stat().st_size > 10_000
        if torn:
            content = bytearray(left.read_bytes())
            content[40:2000] = bytes(1960)
            left.write_bytes(content)
        opened = Database.open(left, KEY)
        assert (page_bytes(opened), log.verify_chain(opened)) == (size, 2)
        opened.close()


@pytest.mark.parametrize("wal", [b"", b"\x37\x7f\x06\x82\x00", bytes(32), bytes(range(256)) * 40])
@pytest.mark.parametrize("size", [4096, 8192])
def test_a_wal_that_holds_nothing_says_nothing_of_the_pages(former, database, clock, tmp_path, wal, size):
    fill(database, clock)
    held = former if size == 4096 else database
    held.close()
    folder = tmp_path / "a b#c?d%20 é"
    folder.mkdir()
    left = folder / "data #1?%41.db"
    left.write_bytes(held.path.read_bytes())
    Path(f"{left}-wal").write_bytes(wal)
    opened = Database.open(left, KEY)
    assert (page_bytes(opened), log.verify_chain(opened)) == (size, 2)
    opened.close()


@pytest.mark.parametrize("kept", [4096, 4097, 8191, 8192, 12288, 40000])
@pytest.mark.parametrize("size", [4096, 8192])
def test_a_file_cut_short_is_damaged_whatever_the_pages(former, database, clock, kept, size):
    fill(database, clock)
    held = former if size == 4096 else database
    held.close()
    held.path.write_bytes(held.path.read_bytes()[:kept])
    before = fingerprint(held.path)
    with pytest.raises(UserError) as told:
        Database.open(held.path, KEY)
    assert (told.value.code, fingerprint(held.path)) == ("database_damaged", before)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PureWindowsPath(r"C:\Data Ibu\50%#1?.db"), "file:///C:/Data%20Ibu/50%25%231%3F.db"),
        (PureWindowsPath(r"\\dinas\data\melati 1.db"), "file:////dinas/data/melati%201.db"),
        (PurePosixPath("/srv/data.db"), "file:///srv/data.db"),
    ],
)
def test_sqlite_understands_where_a_file_lies_also_on_another_computer(path, uri):
    assert connection._uri(path) == uri
    with pytest.raises(dbapi.OperationalError, match="unable to open"):  # and not `invalid uri authority`
        dbapi.connect(f"{uri}?mode=ro", uri=True)


def test_two_files_of_different_pages_are_copied_at_once(former, database, clock, tmp_path):
    """The driver knows one page size for all copies of a process."""
    fill(database, clock)
    made: list[Path] = []
    copy = tmp_path / "salinan.db"
    other = threading.Thread(target=lambda: made.append(backup.make(database, backup.DAILY)))
    reader = connection.connect(former.path, KEY)
    with connection.copied_alike(reader):
        other.start()
        other.join(0.5)
        reader.execute("VACUUM INTO ?", (str(copy),))
    reader.close()
    other.join()
    for path, size in ((copy, 4096), (made[0], 8192)):
        opened = Database.open(path, KEY)
        assert (page_bytes(opened), log.verify_chain(opened)) == (size, 2)
        opened.close()


def test_a_wrong_key_leaves_a_file_in_former_pages_as_it_is(former):
    former.close()
    before = fingerprint(former.path)
    with pytest.raises(UserError) as told:
        Database.open(former.path, bytes(32))
    assert (told.value.code, fingerprint(former.path)) == ("database_damaged", before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_this_user_may_read_the_file(database, clock, tmp_path):
    fill(database, clock)
    copy = backup.make(database, backup.DAILY)
    for path in (database.path, Path(f"{database.path}-wal"), copy):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_saved_is_there_after_opening_again(database, clock):
    fill(database, clock)
    replica = database.replica
    database.close()
    again = Database.open(database.path, KEY)
    assert again.replica == replica
    assert log.count(again) == 2
    again.close()


def test_a_wrong_key_is_refused_in_words_and_changes_nothing(database, clock):
    fill(database, clock)
    database.close()
    before = fingerprint(database.path)
    with pytest.raises(UserError) as told:
        Database.open(database.path, bytes(32))
    assert told.value.code == "database_damaged"
    assert "Tidak ada yang diubah" in told.value.message
    assert fingerprint(database.path) == before


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33), b"0" * 64])
def test_a_key_of_another_length_is_a_bug(tmp_path, key):
    with pytest.raises(ValueError):
        Database.create(tmp_path / "x.db", key)


DAMAGE = {
    "empty": lambda content: b"",
    "one byte": lambda content: b"\x00",
    "text": lambda content: b"bukan basis data sama sekali\n" * 400,
    "plain SQLite": lambda content: b"SQLite format 3\x00" + content[16:],
    "first page overwritten": lambda content: bytes(4096) + content[4096:],
    "cut in the first page": lambda content: content[:1000],
    "cut after the first page": lambda content: content[:4096],
    "schema page flipped": lambda content: content[:2000] + bytes([content[2000] ^ 1]) + content[2001:],
    "everything but the salt is noise": lambda content: content[:16] + os.urandom(len(content) - 16),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_told_and_left_as_it_is(database, clock, damage):
    fill(database, clock)
    database.close()
    database.path.write_bytes(DAMAGE[damage](database.path.read_bytes()))
    before = fingerprint(database.path)
    with pytest.raises(UserError) as told:
        Database.open(database.path, KEY)
    assert told.value.code == "database_damaged"
    assert fingerprint(database.path) == before


def test_a_page_damaged_in_the_middle_is_never_read_as_something_else(database, clock):
    mother = child()
    log.append(database, [mother], actor="u", clock=clock)
    log.append(database, [measurement(mother.entity) for _ in range(500)], actor="u", clock=clock)
    database.close()
    content = bytearray(database.path.read_bytes())
    for page in range(20, len(content) // 4096, 3):
        content[page * 4096 + 77] ^= 0xFF
    database.path.write_bytes(content)
    with pytest.raises(UserError) as told:
        read_everything(database.path)
    assert told.value.code == "database_damaged"


def read_everything(path: Path) -> None:
    opened = Database.open(path, KEY)
    try:
        log.verify_chain(opened)
    finally:
        opened.close()


def test_a_missing_file_and_a_folder_in_its_place_are_told(tmp_path):
    for path in (tmp_path / "none.db", tmp_path):
        with pytest.raises(UserError) as told:
            Database.open(path, KEY)
        assert told.value.code == "database_missing"
    assert not (tmp_path / "none.db").exists()


def test_an_encrypted_file_of_another_program_is_refused(tmp_path):
    path = tmp_path / "foreign.db"
    connection = dbapi.connect(str(path))
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    connection.execute("CREATE TABLE notes (text)")
    connection.commit()
    connection.close()
    before = fingerprint(path)
    with pytest.raises(UserError) as told:
        Database.open(path, KEY)
    assert told.value.code == "database_foreign"
    assert fingerprint(path) == before


def test_creating_never_overwrites(database, clock):
    fill(database, clock)
    with pytest.raises(UserError) as told:
        Database.create(database.path, KEY)
    assert told.value.code == "database_exists"
    assert log.count(database) == 2


def test_a_block_that_fails_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database, "a")
    assert database.meta("a") is None


def write_and_fail(database: Database, name: str) -> None:
    with database.atomic():
        database.set_meta(name, "1")
        raise ZeroDivisionError


def test_a_nested_block_falls_back_alone(database):
    with database.atomic():
        database.set_meta("outer", "1")
        with pytest.raises(ZeroDivisionError):
            write_and_fail(database, "inner")
        database.set_meta("after", "1")
    assert [database.meta(name) for name in ("outer", "inner", "after")] == ["1", None, "1"]


def test_of_very_much_all_falls_back_together(database):
    """A first fill: what nests in it takes no copies of its own, and leaves nothing behind either."""
    with contextlib.suppress(ZeroDivisionError), database.atomic(), database.as_one():
        database.set_meta("one", "1")
        write_and_fail(database, "two")
    assert (database.meta("one"), database.meta("two")) == (None, None)
    with database.atomic():
        with database.as_one():
            database.set_meta("one", "1")
        with contextlib.suppress(ZeroDivisionError):  # on its own again
            write_and_fail(database, "two")
    assert (database.meta("one"), database.meta("two")) == ("1", None)
    with pytest.raises(RuntimeError, match="outside atomic"), database.as_one():
        pass


def test_a_write_outside_a_transaction_is_a_bug(database):
    with pytest.raises(RuntimeError):
        database.run("INSERT INTO meta VALUES ('a', 'b')")
    with pytest.raises(RuntimeError):
        database.run_many("INSERT INTO meta VALUES (?, ?)", [("a", "b")])
    assert database.meta("a") is None


def test_mistakes_in_statements_stay_bugs(database):
    with pytest.raises(dbapi.OperationalError):
        database.rows("SELECT nonsense")


def test_another_thread_may_use_it_in_turn(database, clock):
    problems: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                log.append(database, [child()], actor="u", clock=clock)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert log.verify_chain(database) == 60


def test_two_windows_on_one_file_share_one_gapless_log(database, clock):
    second = Database.open(database.path, KEY)
    for turn in range(10):
        log.append(second if turn % 2 else database, [child()], actor="u", clock=clock)
    assert log.verify_chain(database) == log.verify_chain(second) == 10
    second.close()


def test_two_windows_that_save_at_once_wait_for_each_other(database, clock):
    """A transaction takes its turn before it reads the tip, so that no number is given twice or refused."""
    second = Database.open(database.path, KEY)
    problems: list[BaseException] = []

    def work(mine: Database) -> None:
        try:
            for _ in range(40):
                log.append(mine, [child()], actor="u", clock=clock)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in (database, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert log.verify_chain(database) == 80
    second.close()


def test_a_file_held_by_another_window_is_told(database):
    second = Database.open(database.path, KEY)
    second.conn.execute("PRAGMA busy_timeout = 10")
    with database.atomic():
        database.set_meta("a", "1")
        with pytest.raises(UserError) as told, second.atomic():
            second.set_meta("b", "1")
    assert told.value.code == "database_busy"
    with second.atomic():
        second.set_meta("b", "1")
    assert database.meta("b") == "1"
    second.close()


def test_reading_sees_one_moment(database):
    second = Database.open(database.path, KEY)
    with database.snapshot():
        assert database.meta("a") is None
        second.set_meta("a", "1")
        assert database.meta("a") is None
    assert database.meta("a") == "1"
    second.close()

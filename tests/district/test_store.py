"""The server's database: the same on both systems, brought up to date, one order of commits."""

import threading
import uuid

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from posyandu_app.district import admin, schema
from posyandu_app.district.migrations import LATEST
from posyandu_app.district.store import EPOCH, HEAD, Store, fact, set_fact, upsert
from posyandu_app.domain.errors import UserError
from tests.district import server as servers
from tests.district.hand import new_id
from tests.district.server import POSYANDU, VILLAGE


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(server):
    with server.store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_the_latest_step_is_the_one_that_is_named(server):
    with server.store.read() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == LATEST


def test_postgresql_compares_text_by_code_point_whatever_its_language(tmp_path):
    """In the order of a language, which passes over dots, no posyandu lies between its village's bounds."""
    with servers.running(tmp_path / "dinas", servers.postgres()) as server, server.store.read() as connection:
        in_words = text(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        )
        assert connection.execute(in_words).all() == []


def test_a_postgresql_that_does_not_hold_every_letter_is_refused(tmp_path):
    name = f"t{uuid.uuid4().hex}"
    servers.on_cluster(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    store = Store(servers.url_of(name))
    with pytest.raises(UserError, match="UTF8"):
        store.upgrade()
    store.close()


def test_upgrading_again_keeps_history(server):
    with server.store.read() as connection:
        epoch = fact(connection, EPOCH)
    server.store.upgrade()
    with server.store.read() as connection:
        assert fact(connection, EPOCH) == epoch


def test_a_database_of_a_newer_server_is_left_alone(server):
    with server.store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UserError, match="lebih baru"):
        admin.open_store(server.district)


def test_sqlite_is_durable(server_on_sqlite):
    server, _ = server_on_sqlite
    with server.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_the_database_file_is_for_its_owner_only(server_on_sqlite):
    server, _ = server_on_sqlite
    for name in ("district.db", "district.keys", "district.json"):
        assert (server.district.folder / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "url", ["sqlite:////nonexistent/x/y.db", "postgresql+psycopg://nobody@/none?host=/nonexistent"]
)
def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(url):
    store = Store(url)
    with pytest.raises(UserError, match="tidak dapat dibuka"):
        store.upgrade()
    store.close()


def test_a_transaction_that_fails_leaves_nothing(server):
    def half_done():
        with server.store.write() as connection:
            set_fact(connection, "x", "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    with server.store.read() as connection:
        assert fact(connection, "x") is None


def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(server):
    with server.store.read() as reader:
        assert fact(reader, "x") is None
        with server.store.write() as writer:
            set_fact(writer, "x", "1")
        assert fact(reader, "x") is None
    with server.store.read() as reader:
        assert fact(reader, "x") == "1"


def test_upsert_replaces_and_inserts(server):
    columns, rows = ("subject", "scope"), [("a", "1"), ("b", "2")]
    with server.store.write() as connection:
        upsert(connection, schema.placement, columns, rows)
        upsert(connection, schema.placement, columns, rows)
        set_fact(connection, "x", "1")
        set_fact(connection, "x", "2")
        assert fact(connection, "x") == "2"
        assert connection.scalar(text("SELECT count(*) FROM placement")) == 2


def test_many_laptops_at_once_make_one_gapless_order_and_no_reader_misses_any(server, join):
    """Numbers are given out in the order of commits (F3): a reader that polls meanwhile hears all."""
    laptops = [join() for _ in range(6)]
    for laptop in laptops:
        for number in range(10):
            laptop.child(f"Anak {number}")
    reader, heard, done = join(VILLAGE), [], threading.Event()
    troubles: list[BaseException] = []

    def push(laptop):
        try:
            for first in range(1, 11, 2):
                laptop.push(server, first=first, until=first + 1)
        except BaseException as error:
            troubles.append(error)

    def poll():
        try:
            while not done.is_set():
                heard.extend(reader.hear(server))
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=push, args=(laptop,)) for laptop in laptops]
    poller = threading.Thread(target=poll)
    poller.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    poller.join()
    heard.extend(reader.hear(server))
    assert troubles == []
    assert [item["ss"] for item in heard] == list(range(1, 61))
    assert len({(item["replica"], item["op"]["seq"]) for item in heard}) == 60
    with server.store.read() as connection:
        assert fact(connection, HEAD) == "60"


def test_one_request_sent_by_many_at_once_is_stored_once(server, join):
    laptop = join()
    for _ in range(20):
        laptop.child()
    body = laptop.signed(laptop.segment())
    answers: list[bytes] = []

    def send():
        answers.append(server.desk.exchange(body))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert server.status().statuses == {"applied": 20}


def test_a_measurement_and_its_child_sent_at_once_by_two_never_leave_it_waiting(server, join):
    """Judging sees what others have committed, so nothing stays held for something that is there."""
    for _ in range(5):
        kader, bidan = join(), join(VILLAGE)
        bidan.scope = POSYANDU
        child = kader.child(entity=new_id())
        bidan.measure(child)
        threads = [threading.Thread(target=laptop.push, args=(server,)) for laptop in (kader, bidan)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.status().statuses == {"applied": 10}

"""The schema, step by step; a step that has been released is never changed.

Before a step is taken on a database with data, an encrypted, verified backup is made.
Rows that are projected from the log need no careful steps: they are made anew by `rebuild`.
"""

from typing import Any

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.merge import PROJECTION_VERSION
from posyandu_app.i18n import tr
from posyandu_app.storage.connection import Database, Progress
from posyandu_app.storage.driver import sqlite_utils  # the driver comes before any module of sqlite-utils

assert sqlite_utils
from sqlite_utils.migrations import Migrations  # noqa: E402

MIGRATIONS = Migrations("posyandu")


@MIGRATIONS(name="0001_log_and_rows")
def _log_and_rows(db: Any) -> None:
    for statement in _FIRST.split(";"):
        if statement.strip():
            db.execute(statement)


_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE log (
    replica TEXT NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    entity TEXT NOT NULL,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    eff TEXT NOT NULL,
    status TEXT NOT NULL,
    ss INTEGER,
    why TEXT,
    ref TEXT,
    message TEXT,
    envelope TEXT NOT NULL,
    payload TEXT,
    payload_hash BLOB,
    hash BLOB,
    content BLOB NOT NULL,
    received_at TEXT,
    CHECK (payload IS NOT NULL OR payload_hash IS NOT NULL),
    PRIMARY KEY (replica, seq)
) STRICT;
CREATE INDEX log_entity ON log (entity);
CREATE INDEX log_ss ON log (ss) WHERE ss IS NOT NULL;
CREATE INDEX log_status ON log (status) WHERE status NOT IN ('local', 'applied');

CREATE TABLE peer (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    url TEXT NOT NULL,
    device TEXT NOT NULL,
    scope TEXT NOT NULL,
    sign_key BLOB NOT NULL,
    seal_key BLOB NOT NULL,
    epoch TEXT,
    cursor INTEGER NOT NULL DEFAULT 0,
    acked INTEGER NOT NULL DEFAULT 0,
    last_received_at TEXT,
    log_count INTEGER NOT NULL DEFAULT 0,
    log_sum BLOB NOT NULL
) STRICT;

CREATE TABLE child (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    name TEXT,
    sex TEXT,
    birth_date TEXT,
    nik TEXT,
    mother_name TEXT,
    state TEXT,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    vals TEXT NOT NULL,
    bases TEXT NOT NULL,
    disputed TEXT,
    digest BLOB NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX child_scope ON child (scope);
CREATE INDEX child_nik ON child (nik) WHERE nik IS NOT NULL;
CREATE INDEX child_birth ON child (birth_date);

CREATE TABLE measurement (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    child TEXT,
    date TEXT,
    weight_g INTEGER,
    length_mm INTEGER,
    position TEXT,
    head_mm INTEGER,
    muac_mm INTEGER,
    oedema INTEGER,
    confirmed TEXT,
    source TEXT,
    voided INTEGER NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    hlc TEXT NOT NULL,
    rest TEXT,
    bases TEXT NOT NULL,
    disputed TEXT,
    digest BLOB NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX measurement_child ON measurement (child, changed);

CREATE TABLE other_row (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    scope TEXT NOT NULL,
    child TEXT,
    vals TEXT NOT NULL,
    bases TEXT NOT NULL,
    disputed TEXT,
    digest BLOB NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX other_row_child ON other_row (child, kind) WHERE child IS NOT NULL;

CREATE TABLE dispute (
    kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    heads TEXT NOT NULL,
    PRIMARY KEY (kind, entity, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE row_sum (
    kind TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    sum BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE child_search USING fts5(key, tokenize = 'trigram', detail = full);

CREATE TABLE draft (
    child TEXT NOT NULL,
    user TEXT NOT NULL,
    fields TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (child, user)
) STRICT, WITHOUT ROWID
"""


@MIGRATIONS(name="0002_who_recorded_a_fact")
def _who_recorded_a_fact(db: Any) -> None:
    for column in ("date", "actor", "at", "hlc"):
        db.execute(f"ALTER TABLE other_row ADD COLUMN {column} TEXT")
    db.execute("DROP INDEX other_row_child")
    db.execute("CREATE INDEX other_row_child ON other_row (child, kind, changed) WHERE child IS NOT NULL")
    db.execute("DELETE FROM meta WHERE key = 'projection_version'")


@MIGRATIONS(name="0003_what_is_carried_for_others")
def _what_is_carried_for_others(db: Any) -> None:
    db.execute(
        "CREATE TABLE carried (replica TEXT NOT NULL, first INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
        " prev TEXT NOT NULL, last TEXT NOT NULL, device TEXT NOT NULL, sig TEXT NOT NULL,"
        " left_out TEXT NOT NULL,"
        " PRIMARY KEY (replica, first, last_seq)) STRICT, WITHOUT ROWID"
    )


@MIGRATIONS(name="0004_which_records_are_one_child")
def _which_records_are_one_child(db: Any) -> None:
    db.execute("CREATE INDEX log_person ON log (kind) WHERE kind = 'person'")


@MIGRATIONS(name="0005_first_fill_orders_and_incidents")
def _first_fill_orders_and_incidents(db: Any) -> None:
    for statement in _FIFTH.split(";"):
        db.execute(statement)


_FIFTH = """
CREATE TABLE filling (
    after INTEGER PRIMARY KEY,
    upto INTEGER NOT NULL,
    count INTEGER NOT NULL,
    page BLOB NOT NULL
) STRICT;

CREATE TABLE leaving (
    child TEXT PRIMARY KEY,
    why TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE displaced (
    n INTEGER PRIMARY KEY,
    replica TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    envelope TEXT NOT NULL,
    payload TEXT
) STRICT;

CREATE TABLE incident (
    n INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT
"""


@MIGRATIONS(name="0006_what_was_exchanged")
def _what_was_exchanged(db: Any) -> None:
    db.execute(
        "CREATE TABLE exchange (n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, way TEXT NOT NULL,"
        " sent INTEGER NOT NULL, received INTEGER NOT NULL, trouble TEXT NOT NULL,"
        " times INTEGER NOT NULL) STRICT"
    )


@MIGRATIONS(name="0007_when_it_came_to_the_server")
def _when_it_came_to_the_server(db: Any) -> None:
    db.execute("ALTER TABLE measurement ADD COLUMN came INTEGER")
    db.execute(
        "CREATE TABLE arrival (replica TEXT NOT NULL, first INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
        " at_ms INTEGER NOT NULL, PRIMARY KEY (replica, first, last_seq)) STRICT, WITHOUT ROWID"
    )


@MIGRATIONS(name="0008_narrow_measurements")
def _narrow_measurements(db: Any) -> None:
    columns = ("day", "saved", "came", "weight_g", "length_mm", "head_mm", "muac_mm")
    in_range = "57344 + CASE WHEN {0} BETWEEN 1 AND 1000000 THEN {0} WHEN {0} > 0 THEN 1000000 ELSE 0 END"
    figures = {name: in_range.format(name) for name in columns}
    for statement in _EIGHTH.format_map(figures).split(";"):
        db.execute(statement)


_EIGHTH = """
DROP TABLE measurement;

CREATE TABLE term (n INTEGER PRIMARY KEY, text TEXT UNIQUE) STRICT;
INSERT INTO term(n, text) VALUES (0, NULL);

CREATE TABLE measured (
    n INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    child INTEGER NOT NULL,
    actor INTEGER NOT NULL,
    replica INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    day INTEGER,
    saved INTEGER NOT NULL,
    came INTEGER,
    weight_g INTEGER,
    length_mm INTEGER,
    position INTEGER NOT NULL,
    head_mm INTEGER,
    muac_mm INTEGER,
    oedema INTEGER,
    voided INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    hlc TEXT NOT NULL,
    confirmed TEXT,
    source TEXT,
    rest TEXT,
    bases TEXT,
    disputed TEXT,
    digest BLOB,
    figures TEXT NOT NULL GENERATED ALWAYS AS (char(
        57344 + (child >> 16), 57344 + (child & 65535), 57344 + (actor >> 16), 57344 + (actor & 65535),
        57344 + (scope >> 16), 57344 + (scope & 65535),
        {day}, {saved}, {came}, {weight_g}, {length_mm}, {head_mm}, {muac_mm},
        57344 + position + 4 * (oedema IS NOT NULL AND oedema <> 0) + 8 * (voided OR day IS NULL)
    )) STORED
) STRICT;
CREATE INDEX measured_child ON measured (child, changed);

CREATE VIEW measurement AS
SELECT m.n, m.id, scope.text AS scope, child.text AS child, date(m.day + 1721424.5) AS date, m.weight_g,
    m.length_mm, CASE m.position WHEN 1 THEN 'lying' WHEN 2 THEN 'standing' END AS position, m.head_mm,
    m.muac_mm, m.oedema, m.confirmed, m.source, m.voided, actor.text AS actor, m.at, m.hlc,
    replica.text AS replica, m.seq, m.rest, m.bases, m.disputed, m.digest, m.changed, m.came
FROM measured m JOIN term scope ON scope.n = m.scope JOIN term child ON child.n = m.child
    JOIN term actor ON actor.n = m.actor JOIN term replica ON replica.n = m.replica;

DELETE FROM meta WHERE key = 'projection_version'
"""


@MIGRATIONS(name="0009_what_the_server_does_not_tell")
def _what_the_server_does_not_tell(db: Any) -> None:
    db.execute("CREATE INDEX log_untold ON log (replica, seq) WHERE ss IS NULL AND status <> 'local'")


@MIGRATIONS(name="0010_proof_of_telling")
def _proof_of_telling(db: Any) -> None:
    db.execute("ALTER TABLE log ADD COLUMN proof TEXT")
    db.execute(
        "CREATE TABLE told (what TEXT NOT NULL, id TEXT NOT NULL, proof TEXT NOT NULL,"
        " PRIMARY KEY (what, id)) STRICT, WITHOUT ROWID"
    )


def create(database: Database, replica: str) -> None:
    """The whole schema in an empty database, and the id of its own log."""
    MIGRATIONS.apply(database.db)
    with database.atomic():
        database.set_meta("replica", replica)
        database.set_meta("projection_version", str(PROJECTION_VERSION))


def refuse_foreign(database: Database) -> None:
    """Raise `UserError` for a database of a newer program, or one that is not ours at all."""
    known = {migration.name for migration in MIGRATIONS._migrations}
    tables = {name for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"meta", "log", MIGRATIONS.migrations_table} <= tables:
        raise UserError(tr("Berkas ini bukan data posyandu."), code="database_foreign")
    if any(step.name not in known for step in MIGRATIONS.applied(database.db)):
        raise UserError(
            tr("Data ini dibuat versi aplikasi yang lebih baru. Pasang versi terbaru untuk membukanya."),
            code="database_newer",
        )


def bring_up_to_date(database: Database, progress: Progress | None = None) -> None:
    """Take the steps that are missing, after a backup; project the rows anew when their version differs."""
    from posyandu_app.storage import backup, projection

    if MIGRATIONS.pending(database.db):
        backup.make(database, backup.BEFORE_UPDATE)
        MIGRATIONS.apply(database.db)
    if database.meta("projection_version") != str(PROJECTION_VERSION):
        projection.rebuild(database, progress)

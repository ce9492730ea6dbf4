"""The server's tables, for SQLite and PostgreSQL alike; Alembic makes them (`migrations/`).

Text is stored as text, never as the database's own JSON type, so that what was hashed is
given back byte for byte, and compared by code point: on PostgreSQL every text has the collation "C".
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData()

# what the server knows about itself: epoch, head (the last ss given out), versions
fact = Table("fact", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

code = Table(
    "code",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    Column("device", Text),
)

device = Table(
    "device",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("sign_key", Text, nullable=False),
    Column("seal_key", Text, nullable=False),
    Column("app", Text, nullable=False),
    Column("enrolled_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger),
    Column("seen_ms", BigInteger),
    Column("skew_ms", BigInteger),
    Column(
        "cursor", BigInteger
    ),  # how far it has read; none since its area is another, or a backup was put back
    Column("continues", Text),  # what this laptop was enrolled as before
    Column("former", Text),  # JSON [[scope, until ms], …]: what it wrote in these may still come
)

# who writes a log, how far it is held without a gap, and its last hash
replica = Table(
    "replica",
    metadata,
    Column("id", Text, primary_key=True),
    Column("device", Text, nullable=False),
    Column("have", BigInteger, nullable=False),
    Column("tip", LargeBinary, nullable=False),
)

# what a laptop signed; its operations stand in `op`, from which its bytes can be made again
segment = Table(
    "segment",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("replica", Text, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("prev", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("sig", Text, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
)

# `entity`, `subject` and `ref` are "" where what came is no id; `subject` is whom the operation is
# about: the child, or the entity itself; `body` is the canonical JSON of the whole operation
op = Table(
    "op",
    metadata,
    Column("replica", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("segment", BigInteger, nullable=False),
    Column("entity", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("eff", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("ss", BigInteger),
    Column("conflicts", Text),
    Column("why", Text),
    Column("ref", Text),
    Column("message", Text),
    Column("body", Text, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("erased", LargeBinary),  # the payload's hash, when the payload in `body` is null by erasure
)
STORED, HELD, QUARANTINED = "stored", "held", "quarantined"
NO_CHAIN, UNSIGNED = b"", ""
"""Chain and signature of what others gave back after a restore, until its author's own stretch comes."""
WAITS = text("status IN ('stored', 'held', 'quarantined')")
"""Told in each query for operations that wait: without it no database sees that `op_waiting` fits."""
Index("op_entity", op.c.entity)
Index("op_subject", op.c.subject)
Index(
    "op_waiting",
    op.c.status,
    op.c.ref,
    sqlite_where=WAITS,
    postgresql_where=WAITS,
)

Index(
    "op_aside",
    op.c.replica,
    sqlite_where=text("status IN ('held', 'quarantined')"),
    postgresql_where=text("status IN ('held', 'quarantined')"),
)

# the server's order: an operation stands in it for each scope its subject is placed in, and once more
# under a later `ss` for a scope that the subject came to afterwards
feed = Table(
    "feed",
    metadata,
    Column("ss", BigInteger, primary_key=True, autoincrement=False),
    Column("scope", Text, primary_key=True),
    Column("replica", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
)
Index("feed_scope", feed.c.scope, feed.c.ss)

# the scopes that read everything about a subject; one that a child has left, until a moment
placement = Table(
    "placement",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("until_ms", BigInteger),
)
Index(
    "placement_until",
    placement.c.until_ms,
    sqlite_where=text("until_ms IS NOT NULL"),
    postgresql_where=text("until_ms IS NOT NULL"),
)

# where in the order a scope was told to forget a subject: `why` is purge (it moved) or erase (by law)
leaving = Table(
    "leaving",
    metadata,
    Column("ss", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("why", Text, nullable=False),
)
Index("leaving_subject", leaving.c.subject)

# whose data was erased by law, and the office's reason or file number
erasure = Table(
    "erasure",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
)

# what did not agree between a laptop and the server, as either has noticed it
incident = Table(
    "incident",
    metadata,
    Column("device", Text, primary_key=True),
    Column("at", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("detail", Text, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
)

# the visible row of each entity, through domain.merge as on every laptop
row = Table(
    "row",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)
Index("row_subject", row.c.subject)

# count and 256-bit sum of hashes in an area and all that lies in it; kind "log" is operations
tally = Table(
    "tally",
    metadata,
    Column("area", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("sum", LargeBinary, nullable=False),
)

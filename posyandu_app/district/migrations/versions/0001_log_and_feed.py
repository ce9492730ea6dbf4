"""The log, its order, and what is visible of it.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the tables of the first release."""
    op.create_table(
        "fact", sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False)
    )
    op.create_table(
        "code",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("used_ms", sa.BigInteger),
        sa.Column("device", sa.Text),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("sign_key", sa.Text, nullable=False),
        sa.Column("seal_key", sa.Text, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("enrolled_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_ms", sa.BigInteger),
        sa.Column("seen_ms", sa.BigInteger),
        sa.Column("skew_ms", sa.BigInteger),
        sa.Column("cursor", sa.BigInteger),
        sa.Column("continues", sa.Text),
    )
    op.create_table(
        "replica",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("have", sa.BigInteger, nullable=False),
        sa.Column("tip", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "segment",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("replica", sa.Text, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("prev", sa.Text, nullable=False),
        sa.Column("last", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("carrier", sa.Text, nullable=False),
        sa.Column("sig", sa.Text, nullable=False),
        sa.Column("received_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "op",
        sa.Column("replica", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("segment", sa.BigInteger, nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("eff", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("ss", sa.BigInteger),
        sa.Column("conflicts", sa.Text),
        sa.Column("why", sa.Text),
        sa.Column("ref", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("op_entity", "op", ["entity"])
    op.create_index("op_subject", "op", ["subject"])
    waiting = sa.text("status IN ('stored', 'held', 'quarantined')")
    op.create_index("op_waiting", "op", ["status", "ref"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "feed",
        sa.Column("ss", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("replica", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_index("feed_scope", "feed", ["scope", "ss"])
    op.create_table(
        "placement",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("scope", sa.Text, primary_key=True),
    )
    op.create_table(
        "row",
        sa.Column("entity", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
    )
    op.create_index("row_subject", "row", ["subject"])
    op.create_table(
        "tally",
        sa.Column("area", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("sum", sa.LargeBinary, nullable=False),
    )

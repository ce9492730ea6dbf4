"""Leaving a scope, legal erasure, former scopes of laptops, and incidents.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add what moves, erasures and changed scopes need."""
    op.add_column("device", sa.Column("former", sa.Text))
    op.add_column("op", sa.Column("erased", sa.LargeBinary))
    op.add_column("placement", sa.Column("until_ms", sa.BigInteger))
    leaving = sa.text("until_ms IS NOT NULL")
    op.create_index(
        "placement_until", "placement", ["until_ms"], sqlite_where=leaving, postgresql_where=leaving
    )
    aside = sa.text("status IN ('held', 'quarantined')")
    op.create_index("op_aside", "op", ["replica"], sqlite_where=aside, postgresql_where=aside)
    op.create_table(
        "leaving",
        sa.Column("ss", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_table(
        "erasure",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "incident",
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("at", sa.Text, primary_key=True),
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("received_ms", sa.BigInteger, nullable=False),
    )

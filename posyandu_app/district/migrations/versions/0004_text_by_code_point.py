"""Text compared by code point on PostgreSQL, whatever the language of the database.

Areas are ranges of text: in the order of a language, which passes over dots, they would hold nothing.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

_TEXTS = {
    "fact": ("key", "value"),
    "code": ("scope", "role", "device"),
    "device": ("id", "name", "scope", "role", "sign_key", "seal_key", "app", "continues", "former"),
    "replica": ("id", "device"),
    "segment": ("replica", "prev", "last", "device", "carrier", "sig"),
    "op": (
        *("replica", "entity", "kind", "subject", "eff", "status", "conflicts", "why", "ref", "message"),
        "body",
    ),
    "feed": ("scope", "replica"),
    "placement": ("subject", "scope"),
    "leaving": ("subject", "scope", "why"),
    "erasure": ("subject", "reason"),
    "incident": ("device", "at", "what", "detail"),
    "row": ("entity", "kind", "subject", "body"),
    "tally": ("area", "kind"),
}


def upgrade() -> None:
    """Give every text column the collation "C", as SQLite compares."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in _TEXTS.items():
        changes = ", ".join(f'ALTER COLUMN "{name}" TYPE TEXT COLLATE "C"' for name in columns)
        op.execute(sa.text(f'ALTER TABLE "{table}" {changes}'))

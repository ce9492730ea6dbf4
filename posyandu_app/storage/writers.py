"""What the laptops are called that write others' logs, as far as the server has told."""

from collections.abc import Mapping

from posyandu_app.domain.forms import is_id
from posyandu_app.storage.connection import Database

_NAME = "writer:"
_LONGEST = 100
_MARK = 4


def note(database: Database, told: Mapping[str, str]) -> None:
    """Keep the names (replica → name) that the server tells; what is no name is left out."""
    for replica, name in told.items():
        plain = " ".join(name.split())
        known = is_id(replica) and 0 < len(plain) <= _LONGEST and plain.isprintable()
        if known and database.meta(_NAME + replica) != plain:
            database.set_meta(_NAME + replica, plain)


def name_of(database: Database, replica: str) -> str | None:
    """The name that the laptop writing this log was given when it joined, or None."""
    return database.meta(_NAME + replica)


def names(database: Database) -> Mapping[str, str]:
    """Every name of a laptop that is known here, by its log's id."""
    return {key.removeprefix(_NAME): name for key, name in database.metas(_NAME).items()}


def mark_of(replica: str) -> str:
    """A short mark that tells laptops without a name apart: the first signs of their log's id."""
    return replica[:_MARK].upper()

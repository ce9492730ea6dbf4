"""What the server has told with a proof of its own, and may forget when it is put back (sync rule 16).

Whose data was erased by law, which laptops are revoked, and which area this laptop has. After a backup was
put back the server hears it again and knows by the proof that it has said so itself.
"""

from collections.abc import Mapping

from posyandu_app.storage.connection import Database

ERASED, REVOKED, AREA = "erased", "revoked", "area"
_TELL = "tell_again"


def note(database: Database, what: str, proofs: Mapping[str, str]) -> None:
    """Keep what the server has told of these children, laptops or areas, with its proof of each."""
    with database.atomic():
        database.run_many(
            "INSERT OR REPLACE INTO told(what, id, proof) VALUES (?, ?, ?)",
            [(what, id_, proof) for id_, proof in proofs.items()],
        )


def note_area(database: Database, scope: str, proof: str | None) -> None:
    """Keep the area that the server says this laptop has; a former one is no news any more."""
    with database.atomic():
        forget_area(database)
        if proof is not None:
            note(database, AREA, {scope: proof})


def forget_area(database: Database) -> None:
    """The laptop is to be let in anew, and the area comes with that."""
    with database.atomic():
        database.run("DELETE FROM told WHERE what = ?", (AREA,))


def of(database: Database, what: str) -> dict[str, str]:
    """All that the server has told of one kind, with its proofs."""
    return dict(database.rows("SELECT id, proof FROM told WHERE what = ? ORDER BY id", (what,)))


def tell_again(database: Database) -> None:
    """The server's history is another: it is to hear all of it."""
    database.set_meta(_TELL, "1")


def to_tell(database: Database) -> dict[str, dict[str, str]]:
    """By kind what is to be told the server now; empty when it knows."""
    if database.meta(_TELL) is None:
        return {}
    kinds = {what: of(database, what) for what in (ERASED, REVOKED, AREA)}
    return {what: known for what, known in kinds.items() if known}


def heard(database: Database) -> None:
    """The server has heard what was to be told."""
    database.set_meta(_TELL, None)

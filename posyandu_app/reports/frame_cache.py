"""The columns of a frame in one sealed file beside the database: read in a blink at the next opening.

The file holds no name and no NIK, is encrypted under a key of the database's, and is worth nothing
by itself: whenever it does not fit, the database is read instead.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from posyandu_app.reports import frames
from posyandu_app.reports.areas import Areas
from posyandu_app.reports.columns import ChildColumns, VisitColumns
from posyandu_app.reports.frames import Frame
from posyandu_app.storage import sealed
from posyandu_app.storage.connection import Database

FORMAT = 3
_HEADER = 8


def path_of(database: Database) -> Path:
    """Where the columns of a database are kept."""
    return sealed.beside(database.path, sealed.ANALYSIS)


def keep(frame: Frame) -> None:
    """Keep the columns of a frame that was read from a database; raises `OSError` when the disk refuses."""
    database = frame.source
    assert database is not None, "only what was read from a database is kept beside it"
    columns = [*_columns(frame.children, skip=("ids",)), *_columns(frame.visits)]
    header = {
        "format": FORMAT,
        "replica": database.replica,
        "version": frame.version,
        "scopes": frame.areas.scopes,
        "posyandu": frame.areas.posyandu,
        "actors": frame.actors,
        "actor_names": frame.actor_names,
        "columns": [[name, column.dtype.str, len(column)] for name, column in columns],
        "behind": frame.behind,
        "ids": "\n".join(frame.children.ids),
    }
    text = json.dumps(header, ensure_ascii=False).encode()
    parts = [len(text).to_bytes(_HEADER, "little"), text, *(column.tobytes() for _, column in columns)]
    sealed.write(path_of(database), database.key, sealed.ANALYSIS, b"".join(parts))


def kept(database: Database) -> Frame | None:
    """The frame as it was kept, or None: nothing kept, damaged, of another form or another database."""
    content = sealed.read(path_of(database), database.key, sealed.ANALYSIS)
    if content is None:
        return None
    try:
        return _unpacked(content, database)
    except (KeyError, TypeError, ValueError):
        return None


def _columns(table: ChildColumns | VisitColumns, skip: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
    return [(field.name, getattr(table, field.name)) for field in fields(table) if field.name not in skip]


def _unpacked(content: bytes, database: Database) -> Frame | None:
    import numpy as np

    start = _HEADER + int.from_bytes(content[:_HEADER], "little")
    header = json.loads(content[_HEADER:start])
    if header["format"] != FORMAT or header["replica"] != database.replica:
        return None
    columns = []
    for _, dtype, length in header["columns"]:
        column = np.frombuffer(content, dtype=np.dtype(dtype), count=length, offset=start).copy()
        start += column.nbytes
        columns.append(column)
    ids = tuple(header["ids"].split("\n")) if header["ids"] else ()
    of_children = len(fields(ChildColumns)) - 1
    return Frame(
        ChildColumns(ids, *columns[:of_children]),
        VisitColumns(*columns[of_children:]),
        Areas(tuple(header["scopes"]), header["posyandu"]),
        tuple(header["actors"]),
        lambda numbers: frames.ids_of(database, numbers),
        actor_names=header["actor_names"],
        source=database,
        version=header["version"],
        behind=header["behind"],
    )

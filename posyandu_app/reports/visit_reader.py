"""Reading a district's measurements into columns: whole pages at a time, never row by row.

SQLite joins the `figures` of a page of rows to one string, in which every number is a character, and numpy
reads it as it lies there. The numbers that stand for children, areas and people are looked up once each.
Several connections share the pages: decrypting them is most of the work, and runs side by side.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from posyandu_app.bulk import threads
from posyandu_app.reports.columns import Numbered, VisitColumns, joined
from posyandu_app.storage.connection import Database, Progress, connect
from posyandu_app.storage.measured import FIGURES, FIRST, WIDE

if TYPE_CHECKING:
    from posyandu_app.reports.columns import Ints, Rows, Wide

PAGE = 25_000

_WIDTH = len(FIGURES) + WIDE
_UNKNOWN = -1


class VisitReader:
    """Reads the measurements of a database; their areas and people are numbered on from those given."""

    def __init__(self, database: Database, places: Numbered, actors: Numbered) -> None:
        self._database = database
        self._places = places
        self._actors = actors

    def all(self, rows_of: Callable[[], Mapping[str, int]], progress: Progress | None) -> VisitColumns:
        """Every measurement that stands of the children whose rows are given by record.

        The children may be read while the measurements already are. `progress` gets how many were read,
        of how many.
        """
        last = self._database.number("SELECT max(n) FROM measured")
        starts = range(0, last, PAGE)
        parts: dict[int, _Page] = {}
        texts: dict[int, str | None] = {}

        def page(start: int, database: Database) -> None:
            parts[start] = _read(database, start)

        def terms(database: Database) -> None:
            texts.update(_all_texts(database))

        left: Iterator[Callable[[Database], None]] = iter(
            (terms, *(partial(page, start) for start in starts))
        )
        lock = threading.Lock()

        def read(database: Database, told: Progress | None) -> None:
            while True:
                with lock:
                    job = next(left, None)
                if job is None:
                    return
                job(database)
                if told is not None:
                    told(min(len(parts) * PAGE, last), last)

        if len(starts) < 2:
            row_of = rows_of()
            read(self._database, progress)
        else:
            with ExitStack() as opened:
                wanted = range(max(threads(len(starts)) - 1, 1))
                others = [opened.enter_context(_another(self._database)) for _ in wanted]
                helper = opened.enter_context(ThreadPoolExecutor(len(others), "visits"))
                helping = [helper.submit(read, other, None) for other in others if other is not None]
                try:
                    row_of = rows_of()
                    read(self._database, progress)
                finally:
                    with lock:
                        left = iter(())
                for each in helping:
                    each.result()
            if progress is not None:
                progress(last, last)
        return self._columns([parts[start] for start in starts], row_of, texts)

    def of(self, numbers: Wide, row_of: Mapping[str, int]) -> VisitColumns:
        """The measurements with these numbers that stand."""
        parts = []
        for start in range(0, len(numbers), PAGE):
            chosen = json.dumps(numbers[start : start + PAGE].tolist())
            rows = self._database.rows(
                "SELECT n, figures FROM measured WHERE n IN (SELECT value FROM json_each(?))", (chosen,)
            )
            parts.append(_page([n for n, _ in rows], "".join(figures for _, figures in rows)))
        return self._columns(parts, row_of)

    def _columns(
        self,
        parts: Sequence[_Page],
        row_of: Mapping[str, int],
        texts: Mapping[int, str | None] | None = None,
    ) -> VisitColumns:
        """The columns of pages; `texts` are those that stand in them, looked up when not given."""
        import numpy as np

        if not parts:
            return joined([])
        number = np.concatenate([part.number for part in parts])
        child, actor, place, *figures, how = (
            np.concatenate([part.figures[at] for part in parts]) for at in range(len(FIGURES))
        )
        day, saved, came, weight, length, head, muac = figures
        texts = texts or self._texts([child, actor, place])
        visits = VisitColumns(
            number=number,
            child=_meant(child, texts, lambda text: row_of.get(text, _UNKNOWN)),
            place=_meant(place, texts, self._places.__getitem__),
            actor=_meant(actor, texts, self._actors.__getitem__),
            day=day,
            saved=saved,
            came=came,
            weight_g=weight,
            length_mm=length,
            head_mm=head,
            muac_mm=muac,
            position=(how & 3).astype(np.int8),
            oedema=how & 4 != 0,
        )
        stands = (visits.child >= 0) & (how & 8 == 0)
        return visits if stands.all() else visits.chosen(stands)

    def _texts(self, columns: Sequence[Ints]) -> Mapping[int, str | None]:
        """The texts whose numbers stand in columns."""
        import numpy as np

        terms = np.unique(np.concatenate([_used(column) for column in columns]))
        which = "n IN (SELECT value FROM json_each(?))"
        return dict(
            self._database.rows(f"SELECT n, text FROM term WHERE {which}", (json.dumps(terms.tolist()),))  # noqa: S608
        )


class _Page(NamedTuple):
    """The numbers of some rows, and a column for each of `FIGURES`."""

    number: Wide
    figures: Sequence[Ints]


def _read(database: Database, start: int) -> _Page:
    import numpy as np

    which, limits = "FROM measured WHERE n > ? AND n <= ?", (start, start + PAGE)
    row = database.one(f"SELECT count(*), min(n), max(n), group_concat(figures, '') {which}", limits)
    count, first, last, figures = row or (0, 0, 0, "")
    if not count:
        return _page([], "")
    if last - first + 1 == count:
        return _page(np.arange(first, last + 1), figures)
    return _page([n for (n,) in database.rows(f"SELECT n {which} ORDER BY n", limits)], figures)


def _page(numbers: Wide | Sequence[int], figures: str) -> _Page:
    import numpy as np

    codes = np.frombuffer(figures.encode("utf-32-le"), dtype=np.int32).reshape(-1, _WIDTH).T
    told = np.subtract(codes, FIRST, order="C")
    wide = (told[at] << 16 | told[at + 1] for at in range(0, 2 * WIDE, 2))
    return _Page(np.asarray(numbers, dtype=np.int64), [*wide, *told[2 * WIDE :]])


def _all_texts(database: Database) -> dict[int, str | None]:
    """The texts of all terms by number, joined by SQLite: a fifth of the time that rows take."""
    row = database.one("SELECT json_group_array(n), json_group_array(text) FROM term")
    assert row is not None, "a query of sums always has a row"
    return dict(zip(*map(json.loads, row), strict=True))


def _used(terms: Ints) -> Rows:
    import numpy as np

    used = np.zeros(int(terms.max(initial=0)) + 1, dtype=bool)
    used[terms] = True
    return np.flatnonzero(used)


def _meant(terms: Ints, texts: Mapping[int, str | None], meaning: Callable[[str], int]) -> Ints:
    """What the numbers of texts in a column stand for, each looked up once."""
    import numpy as np

    used = _used(terms)
    found = np.empty(len(used) and int(used[-1]) + 1, dtype=np.int32)
    told = (texts[term] for term in used.tolist())
    found[used] = [_UNKNOWN if text is None else meaning(text) for text in told]
    return found[terms]


@contextmanager
def _another(database: Database) -> Iterator[Database | None]:
    """A second connection that reads the same moment; None when something was written in between."""
    other = Database(database.path, database.key, connect(database.path, database.key))
    try:
        other.conn.execute("BEGIN")  # not `snapshot`, which is for one thread from begin to end
        yield other if other.meta("changed") == database.meta("changed") else None
    finally:
        other.close()

"""Reading a district's measurements into columns: whole pages at a time, never row by row.

SQLite packs what a page of measurements says into two strings. In one every number is a character
whose code is the number, in the other every text has its fixed place in a line of fixed length; numpy
reads both as they lie there. What does not fit in (a date that is none, an id of another form) is
looked at alone. Several connections share the pages, since decrypting them is most of the work.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from posyandu_app.reports.columns import MOST, Days, Numbered, VisitColumns, joined
from posyandu_app.reports.growth_table import LYING, STANDING
from posyandu_app.storage.connection import Database, Progress, Value, connect

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from posyandu_app.reports.columns import Ints, Rows, Wide

    Bytes = npt.NDArray[np.uint8]
    Words = npt.NDArray[np.uint32]

PAGE = 25_000

_FIRST = 0xE000
"""The code of the number 0: beyond it no code is half of a pair."""
_HOW = f"WHEN 'lying' THEN {LYING} WHEN 'standing' THEN {STANDING}"
_NUMBERS = (
    "n >> 16",
    "n & 65535",
    *(
        f"CASE WHEN {name} BETWEEN 1 AND {MOST} THEN {name} WHEN {name} > {MOST} THEN {MOST} ELSE 0 END"
        for name in ("weight_g", "length_mm", "head_mm", "muac_mm", "came")
    ),
    f"CASE position {_HOW} ELSE 0 END + 4 * (oedema IS NOT NULL AND oedema)",
)
_DATE, _ID, _SCOPE = 10, 36, 24
_DAY, _SAVED, _CHILD, _ACTOR, _PLACE, _LINE = 0, 10, 20, 56, 92, 116
_PAD, _ODD = "~", "?"
_WIDTHS = {"child": _ID, "actor": _ID, "date": _DATE}
_FITS = " AND ".join(f"length({name}) = {width}" for name, width in _WIDTHS.items())
_FITS += f" AND length(scope) <= {_SCOPE}"
_TEXTS = (
    f"CASE WHEN {_FITS} THEN date || substr(at || '{_PAD * _DATE}', 1, {_DATE}) || child || actor"
    f" || substr(scope || '{_PAD * _SCOPE}', 1, {_SCOPE}) ELSE '{_ODD * _LINE}' END"
)
_VISITS = (
    f"SELECT count(*), group_concat(char({', '.join(f'{_FIRST} + ({number})' for number in _NUMBERS)}), ''),"  # noqa: S608
    f" group_concat({_TEXTS}, '') FROM measurement WHERE NOT voided AND "
)
_MOST_HELPERS = 3
_AMONG = "n IN (SELECT value FROM json_each(?))"


class VisitReader:
    """Reads the measurements of a database for children whose rows are given by record."""

    def __init__(
        self, database: Database, row_of: Mapping[str, int], places: Numbered, actors: Numbered
    ) -> None:
        self._database = database
        self._children = _Children(row_of)
        self._places = places
        self._actors = actors
        self._pairs = _Pairs(places, actors)
        self._days = Days()
        self._numbering = threading.Lock()

    def all(self, progress: Progress | None) -> VisitColumns:
        """Every measurement that stands; `progress` gets how many were read, of how many."""
        last = self._database.number("SELECT max(n) FROM measurement")
        starts = list(range(0, last, PAGE))
        parts: dict[int, VisitColumns] = {}
        left, lock = iter(starts), threading.Lock()

        def read(database: Database, told: Progress | None) -> None:
            while True:
                with lock:
                    start = next(left, None)
                if start is None:
                    return
                parts[start] = self._page(database, "n > ? AND n <= ?", (start, start + PAGE))
                if told is not None:
                    told(min(len(parts) * PAGE, last), last)

        if len(starts) < 2:
            read(self._database, progress)
        else:
            with ExitStack() as opened:
                wanted = range(_helpers(len(starts)))
                others = [opened.enter_context(_another(self._database)) for _ in wanted]
                helper = opened.enter_context(ThreadPoolExecutor(len(others), "visits"))
                helping = [helper.submit(read, other, None) for other in others if other is not None]
                try:
                    read(self._database, progress)
                finally:
                    with lock:
                        left = iter(())
                for each in helping:
                    each.result()
            if progress is not None:
                progress(last, last)
        return joined([parts[start] for start in starts])

    def of(self, numbers: Wide) -> VisitColumns:
        """The measurements with these numbers that stand."""
        parts = []
        for start in range(0, len(numbers), PAGE):
            chosen = json.dumps(numbers[start : start + PAGE].tolist())
            parts.append(self._page(self._database, _AMONG, (chosen,)))
        return joined(parts)

    def _page(self, database: Database, which: str, parameters: Sequence[Value]) -> VisitColumns:
        import numpy as np

        row = database.one(_VISITS + which, parameters)
        if row is None or not row[0]:
            return joined([])
        codes = np.frombuffer(row[1].encode("utf-32-le"), dtype=np.uint32).reshape(-1, len(_NUMBERS))
        high, low, weight, length, head, muac, came, how = (codes - _FIRST).astype(np.int32).T
        number = high.astype(np.int64) << 16 | low
        texts = row[2].encode("utf-8")
        lines = np.frombuffer(texts, dtype=np.uint8)
        if len(lines) == len(number) * _LINE:
            lines = lines.reshape(-1, _LINE)
        else:  # signs of more than one byte: nothing stands in its place
            lines = np.full((len(number), _LINE), ord(_ODD), dtype=np.uint8)
        odd = np.flatnonzero(lines[:, 0] == ord(_ODD))
        child = self._children.rows(lines[:, _CHILD:_ACTOR])
        day, saved = (self._read_days(lines[:, at : at + _DATE]) for at in (_DAY, _SAVED))
        place, actor = self._who(np.ascontiguousarray(lines[:, _ACTOR:]), odd)
        if len(odd):
            self._read_alone(database, number, odd, child, day, saved, place, actor)
        visits = VisitColumns(
            number=number,
            child=child,
            place=place,
            actor=actor,
            day=day,
            saved=saved,
            came=came,
            weight_g=weight,
            length_mm=length,
            head_mm=head,
            muac_mm=muac,
            position=(how & 3).astype(np.int8),
            oedema=how >= 4,
        )
        return visits.chosen((visits.child >= 0) & (visits.day > 0))

    def _read_days(self, dates: Bytes) -> Ints:
        """Dates in their stored form as ordinals, 0 for what is none; as `Days` reads each."""
        import numpy as np

        digits = dates[:, (0, 1, 2, 3, 5, 6, 8, 9)] - np.uint8(ord("0"))
        y1, y2, y3, y4, m1, m2, d1, d2 = digits.T.astype(np.int32)
        year, month, day = y1 * 1000 + y2 * 100 + y3 * 10 + y4, m1 * 10 + m2, d1 * 10 + d2
        usual = (digits < 10).all(axis=1) & (dates[:, (4, 7)] == ord("-")).all(axis=1)
        usual &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 28)
        begins = np.where(usual, (year - 1970) * 12 + month - 1, 0).astype("M8[M]").astype("M8[D]")
        found = np.where(usual, begins.astype(np.int64) + (_EPOCH - 1) + day, 0).astype(np.int32)
        for row in np.flatnonzero(~usual):  # the ends of months, and what is no date
            found[row] = self._days[dates[row].tobytes().decode("latin-1")]
        return found

    def _who(self, lines: Bytes, odd: Rows) -> tuple[Ints, Ints]:
        """Place and actor of each line, numbered; those of odd lines are to be read alone."""
        import numpy as np

        first, run = _runs(lines.view(np.uint32))
        strange, width = set(odd.tolist()), lines.shape[1]
        text = lines[first].tobytes()
        pairs = np.zeros((len(first), 2), dtype=np.int32)
        with self._numbering:
            for at, row in enumerate(first.tolist()):
                if row not in strange:
                    pairs[at] = self._pairs[text[at * width : (at + 1) * width]]
        return pairs[run, 0], pairs[run, 1]

    def _read_alone(
        self,
        database: Database,
        number: Wide,
        odd: Rows,
        child: Ints,
        day: Ints,
        saved: Ints,
        place: Ints,
        actor: Ints,
    ) -> None:
        """What stands in these lines, as texts of any form."""
        at = {int(number[row]): int(row) for row in odd}
        rows = database.rows(
            f"SELECT n, child, date, substr(at, 1, 10), scope, actor FROM measurement WHERE {_AMONG}",  # noqa: S608
            (json.dumps(list(at)),),
        )
        with self._numbering:
            for n, of, on, when, scope, who in rows:
                row = at[n]
                child[row] = self._children.row_of.get(of, -1)
                day[row], saved[row] = self._days[on], self._days[when]
                place[row], actor[row] = self._places[scope], self._actors[who]


def _helpers(pages: int) -> int:
    """How many connections help: one for each further core, no more than three and than there are pages."""
    return max(1, min(_MOST_HELPERS, (os.cpu_count() or 2) - 1, pages - 1))


class _Pairs(dict[bytes, tuple[int, int]]):
    """Place and actor as they lie in a line, numbered, and read once each."""

    def __init__(self, places: Numbered, actors: Numbered) -> None:
        self._places = places
        self._actors = actors

    def __missing__(self, line: bytes) -> tuple[int, int]:
        text = line.decode("latin-1")
        self[line] = self._places[text[_ID:].rstrip(_PAD)], self._actors[text[:_ID]]
        return self[line]


_EPOCH = 719_163
"""`date(1970, 1, 1).toordinal()`"""


class _Children:
    """Rows of children by the bytes of their records' ids, whole columns at once."""

    def __init__(self, row_of: Mapping[str, int]) -> None:
        import numpy as np

        self.row_of = row_of
        usual = [record for record in row_of if len(record) == _ID and record.isascii()]
        ids = np.frombuffer("".join(usual).encode("ascii"), dtype=np.uint32).reshape(-1, _ID // 4)
        rows = np.fromiter((row_of[record] for record in usual), dtype=np.int32, count=len(usual))
        hashes = _hashes(ids)
        order = np.argsort(hashes)
        self._hashes, self._ids, self._rows = hashes[order], ids[order], rows[order]

    def rows(self, ids: Bytes) -> Ints:
        """The row of each id, −1 for one that is not known."""
        import numpy as np

        words = np.ascontiguousarray(ids).view(np.uint32)
        first, run = _runs(words)
        return self._rows_of(words[first])[run]

    def _rows_of(self, words: Words) -> Ints:
        import numpy as np

        found = np.full(len(words), -1, dtype=np.int32)
        if not len(self._rows):
            return found
        hashes = _hashes(words)
        at = np.minimum(np.searchsorted(self._hashes, hashes), len(self._rows) - 1)
        alike = self._hashes[at] == hashes
        same = alike & (words == self._ids[at]).all(axis=1)
        found[same] = self._rows[at[same]]
        for row in np.flatnonzero(alike & ~same):  # two of one hash
            found[row] = self.row_of.get(words[row].tobytes().decode("latin-1"), -1)
        return found


def _runs(words: Words) -> tuple[Rows, Rows]:
    """Where rows begin that differ from the one before, and the number of each row's run."""
    import numpy as np

    begins = np.ones(len(words), dtype=bool)
    begins[1:] = (words[1:] != words[:-1]).any(axis=1)
    return np.flatnonzero(begins), np.cumsum(begins) - 1


def _hashes(words: Words) -> npt.NDArray[np.uint64]:
    """One number for each row of words; rows that differ nearly always have different ones."""
    import numpy as np

    found = np.zeros(len(words), dtype=np.uint64)
    for column in words.T:
        found = (found ^ column) * np.uint64(0x9E3779B97F4A7C15)
        found ^= found >> np.uint64(29)
    return found


@contextmanager
def _another(database: Database) -> Iterator[Database | None]:
    """A second connection that reads the same moment; None when something was written in between."""
    other = Database(database.path, database.key, connect(database.path, database.key))
    try:
        other.conn.execute("BEGIN")  # not `snapshot`, which is for one thread from begin to end
        yield other if other.meta("changed") == database.meta("changed") else None
    finally:
        other.close()

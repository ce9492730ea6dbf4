"""Records of a CSV file with their own text kept, so that a copy differs only by what is added.

Standard `csv` gives the cells but not the characters between them; here every record
comes with both, and a record that cannot be read costs only itself.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_LINES = 200
"""A quoted cell that goes on for more lines than this was never closed."""


class Record(NamedTuple):
    """One record: its characters without the line ending, that ending, and its cells.

    `cells` is None when the record cannot be read: a quotation mark that is never
    closed, or a cell beyond what `csv` takes. A blank line has no cells.
    """

    text: str
    ending: str
    cells: list[str] | None


def records(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """The records of lines that still have their endings (a text file opened with newline="")."""
    waiting: deque[str] = deque()
    source = iter(lines)
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return
        if '"' in line:
            yield _quoted(line, waiting, source, delimiter)
        else:
            text, ending = split_ending(line)
            yield Record(text, ending, text.split(delimiter) if text else [])


def split_ending(line: str) -> tuple[str, str]:
    """The line and its ending: "\\r\\n", "\\n", "\\r" or none."""
    text = line.rstrip("\r\n")
    return text, line[len(text) :]


class _Feed:
    """Lines for `csv.reader`, noted as they are taken; `exhausted` when it wanted more than there are."""

    def __init__(self, first: str, waiting: deque[str], source: Iterator[str]) -> None:
        self.taken: list[str] = []
        self.exhausted = False
        self._first: str | None = first
        self._waiting = waiting
        self._source = source

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._first is not None:
            line, self._first = self._first, None
        elif len(self.taken) == MAX_LINES:
            self.exhausted = True
            raise StopIteration
        elif self._waiting:
            line = self._waiting.popleft()
        else:
            found = next(self._source, None)
            if found is None:
                self.exhausted = True
                raise StopIteration
            line = found
        self.taken.append(line)
        return line


def _quoted(first: str, waiting: deque[str], source: Iterator[str], delimiter: str) -> Record:
    feed = _Feed(first, waiting, source)
    cells: list[str] | None
    try:
        cells = next(csv.reader(feed, delimiter=delimiter))
    except csv.Error:
        cells = None
    if cells is None or feed.exhausted:
        waiting.extendleft(reversed(feed.taken[1:]))
        return Record(*split_ending(first), None)
    return Record(*split_ending("".join(feed.taken)), cells)

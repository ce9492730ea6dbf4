"""The program's own diary in the data folder: what happened, never to whom.

It holds no name, NIK or key. That is kept by form, not by luck: of our own records only the
sentence in the source and its figures are written, other libraries' sentences are left out
whole, and of an exception only its type and where it came from. As a second net, runs of
digits and anything that looks like a key are blotted out.
"""

import logging
import logging.handlers
import re
import traceback
from enum import Enum
from pathlib import Path
from uuid import UUID

FILE = "posyandu.log"
_LARGEST = 512 * 1024
_KEPT = 4
_OURS = "posyandu_app"
_HIDDEN = "‹…›"

_NUMBERS = re.compile(r"\d(?:[ .-]?\d){6,}")
_KEYS = re.compile(r"[A-Za-z0-9+/_=-]{25,}")
_SIMPLE = re.compile(r"%(?:\((?P<name>\w+)\))?[-+ #0]*[\d.]*[a-zA-Z%]")


class Diary(logging.Formatter):
    """One line for each record, made of nothing that could be about a person."""

    def format(self, record: logging.LogRecord) -> str:
        when = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        line = f"{record.levelname} {record.name}:{record.lineno} {_blot(_sentence(record))}"
        if record.exc_info and record.exc_info[1] is not None:
            line += "".join(f"\n    {part}" for part in origin(record.exc_info[1]))
        return f"{when} {line}"


def start(folder: Path) -> logging.Handler:
    """Begin the diary in a folder, in files that are replaced when full; `stop` ends it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(
        folder / FILE, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8", delay=True
    )
    handler.setFormatter(Diary())
    handler.setLevel(logging.INFO)
    root = logging.getLogger()
    root.addHandler(handler)
    logging.getLogger(_OURS).setLevel(logging.INFO)
    return handler


def stop(handler: logging.Handler) -> None:
    """End the diary and close its file."""
    logging.getLogger().removeHandler(handler)
    handler.close()


def _sentence(record: logging.LogRecord) -> str:
    ours = record.name == _OURS or record.name.startswith(_OURS + ".")
    if not ours or not isinstance(record.msg, str):
        return _HIDDEN
    arguments = record.args if isinstance(record.args, tuple) else (record.args,)
    values = iter(arguments)

    def fill(place: re.Match[str]) -> str:
        if place.group().endswith("%"):
            return "%"
        if place.group("name") is not None:
            return _HIDDEN
        return _harmless(next(values, None))

    return _SIMPLE.sub(fill, record.msg)


def _harmless(value: object) -> str:
    """A figure, an id, a code or the type of an error as text; anything else is hidden."""
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 10**6):
        return str(value)
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, UUID) or (isinstance(value, str) and _is_id(value)):
        return f"id:{str(value)[-6:]}"
    return _HIDDEN


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def origin(error: BaseException) -> list[str]:
    """The types of an error and its causes, and our modules on the way, without a word of what they said."""
    lines = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        path = " < ".join(
            f"{Path(frame.filename).stem}.{frame.name}:{frame.lineno}" for frame in frames[::-1][:12]
        )
        lines.append(f"{type(current).__name__} in {path}" if path else type(current).__name__)
        current = current.__cause__ or current.__context__
    return lines


def _blot(text: str) -> str:
    return _KEYS.sub(_HIDDEN, _NUMBERS.sub(_HIDDEN, text)).replace("\n", " ").replace("\r", " ")

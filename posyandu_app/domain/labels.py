"""Codes with a label: what the log keeps, and what people call it.

Reading never fails on a code that a newer version invented: known ones have a label, unknown
ones are shown as they came.
"""

from enum import StrEnum


class Labelled(StrEnum):
    """A list of codes; each has the label that people read."""

    @property
    def label(self) -> str:
        raise NotImplementedError


def label_of(kind: type[Labelled], code: str | None) -> str:
    """The label of a code of that kind; a code of a newer version is shown as it is, nothing as "—"."""
    if code is None or code == "":
        return "—"
    try:
        return kind(code).label
    except ValueError:
        return code

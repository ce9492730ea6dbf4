"""What a parent or guardian decided head the child's data, and the text that was read before (UU 27/2022)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.facts import Fact, read_head, standing
from posyandu_app.domain.labels import Labelled
from posyandu_app.domain.operations import OpKey
from posyandu_app.domain.reading import Values, text
from posyandu_app.i18n import LANGUAGES, language, tr
from posyandu_app.paths import resources

CONSENT_VERSION = "2026-1"
"""The version of `consent_text`; a changed text needs a new version."""


class Relation(Labelled):
    """Who speaks for the child."""

    MOTHER = "ibu"
    FATHER = "ayah"
    GUARDIAN = "wali"

    @property
    def label(self) -> str:
        return {
            Relation.MOTHER: tr("Ibu"),
            Relation.FATHER: tr("Ayah"),
            Relation.GUARDIAN: tr("Wali"),
        }[self]


class ConsentState(Labelled):
    """What the parent or guardian decided (UU 27/2022, articles 22 to 25 and 40)."""

    GIVEN = "diberikan"
    REFUSED = "ditolak"
    WITHDRAWN = "ditarik"

    @property
    def label(self) -> str:
        return {
            ConsentState.GIVEN: tr("Setuju"),
            ConsentState.REFUSED: tr("Tidak setuju"),
            ConsentState.WITHDRAWN: tr("Persetujuan ditarik"),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Fact):
    """The decision of a parent or guardian about the child's data: who, as what, when, to which text."""

    kind: ClassVar[str] = "consent"

    name: str = ""
    relation: str = Relation.MOTHER
    version: str = CONSENT_VERSION
    state: str = ConsentState.GIVEN

    def require_told(self) -> None:
        """A decision needs the name of whoever took it."""
        if not self.name:
            raise InvalidValue("name", tr("Tulis nama orang tua atau wali yang memberi keputusan."))


def read_consent(
    entity: str, values: Values, bases: Mapping[str, OpKey] | None = None, **stamp: str
) -> Consent | None:
    """The consent in the visible values of its row; None unless it says whose, when, which text and what.

    Consent is never assumed: a decision that cannot be read is no consent.
    """
    head = read_head(entity, values, bases, **stamp)
    version, state = text(values, "version"), text(values, "state")
    if head is None or version is None or state is None:
        return None
    return Consent(
        **head,
        name=text(values, "name") or "",
        relation=text(values, "relation") or Relation.GUARDIAN,
        version=version,
        state=state,
    )


def consent_in_force(consents: Iterable[Consent]) -> Consent | None:
    """The latest decision head a child's data, whatever it was; None when nobody was asked."""
    decisions = standing(consents)
    return decisions[-1] if decisions else None


def consent_text(version: str = CONSENT_VERSION) -> tuple[str, ...]:
    """What is read to the parent or guardian before asking, by paragraph (UU 27/2022, article 21).

    Every version ever asked with stays in `resources/consent`, so that it can be read again.
    Raises `FileNotFoundError` for a version that is not shipped.
    """
    return _consent_texts(version)[language()]


@lru_cache(maxsize=8)
def _consent_texts(version: str) -> Mapping[str, tuple[str, ...]]:
    path = resources() / "consent" / f"{version}.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    return {code: tuple(known[code]) for code in LANGUAGES}

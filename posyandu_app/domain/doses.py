"""Immunisations, vitamin A and deworming: what was given or refused, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.facts import Fact, read_head
from posyandu_app.domain.labels import Labelled
from posyandu_app.domain.operations import OpKey
from posyandu_app.domain.reading import Values, text
from posyandu_app.i18n import tr


class DoseKind(Labelled):
    """What is given by schedule at the posyandu."""

    IMMUNISATION = "imunisasi"
    VITAMIN_A = "vitamin_a"
    DEWORMING = "obat_cacing"

    @property
    def label(self) -> str:
        return {
            DoseKind.IMMUNISATION: tr("Imunisasi"),
            DoseKind.VITAMIN_A: tr("Vitamin A"),
            DoseKind.DEWORMING: tr("Obat cacing"),
        }[self]


class DoseState(Labelled):
    """Whether the child got it, or the family said no."""

    GIVEN = "diberikan"
    REFUSED = "menolak"

    @property
    def label(self) -> str:
        return {DoseState.GIVEN: tr("Diberikan"), DoseState.REFUSED: tr("Menolak")}[self]


class CapsuleColour(Labelled):
    """The vitamin A capsule: blue 100,000 IU for 6–11 months, red 200,000 IU for 12–59 months."""

    BLUE = "biru"
    RED = "merah"

    @property
    def label(self) -> str:
        return {CapsuleColour.BLUE: tr("Kapsul biru"), CapsuleColour.RED: tr("Kapsul merah")}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose(Fact):
    """One immunisation, vitamin A capsule or deworming, given or refused, on the day it happened."""

    kind: ClassVar[str] = "dose"

    what: str
    state: str = DoseState.GIVEN
    antigen: str | None = None
    colour: str | None = None
    note: str | None = None

    @property
    def given(self) -> bool:
        return self.state == DoseState.GIVEN and not self.voided

    def require_told(self) -> None:
        """An immunisation needs its name, a vitamin A capsule that was given its colour."""
        if self.what == DoseKind.IMMUNISATION and not self.antigen:
            raise InvalidValue("antigen", tr("Pilih imunisasi yang diberikan atau ditolak."))
        if self.what == DoseKind.VITAMIN_A and not self.colour and self.state == DoseState.GIVEN:
            raise InvalidValue("colour", tr("Pilih warna kapsul vitamin A: biru atau merah."))


def read_dose(
    entity: str, values: Values, bases: Mapping[str, OpKey] | None = None, **stamp: str
) -> Dose | None:
    """The dose in the visible values of its row; None when it does not say whose, when or what."""
    head = read_head(entity, values, bases, **stamp)
    what = text(values, "what")
    if head is None or what is None:
        return None
    return Dose(
        **head,
        what=what,
        state=text(values, "state") or DoseState.GIVEN,
        antigen=text(values, "antigen"),
        colour=text(values, "colour"),
        note=text(values, "note"),
    )

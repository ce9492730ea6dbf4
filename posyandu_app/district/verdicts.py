"""What is judged, what may become of it, and what may not stand whatever stands already."""

from dataclasses import dataclass
from typing import NamedTuple

from posyandu_app.district.schema import HELD, NO_CHAIN, QUARANTINED
from posyandu_app.domain import forms
from posyandu_app.domain.merge import KINDS, REGISTERS, moved_to
from posyandu_app.domain.operations import Operation, OpKey, kind_of
from posyandu_app.domain.scopes import HANDED_OUT, is_leaf, within
from posyandu_app.i18n import tr
from posyandu_app.sync import wire

APPLIED, CONFLICT, DUPLICATE = "applied", "conflict", "duplicate"
LEFT, ERASED = "left", "erased"
"""Why an operation came without its content: its child had left that laptop's area, or by law."""
REVOKED, OUT_OF_SCOPE = "revoked", "out_of_scope"
"""Why it is put aside: its laptop had been revoked when it came, or may not write about whom it is about."""
ABOUT_ITSELF = frozenset({*REGISTERS, "person"})
"""Kinds whose operations are about their own entity, whatever child they name."""
_LONGEST_SHOWN = 64


class Fresh(NamedTuple):
    """An operation that has just come and stands in no table yet; `segment` is what it came in.

    `left` says that its author had to forget the content, since the child had left.
    """

    key: OpKey
    arrived: wire.Arrived
    segment: int
    eff: str
    chain: bytes
    content: bytes
    left: bool = False

    @property
    def is_returned(self) -> bool:
        """Whether others gave it back, to a server that had lost it."""
        return self.chain == NO_CHAIN


class Case(NamedTuple):
    """An operation waiting for judgement, and the laptop that signed it.

    `kind` and `child` are what its type and payload name ("" for no child); `device` and `area` are the
    laptop's; a `fresh` one stands in no table yet. `former` are areas that the laptop had until lately;
    `erased` says that it came without its payload, `left` that this was lost on its author's laptop alone,
    and `returned` that others gave back the whole or the payload.
    """

    key: OpKey
    operation: Operation
    kind: str
    child: str
    body: bytes
    eff: str
    content: bytes
    device: str
    area: str
    role: str
    revoked: bool
    received_ms: int
    former: tuple[str, ...]
    erased: bool
    fresh: Fresh | None = None
    left: bool = False
    returned: bool = False

    def may_write_in(self, scope: str) -> bool:
        """Whether the scope lies in the laptop's area, or in one it had until lately."""
        return within(scope, self.area) or any(within(scope, area) for area in self.former)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one operation, with its reason in plain Indonesian when it has to wait."""

    status: str
    why: str | None = None
    ref: str | None = None
    message: str | None = None
    conflicts: tuple[OpKey, ...] = ()


def may_not_stand(case: Case, region: str) -> Verdict | None:
    """Why an operation may not stand, by its form, its laptop, its area or its role; None when it may.

    `region` is the scope that the district answers for.
    """
    operation = case.operation
    flaw = forms.flaw(operation) if wire.is_nfc(case.body) else "NFC"
    if flaw is not None:
        sentence = (
            tr("Isian “{field}” berisi tanda yang tidak terlihat; hapus lalu ketik ulang.")
            if forms.hides_signs(operation, flaw)
            else tr("Isian “{field}” tidak dalam bentuk yang dikenal; perbaiki catatan ini.")
        )
        shown = flaw if len(flaw) <= _LONGEST_SHOWN and flaw.isprintable() else "payload"
        return quarantined("malformed", sentence.format(field=shown))
    if case.revoked:
        return quarantined(REVOKED, tr("Laptop ini sudah dicabut izinnya; Dinas memeriksa catatannya."))
    if operation.scope and not case.may_write_in(operation.scope):
        return quarantined(OUT_OF_SCOPE, tr("Catatan ini di luar wilayah laptop ini."))
    to = moved_to(operation)
    if to is not None and not within(to, region):
        sentence = tr(
            "Posyandu tujuan di luar wilayah Dinas ini. Catat anak ini sebagai pindah, beserta tujuannya."
        )
        return quarantined("outside_district", sentence)
    if to is not None and not is_leaf(to):
        return quarantined(
            "too_wide", tr("Tujuan pindah harus satu posyandu. Catat lagi dengan posyandunya.")
        )
    owners = HANDED_OUT.get(kind_of(operation.type))
    if owners is not None and case.role not in owners:
        return quarantined(
            "server_owned", tr("Hal ini diatur oleh Dinas; catatan dari laptop ini tidak diterapkan.")
        )
    return None


def child_of(operation: Operation) -> str | None:
    """The child that an operation says it is about, or None."""
    child = (operation.payload or {}).get("child")
    return child if isinstance(child, str) and forms.is_id(child) else None


def joined_with(operation: Operation) -> str | None:
    """The second child of whom a link or its undoing speaks, or None for any other operation."""
    if operation.type not in ("person.link", "person.unlink"):
        return None
    other = (operation.payload or {}).get("other")
    return other if isinstance(other, str) and forms.is_id(other) else None


def quarantined(why: str, message: str, ref: str | None = None) -> Verdict:
    """Put aside, with a word for programs and a sentence for people; `ref` is what the reason hangs on."""
    return Verdict(QUARANTINED, why=why, ref=ref, message=message)


def held(kind: str, ref: str) -> Verdict:
    """Waiting for an entity of some kind that the server does not know yet."""
    message = (
        tr("Menunggu data anaknya sampai di Dinas.")
        if kind == "child"
        else tr("Menunggu catatan yang diubahnya sampai di Dinas.")
    )
    return Verdict(HELD, why=f"unknown_{kind}", ref=ref, message=message)


def is_of_a_newer_program(kind: str) -> bool:
    """Whether this version makes no row of the kind, and it is about whom its operations name."""
    return kind not in KINDS and kind not in ABOUT_ITSELF

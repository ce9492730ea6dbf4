"""A row of an import list beside the children whom it may mean, as a person reads them."""

from dataclasses import dataclass

from posyandu_app.domain import names
from posyandu_app.domain import nik as niks
from posyandu_app.domain.dates import format_date
from posyandu_app.i18n import tr
from posyandu_app.services.deciding import Line
from posyandu_app.services.importing import Candidate, Choice, Question, Side
from posyandu_app.ui import words


@dataclass(frozen=True, slots=True)
class Column:
    """One child: over her values where she stands; `candidate` is None for the row of the file."""

    title: str
    lines: tuple[Line, ...]
    candidate: Candidate | None = None


def columns(question: Question, number: int) -> tuple[Column, ...]:
    """The row of the file first, then the children whom it may mean; their values that differ are marked."""
    here = tr("Sudah ada di laptop ini")
    found = [Column(tr("Di berkas, baris {number}").format(number=number), _lines(question.side))]
    for candidate in question.candidates:
        title = (
            here
            if candidate.number is None
            else tr("Anak lain di berkas, baris {number}").format(number=candidate.number)
        )
        found.append(Column(title, _lines(candidate.side, question.side), candidate))
    return tuple(found)


def note(question: Question) -> str:
    """For how many rows the answer holds, and what has been answered before."""
    told = []
    if question.rows > 1:
        told.append(
            tr("Jawaban ini berlaku untuk {count} baris anak ini di berkas.").format(count=question.rows)
        )
    if question.decided is not None:
        told.append(
            {
                Choice.SAME: tr("Keputusan Anda sekarang: anak yang sudah ada."),
                Choice.NEW: tr("Keputusan Anda sekarang: anak baru."),
                Choice.SKIP: tr("Keputusan Anda sekarang: dilewati."),
            }[question.decided.choice]
        )
    return " ".join(told)


def _lines(side: Side, other: Side | None = None) -> tuple[Line, ...]:
    mine, theirs = _values(side), _values(other) if other is not None else None
    return tuple(
        Line(label, shown, theirs is not None and bool(key and theirs[at][2]) and key != theirs[at][2])
        for at, (label, shown, key) in enumerate(mine)
    )


def _values(side: Side) -> list[tuple[str, str, str]]:
    """Label, words, and what two sides are compared by; an unknown value differs from nothing."""
    born = format_date(side.birth_date) if side.birth_date is not None else words.NOTHING
    place = " / ".join(
        part for part in (f"RT {side.rt}" if side.rt else "", f"RW {side.rw}" if side.rw else "") if part
    )
    return [
        (tr("Nama anak"), names.display(side.name) or words.NOTHING, names.fold(side.name)),
        (tr("Tanggal lahir"), born, str(side.birth_date or "")),
        (tr("Jenis kelamin"), words.sex(side.sex), side.sex or ""),
        (
            tr("Nama ibu"),
            names.display(side.mother_name or "") or words.NOTHING,
            names.fold(side.mother_name or ""),
        ),
        (tr("NIK anak"), niks.mask(side.nik) if side.nik else words.NOTHING, side.nik or ""),
        (tr("Alamat"), names.display(side.address or "") or words.NOTHING, ""),
        ("RT / RW", place or words.NOTHING, ""),
    ]

"""What stands beside prevalence: breastfeeding, immunisation, vitamin A and supplementary food, by area.

Nothing here says that one thing causes the other; the figures are shown side by side. Each counts
only children of whom it is known: a question that was not asked is no "no".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from posyandu_app.domain.doses import DoseKind
from posyandu_app.i18n import tr
from posyandu_app.reports.areas import Level
from posyandu_app.reports.day_columns import completed_months
from posyandu_app.reports.frames import Frame
from posyandu_app.reports.periods import Period
from posyandu_app.reports.prevalence import Indicator, affected
from posyandu_app.reports.snapshots import take
from posyandu_app.reports.statistics import Share, share
from posyandu_app.storage import projection
from posyandu_app.storage.connection import Database

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from posyandu_app.reports.columns import Bools, Ints

_MR1 = "mr1"
_PMT_MONTHS = 3


class Cause(StrEnum):
    """What is counted; codes are stable."""

    BREASTFEEDING = "breastfeeding"
    COMPLEMENTARY = "complementary"
    IMMUNISATION = "immunisation"
    VITAMIN_A = "vitamin_a"
    FOOD = "food"

    @property
    def label(self) -> str:
        return {
            Cause.BREASTFEEDING: tr("ASI eksklusif"),
            Cause.COMPLEMENTARY: tr("MP-ASI sesuai"),
            Cause.IMMUNISATION: tr("Campak-Rubela 1"),
            Cause.VITAMIN_A: tr("Vitamin A"),
            Cause.FOOD: tr("PMT diterima"),
        }[self]

    @property
    def of_whom(self) -> str:
        """Of whom it is a share, in words."""
        return {
            Cause.BREASTFEEDING: tr("bayi 0–5 bulan yang ditanyai"),
            Cause.COMPLEMENTARY: tr("anak 6–23 bulan yang ditanyai"),
            Cause.IMMUNISATION: tr("anak 12–23 bulan yang imunisasinya tercatat"),
            Cause.VITAMIN_A: tr("anak 6–59 bulan, kapsul Februari atau Agustus terakhir"),
            Cause.FOOD: tr("anak wasting atau berat kurang"),
        }[self]


@dataclass(frozen=True, slots=True)
class Facts:
    """Cards, doses and reviews of a database as columns; rows of children as in the frame's ids."""

    version: int
    card_child: tuple[str, ...]
    card_day: tuple[str, ...]
    card_flags: tuple[tuple[int | None, int | None, int | None], ...]
    dose_child: tuple[str, ...]
    dose_day: tuple[str, ...]
    dose_what: tuple[tuple[str, str], ...]
    pmt: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One area: each cause's share."""

    key: str
    label: str
    shares: Mapping[Cause, Share]


@dataclass(frozen=True, slots=True)
class CauseTable:
    """The areas of one level, and all of them together."""

    period: Period
    total: CauseRow
    rows: tuple[CauseRow, ...]


def read(database: Database, since: str, previous: Facts | None = None) -> Facts:
    """The facts from a day (ISO) on; the `previous` ones come back when nothing has changed."""
    with database.snapshot():
        version = projection.version(database)
        if previous is not None and previous.version == version:
            return previous
        cards = database.rows(
            "SELECT child, date, vals ->> '$.exclusive_breastfeeding', vals ->> '$.complementary_feeding',"
            " vals ->> '$.local_food' FROM other_row WHERE kind = 'visit' AND child IS NOT NULL"
            " AND date >= ? AND vals ->> '$.voided' IS NOT 1 ORDER BY date, hlc, id",
            (since,),
        )
        doses = database.rows(
            "SELECT child, date, vals ->> '$.what', ifnull(vals ->> '$.antigen', '') FROM other_row"
            " WHERE kind = 'dose' AND child IS NOT NULL AND vals ->> '$.voided' IS NOT 1"
            " AND ifnull(vals ->> '$.state', 'diberikan') = 'diberikan' AND date IS NOT NULL"
        )
        pmt = database.rows(
            "SELECT child, ifnull(vals ->> '$.pmt_from', date) FROM other_row WHERE kind = 'review'"
            " AND child IS NOT NULL AND vals ->> '$.voided' IS NOT 1 AND date >= ?"
            " AND EXISTS (SELECT 1 FROM json_each(vals, '$.decisions') WHERE value = 'pmt')",
            (since,),
        )
    return Facts(
        version,
        tuple(row[0] for row in cards),
        tuple(row[1] for row in cards),
        tuple((row[2], row[3], row[4]) for row in cards),
        tuple(row[0] for row in doses),
        tuple(row[1] for row in doses),
        tuple((row[2] or "", row[3]) for row in doses),
        tuple((row[0], row[1]) for row in pmt if row[1]),
    )


def table(frame: Frame, facts: Facts, period: Period, level: Level, within: str = "") -> CauseTable:
    """The shares of every area of a level inside an area ("" for everything), at the end of a period."""
    import numpy as np

    counts = marks(frame, facts, period)
    inside = frame.areas.inside(within)[frame.children.place]
    codes = frame.areas.at(level)
    of_child = codes.of_place[frame.children.place]
    shown = np.unique(codes.of_place[frame.areas.inside(within)]).tolist()

    def row(key: str, label: str, chosen: Bools) -> CauseRow:
        found = {}
        for cause, (has, of) in counts.items():
            number = int((of & chosen).sum())
            found[cause] = share(int((has & of & chosen).sum()), number, number)
        return CauseRow(key, label, found)

    label = frame.areas.name(within) if within else tr("Semua")
    has_of = {
        cause: (
            np.bincount(of_child[inside & has & of], minlength=len(codes.codes)),
            np.bincount(of_child[inside & of], minlength=len(codes.codes)),
        )
        for cause, (has, of) in counts.items()
    }
    rows = tuple(
        CauseRow(
            codes.codes[place],
            frame.areas.name(codes.codes[place]),
            {
                cause: share(int(has[place]), int(of[place]), int(of[place]))
                for cause, (has, of) in has_of.items()
            },
        )
        for place in shown
    )
    return CauseTable(period, row(within, label, inside), rows)


def marks(frame: Frame, facts: Facts, period: Period) -> dict[Cause, tuple[Bools, Bools]]:
    """For each cause which children have it, and of which it is known at all."""
    import numpy as np

    children, index = frame.children, frame.row_of
    day = np.full(len(children), period.last_day.toordinal(), dtype=np.int32)
    age = np.where(children.birth > 0, completed_months(np.maximum(children.birth, 1), day), -1)
    first, last = period.first.first_day.isoformat(), period.last_day.isoformat()
    answers = _answers(facts, index, first, last, len(children))
    found: dict[Cause, tuple[Bools, Bools]] = {}
    breastfed, fed, food = answers.T
    # the answer counts at the age it was given for: an infant of the period, not of its last day alone
    found[Cause.BREASTFEEDING] = breastfed == 1, (breastfed >= 0) & (age >= 0) & (age < 6)
    found[Cause.COMPLEMENTARY] = fed == 1, (fed >= 0) & (age >= 6) & (age < 24)
    found[Cause.IMMUNISATION] = _immunised(facts, index, last, age)
    found[Cause.VITAMIN_A] = _capsules(frame, facts, index, period, age)
    found[Cause.FOOD] = _food(frame, facts, index, period, food)
    return found


def _answers(
    facts: Facts, index: Mapping[str, int], first: str, last: str, children: int
) -> npt.NDArray[np.int8]:
    """The last answer of each child in the period to the three questions; −1 when not asked."""
    import numpy as np

    found = np.full((children, 3), -1, dtype=np.int8)
    for child, day, flags in zip(facts.card_child, facts.card_day, facts.card_flags, strict=True):
        if first <= day <= last and child in index:
            for question, answer in enumerate(flags):
                if answer is not None:
                    found[index[child], question] = int(answer)
    return found


def _rows_of(ids: Sequence[str], index: Mapping[str, int], children: int) -> Bools:
    import numpy as np

    found = np.zeros(children, dtype=bool)
    found[[index[child] for child in ids if child in index]] = True
    return found


def _immunised(facts: Facts, index: Mapping[str, int], last: str, age: Ints) -> tuple[Bools, Bools]:
    of_doses = list(zip(facts.dose_child, facts.dose_day, facts.dose_what, strict=True))
    known = [c for c, day, (what, _) in of_doses if what == DoseKind.IMMUNISATION and day <= last]
    given = [
        c
        for c, day, (what, antigen) in of_doses
        if what == DoseKind.IMMUNISATION and antigen == _MR1 and day <= last
    ]
    asked: Bools = _rows_of(known, index, len(age)) & (age >= 12) & (age < 24)
    return _rows_of(given, index, len(age)), asked


def _capsules(
    frame: Frame, facts: Facts, index: Mapping[str, int], period: Period, age: Ints
) -> tuple[Bools, Bools]:
    """Given in the last February or August up to the period's end, or in the month after it."""
    month = period.last
    while month.month not in (2, 8):
        month = month.previous()
    first, last = month.first_day.isoformat(), month.next().last_day.isoformat()
    given = [
        c
        for c, day, (what, _) in zip(facts.dose_child, facts.dose_day, facts.dose_what, strict=True)
        if what == DoseKind.VITAMIN_A and first <= day <= last
    ]
    of: Bools = frame.children.active & (age >= 6) & (age < 60)
    if not facts.dose_child:
        of = of & False
    return _rows_of(given, index, len(age)), of


def _food(
    frame: Frame, facts: Facts, index: Mapping[str, int], period: Period, food: Ints
) -> tuple[Bools, Bools]:
    """Local food on the card of the period, or PMT begun in it or in the three months before."""
    import numpy as np

    snapshot = take(frame, [period])
    needs = np.zeros(len(frame.children), dtype=bool)
    for indicator in (Indicator.WASTING, Indicator.UNDERWEIGHT):
        has, counts = affected(snapshot, indicator)
        needs[snapshot.child[has & counts]] = True
    since = period.first.shifted(-_PMT_MONTHS).first_day.isoformat()
    last = period.last_day.isoformat()
    begun = [child for child, day in facts.pmt if since <= day <= last]
    given = _rows_of(begun, index, len(needs))
    asked: Bools = needs & ((food >= 0) | given)
    return (food == 1) | given, asked

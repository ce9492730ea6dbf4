"""What a health worker's verdict makes of a child's measurements, before anything is saved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from posyandu_app.domain.model import Measurement
from posyandu_app.domain.reviews import Measured, Verdict

_HERS = "ukuran petugas kesehatan"
_AFTER_ALL_SAVED = "~"


def measurements_after(
    now: Sequence[Measurement],
    verdict: Verdict,
    measurement: str | None,
    mine: Measured | None,
    child: str,
    today: date,
) -> tuple[Measurement, ...]:
    """The measurements that stand once this is saved.

    `measurement` is the id of the one looked at, `mine` her own values; what she did not measure
    stays the kader's.
    """
    if verdict is Verdict.MEASURED_ANEW and mine is not None:
        hers = Measurement(id=_HERS, child=child, date=today, hlc=_AFTER_ALL_SAVED)
        return (*now, replace(hers, **values_of(mine)))  # type: ignore[arg-type]
    if verdict is Verdict.WRONG:
        return tuple(item for item in now if item.id != measurement)
    if verdict is Verdict.CORRECTED and mine is not None:
        changes = values_of(mine)
        return tuple(
            replace(item, **changes) if item.id == measurement else item  # type: ignore[arg-type]
            for item in now
        )
    return tuple(now)


def values_of(mine: Measured) -> dict[str, object]:
    """What she measured, by its name; what she did not is left out."""
    names = ("weight_g", "length_mm", "position", "head_mm", "muac_mm", "oedema")
    return {name: getattr(mine, name) for name in names if getattr(mine, name) is not None}

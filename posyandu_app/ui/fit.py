"""How the window answers a small screen, or one that Windows enlarges to 125 % or 150 %.

A laptop of 1366 by 768 has 1093 by 614 logical pixels at 125 % and 911 by 512 at 150 %. There
the rail shows icons and keys alone, margins become narrow, and everything is drawn smaller,
though never as small as without the enlargement; what still does not fit scrolls.
"""

from dataclasses import dataclass

COMPACT_BELOW_WIDTH = 1200
COMPACT_BELOW_HEIGHT = 640
WANTED_WIDTH, WANTED_HEIGHT = 1240, 690
"""What the screens need beside a narrow rail, in logical pixels at full size."""
_KEPT, _KEPT_WITH_LARGE_TEXT = 0.4, 0.2
"""The least share of the enlargement that is kept: at 150 % all is drawn at least as at 120 % (large text,
which adds 18 % of its own, as at 110 %).
"""
_STEP = 0.04


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether to save room, and how far everything is drawn smaller (1 is full size)."""

    compact: bool = False
    shrink: float = 1.0


def fit(width: int, height: int, scaling: float, *, large_text: bool = False) -> Fit:
    """What suits a window of so many logical pixels on a screen enlarged by `scaling`."""
    if width >= COMPACT_BELOW_WIDTH and height >= COMPACT_BELOW_HEIGHT:
        return Fit()
    if scaling <= 1:
        return Fit(compact=True)
    kept = _KEPT_WITH_LARGE_TEXT if large_text else _KEPT
    least = (1 + kept * (scaling - 1)) / scaling
    wanted = min(width / WANTED_WIDTH, height / WANTED_HEIGHT, 1.0)
    stepped = int(wanted / _STEP) * _STEP  # so that dragging an edge does not draw all anew at each pixel
    return Fit(compact=True, shrink=round(max(least, stepped), 3))

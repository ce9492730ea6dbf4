"""How many questions wait for a midwife: the one number that the status sentence and the sync page tell."""

from dataclasses import dataclass

from posyandu_app.i18n import tr


@dataclass(frozen=True, slots=True)
class Undecided:
    """What waits for a decision on this laptop.

    `mine` says that whoever is at the keyboard decides; `whole` is False where only entries that differ are
    counted, as nobody here decides and the area is too large to compare every child with every other.
    """

    count: int = 0
    mine: bool = False
    whole: bool = True

    @property
    def words(self) -> str:
        """ "3 hal menunggu keputusan Anda"; "" for nothing."""
        if not self.count:
            return ""
        if self.mine:
            said = tr("{count} hal menunggu keputusan Anda")
        elif self.whole:
            said = tr("{count} hal menunggu keputusan bidan")
        else:
            said = tr("{count} isian berbeda menunggu keputusan bidan")
        return said.format(count=self.count)


NOTHING = Undecided()

"""The posyandu of the forty made-up children as it stands in the books on the morning of the day."""

from datetime import datetime

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts
from posyandu_app.services.accounts import Setup
from tests.forty_children import JULY, JUNE, MOVED, NEW, Truth, child_number, plan_weights
from tests.services.day_worker import LABEL, PASSWORD, do
from tests.storage.made_up import SCOPE, WIB


def written_down(folder: DataFolder) -> list[Truth]:
    """The posyandu as it stood in the morning: registered in June, weighed in June and July."""
    people = [child_number(number) for number in range(40)]
    clock = FixedClock(datetime(2026, 6, 1, 9, 0, tzinfo=WIB))
    setup = Setup(SCOPE, "Melati 1", "Sari Dewi", LABEL, Role.KADER, PASSWORD)
    ws = accounts.set_up(folder, setup, clock, cheap=True)
    for child in people:
        if child.number not in NEW:
            do(
                ws,
                {
                    "do": "register",
                    "child": child.name,
                    "sex": child.sex,
                    "birth": child.birth.isoformat(),
                    "mother": "Rohmah",
                    "kia": child.kia,
                    "rt": f"{child.number % 4:02d}",
                },
            )
    for on in (JUNE, JULY):
        clock.set(datetime(on.year, on.month, on.day, 8, 0, tzinfo=WIB))
        do(ws, {"do": "open", "on": on.isoformat()})
        for child in people:
            grams = plan_weights(child).get(on)
            if child.number not in NEW and grams is not None:
                do(ws, {"do": "save", "child": child.name, "weight": grams, "on": on.isoformat()})
        do(ws, {"do": "close", "on": on.isoformat()})
    do(ws, {"do": "move_away", "child": people[MOVED].name, "on": JULY.isoformat()})
    ws.close()
    return people

"""Each failure seen elsewhere, put back into the program, is caught within a few worlds."""

import pytest

from tests.simulation.faults import FAULTS
from tests.simulation.runs import hunt

MOST = 250


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("fault", [fault.number for fault in FAULTS])
def test_a_fault_is_caught(fault):
    assert hunt(fault, 0, MOST).needed is not None, f"{fault} was not caught by {MOST} seeds"


def test_every_failure_of_the_list_is_tried():
    assert [fault.number for fault in FAULTS] == [f"F{number}" for number in range(1, 29)]

"""Rows are put in order by two numbers at once."""

from itertools import pairwise

import numpy as np
import pytest

from posyandu_app.reports.columns import in_order


@pytest.mark.parametrize("bits", [20, 31])
@pytest.mark.parametrize("most", [4, 2**31 - 1])
def test_rows_are_put_in_order_however_large_their_numbers_are(most, bits):
    drawn = np.random.default_rng(3)
    day = drawn.integers(739_000, 739_004, 60).astype(np.int32)
    child = drawn.choice([most - 1, most - 2, 0], 60).astype(np.int32)
    key, order = in_order(child, day, bits)
    expected = sorted(range(60), key=lambda row: (child[row], day[row], row))
    assert order.tolist() == expected
    assert (key >> bits).tolist() == child[expected].tolist()
    assert (key & (1 << bits) - 1).tolist() == day[expected].tolist()
    changes = [(child[a], day[a]) != (child[b], day[b]) for a, b in pairwise(expected)]
    assert (np.diff(key) > 0).tolist() == changes


def test_no_rows_have_an_order_too():
    none = np.empty(0, dtype=np.int32)
    assert [len(found) for found in in_order(none, none, 20)] == [0, 0]

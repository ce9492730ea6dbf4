"""Work that is shared among threads is done once each, whoever does it."""

import gc

import pytest

from posyandu_app.bulk import side_by_side, threads, without_collections


@pytest.mark.parametrize("cores", [None, 1, 2, 16])
@pytest.mark.parametrize("count", [0, 1, 5, 200])
def test_every_item_is_worked_on_once(monkeypatch, cores, count):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    seen = []
    side_by_side(seen.append, range(count))
    assert sorted(seen) == list(range(count))
    assert 1 <= threads(count) <= min(cores or 1, 4)


@pytest.mark.parametrize("wrong", [0, 7, 19])
def test_what_goes_wrong_with_one_is_told_and_the_rest_is_done(monkeypatch, wrong):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    seen = []

    def work(item):
        if item == wrong:
            raise ValueError(item)
        seen.append(item)

    with pytest.raises(ValueError, match=str(wrong)):
        side_by_side(work, range(20))
    assert sorted(seen) == [item for item in range(20) if item != wrong]


def test_collections_are_on_again_afterwards():
    with without_collections():
        assert not gc.isenabled()
    assert gc.isenabled()

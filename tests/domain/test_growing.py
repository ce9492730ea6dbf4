"""What each operation changes, told one by one: what a merge of all that is known tells."""

from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.growing import Growing
from posyandu_app.domain.merge import Known, Row, project
from posyandu_app.domain.operations import OpKey
from tests.domain.test_merge import BIDAN, BORN, KADER, OTHER, correction, edit, known

MEASURED = {"child": "c", "date": "2026-11-23", "weight_g": 8400, "length_mm": 712}
MANY = 1_000

replicas = st.sampled_from([KADER, BIDAN, OTHER])
stamps = st.integers(1, 5)


@st.composite
def lives_of_a_child(draw) -> list[Known]:
    """A child, edits, decisions and moves of hers by three laptops, each knowing of whatever came before."""
    items = [BORN]
    for seq in range(2, draw(st.integers(2, 14))):
        replica, eff = draw(replicas), draw(stamps)
        what = draw(st.sampled_from(["set", "set", "set", "register", "resolve", "transfer"]))
        if what == "transfer":
            to = draw(st.sampled_from(["32.11.13.2005.002", "32.11.13.2008.001"]))
            items.append(known(replica, seq, "child.transfer", {"to": to, "date": "2026-11-23"}, eff=eff))
            continue
        name = draw(st.sampled_from(["name", "address", "state", "sex"]))
        value = draw(st.sampled_from(["aktif", "pindah", "Siti", None, ["Siti"], 1, True]))
        keys = [list(item.key) for item in items]
        bases = draw(st.lists(st.sampled_from([*keys, [replica, seq]]), max_size=3))
        change = {"v": value, "bases": bases}
        kind = "conflict.resolve" if what == "resolve" else f"child.{what}"
        items.append(known(replica, seq, kind, {name: change}, eff=eff))
    return items


@st.composite
def lives_of_a_measurement(draw) -> list[Known]:
    """A measurement recorded once or twice, corrected, voided and restored by three laptops."""
    items = [known(draw(replicas), 1, "measurement.record", MEASURED, eff=draw(stamps))]
    for seq in range(2, draw(st.integers(2, 14))):
        replica, eff = draw(replicas), draw(stamps)
        what = draw(st.sampled_from(["record", "correct", "correct", "void", "restore"]))
        keys = [list(item.key) for item in items]
        some = draw(st.lists(st.sampled_from(keys), max_size=3))
        payload: dict = {"seen": some, "voids": some}
        if what == "record":
            payload = MEASURED
        elif what == "correct":
            payload = {"set": {"weight_g": {"v": draw(st.sampled_from([8400, 8600])), "bases": some}}}
        items.append(known(replica, seq, f"measurement.{what}", payload, eff=eff))
    return items


def disputed_with(row: Row, item: Known) -> set[OpKey]:
    voids = item.operation.type.endswith(".void")
    return {
        head.key
        for name, heads in row.disputed.items()
        if (voids and name == "voided") or any(head.key == item.key for head in heads)
        for head in heads
        if head.key != item.key
    }


def agrees_with_the_merge(kind: str, items: list[Known]) -> None:
    growing = Growing(kind)
    for number, item in enumerate(items):
        before = project(kind, "e", items[:number])
        shown = growing.shows(item.operation)
        growing.add(item)
        row = project(kind, "e", items[: number + 1])
        assert growing.exists == (row is not None)
        if row is None:
            continue
        assert growing.scope == row.scope
        assert set(growing.against(item, MANY)) == disputed_with(row, item)
        again = item.operation.type.endswith((".register", ".record")) and before is not None
        if again and not disputed_with(row, item):
            assert (growing.shows(item.operation) == shown) == (row.digest() == before.digest())


@given(lives_of_a_child())
def test_what_is_told_of_a_child_is_what_the_merge_tells(items):
    agrees_with_the_merge("child", items)


@given(lives_of_a_measurement())
def test_what_is_told_of_a_measurement_is_what_the_merge_tells(items):
    agrees_with_the_merge("measurement", items)


def test_of_many_in_dispute_a_few_are_named():
    items = [BORN, *(edit(KADER, seq, None, name=f"Nama {seq}") for seq in range(2, 100))]
    assert Growing("child", items).against(items[-1], 20) == tuple(item.key for item in items[:20])


def test_what_came_earlier_counts_in_any_order():
    record = known(KADER, 1, "measurement.record", MEASURED)
    corrected = correction(BIDAN, 1, 8600, record.key)
    void = known(OTHER, 1, "measurement.void", {"reason": "x", "seen": []})
    for order in ([record, corrected, void], [record, void, corrected], [void, corrected, record]):
        assert Growing("measurement", order).against(void, MANY) == (corrected.key,)

"""The page about what proves sync is made of the recorded figures."""

from tests.simulation import proof
from tests.simulation.faults import ALL


def test_the_page_is_what_the_figures_say():
    assert proof.PAGE.read_text(encoding="utf-8") == proof.page()


def test_every_fault_was_caught_in_every_hunt():
    lines = proof.figures()["faults"]
    assert [line["fault"] for line in lines] == [fault.number for fault in ALL]
    assert [line["fault"] for line in lines if line["missed"]] == []

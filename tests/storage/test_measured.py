"""A measurement's narrow row says all that the merge says, whatever stands in the log."""

from datetime import date

import pytest

from posyandu_app.domain.merge import Known, project
from posyandu_app.domain.operations import MAX_INTEGER
from posyandu_app.domain.reading import read_date
from posyandu_app.storage import log, measured, measurements
from posyandu_app.storage.log import NewOperation
from tests.storage.made_up import SCOPE, new_id
from tests.storage.test_log import append

USUAL = {"child": "8c1f4f1e-9a0b-4c3d-8e2f-1a2b3c4d5e6f", "date": "2026-11-18", "weight_g": 8400}
ODD = {
    "usual": {**USUAL, "length_mm": 745, "position": "lying", "head_mm": 440, "muac_mm": 140, "oedema": 0},
    "a week instead of a day": {**USUAL, "date": "2026-W47-3"},
    "no date, no child": {"weight_g": 8400},
    "other kinds": {"child": 7, "date": 20261118, "weight_g": "8,4", "oedema": True, "position": 1},
    "a position nobody knows": {**USUAL, "position": "hanging"},
    "far too much": {**USUAL, "weight_g": MAX_INTEGER, "length_mm": -5},
    "a newer version": {**USUAL, "confirmed": ["weight_g.high"], "source": "import", "shoes": {"on": True}},
    "the first and the last year": {**USUAL, "date": "0001-01-01"},
    "the last day": {**USUAL, "date": "9999-12-31"},
    "voided from the beginning": {**USUAL, "voided": True},
}


@pytest.mark.parametrize("payload", ODD.values(), ids=ODD)
def test_a_row_says_what_the_merge_says(database, clock, payload):
    entity = new_id()
    append(database, clock, NewOperation("measurement.record", entity, SCOPE, payload))
    (entry,) = log.entries_of(database, entity)
    row = project("measurement", entity, [Known(entry.replica, entry.eff, entry.operation)])
    assert measured.values(database, entity) == row.values
    assert measured.digests(database, [entity]) == {entity: row.digest()}
    shown = measurements.get(database, entity)
    if shown is not None:
        assert dict(shown.bases) == {name: key for name, key in row.bases.items() if name != "voided"}
        assert (shown.date.isoformat(), shown.actor) == (payload["date"], entry.operation.actor)


def test_a_day_is_written_in_one_way_only():
    assert read_date("2026-11-18") == date(2026, 11, 18)
    for other in ("2026-W47-3", "2026-02-30", "18-11-2026", "20261118", 20261118, None):
        assert read_date(other) is None

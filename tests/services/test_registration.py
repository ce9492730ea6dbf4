"""Children in the register: every field checked, every change undone by name."""

from datetime import UTC, date, datetime

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import ChildState, Role, Sex
from posyandu_app.services import children, registration, roster, weighing
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log
from tests.services.conftest import siti
from tests.storage.made_up import SCOPE, WIB

NIK = "3211136311250001"


def register(ws: Workspace, **fields: object) -> str:
    return next(iter(registration.register(ws, siti(**fields)).entities))


def test_everything_entered_is_kept(ws):
    given = siti(
        nik=NIK,
        kk="3211130000000009",
        mother_nik="3211134107900002",
        father_name="Asep",
        address="Kp. Cikuda 4",
        rt="03",
        rw="011",
        phone="0812-3456-789",
        child_order=2,
        gestation_weeks=39,
        birth_weight_g=3150,
        birth_length_mm=490,
        birth_head_mm=340,
        kia_held=True,
        imd=False,
    )
    changes = registration.register(ws, given)
    (child_id,) = changes.entities
    child = children.get(ws, child_id)
    for name in registration.FIELDS:
        assert getattr(child, name) == getattr(given, name)
    assert (child.scope, child.state) == (SCOPE, ChildState.ACTIVE)
    assert changes.kinds == {"child"}
    assert changes.saved_at == ws.clock.now()
    assert changes.undo is not None
    assert changes.undo.label == "Didaftarkan: Siti Aminah"


def test_the_least_that_is_needed_is_name_sex_and_birth_date(ws):
    child = children.get(ws, register(ws, mother_name=None))
    assert (child.name, child.nik, child.mother_name) == ("Siti Aminah", None, None)


BAD = [
    ("name", ""),
    ("name", "   "),
    ("name", "12345"),
    ("name", "A" * 101),
    ("name", None),
    ("sex", None),
    ("sex", "X"),
    ("birth_date", None),
    ("birth_date", date(2026, 11, 24)),
    ("birth_date", date(2016, 11, 22)),
    ("birth_date", date(1, 1, 1)),
    ("birth_date", date(9999, 12, 31)),
    ("birth_date", "2025-11-23"),
    ("nik", "321113631125000"),
    ("nik", "32111363112500011"),
    ("nik", "321113631125000A"),
    ("nik", "３２１１１３６３１１２５０００１"),
    ("kk", "1"),
    ("mother_nik", "tidak ada"),
    ("mother_name", "?"),
    ("father_name", "x" * 101),
    ("address", "x" * 201),
    ("rt", "0000001"),
    ("phone", "bukan nomor"),
    ("phone", "12345"),
    ("phone", "1" * 16),
    ("child_order", 0),
    ("child_order", 21),
    ("child_order", True),
    ("gestation_weeks", 19),
    ("birth_weight_g", 32),
    ("birth_weight_g", 32000),
    ("birth_weight_g", 3.2),
    ("birth_length_mm", 49),
    ("birth_head_mm", 9000),
    ("kia_held", "ya"),
    ("imd", 1),
]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_what_cannot_be_names_its_field_and_saves_nothing(ws, field, value):
    before = log.count(ws.database)
    with pytest.raises(InvalidValue) as told:
        registration.register(ws, siti(**{field: value}))
    assert told.value.field == field
    assert told.value.message.endswith(".")
    assert log.count(ws.database) == before


@pytest.mark.parametrize(("field", "value"), [pair for pair in BAD if pair[1] is not None])
def test_a_change_is_checked_like_a_new_entry(ws, child_id, field, value):
    before = children.get(ws, child_id)
    with pytest.raises(InvalidValue) as told:
        registration.update(ws, child_id, {field: value})
    assert told.value.field == field
    assert children.get(ws, child_id) == before


@pytest.mark.parametrize("field", ["name", "sex", "birth_date"])
def test_what_is_needed_cannot_be_emptied(ws, child_id, field):
    with pytest.raises(InvalidValue) as told:
        registration.update(ws, child_id, {field: None})
    assert told.value.field == field


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Siti   Aminah ", "Siti Aminah"),
        ("Siti\nAminah", "Siti Aminah"),
        ("Siti\u00a0\u200bAminah\t", "Siti Aminah"),
        (
            "\u2068Siti\u2069 \u202aAminah\u202c\u200e",
            "Siti Aminah",
        ),  # as messengers wrap a name that is copied
        ("Sitié", "Sitié"),
        ("O'Neil-Siti", "O'Neil-Siti"),
        ("Robert'); DROP TABLE child;--", "Robert'); DROP TABLE child;--"),
    ],
)
def test_names_are_tidied_and_otherwise_kept_as_written(ws, typed, kept):
    assert children.get(ws, register(ws, name=typed)).name == kept


@pytest.mark.parametrize("field", ["name", "mother_name", "father_name", "address", "origin", "moved_to"])
@pytest.mark.parametrize("sign", ["\u202e", "\u202d", "\x00", "\x7f", "\x9b"])
def test_signs_that_nobody_sees_are_refused_with_a_sentence(ws, child_id, field, sign):
    before = children.get(ws, child_id)
    with pytest.raises(InvalidValue) as told:
        registration.update(ws, child_id, {field: f"Siti {sign}Aminah"})
    assert told.value.field == field
    assert "tidak terlihat" in told.value.message
    assert children.get(ws, child_id) == before


def test_a_nik_may_be_typed_in_groups(ws):
    assert children.get(ws, register(ws, nik="3211 1363 1125 0001")).nik == NIK


def test_a_nik_comes_later(ws, child_id):
    changes = registration.update(ws, child_id, {"nik": NIK})
    assert children.get(ws, child_id).nik == NIK
    assert changes.undo is not None
    assert changes.undo.label == "Diubah: Siti Aminah"
    weighing.undo(ws, changes.undo)
    assert children.get(ws, child_id).nik is None


def test_a_change_names_what_was_on_screen(ws, child_id):
    registration.update(ws, child_id, {"phone": "081234567"})
    registration.update(ws, child_id, {"phone": "089876543", "name": "Siti Aminah R"})
    first, second, third = (entry.operation for entry in log.entries_of(ws.database, child_id))
    assert first.type == "child.register"
    assert second.payload == {"phone": {"v": "081234567", "base": None}}
    assert third.payload["phone"]["base"] == [ws.database.replica, second.seq]
    assert third.payload["name"]["base"] == [ws.database.replica, first.seq]


def test_what_is_equal_is_not_written(ws, child_id):
    before = log.count(ws.database)
    with pytest.raises(UserError) as told:
        registration.update(ws, child_id, {"name": "Siti  Aminah", "sex": Sex.FEMALE})
    assert told.value.code == "nothing_changed"
    registration.update(ws, child_id, {"name": "Siti Aminah", "rt": "3"})
    assert log.count(ws.database) == before + 1
    assert list(log.own_after(ws.database, before, 1)[0].operation.payload) == ["rt"]


def test_a_value_can_be_emptied_and_brought_back(ws, child_id):
    changes = registration.update(ws, child_id, {"mother_name": None})
    assert children.get(ws, child_id).mother_name is None
    weighing.undo(ws, changes.undo)
    assert children.get(ws, child_id).mother_name == "Rohmah"


def test_an_unknown_field_is_a_bug(ws, child_id):
    with pytest.raises(ValueError):
        registration.update(ws, child_id, {"z_score": 1})


def test_an_unknown_child_is_told(ws):
    with pytest.raises(UserError) as told:
        registration.update(ws, "nobody", {"rt": "1"})
    assert told.value.code == "unknown_child"


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_those_who_only_read_write_nothing(as_role, child_id, role):
    reader = as_role(role)
    with pytest.raises(NotAllowed):
        registration.register(reader, siti())
    with pytest.raises(NotAllowed):
        registration.update(reader, child_id, {"rt": "1"})
    assert children.open_card(reader, child_id).child.name == "Siti Aminah"


class TestUndo:
    def test_a_registration_by_mistake_leaves_the_lists(self, ws):
        changes = registration.register(ws, siti(nik=NIK))
        undone = weighing.undo(ws, changes.undo)
        assert roster.rows(ws) == roster.rows(ws, "siti") == ()
        assert registration.possible_duplicates(ws, siti(nik=NIK)) == ()
        weighing.undo(ws, undone.undo)
        assert [row.child.name for row in roster.rows(ws)] == ["Siti Aminah"]

    def test_a_child_who_was_weighed_stays(self, ws):
        changes = registration.register(ws, siti())
        (child_id,) = changes.entities
        weighed = weighing.record(ws, child_id, Draft(ws.clock.today(), 8400))
        with pytest.raises(UserError) as told:
            weighing.undo(ws, changes.undo)
        assert told.value.code == "has_measurements"
        weighing.undo(ws, weighed.undo)
        weighing.undo(ws, changes.undo)
        assert roster.rows(ws) == ()

    def test_a_later_change_is_not_undone_with_it(self, ws, child_id):
        first = registration.update(ws, child_id, {"rt": "1", "rw": "1"})
        registration.update(ws, child_id, {"rt": "2"})
        weighing.undo(ws, first.undo)
        child = children.get(ws, child_id)
        assert (child.rt, child.rw) == ("2", None)
        with pytest.raises(UserError) as told:
            weighing.undo(ws, first.undo)
        assert told.value.code == "changed_since"

    def test_undoing_an_undo_brings_it_back(self, ws, child_id):
        changes = registration.update(ws, child_id, {"name": "Siti Rahma"})
        undone = weighing.undo(ws, changes.undo)
        again = weighing.undo(ws, undone.undo)
        assert children.get(ws, child_id).name == "Siti Rahma"
        assert [undone.undo.label, again.undo.label] == [
            "Diurungkan: Siti Aminah",
            "Dikembalikan: Siti Aminah",
        ]
        once_more = weighing.undo(ws, again.undo)
        assert children.get(ws, child_id).name == "Siti Aminah"
        assert once_more.undo.label == "Diurungkan: Siti Aminah"


class TestDuplicates:
    def test_the_same_nik(self, ws):
        register(ws, nik=NIK)
        other = siti(name="Budi", sex=Sex.MALE, birth_date=date(2022, 1, 1), nik="3211-1363-1125-0001")
        assert [found.name for found in registration.possible_duplicates(ws, other)] == ["Siti Aminah"]

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, True),
            ({"name": "Sitti Amina"}, True),
            ({"birth_date": date(2025, 12, 23)}, True),
            ({"birth_date": date(2025, 12, 24)}, False),
            ({"sex": Sex.MALE}, False),
            ({"name": "Dewi Lestari"}, False),
            ({"mother_name": "Kartika"}, False),
            ({"mother_name": None}, True),
            ({"nik": "salah"}, True),
            ({"birth_date": None}, False),
            ({"birth_date": date.max}, False),
            ({"birth_date": date.min}, False),
        ],
    )
    def test_alike_in_name_mother_sex_and_date(self, ws, child_id, changes, found):
        alike = registration.possible_duplicates(ws, siti(**changes))
        assert [child.id for child in alike] == ([child_id] if found else [])

    def test_they_are_shown_and_nothing_is_merged(self, ws, child_id):
        second = register(ws)
        assert {child.id for child in registration.possible_duplicates(ws, siti())} == {child_id, second}
        assert len(roster.rows(ws)) == 2


class TestScope:
    def test_a_midwife_says_which_posyandu(self, ws):
        ws.database.set_meta("scope", "32.11.13.2005")
        with pytest.raises(InvalidValue) as told:
            registration.register(ws, siti())
        assert told.value.field == "scope"
        assert children.get(ws, register(ws, scope="32.11.13.2005.004")).scope == "32.11.13.2005.004"

    @pytest.mark.parametrize(
        "scope", ["32.11.13.2006.001", "32.11.13.2005.002", "32.11.13.20051.001", "x", "32.11"]
    )
    def test_no_child_is_registered_outside(self, ws, scope):
        with pytest.raises(InvalidValue) as told:
            registration.register(ws, siti(scope=scope))
        assert told.value.field == "scope"


MAD_CLOCKS = [
    datetime(1970, 1, 1, tzinfo=WIB),
    datetime(2000, 1, 1, 8, tzinfo=WIB),
    datetime(2038, 1, 19, 10, 14, 8, tzinfo=WIB),
    datetime(2100, 6, 1, tzinfo=WIB),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", MAD_CLOCKS, ids=lambda moment: moment.year)
def test_no_clock_forbids_work(ws, child_id, moment):
    """Sync rule 7: today's newborn can be written down and weighed whatever a flat battery says."""
    day = date(2026, 11, 23)
    ws.clock = FixedClock(moment)
    born = register(ws, name="Bayi Baru", birth_date=day)
    weighing.record(ws, born, Draft(day, 3100))
    assert children.get(ws, born).birth_date == day
    assert [item.measurement.weight_g for item in children.open_card(ws, born).history] == [3100]
    ws.clock = FixedClock(datetime(2026, 11, 23, 9, tzinfo=WIB))
    weighing.record(ws, born, Draft(day, 3200))
    assert [row.child.name for row in roster.rows(ws)] == ["Bayi Baru", "Siti Aminah"]
    assert log.verify_chain(ws.database) == log.tip(ws.database)[0]

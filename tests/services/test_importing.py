"""Importing e-PPGBM lists into a real encrypted database: tried first, repeatable, nothing overwritten."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.eppgbm import EppgbmRow, EppgbmSheet, parse_row, recognise
from posyandu_app.domain.errors import NotAllowed, UserError
from posyandu_app.domain.model import Child, ChildState, Measurement, Position, Role, Sex
from posyandu_app.domain.zscore import assess
from posyandu_app.paths import DataFolder
from posyandu_app.reports import eppgbm
from posyandu_app.services import accounts, importing, registration, weighing
from posyandu_app.services.importing import Imported, ImportPlan, Outcome
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.workspace import Workspace, posyandu_names
from posyandu_app.storage import children, log, measurements
from tests.eppgbm_files import NEWER, SAMPLES, line

POSYANDU = "32.11.13.2005.001"
VILLAGE = "32.11.13.2005"
TODAY = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=7)))

Laptop = Callable[..., Workspace]


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    opened: list[Workspace] = []

    def set_up(
        scope: str | None = POSYANDU, posyandu: str = "Melati 1", role: Role = Role.KADER
    ) -> Workspace:
        folder = DataFolder(tmp_path / f"laptop-{len(opened)}")
        setup = accounts.Setup(scope, posyandu, "Neng Ayu", "neng", role, "rahasia-sekali")
        ws = accounts.set_up(folder, setup, FixedClock(TODAY), cheap=True)
        opened.append(ws)
        return ws

    yield set_up
    for ws in opened:
        ws.close()


def sample(name: str) -> EppgbmSheet:
    return eppgbm.read(SAMPLES / f"eppgbm_cilembu_{name}.xlsx")


def listed(*changes: dict[str, object]) -> EppgbmSheet:
    """A list with one row of Siti's for each set of changes."""
    layout = recognise(NEWER)
    assert layout is not None
    rows = [
        parse_row(line(NEWER, **change), layout, "Status Gizi", number)
        for number, change in enumerate(changes, 2)
    ]
    return of_rows([row for row in rows if row is not None])


def of_rows(rows: list[EppgbmRow]) -> EppgbmSheet:
    return EppgbmSheet(tuple(rows), tuple(dict.fromkeys(row.posyandu for row in rows if row.posyandu)))


def take_in(ws: Workspace, sheet: EppgbmSheet, accept: frozenset[str] | None = None) -> ImportPlan:
    planned = importing.plan(ws, sheet, accept)
    importing.apply(ws, planned)
    return planned


def all_children(ws: Workspace) -> list[Child]:
    return children.in_scope(ws.database, ws.scope or "")


def only_child(ws: Workspace) -> Child:
    (child,) = all_children(ws)
    return child


def visits(ws: Workspace, *, voided: bool = False) -> list[Measurement]:
    found = measurements.of_children(ws.database, [child.id for child in all_children(ws)])
    return [item for items in found.values() for item in items if voided or not item.voided]


def outcomes(planned: ImportPlan) -> list[tuple[Outcome, str]]:
    return [(row.outcome, row.code) for row in planned.rows]


# --- the samples ---


@pytest.mark.parametrize(("name", "rows"), [("older", 539), ("newer", 531)])
def test_a_sample_is_taken_in_whole_and_a_second_time_changes_nothing(laptop, name, rows):
    ws, sheet = laptop(), sample(name)
    everything = frozenset(sheet.posyandu)
    planned = importing.plan(ws, sheet, everything)
    assert all_children(ws) == [], "a trial writes nothing"
    done = importing.apply(ws, planned)
    assert (planned.counts.children_created, planned.counts.measurements_created) == (90, rows)
    assert done.operations == 90 + rows
    assert done.finished
    assert (len(all_children(ws)), len(visits(ws))) == (90, rows)

    before = log.tip(ws.database)
    again = take_in(ws, sheet, everything)
    assert (again.counts.children_created, again.counts.measurements_created) == (0, 0)
    assert (again.counts.children_matched, again.counts.measurements_matched) == (90, rows)
    assert again.counts.outcomes == {
        Outcome.CREATE: 0, Outcome.MATCH: rows, Outcome.SKIP: 0, Outcome.PROBLEM: 0,
    }  # fmt: skip
    assert log.tip(ws.database) == before


@pytest.mark.parametrize("name", ["older", "newer"])
def test_no_z_score_of_the_samples_differs_from_ours(laptop, name):
    sheet = sample(name)
    planned = importing.plan(laptop(), sheet, frozenset(sheet.posyandu))
    assert planned.counts.z_compared == 3 * len(sheet.rows)
    assert planned.z_differences == ()


def test_the_newer_file_after_the_older_one_adds_its_own_children(laptop):
    ws = laptop(VILLAGE, "", Role.BIDAN)
    take_in(ws, sample("older"))
    take_in(ws, sample("newer"))
    assert (len(all_children(ws)), len(visits(ws))) == (180, 1070)
    take_in(ws, sample("older"))
    assert (len(all_children(ws)), len(visits(ws))) == (180, 1070)


def test_two_girls_with_one_nik_in_the_newer_sample_are_two_children_without_it(laptop):
    ws, sheet = laptop(), sample("newer")
    planned = take_in(ws, sheet, frozenset(sheet.posyandu))
    girls = [child for child in all_children(ws) if child.birth_date == date(2025, 3, 11)]
    assert {child.name for child in girls} == {"Nadhira Lestari", "Dewi Maulana"}
    assert [child.nik for child in girls] == [None, None]
    assert [remark.code for row in planned.rows for remark in row.remarks] == ["nik_shared", "nik_shared"]


def test_values_arrive_as_the_file_has_them(laptop):
    ws = laptop()
    take_in(ws, sample("older"), frozenset({"ANGGREK"}))
    (child,) = children.with_nik(ws.database, "3211132106230001")
    assert (child.name, child.sex, child.birth_date) == ("Aisyah Permana", Sex.MALE, date(2023, 6, 21))
    assert (child.father_name, child.mother_name) == ("Rahmat Ramadhan", "Susi Mulyani")
    assert (child.birth_weight_g, child.birth_length_mm, child.kia_held) == (2100, 476, True)
    assert (child.state, child.scope) == (ChildState.ACTIVE, POSYANDU)
    first = measurements.of_child(ws.database, child.id)[0]
    assert (first.date, first.weight_g, first.length_mm, first.muac_mm) == (
        date(2026, 5, 10),
        10300,
        855,
        131,
    )
    assert (first.position, first.source, first.oedema, first.confirmed) == (
        Position.STANDING,
        "e-PPGBM",
        None,
        (),
    )


def test_the_log_holds_raw_values_and_nothing_that_the_file_computed(laptop):
    ws, sheet = laptop(), sample("older")
    take_in(ws, sheet, frozenset(sheet.posyandu))
    seen: dict[str, set[str]] = {}
    for entry in log.own_after(ws.database, 0, 10_000):
        payload = entry.operation.payload or {}
        seen.setdefault(entry.operation.type, set()).update(payload)
        if entry.operation.type == "child.register":
            assert all(change["base"] is None for change in payload.values())
    assert seen["child.register"] == {
        *("name", "sex", "birth_date", "nik", "mother_name", "father_name", "address", "rt", "rw"),
        *("birth_weight_g", "birth_length_mm", "kia_held"),
    }
    assert seen["measurement.record"] == {
        "child", "date", "weight_g", "length_mm", "position", "muac_mm", "source",
    }  # fmt: skip
    assert log.verify_chain(ws.database) == log.tip(ws.database)[0]


# --- which posyandu ---


def test_a_posyandus_laptop_takes_its_own_posyandu(laptop):
    ws, sheet = laptop(), sample("older")
    planned = take_in(ws, sheet)
    assert (len(all_children(ws)), len(visits(ws))) == (25, 151)
    assert planned.counts.outcomes[Outcome.SKIP] == 539 - 151
    assert {row.code for row in planned.rows if row.outcome is Outcome.SKIP} == {"other_posyandu"}
    taken = {item.name: item.scope for item in planned.posyandu}
    assert taken == {"ANGGREK": None, "MAWAR": None, "MELATI 1": POSYANDU, "MELATI 2": None}
    assert sum(item.rows for item in planned.posyandu) == 539


@pytest.mark.parametrize("spelling", ["melati I", "Posyandu Melati 1", "MELATI 01"])
def test_the_own_posyandu_is_known_in_other_spellings(laptop, spelling):
    assert importing.plan(laptop(posyandu=spelling), sample("older")).counts.children_created == 25


def test_the_only_posyandu_of_a_file_is_taken_whatever_its_name(laptop):
    planned = importing.plan(laptop(posyandu="Dahlia"), listed({}))
    assert planned.counts.children_created == 1


def test_when_no_posyandu_is_this_one_nothing_is_taken_and_it_is_said(laptop):
    planned = importing.plan(laptop(posyandu="Dahlia"), sample("older"))
    assert planned.counts.outcomes[Outcome.SKIP] == 539
    assert planned.notes == (
        (
            "Posyandu laptop ini tidak ada di berkas. "
            "Pilih posyandu mana yang diambil: ANGGREK, MAWAR, MELATI 1, MELATI 2."
        ),
    )


def test_named_posyandu_are_taken_in_any_spelling(laptop):
    planned = importing.plan(laptop(), sample("older"), frozenset({"anggrek", "Posyandu Melati II"}))
    assert planned.counts.measurements_created == 142 + 118


def test_a_posyandu_that_is_not_in_the_file_is_refused_with_those_that_are(laptop):
    with pytest.raises(UserError, match=r"Tulip tidak ada di berkas.*MAWAR"):
        importing.plan(laptop(), sample("older"), frozenset({"MAWAR", "Tulip"}))


def test_a_posyandu_of_the_same_name_in_another_village_is_left_out(laptop):
    sheet = listed({"Desa/Kel".replace("/", ""): "CIGENDEL"}, {"NIK": "-", "Nama": "DEWI"})
    planned = importing.plan(laptop(), sheet)
    assert outcomes(planned) == [(Outcome.SKIP, "other_village"), (Outcome.CREATE, "child")]
    assert importing.plan(laptop(), sheet, frozenset({"MELATI 1"})).counts.children_created == 2


def test_a_file_without_posyandu_belongs_to_this_one(laptop):
    assert importing.plan(laptop(), listed({"Posyandu": "-"})).counts.children_created == 1


def test_a_blank_posyandu_among_several_is_for_a_person(laptop):
    sheet = listed(
        {}, {"Posyandu": "MAWAR", "Nama": "DEWI", "NIK": "-"}, {"Posyandu": "", "Nama": "RINA", "NIK": "-"}
    )
    planned = importing.plan(laptop(), sheet)
    assert outcomes(planned)[2] == (Outcome.PROBLEM, "posyandu_blank")
    village = importing.plan(laptop(VILLAGE, "", Role.BIDAN), sheet)
    assert outcomes(village)[2] == (Outcome.PROBLEM, "posyandu_blank")


def test_a_villages_laptop_registers_the_posyandu_of_the_file(laptop):
    ws = laptop(VILLAGE, "", Role.BIDAN)
    planned = take_in(ws, sample("older"))
    assert dict(posyandu_names(ws)) == {
        f"{VILLAGE}.001": "Anggrek",
        f"{VILLAGE}.002": "Mawar",
        f"{VILLAGE}.003": "Melati 1",
        f"{VILLAGE}.004": "Melati 2",
    }
    assert all(item.new for item in planned.posyandu)
    counted = {scope: len(children.in_scope(ws.database, scope)) for scope in posyandu_names(ws)}
    assert sum(counted.values()) == 90
    assert counted[f"{VILLAGE}.003"] == 25
    again = importing.plan(ws, sample("newer"))
    assert not any(item.new for item in again.posyandu)
    assert {item.scope for item in again.posyandu} == set(posyandu_names(ws))


def test_a_villages_laptop_knows_its_posyandu_and_numbers_on_from_them(laptop):
    ws = laptop(VILLAGE, "", Role.BIDAN)
    take_in(ws, listed({"Posyandu": "MAWAR"}))
    planned = importing.plan(
        ws,
        listed(
            {"Posyandu": "Posyandu Mawar", "Nama": "DEWI", "NIK": "-"},
            {"Posyandu": "MELATI 2", "Nama": "RINA", "NIK": "-"},
        ),
    )
    assert [(item.scope, item.new) for item in planned.posyandu] == [
        (f"{VILLAGE}.001", False),
        (f"{VILLAGE}.002", True),
    ]


def test_a_posyandu_whose_rows_all_fail_is_not_registered(laptop):
    ws = laptop(VILLAGE, "", Role.BIDAN)
    planned = take_in(ws, listed({"JK": "X"}))
    assert posyandu_names(ws) == {}
    assert [(item.new, item.rows) for item in planned.posyandu] == [(False, 1)]


def test_a_child_known_in_another_posyandu_of_the_village_is_measured_where_she_is(laptop):
    ws = laptop(VILLAGE, "", Role.BIDAN)
    take_in(ws, listed({"Posyandu": "MAWAR"}))
    take_in(ws, listed({"Posyandu": "MELATI 1", "Tanggal_Pengukuran": "2026-10-10"}))
    assert only_child(ws).scope == f"{VILLAGE}.001"
    assert len(visits(ws)) == 2
    assert list(posyandu_names(ws)) == [f"{VILLAGE}.001"]


@pytest.mark.parametrize(
    ("scope", "role"), [("32.11.13", Role.BIDAN), ("32.11", Role.BIDAN), (None, Role.BIDAN)]
)
def test_a_laptop_of_no_posyandu_or_village_cannot_import(laptop, scope, role):
    with pytest.raises(UserError):
        importing.plan(laptop(scope, "", role), listed({}))


@pytest.mark.parametrize("role", [Role.TPG, Role.DINAS])
def test_who_only_reads_cannot_import(laptop, role):
    with pytest.raises(NotAllowed):
        importing.plan(laptop(VILLAGE, "", role), listed({}))


# --- children already here ---


def test_a_child_here_gets_what_was_missing_and_keeps_what_is_there(laptop):
    ws = laptop()
    registration.register(
        ws,
        ChildInput(
            "Siti Aminah",
            Sex.FEMALE,
            date(2025, 8, 17),
            mother_name="Neng Sumiati",
            rt="07",
            address="Jl. Mawar",
        ),
    )
    planned = take_in(ws, listed({}))
    child = only_child(ws)
    assert (child.nik, child.father_name, child.rw, child.birth_weight_g) == (
        "3211135708250003", "Ujang Permana", "005", 3100,
    )  # fmt: skip
    assert (child.rt, child.address) == ("07", "Jl. Mawar")
    assert set(planned.rows[0].differences) == {"rt", "address"}
    assert planned.counts.children_completed == 1
    again = importing.plan(ws, listed({}))
    assert (again.counts.children_completed, again.deeds) == (0, ())


def test_filling_in_names_the_write_that_emptied_the_field(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    child = only_child(ws)
    registration.update(ws, child.id, {"phone": "0812111222", "father_name": None})
    emptied = children.shown_by(ws.database, child.id)["father_name"]
    take_in(ws, listed({}))
    filled = log.entries_of(ws.database, child.id)[-1].operation
    assert filled.type == "child.set"
    assert filled.payload == {"father_name": {"v": "Ujang Permana", "base": list(emptied)}}
    assert only_child(ws).father_name == "Ujang Permana"


def test_blanks_in_the_file_overwrite_nothing(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    before = only_child(ws)
    blank = dict.fromkeys(
        ("NIK", "BB_Lahir", "TB_Lahir", "Nama_Ortu", "RT", "RW", "Alamat", "KIA", "Berat"), "-"
    )
    planned = take_in(ws, listed(blank))
    assert only_child(ws) == before
    assert outcomes(planned) == [(Outcome.MATCH, "known")]
    assert planned.rows[0].differences == ()


def test_identity_is_never_overwritten_only_reported(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    before = only_child(ws)
    planned = take_in(
        ws,
        listed({"Tgl_Lahir": "2025-08-18", "Nama": "SITI AMINAH PUTRI", "Tanggal_Pengukuran": "2026-10-10"}),
    )
    assert only_child(ws) == before
    assert set(planned.rows[0].differences) == {"name", "birth_date"}
    assert len(visits(ws)) == 2


def test_the_same_words_in_other_letters_are_no_difference(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    planned = importing.plan(
        ws,
        listed(
            {
                "Nama": "siti aminah",
                "Alamat": "dusun  PASIR",
                "RT": 2.0,
                "Nama_Ortu": "UDJANG PERMANA / NENG SUMIATI",
            }
        ),
    )
    assert planned.rows[0].differences == ()


def test_a_child_whose_identity_is_not_clear_is_left_to_a_person(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    planned = take_in(ws, listed({"Nama": "RINA", "Nama_Ortu": "-", "Tanggal_Pengukuran": "2026-10-10"}))
    assert outcomes(planned) == [(Outcome.PROBLEM, "unclear")]
    assert len(all_children(ws)) == 1


def test_a_child_registered_by_mistake_is_not_found_again(laptop):
    ws = laptop()
    done = registration.register(ws, ChildInput("Siti Aminah", Sex.FEMALE, date(2025, 8, 17)))
    assert done.undo is not None
    weighing.undo(ws, done.undo)
    assert importing.plan(ws, listed({})).counts.children_created == 1


def test_rows_without_birth_date_measure_known_children_and_register_nobody(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    template = {"Tgl_Lahir": "-", "JK": "-", "Nama_Ortu": "-", "Tanggal_Pengukuran": "2026-10-10"}
    planned = take_in(ws, listed(template, {**template, "NIK": "-", "Nama": "RINA"}))
    assert outcomes(planned) == [(Outcome.CREATE, "measurement"), (Outcome.PROBLEM, "incomplete")]
    assert len(visits(ws)) == 2


def test_a_row_without_measures_registers_the_child_all_the_same(laptop):
    ws = laptop()
    planned = take_in(ws, listed({"Berat": "-", "Tinggi": "-", "LiLA": "-", "Tanggal_Pengukuran": "-"}))
    assert outcomes(planned) == [(Outcome.CREATE, "child")]
    assert (len(all_children(ws)), visits(ws)) == (1, [])


def test_of_several_values_for_a_child_the_latest_in_time_counts(laptop):
    ws = laptop()
    take_in(
        ws,
        listed(
            {"Tanggal_Pengukuran": "2026-11-10", "RT": "009"},
            {"Tanggal_Pengukuran": "2026-09-10", "RT": "001"},
            {"Tanggal_Pengukuran": "2026-10-10", "RT": "-"},
        ),
    )
    assert only_child(ws).rt == "009"


def test_a_value_the_register_would_refuse_is_left_out_and_said(laptop):
    ws = laptop()
    planned = take_in(ws, listed({"RT": "002/005 DUSUN"}))
    assert only_child(ws).rt is None
    (remark,) = planned.rows[0].remarks
    assert remark.code == "refused"
    assert remark.text.startswith("RT tidak diambil:")


def test_a_nik_that_does_not_fit_the_birth_date_is_taken_with_a_remark(laptop):
    ws = laptop()
    planned = take_in(ws, listed({"NIK": "3211135708240003"}))
    assert only_child(ws).nik == "3211135708240003"
    assert [remark.code for remark in planned.rows[0].remarks] == ["nik_check"]


# --- measurements already here ---


def test_a_weighing_typed_in_before_is_recognised(laptop):
    ws = laptop()
    registration.register(ws, ChildInput("Siti Aminah", Sex.FEMALE, date(2025, 8, 17)))
    draft = Draft(date(2026, 11, 10), weight_g=8400, length_mm=712, position=Position.LYING, muac_mm=139)
    weighing.record(ws, only_child(ws).id, draft)
    planned = take_in(ws, listed({}))
    assert planned.counts.measurements_matched == 1
    assert len(visits(ws)) == 1


def test_other_values_on_the_same_date_are_reported_and_not_taken(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    planned = take_in(ws, listed({"Berat": 8.6, "Cara_Ukur": "Berdiri"}))
    assert outcomes(planned) == [(Outcome.PROBLEM, "differs")]
    assert planned.rows[0].differences == ("weight_g", "position")
    (visit,) = visits(ws)
    assert visit.weight_g == 8400


def test_what_was_not_measured_here_is_completed_from_the_file(laptop):
    ws = laptop()
    take_in(ws, listed({"LiLA": "-", "Tinggi": "-"}))
    planned = take_in(ws, listed({}))
    assert outcomes(planned) == [(Outcome.CREATE, "measurement_completed")]
    (visit,) = visits(ws)
    assert (visit.weight_g, visit.length_mm, visit.position, visit.muac_mm) == (
        8400,
        712,
        Position.LYING,
        139,
    )
    correction = log.entries_of(ws.database, visit.id)[-1].operation
    assert correction.type == "measurement.correct"
    assert correction.payload == {
        "set": {
            name: {"v": value, "base": None}
            for name, value in (("length_mm", 712), ("position", "lying"), ("muac_mm", 139))
        },
        "reason": "Dilengkapi dari berkas e-PPGBM.",
    }
    assert importing.plan(ws, listed({})).deeds == ()


def test_a_file_that_knows_less_than_this_laptop_is_recognised(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    assert outcomes(importing.plan(ws, listed({"LiLA": "-", "Tinggi": "-"}))) == [(Outcome.MATCH, "known")]


def test_a_correction_made_here_is_not_undone_by_the_file(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    weighing.correct(ws, visits(ws)[0].id, {"weight_g": 8600}, "salah baca")
    planned = take_in(ws, listed({}))
    assert outcomes(planned) == [(Outcome.PROBLEM, "differs")]
    assert [visit.weight_g for visit in visits(ws)] == [8600]


def test_a_measurement_voided_here_does_not_come_back(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    weighing.void(ws, visits(ws)[0].id, "anak lain")
    planned = take_in(ws, listed({}))
    assert outcomes(planned) == [(Outcome.MATCH, "voided")]
    assert visits(ws) == []
    take_in(ws, listed({"Berat": 8.6}))
    assert [visit.weight_g for visit in visits(ws)] == [8600], "other values are another measurement"


def test_of_two_measurements_here_on_one_day_one_that_agrees_is_enough(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    weighing.record(ws, only_child(ws).id, Draft(date(2026, 11, 10), weight_g=8500))
    assert outcomes(importing.plan(ws, listed({}))) == [(Outcome.MATCH, "known")]


def test_a_row_that_stands_twice_in_the_file_is_taken_once(laptop):
    ws = laptop()
    planned = take_in(ws, listed({}, {}))
    assert outcomes(planned) == [(Outcome.CREATE, "child"), (Outcome.MATCH, "known")]
    assert len(visits(ws)) == 1


@pytest.mark.parametrize("second", [{"Berat": 8.6}, {"LiLA": 14.5}])
def test_rows_of_the_file_that_contradict_each_other_are_for_a_person(laptop, second):
    ws = laptop()
    planned = take_in(ws, listed({}, second))
    assert outcomes(planned) == [(Outcome.CREATE, "child"), (Outcome.PROBLEM, "differs")]
    assert [visit.weight_g for visit in visits(ws)] == [8400]


# --- moved away ---


def test_a_new_child_who_moved_away_is_registered_as_moved_and_nothing_is_zero(laptop):
    ws = laptop()
    take_in(
        ws,
        listed({"Tanggal_Pengukuran": "2026-10-10"}, {"Berat": "PINDAH RUMAH", "Tinggi": "-", "LiLA": "-"}),
    )
    assert only_child(ws).state == ChildState.MOVED
    assert [visit.weight_g for visit in visits(ws)] == [8400]


def test_a_child_weighed_after_moving_has_come_back(laptop):
    ws = laptop()
    moved = {"Berat": "PINDAH", "Tinggi": "-", "LiLA": "-", "Tanggal_Pengukuran": "2026-09-10"}
    take_in(ws, listed(moved, {}))
    assert only_child(ws).state == ChildState.ACTIVE


def test_a_child_here_is_closed_by_the_file_once_and_a_persons_word_counts_after_it(laptop):
    ws = laptop()
    take_in(ws, listed({"Tanggal_Pengukuran": "2026-10-10"}))
    moved = listed({"Berat": "PINDAH RUMAH", "Tinggi": "-", "LiLA": "-"})
    planned = take_in(ws, moved)
    assert outcomes(planned) == [(Outcome.CREATE, "completed")]
    assert only_child(ws).state == ChildState.MOVED
    assert importing.plan(ws, moved).deeds == ()
    registration.update(ws, only_child(ws).id, {"state": ChildState.ACTIVE})
    again = take_in(ws, moved)
    assert only_child(ws).state == ChildState.ACTIVE
    assert again.rows[0].differences == ("state",)


def test_a_child_weighed_here_since_is_not_closed_by_an_old_file(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    planned = take_in(
        ws, listed({"Berat": "PINDAH", "Tinggi": "-", "LiLA": "-", "Tanggal_Pengukuran": "2026-08-10"})
    )
    assert only_child(ws).state == ChildState.ACTIVE
    assert planned.rows[0].differences == ("state",)


# --- rows that cannot be taken ---


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"Tanggal_Pengukuran": "2026-11-24"}, "date", "belum terjadi"),
        ({"Tanggal_Pengukuran": "2025-08-16"}, "date", "sebelum anak lahir"),
        ({"Tgl_Lahir": "2027-01-01"}, "date", "belum terjadi"),
        ({"Tgl_Lahir": "2010-01-01"}, "date", "lebih dari 10 tahun"),
        ({"Tanggal_Pengukuran": "-"}, "no_date", "kosong"),
        ({"Tanggal_Pengukuran": "kemarin"}, "unreadable", "kemarin"),
        ({"Tgl_Lahir": "31/02/2025"}, "unreadable", "31/02/2025"),
        ({"JK": "?"}, "unreadable", "JK"),
        ({"JK": "-"}, "incomplete", "jenis kelamin"),
        ({"Tgl_Lahir": "-"}, "incomplete", "tanggal lahir"),
        ({"Nama": "-"}, "unreadable", "Nama"),
    ],
)
def test_a_row_that_cannot_be_taken_says_what_to_mend_and_the_others_are_done(laptop, changes, code, told):
    ws = laptop()
    planned = take_in(ws, listed(changes, {"Nama": "DEWI LESTARI", "NIK": "-"}))
    assert outcomes(planned) == [(Outcome.PROBLEM, code), (Outcome.CREATE, "child")]
    assert told in planned.rows[0].reason
    assert only_child(ws).name == "Dewi Lestari"


def test_a_row_that_cannot_be_taken_casts_no_doubt_on_the_nik_of_another(laptop):
    ws = laptop()
    planned = take_in(ws, listed({}, {"Nama": "-"}, {"Nama": "DEWI", "Nama_Ortu": "TETI", "JK": "?"}))
    assert [row.code for row in planned.rows] == ["child", "unreadable", "unreadable"]
    assert only_child(ws).nik == "3211135708250003"


def test_a_row_marked_as_deleted_is_skipped(laptop):
    (row,) = listed({}).rows
    values = {name: getattr(row, name) for name in EppgbmRow.__dataclass_fields__}
    planned = importing.plan(laptop(), of_rows([EppgbmRow(**{**values, "deleted": True})]))
    assert outcomes(planned) == [(Outcome.SKIP, "deleted")]


def test_no_reason_and_no_remark_repeats_a_name_or_a_nik(laptop):
    ws = laptop()
    take_in(ws, listed({}))
    planned = importing.plan(
        ws,
        listed(
            {"Nama": "RINA", "Nama_Ortu": "-"},
            {"Berat": 8.8},
            {"NIK": "321113570825000"},
            {"Nama": "SITI AMINNATUN", "NIK": "-"},
        ),
    )
    told = " ".join([row.reason + " ".join(remark.text for remark in row.remarks) for row in planned.rows])
    for secret in ("Siti", "SITI", "Rina", "RINA", "Neng", "NENG", "32111357"):
        assert secret not in told


# --- z-scores ---


def test_a_z_score_that_differs_by_more_than_005_is_reported(laptop):
    growth = assess(Sex.FEMALE, 450, weight_g=8400, length_mm=712, position=Position.LYING)
    assert growth.weight_for_age is not None
    assert growth.length_for_age is not None
    exact = {"ZS_BBU": growth.weight_for_age.centi / 100, "ZS_TBU": growth.length_for_age.centi / 100}
    near = {name: round(value + 0.05, 2) for name, value in exact.items()}
    far = {**exact, "ZS_TBU": round(exact["ZS_TBU"] + 0.06, 2), "Nama": "DEWI", "NIK": "-"}
    planned = importing.plan(laptop(), listed(exact, near, far))
    (found,) = planned.z_differences
    assert (found.number, found.index) == (4, "TB/U")
    assert found.file_centi - found.our_centi == 6
    assert planned.counts.z_compared == 6


def test_labels_in_place_of_z_scores_are_nothing_to_compare(laptop):
    planned = importing.plan(laptop(), listed({"ZS_BBU": "Outlier", "ZS_TBU": "-", "ZS_BBTB": ""}))
    assert (planned.counts.z_compared, planned.z_differences) == (0, ())


# --- carrying it out ---


def test_stopping_keeps_what_was_done_and_a_repeat_completes_it(laptop, monkeypatch):
    monkeypatch.setattr(importing, "_BATCH", 50)
    ws, sheet = laptop(), sample("older")
    everything = frozenset(sheet.posyandu)
    told: list[tuple[int, int]] = []
    done = importing.apply(
        ws,
        importing.plan(ws, sheet, everything),
        lambda d, total: told.append((d, total)),
        lambda: len(told) >= 3,
    )
    assert not done.finished
    assert len(told) == 3
    assert done.operations == told[-1][0] == len(all_children(ws)) + len(visits(ws))
    assert told[-1][1] == 629
    assert all(measurements.of_child(ws.database, child.id) for child in all_children(ws)), (
        "children come whole"
    )
    take_in(ws, sheet, everything)
    assert (len(all_children(ws)), len(visits(ws))) == (90, 539)


def test_trouble_in_the_middle_keeps_the_batches_before_it(laptop, monkeypatch):
    monkeypatch.setattr(importing, "_BATCH", 50)
    ws, sheet = laptop(), sample("older")

    def pull_the_plug(done: int, total: int) -> None:
        raise OSError("unplugged")

    with pytest.raises(OSError, match="unplugged"):
        importing.apply(ws, importing.plan(ws, sheet), pull_the_plug)
    assert 50 <= len(all_children(ws)) + len(visits(ws)) < 176
    take_in(ws, sheet)
    assert (len(all_children(ws)), len(visits(ws))) == (25, 151)


def test_a_plan_is_not_carried_out_after_something_changed(laptop):
    ws = laptop()
    planned = importing.plan(ws, listed({}))
    registration.register(ws, ChildInput("Siti Aminah", Sex.FEMALE, date(2025, 8, 17)))
    with pytest.raises(UserError) as caught:
        importing.apply(ws, planned)
    assert caught.value.code == "plan_outdated"
    assert len(all_children(ws)) == 1


def test_a_plan_is_carried_out_only_once(laptop):
    ws = laptop()
    planned = take_in(ws, listed({}))
    with pytest.raises(UserError):
        importing.apply(ws, planned)
    assert len(all_children(ws)) == 1


def test_nothing_to_do_changes_nothing(laptop):
    ws = laptop()
    done = importing.apply(ws, importing.plan(ws, listed()))
    assert done == Imported(kinds=frozenset(), entities=frozenset())


def test_the_deed_names_what_it_changed_and_who_did_it(laptop):
    ws = laptop()
    done = importing.apply(ws, importing.plan(ws, listed({})))
    child, visit = only_child(ws), visits(ws)[0]
    assert done.entities == {child.id, visit.id}
    assert {"child", "measurement"} <= done.kinds
    assert (visit.actor, done.saved_at) == (ws.user.id, TODAY)


def test_progress_of_a_trial_ends_at_the_end(laptop):
    told: list[tuple[int, int]] = []
    importing.plan(laptop(), sample("older"), None, lambda done, total: told.append((done, total)))
    assert told[0] == (0, 539)
    assert told[-1] == (539, 539)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_rows_in_any_order_in_any_parts_come_to_the_same(laptop, data):
    rows = list(sample("newer").rows)
    chosen = data.draw(st.lists(st.sampled_from(range(len(rows))), min_size=5, max_size=60, unique=True))
    cut = data.draw(st.integers(0, len(chosen)))
    everything = frozenset(sample("newer").posyandu)
    whole, parts = laptop(), laptop()
    take_in(whole, of_rows([rows[place] for place in sorted(chosen)]), everything & names_in(rows, chosen))
    for part in (chosen[:cut], chosen[cut:], chosen):
        take_in(parts, of_rows([rows[place] for place in part]), everything & names_in(rows, part))
    assert len(visits(whole)) == len(visits(parts)) == len(chosen)
    assert sorted(child.name for child in all_children(whole)) == sorted(
        child.name for child in all_children(parts)
    )


def names_in(rows: list[EppgbmRow], places: list[int]) -> frozenset[str]:
    return frozenset(rows[place].posyandu for place in places)

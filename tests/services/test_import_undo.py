"""A whole import is taken back: whoever it brought goes, unless something was written about her since."""

from datetime import date

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.doses import Dose, DoseKind
from posyandu_app.domain.eppgbm import EppgbmSheet, parse_row, recognise
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Sex
from posyandu_app.services import doses, import_undo, importing, registration, roster, undoing, weighing
from posyandu_app.storage import forks, log, measurements
from tests.eppgbm_files import NEWER, line

NAMES = ("Anggun Lestari", "Bayu Pratama", "Cahya Ningsih", "Dewi Sartika", "Eko Nugroho")
NOW = date(2026, 11, 23)


def listed(*children):
    layout = recognise(NEWER)
    born = {name: f"2025-0{1 + place}-10" for place, name in enumerate(NAMES)}
    rows = [line(NEWER, Nama=name.upper(), NIK="-", JK="P", Tgl_Lahir=born[name]) for name in children]
    read = [parse_row(row, layout, "Status", at) for at, row in enumerate(rows, 2)]
    return EppgbmSheet(tuple(row for row in read if row is not None), ("MELATI 1",))


def imported(ws, sheet, file="daftar.xlsx"):
    return importing.apply(ws, importing.plan(ws, sheet), file=file)


def here(ws):
    return {row.child.name: row.child.id for row in roster.rows(ws)}


def weights(ws, child):
    return [item.weight_g for item in measurements.of_child(ws.database, child) if not item.voided]


def test_what_came_in_goes_again_and_comes_back_by_undo(ws):
    before = here(ws)
    imported(ws, listed(*NAMES))
    made = import_undo.last(ws)
    assert made.file == "daftar.xlsx"
    came = here(ws)
    assert set(came) - set(before) == set(NAMES)
    gone = import_undo.take_back(ws, made)
    assert (gone.gone, gone.kept) == (5, ())
    assert gone.undo.label == "Diurungkan: impor daftar.xlsx"
    assert here(ws) == before
    assert import_undo.last(ws) is None
    with pytest.raises(UserError):
        import_undo.take_back(ws, made)
    again = undoing.undo(ws, gone.undo)
    assert again.undo.label == "Dikembalikan: impor daftar.xlsx"
    assert here(ws) == came
    assert all(len(weights(ws, came[name])) == 1 for name in NAMES)


def test_the_same_list_can_be_imported_anew_after_it_was_taken_back(ws):
    imported(ws, listed(*NAMES))
    import_undo.take_back(ws, import_undo.last(ws))
    assert imported(ws, listed(*NAMES)).operations == 10
    assert set(NAMES) <= set(here(ws))


def test_whoever_was_changed_since_stays_whole_and_is_named(ws):
    imported(ws, listed(*NAMES))
    came = here(ws)
    weighing.record(ws, came["Anggun Lestari"], Draft(NOW, 8900))
    registration.update(ws, came["Bayu Pratama"], {"rt": "05"})
    item = measurements.of_child(ws.database, came["Cahya Ningsih"])[0]
    weighing.correct(ws, item.id, {"weight_g": 8200})
    doses.record(
        ws,
        Dose(id="", child=came["Dewi Sartika"], date=NOW, what=DoseKind.IMMUNISATION, antigen="mr1"),
        confirmed=True,
    )
    gone = import_undo.take_back(ws, import_undo.last(ws))
    assert (gone.gone, gone.kept) == (1, NAMES[:4])
    assert "4 anak tetap: Anggun Lestari, Bayu Pratama, Cahya Ningsih dan 1 lainnya" in gone.undo.label
    assert set(NAMES) & set(here(ws)) == set(NAMES[:4])
    assert len(weights(ws, came["Anggun Lestari"])) == 2, "her imported weighing stays too"


def test_a_weighing_that_was_taken_back_itself_holds_nobody(ws):
    imported(ws, listed("Eko Nugroho"))
    child = here(ws)["Eko Nugroho"]
    done = weighing.record(ws, child, Draft(NOW, 8900))
    undoing.undo(ws, done.undo)
    assert import_undo.take_back(ws, import_undo.last(ws)).gone == 1


def test_a_child_known_before_loses_only_what_the_import_brought(ws):
    child = next(
        iter(
            registration.register(
                ws,
                registration.ChildInput(
                    "Eko Nugroho", Sex.FEMALE, date(2025, 5, 10), mother_name="Neng Sumiati", rt="002"
                ),
            ).entities
        )
    )
    weighing.record(ws, child, Draft(date(2026, 9, 1), 8000))
    imported(ws, listed("Eko Nugroho"))
    assert len(weights(ws, child)) == 2
    gone = import_undo.take_back(ws, import_undo.last(ws))
    assert gone.gone == 1
    assert weights(ws, child) == [8000]
    assert child in here(ws).values()


def test_nothing_left_to_take_back_is_said_and_nothing_is_written(ws):
    imported(ws, listed("Eko Nugroho"))
    weighing.record(ws, here(ws)["Eko Nugroho"], Draft(NOW, 8900))
    tip = log.tip(ws.database)
    with pytest.raises(UserError, match="sudah diubah"):
        import_undo.take_back(ws, import_undo.last(ws))
    assert log.tip(ws.database) == tip
    assert import_undo.last(ws) is not None


def test_an_import_that_was_stopped_and_repeated_is_one(ws, monkeypatch):
    monkeypatch.setattr(importing, "_BATCH", 2)
    planned = importing.plan(ws, listed(*NAMES))
    stopped = importing.apply(ws, planned, stop=lambda: True, file="daftar.xlsx")
    assert not stopped.finished
    assert imported(ws, listed(*NAMES)).finished
    assert import_undo.take_back(ws, import_undo.last(ws)).gone == 5
    assert not set(NAMES) & set(here(ws))


def test_in_a_log_of_its_own_no_other_entries_are_taken_for_the_import(ws):
    """Of a copied disk one copy goes on under new numbers: the old ones mean other entries there."""
    imported(ws, listed(*NAMES))
    first = import_undo.last(ws).first
    forks.mint(ws.database, first)
    new = registration.ChildInput("Fitri Handayani", Sex.FEMALE, date(2025, 4, 4), mother_name="Ika")
    for _ in range(first + 10):
        registration.register(ws, new)
    assert import_undo.last(ws) is None

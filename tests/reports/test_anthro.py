"""WHO's own table of prevalence for 2,304 children, column for column."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.rules import default_rules
from posyandu_app.reports import anthro, prevalence
from posyandu_app.reports.frames import Frame, of_domain
from posyandu_app.reports.prevalence import By, Groups, Indicator, by_age, everybody
from posyandu_app.reports.snapshots import MISSING, Measure, Snapshot, take
from tests.reports.analysis import IN_NOVEMBER as NOVEMBER
from tests.reports.analysis import girl, measured

DATA = Path(__file__).resolve().parents[1] / "data" / "prevalence"
ON = date(2026, 11, 12)
KECAMATAN = {"A": "32.11.10", "B": "32.11.11", "C": "32.11.12"}
POSITIONS = {"l": Position.LYING, "h": Position.STANDING, "": None}
NAMES = {"stunting": "HA_2", "severe_stunting": "HA_3", "wasting": "WH_2", "severe_wasting": "WH_3"} | {
    "underweight": "WA_2",
    "severe_underweight": "WA_3",
    "overweight": "WH2",
    "obesity": "WH3",
}


def expected() -> dict[str, dict[str, float]]:
    with (DATA / "who_prevalence_expected.csv").open(newline="") as file:
        return {row.pop("Group"): {k: float(v) for k, v in row.items()} for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def frame() -> Frame:
    """WHO's children as children of this app, all measured on one day."""
    children, visits = [], []
    with (DATA / "who_prevalence_input.csv").open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            born = ON - timedelta(days=int(row["age_days"]))
            scope = f"{KECAMATAN[row['area']]}.2001.001"
            children.append(girl(number, born, scope, sex=Sex(row["sex"])))
            visits.append(
                measured(
                    children[-1],
                    ON,
                    weight_g=round(float(row["weight_kg"]) * 1000) if row["weight_kg"] else None,
                    length_mm=round(float(row["lenhei_cm"]) * 10) if row["lenhei_cm"] else None,
                    position=POSITIONS[row["measure"]],
                    oedema=int(row["oedema"] == "y"),
                )
            )
    return of_domain(children, visits)


def partitions(snapshot: Snapshot) -> list[tuple[str, Groups]]:
    frame = snapshot.frame
    ages = by_age(frame.age_days[snapshot.visit], default_rules().prevalence_groups)
    bands = [tuple(int(part) for part in key.split("-")) for key in ages.keys]
    names = tuple(f"{first:02d}-{last:02d} mo" for first, last in bands)
    sex = np.where(frame.children.sex[snapshot.child] == 2, 0, 1)
    areas = prevalence.groups_of(snapshot, By.KECAMATAN, default_rules())
    regions = {code: name for name, code in KECAMATAN.items()}
    both = tuple(f"{name}.{one}" for one in ("Female", "Male") for name in names)
    return [
        ("", Groups(("All",), ("",), everybody(snapshot).of)),
        ("Age group", Groups(names, names, ages.of)),
        ("Sex", Groups(("Female", "Male"), ("", ""), sex)),
        ("Age + sex", Groups(both, both, np.where(ages.of < 0, -1, sex * len(names) + ages.of))),
        ("Geographical region", Groups(tuple(regions[k] for k in areas.keys), areas.labels, areas.of)),
    ]


def test_every_figure_of_every_group_is_whos(frame):
    snapshot = take(frame, [NOVEMBER])
    rows = anthro.rows(snapshot.centi, partitions(snapshot))
    wanted = expected()
    assert {row.group for row in rows} == set(wanted)
    compared = 0
    for row in rows:
        found = row.columns()
        assert list(found) == list(wanted[row.group])
        for name, value in found.items():
            assert value == pytest.approx(wanted[row.group][name], rel=1e-9, abs=1e-12), (row.group, name)
            compared += 1
    assert compared == 24 * 134


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        (By.SEX, {"M": "Sex: Male", "F": "Sex: Female"}),
        (By.KECAMATAN, {code: f"Geographical region: {name}" for name, code in KECAMATAN.items()}),
        (
            By.AGE,
            {
                f"{first}-{last}": f"Age group: {first:02d}-{last:02d} mo"
                for first, last in ((0, 5), (6, 11), (12, 23), (24, 35), (36, 47), (48, 59))
            },
        ),
    ],
)
def test_the_apps_own_tables_hold_the_same_figures(frame, by, groups):
    wanted = expected()
    table = prevalence.table(frame, NOVEMBER, by, default_rules())
    assert {row.key for row in table.rows} == set(groups)
    for row in (*table.rows, table.total):
        figures = wanted[groups[row.key] if row.key else "All"]
        for indicator, share in row.shares.items():
            name = NAMES[indicator]
            assert (share.percent, share.se, share.low, share.high) == pytest.approx(
                tuple(figures[f"{name}_{part}"] for part in ("r", "se", "ll", "ul")), rel=1e-9
            )
            assert share.of == figures[f"{indicator.measure.value}Z_pop"]
            assert share.count == round(figures[f"{name}_r"] * share.of / 100)


def test_a_series_of_one_month_is_the_total(frame):
    point = prevalence.series(frame, [NOVEMBER], {Indicator.STUNTING: 14.0})[0]
    figures = expected()["All"]
    assert point.row.shares[Indicator.STUNTING].high == pytest.approx(figures["HA_2_ul"], rel=1e-9)
    assert point.reached(Indicator.STUNTING) is False
    assert point.reached(Indicator.WASTING) is None


def test_nobody_at_all_gives_counts_of_zero_and_no_figures():
    empty = {measure: np.empty(0, dtype=np.int16) for measure in Measure}
    (row,) = anthro.rows(empty, [("", Groups(("All",), ("",), np.empty(0, dtype=np.intp)))])
    figures = row.columns()
    assert {figures[name] for name in figures if name.endswith("pop")} == {0}
    assert {figures[name] for name in figures if not name.endswith("pop")} == {None}


def test_a_single_child_has_a_mean_but_no_spread():
    one = {measure: np.array([-250], dtype=np.int16) for measure in Measure}
    (row,) = anthro.rows(one, [("", Groups(("All",), ("",), np.zeros(1, dtype=np.intp)))])
    figures = row.columns()
    assert (figures["HA_r"], figures["HA_stdev"], figures["HA_se"], figures["HA_ll"]) == (
        -2.5,
        None,
        None,
        None,
    )
    assert (figures["HA_2_r"], figures["HA_2_se"], figures["HA_2_ll"]) == (100.0, None, None)


def test_records_without_any_figure_count_in_the_sample_but_in_no_denominator():
    values = np.array([-250, 0, 0, MISSING, MISSING], dtype=np.int16)
    two_less, all_five = (
        anthro.rows(
            dict.fromkeys(Measure, part), [("", Groups(("All",), ("",), np.zeros(len(part), dtype=np.intp)))]
        )[0].shares[Measure.LENGTH_FOR_AGE, -200]
        for part in (values[:3], values)
    )
    assert (two_less.count, two_less.of) == (all_five.count, all_five.of) == (1, 3)
    assert all_five.se == pytest.approx(two_less.se * (5 / 4 / (3 / 2)) ** 0.5)

"""The WHO tables as shipped: whole, unchanged, and read at the right row."""

import pytest

from posyandu_app.domain import growth_standards
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.growth_standards import INDICATORS, curve, lms, table
from posyandu_app.domain.model import Sex
from posyandu_app.domain.zscore import assess
from posyandu_app.paths import resources


@pytest.fixture
def other_resources(tmp_path, monkeypatch):
    """A resources folder of the test's own, with nothing read before."""
    (tmp_path / "growth").mkdir()
    monkeypatch.setattr(growth_standards, "resources", lambda: tmp_path)
    growth_standards._text.cache_clear()
    table.cache_clear()
    yield tmp_path
    growth_standards._text.cache_clear()
    table.cache_clear()


@pytest.mark.parametrize("sex", list(Sex))
@pytest.mark.parametrize(
    ("indicator", "first", "last"),
    [
        ("wfa", 0, 1826),
        ("lhfa", 0, 1826),
        ("bfa", 0, 1826),
        ("hcfa", 0, 1826),
        ("wfl", 450, 1100),
        ("wfh", 650, 1200),
    ],
)
def test_every_table_is_there_from_its_first_to_its_last_row(indicator, sex, first, last):
    whole = table(indicator, sex)
    assert (whole.first, whole.last) == (first, last)
    assert lms(indicator, sex, first) == whole.rows[0]
    assert lms(indicator, sex, last) == whole.rows[-1]
    assert lms(indicator, sex, first - 1) is None
    assert lms(indicator, sex, last + 1) is None


@pytest.mark.parametrize(
    ("indicator", "sex", "x", "row"),
    [
        ("wfa", Sex.MALE, 0, (0.3487, 3.3464, 0.14602)),
        ("wfa", Sex.FEMALE, 0, (0.3809, 3.2322, 0.14171)),
        ("lhfa", Sex.MALE, 0, (1, 49.8842, 0.03795)),
        ("lhfa", Sex.FEMALE, 0, (1, 49.1477, 0.0379)),
        ("hcfa", Sex.MALE, 0, (1, 34.4618, 0.03686)),
        ("wfl", Sex.MALE, 450, (-0.3521, 2.441, 0.09182)),
    ],
)
def test_rows_are_those_that_who_printed(indicator, sex, x, row):
    assert lms(indicator, sex, x) == row


def test_half_a_millimetre_is_interpolated_between_its_rows():
    low, middle, high = (lms("wfl", Sex.MALE, mm) for mm in (700, 700.5, 701))
    assert middle == pytest.approx([(a + b) / 2 for a, b in zip(low, high, strict=True)], abs=1e-12)


def test_an_age_in_the_middle_of_a_day_takes_that_days_row():
    assert lms("wfa", Sex.MALE, 100.9) == lms("wfa", Sex.MALE, 100)


def test_beyond_the_last_millimetre_there_is_no_standard():
    assert lms("wfl", Sex.MALE, 1100.5) is None
    assert lms("wfl", Sex.MALE, 449.5) is None


def test_an_unknown_indicator_is_a_bug_and_says_so():
    with pytest.raises(ValueError, match="unknown indicator"):
        table("wfs", Sex.MALE)


# facts.md 8.4: BB/U lines in kg at months 0, 1, 2, 3, 6, 9, 12, 18, 24, 36, 48, 60 of 30.4375 days
MONTHS = (0, 1, 2, 3, 6, 9, 12, 18, 24, 36, 48, 60)
LINES = {
    (Sex.MALE, -3): (2.1, 2.9, 3.8, 4.4, 5.7, 6.4, 6.9, 7.8, 8.6, 10.0, 11.2, 12.4),
    (Sex.MALE, -2): (2.5, 3.4, 4.3, 5.0, 6.4, 7.1, 7.7, 8.8, 9.7, 11.3, 12.7, 14.1),
    (Sex.MALE, 1): (3.9, 5.1, 6.3, 7.2, 8.9, 9.9, 10.8, 12.2, 13.6, 16.2, 18.6, 21.0),
    (Sex.FEMALE, -3): (2.0, 2.7, 3.4, 4.0, 5.1, 5.8, 6.3, 7.2, 8.1, 9.6, 10.9, 12.1),
    (Sex.FEMALE, -2): (2.4, 3.1, 3.9, 4.5, 5.7, 6.5, 7.0, 8.1, 9.0, 10.8, 12.3, 13.7),
    (Sex.FEMALE, 1): (3.7, 4.8, 5.8, 6.6, 8.3, 9.3, 10.1, 11.6, 13.0, 15.8, 18.5, 21.2),
}


@pytest.mark.parametrize(("sex", "z"), list(LINES))
def test_the_lines_of_the_kms_chart_are_those_of_the_printed_card(sex, z):
    line = dict(curve("wfa", sex, z))
    grams = [line[round(month * 30.4375)] for month in MONTHS]
    assert [round(weight / 1000, 1) for weight in grams] == list(LINES[sex, z])


def test_a_curve_starts_and_ends_with_the_table_whatever_the_step():
    days = [x for x, _ in curve("hcfa", Sex.FEMALE, 0, 1000)]
    assert days == [0, 1000, 1826]
    assert [x for x, _ in curve("wfh", Sex.MALE, 2, 100)] == [650, 750, 850, 950, 1050, 1150, 1200]
    assert len(curve("wfl", Sex.MALE, 0)) == 651


def test_a_step_below_one_is_refused():
    with pytest.raises(ValueError, match="step"):
        curve("wfa", Sex.MALE, 0, 0)


@pytest.mark.parametrize("z", [-4.5, -3, -2, 0, 1, 2, 3, 4.5])
@pytest.mark.parametrize("sex", list(Sex))
@pytest.mark.parametrize(
    ("indicator", "asked", "answered"),
    [
        ("wfa", "weight_g", "weight_for_age"),
        ("lhfa", "length_mm", "length_for_age"),
        ("hcfa", "head_mm", "head_for_age"),
    ],
)
def test_a_child_on_a_line_has_the_z_score_of_that_line(indicator, asked, answered, sex, z):
    for day, y in curve(indicator, sex, z, 300):
        found = getattr(assess(sex, day, **{asked: round(y)}), answered)
        # rounding to a gram or a millimetre moves a newborn by less than 0.05 SD
        assert found.value == pytest.approx(z, abs=0.05)


@pytest.mark.parametrize("indicator", ["wfl", "wfh"])
def test_lines_beyond_three_are_equally_far_apart(indicator):
    three, four, five = (curve(indicator, Sex.MALE, z, 50) for z in (3, 4, 5))
    for (_, a), (_, b), (_, c) in zip(three, four, five, strict=True):
        assert c - b == pytest.approx(b - a)


def test_bmi_curves_are_in_kg_per_square_metre():
    assert curve("bfa", Sex.FEMALE, 0)[0] == (0, 13.3363)


@pytest.mark.parametrize("indicator", INDICATORS)
def test_lines_never_cross(indicator):
    lines = [curve(indicator, Sex.FEMALE, z, 60) for z in (-4, -3, -2, -1, 0, 1, 2, 3, 4)]
    for row in zip(*lines, strict=True):
        heights = [y for _, y in row]
        assert heights == sorted(set(heights))


def test_a_changed_file_is_refused_with_what_to_do(other_resources):
    (other_resources / "growth" / "who_2006.csv").write_text(
        "indicator,sex,x,l,m,s\nwfa,M,0,0.3487,3.3464,0.14\n"
    )
    with pytest.raises(UserError, match="Pasang ulang") as caught:
        assess(Sex.MALE, 0, weight_g=3300)
    assert caught.value.code == "growth_standards_changed"


def test_one_changed_digit_is_enough(other_resources):
    content = (resources() / "growth" / "who_2006.csv").read_bytes()
    (other_resources / "growth" / "who_2006.csv").write_bytes(content.replace(b"3.3464", b"3.3465", 1))
    with pytest.raises(UserError, match="berubah atau rusak"):
        table("wfa", Sex.MALE)


def test_a_missing_file_is_refused_with_what_to_do(other_resources):
    with pytest.raises(UserError, match="Pasang ulang") as caught:
        table("wfa", Sex.MALE)
    assert caught.value.code == "growth_standards_missing"


def test_after_the_file_is_mended_the_program_goes_on(other_resources):
    with pytest.raises(UserError):
        table("wfa", Sex.MALE)
    content = (resources() / "growth" / "who_2006.csv").read_bytes()
    (other_resources / "growth" / "who_2006.csv").write_bytes(content)
    assert table("wfa", Sex.MALE).rows[0].m == 3.3464

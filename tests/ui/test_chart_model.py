"""What the chart decides before it paints: where points lie, how they are joined, what they say."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app import i18n
from posyandu_app.domain.growth_standards import INDICATORS, lms, table, value_at
from posyandu_app.domain.kms import Letter
from posyandu_app.domain.model import Measurement, Position, Sex
from posyandu_app.domain.rules import default_rules
from posyandu_app.ui.charts.geometry import Span, height_at
from posyandu_app.ui.charts.model import ChartModel, Indicator, Mark, Preset, build
from posyandu_app.ui.charts.standards import (
    MONTH_DAYS,
    SD_LINES,
    Tint,
    Weight,
    by_length,
    category_bands,
    kms_bands,
    line,
    weight,
)
from tests.ui.chart_children import BIRTH, history, make_child, monthly, typed, weighed

sexes = st.sampled_from(list(Sex))


def chart(child, measurements, indicator=Indicator.BB_U, **options) -> ChartModel:
    return build(child, history(child, measurements), indicator, **options)


# the lines


@given(st.sampled_from(INDICATORS), sexes, st.sampled_from(SD_LINES), st.data())
def test_a_point_of_a_z_exactly_on_a_line_lies_on_the_line(which, sex, z, data):
    rows = table(which, sex)
    x = data.draw(st.integers(rows.first, rows.last))
    standard = lms(which, sex, x)
    assert standard is not None
    on_chart = x / 10 if by_length(which) else x / MONTH_DAYS
    drawn = height_at(line(which, sex, z), on_chart)
    outer = line(which, sex, 3.0)
    half_a_pixel = (max(y for _, y in outer) - min(y for _, y in line(which, sex, -3.0))) / 1000
    assert drawn == pytest.approx(value_at(which, standard, z), abs=half_a_pixel)


@given(st.sampled_from(INDICATORS), sexes, st.floats(0, 1))
def test_lines_never_cross(which, sex, share):
    curves = [line(which, sex, z) for z in SD_LINES]
    x = curves[0][0][0] + share * (curves[0][-1][0] - curves[0][0][0])
    heights = [height_at(curve, x) for curve in curves]
    assert all(low < high for low, high in pairwise(heights))


def test_the_red_line_of_the_card_at_one_year():
    assert height_at(line("wfa", Sex.MALE, -3.0), 12.0) == pytest.approx(6.9, abs=0.05)
    assert height_at(line("wfa", Sex.FEMALE, -3.0), 12.0) == pytest.approx(6.3, abs=0.05)
    assert height_at(line("wfa", Sex.MALE, 1.0), 59.99) == pytest.approx(21.0, abs=0.05)


def test_length_turns_to_height_at_two_years_with_an_upright_step():
    at_two = [y for x, y in line("lhfa", Sex.MALE, 0.0) if x == pytest.approx(24.0)]
    assert len(at_two) == 2
    assert at_two[0] - at_two[1] == pytest.approx(0.7, abs=0.05)
    assert [x for x, _ in line("wfa", Sex.MALE, 0.0)] == sorted({x for x, _ in line("wfa", Sex.MALE, 0.0)})


def test_every_limit_of_pmk_is_drawn_as_one():
    assert [weight("lhfa", z) for z in (-3.0, -2.0, 0.0, 3.0)] == [
        Weight.SEVERE,
        Weight.LIMIT,
        Weight.MEDIAN,
        Weight.GUIDE,
    ]
    assert [weight("wfl", z) for z in (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)] == [
        Weight.SEVERE,
        Weight.LIMIT,
        Weight.GUIDE,
        Weight.LIMIT,
        Weight.LIMIT,
        Weight.SEVERE,
    ]


# the bands


def assert_one_upon_the_other(bands):
    assert bands[0].low is None
    assert bands[-1].high is None
    for lower, upper in pairwise(bands):
        assert lower.high == upper.low
    edges = [band.high for band in bands[:-1]]
    assert edges == sorted(set(edges))


def test_the_bands_of_the_card_from_the_red_line_up():
    bands = kms_bands(-3.0, 1.0)
    assert [(band.low, band.tint) for band in bands] == [
        (None, Tint.NONE),
        (-3.0, Tint.THIN),
        (-2.0, Tint.LIGHT),
        (-1.0, Tint.CORE),
        (1.0, Tint.OVER),
        (2.0, Tint.FAT),
        (3.0, Tint.NONE),
    ]


@given(st.integers(-600, 600), st.integers(-600, 600))
def test_whatever_lines_the_district_sets_the_bands_lie_one_upon_the_other(red, orange):
    assert_one_upon_the_other(kms_bands(red / 100, orange / 100))


@pytest.mark.parametrize("which", ["lhfa", "wfl", "wfh", "bfa", "hcfa"])
def test_the_bands_of_the_categories_lie_one_upon_the_other(which):
    assert_one_upon_the_other(category_bands(which))


def test_the_district_can_move_the_lines():
    rules = replace(default_rules(), red_line=-200, orange_line=200)
    model = chart(make_child(), [], rules=rules)
    assert (model.red_line, model.orange_line) == (-2.0, 2.0)
    assert model.bands == kms_bands(-2.0, 2.0)


# the points


def test_a_point_lies_at_its_age_and_weight_and_says_so():
    child = make_child(Sex.MALE, date(2025, 9, 5))
    model = chart(child, [weighed(date(2026, 11, 9), 8400)])
    (point,) = model.points
    assert point.x == pytest.approx(430 / 30.4375)
    assert point.y == 8.4
    assert point.reading().startswith("9 Nov 2026 · 8,4 kg · 14 bulan · BB/U −1,69 berat badan normal")


@given(sexes, st.integers(1, 1826), st.integers(-299, 299))
@settings(max_examples=60)
def test_a_child_on_a_line_of_the_card_is_drawn_on_it(sex, days, centi):
    standard = lms("wfa", sex, days)
    assert standard is not None
    grams = round(standard.at(centi / 100) * 1000)
    child = make_child(sex)
    (point,) = chart(child, [weighed(BIRTH + timedelta(days=days), grams)]).points
    on_line = height_at(line("wfa", sex, centi / 100), point.x)
    assert on_line == pytest.approx(point.y, abs=0.02)


def test_reading_speaks_english_when_the_app_does():
    child = make_child(Sex.MALE, date(2025, 9, 5))
    i18n.set_language("en")
    (point,) = chart(child, [weighed(date(2026, 8, 9), 8400)]).points
    assert point.reading().startswith("9 Aug 2026 · 8.4 kg · 11 months · BB/U ")
    assert "berat" not in point.reading()


def test_each_chart_draws_its_own_value():
    child = make_child()
    day = BIRTH + timedelta(days=400)
    measured = [weighed(day, 8400, length_mm=742, position=Position.LYING, head_mm=452)]
    found = {indicator: chart(child, measured, indicator).points[0] for indicator in Indicator}
    assert found[Indicator.BB_U].y == 8.4
    assert found[Indicator.TB_U].y == 74.2
    assert (found[Indicator.BB_TB].x, found[Indicator.BB_TB].y) == (74.2, 8.4)
    assert found[Indicator.IMT_U].y == pytest.approx(8.4 / 0.742**2)
    assert found[Indicator.LK_U].y == 45.2
    assert found[Indicator.TB_U].index == "PB/U"
    assert found[Indicator.BB_TB].value == "8,4 kg, 74,2 cm"
    assert found[Indicator.IMT_U].value == "15,3 kg/m²"


def test_a_child_of_two_measured_lying_is_drawn_at_the_height_that_counts():
    child = make_child()
    measured = [weighed(BIRTH + timedelta(days=800), 10000, length_mm=850, position=Position.LYING)]
    (point,) = chart(child, measured, Indicator.TB_U).points
    assert point.y == 84.3
    assert point.value == "85,0 cm"
    assert point.index == "TB/U"


def test_birth_is_the_first_point_when_it_was_recorded():
    child = make_child(birth_weight_g=2900, birth_length_mm=480, birth_head_mm=340)
    for indicator, value in ((Indicator.BB_U, 2.9), (Indicator.TB_U, 48.0), (Indicator.LK_U, 34.0)):
        first = chart(child, monthly(child, 3), indicator).points[0]
        assert (first.x, first.y, first.mark) == (0.0, value, Mark.BIRTH)
    assert chart(child, monthly(child, 3)).points[0].reading().startswith("Lahir · 2,9 kg · BB/U ")


def test_a_voided_weighing_is_not_drawn():
    child = make_child()
    kept, gone = monthly(child, 2)
    items = history(child, [kept, gone])
    voided = [replace(i, measurement=replace(i.measurement, voided=i.measurement == gone)) for i in items]
    assert [point.key for point in build(child, voided).points] == [kept.id]


def test_a_month_without_weighing_is_bridged_by_dots():
    child = make_child()
    model = chart(child, monthly(child, 6, skip=(3,)))
    assert [gap for _, _, gap in model.links()] == [False, True, False, False]


def test_length_measured_each_quarter_is_still_one_line():
    child = make_child()
    model = chart(child, monthly(child, 12, skip=(2, 3, 5, 6, 8, 9, 10, 11)), Indicator.TB_U)
    assert [gap for _, _, gap in model.links()] == [False, False, True]


def test_an_implausible_weight_is_marked_and_joined_to_nothing():
    child = make_child()
    wrong = weighed(date(2024, 7, 20), 84000)
    model = chart(child, [*monthly(child, 5), wrong])
    marked = [point for point in model.points if point.mark is Mark.IMPLAUSIBLE]
    assert [point.key for point in marked] == [wrong.id]
    assert all(wrong.id not in (a.key, b.key) for a, b, _ in model.links())
    assert "nilai tidak wajar, ukur ulang" in marked[0].reading()
    assert "risiko" not in marked[0].reading()


def test_letters_stand_on_the_card_only():
    child = make_child()
    measured = monthly(child, 3)
    assert [point.record.letter for point in chart(child, measured).points if point.record] == [
        Letter.B,
        Letter.N,
        Letter.T,
    ]
    assert all(point.record is None for point in chart(child, measured, Indicator.TB_U).points)


def test_two_weighings_on_one_day_both_show_and_say_so():
    child = make_child()
    day = BIRTH + timedelta(days=100)
    model = chart(child, [weighed(day, 5500), weighed(day, 5900)])
    assert len(model.points) == 2
    assert all("dua catatan pada hari yang sama" in point.reading() for point in model.points)


def test_swelling_is_said_where_no_z_score_can_be():
    child = make_child()
    (point,) = chart(child, [weighed(BIRTH + timedelta(days=300), 8000, oedema=1)]).points
    assert "bengkak" in point.reading()
    assert "BB/U" not in point.reading()


# what is being typed


def test_what_is_typed_is_a_point_of_its_own_and_is_read_last():
    child = make_child()
    measured = monthly(child, 6)
    model = chart(child, measured, preview=typed(child, measured, weight_g=7300))
    assert model.preview is not None
    assert model.preview.y == 7.3
    assert model.readable()[-1] is model.preview
    assert "belum disimpan" in model.preview.reading(saved=False)
    assert [(a.key, b.key) for a, b in model.preview_links()] == [(measured[-1].id, model.preview.key)]


def test_a_visit_typed_late_is_joined_to_both_neighbours():
    child = make_child()
    measured = monthly(child, 6, skip=(3,))
    model = chart(child, measured, preview=typed(child, measured, day=date(2024, 6, 12), weight_g=5600))
    joined = [(a.key, b.key) for a, b in model.preview_links()]
    assert joined == [(measured[1].id, ""), ("", measured[2].id)]


def test_correcting_a_weighing_takes_its_old_point_away():
    child = make_child()
    measured = monthly(child, 4)
    right = history(child, [*measured[:-1], replace(measured[-1], weight_g=6600)])[-1]
    model = chart(child, measured, preview=right)
    assert [point.key for point in model.points] == [item.id for item in measured[:-1]]


def test_the_letter_of_a_month_goes_to_the_weighing_that_counts():
    child = make_child()
    measured = monthly(child, 4)
    again = typed(child, measured, day=measured[-1].date + timedelta(days=3), weight_g=6800)
    model = chart(child, measured, preview=again)
    assert model.preview is not None
    assert model.preview.record is not None
    assert model.points[-1].record is None


def test_nothing_typed_that_belongs_here_is_no_point():
    child = make_child()
    measured = monthly(child, 4)
    height_only = typed(child, measured, length_mm=640)
    assert chart(child, measured, preview=height_only).preview is None
    assert chart(child, measured, Indicator.TB_U, preview=height_only).preview is not None


# the window


@pytest.mark.parametrize(
    ("months", "window"),
    [
        (3, (0, 12)),
        (10, (0, 12)),
        (14, (0, 24)),
        (18, (6, 30)),
        (27, (12, 36)),
        (50, (36, 60)),
        (59, (36, 60)),
    ],
)
def test_the_window_follows_the_age(months, window):
    child = make_child()
    model = chart(child, [weighed(BIRTH + timedelta(days=round(months * MONTH_DAYS) + 3), 9000)])
    assert (model.x.low, model.x.high) == window


@given(st.integers(0, 1826))
@settings(max_examples=60)
def test_the_newest_point_is_always_in_sight(days):
    child = make_child()
    model = chart(child, [weighed(BIRTH + timedelta(days=days), 9000)])
    assert model.x.holds(model.points[-1].x)
    assert model.y.holds(9.0) or model.points[-1].mark is Mark.IMPLAUSIBLE


def test_presets_show_what_they_say():
    child = make_child()
    measured = monthly(child, 30)
    spans = [chart(child, measured, window=preset).x for preset in (Preset.ALL, Preset.FIRST, Preset.LATER)]
    assert spans == [Span(0, 60), Span(0, 24), Span(24, 60)]


def test_weight_for_length_and_for_height_are_two_charts():
    child = make_child()
    measured = monthly(child, 30)
    now = chart(child, measured, Indicator.BB_TB)
    before = chart(child, measured, Indicator.BB_TB, window=Preset.FIRST)
    assert (now.table, before.table) == ("wfh", "wfl")
    assert len(now.points) + len(before.points) == 30
    assert "BB/TB" in now.title
    assert "BB/PB" in before.title
    assert before.limits == Span(45, 110)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_a_window_asked_for_stays_within_the_standards(low, width):
    model = build(make_child(), (), window=Span(low, low + width))
    assert model.limits.low <= model.x.low < model.x.high <= model.limits.high


def test_before_the_first_weighing_the_window_is_that_of_her_age_today():
    child = make_child()
    assert build(child, (), today=BIRTH + timedelta(days=60)).x == Span(0, 12)
    assert build(child, (), today=BIRTH + timedelta(days=1000)).x == Span(18, 42)
    assert build(child, (), today=BIRTH - timedelta(days=5)).x == Span(0, 24)
    assert build(child, ()).x == Span(0, 24)


# what cannot be drawn is said


def test_an_empty_chart_says_what_to_do_first():
    for child in (make_child(), make_child(birth_weight_g=2900)):
        model = build(child, ())
        assert model.notes == ("Belum ada penimbangan. Titik pertama muncul begitu berat badan diisi.",)


def test_without_birth_date_nothing_is_placed_but_weight_for_length():
    child = make_child(birth=None)
    measured = [weighed(date(2025, 3, 1), 8400, length_mm=742, position=Position.LYING)]
    assert chart(child, measured).points == ()
    assert "Tanggal lahir belum diisi" in chart(child, measured).notes[0]
    assert len(chart(child, measured, Indicator.BB_TB).points) == 1


def test_without_sex_there_are_points_but_no_lines():
    child = make_child(None)
    model = chart(child, [weighed(BIRTH + timedelta(days=300), 8400)])
    assert len(model.points) == 1
    assert model.bands == ()
    assert model.minimum_gains == ()
    assert "Jenis kelamin belum diisi" in model.notes[0]


def test_after_sixty_months_the_chart_says_why_it_ends():
    child = make_child()
    late = [weighed(BIRTH + timedelta(days=1827 + 30 * n), 17000) for n in range(3)]
    model = chart(child, [*monthly(child, 59), *late])
    assert len(model.points) == 59
    assert model.x == Span(36, 60)
    assert model.notes[0].startswith("3 pengukuran setelah umur 60 bulan tidak digambar")


def test_a_visit_before_birth_is_not_drawn():
    child = make_child()
    assert chart(child, [weighed(BIRTH - timedelta(days=3), 3000)]).points == ()


strange = st.builds(
    lambda n, days, grams, length, head, oedema, position: Measurement(
        f"m{n}",
        "anak-1",
        BIRTH + timedelta(days=days),
        weight_g=grams,
        length_mm=length,
        head_mm=head,
        oedema=oedema,
        position=position,
    ),
    st.integers(0, 10**6),
    st.integers(-4000, 40_000),
    st.none() | st.integers(-5, 10**12),
    st.none() | st.integers(-5, 10**9),
    st.none() | st.integers(-5, 10**9),
    st.none() | st.integers(0, 3),
    st.none() | st.sampled_from(list(Position)),
)


@given(
    st.none() | sexes,
    st.none() | st.just(BIRTH),
    st.lists(strange, max_size=12),
    st.sampled_from(list(Indicator)),
    st.sampled_from(list(Preset)),
)
@settings(max_examples=150, deadline=None)
def test_whatever_was_measured_there_is_a_chart(sex, birth, measured, indicator, window):
    child = make_child(sex, birth)
    model = chart(child, measured, indicator, window=window)
    assert model.limits.low <= model.x.low < model.x.high <= model.limits.high
    assert 0 <= model.y.low < model.y.high < 200
    assert len(model.points) <= len(measured)
    assert model.summary()
    assert all(point.reading() for point in model.points)


# for those who listen


def test_the_summary_tells_the_newest_point_and_the_trend():
    child = make_child()
    measured = [weighed(date(2024, 8, 12), 6900), weighed(date(2024, 9, 12), 7000)]
    words = chart(child, measured).summary()
    assert words.startswith(
        "KMS: berat badan menurut umur (BB/U). 2 titik. Terakhir: 12 Sep 2024 · 7,0 kg · 6 bulan"
    )
    assert words.endswith("BB/U turun 0,35 dari titik sebelumnya.")


def test_the_summary_draws_no_trend_from_an_implausible_value():
    child = make_child()
    measured = [
        weighed(date(2024, 8, 12), 6900),
        weighed(date(2024, 9, 12), 7000),
        weighed(date(2024, 10, 12), 99000),
    ]
    assert "dari titik sebelumnya" not in chart(child, measured).summary()


def test_the_summary_of_an_empty_chart_says_what_it_waits_for():
    assert "Belum ada penimbangan" in build(make_child(), ()).summary()

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.plausibility import Question, questions
from posyandu_app.domain.zscore import assess
from tests.domain.field import RULES, child, lying, standing, visit

TODAY = date(2026, 11, 12)
BABY = child(date(2026, 2, 10))  # 9 months: median 8.2 kg, 70 cm
TODDLER = child(date(2024, 5, 10))  # 30 months: median 12.7 kg, 91 cm


def asked(draft, *history, of=BABY) -> dict[str, Question]:
    return {question.code: question for question in questions(of, history, draft, RULES)}


def weighing(grams, on=TODAY, **more):
    return Draft(on, weight_g=grams, **more)


def test_a_likely_weighing_is_not_doubted():
    draft = Draft(TODAY, 8300, 703, Position.LYING, head_mm=437, muac_mm=142)
    last = lying(date(2026, 10, 12), 8000, 688, head_mm=433, muac_mm=140)
    assert questions(BABY, [last], draft, RULES) == ()


def test_nothing_typed_is_nothing_doubted():
    assert questions(BABY, [visit(date(2026, 10, 12), 8000)], Draft(TODAY), RULES) == ()


def test_a_comma_slip_is_asked_with_both_answers_as_buttons():
    question = asked(weighing(84_000))["weight_g.comma"]
    assert question.text == "84 kg? Maksudnya 8,4 kg?"
    assert (question.yes, question.no) == ("Benar 84 kg", "Ganti jadi 8,4 kg")
    assert (question.field, question.suggestion) == ("weight_g", 8400)


@pytest.mark.parametrize(
    ("draft", "code", "suggestion"),
    [
        (weighing(84_000), "weight_g.comma", 8400),
        (weighing(840), "weight_g.comma", 8400),
        (weighing(845_000), "weight_g.comma", 8450),
        (Draft(TODAY, length_mm=7030), "length_mm.comma", 703),
        (Draft(TODAY, length_mm=70), "length_mm.comma", 700),
        (Draft(TODAY, head_mm=4370), "head_mm.comma", 437),
        (Draft(TODAY, head_mm=44), "head_mm.comma", 440),
        (Draft(TODAY, muac_mm=1420), "muac_mm.comma", 142),
        (Draft(TODAY, muac_mm=14), "muac_mm.comma", 140),
    ],
)
def test_a_value_ten_times_or_a_tenth_of_what_is_likely_is_a_slip(draft, code, suggestion):
    found = asked(draft)
    assert list(found) == [code]
    assert found[code].suggestion == suggestion


@pytest.mark.parametrize(
    ("draft", "text", "no"),
    [
        (
            weighing(70_300),
            "70,3 kg? Itu seperti panjang/tinggi badannya. Tertukar?",
            "Ya, itu PB/TB",
        ),
        (Draft(TODAY, length_mm=83), "8,3 cm? Itu seperti berat badannya. Tertukar?", "Ya, itu berat"),
        (
            weighing(70_000, length_mm=80),
            "70 kg? Itu seperti panjang/tinggi badannya. Tertukar?",
            "Ya, tukar keduanya",
        ),
    ],
)
def test_weight_and_length_in_each_others_field_are_asked_about(draft, text, no):
    question = next(iter(asked(draft).values()))
    assert question.code.endswith(".swapped")
    assert (question.text, question.no, question.suggestion) == (text, no, None)


def test_what_was_measured_last_tells_a_length_from_a_comma_forgotten():
    tall = visit(date(2026, 10, 12), 12_500)
    assert "weight_g.comma" in asked(weighing(127_000), tall, of=TODDLER)
    assert "weight_g.swapped" in asked(weighing(91_200), of=TODDLER)
    assert "weight_g.swapped" not in asked(weighing(91_200, length_mm=912), of=TODDLER)
    assert asked(weighing(8_300, length_mm=703)).keys() == set()


def test_a_slip_is_known_without_sex_and_birth_date_too():
    assert asked(weighing(84_000), of=child(None, None))["weight_g.comma"].suggestion == 8400


def test_a_heavy_child_who_was_heavy_before_made_no_slip():
    assert asked(weighing(19_000), visit(date(2026, 10, 12), 18_500)).keys() == {"weight_g.flag"}


def test_a_slip_saved_last_month_does_not_make_todays_right_value_one():
    assert "weight_g.comma" not in asked(weighing(8400), visit(date(2026, 10, 12), 84_000))


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [("weight_g", 500, 30_000), ("length_mm", 300, 1300), ("head_mm", 200, 600), ("muac_mm", 50, 300)],
)
def test_the_range_includes_its_ends(field, low, high):
    nobody = child(None, None)
    for value in (low, high):
        assert asked(Draft(TODAY, **{field: value}), of=nobody) == {}
    for value in (low - 1, high + 1):
        assert set(asked(Draft(TODAY, **{field: value}), of=nobody)) <= {f"{field}.range", f"{field}.comma"}
        assert asked(Draft(TODAY, **{field: value}), of=nobody)


def test_a_value_out_of_range_is_told_with_the_range():
    question = asked(Draft(TODAY, muac_mm=301), of=child(None, None))["muac_mm.range"]
    assert question.text == "LiLA 30,1 cm di luar yang biasa (5 sampai 30 cm). Sudah benar?"
    assert (question.yes, question.no, question.suggestion) == ("Benar 30,1 cm", "Ukur ulang", None)


@pytest.mark.parametrize(
    ("weight", "code"), [(7000, None), (6999, "weight_g.fall"), (10_500, None), (10_501, "weight_g.rise")]
)
def test_weight_may_fall_1500_g_and_rise_2000_g_in_a_month(weight, code):
    last = visit(date(2026, 10, 12), 8500)
    assert list(asked(weighing(weight), last)) == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("on", "allowed"),
    [
        (date(2026, 11, 3), 1500),
        (date(2026, 10, 31), 1500),
        (date(2026, 9, 30), 3000),
        (date(2026, 8, 1), 4500),
    ],
)
def test_the_limits_grow_with_the_months_passed(on, allowed):
    last = visit(on, 14_000)
    assert "weight_g.fall" not in asked(weighing(14_000 - allowed), last, of=TODDLER)
    assert "weight_g.fall" in asked(weighing(13_999 - allowed), last, of=TODDLER)


def test_a_fall_is_told_with_its_size_and_date():
    text = asked(weighing(6500), visit(date(2026, 10, 12), 8500))["weight_g.fall"].text
    assert text == "Berat turun 2 kg sejak 12/10/2026. Sudah benar?"


@pytest.mark.parametrize(
    ("length", "code"), [(905, None), (904, "length_mm.fall"), (940, None), (941, "length_mm.rise")]
)
def test_height_may_shrink_half_a_centimetre_and_grow_three_a_month(length, code):
    last = standing(date(2026, 10, 12), 13_000, 910)
    found = asked(Draft(TODAY, length_mm=length, position=Position.STANDING), last, of=TODDLER)
    assert list(found) == ([] if code is None else [code])


def test_shrinking_is_not_excused_by_a_long_time():
    last = standing(date(2026, 5, 12), 13_000, 910)
    assert "length_mm.fall" in asked(
        Draft(TODAY, length_mm=904, position=Position.STANDING), last, of=TODDLER
    )


@pytest.mark.parametrize(
    ("birth", "last_on", "grown"),
    [
        (date(2026, 8, 10), date(2026, 10, 12), 50),  # 3 months old
        (date(2026, 5, 10), date(2026, 10, 12), 30),  # just 6 months old
        (date(2026, 5, 10), date(2026, 9, 12), 80),  # one month at each pace
        (date(2026, 4, 10), date(2026, 9, 12), 60),
    ],
)
def test_a_young_child_may_grow_five_centimetres_a_month(birth, last_on, grown):
    of, last = child(birth), lying(last_on, 6000, 600)
    assert "length_mm.rise" not in asked(
        Draft(TODAY, length_mm=600 + grown, position=Position.LYING), last, of=of
    )
    assert "length_mm.rise" in asked(
        Draft(TODAY, length_mm=601 + grown, position=Position.LYING), last, of=of
    )


@pytest.mark.parametrize(
    ("before", "now", "length", "code"),
    [
        (Position.LYING, Position.STANDING, 898, None),  # 7 mm are the position alone
        (Position.LYING, Position.STANDING, 897, "length_mm.fall"),
        (Position.STANDING, Position.LYING, 912, None),
        (Position.STANDING, Position.LYING, 911, "length_mm.fall"),
        (None, Position.STANDING, 905, None),  # at two years and more: taken as standing
        (Position.STANDING, None, 904, "length_mm.fall"),
    ],
)
def test_standing_up_is_not_shrinking(before, now, length, code):
    last = visit(date(2026, 10, 12), 13_000, length_mm=910, position=before)
    found = asked(Draft(TODAY, length_mm=length, position=now), last, of=TODDLER)
    assert list(found) == ([] if code is None else [code])


@pytest.mark.parametrize(("head", "expected"), [(475, []), (474, ["head_mm.fall"])])
def test_a_head_does_not_shrink(head, expected):
    last = visit(date(2026, 10, 12), head_mm=480)
    assert list(asked(Draft(TODAY, head_mm=head), last, of=TODDLER)) == expected


def test_what_who_flags_is_asked_with_its_z():
    question = asked(Draft(TODAY, weight_g=3600))["weight_g.flag"]
    assert question.text == "Berat 3,6 kg hampir tidak mungkin untuk umurnya (z −6,04). Ukur ulang?"


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft(TODAY, length_mm=850, position=Position.LYING), "length_mm.flag"),
        (Draft(TODAY, head_mm=520), "head_mm.flag"),
        (Draft(TODAY, weight_g=5000, length_mm=790, position=Position.LYING), "weight_for_length.flag"),
    ],
)
def test_each_flag_has_its_question(draft, code):
    assert list(asked(draft)) == [code]


@given(
    st.sampled_from(list(Sex)),
    st.integers(0, 1826),
    st.integers(500, 30_000),
    st.integers(300, 1300),
    st.integers(200, 600),
)
def test_whatever_who_flags_is_asked(sex, days, weight, length, head):
    birth = date.fromordinal(TODAY.toordinal() - days)
    growth = assess(sex, days, weight_g=weight, length_mm=length, head_mm=head)
    scores = (
        growth.weight_for_age,
        growth.length_for_age,
        growth.weight_for_length,
        growth.bmi_for_age,
        growth.head_for_age,
    )
    found = asked(Draft(TODAY, weight, length, None, head), of=child(birth, sex))
    if any(score is not None and score.flagged for score in scores):
        assert found


@pytest.mark.parametrize(
    ("birth", "asks"), [(date(2026, 2, 13), True), (date(2026, 2, 12), True), (date(2026, 2, 11), False)]
)
def test_standing_under_nine_months_is_asked(birth, asks):
    """273 days are nine calendar months here, but not yet WHO's 273.9."""
    draft = Draft(TODAY, length_mm=700, position=Position.STANDING)
    assert ("position.standing" in asked(draft, of=child(birth))) == asks


def test_the_question_about_standing_offers_lying():
    question = asked(Draft(TODAY, length_mm=680, position=Position.STANDING), of=child(date(2026, 4, 1)))[
        "position.standing"
    ]
    assert question.text == "Di bawah 9 bulan anak diukur terlentang. Benar diukur berdiri?"
    assert (question.field, question.yes, question.no) == (
        "position",
        "Benar berdiri",
        "Ganti jadi terlentang",
    )


def test_standing_without_a_length_is_not_asked():
    assert asked(Draft(TODAY, position=Position.STANDING)) == {}


@pytest.mark.parametrize(
    ("on", "asks"),
    [
        (date(2026, 10, 1), True),
        (date(2026, 10, 31), True),
        (date(2026, 9, 30), False),
        (date(2026, 11, 1), False),
    ],
)
def test_a_value_equal_to_last_months_to_the_last_digit_is_asked(on, asks):
    assert ("same_as_last_month" in asked(weighing(8400), visit(on, 8400))) == asks


def test_all_repeated_values_are_one_question():
    last = visit(date(2026, 10, 12), 8400, length_mm=700, head_mm=437, muac_mm=142)
    found = asked(Draft(TODAY, 8400, 700, Position.LYING, 438, 142), last)
    assert list(found) == ["same_as_last_month"]
    assert found["same_as_last_month"].text.startswith(
        "Berat 8,4 kg, Panjang/tinggi 70 cm, LiLA 14,2 cm: sama persis"
    )
    assert found["same_as_last_month"].field == "weight_g"


def test_one_gram_or_millimetre_of_difference_is_not_asked():
    assert asked(weighing(8401), visit(date(2026, 10, 12), 8400)) == {}


def test_voided_and_later_measurements_are_not_compared_with():
    assert asked(weighing(8400), visit(date(2026, 10, 12), 8400, voided=True)) == {}
    assert asked(weighing(8400), visit(date(2026, 12, 12), 4000), visit(TODAY, 4000, key="same day")) == {}


def test_each_value_is_compared_with_the_last_time_it_was_measured():
    weight_then = visit(date(2026, 9, 12), 12_500)
    only_length = visit(date(2026, 10, 12), length_mm=910)
    assert "weight_g.fall" in asked(weighing(9400), weight_then, only_length, of=TODDLER)
    assert "weight_g.fall" not in asked(weighing(9500), weight_then, only_length, of=TODDLER)


def test_the_limits_are_those_of_the_rules():
    strict = replace(RULES, plausibility=replace(RULES.plausibility, weight_fall_g_per_month=100))
    found = questions(BABY, [visit(date(2026, 10, 12), 8500)], weighing(8300), strict)
    assert [question.code for question in found] == ["weight_g.fall"]


@given(
    st.one_of(st.none(), st.dates(date(2015, 1, 1), date(2030, 1, 1))),
    st.sampled_from([None, *Sex]),
    st.lists(
        st.builds(
            visit,
            st.dates(date(2026, 1, 1), date(2026, 12, 31)),
            st.one_of(st.none(), st.integers(-5, 10**6)),
            length_mm=st.one_of(st.none(), st.integers(-5, 10**4)),
            head_mm=st.one_of(st.none(), st.integers(-5, 10**4)),
            position=st.sampled_from([None, *Position]),
        ),
        max_size=4,
    ),
    st.builds(
        Draft,
        st.just(TODAY),
        st.one_of(st.none(), st.integers(1, 999_999)),
        st.one_of(st.none(), st.integers(1, 9_999)),
        st.sampled_from([None, *Position]),
        st.one_of(st.none(), st.integers(1, 9_999)),
        st.one_of(st.none(), st.integers(1, 9_999)),
        st.integers(0, 3),
    ),
)
def test_any_draft_gets_at_most_one_doubt_a_field_and_never_an_error(birth, sex, history, draft):
    found = questions(child(birth, sex), history, draft, RULES)
    doubts = [question.field for question in found if question.code != "same_as_last_month"]
    assert len(doubts) == len(set(doubts))
    for question in found:
        assert question.text.endswith("?")
        assert question.yes
        assert question.no
        assert question.suggestion is None or question.suggestion > 0
        assert question.field == "position" or getattr(draft, question.field) is not None

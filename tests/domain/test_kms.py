from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.age import Month
from posyandu_app.domain.kms import Letter, records, sentence
from posyandu_app.domain.model import Sex
from tests.domain.field import RULES, visit

BIRTH = date(2025, 1, 10)
JANUARY = Month(2026, 1)


def letters(*visits, sex=Sex.FEMALE, birth=BIRTH):
    return "".join(record.letter for record in records(sex, birth, visits, RULES))


def month_by_month(*weights: int | None, first: Month = JANUARY):
    """One weighing on the 15th of each month; None is a month without."""
    return [
        visit(date(*first.shifted(place), 15), weight)
        for place, weight in enumerate(weights)
        if weight is not None
    ]


def test_the_first_weighing_ever_is_b():
    assert letters(*month_by_month(9000)) == "B"


def test_a_gain_of_exactly_the_minimum_is_n_and_one_gram_less_is_t():
    assert letters(*month_by_month(9000, 9200)) == "BN"
    assert letters(*month_by_month(9000, 9199)) == "BT"


def test_a_gain_of_800_g_at_one_month_is_n_with_no_rounding_trap():
    at_birth = visit(date(2026, 1, 2), 3000)
    assert letters(at_birth, visit(date(2026, 2, 2), 3800), birth=date(2026, 1, 1)) == "BN"


def test_a_month_missed_makes_o_whatever_the_gain():
    assert letters(*month_by_month(9000, None, 9900)) == "BO"
    assert letters(*month_by_month(9000, None, 8000)) == "BO"
    assert letters(*month_by_month(9000, None, None, None, 9900, 10200)) == "BON"


def test_two_t_in_a_row_are_2t():
    found = records(Sex.FEMALE, BIRTH, month_by_month(9000, 9000, 9000, 9000), RULES)
    assert [record.two_t for record in found] == [False, False, True, True]


def test_o_breaks_the_2t_run():
    found = records(Sex.FEMALE, BIRTH, month_by_month(9000, 9000, None, 9000, 9000), RULES)
    assert "".join(record.letter for record in found) == "BTOT"
    assert not any(record.two_t for record in found)


def test_n_breaks_the_2t_run():
    found = records(Sex.FEMALE, BIRTH, month_by_month(9000, 9000, 9300, 9300), RULES)
    assert "".join(record.letter for record in found) == "BTNT"
    assert not any(record.two_t for record in found)


def test_the_month_is_the_calendar_month_not_30_days():
    end, begin = visit(date(2026, 1, 31), 9000), visit(date(2026, 2, 1), 9200)
    assert letters(end, begin) == "BN"
    early, late = visit(date(2026, 1, 1), 9000), visit(date(2026, 3, 1), 9800)
    assert letters(early, late) == "BO"


def test_december_is_followed_by_january():
    assert letters(visit(date(2026, 12, 31), 9000), visit(date(2027, 1, 1), 9200)) == "BN"


def test_of_two_weighings_in_a_month_the_later_counts():
    january = visit(date(2026, 1, 15), 9000)
    first, second = visit(date(2026, 2, 3), 8000), visit(date(2026, 2, 20), 9300)
    found = records(Sex.FEMALE, BIRTH, (january, second, first), RULES)
    assert [(record.letter, record.weight_g) for record in found] == [("B", 9000), ("N", 9300)]
    assert found[1].measurement_id == second.id


def test_a_child_weighed_twice_in_her_first_month_is_b_once():
    assert letters(visit(date(2026, 1, 3), 8000), visit(date(2026, 1, 20), 9300)) == "B"


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_weighings_on_one_day_the_one_saved_later_counts(turned):
    pair = [
        visit(date(2026, 1, 3), 8000, key="z", hlc="000000000001-0000"),
        visit(date(2026, 1, 3), 8100, key="a", hlc="000000000002-0000"),
    ]
    found = records(Sex.FEMALE, BIRTH, pair[::-1] if turned else pair, RULES)
    assert [record.weight_g for record in found] == [8100]


def test_equal_stamps_are_decided_by_the_id_so_that_all_laptops_agree():
    pair = [visit(date(2026, 1, 3), 8000, key="a"), visit(date(2026, 1, 3), 8100, key="b")]
    assert {records(Sex.FEMALE, BIRTH, order, RULES)[0].weight_g for order in (pair, pair[::-1])} == {8100}


def test_a_measurement_without_weight_is_no_weighing():
    only_length = visit(date(2026, 2, 15), None, length_mm=800)
    assert letters(visit(date(2026, 1, 15), 9000), only_length, visit(date(2026, 3, 15), 9300)) == "BO"


def test_a_voided_weighing_is_none():
    voided = visit(date(2026, 2, 15), 9900, voided=True)
    assert letters(visit(date(2026, 1, 15), 9000), voided, visit(date(2026, 3, 15), 9300)) == "BO"


@pytest.mark.parametrize("weight", [0, -100])
def test_a_weight_of_nothing_is_no_weighing(weight):
    assert letters(visit(date(2026, 1, 15), weight)) == ""


def test_boys_and_girls_have_their_own_minimum_at_seven_months():
    birth = date(2026, 1, 10)
    pair = (visit(date(2026, 7, 12), 7000), visit(date(2026, 8, 12), 7300))
    assert letters(*pair, sex=Sex.FEMALE, birth=birth) == "BN"
    assert letters(*pair, sex=Sex.MALE, birth=birth) == "BT"


def test_the_minimum_is_that_of_the_age_on_the_day_of_weighing():
    birth = date(2026, 1, 20)
    before, on = visit(date(2026, 3, 19), 5800), visit(date(2026, 3, 20), 5800)
    assert records(Sex.MALE, birth, (visit(date(2026, 2, 19), 5000), before), RULES)[1].kbm_g == 800
    assert records(Sex.MALE, birth, (visit(date(2026, 2, 19), 5000), on), RULES)[1].kbm_g == 900


def test_two_weighings_in_month_0_are_held_to_its_minimum():
    birth = date(2026, 1, 28)
    found = records(Sex.MALE, birth, (visit(date(2026, 1, 30), 3000), visit(date(2026, 2, 20), 3800)), RULES)
    assert [(record.letter, record.kbm_g) for record in found] == [("B", 800), ("N", 800)]


def test_letters_go_up_to_the_60th_month_and_no_further():
    birth = date(2021, 5, 10)
    weighings = [visit(date(2026, month, 12), 16000 + month * 200) for month in (4, 5, 6, 7)]
    assert letters(*weighings, birth=birth) == "BN"


def test_a_weighing_before_birth_is_left_out():
    assert letters(visit(date(2025, 1, 9), 3000), visit(date(2025, 2, 12), 4000)) == "B"


@pytest.mark.parametrize(("sex", "birth"), [(None, BIRTH), (Sex.MALE, None), (None, None)])
def test_without_sex_or_birth_date_there_are_no_letters(sex, birth):
    assert letters(*month_by_month(9000, 9200), sex=sex, birth=birth) == ""


WEIGHINGS = st.lists(
    st.builds(
        visit,
        st.dates(date(2024, 12, 1), date(2027, 6, 30)),
        st.one_of(st.none(), st.integers(-1, 30_000)),
        key=st.text("abc", min_size=1, max_size=3),
        hlc=st.sampled_from(["", "000000000001-0000", "000000000002-0000"]),
        voided=st.booleans(),
    ),
    max_size=25,
)


@given(st.sampled_from(list(Sex)), WEIGHINGS)
def test_every_month_weighed_has_exactly_one_letter(sex, weighings):
    found = records(sex, BIRTH, weighings, RULES)
    months = {
        Month.of(item.date)
        for item in weighings
        if item.weight_g is not None and item.weight_g > 0 and not item.voided and item.date >= BIRTH
    }
    assert [record.month for record in found] == sorted(months)
    counts = {letter: sum(record.letter is letter for record in found) for letter in Letter}
    assert len(found) == sum(counts.values())
    assert counts[Letter.B] == min(len(found), 1)


@given(st.sampled_from(list(Sex)), WEIGHINGS, st.randoms())
def test_the_order_of_arrival_changes_nothing(sex, weighings, random):
    unique = list({(item.date, item.hlc, item.id): item for item in weighings}.values())
    shuffled = random.sample(unique, len(unique))
    assert records(sex, BIRTH, shuffled, RULES) == records(sex, BIRTH, unique, RULES)


@given(st.sampled_from(list(Sex)), WEIGHINGS)
def test_2t_means_t_now_and_t_in_the_month_before(sex, weighings):
    found = records(sex, BIRTH, weighings, RULES)
    t_months = {record.month for record in found if record.letter is Letter.T}
    for record in found:
        assert record.two_t == (record.month in t_months and record.month.previous() in t_months)


@given(st.sampled_from(list(Sex)), WEIGHINGS)
def test_n_is_a_gain_of_at_least_the_minimum_since_last_month(sex, weighings):
    found = {record.month: record for record in records(sex, BIRTH, weighings, RULES)}
    for record in found.values():
        before = found.get(record.month.previous())
        assert (record.letter in (Letter.N, Letter.T)) == (before is not None)
        if before is not None and record.kbm_g is not None:
            assert (record.letter is Letter.N) == (record.weight_g - before.weight_g >= record.kbm_g)


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ((9000, 9250), "Berat naik 250 g (minimal 200 g) — N"),
        ((9000, 9150), "Berat naik hanya 150 g (minimal 200 g) — T"),
        ((9000, 9000), "Berat tetap (minimal naik 200 g) — T"),
        ((9000, 8700), "Berat turun 300 g dari bulan lalu — T"),
        ((9000, 9000, 8700), "Berat turun 300 g dari bulan lalu — T, 2 bulan (2T)"),
        ((9000,), "Penimbangan pertama, 9,0 kg — B"),
        ((9000, None, 9700), "Bulan lalu tidak ditimbang; naik 700 g dalam 2 bulan — O"),
        ((9000, None, None, 8700), "Bulan lalu tidak ditimbang; turun 300 g dalam 3 bulan — O"),
        ((9000, None, 9000), "Bulan lalu tidak ditimbang; berat tetap dalam 2 bulan — O"),
    ],
)
def test_each_letter_is_told_in_a_sentence(weights, text):
    assert sentence(records(Sex.FEMALE, BIRTH, month_by_month(*weights), RULES)[-1]) == text

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import risk
from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import assess_history
from posyandu_app.domain.classify import categories
from posyandu_app.domain.model import ChildState, Position, Sex
from posyandu_app.domain.risk import Findings, Tone
from posyandu_app.domain.zscore import Growth, ZScore
from posyandu_app.i18n import set_language
from tests.domain.field import RULES, child, history, lying, standing, visit

TODAY = date(2026, 11, 23)
SEEN = date(2026, 11, 12)
GIRL = child(date(2024, 8, 20))  # 26 months on SEEN, height standing
BABY = child(date(2026, 3, 1))  # 8 months on SEEN, length lying
HEALTHY = {"weight_g": 11_700, "length_mm": 870}


def scored(item, **centi):
    """The same visit with z-scores as wished: {"weight_for_age": −201, …}; flagged by WHO's limits."""
    limits = {"length_for_age": (-600, 600), "weight_for_age": (-600, 500)}
    scores = {}
    for name, value in centi.items():
        low, high = limits.get(name, (-500, 500))
        scores[name] = None if value is None else ZScore(value, value < low or value > high)
    growth: Growth = replace(item.growth, **scores)
    return replace(
        item, growth=growth, categories=categories(growth, item.measurement.muac_mm, item.age_months)
    )


def normal(item):
    zero = dict.fromkeys(
        ("weight_for_age", "length_for_age", "weight_for_length", "bmi_for_age", "head_for_age"), 0
    )
    return scored(item, **zero)


def one_visit(of=GIRL, on=SEEN, **more):
    position = Position.STANDING if of is GIRL else None
    measured = {**HEALTHY, "position": position, "head_mm": 480, "muac_mm": 150, "oedema": 0, **more}
    return normal(history(of, visit(on, **measured))[0])


def codes(found):
    return [reason.code for reason in found.reasons]


def judged(*items, of=GIRL, on=TODAY, rules=RULES, findings=None, **more):
    return risk.assess(of, items, on, rules, findings, **more)


def test_measured_this_month_and_nothing_found_is_baik():
    found = judged(one_visit())
    assert (found.tone, found.reasons, found.measured_on) == (Tone.BAIK, (), SEEN)
    assert (found.previous, found.previous_on, found.listed) == (None, None, False)


@pytest.mark.parametrize(
    ("score", "centi", "code", "tone"),
    [
        ("weight_for_age", -301, "bgm", Tone.RUJUK),
        ("weight_for_age", -300, "underweight", Tone.RUJUK),
        ("weight_for_age", -201, "underweight", Tone.RUJUK),
        ("weight_for_age", -200, None, Tone.BAIK),
        ("weight_for_age", 100, None, Tone.BAIK),
        ("weight_for_age", 101, "above_orange", Tone.WASPADA),
        ("weight_for_age", 500, "above_orange", Tone.WASPADA),
        ("weight_for_age", 501, "implausible", Tone.WASPADA),
        ("weight_for_age", -600, "bgm", Tone.RUJUK),
        ("weight_for_age", -601, "implausible", Tone.WASPADA),
        ("length_for_age", -301, "stunting", Tone.RUJUK),
        ("length_for_age", -201, "stunting", Tone.RUJUK),
        ("length_for_age", -200, None, Tone.BAIK),
        ("length_for_age", 301, None, Tone.BAIK),
        ("length_for_age", 600, None, Tone.BAIK),
        ("length_for_age", 601, "implausible", Tone.WASPADA),
        ("length_for_age", -601, "implausible", Tone.WASPADA),
        ("weight_for_length", -301, "severe_wasting", Tone.RUJUK_SEGERA),
        ("weight_for_length", -300, "wasting", Tone.RUJUK),
        ("weight_for_length", -201, "wasting", Tone.RUJUK),
        ("weight_for_length", -200, None, Tone.BAIK),
        ("weight_for_length", 100, None, Tone.BAIK),
        ("weight_for_length", 101, "overweight_risk", Tone.WASPADA),
        ("weight_for_length", 200, "overweight_risk", Tone.WASPADA),
        ("weight_for_length", 201, "overweight", Tone.RUJUK),
        ("weight_for_length", 500, "overweight", Tone.RUJUK),
        ("weight_for_length", 501, "implausible", Tone.WASPADA),
        ("weight_for_length", -501, "implausible", Tone.WASPADA),
        ("head_for_age", -201, "small_head", Tone.RUJUK),
        ("head_for_age", -200, None, Tone.BAIK),
        ("head_for_age", 200, None, Tone.BAIK),
        ("head_for_age", 201, "large_head", Tone.RUJUK),
        ("head_for_age", 501, "implausible", Tone.WASPADA),
        ("bmi_for_age", -301, None, Tone.BAIK),
        ("bmi_for_age", 301, None, Tone.BAIK),
        ("bmi_for_age", 501, "implausible", Tone.WASPADA),
    ],
)
def test_every_edge_of_every_band(score, centi, code, tone):
    found = judged(scored(one_visit(), **{score: centi}))
    assert (found.tone, codes(found)) == (tone, [] if code is None else [code])


@given(st.integers(-700, 700), st.sampled_from(["weight_for_age", "weight_for_length", "length_for_age"]))
def test_a_thinner_or_shorter_child_is_never_better_off(centi, score):
    low, lower = (judged(scored(one_visit(), **{score: value})) for value in (centi, centi - 1))
    flagged = "implausible" in codes(lower) and "implausible" not in codes(low)
    if centi <= 0 and not flagged:
        assert lower.tone.severity >= low.tone.severity


@pytest.mark.parametrize(
    ("muac", "code", "tone"),
    [
        (114, "severe_muac", Tone.RUJUK_SEGERA),
        (115, "low_muac", Tone.RUJUK),
        (124, "low_muac", Tone.RUJUK),
        (125, None, Tone.BAIK),
    ],
)
def test_arm_circumference_from_six_months(muac, code, tone):
    found = judged(one_visit(muac_mm=muac))
    assert (found.tone, codes(found)) == (tone, [] if code is None else [code])


def test_arm_circumference_and_weight_are_not_judged_before_six_months():
    young = child(date(2026, 5, 13))
    measured = {"weight_g": 3900, "muac_mm": 100}
    assert judged(one_visit(young, **measured), of=young).tone is Tone.BAIK
    six = child(date(2026, 5, 12))
    assert codes(judged(one_visit(six, **measured), of=six)) == ["severe_muac", "weight_very_low"]


@pytest.mark.parametrize(("weight", "expected"), [(3999, ["weight_very_low"]), (4000, [])])
def test_less_than_4_kg_from_six_months_is_same_day(weight, expected):
    assert codes(judged(one_visit(BABY, weight_g=weight), of=BABY)) == expected


@pytest.mark.parametrize("grade", [1, 2, 3])
def test_oedema_is_same_day_whatever_its_grade(grade):
    found = judged(*history(GIRL, standing(SEEN, 11_700, 870, oedema=grade)))
    assert found.tone is Tone.RUJUK_SEGERA
    assert codes(found) == ["oedema"]
    assert f"+{grade}" in found.reasons[0].text


def test_a_danger_sign_is_same_day_even_without_a_measurement():
    found = judged(findings=Findings(danger_signs=("kejang", "tidak mau minum")))
    assert found.tone is Tone.RUJUK_SEGERA
    assert [reason.text for reason in found.reasons] == [
        "Tanda bahaya: kejang",
        "Tanda bahaya: tidak mau minum",
    ]


@pytest.mark.parametrize(
    ("findings", "code", "tone"),
    [
        (Findings(tb_symptoms=2), "tb_symptoms", Tone.RUJUK),
        (Findings(tb_symptoms=1), None, Tone.BAIK),
        (Findings(development_complete=False), "development", Tone.RUJUK),
        (Findings(development_complete=True), None, Tone.BAIK),
        (Findings(vitamin_a_overdue=True), "vitamin_a", Tone.WASPADA),
        (Findings(immunisation_overdue=("MR 1", "IPV 2")), "immunisation", Tone.WASPADA),
        (Findings(), None, Tone.BAIK),
    ],
)
def test_what_else_was_found(findings, code, tone):
    found = judged(one_visit(), findings=findings)
    assert (found.tone, codes(found)) == (tone, [] if code is None else [code])


def test_the_worst_wins_and_stands_first():
    item = scored(
        one_visit(muac_mm=112),
        weight_for_age=-350,
        length_for_age=-312,
        weight_for_length=-250,
        head_for_age=230,
    )
    found = judged(item, findings=Findings(vitamin_a_overdue=True))
    assert found.tone is Tone.RUJUK_SEGERA
    assert codes(found) == ["severe_muac", "bgm", "stunting", "wasting", "large_head", "vitamin_a"]
    assert found.listed


@pytest.mark.parametrize(
    ("of", "score", "text"),
    [
        (GIRL, {"length_for_age": -312}, "Tinggi badan sangat pendek: TB/U −3,12"),
        (BABY, {"length_for_age": -312}, "Panjang badan sangat pendek: PB/U −3,12"),
        (BABY, {"length_for_age": -205}, "Panjang badan pendek: PB/U −2,05"),
        (GIRL, {"weight_for_length": -205}, "Gizi kurang: BB/TB −2,05"),
        (BABY, {"weight_for_length": -305}, "Gizi buruk: BB/PB −3,05"),
        (GIRL, {"weight_for_length": 305}, "Obesitas: BB/TB 3,05"),
        (GIRL, {"weight_for_age": -305}, "Berat di bawah garis merah (BGM): BB/U −3,05"),
        (GIRL, {"weight_for_age": -205}, "Berat badan kurang: BB/U −2,05"),
        (GIRL, {"weight_for_age": 105}, "Berat di atas garis oranye: BB/U 1,05"),
        (GIRL, {"head_for_age": -205}, "Lingkar kepala di bawah normal (mikrosefali): LK/U −2,05"),
        (GIRL, {"weight_for_age": 620}, "Ukuran 12/11/2026 tidak masuk akal, ukur ulang: BB/U 6,20"),
    ],
)
def test_a_reason_is_a_plain_sentence_with_its_figure(of, score, text):
    assert judged(scored(one_visit(of), **score), of=of).reasons[0].text == text


def test_reasons_of_weight_and_arm_carry_their_figures():
    assert judged(one_visit(muac_mm=112)).reasons[0].text == "LiLA 11,2 cm, di bawah 11,5 cm"
    text = judged(one_visit(BABY, weight_g=3800), of=BABY).reasons[0].text
    assert text == "Berat 3,8 kg, di bawah 4,0 kg pada umur 8 bulan"


def weighed(*weights: int | None, last=SEEN):
    """Normal z-scores, and the letters that follow from these monthly weights."""
    months = [Month.of(last).shifted(place - len(weights) + 1) for place in range(len(weights))]
    visits = [
        standing(date(*month, last.day), weight, 870)
        for month, weight in zip(months, weights, strict=True)
        if weight is not None
    ]
    return [normal(item) for item in history(GIRL, *visits)]


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ((11_000, 11_150), "Berat naik kurang (T): 150 g, minimal 200 g"),
        ((11_000, 11_000), "Berat tidak naik (T): tetap, minimal naik 200 g"),
        ((11_000, 10_700), "Berat tidak naik (T): turun 300 g"),
    ],
)
def test_the_first_t_is_waspada(weights, text):
    found = judged(*weighed(*weights))
    assert (found.tone, codes(found), found.reasons[0].text) == (Tone.WASPADA, ["first_t"], text)


def test_2t_is_rujuk():
    found = judged(*weighed(11_000, 11_000, 11_000))
    assert (found.tone, codes(found)) == (Tone.RUJUK, ["two_t"])
    assert found.reasons[0].text == "Berat tidak naik 2 bulan (2T)"


def test_o_breaks_the_run_so_the_t_after_it_is_a_first_t():
    assert codes(judged(*weighed(11_000, 11_000, None, 11_000, 11_000))) == ["first_t"]


def test_a_district_may_refer_at_the_first_t():
    assert judged(*weighed(11_000, 11_000), rules=replace(RULES, refer_after_t=1)).tone is Tone.RUJUK


def test_a_weighing_missed_after_a_t_is_on_the_midwifes_list():
    visits = weighed(11_000, 11_000, last=date(2026, 9, 12))
    found = judged(*visits)
    assert (found.tone, codes(found)) == (Tone.WASPADA, ["missed_after_t"])
    assert found.reasons[0].text == "Tidak ditimbang lagi setelah T pada September 2026"


def test_the_month_after_a_t_is_missed_only_when_it_is_over_or_was_held():
    visits = weighed(11_000, 11_000, last=date(2026, 10, 12))
    assert judged(*visits, on=date(2026, 11, 30)).tone is Tone.BELUM_DIUKUR
    assert codes(judged(*visits, on=date(2026, 12, 1))) == ["missed_after_t"]
    assert codes(judged(*visits, on=date(2026, 11, 13), session_over=True)) == ["missed_after_t"]


def test_a_later_weighing_ends_the_wait_after_a_t():
    visits = weighed(11_000, 11_000, None, 11_500)
    assert judged(*visits).tone is Tone.BAIK


def test_a_visit_without_weight_does_not_end_the_wait_after_a_t():
    visits = [standing(date(2026, month, 12), 11_000, 870) for month in (8, 9)]
    items = [normal(item) for item in history(GIRL, *visits, visit(date(2026, 11, 12), muac_mm=150))]
    assert codes(judged(*items)) == ["missed_after_t"]


def pair(earlier_on: date, before: int, after: int, score="length_for_age"):
    items = history(GIRL, standing(earlier_on, 11_000, 860), standing(SEEN, 11_700, 870))
    first, last = (normal(item) for item in items)
    return scored(first, **{score: before}), scored(last, **{score: after})


@pytest.mark.parametrize(("drop", "expected"), [(66, []), (67, ["z_drop"]), (120, ["z_drop"]), (-67, [])])
def test_a_fall_by_two_thirds_of_an_sd_is_watched(drop, expected):
    assert codes(judged(*pair(date(2026, 8, 12), 50, 50 - drop))) == expected


@pytest.mark.parametrize(
    ("earlier", "compared"),
    [
        (date(2026, 7, 11), False),
        (date(2026, 7, 12), True),
        (date(2026, 8, 12), True),
        (date(2026, 9, 12), True),
        (date(2026, 9, 13), False),
    ],
)
def test_the_fall_is_measured_two_to_four_months_back(earlier, compared):
    assert ("z_drop" in codes(judged(*pair(earlier, 50, -50)))) == compared


@pytest.mark.parametrize(
    "score", ["weight_for_age", "length_for_age", "weight_for_length", "bmi_for_age", "head_for_age"]
)
def test_any_index_may_fall(score):
    items = history(
        GIRL,
        standing(date(2026, 8, 12), 11_000, 860, head_mm=470),
        standing(SEEN, 11_700, 870, head_mm=471),
    )
    first, last = (normal(item) for item in items)
    found = judged(scored(first, **{score: 60}), scored(last, **{score: -10}))
    assert codes(found) == ["z_drop"]
    assert "dari 0,60 ke −0,10" in found.reasons[0].text


def test_the_visit_nearest_to_three_months_earlier_is_the_one_compared_with():
    visits = [
        standing(on, 11_000, 860) for on in (date(2026, 7, 20), date(2026, 8, 14), date(2026, 9, 10), SEEN)
    ]
    items = [normal(item) for item in history(GIRL, *visits)]
    far, near, recent, now = items
    calm = judged(scored(far, length_for_age=90), near, scored(recent, length_for_age=90), now)
    assert "z_drop" not in codes(calm)
    assert "z_drop" in codes(judged(far, scored(near, length_for_age=90), recent, now))


def test_a_flagged_value_is_compared_with_nothing():
    earlier, now = pair(date(2026, 8, 12), 650, 50)
    assert codes(judged(earlier, now)) == []


def test_the_fall_names_index_and_both_figures():
    text = judged(*pair(date(2026, 8, 12), 12, -88)).reasons[0].text
    assert text == "Turun dalam sekitar 3 bulan: TB/U dari 0,12 ke −0,88"


def test_never_measured_is_belum_diukur_not_baik():
    found = judged()
    assert (found.tone, codes(found)) == (Tone.BELUM_DIUKUR, ["not_measured"])
    assert (found.measured_on, found.previous, found.listed) == (None, None, False)
    assert found.reasons[0].text == "Belum pernah ditimbang"


def test_not_measured_this_month_keeps_the_older_status_with_its_date():
    last_month = date(2026, 10, 12)
    found = judged(scored(one_visit(on=last_month), length_for_age=-250))
    assert (found.tone, codes(found)) == (Tone.BELUM_DIUKUR, ["not_measured"])
    assert (found.previous, found.previous_on, found.measured_on) == (Tone.RUJUK, last_month, last_month)
    assert [reason.text for reason in found.older_reasons] == ["Tinggi badan pendek: TB/U −2,50 (12/10/2026)"]
    assert found.listed


def test_a_good_older_status_is_kept_too_and_needs_nobody():
    found = judged(one_visit(on=date(2026, 10, 12)))
    assert (found.tone, found.previous, found.previous_on) == (
        Tone.BELUM_DIUKUR,
        Tone.BAIK,
        date(2026, 10, 12),
    )
    assert not found.listed


def test_on_the_first_of_the_month_nobody_is_measured_yet():
    item = one_visit(on=date(2026, 11, 30))
    assert judged(item, on=date(2026, 11, 30)).tone is Tone.BAIK
    assert judged(item, on=date(2026, 12, 1)).tone is Tone.BELUM_DIUKUR


def test_measurements_after_the_day_asked_for_are_not_looked_at():
    later = scored(one_visit(on=SEEN), weight_for_length=-400)
    assert judged(later, on=date(2026, 11, 11)).tone is Tone.BELUM_DIUKUR


def test_only_an_arm_measured_is_not_baik_but_its_reason_counts():
    assert judged(*history(GIRL, visit(SEEN, muac_mm=150))).tone is Tone.BELUM_DIUKUR
    assert judged(*history(GIRL, visit(SEEN, muac_mm=110))).tone is Tone.RUJUK_SEGERA


def test_a_stunted_child_weighed_without_height_is_not_baik():
    items = history(GIRL, standing(date(2026, 10, 12), 11_500, 870), visit(SEEN, 11_750))
    found = judged(scored(normal(items[0]), length_for_age=-250), scored(items[1], weight_for_age=0))
    assert (found.tone, codes(found)) == (Tone.BELUM_DIUKUR, ["not_measured_again"])
    assert found.reasons[0].text == "Belum diukur ulang: Tinggi badan pendek: TB/U −2,50 (12/10/2026)"
    assert (found.previous, found.previous_on, found.listed) == (Tone.RUJUK, date(2026, 10, 12), True)


def test_a_child_once_stunted_and_measured_normal_again_is_baik():
    first, now = pair(date(2026, 10, 12), -250, -150)
    assert judged(first, now).tone is Tone.BAIK


def test_two_visits_in_a_month_speak_together():
    items = history(GIRL, visit(date(2026, 11, 3), 11_700), visit(SEEN, length_mm=870, muac_mm=120))
    found = judged(scored(items[0], weight_for_age=0), scored(items[1], length_for_age=0))
    assert codes(found) == ["low_muac"]


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (child(date(2021, 11, 11)), "5 tahun ke atas"),
        (child(sex=None), "Jenis kelamin atau tanggal lahir"),
        (child(None), "Jenis kelamin atau tanggal lahir"),
    ],
)
def test_weighed_but_not_assessable_is_never_baik(of, says):
    found = judged(*history(of, standing(SEEN, 16_000, 1050)), of=of)
    assert found.tone is Tone.BELUM_DIUKUR
    assert says in found.reasons[0].text


def test_an_implausible_value_waits_for_a_new_measurement_in_later_months_too():
    flagged = scored(one_visit(on=date(2026, 10, 12)), length_for_age=-650)
    found = judged(flagged)
    assert (found.tone, codes(found)) == (Tone.WASPADA, ["implausible"])
    again = scored(one_visit(), length_for_age=-50)
    assert judged(flagged, again).tone is Tone.BAIK


@pytest.mark.parametrize(
    ("score", "centi", "confirmed", "code", "tone"),
    [
        ("weight_for_length", -550, "weight_for_length.flag", "severe_wasting", Tone.RUJUK_SEGERA),
        ("weight_for_length", -550, "weight_g.flag", "severe_wasting", Tone.RUJUK_SEGERA),
        ("weight_for_length", 550, "weight_for_length.flag", "overweight", Tone.RUJUK),
        ("weight_for_age", -650, "weight_g.fall", "bgm", Tone.RUJUK),
        ("length_for_age", -650, "length_mm.flag", "stunting", Tone.RUJUK),
        ("head_for_age", -550, "head_mm.flag", "small_head", Tone.RUJUK),
    ],
)
def test_an_implausible_value_that_a_person_said_is_right_is_believed_and_still_waits(
    score, centi, confirmed, code, tone
):
    found = judged(scored(one_visit(confirmed=(confirmed,)), **{score: centi}))
    assert (found.tone, codes(found)) == (tone, [code, "implausible"])


@pytest.mark.parametrize("confirmed", ["same_as_last_month", "muac_mm.range", "head_mm.flag"])
def test_a_word_about_another_figure_makes_no_implausible_one_believed(confirmed):
    found = judged(scored(one_visit(confirmed=(confirmed,)), weight_for_length=-550))
    assert (found.tone, codes(found)) == (Tone.WASPADA, ["implausible"])


def test_standing_before_nine_months_waits_for_a_lying_measurement():
    upright = normal(history(BABY, standing(SEEN, 8000, 690))[0])
    found = judged(upright, of=BABY)
    assert (found.tone, codes(found)) == (Tone.WASPADA, ["standing_too_young"])
    items = history(BABY, standing(SEEN, 8000, 690), lying(date(2026, 11, 13), 8000, 695))
    assert codes(judged(*map(normal, items), of=BABY)) == []


@pytest.mark.parametrize(
    ("last", "missed"),
    [
        (date(2026, 10, 1), None),
        (date(2026, 9, 30), None),
        (date(2026, 8, 31), 2),
        (date(2026, 8, 1), 2),
        (date(2026, 7, 31), 3),
        (date(2025, 12, 31), 10),
    ],
)
def test_absent_for_two_months_running_is_on_the_midwifes_list(last, missed):
    found = judged(one_visit(child(date(2023, 8, 20)), on=last), of=child(date(2023, 8, 20)))
    if missed is None:
        assert (found.tone, codes(found)) == (Tone.BELUM_DIUKUR, ["not_measured"])
    else:
        assert (found.tone, codes(found)) == (Tone.WASPADA, ["not_seen"])
        assert found.reasons[0].text.startswith(f"Tidak datang {missed} bulan berturut-turut, terakhir ")
    assert found.previous is Tone.BAIK


def test_the_present_month_counts_as_missed_once_its_posyandu_was_held():
    item = one_visit(on=date(2026, 9, 12))
    assert codes(judged(item)) == ["not_measured"]
    assert codes(judged(item, session_over=True)) == ["not_seen"]


def test_the_district_may_allow_more_months():
    item = one_visit(on=date(2026, 8, 12))
    assert codes(judged(item, rules=replace(RULES, not_seen_months=3))) == ["not_measured"]


def test_a_child_registered_who_never_came_is_not_seen_either():
    assert codes(judged(registered_on=date(2026, 9, 30))) == ["not_measured"]
    found = judged(registered_on=date(2026, 8, 31))
    assert (found.tone, codes(found)) == (Tone.WASPADA, ["not_seen"])
    assert found.reasons[0].text == "Belum pernah datang, 2 bulan sejak didaftar 31/08/2026"


@pytest.mark.parametrize("state", [ChildState.MOVED, ChildState.DEAD, ChildState.GRADUATED])
def test_nobody_waits_for_a_child_who_left(state):
    gone = child(date(2024, 8, 20), state=state)
    assert codes(judged(one_visit(gone, on=date(2026, 6, 12)), of=gone)) == ["not_measured"]


def test_nobody_waits_for_a_child_of_five_years():
    grown = child(date(2021, 11, 23))
    assert "not_seen" not in codes(
        judged(*history(grown, standing(date(2026, 8, 12), 16_000, 1050)), of=grown)
    )
    almost = child(date(2021, 11, 24))
    assert "not_seen" in codes(judged(*history(almost, standing(date(2026, 8, 12), 16_000, 1050)), of=almost))


def test_seen_this_month_is_not_absent_whatever_was_missed_before():
    items = history(GIRL, standing(date(2026, 5, 12), 10_500, 850), standing(SEEN, 11_700, 870))
    assert "not_seen" not in codes(judged(*items))


def test_the_midwifes_list_has_the_worst_first():
    risks = {
        "gizi buruk": judged(scored(one_visit(), weight_for_length=-310)),
        "2T": judged(*weighed(11_000, 11_000, 11_000)),
        "T": judged(*weighed(11_000, 11_000)),
        "dulu rujuk": judged(scored(one_visit(on=date(2026, 10, 12)), length_for_age=-250)),
        "dulu baik": judged(one_visit(on=date(2026, 10, 12))),
        "baik": judged(one_visit()),
    }
    assert sorted(risks, key=lambda name: risks[name].worst_first) == list(risks)
    assert [name for name in risks if risks[name].listed] == ["gizi buruk", "2T", "T", "dulu rujuk"]


def test_tones_are_ordered_and_named():
    by_severity = sorted(Tone, key=lambda tone: tone.severity, reverse=True)
    assert [tone.label for tone in by_severity] == [
        "RUJUK SEGERA",
        "RUJUK",
        "WASPADA",
        "BELUM DIUKUR",
        "BAIK",
    ]
    assert [tone.value for tone in by_severity] == [
        "rujuk_segera",
        "rujuk",
        "waspada",
        "belum_diukur",
        "baik",
    ]


def test_reasons_speak_english_on_request():
    set_language("en")
    assert judged(*weighed(11_000, 11_000, 11_000)).reasons[0].text == "Weight not rising for 2 months (2T)"
    assert Tone.RUJUK_SEGERA.label == "REFER TODAY"


VISITS = st.lists(
    st.builds(
        visit,
        st.dates(date(2024, 8, 1), date(2026, 12, 31)),
        st.one_of(st.none(), st.integers(500, 40_000)),
        length_mm=st.one_of(st.none(), st.integers(200, 1400)),
        position=st.sampled_from([None, *Position]),
        head_mm=st.one_of(st.none(), st.integers(200, 600)),
        muac_mm=st.one_of(st.none(), st.integers(50, 300)),
        oedema=st.sampled_from([None, 0, 1, 3]),
        key=st.uuids().map(str),
    ),
    max_size=8,
)


@given(VISITS, st.sampled_from([None, *Sex]))
def test_any_history_has_a_tone_with_reasons_in_order(visits, sex):
    of = child(date(2024, 8, 20), sex)
    found = risk.assess(of, assess_history(of, visits, RULES), TODAY, RULES)
    severities = [reason.tone.severity for reason in found.reasons]
    assert severities == sorted(severities, reverse=True)
    assert (found.tone is Tone.BAIK) == (not found.reasons)
    if found.reasons:
        assert found.tone is found.reasons[0].tone
    assert all(reason.text and reason.code for reason in found.reasons + found.older_reasons)
    if found.tone is Tone.BAIK:
        assert any(Month.of(item.date) == Month.of(TODAY) and item.weight_g for item in visits)
    assert (found.previous is None) == (found.previous_on is None)


@given(VISITS, st.integers(1, 40))
def test_a_visit_of_a_later_month_changes_nothing_today(visits, days):
    of = GIRL
    past = [item for item in visits if item.date <= TODAY]
    later = visit(Month.of(TODAY).last_day + timedelta(days=days), 3000, length_mm=900, oedema=3, key="later")
    before = risk.assess(of, assess_history(of, past, RULES), TODAY, RULES)
    assert risk.assess(of, assess_history(of, [*past, later], RULES), TODAY, RULES) == before

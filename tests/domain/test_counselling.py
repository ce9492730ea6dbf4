"""What is said to the mother: the right words for the age and the finding, and their source."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app import i18n
from posyandu_app.domain import counselling, schedule
from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import assess_history
from posyandu_app.domain.counselling import Topic
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child, Measurement, Position, Sex
from posyandu_app.domain.rules import default_rules
from posyandu_app.domain.schedule import Kind, Service, State, reaches
from posyandu_app.domain.visits import Visit

RULES = default_rules()
BIRTH = date(2025, 3, 10)
GIRL = Child(id="c", scope="s", name="Siti", sex=Sex.FEMALE, birth_date=BIRTH)


def measured(day: date, number: int = 0, **values: object) -> Measurement:
    position = Position.LYING if "length_mm" in values else None
    return Measurement(id=f"m{day}{number}", child="c", date=day, position=position, **values)


def advise(*weighings: Measurement, on: date | None = None, rules=RULES, **more: object):
    history = assess_history(GIRL, weighings, rules)
    return counselling.advise(
        GIRL,
        history[-1] if history else None,
        on or weighings[-1].date,
        rules,
        **more,
    )


def topics(found) -> list[Topic]:
    return [advice.topic for advice in found]


def said(found, topic: Topic) -> str:
    return next(advice.text for advice in found if advice.topic is topic)


TODAY = date(2026, 3, 20)  # 12 months old; a girl's median weight is 9 kg
JANUARY, FEBRUARY = date(2026, 1, 20), date(2026, 2, 20)


def test_a_weight_that_rises_is_praised_and_the_food_of_the_age_follows():
    found = advise(measured(FEBRUARY, weight_g=8700), measured(TODAY, weight_g=8950, length_mm=740))
    assert topics(found) == [Topic.RISING, Topic.FEEDING]
    assert found[0].text.startswith("Bagus, berat anak naik")


def test_the_first_t_asks_about_illness_and_appetite_and_says_come_again():
    found = advise(measured(FEBRUARY, weight_g=8900), measured(TODAY, weight_g=8900, length_mm=740))
    assert topics(found)[0] is Topic.NOT_RISING
    for word in ("sakit", "diare", "makan", "bulan depan"):
        assert word in found[0].text
    assert "puskesmas" not in found[0].text


def test_where_the_district_refers_at_the_first_t_the_words_say_so():
    strict = replace(RULES, refer_after_t=1)
    weighings = (measured(FEBRUARY, weight_g=8900), measured(TODAY, weight_g=8900, length_mm=740))
    assert "puskesmas" in said(advise(*weighings, rules=strict), Topic.NOT_RISING)


def test_2t_sends_to_the_puskesmas():
    weighings = [measured(day, weight_g=8900) for day in (JANUARY, FEBRUARY, TODAY)]
    first = measured(date(2025, 12, 20), weight_g=8900)
    found = advise(first, *weighings)
    assert Topic.TWO_T in topics(found)
    assert "dua bulan berturut-turut" in said(found, Topic.TWO_T)
    assert "puskesmas" in said(found, Topic.TWO_T)


def test_a_month_missed_and_a_first_weighing_are_told_apart():
    first = advise(measured(TODAY, weight_g=9000))
    assert Topic.FIRST in topics(first)
    after_a_gap = advise(measured(JANUARY, weight_g=8500), measured(TODAY, weight_g=9000))
    assert Topic.NOT_WEIGHED in topics(after_a_gap)


def test_oedema_is_said_alone():
    found = advise(measured(FEBRUARY, weight_g=8700), measured(TODAY, weight_g=8950, oedema=1))
    assert topics(found) == [Topic.OEDEMA]
    assert "hari ini juga" in found[0].text


def test_a_danger_sign_is_said_alone_even_without_a_weight():
    card = Visit(id="v", child="c", date=TODAY, danger_signs=frozenset({"kejang"}))
    assert topics(advise(on=TODAY, visit=card)) == [Topic.DANGER]
    none_found = replace(card, danger_signs=frozenset())
    assert Topic.DANGER not in topics(advise(on=TODAY, visit=none_found))


@pytest.mark.parametrize(
    ("arm", "topic"), [(114, Topic.SEVERE_WASTING), (115, Topic.WASTING), (124, Topic.WASTING), (125, None)]
)
def test_the_arm_at_its_band_edges(arm, topic):
    found = topics(advise(measured(TODAY, muac_mm=arm)))
    assert [t for t in found if t in (Topic.SEVERE_WASTING, Topic.WASTING)] == ([topic] if topic else [])


@pytest.mark.parametrize(("weight", "urgent"), [(3990, True), (4000, False)])
def test_less_than_four_kilos_from_six_months_is_for_today(weight, urgent):
    at_six, before = reaches(BIRTH, 6), reaches(BIRTH, 6) - timedelta(days=1)
    assert (topics(advise(measured(at_six, weight_g=weight))) == [Topic.SEVERE_WASTING]) is urgent
    assert Topic.SEVERE_WASTING not in topics(advise(measured(before, weight_g=weight)))


def test_wasting_names_the_day_of_the_next_check():
    found = advise(measured(TODAY, weight_g=7000, length_mm=740))
    assert topics(found)[0] is Topic.WASTING
    assert "14 hari" in found[0].text
    assert Topic.UNDERWEIGHT not in topics(found)


def test_below_the_red_line_without_a_length():
    found = advise(measured(TODAY, weight_g=6000))
    assert topics(found)[0] is Topic.BELOW_RED_LINE


def test_stunting_is_told_with_food_of_animals_first():
    found = advise(measured(TODAY, weight_g=8000, length_mm=680))
    assert topics(found)[0] is Topic.STUNTING
    for word in ("dokter puskesmas", "telur", "ikan"):
        assert word in found[0].text


def test_overweight_and_the_orange_line_are_two_different_words():
    heavy = advise(measured(TODAY, weight_g=12500, length_mm=740))
    assert topics(heavy)[0] is Topic.OVERWEIGHT
    assert "puskesmas" in heavy[0].text
    rising = advise(measured(TODAY, weight_g=10600, length_mm=760))
    assert topics(rising)[0] is Topic.ABOVE_ORANGE_LINE
    assert "puskesmas" not in rising[0].text


def test_no_food_but_breast_milk_is_ever_named_before_six_months():
    day = reaches(BIRTH, 6) - timedelta(days=1)
    for values in (
        {"weight_g": 5200, "length_mm": 640},
        {"weight_g": 5200},
        {"weight_g": 6000, "length_mm": 590},
        {"weight_g": 10800, "length_mm": 640},
        {"weight_g": 9500},
    ):
        found = advise(measured(day, **values))
        text = " ".join(advice.text for advice in found)
        for word in ("telur", "ikan", "selingan", "makanan keluarga"):
            assert word not in text, (values, text)
        assert Topic.BREASTFEEDING in topics(found) or topics(found) == [Topic.SEVERE_WASTING]


def test_from_the_day_of_six_months_food_is_named():
    found = advise(measured(reaches(BIRTH, 6), weight_g=5200))
    assert "telur" in said(found, Topic.UNDERWEIGHT)
    assert "telur" in said(found, Topic.FEEDING)


def test_a_flagged_value_is_not_spoken_about():
    found = advise(measured(TODAY, weight_g=9000, length_mm=480))
    assert not {Topic.STUNTING, Topic.OVERWEIGHT, Topic.SEVERE_WASTING} & set(topics(found))


def test_a_head_outside_the_band_goes_to_the_puskesmas():
    assert Topic.HEAD in topics(advise(measured(TODAY, head_mm=400)))
    assert Topic.HEAD in topics(advise(measured(TODAY, head_mm=490)))
    assert Topic.HEAD not in topics(advise(measured(TODAY, head_mm=450)))


@pytest.mark.parametrize(("count", "told"), [(1, False), (2, True), (4, True)])
def test_tb_is_told_from_two_symptoms(count, told):
    signs = frozenset(["batuk_dua_minggu", "demam_dua_minggu", "kontak_tbc", "lain"][:count])
    card = Visit(id="v", child="c", date=TODAY, tb_symptoms=signs)
    assert (Topic.TB in topics(advise(on=TODAY, visit=card))) is told


def test_an_incomplete_checklist_is_told():
    card = Visit(id="v", child="c", date=TODAY, development="tidak_lengkap")
    assert Topic.DEVELOPMENT in topics(advise(on=TODAY, visit=card))
    assert Topic.DEVELOPMENT not in topics(advise(on=TODAY, visit=replace(card, development="lengkap")))


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (0, ("ASI saja", "8–12 kali")),
        (5, ("ASI saja", "8–12 kali")),
        (6, ("lumat", "2–3 kali makan", "setengah mangkok 250 ml", "2–3 sendok makan")),
        (8, ("lumat", "2–3 kali makan", "setengah mangkok 250 ml", "1–2 kali selingan")),
        (9, ("dicincang", "3–4 kali makan", "setengah sampai tiga perempat mangkok")),
        (11, ("dicincang", "3–4 kali makan", "setengah sampai tiga perempat mangkok")),
        (12, ("diiris", "3–4 kali makan", "tiga perempat sampai satu mangkok", "2 tahun atau lebih")),
        (23, ("diiris", "3–4 kali makan", "tiga perempat sampai satu mangkok")),
        (24, ("makanan keluarga 3 kali sehari",)),
        (59, ("makanan keluarga 3 kali sehari",)),
    ],
)
def test_feeding_follows_the_buku_kia_at_every_band_edge(months, words):
    found = counselling.feeding(months)
    assert len(found) == 1
    for word in words:
        assert word in found[0].text
    assert found[0].source.startswith("Buku KIA 2023")


@pytest.mark.parametrize("months", [None, -1, 60, 200])
def test_no_feeding_advice_outside_the_ages_of_the_book(months):
    assert counselling.feeding(months) == []


def test_who_gives_other_food_before_six_months_is_told_why_not():
    card = Visit(id="v", child="c", date=date(2025, 5, 12), exclusive_breastfeeding=False)
    assert "tanpa makanan atau minuman lain" in counselling.feeding(2, card)[0].text
    kept = replace(card, exclusive_breastfeeding=True)
    assert counselling.feeding(2, kept)[0].text.startswith("Teruskan ASI saja")


def service(kind: Kind, state: State, name: str = "X") -> Service:
    return Service(kind, "x", name, state, "…")


def test_what_is_due_is_mentioned_and_what_is_done_is_not():
    due = [
        service(Kind.IMMUNISATION, State.OVERDUE, "BCG"),
        service(Kind.IMMUNISATION, State.REFUSED, "MR 1"),
        service(Kind.IMMUNISATION, State.DONE, "HB0"),
        service(Kind.VITAMIN_A, State.DUE),
        service(Kind.DEWORMING, State.DONE),
    ]
    found = advise(on=TODAY, due=due)
    assert topics(found) == [Topic.FEEDING, Topic.IMMUNISATION, Topic.VITAMIN_A]
    assert "BCG, MR 1" in said(found, Topic.IMMUNISATION)


def test_an_absent_child_is_met_with_a_question_not_a_reproach():
    advice = counselling.missed()
    assert advice.topic is Topic.MISSED
    assert "Apakah anak sehat?" in advice.text


def test_every_topic_has_a_label_of_its_own_and_unknown_ones_are_shown_as_they_came():
    labels = [topic.label for topic in Topic]
    assert len(set(labels)) == len(labels)
    assert label_of(Topic, "mp_asi") == "MP-ASI"
    assert label_of(Topic, "gigi") == "gigi"


values = st.fixed_dictionaries(
    {},
    optional={
        "weight_g": st.integers(1, 40_000),
        "length_mm": st.integers(1, 1500),
        "head_mm": st.integers(1, 700),
        "muac_mm": st.integers(1, 400),
        "oedema": st.integers(0, 3),
    },
)
cards = st.builds(
    Visit,
    id=st.just("v"),
    child=st.just("c"),
    date=st.just(TODAY),
    danger_signs=st.none() | st.frozensets(st.text(max_size=3), max_size=2),
    tb_symptoms=st.none() | st.frozensets(st.text(max_size=3), max_size=3),
    development=st.none() | st.sampled_from(["lengkap", "tidak_lengkap", "?"]),
    exclusive_breastfeeding=st.none() | st.booleans(),
)


@settings(max_examples=60)
@given(st.integers(0, 2000), st.lists(values, max_size=3), st.none() | cards, st.sampled_from(i18n.LANGUAGES))
def test_whatever_was_measured_the_words_are_few_whole_and_sourced(days, weighings, card, language):
    i18n.set_language(language)
    on = BIRTH + timedelta(days=days)
    months = [Month.of(on).shifted(-back).first_day for back in range(len(weighings), 0, -1)]
    rows = [
        measured(max(day, BIRTH), number, **what)
        for number, (day, what) in enumerate(zip(months, weighings, strict=True))
    ]
    due = schedule.services(GIRL, on, (), (), RULES, since=BIRTH)
    found = advise(*rows, on=on, visit=card, due=due)
    assert len(set(topics(found))) == len(found)
    assert len(found) <= 10
    for advice in found:
        assert advice.title
        assert advice.source
        assert "{" not in advice.text
        assert advice.text.endswith(".")
        assert len(advice.text) < 600

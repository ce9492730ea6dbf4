from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain.age import Month
from posyandu_app.domain.assessment import Draft, assess_history, preview
from posyandu_app.domain.classify import Index
from posyandu_app.domain.kms import Letter
from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.risk import Findings, Tone
from posyandu_app.domain.zscore import assess
from tests.domain.field import RULES, child, history, lying, standing, visit

TODAY = date(2026, 11, 12)
GIRL = child(date(2025, 11, 12))  # 12 months, 365 days
LAST_MONTH = date(2026, 10, 12)


def shown(draft, *visits, of=GIRL, **more):
    return preview(of, visits, draft, RULES, **more)


def test_a_measurement_is_read_with_age_scores_categories_and_letter():
    item = history(GIRL, lying(TODAY, 7000, 740, muac_mm=140, head_mm=450))[0]
    assert (item.age_days, item.age_months) == (365, 12)
    assert item.growth == assess(
        Sex.FEMALE, 365, weight_g=7000, length_mm=740, position=Position.LYING, head_mm=450
    )
    assert item.growth.weight_for_age.centi == -205  # facts.md 8.4
    assert item.categories[Index.BB_U].code == "K"
    assert set(item.categories) == set(Index)
    assert item.record.letter is Letter.B
    assert not item.double


def test_the_history_is_oldest_first_without_the_voided():
    items = history(
        GIRL, visit(TODAY, 8000), visit(LAST_MONTH, 7800), visit(date(2026, 9, 1), 7000, voided=True)
    )
    assert [item.measurement.date for item in items] == [LAST_MONTH, TODAY]


def test_the_letter_stands_on_the_weighing_that_counts_for_the_month():
    items = history(GIRL, visit(date(2026, 11, 2), 8000), visit(TODAY, 8100))
    assert [item.record is not None for item in items] == [False, True]


def test_two_measurements_on_one_day_are_both_marked():
    items = history(GIRL, visit(LAST_MONTH, 7900), visit(TODAY, 8000, key="a"), visit(TODAY, 8100, key="b"))
    assert [item.double for item in items] == [False, True, True]


def test_without_birth_date_there_is_no_age_and_only_what_needs_none():
    item = history(child(None), standing(TODAY, 12_000, 900))[0]
    assert (item.age_days, item.age_months, item.record) == (None, None, None)
    assert item.growth.weight_for_age is None
    assert item.growth.weight_for_length is not None


def test_a_child_of_five_years_has_no_z_score():
    item = history(child(date(2021, 11, 11)), standing(TODAY, 16_000, 1050))[0]
    assert item.growth.too_old
    assert item.categories == {}


VISITS = st.lists(
    st.builds(
        visit,
        st.dates(date(2024, 1, 1), date(2028, 12, 31)),
        st.one_of(st.none(), st.integers(1000, 25_000)),
        length_mm=st.one_of(st.none(), st.integers(400, 1200)),
        position=st.sampled_from([None, *Position]),
        head_mm=st.one_of(st.none(), st.integers(280, 560)),
        oedema=st.sampled_from([None, 0, 2]),
        key=st.uuids().map(str),
    ),
    max_size=8,
)


@given(VISITS, st.sampled_from(list(Sex)), st.integers(-2000, 2000))
def test_moving_birth_and_visits_by_the_same_days_changes_no_z_score(visits, sex, days):
    moved = [replace(item, date=item.date + timedelta(days=days)) for item in visits]
    birth = date(2024, 2, 29)
    before = assess_history(child(birth, sex), visits, RULES)
    after = assess_history(child(birth + timedelta(days=days), sex), moved, RULES)
    assert [item.growth for item in after] == [item.growth for item in before]


@given(VISITS, st.randoms())
def test_the_order_of_arrival_changes_nothing(visits, random):
    shuffled = random.sample(visits, len(visits))
    assert assess_history(GIRL, shuffled, RULES) == assess_history(GIRL, visits, RULES)


@given(VISITS)
def test_each_month_has_at_most_one_letter(visits):
    months = [item.record.month for item in assess_history(GIRL, visits, RULES) if item.record is not None]
    assert months == sorted(set(months))


@pytest.mark.parametrize(
    ("last", "now", "headline", "advice"),
    [
        (8000, 8250, "Berat naik 250 g (minimal 200 g) — N", "Teruskan. Timbang lagi bulan depan."),
        (
            8600,
            8300,
            "Berat turun 300 g dari bulan lalu — T",
            "Timbang ulang, lalu tanyakan apakah anak sakit. Beri penyuluhan. Bidan ikut melihat.",
        ),
        (
            8300,
            8400,
            "Berat naik hanya 100 g (minimal 200 g) — T",
            "Tanyakan makan dan sakitnya, lalu beri penyuluhan. Bidan ikut melihat.",
        ),
        (None, 8300, "Penimbangan pertama, 8,3 kg — B", "Teruskan. Timbang lagi bulan depan."),
    ],
)
def test_the_screen_tells_the_fact_the_letter_and_what_to_do(last, now, headline, advice):
    earlier = [] if last is None else [visit(LAST_MONTH, last)]
    found = shown(Draft(TODAY, now), *earlier)
    assert (found.headline, found.advice, found.questions) == (headline, advice, ())


def test_not_weighed_last_month_is_told():
    found = shown(Draft(TODAY, 8400), visit(date(2026, 8, 12), 7700))
    assert found.headline == "Bulan lalu tidak ditimbang; naik 700 g dalam 3 bulan — O"
    assert found.risk.tone is Tone.BAIK


def test_a_doubtful_figure_is_to_be_checked_first():
    found = shown(Draft(TODAY, 84_000))
    assert found.questions[0].text == "84 kg? Maksudnya 8,4 kg?"
    assert found.advice.startswith("Periksa angkanya dulu.")


def test_2t_asks_for_the_midwife():
    found = shown(Draft(TODAY, 8300), visit(date(2026, 9, 12), 8300), visit(LAST_MONTH, 8350))
    assert found.headline.endswith("— T, 2 bulan (2T)")
    assert found.risk.tone is Tone.RUJUK
    assert found.advice.endswith("Minta bidan memeriksa anak ini dan rujuk ke puskesmas.")


@pytest.mark.parametrize(
    ("draft", "tone", "days"),
    [
        (Draft(TODAY, 6300, 740, Position.LYING), Tone.RUJUK_SEGERA, 7),
        (Draft(TODAY, 7300, 740, Position.LYING), Tone.RUJUK, 14),
        (Draft(TODAY, 11_600, 740, Position.LYING), Tone.RUJUK, 14),
        (Draft(TODAY, 8300, 740, Position.LYING, muac_mm=120), Tone.RUJUK, 14),
    ],
)
def test_the_next_check_is_named(draft, tone, days):
    found = shown(draft)
    assert found.risk.tone is tone
    assert found.advice.endswith(f"Kontrol lagi dalam {days} hari.")


def test_refer_today_is_said_in_words():
    found = shown(Draft(TODAY, 8300, 740, Position.LYING, oedema=1))
    assert found.advice == "Rujuk hari ini juga ke puskesmas dan hubungi bidan sekarang."
    assert found.risk.tone is Tone.RUJUK_SEGERA


def test_findings_count_in_the_preview_too():
    assert (
        shown(Draft(TODAY, 8300), findings=Findings(danger_signs=("kejang",))).risk.tone is Tone.RUJUK_SEGERA
    )


@pytest.mark.parametrize(
    ("of", "draft", "headline", "advice"),
    [
        (GIRL, Draft(TODAY), "Berat belum diisi", "Timbang anak ini."),
        (GIRL, Draft(TODAY, length_mm=740), "Berat belum diisi", "Timbang anak ini."),
        (GIRL, Draft(date(2025, 11, 11), 3000), "Tanggal penimbangan sebelum anak lahir", ""),
        (
            child(date(2021, 10, 11)),
            Draft(TODAY, 16_000),
            "Umur 5 tahun ke atas: ukuran disimpan, z-score tidak dihitung (standar WHO sampai 5 tahun)",
            "",
        ),
        (
            child(None),
            Draft(TODAY, 8000),
            "Jenis kelamin atau tanggal lahir belum diisi, jadi belum bisa dinilai",
            "",
        ),
        (
            child(sex=None),
            Draft(TODAY, 8000),
            "Jenis kelamin atau tanggal lahir belum diisi, jadi belum bisa dinilai",
            "",
        ),
    ],
)
def test_what_cannot_be_judged_says_why(of, draft, headline, advice):
    found = shown(draft, of=of)
    assert (found.headline, found.advice) == (headline, advice)
    assert found.risk.tone is Tone.BELUM_DIUKUR


def test_an_earlier_date_than_this_months_weighing_says_that_the_later_one_counts():
    found = shown(Draft(date(2026, 11, 3), 8200), visit(TODAY, 8300))
    assert found.headline == "Bulan ini sudah ada penimbangan yang lebih baru; itu yang dihitung"


def test_a_second_weighing_on_the_same_day_counts_as_the_later():
    saved = visit(TODAY, 9000, hlc="ffffffffffff-ffff")
    found = shown(Draft(TODAY, 8250), saved, visit(LAST_MONTH, 8000))
    assert found.headline == "Berat naik 250 g (minimal 200 g) — N"
    assert found.assessed.double


def test_the_preview_equals_the_assessment_after_saving():
    draft = Draft(TODAY, 8250, 740, Position.LYING, 450, 140, 0)
    saved = lying(TODAY, 8250, 740, head_mm=450, muac_mm=140, oedema=0)
    before = lying(LAST_MONTH, 8000, 730)
    seen, later = shown(draft, before).assessed, history(GIRL, before, saved)[1]
    assert (seen.growth, seen.categories) == (later.growth, later.categories)
    assert replace(seen.record, measurement_id="") == replace(later.record, measurement_id="")


def test_the_preview_saves_and_changes_nothing():
    visits = [visit(LAST_MONTH, 8000)]
    first, again = shown(Draft(TODAY, 8250), *visits), shown(Draft(TODAY, 8250), *visits)
    assert first == again
    assert visits == [visit(LAST_MONTH, 8000)]


DRAFTS = st.builds(
    Draft,
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.one_of(st.none(), st.integers(1, 999_999)),
    st.one_of(st.none(), st.integers(1, 9_999)),
    st.sampled_from([None, *Position]),
    st.one_of(st.none(), st.integers(1, 9_999)),
    st.one_of(st.none(), st.integers(1, 9_999)),
    st.integers(0, 3),
)


@given(
    VISITS,
    DRAFTS,
    st.sampled_from([None, *Sex]),
    st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2028, 1, 1))),
)
def test_any_draft_has_a_headline(visits, draft, sex, birth):
    found = shown(draft, *visits, of=child(birth, sex))
    assert found.headline
    assert found.assessed.measurement.weight_g == draft.weight_g
    record = found.assessed.record
    assert record is None or record.month == Month.of(draft.date)

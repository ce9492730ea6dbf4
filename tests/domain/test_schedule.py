"""What is due for a child on a day: band edges, month ends, and nothing offered twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from posyandu_app.domain import schedule
from posyandu_app.domain.age import Month, completed_months
from posyandu_app.domain.doses import Dose, DoseKind
from posyandu_app.domain.model import Child, ChildState, Sex
from posyandu_app.domain.rules import default_rules
from posyandu_app.domain.schedule import Kind, State, reaches
from posyandu_app.domain.visit_rules import default_visit_rules, load
from posyandu_app.domain.visits import Visit
from posyandu_app.paths import resources

RULES, PLAN = default_rules(), default_visit_rules()
BIRTH = date(2025, 3, 10)
CODES = [antigen.code for antigen in PLAN.antigens if antigen.active]


def child(birth: date | None = BIRTH, **more: object) -> Child:
    return Child(id="c", scope="s", name="Siti", sex=Sex.FEMALE, birth_date=birth, **more)


def dose(what: str, day: date, **more: object) -> Dose:
    return Dose(id=f"{what}{day}{more.get('antigen', '')}", child="c", date=day, what=what, **more)


def shot(antigen: str, day: date, **more: object) -> Dose:
    return dose("imunisasi", day, antigen=antigen, **more)


def capsule(day: date, colour: str = "biru", **more: object) -> Dose:
    return dose("vitamin_a", day, colour=colour, **more)


def due(on: date, doses=(), visits=(), *, who: Child | None = None, since: date | None = BIRTH, rules=RULES):
    found = schedule.services(who or child(), on, doses, visits, rules, PLAN, since=since)
    watched = schedule.watched(who or child(), on, doses, visits, [RULES, rules], PLAN, since=since)[1]
    assert watched == tuple(row for row in found if row.kind in (Kind.VITAMIN_A, Kind.IMMUNISATION))
    return found


def one(found, kind: Kind, code: str | None = None):
    rows = [row for row in found if row.kind is kind and (code is None or row.code == code)]
    assert len(rows) <= 1
    return rows[0] if rows else None


def antigen(code: str, on: date, doses=(), visits=(), **more: object):
    return one(due(on, doses, visits, **more), Kind.IMMUNISATION, code)


def vitamin(on: date, doses=(), **more: object):
    return one(due(on, doses, **more), Kind.VITAMIN_A)


def worms(on: date, doses=(), **more: object):
    return one(due(on, doses, **more), Kind.DEWORMING)


# vitamin A


@pytest.mark.parametrize(
    ("birth", "colour"),
    [
        (date(2025, 8, 11), None),
        (date(2025, 8, 10), "biru"),
        (date(2025, 2, 11), "biru"),
        (date(2025, 2, 10), "merah"),
        (date(2021, 2, 11), "merah"),
        (date(2021, 2, 10), None),
    ],
)
def test_blue_from_6_months_red_from_12_none_from_60(birth, colour):
    row = vitamin(date(2026, 2, 10), who=child(birth))
    offered = row.code if row is not None and row.offered else None
    assert offered == colour


def test_the_capsule_is_named_with_its_dose():
    assert vitamin(date(2026, 2, 10), who=child(date(2025, 6, 1))).text == (
        "Waktunya bulan ini. Kapsul biru 100.000 IU."
    )
    assert "Kapsul merah 200.000 IU" in vitamin(date(2026, 8, 10)).text


def test_who_turns_six_months_within_the_campaign_month_waits_for_that_day():
    turning = child(date(2025, 8, 20))
    assert vitamin(date(2026, 2, 19), who=turning).state is State.NOT_YET
    assert vitamin(date(2026, 2, 19), who=turning).text == "Mulai 20/02/2026."
    assert vitamin(date(2026, 2, 20), who=turning).state is State.DUE


def test_who_turns_six_months_after_the_campaign_month_waits_for_the_next():
    row = vitamin(date(2026, 3, 20), who=child(date(2025, 9, 1)))
    assert row.state is State.NOT_YET
    assert row.text == "Berikutnya Agustus 2026."


def test_a_child_born_on_31_august_is_in_time_for_the_last_day_of_february():
    late = child(date(2025, 8, 31))
    assert vitamin(date(2026, 2, 27), who=late).state is State.NOT_YET
    assert vitamin(date(2026, 2, 28), who=late).state is State.DUE


def test_vitamin_a_is_a_catch_up_the_month_after_and_overdue_from_the_second():
    assert vitamin(date(2026, 2, 28)).state is State.DUE
    assert vitamin(date(2026, 3, 1)).text.startswith("Susulan Februari 2026.")
    assert vitamin(date(2026, 3, 31)).state is State.DUE
    assert vitamin(date(2026, 4, 1)).state is State.OVERDUE
    assert vitamin(date(2026, 7, 31)).state is State.OVERDUE
    assert vitamin(date(2026, 8, 1)).state is State.DUE


def test_a_capsule_counts_for_the_campaign_whose_month_came_last():
    given_late = [capsule(date(2026, 7, 31), "merah")]
    assert vitamin(date(2026, 7, 31), given_late).state is State.DONE
    assert vitamin(date(2026, 8, 1), given_late).state is State.DUE
    assert vitamin(date(2026, 2, 1), given_late).state is State.DONE


def test_once_given_the_next_campaign_is_named():
    row = vitamin(date(2026, 2, 12), [capsule(date(2026, 2, 10))])
    assert (row.state, row.code, row.done_on) == (State.DONE, "biru", date(2026, 2, 10))
    assert row.text == "Sudah diberikan 10/02/2026. Berikutnya Agustus 2026."


def test_no_next_campaign_is_promised_to_who_will_be_sixty_months_by_then():
    row = vitamin(date(2026, 8, 10), [capsule(date(2026, 8, 10), "merah")], who=child(date(2022, 1, 20)))
    assert row.text == "Sudah diberikan 10/08/2026."


def test_a_refused_capsule_is_a_state_of_its_own_until_one_is_given():
    refused = capsule(date(2026, 2, 10), state="menolak")
    row = vitamin(date(2026, 4, 10), [refused])
    assert row.state is State.REFUSED
    assert not row.offered
    assert vitamin(date(2026, 4, 10), [refused, capsule(date(2026, 3, 1))]).state is State.DONE
    assert vitamin(date(2026, 8, 10), [refused]).state is State.DUE


def test_a_voided_capsule_was_never_given():
    assert vitamin(date(2026, 2, 12), [capsule(date(2026, 2, 10), voided=True)]).state is State.DUE


def test_another_childs_capsule_does_not_count():
    other = replace(capsule(date(2026, 2, 10)), child="someone else")
    assert vitamin(date(2026, 2, 12), [other]).state is State.DUE


def test_a_campaign_before_the_posyandu_kept_doses_here_accuses_nobody():
    assert vitamin(date(2026, 4, 10), since=date(2026, 3, 1)).state is State.UNRECORDED
    assert vitamin(date(2026, 4, 10), since=None).state is State.UNRECORDED
    assert vitamin(date(2026, 4, 10), since=date(2026, 2, 28)).state is State.OVERDUE


def test_a_district_with_other_months_has_other_campaigns():
    other = replace(RULES, vitamin_a=replace(RULES.vitamin_a, months=(6,)))
    assert vitamin(date(2026, 6, 5), rules=other).state is State.DUE
    assert vitamin(date(2026, 8, 5), rules=other).state is State.OVERDUE
    assert vitamin(date(2026, 5, 5), rules=other).state is State.NOT_YET


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.sets(st.integers(1, 12), min_size=1))
def test_every_day_belongs_to_exactly_one_campaign(day, months):
    rising = sorted(months)
    campaign = schedule.campaign_of(day, rising)
    assert campaign.month.month in months
    assert day in campaign
    assert campaign.next.first_day not in campaign
    assert schedule.campaign_of(campaign.next.first_day, rising).month == campaign.next
    assert schedule.campaign_of(campaign.next.previous().last_day, rising) == campaign


# deworming


def test_deworming_begins_at_twelve_months_with_half_a_tablet():
    assert worms(date(2026, 2, 10)).state is State.NOT_YET
    assert worms(date(2026, 2, 10)).text == "Berikutnya Agustus 2026."
    row = worms(date(2026, 8, 10))
    assert row.state is State.DUE
    assert row.text == "Waktunya bulan ini. Albendazol 200 mg (½ tablet). Tunda bila anak demam atau sakit."


def test_from_two_years_it_is_a_whole_tablet():
    two = child(date(2024, 2, 10))
    assert "200 mg" in worms(date(2026, 2, 9), who=two).text
    assert "400 mg (1 tablet)" in worms(date(2026, 2, 10), who=two).text


def test_deworming_is_given_once_in_a_campaign():
    assert worms(date(2026, 8, 20), [dose("obat_cacing", date(2026, 8, 10))]).state is State.DONE
    assert worms(date(2026, 8, 20), [dose("obat_cacing", date(2026, 7, 31))]).state is State.DUE


# immunisation


def test_hb0_is_for_the_first_seven_days():
    assert antigen("hb0", BIRTH).state is State.DUE
    assert antigen("hb0", BIRTH + timedelta(days=7)).state is State.DUE
    late = antigen("hb0", BIRTH + timedelta(days=8))
    assert late.state is State.MISSED
    assert "salin dari Buku KIA" in late.text


def test_bcg_may_be_given_from_birth_is_overdue_from_three_months_and_ends_at_twelve():
    assert antigen("bcg", BIRTH).state is State.DUE
    assert antigen("bcg", date(2025, 6, 9)).state is State.DUE
    assert antigen("bcg", date(2025, 6, 10)).state is State.OVERDUE
    assert antigen("bcg", date(2026, 3, 9)).state is State.OVERDUE
    assert antigen("bcg", date(2026, 3, 10)).state is State.MISSED


def test_dpt_1_is_due_at_two_months_and_overdue_after_more_than_one_completed_month():
    assert antigen("dpt_hb_hib_1", date(2025, 5, 9)).state is State.NOT_YET
    assert antigen("dpt_hb_hib_1", date(2025, 5, 9)).text == "Mulai 10/05/2025."
    assert antigen("dpt_hb_hib_1", date(2025, 5, 10)).state is State.DUE
    assert antigen("dpt_hb_hib_1", date(2025, 7, 9)).state is State.DUE
    row = antigen("dpt_hb_hib_1", date(2025, 7, 10))
    assert row.state is State.OVERDUE
    assert row.text == "Terlambat, seharusnya umur 2 bulan. Bidan menentukan susulannya."


def test_a_month_end_birth_reaches_its_months_on_the_last_day():
    born = child(date(2025, 12, 31))
    assert antigen("dpt_hb_hib_1", date(2026, 2, 27), who=born, since=born.birth_date).state is State.NOT_YET
    assert antigen("dpt_hb_hib_1", date(2026, 2, 28), who=born, since=born.birth_date).state is State.DUE


def test_the_next_dose_of_a_series_waits_for_the_one_before():
    row = antigen("dpt_hb_hib_2", date(2025, 7, 20))
    assert row.state is State.NOT_YET
    assert row.text == "Menunggu DPT-HB-Hib 1."


def test_four_weeks_lie_between_two_doses():
    first = [shot("dpt_hb_hib_1", date(2025, 7, 20))]
    assert antigen("dpt_hb_hib_2", date(2025, 8, 16), first).text == "Mulai 17/08/2025."
    assert antigen("dpt_hb_hib_2", date(2025, 8, 17), first).state is State.DUE


def test_a_dose_made_late_by_its_interval_is_not_overdue_at_once():
    first = [shot("dpt_hb_hib_1", date(2025, 7, 20))]
    assert antigen("dpt_hb_hib_2", date(2025, 10, 16), first).state is State.DUE
    assert antigen("dpt_hb_hib_2", date(2025, 10, 17), first).state is State.OVERDUE


def test_ipv_2_comes_four_months_after_ipv_1():
    first = [shot("ipv1", date(2025, 9, 30))]
    assert antigen("ipv2", date(2026, 1, 29), first).state is State.NOT_YET
    assert antigen("ipv2", date(2026, 1, 30), first).state is State.DUE


def test_pcv_3_comes_eight_weeks_after_pcv_2():
    both = [shot("pcv1", date(2026, 1, 10)), shot("pcv2", date(2026, 3, 1))]
    assert antigen("pcv3", date(2026, 4, 25), both).state is State.NOT_YET
    assert antigen("pcv3", date(2026, 4, 26), both).state is State.DUE


def test_rotavirus_ends_at_6_months_29_days():
    last = date(2025, 10, 9)
    assert completed_months(BIRTH, last) == 6
    assert antigen("rv1", last).state is State.OVERDUE
    assert antigen("rv1", last + timedelta(days=1)).state is State.MISSED


def test_a_rotavirus_dose_that_no_longer_fits_its_interval_is_not_promised():
    first = [shot("rv1", date(2025, 9, 20))]
    assert antigen("rv2", date(2025, 9, 21), first).state is State.MISSED
    assert antigen("rv3", date(2025, 9, 21), first).state is State.MISSED


def test_a_later_dose_proves_the_earlier_ones():
    given = [shot("dpt_hb_hib_3", date(2025, 8, 1))]
    for code in ("dpt_hb_hib_1", "dpt_hb_hib_2"):
        row = antigen(code, date(2025, 9, 1), given)
        assert (row.state, row.done_on) == (State.DONE, None)
    assert antigen("opv2", date(2025, 9, 1), given).state is not State.DONE


def test_a_refused_immunisation_is_neither_due_nor_overdue():
    refused = [shot("mr1", date(2025, 12, 12), state="menolak")]
    row = antigen("mr1", date(2026, 6, 12), refused)
    assert row.state is State.REFUSED
    assert row.text == "Ditolak keluarga 12/12/2025. Tawarkan lagi dan beri tahu bidan."
    assert not row.offered
    assert antigen("mr2", date(2026, 11, 12), refused).state is State.NOT_YET
    assert antigen("mr1", date(2026, 6, 12), [*refused, shot("mr1", date(2026, 5, 1))]).state is State.DONE


def test_who_came_to_the_app_late_is_asked_for_the_book_not_called_overdue():
    two_years = date(2027, 3, 10)
    for since in (two_years, None):
        row = antigen("mr1", two_years, since=since)
        assert row.state is State.UNRECORDED
        assert not row.offered
        assert antigen("dpt_hb_hib_3", two_years, since=since).state is State.UNRECORDED


def test_once_the_book_is_copied_what_is_missing_is_overdue():
    two_years = date(2027, 3, 10)
    copied = [Visit(id="v", child="c", date=two_years, book_copied=True)]
    assert antigen("mr1", two_years, visits=copied, since=two_years).state is State.OVERDUE
    silent = [Visit(id="v", child="c", date=two_years, book_copied=True, voided=True)]
    assert antigen("mr1", two_years, visits=silent, since=two_years).state is State.UNRECORDED


def test_from_the_first_dose_recorded_on_the_later_ones_are_judged():
    at_nine = [shot("bcg", date(2025, 4, 10))]
    assert antigen("dpt_hb_hib_1", date(2025, 9, 10), at_nine, since=None).state is State.OVERDUE


def test_a_dose_due_on_the_very_day_the_records_begin_is_judged():
    on, first_day = date(2025, 7, 10), date(2025, 5, 10)
    overdue = antigen("dpt_hb_hib_1", on, since=first_day)
    assert overdue.state is State.OVERDUE
    assert overdue.offered
    assert antigen("dpt_hb_hib_1", on, since=first_day + timedelta(days=1)).state is State.UNRECORDED


def test_of_a_dose_recorded_twice_the_first_day_counts():
    twice = [shot("bcg", date(2025, 6, 1)), shot("bcg", date(2025, 4, 12))]
    assert antigen("bcg", date(2025, 7, 1), twice).done_on == date(2025, 4, 12)


def test_a_dose_given_early_does_not_bring_the_next_one_forward():
    early = [shot("dpt_hb_hib_1", date(2025, 4, 20))]
    assert antigen("dpt_hb_hib_2", date(2025, 6, 9), early).state is State.NOT_YET
    assert antigen("dpt_hb_hib_2", date(2025, 6, 10), early).state is State.DUE


def test_a_window_of_a_single_day_is_still_a_window():
    last = date(2025, 10, 9)
    first = [shot("rv1", last - timedelta(days=28))]
    assert antigen("rv2", last, first).state is State.DUE


def test_japanese_encephalitis_shows_only_where_it_was_given():
    assert antigen("je", date(2026, 2, 10)) is None
    assert antigen("je", date(2026, 2, 10), [shot("je", date(2026, 1, 12))]).state is State.DONE


def test_an_antigen_of_a_newer_version_disturbs_nothing():
    assert due(date(2026, 2, 10), [shot("hpv", date(2026, 1, 1))]) == due(date(2026, 2, 10))


def test_voided_and_unknown_states_are_no_dose():
    for strange in (
        shot("bcg", date(2025, 4, 1), voided=True),
        shot("bcg", date(2025, 4, 1), state="ditunda"),
    ):
        assert antigen("bcg", date(2025, 4, 12), [strange]).state is State.DUE


births = st.dates(date(2020, 1, 1), date(2026, 12, 31))
ages = st.integers(0, 1900)


@st.composite
def histories(draw):
    """A child, a day, and doses that may be given, refused, voided, early, late or of no known kind."""
    birth = draw(births)
    on = birth + timedelta(days=draw(ages))
    made = draw(
        st.lists(
            st.builds(
                lambda number, what, code, days, state, voided, colour: Dose(
                    id=str(number),
                    child="c",
                    date=birth + timedelta(days=days),
                    what=what,
                    antigen=code if what == "imunisasi" else None,
                    state=state,
                    voided=voided,
                    colour=colour,
                ),
                st.integers(),
                st.sampled_from([*map(str, DoseKind), "vitamin_z"]),
                st.sampled_from([*CODES, "hpv"]),
                ages,
                st.sampled_from(["diberikan", "menolak", "ditunda"]),
                st.booleans(),
                st.sampled_from(["biru", "merah", None]),
            ),
            max_size=12,
        )
    )
    copied = draw(st.booleans())
    visits = [Visit(id="v", child="c", date=on, book_copied=copied)]
    since = draw(st.none() | st.just(birth) | st.just(on))
    return birth, on, made, visits, since


@given(histories())
def test_a_dose_given_is_never_due_again(history):
    birth, on, made, visits, since = history
    rows = due(on, made, visits, who=child(birth), since=since)
    given_codes = {d.antigen for d in made if d.given and d.what == "imunisasi"}
    for row in rows:
        if row.kind is Kind.IMMUNISATION and row.code in given_codes:
            assert row.state is State.DONE
            assert row.done_on is not None
    for kind, months in ((Kind.VITAMIN_A, RULES.vitamin_a.months), (Kind.DEWORMING, RULES.deworming.months)):
        campaign = schedule.campaign_of(on, months)
        had = any(d.given and d.what == kind.value and d.date in campaign for d in made)
        row = one(rows, kind)
        if had and row is not None:
            assert row.state is State.DONE


@given(histories(), st.data())
def test_giving_what_is_offered_makes_it_done_and_nothing_else_worse(history, data):
    birth, on, made, visits, since = history
    before = due(on, made, visits, who=child(birth), since=since)
    offered = [row for row in before if row.offered and row.kind.value in set(map(str, DoseKind))]
    assume(offered)
    row = data.draw(st.sampled_from(offered))
    given_now = Dose(
        id="now",
        child="c",
        date=on,
        what=row.kind.value,
        antigen=row.code if row.kind is Kind.IMMUNISATION else None,
        colour=row.code if row.kind is Kind.VITAMIN_A else None,
    )
    asked = schedule.doubts(given_now, child(birth), made, RULES, PLAN)
    assert all("belum tercatat" in question for question in asked)
    after = due(on, [*made, given_now], visits, who=child(birth), since=since)
    done = one(after, row.kind, row.code if row.kind is Kind.IMMUNISATION else None)
    assert (done.state, done.done_on) == (State.DONE, on)
    taken = {(r.kind, r.name) for r in after if r.offered} - {(r.kind, r.name) for r in before if r.offered}
    assert taken <= {(Kind.IMMUNISATION, r.name) for r in after if r.from_day and r.from_day <= on}


@given(histories())
def test_only_what_may_be_given_that_day_is_offered(history):
    birth, on, made, visits, since = history
    rows = due(on, made, visits, who=child(birth), since=since)
    for row in rows:
        assert row.text.strip()
        assert "{" not in row.text
        if row.offered and row.from_day is not None:
            assert row.from_day <= on <= row.last_day
    if not schedule.is_expected(child(birth), on):
        assert rows == ()


@given(births, ages)
def test_untouched_doses_only_move_forward_with_time(birth, days):
    order = [State.NOT_YET, State.DUE, State.OVERDUE, State.MISSED]
    today, later = birth + timedelta(days=days), birth + timedelta(days=days + 40)
    who = child(birth)
    assume(schedule.is_expected(who, later))
    now, then = due(today, who=who, since=birth), due(later, who=who, since=birth)
    for row in now:
        if row.kind is Kind.IMMUNISATION:
            assert order.index(row.state) <= order.index(one(then, Kind.IMMUNISATION, row.code).state)


@settings(max_examples=50)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_never_matters(history, rng):
    birth, on, made, visits, since = history
    for number, item in enumerate(made):
        made[number] = replace(item, id=str(number), hlc=f"{number:04d}")
    shuffled = list(made)
    rng.shuffle(shuffled)
    assert due(on, shuffled, visits, who=child(birth), since=since) == due(
        on, made, visits, who=child(birth), since=since
    )


# questions, KPSP, milestones


def kinds(on: date, visits=(), birth: date = BIRTH):
    return {row.kind: row.state for row in due(on, visits=visits, who=child(birth))}


def test_exclusive_breastfeeding_is_asked_from_0_to_6_months_and_food_from_6_to_23():
    for months, breast, food in [(0, True, False), (5, True, False), (6, True, True), (7, False, True)]:
        found = kinds(reaches(BIRTH, months))
        assert (Kind.EXCLUSIVE_BREASTFEEDING in found, Kind.COMPLEMENTARY_FEEDING in found) == (breast, food)
    assert Kind.COMPLEMENTARY_FEEDING in kinds(reaches(BIRTH, 24) - timedelta(days=1))
    assert Kind.COMPLEMENTARY_FEEDING not in kinds(reaches(BIRTH, 24))


def test_a_question_is_asked_once_a_month():
    on = date(2025, 5, 12)
    answered = Visit(id="v", child="c", date=date(2025, 5, 2), exclusive_breastfeeding=False)
    assert kinds(on, [answered])[Kind.EXCLUSIVE_BREASTFEEDING] is State.DONE
    assert kinds(on, [replace(answered, voided=True)])[Kind.EXCLUSIVE_BREASTFEEDING] is State.DUE
    assert kinds(on, [replace(answered, date=date(2025, 4, 30))])[Kind.EXCLUSIVE_BREASTFEEDING] is State.DUE


def test_a_checklist_left_undone_is_still_to_do():
    for outcome, state in [
        ("lengkap", State.DONE),
        ("tidak_lengkap", State.DONE),
        ("tidak_diperiksa", State.DUE),
    ]:
        card = Visit(id="v", child="c", date=date(2025, 5, 2), development=outcome)
        assert kinds(date(2025, 5, 12), [card])[Kind.DEVELOPMENT] is state


@pytest.mark.parametrize(
    ("on", "form"),
    [
        (date(2025, 5, 25), None),
        (date(2025, 5, 26), 3),
        (date(2025, 6, 10), 3),
        (date(2025, 6, 25), 3),
        (date(2025, 6, 26), None),
        (date(2025, 3, 10), None),
    ],
)
def test_kpsp_ages_round_up_from_sixteen_days(on, form):
    assert schedule.kpsp_form(BIRTH, on, None) == form


def test_kpsp_is_corrected_for_preterm_birth_until_two_years():
    assert schedule.kpsp_form(BIRTH, date(2025, 6, 10), 36) is None
    assert schedule.kpsp_form(BIRTH, date(2025, 6, 10), 37) == 3
    assert schedule.kpsp_form(BIRTH, date(2025, 7, 8), 36) == 3
    assert schedule.kpsp_form(BIRTH, date(2025, 3, 20), 36) is None
    assert schedule.kpsp_form(BIRTH, date(2027, 3, 10), 36) == 24


def test_kpsp_is_shown_for_the_midwife():
    row = one(due(date(2025, 6, 10)), Kind.KPSP)
    assert (row.name, row.text) == ("KPSP 3 bulan", "Diperiksa bidan atau petugas kesehatan.")


@pytest.mark.parametrize("months", [6, 9, 12, 24, 59, 60])
def test_a_milestone_is_announced_at_the_first_session_after_it(months):
    day = reaches(BIRTH, months)
    for on in (day, day + timedelta(days=20)):
        assert [m.months for m in schedule.milestones(child(), on, day - timedelta(days=9))] == [months]
    assert schedule.milestones(child(), day + timedelta(days=9), previous=day) == ()
    assert schedule.milestones(child(), day - timedelta(days=1), day - timedelta(days=20)) == ()


def test_without_a_session_before_the_last_month_counts():
    assert [m.months for m in schedule.milestones(child(), date(2025, 10, 9))] == [6]
    assert schedule.milestones(child(), date(2025, 10, 10)) == ()


def test_each_milestone_says_what_changes():
    texts = {m: schedule.milestones(child(), reaches(BIRTH, m))[0].text for m in (6, 9, 12, 24, 59, 60)}
    assert "MP-ASI" in texts[6]
    assert "Campak-Rubela" in texts[9]
    assert "merah" in texts[12]
    assert "berdiri" in texts[24]
    assert "lulus" in texts[59]
    assert "lulus" in texts[60]


def test_a_district_milestone_without_a_text_is_announced_by_its_age():
    text = (resources() / "visit_rules.toml").read_text(encoding="utf-8")
    plan = load(text.replace("age_months = [6, 9, 12, 24, 59]", "age_months = [18]"))
    found = schedule.milestones(child(), reaches(BIRTH, 18), plan=plan)
    assert [m.text for m in found] == ["Genap 18 bulan."]


# who is expected


def test_graduated_at_sixty_months_to_the_day():
    assert schedule.is_expected(child(), date(2030, 3, 9))
    assert not schedule.is_expected(child(), date(2030, 3, 10))
    assert schedule.graduates(child(), date(2030, 3, 10))
    assert due(date(2030, 3, 10)) == ()


def test_a_child_of_29_february_graduates_on_the_28th():
    leap = child(date(2024, 2, 29))
    assert schedule.is_expected(leap, date(2029, 2, 27))
    assert schedule.graduates(leap, date(2029, 2, 28))


@pytest.mark.parametrize("state", [ChildState.MOVED, ChildState.DEAD, ChildState.GRADUATED, "lain"])
def test_who_left_is_not_expected_and_has_nothing_due(state):
    gone = child(state=state)
    assert not schedule.is_expected(gone, date(2026, 2, 10))
    assert due(date(2026, 2, 10), who=gone) == ()
    assert schedule.milestones(gone, reaches(BIRTH, 6)) == ()


def test_without_a_birth_date_nothing_is_scheduled_but_the_child_is_expected():
    unknown = child(None)
    assert due(date(2026, 2, 10), who=unknown) == ()
    assert schedule.is_expected(unknown, date(2026, 2, 10))
    assert not schedule.graduates(unknown, date(2026, 2, 10))


def test_before_birth_nothing_is_due():
    assert due(BIRTH - timedelta(days=1)) == ()
    assert not schedule.is_expected(child(), BIRTH - timedelta(days=1))


@given(births, st.integers(0, 72))
def test_a_completed_month_is_reached_on_its_day_and_not_before(birth, months):
    day = reaches(birth, months)
    assert completed_months(birth, day) == months
    assert completed_months(birth, day - timedelta(days=1)) < months


# doubts


def doubts(given_now: Dose, doses=(), who: Child | None = None):
    return schedule.doubts(given_now, who or child(), doses, RULES, PLAN)


def test_a_dose_recorded_twice_is_asked_about():
    first = shot("bcg", date(2025, 4, 10))
    assert doubts(shot("bcg", date(2025, 5, 12)), [first]) == ("BCG sudah tercatat 10/04/2025.",)
    assert doubts(first, [first]) == ()


def test_too_early_too_late_and_too_soon_after_are_asked_about():
    assert doubts(shot("mr1", date(2025, 12, 9))) == ("Campak-Rubela (MR) 1 paling cepat 10/12/2025.",)
    assert doubts(shot("rv1", date(2025, 10, 10))) == ("Rotavirus (RV) 1 paling lambat 09/10/2025.",)
    first = shot("dpt_hb_hib_1", date(2025, 6, 1))
    assert doubts(shot("dpt_hb_hib_2", date(2025, 6, 28)), [first]) == (
        "DPT-HB-Hib 2 paling cepat 29/06/2025.",
    )


def test_a_skipped_dose_is_asked_about():
    assert doubts(shot("dpt_hb_hib_2", date(2025, 8, 1))) == (
        "DPT-HB-Hib 1 belum tercatat. Sudah pernah diberikan?",
    )


def test_the_wrong_colour_is_asked_about():
    assert doubts(capsule(date(2026, 3, 9), "merah")) == ("Umur 11 bulan seharusnya kapsul biru.",)
    assert doubts(capsule(date(2026, 3, 10), "merah")) == ()
    assert doubts(capsule(date(2025, 8, 10), "biru")) == (
        "Umur 5 bulan tidak mendapat kapsul vitamin A di posyandu.",
    )
    assert doubts(capsule(date(2026, 3, 10), "hijau")) == ()


def test_two_capsules_in_one_campaign_are_asked_about():
    first = capsule(date(2026, 2, 10), "biru")
    assert doubts(capsule(date(2026, 4, 1), "merah"), [first]) == (
        "Sudah tercatat 10/02/2026 untuk Februari 2026.",
    )
    assert doubts(capsule(date(2026, 8, 1), "merah"), [first]) == ()


def test_deworming_too_young_is_asked_about():
    assert doubts(dose("obat_cacing", date(2026, 3, 9))) == (
        "Obat cacing mulai umur 12 bulan; anak ini 11 bulan.",
    )
    assert doubts(dose("obat_cacing", date(2026, 3, 10))) == ()


def test_refusals_unknown_codes_and_unknown_birthdays_raise_no_doubt():
    assert doubts(shot("mr1", BIRTH, state="menolak")) == ()
    assert doubts(shot("hpv", BIRTH)) == ()
    assert doubts(dose("vitamin_z", BIRTH)) == ()
    assert doubts(shot("mr1", BIRTH), who=child(None)) == ()


# findings for risk


def card(day: date, **more: object) -> Visit:
    return Visit(id=f"v{day}", child="c", date=day, **more)


def test_the_latest_answer_stands_until_it_is_answered_again():
    october = card(date(2025, 10, 12), danger_signs=frozenset({"kejang"}), tb_symptoms=frozenset({"a", "b"}))
    silent = card(date(2025, 11, 12))
    found = schedule.findings([october, silent], (), date(2025, 11, 12))
    assert found.danger_signs == ("Kejang (12/10/2025)",)
    assert found.tb_symptoms == 2
    cleared = card(date(2025, 11, 13), danger_signs=frozenset(), tb_symptoms=frozenset())
    found = schedule.findings([october, silent, cleared], (), date(2025, 11, 13))
    assert (found.danger_signs, found.tb_symptoms) == ((), 0)


def test_danger_signs_are_named_gravest_first_and_unknown_ones_kept():
    today = card(date(2025, 10, 12), danger_signs=frozenset({"diare", "kejang", "digigit_ular"}))
    found = schedule.findings([today], (), date(2025, 10, 12))
    assert found.danger_signs == ("Kejang", "Diare", "digigit_ular")


def test_cards_after_the_day_and_voided_cards_say_nothing():
    later = card(date(2025, 10, 13), danger_signs=frozenset({"kejang"}), development="tidak_lengkap")
    gone = card(date(2025, 10, 1), danger_signs=frozenset({"kejang"}), voided=True)
    found = schedule.findings([later, gone], (), date(2025, 10, 12))
    assert (found.danger_signs, found.development_complete) == ((), None)


@pytest.mark.parametrize(
    ("outcome", "complete"),
    [("lengkap", True), ("tidak_lengkap", False), ("tidak_diperiksa", None), (None, None)],
)
def test_development_is_judged_only_when_it_was_checked(outcome, complete):
    found = schedule.findings([card(date(2025, 10, 12), development=outcome)], (), date(2025, 10, 12))
    assert found.development_complete is complete


def test_what_is_overdue_is_named_and_what_is_refused_or_unrecorded_is_not():
    on = date(2026, 4, 10)
    rows = due(on, [shot("mr1", date(2026, 1, 1), state="menolak")])
    found = schedule.findings((), rows, on)
    assert found.vitamin_a_overdue
    assert "DPT-HB-Hib 1" in found.immunisation_overdue
    assert not any(name.startswith("Campak") for name in found.immunisation_overdue)
    unknown = schedule.findings((), due(on, since=None), on)
    assert not unknown.vitamin_a_overdue
    assert unknown.immunisation_overdue == ()


def test_a_month_knows_its_neighbours_across_the_year():
    campaign = schedule.campaign_of(date(2027, 1, 15), (2, 8))
    assert campaign == (Month(2026, 8), Month(2027, 2))

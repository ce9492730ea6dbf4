"""The list before the day and the closing after it, against counts made another way."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posyandu_app.domain import recap
from posyandu_app.domain.age import Month, completed_months
from posyandu_app.domain.assessment import assess_history
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.home_visits import HomeVisit, VisitReason
from posyandu_app.domain.model import Child, ChildState, Measurement, Sex
from posyandu_app.domain.recap import ChildFile
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.rules import default_rules
from posyandu_app.domain.skdn import Skdn
from posyandu_app.domain.visits import Visit

RULES = default_rules()
DAY = date(2026, 11, 23)
MONTH, LAST = Month(2026, 11), Month(2026, 10)


def child(name: str = "Siti", birth: date | None = date(2025, 11, 1), **more: object) -> Child:
    more.setdefault("sex", Sex.FEMALE)
    return Child(id=name, scope="s", name=name, birth_date=birth, **more)


def weighing(who: Child, day: date, grams: int | None = 9000, **more: object) -> Measurement:
    return Measurement(id=f"{who.id}{day}", child=who.id, date=day, weight_g=grams, **more)


def file(who: Child | None = None, weighings=(), **more: object) -> ChildFile:
    who = who or child()
    rows = [weighing(who, day, grams) for day, grams in weighings]
    return ChildFile(who, assess_history(who, rows, RULES), **more)


def card(day: date = DAY, who: str = "Siti", **more: object) -> Visit:
    return Visit(id=f"v{who}{day}", child=who, date=day, **more)


def close(*files: ChildFile, on: date = DAY) -> recap.Recap:
    return recap.close(files, on, RULES)


def prepare(*files: ChildFile, on: date = DAY, previous: date | None = None) -> recap.Preparation:
    return recap.prepare(files, on, RULES, previous=previous)


OCTOBER, SEPTEMBER = date(2026, 10, 20), date(2026, 9, 20)


# absent and home visits


def test_who_was_weighed_or_there_is_not_absent():
    weighed = file(child("A"), [(date(2026, 11, 3), 9000)])
    there = file(child("B"), visits=[card(who="B", attendance="tidak_dapat_diukur")])
    moved = file(child("C"), visits=[card(who="C", attendance="pindah")])
    away = file(child("D"), visits=[card(who="D", attendance="tidak_hadir")])
    silent = file(child("E"))
    assert [row.child.name for row in close(weighed, there, moved, away, silent).absent] == ["D", "E"]


def test_a_voided_card_is_no_attendance():
    assert len(close(file(visits=[card(voided=True)])).absent) == 1


def test_who_was_registered_after_the_day_was_not_absent_from_it():
    assert close(file(since=date(2026, 11, 24))).absent == ()
    assert len(close(file(since=DAY)).absent) == 1


def test_who_left_or_turned_sixty_months_is_not_absent():
    gone = [
        file(child("A", state=ChildState.MOVED)),
        file(child("B", state=ChildState.DEAD)),
        file(child("C", date(2021, 11, 30))),
    ]
    assert close(*gone).absent == ()
    assert len(close(file(child("D", date(2021, 12, 1)))).absent) == 1


def test_reasons_say_why_the_house_is_visited():
    rising = file(child("A"), [(SEPTEMBER, 8000), (OCTOBER, 9000)])
    after_t = file(child("B"), [(SEPTEMBER, 9000), (OCTOBER, 9000)])
    twice = file(child("C"), [(SEPTEMBER, 9000)])
    found = {row.child.name: row.reasons for row in close(rising, after_t, twice).absent}
    assert found["A"] == (VisitReason.ABSENT,)
    assert found["B"] == (VisitReason.ABSENT_AFTER_T,)
    assert found["C"] == (VisitReason.ABSENT_TWICE,)


def test_the_home_visit_list_puts_the_gravest_first_then_neighbours():
    thin = file(child("Zaki", rw="9", rt="9"), [(OCTOBER, 5000)])
    near = file(child("Budi", rw="2", rt="10"), [(OCTOBER, 9000)])
    far = file(child("Ani", rw="10", rt="1"), [(OCTOBER, 9000)])
    next_door = file(child("Cici", rw="2", rt="1"), [(OCTOBER, 9000)])
    rows = close(far, near, next_door, thin).absent
    assert [row.child.name for row in rows] == ["Zaki", "Cici", "Budi", "Ani"]
    assert rows[0].reasons[0] is VisitReason.ABSENT_AT_RISK
    assert rows[0].last_came == OCTOBER


def test_a_home_visit_of_the_month_stands_beside_the_child():
    made = HomeVisit(id="h", child="Siti", date=date(2026, 11, 25), outcome="bertemu")
    old = replace(made, id="o", date=OCTOBER)
    gone = replace(made, id="g", voided=True)
    assert close(file(home_visits=[made, old, gone])).absent[0].visited == made
    assert close(file(home_visits=[old, gone])).absent[0].visited is None


# the midwife


def test_what_waits_for_the_midwife_is_worst_first_and_good_children_are_not_on_it():
    fine = file(child("A"), [(OCTOBER, 8700), (DAY, 9000)])
    first_t = file(child("B"), [(OCTOBER, 9000), (DAY, 9000)])
    swollen_child = child("C")
    swollen = ChildFile(
        swollen_child, assess_history(swollen_child, [weighing(swollen_child, DAY, oedema=2)], RULES)
    )
    rows = close(fine, first_t, swollen).waiting
    assert [(row.child.name, row.risk.tone) for row in rows] == [
        ("C", Tone.RUJUK_SEGERA),
        ("B", Tone.WASPADA),
    ]


def test_a_danger_sign_on_the_card_reaches_the_midwife_without_a_weight():
    rows = close(file(visits=[card(danger_signs=frozenset({"kejang"}))])).waiting
    assert rows[0].risk.tone is Tone.RUJUK_SEGERA
    assert "Kejang" in rows[0].risk.reasons[0].text


def test_a_refused_immunisation_waits_for_the_midwife():
    refused = Dose(id="d", child="Siti", date=OCTOBER, what="imunisasi", antigen="mr1", state="menolak")
    fine = file(weighings=[(OCTOBER, 8700), (DAY, 9000)], doses=[refused])
    rows = close(fine).waiting
    assert [row.refused for row in rows] == [("Campak-Rubela (MR) 1",)]


# campaigns


def capsule(who: str, day: date, **more: object) -> Dose:
    return Dose(id=f"{who}{day}", child=who, date=day, what="vitamin_a", **more)


def test_vitamin_a_is_counted_by_the_age_on_the_day_it_was_given():
    august = date(2026, 8, 20)
    files = [
        file(child("A", date(2026, 2, 20)), doses=[capsule("A", august, colour="biru")]),
        file(child("B", date(2025, 9, 1)), doses=[capsule("B", date(2026, 8, 5), colour="biru")]),
        file(child("C", date(2025, 8, 20)), doses=[capsule("C", august, state="menolak")]),
        file(child("D", date(2024, 1, 1))),
        file(child("E", date(2026, 3, 1))),
        file(child("F", date(2024, 1, 1)), doses=[capsule("F", date(2026, 9, 1), colour="merah")]),
        file(child("G", date(2024, 1, 1)), doses=[capsule("G", date(2026, 7, 31), colour="merah")]),
    ]
    found = close(*files, on=august)
    blue, red = found.vitamin_a
    assert (blue.target, blue.given, blue.refused) == (2, 2, 0)
    assert (red.target, red.given, red.refused) == (4, 0, 1)
    assert (found.campaign, found.campaign_open) == (Month(2026, 8), True)
    assert (blue.percent, red.percent) == (1000, 0)


def test_a_month_later_the_catch_up_counts_for_the_same_campaign():
    late = file(child("F", date(2024, 1, 1)), doses=[capsule("F", date(2026, 9, 1), colour="merah")])
    found = close(late, on=date(2026, 9, 21))
    assert found.vitamin_a[1].given == 1
    assert (found.campaign, found.campaign_open) == (Month(2026, 8), False)


def test_coverage_without_a_target_has_no_percentage():
    assert close().vitamin_a[0].percent is None


def test_deworming_counts_from_twelve_months():
    files = [
        file(child("A", date(2025, 11, 23)), doses=[Dose(id="1", child="A", date=DAY, what="obat_cacing")]),
        file(child("B", date(2025, 11, 24))),
        file(child("C", date(2023, 1, 1))),
    ]
    found = close(*files).deworming
    assert (found.name, found.target, found.given) == ("Obat cacing", 2, 1)


def test_immunisations_of_the_month_are_counted_in_the_order_of_the_card():
    def shot(name: str, code: str, day: date = DAY, **more: object) -> Dose:
        return Dose(id=name + code, child=name, date=day, what="imunisasi", antigen=code, **more)

    files = [
        file(child("A"), doses=[shot("A", "mr1"), shot("A", "bcg"), shot("A", "hpv")]),
        file(child("B"), doses=[shot("B", "mr1", state="menolak"), shot("B", "ipv2", OCTOBER)]),
        file(child("C"), doses=[shot("C", "mr1", voided=True)]),
    ]
    assert close(*files).doses == (("BCG", 1, 0), ("Campak-Rubela (MR) 1", 1, 1), ("hpv", 1, 0))


# the cards


def test_the_cards_are_counted_by_their_latest_answers():
    baby = file(
        child("A", date(2026, 7, 1)),
        visits=[
            card(date(2026, 11, 2), "A", exclusive_breastfeeding=True, counselling=frozenset({"naik"})),
            card(DAY, "A", exclusive_breastfeeding=False, danger_signs=frozenset()),
        ],
    )
    older = file(
        child("B"),
        visits=[
            card(
                DAY,
                "B",
                complementary_feeding=True,
                development="tidak_lengkap",
                tb_symptoms=frozenset({"a", "b"}),
                danger_signs=frozenset({"kejang"}),
                local_food=True,
                referral="puskesmas",
            )
        ],
    )
    away = file(child("C"))
    found = close(baby, older, away)
    assert found.infants == recap.CardCounts(
        expected=1, came=1, absent=0, breastfeeding_asked=1, breastfeeding_yes=0, counselled=1
    )
    assert found.older == recap.CardCounts(
        expected=2,
        came=1,
        absent=1,
        development_incomplete=1,
        tb_suspected=1,
        danger_signs=1,
        feeding_asked=1,
        feeding_yes=1,
        local_food=1,
        referred=1,
    )


def test_the_ilp_bands_part_at_six_months_to_the_day():
    young, old = child("A", date(2026, 5, 24)), child("B", date(2026, 5, 23))
    found = close(file(young), file(old))
    assert (found.infants.expected, found.older.expected) == (1, 1)


# SKDN beside last month


def test_who_came_to_the_posyandu_this_month_does_not_swell_last_months_s():
    new = file(child("A"), [(DAY, 9000)], since=date(2026, 11, 20))
    old = file(child("B"), [(OCTOBER, 8700), (DAY, 9000)], since=date(2026, 1, 1))
    found = close(new, old)
    assert (found.now.total.S, found.before.total.S) == (2, 1)
    assert (found.now.total.D, found.before.total.D) == (2, 1)
    assert (found.now.total.N, found.now.total.B) == (1, 1)


def test_who_was_weighed_before_being_registered_here_still_counts():
    moved_in = file(child("A"), [(OCTOBER, 8700)], since=date(2026, 11, 1))
    assert close(moved_in).before.total.S == 1


def test_the_printed_lines_show_both_months_and_never_zero_per_cent_of_nothing():
    rows = {line.code: line for line in recap.lines(Skdn(S=4, K=3, D=3, N=1, T=1, B=1), Skdn(), RULES)}
    assert (rows["S"].now, rows["S"].before) == ("4", "0")
    assert (rows["D/S"].now, rows["D/S"].before, rows["D/S"].target) == ("75,0 %", "—", "85 %")
    assert (rows["N/D"].now, rows["N/(N+T)"].now) == ("33,3 %", "50,0 %")
    assert len(rows) == 13


def test_an_empty_posyandu_closes_and_prepares():
    found = close()
    assert found.now.total == Skdn()
    assert (found.absent, found.waiting, found.doses) == ((), (), ())
    assert prepare().expected == ()


# before the day


def test_the_list_before_the_day_is_by_name_and_counts_what_to_have_ready():
    files = [
        file(child("wati", date(2026, 5, 1)), since=date(2026, 5, 1)),
        file(child("Ani", date(2025, 2, 1)), since=date(2025, 2, 1)),
    ]
    found = prepare(*files, on=date(2027, 2, 22))
    assert [row.child.name for row in found.expected] == ["Ani", "wati"]
    needs = dict(found.needs)
    assert (needs["Kapsul biru"], needs["Kapsul merah"], needs["Obat cacing"]) == (1, 1, 1)
    assert [name for name, _ in found.needs][:3] == ["Kapsul biru", "Kapsul merah", "Obat cacing"]
    assert "MP-ASI" not in needs
    assert "BCG" in needs


def test_immunisations_to_have_ready_stand_in_the_order_of_the_card():
    newborn = file(child("A", date(2026, 9, 1)), since=date(2026, 9, 1))
    toddler = file(child("B", date(2026, 2, 1)), since=date(2026, 2, 1))
    names = [name for name, _ in prepare(newborn, toddler).needs]
    assert names.index("BCG") < names.index("DPT-HB-Hib 1") < names.index("Campak-Rubela (MR) 1")


def test_who_was_absent_last_time_is_marked():
    came = file(child("A"), [(OCTOBER, 9000)])
    stayed = file(child("B"), [(SEPTEMBER, 9000)])
    new = file(child("C"), since=date(2026, 11, 2))
    unborn = file(child("D", date(2026, 11, 2)))
    found = {row.child.name: row.absent_last for row in prepare(came, stayed, new, unborn).expected}
    assert found == {"A": False, "B": True, "C": False, "D": False}


def test_the_session_before_may_lie_further_back_than_last_month():
    seen_in_september = file(child("A"), [(SEPTEMBER, 9000)])
    assert prepare(seen_in_september, previous=SEPTEMBER).expected[0].absent_last is False
    assert prepare(seen_in_september).expected[0].absent_last is True


def test_who_completed_sixty_months_is_listed_to_leave_not_to_come():
    found = prepare(file(child("A", date(2021, 11, 23))), file(child("B", date(2021, 11, 24))))
    assert [row.child.name for row in found.expected] == ["B"]
    assert [who.name for who in found.graduates] == ["A"]
    left = file(child("C", date(2021, 1, 1), state=ChildState.GRADUATED))
    assert prepare(left).graduates == ()


def test_a_child_without_birth_date_is_expected_with_nothing_due():
    row = prepare(file(child("A", None))).expected[0]
    assert (row.age_months, row.due, row.milestones) == (None, (), ())


def test_milestones_since_the_session_before_are_announced():
    row = prepare(file(child("A", date(2026, 5, 10))), previous=OCTOBER).expected[0]
    assert [m.months for m in row.milestones] == [6]


def lengthy(name: str, day: date, grams: int, length_mm: int) -> ChildFile:
    who = child(name)
    rows = [weighing(who, day, grams, length_mm=length_mm)]
    return ChildFile(who, assess_history(who, rows, RULES))


@pytest.mark.parametrize(("days", "due"), [(13, False), (14, True), (40, True)])
def test_a_wasted_child_is_looked_at_again_after_fourteen_days(days, due):
    wasted = lengthy("A", date(2026, 10, 10), 7300, 740)
    codes = [f.code for f in recap.follow_ups(wasted, date(2026, 10, 10) + timedelta(days=days), RULES)]
    assert ("nutrition" in codes) is due


def test_a_severely_wasted_child_is_looked_at_again_after_a_week():
    severe = lengthy("A", date(2026, 10, 10), 6000, 740)
    found = recap.follow_ups(severe, date(2026, 10, 17), RULES)
    assert found[0].text == "Kontrol gizi buruk sejak 10/10/2026."


def test_a_child_measured_well_since_needs_no_check():
    who = child("A")
    rows = [
        weighing(who, date(2026, 10, 10), 7300, length_mm=740),
        weighing(who, date(2026, 10, 26), 8900, length_mm=741),
    ]
    assert recap.follow_ups(ChildFile(who, assess_history(who, rows, RULES)), DAY, RULES) == ()


def test_a_weight_without_a_length_does_not_end_the_check():
    who = child("A")
    rows = [
        weighing(who, date(2026, 10, 10), 7300, length_mm=740),
        weighing(who, date(2026, 10, 26), 8900),
    ]
    found = recap.follow_ups(ChildFile(who, assess_history(who, rows, RULES)), DAY, RULES)
    assert [f.code for f in found] == ["nutrition"]


def test_oedema_a_t_and_a_referral_are_followed_up():
    who = child("A")
    rows = [weighing(who, SEPTEMBER, 9000), weighing(who, OCTOBER, 9000, oedema=1)]
    cards = [card(OCTOBER, "A", referral="rs")]
    found = recap.follow_ups(ChildFile(who, assess_history(who, rows, RULES), cards), DAY, RULES)
    assert [f.code for f in found] == ["oedema", "not_rising", "referral"]
    assert found[2].text == "Dirujuk ke Rumah sakit 20/10/2026. Tanyakan hasilnya."


def test_a_referral_is_asked_about_only_until_the_next_card():
    cards = [card(SEPTEMBER, referral="rs"), card(OCTOBER)]
    assert recap.follow_ups(file(visits=cards), DAY, RULES) == ()
    assert [f.code for f in recap.follow_ups(file(visits=cards[:1]), DAY, RULES)] == ["referral"]
    assert recap.follow_ups(file(visits=[card(DAY, referral="rs")]), DAY, RULES) == ()


# against a count made another way


@st.composite
def posyandu(draw):
    """Children of all ages and states, weighed, there or away in the five months up to November 2026."""
    files = []
    for number in range(draw(st.integers(0, 7))):
        birth = draw(st.dates(date(2021, 9, 1), date(2026, 11, 30)))
        who = child(
            f"anak{number}",
            birth,
            sex=draw(st.sampled_from(Sex)),
            kia_held=draw(st.sampled_from([True, False, None])),
            state=draw(st.sampled_from([*["aktif"] * 5, "pindah", "meninggal", "lulus"])),
        )
        days = draw(st.sets(st.dates(date(2026, 7, 1), date(2026, 11, 30)), max_size=6))
        rows = [
            weighing(who, day, draw(st.integers(2500, 22000)), voided=draw(st.integers(0, 9)) == 0)
            for day in sorted(days)
            if day >= birth
        ]
        visits = [
            Visit(id=f"v{number}", child=who.id, date=day, attendance=how)
            for day, how in [
                (
                    draw(st.dates(date(2026, 11, 1), date(2026, 11, 30))),
                    draw(st.sampled_from(["hadir", "tidak_hadir", "tidak_dapat_diukur", "pindah"])),
                )
            ]
            if draw(st.booleans())
        ]
        since = draw(st.none() | st.dates(date(2026, 8, 1), date(2026, 11, 30)))
        files.append((who, rows, visits, since))
    return files


def by_hand(files, month: Month) -> Counter[str]:
    """The SKDN as a kader counts it with a pencil, straight from the weights."""
    counts: Counter[str] = Counter()
    for who, rows, visits, since in files:
        weights: dict[Month, tuple[date, int]] = {}
        for row in sorted(rows, key=lambda row: row.date):
            months = completed_months(who.birth_date, row.date)
            if not row.voided and 0 <= months <= 60:
                weights[Month.of(row.date)] = (row.date, row.weight_g)
        touched = [row.date for row in rows if not row.voided and Month.of(row.date) == month]
        there = [v.date for v in visits if v.attendance in ("hadir", "tidak_dapat_diukur")]
        there = [day for day in there if Month.of(day) == month]
        if not (since is None or since <= month.last_day or touched or there):
            continue
        now = weights.get(month)
        age = completed_months(who.birth_date, now[0] if now else month.last_day)
        if not 0 <= age < 60 or (now is None and who.state != "aktif"):
            continue
        counts["S"] += 1
        counts["K"] += who.kia_held is True
        if now is None:
            continue
        counts["D"] += 1
        earlier = [m for m in weights if m < month]
        if not earlier:
            counts["B"] += 1
        elif max(earlier) != month.previous():
            counts["O"] += 1
        else:
            kbm = RULES.kbm(who.sex, completed_months(who.birth_date, now[0]))
            counts["N" if now[1] - weights[month.previous()][1] >= kbm else "T"] += 1
    return counts


def as_files(files) -> list[ChildFile]:
    return [
        ChildFile(who, assess_history(who, rows, RULES), visits, since=since)
        for who, rows, visits, since in files
    ]


@settings(max_examples=60)
@given(posyandu())
def test_the_recap_equals_a_count_by_hand(files):
    found = recap.close(as_files(files), DAY, RULES)
    for table, month in ((found.now, MONTH), (found.before, LAST)):
        counts = by_hand(files, month)
        total = table.total
        for letter in ("S", "K", "D", "N", "T", "O", "B"):
            assert getattr(total, letter) == counts[letter], letter
        assert total.D == total.N + total.T + total.O + total.B
        assert sum(table.by_sex.values(), Skdn()) == total
        assert sum(table.by_group.values(), Skdn()) == total
        assert sum(table.by_group_and_sex.values(), Skdn()) == total


@settings(max_examples=60)
@given(posyandu())
def test_every_child_of_the_month_came_or_is_absent_or_moved_or_was_not_yet_known(files):
    found = recap.close(as_files(files), DAY, RULES)
    absent = {row.child.id for row in found.absent}
    assert found.infants.absent + found.older.absent == len(absent)
    for who, rows, visits, since in files:
        weighed = any(Month.of(row.date) == MONTH and not row.voided for row in rows)
        attended = any(v.attendance in ("hadir", "tidak_dapat_diukur") for v in visits)
        moved = any(v.attendance == "pindah" for v in visits)
        expected = who.state == "aktif" and 0 <= completed_months(who.birth_date, MONTH.last_day) < 60
        known = since is None or since <= DAY
        away = expected and known and not (weighed or attended or moved)
        assert (who.id in absent) is away


@settings(max_examples=60)
@given(posyandu())
def test_the_midwife_sees_everyone_whose_tone_is_watch_or_worse(files):
    found = recap.close(as_files(files), DAY, RULES)
    severities = [row.risk.tone.severity for row in found.waiting]
    assert severities == sorted(severities, reverse=True)
    assert all(row.risk.listed or row.refused for row in found.waiting)
    listed = {row.child.id for row in found.waiting}
    for who, rows, _visits, _since in files:
        two = [row for row in rows if not row.voided and Month.of(row.date) == MONTH]
        if any(row.weight_g < 4000 and completed_months(who.birth_date, row.date) >= 6 for row in two[-1:]):
            assert who.id in listed


@settings(max_examples=200)
@given(posyandu(), st.randoms(use_true_random=False))
def test_the_order_of_the_children_never_matters(files, rng):
    shuffled = list(files)
    rng.shuffle(shuffled)
    assert recap.close(as_files(shuffled), DAY, RULES) == recap.close(as_files(files), DAY, RULES)
    assert recap.prepare(as_files(shuffled), DAY, RULES) == recap.prepare(as_files(files), DAY, RULES)


@settings(max_examples=40)
@given(posyandu())
def test_before_the_day_everyone_active_known_and_under_sixty_months_is_expected(files):
    found = recap.prepare(as_files(files), DAY, RULES)
    names = {row.child.id for row in found.expected}
    leaving = {who.id for who in found.graduates}
    for who, _rows, _visits, since in files:
        age = completed_months(who.birth_date, DAY)
        known = since is None or since <= DAY
        here = who.state == "aktif" and known
        assert (who.id in names) is (here and 0 <= age < 60)
        assert (who.id in leaving) is (here and age >= 60)

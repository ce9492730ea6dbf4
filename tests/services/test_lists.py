"""The roster and the midwife's list: computed from what is saved, remembered only while it is true."""

from datetime import date, datetime, timedelta

import pytest

from posyandu_app import i18n
from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.risk import Tone
from posyandu_app.services import children, drafts, registration, review, roster, weighing
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import NewOperation
from tests.services.conftest import siti
from tests.storage.made_up import KEY, SCOPE, WIB, operation, received

TODAY = date(2026, 11, 23)


def register(ws: Workspace, name: str, **fields: object) -> str:
    return next(iter(registration.register(ws, siti(name=name, **fields)).entities))


def weigh(ws: Workspace, child_id: str, on: date = TODAY, grams: int = 9000, mm: int = 740):
    return weighing.record(ws, child_id, Draft(on, grams, mm, Position.LYING))


class TestRoster:
    def test_an_empty_posyandu_has_an_empty_list(self, ws):
        assert roster.rows(ws) == ()
        assert roster.rows(ws, "siti") == ()

    def test_children_stand_by_name(self, ws):
        for name in ("Zahra", "Aisyah", "siti", "Éuis"):
            register(ws, name)
        assert [row.child.name for row in roster.rows(ws)] == ["Aisyah", "Éuis", "siti", "Zahra"]

    def test_a_row_says_who_when_and_how(self, ws, child_id):
        weigh(ws, child_id, on=date(2026, 10, 23), grams=8600, mm=730)
        (row,) = roster.rows(ws)
        assert (row.age_months, row.last_date, row.last_weight_g) == (12, date(2026, 10, 23), 8600)
        assert not row.measured_this_month
        assert row.risk.tone is Tone.BELUM_DIUKUR
        weigh(ws, child_id)
        (row,) = roster.rows(ws)
        assert (row.last_date, row.last_weight_g, row.measured_this_month) == (TODAY, 9000, True)
        assert row.risk.tone is Tone.BAIK

    def test_the_month_is_that_of_the_clock(self, ws, child_id):
        weigh(ws, child_id)
        assert roster.rows(ws)[0].measured_this_month
        ws.clock = FixedClock(datetime(2026, 12, 1, 0, 1, tzinfo=WIB))
        (row,) = roster.rows(ws)
        assert not row.measured_this_month
        assert row.risk.tone is Tone.BELUM_DIUKUR

    def test_a_draft_shows_to_whoever_is_at_the_laptop(self, ws, as_role, child_id):
        drafts.save(ws, child_id, {"weight_g": "8,"})
        assert roster.rows(ws)[0].has_draft
        assert roster.rows(as_role(Role.BIDAN))[0].has_draft, "the next table goes on with it"
        drafts.clear(ws, child_id)
        assert not roster.rows(ws)[0].has_draft

    @pytest.mark.parametrize("state", ["meninggal", "pindah", "lulus"])
    def test_children_who_are_gone_are_found_but_not_expected(self, ws, child_id, state):
        registration.update(ws, child_id, {"state": state})
        assert roster.rows(ws) == ()
        assert [row.child.state for row in roster.rows(ws, "siti")] == [state]

    def test_a_search_finds_by_mother_and_nik(self, ws):
        register(ws, "Budi", mother_name="Qomariah", nik="3211130101250002")
        register(ws, "Ani")
        for query in ("komariah", "bud", "0002"):
            assert [row.child.name for row in roster.rows(ws, query)] == ["Budi"]

    def test_whose_own_name_begins_as_typed_comes_first(self, ws):
        """Enter opens the first: it must not be the child whose mother is called so."""
        for name, mother in (
            ("Aisyah", "Siti Zahra"),
            ("Nabila Zahra", "Euis"),
            ("Azzahra", "Iis"),
            ("Zahra Aulia", "Lilis"),
            ("Zahra", "Rohmah"),
        ):
            register(ws, name, mother_name=mother)
        found = [row.child.name for row in roster.rows(ws, "zahra")]
        assert found == ["Zahra", "Zahra Aulia", "Nabila Zahra", "Azzahra", "Aisyah"]
        assert [row.child.name for row in roster.rows(ws, "zah nab")] == ["Nabila Zahra"]

    def test_children_of_other_areas_are_not_shown(self, ws, child_id):
        elsewhere = NewOperation(
            "child.register", "x", "32.11.13.2005.0011", {"name": {"v": "Siti", "base": None}}
        )
        near = NewOperation("child.register", "y", "32.11.13.2006.001", {"name": {"v": "Siti", "base": None}})
        page = [received("r2", operation(new, seq), seq) for seq, new in enumerate((elsewhere, near), 1)]
        log.receive(ws.database, page, received_at="x")
        assert [row.child.id for row in roster.rows(ws)] == [child_id]
        assert [row.child.id for row in roster.rows(ws, "siti")] == [child_id]

    def test_a_child_without_name_sex_or_date_breaks_nothing(self, ws):
        bare = NewOperation("child.register", "bare", SCOPE, {})
        log.receive(ws.database, [received("r2", operation(bare, 1), 1)], received_at="x")
        weigh(ws, "bare")
        (row,) = roster.rows(ws)
        assert (row.child.name, row.age_months, row.last_weight_g) == ("", None, 9000)
        assert len(children.open_card(ws, "bare").history) == 1
        review.at_risk(ws)


class TestRemembering:
    """What is remembered between calls is never shown once it is no longer true."""

    def test_a_new_a_corrected_and_a_hidden_visit_show_at_once(self, ws, child_id):
        roster.rows(ws)
        entity = next(iter(weigh(ws, child_id).entities - {child_id}))
        assert roster.rows(ws)[0].last_weight_g == 9000
        weighing.correct(ws, entity, {"weight_g": 9100})
        assert roster.rows(ws)[0].last_weight_g == 9100
        weighing.void(ws, entity)
        assert roster.rows(ws)[0].last_weight_g is None

    def test_a_corrected_birth_date_changes_the_assessment(self, ws, child_id):
        weigh(ws, child_id)
        before = children.open_card(ws, child_id).history[0].age_days
        registration.update(ws, child_id, {"birth_date": date(2025, 10, 23)})
        assert children.open_card(ws, child_id).history[0].age_days == before + 31

    def test_what_another_window_saves_shows_here(self, ws, child_id):
        roster.rows(ws)
        second = Workspace(Database.open(ws.database.path, ws.database.key), ws.user, ws.rules, ws.clock)
        weigh(second, child_id)
        second.close()
        assert roster.rows(ws)[0].last_weight_g == 9000

    def test_what_sync_brings_shows(self, ws, child_id):
        roster.rows(ws)
        visit = NewOperation(
            "measurement.record", "m", SCOPE, {"child": child_id, "date": "2026-11-23", "weight_g": 9300}
        )
        log.receive(ws.database, [received("r2", operation(visit, 1), 1)], received_at="x")
        assert roster.rows(ws)[0].last_weight_g == 9300

    def test_the_language_of_the_reasons_follows_the_switch(self, ws, child_id):
        weigh(ws, child_id, grams=5000)
        indonesian = review.at_risk(ws)[0]
        i18n.set_language("en")
        english = review.at_risk(ws)[0]
        assert indonesian.risk.reasons[0].code == english.risk.reasons[0].code
        assert indonesian.risk.reasons[0].text != english.risk.reasons[0].text
        assert indonesian.last.categories != english.last.categories

    def test_a_rebuilt_database_shows_the_same(self, ws, child_id):
        from posyandu_app.storage import projection

        weigh(ws, child_id)
        before = roster.rows(ws)
        projection.rebuild(ws.database)
        assert roster.rows(ws) == before


class TestMidwifesList:
    def test_worst_first_with_reasons(self, ws):
        well, thin, thinner = (register(ws, name) for name in ("Ani", "Budi", "Cici"))
        weigh(ws, well)
        weigh(ws, thin, grams=7100)
        weigh(ws, thinner, grams=6600)
        listed = review.at_risk(ws)
        assert [row.child.name for row in listed] == ["Cici", "Budi"]
        assert listed[0].risk.tone is Tone.RUJUK_SEGERA
        assert all(row.risk.reasons and row.posyandu == "Melati 1" and row.age_months == 12 for row in listed)
        assert listed[0].last.measurement.weight_g == 6600

    def test_a_child_from_last_month_who_was_at_risk_stays_listed(self, ws, child_id):
        weigh(ws, child_id, on=date(2026, 10, 23), grams=6600)
        (row,) = review.at_risk(ws)
        assert row.risk.previous is Tone.RUJUK_SEGERA

    def test_a_child_who_is_gone_is_not_listed(self, ws, child_id):
        weigh(ws, child_id, grams=6600)
        registration.update(ws, child_id, {"state": "pindah"})
        assert review.at_risk(ws) == ()

    def test_a_child_who_never_came_is_listed_after_two_months(self, ws, child_id):
        assert review.at_risk(ws) == ()
        ws.clock = FixedClock(ws.clock.now() + timedelta(days=95))
        (row,) = review.at_risk(ws)
        assert row.risk.tone is Tone.WASPADA
        assert row.last is None

    def test_an_unknown_posyandu_is_named_by_its_number(self, ws):
        ws.database.set_meta("scope", "32.11.13.2005")
        far = register(ws, "Ani", scope="32.11.13.2005.007")
        weigh(ws, far, grams=6600)
        assert review.at_risk(ws)[0].posyandu == "32.11.13.2005.007"

    def test_the_figures_add_up(self, ws):
        for number, grams in enumerate((9000, 6600, None)):
            child_id = register(ws, f"Anak {'abc'[number]}")
            if grams is not None:
                weigh(ws, child_id, grams=grams)
        hidden = weigh(ws, child_id)
        weighing.undo(ws, hidden.undo)
        counts = review.counts(ws)
        assert (counts.children, counts.measurements) == (3, 2)
        assert counts.operations == log.tip(ws.database)[0] == 2 + 3 + 3 + 1
        assert counts.tones == {"rujuk_segera": 1, "rujuk": 0, "waspada": 0, "baik": 1, "belum_diukur": 1}


class TestDrafts:
    def test_what_is_typed_is_there_after_a_power_cut(self, ws, folder, child_id):
        from posyandu_app.services import accounts
        from tests.services.conftest import PASSWORD

        drafts.save(ws, child_id, {"weight_g": "8,", "note": "anaknya\nrewel é"})
        second = accounts.unlock(folder, "Sari", PASSWORD, ws.clock)
        assert drafts.load(second, child_id) == {"weight_g": "8,", "note": "anaknya\nrewel é"}
        second.close()

    def test_each_person_has_her_own(self, ws, as_role, child_id):
        drafts.save(ws, child_id, {"weight_g": "8"})
        midwife = as_role(Role.BIDAN)
        assert drafts.load(midwife, child_id) is None
        drafts.save(midwife, child_id, {"weight_g": "9"})
        drafts.clear(midwife, child_id)
        assert drafts.load(ws, child_id) == {"weight_g": "8"}

    def test_the_newest_stands(self, ws, child_id):
        for text in ("8", "8,", "8,4"):
            drafts.save(ws, child_id, {"weight_g": text})
        assert drafts.load(ws, child_id) == {"weight_g": "8,4"}

    @pytest.mark.parametrize("text", ["", "\x00", "'; DROP TABLE draft", "😀" * 1000])
    def test_any_text_is_kept(self, ws, child_id, text):
        drafts.save(ws, child_id, {"a": text})
        assert drafts.load(ws, child_id) == {"a": text}

    def test_half_a_letter_is_kept_as_a_question_mark(self, ws, child_id):
        drafts.save(ws, child_id, {"a": "x\ud83d"})
        assert drafts.load(ws, child_id) == {"a": "x?"}

    def test_an_endless_text_is_told(self, ws, child_id):
        from posyandu_app.domain.errors import InvalidValue

        with pytest.raises(InvalidValue):
            drafts.save(ws, child_id, {"a": "x" * 30_000})

    def test_drafts_are_no_operations(self, ws, child_id):
        before = log.count(ws.database)
        drafts.save(ws, child_id, {"a": "1"})
        drafts.clear(ws, child_id)
        assert log.count(ws.database) == before


def test_a_workspace_can_be_opened_elsewhere(tmp_path):
    """The database thread opens, the GUI thread never touches it; here another thread reads."""
    import threading

    made = Database.create(tmp_path / "x.db", KEY)
    found = []
    thread = threading.Thread(target=lambda: found.append(log.count(made)))
    thread.start()
    thread.join()
    assert found == [0]
    made.close()

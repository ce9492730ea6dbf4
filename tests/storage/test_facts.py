"""Facts besides measurements as rows: who, when, in order, voided too, fast to compare."""

import uuid
from datetime import date

from posyandu_app.domain.consent import Consent
from posyandu_app.domain.derived_ids import session_id
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.home_visits import HomeVisit
from posyandu_app.domain.sessions import Session, register_session
from posyandu_app.domain.visits import Visit
from posyandu_app.storage import facts, log, projection
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import NewOperation
from tests.storage.made_up import KEY, SCOPE, child, measurement, new_id

DAY = date(2026, 11, 23)


def fact(kind, of, on="2026-11-23", entity=None, **values):
    payload = {"child": of, "date": on, **values}
    return NewOperation(f"{kind}.record", entity or new_id(), SCOPE, payload)


def put(database, clock, *operations):
    log.append(database, operations, actor="kader-1", clock=clock)


def test_a_fact_says_who_recorded_it_and_when(database, clock):
    siti = child()
    card = fact("visit", siti.entity, note="Demam")
    put(database, clock, siti, card)
    kept = facts.get(database, Visit, card.entity)
    assert (kept.child, kept.date, kept.note) == (siti.entity, DAY, "Demam")
    assert (kept.actor, kept.at) == ("kader-1", "2026-11-23T09:12:44+07:00")
    assert kept.hlc == log.entries_of(database, card.entity)[0].operation.hlc
    assert dict(kept.bases)["note"] == log.entries_of(database, card.entity)[0].key


def test_a_correction_by_another_does_not_change_who_recorded_it(database, clock):
    siti = child()
    card = fact("visit", siti.entity, note="Demam")
    put(database, clock, siti, card)
    corrected = NewOperation(
        "visit.correct", card.entity, SCOPE, {"set": {"note": {"v": "Batuk", "base": None}}, "reason": ""}
    )
    log.append(database, [corrected], actor="bidan-1", clock=clock)
    kept = facts.get(database, Visit, card.entity)
    assert (kept.note, kept.actor) == ("Batuk", "kader-1")


def test_oldest_first_voided_too_each_kind_by_itself(database, clock):
    siti, bayu = child(), child("Bayu")
    late = fact("dose", siti.entity, what="obat_cacing", state="diberikan")
    early = fact("dose", siti.entity, "2026-08-10", what="vitamin_a", state="diberikan", colour="merah")
    gone = fact("dose", siti.entity, "2026-09-10", what="vitamin_a", state="menolak")
    put(
        database,
        clock,
        *(siti, bayu, late, early, gone),
        NewOperation("dose.void", gone.entity, SCOPE, {"seen": [], "reason": ""}),
        fact("visit", siti.entity),
        fact("home_visit", siti.entity, reason="tidak_hadir"),
        fact("consent", siti.entity, name="Rohmah", version="1", state="diberikan"),
        fact("visit", bayu.entity),
    )
    assert [dose.id for dose in facts.of_child(database, Dose, siti.entity)] == [
        early.entity,
        gone.entity,
        late.entity,
    ]
    assert [dose.voided for dose in facts.of_child(database, Dose, siti.entity)] == [False, True, False]
    both = facts.of_children(database, [siti.entity, bayu.entity, new_id()])
    assert set(both) == {siti.entity, bayu.entity}
    mine = both[siti.entity]
    assert [len(part) for part in (mine.visits, mine.doses, mine.home_visits, mine.consents)] == [1, 3, 1, 1]
    assert [dose.id for dose in mine.doses] == [early.entity, gone.entity, late.entity]
    assert both[bayu.entity].doses == ()
    assert facts.child_of(database, late.entity) == siti.entity
    assert facts.child_of(database, siti.entity) is None


def test_cards_of_a_day(database, clock):
    siti = child()
    today, gone = fact("visit", siti.entity), fact("visit", siti.entity)
    put(
        database,
        clock,
        *(siti, today, gone, fact("visit", siti.entity, "2026-11-22")),
        NewOperation("visit.void", gone.entity, SCOPE, {"seen": [], "reason": ""}),
    )
    found = facts.visits_on(database, [siti.entity], DAY)
    assert [card.id for card in found[siti.entity]] == [today.entity]
    assert facts.visits_on(database, [], DAY) == {}


def test_what_cannot_be_read_is_left_for_a_newer_version(database, clock):
    siti = child()
    odd = [
        fact("visit", siti.entity, "kemarin"),
        fact("dose", siti.entity),
        fact("consent", siti.entity, name="Rohmah"),
        fact("dose", siti.entity, what=7),
    ]
    put(database, clock, siti, *odd)
    assert facts.of_children(database, [siti.entity]) == {}
    assert facts.get(database, Dose, odd[1].entity) is None
    assert len(facts.entities_of(database, siti.entity)) == 4


def test_a_mark_changes_with_every_change_and_only_then(database, clock):
    siti, bayu = child(), child("Bayu")
    card = fact("visit", siti.entity)
    put(database, clock, siti, bayu, card)
    ids = [siti.entity, bayu.entity]
    before = facts.versions(database, ids)
    assert set(before) == {siti.entity}
    put(database, clock, fact("visit", bayu.entity), measurement(siti.entity))
    assert facts.versions(database, ids)[siti.entity] == before[siti.entity]
    put(database, clock, NewOperation("visit.void", card.entity, SCOPE, {"seen": [], "reason": ""}))
    assert facts.versions(database, ids)[siti.entity] != before[siti.entity]


def test_everything_about_a_child_by_its_ids(database, clock):
    siti = child()
    card, weighed = fact("visit", siti.entity), measurement(siti.entity)
    put(database, clock, siti, card, weighed, fact("visit", new_id()))
    assert set(facts.entities_of(database, siti.entity)) == {card.entity, weighed.entity}
    entries = log.entries_about(database, [siti.entity, card.entity, weighed.entity])
    assert [entry.operation.seq for entry in entries] == [1, 2, 3]


def test_sessions_of_a_posyandu_and_of_its_village(database, clock):
    def opened(scope, day):
        session = Session(id=session_id(scope, day), scope=scope, date=day, posyandu="Melati")
        return NewOperation("session.register", session.id, scope, register_session(session))

    village = SCOPE.rpartition(".")[0]
    put(
        database,
        clock,
        opened(SCOPE, DAY),
        opened(SCOPE, date(2026, 10, 23)),
        opened(f"{village}.002", DAY),
        opened("32.11.13.20051.001", DAY),
    )
    assert [session.date for session in facts.sessions(database, SCOPE)] == [date(2026, 10, 23), DAY]
    assert len(facts.sessions(database, village)) == 3
    row = facts.session_row(database, session_id(SCOPE, DAY))
    assert row.session.posyandu == "Melati"
    assert facts.session_row(database, new_id()) is None


def test_rebuilding_makes_the_same_rows(database, clock):
    siti = child()
    put(database, clock, siti, fact("visit", siti.entity, note="x"), fact("home_visit", siti.entity))
    sql = "SELECT kind, id, child, date, actor, at, hlc, vals FROM other_row ORDER BY kind, id"
    before = database.rows(sql)
    projection.rebuild(database)
    assert database.rows(sql) == before


def test_data_from_before_facts_named_their_author_are_brought_up_to_date(database, clock):
    """A database made by the first version has rows without author and date: they are made anew."""
    siti = child()
    card = fact("visit", siti.entity, note="Demam")
    put(database, clock, siti, card)
    with database.atomic():
        for column in ("date", "actor", "at", "hlc"):
            database.run("DROP INDEX IF EXISTS other_row_child")
            database.run(f"ALTER TABLE other_row DROP COLUMN {column}")
        database.run("CREATE INDEX other_row_child ON other_row (child, kind) WHERE child IS NOT NULL")
        database.run("DELETE FROM _sqlite_migrations WHERE name = '0002_who_recorded_a_fact'")
    database.close()
    opened = Database.open(database.path, KEY)
    kept = facts.get(opened, Visit, card.entity)
    assert (kept.note, kept.actor, kept.date) == ("Demam", "kader-1", DAY)
    assert facts.of_child(opened, HomeVisit, siti.entity) == ()
    assert facts.of_child(opened, Consent, siti.entity) == ()
    opened.close()


def test_ids_are_data_never_sql(database):
    hostile = ["' OR 1=1 --", '"]}', "\x00", str(uuid.uuid4()) * 100]
    assert facts.of_children(database, hostile) == {}
    assert facts.versions(database, hostile) == {}
    for text in hostile:
        assert facts.get(database, Visit, text) is None
        assert facts.sessions(database, text) == []

"""The log: gapless, chained, stamped by a clock that never goes back; receipts and sums that add up."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from posyandu_app.domain import hlc
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.merge import Known, project
from posyandu_app.domain.operations import GENESIS, OpKey, chain_hash, content_hash, seal
from posyandu_app.storage import log, measurements, peer, projection
from posyandu_app.storage.connection import Database
from posyandu_app.storage.log import BrokenChain, ForkedLog, NewOperation, Receipt
from posyandu_app.storage.peer import Peer
from tests.storage.made_up import KEY, SCOPE, WIB, child, measurement, new_id, operation, received

AT = "2026-11-23T10:00:00+07:00"


def enrol(database: Database) -> None:
    peer.enrol(database, Peer("http://dinas", "device", SCOPE, b"s" * 32, b"b" * 32, "epoch-1"))


def append(database, clock, *operations: NewOperation, actor: str = "u") -> list[OpKey]:
    return log.append(database, operations, actor=actor, clock=clock)


class TestAppend:
    def test_numbers_have_no_gap_and_the_chain_is_the_protocols(self, database, clock):
        for size in (1, 3, 2):
            append(database, clock, *(child() for _ in range(size)))
        previous = GENESIS
        for number, entry in enumerate(log.own_after(database, 0, 100), 1):
            assert entry.operation.seq == number
            previous = chain_hash(previous, entry.operation)
            assert entry.hash == previous
        assert log.tip(database) == (6, previous)
        assert log.verify_chain(database) == 6

    def test_a_deed_of_several_operations_is_one_transaction(self, database, clock):
        append(database, clock, child())
        append(database, clock, child(), child(), child())
        deeds = [entry.operation.tx for entry in log.own_after(database, 0, 100)]
        assert deeds == [(1, 1, 1), (2, 1, 3), (2, 2, 3), (2, 3, 3)]

    def test_nothing_is_logged_for_nothing(self, database, clock):
        assert append(database, clock) == []
        assert log.tip(database) == (0, GENESIS)

    def test_a_deed_that_cannot_be_written_leaves_nothing(self, database, clock):
        bad = NewOperation("child.register", new_id(), SCOPE, {"name": {"v": 1.5, "base": None}})
        with pytest.raises(ValueError):
            append(database, clock, child(), bad)
        assert log.count(database) == 0
        assert database.number("SELECT count(*) FROM child") == 0
        assert append(database, clock, child())[0].seq == 1

    def test_text_is_stored_composed(self, database, clock):
        append(database, clock, child("Sitié"))
        assert log.own_after(database, 0, 1)[0].operation.payload["name"]["v"] == "Sitié"

    def test_who_when_and_where_stand_in_the_entry(self, database, clock):
        append(database, clock, child(), actor="user-7")
        made = log.own_after(database, 0, 1)[0].operation
        assert (made.actor, made.at, made.scope, made.v) == ("user-7", "2026-11-23T09:12:44+07:00", SCOPE, 1)
        assert made.hlc == hlc.stamp(clock.ms())

    def test_reading_on_from_a_number(self, database, clock):
        append(database, clock, *(child() for _ in range(5)))
        assert [e.operation.seq for e in log.own_after(database, 2, 2)] == [3, 4]
        assert log.own_after(database, 5, 10) == []
        assert log.hash_at(database, 3) == log.own_after(database, 2, 1)[0].hash
        assert log.hash_at(database, 0) == GENESIS
        with pytest.raises(LookupError):
            log.hash_at(database, 6)


CLOCKS = st.sampled_from(
    [datetime(year, 3, 1, 8, tzinfo=WIB) for year in (1970, 2000, 2026, 2028, 2038, 2100)]
) | st.datetimes(datetime(1969, 1, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(tzinfo=WIB))


@given(times=st.lists(CLOCKS, min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_stamps_grow_whatever_the_clock_does(tmp_path_factory, times):
    database = Database.create(tmp_path_factory.mktemp("clock") / "x.db", KEY)
    for moment in times:
        log.append(database, [child(), child()], actor="u", clock=FixedClock(moment))
    stamps = [entry.operation.hlc for entry in log.own_after(database, 0, 1000)]
    assert stamps == sorted(set(stamps))
    assert all(hlc.is_stamp(stamp) for stamp in stamps)
    assert log.verify_chain(database) == 2 * len(times)
    database.close()


class TestHearingOthers:
    def test_anothers_stamp_pushes_the_clock(self, database, clock):
        ahead = operation(child(), 1, ms=clock.ms() + 60_000)
        log.receive(database, [received("r2", ahead, 1)], received_at=AT, server_ms=clock.ms())
        append(database, clock, child())
        assert log.own_after(database, 0, 1)[0].operation.hlc > ahead.hlc

    def test_a_stamp_of_the_year_2100_pushes_it_five_minutes_at_most(self, database, clock):
        mad = operation(child(), 1, ms=4_102_444_800_000)
        log.receive(database, [received("r2", mad, 1)], received_at=AT, server_ms=clock.ms())
        append(database, clock, child())
        made = log.own_after(database, 0, 1)[0].operation.hlc
        assert hlc.milliseconds(made) <= clock.ms() + hlc.MAX_AHEAD_MS + 1

    def test_what_was_heard_is_remembered_over_a_restart(self, database, clock):
        ahead = operation(child(), 1, ms=clock.ms() + 60_000)
        log.receive(database, [received("r2", ahead, 1)], received_at=AT, server_ms=clock.ms())
        database.close()
        again = Database.open(database.path, KEY)
        assert log.last_stamp(again) >= ahead.hlc
        again.close()


class TestVerify:
    @pytest.mark.parametrize(
        "harm",
        [
            "UPDATE log SET payload = replace(payload, '8400', '8500') WHERE seq = 3",
            'UPDATE log SET envelope = replace(envelope, \'"actor":"u"\', \'"actor":"v"\') WHERE seq = 3',
            "UPDATE log SET hash = x'00' WHERE seq = 3",
            "UPDATE log SET content = x'00' WHERE seq = 3",
            "UPDATE log SET entity = 'x' WHERE seq = 3",
            "UPDATE log SET scope = 'x' WHERE seq = 3",
            "UPDATE log SET payload = NULL, payload_hash = x'00' WHERE seq = 3",
            "UPDATE log SET envelope = '{}' WHERE seq = 3",
            "DELETE FROM log WHERE seq = 3",
            "UPDATE log SET seq = 300 WHERE seq = 3",
        ],
    )
    def test_an_altered_entry_is_found(self, database, clock, harm):
        mother = child()
        append(database, clock, child(), mother, measurement(mother.entity), child())
        assert log.verify_chain(database) == 4
        with database.atomic():
            database.run(harm)
        with pytest.raises(BrokenChain) as told:
            log.verify_chain(database)
        assert told.value.seq in (3, 4)

    def test_an_erased_payload_still_verifies(self, database, clock):
        mother = child()
        append(database, clock, mother, measurement(mother.entity))
        inner = log.seal(log.own_after(database, 0, 1)[0].operation).payload_hash
        with database.atomic():
            database.run("UPDATE log SET payload = NULL, payload_hash = ? WHERE seq = 1", (inner,))
            projection.refresh(database, [mother.entity])
        assert log.verify_chain(database) == 2
        assert log.own_after(database, 0, 1)[0].operation.payload is None


class TestReceive:
    def test_others_operations_become_rows(self, database):
        baby = child("Budi")
        touched = log.receive(database, [received("r2", operation(baby, 1), 1)], received_at=AT)
        assert touched == {baby.entity}
        assert database.one("SELECT name FROM child") == ("Budi",)

    def test_a_page_twice_is_a_page_once(self, database):
        page = [received("r2", operation(child(), seq), seq) for seq in range(1, 6)]
        log.receive(database, page, received_at=AT)
        sums = database.rows("SELECT * FROM row_sum")
        assert log.receive(database, page + page, received_at=AT) == frozenset()
        assert log.count(database) == 5
        assert database.rows("SELECT * FROM row_sum") == sums

    def test_a_measurement_may_come_before_its_child(self, database):
        baby = child()
        weighed = measurement(baby.entity)
        log.receive(database, [received("r2", operation(weighed, 2), 2)], received_at=AT)
        log.receive(database, [received("r2", operation(baby, 1), 1)], received_at=AT)
        assert [m.weight_g for m in measurements.of_child(database, baby.entity)] == [8400]

    def test_other_content_under_an_own_number_is_a_fork_and_changes_nothing(self, database, clock):
        append(database, clock, child())
        page = [
            received("r3", operation(child(), 1), 2),
            received(database.replica, operation(child("X"), 1), 3),
        ]
        with pytest.raises(ForkedLog):
            log.receive(database, page, received_at=AT)
        assert log.count(database) == 1

    def test_anothers_entry_gives_way_to_what_the_server_says_and_is_put_aside(self, database, clock):
        append(database, clock, child())
        first = child("Budi")
        log.receive(database, [received("r2", operation(first, 1), 1)], received_at=AT)
        log.receive(database, [received("r2", operation(child("X"), 1), 3)], received_at=AT)
        assert log.count(database) == 2
        names = {name for (name,) in database.rows("SELECT name FROM child")}
        assert "X" in names
        assert "Budi" not in names
        (kept,) = database.rows("SELECT replica, seq, envelope FROM displaced")
        assert kept[:2] == ("r2", 1)
        assert first.entity in kept[2]

    def test_an_own_number_that_was_never_given_is_a_fork(self, database, clock):
        append(database, clock, child())
        with pytest.raises(ForkedLog):
            log.receive(database, [received(database.replica, operation(child(), 2), 9)], received_at=AT)
        assert append(database, clock, child())[0].seq == 2

    def test_types_and_fields_of_a_newer_version_are_kept_as_they_came(self, database):
        strange = NewOperation("telemetry.blink", new_id(), SCOPE, {"a": [1, {"b": None}]}, v=7)
        op = operation(strange, 1).but(extra={"mood": "calm", "n": [1, 2]})
        baby = child("Budi", favourite_song={"id": 4})
        log.receive(database, [received("r2", op, 1), received("r2", operation(baby, 2), 2)], received_at=AT)
        kept = log.entry(database, OpKey("r2", 1))
        assert kept.operation == op
        assert database.one("SELECT vals FROM child")[0].count("favourite_song") == 1

    @pytest.mark.parametrize(
        "value", [None, True, 7, -(2**63) + 1, "", "x" * 10_000, "\x00", [], [[["x"]]], {}, {"v": {}}]
    )
    def test_values_of_the_wrong_kind_block_nothing(self, database, value):
        baby = NewOperation("child.register", new_id(), SCOPE, {})
        baby.payload.update(
            {name: {"v": value, "base": value} for name in ("name", "sex", "birth_date", "state")}
        )
        weighed = NewOperation(
            "measurement.record",
            new_id(),
            SCOPE,
            dict.fromkeys(("child", "date", "weight_g", "position", "confirmed", "source", "voided"), value),
        )
        harm = NewOperation("measurement.void", weighed.entity, SCOPE, {"seen": value})
        repair = NewOperation("measurement.restore", weighed.entity, SCOPE, {"voids": value})
        fix = NewOperation("measurement.correct", weighed.entity, SCOPE, {"set": {"weight_g": {"v": value}}})
        page = [
            received("r2", operation(new, seq, ms=seq), seq)
            for seq, new in enumerate((baby, weighed, harm, repair, fix, child("Baik")), 1)
        ]
        log.receive(database, page, received_at=AT)
        assert database.number("SELECT count(*) FROM child") == 2
        assert database.one("SELECT name FROM child WHERE name = 'Baik'") == ("Baik",)
        measurements.of_child(database, weighed.entity)

    def test_what_is_told_again_without_its_content_is_not_shown_any_more(self, database):
        """Erased by law; the order to forget the child may come with a later page."""
        gone, stays = child("Budi"), child("Siti")
        told = [operation(new, seq) for seq, new in enumerate((gone, measurement(gone.entity), stays), 1)]
        log.receive(database, [received("r2", one, one.seq) for one in told], received_at=AT)
        erased = [
            structs.replace(
                received("r2", one.but(payload=None), one.seq + 3), payload_hash=seal(one).payload_hash
            )
            for one in told[:2]
        ]
        touched = log.receive(database, erased, received_at=AT)
        assert touched == {one.entity for one in told[:2]}
        assert database.rows("SELECT name FROM child") == [("Siti",)]
        assert database.number("SELECT count(*) FROM measurement") == 0
        assert log.receive(database, erased, received_at=AT) == frozenset()
        log.receive(database, [received("r2", told[0], 8)], received_at=AT)
        assert database.number("SELECT count(*) FROM child") == 2, "told whole again, as after a purge"

    def test_two_kinds_under_one_id_are_two_rows(self, database):
        baby = child()
        mixed = measurement(baby.entity, entity=baby.entity)
        page = [received("r2", operation(baby, 1), 1), received("r2", operation(mixed, 2), 2)]
        log.receive(database, page, received_at=AT)
        assert database.number("SELECT count(*) FROM child") == 1
        assert database.number("SELECT count(*) FROM measurement") == 1


class TestReceipts:
    def test_a_receipt_marks_the_own_entry(self, database, clock):
        append(database, clock, child(), child())
        applied = Receipt(database.replica, 1, "applied", ss=10, eff="000000000001-0000")
        held = Receipt(database.replica, 2, "held", why="unknown_child", ref="8c1f", message="Menunggu.")
        log.receive(database, [], [applied, held], received_at=AT)
        first, second = log.own_after(database, 0, 2)
        assert (first.status, first.ss, first.eff) == ("applied", 10, "000000000001-0000")
        assert (second.status, second.ss) == ("held", None)
        assert log.statuses(database) == {"held": 1}
        assert database.one("SELECT why, ref, message, received_at FROM log WHERE seq = 2") == (
            "unknown_child",
            "8c1f",
            "Menunggu.",
            AT,
        )

    @pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0), (1, 0, 1)])
    def test_an_old_receipt_that_comes_late_takes_nothing_back(self, database, clock, order):
        append(database, clock, child())
        told = (
            Receipt(database.replica, 1, "held", why="unknown_child"),
            Receipt(database.replica, 1, "applied", ss=10, eff="000000000001-0000"),
        )
        for place in order:
            log.receive(database, [], [told[place]], received_at=AT)
        (entry,) = log.own_after(database, 0, 1)
        assert (entry.status, entry.ss, entry.eff) == ("applied", 10, "000000000001-0000")

    def test_the_servers_stamp_decides_what_is_shown(self, database, clock):
        baby = child("Dari laptop ini")
        append(database, clock, baby)
        rival = NewOperation("child.set", baby.entity, SCOPE, {"name": {"v": "Dari lain", "base": None}})
        later = operation(rival, 1, ms=clock.ms() - 1000)
        log.receive(database, [received("r2", later, 2)], received_at=AT)
        assert database.one("SELECT name FROM child") == ("Dari laptop ini",)
        receipt = Receipt(database.replica, 1, "applied", ss=1, eff=hlc.stamp(clock.ms() - 5000))
        touched = log.receive(database, [], [receipt], received_at=AT)
        assert touched == {baby.entity}
        assert database.one("SELECT name FROM child") == ("Dari lain",)

    def test_a_receipt_for_something_unknown_is_harmless(self, database):
        log.receive(database, [], [Receipt("nobody", 99, "applied", ss=1, eff="x")], received_at=AT)
        assert log.count(database) == 0

    def test_a_held_own_entry_stays_visible(self, database, clock):
        append(database, clock, child("Budi"))
        for status in ("held", "quarantined"):
            log.receive(database, [], [Receipt(database.replica, 1, status, why="x")], received_at=AT)
            assert database.one("SELECT name FROM child") == ("Budi",)


class TestHave:
    def test_the_own_log_is_held_up_to_its_tip(self, database, clock):
        assert log.have(database) == {database.replica: 0}
        append(database, clock, child(), child())
        assert log.have(database) == {database.replica: 2}

    def test_the_log_it_went_on_from_counts_up_to_its_first_gap_and_not_beyond_where_they_parted(
        self, database
    ):
        database.set_meta("forked_from", '[["old", 5]]')
        page = [received("old", operation(child(), seq), seq) for seq in (1, 2, 3, 5, 6)]
        log.receive(database, page, received_at=AT)
        assert log.have(database)["old"] == 3
        log.receive(database, [received("old", operation(child(), 4), 7)], received_at=AT)
        assert log.have(database)["old"] == 5


class TestSums:
    def brute(self, database: Database) -> tuple[int, bytes]:
        cursor = peer.load(database).cursor
        total = count = 0
        for replica, seq in database.rows("SELECT replica, seq FROM log WHERE ss <= ?", (cursor,)):
            entry = log.entry(database, OpKey(replica, seq))
            total += int.from_bytes(content_hash(replica, entry.operation), "big")
            count += 1
        return count, (total % 2**256).to_bytes(32, "big")

    def standing(self, database: Database) -> tuple[int, bytes]:
        server = peer.load(database)
        return server.log_count, server.log_sum

    def test_the_sum_is_exact_where_it_is_read_in_parts(self, database, monkeypatch):
        enrol(database)
        monkeypatch.setattr(peer, "_AT_ONCE", 3)
        log.receive(
            database,
            [received("r2", operation(child(), seq), place) for seq, place in enumerate((1, 3, 4, 6, 11), 1)],
            received_at="2026-11-23T10:00:00+07:00",
        )
        for cursor, count in ((4, 3), (5, 3), (11, 5)):
            peer.advance(database, cursor)
            assert self.standing(database) == self.brute(database)
            assert self.standing(database)[0] == count

    @given(data=st.data())
    @settings(max_examples=30, deadline=None)
    def test_the_sum_up_to_the_cursor_is_exact_in_any_order(self, tmp_path_factory, data):
        database = Database.create(tmp_path_factory.mktemp("sums") / "x.db", KEY)
        enrol(database)
        items = [received("r2", operation(child(), seq), seq * 2) for seq in range(1, 9)]
        clock = FixedClock(datetime(2026, 11, 23, tzinfo=WIB))
        append(database, clock, child(), child(), child())
        receipts = [
            Receipt(database.replica, n, "applied", ss=n * 2 + 1, eff=hlc.stamp(n)) for n in (1, 2, 3)
        ]
        steps = data.draw(
            st.lists(
                st.one_of(
                    st.lists(st.sampled_from(items), max_size=5).map(lambda page: ("page", page)),
                    st.lists(st.sampled_from(receipts), max_size=3).map(lambda told: ("receipts", told)),
                    st.integers(0, 20).map(lambda cursor: ("cursor", cursor)),
                    st.just(("epoch", None)),
                ),
                max_size=10,
            )
        )
        for kind, what in steps:
            if kind == "page":
                log.receive(database, what, received_at=AT)
            elif kind == "receipts":
                log.receive(database, [], what, received_at=AT)
            elif kind == "cursor":
                peer.advance(database, what)
            else:
                peer.begin_epoch(database, "epoch-2", at="2026-11-23T02:12:44Z")
            assert self.standing(database) == self.brute(database)
        database.close()

    def test_the_cursor_never_goes_back(self, database):
        enrol(database)
        peer.advance(database, 10)
        peer.advance(database, 4)
        assert peer.load(database).cursor == 10

    def test_a_cursor_far_beyond_all_entries_costs_no_more_than_they_do(self, database):
        """The server's numbers are gapless, but nothing here may take hours if they were not."""
        enrol(database)
        log.receive(database, [received("r2", operation(child(), 1), 1)], received_at=AT)
        peer.advance(database, 2**60)
        server = peer.load(database)
        assert (server.cursor, server.log_count) == (2**60, 1)

    def test_a_new_epoch_starts_from_nothing(self, database):
        enrol(database)
        log.receive(database, [received("r2", operation(child(), 1), 1)], received_at=AT)
        peer.advance(database, 1)
        peer.acknowledge(database, 5, AT)
        peer.begin_epoch(database, "epoch-2", 3, at="2026-11-23T02:12:44Z")
        server = peer.load(database)
        assert (server.epoch, server.cursor, server.acked, server.log_count) == ("epoch-2", 0, 3, 0)
        assert log.entry(database, OpKey("r2", 1)).ss is None

    def test_row_sums_are_those_of_the_digests(self, database, clock):
        baby = child()
        append(database, clock, baby, child(), measurement(baby.entity))
        append(
            database, clock, NewOperation("child.set", baby.entity, SCOPE, {"rt": {"v": "03", "base": None}})
        )
        expected: dict[str, tuple[int, int]] = {}
        for kind in ("child", "measurement"):
            rows = []
            for (entity,) in database.rows(f"SELECT id FROM {kind}"):
                entries = log.entries_of(database, entity)
                rows.append(project(kind, entity, [Known(e.replica, e.eff, e.operation) for e in entries]))
            digests = [row.digest() for row in rows]
            expected[kind] = (len(digests), sum(int.from_bytes(d, "big") for d in digests) % 2**256)
        found = {kind: (n, int.from_bytes(s, "big")) for kind, (n, s) in peer.row_sums(database).items()}
        assert found == expected

    def test_a_rows_digest_is_the_merges(self, database, clock):
        baby = child()
        keys = append(database, clock, baby)
        entry = log.entry(database, keys[0])
        row = project("child", baby.entity, [Known(entry.replica, entry.eff, entry.operation)])
        assert database.one("SELECT digest FROM child") == (row.digest(),)


def test_the_clock_can_go_back_in_the_middle_of_a_session(database, clock):
    append(database, clock, child())
    clock.move(timedelta(days=-4000))
    append(database, clock, child())
    first, second = log.own_after(database, 0, 2)
    assert second.operation.hlc > first.operation.hlc
    assert second.operation.at.startswith("2015-")

"""Plans an import row by row: whose row it is, what of it is new here, and what a person must decide."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import uuid_utils

from posyandu_app.domain import dates, nik
from posyandu_app.domain.age import age_in_days
from posyandu_app.domain.eppgbm import EppgbmRow, EppgbmSheet, Remark
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.matching import Match, Person, Roll
from posyandu_app.domain.model import Child, ChildState, Measurement
from posyandu_app.domain.operations import JsonObject, OpKey, field_write, field_writes
from posyandu_app.domain.zscore import assess
from posyandu_app.i18n import tr
from posyandu_app.services import import_decisions, registration
from posyandu_app.services.import_decisions import Choice, Decision, Question
from posyandu_app.services.import_places import Places
from posyandu_app.services.import_plan import (
    ImportCounts,
    ImportPlan,
    Outcome,
    ZDifference,
    field_label,
)
from posyandu_app.services.import_rows import (
    SOURCE,
    Gathered,
    Verdict,
    agree,
    differing,
    measurement_of,
    values_of,
)
from posyandu_app.services.registration import ChildInput
from posyandu_app.services.roster import REGISTERED_BY_MISTAKE
from posyandu_app.services.workspace import Workspace, latest_date
from posyandu_app.storage import children, log, measurements
from posyandu_app.storage.log import NewOperation

Z_TOLERANCE = 5
"""Hundredths of an SD by which the file's own z-score may differ before it is reported."""

Progress = Callable[[int, int], None]

_STEP = 200
_IMPORTED = frozenset({"known", "voided"})


class Planner:
    def __init__(self, ws: Workspace, sheet: EppgbmSheet, accept: frozenset[str] | None) -> None:
        self.ws = ws
        self.sheet = sheet
        self.today = latest_date(ws)
        self.places = Places(ws, sheet, accept)
        known = [
            child
            for child in children.in_scope(ws.database, self.places.scope)
            if child.state != REGISTERED_BY_MISTAKE
        ]
        taken = [
            row
            for row in sheet.rows
            if row.problem is None and not row.deleted and self.places.why_left_out(row) is None
        ]
        self.roll = Roll(known, taken, ws.rules.duplicates)
        self.measured = measurements.of_children(ws.database, [child.id for child in known])
        self.decisions = import_decisions.stored(ws)
        self.asked: dict[str, list[Verdict]] = {}
        self.verdicts: list[Verdict] = []
        self.people: dict[str, Gathered] = {}
        self.z_differences: list[ZDifference] = []
        self.tally: Counter[str] = Counter()
        self.deeds: list[tuple[NewOperation, ...]] = []

    def run(self, progress: Progress | None) -> ImportPlan:
        total = len(self.sheet.rows)
        for number, row in enumerate(self.sheet.rows):
            if progress is not None and number % _STEP == 0:
                progress(number, total)
            verdict = Verdict(row, remarks=list(row.remarks))
            self.verdicts.append(verdict)
            if self.may_be_taken(verdict):
                self.gather(verdict)
        for gathered in self.people.values():
            self.draw_up(gathered)
        self.close_questions()
        registered = self.places.registrations()
        if progress is not None:
            progress(total, total)
        return ImportPlan(
            rows=tuple(verdict.planned() for verdict in self.verdicts),
            counts=self.counts(),
            posyandu=self.places.planned(),
            z_differences=tuple(self.z_differences),
            notes=self.notes(),
            deeds=(*((item,) for item in registered), *self.deeds),
            stamp=self.ws.database.meta("changed"),
        )

    def notes(self) -> tuple[str, ...]:
        notes = (*self.sheet.problems, *self.places.notes())
        if not self.sheet.unknown_columns:
            return notes
        ignored = tr("Kolom yang tidak dikenal diabaikan: {names}.").format(
            names=", ".join(self.sheet.unknown_columns)
        )
        return (*notes, ignored)

    def counts(self) -> ImportCounts:
        return ImportCounts(
            rows=len(self.verdicts),
            children_created=self.tally["child_created"],
            children_matched=self.tally["child_matched"],
            children_completed=self.tally["child_completed"],
            measurements_created=self.tally["measurement_created"],
            measurements_matched=self.tally["measurement_matched"],
            measurements_completed=self.tally["measurement_completed"],
            measurements_differing=self.tally["measurement_differing"],
            z_compared=self.tally["z_compared"],
            outcomes={
                outcome: sum(verdict.outcome is outcome for verdict in self.verdicts) for outcome in Outcome
            },
        )

    def may_be_taken(self, verdict: Verdict) -> bool:
        """Whether a row can be looked at for its child; otherwise the verdict says why not."""
        row = verdict.row
        left_out = self.places.why_left_out(row)
        if left_out is not None:
            verdict.settle(*left_out)
        elif row.deleted:
            verdict.settle(Outcome.SKIP, "deleted", tr("Ditandai hapus di berkas."))
        elif row.problem is not None:
            verdict.settle(Outcome.PROBLEM, "unreadable", row.problem)
        elif row.measured and row.measured_on is None:
            verdict.settle(
                Outcome.PROBLEM, "no_date", tr("Tanggal pengukuran kosong. Isi di berkas, lalu impor lagi.")
            )
        else:
            try:
                if row.birth_date is not None:
                    dates.check_birth_date(row.birth_date, self.today)
                if row.measured_on is not None:
                    dates.check_visit_date(row.measured_on, self.today, row.birth_date)
            except InvalidValue as error:
                verdict.settle(Outcome.PROBLEM, "date", error.message)
        return not verdict.code

    def gather(self, verdict: Verdict) -> None:
        """Find the row's child, or begin a new one."""
        row = verdict.row
        match, new_id = self.whose(verdict)
        if verdict.code:
            return
        own_nik = None if match.nik_in_doubt else row.nik
        person = match.person
        if person is None:
            if row.birth_date is None or row.sex is None:
                verdict.settle(
                    Outcome.PROBLEM,
                    "incomplete",
                    tr("Anak belum terdaftar, dan tanggal lahir atau jenis kelaminnya kosong di berkas."),
                )
                return
            person = self.roll.add(row, new_id or str(uuid_utils.uuid7()), own_nik)
        else:
            self.roll.meet(person, row, own_nik)
        gathered = self.people.get(person.id)
        if gathered is None:
            gathered = self.people[person.id] = Gathered(person, self.home_of(person, row))
            if match.nik_in_doubt:
                verdict.remarks.append(
                    Remark("nik_shared", tr("NIK ini juga dipakai anak lain: tidak diambil, NIK menyusul."))
                )
        gathered.verdicts.append(verdict)
        verdict.child = person.id
        self.compare_z(row)

    def whose(self, verdict: Verdict) -> tuple[Match, str | None]:
        """Whom a row means, by a person's decision before all else, and the id decided for a new child."""
        row = verdict.row
        key = import_decisions.identity(row) if self.decisions else ""
        decided = self.decisions.get(key)
        if decided is not None and decided.choice is Choice.SKIP:
            self.ask(verdict, key, decided)
            verdict.settle(Outcome.SKIP, "decided_skip", tr("Dilewati, sesuai keputusan Anda."))
            return Match(), None
        if decided is not None and decided.child is not None:
            person = self.roll.person(decided.child)
            if person is not None or self.may_register(decided):
                if decided.choice is Choice.SAME or person is None or person.child is None:
                    self.ask(verdict, key, decided)
                verdict.remarks.append(_as_decided(decided.choice))
                return Match(person, nik_in_doubt=self.roll.nik_in_doubt(row, person)), decided.child
        match = self.roll.find(row)
        if match.unclear is not None:
            self.ask(verdict, key or import_decisions.identity(row), None)
            verdict.settle(Outcome.PROBLEM, "unclear", match.unclear)
        return match, None

    def may_register(self, decided: Decision) -> bool:
        """Whether a child decided to be new can still get her id: nobody here has or had it."""
        return (
            decided.choice is Choice.NEW
            and decided.child is not None
            and children.get(self.ws.database, decided.child) is None
        )

    def ask(self, verdict: Verdict, key: str, decided: Decision | None) -> None:
        """Note that a person may say whom the row means."""
        found = [
            import_decisions.candidate(
                person, None if person.child is not None else self.people[person.id].verdicts[0].row
            )
            for person in self.roll.akin(verdict.row)
            if decided is None or decided.choice is not Choice.NEW or person.id != decided.child
        ]
        verdict.question = Question(key, import_decisions.side_of(verdict.row), tuple(found), decided)
        self.asked.setdefault(key, []).append(verdict)

    def close_questions(self) -> None:
        """Say how many rows each question is about; a decision that has been carried out stays."""
        for verdicts in self.asked.values():
            done = any(
                verdict.question is not None
                and verdict.question.decided is not None
                and verdict.code in _IMPORTED
                for verdict in verdicts
            )
            for verdict in verdicts:
                if verdict.question is not None:
                    verdict.question = None if done else replace(verdict.question, rows=len(verdicts))

    def home_of(self, person: Person, row: EppgbmRow) -> str:
        """Where a child is, or will be registered."""
        if person.child is not None:
            return person.child.scope
        scope = self.places.scope_of(row)
        assert scope is not None, "rows of other posyandu are left out before"
        self.places.use(scope)
        return scope

    def compare_z(self, row: EppgbmRow) -> None:
        if row.measured_on is None or row.birth_date is None or row.file_z == (None, None, None):
            return
        growth = assess(
            row.sex,
            age_in_days(row.birth_date, row.measured_on),
            weight_g=row.weight_g,
            length_mm=row.length_mm,
            position=row.position,
            oedema=row.oedema,
        )
        ours = (growth.weight_for_age, growth.length_for_age, growth.weight_for_length)
        for index, theirs, score in zip(("BB/U", "TB/U", "BB/TB"), row.file_z, ours, strict=True):
            if theirs is None or score is None:
                continue
            self.tally["z_compared"] += 1
            if abs(theirs - score.centi) > Z_TOLERANCE:
                self.z_differences.append(ZDifference(row.sheet, row.number, index, theirs, score.centi))

    def draw_up(self, gathered: Gathered) -> None:
        """The deed for one child: registered or completed, and measured."""
        child = gathered.person.child
        operations = self.registered(gathered) if child is None else self.completed(gathered, child)
        standing: dict[date, list[Measurement]] = {}
        for item in self.measured.get(gathered.person.id, ()):
            standing.setdefault(item.date, []).append(item)
        for verdict in gathered.verdicts:
            operations += self.measure(verdict, gathered, standing)
        if operations:
            self.deeds.append(tuple(operations))

    def registered(self, gathered: Gathered) -> list[NewOperation]:
        """The registration of a child who is new here; a value that no register takes is left out."""
        first = gathered.verdicts[0]
        values = {
            name: value for name, value in self.checked(gathered).items() if name in registration.FIELDS
        }
        new = registration.new_child(
            self.ws,
            ChildInput(**values, scope=gathered.scope),  # type: ignore[arg-type]
            gathered.person.id,
        )
        state = gathered.state()
        if state is not None:
            new.payload["state"] = field_write(state[0].value)
        if gathered.person.nik is not None:
            listing = gathered.person.listing
            warnings = nik.check(
                gathered.person.nik, listing.birth_date, listing.sex, gathered.scope
            ).warnings
            first.remarks += [Remark("nik_check", warning) for warning in warnings]
        self.tally["child_created"] += 1
        first.new_child = True
        first.settle(Outcome.CREATE, "child", tr("Anak baru."))
        return [new]

    def checked(self, gathered: Gathered) -> dict[str, object]:
        """What the file says of a child, without the values that registering would refuse."""
        kept: dict[str, object] = {}
        for name, value in gathered.values().items():
            try:
                registration.check({name: value}, self.today)
                kept[name] = value
            except InvalidValue as error:
                told = tr("{field} tidak diambil: {why}").format(field=field_label(name), why=error.message)
                gathered.verdicts[-1].remarks.append(Remark("refused", told))
        return kept

    def completed(self, gathered: Gathered, child: Child) -> list[NewOperation]:
        """What the file knows of a child and this laptop does not; other values are only reported."""
        self.tally["child_matched"] += 1
        last = gathered.verdicts[-1]
        changes: dict[str, object] = {}
        for name, value in self.checked(gathered).items():
            here = getattr(child, name)
            if here is None or here == "":
                changes[name] = value
            elif not agree(name, here, value):
                last.differences.append(name)
        state = gathered.state()
        shown = children.shown_by(self.ws.database, child.id) if changes or state is not None else {}
        if state is not None and child.state != state[0].value:
            if self.may_move(child, state[1], shown.get("state")):
                changes["state"] = state[0]
            else:
                last.differences.append("state")
        if not changes:
            return []
        self.tally["child_completed"] += 1
        last.settle(Outcome.CREATE, "completed", tr("Data anak dilengkapi dari berkas."))
        payload = field_writes(registration.check(changes, self.today), shown)
        return [NewOperation("child.set", child.id, child.scope, payload)]

    def may_move(self, child: Child, on: date | None, base: OpKey | None) -> bool:
        """Whether "PINDAH" may close a child: not when a person has decided, or weighed her since."""
        if child.state != ChildState.ACTIVE:
            return False
        if base is not None:
            decided = log.entry(self.ws.database, base)
            if decided is None or decided.operation.type != "child.register":
                return False
        return not any(
            not item.voided and (on is None or item.date >= on) for item in self.measured.get(child.id, ())
        )

    def measure(
        self, verdict: Verdict, gathered: Gathered, standing: dict[date, list[Measurement]]
    ) -> list[NewOperation]:
        """What becomes of a row's measurement beside those that stand already; a new one joins them."""
        row = verdict.row
        if not row.measured or row.measured_on is None:
            verdict.settle(Outcome.MATCH, "nothing_measured", tr("Tidak ada ukuran di baris ini."))
            return []
        same_day = standing.setdefault(row.measured_on, [])
        agreeing = [item for item in same_day if not differing(row, item)]
        valid = [item for item in agreeing if not item.voided]
        if valid:
            return self.complete_measurement(verdict, valid[0], gathered)
        if agreeing:
            self.tally["measurement_matched"] += 1
            verdict.settle(
                Outcome.MATCH, "voided", tr("Ukuran ini sudah dibatalkan di sini; tidak diambil lagi.")
            )
            return []
        others = [item for item in same_day if not item.voided]
        if others:
            self.refuse_other_values(verdict, differing(row, others[0]))
            return []
        new = measurement_of(row, gathered.person.id)
        same_day.append(new)
        self.tally["measurement_created"] += 1
        verdict.new_measurement = True
        verdict.settle(Outcome.CREATE, "measurement", tr("Ukuran baru."))
        values: JsonObject = {
            "child": new.child,
            "date": new.date.isoformat(),
            "source": SOURCE,
            **values_of(row),
        }
        return [NewOperation("measurement.record", new.id, gathered.scope, values)]

    def complete_measurement(
        self, verdict: Verdict, here: Measurement, gathered: Gathered
    ) -> list[NewOperation]:
        """A measurement that is here: what it lacks is taken from the row, by a correction that says so."""
        missing = {
            name: value for name, value in values_of(verdict.row).items() if getattr(here, name) is None
        }
        if not missing:
            self.tally["measurement_matched"] += 1
            verdict.settle(Outcome.MATCH, "known", tr("Sudah ada di laptop ini."))
            return []
        shown = dict(here.bases)
        if not shown:  # the other half stands in this very file: which row is right is for a person to say
            self.refuse_other_values(verdict, list(missing))
            return []
        self.tally["measurement_completed"] += 1
        verdict.settle(Outcome.CREATE, "measurement_completed", tr("Ukuran yang ada dilengkapi dari berkas."))
        payload: JsonObject = {
            "set": field_writes(missing, shown),
            "reason": tr("Dilengkapi dari berkas e-PPGBM."),
        }
        return [NewOperation("measurement.correct", here.id, gathered.scope, payload)]

    def refuse_other_values(self, verdict: Verdict, fields: Sequence[str]) -> None:
        self.tally["measurement_differing"] += 1
        verdict.differences += fields
        verdict.settle(
            Outcome.PROBLEM,
            "differs",
            tr("Sudah ada ukuran pada tanggal ini dengan nilai lain; yang ada tidak diubah."),
        )


def _as_decided(choice: Choice) -> Remark:
    said = tr("Anak yang sudah ada, sesuai keputusan Anda.")
    return Remark("decided", said if choice is Choice.SAME else tr("Anak baru, sesuai keputusan Anda."))

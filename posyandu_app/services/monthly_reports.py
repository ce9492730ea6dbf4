"""The monthly report of each posyandu: verified by the puskesmas, returned with reasons or accepted."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import uuid_utils

from posyandu_app.domain import f1, recap, reports_check
from posyandu_app.domain.age import Month
from posyandu_app.domain.cases import Show
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.f1 import F1
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child, Role
from posyandu_app.domain.recap import ChildFile
from posyandu_app.domain.recommendations import (
    Answer,
    AnswerState,
    answer_payload,
    check_answer,
    speaks_for,
)
from posyandu_app.domain.reports_check import (
    FIGURES,
    Item,
    Line,
    ReportCheck,
    Reported,
    ReportState,
    ReportStatus,
    Verdict,
    checklist,
)
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.skdn import Skdn
from posyandu_app.i18n import tr
from posyandu_app.services import cases, deeds, sessions
from posyandu_app.services.assessing import status_of
from posyandu_app.services.recap import files
from posyandu_app.services.roster import expected_children
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import (
    Workspace,
    inside,
    is_posyandu,
    posyandu_name,
    posyandu_names,
    require_scope,
    within,
)
from posyandu_app.storage import case_facts
from posyandu_app.storage.log import NewOperation


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One posyandu in the puskesmas' overview: SKDN of the month, its report, and how its children stand."""

    scope: str
    posyandu: str
    skdn: Skdn
    status: ReportStatus
    tones: Mapping[Tone, int]
    cases: Mapping[Show, int]


@dataclass(frozen=True, slots=True)
class Report:
    """One posyandu's report of a month with its checklist; `children` are those that lines lead to, by id."""

    scope: str
    posyandu: str
    month: Month
    skdn: Skdn
    lines: tuple[Line, ...]
    status: ReportStatus
    children: Mapping[str, Child]
    rules: str

    @property
    def open_lines(self) -> int:
        """How many lines are not in order."""
        return sum(not line.ok for line in self.lines)


@dataclass(frozen=True, slots=True)
class Returned:
    """A report that came back to the posyandu: which month, what is to be mended, who said so."""

    check: ReportCheck
    posyandu: str
    items: tuple[str, ...]


def overview(ws: Workspace, month: Month, scope: str | None = None) -> tuple[ReportRow, ...]:
    """Coverage, risk, open cases and the report of every posyandu of this laptop's area, by code."""
    area = scope or ws.scope
    if area is None:
        return ()
    by_posyandu: dict[str, list[ChildFile]] = {}
    for file in files(ws, area):
        by_posyandu.setdefault(file.child.scope, []).append(file)
    names = posyandu_names(ws)
    known = sorted({*by_posyandu, *(place for place in names if within(area, place))})
    checks, answers = case_facts.report_checks(ws.database, month), _answers(ws)
    tones, open_cases = _tones(ws, area), cases.counts_by_posyandu(ws, area)
    rows = []
    for place in known:
        total = recap.skdn(by_posyandu.get(place, ()), month, ws.rules).total
        rows.append(
            ReportRow(
                scope=place,
                posyandu=names.get(place, place),
                skdn=total,
                status=reports_check.status(checks.get(place, ()), answers, total),
                tones=tones.get(place, {}),
                cases=open_cases.get(place, {}),
            )
        )
    return tuple(rows)


def report(ws: Workspace, scope: str, month: Month) -> Report:
    """One posyandu's report of a month, with every line of the checklist and the children behind it."""
    _require_posyandu(ws, scope)
    known = recap.known_in(files(ws, scope), month)
    total = recap.skdn(known, month, ws.rules).total
    unseen = cases.unseen_referrals(ws, scope)
    reported = [Reported(file.child, file.history, file.child.id in unseen) for file in known]
    lines = checklist(reported, total, month, ws.rules, closed=_closed(ws, scope, month))
    behind = {child for line in lines for child in line.children}
    checks = case_facts.report_checks(ws.database, month).get(scope, ())
    return Report(
        scope=scope,
        posyandu=posyandu_name(ws, scope),
        month=month,
        skdn=total,
        lines=lines,
        status=reports_check.status(checks, _answers(ws), total),
        children={file.child.id: file.child for file in known if file.child.id in behind},
        rules=ws.rules.version,
    )


def form(ws: Workspace, scope: str, month: Month) -> F1:
    """The monthly form of a posyandu, or of all posyandu of a wider area together."""
    if not inside(ws, scope):
        raise InvalidValue("scope", tr("Pilih posyandu di wilayah kerja Anda."))
    return f1.form(files(ws, scope), month, ws.rules)


def decided(ws: Workspace, month: Month) -> Mapping[str, ReportStatus]:
    """How the report of each posyandu stands, without counting anew: for whoever has very many.

    A report that changed after it was accepted still counts as accepted here.
    """
    answers, found = _answers(ws), {}
    for place, checks in case_facts.report_checks(ws.database, month).items():
        if inside(ws, place):
            last = reports_check.status(checks, answers, Skdn()).last
            kept = Skdn() if last is None else Skdn(**{name: last.figures.get(name, 0) for name in FIGURES})
            found[place] = reports_check.status(checks, answers, kept)
    return found


def verify(
    ws: Workspace,
    scope: str,
    month: Month,
    verdict: Verdict,
    items: Collection[str] = (),
    note: str | None = None,
) -> Changes:
    """Accept a report, or return it saying which lines or what else is to be mended; by the puskesmas.

    The decision keeps the figures and the version of the rules. Raises `InvalidValue` naming the field.
    """
    if ws.user.role is not Role.TPG:
        raise NotAllowed(tr("Laporan bulanan diperiksa oleh petugas gizi puskesmas."))
    if month > Month.of(ws.clock.today()):
        raise InvalidValue("month", tr("Bulan ini belum berjalan."))
    with ws.database.atomic():
        opened = report(ws, scope, month)
        made = ReportCheck(
            id=str(uuid_utils.uuid7()),
            scope=scope,
            month=month,
            verdict=verdict,
            on=ws.clock.today(),
            items=frozenset(items),
            note=note,
            figures=reports_check.snapshot(opened.skdn),
            seen=frozenset(item.id for item in opened.status.checks),
            role=ws.user.role,
            by=ws.user.name,
            rules=ws.rules.version,
        )
        checked = reports_check.check(made)
        new = NewOperation("report_check.record", checked.id, scope, reports_check.payload(checked))
        label = tr("Laporan {posyandu} {month}: {verdict}").format(
            posyandu=opened.posyandu, month=month.label, verdict=Verdict(verdict).label
        )
        return deeds.save(ws, [new], label)


def returned(ws: Workspace) -> tuple[Returned, ...]:
    """The reports that wait to be mended in this laptop's area, the latest month first."""
    own = ws.scope
    if own is None:
        return ()
    names = posyandu_names(ws)
    found = [
        Returned(
            status.last,
            names.get(scope, scope),
            tuple(label_of(Item, code) for code in sorted(status.last.items)),
        )
        for scope, status in _open_checks(ws)
        if status.last is not None and inside(ws, scope)
    ]
    return tuple(sorted(found, key=lambda item: (item.check.month, item.posyandu), reverse=True))


def _open_checks(ws: Workspace) -> Sequence[tuple[str, ReportStatus]]:
    answers = _answers(ws)
    found = []
    for scope, checks in case_facts.report_checks(ws.database).items():
        for month in {item.month for item in checks}:
            of_month = [item for item in checks if item.month == month]
            status = reports_check.status(of_month, answers, Skdn())
            if status.state is ReportState.RETURNED:
                found.append((scope, status))
    return found


def mended(ws: Workspace, check_id: str, note: str | None = None) -> Changes:
    """Tell the puskesmas that a returned report was mended; by kader or midwife."""
    if ws.user.role not in (Role.KADER, Role.BIDAN):
        raise NotAllowed(tr("Perbaikan laporan dikirim oleh kader atau bidan."))
    with ws.database.atomic():
        waiting = next((item for item in returned(ws) if item.check.id == check_id), None)
        if waiting is None:
            raise UserError(tr("Laporan ini tidak sedang menunggu perbaikan."), code="nothing_changed")
        made = check_answer(
            Answer(
                id=str(uuid_utils.uuid7()),
                to=check_id,
                scope=speaks_for(require_scope(ws), waiting.check.scope),
                state=AnswerState.DONE,
                on=ws.clock.today(),
                note=note,
                role=ws.user.role,
                by=ws.user.name,
            )
        )
        new = NewOperation("answer.record", made.id, made.scope, answer_payload(made))
        label = tr("Laporan {month} sudah diperbaiki: {posyandu}").format(
            month=waiting.check.month.label, posyandu=waiting.posyandu
        )
        return deeds.save(ws, [new], label, also=["report_check"])


def _require_posyandu(ws: Workspace, scope: str) -> None:
    if not is_posyandu(scope) or not inside(ws, scope):
        raise InvalidValue("scope", tr("Pilih posyandu di wilayah kerja Anda."))


def _answers(ws: Workspace) -> list[Answer]:
    return [answer for found in case_facts.answers(ws.database).values() for answer in found]


def _closed(ws: Workspace, scope: str, month: Month) -> bool:
    """Whether the posyandu had its day in the month, and none of its days is still open."""
    days = [session for session in sessions.listed(ws, scope) if Month.of(session.date) == month]
    return bool(days) and not any(session.is_open for session in days)


def _tones(ws: Workspace, area: str) -> dict[str, dict[Tone, int]]:
    """How the children stand; who has not been measured again yet counts under her older status."""
    found: dict[str, Counter[Tone]] = {}
    for status in status_of(ws, expected_children(ws, area)):
        tone, before = status.risk.tone, status.risk.previous
        worst = before if before is not None and before.severity > tone.severity else tone
        found.setdefault(status.child.scope, Counter())[worst] += 1
    return {scope: dict(counted) for scope, counted in found.items()}

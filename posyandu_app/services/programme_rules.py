"""The programme rules in force, and how the Dinas publishes a version of its own after seeing its effect."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import uuid_utils

from posyandu_app.domain import rules_versions, skdn
from posyandu_app.domain.age import Month
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Child, Role
from posyandu_app.domain.operations import JsonObject, field_write
from posyandu_app.domain.reviews import later
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.rules import load, shipped_text
from posyandu_app.domain.rules_versions import Difference, InForce, RulesVersion
from posyandu_app.domain.skdn import Skdn
from posyandu_app.i18n import tr
from posyandu_app.services import deeds
from posyandu_app.services.assessing import ChildStatus, compared
from posyandu_app.services.roster import expected_children
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, latest_date, posyandu_names, require_scope
from posyandu_app.storage import case_facts
from posyandu_app.storage.log import NewOperation

_MARK = "rules_mark"
_PAGE = 500
_LONGEST_AHEAD_DAYS = 366


@dataclass(frozen=True, slots=True)
class Affected:
    """One child whom a version of the rules makes look different: tone, last letter and 2T, and why then."""

    child: Child
    posyandu: str
    before: Tone
    after: Tone
    letter_before: str
    letter_after: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a version of the rules would change today, in a scope: the rules, the tones, the children.

    `figures_before` and `figures_after` are the report figures of `month`, the last one that is over.
    """

    version: str
    differences: tuple[Difference, ...]
    children: int
    tones_before: Mapping[Tone, int]
    tones_after: Mapping[Tone, int]
    affected: tuple[Affected, ...]
    month: Month
    figures_before: Skdn
    figures_after: Skdn


def current(ws: Workspace) -> InForce:
    """The rules in force today and the version they come from; None for those that ship with the app."""
    return rules_versions.in_force(case_facts.all_rules_versions(ws.database), latest_date(ws))


def versions(ws: Workspace) -> tuple[RulesVersion, ...]:
    """Every version that was published, newest first, withdrawn ones too."""
    known = case_facts.all_rules_versions(ws.database)
    return tuple(sorted(known, key=lambda item: item.order, reverse=True))


def content(ws: Workspace) -> str:
    """The text of the rules in force: what the next version starts from."""
    version = current(ws).version
    return shipped_text() if version is None else version.content


def refresh(ws: Workspace) -> bool:
    """Let the workspace follow the rules in force; to be called when it opens and after rules arrived.

    Returns whether they have changed: then everything computed from them is forgotten.
    """
    mark = (case_facts.rules_mark(ws.database), latest_date(ws))
    if ws.cache.get(_MARK) == mark:
        return False
    rules = current(ws).rules
    changed = rules != ws.rules
    if changed:
        ws.cache.clear()
        ws.rules = rules
    ws.cache[_MARK] = mark
    return changed


def preview(
    ws: Workspace,
    text: str,
    scope: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Effect:
    """What a version would change today for the children of this laptop's scope, or of one inside it.

    Nothing is saved, nor remembered in the workspace: a district would fill the memory. Raises
    `UserError` naming the rule that is wrong.
    """
    rules = load(text)
    children, names = expected_children(ws, scope), posyandu_names(ws)
    before: Counter[Tone] = Counter()
    after: Counter[Tone] = Counter()
    affected: list[Affected] = []
    month = Month.of(latest_date(ws)).previous()
    figures = [Skdn(), Skdn()]
    for start in range(0, len(children), _PAGE):
        page = children[start : start + _PAGE]
        both = compared(ws, page, rules)
        for at, by in enumerate((ws.rules, rules)):
            histories = [(statuses[at].child, statuses[at].history) for statuses in both]
            figures[at] += skdn.count(histories, month, by).total
        for old, new in both:
            before[_tone(old)] += 1
            after[_tone(new)] += 1
            if (_tone(old), _letter(old)) != (_tone(new), _letter(new)):
                affected.append(_affected(old, new, names))
        if progress is not None:
            progress(start + len(page), len(children))
    affected.sort(
        key=lambda item: (-item.after.severity, item.before.severity, item.child.name, item.child.id)
    )
    differences = rules_versions.differences(content(ws), text)
    return Effect(rules.version, differences, len(children), before, after, tuple(affected), month, *figures)


def _affected(old: ChildStatus, new: ChildStatus, names: Mapping[str, str]) -> Affected:
    return Affected(
        child=new.child,
        posyandu=names.get(new.child.scope, new.child.scope),
        before=_tone(old),
        after=_tone(new),
        letter_before=_letter(old),
        letter_after=_letter(new),
        reasons=tuple(reason.text for reason in (*new.risk.older_reasons, *new.risk.reasons)),
    )


def _tone(status: ChildStatus) -> Tone:
    """Today's tone, or the graver one from before that nobody has checked since, as on the midwife's list."""
    tone, older = status.risk.tone, status.risk.previous
    return older if older is not None and older.severity > tone.severity else tone


def _letter(status: ChildStatus) -> str:
    """The last letter, "2T" for the second T in a row, "" for a child without one."""
    record = next((item.record for item in reversed(status.history) if item.record is not None), None)
    if record is None:
        return ""
    return "2T" if record.two_t else str(record.letter)


def publish(ws: Workspace, text: str, holds_from: date | None = None, note: str = "") -> Changes:
    """Publish a version of the rules for everybody in the district; it holds from today, or from a later day.

    Only the Dinas may. Raises `UserError` naming the rule that is wrong.
    """
    _require_dinas(ws)
    today = latest_date(ws)
    start = holds_from or today
    if not today <= start <= later(today, _LONGEST_AHEAD_DAYS):
        raise InvalidValue("holds_from", tr("Aturan berlaku mulai hari ini atau paling lambat setahun lagi."))
    with ws.database.atomic():
        made = RulesVersion(
            id=str(uuid_utils.uuid7()),
            number=0,
            content=text,
            holds_from=start,
            note=note,
            by=ws.user.name,
        )
        checked = rules_versions.check(made, case_facts.all_rules_versions(ws.database))
        new = NewOperation("rules.register", checked.id, require_scope(ws), rules_versions.payload(checked))
        return _saved(ws, new, tr("Aturan diterbitkan: {version}").format(version=load(text).version))


def withdraw(ws: Workspace, version_id: str) -> Changes:
    """Take a version out of force; the one before it holds again. Only the Dinas may."""
    _require_dinas(ws)
    with ws.database.atomic():
        version = case_facts.rules_version(ws.database, version_id)
        if version is None or version.withdrawn:
            raise UserError(tr("Versi aturan ini tidak ada atau sudah ditarik."), code="nothing_changed")
        base = dict(version.bases).get("withdrawn")
        payload: JsonObject = {"withdrawn": field_write(True, base)}
        new = NewOperation("rules.set", version_id, require_scope(ws), payload)
        name = version.rules.version if version.rules is not None else str(version.number)
        return _saved(ws, new, tr("Aturan ditarik: {version}").format(version=name))


def _require_dinas(ws: Workspace) -> None:
    if ws.user.role is not Role.DINAS:
        raise NotAllowed(tr("Aturan program hanya dapat diubah oleh Dinas."))


def _saved(ws: Workspace, new: NewOperation, label: str) -> Changes:
    saved = deeds.save(ws, [new], label, also=["measurement"])
    refresh(ws)
    return saved

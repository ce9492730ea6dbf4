"""The page of programme rules as pure functions: what is in force, what was changed, what that would do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from posyandu_app.domain import names, regions, rules_form
from posyandu_app.domain.age import Month
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.rules import shipped_text
from posyandu_app.domain.rules_form import Field, Group
from posyandu_app.domain.rules_versions import RulesVersion
from posyandu_app.domain.skdn import Skdn
from posyandu_app.i18n import tr
from posyandu_app.reports.answers import RulesEffect
from posyandu_app.services.programme_rules import Affected, Effect
from posyandu_app.ui.models.line_model import Line

LONGEST_BESIDE = 28
"""A longer value stands below its name instead of beside it."""


@dataclass(frozen=True, slots=True)
class RulesState:
    """The text in force, the shipped values, and what was typed and is not yet published, by key."""

    text: str
    values: Mapping[str, str]
    shipped: Mapping[str, str]
    version: str
    group: Group = Group.KMS
    chosen: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The rules of the part in sight."""
        return tuple(item for item in rules_form.fields() if item.group is self.group)

    def value(self, key: str) -> str:
        """What a rule would say after publishing."""
        return self.changes.get(key, self.values[key])

    def count(self, group: Group) -> int:
        """How many rules of a part differ from those shipped, or were changed here."""
        return sum(
            item.group is group and self.value(item.key) != self.shipped[item.key]
            for item in rules_form.fields()
        )

    @property
    def lines(self) -> tuple[Line, ...]:
        """The part in sight, ready to be shown."""
        return tuple(self._line(item) for item in self.fields)

    def _line(self, item: Field) -> Line:
        value, shipped = self.value(item.key), self.shipped[item.key]
        changed = item.key in self.changes
        said = f"{value} {item.unit}"
        if value == shipped:
            told = tr("Bawaan · {source}").format(source=item.source)
        else:
            told = tr("Bawaan {value} {unit} · {source}").format(
                value=shipped, unit=item.unit, source=item.source
            )
        long = len(said) > LONGEST_BESIDE
        return Line(
            key=item.key,
            title=item.label,
            text=f"{said} · {told}" if long else told,
            right="" if long else said,
            below=tr("belum diterbitkan") if changed else tr("diganti Dinas") if value != shipped else "",
            icon="pencil" if changed else "",
            ink="accent" if changed or value != shipped else "ink",
        )


def opened(text: str, version: str, group: Group, changes: Mapping[str, str]) -> RulesState:
    """The rules in force, with what was typed before and is not yet published."""
    return RulesState(
        text,
        rules_form.shown(text),
        rules_form.shown(shipped_text()),
        version,
        group,
        changes=dict(changes),
    )


def typed(state: RulesState, key: str, value: str) -> RulesState:
    """A value was changed; back at what is in force it is no change. Raises `InvalidValue` (field: key)."""
    draft = rules_form.edited(state.text, {**state.changes, key: value}, "percobaan", "percobaan")
    written = rules_form.shown(draft)[key]
    rest = {name: old for name, old in state.changes.items() if name != key}
    changes = rest if written == state.values[key] else {**rest, key: written}
    return replace(state, changes=changes)


def draft(state: RulesState, version: str, title: str) -> str:
    """The text that would be published."""
    return rules_form.edited(state.text, state.changes, version, title)


def next_version(taken: set[str], today: date) -> str:
    """A name for the next version: the year and a number that nobody has used."""
    number = 1
    while f"{today.year}.{number}" in taken:
        number += 1
    return f"{today.year}.{number}"


def effect_words(effect: Effect) -> str:
    """What would change, in one sentence."""
    if not effect.affected:
        return tr("Dari {count} anak di laptop ini tidak ada yang berubah status atau hurufnya.").format(
            count=effect.children
        )
    tones = sum(item.before != item.after for item in effect.affected)
    letters = sum(item.letter_before != item.letter_after for item in effect.affected)
    return tr(
        "Dari {count} anak di laptop ini, {tones} berubah status dan {letters} berubah huruf KMS."
    ).format(count=effect.children, tones=tones, letters=letters)


def first_words(first: RulesEffect, done: int, of: int) -> str:
    """What is known at once, and how far the counting of the statuses is."""
    return tr("{letters} anak berubah huruf KMS. Menghitung status: {done} dari {of} anak …").format(
        letters=first.letters, done=done, of=of or "…"
    )


def first_rows(first: RulesEffect) -> tuple[tuple[str, str, str], ...]:
    """The report figures: label, after, before."""
    return _figure_rows(first.month, first.before, first.after)


def _figure_rows(month: Month, before: Skdn, after: Skdn) -> tuple[tuple[str, str, str], ...]:
    named = (("N", "N"), ("T", "T"), ("2T", "two_t"), ("BGM", "bgm"))
    return tuple(
        (f"{label}, {month.label}", str(getattr(after, name)), str(getattr(before, name)))
        for label, name in named
    )


def effect_rows(effect: Effect) -> tuple[tuple[str, str, str], ...]:
    """Statuses, then report figures: label, after, before."""
    rows = [
        (tone.label, str(effect.tones_after.get(tone, 0)), str(effect.tones_before.get(tone, 0)))
        for tone in Tone
    ]
    return (*rows, *_figure_rows(effect.month, effect.figures_before, effect.figures_after))


def affected_lines(effect: Effect, masked: bool) -> tuple[Line, ...]:
    """The children who would look different, the most severe first; masked, by their kecamatan alone."""
    return tuple(_affected(item, masked) for item in effect.affected)


def _affected(item: Affected, masked: bool) -> Line:
    name = names.initials(item.child.name) if masked else names.display(item.child.name)
    letters = "" if item.letter_before == item.letter_after else f"{item.letter_before} → {item.letter_after}"
    return Line(
        key=item.child.id,
        title=f"{name} · {_kecamatan(item.child.scope) if masked else item.posyandu}",
        text=item.reasons[0] if item.reasons else "",
        right=f"{item.before.label} → {item.after.label}" if item.before != item.after else letters,
        below=letters if item.before != item.after else "",
        tone=item.after,
    )


def _kecamatan(scope: str) -> str:
    code = ".".join(scope.split(".")[:3])
    return regions.name_of(code) or code


def history_lines(versions: tuple[RulesVersion, ...], in_force: str) -> tuple[Line, ...]:
    """Every version, newest first: who, from when, why."""
    lines = []
    for item in versions:
        rules = item.rules
        name = rules.version if rules is not None else str(item.number)
        state = tr("ditarik") if item.withdrawn else tr("berlaku") if name == in_force else ""
        lines.append(
            Line(
                key=item.id,
                title=tr("Versi {version}").format(version=name),
                text=item.note or "",
                right=state,
                below=tr("{by}, mulai {date}").format(by=item.by, date=format_date(item.holds_from)),
                icon="scroll-text",
                ink="accent" if state and not item.withdrawn else "ink_soft",
            )
        )
    return tuple(lines)

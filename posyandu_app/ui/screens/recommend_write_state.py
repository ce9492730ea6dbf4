"""Writing a recommendation: to whom it can go, and when it is due, as pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from posyandu_app.domain import names, regions
from posyandu_app.domain.dates import format_date, parse_date
from posyandu_app.domain.model import Child, Role
from posyandu_app.domain.recommendations import Figure
from posyandu_app.i18n import tr
from posyandu_app.reports.proposing import Fitted, period_of
from posyandu_app.reports.recommend import Rule
from posyandu_app.ui import words
from posyandu_app.ui.analysis.words import period_short
from posyandu_app.ui.screens.recommend_state import child_words
from posyandu_app.ui.widgets.suggest import MOST, Suggestion

AREA, CHILD = "area:", "child:"
DUE_DAYS = (7, 14, 30)
"""Offered as due dates; the day can be typed too."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was touched by sending: the list shows it first."""

    entities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Letter:
    """A recommendation that is begun elsewhere: from a proposal, or in place of one that was sent.

    `to` is a scope; `instead` the recommendation it takes the place of. `figures` are those of whom it is
    to, `reason` and `rule` say why it was proposed; `unread`: they only say which figures, of when.
    """

    to: str = ""
    child: str = ""
    text: str = ""
    due_on: date | None = None
    figures: tuple[Figure, ...] = ()
    reason: str = ""
    rule: Rule | None = None
    instead: str = ""
    unread: bool = False

    @property
    def key(self) -> str:
        """Whom it is to, as the field offers them."""
        return CHILD + self.child if self.child else AREA + self.to


@dataclass(frozen=True, slots=True)
class Basis:
    """What a letter rests on as it goes to somebody: shown beside it, and sent with it.

    `note` says what is other than in the proposal; `text` is what the rule asks there, "" for no other.
    `of_another`: the rule's sentence in the form names another area, and must be edited before it goes.
    """

    figures: tuple[Figure, ...] = ()
    reason: str = ""
    note: str = ""
    text: str = ""
    of_another: bool = False


def basis(letter: Letter) -> Basis:
    """What it rests on as it was begun; figures that are still to be read are none yet."""
    return Basis(() if letter.unread else letter.figures, letter.reason)


def based_on(figures: Sequence[Figure]) -> str:
    """What stands over the figures: their period too, when all are of the same."""
    of = {period_of(figure) for figure in figures}
    period = next(iter(of)) if len(of) == 1 else None
    if period is None:
        return tr("Berdasarkan angka")
    return tr("Berdasarkan angka {period}").format(period=period_short(period))


def basis_of_child(letter: Letter) -> Basis:
    """About a child: the figures are of areas and stay behind."""
    assert letter.figures, "asked only where there are figures"
    note = tr("Tanpa angka: yang ada tentang wilayah, bukan tentang seorang anak. Periksa kalimatnya.")
    return Basis(note=note, of_another=letter.rule is not None)


def basis_elsewhere(found: Fitted, to: str, *, edited: bool, proposed: bool) -> Basis:
    """For another area, by its name; `edited` keeps the words of a person, `proposed` says a rule spoke."""
    if not found.figures:
        note = tr("Tanpa angka: untuk {to} angka ini tidak ada. Periksa kalimatnya.")
        return Basis(note=note.format(to=to), of_another=proposed)
    if found.proposal is not None:
        reason, text = found.proposal.rule.explanation, "" if edited else found.proposal.text
        note = (
            tr("Angka kini dari {to}. Kalimat Anda tidak diubah; periksa lagi.")
            if edited
            else tr("Angka dan kalimat kini tentang {to}.")
        )
        return Basis(found.figures, reason, note.format(to=to), text)
    note = (
        tr("Angka kini dari {to}. Di sana alasan usulan ini tidak berlaku; periksa kalimatnya.")
        if proposed
        else tr("Angka kini dari {to}. Periksa kalimatnya.")
    )
    return Basis(found.figures, note=note.format(to=to), of_another=proposed)


def hint_to(role: str) -> str:
    """How to name whom it goes to; the Dinas reaches a child from her card, the opening of which is noted."""
    if role == Role.DINAS:
        return tr("Ketik nama kecamatan, desa, atau posyandu. Untuk seorang anak: buka kartunya, tekan R.")
    return tr("Ketik nama kecamatan, desa, posyandu, atau anak, lalu pilih.")


def areas(text: str, own: str, posyandu: Mapping[str, str]) -> tuple[Suggestion, ...]:
    """Areas and posyandu inside the own area whose name fits, the widest first."""
    found = []
    home = regions.name_of(own)
    if home is not None and names.fold(text) in names.fold(home):
        found.append(Suggestion(AREA + own, home, tr("semua yang ada di dalamnya")))
    if own.count(".") < 2:
        found += [
            Suggestion(AREA + region.code, region.name, tr("Kecamatan"))
            for region in regions.search(text, regions.Level.KECAMATAN, own, 3)
        ]
    if own.count(".") < 3:
        found += [
            Suggestion(AREA + region.code, region.name, tr("Desa, {area}").format(area=_above(region.code)))
            for region in regions.search(text, regions.Level.VILLAGE, own, 3)
        ]
    return (*found, *_posyandu(text, posyandu))[:MOST]


def _posyandu(text: str, posyandu: Mapping[str, str]) -> Iterable[Suggestion]:
    wanted = names.fold(text)
    for scope, name in sorted(posyandu.items(), key=lambda item: (item[1], item[0])):
        if wanted and wanted in names.fold(name):
            yield Suggestion(AREA + scope, name, tr("Posyandu, {area}").format(area=_above(scope)))


def _above(scope: str) -> str:
    return regions.name_of(scope.rpartition(".")[0]) or ""


def child_offer(child: Child, role: str, posyandu: Mapping[str, str], today: date) -> Suggestion:
    """One child as an offer: name (masked for the Dinas), age and posyandu."""
    where = posyandu.get(child.scope, child.scope)
    detail = tr("anak, {age}, {posyandu}").format(age=words.age(child, today), posyandu=where)
    return Suggestion(CHILD + child.id, child_words(child, role), detail)


def due_text(days: int, today: date) -> str:
    """The day so many days from today as it stands in the field."""
    return format_date(today + timedelta(days=days))


def read_due(text: str) -> date | None:
    """The due date that was typed; none when the field is empty. Raises `InvalidValue`."""
    return parse_date(text, "due_on") if text.strip() else None

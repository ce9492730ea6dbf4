"""The monthly report as pure functions: how each posyandu stands, and the lines of one report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from posyandu_app.domain import names
from posyandu_app.domain.age import Month
from posyandu_app.domain.f1 import F1
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Sex
from posyandu_app.domain.reports_check import Item, ReportState, ReportStatus, read_month
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.skdn import UNKNOWN, Skdn, format_percent
from posyandu_app.i18n import tr
from posyandu_app.services.monthly_reports import Report
from posyandu_app.ui import words
from posyandu_app.ui.models.line_model import Line

ICONS = {
    ReportState.WAITING: "clipboard-list",
    ReportState.RETURNED: "corner-up-left",
    ReportState.MENDED: "pencil",
    ReportState.ACCEPTED: "check",
    ReportState.CHANGED: "triangle-alert",
}


def address(scope: str, month: Month) -> str:
    """What the window is told to open one report: posyandu and month."""
    return f"{scope}/{month.year:04d}-{month.month:02d}"


def figure_address(code: str, scope: str, month: Month) -> str:
    """The same for one figure: which, of where and when."""
    return f"{code}@{address(scope, month)}"


def read_figure(text: str) -> tuple[str, str, Month] | None:
    """Figure, area and month of the address of a figure; None when it is none."""
    code, mark, rest = text.partition("@")
    found = read_address(rest) if mark else None
    return None if found is None else (code, *found)


def read_address(text: str) -> tuple[str, Month] | None:
    """Posyandu and month of an address; None when it is none."""
    scope, mark, written = text.partition("/")
    month = read_month(written) if mark else None
    return None if month is None else (scope, month)


class Show(StrEnum):
    """The parts of the overview."""

    ALL = "semua"
    NOTHING = "belum_ada"
    WAITING = "diperiksa"
    RETURNED = "dikembalikan"
    ACCEPTED = "diterima"

    @property
    def label(self) -> str:
        return {
            Show.ALL: tr("Semua"),
            Show.NOTHING: tr("Belum ada"),
            Show.WAITING: tr("Periksa"),
            Show.RETURNED: tr("Dikembalikan"),
            Show.ACCEPTED: tr("Diterima"),
        }[self]


@dataclass(frozen=True, slots=True)
class Place:
    """One posyandu of the overview; `tones` are empty where risk is not counted (a whole district)."""

    scope: str
    name: str
    skdn: Skdn
    status: ReportStatus | None
    tones: Mapping[Tone, int]

    @property
    def state(self) -> ReportState:
        return ReportState.WAITING if self.status is None else self.status.state

    @property
    def shown_under(self) -> Show:
        """Where nothing was weighed and nothing decided there is no report to be looked at."""
        if self.state is ReportState.ACCEPTED:
            return Show.ACCEPTED
        if self.state is ReportState.RETURNED:
            return Show.RETURNED
        if self.state is ReportState.WAITING and not self.skdn.D:
            return Show.NOTHING
        return Show.WAITING


@dataclass(frozen=True, slots=True)
class OverviewState:
    """All posyandu of a month, the part in sight and the chosen one."""

    month: Month
    show: Show = Show.ALL
    places: tuple[Place, ...] = ()
    chosen: str = ""
    loaded: bool = False

    def count(self, show: Show) -> int:
        """How many posyandu a part has."""
        return sum(show in (Show.ALL, place.shown_under) for place in self.places)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The posyandu in sight, what needs a hand first."""
        order = list(Show)
        shown = [place for place in self.places if self.show in (Show.ALL, place.shown_under)]
        shown.sort(key=lambda place: (order.index(place.shown_under), place.name, place.scope))
        return tuple(_place_line(place) for place in shown)


def found(state: OverviewState, places: Iterable[Place]) -> OverviewState:
    """The month was read."""
    return _settled(replace(state, places=tuple(places), loaded=True))


def shown(state: OverviewState, show: Show) -> OverviewState:
    """Another part."""
    return _settled(replace(state, show=show))


def chosen(state: OverviewState, scope: str) -> OverviewState:
    """A posyandu was chosen."""
    return replace(state, chosen=scope)


def _settled(state: OverviewState) -> OverviewState:
    keys = [line.key for line in state.lines]
    return state if state.chosen in keys else replace(state, chosen=keys[0] if keys else "")


def _place_line(place: Place) -> Line:
    skdn, status = place.skdn, place.status
    if place.shown_under is Show.NOTHING:
        right, icon, ink = tr("Belum ada data"), "cloud-off", "ink_soft"
    else:
        right, icon = place.state.label, ICONS[place.state]
        ink = "ink_soft" if place.state is ReportState.ACCEPTED else "accent"
    by = "" if status is None or status.last is None else status.last.by
    return Line(
        key=place.scope,
        title=place.name,
        text="  ·  ".join(_figures(skdn, place.tones)),
        right=right,
        below=by,
        icon=icon,
        ink=ink,
    )


def _figures(skdn: Skdn, tones: Mapping[Tone, int]) -> list[str]:
    if not skdn.D:
        return [tr("{count} balita terdaftar").format(count=skdn.S)]
    told = [f"D/S {format_percent(skdn.d_s)}", f"N/D {format_percent(skdn.n_d)}", f"2T {skdn.two_t}"]
    told.append(f"BGM {skdn.bgm}")
    urgent = tones.get(Tone.RUJUK_SEGERA, 0) + tones.get(Tone.RUJUK, 0)
    if tones:
        told.append(tr("perlu rujuk {count}").format(count=urgent))
    return told


def summary(state: OverviewState, today: date) -> str:
    """Who sent, who did not, and how long ago the month ended."""
    if not state.loaded:
        return tr("Menghitung dari data di laptop ini …")
    told = tr(
        "{count} posyandu: {nothing} belum ada data, {waiting} perlu diperiksa, {returned} dikembalikan, "
        "{accepted} diterima."
    ).format(
        count=len(state.places),
        nothing=state.count(Show.NOTHING),
        waiting=state.count(Show.WAITING),
        returned=state.count(Show.RETURNED),
        accepted=state.count(Show.ACCEPTED),
    )
    over = (today - state.month.last_day).days
    if over <= 0:
        return f"{told} {tr('Bulan ini masih berjalan.')}"
    ended = tr("Bulan berakhir {count} hari lalu.").format(count=over)
    return f"{told} {ended}"


# one report


def check_lines(report: Report, marked: frozenset[str]) -> tuple[Line, ...]:
    """The checklist; marked lines are those that the posyandu is asked to mend."""
    lines = []
    for line in report.lines:
        mark = line.item in marked
        lines.append(
            Line(
                key=line.item,
                title=line.item.label,
                text="" if line.ok else line.told,
                right=tr("minta diperbaiki") if mark else "",
                icon="corner-up-left" if mark else "check" if line.ok else "triangle-alert",
                ink="danger" if mark else "ink_soft" if line.ok else "accent",
            )
        )
    return tuple(lines)


def behind(report: Report, item: str, role: str) -> tuple[Line, ...]:
    """The children behind one line, by the name that the role may read."""
    ids = next((line.children for line in report.lines if line.item == item), ())
    children = [report.children[child] for child in ids if child in report.children]
    children.sort(key=lambda child: (names.seen_by(role, child.name), child.id))
    return tuple(Line(child.id, names.seen_by(role, child.name), icon="baby") for child in children)


def verdict_words(report: Report, today: date) -> tuple[str, str]:
    """How the report stands, and why: what was asked, by whom, and what the posyandu said."""
    status = report.status
    if status.last is None:
        open_lines = report.open_lines
        told = (
            tr("{count} baris perlu dilihat.").format(count=open_lines) if open_lines else tr("Semua beres.")
        )
        return status.state.label, told
    last = status.last
    said = [f"{last.by} · {words.day_short(last.on, today)}"]
    said += [f"• {label_of(Item, code)}" for code in sorted(last.items)]
    if last.note:
        said.append(last.note)
    if status.answer is not None:
        said.append(
            tr("{name}, {day}: sudah diperbaiki. {note}")
            .format(
                name=status.answer.by,
                day=words.day_short(status.answer.on, today),
                note=status.answer.note or "",
            )
            .strip()
        )
    return status.state.label, "\n".join(said)


def skdn_lines(report: Report) -> tuple[tuple[str, str], ...]:
    """The figures over the checklist."""
    skdn = report.skdn
    return (
        ("S", str(skdn.S)),
        ("K", str(skdn.K)),
        ("D", str(skdn.D)),
        ("N", str(skdn.N)),
        ("D/S", format_percent(skdn.d_s)),
        ("N/D", format_percent(skdn.n_d)),
    )


# the form as a table


def heads(form: F1) -> tuple[str, ...]:
    """The columns of the form after its labels: age groups by sex, both sexes, all."""
    return (*(f"{group.first}–{group.last}" for group in form.groups), tr("Semua umur"))


def table(form: F1) -> tuple[tuple[str, ...], ...]:
    """Rows 1 to 12: number, label, boys and girls of each age group, boys, girls, all."""
    rows = []
    for row in form.rows:
        cells = [str(row.cells[group, sex]) for group in form.groups for sex in Sex]
        rows.append((row.number, row.label, *cells, *(str(row.by_sex[sex]) for sex in Sex), str(row.total)))
    return tuple(rows)


def sexes(form: F1) -> tuple[str, ...]:
    """The second line of heads."""
    return (*(tr("L") if sex is Sex.MALE else tr("P") for _ in (*form.groups, 0) for sex in Sex), tr("Jml"))


def singles(form: F1) -> tuple[tuple[str, ...], ...]:
    """Rows 13 to 22 but for the infants: label, boys, girls, all."""
    return tuple(
        (
            f"{row.number}  {row.label}",
            *(UNKNOWN if n is None else str(n) for n in (row.boys, row.girls, row.total)),
        )
        for row in form.singles
    )


def infants(form: F1) -> tuple[tuple[str, ...], ...]:
    """Rows 16 and 17: age, how many there are, of how many it was asked, how many get breast milk alone."""
    return tuple(
        (
            tr("{month} bulan").format(month=row.month),
            str(row.there),
            str(row.asked),
            str(row.breastfed) if row.asked else UNKNOWN,
        )
        for row in form.infants
    )


def ratios(form: F1, targets: Sequence[tuple[str, int]]) -> tuple[tuple[str, ...], ...]:
    """The ratios under the form, with the target where there is one."""
    total, wanted = form.skdn.total, dict(targets)
    named = (
        (tr("K/S, jangkauan program"), total.k_s, ""),
        (tr("D/S, partisipasi"), total.d_s, "d_s"),
        (tr("D/K, kelangsungan"), total.d_k, ""),
        (tr("N/D, keberhasilan"), total.n_d, "n_d"),
        (tr("N/D tanpa O dan B"), total.n_nt, ""),
        (tr("N/S, pencapaian"), total.n_s, ""),
        (tr("2T/D"), total.two_t_d, ""),
        (tr("BGM/D"), total.bgm_d, ""),
    )
    return tuple(
        (label, format_percent(value), f"{wanted[key]} %" if key in wanted else "")
        for label, value, key in named
    )

"""Areas by class on the map or as tiles; the same children over time; the list of children."""

from datetime import date

from posyandu_app.domain.age import label as age_label
from posyandu_app.domain.dates import format_date
from posyandu_app.i18n import tr
from posyandu_app.reports import prevalence
from posyandu_app.reports.analysis_rules import AnalysisRules
from posyandu_app.reports.analyst import Analyst
from posyandu_app.reports.answers import CohortAnswer, Known, PrevalenceAnswer
from posyandu_app.reports.areas import Level
from posyandu_app.reports.child_lists import Line, ListAnswer
from posyandu_app.reports.cohort import Path
from posyandu_app.reports.disclosure import CoveredCohortRow
from posyandu_app.reports.district_map import Shapes
from posyandu_app.reports.people import MOST, Opened
from posyandu_app.reports.prevalence import By, Indicator, PrevalenceRow, Severity
from posyandu_app.reports.quality import SD_MEASURES, Check
from posyandu_app.reports.seen import Doubt, Jump, Reading, Same, Seen, Twin, Wait
from posyandu_app.reports.statistics import Share
from posyandu_app.ui import words as field_words
from posyandu_app.ui.analysis import words
from posyandu_app.ui.analysis.prevalence_view import figures, headline
from posyandu_app.ui.analysis.shown import Figure, Shown, Table, ViewSpec
from posyandu_app.ui.analysis.state import LISTED, AnalysisState
from posyandu_app.ui.pictures.areas import AreaPicture, Place
from posyandu_app.ui.pictures.dots import Dot, Dots
from posyandu_app.ui.pictures.flow import Bar, Flow, Part

MapAnswer = tuple[
    PrevalenceAnswer, dict[Indicator, float], str, Shapes, AnalysisRules, tuple[tuple[str, str], ...]
]


def ask_map(analyst: Analyst, state: AnalysisState, outward: bool) -> MapAnswer:
    """The areas just below; where the map knows only villages, the villages of the kecamatan."""
    shapes, by = analyst.shapes(), next(by for by in By if by.level is state.level)
    inside = [code for code in shapes if code.startswith(f"{state.area}.")]
    depth = {code.count(".") + 1 for code in inside}
    if state.level is Level.KECAMATAN and depth == {int(Level.VILLAGE)}:
        by = By.VILLAGE
    found = analyst.prevalence(state.area, state.period, state.compared_with, by, outward=outward)
    level = by.level
    known = {row.key for row in found.table.rows}
    silent = [
        code for code in inside if level is not None and code.count(".") + 1 == level and code not in known
    ]
    named = tuple(zip(silent, analyst.names(tuple(silent)), strict=True))
    return found, analyst.targets(), analyst.name(state.area), shapes, analyst.analysis, named


def show_map(state: AnalysisState, answer: MapAnswer, known: Known) -> Shown:
    """Areas coloured by class, worst first."""
    found, targets, name, shapes, analysis, silent = answer
    indicator, table = state.indicator, found.table
    rows = sorted(
        (row for row in table.rows if row.shares[indicator].of != 0 or row.key in shapes),
        key=lambda row: (row.shares[indicator].percent is None, -(row.shares[indicator].percent or 0)),
    )
    grades, grade_of = grades_of(indicator, rows, analysis)
    places = tuple(
        Place(
            row.key,
            row.label,
            words.figure(row.shares[indicator]),
            words.interval(row.shares[indicator]),
            grade_of(row.shares[indicator]),
        )
        for row in rows
    ) + tuple(Place(code, called, words.NOTHING, tr("belum diukur"), None) for code, called in silent)
    picture = AreaPicture(places, grades, {key: shapes[key] for key in shapes if key.count(".") >= 2})
    said = (
        tr("Warna dan pola menurut batas masalah kesehatan masyarakat WHO–UNICEF 2019.")
        if len(grades) == len(Severity) and grades[0] == _short_severity(Severity.VERY_LOW)
        else tr("Warna dan pola membagi wilayah menjadi lima sama banyak, dari rendah ke tinggi.")
        if len(grades) == _FIFTHS
        else tr("Warna dan pola menurut besarnya angka, dari rendah ke tinggi.")
    )
    if not picture.mapped:
        said = tr(
            "Belum ada peta di laptop ini: wilayah ditata dari yang terburuk. M memilih berkas GeoJSON; "
            "ia tidak ikut tersinkron."
        )
    one = table.total.shares[indicator]
    return Shown(
        headline=headline(indicator, one, found.before.shares[indicator], found.compared_with),
        note=said,
        figures=figures(table.total, found.before, targets),
        figure=indicator.value,
        picture=picture if places else None,
        table=_areas_table(indicator, rows, grades, grade_of),
        empty=None
        if places
        else (
            "map",
            tr("Tidak ada yang diukur pada {period}").format(period=state.period.label),
            tr("Pilih bulan lain dengan Ctrl ← atau Ctrl →."),
        ),
        title=tr("Peta {what}, {area}, {period}").format(
            what=indicator.label, area=name, period=state.period.label
        ),
    )


_FEWEST_CLASSES = 3
_FIFTHS = 5


def grades_of(indicator: Indicator, rows: list[PrevalenceRow], analysis: AnalysisRules):  # type: ignore[no-untyped-def]
    """What the classes are called and which a share is in: WHO's where they tell areas apart, else fifths.

    Areas with the same figure are in the same class, so that there are fewer where many are alike.
    """
    classes = {prevalence.severity(indicator, row.shares[indicator], analysis) for row in rows} - {None}
    if len(classes) >= _FEWEST_CLASSES:
        names = tuple(_short_severity(severity) for severity in Severity)

        def by_severity(one: Share) -> int | None:
            found = prevalence.severity(indicator, one, analysis)
            return None if found is None else tuple(Severity).index(found)

        return names, by_severity
    found = (row.shares[indicator].percent for row in rows)
    known = sorted(percent for percent in found if percent is not None)
    cuts = [known[len(known) * step // 5] for step in range(1, 5)] if len(known) >= 5 else []
    above = [percent for percent in known if percent > known[0]]
    cuts = sorted({max(cut, above[0]) for cut in cuts}) if above else []
    first = tr("di bawah {high}").format(high=words.percent(cuts[0])) if cuts else tr("semua")
    names = (first, *(tr("mulai {low}").format(low=words.percent(low)) for low in cuts))

    def by_fifth(one: Share) -> int | None:
        return None if one.percent is None else sum(one.percent >= cut for cut in cuts)

    return names, by_fifth


def _short_severity(severity: Severity) -> str:
    return {
        Severity.VERY_LOW: tr("sangat rendah"),
        Severity.LOW: tr("rendah"),
        Severity.MEDIUM: tr("sedang"),
        Severity.HIGH: tr("tinggi"),
        Severity.VERY_HIGH: tr("sangat tinggi"),
    }[severity]


def _areas_table(indicator: Indicator, rows, grades, grade_of) -> Table:  # type: ignore[no-untyped-def]
    heads = (tr("Wilayah"), indicator.label, tr("dari"), "%", tr("95 % bawah"), tr("95 % atas"), tr("Kelas"))
    lines = []
    for row in rows:
        one, grade = row.shares[indicator], grade_of(row.shares[indicator])
        limits = [None if v is None else round(v, 2) for v in (one.percent, one.low, one.high)]
        lines.append((row.label, one.count, one.of, *limits, "" if grade is None else grades[grade]))
    return Table(tr("Peta"), heads, tuple(lines))


MAP = ViewSpec(ask_map, show_map)


# the cohort

CohortAnswerOf = tuple[CohortAnswer, str]
_TONES = {
    Path.RECOVERED: "baik",
    Path.NEVER: "baik",
    Path.PERSISTENT: "rujuk",
    Path.NEW: "rujuk_segera",
    Path.LOST_AFFECTED: "waspada",
    Path.LOST_HEALTHY: "waspada",
}
_BEFORE = (Path.RECOVERED, Path.PERSISTENT, Path.LOST_AFFECTED)
_NOT_BEFORE = (Path.NEVER, Path.NEW, Path.LOST_HEALTHY)
_SHORT = (Path.LOST_AFFECTED, Path.LOST_HEALTHY)


def ask_cohort(analyst: Analyst, state: AnalysisState, outward: bool) -> CohortAnswerOf:
    """The same children in the period compared with and in this one."""
    found = analyst.cohort(
        state.area, state.compared_with, state.period, state.indicator, state.level, outward=outward
    )
    return found, analyst.name(state.area)


def show_cohort(state: AnalysisState, answer: CohortAnswerOf, known: Known) -> Shown:
    """What became of them, in two bars; Enter leads to the children of a part."""
    found, name = answer
    total, what = found.total, words.short(found.indicator.value)
    new, recovered = total.counts[Path.NEW], total.counts[Path.RECOVERED]
    came = tr("yang pulih dari {what} ditutup") if recovered is None else tr("{count} anak pulih dari {what}")
    began = tr("kasus baru ditutup") if new is None else tr("{count} kasus baru")
    told = tr("Sejak {when}: {recovered}, {new}.").format(
        when=found.before.label,
        recovered=came.format(count=words.number(recovered), what=what.lower()),
        new=began.format(count=words.number(new)),
    )
    when = found.before.label
    picture = Flow(
        (
            _bar(tr("{what} pada {when}").format(what=what, when=when), total, _BEFORE),
            _bar(tr("Tidak {what} pada {when}").format(what=what.lower(), when=when), total, _NOT_BEFORE),
        )
    )
    followed = sum(total.counts[path] or 0 for path in Path)
    shares = tr(
        "Dari yang diukur pada kedua waktu: pulih {recovery}, kasus baru {incidence}. "
        "Tidak diukur lagi bukan berarti pulih."
    )
    return Shown(
        headline=told,
        note=shares.format(recovery=words.figure(total.recovery), incidence=words.figure(total.incidence)),
        figures=tuple(Figure(each.value, words.short(each.value), "") for each in prevalence.MAIN),
        figure=found.indicator.value,
        picture=picture if followed else None,
        table=_cohort_table(state, found, name),
        empty=None
        if followed
        else (
            "users",
            tr("Belum ada anak yang diukur pada kedua waktu"),
            tr("Pilih pembanding lain dengan B, atau bulan lain dengan Ctrl ←."),
        ),
        title=tr("Kohort {what}, {area}, {period}").format(
            what=what,
            area=name,
            period=tr("{first} – {last}").format(first=found.before.label, last=found.after.label),
        ),
    )


def _bar(title: str, row: CoveredCohortRow, paths: tuple[Path, ...]) -> Bar:
    counts = [row.counts[path] for path in paths]
    known = sum(count or 0 for count in counts)
    parts = []
    for path, count in zip(paths, counts, strict=True):
        if count is None:
            said = words.number(None)
        elif any(c is None for c in counts) or not known:
            said = words.number(count)
        else:
            said = f"{words.number(count)} · {words.percent(100 * count / known)}"
        label = tr("Tidak diukur lagi") if path in _SHORT else path.label
        parts.append(Part(path.value, label, count, said, _TONES.get(path, "")))
    covered = any(count is None for count in counts)
    whole = title if covered else f"{title}: {tr('{count} anak').format(count=words.number(known))}"
    return Bar(whole, tuple(parts))


def _cohort_table(state: AnalysisState, found: CohortAnswer, name: str) -> Table:
    heads = (state.level.label, *(path.label for path in Path), tr("Pulih %"), tr("Kasus baru %"))
    lines = []
    for row in (*found.rows, found.total):
        shares = [None if s.percent is None else round(s.percent, 2) for s in (row.recovery, row.incidence)]
        label = name if row is found.total else row.label
        lines.append((label, *(row.counts[path] for path in Path), *shares))
    return Table(tr("Kohort"), heads, tuple(lines))


COHORT = ViewSpec(ask_cohort, show_cohort)


# the children

Openings = tuple[tuple[Opened, str, str], ...]
ListAnswerOf = tuple[ListAnswer | Openings, str]


def ask_children(analyst: Analyst, state: AnalysisState, outward: bool) -> ListAnswerOf:
    """The children behind the figure that was opened."""
    picked = state.picked
    if picked.opened:
        return analyst.openings(state.area), analyst.name(state.area)
    if picked.path is not None:
        found = analyst.on_path(state.area, state.compared_with, state.period, state.indicator, picked.path)
    elif picked.standing is not None:
        found = analyst.standing(state.area, state.month, picked.standing)
    else:
        found = analyst.affected(state.area, state.period, state.indicator)
    return found, analyst.name(state.area)


def show_children(state: AnalysisState, answer: ListAnswerOf, known: Known) -> Shown:
    """A list by name and address for those entitled, masked for the Dinas."""
    found, name = answer
    if not isinstance(found, ListAnswer):
        return _show_openings(found, name)
    what = words.short(state.indicator.value)
    if state.picked.path is not None:
        what = f"{what}: {state.picked.path.label}"
    if state.picked.standing is not None:
        what = state.picked.standing.label
    if found.count is None:
        return _closed(what, name, state)
    told = tr("{what}: {count} anak di {area}, {period}").format(
        what=what, count=words.number(found.count), area=name, period=state.period.label
    )
    parts = []
    if found.masked:
        parts.append(tr("Nama disamarkan. Membuka data seorang anak dicatat dengan nama Anda."))
        if not found.details and found.lines:
            parts.append(tr("Rincian yang dapat menunjuk seorang anak tidak ditulis."))
    if found.count > MOST:
        parts.append(
            tr("Ditampilkan {most} yang terberat; pilih wilayah yang lebih kecil.").format(most=MOST)
        )
    standing = state.picked.standing
    large = (
        tuple(Figure(each.value, words.short(each.value), "") for each in prevalence.MAIN)
        if standing is None
        else tuple(Figure(each.value, each.short, "") for each in LISTED)
    )
    return Shown(
        headline=f"{told}.",
        note=" ".join(parts),
        figures=large,
        figure=(standing or state.indicator).value,
        picture=found if found.lines else None,
        table=None if found.masked else _people_table(found),
        empty=None
        if found.lines
        else (
            "check",
            tr("Tidak ada anak dalam daftar ini"),
            tr("Pilih bulan, wilayah, atau indikator lain."),
        ),
        title=told,
    )


def _closed(what: str, name: str, state: AnalysisState) -> Shown:
    """A figure too small to be shown has no list either: its length would tell the figure."""
    told = tr("{what} di {area}, {period}: angkanya terlalu kecil untuk ditampilkan").format(
        what=what, area=name, period=state.period.label
    )
    return Shown(
        headline=f"{told}.",
        note="",
        figures=tuple(Figure(each.value, words.short(each.value), "") for each in prevalence.MAIN),
        figure=state.indicator.value,
        empty=(
            "eye",
            tr("Daftar ini tidak ditampilkan"),
            tr("Panjangnya menunjukkan angka yang ditutup. Anaknya ada di daftar wilayah yang lebih luas."),
        ),
        title=told,
    )


def _show_openings(found: Openings, name: str) -> Shown:
    """Whose records the Dinas has opened, and who did."""
    rows = []
    for number, (one, child, posyandu) in enumerate(found):
        day, _, clock = one.at.partition("T")
        when = format_date(date.fromisoformat(day)) if day else words.NOTHING
        dot = Dot(
            f"{one.child}#{number}", child, posyandu, 1.0, figure=one.who, interval=f"{when} {clock[:5]}"
        )
        rows.append(dot)
    told = tr("Data anak yang dibuka Dinas di {area}: {count}.").format(
        area=name, count=words.number(len(found))
    )
    return Shown(
        headline=told,
        note=tr("Setiap pembukaan dicatat, ikut tersinkron, dan tidak dapat dihapus."),
        picture=Dots((tr("Anak"), tr("Dibuka oleh")), tuple(rows), axis=False) if rows else None,
        empty=None
        if rows
        else ("eye", tr("Belum ada data anak yang dibuka"), tr("O kembali ke daftar anak.")),
        title=told,
    )


def line_words(line: Line, index: str) -> tuple[str, str, str, str, str, str]:
    """A child of a list: name, below it, where, below it, the z-score of an index, below it.

    What a figure of data quality is about stands in the place of the z-score.
    """
    person = line.person
    day = date.fromordinal(line.day) if line.day else None
    age = age_label(person.birth, day) if person.birth is not None and day is not None else "—"
    about = [tr("Ibu {name}").format(name=person.mother) if person.mother else ""]
    if not person.mother and person.sex is not None:
        about = [field_words.sex(person.sex)]
    if age != "—":
        about.append(age)
    mother = ", ".join(part for part in about if part)
    house = " · ".join(part for part in (person.house, person.address) if part)
    z = tr("bengkak") if line.oedema else "" if line.centi is None else f"{index} {words.centi(line.centi)}"
    values = " · ".join(
        part
        for part in (
            field_words.weight(line.weight_g) if line.weight_g else "",
            field_words.length(line.length_mm) if line.length_mm else "",
        )
        if part
    )
    dated = format_date(day) if day else tr("tidak diukur pada waktu ini")
    if line.seen is not None:
        return person.name, mother, line.posyandu, house, *_seen(line.seen, dated)
    if not z:
        return (person.name, mother, line.posyandu, house, *((values, dated) if values else (dated, "")))
    below = f"{dated} · {values}" if values else dated
    return person.name, mother, line.posyandu, house, z, below


def _seen(seen: Seen, dated: str) -> tuple[str, str]:
    """What a figure of data quality is about in a record, and below it the rest with the days."""
    match seen:
        case Wait():
            return _waited(seen, dated)
        case Reading():
            return _read(seen, dated)
        case Jump():
            return _jumped(seen, dated)
        case Same():
            return _same(seen, dated)
        case Doubt():
            return _doubted(seen, dated)
        case Twin():
            return _paired(seen)


def _paired(seen: Twin) -> tuple[str, str]:
    """The other record, where it is, and by what the two are alike."""
    name = seen.name if not seen.more else tr("{name} +{count} lagi").format(name=seen.name, count=seen.more)
    alike = tr("NIK sama") if seen.same_nik else tr("nama dan lahir mirip")
    return name, f"{seen.posyandu} · {alike}"


def _measure(field: str, value: int) -> str:
    return field_words.weight(value) if field == "weight_g" else field_words.length(value)


def _jumped(seen: Jump, dated: str) -> tuple[str, str]:
    """From which value to which; below it both days and the change."""
    name = {"weight_g": tr("Berat"), "length_mm": tr("Tinggi"), "head_mm": tr("Kepala")}[seen.field]
    change = seen.later - seen.earlier + seen.shift
    told = ("+" if change > 0 else "") + _measure(seen.field, change)
    if seen.shift:
        told = f"{told} · {tr('koreksi posisi')}"
    before = _measure(seen.field, seen.earlier).rpartition(" ")[0]
    return (
        f"{name} {before} → {_measure(seen.field, seen.later)}",
        f"{_days(seen, dated)} · {told}",
    )


def _same(seen: Same, dated: str) -> tuple[str, str]:
    """The value, how many months it has stood where that is more than two, and the first day and this one."""
    value = _measure(seen.field, seen.value)
    if seen.months > 2:
        value = tr("{value} selama {months} bulan").format(value=value, months=seen.months)
    return value, _days(seen, dated)


def _doubted(seen: Doubt, dated: str) -> tuple[str, str]:
    """The index with its z-score, or that it lies too far off, and what it was taken from."""
    if seen.centi is not None:
        told = f"{seen.index} {words.centi(seen.centi)}"
    elif seen.check in SD_MEASURES:
        told = tr("{index} jauh dari rata-rata").format(index=seen.index)
    else:
        told = tr("{index} di luar batas WHO").format(index=seen.index)
    return told, " · ".join((*(_measure(*one) for one in seen.measures), dated))


def _days(seen: Jump | Same, later: str) -> str:
    """ "03/10 → 05/11/2026": the year of the earlier day where it is another one."""
    earlier = format_date(date.fromordinal(seen.earlier_day))
    return f"{earlier.removesuffix(later[-5:])} → {later}"


def _waited(seen: Wait, weighed: str) -> tuple[str, str]:
    """How long a record took, from which day to which."""
    days = tr("{days} hari").format(days=words.number(seen.days))
    return days, f"{weighed} → {format_date(date.fromordinal(seen.until))}"


def _read(seen: Reading, dated: str) -> tuple[str, str]:
    """The measure that a check on digits looks at, its digit and its day."""
    if seen.check is Check.WEIGHT_DIGITS:
        digit = tr("ratusan gram {digit}").format(digit=seen.digit)
        return field_words.weight(seen.value), f"{digit} · {dated}"
    digit = tr("angka akhir {digit}").format(digit=seen.digit)
    value = f"••,{seen.digit} cm" if seen.value is None else field_words.length(seen.value)
    return value, f"{digit} · {dated}"


def _people_table(found: ListAnswer) -> Table:
    heads = (
        tr("Nama"),
        tr("Ibu"),
        tr("Jenis kelamin"),
        tr("Tanggal lahir"),
        tr("Posyandu"),
        tr("RT / RW"),
        tr("Alamat"),
        tr("Tanggal ukur"),
        tr("Berat (kg)"),
        tr("Panjang/tinggi (cm)"),
        tr("Z-score"),
    )
    lines = []
    for line in found.lines:
        person = line.person
        lines.append(
            (
                person.name,
                person.mother,
                field_words.sex(person.sex),
                "" if person.birth is None else format_date(person.birth),
                line.posyandu,
                person.house,
                person.address,
                format_date(date.fromordinal(line.day)) if line.day else "",
                line.weight_g / 1000 if line.weight_g else None,
                line.length_mm / 10 if line.length_mm else None,
                None if line.centi is None else line.centi / 100,
            )
        )
    return Table(tr("Anak"), heads, tuple(lines))


CHILDREN = ViewSpec(ask_children, show_children, paper=False)

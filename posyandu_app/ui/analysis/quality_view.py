"""Data quality in words: who measures how well, what is in doubt by which limit, and the digits written."""

from dataclasses import dataclass, replace

from posyandu_app.domain.age import Month
from posyandu_app.i18n import tr, written
from posyandu_app.reports.analysis_rules import AnalysisRules
from posyandu_app.reports.periods import Period
from posyandu_app.reports.quality import (
    DAYS_UNTIL,
    FAR_SD,
    SAME_FIELDS,
    Check,
    QualityFigure,
    QualityRow,
    QualityTable,
    Team,
    Unit,
)
from posyandu_app.ui.analysis import words
from posyandu_app.ui.analysis.shown import Table
from posyandu_app.ui.pictures.dots import Cell, Dot, Dots

ALL = "*"
"""The key of the row that holds all measurements together."""


@dataclass(frozen=True, slots=True)
class QualityState:
    """Whose data, of when, and what is chosen: a row, then a check, then its records."""

    top: str
    area: str
    month: Month
    yearly: bool = True
    team: Team = Team.POSYANDU
    row: str = ALL
    check: str = ""
    deep: int = 0
    """0 chooses a row, 1 a check, 2 shows the records behind it."""

    @property
    def period(self) -> Period:
        return Period.of_year(self.month.year) if self.yearly else Period.of_month(self.month)

    @property
    def key(self) -> str:
        """The row as the table names it."""
        return "" if self.row == ALL else self.row


def figure_in_view(state: QualityState) -> tuple[str, Period] | None:
    """The check chosen and its period; None while a row is chosen, and for checks of children."""
    if not state.deep or not state.check or Check(state.check).of_children:
        return None
    return state.check, state.period


def turned_team(state: QualityState) -> QualityState:
    """Per posyandu, or per person who saved."""
    other = Team.ACTOR if state.team is Team.POSYANDU else Team.POSYANDU
    return replace(state, team=other, row=ALL, check="", deep=0)


def value_words(figure: QualityFigure) -> str:
    """A figure in its unit."""
    if figure.value is None:
        return words.NOTHING
    if figure.unit is Unit.PERCENT:
        return words.percent(figure.value)
    if figure.unit is Unit.SD:
        return written(f"{figure.value:.2f}")
    return f"{figure.value:.0f}"


def told_words(figure: QualityFigure) -> str:
    """A figure with what it is: "29,5 %", "1,32 SD", "skor 12"."""
    said = value_words(figure)
    if figure.value is None or figure.unit is Unit.PERCENT:
        return said
    return (tr("{value} SD") if figure.unit is Unit.SD else tr("skor {value}")).format(value=said)


def limit_words(figure: QualityFigure, analysis: AnalysisRules) -> str:
    """What is expected, and who says so."""
    low, high = figure.expected
    if figure.unit is Unit.SCORE:
        return tr("skor sampai {limit} (SMART)").format(limit=f"{high:g}")
    if figure.unit is Unit.SD:
        return tr("wajar {low}–{high} (WHO TRS 854)").format(
            low=written(f"{low:.2f}"), high=written(f"{high:.2f}")
        )
    limit = written(f"{high:g}")
    if figure.check is Check.FLAGGED:
        return tr("sampai {limit} % (WHO TRS 854)").format(limit=limit)
    if figure.check in DAYS_UNTIL:
        quality = analysis.quality
        saved = figure.check is Check.LATE
        said = tr("sampai {limit} % di atas {days} hari").format(
            limit=limit, days=quality.late_after_days if saved else quality.arrived_late_after_days
        )
        if figure.median_days is not None:
            half = tr("median {days}").format(days=written(f"{figure.median_days:g}"))
            return f"{said}, {half}"
        return said
    return tr("sampai {limit} % (pilihan aplikasi)").format(limit=limit)


def shape_of(figure: QualityFigure) -> str:
    """The tone of a verdict."""
    if figure.doubtful is None:
        return "belum_diukur"
    return "rujuk" if figure.doubtful else "baik"


def verdict_words(figure: QualityFigure) -> str:
    """The verdict in a word."""
    if figure.doubtful is None:
        return tr("data kurang")
    return tr("diragukan") if figure.doubtful else tr("wajar")


def row_of(table: QualityTable, state: QualityState) -> QualityRow:
    """The chosen row, or all together."""
    return next((row for row in table.rows if row.key == state.key), table.total)


def headline(table: QualityTable) -> tuple[str, str]:
    """How many are in doubt, and what most often."""
    judged = [row for row in table.rows if row.visits]
    doubtful = [row for row in judged if row.doubtful]
    who = tr("posyandu") if table.by is Team.POSYANDU else tr("kader")
    if not judged:
        return tr("Belum ada pengukuran pada {period}.").format(period=table.period.label), ""
    told = tr("{count} dari {of} {who} punya angka yang diragukan.").format(
        count=words.number(len(doubtful)), of=words.number(len(judged)), who=who
    )
    often: dict[Check, int] = {}
    for row in doubtful:
        for check, figure in row.figures.items():
            if figure.doubtful:
                often[check] = often.get(check, 0) + 1
    most = sorted(often, key=lambda check: -often[check])[:2]
    if not most:
        return told, tr("Pengukuran yang buruk menyembunyikan anak yang perlu ditolong.")
    named = ", ".join(f"{check.label} ({often[check]})" for check in most)
    return told, tr("Paling sering: {checks}.").format(checks=named)


def rows_picture(table: QualityTable) -> Dots:
    """All together first, then whoever is most in doubt."""
    who = tr("Posyandu") if table.by is Team.POSYANDU else tr("Kader")
    rows = (replace(table.total, key=ALL), *(row for row in table.rows if row.visits or row.children))
    return Dots(
        heads=(who, tr("Diragukan")),
        rows=tuple(_row_dot(row, at == 0) for at, row in enumerate(rows)),
        axis=False,
    )


def _row_dot(row: QualityRow, whole: bool) -> Dot:
    judged = sum(figure.doubtful is not None for figure in row.figures.values())
    shape = "belum_diukur" if not judged else "rujuk" if row.doubtful else "baik"
    return Dot(
        key=row.key,
        label=tr("Semua") if whole else row.label,
        detail=" · ".join(
            part
            for part in (row.place, tr("{visits} ukuran").format(visits=words.number(row.visits)))
            if part
        ),
        value=float(row.doubtful),
        figure=str(row.doubtful) if judged else words.NOTHING,
        interval=tr("dari {judged}").format(judged=judged) if judged else "",
        shape=shape,
    )


def checks_picture(row: QualityRow, analysis: AnalysisRules) -> Dots:
    """Every check of one row: what is in doubt first, the limit with its source under it."""
    order = {True: 0, False: 1, None: 2}
    figures = sorted(row.figures.values(), key=lambda figure: order[figure.doubtful])
    return Dots(
        heads=(tr("Yang dilihat"), tr("Angka"), ""),
        rows=tuple(
            Dot(
                key=figure.check.value,
                label=figure.check.label,
                detail=limit_words(figure, analysis),
                value=figure.value,
                figure=value_words(figure),
                shape=shape_of(figure),
                cells=(
                    Cell(
                        verdict_words(figure),
                        tr("{count} dari {of}").format(
                            count=words.number(figure.count), of=words.number(figure.of)
                        ),
                        tone=shape_of(figure),
                    ),
                ),
            )
            for figure in figures
        ),
        axis=False,
    )


def behind_words(figure: QualityFigure, *, listed: bool, masked: bool) -> str:
    """What stands of the records behind a figure, and in which order; `listed`: whether there are any."""
    if figure.unit is Unit.SD and figure.of:
        if figure.count:
            return tr("Di bawah ini yang lebih dari {sd} SD dari rata-ratanya.").format(sd=f"{FAR_SD:g}")
        said = tr("Tidak ada yang lebih dari {sd} SD dari rata-ratanya.").format(sd=f"{FAR_SD:g}")
        return f"{said} {tr('Di bawah ini semuanya.')}" if listed else said
    if figure.check is Check.LATE and listed:
        return tr("Hari dari penimbangan sampai disimpan di laptop, paling lama di atas.")
    if figure.check is Check.ARRIVED_LATE and listed:
        return tr("Hari dari penimbangan sampai tiba di server Dinas, paling lama di atas.")
    if figure.check is Check.JUMPS and listed:
        return tr("Ukuran sebelumnya → ukuran ini, paling meragukan di atas.")
    if figure.check in SAME_FIELDS and listed:
        return tr("Sama dengan bulan sebelumnya, paling lama di atas.")
    if figure.check is Check.DUPLICATES and listed:
        return tr("Di kanan catatan lain yang mungkin anak yang sama.")
    if figure.check is Check.FLAGGED and listed and not masked:
        return tr("Paling jauh di luar batas WHO di atas.")
    if figure.digits is None or not figure.of:
        return ""
    too_often = figure.digits.preferred
    if not too_often:
        said = tr("Tidak ada angka akhir yang terlalu sering ditulis.")
        return f"{said} {tr('Di bawah ini semuanya.')}" if listed else said
    return tr("Terlalu sering ditulis: angka akhir {digits}.").format(
        digits=", ".join(str(digit) for digit in too_often)
    )


def table_of(table: QualityTable) -> Table:
    """Everything as numbers."""
    checks = [check for check in Check if check in table.total.figures]
    heads = [tr("Posyandu") if table.by is Team.POSYANDU else tr("Kader"), tr("Pengukuran"), tr("Diragukan")]
    for check in checks:
        heads += [check.label, tr("jumlah"), tr("dari"), tr("penilaian")]
    lines = []
    for row in (*table.rows, table.total):
        cells: list[str | int | float | None] = [row.label, row.visits, row.doubtful]
        for check in checks:
            figure = row.figures.get(check)
            if figure is None:
                cells += [None, None, None, None]
            else:
                value = None if figure.value is None else round(figure.value, 2)
                cells += [value, figure.count, figure.of, verdict_words(figure)]
        lines.append(tuple(cells))
    return Table(tr("Mutu data"), tuple(heads), tuple(lines))

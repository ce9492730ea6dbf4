"""SKDN of an area and its parts with both N/D; rankings with what has changed; causes beside prevalence."""

from posyandu_app.domain.skdn import Skdn
from posyandu_app.i18n import tr
from posyandu_app.reports.analyst import Analyst
from posyandu_app.reports.answers import CauseAnswer, Known, SkdnAnswer
from posyandu_app.reports.causes import Cause
from posyandu_app.reports.coverage import CoverageRow
from posyandu_app.reports.prevalence import Indicator
from posyandu_app.reports.ranking import SKDN_SHARES, Ranking, RankingRow
from posyandu_app.reports.statistics import Share, share
from posyandu_app.ui.analysis import words
from posyandu_app.ui.analysis.shown import Figure, Shown, Table, ViewSpec
from posyandu_app.ui.analysis.state import RANKED, RATIOS, AnalysisState
from posyandu_app.ui.pictures import dots
from posyandu_app.ui.pictures.dots import Cell, Dot, Dots

SkdnAnswerOf = tuple[SkdnAnswer, dict[str, float], str]


def ratio(skdn: Skdn, code: str) -> Share:
    """One ratio of SKDN."""
    count, of = SKDN_SHARES[code](skdn)
    return share(count, of, of)


def _plain_tone(one: Share, target: float | None) -> str:
    """SKDN counts everybody: a ratio is at its target or it is not."""
    if one.percent is None or target is None:
        return dots.PLAIN
    return dots.GOOD if one.percent >= target else dots.BAD


def _ratio_targets(analyst: Analyst) -> dict[str, float]:
    targets = analyst.rules.targets
    return {"d_s": float(targets.d_s), "n_d": float(targets.n_d)}


def ask_skdn(analyst: Analyst, state: AnalysisState, outward: bool) -> SkdnAnswerOf:
    """The question of the SKDN view."""
    found = analyst.skdn(state.area, state.month, state.compared_with.last, state.level)
    return found, _ratio_targets(analyst), analyst.name(state.area)


def show_skdn(state: AnalysisState, answer: SkdnAnswerOf, known: Known) -> Shown:
    """The SKDN view."""
    found, targets, name = answer
    total, code, target = found.table.total.skdn, state.ratio, targets.get(state.ratio)
    one, before = ratio(total, code), ratio(found.before.skdn, code)
    rows = [_skdn_dot(row, code, target) for row in found.table.rows if row.skdn.S]
    rows.sort(key=lambda row: (row.value is None, row.value or 0.0))
    picture = Dots(
        heads=(
            state.level.label,
            words.short(code),
            "S",
            "D",
            "N",
            "T",
            "O",
            "B",
            "2T",
            "BGM",
        ),
        rows=tuple(rows),
        high=100.0,
        target=target,
        target_words="" if target is None else tr("target {percent}").format(percent=words.percent(target)),
        high_is_bad=False,
    )
    told = tr("{what} {percent} pada {month}").format(
        what=words.short(code), percent=words.figure(one), month=state.month.label
    )
    arrow, moved = words.short_change(one, before)
    since = tr("{moved} poin dibanding {month}").format(moved=moved, month=found.compared_with.label)
    large = tuple(
        Figure(
            key=each,
            label=words.short(each),
            value=words.figure(ratio(total, each)),
            below=words.definition(each),
            change=words.short_change(ratio(total, each), ratio(found.before.skdn, each))[1],
            arrow=words.short_change(ratio(total, each), ratio(found.before.skdn, each))[0],
            tone=_plain_tone(ratio(total, each), targets.get(each)),
            high_is_bad=False,
        )
        for each in RATIOS
    )
    return Shown(
        headline=f"{told}, {since}." if moved and arrow else f"{told}.",
        note=tr("S {s} · K {k} · D {d} · N {n} · T {t} · O {o} · B {b} · 2T {tt} · BGM {bgm}").format(
            s=words.number(total.S),
            k=words.number(total.K),
            d=words.number(total.D),
            n=words.number(total.N),
            t=words.number(total.T),
            o=words.number(total.O),
            b=words.number(total.B),
            tt=words.number(total.two_t),
            bgm=words.number(total.bgm),
        ),
        figures=large,
        figure=code,
        picture=picture if rows else None,
        table=_skdn_table(state, found, name),
        empty=None if rows else ("users", tr("Belum ada sasaran di wilayah ini"), ""),
        title=tr("SKDN {what}, {area}, {period}").format(
            what=words.short(code), area=name, period=state.month.label
        ),
    )


def _skdn_dot(row: CoverageRow, code: str, target: float | None) -> Dot:
    one, counts = ratio(row.skdn, code), row.skdn
    return Dot(
        key=row.key,
        label=row.label,
        detail=words.counts(one),
        value=one.percent,
        figure=words.figure(one),
        tone=_plain_tone(one, target),
        cells=tuple(
            Cell(words.number(value))
            for value in (
                counts.S,
                counts.D,
                counts.N,
                counts.T,
                counts.O,
                counts.B,
                counts.two_t,
                counts.bgm,
            )
        ),
    )


def _skdn_table(state: AnalysisState, found: SkdnAnswer, name: str) -> Table:
    heads = [state.level.label, "S", "K", "D", "N", "T", "O", "B", "2T", "BGM", "D/S %", "K/S %", "N/D %"]
    heads += [tr("N/D tanpa O, B %"), tr("TB/U dapat dipakai %"), tr("BB/TB dapat dipakai %")]
    lines = []
    for row in (*found.table.rows, found.table.total):
        s = row.skdn
        ratios = [ratio(s, code).percent for code in ("d_s", "k_s", "n_d", "n_nt")]
        ratios += [row.with_length_for_age.percent, row.with_weight_for_length.percent]
        label = name if row is found.table.total else row.label
        counts = (s.S, s.K, s.D, s.N, s.T, s.O, s.B, s.two_t, s.bgm)
        lines.append((label, *counts, *(None if r is None else round(r, 2) for r in ratios)))
    return Table("SKDN", tuple(heads), tuple(lines))


SKDN = ViewSpec(ask_skdn, show_skdn)


# rankings

RankingAnswerOf = tuple[Ranking, dict[str, float], str]


def ask_ranking(analyst: Analyst, state: AnalysisState, outward: bool) -> RankingAnswerOf:
    """The question of the ranking."""
    found = analyst.ranking(
        state.ranked, state.area, state.period, state.compared_with, state.level, outward=outward
    )
    targets = {indicator.value: target for indicator, target in analyst.targets().items()}
    return found, targets | _ratio_targets(analyst), analyst.name(state.area)


def show_ranking(state: AnalysisState, answer: RankingAnswerOf, known: Known) -> Shown:
    """Areas, worst first, where each was before, and how many places it has moved."""
    found, targets, name = answer
    target, bad = targets.get(state.ranked), found.high_is_bad
    rows = [row for row in found.rows if row.now.of != 0 or row.before.of != 0]
    lines = tuple(_ranking_dot(row, target, bad) for row in rows)
    values = [v for line in lines for v in (line.value, line.before)] + [target]
    picture = Dots(
        heads=(state.level.label, words.short(state.ranked), tr("Perubahan"), tr("Tempat")),
        rows=lines,
        high=dots.axis_end(values) if bad else 100.0,
        target=target,
        target_words="" if target is None else tr("target {percent}").format(percent=words.percent(target)),
        high_is_bad=bad,
    )
    clear = [row for row in rows if row.change is not None and row.clear]
    better = sum((row.change or 0) < 0 if bad else (row.change or 0) > 0 for row in clear)
    worst = next((row for row in rows if row.place == 1), None)
    told = (
        tr("{what} terburuk di {area}: {worst}, {figure}.").format(
            what=words.short(state.ranked),
            area=name,
            worst=worst.label,
            figure=words.figure(worst.now),
        )
        if worst is not None
        else tr("Belum ada angka untuk peringkat {what} di {area}.").format(
            what=words.short(state.ranked), area=name
        )
    )
    moved = tr(
        "Dibanding {when}: {better} jelas membaik, {worse} jelas memburuk, {rest} belum jelas."
    ).format(
        when=found.compared_with.label,
        better=better,
        worse=len(clear) - better,
        rest=len(rows) - len(clear),
    )
    chips = tuple(Figure(key=code, label=words.short(code), value="") for code in RANKED)
    return Shown(
        headline=told,
        note=moved,
        figures=chips,
        figure=state.ranked,
        picture=picture if lines else None,
        table=_ranking_table(state, rows),
        empty=None
        if lines
        else (
            "calendar-days",
            tr("Tidak ada yang diukur pada {period}").format(period=state.period.label),
            tr("Pilih bulan lain dengan Ctrl ← atau Ctrl →."),
        ),
        title=tr("Peringkat {level} menurut {what}, {area}, {period}").format(
            level=state.level.label.lower(),
            what=words.short(state.ranked),
            area=name,
            period=state.period.label,
        ),
    )


def _ranking_dot(row: RankingRow, target: float | None, bad: bool) -> Dot:
    arrow, moved = words.short_change(row.now, row.before)
    tone = ""
    if row.clear and arrow:
        tone = dots.BAD if (arrow > 0) == bad else dots.GOOD
    sure = tr("jelas") if row.clear else tr("mungkin kebetulan")
    place = Cell("—")
    if row.moved is not None:
        said = {0: tr("tetap")}.get(row.moved, f"{abs(row.moved)}")
        place = Cell(said, tr("lebih baik") if row.moved > 0 else tr("lebih buruk") if row.moved else "")
    mark = dots.tone_of(row.now, target) if target is not None and bad else _plain_tone(row.now, target)
    return Dot(
        key=row.key,
        label=row.label,
        detail=words.counts(row.now),
        value=row.now.percent,
        before=row.before.percent,
        figure=words.figure(row.now),
        interval=words.interval(row.now) if bad else "",
        tone=mark,
        place="" if row.place is None else str(row.place),
        cells=(Cell(moved or "—", sure if moved and arrow else "", tone, arrow), place),
    )


def _ranking_table(state: AnalysisState, rows: list[RankingRow]) -> Table:
    heads = (
        tr("Tempat"),
        state.level.label,
        "%",
        tr("jumlah"),
        tr("dari"),
        tr("% sebelumnya"),
        tr("perubahan (poin)"),
        tr("jelas"),
        tr("tempat bergeser"),
    )
    lines = []
    for row in rows:
        percent = None if row.now.percent is None else round(row.now.percent, 2)
        before = None if row.before.percent is None else round(row.before.percent, 2)
        moved = None if row.change is None else round(row.change, 2)
        clear = tr("ya") if row.clear else tr("tidak")
        lines.append(
            (row.place, row.label, percent, row.now.count, row.now.of, before, moved, clear, row.moved)
        )
    return Table(tr("Peringkat"), heads, tuple(lines))


RANKING = ViewSpec(ask_ranking, show_ranking)


# causes

CauseAnswerOf = tuple[CauseAnswer, dict[Indicator, float], str]


def ask_causes(analyst: Analyst, state: AnalysisState, outward: bool) -> CauseAnswerOf:
    """The question of causes and coverage."""
    found = analyst.causes(state.area, state.period, state.level, outward=outward)
    return found, analyst.targets(), analyst.name(state.area)


def show_causes(state: AnalysisState, answer: CauseAnswerOf, known: Known) -> Shown:
    """What stands beside stunting and wasting in the same areas."""
    found, _, name = answer
    cause, total = state.cause, found.causes.total
    beside = {row.key: row for row in found.prevalence.rows}
    came = {row.key: row for row in found.coverage.rows}
    rows = []
    for row in found.causes.rows:
        one, other, skdn = row.shares[cause], beside.get(row.key), came.get(row.key)
        cells = [
            Cell(words.figure(other.shares[i]) if other is not None else "—")
            for i in (Indicator.STUNTING, Indicator.WASTING)
        ]
        cells.append(Cell(words.figure(ratio(skdn.skdn, "d_s")) if skdn is not None else "—"))
        rows.append(
            Dot(
                key=row.key,
                label=row.label,
                detail=words.counts(one) if one.of or one.hidden else tr("belum ada catatan"),
                value=one.percent,
                figure=words.figure(one),
                cells=tuple(cells),
            )
        )
    rows.sort(key=lambda row: (row.value is None, row.value or 0.0))
    one = total.shares[cause]
    told = (
        tr("{what}: {figure} dari {whom}.").format(
            what=cause.label, figure=words.figure(one), whom=cause.of_whom
        )
        if one.percent is not None or one.hidden
        else tr("{what} belum tercatat di {area} pada {period}.").format(
            what=cause.label, area=name, period=state.period.label
        )
    )
    large = tuple(
        Figure(
            key=each.value,
            label=each.label,
            value=words.figure(total.shares[each]),
            below=words.counts(total.shares[each])
            if total.shares[each].of or total.shares[each].hidden
            else tr("belum tercatat"),
        )
        for each in Cause
    )
    return Shown(
        headline=told,
        note=tr("Berdampingan, bukan bukti sebab: pakai untuk memilih apa yang ditelusuri di lapangan."),
        figures=large,
        figure=cause.value,
        picture=Dots(
            heads=(
                state.level.label,
                cause.label,
                tr("Stunting"),
                tr("Wasting"),
                tr("D/S"),
            ),
            rows=tuple(rows),
            high=100.0,
            high_is_bad=False,
        ),
        table=_cause_table(state, found, name),
        title=tr("{what}, {area}, {period}").format(what=cause.label, area=name, period=state.period.label),
    )


def _cause_table(state: AnalysisState, found: CauseAnswer, name: str) -> Table:
    heads = [state.level.label]
    for cause in Cause:
        heads += [cause.label, tr("dari"), "%"]
    heads += [tr("Stunting %"), tr("Wasting %"), "D/S %"]
    beside = {row.key: row for row in (*found.prevalence.rows, found.prevalence.total)}
    came = {row.key: row for row in (*found.coverage.rows, found.coverage.total)}
    lines = []
    for row in (*found.causes.rows, found.causes.total):
        cells: list[str | int | float | None] = [name if row is found.causes.total else row.label]
        for cause in Cause:
            one = row.shares[cause]
            cells += [one.count, one.of, None if one.percent is None else round(one.percent, 2)]
        other, skdn = beside.get(row.key), came.get(row.key)
        shares = [
            None if other is None else other.shares[i].percent
            for i in (Indicator.STUNTING, Indicator.WASTING)
        ]
        shares.append(None if skdn is None else ratio(skdn.skdn, "d_s").percent)
        cells += [None if value is None else round(value, 2) for value in shares]
        lines.append(tuple(cells))
    return Table(tr("Sebab dan cakupan"), tuple(heads), tuple(lines))


CAUSES = ViewSpec(ask_causes, show_causes)

"""How the screens of the midwife put a case into words."""

import re
from collections.abc import Sequence
from datetime import date

from posyandu_app.domain import reviews
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.cases import Case, CaseState, Standing
from posyandu_app.domain.classify import Index, index_name
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Position
from posyandu_app.domain.reviews import Review, Step
from posyandu_app.domain.risk import Tone
from posyandu_app.domain.zscore import format_z
from posyandu_app.i18n import tr
from posyandu_app.services.cases import Wanted
from posyandu_app.ui import words
from posyandu_app.ui.charts.channel import score_of


def standing(case: Case, today: date) -> str:
    """How far the case is, in a few words: "Baru", "Kontrol 30 Nov", "Terlambat 3 hari"."""
    if case.state is not CaseState.FOLLOW_UP:
        reopened = case.reopened and case.state is not CaseState.RESOLVED
        return tr("Dibuka kembali") if reopened else case.state.label
    if case.overdue_days:
        return tr("Terlambat {days} hari").format(days=case.overdue_days)
    if case.revisit_on is None:
        return tr("Tindak lanjut")
    return tr("Kontrol {day}").format(day=words.day_short(case.revisit_on, today))


def since(day: date | None, today: date) -> str:
    """ "sejak 20 Okt", "sejak hari ini"; nothing when it is not known."""
    if day is None:
        return ""
    if day == today:
        return tr("sejak hari ini")
    return tr("sejak {day}").format(day=words.day_short(day, today))


def worst_since(case: Case) -> date | None:
    """Since when the worst tone stands: the oldest of its reasons whose beginning is known."""
    days = [item.since for item in case.reasons if item.reason.tone is case.tone and item.since is not None]
    return min(days, default=None)


def reason(item: Standing, today: date) -> str:
    """A reason with since when it stands, once: "Berat tidak naik 2 bulan (2T) · sejak 20 Okt"."""
    told = since(item.since, today)
    return f"{item.reason.text} · {told}" if told else item.reason.text


_DATED = re.compile(r" \(\d\d/\d\d/\d{4}\)$")


def undated(text: str) -> str:
    """A reason without the day of its visit, where since when is said beside it."""
    return _DATED.sub("", text)


def short(case: Case) -> str:
    """The worst reason for a list that says beside it since when."""
    if not case.reasons:
        return tr("Tidak ada alasan lagi") if case.state is not CaseState.RESOLVED else tr("Sudah ditutup")
    return undated(case.reasons[0].reason.text)


def more(case: Case) -> str:
    """How many reasons there are besides the worst: "2 alasan lagi", or nothing."""
    count = len(case.reasons) - 1
    return tr("{count} alasan lagi").format(count=count) if count > 0 else ""


def tone_label(case: Case) -> str:
    """The word of the tone; a case without any reason left is not called good by this screen."""
    return case.tone.label if case.reasons else case.state.label


def tone_of(case: Case) -> str:
    """The tone a case is shown in; without any reason left it has none."""
    return case.tone.value if case.reasons else Tone.BELUM_DIUKUR.value


def values(item: Assessed | None) -> tuple[tuple[str, str, str], ...]:
    """(name, raw value, "BB/U −2,05 · Berat badan kurang") for everything measured at a visit."""
    if item is None:
        return ()
    measured, told = item.measurement, []
    if measured.weight_g is not None:
        told.append((tr("Berat"), words.weight(measured.weight_g), _scored(item, Index.BB_U)))
    if measured.length_mm is not None:
        lying = measured.position is Position.LYING
        name = tr("Panjang") if lying else tr("Tinggi")
        told.append((name, words.length(measured.length_mm), _scored(item, Index.TB_U)))
    thin = _scored(item, Index.BB_TB)
    if thin:
        name, _, label = thin.partition(" ")
        told.append((name, *_halves(label)))
    if measured.muac_mm is not None:
        told.append((tr("LiLA"), words.length(measured.muac_mm), _category(item, Index.LILA)))
    if measured.head_mm is not None:
        told.append((tr("LK"), words.length(measured.head_mm), _scored(item, Index.LK_U)))
    if measured.oedema:
        told.append((tr("Bengkak"), f"+{measured.oedema}", tr("kedua kaki")))
    return tuple(told)


def _scored(item: Assessed, index: Index) -> str:
    score = score_of(item.growth, index)
    if score is None:
        return ""
    name = f"{index_name(index, item.age_days)} {format_z(score.centi)}"
    if score.flagged:
        return tr("{index} · ukur ulang").format(index=name)
    label = _category(item, index)
    return f"{name} · {label}" if label else name


def _halves(told: str) -> tuple[str, str]:
    """ "−2,05 · Gizi kurang" as value and meaning."""
    value, _, meaning = told.partition(" · ")
    return value, meaning


def _category(item: Assessed, index: Index) -> str:
    return item.categories[index].label if index in item.categories else ""


def asked(found: Wanted, today: date) -> str:
    """What the midwife wants, for the kader: "Rina menunggu paling lambat 30/11/2026"."""
    if found.revisit_on is None:
        return tr("Dipantau {by}").format(by=found.by)
    if found.overdue_days:
        sentence = tr("{by} menunggu sejak {date}")
    elif found.revisit_on == today:
        sentence = tr("{by} menunggu hari ini")
    else:
        sentence = tr("{by} menunggu paling lambat {date}")
    return sentence.format(by=found.by, date=format_date(found.revisit_on))


def wanted(found: Wanted, today: date) -> str:
    """The same with why: "… paling lambat 30/11/2026: LiLA 12,3 cm, di bawah 12,5 cm"."""
    return ": ".join(wish(found, today))


def wish(found: Wanted, today: date) -> tuple[str, str]:
    """What the midwife wants, and why."""
    why = found.reasons[0].rstrip(".") if found.reasons else "; ".join(found.decided)
    return asked(found, today), why


def deed(review: Review) -> tuple[str, str]:
    """A review for the history of the case: what was done, and who did it when."""
    step, said = label_of(Step, review.step), reviews.sentence(review)
    what = said if review.step in (Step.DECIDE, Step.NOTE) or said == step else f"{step}: {said}"
    return what, " · ".join(part for part in (format_date(review.date), review.by) if part)


def history(reviews_: Sequence[Review]) -> tuple[tuple[str, str], ...]:
    """The deeds of a case, the newest first."""
    return tuple(deed(review) for review in reversed(reviews_))

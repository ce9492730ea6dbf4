"""What stands in a referral letter: who, why, what was measured, what was done, and who sends."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from posyandu_app.domain import age, mtbs, names, regions, reviews, risk
from posyandu_app.domain.assessment import Assessed, assess_history
from posyandu_app.domain.classify import Index, index_name
from posyandu_app.domain.danger_signs import DangerSign
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Child, Measurement, Role, Sex
from posyandu_app.domain.mtbs import Complication, MtbsClass
from posyandu_app.domain.numbers import format_length, format_weight
from posyandu_app.domain.reviews import Decision, Review
from posyandu_app.domain.visits import Referral
from posyandu_app.domain.zscore import ZScore, format_z
from posyandu_app.i18n import tr
from posyandu_app.services.cases import CaseCard, card
from posyandu_app.services.workspace import Workspace

_LETTERS_IN_NUMBER = 8


@dataclass(frozen=True, slots=True)
class ReferralLetter:
    """The content of one letter, in the order of the page; pairs are label and value.

    `urgent` is a referral of the same day. `number` lets the answer find its way back. The NIK is
    written out: the letter goes with the family to where the child is treated, and nowhere else.
    """

    number: str
    on: date
    urgent: bool
    to: str
    name: str
    identity: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    measurements: tuple[tuple[str, str], ...]
    findings: tuple[str, ...]
    decided: str
    before_leaving: tuple[str, ...]
    sender: str
    sender_role: str
    place: str
    rules: str


def letter(ws: Workspace, child_id: str, review_id: str | None = None) -> ReferralLetter:
    """The letter for a referral: the one named, or the last that is in force.

    Raises `UserError` when this child was not referred.
    """
    opened = card(ws, child_id)
    review = _referral(opened, review_id)
    if review is None:
        raise UserError(tr("Anak ini belum dirujuk. Putuskan rujukan dulu."), code="not_referred")
    urgent = Decision.REFER_TODAY in review.decisions
    return ReferralLetter(
        number=review.id.replace("-", "")[-_LETTERS_IN_NUMBER:].upper(),
        on=review.date,
        urgent=urgent,
        to=label_of(Referral, review.place),
        name=names.display(opened.child.name),
        identity=_identity(opened.child, review.date),
        reasons=_reasons(ws, opened, review),
        measurements=_measurements(_measured(ws, opened, review)),
        findings=_findings(review),
        decided=reviews.sentence(review),
        before_leaving=_before_leaving(opened.child, review) if urgent else (),
        sender=review.by,
        sender_role=_role(review.role),
        place=_place(opened),
        rules=review.rules,
    )


def _referral(opened: CaseCard, review_id: str | None) -> Review | None:
    known = opened.case.reviews if opened.case is not None else ()
    referrals = [item for item in known if item.refers and item.by_health_worker]
    if review_id is not None:
        return next((item for item in referrals if item.id == review_id), None)
    in_force = {item.id for item in opened.case.decisions} if opened.case is not None else set()
    return next((item for item in reversed(referrals) if item.id in in_force), None)


def _identity(child: Child, on: date) -> tuple[tuple[str, str], ...]:
    birth = child.birth_date
    sexes = {Sex.MALE: tr("Laki-laki"), Sex.FEMALE: tr("Perempuan")}
    return (
        (tr("Nama anak"), names.display(child.name)),
        (tr("NIK"), child.nik or tr("menyusul")),
        (tr("Jenis kelamin"), "—" if child.sex is None else sexes[child.sex]),
        (tr("Tanggal lahir"), "—" if birth is None else format_date(birth)),
        (tr("Umur"), "—" if birth is None else age.label(birth, on)),
        (tr("Nama ibu"), names.display(child.mother_name) if child.mother_name else "—"),
        (tr("Alamat"), _address(child)),
        (tr("Telepon"), child.phone or "—"),
    )


def _address(child: Child) -> str:
    parts = [child.address] if child.address else []
    if child.rt or child.rw:
        parts.append(tr("RT {rt} / RW {rw}").format(rt=child.rt or "—", rw=child.rw or "—"))
    return ", ".join(parts) or "—"


def _reasons(ws: Workspace, opened: CaseCard, review: Review) -> tuple[str, ...]:
    """What stood when she was referred, with the figures of that day, the gravest first."""
    status = opened.status
    then = risk.assess(opened.child, status.history, review.date, ws.rules, status.findings)
    stood = {item.code: item for item in (*then.reasons, *then.older_reasons)}
    for item in opened.case.reasons if opened.case is not None else ():
        stood.setdefault(item.reason.code, item.reason)
    told = [item for code, item in stood.items() if code in review.reasons]
    return tuple(item.text for item in sorted(told, key=lambda item: -item.tone.severity))


def _measured(ws: Workspace, opened: CaseCard, review: Review) -> Assessed | None:
    """What she measured herself, else the last visit before the referral with the oedema she saw."""
    mine = review.remeasured
    if mine is not None and (mine.weight_g or mine.length_mm or mine.head_mm or mine.muac_mm):
        values = {item.name: getattr(mine, item.name) for item in fields(mine)}
        measurement = Measurement(id=review.id, child=opened.child.id, date=review.date, **values)
        return assess_history(opened.child, [measurement], ws.rules)[0]
    seen = [item for item in opened.status.history if item.measurement.date <= review.date]
    if not seen or mine is None or mine.oedema is None:
        return seen[-1] if seen else None
    return assess_history(opened.child, [replace(seen[-1].measurement, oedema=mine.oedema)], ws.rules)[0]


def _measurements(item: Assessed | None) -> tuple[tuple[str, str], ...]:
    """Raw values with their z-scores and what they mean."""
    if item is None:
        return ()
    measured, growth = item.measurement, item.growth
    found = [(tr("Tanggal ukur"), format_date(measured.date))]
    if measured.weight_g is not None:
        value = tr("{weight} kg").format(weight=format_weight(measured.weight_g))
        found.append((tr("Berat badan"), value + _scored(item, Index.BB_U, growth.weight_for_age)))
    if measured.length_mm is not None:
        value = tr("{length} cm").format(length=format_length(measured.length_mm))
        found.append((tr("Panjang/tinggi badan"), value + _scored(item, Index.TB_U, growth.length_for_age)))
    if growth.weight_for_length is not None:
        name = index_name(Index.BB_TB, item.age_days)
        found.append((name, _meant(item, Index.BB_TB, growth.weight_for_length)))
    for name, length in ((tr("Lingkar kepala"), measured.head_mm), (tr("LiLA"), measured.muac_mm)):
        if length is not None:
            found.append((name, tr("{length} cm").format(length=format_length(length))))
    if measured.oedema:
        found.append((tr("Bengkak kedua kaki"), f"+{measured.oedema}"))
    return tuple(found)


def _scored(item: Assessed, index: Index, score: ZScore | None) -> str:
    if score is None or index not in item.categories:
        return ""
    return f" ({index_name(index, item.age_days)} {_meant(item, index, score)})"


def _meant(item: Assessed, index: Index, score: ZScore) -> str:
    """A z-score and what it means: "−1,97, Gizi baik (normal)"."""
    doubt = tr(", ukur ulang") if score.flagged else ""
    label = f", {item.categories[index].label}" if index in item.categories else ""
    return f"{format_z(score.centi)}{label}{doubt}"


def _findings(review: Review) -> tuple[str, ...]:
    told = [label_of(MtbsClass, review.mtbs)] if review.mtbs else []
    told += [label_of(Complication, code) for code in sorted(review.complications or ())]
    told += [label_of(DangerSign, code) for code in sorted(review.danger_signs or ())]
    if review.appetite is False:
        told.append(tr("Nafsu makan buruk"))
    return tuple(told)


def _before_leaving(child: Child, review: Review) -> tuple[str, ...]:
    """What MTBS asks to do before the child leaves."""
    if review.mtbs != MtbsClass.COMPLICATED or child.birth_date is None:
        return ()
    return mtbs.before_referral(age.completed_months(child.birth_date, review.date))


def _role(role: str) -> str:
    return {Role.BIDAN.value: tr("Bidan"), Role.TPG.value: tr("Tenaga pelaksana gizi")}.get(role, role)


def _place(opened: CaseCard) -> str:
    """The posyandu and where it lies: "Melati 1, Cilembu, Pamulihan, Kabupaten Sumedang"."""
    above: Sequence[regions.Region] = regions.path_of(opened.child.scope)[1:]
    return ", ".join([opened.posyandu, *(region.name for region in reversed(above))])

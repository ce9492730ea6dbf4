"""What health workers and the Dinas did about a child, in words for her history."""

from posyandu_app.domain import recommendations, reviews
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.labels import label_of
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.mtbs import Complication, MtbsClass
from posyandu_app.domain.numbers import format_length, format_weight
from posyandu_app.domain.operations import Operation
from posyandu_app.domain.reading import text
from posyandu_app.domain.recommendations import AnswerState
from posyandu_app.domain.reviews import Measured, Review, Step
from posyandu_app.i18n import tr

KINDS = frozenset({"review", "recommendation", "answer"})
"""The kinds that this module puts into words."""


def told(operation: Operation) -> tuple[str, tuple[str, ...]]:
    """What one operation of these kinds did: a title, and details below it."""
    kind, _, action = operation.type.partition(".")
    if action == "void":
        return tr("Dibatalkan: {what}").format(what=_name(kind)), ()
    if action == "restore":
        return tr("Dikembalikan: {what}").format(what=_name(kind)), ()
    payload = operation.payload or {}
    if kind == "review":
        review = reviews.read(operation.entity, payload)
        return (_name(kind), ()) if review is None else _review(review)
    if kind == "recommendation":
        found = recommendations.read(operation.entity, operation.scope, payload)
        return (_name(kind), ()) if found is None else (_from(found.role), tuple(found.text.splitlines()))
    answer = recommendations.read_answer(operation.entity, operation.scope, payload)
    if answer is None:
        return _name(kind), ()
    title = tr("Jawaban atas rekomendasi: {state}").format(state=label_of(AnswerState, answer.state))
    return title, (answer.note,) if answer.note else ()


def author(operation: Operation) -> str | None:
    """Who did it, as she signed: a midwife's or officer's name may not be registered on this laptop."""
    return text(operation.payload or {}, "by")


def _name(kind: str) -> str:
    return {
        "review": tr("pemeriksaan petugas kesehatan"),
        "recommendation": tr("rekomendasi"),
        "answer": tr("jawaban atas rekomendasi"),
    }[kind]


def _review(review: Review) -> tuple[str, tuple[str, ...]]:
    step, said = label_of(Step, review.step), reviews.sentence(review)
    details = [said] if said != step else []
    if review.mtbs is not None:
        details.append(tr("MTBS: {code}").format(code=label_of(MtbsClass, review.mtbs)))
    if review.complications:
        names = ", ".join(label_of(Complication, code) for code in sorted(review.complications))
        details.append(tr("Komplikasi: {names}").format(names=names))
    for title_of, values in (
        (tr("Ukuran kader: {values}"), review.recorded),
        (tr("Ukuran petugas kesehatan: {values}"), review.remeasured),
    ):
        if values is not None and not values.empty:
            details.append(title_of.format(values=_values(values)))
    return f"{step} {format_date(review.date)}", tuple(details)


def _values(values: Measured) -> str:
    parts = []
    if values.weight_g is not None:
        parts.append(tr("{weight} kg").format(weight=format_weight(values.weight_g)))
    if values.length_mm is not None:
        positions = {Position.LYING: tr("terlentang"), Position.STANDING: tr("berdiri")}
        measured = tr("{length} cm").format(length=format_length(values.length_mm))
        parts.append(measured + (f" {positions[values.position]}" if values.position is not None else ""))
    if values.head_mm is not None:
        parts.append(tr("kepala {length} cm").format(length=format_length(values.head_mm)))
    if values.muac_mm is not None:
        parts.append(tr("LiLA {arm} cm").format(arm=format_length(values.muac_mm)))
    if values.oedema:
        parts.append(tr("bengkak +{grade}").format(grade=values.oedema))
    return ", ".join(parts)


def _from(role: str) -> str:
    if role == Role.DINAS:
        return tr("Rekomendasi dari Dinas")
    return tr("Rekomendasi dari puskesmas") if role == Role.TPG else tr("Rekomendasi")

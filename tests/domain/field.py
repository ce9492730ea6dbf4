"""Made-up children and weighings in few words."""

from datetime import date, timedelta

from posyandu_app.domain.assessment import Assessed, assess_history
from posyandu_app.domain.merge import Known
from posyandu_app.domain.model import Child, Measurement, Position, Sex
from posyandu_app.domain.operations import JsonObject, Operation
from posyandu_app.domain.rules import default_rules

RULES = default_rules()


def child(birth: date | None = date(2024, 1, 10), sex: Sex | None = Sex.FEMALE, **more) -> Child:
    return Child(
        **{
            "id": "anak-1",
            "scope": "32.11.13.2005.001",
            "name": "Melati Contoh",
            "sex": sex,
            "birth_date": birth,
            **more,
        }
    )


def visit(
    on: date, weight_g: int | None = None, *, key: str | None = None, hlc: str = "", **more
) -> Measurement:
    return Measurement(
        id=key or f"ukur-{on.isoformat()}", child="anak-1", date=on, weight_g=weight_g, hlc=hlc, **more
    )


def standing(on: date, weight_g: int, length_mm: int, **more) -> Measurement:
    return visit(on, weight_g, length_mm=length_mm, position=Position.STANDING, **more)


def lying(on: date, weight_g: int, length_mm: int, **more) -> Measurement:
    return visit(on, weight_g, length_mm=length_mm, position=Position.LYING, **more)


def history(of: Child, *visits: Measurement) -> tuple[Assessed, ...]:
    return assess_history(of, visits, RULES)


def days_later(day: date, days: int) -> date:
    return day + timedelta(days=days)


def logged(entity: str, op_type: str, payload: JsonObject, seq: int) -> Known:
    """An operation of one laptop about an entity, stamped in the order of `seq`."""
    stamp = f"{1_700_000_000_000 + seq:013d}"
    at = "2026-11-23T09:00:00+07:00"
    made = Operation(seq, op_type, 1, entity, "s", "actor", at, stamp, (seq, 0, 1), "1", payload)
    return Known("laptop", stamp, made)

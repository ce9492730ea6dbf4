"""Reviews, recommendations, answers, report checks and rules versions as the log has them now."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from posyandu_app.domain import recommendations, reports_check, reviews, rules_versions
from posyandu_app.domain.age import Month
from posyandu_app.domain.recommendations import Answer, Recommendation
from posyandu_app.domain.reports_check import ReportCheck
from posyandu_app.domain.reviews import Review
from posyandu_app.domain.rules_versions import RulesVersion
from posyandu_app.storage.connection import Database
from posyandu_app.storage.projection import bases

_SELECT = "SELECT id, scope, vals, bases, actor, at, hlc FROM other_row WHERE "


def reviews_of(database: Database, ids: Iterable[str]) -> dict[str, tuple[Review, ...]]:
    """All reviews about these children, voided too, oldest first; children without one are left out."""
    rows = database.rows(
        _SELECT + "child IN (SELECT value FROM json_each(?)) AND kind = 'review'"  # noqa: S608
        " ORDER BY date, hlc, id",
        (json.dumps(list(ids)),),
    )
    found: dict[str, list[Review]] = {}
    for row in rows:
        review = reviews.read(row[0], json.loads(row[2]), **_stamp(row))
        if review is not None:
            found.setdefault(review.child, []).append(review)
    return {child: tuple(items) for child, items in found.items()}


def recommendation(database: Database, entity: str) -> Recommendation | None:
    """One recommendation, or None."""
    row = database.one(_SELECT + "kind = 'recommendation' AND id = ?", (entity,))
    return None if row is None else _recommendation(row)


def all_recommendations(database: Database) -> list[Recommendation]:
    """Every recommendation this laptop has heard of, voided too."""
    rows = database.rows(_SELECT + "kind = 'recommendation'")
    return [item for row in rows if (item := _recommendation(row)) is not None]


def answers(database: Database) -> dict[str, list[Answer]]:
    """Every answer known here, voided too, by what it answers."""
    found: dict[str, list[Answer]] = {}
    for row in database.rows(_SELECT + "kind = 'answer'"):
        answer = recommendations.read_answer(row[0], row[1], json.loads(row[2]), **_stamp(row))
        if answer is not None:
            found.setdefault(answer.to, []).append(answer)
    return found


def report_checks(database: Database, month: Month | None = None) -> dict[str, list[ReportCheck]]:
    """The decisions about monthly reports, voided too, by posyandu; of one month, or of all."""
    found: dict[str, list[ReportCheck]] = {}
    for row in database.rows(_SELECT + "kind = 'report_check'"):
        item = reports_check.read(row[0], row[1], json.loads(row[2]), **_stamp(row))
        if item is not None and month in (None, item.month):
            found.setdefault(item.scope, []).append(item)
    return found


def all_rules_versions(database: Database) -> list[RulesVersion]:
    """Every published version of the programme rules, withdrawn ones too."""
    rows = database.rows(_SELECT + "kind = 'rules'")
    read = (rules_versions.read(row[0], json.loads(row[2]), bases(row[3]), **_stamp(row)) for row in rows)
    return [version for version in read if version is not None]


def rules_version(database: Database, entity: str) -> RulesVersion | None:
    """One version of the programme rules, or None."""
    return next((item for item in all_rules_versions(database) if item.id == entity), None)


def is_voided(database: Database, kind: str, entity: str) -> bool:
    """Whether a fact was taken back; also when it is not known at all."""
    row = database.one("SELECT vals FROM other_row WHERE kind = ? AND id = ?", (kind, entity))
    return row is None or json.loads(row[0]).get("voided") is True


def child_of(database: Database, kind: str, entity: str) -> str | None:
    """The child that a fact is about, if it is about one."""
    row = database.one("SELECT child FROM other_row WHERE kind = ? AND id = ?", (kind, entity))
    return None if row is None else row[0]


def rules_mark(database: Database) -> int:
    """Changes whenever a version of the programme rules is heard of or changed."""
    return database.number("SELECT sum(changed) + count(*) FROM other_row WHERE kind = 'rules'")


def at_server(database: Database, entities: Iterable[str]) -> Mapping[str, int]:
    """Entity → the place of its first operation in the server's order; only what the server has applied."""
    return dict(
        database.rows(
            "SELECT entity, min(ss) FROM log WHERE entity IN (SELECT value FROM json_each(?))"
            " AND ss IS NOT NULL GROUP BY entity",
            (json.dumps(list(entities)),),
        )
    )


def _recommendation(row: tuple[Any, ...]) -> Recommendation | None:
    return recommendations.read(row[0], row[1], json.loads(row[2]), **_stamp(row))


def _stamp(row: tuple[Any, ...]) -> dict[str, str]:
    actor, at, hlc = row[4:]
    return {"actor": actor or "", "at": at or "", "hlc": hlc or ""}

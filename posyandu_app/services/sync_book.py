"""What the sync page tells beside the figures: what was put aside and why, and what was exchanged when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from posyandu_app.domain import names
from posyandu_app.domain.undecided import NOTHING, Undecided
from posyandu_app.i18n import tr
from posyandu_app.services import deciding
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import aside, children, exchanges, facts, measurements
from posyandu_app.storage.exchanges import Exchange

SHOWN = 8
MOST_ASIDE = 20


@dataclass(frozen=True, slots=True)
class PutAside:
    """Entries that wait or were put aside for one reason; `why` and `next_step` are sentences."""

    what: str
    count: int
    why: str
    next_step: str
    held: bool


@dataclass(frozen=True, slots=True)
class Past:
    """One exchange, or `times` alike; `way` is line, stick_out or stick_in, `trouble` a word, "" for none."""

    at: datetime | None
    way: str
    sent: int
    received: int
    trouble: str
    times: int


@dataclass(frozen=True, slots=True)
class Book:
    """What waits for a person, and the latest exchanges, newest first."""

    undecided: Undecided = NOTHING
    aside: tuple[PutAside, ...] = ()
    history: tuple[Past, ...] = ()


def read(ws: Workspace) -> Book:
    """The page of the book that the sync page shows."""
    undecided = deciding.undecided(ws)
    with ws.database.snapshot():
        return Book(
            undecided=undecided,
            aside=_put_aside(ws),
            history=tuple(map(_past, exchanges.latest(ws.database, SHOWN))),
        )


def _past(item: Exchange) -> Past:
    return Past(_moment(item.at), item.way, item.sent, item.received, item.trouble, item.times)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _put_aside(ws: Workspace) -> tuple[PutAside, ...]:
    found: dict[tuple[str, str], list[aside.Aside]] = {}
    for item in aside.shown(ws.database, ws.clock.now()):
        found.setdefault((item.status, item.why), []).append(item)
    told = []
    for (status, why), items in sorted(found.items(), key=lambda pair: pair[0], reverse=True):
        held = status == aside.HELD
        told.append(
            PutAside(
                what=_what(ws, items[0]),
                count=len(items),
                why=tr("Menunggu catatan dari laptop lain yang belum sampai di Dinas.")
                if held
                else items[0].message or tr("Dinas belum dapat memakai catatan ini."),
                next_step=_next_steps().get(
                    "held" if held else why, tr("Tetap tersimpan. Beri tahu petugas Dinas.")
                ),
                held=held,
            )
        )
    return tuple(told[:MOST_ASIDE])


def _next_steps() -> Mapping[str, str]:
    return {
        "held": tr("Minta laptop lain itu disinkronkan; sesudahnya masuk sendiri."),
        "out_of_scope": tr("Tanyakan bidan di posyandu mana anak ini terdaftar; bidan dapat memindahkannya."),
        "outside_district": tr(
            "Minta bidan membuka kartu anak ini dan mencatatnya sebagai pindah, dengan tujuannya."
        ),
        "revoked": tr("Izin laptop ini dicabut Dinas. Minta kode baru dari Dinas, lalu gabungkan lagi."),
        "server_owned": tr(
            "Hanya Dinas yang dapat mengubah ini. Sampaikan usulan Anda kepada petugas Dinas."
        ),
        "already_recorded": tr("Periksa kartu anak ini. Bila ada yang kurang, catat sekali lagi."),
        "malformed": tr("Perbarui aplikasi di laptop ini; Dinas menilainya lagi sendiri."),
        "judge_failed": tr(
            "Tidak perlu berbuat apa-apa; Dinas menilainya lagi setelah servernya diperbarui."
        ),
    }


def _what(ws: Workspace, item: aside.Aside) -> str:
    """Whom the first of the entries is about, in words."""
    child_id: str | None = item.entity
    if item.kind == "measurement":
        measured = measurements.get(ws.database, item.entity)
        child_id = None if measured is None else measured.child
    elif item.kind not in ("child", "conflict", "person"):
        child_id = facts.child_of(ws.database, item.entity)
    child = None if child_id is None else children.get(ws.database, child_id)
    return tr("Catatan lain") if child is None else names.seen_by(ws.user.role, child.name)

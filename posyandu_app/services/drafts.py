"""What is half typed for a child survives a power cut and waits for the same person."""

from dataclasses import dataclass
from datetime import datetime

from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.services.workspace import Workspace, now_text, user_name
from posyandu_app.storage import children, drafts

MOST_CHARACTERS = 20_000
NEW_CHILD = "anak-baru"
"""The draft of a child who is not registered yet, instead of a child's id."""


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """One half-entered child: who typed and since when it waits; `own` says that it is this person's."""

    child: Child
    user: str
    user_name: str
    since: datetime | None
    own: bool


def of_edit(child_id: str) -> str:
    """The draft of a change to what is known of a child, beside that of her weighing."""
    return f"ubah:{child_id}"


def of_correction(measurement_id: str) -> str:
    """The draft of a correction to a saved visit."""
    return f"perbaiki:{measurement_id}"


def save(ws: Workspace, child_id: str, fields: dict[str, str]) -> None:
    """Keep what stands in the form of a child; on the disk when this returns, encrypted as all data."""
    if sum(len(name) + len(value) for name, value in fields.items()) > MOST_CHARACTERS:
        raise InvalidValue("draft", tr("Isian terlalu panjang untuk disimpan sementara. Ringkas dulu."))
    clean = {name: _storable(value) for name, value in fields.items()}
    drafts.save(ws.database, child_id, ws.user.id, clean, now_text(ws))


def load(ws: Workspace, child_id: str) -> dict[str, str] | None:
    """What this person had typed for a child, or None."""
    return drafts.load(ws.database, child_id, ws.user.id)


def waiting(ws: Workspace) -> tuple[WaitingDraft, ...]:
    """The children who wait half-entered, at whichever table, the longest waiting first."""
    people: dict[str, str] = {}
    found = []
    with ws.database.snapshot():
        rows = drafts.waiting(ws.database)
        known = {child.id: child for child in children.of_ids(ws.database, {row[0] for row in rows})}
        for child_id, user, at in rows:
            if user not in people:
                people[user] = ws.user.name if user == ws.user.id else user_name(ws, user)
            if child_id in known:
                found.append(
                    WaitingDraft(known[child_id], user, people[user], _moment(at), user == ws.user.id)
                )
    return tuple(found)


def take(ws: Workspace, child_id: str, user: str) -> dict[str, str]:
    """Go on with what somebody has typed for a child; from now on it waits for this person.

    Raises `UserError` when it waits no more, or when this person has typed for the child herself.
    """
    with ws.database.atomic():
        fields = drafts.load(ws.database, child_id, user)
        if fields is None:
            raise UserError(tr("Isian itu sudah tidak menunggu. Muat ulang daftarnya."), code="no_draft")
        if user == ws.user.id:
            return fields
        if drafts.load(ws.database, child_id, ws.user.id) is not None:
            raise UserError(
                tr("Anda sendiri sudah punya isian untuk anak ini. Selesaikan atau hapus dulu."),
                code="own_draft",
            )
        drafts.hand_over(ws.database, child_id, user, ws.user.id, now_text(ws))
    return fields


def go_on(ws: Workspace, child_id: str) -> tuple[dict[str, str] | None, str]:
    """What is half typed for a child, and whose it was: one's own, else what a colleague left, taken over.

    Two tables share one laptop: whoever opens the child next goes on where the other one stopped.
    """
    own = load(ws, child_id)
    if own is not None:
        return own, ""
    left = [item for item in waiting(ws) if item.child.id == child_id]
    return (take(ws, child_id, left[-1].user), left[-1].user_name) if left else (None, "")


def clear(ws: Workspace, child_id: str) -> None:
    """Forget what this person had typed for a child."""
    drafts.clear(ws.database, child_id, ws.user.id)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")

"""What is half typed for a child survives a power cut and waits for the same person."""

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.i18n import tr
from posyandu_app.services.workspace import Workspace, now_text
from posyandu_app.storage import drafts

MOST_CHARACTERS = 20_000


def save(ws: Workspace, child_id: str, fields: dict[str, str]) -> None:
    """Keep what stands in the form of a child; on the disk when this returns, encrypted as all data."""
    if sum(len(name) + len(value) for name, value in fields.items()) > MOST_CHARACTERS:
        raise InvalidValue("draft", tr("Isian terlalu panjang untuk disimpan sementara. Ringkas dulu."))
    clean = {name: _storable(value) for name, value in fields.items()}
    drafts.save(ws.database, child_id, ws.user.id, clean, now_text(ws))


def load(ws: Workspace, child_id: str) -> dict[str, str] | None:
    """What this person had typed for a child, or None."""
    return drafts.load(ws.database, child_id, ws.user.id)


def clear(ws: Workspace, child_id: str) -> None:
    """Forget what this person had typed for a child."""
    drafts.clear(ws.database, child_id, ws.user.id)


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")

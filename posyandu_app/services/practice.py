"""Practising on made-up children, in a folder of its own that never meets the Dinas and is thrown away."""

import shutil

from posyandu_app.domain.clock import Clock
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, made_up
from posyandu_app.services.accounts import Setup
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import peer

FOLDER = "latihan"
SCOPE = "99.99.99.9999.001"
"""No place in Indonesia: no code of the Dinas fits it either."""
LABEL = "Latihan"
PASSWORD = "latihan123"  # noqa: S105  (guards nobody's data)

_READY = "ready"


def folder_of(folder: DataFolder) -> DataFolder:
    """Where the practice data of a laptop are: beside its own, never among them."""
    return DataFolder(folder.root / FOLDER)


def exists(folder: DataFolder) -> bool:
    """Whether somebody has begun to practise on this laptop."""
    return folder_of(folder).database.exists()


def start(folder: DataFolder, clock: Clock, *, role: Role = Role.KADER, cheap: bool = False) -> Workspace:
    """Go on practising, or begin with fresh made-up children; needs no set-up and no password.

    `role` is who one practises to be, when beginning. What a power cut left unfinished is made anew.
    """
    own = folder_of(folder)
    if own.database.exists() and own.keys.exists():
        ws = accounts.unlock(own, LABEL, PASSWORD, clock)
        if ws.practice and ws.database.meta(peer.PRACTICE) == _READY:
            return ws
        ws.close()
    discard(folder)
    setup = Setup(
        scope=SCOPE,
        posyandu_name=tr("Posyandu Latihan"),
        user_name=tr("Kader Latihan") if role is Role.KADER else tr("Bidan Latihan"),
        label=LABEL,
        role=role,
        password=PASSWORD,
        practice=True,
    )
    ws = accounts.set_up(own, setup, clock, cheap=cheap)
    try:
        with ws.database.atomic():
            made_up.fill(ws, clock.today())
            ws.database.set_meta(peer.PRACTICE, _READY)
    except BaseException:
        ws.close()
        raise
    return ws


def discard(folder: DataFolder) -> None:
    """Throw the practice data away; the laptop's own data are never touched.

    Close the practice workspace first. Raises `UserError` when a file cannot be removed.
    """
    own = folder_of(folder)
    if own.root.is_symlink():
        own.root.unlink()
        return
    if not own.root.exists():
        return
    try:
        shutil.rmtree(own.root)
    except OSError as error:
        raise UserError(
            tr("Data latihan tidak dapat dihapus. Tutup jendela latihan, lalu coba lagi."),
            code="practice_in_use",
        ) from error

"""Taking all data off a laptop whose leave the Dinas has taken, once it holds everything written here.

The keys go first: what a power cut leaves behind cannot be read by anybody, and is removed at the next
start.
"""

from pathlib import Path

from posyandu_app.files import sync_folder
from posyandu_app.i18n import tr
from posyandu_app.paths import DataFolder
from posyandu_app.services.workspace import Workspace

_MARK = "dicabut"


def wipe(ws: Workspace) -> str:
    """Close the database and remove it, its backups and its keys; returns the sentence for the person."""
    assert ws.folder is not None, "only a workspace with its folder can be wiped"
    ws.close()
    (ws.folder.root / _MARK).touch(mode=0o600)
    sync_folder(ws.folder.root)
    finish(ws.folder)
    return tr("Dinas mencabut izin laptop ini. Semua data sudah diterima Dinas dan dihapus dari sini.")


def finish(folder: DataFolder) -> None:
    """Go on with what a power cut has interrupted; does nothing otherwise."""
    mark = folder.root / _MARK
    if not mark.exists():
        return
    folder.keys.unlink(missing_ok=True)
    for path in _data(folder):
        path.unlink(missing_ok=True)
    sync_folder(folder.root)
    mark.unlink()
    sync_folder(folder.root)


def _data(folder: DataFolder) -> list[Path]:
    found = [path for path in folder.root.glob(f"{folder.database.stem}*") if path.is_file()]
    if folder.backups.is_dir():
        found += [path for path in folder.backups.iterdir() if path.is_file()]
    return found

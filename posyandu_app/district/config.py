"""A district server's folder: who it is, where its database is, and its private keys."""

import json
from dataclasses import dataclass
from pathlib import Path

from posyandu_app.domain.errors import UserError
from posyandu_app.domain.scopes import is_scope
from posyandu_app.files import write_atomically
from posyandu_app.i18n import tr
from posyandu_app.sync.signing import Keys

_CONFIG = "district.json"
_KEYS = "district.keys"
_DATABASE = "district.db"


@dataclass(frozen=True)
class District:
    """One district's server; `region` is the scope it answers for."""

    folder: Path
    name: str
    region: str
    database: str
    keys: Keys


def create(folder: Path, name: str, region: str, database: str | None) -> District:
    """Set up a server's folder; refuses one that is set up, an empty name and a region that is none.

    Keys and a database that lie there, put back from a backup, stay what they are.
    """
    if not name.strip():
        raise UserError(tr("Nama Dinas tidak boleh kosong."))
    if not is_scope(region):
        raise UserError(tr("Kode wilayah harus seperti 32.11 (angka dengan titik)."))
    if is_set_up(folder):
        raise UserError(tr("Folder ini sudah berisi server Dinas; tidak ada yang ditimpa."))
    if database is not None:
        check_database(database)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if database is None:
        (folder / _DATABASE).touch(mode=0o600)
    if not (folder / _KEYS).exists():
        write_atomically(folder / _KEYS, Keys.generate().to_bytes().hex().encode("ascii"))
    settings = {"name": name.strip(), "region": region, "database": database}
    write_atomically(folder / _CONFIG, json.dumps(settings, ensure_ascii=False, indent=2).encode("utf-8"))
    return load(folder)


def is_set_up(folder: Path) -> bool:
    """Whether a server was set up in this folder."""
    return (folder / _CONFIG).exists()


def standing(folder: Path) -> frozenset[str]:
    """The names of a server's files that lie in a folder."""
    return frozenset(name for name in (_CONFIG, _KEYS, _DATABASE) if (folder / name).exists())


def forget(folder: Path, but: frozenset[str]) -> None:
    """Take back what `create` has made, when the database could not be; `but` lay there before."""
    for name in standing(folder) - but:
        (folder / name).unlink(missing_ok=True)


def load(folder: Path, database: str | None = None) -> District:
    """The server in a folder, on `database` when one is given; raises `UserError` saying what is missing."""
    try:
        settings = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        keys = Keys.from_bytes(bytes.fromhex((folder / _KEYS).read_text(encoding="ascii")))
        name, region, kept = settings["name"], settings["region"], settings["database"]
    except FileNotFoundError:
        raise UserError(
            tr(
                "Folder ini belum berisi server Dinas. Jalankan dulu: posyandu district init --data {folder}"
            ).format(folder=folder)
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            tr("Berkas pengaturan atau kunci server di folder ini rusak atau tidak dapat dibaca.")
        ) from None
    if not (isinstance(name, str) and isinstance(region, str) and isinstance(kept, str | None)):
        raise UserError(
            tr("Berkas pengaturan atau kunci server di folder ini rusak atau tidak dapat dibaca.")
        )
    chosen = database or kept
    if chosen is not None:
        check_database(chosen)
    return District(folder, name, region, chosen or f"sqlite:///{(folder / _DATABASE).resolve()}", keys)


def check_database(url: str) -> None:
    """Raise `UserError` for an address that is neither PostgreSQL nor SQLite."""
    if not url.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise UserError(tr("Alamat basis data harus dimulai dengan postgresql+psycopg:// atau sqlite:/// ."))

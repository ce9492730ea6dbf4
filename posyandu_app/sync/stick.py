"""Files on a USB stick: sealed for their reader, written so that pulling the stick out leaves no half.

    outbox/<device>-<n>.psb             a laptop's requests, for the district server
    inbox/<device>-<n>.psb              the server's replies, for that laptop
    direct/<reader>-<writer>-<n>.psb    from one laptop to another
    cards/<device>.json                 who a laptop is, so that others can seal files for it

Shared by laptop and district server. A stick may bring anything: a name is only a hint, folders
and files that are links are not followed, and nothing is read beyond its limit.
"""

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.sync import compression

OUTBOX, INBOX, DIRECT, CARDS = "outbox", "inbox", "direct", "cards"
SUFFIX = ".psb"
MAX_FILE = 8 * 1024 * 1024
MAX_MESSAGE = 64 * 1024 * 1024
MAX_CARD = 512 * 1024
MAX_FILES = 20_000

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NUMBERED = re.compile(rf"({_ID}(?:-{_ID})?)-([1-9][0-9]{{0,14}})\.psb", re.ASCII)
_CARD = re.compile(rf"({_ID})\.json", re.ASCII)
_TEMPORARY = re.compile(rf"\.({_ID}(?:-{_ID})?)(?:-[0-9]+)?\.(?:psb|json)\.[0-9a-f]{{8}}\.tmp", re.ASCII)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FIXED = {errno.EROFS, errno.EACCES, errno.EPERM}
_CLOSED = {errno.ELOOP, errno.EACCES, errno.EPERM, errno.EISDIR}


class StickTrouble(UserError):
    """The stick cannot be used as it is; what was written whole stays good, and nothing is lost."""


class Unreadable(ValueError):
    """A file that its reader cannot open: altered, cut short, or sealed for somebody else."""


@dataclass(frozen=True, slots=True)
class StickFile:
    """A file on the stick; `owner` and `number` are what its name says, "" and 0 for any other name."""

    folder: str
    name: str
    owner: str
    number: int

    @property
    def shown(self) -> str:
        """The name as it may be shown: short, and without signs that would play tricks on a screen."""
        plain = "".join(letter if letter.isprintable() else "?" for letter in self.name)
        short = plain if len(plain) <= 60 else f"{plain[:59]}…"
        return f"{self.folder}/{short}"


def seal(message: bytes, reader: bytes) -> bytes:
    """The message compressed and sealed, so that only the owner of that public X25519 key reads it."""
    return bytes(SealedBox(PublicKey(reader)).encrypt(compression.pack(message, "zstd")))


def unseal(sealed: bytes, key: PrivateKey, limit: int = MAX_MESSAGE) -> bytes:
    """The message in a sealed file; raises `Unreadable`."""
    try:
        packed = SealedBox(key).decrypt(sealed)
        return compression.unpack(packed, "zstd", limit)
    except (CryptoError, compression.BadCompression, compression.TooLarge, ValueError):
        raise Unreadable from None


class Stick:
    """A folder, usually of a USB stick; every trouble with it is a `StickTrouble`."""

    def __init__(self, root: Path) -> None:
        """Raises `StickTrouble` unless there is a folder."""
        self.root = root
        if not root.is_dir():
            raise StickTrouble(
                tr("Folder {folder} tidak ditemukan. Pasang flashdisknya, lalu pilih foldernya lagi.").format(
                    folder=root
                ),
                code="stick_missing",
            )

    def files(self, folder: str, pattern: re.Pattern[str] = _NUMBERED) -> list[StickFile]:
        """The files of a folder by owner and number, then those with other names; links are left out.

        Raises `StickTrouble` when there are more than any stick of ours has.
        """
        found: list[StickFile] = []
        path = self.root / folder
        with _told():
            if not _is_folder(path):
                return []
            with os.scandir(path) as entries:
                for entry in entries:
                    fitting = pattern.fullmatch(entry.name)
                    stranger = entry.name.lower().endswith(SUFFIX) and not entry.name.startswith(".")
                    if (fitting or stranger) and entry.is_file(follow_symlinks=False):
                        owner, number = _claims(fitting)
                        found.append(StickFile(folder, entry.name, owner, number))
                    if len(found) > MAX_FILES:
                        raise StickTrouble(
                            tr("Terlalu banyak berkas di folder {folder}; pakai flashdisk lain.").format(
                                folder=folder
                            ),
                            code="stick_crowded",
                        )
        return sorted(found, key=lambda file: (not file.owner, file.owner, file.number, file.name))

    def numbers(self, folder: str) -> dict[str, int]:
        """The highest number that stands in a name here, by owner, whatever bears that name."""
        highest: dict[str, int] = {}
        with _told():
            path = self.root / folder
            names = [entry.name for entry in path.iterdir()] if _is_folder(path) else []
        for owner, number in map(_claims, map(_NUMBERED.fullmatch, names)):
            highest[owner] = max(number, highest.get(owner, 0))
        return highest

    def cards(self) -> list[StickFile]:
        """The cards of laptops that have used this stick."""
        return [file for file in self.files(CARDS, _CARD) if file.owner]

    def read(self, file: StickFile, limit: int = MAX_FILE) -> bytes:
        """The content of a file; raises `Unreadable` for one that is larger, or no plain file."""
        flags = os.O_RDONLY | _flag("O_NOFOLLOW") | _flag("O_NONBLOCK") | _flag("O_BINARY")
        with _told():
            try:
                handle = os.open(self.root / file.folder / file.name, flags)
            except OSError as error:
                if error.errno in _CLOSED:
                    raise Unreadable from None
                raise
            with os.fdopen(handle, "rb") as opened:
                status = os.fstat(opened.fileno())
                if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
                    raise Unreadable
                content = opened.read(limit + 1)
        if len(content) > limit:
            raise Unreadable
        return content

    def write(self, folder: str, name: str, content: bytes) -> None:
        """Put a whole file under its name, durably, and prove it by reading it from the stick again."""
        target = self.root / folder / name
        temporary = target.with_name(f".{name}.{secrets.token_hex(4)}.tmp")
        with _told():
            target.parent.mkdir(exist_ok=True)
            if not _is_folder(target.parent):
                raise _not_a_folder(folder)
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _flag("O_BINARY")
                with os.fdopen(os.open(temporary, flags, 0o644), "wb") as opened:
                    opened.write(content)
                    opened.flush()
                    os.fsync(opened.fileno())
                    _read_from_the_stick_next_time(opened.fileno())
                temporary.replace(target)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
                raise
            _make_names_durable(target.parent)
        try:
            kept = self.read(StickFile(folder, name, "", 0), len(content))
        except Unreadable:
            kept = b""
        if kept != content:
            raise StickTrouble(
                tr("Yang tertulis di flashdisk tidak sama dengan aslinya. Pakai flashdisk lain."),
                code="stick_unreliable",
            )

    def remove(self, file: StickFile) -> bool:
        """Take away a file that has done its work; whether it is gone. A stick may be read-only."""
        try:
            (self.root / file.folder / file.name).unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def sweep(self, folder: str, owner: str | None) -> None:
        """Take away what this owner, or anybody, left half-written when the stick was pulled out."""
        path = self.root / folder
        with suppress(OSError):
            if not _is_folder(path):
                return
            with os.scandir(path) as entries:
                names = [entry.name for entry in entries]
            for name in names:
                left = _TEMPORARY.fullmatch(name)
                if left is not None and (owner is None or left[1].endswith(owner)):
                    (path / name).unlink(missing_ok=True)


def numbered(owner: str, number: int) -> str:
    """The name of a sealed file."""
    return f"{owner}-{number}{SUFFIX}"


def _claims(fitting: re.Match[str] | None) -> tuple[str, int]:
    if fitting is None:
        return "", 0
    return fitting[1], int(fitting[2]) if fitting.re is _NUMBERED else 0


def _flag(name: str) -> int:
    return int(getattr(os, name, 0))


def _is_folder(path: Path) -> bool:
    """Whether the path is a real folder; a link in its place could lead out of the stick."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _read_from_the_stick_next_time(handle: int) -> None:
    """Forget the copy in memory, so that reading back proves what is on the stick."""
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _make_names_durable(folder: Path) -> None:
    if os.name == "nt":
        return
    with suppress(OSError):  # some file systems of sticks cannot; reading back follows anyway
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _not_a_folder(folder: str) -> StickTrouble:
    return StickTrouble(
        tr("“{folder}” di flashdisk ini bukan folder biasa. Hapus atau ganti namanya, lalu ulangi.").format(
            folder=folder
        ),
        code="stick_not_a_folder",
    )


@contextmanager
def _told() -> Iterator[None]:
    """Trouble with the stick as a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StickTrouble(
                tr("Flashdisk penuh. Hapus berkas lain di flashdisk itu, atau pakai yang lain, lalu ulangi."),
                code="stick_full",
            ) from None
        if error.errno in _FIXED:
            raise StickTrouble(
                tr("Flashdisk ini tidak dapat ditulis. Buka kuncinya, atau pakai yang lain."),
                code="stick_read_only",
            ) from None
        if error.errno in (errno.EEXIST, errno.ENOTDIR):
            raise _not_a_folder(Path(error.filename or "").name) from None
        raise StickTrouble(
            tr("Flashdisk tercabut atau rusak. Pasang lagi, lalu ulangi; data di laptop tetap aman."),
            code="stick_gone",
        ) from None

"""`keys.json`: the database key, wrapped once for each person by her own password.

The wrap is a libsodium secretbox under an argon2id key; its parameters stand beside it. The
box also holds whose it is, so that a changed label or user does not open.
"""

import base64
import binascii
import json
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from nacl import pwhash, secret, utils
from nacl.exceptions import CryptoError
from nacl.exceptions import RuntimeError as NaclRuntimeError

from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.files import write_atomically
from posyandu_app.i18n import tr
from posyandu_app.storage.connection import KEY_BYTES

MIN_PASSWORD = 8
MAX_PASSWORD = 256
MAX_LABEL = 80

_VERSION = 1
_MAX_FILE = 1024 * 1024
_MAX_MEMORY = 1024 * 1024 * 1024
_MAX_PASSES = 16
_SALT = pwhash.argon2id.SALTBYTES


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What a password opens: the database key, and the id of the user it belongs to."""

    key: bytes
    user: str


@dataclass(frozen=True, slots=True)
class _Wrap:
    label: str
    passes: int
    memory: int
    salt: bytes
    box: bytes


class KeyRing:
    """The people who can open this laptop's database."""

    def __init__(self, path: Path, wraps: tuple[_Wrap, ...]) -> None:
        self._path = path
        self._wraps = wraps

    @classmethod
    def create(
        cls, path: Path, key: bytes, label: str, password: str, *, user: str = "", cheap: bool = False
    ) -> "KeyRing":
        """A key ring for a new database, with its first person; an existing file is never overwritten."""
        if path.exists():
            raise UserError(
                tr("Laptop ini sudah punya berkas kunci; tidak ada yang ditimpa."), code="keys_exist"
            )
        ring = cls(path, ())
        ring._add(key, label, password, user, cheap)
        return ring

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """The key ring in a file; raises `UserError` when it is missing or damaged, and changes nothing."""
        try:
            if path.stat().st_size > _MAX_FILE:
                raise ValueError
            return cls(path, _parse(json.loads(path.read_bytes())))
        except FileNotFoundError:
            raise UserError(
                tr(
                    "Berkas kunci (keys.json) tidak ada di folder data. Kembalikan dari cadangan folder data."
                ),
                code="keys_missing",
            ) from None
        except (OSError, ValueError, RecursionError):
            raise UserError(
                tr(
                    "Berkas kunci (keys.json) rusak. Tidak ada yang diubah. "
                    "Kembalikan berkas itu dari cadangan folder data, lalu buka lagi."
                ),
                code="keys_damaged",
            ) from None

    def labels(self) -> tuple[str, ...]:
        """The people who can open, in the order they were added."""
        return tuple(wrap.label for wrap in self._wraps)

    def unlock(self, label: str, password: str) -> bytes:
        """The database key; raises `UserError` when the password is not this person's."""
        return self.open(label, password).key

    def open(self, label: str, password: str) -> Unlocked:
        """The database key and the user it was wrapped for."""
        wrap = self._find(label)
        try:
            content = secret.SecretBox(_derive(password, wrap)).decrypt(wrap.box)
            held = json.loads(content)
            unlocked = Unlocked(bytes.fromhex(held["key"]), held["user"])
            if held["label"] != wrap.label or len(unlocked.key) != KEY_BYTES:
                raise CryptoError
        except (CryptoError, ValueError, KeyError, TypeError):
            raise UserError(
                tr("Kata sandi salah. Periksa huruf besar dan kecil, lalu coba lagi."), code="wrong_password"
            ) from None
        return unlocked

    def add(self, key: bytes, label: str, password: str, *, user: str = "", cheap: bool = False) -> None:
        """Let another person open the database with her own password."""
        self._add(key, label, password, user, cheap)

    def change_password(self, label: str, old: str, new: str, *, cheap: bool = False) -> None:
        """Replace one person's password; the others' stay as they are."""
        unlocked = self.open(label, old)
        wrap = _wrap(unlocked.key, label, new, unlocked.user, cheap)
        self._save(tuple(wrap if old_wrap.label == label else old_wrap for old_wrap in self._wraps))

    def replace(self, key: bytes, label: str, password: str, *, user: str, cheap: bool = False) -> None:
        """Give a person who forgot hers a new password; whoever asks holds the database key."""
        self._find(label)
        wrap = _wrap(key, label, password, user, cheap)
        self._save(tuple(wrap if old_wrap.label == label else old_wrap for old_wrap in self._wraps))

    def remove(self, label: str) -> None:
        """Take one person's way in away; the last one cannot be removed."""
        self._find(label)
        if len(self._wraps) == 1:
            raise UserError(
                tr("Orang terakhir tidak dapat dihapus: tanpa dia data tidak dapat dibuka lagi."),
                code="last_key",
            )
        self._save(tuple(wrap for wrap in self._wraps if wrap.label != label))

    def _add(self, key: bytes, label: str, password: str, user: str, cheap: bool) -> None:
        label = check_label(label)
        if any(wrap.label.casefold() == label.casefold() for wrap in self._wraps):
            raise InvalidValue("label", tr("Nama itu sudah dipakai di laptop ini. Pilih nama lain."))
        self._save((*self._wraps, _wrap(key, label, password, user, cheap)))

    def _find(self, label: str) -> _Wrap:
        for wrap in self._wraps:
            if wrap.label == label:
                return wrap
        raise UserError(tr("Nama itu belum terdaftar di laptop ini."), code="unknown_label")

    def _save(self, wraps: tuple[_Wrap, ...]) -> None:
        content = json.dumps(
            {"version": _VERSION, "keys": [_to_json(wrap) for wrap in wraps]}, indent=1, ensure_ascii=False
        )
        try:
            write_atomically(self._path, content.encode("utf-8"), mode=0o600)
        except OSError as error:
            raise UserError(
                tr("Berkas kunci tidak dapat disimpan. Periksa ruang kosong dan izin folder data."),
                code="not_writable",
            ) from error
        self._wraps = wraps


def check_label(label: str) -> str:
    """The name somebody opens the laptop with, tidied; raises `InvalidValue` when it cannot be one."""
    label = unicodedata.normalize("NFC", " ".join(label.split()))
    if not label:
        raise InvalidValue("label", tr("Isi nama untuk masuk."))
    if len(label) > MAX_LABEL or not label.isprintable():
        raise InvalidValue(
            "label", tr("Nama untuk masuk terlalu panjang atau berisi tanda yang tidak terbaca.")
        )
    return label


def check_password(password: str) -> str:
    """A new password; raises `InvalidValue` when it is too short to protect children's data."""
    if len(password) < MIN_PASSWORD:
        raise InvalidValue(
            "password", tr("Kata sandi paling sedikit {count} huruf atau angka.").format(count=MIN_PASSWORD)
        )
    if len(password) > MAX_PASSWORD:
        raise InvalidValue(
            "password", tr("Kata sandi paling banyak {count} huruf atau angka.").format(count=MAX_PASSWORD)
        )
    return password


def new_key() -> bytes:
    """A fresh random database key."""
    return os.urandom(KEY_BYTES)


def _wrap(key: bytes, label: str, password: str, user: str, cheap: bool) -> _Wrap:
    check_password(password)
    passes = pwhash.argon2id.OPSLIMIT_MIN if cheap else pwhash.argon2id.OPSLIMIT_MODERATE
    memory = pwhash.argon2id.MEMLIMIT_MIN if cheap else pwhash.argon2id.MEMLIMIT_MODERATE
    empty = _Wrap(label, passes, memory, utils.random(_SALT), b"")
    content = json.dumps({"key": key.hex(), "user": user, "label": label}).encode("utf-8")
    box = secret.SecretBox(_derive(password, empty)).encrypt(content)
    return _Wrap(label, passes, memory, empty.salt, bytes(box))


def _derive(password: str, wrap: _Wrap) -> bytes:
    try:
        derived: bytes = pwhash.argon2id.kdf(
            secret.SecretBox.KEY_SIZE,
            unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass"),
            wrap.salt,
            opslimit=wrap.passes,
            memlimit=wrap.memory,
        )
    except NaclRuntimeError:
        raise UserError(
            tr("Memori laptop tidak cukup untuk membuka kunci. Tutup program lain, lalu coba lagi."),
            code="out_of_memory",
        ) from None
    return derived


def _to_json(wrap: _Wrap) -> dict[str, object]:
    return {
        "label": wrap.label,
        "kdf": "argon2id13",
        "passes": wrap.passes,
        "memory": wrap.memory,
        "salt": base64.b64encode(wrap.salt).decode("ascii"),
        "box": base64.b64encode(wrap.box).decode("ascii"),
    }


def _parse(content: object) -> tuple[_Wrap, ...]:
    """The wraps in a decoded file; raises `ValueError` for anything that this program did not write."""
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise ValueError("not a key ring")
    keys = content.get("keys")
    if not isinstance(keys, list) or not keys:
        raise ValueError("no keys")
    wraps = tuple(_parse_wrap(item) for item in keys)
    if len({wrap.label.casefold() for wrap in wraps}) != len(wraps):
        raise ValueError("a label stands twice")
    return wraps


def _parse_wrap(item: object) -> _Wrap:
    if not isinstance(item, dict) or item.get("kdf") != "argon2id13":
        raise ValueError("not a wrap")
    label, passes, memory, salt, box = (item.get(n) for n in ("label", "passes", "memory", "salt", "box"))
    if not isinstance(label, str) or not 0 < len(label) <= MAX_LABEL or not label.isprintable():
        raise ValueError("label")
    if type(passes) is not int or not pwhash.argon2id.OPSLIMIT_MIN <= passes <= _MAX_PASSES:
        raise ValueError("passes")
    if type(memory) is not int or not pwhash.argon2id.MEMLIMIT_MIN <= memory <= _MAX_MEMORY:
        raise ValueError("memory")
    if not isinstance(salt, str) or not isinstance(box, str):
        raise ValueError("salt and box")
    try:
        salt_bytes = base64.b64decode(salt, validate=True)
        box_bytes = base64.b64decode(box, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if len(salt_bytes) != _SALT:
        raise ValueError("salt")
    return _Wrap(label, passes, memory, salt_bytes, box_bytes)

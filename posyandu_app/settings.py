"""The one declared list of settings, and their file: a bad file is moved aside, never a reason not to start.

A leaf module: nothing here is secret or about a person's health.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from posyandu_app.files import set_aside, write_atomically
from posyandu_app.i18n import LANGUAGES, tr

_LARGEST_FILE = 64 * 1024
_LONGEST_TEXT = 200


def _one_of(*choices: object) -> dict[str, Any]:
    return {"choices": choices}


@dataclass(frozen=True, slots=True)
class Settings:
    """How one laptop likes it. Adding a setting is adding a field with its default and its choices.

    `last_label` is who opened the laptop last; `server_url` is offered when enrolling;
    `network_on` is the switch that keeps the laptop silent; after `lock_minutes` without a key
    it locks itself, never when 0; `after_register` is what comes
    after a new child is saved. `unknown` holds settings of a newer version, kept as they came.
    """

    language: str = field(default="id", metadata=_one_of(*LANGUAGES))
    text_size: str = field(default="normal", metadata=_one_of("normal", "large"))
    contrast: str = field(default="normal", metadata=_one_of("normal", "high"))
    network_on: bool = True
    lock_minutes: int = field(default=10, metadata=_one_of(5, 10, 30, 0))
    after_register: str = field(default="weigh", metadata=_one_of("weigh", "next"))
    last_label: str = ""
    server_url: str = ""
    unknown: dict[str, Any] = field(default_factory=dict)


NAMES = tuple(item.name for item in fields(Settings) if item.name != "unknown")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings as read; `message` tells the person when the file could not be used as it was."""

    settings: Settings
    message: str | None = None


def load(path: Path) -> Loaded:
    """The settings in a file; defaults when it is missing, and with a message when it is bad."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ValueError("too large")
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("not an object")
    except FileNotFoundError:
        return Loaded(Settings())
    except (OSError, ValueError, RecursionError):
        return Loaded(Settings(), _moved_aside(path))
    good = {name: content[name] for name in NAMES if name in content and _fits(name, content[name])}
    refused = [name for name in NAMES if name in content and name not in good]
    unknown = {name: value for name, value in content.items() if name not in NAMES}
    message = (
        tr("Sebagian pengaturan tidak terbaca dan kembali ke semula: {names}.").format(
            names=", ".join(refused)
        )
        if refused
        else None
    )
    return Loaded(Settings(**good, unknown=unknown), message)


def save(path: Path, settings: Settings) -> str | None:
    """Write the settings, whole or not at all; a message when the disk did not take them.

    Raises `ValueError` for a value that is not one of its choices.
    """
    content = asdict(settings)
    unknown = content.pop("unknown")
    for name, value in content.items():
        if not _fits(name, value):
            raise ValueError(f"{name} cannot be {value!r}")
    text = json.dumps({**unknown, **content}, ensure_ascii=False, indent=1)
    try:
        write_atomically(path, text.encode("utf-8"))
    except OSError:
        return tr("Pengaturan tidak dapat disimpan. Periksa ruang kosong dan izin folder data.")
    return None


def _fits(name: str, value: object) -> bool:
    declared = next(item for item in fields(Settings) if item.name == name)
    if type(value) is not type(declared.default):
        return False
    if isinstance(value, str) and (len(value) > _LONGEST_TEXT or not value.isprintable()):
        return False
    choices = declared.metadata.get("choices")
    return choices is None or value in choices


def _moved_aside(path: Path) -> str:
    try:
        aside = set_aside(path)
    except OSError:
        return tr("Pengaturan tidak dapat dibaca; pengaturan semula dipakai.")
    return tr("Pengaturan rusak; pengaturan semula dipakai. Berkas lama disimpan sebagai {name}.").format(
        name=aside.name
    )

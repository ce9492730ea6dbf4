"""`python -m tests.ui.scaled WIDTH HEIGHT [--text large] [--pictures DIR]`: every room, looked at.

Meant to run with QT_SCALE_FACTOR, as Windows enlarges. Writes what is cut off as JSON: room → sentences.
"""

# ruff: noqa: T201 - its answer goes to standard output

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from posyandu_app.app import Application, build
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts
from posyandu_app.settings import Settings, save
from posyandu_app.ui.places import Room, rooms
from tests import made_up
from tests.ui.looking import cut_off, unnamed

PLACES = {Role.BIDAN: "32.11.13.2005", Role.TPG: "32.11.13", Role.DINAS: "32.11"}


def folder_of(role: Role, root: Path, look: Settings) -> DataFolder:
    """A data folder of somebody in that role, with children where she has any."""
    folder = DataFolder(root / role.value)
    if role is Role.KADER:
        made_up.fill(folder)
    else:
        setup = accounts.Setup(PLACES[role], "", made_up.LABEL, made_up.LABEL, role, made_up.PASSWORD)
        accounts.set_up(folder, setup, made_up.clock(), cheap=True).close()
    save(folder.settings, look)
    return folder


@contextmanager
def opened(folder: DataFolder, size: tuple[int, int]) -> Iterator[Application]:
    """The app in a window of that many logical pixels."""
    app = build(folder, clock=made_up.clock())
    app.window.resize(*size)
    app.window.show()
    settle(app)
    try:
        yield app
    finally:
        app.close()
        app.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def settle(app: Application) -> None:
    for _ in range(4):
        app.tasks.wait_idle(30)
        QApplication.processEvents()


def role_for(room: Room) -> Role:
    """Who has that room: a kader when she may."""
    return next(role for role in (Role.KADER, Role.BIDAN, Role.TPG, Role.DINAS) if role in room.roles)


def look_at(app: Application, name: str, size: tuple[int, int], pictures: Path | None) -> list[str]:
    """What is wrong in what is in sight now."""
    window = app.window
    found = cut_off(window) + [f"{widget} has no name" for widget in unnamed(window)]
    if (window.width(), window.height()) != size:
        found.append(f"the window grew to {window.size().toTuple()}")
    if pictures is not None:
        window.grab().save(str(pictures / f"{name}.png"))
    return found


def all_rooms(look: Settings, size: tuple[int, int], pictures: Path | None) -> dict[str, list[str]]:
    """Every room of every role, and the two gates."""
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory(prefix="posyandu-scaled-") as temporary:
        root = Path(temporary)
        new = DataFolder(root / "new")
        new.root.mkdir()
        save(new.settings, look)
        with opened(new, size) as app:
            found["first_run"] = look_at(app, "first_run", size, pictures)
        by_role: dict[Role, list[Room]] = {}
        for room in rooms():
            by_role.setdefault(role_for(room), []).append(room)
        for role, wanted in by_role.items():
            with opened(folder_of(role, root, look), size) as app:
                found[f"unlock {role.value}"] = look_at(app, f"unlock-{role.value}", size, pictures)
                assert app.unlock(made_up.LABEL, made_up.PASSWORD)
                settle(app)
                main = app.window.main
                assert main is not None
                child = next(iter(main.desk.order), "")
                for room in wanted:
                    main.go(room.name, child)
                    settle(app)
                    found[room.name] = look_at(app, room.name, size, pictures)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("width", type=int)
    parser.add_argument("height", type=int)
    parser.add_argument("--text", default="normal")
    parser.add_argument("--language", default="id")
    parser.add_argument("--pictures", type=Path)
    args = parser.parse_args()
    if args.pictures is not None:
        args.pictures.mkdir(parents=True, exist_ok=True)
    look = Settings(text_size=args.text, language=args.language)
    found = all_rooms(look, (args.width, args.height), args.pictures)
    print(json.dumps({room: told for room, told in found.items() if told}, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""USB sticks: real folders carried between laptops and the server; lost, copied, altered, cut short."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from posyandu_app.domain.errors import UserError
from posyandu_app.storage import peer
from posyandu_app.sync import usb
from posyandu_app.sync.trouble import SyncTrouble
from tests.simulation.chance import HOUR, SECOND
from tests.simulation.disk import Killed
from tests.simulation.ledger import require
from tests.simulation.people import MARK

if TYPE_CHECKING:
    from tests.simulation.laptop import Laptop
    from tests.simulation.world import World

_HARMLESS = frozenset({"damaged", "not_believed", "left_out", "gap", "unknown_device", "bad_signature"})


class UsbStick:
    """One stick, and at times a copy of what was on it before."""

    def __init__(self, world: "World", name: str) -> None:
        self._world = world
        self.name = name
        self.root = world.folder / name
        self.root.mkdir()
        self._copy: Path | None = None

    def visit(self, laptop: "Laptop") -> None:
        """Somebody plugs it into a laptop: takes in what is for it, and copies out what waits."""
        if peer.load(laptop.database) is None:
            return
        try:
            if self._world.dice.chance(0.8):
                self._take_in(laptop)
            if self._world.dice.chance(0.8):
                self._copy_out(laptop)
        except SyncTrouble as trouble:
            self._world.note(laptop.name, "stick of no use", trouble.code or "")
        except UserError as error:
            require(error.code == "disk_full" and laptop.disk.full, "I7", f"a stick: {error}")

    def _take_in(self, laptop: "Laptop") -> None:
        taken = usb.import_from(laptop.database, laptop.clock, self.root)
        for problem in taken.problems:
            if problem.word == "fork":
                continue
            require(problem.word in _HARMLESS, "I7", f"a stick: {problem.word} {problem.message}")
        handed = sum(item.operations for item in taken.handed)
        self._world.note(
            laptop.name,
            "takes in a stick",
            self.name,
            taken.replies,
            handed,
            taken.waiting,
            len(taken.problems),
        )
        self._world.check.applied(laptop, taken.exchanged)
        if laptop.line is not None:
            laptop.saved()

    def _copy_out(self, laptop: "Laptop") -> None:
        out = usb.export_to(laptop.database, laptop.clock, self.root)
        handed = sum(item.operations for item in out.handed)
        self._world.note(laptop.name, "copies to a stick", self.name, out.operations, handed)

    def visit_dinas(self) -> None:
        """Somebody brings it to the Dinas."""
        world, dinas = self._world, self._world.dinas
        if dinas.down:
            return
        try:
            report = dinas.serve(self.root)
        except Killed:
            world.note("dinas dies over a stick")
            world.after(world.dice.between(SECOND, HOUR), world.start_dinas)
            return
        except Exception as error:
            if not dinas.full:
                raise
            world.note("dinas is full", type(error).__name__)
            return
        replies = sum(served.replies for served in report.laptops.values())
        world.note("dinas", "serves a stick", self.name, replies, len(report.problems))
        world.check.server()

    def suffer(self) -> None:
        """What happens to sticks."""
        dice = self._world.dice
        match dice.choice(("lost", "copied", "old copy", "altered", "cut", "foreign")):
            case "lost":
                self._world.note(self.name, "is lost")
                shutil.rmtree(self.root)
                self.root.mkdir()
            case "copied":
                self._world.note(self.name, "is copied")
                self._copy = self.root.with_name(f"{self.name}-copy")
                shutil.rmtree(self._copy, ignore_errors=True)
                shutil.copytree(self.root, self._copy)
            case "old copy" if self._copy is not None:
                self._world.note(self.name, "is mistaken for its copy")
                shutil.copytree(self._copy, self.root, dirs_exist_ok=True)
            case "altered":
                self._spoil(lambda content, at: content[:at] + bytes([content[at] ^ 64]) + content[at + 1 :])
            case "cut":
                self._spoil(lambda content, at: content[:at])
            case _:
                (self.root / "outbox").mkdir(exist_ok=True)
                (self.root / "outbox" / "liburan.psb").write_bytes(b"film")

    def _spoil(self, how) -> None:
        files = sorted(path for path in self.root.rglob("*") if path.is_file() and path.stat().st_size)
        if files:
            path = self._world.dice.choice(files)
            content = path.read_bytes()
            path.write_bytes(how(content, self._world.dice.between(0, len(content) - 1)))
            self._world.note(self.name, "is damaged", path.parent.name)

    def holds_no_plain_text(self) -> bool:
        """Whether nobody's name stands readable on it (I6)."""
        return not any(MARK.encode() in path.read_bytes() for path in self.root.rglob("*") if path.is_file())

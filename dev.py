#!/usr/bin/env python3
"""One command for each thing a developer does; standard library only, Linux, Windows and macOS.

python3 dev.py demo [--out DIR]     the whole story on this machine: laptop, district server, midwife
python3 dev.py test [ARGS]          check, then every test (ARGS go to pytest)
python3 dev.py check                lint, format, types, import contracts
python3 dev.py bench [ARGS]         the benchmarks, with ratios
python3 dev.py simulate --seeds N   the long runs of the sync simulation
python3 dev.py screenshots          the pictures in docs/, made anew
python3 dev.py build                freeze the desktop app and let it test itself
python3 dev.py run [ARGS]           `posyandu ARGS` from this source tree
python3 dev.py lock                 pin and hash the requirements again (needs uv)
"""

import ctypes
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
REQUIREMENTS = ROOT / ".ci" / "requirements"
RUN, DEV = REQUIREMENTS / "run.txt", REQUIREMENTS / "dev.txt"

# what Qt loads at start on Linux, and the package that has it on Debian/Ubuntu and on Fedora
QT_LIBRARIES = {
    "libGL.so.1": ("libgl1", "mesa-libGL"),
    "libEGL.so.1": ("libegl1", "mesa-libEGL"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
}
QT_WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
}


class Stop(Exception):
    """Something that the person at the keyboard can mend; the text says how."""


def main(arguments: list[str]) -> int:
    commands = {
        "demo": demo,
        "test": test,
        "check": check,
        "bench": bench,
        "simulate": simulate,
        "screenshots": screenshots,
        "build": build,
        "run": run,
        "lock": lock,
    }
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    if arguments[0] not in commands:
        print(f"dev.py: unknown command {arguments[0]!r}\n{__doc__}", file=sys.stderr)
        return 2
    try:
        if sys.version_info < (3, 11):
            raise Stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
        return commands[arguments[0]](arguments[1:])
    except Stop as stop:
        print(f"\ndev.py: {stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def demo(arguments: list[str]) -> int:
    environment(RUN)
    with_window = "--out" not in arguments and has_display()
    need_qt(with_window)
    return call(PYTHON, "-m", "posyandu_app", "demo", *arguments)


def run(arguments: list[str]) -> int:
    environment(RUN)
    return call(PYTHON, "-m", "posyandu_app", *arguments)


def check(arguments: list[str]) -> int:
    environment(DEV)
    steps = (
        ("lint", (PYTHON, "-m", "ruff", "check", ".")),
        ("format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
        ("types", (PYTHON, "-m", "mypy")),
        ("import contracts", (BIN / "lint-imports", "--no-cache", "--no-logo")),
    )
    failed = []
    for name, command in steps:
        announce(name)
        if call(*command) != 0:
            failed.append(name)
    if failed:
        print(f"\ncheck failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def test(arguments: list[str]) -> int:
    environment(DEV)
    need_qt(with_window=False)
    if check([]) != 0:
        return 1
    announce("tests")
    chosen = any(argument.startswith(("-n", "-p")) for argument in arguments)
    workers = () if chosen else ("-n", str(min(os.cpu_count() or 1, 4)))
    return call(PYTHON, "-m", "pytest", *workers, *arguments)


def bench(arguments: list[str]) -> int:
    environment(DEV)
    return call(PYTHON, "-m", "tests.benchmarks", *arguments)


def simulate(arguments: list[str]) -> int:
    environment(DEV)
    return call(PYTHON, "-m", "tests.simulation", *arguments)


def screenshots(arguments: list[str]) -> int:
    environment(DEV)
    need_qt(with_window=False)
    return call(PYTHON, "-m", "tests.screenshots", *arguments)


def build(arguments: list[str]) -> int:
    environment(DEV)
    need_qt(with_window=False)
    built = call(PYTHON, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "build.spec", *arguments)
    if built != 0:
        return built
    program = ROOT / "dist" / "posyandu" / ("posyandu.exe" if os.name == "nt" else "posyandu")
    return call(program, "selftest")


def lock(arguments: list[str]) -> int:
    common = ("uv", "pip", "compile", "pyproject.toml", "--extra", "district", "--universal")
    options = (
        "--python-version=3.11",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-annotate",
        "--no-header",
    )
    try:
        return call(*common, *options, *arguments, "--quiet", "--group", "dev", "-o", DEV) or call(
            *common, *options, *arguments, "--quiet", "--group", "build", "-c", DEV, "-o", RUN
        )
    except FileNotFoundError:
        raise Stop("`uv` is not installed: install it with `pip install uv`.") from None


def environment(requirements: Path) -> None:
    """Make `.venv` hold the pinned packages; does nothing when it already does."""
    wanted = fingerprint(requirements)
    mark = VENV / f"{requirements.stem}.installed"
    whole = VENV / f"{DEV.stem}.installed"
    if PYTHON.exists() and mark.exists() and mark.read_text() == wanted:
        return
    if requirements == RUN and PYTHON.exists() and whole.exists() and whole.read_text() == fingerprint(DEV):
        return
    if not PYTHON.exists():
        announce("making .venv")
        try:
            venv.create(VENV, with_pip=True)
        except (subprocess.CalledProcessError, ImportError, OSError) as error:
            raise Stop(
                f"could not make a virtual environment ({error}).\n"
                "On Debian or Ubuntu: sudo apt-get install python3-venv"
            ) from error
    announce(f"installing {requirements.stem} packages (once)")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    if call(PYTHON, "-m", "pip", "install", *quiet, "--require-hashes", "-r", requirements) != 0:
        raise Stop("the packages could not be installed; is the network or the package index reachable?")
    if call(PYTHON, "-m", "pip", "install", *quiet, "--no-deps", "--no-build-isolation", "-e", ROOT) != 0:
        raise Stop("the program itself could not be installed into .venv; see the message above.")
    mark.write_text(wanted)


def fingerprint(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()


def need_qt(with_window: bool) -> None:
    """Stop with the names of the system packages that Qt misses, before Qt fails with less helpful words."""
    if not sys.platform.startswith("linux"):
        return
    wanted = QT_LIBRARIES | (QT_WINDOW_LIBRARIES if with_window else {})
    missing = [packages for library, packages in wanted.items() if not loads(library)]
    if missing:
        raise Stop(
            "Qt needs system libraries that this machine lacks.\n"
            f"Debian/Ubuntu: sudo apt-get install {' '.join(debian for debian, _ in missing)}\n"
            f"Fedora:        sudo dnf install {' '.join(fedora for _, fedora in missing)}"
        )


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def announce(what: str) -> None:
    print(f"— {what}", flush=True)


def call(*command: str | Path) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

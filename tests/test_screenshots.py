"""The pictures in docs/ are those that the command makes, and the pages show none that is missing."""

import re
from pathlib import Path

from tests.screenshots import BUSIEST, OUT, shown_in_docs

ROOT = Path(__file__).resolve().parents[1]
LOOKS = ("-large", "-contrast", "-english")
TAKEN = re.compile(r'take\(f?"([^"]+)"\)')


def taken():
    """A pattern for every screen that a picture is taken of; {…} stands for any name."""
    found = set()
    for path in (ROOT / "tests").glob("*.py"):
        found |= set(TAKEN.findall(path.read_text(encoding="utf-8")))
    return [re.compile(re.sub(r"\\\{[^}]*\\\}", r"[a-z-]+", re.escape(name))) for name in found]


def screen_and_look(path):
    look = next((look for look in LOOKS if path.stem.endswith(look)), "")
    return path.stem.removesuffix(look), look


def test_no_picture_is_left_of_a_screen_that_nobody_takes_any_more():
    screens = taken()
    for path in OUT.glob("*.png"):
        screen, look = screen_and_look(path)
        assert any(known.fullmatch(screen) for known in screens), path.name
        assert shown_in_docs(screen, look), path.name


def test_the_busiest_screens_are_shown_in_every_look():
    names = {path.stem for path in OUT.glob("*.png")}
    for screen in BUSIEST:
        assert {screen, f"{screen}-large", f"{screen}-contrast", f"{screen}-english"} <= names


def test_the_pages_show_pictures_that_exist():
    shown = 0
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
            shown += 1
    assert shown, "the README shows the screen that all of this is about"

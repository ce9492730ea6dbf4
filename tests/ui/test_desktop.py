"""`posyandu` without a command: the window opens, and closing it ends well."""

import argparse

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from posyandu_app.commands import desktop
from posyandu_app.ui.window import Window


def test_the_command_opens_the_window_and_ends_with_it(qapp, tmp_path):
    seen = []

    def look() -> None:
        windows = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, Window)]
        shown = next(window for window in windows if window.isVisible())
        seen.append(shown.gate.objectName())
        shown.close()

    parser = argparse.ArgumentParser()
    desktop.add_arguments(parser)
    args = parser.parse_args([])
    args.data = tmp_path / "data"
    args.language = None
    QTimer.singleShot(200, look)
    assert desktop.run(args) == 0
    assert seen == ["first_run_screen"]
    assert not (tmp_path / "data" / "posyandu.db").exists(), "looking makes no data"


def test_closing_the_window_keeps_the_draft(hands, start, posyandu):
    from tests.ui.conftest import LABEL, PASSWORD

    hands.open_child("Bagas Saputra")
    hands.type("10,2")
    hands.app.window.close()
    again = start(posyandu.folder)
    assert again.app.unlock(LABEL, PASSWORD)
    again.settle()
    again.open_child("Bagas Saputra")
    assert again.weighing.boxes["weight_g"].edit.text() == "10,2"


def test_answers_for_screens_that_are_gone_are_dropped(hands):
    hands.main.roster.refresh()
    hands.main.review.refresh()
    hands.main.roster.search.setText("siti")
    hands.main.roster.search.textEdited.emit("siti")
    hands.app.lock()
    hands.settle()
    assert hands.app.window.main is None

"""The entry flow at the keyboard: from a key to what it paints, saving, searching, opening the app."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from posyandu_app.app import Application, build
from posyandu_app.paths import DataFolder
from posyandu_app.ui.screens.weighing_state import LENGTH, WEIGHT
from tests import made_up
from tests.benchmarks.figures import Figure

ROUNDS = 150
SAVES = 20
FAMILIES = 20
"""24 children each."""


def report() -> Iterator[Figure]:
    """Figures on a posyandu of 480 children, offscreen, with a real encrypted database."""
    qInstallMessageHandler(lambda *_: None)
    with tempfile.TemporaryDirectory(prefix="posyandu-bench-") as temporary:
        folder = DataFolder(Path(temporary) / "data")
        made_up.fill(folder, families=FAMILIES, done_today=0)
        start = time.perf_counter()
        app = build(folder, clock=made_up.clock())
        app.window.resize(1366, 768)
        app.window.show()
        _paint()
        yield Figure("open the app to the painted unlock screen", _ms(start), "ms", note="in a warm process")
        start = time.perf_counter()
        assert app.unlock(made_up.LABEL, made_up.PASSWORD)
        _settle(app)
        yield Figure(
            "unlock to the painted roster", _ms(start), "ms", note="480 children, weak test password wrap"
        )
        try:
            yield from _search(app)
            yield from _weigh(app)
        finally:
            app.close()


def _search(app: Application) -> Iterator[Figure]:
    main = app.window.main
    assert main is not None
    spans = []
    for text in ("siti", "nabila", "rizki", "kusuma", "aminah") * 6:
        main.roster.search.clear()
        _settle(app)
        start = time.perf_counter()
        QTest.keyClicks(main.roster.search, text)
        _settle(app)
        spans.append(_ms(start) / len(text))
    yield Figure("search: key to painted list, p50", statistics.median(spans), "ms")
    yield Figure("search: key to painted list, p99", _p99(spans), "ms", at_most=50)


def _weigh(app: Application) -> Iterator[Figure]:
    main = app.window.main
    assert main is not None
    main.go("weighing", main.desk.order[0])
    _settle(app)
    weight, length = main.weighing.boxes[WEIGHT].edit, main.weighing.boxes[LENGTH].edit
    state = main.weighing.state
    assert state is not None
    last = state.history[-1]
    digits: list[float] = []
    enters: list[float] = []
    for number in range(ROUNDS):
        grams = (last.weight_g or 9000) + 50 * (number % 7)
        enters.append(_type(weight, f"{grams / 1000:.2f}".replace(".", ","), digits))
        enters.append(
            _type(length, f"{((last.length_mm or 700) + number % 9) / 10:.1f}".replace(".", ","), digits)
        )
    yield Figure("digit to its painted figure, p50", statistics.median(digits), "ms")
    yield Figure("digit to its painted figure, p99", _p99(digits), "ms", at_most=16)
    yield Figure("Enter to the painted assessment, p50", statistics.median(enters), "ms")
    yield Figure("Enter to the painted assessment, p99", _p99(enters), "ms", at_most=16)
    saves = list(_save(app))
    yield Figure("F9 to the next child painted, p50", statistics.median(saves), "ms")
    yield Figure(
        "F9 to the next child painted, worst", max(saves), "ms", at_most=50, note="saved and fsynced"
    )


def _type(edit: QLineEdit, text: str, digits: list[float]) -> float:
    """Type a figure and Enter; the time of Enter in ms, those of the digits go to the list."""
    edit.setFocus()
    edit.selectAll()
    _paint()
    for letter in text:
        digits.append(_timed(lambda letter=letter: QTest.keyClicks(edit, letter)))
    return _timed(lambda: QTest.keyClick(edit, Qt.Key.Key_Return))


def _save(app: Application) -> Iterator[float]:
    main = app.window.main
    assert main is not None
    for _ in range(SAVES):
        state = main.weighing.state
        assert state is not None
        child, last = state.child.id, state.history[-1]
        edit = main.weighing.boxes[WEIGHT].edit
        edit.setFocus()
        edit.selectAll()
        QTest.keyClicks(edit, f"{((last.weight_g or 9000) + 150) / 1000:.2f}".replace(".", ","))
        QTest.keyClick(edit, Qt.Key.Key_Return)
        while main.weighing.state is not None and main.weighing.state.question is not None:
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_2)
        _settle(app)
        start = time.perf_counter()
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F9)
        while main.weighing.state is None or main.weighing.state.child.id == child:
            QApplication.processEvents()
        _paint()
        yield _ms(start)
        _settle(app)


def _timed(deed: Callable[[], None]) -> float:
    start = time.perf_counter()
    deed()
    _paint()
    return _ms(start)


def _paint() -> None:
    QApplication.processEvents()


def _settle(app: Application) -> None:
    for _ in range(3):
        app.tasks.wait_idle()
        _paint()


def _ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]

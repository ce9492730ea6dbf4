"""Pictures of the analysis and of data quality on a made-up district; `tests.screenshots` lends its camera.

`python -m tests.pictures_of_analysis [--out DIR]` makes them alone.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt

from posyandu_app import settings
from posyandu_app.app import build
from posyandu_app.paths import DataFolder
from posyandu_app.settings import Settings
from posyandu_app.ui.screens.analysis import AnalysisScreen
from tests import made_up_district
from tests.screenshots import OUT, Camera

Key = Qt.Key
LOOKS = (
    ("", Settings()),
    ("-large", Settings(text_size="large")),
    ("-contrast", Settings(contrast="high")),
    ("-english", Settings(language="en")),
)


def _closed_list(camera: Camera, screen: AnalysisScreen) -> None:
    """The posyandu whose figure is covered, and the list that is closed with it."""
    rows = screen.shown.picture.rows  # type: ignore[union-attr]
    for _ in range(next(at for at, row in enumerate(rows) if row.value is None)):
        camera.press(Key.Key_Down)
    for _ in range(2):
        camera.press(Key.Key_Return)
    camera.take("analysis-closed")
    for _ in range(2):
        camera.press(Key.Key_Escape)


def analysis(camera: Camera, temporary: Path, *, whole: bool) -> None:
    """Every view of the kabupaten, then down to a posyandu, and data quality to its records."""
    screen = camera.main.screen_of("analysis")
    assert isinstance(screen, AnalysisScreen)
    camera.go("analysis")
    camera.take("analysis")
    names = ("trend", "skdn", "ranking", "tiles", "cohort", "causes", "children") if whole else ("trend",)
    for number, name in enumerate(names, 2):
        camera.type(str(number))
        camera.take(f"analysis-{name}")
    chart = temporary / "peta.geojson"
    chart.write_text(made_up_district.made_up_map())
    screen.pick_map = lambda: str(chart)
    camera.type("5")
    camera.type("m")
    camera.press(Key.Key_Right)
    camera.take("analysis-map")
    if whole:
        camera.type("1")
        for _ in range(2):
            camera.press(Key.Key_Return)
        camera.take("analysis-village")
        _closed_list(camera, screen)
    camera.type("9")
    camera.take("quality")
    if whole:
        camera.press(Key.Key_Down)
        camera.press(Key.Key_Return)
        while screen.desk is not None and camera.main.current.checks.chosen != "late":  # type: ignore[attr-defined]
            camera.press(Key.Key_Down)
        camera.press(Key.Key_Return)
        camera.take("quality-records")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.pictures_of_analysis", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR")
    out = parser.parse_args(arguments).out
    with tempfile.TemporaryDirectory(prefix="posyandu-pictures-") as temporary:
        folder = DataFolder(Path(temporary) / "district")
        made_up_district.fill(folder, children=4000, months=18, posyandu=400)
        for mark, wishes in LOOKS:
            settings.save(folder.settings, wishes)
            app = build(folder, clock=made_up_district.clock())
            try:
                camera = Camera(app, out, mark)
                assert app.unlock(made_up_district.LABEL, made_up_district.PASSWORD)
                camera.settle()
                analysis(camera, Path(temporary), whole=not mark)
            finally:
                app.close()
                app.window.deleteLater()
    return 0


if __name__ == "__main__":
    sys.exit(main())

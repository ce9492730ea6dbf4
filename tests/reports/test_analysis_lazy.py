"""Nothing waits for numpy until a figure is asked for."""

import os
import subprocess
import sys

_IMPORTS = """
import sys
from posyandu_app.reports import (
    analysis_rules, analyst, anthro, areas, causes, cohort, coverage, digits, disclosure, district_map,
    duplicates, evidence, frame_cache, frames, jumps, letters, people, periods, prevalence, quality,
    ranking, recommend, snapshots, statistics, workbook,
)
analysis_rules.default_analysis_rules()
statistics.share(3, 10, 100)
print(sorted({"numpy", "pandas"} & set(sys.modules)))
"""


def test_the_modules_of_the_analysis_import_neither_numpy_nor_pandas():
    found = subprocess.run([sys.executable, "-c", _IMPORTS], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_desktop_starts_without_numpy_and_pandas():
    """The screens of the analysis are known at the start; what they count with is not."""
    asked = (
        "import sys, posyandu_app.app; print(sorted({'numpy', 'pandas', 'xlsxwriter'} & set(sys.modules)))"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    found = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=environment
    )
    assert found.stdout.strip() == "[]"

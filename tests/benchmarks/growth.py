"""How fast z-scores come: whole tables on one core, one child at the keyboard, a CSV file."""

import io
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

from posyandu_app.domain.model import Position, Sex
from posyandu_app.domain.zscore import assess
from posyandu_app.reports.growth_csv import assess_csv
from posyandu_app.reports.growth_table import Children, assess_many
from tests.benchmarks.figures import Figure, seconds

R_PACKAGE = 38_000
"""Children a second by WHO's R package `anthro` on this type of machine."""

_COLD = """
import time
from posyandu_app.domain.model import Sex
start = time.perf_counter()
from posyandu_app.domain.zscore import assess
assess(Sex.MALE, 900, weight_g=12000, length_mm=850, head_mm=480)
assess(Sex.FEMALE, 500, weight_g=9000, length_mm=750, head_mm=450)
print((time.perf_counter() - start) * 1000)
"""


def some_children(count: int) -> Children:
    """Made-up children of a district: all ages below five, most of them within three SD."""
    random = np.random.default_rng(2006)
    age = random.integers(0, 1827, count).astype(float)
    length = 500 + 170 * np.log1p(age / 150) * random.normal(1, 0.06, count)
    return Children(
        sex=random.integers(1, 3, count).astype(np.int8),
        age_days=age,
        weight_g=np.round((length / 10) ** 2 * 1.6 * random.normal(1, 0.12, count)),
        length_mm=np.round(length),
        position=random.integers(0, 3, count).astype(np.int8),
        head_mm=np.round(random.normal(460, 25, count)),
        oedema=random.random(count) < 0.01,
    )


def report() -> Iterator[Figure]:
    children = some_children(1_000_000)
    assess_many(children.part(slice(1000)))
    rate = len(children) / seconds(lambda: assess_many(children))
    yield Figure("five indices, whole table, one core", rate, "children/s", at_least=500_000)
    yield Figure("  compared with WHO's R package (38,000/s)", rate / R_PACKAGE, "times")

    one = seconds(
        lambda: [
            assess(Sex.MALE, 900, weight_g=12000, length_mm=850, position=Position.LYING, head_mm=480)
            for _ in range(1000)
        ]
    )
    yield Figure("five indices, one child", one * 1000, "µs")
    cold = min(
        float(
            subprocess.run([sys.executable, "-c", _COLD], capture_output=True, text=True, check=True).stdout
        )
        for _ in range(5)
    )
    yield Figure("import, check and read the WHO table, first children", cold, "ms", at_most=60)

    content = _csv(children.part(slice(100_000)))
    taken = seconds(lambda: assess_csv(io.BytesIO(content), io.BytesIO(), print), runs=3)
    yield Figure("posyandu growth", 100_000 / taken, "rows/s")


def _csv(children: Children) -> bytes:
    lines = ["sex,age_days,weight_kg,lenhei_cm,measure,headc_cm,oedema"]
    for sex, age, grams, length, position, head, swollen in zip(
        children.sex.tolist(),
        children.age_days.tolist(),
        children.weight_g.tolist(),
        children.length_mm.tolist(),
        children.position.tolist(),
        children.head_mm.tolist(),
        children.oedema.tolist(),
        strict=True,
    ):
        measured = f"{grams / 1000},{length / 10},{('', 'l', 'h')[position]},{head / 10}"
        lines.append(f"{sex},{age:.0f},{measured},{'y' if swollen else 'n'}")
    return "\n".join(lines).encode()

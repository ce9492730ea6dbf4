"""`python -m tests.benchmarks [NAME…]`: measure and print, promise beside figure.

A benchmark is a module of this package with `report() -> Iterable[Figure]`, or with
`main() -> None` that prints by itself. Exit codes: 0 every promise kept, 1 not, 2 no such name.
"""

# ruff: noqa: T201 - printing is what this command is for

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType

import tests.benchmarks as package
from tests.benchmarks.figures import Figure


def benchmarks() -> dict[str, ModuleType]:
    """Every module of this package that measures something, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.name[0] != "_")
    modules = {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}
    return {
        name: module
        for name, module in modules.items()
        if hasattr(module, "report") or hasattr(module, "main")
    }


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def _promise(figure: Figure) -> str:
    if figure.at_least is None and figure.at_most is None:
        return ""
    sign, limit = ("≥", figure.at_least) if figure.at_least is not None else ("≤", figure.at_most)
    return f"{'✓' if figure.kept else '✗'} {sign} {_plain(limit or 0)}"


def table(figures: Iterable[Figure]) -> str:
    """The figures in columns: name, value, unit, promise, note."""
    rows = [(f.name, _plain(f.value), f.unit, _promise(f), f.note) for f in figures]
    if not rows:
        return ""
    wide = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"  {name:<{wide[0]}}  {value:>{wide[1]}} {unit:<{wide[2]}}  {promise:<{wide[3]}}  {note}".rstrip()
        for name, value, unit, promise, note in rows
    )


def main(names: Sequence[str]) -> int:
    found = benchmarks()
    if unknown := [name for name in names if name not in found]:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(found)}", file=sys.stderr)
        return 2
    kept = True
    for name in names or found:
        print(name, flush=True)
        if hasattr(found[name], "report"):
            figures = list(found[name].report())
            kept = kept and all(figure.kept for figure in figures)
            print(table(figures), flush=True)
        else:
            found[name].main()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

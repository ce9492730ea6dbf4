"""`python -m tests.sync.dying POINT WORDS…`: the real program, which kills itself at a named point.

`laptop DATABASE` exchanges until nothing waits; any other words are `posyandu`'s own. With an
empty point nothing is changed. Each point is reached in the middle of an exchange.
"""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path

# the point's name → module and the attribute at whose call the process dies
SERVER_POINTS = {
    "before anything is stored": ("posyandu_app.district.intake", "store"),
    "when operations are in and the watermark is not": ("posyandu_app.district.intake", "update"),
    "when everything is stored and nothing judged": ("posyandu_app.district.desk", "judge"),
    "when verdicts are written and rows are not": ("posyandu_app.district.judge", "row_columns"),
    "when all is written and not committed": ("posyandu_app.district.judge", "set_fact"),
    "when all is committed and not answered": ("posyandu_app.district.desk", "sign_message"),
}
LAPTOP_POINTS = {
    "before the reply is taken in": ("posyandu_app.sync.engine", "open_reply"),
    "when operations are in and rows are not": ("posyandu_app.storage.projection", "apply"),
    "when rows are in and the cursor is not": ("posyandu_app.storage.peer", "advance"),
    "when all is in and not committed": ("posyandu_app.sync.engine", "Exchanged"),
}


def main(point: str, words: list[str]) -> int:
    if point:
        module, attribute = (SERVER_POINTS | LAPTOP_POINTS)[point]
        setattr(import_module(module), attribute, _die)
    if words[0] != "laptop":
        from posyandu_app.cli import main as posyandu

        return posyandu(words)
    return _laptop(Path(words[1]))


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _laptop(path: Path) -> int:
    from posyandu_app.domain.clock import SystemClock
    from posyandu_app.storage.connection import Database
    from posyandu_app.sync.conversation import exchange_all
    from posyandu_app.sync.engine import Engine
    from posyandu_app.sync.http import transport_for
    from tests.sync.laptops import KEY

    database = Database.open(path, KEY)
    print("open", flush=True)  # noqa: T201
    with transport_for(database) as transport:
        exchange_all(Engine(database, SystemClock()), transport)
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

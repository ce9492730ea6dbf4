"""`python -m tests.sync.pulled`: does what stdin says, a JSON object a line, each in its own process.

    {"do": "export" | "import", "database": …, "stick": …, "dies_at": n}
    {"do": "serve", "folder": …, "stick": …, "dies_at": n}
    {"do": "mount", "stick": …, "options": …}     a real file system of its own, in this process's namespace
    {"do": "copy", "stick": …, "to": …}           what stands on it now

With `dies_at` the process kills itself at its n-th touch of the stick; what was written but not
synced is half lost then, as when a stick is pulled out. Answers with {"died": …}, {"told": …} or
{"code": …, "trouble": …}.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from posyandu_app.district import admin, config
from posyandu_app.district import usb as dinas
from posyandu_app.district.desk import Desk
from posyandu_app.domain.clock import SystemClock
from posyandu_app.domain.errors import UserError
from posyandu_app.storage.connection import Database
from posyandu_app.sync import usb
from tests.sync.laptops import KEY


def main() -> int:
    for line in sys.stdin:
        wish = json.loads(line)
        if wish["do"] == "mount":
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", wish["options"], "tmpfs", wish["stick"]], check=True
            )
            answer = {}
        else:
            answer = _in_its_own_process(wish)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


def _in_its_own_process(wish: dict) -> dict:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        answer = json.dumps(_do(wish)).encode()
        os.write(writing, answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    return {"died": True} if os.WIFSIGNALED(status) else json.loads(answer)


def _do(wish: dict) -> dict:
    stick = Path(wish["stick"])
    if wish["do"] == "copy":
        shutil.copytree(stick, wish["to"])
        return {}
    if wish.get("dies_at"):
        _die_at(wish["dies_at"], str(stick))
    try:
        if wish["do"] == "serve":
            district = config.load(Path(wish["folder"]))
            store = admin.open_store(district)
            report = dinas.serve(district, store, Desk(district, store), stick)
            return {"told": report.message, "problems": [problem.word for problem in report.problems]}
        database = Database.open(Path(wish["database"]), KEY)
        action = usb.export_to if wish["do"] == "export" else usb.import_from
        return {"told": action(database, SystemClock(), stick).message}
    except UserError as error:
        return {"code": error.code, "trouble": error.message}


def _die_at(number: int, stick: str) -> None:
    left = number

    def touched() -> bool:
        nonlocal left
        left -= 1
        return left == 0

    def watch(event: str, arguments: tuple) -> None:
        of_the_stick = event in ("open", "os.rename", "os.remove", "os.mkdir") and str(
            arguments[0]
        ).startswith(stick)
        if of_the_stick and touched():
            os.kill(os.getpid(), signal.SIGKILL)

    fsync = os.fsync

    def sync(handle: int) -> None:
        synced = Path(f"/proc/self/fd/{handle}")
        if str(synced.readlink()).startswith(stick) and touched():
            if synced.is_file():
                os.ftruncate(handle, os.fstat(handle).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(handle)

    sys.addaudithook(watch)
    os.fsync = sync


if __name__ == "__main__":
    sys.exit(main())

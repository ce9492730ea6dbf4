"""`python -m tests.fuzz [--examples N]`: the running server against requests made from its OpenAPI document.

Each request goes out as it was made, signed by a laptop that the server knows and by a stranger, and as a
good request in which one part, or a part of an operation, was replaced. There must be no answer of 500 and
more, and nothing about a child for whoever has not signed.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from posyandu_app.sync import wire
from tests.district import server as servers
from tests.district.hand import Hand, sign

NAME = "Rahasia Aminah"


class Found(AssertionError):
    """An answer that must not be."""


def fuzz(url: str, laptop: Hand, examples: int) -> Counter[str]:
    """Ask so many times for each operation of the document; returns how often each answer came."""
    answers: Counter[str] = Counter()
    with httpx.Client(base_url=url, timeout=30) as client:
        document = client.get("/v1/openapi.json").json()
        api = schemathesis.openapi.from_dict(document)
        for result in api.get_all_operations():
            _ask_all(client, result.ok(), laptop, examples, answers)
    return answers


def _ask_all(client: httpx.Client, operation, laptop: Hand, examples: int, answers: Counter[str]) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case) -> None:
        for way, body in bodies(case, laptop).items():
            headers = {"accept-encoding": "identity"}
            answer = client.request(operation.method, operation.path, content=body, headers=headers)
            answers[f"{operation.path} {way} {answer.status_code}"] += 1
            check(operation.path, way, answer)

    ask()


def bodies(case, laptop: Hand) -> dict[str, bytes]:
    """The request as it was made, and signed in two ways; only `raw` where there is no body."""
    made = case.body
    if isinstance(made, bytes):
        return {"raw": made}
    try:
        raw = json.dumps(made).encode("utf-8", "replace")
    except (TypeError, ValueError):
        return {"raw": b""}
    ways = {"raw": raw}
    if isinstance(made, dict):
        unsigned = {name: value for name, value in made.items() if name != "signature"}
        for way, key, message in (
            ("signed", laptop.key, unsigned | {"device": laptop.device}),
            ("stranger", Hand(laptop.scope, 0).key, laptop.request(laptop.segment())),
            *((f"with another {name}", laptop.key, good) for name, good in replaced(unsigned, laptop)),
        ):
            try:
                ways[way] = sign(message, key)
            except (UnicodeEncodeError, ValueError):
                continue
    return ways


def replaced(made: dict, laptop: Hand) -> Iterator[tuple[str, dict]]:
    """A good request for each part of the one that was made, with just that part in it."""
    if "segments" not in made:
        enrolment = json.loads(laptop.enrolment("ABCD-EFGH-JKLM"))
        del enrolment["signature"]
        for name, value in made.items():
            yield name if name in enrolment else "thing", enrolment | {name: value}
        return
    known = wire.Request.__struct_fields__
    for name, value in made.items():
        yield name if name in known else "thing", laptop.request(laptop.segment()) | {name: value}
    for part in made["segments"][:1] if isinstance(made["segments"], list) else []:
        if not isinstance(part, dict):
            continue
        for name in wire.Segment.__struct_fields__:
            value = part.get(name)
            yield f"segment {name}", laptop.request(laptop.segment() | {name: value})
        operations = part.get("ops")
        for operation in operations[:1] if isinstance(operations, list) else []:
            if isinstance(operation, dict):
                for name, value in operation.items():
                    yield "operation", laptop.request(written(laptop, {name: value}))


def written(laptop: Hand, otherwise: dict) -> dict:
    """A segment with one more operation, good but for a part, hashed and signed as it is."""
    again = laptop.again()
    again.device, again.key = laptop.device, laptop.key
    operation = {**laptop.ops[0], "seq": len(laptop.ops) + 1, **otherwise}
    again.append(operation)
    return again.segment(len(laptop.ops) + 1)


def check(path: str, way: str, answer: httpx.Response) -> None:
    """Raise `Found` for a failure of the server, or for anything told to a stranger."""
    if answer.status_code >= 500:
        raise Found(f"{path} {way}: {answer.status_code}")
    if way in ("raw", "stranger") and NAME in answer.text:
        raise Found(f"{path} {way}: a child was told")
    if way in ("raw", "stranger") and answer.status_code == 200 and path == "/v1/exchange":
        raise Found(f"{path} {way}: answered")


def run(folder: Path, examples: int) -> Counter[str]:
    """Fuzz a server of its own with a child in it."""
    with servers.running(folder) as server:
        laptop = Hand(servers.POSYANDU, server.time.now).join(server)
        laptop.measure(laptop.child(NAME))
        laptop.push(server)
        with servers.listening(server.desk) as url:
            answers = fuzz(url, laptop, examples)
        other = Hand(servers.VILLAGE, server.time.now).join(server)
        assert len(other.hear(server)) >= 2, "the server works as before"
    return answers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000, help="of each operation (2000)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        answers = run(Path(folder) / "dinas", args.examples)
    for what, count in sorted(answers.items()):
        print(f"{count:>8}  {what}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Nobody who has not signed as a laptop of this district reads anything, on no route of the document.

The requests are made from the document and the routes from the application, so that a new route is tried
as well, and one that is not in the document is noticed.
"""

import json
from datetime import timedelta

import pytest
from litestar.testing import TestClient

from posyandu_app.district import admin, openapi, web
from tests.district import server as servers
from tests.district.hand import Hand, opened, sign
from tests.district.odd import resolved
from tests.district.server import POSYANDU, VILLAGE

DOCUMENT = json.loads(json.dumps(openapi.document()))
NAME = "Rahasia Aminah"
ROUTES = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
WITH_BODY = [(method, path) for method, path in ROUTES if "requestBody" in DOCUMENT["paths"][path][method]]


@pytest.fixture
def kader(join):
    kader = join()
    kader.measure(kader.child(NAME))
    return kader


@pytest.fixture
def client(server, kader):
    kader.push(server)
    with TestClient(web.make_app(server.desk), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def bidan(server, join):
    """A laptop that may read all of it; her keys are what others would like to have."""
    return join(VILLAGE)


def secrets(*laptops: Hand) -> set[str]:
    """What none of the answers may hold; the weight with its colon, as no random id has one."""
    found = {NAME, '"weight_g"', ":8400"}
    for laptop in laptops:
        found |= {laptop.replica, *laptop.hashes[1:]}
        found |= {operation["entity"] for operation in laptop.ops}
    return found


def message(path: str, method: str, laptop: Hand, code: str = "ABCD-EFGH-JKLM") -> dict:
    """A good message of a laptop for a route, by the fields that the document names."""
    known = laptop.request() | json.loads(laptop.enrolment(code)) | {"cursor": 0, "have": {}}
    body = DOCUMENT["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    return least(body, known)


def least(schema: dict, known: dict):
    """The smallest value that a schema allows, with known values where a field has such a name."""
    schema = resolved(DOCUMENT, schema)
    if "anyOf" in schema:
        return least(schema["anyOf"][0], known)
    if schema.get("type") == "object":
        fields = schema.get("properties", {})
        needed = [name for name in schema.get("required", ()) if name != "signature"]
        return {name: known[name] if name in known else least(fields[name], known) for name in needed}
    return {"array": [], "integer": 1, "string": "x", "boolean": True, "null": None}[schema["type"]]


def unsigned(message: dict) -> bytes:
    return json.dumps(message).encode()


def told_nothing(answer, hidden: set[str]) -> None:
    assert answer.status_code < 500
    for one in hidden:
        assert one not in answer.text
        assert one not in str(answer.headers)


def test_every_route_of_the_application_is_in_the_document(server):
    app = web.make_app(server.desk)
    served = {
        (method.lower(), route.path)
        for route in app.routes
        for method in route.methods
        if method not in ("OPTIONS", "HEAD")
    }
    assert served == {*ROUTES, ("get", "/v1/openapi.json")}


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=str)
@pytest.mark.parametrize("way", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_nothing_is_told_without_a_message(client, kader, method, path, way):
    for body in (b"", b"null", b"{}"):
        for query in ("", f"?device={kader.device}&have={kader.replica}"):
            headers = {"authorization": f"Bearer {kader.device}", "cookie": f"device={kader.device}"}
            told_nothing(client.request(way, path + query, content=body, headers=headers), secrets(kader))


@pytest.mark.parametrize(("method", "path"), WITH_BODY, ids=str)
def test_nothing_is_told_to_whoever_cannot_sign(client, server, kader, bidan, join, tmp_path, method, path):
    good = message(path, method, bidan)
    stranger, other = Hand(VILLAGE, 0), join(VILLAGE)
    with servers.running(tmp_path / "lain") as elsewhere:
        foreign = Hand(VILLAGE, elsewhere.time.now).join(elsewhere)
    another = json.loads(sign(good | {"app": "another"}, bidan.key))["signature"]
    own = message(path, method, stranger)
    bodies = {
        "unsigned": unsigned(good),
        "null": unsigned(good | {"signature": None}),
        "empty": unsigned(good | {"signature": ""}),
        "by nobody": sign(good, stranger.key),
        "by another laptop": sign(good, other.key),
        "of another message": unsigned(good | {"signature": another}),
        "a device never heard of": sign(own, stranger.key),
        "a laptop of another district": sign(message(path, method, foreign), foreign.key),
        "another laptop's id in other letters": sign(good | {"device": bidan.device.upper()}, bidan.key),
    }
    before = server.status()
    for way, body in bodies.items():
        answer = getattr(client, method)(path, content=body)
        assert answer.status_code in (400, 401, 403), way
        told_nothing(answer, secrets(kader, bidan))
    assert server.status() == before


@pytest.mark.parametrize(("method", "path"), WITH_BODY, ids=str)
def test_a_revoked_laptop_is_told_nothing_any_more(client, server, kader, bidan, method, path):
    admin.revoke(server.store, bidan.device)
    answer = getattr(client, method)(path, content=sign(message(path, method, bidan), bidan.key))
    told_nothing(answer, secrets(kader))
    if answer.status_code == 200:
        reply = opened(answer.content, bidan.server_key)
        assert reply["order"] == {"wipe": True}
        assert reply["feed"]["ops"] == reply["receipts"] == []
        assert not {"sanity", "readers", "repair"} & set(reply)


def test_a_revoked_laptop_hears_nothing_by_any_part_of_a_request(client, server, kader, bidan):
    """Not even by what it may still ask for: carried segments, repair, a log of another's in `have`."""
    carried = kader.segment()
    admin.revoke(server.store, bidan.device)
    sums = [[0, "0" * 64]] * 256
    otherwise = {
        "have": {kader.replica: 1},
        "repair": {"cursor": 10, "after": 0, "sums": sums},
        "reads": 1,
        "incidents": [{"at": "2026-11-18T09:00:00+07:00", "what": "rows_still_differ"}],
    }
    answer = client.post("/v1/exchange", content=bidan.signed(carried, **otherwise))
    told_nothing(answer, secrets(kader) - {kader.replica, *kader.hashes})
    assert answer.status_code == 200


def test_a_code_that_is_over_or_anothers_opens_nothing(client, server, kader, monkeypatch):
    used = server.code(POSYANDU)
    first = Hand(POSYANDU, server.time.now)
    assert client.post("/v1/enrol", content=first.enrolment(used)).status_code == 200
    expired = server.code(POSYANDU)
    late = Hand(POSYANDU, server.time.now)
    for code, word in ((used, "code_used"), ("ABCD-EFGH-JKLM", "code_unknown")):
        answer = client.post("/v1/enrol", content=late.enrolment(code))
        assert (answer.status_code, answer.json()["error"]) == (403, word)
        told_nothing(answer, secrets(kader))
    server.time.move(int(timedelta(days=400).total_seconds()) * 1000)
    answer = client.post("/v1/enrol", content=late.enrolment(expired))
    assert (answer.status_code, answer.json()["error"]) == (403, "code_expired")
    answer = client.post("/v1/exchange", content=late.signed())
    assert (answer.status_code, answer.json()["error"]) == (401, "unknown_device")


def test_who_joins_anew_cannot_say_that_he_was_another(client, server, kader, bidan):
    """Going on as another laptop needs that laptop's key."""
    thief = Hand(VILLAGE, server.time.now)
    true = thief.continuation(bidan)["sig"]
    forged = {"device": bidan.device, "sig": ("B" if true[0] == "A" else "A") + true[1:]}
    for continues in (
        forged,
        {"device": bidan.device, "sig": ""},
        thief.continuation(kader) | {"device": bidan.device},
    ):
        body = thief.enrolment(server.code(VILLAGE), continues=continues)
        assert client.post("/v1/enrol", content=body).status_code in (400, 401)
    answer = client.post("/v1/exchange", content=thief.signed())
    assert (answer.status_code, answer.json()["error"]) == (401, "unknown_device")

"""A second client, written from docs/sync-protocol.md with nothing of the laptop's code but JSON and keys.

Also what a hostile client can do: every part of a message may be put otherwise before it is signed.
"""

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, field

from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey

ZERO = "0" * 64


def canonical(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def new_id() -> str:
    return str(uuid.uuid4())


def posyandu_of(scope: str) -> str:
    """The id of a scope's posyandu."""
    return str(uuid.uuid5(uuid.UUID("0d2bb6d5-6d0c-5b43-8d1c-55a0a0c33d11"), scope))


def session_of(scope: str, day: str) -> str:
    """The id of a posyandu's day."""
    return str(uuid.uuid5(uuid.UUID("6f0f2d5e-4c0c-5d3a-9a77-3b1f6f7f2a11"), f"{scope}/{day}"))


def sign(message: dict, key: SigningKey) -> bytes:
    """The message with its signature, as bytes."""
    signature = b64(key.sign(sha256(canonical(message))).signature)
    return canonical({**message, "signature": signature})


def opened(body: bytes, key: str) -> dict:
    """A server's message, after its signature was found right."""
    message = json.loads(body)
    signature = base64.b64decode(message.pop("signature"))
    VerifyKey(base64.b64decode(key)).verify(sha256(canonical(message)), signature)
    return message


def hlc(ms: int, counter: int = 0) -> str:
    return f"{ms:012x}-{counter:04x}"


@dataclass
class Hand:
    """A laptop made by hand: its keys, its log and its chain."""

    scope: str
    now_ms: int
    device: str = field(default_factory=new_id)
    replica: str = field(default_factory=new_id)
    key: SigningKey = field(default_factory=SigningKey.generate)
    seal: PrivateKey = field(default_factory=PrivateKey.generate)
    ops: list[dict] = field(default_factory=list)
    hashes: list[str] = field(default_factory=lambda: [ZERO])
    epoch: str | None = None
    cursor: int = 0
    server_key: str = ""

    def again(self) -> "Hand":
        """The same log under a new id with new keys."""
        return Hand(
            self.scope, self.now_ms, replica=self.replica, ops=list(self.ops), hashes=list(self.hashes)
        )

    # joining

    def enrolment(self, code: str, **otherwise) -> bytes:
        message = {
            "proto": 1,
            "code": code,
            "device": self.device,
            "name": "Laptop Uji",
            "sign_key": b64(bytes(self.key.verify_key)),
            "seal_key": b64(bytes(self.seal.public_key)),
            "app": "0.1.0",
        } | otherwise
        return sign(message, self.key)

    def continuation(self, former: "Hand") -> dict:
        """Proof by the former key that this laptop is the one enrolled as `former`."""
        text = f"posyandu-continue-1|{former.device}|{self.device}"
        return {"device": former.device, "sig": b64(former.key.sign(text.encode()).signature)}

    def join(self, server, role: str | None = None, **otherwise) -> "Hand":
        answer = json.loads(server.desk.enrol(self.enrolment(server.code(self.scope, role), **otherwise)))
        self.server_key = answer["server"]["sign_key"]
        self.epoch = answer["epoch"]
        return self

    # writing

    def write(self, kind: str, entity: str, payload, /, **otherwise) -> int:
        """Log an operation and return its number."""
        seq = len(self.ops) + 1
        self.now_ms += 1
        operation = {
            "seq": seq,
            "type": kind,
            "v": 1,
            "entity": entity,
            "scope": self.scope,
            "actor": "kader-uji",
            "at": "2026-11-18T09:00:00+07:00",
            "hlc": hlc(self.now_ms),
            "tx": [seq, 1, 1],
            "app": "0.1.0",
            "payload": payload,
        } | otherwise
        self.append(operation)
        return seq

    def append(self, operation: dict) -> None:
        envelope = {name: value for name, value in operation.items() if name != "payload"}
        chained = (
            bytes.fromhex(self.hashes[-1])
            + sha256(canonical(envelope))
            + sha256(canonical(operation["payload"]))
        )
        self.ops.append(operation)
        self.hashes.append(sha256(chained).hex())

    def child(self, name: str = "Anak Uji", entity: str | None = None, **fields) -> str:
        entity = entity or new_id()
        values = {"name": name, "sex": "F", "birth_date": "2025-01-05"} | fields
        payload = {field: {"v": value, "base": None} for field, value in values.items()}
        self.write("child.register", entity, payload)
        return entity

    def measure(self, child: str, weight_g: int = 8400, date: str = "2026-11-18") -> str:
        entity = new_id()
        self.write("measurement.record", entity, {"child": child, "date": date, "weight_g": weight_g})
        return entity

    # exchanging

    def segment(self, first: int = 1, until: int | None = None, **otherwise) -> dict:
        last = len(self.ops) if until is None else until
        end = otherwise.get("last", self.hashes[last])
        text = f"posyandu-segment-1|{self.replica}|{first}|{last}|{end}"
        return {
            "replica": self.replica,
            "first": first,
            "prev": self.hashes[first - 1],
            "ops": self.ops[first - 1 : last],
            "last": end,
            "device": self.device,
            "sig": b64(self.key.sign(text.encode()).signature),
        } | otherwise

    def request(self, *segments: dict, **otherwise) -> dict:
        return {
            "proto": 1,
            "device": self.device,
            "sent_at": "2026-11-18T09:00:00.000+07:00",
            "epoch": self.epoch,
            "cursor": self.cursor,
            "have": {self.replica: len(self.ops)},
            "segments": list(segments),
            "limit": 2000,
        } | otherwise

    def signed(self, *segments: dict, **otherwise) -> bytes:
        return sign(self.request(*segments, **otherwise), self.key)

    def push(self, server, first: int = 1, until: int | None = None, **otherwise) -> dict:
        """Send a stretch of the log and return the reply."""
        return self.ask(server, self.segment(first, until), **otherwise)

    def ask(self, server, *segments: dict, **otherwise) -> dict:
        reply = opened(server.desk.exchange(self.signed(*segments, **otherwise)), self.server_key)
        self.epoch = reply["epoch"]
        return reply

    def hear(self, server) -> list[dict]:
        """Everything the feed has after the cursor."""
        heard = []
        while True:
            reply = self.ask(server)
            heard += reply["feed"]["ops"]
            self.cursor = reply["feed"]["to"]
            if not reply["feed"]["more"]:
                return heard


def statuses(reply: dict, first: int = 1) -> list[str]:
    """The outcomes of the own operations from a number on."""
    return [receipt["status"] for receipt in reply["receipts"] if receipt["seq"] >= first]


def reasons(reply: dict) -> list[str | None]:
    return [receipt.get("why") for receipt in reply["receipts"]]

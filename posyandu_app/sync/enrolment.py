"""Joining a district: the code from the Dinas, and the keys by which laptop and server know each other."""

import json
import uuid
from typing import Protocol

from posyandu_app import __version__
from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.storage import peer, proofs, returned
from posyandu_app.storage.connection import Database
from posyandu_app.storage.peer import Peer
from posyandu_app.sync import mending, wire
from posyandu_app.sync.signing import (
    BadSignature,
    Keys,
    from_base64,
    open_message,
    sign_continuation,
    sign_message,
    verify_key,
)
from posyandu_app.sync.trouble import NotEnrolled, Portal, Refused, SyncTrouble


class Door(Protocol):
    """Where a laptop asks to join; raises `SyncTrouble` when no answer came."""

    @property
    def url(self) -> str: ...
    def enrol(self, body: bytes) -> bytes: ...


_KEYS, _JOINING, _ENROLMENT = "device_keys", "joining", "enrolment"


def device_keys(database: Database) -> Keys:
    """This laptop's private keys; raises `NotEnrolled`."""
    kept = database.meta(_KEYS)
    if kept is None:
        raise NotEnrolled
    return Keys.from_bytes(bytes.fromhex(kept))


def proof(database: Database) -> bytes | None:
    """What the server signed when this laptop joined, as it came; None before."""
    kept = database.meta(_ENROLMENT)
    return None if kept is None else kept.encode("utf-8")


def role(database: Database) -> str | None:
    """The role that the code gave this laptop; None before it joined."""
    kept = proof(database)
    return None if kept is None else wire.decode(kept, wire.EnrolReply).role


def enrol(database: Database, transport: Door, code: str, name: str) -> None:
    """Join the district with a code; its answer may be lost and asked for again.

    The server's keys in the answer are the ones this laptop trusts from then on. Raises
    `SyncTrouble`, and `UserError` when the code is for another area than the data here.
    """
    if peer.is_practice(database):
        raise UserError(
            tr("Ini data latihan: tidak pernah digabungkan dengan Dinas dan tidak pernah dikirim."),
            code="practice",
        )
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise UserError(tr("Isi nama laptop ini, paling banyak 100 huruf."), code="bad_name")
    if not any(letter.isalnum() for letter in code) or len(code) > 100:
        raise UserError(tr("Isi kode dari Dinas, seperti ABCD-EFGH-JKLM."), code="bad_code")
    device, keys = _identity_for(database, transport.url, code)
    request = wire.EnrolRequest(
        proto=wire.PROTO,
        code=code,
        device=device,
        name=name,
        sign_key=keys.public.sign_key,
        seal_key=keys.public.seal_key,
        app=__version__,
        continues=_continuation(database, device),
    )
    try:
        answer = transport.enrol(sign_message(request, keys.sign))
    except SyncTrouble as trouble:
        trouble.message = trouble.joining
        raise
    joined = _open_enrolment(answer, device)
    _check_area(database, joined.scope)
    server = joined.server
    with database.atomic():
        had_joined = peer.load(database) is not None
        peer.enrol(
            database,
            Peer(
                url=transport.url,
                device=device,
                scope=joined.scope,
                sign_key=bytes(verify_key(server.sign_key)),
                seal_key=from_base64(server.seal_key, 32),
                epoch=joined.epoch,
            ),
        )
        if had_joined:  # a server that was restored may not have known this laptop any more
            returned.server_lost(database, joined.received_at)
        proofs.forget_area(database)
        database.set_meta(_KEYS, keys.to_bytes().hex())
        database.set_meta(_ENROLMENT, answer.decode("utf-8"))
        database.set_meta(_JOINING, None)
        mending.forget(database)


def _identity_for(database: Database, url: str, code: str) -> tuple[str, Keys]:
    """A new device id with its keys, or the one whose answer may have been lost: same server, same code."""
    wanted = f"{url} {''.join(letter for letter in code.upper() if letter.isalnum())}"
    kept = json.loads(database.meta(_JOINING) or "{}")
    if kept.get("for") == wanted:
        return str(kept["device"]), Keys.from_bytes(bytes.fromhex(kept["keys"]))
    device, keys = str(uuid.uuid4()), Keys.generate()
    kept = {"for": wanted, "device": device, "keys": keys.to_bytes().hex()}
    database.set_meta(_JOINING, json.dumps(kept))
    return device, keys


def _continuation(database: Database, device: str) -> wire.Continues | None:
    """Proof that this laptop is the one enrolled before, so that it goes on writing its log."""
    former, kept = peer.load(database), database.meta(_KEYS)
    if former is None or kept is None:
        return None
    return sign_continuation(former.device, device, Keys.from_bytes(bytes.fromhex(kept)).sign)


def _open_enrolment(answer: bytes, device: str) -> wire.EnrolReply:
    try:
        claimed = wire.decode(answer, wire.EnrolReply)
        joined = open_message(answer, verify_key(claimed.server.sign_key), wire.EnrolReply)
        from_base64(joined.server.seal_key, 32)
        wire.moment(joined.received_at)
    except (wire.Malformed, BadSignature, ValueError):
        raise Portal from None
    if joined.device != device:
        raise Portal
    if joined.proto != wire.PROTO:
        raise Refused("proto")
    return joined


def _check_area(database: Database, scope: str) -> None:
    """Raise `UserError` when this laptop works in an area that the code is not for.

    That is the area the Dinas gave it last; before it joined, the one it was set up for.
    """
    former = peer.load(database)
    own = database.meta("scope") if former is None else former.scope
    if own is None or own == scope or own.startswith(f"{scope}."):
        return
    raise UserError(
        tr(
            "Kode ini untuk wilayah {other}, sedangkan data di laptop ini dari wilayah {own}. "
            "Minta kode untuk wilayah {own}."
        ).format(other=scope, own=own),
        code="other_area",
    )

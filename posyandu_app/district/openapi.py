"""The OpenAPI document of the server's interface, made from the messages themselves."""

from typing import Any

import msgspec

from posyandu_app import __version__
from posyandu_app.sync import wire

_REFS = "#/components/schemas/{name}"

# an operation travels as raw bytes, so its form is told here (fields of later versions may join it)
_OPERATION = {
    "type": "object",
    "description": "One deed of a person; see docs/sync-protocol.md.",
    "required": ["seq", "type", "v", "entity", "scope", "actor", "at", "hlc", "tx", "app", "payload"],
    "properties": {
        "seq": {"type": "integer", "minimum": 1},
        "type": {"type": "string", "example": "measurement.record"},
        "v": {"type": "integer", "minimum": 1},
        "entity": {"type": "string", "format": "uuid"},
        "scope": {"type": "string", "example": "32.11.13.2005.001"},
        "actor": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "hlc": {"type": "string", "pattern": "^[0-9a-f]{12}-[0-9a-f]{4}$"},
        "tx": {
            "anyOf": [
                {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3},
                {"type": "null"},
            ]
        },
        "app": {"type": "string"},
        "payload": {"anyOf": [{"type": "object"}, {"type": "null"}]},
    },
    "additionalProperties": True,
}

_ERRORS = {
    "400": "malformed",
    "401": "unknown_device, bad_signature",
    "403": "code_unknown, code_used, code_expired",
    "408": "too_slow",
    "409": "gap, fork, device_taken",
    "413": "too_large",
    "415": "bad_encoding",
    "422": "damaged",
    "429": "too_many, busy; Retry-After in seconds",
    "500": "server_error",
    "503": "busy (a proxy before the server); Retry-After in seconds",
}


def document() -> dict[str, Any]:
    """The whole document, ready to be encoded as JSON."""
    (exchange, reply, enrol, enrolled, health, error), components = msgspec.json.schema_components(
        [wire.Request, wire.Reply, wire.EnrolRequest, wire.EnrolReply, wire.Health, wire.ErrorReply],
        ref_template=_REFS,
    )
    operation = {"$ref": _REFS.format(name="Operation")}
    components["Operation"] = _OPERATION
    components["Segment"]["properties"]["ops"]["items"] = operation
    components["FeedItem"]["properties"]["op"] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Posyandu district server",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "Canonical JSON, signed by laptop and server; see docs/sync-protocol.md. "
            "Bodies may be compressed with zstd or gzip, both ways.",
        },
        "paths": {
            "/v1/enrol": {"post": _operation("enrol", "Join with a code", enrol, enrolled, error)},
            "/v1/exchange": {"post": _operation("exchange", "Say and hear", exchange, reply, error)},
            "/v1/health": {"get": _operation("health", "Whether the server is there", None, health, error)},
        },
        "components": {"schemas": components},
    }


def _operation(
    name: str, summary: str, body: dict[str, Any] | None, answer: dict[str, Any], error: dict[str, Any]
) -> dict[str, Any]:
    told: dict[str, Any] = {"200": _content("signed by the server" if body else "the server is up", answer)}
    for status, words in _ERRORS.items():
        if body is not None or status in ("500", "503"):
            told[status] = _content(words, error)
    operation: dict[str, Any] = {"operationId": name, "summary": summary, "responses": told}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}

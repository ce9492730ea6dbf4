"""What no laptop of ours would send: values made from the published schema, and values that upset others."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from nacl.signing import SigningKey

from tests.district.hand import b64, new_id

Place = tuple[str | int, ...]


class Raw(str):
    """JSON text that stands in a message as it is."""


def nested(depth: int) -> Raw:
    return Raw("[" * depth + "1" + "]" * depth)


LONG = hashlib.shake_128(b"odd").hexdigest(10_000)
"""Does not shrink in an index."""

TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\x7f\x1b\r\n\t",
    "\ud800",
    "\udfff\ud800",
    "e\u0301",  # not NFC
    "\ufeff\u200f\u202e",
    "\U0010ffff",
    "'; DROP TABLE op; --",
    "%s%n{0}{x.__class__}$1:name",
    "../../etc/passwd",
    "NaN",
    "1",
    "true",
    "2026-02-30",
    "2026-11-18",
    "2026-11-18T09:00:00+07:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "2026-W47-3T09+07",
    "ffffffffffff-ffff",
    "000000000000-0000",
    "child.register",
    "person.link",
    "a" * 65,
    "x" * 3_000,
    LONG,
    "9" * 5_000,
    "32.11.13.2005.001",
    "32.11.13.2005.002",
    "32",
    "32.11.13.2005.001.1.1.1",
    "00000000-0000-0000-0000-000000000000",
)
STORABLE_TEXTS = tuple(text for text in TEXTS if not any("\ud800" <= letter <= "\udfff" for letter in text))
NUMBERS = (0, 1, -1, 2, 31, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**62 - 1, 2**62, 2**63 - 1, 2**63)
NUMBERS += (-(2**31), -(2**63) + 1, -(2**63), 2**64, 10**30, 10**400)
RAW = (
    Raw("1.0"),
    Raw("-0"),
    Raw("-0.0"),
    Raw("1.5"),
    Raw("1e2"),
    Raw("1e999"),
    Raw("NaN"),
    Raw("-Infinity"),
    Raw("1" * 5_000),
    Raw("01"),
    Raw('"\\u0000"'),
    Raw('"\\ud800\\u0041"'),
    Raw('"\\x"'),
    Raw('{"a":1,"a":2}'),
    Raw('{"v":1,"v":"\\u0000","base":null,"base":[]}'),
    Raw('{"\\u0000":{"v":1,"base":null}}'),
    Raw('{"\\ud800":1}'),
    Raw('{"":""}'),
    Raw("undefined"),
    nested(28),
    nested(40),
    nested(5_000),
    Raw("[" + ",".join("0" * 100_000) + "]"),
    Raw("{" + ",".join(f'"f{n}":{{"v":{n},"base":null}}' for n in range(20_000)) + "}"),
)

plain = st.one_of(
    st.none(), st.booleans(), st.sampled_from(NUMBERS), st.sampled_from(TEXTS), st.text(max_size=30)
)
odd: st.SearchStrategy[Any] = st.one_of(
    plain,
    st.sampled_from(RAW),
    st.floats(allow_nan=True),
    st.recursive(
        plain,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(TEXTS), inner, max_size=4)
        ),
        max_leaves=8,
    ),
    st.builds(lambda seq: [new_id(), seq], st.sampled_from(NUMBERS)),
    st.builds(new_id),
)
"""Any value, many of them such as have upset some program or database before."""
storable: st.SearchStrategy[Any] = st.one_of(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63) + 1, 2**63 - 1)),
    st.sampled_from(STORABLE_TEXTS),
    st.sampled_from(
        [[], {}, {"v": "\x00"}, {"\x00": {"v": 1, "base": None}}, [[]], nested(20), RAW[-1], RAW[-2]]
    ),
    st.builds(lambda text: {text: {"v": text, "base": None}}, st.sampled_from(TEXTS[:4] + TEXTS[7:])),
    st.builds(lambda seq: [new_id(), seq], st.sampled_from(NUMBERS[:11])),
    st.builds(new_id),
)
"""Values that an operation may hold, so that it gets as far as the judge and the database."""


def of_schema(document: dict[str, Any], schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a JSON schema of the document allows."""
    if "$ref" in schema:
        return of_schema(document, resolved(document, schema))
    if "anyOf" in schema:
        return st.one_of([of_schema(document, one) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return _object(document, schema)
    if kind == "array":
        most = min(schema.get("maxItems", 4), 300)
        if "prefixItems" in schema:
            return st.tuples(*(of_schema(document, one) for one in schema["prefixItems"])).map(list)
        least = schema.get("minItems", 0)
        return st.lists(of_schema(document, schema.get("items", {})), min_size=least, max_size=most)
    if kind == "integer":
        least = schema.get("minimum")
        return st.one_of(
            st.integers(min_value=least), st.sampled_from([n for n in NUMBERS if least is None or n >= least])
        )
    if kind == "string":
        return _string(schema)
    return {"null": st.none(), "boolean": st.booleans(), "number": st.floats()}.get(kind, odd)


def _object(document: dict[str, Any], schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    fields = {name: of_schema(document, one) for name, one in schema.get("properties", {}).items()}
    needed = {name: made for name, made in fields.items() if name in schema.get("required", ())}
    optional = {name: made for name, made in fields.items() if name not in needed}
    made = st.fixed_dictionaries(needed, optional=optional)
    others = schema.get("additionalProperties", not fields)
    if not others:
        return made
    others = of_schema(document, others) if isinstance(others, dict) else odd
    names = st.one_of(st.builds(new_id), st.sampled_from(TEXTS))
    return st.builds(lambda known, more: {**more, **known}, made, st.dictionaries(names, others, max_size=3))


def _string(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    if schema.get("format") == "uuid":
        return st.builds(new_id)
    return st.one_of(st.sampled_from(TEXTS), st.text(max_size=20), st.builds(new_id))


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, where it is only named."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def places(document: dict[str, Any], schema: dict[str, Any], good: Any) -> Iterator[tuple[Place, dict]]:
    """Every part of a good message that the document describes, with its schema; also parts left out."""
    schema = resolved(document, schema)
    for one in schema.get("anyOf", ()):
        yield from places(document, one, good)
    if isinstance(good, dict):
        for name, part in schema.get("properties", {}).items():
            yield (name,), part
            for place, inner in places(document, part, good.get(name)):
                yield (name, *place), inner
    elif isinstance(good, list) and isinstance(schema.get("items"), dict):
        for number, item in enumerate(good):
            yield (number,), schema["items"]
            for place, inner in places(document, schema["items"], item):
                yield (number, *place), inner


def parts(value: Any) -> Iterator[Place]:
    """Every place in a value."""
    for name, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield (name,)
        if isinstance(item, (dict, list)):
            for place in parts(item):
                yield (name, *place)


def put(value: Any, place: Place, other: Any) -> Any:
    """The value with something else in one place."""
    if not place:
        return other
    name, *rest = place
    if isinstance(value, dict):
        return {**value, name: put(value.get(name), tuple(rest), other)}
    return [put(item, tuple(rest), other) if number == name else item for number, item in enumerate(value)]


def without(value: Any, place: Place) -> Any:
    """The value without one of its parts."""
    name, *rest = place
    if rest:
        return put(value, (name,), without(value[name], tuple(rest)))
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if key != name}
    return [item for number, item in enumerate(value) if number != name]


def text(value: Any) -> str:
    """JSON text of a value, in which `Raw` stands as it is; never fails."""
    raw: list[Raw] = []

    def marked(item: Any) -> Any:
        if isinstance(item, Raw):
            raw.append(item)
            return f"@raw {len(raw) - 1}@"
        if isinstance(item, dict):
            return {key: marked(one) for key, one in item.items()}
        return [marked(one) for one in item] if isinstance(item, list) else item

    made = json.dumps(marked(value), sort_keys=True, separators=(",", ":"))
    for number, item in enumerate(raw):
        made = made.replace(f'"@raw {number}@"', item)
    return made


def hashed(json_text: str) -> bytes:
    """SHA-256 of the canonical form, as far as a text has one."""
    try:
        again = json.loads(json_text)
        made = json.dumps(again, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        made = json_text
    return hashlib.sha256(made.encode("utf-8", "surrogatepass")).digest()


def signed(message: dict[str, Any], key: SigningKey) -> bytes:
    """The message signed as it is, whatever stands in it."""
    unsigned = text({name: value for name, value in message.items() if name != "signature"})
    signature = b64(key.sign(hashed(unsigned)).signature)
    return f'{unsigned[:-1]},"signature":"{signature}"}}'.encode()


def chained(previous: str, operation: dict[str, Any]) -> str:
    """The hash after an operation, whatever stands in it."""
    envelope = text({name: value for name, value in operation.items() if name != "payload"})
    payload = hashed(text(operation.get("payload")))
    return hashlib.sha256(bytes.fromhex(previous) + hashed(envelope) + payload).hexdigest()

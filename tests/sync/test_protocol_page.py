"""docs/sync-protocol.md is right: its vectors compute, its words and fields are those of the code."""

import hashlib
import json
import re
from pathlib import Path

import msgspec
from nacl.signing import SigningKey

from posyandu_app.district import verdicts
from posyandu_app.domain import derived_ids, forms, merge, operations, scopes
from posyandu_app.sync import wire
from posyandu_app.sync.signing import sign_segment, to_base64, verify_segment

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "sync-protocol.md").read_text(encoding="utf-8")
KEY = SigningKey(bytes(range(32)))
REQUEST = PAGE[PAGE.index("## Test vectors") :].split("```json\n")[1].split("\n```")[0]


def test_the_vectors_of_hashes_and_signatures_compute():
    request = wire.decode(REQUEST.encode(), wire.Request)
    (segment,) = request.segments
    chain, rows = operations.GENESIS, {"E": [], "P": [], "hash": [], "content": []}
    for raw in segment.ops:
        sealed = wire.read_operation(raw).sealed
        chain = sealed.chain(chain)
        for name, value in zip(
            rows,
            (sealed.envelope_hash, sealed.payload_hash, chain, sealed.content(segment.replica)),
            strict=True,
        ):
            rows[name].append(value.hex())
    for name, (first, second) in rows.items():
        assert f"| {name} | `{first}` | `{second}` |" in PAGE
    verify_segment(segment, KEY.verify_key)
    assert sign_segment(segment.replica, 1, 2, chain.hex(), KEY) == segment.sig
    assert wire.encode(json.loads(REQUEST)) == REQUEST.encode()
    digest = hashlib.sha256(REQUEST.encode()).digest()
    assert f"`{digest.hex()}`" in PAGE
    assert f"`{to_base64(KEY.sign(digest).signature)}`" in PAGE
    assert f"`{to_base64(bytes(KEY.verify_key))}`" in PAGE


def test_the_operation_that_is_shown_is_the_second_vector():
    shown = json.loads(PAGE.split("```json\n")[1].split("\n```")[0])
    assert json.loads(REQUEST)["segments"][0]["ops"][1] == shown


def test_the_rows_of_the_vectors_have_the_digests_on_the_page():
    (segment,) = wire.decode(REQUEST.encode(), wire.Request).segments
    digests = []
    for raw in segment.ops:
        operation = wire.read_operation(raw).operation
        kind = merge.entity_kind(operation)
        row = merge.project(kind, operation.entity, [merge.Known(segment.replica, operation.hlc, operation)])
        digests.append(row.digest().hex())
    assert "| row digest, when nothing else is known | `{}` | `{}` |".format(*digests) in PAGE


def test_every_field_with_a_class_or_a_form_and_every_kind_is_on_the_page():
    fields = {*merge.CHILD_FIELDS, *forms._CHILD, *forms._MEASURED, *merge._FIXED_FACT_FIELDS}
    rows = re.findall(r"^\| \w* ?\| ((?:`\w+`,? ?)+) \| (\w*) \|", PAGE, re.M)
    classes = {name: told for names, told in rows for name in re.findall(r"\w+", names) if told}
    assert classes == dict(merge.CHILD_FIELDS)
    assert {name for name in (*fields, *merge.KINDS) if f"`{name}`" not in PAGE} == set()
    for kind, owners in scopes.HANDED_OUT.items():
        assert f"`{kind}`" in PAGE
        assert owners <= {"tpg", "dinas"}
    assert str(derived_ids.POSYANDU) in PAGE
    assert str(derived_ids.SESSIONS) in PAGE


def test_every_field_of_every_message_is_on_the_page():
    messages = (wire.EnrolRequest, wire.EnrolReply, wire.Request, wire.Segment, wire.Reply, wire.Receipt)
    messages += (wire.Feed, wire.FeedItem, wire.Sanity, wire.Order, wire.Reader, wire.Health, wire.Continues)
    for message in messages:
        for field in msgspec.structs.fields(message):
            assert f'"{field.encode_name}"' in PAGE, f"{message.__name__}.{field.encode_name}"


def test_every_word_of_a_refusal_and_every_reason_is_on_the_page():
    source = (ROOT / "posyandu_app" / "district" / "refusal.py").read_text(encoding="utf-8")
    words = set(re.findall(r'Refusal\(\s*\d+,\s*"(\w+)"', source))
    assert {"malformed", "gap", "fork", "damaged", "too_large", "busy"} <= words
    for module in ("judge.py", "verdicts.py"):
        source = (ROOT / "posyandu_app" / "district" / module).read_text(encoding="utf-8")
        words |= set(re.findall(r'\bquarantined\(\s*"(\w+)"', source))
    words |= {verdicts.LEFT, verdicts.ERASED, verdicts.REVOKED, verdicts.OUT_OF_SCOPE}
    assert {"malformed", "out_of_scope", "outside_district", "judge_failed"} <= words
    assert {word for word in words if f"`{word}`" not in PAGE} == set()


def test_the_limits_on_the_page_are_the_limits():
    assert (wire.MAX_OPERATIONS, wire.MAX_BODY, wire.MAX_UNPACKED, wire.MAX_DEPTH) == (2000, 2**20, 2**24, 32)
    for limit in ("2,000 operations", "64 segments", "64 logs", "1 MiB", "16 MiB", "32 levels"):
        assert limit in PAGE

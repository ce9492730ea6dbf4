"""Bodies come back whole, within limits, or not at all."""

import gzip

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.sync.compression import ENCODINGS, BadCompression, TooLarge, pack, unpack

DATA = bytes(range(256)) * 100


@given(st.binary(max_size=2000), st.sampled_from([*ENCODINGS, "identity"]))
def test_a_body_comes_back(body, encoding):
    assert unpack(pack(body, encoding), encoding, 2000) == body


@pytest.mark.parametrize("encoding", [*ENCODINGS, "identity", ""])
def test_the_limit_is_exact(encoding):
    packed = pack(DATA, encoding or "identity")
    assert unpack(packed, encoding, len(DATA)) == DATA
    with pytest.raises(TooLarge):
        unpack(packed, encoding, len(DATA) - 1)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("damage", [lambda p: p[:-1], lambda p: p[:99], lambda p: p + b"x", lambda p: p + p])
def test_a_body_that_is_cut_or_followed_by_something_is_bad(encoding, damage):
    with pytest.raises(BadCompression):
        unpack(damage(pack(DATA, encoding)), encoding, 10**6)


@pytest.mark.parametrize("encoding", [*ENCODINGS, "br", "zstd,gzip", "ZSTD"])
def test_what_is_not_in_the_encoding_is_bad(encoding):
    with pytest.raises(BadCompression):
        unpack(b"bukan begitu", encoding, 10**6)


@given(st.binary(max_size=300), st.sampled_from(ENCODINGS))
def test_no_bytes_do_more_than_be_bad(body, encoding):
    with pytest.raises((BadCompression, TooLarge)):
        unpack(b"\x00" + body, encoding, 10**6)


@pytest.mark.parametrize(
    ("bomb", "encoding"),
    [
        (zstandard.ZstdCompressor(level=1).compress(bytes(2**28)), "zstd"),
        (zstandard.ZstdCompressor(level=1, write_content_size=False).compress(bytes(2**28)), "zstd"),
        (gzip.compress(bytes(2**26)), "gzip"),
    ],
    ids=["zstd", "zstd of unknown size", "gzip"],
)
def test_a_bomb_is_too_large_and_takes_no_more_memory_than_the_limit(bomb, encoding):
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(TooLarge):
        unpack(bomb, encoding, 2**20)
    assert tracemalloc.get_traced_memory()[1] < 2**23
    tracemalloc.stop()


def test_a_frame_that_wants_a_huge_window_is_refused():
    parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=1)
    huge = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    packed = huge.compress(bytes(2**25)) + huge.flush()
    with pytest.raises((BadCompression, TooLarge)):
        unpack(packed, "zstd", 2**20)

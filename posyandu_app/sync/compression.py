"""Smaller bodies both ways, and no body that unpacks to more than it may."""

import zlib

import zstandard

ENCODINGS = ("zstd", "gzip")

_WINDOW = 8 * 1024 * 1024
_LARGE = 256 * 1024
_LEVEL, _LEVEL_FOR_LARGE = 9, 1  # a session on a poor line is small; of years of data 1 makes less than 3


class TooLarge(ValueError):
    """A body that unpacks beyond the limit."""


class BadCompression(ValueError):
    """A body that is not in the encoding it claims."""


def pack(body: bytes, encoding: str) -> bytes:
    """The body in one of `ENCODINGS`, or as it is for "identity"."""
    if encoding == "zstd":
        level = _LEVEL if len(body) < _LARGE else _LEVEL_FOR_LARGE
        return zstandard.ZstdCompressor(level=level, write_content_size=True).compress(body)
    if encoding == "gzip":
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        return packer.compress(body) + packer.flush()
    if encoding == "identity":
        return body
    raise ValueError(f"unknown encoding {encoding!r}")


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as it was before `pack`, never holding more than `limit` bytes.

    Raises `TooLarge` beyond the limit, `BadCompression` for a damaged, cut or unknown body.
    """
    if encoding in ("", "identity"):
        if len(body) > limit:
            raise TooLarge
        return body
    if encoding == "zstd":
        return _unpack_zstd(body, limit)
    if encoding == "gzip":
        return _unpack_gzip(body, limit)
    raise BadCompression(f"unknown encoding {encoding[:20]!r}")


def _unpack_zstd(body: bytes, limit: int) -> bytes:
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    try:
        declared = zstandard.frame_content_size(body)
        if declared > limit:
            raise TooLarge
        # one buffer of the declared size, or of the limit: a lying frame cannot write past it
        return unpacker.decompress(
            body, max_output_size=limit, read_across_frames=False, allow_extra_data=False
        )
    except zstandard.ZstdError:
        if _unpacks_beyond(unpacker, body, limit):
            raise TooLarge from None
        raise BadCompression("damaged, cut short or followed by something else") from None


def _unpacks_beyond(unpacker: zstandard.ZstdDecompressor, body: bytes, limit: int) -> bool:
    try:
        with unpacker.stream_reader(body, read_across_frames=False) as reader:
            return len(reader.read(limit + 1)) > limit
    except zstandard.ZstdError:
        return False


def _unpack_gzip(body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(31)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise BadCompression("damaged") from None
    if len(unpacked) > limit:
        raise TooLarge
    if not unpacker.eof or unpacker.unused_data:
        raise BadCompression("cut short or followed by something else")
    return unpacked

"""Files beside the database that nobody reads without its key: sealed, whole or not there at all."""

import logging
from pathlib import Path

import zstandard
from nacl import encoding, secret
from nacl import hash as nacl_hash
from nacl.exceptions import CryptoError

from posyandu_app.files import write_atomically

ANALYSIS = "analysis"
"""The columns of the analysis: raw values of children, without names."""

_BIGGEST = 2**31 - 1

log = logging.getLogger(__name__)


def beside(database: Path, purpose: str) -> Path:
    """Where what is sealed for a purpose stands: beside the database, under its name."""
    return database.with_name(f"{database.stem}-{purpose}.bin")


def write(path: Path, key: bytes, purpose: str, content: bytes) -> None:
    """Seal the content for one purpose; raises `OSError` when the file cannot be written."""
    packed = zstandard.ZstdCompressor(level=1).compress(content)
    write_atomically(path, bytes(_box(key, purpose).encrypt(packed)))


def read(path: Path, key: bytes, purpose: str) -> bytes | None:
    """What was sealed for this purpose, or None when it is not there, damaged, or of another key."""
    try:
        opened = _box(key, purpose).decrypt(path.read_bytes())
        return zstandard.ZstdDecompressor().decompress(opened, max_output_size=_BIGGEST)
    except FileNotFoundError:
        return None
    except (OSError, CryptoError, zstandard.ZstdError):
        log.warning("a sealed file could not be read and is made anew: %s", purpose)
        return None


def _box(key: bytes, purpose: str) -> secret.SecretBox:
    """A key of its own for each purpose, from the key of the database."""
    name = purpose.encode()[:16].ljust(16, b"\0")
    return secret.SecretBox(nacl_hash.blake2b(b"", key=key, person=name, encoder=encoding.RawEncoder))

"""Sealed files: only the right key and purpose opens them, and damage is noticed."""

from posyandu_app.storage import sealed

KEY, OTHER = bytes(range(32)), bytes(32)


def test_what_was_sealed_is_read_again(tmp_path):
    sealed.write(tmp_path / "a.bin", KEY, "analysis", b"angka " * 1000)
    assert sealed.read(tmp_path / "a.bin", KEY, "analysis") == b"angka " * 1000


def test_another_key_or_purpose_reads_nothing(tmp_path):
    sealed.write(tmp_path / "a.bin", KEY, "analysis", b"angka")
    assert sealed.read(tmp_path / "a.bin", OTHER, "analysis") is None
    assert sealed.read(tmp_path / "a.bin", KEY, "map") is None


def test_damage_reads_as_nothing_and_so_does_no_file(tmp_path):
    path = tmp_path / "a.bin"
    assert sealed.read(path, KEY, "analysis") is None
    sealed.write(path, KEY, "analysis", b"angka" * 50)
    content = bytearray(path.read_bytes())
    content[30] ^= 1
    path.write_bytes(bytes(content))
    assert sealed.read(path, KEY, "analysis") is None
    path.write_bytes(b"")
    assert sealed.read(path, KEY, "analysis") is None


def test_nothing_can_be_read_on_the_disk(tmp_path):
    sealed.write(tmp_path / "a.bin", KEY, "analysis", b"Siti Nurhaliza")
    assert b"Siti" not in (tmp_path / "a.bin").read_bytes()

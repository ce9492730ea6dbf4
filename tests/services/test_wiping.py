"""A revoked laptop keeps nothing, also when the power goes in the middle."""

import pytest

from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, wiping


@pytest.mark.parametrize("left", [("posyandu.db", "backups/a.db"), ("posyandu.db-wal",), ()])
def test_what_a_power_cut_has_left_goes_at_the_next_start(tmp_path, left):
    folder = DataFolder(tmp_path)
    folder.backups.mkdir()
    (tmp_path / "settings.json").write_text("{}")
    for name in left:
        (tmp_path / name).write_bytes(b"x")
    wiping.finish(folder)
    assert all((tmp_path / name).exists() for name in left), "nothing goes that nobody has ordered away"
    (tmp_path / "dicabut").touch()
    wiping.finish(folder)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"settings.json"}
    assert accounts.labels(folder) == ()

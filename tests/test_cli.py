"""The command line: quick, in Indonesian, with exit codes for scripts."""

import subprocess
import sys

import pytest

from posyandu_app import cli


def test_help_names_every_command_in_indonesian(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "pemakaian:" in shown
    assert "tampilkan bantuan ini" in shown
    for name in cli.COMMANDS:
        assert f"\n    {name}" in shown


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert "pemakaian: posyandu " + name in capsys.readouterr().out


def test_an_unknown_word_is_named_and_exits_with_2(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["timbang"])
    assert ended.value.code == 2
    assert "timbang" in capsys.readouterr().err


def test_help_imports_neither_qt_nor_pandas_nor_the_database():
    heavy = ("PySide6", "pandas", "numpy", "sqlcipher3", "httpx", "litestar", "nacl", "msgspec")
    code = (
        "import sys\nfrom posyandu_app import cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_growth_needs_neither_qt_nor_the_database():
    heavy = ("PySide6", "sqlcipher3", "httpx", "litestar", "nacl")
    code = (
        "import sys\nfrom posyandu_app import cli\n"
        "assert cli.main(['growth', '/nonexistent.csv']) == 2\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_data_may_stand_before_or_after_the_command(tmp_path, monkeypatch):
    seen = []
    from posyandu_app.commands import selftest

    monkeypatch.setattr(selftest, "run", lambda args: seen.append(args.data) or 0)
    assert cli.main(["--data", str(tmp_path), "selftest"]) == 0
    assert seen == [tmp_path]


def test_selftest_finds_everything_in_place(capsys):
    assert cli.main(["selftest"]) == 0
    assert "✗" not in capsys.readouterr().out


def test_a_command_that_this_package_lacks_says_so(monkeypatch, capsys):
    monkeypatch.setitem(cli.COMMANDS, "district", ("posyandu_app.commands.left_out", "server"))
    assert cli.main(["district"]) == 2
    assert capsys.readouterr().err == "Perintah ini tidak ada di paket ini.\n"

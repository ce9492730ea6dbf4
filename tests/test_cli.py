"""The command line: quick, in Indonesian, with exit codes for scripts."""

import subprocess
import sys

import pytest

from posyandu_app import cli, i18n


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


@pytest.mark.parametrize("name", ["growth", "sync", "district"])
def test_a_data_folder_may_be_called_like_a_command(name, monkeypatch):
    seen = []
    from posyandu_app.commands import desktop

    monkeypatch.setattr(desktop, "run", lambda args: seen.append(str(args.data)) or 0)
    assert cli.main(["--data", name]) == 0
    assert seen == [name]


@pytest.mark.parametrize("words", [["--language", "en"], ["--language=en"]])
def test_every_command_speaks_english_when_asked(words, capsys):
    try:
        assert cli.main([*words, "growth", "nowhere.csv"]) == 2
        assert capsys.readouterr().err == 'The file "nowhere.csv" was not found. Check its name and folder.\n'
        with pytest.raises(SystemExit):
            cli.main([*words, "district", "--help"])
        shown = capsys.readouterr().out
        assert "usage: posyandu district" in shown
        assert "district health office server" in shown
    finally:
        i18n.set_language("id")


@pytest.mark.parametrize("place", ["berkas.txt", "berkas.txt/folder"])
def test_a_folder_that_cannot_be_made_is_a_sentence_not_a_trace(tmp_path, place, capsys):
    (tmp_path / "berkas.txt").write_text("bukan folder")
    words = ["district", "init", "--data", str(tmp_path / place), "--name", "Dinkes", "--region", "32.11"]
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith(f'"{tmp_path / place}" ')
    assert said.count("\n") == 1
    assert "Errno" not in said


def test_a_defect_is_told_calmly_and_without_what_it_said(monkeypatch, capsys):
    from posyandu_app.commands import selftest

    def broken(args):
        raise RuntimeError("Siti Aminah 3211136005250001")

    monkeypatch.setattr(selftest, "run", broken)
    assert cli.main(["selftest"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("Ada kesalahan di program ini")
    assert "RuntimeError in test_cli.broken" in said
    assert "Siti" not in said
    assert "3211" not in said


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

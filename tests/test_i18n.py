"""English is complete: every Indonesian sentence in the code is translated, with the same named fields."""

import ast
import json
import re
from pathlib import Path

import pytest

from posyandu_app import i18n

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = sorted((ROOT / "resources" / "i18n" / "en").glob("*.json"))
FIELD = re.compile(r"\{(\w*)[^}]*\}")


def sentences() -> dict[str, str]:
    """Every literal given to tr(), and where."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "posyandu_app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tr" and node.args:
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                first = node.args[0]
                assert not isinstance(first, ast.JoinedStr), f"f-string inside tr() at {where}"
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.setdefault(first.value, where)
    return found


def catalogue() -> dict[str, str]:
    merged: dict[str, str] = {}
    for path in CATALOGUES:
        for key, value in json.loads(path.read_text(encoding="utf-8")).items():
            assert merged.get(key, value) == value, f"two translations of {key!r}, one in {path.name}"
            merged[key] = value
    return merged


def test_every_sentence_has_an_english_translation():
    missing = {text: where for text, where in sentences().items() if text not in catalogue()}
    assert missing == {}


def test_translations_keep_the_named_fields():
    wrong = [k for k, v in catalogue().items() if sorted(FIELD.findall(k)) != sorted(FIELD.findall(v))]
    assert wrong == []


def test_no_translation_is_empty():
    assert [key for key, value in catalogue().items() if not value.strip()] == []


def test_switching_the_language_switches_the_sentence():
    i18n.set_language("en")
    assert i18n.tr("PERINTAH") == "COMMAND"
    i18n.set_language("id")
    assert i18n.tr("PERINTAH") == "PERINTAH"


def test_an_unknown_language_is_refused_and_the_old_one_stays():
    with pytest.raises(ValueError, match="unknown language"):
        i18n.set_language("xx")
    assert i18n.language() == "id"

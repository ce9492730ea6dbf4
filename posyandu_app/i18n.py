"""Two languages: source sentences are Indonesian, English comes from a complete catalogue.

A leaf module: standard library only, importable from every room. Sentences with
values keep named fields outside the call: `tr("Berat naik {gain} g").format(gain=250)`.
"""

import json
from functools import lru_cache

from posyandu_app.paths import resources

LANGUAGES = ("id", "en")
_MARKS = str.maketrans(",.", ".,")
_language = "id"


@lru_cache(maxsize=1)
def _english() -> dict[str, str]:
    folder = resources() / "i18n" / "en"
    catalogue: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        catalogue.update(json.loads(path.read_text(encoding="utf-8")))
    return catalogue


def set_language(language: str) -> None:
    """Switch the language of every sentence made from now on; unknown languages are refused."""
    global _language
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}")
    _language = language


def language() -> str:
    """The language in force: "id" or "en"."""
    return _language


def written(plain: str) -> str:
    """A number as Python writes it ("1,234.5") as people write it in the language in force ("1.234,5").

    Not for files and messages whose form is prescribed.
    """
    return plain.translate(_MARKS) if _language == "id" else plain


def tr(sentence: str) -> str:
    """The sentence in the language in force; an untranslated one stays Indonesian."""
    if _language == "id":
        return sentence
    return _english().get(sentence, sentence)

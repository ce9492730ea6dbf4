"""The diary says what happened and never to whom: no name, no NIK, no key, whatever somebody logs."""

import ast
import logging
import os
import stat
import uuid
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posyandu_app import logs

PACKAGE = Path(logs.__file__).parent
NAME, NIK, KEY = "Siti Aminah", "3211136311250001", "00112233445566778899aabbccddeeff" * 2


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "logs"


@pytest.fixture
def diary(folder):
    handler = logs.start(folder)
    yield lambda: (folder / logs.FILE).read_text(encoding="utf-8") if (folder / logs.FILE).exists() else ""
    logs.stop(handler)


@pytest.fixture
def ours():
    return logging.getLogger("posyandu_app.sync.engine")


class Color(StrEnum):
    RED = "red"


def test_an_event_is_there_with_its_figures(diary, ours):
    ours.info("exchange done: %d sent, %s received in %.1f s, %s, %d%%", 12, 7, 1.25, Color.RED, 100)
    line = diary()
    assert "INFO posyandu_app.sync.engine" in line
    assert "exchange done: 12 sent, 7 received in 1.2 s, red, 100%" in line.replace("1.25", "1.2")


def test_an_id_is_shortened_to_what_tells_two_apart(diary, ours):
    for entity in (str(uuid.uuid4()), "00000000-0000-4000-8000-123456789012"):
        ours.warning("operation %s held", entity)
        assert f"operation id:{entity[-6:]} held" in diary()
        assert entity not in diary()


@pytest.mark.parametrize(
    "value", [NAME, NIK, int(NIK), KEY, KEY.encode(), [NAME], {"name": NAME}, Path(f"/home/{NAME}"), object()]
)
def test_what_could_be_about_a_person_is_hidden(diary, ours, value):
    ours.error("trouble with %s here", value)
    assert "trouble with ‹…› here" in diary()


def test_a_sentence_with_the_figure_already_in_it_is_blotted(diary, ours):
    ours.error(f"child {NIK} and 3211 1363 1125 0001 and key {KEY}")
    text = diary()
    assert NIK not in text
    assert "3211 1363" not in text
    assert KEY not in text
    assert "child ‹…› and" in text


def test_of_an_error_only_its_type_and_where_it_came_from(diary, ours):
    def deep() -> None:
        raise ValueError(f"cannot read {NAME} {NIK}")

    try:
        try:
            deep()
        except ValueError as error:
            raise RuntimeError(NAME) from error
    except RuntimeError:
        ours.exception("saving failed")
    text = diary()
    assert "saving failed" in text
    assert "RuntimeError in test_logs" in text
    assert "ValueError in test_logs.deep" in text
    assert NAME not in text
    assert str(Path(__file__).parent) not in text


def test_what_other_libraries_say_is_left_out(diary):
    logging.getLogger("httpx").warning("GET https://dinas/child?name=%s", NAME)
    logging.getLogger("posyandu_apple").warning(NAME)
    text = diary()
    assert "WARNING httpx" in text
    assert "dinas" not in text
    assert NAME not in text


def test_a_line_stays_a_line(diary, ours):
    ours.info("first\nsecond %s", "x\ny")
    assert len(diary().splitlines()) == 1


@pytest.mark.parametrize("arguments", [(), (1,), (1, 2, 3)])
def test_a_wrong_number_of_figures_is_no_trouble(ours, arguments):
    record = logging.LogRecord(ours.name, logging.INFO, __file__, 1, "%s and %s", arguments, None)
    assert "and" in logs.Diary().format(record)


def test_old_pages_are_dropped(folder, ours, monkeypatch):
    monkeypatch.setattr(logs, "_LARGEST", 2000)
    handler = logs.start(folder)
    for number in range(500):
        ours.info("line %d", number)
    logs.stop(handler)
    files = list(folder.iterdir())
    assert len(files) == 5
    assert all(path.stat().st_size <= 2000 for path in files)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_this_user_may_look_into_the_folder(diary, folder, ours):
    ours.info("hello")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_after_the_end_nothing_is_written(folder, ours):
    handler = logs.start(folder)
    logs.stop(handler)
    ours.warning("too late")
    assert not (folder / logs.FILE).exists()


names = st.sampled_from(("Siti Aminah", "siti", "Budi-Ani", "O'Neil", "Éuis", "Nur Hayati binti Asep"))
niks = st.from_regex(r"[0-9]{16}", fullmatch=True)
keys = st.from_regex(r"[0-9a-f]{64}", fullmatch=True) | st.from_regex(r"[A-Za-z0-9+/]{43}=", fullmatch=True)


@given(name=names, nik=niks, key=keys)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_argument_of_any_kind_lets_a_person_through(diary, ours, name, nik, key):
    ours.info("one %s two %r three %s", name, nik, key)
    ours.info("by name: %(name)s", {"name": name})
    ours.info("a dict: %s", {"name": name})
    ours.error("an error: %s", ValueError(name))
    text = diary()
    assert name not in text.replace("posyandu_app", "")
    assert nik not in text
    assert key not in text


def test_our_own_sentences_are_written_out_in_the_source():
    """What is logged by our modules is a literal: nothing about a person can be inside it."""
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                continue
            if node.func.attr in ("debug", "info", "warning", "error", "exception", "critical"):
                sentence = node.args[0]
                if not (isinstance(sentence, ast.Constant) and isinstance(sentence.value, str)):
                    wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert wrong == []

"""A short run of the fuzz by the server's own OpenAPI document; `python -m tests.fuzz` is the long one."""

from tests import fuzz


def test_no_request_makes_the_server_fail_or_tell_a_stranger_anything(tmp_path):
    answers = fuzz.run(tmp_path / "dinas", 8)
    assert any(key.startswith("/v1/exchange signed") for key in answers)
    assert any(key.startswith("/v1/exchange stranger 401") for key in answers)
    assert any(key.startswith("/v1/enrol") for key in answers)
    assert sum(answers.values()) > 100

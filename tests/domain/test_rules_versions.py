"""Programme rules of the Dinas: the newest valid version is in force, on laptops of every version."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.domain import rules_versions as rv
from posyandu_app.domain.errors import InvalidValue, UserError
from posyandu_app.domain.operations import canonical
from posyandu_app.domain.rules import adopt, default_rules, load, shipped_text
from posyandu_app.domain.rules_versions import RulesVersion, in_force

TODAY = date(2026, 11, 23)


def text(version: str = "sumedang-1", **changes: str) -> str:
    written = shipped_text().replace('version = "2026.1"', f'version = "{version}"')
    for key, value in changes.items():
        (line,) = [line for line in written.splitlines() if line.split("=")[0].strip() == key]
        written = written.replace(line, f"{key} = {value}")
    return written


def version(number: int = 1, content: str | None = None, **more) -> RulesVersion:
    values = {"id": f"v{number}", "holds_from": date(2026, 1, 1), "hlc": str(number)}
    written = text(f"sumedang-{number}") if content is None else content
    return RulesVersion(number=number, content=written, **{**values, **more})


def test_without_a_version_the_shipped_rules_are_in_force():
    found = in_force((), TODAY)
    assert (found.rules, found.version) == (default_rules(), None)


def test_the_highest_number_counts_whatever_the_clocks_said():
    old = version(1, hlc="ffffffffffff-0000")
    new = version(2, hlc="000000000000-0000")
    assert in_force([old, new], TODAY).rules.version == "sumedang-2"


def test_two_published_at_once_are_ordered_alike_everywhere():
    one, other = version(1, text("satu"), id="a", hlc="1"), version(1, text("dua"), id="b", hlc="2")
    assert in_force([one, other], TODAY) == in_force([other, one], TODAY)
    assert in_force([one, other], TODAY).rules.version == "dua"


@pytest.mark.parametrize(
    ("on", "expected"), [(date(2026, 11, 30), "sumedang-1"), (date(2026, 12, 1), "sumedang-2")]
)
def test_a_version_holds_from_its_day(on, expected):
    assert in_force([version(1), version(2, holds_from=date(2026, 12, 1))], on).rules.version == expected


def test_what_cannot_be_read_or_was_withdrawn_is_passed_over():
    broken = [
        version(3, "bukan toml ["),
        version(4, text("x", refer_after_t="7")),
        version(5, withdrawn=True),
    ]
    assert in_force([version(1), *broken], TODAY).rules.version == "sumedang-1"
    assert in_force(broken, TODAY).version is None


def test_a_rule_that_an_older_app_did_not_know_is_as_shipped_and_one_of_a_newer_app_is_left_out():
    older = "\n".join(line for line in text(gizi_buruk="9").splitlines() if "gizi_kurang_makan" not in line)
    with pytest.raises(UserError, match="gizi_kurang_makan"):
        load(older)
    revisit = adopt(older).revisit_days
    assert (revisit.gizi_buruk, revisit.gizi_kurang_makan) == (9, 7)
    newer = text(gizi_buruk="5") + "\n[baru]\naturan = 1\n"
    with pytest.raises(UserError, match="baru"):
        load(newer)
    assert adopt(newer).revisit_days.gizi_buruk == 5
    assert adopt(shipped_text()) == default_rules()


def test_a_row_of_kbm_is_replaced_as_a_whole():
    written = shipped_text().replace('"6-7" = 400', '"6" = 400\n"7" = 350')
    assert adopt(written).kbm_boys[6:8] == (400, 350)
    holey = shipped_text().replace('"6-7" = 400\n', "")
    with pytest.raises(UserError, match="kbm_boys"):
        adopt(holey)


@pytest.mark.parametrize(
    "content", ["", "format = 2", "kms = 1", "[kms]\nred_line_sd = 'x'", "\x00", "a" * 300_000]
)
def test_adopting_never_takes_what_is_wrong(content):
    try:
        found = adopt(content)
    except UserError:
        return
    assert found == default_rules(), "nothing said is as shipped"


def test_publishing_gives_the_next_number_and_asks_for_a_name_of_its_own():
    made = rv.check(version(0, text("sumedang-9"), note=" Juknis\tbaru "), [version(1), version(7)])
    assert (made.number, made.note) == (8, "Juknis baru")
    for taken in ("2026.1", "sumedang-7"):
        with pytest.raises(InvalidValue) as caught:
            rv.check(version(0, text(taken)), [version(7)])
        assert caught.value.field == "version"


def test_publishing_names_the_rule_that_is_wrong():
    with pytest.raises(UserError, match=r"kms\.refer_after_t"):
        rv.check(version(0, text(refer_after_t="3")), ())
    with pytest.raises(UserError, match="aturan"):
        rv.check(version(0, text() + "\n[aturan]\n"), ())


def test_a_hostile_number_leaves_room_for_the_next():
    made = rv.check(version(0, text("baru")), [version(2**63 - 1)])
    canonical(rv.payload(made))


def test_what_is_written_is_read_back():
    made = version(3, note="Juknis baru", by="Ibu Rina", hlc="")
    values = {name: change["v"] for name, change in rv.payload(made).items()}
    canonical(rv.payload(made))
    assert rv.read("v3", values) == made


@given(
    st.dictionaries(
        st.sampled_from(["number", "text", "from", "note", "withdrawn", "by", "lain"]),
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=20) | st.lists(st.none()),
    )
)
def test_a_hostile_row_is_never_in_force(values):
    found = rv.read("v", values)
    assert in_force([found] if found is not None else [], TODAY).rules == default_rules()

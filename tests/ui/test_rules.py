"""Programme rules on screen: everybody reads them with their source, the Dinas changes them knowingly."""

import pytest
from PySide6.QtCore import Qt

from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.domain.rules_form import Group, fields
from posyandu_app.services import programme_rules
from tests import offices

Key = Qt.Key


@pytest.fixture
def clock():
    return FixedClock(offices.NOW)


@pytest.fixture
def at(start, tmp_path):
    def begin(role: Role):
        hands = start(offices.make(tmp_path / role, role))
        assert hands.app.unlock(offices.LABELS[role], offices.PASSWORD)
        hands.settle()
        hands.app.desk.go("rules")
        hands.settle()
        return hands

    return begin


def page(hands):
    return hands.main.screen_of("rules")


def choose(hands, key):
    at = page(hands).model.index_of(key)
    page(hands).list.setFocus()
    page(hands).list.setCurrentIndex(page(hands).model.index(at, 0))
    hands.settle()


def change(hands, key, value):
    choose(hands, key)
    hands.press(Key.Key_Return)
    hands.focus.selectAll()
    hands.paste(value)
    hands.press(Key.Key_Return)


def test_everybody_reads_every_rule_with_default_and_source(at):
    hands = at(Role.KADER)
    assert hands.text("rules_lead").startswith("Berlaku: versi 2026.1.")
    seen = {}
    for number in range(len(Group)):
        hands.press(Qt.Key(ord(str(number + 1))))
        seen |= {line.key: line for line in page(hands).model.rows}
    assert len(seen) == len(fields())
    assert seen["kms.refer_after_t"].right == "2 kali"
    assert seen["targets.d_s_percent"].text == "Bawaan · SIGIZI 2013"
    hands.press(Key.Key_1)
    choose(hands, "kms.refer_after_t")
    hands.press(Key.Key_Return)
    assert not page(hands).value.isVisible(), "a kader does not edit"
    hands.press(Key.Key_F9)
    hands.press(Key.Key_F7)
    assert programme_rules.versions(hands.app.workspace) == ()


def test_the_dinas_changes_sees_the_effect_publishes_and_takes_back(at):
    hands = at(Role.DINAS)
    hands.press(Key.Key_F9)
    assert "Belum ada yang diubah" in hands.text("undo_text")
    change(hands, "kms.refer_after_t", "1")
    assert "1 perubahan belum diterbitkan." in hands.text("rules_lead")
    line = page(hands).model.row(page(hands).model.index_of("kms.refer_after_t"))
    assert (line.right, line.below) == ("1 kali", "belum diterbitkan")
    hands.press(Key.Key_F9)
    found = page(hands).found
    assert found is not None, "nothing is published before its effect was seen"
    assert programme_rules.versions(hands.app.workspace) == ()
    assert f"Dari {found.children} anak" in hands.text("rules_effect_told")
    assert len(page(hands).affected_model.rows) == len(found.affected)
    assert all("•••" in line.title for line in page(hands).affected_model.rows)
    assert not any("Melati" in line.title for line in page(hands).affected_model.rows), "nor their posyandu"
    hands.type("rapat Dinas")
    hands.press(Key.Key_F9)
    ws = hands.app.workspace
    assert (ws.rules.version, ws.rules.refer_after_t) == ("2026.2", 1)
    (version,) = programme_rules.versions(ws)
    assert (version.by, version.note, version.holds_from) == ("Ibu Dewi", "rapat Dinas", offices.NOW.date())
    assert hands.text("undo_text") == "Aturan diterbitkan: 2026.2"
    assert hands.text("rules_lead") == "Berlaku: versi 2026.2. Versi ini tercetak di setiap laporan."
    line = page(hands).model.row(page(hands).model.index_of("kms.refer_after_t"))
    assert (line.right, line.below) == ("1 kali", "diganti Dinas")
    hands.ctrl(Key.Key_Z)
    assert (ws.rules.version, ws.rules.refer_after_t) == ("2026.1", 2)


def test_the_effect_counts_children_tones_and_report_figures(at):
    hands = at(Role.DINAS)
    change(hands, "kms.red_line_sd", "−1,00")
    hands.press(Key.Key_F7)
    found = page(hands).found
    assert found.figures_after.bgm > found.figures_before.bgm
    assert found.figures_after.N == found.figures_before.N
    rows = {line[0]: line[1:] for line in page(hands).figures._lines}
    assert rows["BGM, Oktober 2026"] == (str(found.figures_after.bgm), str(found.figures_before.bgm))
    assert sum(found.tones_before.values()) == sum(found.tones_after.values()) == found.children
    hands.press(Key.Key_Escape)
    assert "1 perubahan" in hands.text("rules_lead"), "looking back loses nothing"


def test_wrong_values_are_told_in_words_and_stay(at):
    hands = at(Role.DINAS)
    choose(hands, "kms.refer_after_t")
    hands.press(Key.Key_Return)
    for typed, told in (("5", "harus bilangan bulat 1 sampai 2."), ("dua", "tulis seperti 14.")):
        hands.focus.selectAll()
        hands.type(typed)
        hands.press(Key.Key_Return)
        assert hands.text("rules_value_note").endswith(told)
        assert page(hands).value.text() == typed
    hands.press(Key.Key_Escape)
    assert not page(hands).value.isVisible()
    assert page(hands).state.changes == {}
    assert hands.main.place == "rules"


def test_a_value_typed_back_is_no_change(at):
    hands = at(Role.DINAS)
    change(hands, "kms.refer_after_t", "1")
    change(hands, "kms.refer_after_t", "2")
    assert page(hands).state.changes == {}


def test_the_history_says_who_and_when_and_a_version_can_be_withdrawn(at):
    hands = at(Role.DINAS)
    for typed in ("1", "2"):
        change(hands, "kms.refer_after_t", typed)
        hands.press(Key.Key_F7)
        hands.press(Key.Key_F9)
    hands.press(Key.Key_F6)
    lines = page(hands).history_model.rows
    assert [(line.title, line.right, line.below) for line in lines] == [
        ("Versi 2026.3", "berlaku", "Ibu Dewi, mulai 23/11/2026"),
        ("Versi 2026.2", "", "Ibu Dewi, mulai 23/11/2026"),
    ]
    hands.ctrl(Key.Key_D)
    assert hands.app.workspace.rules.version == "2026.2"
    assert page(hands).history_model.row(0).right == "ditarik"


def test_rules_that_come_by_line_or_stick_hold_at_once(at):
    """Nobody has to unlock again for them."""
    hands = at(Role.BIDAN)
    ws = hands.app.workspace
    with offices.somebody(ws, Role.DINAS) as dinas:
        text = programme_rules.content(dinas).replace('"2026.1"', '"sumedang-1"')
        changes = programme_rules.publish(dinas, text.replace("refer_after_t = 2", "refer_after_t = 1"))
    assert ws.rules.refer_after_t == 2, "still the old ones in this workspace"
    hands.main._received(changes)
    hands.settle()
    assert ws.rules.refer_after_t == 1
    assert hands.text("rules_lead").startswith("Berlaku: versi sumedang-1.")

"""No way that the Dinas can go shows a name or a NIK, but for a card whose opening is written down."""

from datetime import date

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from posyandu_app.domain import names
from posyandu_app.domain.clock import FixedClock
from posyandu_app.domain.model import Role
from posyandu_app.domain.reports_check import Item
from posyandu_app.services import access, recommendations
from posyandu_app.ui.screens.report_state import address
from tests import offices
from tests.services.test_deciding import OtherLaptop
from tests.ui.conftest import Hands

Key = Qt.Key


@pytest.fixture
def clock():
    return FixedClock(offices.NOW)


@pytest.fixture
def at(start, tmp_path):
    def begin(role: Role) -> Hands:
        hands = start(offices.make(tmp_path / role, role))
        assert hands.app.unlock(offices.LABELS[role], offices.PASSWORD)
        hands.settle()
        for name in ("report", "analysis", "quality"):
            screen = hands.main.screen_of(name)
            screen.paper_folder = tmp_path / "kertas"
            screen.show_paper = lambda path: None
        return hands

    return begin


def secrets(hands):
    """Every name of two words and every NIK on this laptop, as they would be written."""
    found = set()
    for name, mother, nik in hands.app.workspace.database.rows("SELECT name, mother_name, nik FROM child"):
        found |= {word.casefold() for word in (name, mother, nik) if word and (" " in word or word.isdigit())}
    assert len(found) > 100
    return found


def texts(window):
    """Everything a window says: to eyes, to screen readers, and what could be copied from it."""
    said = [window.windowTitle(), QApplication.clipboard().text()]
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        said += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()]
        if isinstance(widget, QLabel | QLineEdit | QAbstractButton):
            said.append(widget.text())
        if isinstance(widget, QPlainTextEdit):
            said.append(widget.toPlainText())
        if isinstance(widget, QAbstractItemView) and isinstance(widget.model(), QAbstractItemModel):
            model = widget.model()
            for at in range(model.rowCount()):
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                    said.append(str(model.data(model.index(at, 0), role) or ""))
    return "\n".join(said).casefold()


def named(hands):
    """The names and NIK in sight."""
    said = texts(hands.app.window)
    return sorted(secret for secret in secrets(hands) if secret in said)


def one_child(hands):
    """A child with a name of two words and a NIK, whom a line of the October report leads to."""
    return hands.app.workspace.database.one(
        "SELECT id, name, nik FROM child WHERE name LIKE '% %' AND nik IS NOT NULL ORDER BY id"
    )


def test_the_search_for_names_finds_them_where_they_may_be_read(at):
    """The test's own eyes: on the roster of a puskesmas there are names."""
    hands = at(Role.TPG)
    hands.go("roster")
    assert len(named(hands)) > 5


def test_every_page_of_the_dinas_is_without_a_name(at):
    hands = at(Role.DINAS)
    child, _, _ = one_child(hands)
    with offices.somebody(hands.app.workspace, Role.TPG) as tpg:
        hands.main._received(
            recommendations.send(tpg, "Ukur ulang", child_id=child, due_on=date(2026, 12, 1))
        )
    hands.settle()
    for place in ("analysis", "recommend", "reports", "sync", "settings"):
        hands.go(place)
        assert named(hands) == [], place
    hands.go("analysis")
    for view in "12345678":
        hands.type(view)
        assert named(hands) == [], f"view {view}"
    hands.type("1")
    for _ in range(4):
        hands.press(Key.Key_Return)
        assert hands.main.place == "analysis"
        assert named(hands) == []
    assert access.openings(hands.app.workspace) == ()


def test_the_records_behind_data_quality_and_a_report_are_without_a_name(at):
    hands = at(Role.DINAS)
    hands.go("analysis")
    hands.type("9")
    quality = hands.main.screen_of("quality")
    listed = 0
    hands.press(Key.Key_Return)
    for _ in range(quality.checks.model.rowCount()):
        hands.press(Key.Key_Return)
        listed += quality.people.model.rowCount()
        assert named(hands) == [], quality.state.check
        hands.press(Key.Key_Escape)
        hands.press(Key.Key_Down)
    assert listed > 10
    hands.main.go("report", address(offices.world().scopes[0], offices.LAST))
    hands.settle()
    report = hands.main.screen_of("report")
    behind = 0
    for _ in Item:
        behind += report.behind.rowCount()
        assert named(hands) == []
        hands.press(Key.Key_Down)
    assert behind > 0, "lines of the checklist lead to children"
    assert all("•" in report.behind.row(at).title for at in range(report.behind.rowCount()))
    hands.ctrl(Key.Key_E)
    (book,) = report.paper_folder.iterdir()
    from posyandu_app.reports import spreadsheet

    cells = "\n".join(
        str(cell) for sheet in spreadsheet.sheets(book) for row in sheet.rows for cell in row
    ).casefold()
    assert not [secret for secret in secrets(hands) if secret in cells]


def test_what_laptops_disagree_on_is_without_a_name(at):
    hands = at(Role.DINAS)
    ws = hands.app.workspace
    child, name, nik = one_child(hands)
    twin, record = (
        row[0]
        for row in ws.database.rows(
            "SELECT id FROM child WHERE id <> ? AND name LIKE '% %' ORDER BY id LIMIT 2", (child,)
        )
    )
    other = OtherLaptop(ws)
    other.writes("child.set", child, {"nik": {"v": f"{nik[:-1]}{9 - int(nik[-1])}", "base": None}})
    for field, value in (("name", f"{name} Kedua"), ("mother_name", "Euis Rohayati")):
        other.writes("child.set", child, {field: {"v": value, "base": None}})
    other.writes("person.link", twin, {"other": record, "reason": "sama"})
    hands.main.go("decide")
    hands.settle()
    questions = hands.main.current.state.waiting
    assert [item.id.split(":")[-1] for item in questions.decisions] == ["mother_name", "name", "nik"]
    for _ in questions.decisions:
        assert hands.text("decide_name") == names.initials(f"{name} Kedua")
        assert "euis rohayati" not in texts(hands.app.window)
        assert named(hands) == [], hands.text("decide_question")
        hands.press(Key.Key_PageDown)
    hands.press(Key.Key_F3)
    assert hands.text("decide_question").startswith("Satu anak menurut")
    assert named(hands) == []


def test_writing_to_the_dinas_offers_no_child_by_name_or_nik(at):
    hands = at(Role.DINAS)
    _, name, nik = one_child(hands)
    for text in (name, nik, name.split()[0]):
        hands.go("recommend")
        hands.ctrl(Key.Key_N)
        assert hands.main.place == "recommend_write"
        write = hands.main.screen_of("recommend_write")
        write.to.edit.clear()
        hands.type(text)
        hands.wait(400)
        assert not any(offer.key.startswith("child:") for offer in write.to._found)
        write.to.edit.clear()
        hands.press(Key.Key_Escape)
    assert access.openings(hands.app.workspace) == ()


def test_a_recommendation_about_a_child_begins_on_her_card_and_names_her_nowhere_else(at):
    hands = at(Role.DINAS)
    child, name, _ = one_child(hands)
    hands.go("analysis")
    hands.main.go("child", child)
    hands.settle()
    assert name.casefold() in named(hands), "an opened card is in full"
    assert [one.child for one in access.openings(hands.app.workspace)] == [child]
    hands.type("r")
    assert hands.main.place == "recommend_write"
    assert named(hands) == []
    hands.type("Ukur ulang tinggi badannya")
    hands.press(Key.Key_F9)
    assert hands.main.place == "recommend"
    assert named(hands) == [], "neither in the list nor in what can be undone"
    assert "Rekomendasi dikirim" in hands.text("undo_text")
    hands.press(Key.Key_Return)
    assert hands.main.place == "recommendation"
    assert named(hands) == []
    hands.ctrl(Key.Key_N)
    assert named(hands) == []


def test_a_recommendation_about_a_child_is_written_down_as_an_opening(at):
    hands = at(Role.DINAS)
    child, _, _ = one_child(hands)
    recommendations.send(hands.app.workspace, "Kunjungi", child_id=child)
    assert [(one.child, one.who) for one in access.openings(hands.app.workspace)] == [
        (child, offices.LABELS[Role.DINAS])
    ]


def test_a_puskesmas_reads_names_but_no_nik_in_full(at):
    """TPG see names; numbers stand masked on every page of theirs, the child's card too."""
    hands = at(Role.TPG)
    numbers = {secret for secret in secrets(hands) if secret.isdigit()}
    child, _, _ = one_child(hands)
    for place in ("roster", "day", "review", "analysis", "recommend", "reports", "sync", "settings"):
        hands.go(place)
        assert not [number for number in numbers if number in texts(hands.app.window)], place
    hands.main.go("child", child)
    hands.settle()
    for page in "12345":
        hands.type(page)
        assert not [number for number in numbers if number in texts(hands.app.window)], page

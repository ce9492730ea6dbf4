"""What a pointer at rest is told is shown as it was written: a name is never read as HTML."""

from pathlib import Path

import pytest
from PySide6.QtGui import Qt, QTextDocumentFragment
from PySide6.QtWidgets import QWidget

from posyandu_app.ui.widgets.basic import ElidedLabel
from posyandu_app.ui.widgets.tips import show_tip

SCREENS = Path(__file__).parents[2] / "posyandu_app" / "ui"
TAGGED = 'Ani <img src="file:///etc/hostname"> Putri & <b>Sari</b>'


def told(widget):
    tip = widget.toolTip()
    return QTextDocumentFragment.fromHtml(tip).toPlainText() if Qt.mightBeRichText(tip) else tip


@pytest.mark.parametrize("text", [TAGGED, "Berat 8 < 9 kg", "Ani Putri", "satu\ndua", ""])
def test_it_is_told_as_it_is_written(qtbot, text):
    widget = QWidget()
    qtbot.addWidget(widget)
    show_tip(widget, text)
    assert told(widget) == text


def test_a_name_that_does_not_fit_is_told_whole_and_plain(qtbot):
    label = ElidedLabel(None, TAGGED, "body")
    qtbot.addWidget(label)
    label.resize(60, 30)
    label.show()
    label.grab()
    assert told(label) == TAGGED


def test_no_screen_goes_around_it():
    around = [
        path.name
        for path in SCREENS.rglob("*.py")
        if "setToolTip" in path.read_text(encoding="utf-8") and path.name != "tips.py"
    ]
    assert around == []

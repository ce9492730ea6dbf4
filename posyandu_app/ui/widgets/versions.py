"""Two or more versions side by side: what they say, where they differ, who wrote them, when and where."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from posyandu_app.i18n import tr
from posyandu_app.services.deciding import Line, Version
from posyandu_app.ui import icons, paint, theme, words
from posyandu_app.ui.widgets.basic import Button, Card, Label
from posyandu_app.ui.widgets.rail import role_name
from posyandu_app.ui.widgets.tips import show_tip

ROW = 32
MOST_LINES = 3
_LABELS_AT_MOST = 0.6
"""The part of a card's width that labels may take, with the gap after them."""


class Lines(QWidget):
    """Label and value in lines; a value that differs stands on a ground of its own, with a sign before it.

    What is too long for one line goes on in the next, so that it can be compared to its end.
    """

    def __init__(self, parent: QWidget, lines: Sequence[Line]) -> None:
        super().__init__(parent)
        self._lines = tuple(lines)
        told = [
            f"{line.label}: {line.value}" + (f" ({tr('berbeda')})" if line.differs else "") for line in lines
        ]
        self.setAccessibleName("; ".join(told))
        show_tip(self, "\n".join(told))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        return QSize(280, self.heightForWidth(280))

    def minimumSizeHint(self) -> QSize:
        return QSize(180, theme.current().px(ROW) * len(self._lines))

    def heightForWidth(self, width: int) -> int:
        return sum(height for *_, height in self._set(width))

    def _value_at(self, width: int) -> float:
        look = theme.current()
        metrics = QFontMetricsF(look.font("small"))
        labels = max((metrics.horizontalAdvance(line.label) for line in self._lines), default=0)
        return min(look.px(12) + labels + look.px(16), width * _LABELS_AT_MOST)

    def _set(self, width: int) -> list[tuple[list[str], QFont, list[str], int]]:
        """Label line by line, font and words line by line of each value, and the height of both."""
        look = theme.current()
        soft, value_at = QFontMetricsF(look.font("small")), self._value_at(width)
        room = width - value_at - look.px(12)
        found = []
        for line in self._lines:
            fonts = (
                (look.font("strong", figures=True), look.font("small_strong", figures=True))
                if line.differs
                else (look.font("body"), look.font("small"))
            )
            left = room - (look.px(18 + 8) if line.differs else 0)
            font = next(
                (f for f in fonts if QFontMetricsF(f).horizontalAdvance(line.value) <= left), fonts[1]
            )
            metrics = QFontMetricsF(font)
            words_ = paint.broken(line.value, metrics, left, MOST_LINES)
            label = paint.broken(line.label, soft, value_at - look.px(12 + 8), MOST_LINES)
            more = max(
                (len(label) - 1) * round(soft.lineSpacing()),
                (len(words_) - 1) * round(metrics.lineSpacing()),
                0,
            )
            found.append((label, font, words_, look.px(ROW) + more))
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        soft, left, mark = look.font("small"), look.px(12), look.px(18)
        value_at, top = self._value_at(self.width()), 0
        for line, (label, font, words_, height) in zip(self._lines, self._set(self.width()), strict=True):
            box = QRectF(0, top, self.width(), height)
            first = QRectF(0, top, self.width(), look.px(ROW))
            if line.differs:
                edge = c.accent if look.contrast == theme.Contrast.HIGH else ""
                paint.rounded(painter, box.adjusted(0, 1, 0, -1), 8, c.accent_soft, edge, 2)
                right = self.width() - left - mark
                icons.draw(painter, "equal-not", c.accent, right, first.center().y() - mark / 2, mark)
            elif top:
                painter.fillRect(QRectF(left, top, self.width() - 2 * left, look.stroke), theme.color(c.line))
            _write(painter, first.translated(left, 0), label, soft, c.ink_soft)
            _write(painter, first.translated(value_at, 0), words_, font, c.accent if line.differs else c.ink)
            top += height


def _write(painter: QPainter, first: QRectF, lines: Sequence[str], font: QFont, ink: str) -> None:
    step = QFontMetricsF(font).lineSpacing()
    for number, text in enumerate(lines):
        paint.text(painter, first.translated(0, round(number * step)), text, font, ink, elide=False)


class Answer(Button):
    """An answer with its number; where one of them is too long they stand above alone, and it says so."""

    def __init__(self, parent: QWidget, choices: Sequence[str], at: int) -> None:
        self._choices = tuple(choices)
        super().__init__(parent, choices[at], str(at + 1), "secondary", name=f"choice_{at + 1}")

    def _shown_words(self) -> str:
        fits = all(self._width_of(choice) <= self.width() for choice in self._choices)
        return super()._shown_words() if fits else _this_one()

    def minimumSizeHint(self) -> QSize:
        narrow = min(self._width_of(self.text()), self._width_of(_this_one()))
        return QSize(narrow, self.sizeHint().height())

    def _width_of(self, text: str) -> int:
        look = theme.current()
        words_ = QFontMetricsF(look.font("strong")).horizontalAdvance(text)
        return round(words_ + 2 * self._pad() + paint.badge_width(self._key, look) + look.px(10)) + 1


def _this_one() -> str:
    return tr("Yang ini")


class VersionCard(Card):
    """One version on a white card."""

    def __init__(self, parent: QWidget, version: Version) -> None:
        super().__init__(parent, spacing=10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = self.column
        column.setContentsMargins(12, 14, 12, 16)
        column.addWidget(Lines(self, version.lines))
        column.addLayout(self._written(version))
        column.addStretch(1)
        if version.shown:
            shown = Label(self, tr("Ini yang tampil sementara."), "small", "soft", wrap=True)
            shown.setContentsMargins(theme.current().px(12), 0, 12, 0)
            column.addWidget(shown)

    def _written(self, version: Version) -> QGridLayout:
        """Who, when and where, each in a line of its own."""
        who = f"{version.who} · {role_name(version.role)}" if version.role else version.who
        when = tr("waktu tidak diketahui") if version.at is None else words.moment(version.at)
        grid = QGridLayout()
        grid.setContentsMargins(theme.current().px(12), 0, 12, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        told = (
            ("who", tr("Siapa"), who),
            ("when", tr("Kapan"), when),
            ("where", tr("Di mana"), version.where),
        )
        for line, (name, label, text) in enumerate(told):
            grid.addWidget(Label(self, label, "small", "soft"), line, 0, Qt.AlignmentFlag.AlignTop)
            value = Label(self, text, "small", wrap=True)
            value.setObjectName(f"version_{name}")
            value.setAccessibleName(f"{label}: {text}")
            grid.addWidget(value, line, 1)
        return grid


class Versions(QWidget):
    """The versions in columns, and under them the answers with their number keys."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("versions")
        self.buttons: list[Button] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(14)
        self._made: list[QWidget] = []
        self._shown: tuple[object, ...] = ()

    def show_versions(self, versions: Sequence[Version], choices: Sequence[str], *, may_choose: bool) -> None:
        """Show these; without the right to choose the answers are left out."""
        wanted = (tuple(versions), tuple(choices), may_choose)
        if wanted == self._shown:
            return  # whoever has the keyboard here keeps it
        self._shown = wanted
        for widget in self._made:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._made, self.buttons = [], []
        columns = max(len(versions), len(choices), 1)
        for at in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(at, 1 if at < columns else 0)
        for at, version in enumerate(versions):
            self._add(VersionCard(self, version), 0, at)
        for at in range(len(choices) if may_choose else 0):
            button = Answer(self, choices, at)
            button.clicked.connect(lambda _=False, at=at: self.chosen.emit(at))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._add(button, 1, at)
            self.buttons.append(button)

    def _add(self, widget: QWidget, line: int, column: int) -> None:
        self._grid.addWidget(widget, line, column)
        widget.show()
        self._made.append(widget)

"""Two or more versions side by side: what they say, where they differ, who wrote them, when and where."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.services.deciding import Line, Version
from posyandu_app.ui import icons, paint, theme, words
from posyandu_app.ui.widgets.basic import Button, Label
from posyandu_app.ui.widgets.rail import role_name
from posyandu_app.ui.widgets.tips import show_tip

ROW = 32


class Lines(QWidget):
    """Label and value in lines; a value that differs stands on a ground of its own, with a sign before it."""

    def __init__(self, parent: QWidget, lines: Sequence[Line]) -> None:
        super().__init__(parent)
        self._lines = tuple(lines)
        told = [
            f"{line.label}: {line.value}" + (f" ({tr('berbeda')})" if line.differs else "") for line in lines
        ]
        self.setAccessibleName("; ".join(told))
        show_tip(self, "\n".join(told))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(280, theme.current().px(ROW) * len(self._lines))

    def minimumSizeHint(self) -> QSize:
        return QSize(180, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        soft, plain = look.font("small"), look.font("body")
        metrics = QFontMetricsF(soft)
        labels = max((metrics.horizontalAdvance(line.label) for line in self._lines), default=0)
        left = look.px(12)
        value_at = min(left + labels + look.px(16), self.width() * 0.5)
        height, mark = look.px(ROW), look.px(18)
        for place, line in enumerate(self._lines):
            box = QRectF(0, place * height, self.width(), height)
            if line.differs:
                edge = c.accent if look.contrast == theme.Contrast.HIGH else ""
                paint.rounded(painter, box.adjusted(0, 1, 0, -1), 8, c.accent_soft, edge, 2)
            elif place:
                painter.fillRect(
                    QRectF(left, box.top(), self.width() - 2 * left, look.stroke), theme.color(c.line)
                )
            paint.text(painter, box.adjusted(left, 0, 0, 0), line.label, soft, c.ink_soft)
            right = self.width() - left
            if line.differs:
                right -= mark
                icons.draw(painter, "equal-not", c.accent, right, box.center().y() - mark / 2, mark)
                right -= look.px(8)
            value = QRectF(value_at, box.top(), right - value_at, height)
            font, ink = (_bold(look, line.value, value.width()), c.accent) if line.differs else (plain, c.ink)
            paint.text(painter, value, line.value, font, ink)


def _bold(look: theme.Look, text: str, width: float) -> QFont:
    """The usual bold, or the smaller one where the text needs it to stand whole."""
    usual = look.font("strong", figures=True)
    fits = QFontMetricsF(usual).horizontalAdvance(text) <= width
    return usual if fits else look.font("small_strong", figures=True)


class VersionCard(QWidget):
    """One version on a white card."""

    def __init__(self, parent: QWidget, version: Version) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 14, 12, 16)
        column.setSpacing(10)
        column.addWidget(Lines(self, version.lines))
        column.addLayout(self._written(version))
        column.addStretch(1)
        if version.shown:
            shown = Label(self, tr("Ini yang tampil sementara."), "small", "soft")
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

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        paint.rounded(painter, rect, theme.RADIUS, look.colors.surface, look.colors.line, look.stroke)


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

    def show_versions(self, versions: Sequence[Version], choices: Sequence[str], *, may_choose: bool) -> None:
        """Show these; without the right to choose the answers are left out."""
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
        for at, choice in enumerate(choices if may_choose else ()):
            button = Button(self, choice, str(at + 1), "secondary", name=f"choice_{at + 1}")
            button.clicked.connect(lambda _=False, at=at: self.chosen.emit(at))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._add(button, 1, at)
            self.buttons.append(button)

    def _add(self, widget: QWidget, line: int, column: int) -> None:
        self._grid.addWidget(widget, line, column)
        widget.show()
        self._made.append(widget)

"""One measured value: a big figure to type, and beside it what it means."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextOption,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from posyandu_app.domain.classify import Category, index_name
from posyandu_app.domain.zscore import ZScore, format_z
from posyandu_app.i18n import tr
from posyandu_app.ui import paint, theme
from posyandu_app.ui.widgets.fields import leaves_undo_to_window
from posyandu_app.ui.widgets.tips import show_tip

LONGEST = 64
BOX_WIDTH = 212
VERDICT_WIDTH = 276
LEAST_VERDICT = 190


@dataclass(frozen=True, slots=True)
class Verdict:
    """One finding about a value: its words, the figure behind them, how far out and to which side."""

    words: str
    figure: str
    side: int
    tone: str


def verdict_of(category: Category, score: ZScore | None, age_days: int | None) -> Verdict:
    """A category in words, with the z-score behind it and the tone it is shown in."""
    figure = "" if score is None else f"{index_name(category.index, age_days)} {format_z(score.centi)}"
    if score is not None and score.flagged:
        return Verdict(tr("Ukur ulang"), figure, category.side, "waspada")
    if category.side > 0:
        tone = "lebih"
    else:
        tone = {0: "baik", -1: "waspada", -2: "rujuk"}.get(category.side, "rujuk_segera")
    return Verdict(category.label, figure, category.side, tone)


def box_height() -> int:
    """Room for the label and the figure below it."""
    look = theme.current()
    label = QFontMetricsF(look.font("small")).height()
    figure = QFontMetricsF(look.font("number", figures=True)).capHeight()
    return round(label + figure + 25)


class Figure(QLineEdit):
    """The number inside a measure box; it reports when it is left."""

    left = Signal()
    focused = Signal()

    def __init__(self, parent: QWidget, accessible: str, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setProperty("role", "number")
        self.setMaxLength(LONGEST)
        self.setFrame(False)
        self.setFont(theme.current().font("number", figures=True))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)
        self.setStyleSheet(
            "QLineEdit, QLineEdit:focus { border: none; background: transparent; padding: 0; min-height: 0; }"
        )

    def event(self, event: QEvent) -> bool:
        return leaves_undo_to_window(self, event) or super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.MouseFocusReason,
        ):
            self.left.emit()


class MeasureBox(QWidget):
    """Label, figure and unit in one box; the verdicts or the error stand to its right."""

    def __init__(self, parent: QWidget, label: str, unit: str, *, name: str) -> None:
        super().__init__(parent)
        self._label, self._unit = label, unit
        self._verdicts: tuple[Verdict, ...] = ()
        self._error = ""
        self.edit = Figure(self, label, name)
        self.setObjectName(f"{name}_box")
        self.setFocusProxy(self.edit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.edit.focused.connect(self.update)
        self.edit.installEventFilter(self)

    @property
    def error(self) -> str:
        return self._error

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return self._verdicts

    def set_label(self, label: str) -> None:
        """Rename it: panjang or tinggi."""
        if label != self._label:
            self._label = label
            self.edit.setAccessibleName(label)
            self.update()

    def show_state(self, text: str, verdicts: Sequence[Verdict], error: str) -> None:
        """Show what stands in the field and what it means."""
        if self.edit.text() != text:
            self.edit.setText(text)
        verdicts = tuple(verdicts)
        if (verdicts, error) != (self._verdicts, self._error):
            self._verdicts, self._error = verdicts, error
            told = error or "; ".join(f"{verdict.words} {verdict.figure}" for verdict in verdicts)
            self.edit.setAccessibleDescription(told)
            show_tip(self, error)
            self.update()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(BOX_WIDTH) + 12 + look.px(VERDICT_WIDTH), box_height())

    def minimumSizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(BOX_WIDTH) + 12 + LEAST_VERDICT, box_height())

    def _box(self) -> QRectF:
        return QRectF(0, 0, theme.current().px(BOX_WIDTH), self.height())

    def resizeEvent(self, event: QEvent) -> None:
        look = theme.current()
        box = self._box()
        unit = round(QFontMetricsF(look.font("body")).horizontalAdvance(self._unit)) + 24
        middle, height = self._figure_middle(), round(QFontMetricsF(look.font("number")).height()) + 2
        self.edit.setGeometry(14, round(middle - height / 2), round(box.width()) - 14 - unit, height)

    def _figure_middle(self) -> float:
        """Where the middle of the digits lies, below the label."""
        look = theme.current()
        label = QFontMetricsF(look.font("small")).height()
        return 6 + label + 6 + QFontMetricsF(look.font("number")).capHeight() / 2

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.edit.setFocus(Qt.FocusReason.MouseFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c = look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, focused = self._box(), self.edit.hasFocus()
        line = c.danger if self._error else c.focus if focused else c.line_strong
        paint.rounded(
            painter, box, theme.RADIUS, c.surface, line, 3 if focused or self._error else look.stroke + 0.5
        )
        ink = c.danger if self._error else c.accent if focused else c.ink_soft
        label = QRectF(16, 6, box.width() - 28, QFontMetricsF(look.font("small")).height())
        paint.text(painter, label, self._label, look.font("small_strong" if focused else "small"), ink)
        unit = QRectF(0, self._figure_middle() - 14, box.width() - 14, 28)
        paint.text(painter, unit, self._unit, look.font("body"), c.ink_soft, theme.ALIGN_RIGHT)
        right = QRectF(box.right() + 14, 0, self.width() - box.right() - 14, self.height())
        if self._error:
            self._paint_error(painter, right)
        else:
            self._paint_verdicts(painter, right)

    def _paint_error(self, painter: QPainter, rect: QRectF) -> None:
        look = theme.current()
        painter.setFont(look.font("small"))
        painter.setPen(theme.color(look.colors.danger))
        option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        painter.drawText(rect, self._error, option)

    def _paint_verdicts(self, painter: QPainter, rect: QRectF) -> None:
        look = theme.current()
        height, icon = look.px(26), look.px(20)
        words_font, figure_font = look.font("small_strong"), look.font("small")
        room = rect.width() - icon - 6
        lines: list[tuple[Verdict | None, str, str]] = []
        for verdict in self._verdicts:
            words = QFontMetricsF(words_font).horizontalAdvance(verdict.words)
            both = words + 8 + QFontMetricsF(figure_font).horizontalAdvance(verdict.figure)
            if both <= room or not verdict.figure:
                lines.append((verdict, verdict.words, verdict.figure))
            elif len(self._verdicts) == 1:
                first, rest = _split(verdict.words, QFontMetricsF(words_font), room)
                lines += [
                    (verdict, first, ""),
                    *([(None, rest, "")] if rest else []),
                    (None, "", verdict.figure),
                ]
            else:
                lines.append((verdict, verdict.words, ""))
        top = rect.center().y() - height * len(lines) / 2
        ink = look.colors.ink
        for shown, words_, figure in lines:
            left = rect.left() + icon + 6
            took = 0.0
            if shown is not None:
                mark = QRectF(rect.left(), top + height / 2 - icon / 2, icon, icon)
                paint.arrow(painter, mark, shown.side, shown.tone, look)
                ink = look.tone(shown.tone).text if shown.side else look.colors.ink
            if words_:
                took = 8 + paint.text(painter, QRectF(left, top, room, height), words_, words_font, ink)
            value = QRectF(left + took, top, room - took, height)
            paint.text(painter, value, figure, figure_font, look.colors.ink_soft)
            top += height


def _split(words: str, metrics: QFontMetricsF, room: float) -> tuple[str, str]:
    """The words on one line, or on two when they are wider than the room."""
    if metrics.horizontalAdvance(words) <= room:
        return words, ""
    head, _, tail = words.rpartition(" ")
    return (head, tail) if head else (words, "")

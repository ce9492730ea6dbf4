"""Who this is: always in sight, so that nobody weighs one child into another's card."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain import names
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.model import Child
from posyandu_app.i18n import tr
from posyandu_app.ui import paint, theme, words
from posyandu_app.ui.widgets.basic import Button, FittingLabel, NameLabel, row
from posyandu_app.ui.widgets.tips import show_tip

_WIDE_GAP, _NARROW_GAP = 28.0, 14.0


class Facts(QWidget):
    """A line of small facts: the label above in quiet ink, the value below; the longest gives way."""

    def __init__(self, parent: QWidget, *, name: str) -> None:
        super().__init__(parent)
        self._facts: tuple[tuple[str, str], ...] = ()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        return self._facts

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show (label, value) pairs."""
        self._facts = tuple(facts)
        told = "; ".join(f"{label} {value}" for label, value in facts)
        self.setAccessibleName(told)
        show_tip(self, told)
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.current()
        lines = QFontMetricsF(look.font("small")).height() + QFontMetricsF(look.font("strong")).height()
        return QSize(200, round(lines) + 4)

    def widths(self) -> list[float]:
        """What each fact takes; the longest is shortened when they do not all fit."""
        wanted = self._wanted()
        spare = self.width() - sum(wanted) - self.gap() * (len(wanted) - 1)
        if spare < 0 and wanted:
            longest = wanted.index(max(wanted))
            wanted[longest] = max(60.0, wanted[longest] + spare)
        return wanted

    def gap(self) -> float:
        """What lies between two facts; it gives way before any words do."""
        wanted = self._wanted()
        between = max(1, len(wanted) - 1)
        return min(_WIDE_GAP, max(_NARROW_GAP, (self.width() - sum(wanted)) / between))

    def _wanted(self) -> list[float]:
        return self._needs(self._role())

    def _role(self) -> str:
        """The type of the values: smaller before any of them is cut."""
        least = sum(self._needs("strong")) + _NARROW_GAP * (len(self._facts) - 1)
        return "strong" if least <= self.width() else "small_strong"

    def _needs(self, role: str) -> list[float]:
        look = theme.current()
        small, strong = QFontMetricsF(look.font("small")), QFontMetricsF(look.font(role))
        return [
            max(small.horizontalAdvance(label), strong.horizontalAdvance(value)) + 2
            for label, value in self._facts
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        small, strong = look.font("small"), look.font(self._role())
        upper, lower = QFontMetricsF(small).height(), QFontMetricsF(look.font("strong")).height()
        x, gap = 0.0, self.gap()
        for (label, value), width in zip(self._facts, self.widths(), strict=True):
            paint.text(painter, QRectF(x, 0, width, upper), label, small, look.colors.ink_soft)
            paint.text(painter, QRectF(x, upper + 2, width, lower), value, strong, look.colors.ink)
            x += width + gap


class ChildHeader(QWidget):
    """Back, the child's name, what the caller puts at the right end, and the facts below."""

    def __init__(self, parent: QWidget, right: QWidget | None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.back = Button(
            self, tr("Kembali"), icon="arrow-left", name=f"{name}_back", shown_key="Esc", compact=True
        )
        self.name = NameLabel(self, "", "display")
        self.name.setObjectName(f"{name}_name")
        self.facts = Facts(self, name=f"{name}_facts")
        self.note = FittingLabel(self, "small_strong", "accent")
        self.note.setObjectName(f"{name}_note")
        self.note.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        line = row(spacing=16)
        line.addWidget(self.back)
        named = QVBoxLayout()
        named.setSpacing(0)
        named.addWidget(self.name)
        named.addWidget(self.note)
        line.addLayout(named, 1)
        if right is not None:
            line.addWidget(right)
        column.addLayout(line)
        column.addWidget(self.facts)

    def show_note(self, *parts: str) -> None:
        """Say something quiet about this child under her name, in the height of the row.

        Parts at the end are left out where there is no room for them.
        """
        self.name.set_lower(bool(parts))
        self.note.set_parts(parts)
        self.note.setVisible(bool(parts))

    def show_child(self, child: Child, on: date, history: Sequence[Assessed]) -> None:
        """Show a child as of a day."""
        self.name.setText(names.display(child.name))
        weighed = [item.measurement for item in history if item.measurement.weight_g is not None]
        last = weighed[-1] if weighed else None
        when = words.weight(last.weight_g) if last is not None else tr("belum pernah")
        if last is not None:
            when = f"{when}, {words.day_short(last.date, on)}"
        born = format_date(child.birth_date) if child.birth_date is not None else words.NOTHING
        self.facts.show_facts(
            (
                (tr("Ibu"), names.display(child.mother_name) if child.mother_name else words.NOTHING),
                (tr("Jenis kelamin"), words.sex(child.sex)),
                (tr("Lahir"), born),
                (tr("Umur"), words.age(child, on)),
                (tr("Alamat"), words.place(child)),
                (tr("Berat terakhir"), when),
            )
        )

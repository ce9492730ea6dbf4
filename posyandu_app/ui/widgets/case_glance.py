"""One child of the worklist at a glance: tone, every reason with since when, her channel, the raw values."""

from datetime import date

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from posyandu_app.domain import names
from posyandu_app.domain.cases import Case, CaseState
from posyandu_app.i18n import tr
from posyandu_app.services import cases
from posyandu_app.services.cases import CaseRow
from posyandu_app.ui import case_words, paint, theme, words
from posyandu_app.ui.charts.channel import Channel, channel_of, paint_channel
from posyandu_app.ui.widgets.basic import Button, Card, ElidedLabel, FittingLabel, Label, Pill, row
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.tips import show_tip

MOST_REASONS = 3
GAP = 5
LEAST = 76
"""Lower than this a channel tells nothing: the row has its own small one."""


class ChannelPicture(QWidget):
    """The index that the worst reason is about, over her last year."""

    def __init__(self, parent: QWidget, *, name: str) -> None:
        super().__init__(parent)
        self._channel: Channel | None = None
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_channel(self, channel: Channel) -> None:
        """Show a channel; one without any value shows nothing."""
        self._channel = channel
        self.setAccessibleName(channel.told)
        show_tip(self, channel.told)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._channel is None or not self._channel.points or self.height() < theme.current().px(LEAST):
            return
        look = theme.current()
        painter = QPainter(self)
        small = look.font("small")
        line = QFontMetricsF(small).height() + 4
        points = self._channel.points
        head = QRectF(0, 0, self.width(), line)
        paint.text(painter, head, self._channel.name, look.font("small_strong"), look.colors.ink)
        first, last = points[0][0], points[-1][0]
        span = f"{words.day_short(first, last)} – {words.day_short(last, last)}"
        paint.text(painter, head, span, small, look.colors.ink_soft, theme.ALIGN_RIGHT)
        area = QRectF(0, line + 2, self.width(), self.height() - line - 2)
        paint_channel(painter, area, self._channel, look, labels=True)


class Values(QWidget):
    """What was measured: the name, the raw value, and what it means, in three aligned columns."""

    def __init__(self, parent: QWidget, *, name: str) -> None:
        super().__init__(parent)
        self._values: tuple[tuple[str, str, str], ...] = ()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, values: tuple[tuple[str, str, str], ...]) -> None:
        """Show these lines."""
        self._values = values
        told = "; ".join(" ".join(part for part in line if part) for line in values)
        self.setAccessibleName(told)
        show_tip(self, told)
        self.updateGeometry()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def _line(self) -> float:
        return QFontMetricsF(theme.current().font("small_strong")).height() + 2

    def _columns(self) -> tuple[float, float]:
        """The widths of names and values: as wide as their words."""
        look = theme.current()
        small = QFontMetricsF(look.font("small"))
        strong = QFontMetricsF(look.font("small_strong", figures=True))
        names = max((small.horizontalAdvance(value[0]) for value in self._values), default=0) + 14
        values = max((strong.horizontalAdvance(value[1]) for value in self._values), default=0) + 14
        return names, values

    def _meanings(self) -> list[list[str]]:
        """What each value means in its lines: without the index and its score where both are too long.

        In large type it has one line, and stands only where it is whole; the reasons say it too.
        """
        look = theme.current()
        metrics = QFontMetricsF(look.font("small"))
        room = self.width() - sum(self._columns())
        return [self._meaning(told, metrics, room, 2 if look.scale == 1 else 1) for *_, told in self._values]

    @staticmethod
    def _meaning(told: str, metrics: QFontMetricsF, room: float, most: int) -> list[str]:
        if metrics.horizontalAdvance(told) <= room:
            return [told]
        lines = paint.broken(told.partition(" · ")[2] or told, metrics, room, len(told))
        whole = len(lines) <= most and all(metrics.horizontalAdvance(line) <= room for line in lines)
        return lines if lines and whole else [""]

    def sizeHint(self) -> QSize:
        return QSize(300, round(self._line() * sum(len(lines) for lines in self._meanings())))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        c, painter, height = look.colors, QPainter(self), self._line()
        small, strong = look.font("small"), look.font("small_strong", figures=True)
        names, values = self._columns()
        top = 0.0
        for (name, value, _), meaning in zip(self._values, self._meanings(), strict=True):
            paint.text(painter, QRectF(0, top, names, height), name, small, c.ink_soft)
            paint.text(painter, QRectF(names, top, values, height), value, strong, c.ink)
            for said in meaning:
                box = QRectF(names + values, top, self.width() - names - values, height)
                paint.text(painter, box, said, small, c.ink)
                top += height


class Reasons(QWidget):
    """Every reason that stands, the worst first: its shape, its sentence, and since when."""

    def __init__(self, parent: QWidget, *, name: str, most: int = MOST_REASONS, role: str = "small") -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._most, self._role = most, role
        self._lines: tuple[tuple[str, str, str], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_case(self, case: Case, today: date) -> None:
        """Show why a case is one; a reason that came in the middle of a follow-up is marked as new."""
        mixed = case.state is not CaseState.NEW
        lines = [
            (
                item.reason.tone.value,
                case_words.undated(item.reason.text) if item.since else item.reason.text,
                self._since(item.since, today, new=item.new and mixed),
            )
            for item in case.reasons[: self._shown()]
        ]
        more = len(case.reasons) - len(lines)
        if more:
            tone, text, since = lines[-1]
            lines[-1] = (
                tone,
                tr("{reason} … dan {count} alasan lagi").format(reason=text, count=more),
                since,
            )
        if not lines:
            lines = [("baik", tr("Tidak ada alasan yang masih berdiri."), "")]
        self._lines = tuple(lines)
        told = "; ".join(" ".join(part for part in line[1:] if part) for line in lines)
        self.setAccessibleName(told)
        self.updateGeometry()
        self.update()

    def _shown(self) -> int:
        """How many are told in full: with large letters fewer."""
        return self._most if theme.current().scale == 1 else max(2, self._most // 2)

    @staticmethod
    def _since(day: date | None, today: date, *, new: bool) -> str:
        told = case_words.since(day, today)
        seen = tr("baru") if new else ""
        return " · ".join(part for part in (told, seen) if part)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(sum(self._heights(width)))

    def sizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(max(320, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(220, self.heightForWidth(max(220, self.width())))

    def _told(self, line: tuple[str, str, str]) -> str:
        return paint.glued(f"{line[1]} · {line[2]}" if line[2] else line[1])

    def _heights(self, width: int) -> list[float]:
        look = theme.current()
        metrics = QFontMetricsF(look.font(self._role))
        room = QRectF(0, 0, max(80, width - look.px(26)), 1000)
        wrap = int(Qt.TextFlag.TextWordWrap)
        return [metrics.boundingRect(room, wrap, self._told(line)).height() + GAP for line in self._lines]

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        y, left, size = 0.0, float(look.px(26)), look.px(17)
        font = look.font(self._role)
        one_line = QFontMetricsF(font).height()
        painter.setPen(theme.color(look.colors.ink))
        for line, height in zip(self._lines, self._heights(self.width()), strict=True):
            mark = QRectF(1, y + (one_line - size) / 2, size, size)
            paint.tone_shape(painter, mark, line[0], look)
            painter.setFont(font)
            painter.setPen(theme.color(look.colors.ink))
            box = QRectF(left, y, self.width() - left, height)
            painter.drawText(box, int(Qt.TextFlag.TextWordWrap), self._told(line))
            y += height


class CaseGlance(Card):
    """The chosen child beside the list; the button opens her, as Enter does."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, margins=18, spacing=6)
        self.setObjectName("case_glance")
        self.tone = Pill(self, name="glance_tone")
        self.name = ElidedLabel(self, "", "heading")
        self.name.setObjectName("glance_name")
        self.who = FittingLabel(self, "small", "soft")
        content = QWidget(self)
        self.reasons = Reasons(content, name="glance_reasons")
        self.picture = ChannelPicture(content, name="glance_channel")
        self.measured = Label(content, "", "small_strong")
        self.measured.setObjectName("glance_measured")
        self.values = Values(content, name="glance_values")
        self.decided = Label(content, "", "small", wrap=True)
        self.decided.setObjectName("glance_decided")
        self.wanted = Label(content, "", "small_strong", "accent", wrap=True)
        self.wanted.setObjectName("glance_wanted")
        self.button = Button(
            self,
            tr("Buka kasus"),
            "",
            "primary",
            name="glance_open",
            shown_key="Enter",
        )
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(self.reasons)
        inner.addWidget(self.wanted)
        inner.addWidget(self.decided)
        inner.addWidget(self.picture, 1)
        inner.addWidget(self.measured)
        inner.addWidget(self.values)
        self.column.addLayout(row(self.tone, None))
        self.column.addWidget(self.name)
        self.column.addWidget(self.who)
        self.column.addWidget(Scroll(self, content), 1)
        self.column.addWidget(self.button)

    def show_row(self, shown: CaseRow, today: date, *, decides: bool) -> None:
        """Show a child; `decides` says whether the person at the keyboard acts on cases."""
        child, case = shown.child, shown.case
        self.tone.show_tone(case_words.tone_of(case), case_words.tone_label(case))
        self.name.setText(names.display(child.name))
        parts = (words.mother(child), shown.posyandu, words.place(child))
        self.who.set_parts([part for part in parts if part != words.NOTHING])
        self.reasons.show_case(case, today)
        told = [case_words.deed(review) for review in (case.decisions or case.heads)[-1:]]
        said = [f"{what} ({who})" for what, who in told] if case.state is not CaseState.NEW else []
        self.decided.setText("\n".join(said))
        self.decided.setVisible(bool(said))
        wish = None if decides else cases.wanted_of(shown)
        self.wanted.setText(case_words.asked(wish, today) if wish is not None else "")
        self.wanted.setVisible(wish is not None)
        group = case.reasons[0].group if case.reasons else None
        channel = channel_of(shown.history, group, today)
        self.picture.show_channel(channel)
        self.picture.setVisible(len(channel.points) > 1)
        last = shown.last.measurement if shown.last is not None else None
        measured = tr("Belum pernah ditimbang")
        if last is not None:
            measured = tr("Ukuran {day}").format(day=words.day_short(last.date, today))
        self.measured.setText(measured)
        self.values.show_values(case_words.values(shown.last))
        self.button.set_words(tr("Buka kasus") if decides else tr("Buka kartu"))

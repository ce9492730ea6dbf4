"""A child's card: how she does and why, her growth chart, and every visit."""

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.i18n import tr
from posyandu_app.services import children
from posyandu_app.services.views import Changes, ChildCard
from posyandu_app.ui import theme, words
from posyandu_app.ui.charts.model import Indicator
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.kms_chart import GrowthChart
from posyandu_app.ui.models.history_model import HistoryDelegate, HistoryModel
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Card, Label, Pill, Segmented, row
from posyandu_app.ui.widgets.child_header import ChildHeader
from posyandu_app.ui.widgets.rows import Rows, RowsCard

MOST_REASONS = 4


class ChildScreen(Screen):
    """Opened from the midwife's list or the roster; Esc goes back there."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "child_screen")
        self._child = ""
        self.weigh = Button(self, tr("Timbang"), "F9", "primary", "scale", name="child_weigh")
        self.header = ChildHeader(self, self.weigh, name="child_header")
        self.reasons = Card(self, margins=20, spacing=8)
        self.tone = Pill(self.reasons, name="child_tone")
        self.since = Label(self.reasons, "", "small", "soft")
        self.reasons.column.addLayout(row(self.tone, self.since, None, spacing=12))
        self.lines = [Label(self.reasons, "", "body", wrap=True) for _ in range(MOST_REASONS)]
        for at, line in enumerate(self.lines):
            line.setObjectName(f"child_reason_{at + 1}")
            self.reasons.column.addWidget(line)
        self.model = HistoryModel(self)
        self.list = Rows(self, tr("Riwayat penimbangan"), name="child_history")
        self.list.setModel(self.model)
        self.list.setItemDelegate(HistoryDelegate(self.list))
        self.chart = GrowthChart(self)
        self.chart.setObjectName("child_chart")
        self.indicators = Segmented(
            self,
            [(indicator.value, "") for indicator in Indicator],
            tr("Grafik"),
            name="child_indicator",
            role="small_strong",
        )
        self._lay_out()
        self.header.back.clicked.connect(self.escape)
        self.weigh.clicked.connect(lambda: desk.go("weighing", self._child))
        self.indicators.chosen.connect(lambda at: self.chart.set_indicator(list(Indicator)[at]))
        self.chart.indicatorChanged.connect(self._show_indicator)
        turn = QShortcut(QKeySequence("F10"), self)
        turn.activated.connect(self._next_chart)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(16)
        column.addWidget(self.header)
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addWidget(self.reasons)
        left.addWidget(RowsCard(self, self.list), 1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.indicators, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(self.chart, 1)
        body = QHBoxLayout()
        body.setSpacing(24)
        body.addLayout(left, 10)
        body.addLayout(right, 11)
        column.addLayout(body, 1)
        order = [self.list, self.indicators, self.chart, self.weigh, self.header.back]
        for first, second in pairwise(order):
            self.setTabOrder(first, second)

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Timbang"), "F9"),
            (tr("Grafik lain"), "F10"),
            (tr("Baca titik"), "← →"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def about(self) -> str:
        return self._child

    def open(self, child: str = "") -> None:
        self._child = child
        self.indicators.set_index(list(Indicator).index(self.chart.indicator))
        self.chart.setFocus()
        self._read()

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds & {"child", "measurement"}:
            self._read()

    def escape(self) -> None:
        self.desk.go("back", self._child)

    def _read(self) -> None:
        child = self._child
        self.desk.ask(lambda workspace: children.open_card(workspace, child), self._show)

    def _show(self, card: ChildCard) -> None:
        if card.child.id != self._child:
            return
        self.header.show_child(card.child, card.today, card.history)
        self.model.set_history(card.child, card.history, card.today)
        self.chart.set_theme(theme.current())
        self.chart.set_child(card.child, card.history, rules=self.desk.workspace.rules, today=card.today)
        risk = card.risk
        self.tone.show_tone(risk.tone, risk.tone.label)
        said = (
            tr("diukur {day}").format(day=words.day_short(risk.measured_on, card.today))
            if risk.measured_on
            else ""
        )
        if risk.previous is not None and risk.previous_on is not None:
            said = tr("sebelumnya {tone}, {day}").format(
                tone=risk.previous.label, day=words.day_short(risk.previous_on, card.today)
            )
        self.since.setText(said)
        told = [reason.text for reason in (*risk.reasons, *risk.older_reasons)] or [
            tr("Tidak ada yang mengkhawatirkan.")
        ]
        if len(told) > MOST_REASONS:
            more = tr("{reason} … dan {count} alasan lagi")
            told[MOST_REASONS - 1] = more.format(
                reason=told[MOST_REASONS - 1], count=len(told) - MOST_REASONS
            )
        for at, line in enumerate(self.lines):
            line.setText(told[at] if at < len(told) else "")
            line.setVisible(at < len(told))

    def _show_indicator(self, value: str) -> None:
        self.indicators.set_index([indicator.value for indicator in Indicator].index(value))

    def _next_chart(self) -> None:
        shown = list(Indicator)
        self.chart.set_indicator(shown[(shown.index(self.chart.indicator) + 1) % len(shown)])

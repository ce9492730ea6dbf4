"""How a case stands: chart and values on the left; why, what comes next and what was done on the right."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from posyandu_app.domain.rules import ProgramRules
from posyandu_app.i18n import tr
from posyandu_app.services.cases import CaseCard
from posyandu_app.ui import case_words, paint, theme, words
from posyandu_app.ui.charts.channel import channel_of
from posyandu_app.ui.charts.model import Indicator
from posyandu_app.ui.kms_chart import GrowthChart
from posyandu_app.ui.models.rows import paint_ground
from posyandu_app.ui.screens import case_state as cs
from posyandu_app.ui.screens.case_state import Action, Page
from posyandu_app.ui.widgets.basic import Button, Card, Label, Pill, Segmented, row
from posyandu_app.ui.widgets.case_glance import Reasons, Values
from posyandu_app.ui.widgets.rows import Rows, RowsCard
from posyandu_app.ui.widgets.scroll import Scroll

Index = QModelIndex | QPersistentModelIndex
_OF_INDEX = {indicator.value: indicator for indicator in Indicator}


class DeedModel(QAbstractListModel):
    """What was done about the case, the newest first: (what, who and when)."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._deeds: tuple[tuple[str, str], ...] = ()

    def show_deeds(self, deeds: Sequence[tuple[str, str]]) -> None:
        """Show these."""
        self.beginResetModel()
        self._deeds = tuple(deeds)
        self.endResetModel()

    def deed(self, at: int) -> tuple[str, str]:
        return self._deeds[at]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._deeds)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._deeds):
            return None
        if role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return ", ".join(self._deeds[index.row()])
        return None


class DeedDelegate(QStyledItemDelegate):
    """One deed: what in full, and below it when and by whom."""

    def _height(self, what: str, width: float) -> float:
        metrics = QFontMetricsF(theme.current().font("small"))
        box = QRectF(0, 0, width, 10_000)
        return metrics.boundingRect(box, int(Qt.TextFlag.TextWordWrap), what).height()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        model, view = index.model(), option.widget
        assert isinstance(model, DeedModel)
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else 400
        what = self._height(model.deed(index.row())[0], width - 44)
        return QSize(width, round(what + theme.current().px(22)) + 16)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, DeedModel)
        what, who = model.deed(index.row())
        look, rect = theme.current(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = option.widget
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = isinstance(view, QWidget) and view.hasFocus()
        last = index.row() == model.rowCount() - 1
        paint_ground(painter, rect, look, selected and focused, last, view)
        box = rect.adjusted(22, 8, -22, 0)
        height = self._height(what, box.width())
        painter.setFont(look.font("small"))
        painter.setPen(theme.color(look.colors.ink))
        painter.drawText(
            QRectF(box.left(), box.top(), box.width(), height), int(Qt.TextFlag.TextWordWrap), what
        )
        below = QRectF(box.left(), box.top() + height, box.width(), look.px(22))
        paint.text(painter, below, who, look.font("small"), look.colors.ink_soft)
        painter.restore()


class Overview(QWidget):
    """Where every step begins and ends; F9 takes the next one, letters take the others."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.chart = GrowthChart(self)
        self.chart.setObjectName("case_chart")
        self.chart.setMinimumSize(240, 130)
        self.indicators = Segmented(
            self,
            [(indicator.value, "") for indicator in Indicator],
            tr("Grafik"),
            name="case_indicator",
            role="small_strong",
            height=40,
        )
        self.values = Values(self, name="case_values")
        self.measured = Label(self, "", "small_strong")
        self.measured.setObjectName("case_measured")
        self.why = Card(self, margins=18, spacing=6)
        self.tone = Pill(self.why, name="case_tone")
        self.state = Label(self.why, "", "small_strong", "soft")
        self.state.setObjectName("case_state")
        self.reasons = Reasons(self.why, name="case_reasons", most=6)
        self.next = Label(self, "", "small", "soft", wrap=True)
        self.next.setObjectName("case_next")
        self.main = Button(self, tr("Periksa ukuran"), "F9", "primary", name="case_next_step")
        self.buttons = {
            action.page: Button(
                self, action.words, action.key, "quiet", name=f"case_{action.page.value}", small=True
            )
            for action in _every()
        }
        self.model = DeedModel(self)
        self.list = Rows(self, tr("Riwayat kasus"), name="case_history")
        self.list.setModel(self.model)
        self.list.setItemDelegate(DeedDelegate(self.list))
        self.steps: tuple[Action, ...] = ()
        self._lines = tuple(row(spacing=0) for _ in range(3))
        self._lay_out()
        self.main.clicked.connect(self._main)
        for page, button in self.buttons.items():
            button.clicked.connect(lambda _=False, page=page: self.wanted.emit(page))
        self.indicators.chosen.connect(lambda at: self.chart.set_indicator(list(Indicator)[at]))
        self.chart.indicatorChanged.connect(self._show_indicator)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.indicators, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.chart, 1)
        left.addWidget(self.measured)
        left.addWidget(self.values)
        self.why.column.addLayout(row(self.tone, self.state, None, spacing=10))
        self.why.column.addWidget(self.reasons)
        content = QWidget(self)
        right = QVBoxLayout(content)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(8)
        right.addWidget(self.why)
        first = row(self.main, spacing=12)
        first.addWidget(self.next, 1)
        right.addLayout(first)
        others = QVBoxLayout()
        others.setSpacing(2)
        for line in self._lines:
            others.addLayout(line)
        right.addLayout(others)
        history = RowsCard(content, self.list)
        history.setMinimumHeight(90)
        history.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        right.addWidget(history, 1)
        self._content = content
        both = QHBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(20)
        both.addLayout(left, 10)
        both.addWidget(Scroll(self, content), 11)
        stops: list[QWidget] = [self.main, *self.buttons.values(), self.list, self.indicators, self.chart]
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)

    def show_card(self, card: CaseCard, rules: ProgramRules) -> None:
        """Show a child's case as it stands."""
        case, today = card.case, card.today
        self.chart.set_theme(theme.current())
        self.chart.set_child(card.child, card.status.history, rules=rules, today=today)
        if case is None:
            self.tone.show_tone("baik", tr("Tidak ada kasus"))
            self.state.setText("")
        else:
            self.tone.show_tone(case_words.tone_of(case), case_words.tone_label(case))
            self.state.setText(_state_words(case_words.standing(case, today), case.concurrent))
            self.state.set_ink("danger" if case.overdue_days else "soft")
            self.reasons.show_case(case, today)
        self.reasons.setVisible(case is not None)
        last = card.status.history[-1] if card.status.history else None
        self.measured.setText(
            tr("Belum pernah ditimbang")
            if last is None
            else tr("Ukuran {day}").format(day=words.day_short(last.measurement.date, today))
        )
        self.values.show_values(case_words.values(last))
        self.steps = cs.actions(case)
        self.next.setText(cs.next_words(case))
        self.main.set_words(self.steps[0].words)
        self._offer([action.page for action in self.steps[1:]])
        deeds = case_words.history(case.reviews) if case is not None else ()
        self.model.show_deeds(deeds or ((tr("Belum ada yang dilakukan."), ""),))

    def show_child(self, card: CaseCard) -> None:
        """Another child: her chart begins with the index that the worst reason is about."""
        case = card.case
        group = case.reasons[0].group if case is not None and case.reasons else None
        index = channel_of(card.status.history, group, card.today).index.value
        self.chart.set_indicator(_OF_INDEX.get(index, Indicator.BB_U))
        self._show_indicator(self.chart.indicator.value)

    def next_chart(self) -> None:
        """F10: the next index."""
        shown = list(Indicator)
        self.chart.set_indicator(shown[(shown.index(self.chart.indicator) + 1) % len(shown)])

    def _offer(self, pages: Sequence[Page]) -> None:
        """The other steps, as many to a line as fit, in the order that fits how the case stands."""
        for line in self._lines:
            while line.count():
                line.takeAt(0)
        for button in self.buttons.values():
            button.hide()
        room = (self.width() - 20) * 11 // 21 - 20
        at, took = 0, 0
        for page in pages:
            width = self.buttons[page].sizeHint().width()
            if took and took + width > room and at + 1 < len(self._lines):
                at, took = at + 1, 0
            self._lines[at].addWidget(self.buttons[page])
            self.buttons[page].show()
            took += width
        for each in self._lines:
            each.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._offer([action.page for action in self.steps[1:]])

    def _main(self) -> None:
        if self.steps:
            self.wanted.emit(self.steps[0].page)

    def _show_indicator(self, value: str) -> None:
        self.indicators.set_index([indicator.value for indicator in Indicator].index(value))


def _every() -> tuple[Action, ...]:
    """Every step there is, in the order they are shown; which are offered depends on the case."""
    return (
        Action(Page.VERIFY, tr("Periksa ukuran"), "U"),
        Action(Page.EXAM, tr("Putuskan"), "K"),
        Action(Page.OUTCOME, tr("Catat hasil"), "H"),
        Action(Page.LETTER, tr("Surat rujukan"), "S"),
        Action(Page.CLOSE, tr("Tutup kasus"), "T"),
        Action(Page.REOPEN, tr("Buka kembali"), "B"),
        Action(Page.NOTE, tr("Catatan"), "C"),
    )


def _state_words(standing: str, concurrent: bool) -> str:
    """How far, and whether two health workers wrote without knowing of each other."""
    return tr("{state} · dua petugas menulis bersamaan").format(state=standing) if concurrent else standing

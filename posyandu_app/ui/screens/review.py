"""The midwife's list: who needs somebody, worst first, and why."""

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from posyandu_app.domain.risk import Tone
from posyandu_app.i18n import tr
from posyandu_app.services import review
from posyandu_app.services.views import Changes, RiskRow
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.risk_model import RiskDelegate, RiskModel
from posyandu_app.ui.screens import review_state as rs
from posyandu_app.ui.screens.review_state import SHOWS, ReviewState
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Label, row
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.rows import Rows, RowsCard


class ReviewScreen(Screen):
    """Enter opens the child's card; F3, or 1 to 4, narrows the list to one status."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "review_screen")
        self._state = ReviewState()
        self._stale = True
        self._latest = Latest(desk)
        self.lead = Label(self, "", "body", "soft", wrap=True)
        self.lead.setObjectName("review_lead")
        self.chips = Chips(self, tr("Tampilkan"), name="review_filter")
        self.model = RiskModel(self)
        self.list = Rows(self, tr("Anak yang perlu perhatian"), name="review_list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(RiskDelegate(self.list))
        self.card = RowsCard(self, self.list)
        self.empty = Empty(self, name="review_empty")
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        column.addLayout(row(Label(self, tr("Perlu perhatian"), "display"), None))
        column.addWidget(self.lead)
        column.addWidget(self.chips)
        column.addWidget(self.card, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()
        self.setTabOrder(self.chips, self.list)
        self.list.opened.connect(self._open_chosen)
        self.list.clicked.connect(lambda index: self._clicked(index))
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.chips.chosen.connect(lambda at: self._set(rs.narrowed(self._state, SHOWS[at])))
        for at in range(len(SHOWS)):
            key = QShortcut(QKeySequence(str(at + 1)), self)
            key.activated.connect(lambda at=at: self._set(rs.narrowed(self._state, SHOWS[at])))

    def hints(self) -> tuple[tuple[str, str], ...]:
        return (
            (tr("Pilih"), "↑ ↓"),
            (tr("Buka kartu"), "Enter"),
            (tr("Saringan"), "1–4"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def state(self) -> ReviewState:
        return self._state

    def open(self, child: str = "") -> None:
        if child:
            self._state = rs.chosen(self._state, child)
        if self._stale:
            self.refresh()
        else:
            self._show()
        self.list.setFocus()

    def changed(self, changes: Changes) -> None:
        if changes.kinds != frozenset({"draft"}):
            self._stale = True
            if self.isVisible():
                self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        self._stale = False
        self._latest.ask(review.at_risk, self._found)

    def turn_filter(self) -> None:
        """F3: the next status."""
        at = SHOWS.index(self._state.tone)
        self._set(rs.narrowed(self._state, SHOWS[(at + 1) % len(SHOWS)]))

    def escape(self) -> None:
        self.desk.go("roster")

    def _found(self, rows: tuple[RiskRow, ...]) -> None:
        self.desk.counted.emit("review", len(rows))
        self._set(rs.found(self._state, rows))

    def _set(self, state: ReviewState) -> None:
        self._state = state
        self._show()

    def _show(self) -> None:
        state = self._state
        words = {
            None: tr("Semua"),
            Tone.RUJUK_SEGERA: Tone.RUJUK_SEGERA.label,
            Tone.RUJUK: Tone.RUJUK.label,
            Tone.WASPADA: Tone.WASPADA.label,
        }
        self.chips.show_chips(
            [
                (tone.value if tone else "", words[tone], state.count(tone), str(at + 1))
                for at, tone in enumerate(SHOWS)
            ],
            SHOWS.index(state.tone),
        )
        self.lead.setText(
            tr("Yang paling mendesak di atas. Buka kartu anak untuk melihat grafik dan riwayatnya.")
        )
        rows = state.visible
        self.model.set_rows(rows, self.desk.clock.today())
        at = max(self.model.index_of(state.chosen), 0)
        if rows:
            index = self.model.index(at, 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)
        nothing = state.loaded and not rows
        self.card.setVisible(not nothing)
        self.empty.setVisible(nothing)
        if nothing and state.tone is not None:
            text = tr("Tekan 1 untuk melihat semua yang perlu perhatian.")
            self.empty.show_words("check", tr("Tidak ada anak {tone}").format(tone=state.tone.label), text)
        elif nothing:
            self.empty.show_words(
                "check",
                tr("Tidak ada anak yang perlu perhatian"),
                tr(
                    "Artinya: tidak ada yang harus dirujuk atau diwaspadai dari semua yang sudah diukur. "
                    "Anak yang belum ditimbang belum bisa dinilai."
                ),
            )

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._state = rs.chosen(self._state, self.model.row(current.row()).child.id)

    def _clicked(self, index: QModelIndex) -> None:
        self._state = rs.chosen(self._state, self.model.row(index.row()).child.id)
        self._open_chosen()

    def _open_chosen(self) -> None:
        if self._state.chosen:
            self.desk.go("child", self._state.chosen)

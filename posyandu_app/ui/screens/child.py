"""A child's card, the home of one child: how she does, every visit, what she was given, who did what."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.services import child_book, history
from posyandu_app.services.child_book import ChildBook, Visited
from posyandu_app.services.history import HistoryEntry
from posyandu_app.services.recommendations import SENDERS
from posyandu_app.services.views import Changes
from posyandu_app.ui import printing, qr_paper, theme
from posyandu_app.ui.charts.model import Indicator
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.kms_chart import GrowthChart
from posyandu_app.ui.models.event_model import EventDelegate, EventModel
from posyandu_app.ui.models.visit_model import VisitDelegate, VisitHead, VisitModel
from posyandu_app.ui.paper import Paper
from posyandu_app.ui.screens import child_state as cs
from posyandu_app.ui.screens.child_state import Page
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Segmented, row
from posyandu_app.ui.widgets.child_header import ChildHeader
from posyandu_app.ui.widgets.child_pages import Sheet, Standing, nothing
from posyandu_app.ui.widgets.chips import Chips
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.rows import Rows, RowsCard
from posyandu_app.ui.widgets.scroll import Scroll

_PAGES = tuple(Page)
_SHOWS = frozenset({"child", "measurement", "visit", "dose", "home_visit", "consent", "session", "conflict"})
_DECIDE = (Role.BIDAN, Role.TPG)


class VisitRows(Rows):
    """The table of visits; Delete cancels the chosen one."""

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent, accessible, name=name)
        self.deleted: Callable[[], None] = lambda: None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.deleted()
            return
        super().keyPressEvent(event)


class ChildScreen(Screen):
    """Opened from the lists; 1 to 5 turn its pages, Esc goes back where one came from."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "child_screen")
        self._child = ""
        self._chosen = ""
        self._page = Page.SUMMARY
        self._book: ChildBook | None = None
        self._latest, self._latest_history = Latest(desk), Latest(desk)
        self.printer = Paper(desk)
        deeds = QWidget(self)
        words = tr("Ubah data")
        self.edit = Button(deeds, words, "F7", icon="square-pen", name="child_edit", compact=True)
        self.kms = Button(deeds, tr("Cetak KMS"), "Ctrl+P", icon="printer", name="child_print", compact=True)
        self.weigh = Button(deeds, tr("Timbang"), "F9", "primary", "scale", name="child_weigh")
        self.advise = Button(
            deeds,
            tr("Rekomendasikan"),
            icon="message-square-text",
            name="child_recommend",
            shown_key="R",
            compact=True,
        )
        line = row(self.kms, self.advise, self.edit, self.weigh, spacing=10)
        deeds.setLayout(line)
        self.header = ChildHeader(self, deeds, name="child_header")
        self.chips = Chips(self, tr("Tampilkan"), name="child_pages")
        self.standing = Standing(self)
        self.chart = GrowthChart(self)
        self.chart.setObjectName("child_chart")
        self.indicators = Segmented(
            self,
            [(indicator.value, "") for indicator in Indicator],
            tr("Grafik"),
            name="child_indicator",
            role="small_strong",
        )
        self.model = VisitModel(self)
        self.list = VisitRows(self, tr("Kunjungan"), name="child_visits")
        self.list.setModel(self.model)
        self.list.setItemDelegate(VisitDelegate(self.list))
        self.list.deleted = self._delete
        self.correct = Button(self, tr("Perbaiki"), shown_key="Enter", name="child_correct")
        self.void = Button(self, tr("Batalkan"), shown_key="Del", name="child_void")
        self.given, self.given_list = self._events(tr("Pelayanan"), "child_given")
        self.given_list.deleted = self._delete_given
        self.void_given = Button(self, tr("Batalkan catatan"), shown_key="Del", name="child_void_given")
        self.history, self.history_list = self._events(tr("Riwayat"), "child_history")
        self.sheets = [Sheet(self, name=f"child_sheet_{at}", count=6) for at in range(3)]
        self.change = Button(self, tr("Ubah data"), icon="square-pen", shown_key="F7", name="child_change")
        words = tr("Pindah, meninggal, lulus")
        self.leaving = Button(self, words, shown_key="F6", name="child_leave")
        self.qr = Button(self, tr("Kartu QR"), icon="qr-code", shown_key="Ctrl+R", name="child_qr")
        self.empty = Empty(self, name="child_empty")
        self._views = QStackedWidget(self)
        self._lay_out()
        self._connect()

    def _events(self, words: str, name: str) -> tuple[EventModel, VisitRows]:
        model, rows = EventModel(self), VisitRows(self, words, name=name)
        rows.setModel(model)
        rows.setItemDelegate(EventDelegate(rows))
        return model, rows

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 20, 32, 8)
        column.setSpacing(12)
        column.addWidget(self.header)
        column.addWidget(self.chips)
        self._pages = {
            Page.SUMMARY: self._summary(),
            Page.VISITS: self._visits(),
            Page.GIVEN: self._given(),
            Page.HISTORY: RowsCard(self, self.history_list),
            Page.DATA: self._data(),
        }
        for page in self._pages.values():
            self._views.addWidget(page)
        self._views.addWidget(self.empty)
        column.addWidget(self._views, 1)
        order = [self.chart, self.indicators, self.list, self.correct, self.void, self.given_list]
        order += [self.void_given]
        order += [self.history_list, self.change, self.leaving, self.qr, self.chips, self.kms, self.advise]
        order += [self.edit, self.weigh, self.header.back]
        for at, stop in enumerate(order[1:]):
            self.setTabOrder(order[at], stop)

    def _summary(self) -> QWidget:
        page = QWidget(self)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.indicators, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(self.chart, 1)
        body = QHBoxLayout(page)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(20)
        body.addWidget(Scroll(page, self.standing), 10)
        body.addLayout(right, 12)
        return page

    def _visits(self) -> QWidget:
        page = QWidget(self)
        body = QVBoxLayout(page)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        body.addWidget(VisitHead(page))
        body.addWidget(RowsCard(page, self.list), 1)
        body.addSpacing(4)
        body.addLayout(row(self.correct, self.void, None, spacing=12))
        return page

    def _given(self) -> QWidget:
        page = QWidget(self)
        body = QVBoxLayout(page)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(10)
        body.addWidget(RowsCard(page, self.given_list), 1)
        body.addLayout(row(self.void_given, None))
        return page

    def _data(self) -> QWidget:
        page = QWidget(self)
        sheets = QHBoxLayout()
        sheets.setSpacing(12)
        for sheet in self.sheets:
            sheets.addWidget(sheet, 1)
        body = QVBoxLayout(page)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(12)
        body.addLayout(sheets, 1)
        body.addLayout(row(self.change, self.leaving, self.qr, None, spacing=12))
        return page

    @property
    def _advises(self) -> bool:
        """Whether this role recommends something about a child."""
        return self.desk.workspace.user.role in SENDERS

    def recommend(self) -> None:
        """R: begin a recommendation about this child."""
        if self._advises:
            self.desk.go("recommend_write", self._child)

    def _connect(self) -> None:
        desk = self.desk
        deeds = (self.weigh, self.edit, self.change, self.leaving, self.correct, self.void, self.qr)
        for button in (*deeds, self.void_given):
            button.setEnabled(self.desk.workspace.writes)
            button.setVisible(self.desk.workspace.writes)
        self.advise.setVisible(self._advises)
        self.advise.clicked.connect(self.recommend)
        QShortcut(QKeySequence("R"), self).activated.connect(self.recommend)
        self.header.back.clicked.connect(self.escape)
        self.weigh.clicked.connect(lambda: desk.go("weighing", self._child))
        for button in (self.edit, self.change):
            button.clicked.connect(lambda: desk.go("edit", self._child))
        self.leaving.clicked.connect(lambda: desk.go("leaving", self._child))
        self.kms.clicked.connect(self.print_kms)
        self.qr.clicked.connect(self.print_qr)
        self.indicators.chosen.connect(lambda at: self.chart.set_indicator(list(Indicator)[at]))
        self.chart.indicatorChanged.connect(self._show_indicator)
        self.chips.chosen.connect(lambda at: self.turn_to(_PAGES[at]))
        self.list.opened.connect(self._open_visit)
        self.list.selectionModel().currentChanged.connect(self._visit_chosen)
        self.correct.clicked.connect(self._open_visit)
        self.void.clicked.connect(self._delete)
        self.void_given.clicked.connect(self._delete_given)
        for at, page in enumerate(_PAGES, 1):
            key = QShortcut(QKeySequence(str(at)), self)
            key.activated.connect(lambda page=page: self.turn_to(page))
        for name, deed in (  # from every page, not only from the one with the button
            ("F6", self.leaving.click),
            ("Ctrl+R", self.print_qr),
            ("F10", self._next_chart),
        ):
            QShortcut(QKeySequence(name), self).activated.connect(deed)

    def hints(self) -> tuple[tuple[str, str], ...]:
        writes = self.desk.workspace.writes
        of_page = {
            Page.SUMMARY: ((tr("Grafik lain"), "F10"), (tr("Baca titik"), "← →")),
            Page.VISITS: ((tr("Perbaiki"), "Enter"), (tr("Batalkan"), "Del")) if writes else (),
            Page.GIVEN: ((tr("Batalkan"), "Del"),) if writes else (),
        }.get(self._page, ())
        if not writes:
            case = ((tr("Kasus"), "Ctrl+Enter"),) if self.desk.workspace.user.role in _DECIDE else ()
            advise = ((tr("Rekomendasikan"), "R"),) if self._advises else ()
            return (*case, *of_page, *advise, (tr("Tampilan lain"), "F3"), (tr("Kembali"), "Esc"))
        return (
            (tr("Timbang"), "F9"),
            *of_page,
            (tr("Ubah data"), "F7"),
            (tr("Pindah, lulus"), "F6"),
            (tr("Tampilan lain"), "F3"),
            (tr("Kembali"), "Esc"),
        )

    @property
    def about(self) -> str:
        return self._child

    @property
    def page(self) -> Page:
        """What of the card is in sight."""
        return self._page

    @property
    def book(self) -> ChildBook | None:
        return self._book

    def open(self, child: str = "") -> None:
        if child != self._child:
            self._book, self._page, self._chosen = None, Page.SUMMARY, ""
        self._child = child
        self.indicators.set_index(list(Indicator).index(self.chart.indicator))
        self._turn()
        self._read()

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds & _SHOWS:
            self._read()

    def turn_filter(self) -> None:
        """F3: the next view."""
        self.turn_to(_PAGES[(_PAGES.index(self._page) + 1) % len(_PAGES)])

    def turn_to(self, page: Page) -> None:
        """Show another view of the card."""
        self._page = page
        self._turn()
        self._show_page()
        self.hints_changed.emit()

    def open_card(self) -> None:
        """Ctrl+Enter: the case of this child, for those who decide."""
        if self.desk.workspace.user.role in _DECIDE:
            self.desk.go("case", self._child)

    def escape(self) -> None:
        self.desk.go("back", self._child)

    # reading and showing

    def _read(self) -> None:
        child = self._child
        self._latest.ask(lambda workspace: child_book.open_book(workspace, child), self._show)
        if self._page is Page.HISTORY:
            self._read_history()

    def _read_history(self) -> None:
        child = self._child
        self._latest_history.ask(
            lambda workspace: (child, history.of(workspace, child)),
            lambda answer: self._show_history(*answer),
        )

    def _show(self, book: ChildBook) -> None:
        if book.child.id != self._child:
            return
        self._book = book
        card = book.card
        self.header.show_child(card.child, card.today, card.history)
        self.standing.show_book(book)
        self.chart.set_theme(theme.current())
        self.chart.set_child(card.child, card.history, rules=self.desk.workspace.rules, today=card.today)
        chosen = self._chosen
        self.model.set_visits(book.visits, card.child, card.today)
        at = max(self.model.index_of(chosen), 0)
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(at, 0))
        at = self.given_list.currentIndex().row()
        self.given.set_rows([cs.of_given(item, card.today) for item in book.given])
        if book.given:
            self.given_list.setCurrentIndex(self.given.index(max(0, min(at, len(book.given) - 1)), 0))
        for sheet, (heading, facts) in zip(self.sheets, cs.identity(book), strict=True):
            sheet.show_facts(heading, facts)
        self._show_page()

    def _show_history(self, child: str, entries: tuple[HistoryEntry, ...]) -> None:
        if child == self._child:
            today = self.desk.clock.today()
            self.history.set_rows([cs.of_history(entry, today) for entry in reversed(entries)])

    def _turn(self) -> None:
        if self._page is Page.HISTORY:
            self._read_history()
        self.chips.show_chips(cs.chips(self._book), _PAGES.index(self._page))

    def _show_page(self) -> None:
        book, page = self._book, self._page
        self.chips.show_chips(cs.chips(book), _PAGES.index(page))
        empty = book is not None and (
            (page is Page.VISITS and not book.visits) or (page is Page.GIVEN and not book.given)
        )
        if empty:
            self.empty.show_words(*nothing(page))
        self._views.setCurrentWidget(self.empty if empty else self._pages[page])
        self._show_deeds()
        if self.isVisible():
            self._take_keyboard(empty=empty)

    def _take_keyboard(self, *, empty: bool) -> None:
        home: dict[Page, QWidget] = {
            Page.SUMMARY: self.chart,
            Page.VISITS: self.list,
            Page.GIVEN: self.given_list,
            Page.HISTORY: self.history_list,
            Page.DATA: self.change,
        }
        target = self.chips if empty else home[self._page]
        if not target.hasFocus():
            target.setFocus()

    # one visit

    def _visit(self) -> Visited | None:
        at = self.list.currentIndex().row()
        return self.model.visit(at) if 0 <= at < self.model.rowCount() else None

    def _visit_chosen(self, current: QModelIndex) -> None:
        if current.isValid():
            self._chosen = self.model.visit(current.row()).measurement.id
            self._show_deeds()

    def _show_deeds(self) -> None:
        visit = self._visit()
        hidden = visit is not None and visit.measurement.voided
        self.correct.set_words(tr("Kembalikan") if hidden else tr("Perbaiki"))
        self.void.setVisible(self.desk.workspace.writes and not hidden)

    def _open_visit(self) -> None:
        visit = self._visit()
        if visit is not None and self.desk.workspace.writes:
            self.desk.go("restore" if visit.measurement.voided else "correct", visit.measurement.id)

    def _delete(self) -> None:
        visit = self._visit()
        if visit is not None and self.desk.workspace.writes and not visit.measurement.voided:
            self.desk.go("cancel", visit.measurement.id)

    def _delete_given(self) -> None:
        at, book = self.given_list.currentIndex().row(), self._book
        if book is not None and self.desk.workspace.writes and 0 <= at < len(book.given):
            self.desk.go("cancel_given", f"{book.child.id}/{book.given[at].id}")

    # paper

    def print_kms(self) -> None:
        """Ctrl+P: the chart in sight on A4."""
        book = self._book
        if book is None:
            return
        header = printing.header_of(book.child, posyandu=book.posyandu)
        name = f"kms-{self.chart.indicator.value.replace('/', '-').lower()}-{self._child[-6:]}"
        self.printer.save(name, lambda path: self.chart.to_pdf(path, header))

    def print_qr(self) -> None:
        """Ctrl+R: the card with her code, A6."""
        book = self._book
        if book is not None and self.desk.workspace.writes:
            card = qr_paper.card_of(book.child, book.posyandu)
            self.printer.save(f"kartu-qr-{self._child[-6:]}", lambda path: qr_paper.to_pdf(path, (card,)))

    # the chart

    def _show_indicator(self, value: str) -> None:
        self.indicators.set_index([indicator.value for indicator in Indicator].index(value))

    def _next_chart(self) -> None:
        shown = list(Indicator)
        self.chart.set_indicator(shown[(shown.index(self.chart.indicator) + 1) % len(shown)])

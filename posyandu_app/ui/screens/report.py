"""One posyandu's monthly report: checklist and verdict, the form F1-Gizi, the services; Excel and PDF."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain import regions
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.f1 import F1
from posyandu_app.domain.model import Role
from posyandu_app.domain.reports_check import ReportState, Verdict
from posyandu_app.i18n import tr
from posyandu_app.reports import f1_book
from posyandu_app.reports.f1_book import Sheet
from posyandu_app.services import monthly_reports
from posyandu_app.services.monthly_reports import Report
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace
from posyandu_app.ui import day_paper
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.models.line_model import LineDelegate, LineModel
from posyandu_app.ui.screens import report_state as rs
from posyandu_app.ui.screens.paper_screen import PaperScreen
from posyandu_app.ui.widgets.basic import Button, Card, Icon, Label, Segmented, row
from posyandu_app.ui.widgets.form_table import FormTable
from posyandu_app.ui.widgets.recap import Figures
from posyandu_app.ui.widgets.rows import Rows, RowsCard
from posyandu_app.ui.widgets.text_area import TextArea

LONGEST_NOTE = 500
_STRONG = frozenset({"1", "7"})


class CheckRows(Rows):
    """A checklist in which the space bar marks a line."""

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent, accessible, name=name)
        self.mark: Callable[[], None] = lambda: None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.mark()
            return
        super().keyPressEvent(event)


class ReportScreen(PaperScreen):
    """F9 accepts (or, at the posyandu, says that it was mended), F6 returns; 1 to 3 turn the page."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "report_screen")
        self._report: Report | None = None
        self._form: F1 | None = None
        self._address = ""
        self._marked: frozenset[str] = frozenset()
        self._latest = Latest(desk)
        self.title = Label(self, "", "display")
        self.title.setObjectName("report_title")
        self.lead = Label(self, "", "body", "soft", wrap=True)
        self.lead.setObjectName("report_lead")
        self.pages = Segmented(
            self,
            [(tr("Pemeriksaan"), ""), (tr("F1-Gizi"), ""), (tr("Pelayanan"), "")],
            tr("Halaman"),
            name="report_pages",
            role="small_strong",
            height=44,
        )
        self.excel = Button(self, tr("Excel"), "Ctrl+E", "secondary", "file-spreadsheet", name="report_excel")
        self.pdf = Button(self, tr("Cetak"), "Ctrl+P", name="report_print")
        self._views = QStackedWidget(self)
        self._make_check()
        self._make_form()
        self._make_services()
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(12)
        column.addLayout(row(self.title, None, self.excel, self.pdf, spacing=12))
        head = row(spacing=16)
        head.addWidget(self.lead, 1)
        head.addWidget(self.pages)
        column.addLayout(head)
        column.addWidget(self._views, 1)
        self.pages.chosen.connect(self._turn)
        self.excel.clicked.connect(self.write_book)
        self.pdf.clicked.connect(self.print_report)
        for at in range(3):
            QShortcut(QKeySequence(str(at + 1)), self).activated.connect(lambda at=at: self._turn(at))
        self.pages.set_index(0)

    def _make_check(self) -> None:
        page = QWidget(self)
        both = QHBoxLayout(page)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(16)
        self.model = LineModel(self)
        self.list = CheckRows(page, tr("Daftar periksa"), name="report_checks")
        self.list.setModel(self.model)
        self.list.setItemDelegate(LineDelegate(self.list, right=150))
        self.list.mark = self._mark
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        both.addWidget(RowsCard(page, self.list), 3)
        self.aside = Card(page, margins=20, spacing=10)
        self.state_icon = Icon(self.aside, "clipboard-list", 24, "accent")
        self.state = Label(self.aside, "", "heading", wrap=True)
        self.state.setObjectName("report_state")
        self.why = Label(self.aside, "", "body", "soft", wrap=True)
        self.why.setObjectName("report_why")
        self.behind = LineModel(self)
        self.children_head = Label(self.aside, tr("Anak di balik baris ini"), "small_strong", "soft")
        self.children_list = Rows(self.aside, tr("Anak di balik baris ini"), name="report_children")
        self.children_list.setModel(self.behind)
        self.children_list.setItemDelegate(LineDelegate(self.children_list, right=10))
        self.list.opened.connect(self.children_list.setFocus)
        self.children_list.opened.connect(self._open_child)
        self.children_list.clicked.connect(lambda _: self._open_child())
        self.note = TextArea(self.aside, tr("Catatan"), name="report_note", longest=LONGEST_NOTE, height=64)
        self.note.edit.setMaximumHeight(96)
        self.accept = Button(self.aside, tr("Terima"), "F9", "primary", "check", name="report_accept")
        self.give_back = Button(
            self.aside, tr("Kembalikan"), "F6", "secondary", "corner-up-left", name="report_return"
        )
        state = row(self.state_icon, spacing=10)
        state.addWidget(self.state, 1)
        self.aside.column.addLayout(state)
        self.aside.column.addWidget(self.why)
        self.aside.column.addWidget(self.children_head)
        self.aside.column.addWidget(self.children_list, 1)
        self.aside.column.addStretch(0)
        self.aside.column.addWidget(self.note)
        self.aside.column.addWidget(self.accept)
        self.aside.column.addWidget(self.give_back)
        self.aside.setMinimumWidth(340)
        both.addWidget(self.aside, 2)
        self._views.addWidget(page)
        self.accept.clicked.connect(self._first_deed)
        self.give_back.clicked.connect(lambda: self._verify(Verdict.RETURNED))

    def _make_form(self) -> None:
        card = Card(self, margins=16, spacing=0)
        self.form = FormTable(card, name="report_form")
        card.column.addWidget(self.form, 1)
        self._views.addWidget(card)

    def _make_services(self) -> None:
        page = QWidget(self)
        both = QHBoxLayout(page)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(16)
        left, right = Card(page, margins=16, spacing=0), Card(page, margins=16, spacing=16)
        self.singles = Figures(left, name="report_singles", strong=-1)
        self.ratios = Figures(right, name="report_ratios")
        self.infants = Figures(right, name="report_infants")
        left.column.addWidget(self.singles, 1)
        right.column.addWidget(self.ratios, 1)
        right.column.addWidget(self.infants, 1)
        both.addWidget(left, 1)
        both.addWidget(right, 1)
        self._views.addWidget(page)

    # what the window asks

    def hints(self) -> tuple[tuple[str, str], ...]:
        role = self.desk.workspace.user.role
        deeds: tuple[tuple[str, str], ...] = ((tr("Halaman"), "1–3"),)
        if self._views.currentIndex() == 0:
            deeds = (*deeds, (tr("Lihat anaknya"), "Enter"))
            if role == Role.TPG:
                deeds = (*deeds, (tr("Minta diperbaiki"), tr("Spasi")))
        return (*deeds, (tr("Kembali"), "Esc"))

    @property
    def report(self) -> Report | None:
        return self._report

    @property
    def marked(self) -> frozenset[str]:
        """The lines that are asked to be mended."""
        return self._marked

    def open(self, child: str = "") -> None:
        """`child` is the address of a report (`report_state.address`)."""
        if child and child != self._address:
            self._address, self._marked = child, frozenset()
            self.note.set_text("")
            self._turn(0)
        self.note.set_error("")
        self.refresh()
        self.list.setFocus()

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds != frozenset({"draft"}):
            self.refresh()

    def refresh(self) -> None:
        """Read the report again."""
        wanted = rs.read_address(self._address)
        if wanted is not None:
            scope, month = wanted
            self._latest.ask(
                lambda ws: (monthly_reports.report(ws, scope, month), monthly_reports.form(ws, scope, month)),
                lambda found: self._found(*found),
            )

    def turn_filter(self) -> None:
        """F3: the next page."""
        self._turn((self._views.currentIndex() + 1) % 3)

    def escape(self) -> None:
        sees_all = self.desk.workspace.user.role != Role.KADER
        self.desk.go("reports" if sees_all else "recommend")

    # showing

    def _turn(self, at: int) -> None:
        self.pages.set_index(at)
        self._views.setCurrentIndex(at)
        (self.list if at == 0 else self.pages).setFocus()
        self.hints_changed.emit()

    def _found(self, report: Report, form: F1) -> None:
        self._report, self._form = report, form
        targets = self.desk.workspace.rules.targets
        self.title.setText(report.posyandu)
        figures = "  ·  ".join(f"{name} {value}" for name, value in rs.skdn_lines(report))
        self.lead.setText(f"{report.month.label}  ·  {figures}")
        self.form.show_rows(rs.heads(form), rs.sexes(form), rs.table(form), _STRONG, tr("Umur, bulan"))
        self.singles.show_lines((tr("Baris formulir"), tr("L"), tr("P"), tr("Jml")), rs.singles(form))
        wanted = [("d_s", targets.d_s), ("n_d", targets.n_d)]
        self.ratios.show_lines((tr("Indikator"), tr("Bulan ini"), tr("Target")), rs.ratios(form, wanted))
        self.infants.show_lines(
            (tr("Bayi menurut umur"), tr("Ada"), tr("Ditanya"), tr("ASI saja")), rs.infants(form)
        )
        self._show()

    def _show(self) -> None:
        report, role = self._report, self.desk.workspace.user.role
        if report is None:
            return
        at = max(self.list.currentIndex().row(), 0)
        self.model.set_lines(rs.check_lines(report, self._marked))
        self.list.setCurrentIndex(self.model.index(at, 0))
        state, why = rs.verdict_words(report, self.desk.clock.today())
        self.state.setText(state)
        self.why.setText(why)
        self.state_icon.set_icon(rs.ICONS[report.status.state])
        mends = role in (Role.KADER, Role.BIDAN)
        returned = report.status.state is ReportState.RETURNED
        self.accept.set_words(tr("Sudah diperbaiki") if mends else tr("Terima"))
        self.accept.setVisible(role == Role.TPG or (mends and returned))
        self.give_back.setVisible(role == Role.TPG)
        self.note.setVisible(role == Role.TPG or (mends and returned))
        self._show_children()

    def _show_children(self) -> None:
        at = self.list.currentIndex().row()
        lines = (
            ()
            if self._report is None or at < 0
            else rs.behind(self._report, self.model.row(at).key, self.desk.workspace.user.role)
        )
        self.behind.set_lines(lines)
        if lines:
            self.children_list.setCurrentIndex(self.behind.index(0, 0))
        for widget in (self.children_head, self.children_list):
            widget.setVisible(bool(lines))

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._show_children()

    def _open_child(self) -> None:
        at = self.children_list.currentIndex().row()
        if at >= 0:
            self.desk.go("child", self.behind.row(at).key)

    # deeds

    def _mark(self) -> None:
        at = self.list.currentIndex().row()
        if self.desk.workspace.user.role == Role.TPG and at >= 0:
            self._marked ^= {self.model.row(at).key}
            self._show()

    def _first_deed(self) -> None:
        if self.desk.workspace.user.role == Role.TPG:
            self._verify(Verdict.ACCEPTED)
        else:
            self._mended()

    def _verify(self, verdict: Verdict) -> None:
        report, marked, note = self._report, self._marked, self.note.text()
        if report is None:
            return
        items = marked if verdict is Verdict.RETURNED else frozenset()
        self._do(
            lambda ws: monthly_reports.verify(ws, report.scope, report.month, verdict, items, note or None)
        )

    def _mended(self) -> None:
        report, note = self._report, self.note.text()
        if report is None or report.status.last is None:
            return
        check = report.status.last.id
        self._do(lambda ws: monthly_reports.mended(ws, check, note or None))

    def _do(self, deed: Callable[[Workspace], Changes]) -> None:
        self.note.set_error("")

        def done(changes: Changes) -> None:
            self._marked = frozenset()
            self.note.set_text("")
            self.desk.offer(changes)
            self.escape()

        self.desk.do(deed, done, self._refused)

    def _refused(self, error: Exception) -> None:
        if isinstance(error, InvalidValue):
            self.note.set_error(error.message)
            self.note.edit.setFocus()
        else:
            self.desk.trouble(error)

    # paper

    def _facts(self, report: Report) -> list[tuple[str, str]]:
        where = [region.name for region in regions.path_of(report.scope.rpartition(".")[0])]
        return [
            (tr("Posyandu"), report.posyandu),
            (tr("Wilayah"), ", ".join(reversed(where)) or report.scope),
            (tr("Bulan"), report.month.label),
            (tr("Keadaan laporan"), report.status.state.label),
            (tr("Aturan program"), report.rules),
            (tr("Dibuat"), format_date(self.desk.clock.today())),
        ]

    def write_book(self) -> None:
        """Ctrl+E: the report as a workbook."""
        self._export(".xlsx", self._book)

    def print_report(self) -> None:
        """Ctrl+P: the report as PDF."""
        self._export(".pdf", self._paper)

    def _export(self, ending: str, write: Callable[[Path, Report, F1], None]) -> None:
        report, form = self._report, self._form
        if report is None or form is None:
            return
        month = f"{report.month.year:04d}-{report.month.month:02d}"
        name = f"laporan-{report.scope}-{month}{ending}"
        self.save_paper([(name, lambda path: write(path, report, form))])

    def _book(self, path: Path, report: Report, form: F1) -> None:
        title = tr("Laporan bulanan posyandu (F1-Gizi)")
        spread = ["", ""]
        for group in rs.heads(form)[:-1]:
            spread += [group, ""]
        spread += [rs.heads(form)[-1], "", ""]
        sheets = (
            Sheet(tr("F1-Gizi"), (spread, (tr("No"), tr("Baris"), *rs.sexes(form))), rs.table(form)),
            Sheet(tr("Pelayanan"), ((tr("Baris formulir"), tr("L"), tr("P"), tr("Jml")),), rs.singles(form)),
            Sheet(tr("ASI"), ((tr("Umur"), tr("Ada"), tr("Ditanya"), tr("ASI saja")),), rs.infants(form)),
            Sheet(tr("Indikator"), ((tr("Indikator"), tr("Bulan ini"), tr("Target")),), self._ratios(form)),
            Sheet(tr("Pemeriksaan"), ((tr("Baris"), tr("Keadaan")),), _checks(report)),
        )
        f1_book.write(path, title, self._facts(report), sheets)

    def _ratios(self, form: F1) -> tuple[tuple[str, ...], ...]:
        targets = self.desk.workspace.rules.targets
        return rs.ratios(form, [("d_s", targets.d_s), ("n_d", targets.n_d)])

    def _paper(self, path: Path, report: Report, form: F1) -> None:
        heads = [tr("No"), tr("Baris")]
        for group in rs.heads(form)[:-1]:
            heads += [f"{group} {tr('L')}", f"{group} {tr('P')}"]
        heads += [tr("L"), tr("P"), tr("Jml")]
        tables: list[day_paper.Table] = [
            (tr("F1-Gizi"), heads, rs.table(form)),
            (tr("Pelayanan"), (tr("Baris formulir"), tr("L"), tr("P"), tr("Jml")), rs.singles(form)),
            (tr("ASI"), (tr("Umur"), tr("Ada"), tr("Ditanya"), tr("ASI saja")), rs.infants(form)),
            (tr("Indikator"), (tr("Indikator"), tr("Bulan ini"), tr("Target")), self._ratios(form)),
            (tr("Pemeriksaan"), (tr("Baris"), tr("Keadaan")), _checks(report)),
        ]
        lead = ["  ·  ".join(f"{label}: {value}" for label, value in self._facts(report))]
        title = tr("Laporan bulanan posyandu (F1-Gizi)")
        day_paper.to_pdf(path, title, lead, tables, landscape=True)


def _checks(report: Report) -> tuple[tuple[str, str], ...]:
    return tuple((line.item.label, line.told) for line in report.lines)

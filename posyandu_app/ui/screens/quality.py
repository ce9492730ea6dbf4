"""Data quality: whose measurements are in doubt, by which limit, and the records behind each figure."""

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain.age import Month
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.model import Role
from posyandu_app.domain.scopes import is_scope
from posyandu_app.i18n import tr
from posyandu_app.reports.analyst import Analyst
from posyandu_app.reports.answers import Known
from posyandu_app.reports.child_lists import ListAnswer
from posyandu_app.reports.people import MOST
from posyandu_app.reports.quality import Check, QualityTable, Team
from posyandu_app.services.views import Changes
from posyandu_app.ui.analysis import quality_view as qv
from posyandu_app.ui.analysis.quality_view import ALL, QualityState
from posyandu_app.ui.analysis.shown import Shown
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.messages import describe
from posyandu_app.ui.screens.figures_screen import FiguresScreen
from posyandu_app.ui.screens.report_state import read_figure
from posyandu_app.ui.widgets.basic import Button, Label, row
from posyandu_app.ui.widgets.digits import DigitBars
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.pictures import DotsView, PeopleView


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with the state that it answers."""

    state: QualityState
    known: Known
    name: str
    table: QualityTable
    records: ListAnswer | None


class QualityScreen(FiguresScreen):
    """Rows on the left, their checks on the right; Enter goes to the records behind a figure, Esc back."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "quality")
        self._state: QualityState | None = None
        self._reply: Reply | None = None
        self._moved = False
        self._latest = Latest(desk, desk.analyse)
        self.note = Label(self, "", "small", "soft", wrap=True)
        self.note.setObjectName("quality_note")
        self.team = Button(self, tr("Per kader"), "P", "quiet", name="quality_team")
        self.rows = DotsView(self, tr("Posyandu atau kader"), name="quality_rows")
        self.checks = DotsView(self, tr("Yang dilihat"), name="quality_checks")
        self.people = PeopleView(self, tr("Catatan di baliknya"), name="quality_records")
        self.digits = DigitBars(self, name="quality_digits")
        self.behind = Label(self, "", "small_strong", wrap=True)
        self.behind.setObjectName("quality_behind")
        self.nobody = Empty(self, name="quality_nobody")
        self.empty = Empty(self, name="quality_empty")
        self._right = QStackedWidget(self)
        self._pages = QStackedWidget(self)
        self._records = QWidget(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 16, 32, 8)
        column.setSpacing(8)
        column.addLayout(self.head())
        column.addWidget(self.headline)
        column.addWidget(self.note)
        records = QVBoxLayout(self._records)
        records.setContentsMargins(0, 0, 0, 0)
        records.setSpacing(8)
        records.addWidget(self.behind)
        records.addWidget(self.digits)
        records.addWidget(self.people, 1)
        records.addWidget(self.nobody, 1)
        self._right.addWidget(self.checks)
        self._right.addWidget(self._records)
        both = QWidget(self)
        line = QHBoxLayout(both)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(16)
        line.addWidget(self.rows, 10)
        line.addWidget(self._right, 17)
        self._pages.addWidget(both)
        self._pages.addWidget(self.empty)
        self._both = both
        column.addWidget(self._pages, 1)
        column.addLayout(row(self.team, None, self.pictures, self.excel, spacing=2))

    def _connect(self) -> None:
        self.unit.clicked.connect(
            lambda: self._set(replace(self._need, yearly=not self._need.yearly, deep=0))
        )
        self.team.clicked.connect(lambda: self._set(qv.turned_team(self._need)))
        self.rows.chose.connect(self._row_chosen)
        self.rows.opened.connect(lambda _: self._deeper())
        self.checks.chose.connect(self._check_chosen)
        self.checks.opened.connect(lambda _: self._deeper())
        self.people.opened.connect(self._open_child)

    @property
    def state(self) -> QualityState:
        """Where the person stands."""
        return self._need

    @property
    def table(self) -> QualityTable | None:
        """What is in sight."""
        return None if self._reply is None else self._reply.table

    @property
    def _need(self) -> QualityState:
        if self._state is None:
            top = self.desk.workspace.scope or ""
            self._state = QualityState(top, top, Month.of(self.desk.clock.today()))
        return self._state

    def hints(self) -> tuple[tuple[str, str], ...]:
        opens = (tr("Yang dilihat"), tr("Catatan di baliknya"), tr("Buka anak"))[self._need.deep]
        office = self.desk.workspace.user.role in (Role.TPG, Role.DINAS)
        recommend = ((tr("Rekomendasikan"), "R"),) if office and self._need.team is Team.POSYANDU else ()
        return ((opens, "Enter"), *recommend, (tr("Analisis"), "1–8"), (tr("Kembali"), "Esc"))

    def open(self, child: str = "") -> None:
        wanted = read_figure(child)
        if wanted is not None:
            check, area, month = wanted
            self._state = replace(self._need, area=area, month=month, yearly=False, row=ALL, check=check)
            self._state = replace(self._state, team=Team.POSYANDU, deep=1)
            self._moved = True
        elif is_scope(child) and child != self._need.area:
            self._state = replace(self._need, area=child, row=ALL, check="", deep=0)
        self._show_frame()
        self.refresh()

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds != frozenset({"draft"}):
            self.refresh()

    def escape(self) -> None:
        state = self._need
        if state.deep:
            self._set(replace(state, deep=state.deep - 1))
        else:
            self.desk.go("analysis")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text, plain = event.text().lower(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and text == "r" and self._need.team is Team.POSYANDU:
            self.recommend()
        elif plain and len(text) == 1 and text in "12345678":
            self.desk.go("analysis", f"view:{text}")
        elif plain and event.key() == Qt.Key.Key_Left and self._need.deep:
            self._set(replace(self._need, deep=self._need.deep - 1))
        elif plain and event.key() == Qt.Key.Key_Right and self._need.deep == 0:
            self._deeper()
        else:
            super().keyPressEvent(event)

    def recommend(self) -> None:
        """R: begin a recommendation to the posyandu chosen, or to the whole area, with the check chosen."""
        state = self._need
        if self.desk.workspace.user.role in (Role.TPG, Role.DINAS):
            self.begin_letter(state.key or state.area, qv.figure_in_view(state))

    # asking

    def refresh(self) -> None:
        """Count anew, or take what was counted before; children registered twice come a little later."""
        self._ask(duplicates=False)

    def _ask(self, *, duplicates: bool) -> None:
        state, moved = self._need, self._moved

        def question(analyst: Analyst) -> Reply | None:
            known = analyst.known()
            if known.first is None or known.last is None or known.usual is None:
                return None
            month = min(max(state.month, known.first), known.last) if moved else min(known.usual, state.month)
            settled = replace(state, month=max(month, known.first))
            table = analyst.quality(settled.area, settled.period, settled.team, duplicates=duplicates)
            records = None
            if settled.deep == 2 and settled.check:
                check = Check(settled.check)
                records = analyst.behind(settled.area, settled.period, settled.team, check, settled.key)
            return Reply(settled, known, analyst.name(settled.area), table, records)

        self._latest.ask(question, self._found, self._failed)

    def _failed(self, error: Exception) -> None:
        self.empty.show_words("triangle-alert", tr("Angka belum dapat dihitung"), describe(error))
        self._pages.setCurrentWidget(self.empty)

    def _found(self, reply: Reply | None) -> None:
        if reply is None:
            self.headline.setText(tr("Belum ada penimbangan untuk dianalisis"))
            self.note.setText("")
            self.empty.show_words(
                "ruler",
                tr("Belum ada penimbangan untuk dianalisis"),
                tr("Gabungkan laptop ini lewat Sinkronisasi, atau tunggu kiriman pertama dari posyandu."),
            )
            self._pages.setCurrentWidget(self.empty)
            return
        self._moved = True
        self._reply = reply
        now = self._need
        self._state = replace(reply.state, row=now.row, check=now.check, deep=now.deep)
        self.trail.show_path((tr("Mutu data"), reply.name))
        told, note = qv.headline(reply.table)
        self.headline.setText(told)
        self.note.setText(note)
        self._pages.setCurrentWidget(self._both)
        self._show_frame()
        self.rows.show_picture(qv.rows_picture(reply.table), now.row)
        self._show_right()
        self._take_keyboard()
        if Check.DUPLICATES not in reply.table.total.figures and self._need.team is Team.POSYANDU:
            self._ask(duplicates=True)

    # showing

    def _set(self, state: QualityState) -> None:
        if state == self._state:
            return
        self._state = state
        self._show_frame()
        self.hints_changed.emit()
        self.refresh()

    def shift(self, steps: int) -> None:
        state, known = self._need, None if self._reply is None else self._reply.known
        month = state.month.shifted(steps * (12 if state.yearly else 1))
        if known is not None and known.first is not None and known.last is not None:
            month = min(max(month, known.first), known.last)
        self._set(replace(state, month=month, deep=0))

    def _show_frame(self) -> None:
        state = self._need
        self.show_period(state.period.label, yearly=state.yearly)
        self.team.set_words(tr("Per kader") if state.team is Team.POSYANDU else tr("Per posyandu"))

    def _show_right(self) -> None:
        reply, state = self._reply, self._need
        assert reply is not None
        found = qv.row_of(reply.table, state)
        self.checks.show_picture(qv.checks_picture(found, self.desk.analyst.analysis), state.check)
        if state.deep == 2 and state.check and reply.records is not None:
            figure = found.figures[Check(state.check)]
            self.digits.show_digits(figure.digits)
            parts = [
                f"{figure.check.label}: {qv.told_words(figure)}",
                qv.behind_words(figure, listed=bool(reply.records.lines), masked=reply.records.masked),
            ]
            if (reply.records.count or 0) > MOST:
                parts.append(tr("Ditampilkan {most} yang pertama.").format(most=MOST))
            self.behind.setText(". ".join(part.rstrip(".") for part in parts if part) + ".")
            some = bool(reply.records.lines)
            self.people.setVisible(some)
            self.nobody.setVisible(not some)
            self.nobody.show_words(
                "check", tr("Tidak ada catatan yang perlu dilihat"), tr("Esc kembali ke yang dilihat.")
            )
            self.people.show_lines(reply.records.lines, reply.records.index, "")
            self._right.setCurrentWidget(self._records)
        else:
            self._right.setCurrentWidget(self.checks)

    def _take_keyboard(self) -> None:
        target = (self.rows, self.checks, self.people)[self._need.deep]
        target = self.rows if target is self.people and not self.people.isVisibleTo(self) else target
        target.setFocus()

    def _row_chosen(self, key: str) -> None:
        if key and key != self._need.row:
            self._state = replace(self._need, row=key, check="", deep=0)
            if self._reply is not None:
                self._show_right()

    def _check_chosen(self, key: str) -> None:
        if key and self._state is not None and self._state.deep == 1:
            self._state = replace(self._state, check=key)

    def _deeper(self) -> None:
        state = self._need
        if state.deep == 0:
            self._set(replace(state, deep=1, check=state.check or self.checks.chosen))
        elif state.deep == 1 and self.checks.chosen:
            self._set(replace(state, deep=2, check=self.checks.chosen))

    def _open_child(self, child: str) -> None:
        if child:
            self.desk.go("child", child)

    # what leaves the office

    def save(self, *forms: str) -> None:
        """Save the list in sight as "pdf", "png", or every figure as "xlsx"."""
        reply = self._reply
        if reply is None:
            return
        title = tr("Mutu data, {area}, {period}").format(area=reply.name, period=reply.state.period.label)
        chosen = self._need.deep
        if self._need.team is Team.ACTOR:
            title = tr("{title}, per kader").format(title=title)
        found = qv.row_of(reply.table, self._need)
        picture = (
            qv.checks_picture(found, self.desk.analyst.analysis) if chosen else qv.rows_picture(reply.table)
        )
        if chosen and found is not reply.table.total:
            title = f"{title}, {found.label}"
        elif chosen:
            title = tr("{title}, semua").format(title=title)
        shown = Shown(
            self.headline.text(),
            self.note.text(),
            picture=picture,
            table=qv.table_of(reply.table),
            title=title,
        )
        stamp = tr(
            "Dibuat {date} · aturan program {rules}, aturan analisis {analysis} · batas WHO TRS 854, "
            "WHO–UNICEF 2019, SMART"
        ).format(
            date=format_date(self.desk.clock.today()),
            rules=self.desk.workspace.rules.version,
            analysis=self.desk.analyst.analysis.version,
        )
        self.write(forms, shown, stamp, (stamp,))

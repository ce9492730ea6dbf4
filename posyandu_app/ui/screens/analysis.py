"""The analysis of an area: prevalence, trend, SKDN, ranking, map, cohort, causes, and the children behind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from posyandu_app.domain.age import Month
from posyandu_app.domain.dates import format_date
from posyandu_app.domain.model import Role
from posyandu_app.domain.numbers import format_count
from posyandu_app.i18n import tr
from posyandu_app.reports.analyst import Analyst, level_below
from posyandu_app.reports.answers import Known
from posyandu_app.reports.child_lists import ListAnswer
from posyandu_app.reports.cohort import Path as CohortPath
from posyandu_app.services.views import Changes
from posyandu_app.ui.analysis import state as st
from posyandu_app.ui.analysis import words
from posyandu_app.ui.analysis.areas_view import CHILDREN, COHORT, MAP
from posyandu_app.ui.analysis.coverage_view import CAUSES, RANKING, SKDN
from posyandu_app.ui.analysis.prevalence_view import PREVALENCE, TREND
from posyandu_app.ui.analysis.shown import Shown, ViewSpec, nothing_yet
from posyandu_app.ui.analysis.state import VIEWS, AnalysisState, Picked, Split, View
from posyandu_app.ui.desk import Desk, Latest, Notice
from posyandu_app.ui.messages import describe
from posyandu_app.ui.pictures.areas import AreaPicture
from posyandu_app.ui.pictures.dots import Dots
from posyandu_app.ui.pictures.flow import Flow
from posyandu_app.ui.pictures.trend import Trend
from posyandu_app.ui.screens.figures_screen import FiguresScreen
from posyandu_app.ui.screens.report_state import read_figure
from posyandu_app.ui.widgets.basic import Button, FittingLabel, row
from posyandu_app.ui.widgets.empty import Empty
from posyandu_app.ui.widgets.figures import Figures
from posyandu_app.ui.widgets.pictures import AreasView, DotsView, FlowView, PeopleView, TrendView
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.views import Tabs

SPECS: Mapping[View, ViewSpec] = {
    View.PREVALENCE: PREVALENCE,
    View.TREND: TREND,
    View.SKDN: SKDN,
    View.RANKING: RANKING,
    View.MAP: MAP,
    View.COHORT: COHORT,
    View.CAUSES: CAUSES,
    View.CHILDREN: CHILDREN,
}
PROGRESS_MS = 120


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with the state that it answers."""

    state: AnalysisState
    known: Known
    names: tuple[str, ...]
    answer: Any


class AnalysisScreen(FiguresScreen):
    """Digits choose the view, Enter goes deeper, Esc back; the same picture goes to PDF, PNG and Excel."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "analysis")
        self._state: AnalysisState | None = None
        self._known: Known | None = None
        self._shown: Shown | None = None
        self._moved = False
        self._parked = False
        self._latest = Latest(desk, desk.analyse)
        self.pick_map: Callable[[], str] = self._pick_map
        self.pick_list: Callable[[], str] = self._pick_list
        views = [*(view.label for view in VIEWS), tr("Mutu")]
        self.tabs = Tabs(self, views, tr("Tampilan"), name="analysis_views")
        self.note = FittingLabel(self, "small", "soft")
        self.note.setObjectName("analysis_note")
        self.figures = Figures(self, tr("Angka"), name="analysis_figures")
        self.split = Button(self, "", "P", "quiet", name="analysis_split")
        self.against = Button(self, "", "B", "quiet", name="analysis_against")
        self.map_file = Button(self, tr("Berkas peta"), "M", "quiet", "map", name="analysis_map_file")
        self.health_centres = Button(self, tr("Daftar puskesmas"), "U", "quiet", name="analysis_puskesmas")
        self.opened = Button(self, tr("Yang dibuka Dinas"), "O", "quiet", "eye", name="analysis_opened")
        self.dots = DotsView(self, tr("Wilayah"), name="analysis_rows")
        self.trend = TrendView(self, tr("Grafik"), name="analysis_trend")
        self.areas = AreasView(self, tr("Peta wilayah"), name="analysis_areas")
        self.flow = FlowView(self, tr("Kohort"), name="analysis_flow")
        self.people = PeopleView(self, tr("Daftar anak"), name="analysis_people")
        self.empty = Empty(self, name="analysis_empty")
        self._pages = QStackedWidget(self)
        self._flow_page = Scroll(self, self.flow)
        self._progress = QTimer(self)
        self._progress.setInterval(PROGRESS_MS)
        self._progress.timeout.connect(self._show_progress)
        self._lay_out()
        self._connect()
        for later in (
            self.map_file,
            self.health_centres,
            self.opened,
        ):  # what is not in sight takes no room from the start
            later.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 16, 32, 8)
        column.setSpacing(8)
        column.addLayout(self.head())
        column.addWidget(self.tabs)
        column.addWidget(self.headline)
        column.addWidget(self.note)
        column.addWidget(self.figures)
        for page in (self.dots, self.trend, self.areas, self._flow_page, self.people, self.empty):
            self._pages.addWidget(page)
        column.addWidget(self._pages, 1)
        column.addLayout(
            row(
                self.split,
                self.against,
                self.map_file,
                self.health_centres,
                self.opened,
                None,
                self.pictures,
                self.excel,
                spacing=2,
            )
        )

    def _connect(self) -> None:
        self.tabs.chosen.connect(self._turn)
        self.figures.chosen.connect(self._figure_chosen)
        self.trail.chosen.connect(lambda at: self._set(st.to(self._need, self._need.path[at])))
        self.unit.clicked.connect(lambda: self._set(replace(self._need, yearly=not self._need.yearly)))
        self.split.clicked.connect(lambda: self._set(st.next_split(self._need)))
        self.against.clicked.connect(lambda: self._set(st.next_comparison(self._need)))
        self.map_file.clicked.connect(self.take_map)
        self.health_centres.clicked.connect(self.take_puskesmas)
        self.opened.clicked.connect(self._turn_opened)
        for view in (self.dots, self.trend, self.areas, self.flow, self.people):
            view.opened.connect(self._open)
            view.chose.connect(self._chose)

    # what the window asks

    @property
    def state(self) -> AnalysisState:
        """Where the person stands."""
        return self._need

    @property
    def shown(self) -> Shown | None:
        """What is in sight."""
        return self._shown

    @property
    def _need(self) -> AnalysisState:
        if self._state is None:
            top = self.desk.workspace.scope or ""
            self._state = AnalysisState(top, top, Month.of(self.desk.clock.today()))
        return self._state

    def hints(self) -> tuple[tuple[str, str], ...]:
        state = self._need
        figure = () if state.view is View.TREND and self._shown is None else ((tr("Indikator lain"), "F3"),)
        opens: tuple[tuple[str, str], ...] = ()
        if self._shown is not None and self._shown.picture is None:
            opens = ()
        elif state.view is View.TREND:
            opens = ((tr("Baca titik"), "← →"),)
        elif state.view is View.PREVALENCE and state.split is not Split.AREA:
            opens = ()
        elif state.view is View.CHILDREN:
            opens = ((tr("Buka anak"), "Enter"),)
        elif state.view is View.COHORT or level_below(state.area) is None:
            opens = ((tr("Daftar anak"), "Enter"),)
        else:
            opens = ((tr("Masuk wilayah"), "Enter"),)
        office = self.desk.workspace.user.role in (Role.TPG, Role.DINAS)
        recommend = ((tr("Rekomendasikan"), "R"),) if office else ()
        listed = ((tr("Daftar puskesmas"), "U"),) if self._by_puskesmas and self._may_take_map else ()
        up = ((tr("Ke atas"), "Esc"),) if st.out(state) is not None else ()
        return (*opens, *listed, *figure, *recommend, (tr("Tampilan lain"), "1–9"), *up)

    def open(self, child: str = "") -> None:
        """`child` may be "view:3", or a figure of an area and month that is asked for."""
        wanted = read_figure(child)
        if wanted is not None:
            self._state = st.at_figure(self._need, *wanted)
        if child.startswith("view:"):
            self._state = st.turned(self._need, VIEWS[int(child[-1]) - 1])
        self._show_frame()
        self.refresh()

    def changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.kinds != frozenset({"draft"}):
            self.refresh()

    def turn_filter(self) -> None:
        """F3: the next figure."""
        self._set(st.next_figure(self._need))

    def escape(self) -> None:
        before = st.out(self._need)
        if before is not None:
            self._set(before)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text, plain = event.text(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and len(text) == 1 and text in "123456789":
            self._turn(int(text) - 1)
        elif plain and text.lower() == "r":
            self.recommend()
        elif plain and text.lower() == "u" and self._by_puskesmas:
            self.take_puskesmas()
        elif plain and event.key() == Qt.Key.Key_Backspace:
            self.escape()
        else:
            super().keyPressEvent(event)

    def _turn(self, at: int) -> None:
        """Another view; the one behind the last is data quality, which has a screen of its own."""
        if at < len(VIEWS):
            self._set(st.turned(self._need, VIEWS[at]))
        else:
            self.desk.go("quality", self._need.area)

    def _turn_opened(self) -> None:
        """O: the records that the Dinas has opened, or the children behind the figure again."""
        state = self._need
        self._set(replace(state, picked=Picked(opened=not state.picked.opened), chosen=""))

    def recommend(self) -> None:
        """R: begin a recommendation to the area chosen, or to the one that is shown, with its figure."""
        state = self._need
        if self.desk.workspace.user.role in (Role.TPG, Role.DINAS):
            chosen = state.chosen if state.chosen.startswith(f"{state.area}.") else state.area
            self.begin_letter(chosen, st.figure_in_view(state))

    # asking

    def refresh(self) -> None:
        """Count anew, or take what was counted before."""
        state, moved = self._need, self._moved
        spec = SPECS[state.view]

        def question(analyst: Analyst) -> Reply:
            known = analyst.known()
            settled = _settled(state, known, moved)
            answer = spec.ask(analyst, settled, False) if known.last is not None else None
            return Reply(settled, known, analyst.names(settled.path), answer)

        if self._shown is None:
            self._progress.start()
        self._latest.ask(question, self._found, self._failed)

    def _found(self, reply: Reply) -> None:
        self._progress.stop()
        self._known, self._moved = reply.known, True
        self._state = replace(reply.state, chosen=self._need.chosen)
        self.trail.show_path(reply.names)
        if reply.known.last is None:
            self._show(nothing_yet())
        else:
            self._show(SPECS[reply.state.view].show(reply.state, reply.answer, reply.known))

    def _failed(self, error: Exception) -> None:
        self._progress.stop()
        self.empty.show_words("triangle-alert", tr("Angka belum dapat dihitung"), describe(error))
        self._pages.setCurrentWidget(self.empty)

    def _show_progress(self) -> None:
        """The first reading of a district takes a few seconds: how far it is, in figures."""
        done, of = self.desk.analyst.progress
        title = tr("Membaca data wilayah …")
        said = ""
        if of:
            said = tr("{done} dari {of} penimbangan").format(done=format_count(done), of=format_count(of))
        self.empty.show_words("chart-line", title, said)
        self._pages.setCurrentWidget(self.empty)

    # showing

    def _set(self, state: AnalysisState) -> None:
        if state == self._state:
            return
        self._state = state
        self._show_frame()
        self.hints_changed.emit()
        self.refresh()

    def shift(self, steps: int) -> None:
        known = self._known
        first, last = (known.first, known.last) if known is not None else (None, None)
        self._set(st.shifted(self._need, steps, first, last))

    def _show_frame(self) -> None:
        """What follows from the state alone."""
        state = self._need
        self.tabs.set_index(VIEWS.index(state.view))
        monthly = state.view is View.SKDN or not state.yearly
        self.show_period(state.month.label if monthly else state.period.label, yearly=state.yearly)
        self.unit.setVisible(state.view is not View.SKDN)
        self.split.setVisible(state.view in (View.PREVALENCE, View.RANKING))
        if state.view is View.RANKING:
            self.split.set_words(tr("Per {level}").format(level=state.level.label.lower()))
        else:
            self.split.set_words(state.split.label)
        no_list = self._by_puskesmas and self._shown is not None and self._shown.picture is None
        self.against.setVisible(state.view not in (View.TREND, View.CAUSES, View.CHILDREN) and not no_list)
        self.against.set_words(tr("Banding {when}").format(when=words.period_short(state.compared_with)))
        self.against.setEnabled(not state.yearly)
        self.map_file.setVisible(state.view is View.MAP and self._may_take_map)
        self.health_centres.setVisible(no_list and self._may_take_map)
        self.opened.setVisible(state.view is View.CHILDREN)
        self.opened.set_words(tr("Daftar anak") if state.picked.opened else tr("Yang dibuka Dinas"))
        paper = SPECS[state.view].paper
        self.pictures.setVisible(paper)
        self.excel.setVisible(paper or self.desk.workspace.user.role in (Role.BIDAN, Role.TPG))

    @property
    def _by_puskesmas(self) -> bool:
        return self._need.view is View.PREVALENCE and self._need.split is Split.PUSKESMAS

    @property
    def _may_take_map(self) -> bool:
        return self.desk.workspace.user.role in (Role.DINAS, Role.TPG)

    def _show(self, shown: Shown) -> None:
        self._shown = shown
        self._show_frame()
        self.headline.setText(shown.headline)
        self.note.set_parts(words.sentences(shown.note), " ")
        self.note.setVisible(bool(shown.note))
        self.figures.show_figures(shown.figures, shown.figure)
        chosen, picture = self._need.chosen, shown.picture
        page: QWidget = self.empty
        if isinstance(picture, Dots):
            self.dots.show_picture(picture, chosen)
            page = self.dots
        elif isinstance(picture, Trend):
            self.trend.show_picture(picture, chosen)
            page = self.trend
        elif isinstance(picture, AreaPicture):
            self.areas.show_picture(picture, chosen)
            page = self.areas
        elif isinstance(picture, Flow):
            self.flow.show_picture(picture, chosen)
            page = self._flow_page
        elif isinstance(picture, ListAnswer):
            self.people.show_lines(picture.lines, picture.index, chosen)
            page = self.people
        else:
            self.empty.show_words(*(shown.empty or ("chart-line", shown.headline, "")))
        self._pages.setCurrentWidget(page)
        self.hints_changed.emit()
        self._take_keyboard(page)

    def _take_keyboard(self, page: QWidget) -> None:
        """To the picture; where there was none the views have had it meanwhile."""
        if self.figures.hasFocus() or (self.tabs.hasFocus() and not self._parked):
            return
        self._parked = page is self.empty
        target = {self._flow_page: self.flow, self.empty: self.tabs}.get(page, page)
        target.setFocus()

    # deeper

    def _chose(self, key: str) -> None:
        if self._state is not None and key:
            self._state = replace(self._state, chosen=key)

    def _figure_chosen(self, key: str) -> None:
        state = self._need
        for _ in self.figures_in(state):
            if _figure_of(state) == key:
                break
            state = st.next_figure(state)
        self._set(state)

    @staticmethod
    def figures_in(state: AnalysisState) -> range:
        """So many steps reach every figure of a view."""
        return range(max(len(st.RANKED), len(st.RATIOS), 6))

    def _open(self, key: str) -> None:
        state = self._need
        if not key or state.view is View.TREND:
            return
        if state.view is View.CHILDREN:
            self.desk.go("child", key.partition("#")[0])
        elif state.view is View.COHORT:
            self._set(st.children(state, Picked(path=CohortPath(key)), key))
        elif state.view is View.PREVALENCE and state.split is not Split.AREA:
            return
        elif state.view is View.SKDN and level_below(state.area) is None:
            self._set(st.children(state, Picked(standing=st.behind_ratio(state.ratio)), key))
        else:
            self._set(st.into(state, key))

    # what leaves the office

    def save(self, *forms: str) -> None:
        """Save what is in sight as "pdf", "png" or "xlsx"; small numbers are covered outside the office."""
        state = self._need
        spec = SPECS[state.view]
        if self._shown is None or self._shown.picture is None:
            self.desk.report(tr("Tidak ada angka yang dapat disimpan di sini."))
            return

        def question(analyst: Analyst) -> Any:
            return spec.ask(analyst, state, True)

        def answered(answer: Any) -> None:
            known = self._known
            assert known is not None
            shown = spec.show(state, answer, known)
            stamp = self._stamp()
            self.write(forms, shown, stamp, (shown.headline, stamp))

        self.desk.analyse(question, answered)

    def _stamp(self) -> str:
        if self._need.view is View.CHILDREN:
            said = tr(
                "Dibuat {date} · aturan program {rules}, aturan analisis {analysis} · "
                "memuat nama dan alamat anak: hanya untuk petugas yang berhak"
            )
            return said.format(
                date=format_date(self.desk.clock.today()),
                rules=self.desk.workspace.rules.version,
                analysis=self.desk.analyst.analysis.version,
            )
        small = self.desk.analyst.analysis.small_numbers.smallest_shown
        sentence = tr(
            "Dibuat {date} · aturan program {rules}, aturan analisis {analysis} · metode WHO, sampel acak · "
            "angka 1–{most} ditutup"
        )
        return sentence.format(
            date=format_date(self.desk.clock.today()),
            rules=self.desk.workspace.rules.version,
            analysis=self.desk.analyst.analysis.version,
            most=small - 1,
        )

    # the map

    def _pick_map(self) -> str:
        title = tr("Pilih peta kabupaten (GeoJSON)")
        return QFileDialog.getOpenFileName(self, title, str(Path.home()), "GeoJSON (*.geojson *.json)")[0]

    def take_map(self) -> None:
        """M: take the district's own map from a file, once."""
        if self._need.view is not View.MAP or not self._may_take_map:
            return
        chosen = self.pick_map()
        if not chosen:
            return
        district = ".".join(self._need.top.split(".")[:2])
        self.desk.analyse(
            lambda analyst: analyst.take_map(Path(chosen), district),
            lambda imported: self._map_taken(len(imported.shapes), imported.unmatched),
        )

    def _pick_list(self) -> str:
        title = tr("Pilih daftar puskesmas (CSV)")
        return QFileDialog.getOpenFileName(self, title, str(Path.home()), "CSV (*.csv *.txt)")[0]

    def take_puskesmas(self) -> None:
        """U: take the list of villages and their puskesmas from a file, once."""
        chosen = self.pick_list() if self._may_take_map else ""
        if not chosen:
            return
        district = ".".join(self._need.top.split(".")[:2])

        def taken(count: int) -> None:
            said = tr("Daftar puskesmas tersimpan di laptop ini: {count} desa.").format(count=count)
            self.desk.noticed.emit(Notice(said))
            self.refresh()

        self.desk.analyse(lambda analyst: analyst.take_puskesmas(Path(chosen), district), taken)

    def _map_taken(self, count: int, unmatched: tuple[str, ...]) -> None:
        said = tr("Peta tersimpan di laptop ini: {count} wilayah.").format(count=count)
        if unmatched:
            more = tr("{count} tidak dikenal, misalnya {name}.")
            said += " " + more.format(count=len(unmatched), name=unmatched[0])
        self.desk.noticed.emit(Notice(said))
        self.refresh()


def _settled(state: AnalysisState, known: Known, moved: bool) -> AnalysisState:
    """The state in a month that there are measurements of; at first the last one not merely begun."""
    if known.first is None or known.last is None or known.usual is None:
        return state
    if not moved:
        return replace(state, month=min(known.usual, max(state.month, known.first)))
    return st.shifted(state, 0, known.first, known.last)


def _figure_of(state: AnalysisState) -> str:
    if state.view is View.SKDN:
        return state.ratio
    if state.view is View.RANKING:
        return state.ranked
    if state.view is View.CHILDREN and state.picked.standing is not None:
        return state.picked.standing.value
    return state.cause.value if state.view is View.CAUSES else state.indicator.value

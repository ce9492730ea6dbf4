"""Writing a recommendation: to whom, what, until when; from scratch or from a proposal that can be edited."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.model import Child
from posyandu_app.domain.recommendations import LONGEST_TEXT
from posyandu_app.domain.scopes import is_scope
from posyandu_app.i18n import tr
from posyandu_app.reports import proposing
from posyandu_app.reports.proposing import Fitted
from posyandu_app.services import children, recommendations
from posyandu_app.services.views import Changes
from posyandu_app.services.workspace import Workspace, posyandu_names
from posyandu_app.ui.desk import Desk, Latest
from posyandu_app.ui.screens import recommend_write_state as ws
from posyandu_app.ui.screens.recommend_write_state import AREA, CHILD, DUE_DAYS, Basis, Letter, Sent
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.widgets.basic import Button, Card, Label, Segmented, row
from posyandu_app.ui.widgets.care import Rule
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.suggest import SuggestField, Suggestion
from posyandu_app.ui.widgets.text_area import TextArea

SEARCH_AFTER_MS = 150
ASIDE = 280


class RecommendWriteScreen(Screen):
    """Enter goes on from field to field, F9 sends; a person always decides what goes out."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, desk, "recommend_write_screen")
        self._letter = Letter()
        self._posyandu: Mapping[str, str] = {}
        self._latest = Latest(desk)
        self._figures = Latest(desk, desk.analyse)
        self._basis = Basis()
        self._offered = ""
        self._reading = ""
        self.title = Label(self, tr("Tulis rekomendasi"), "display")
        card = Card(self, spacing=14)
        self.to = SuggestField(
            card,
            tr("Kepada"),
            ws.hint_to(desk.workspace.user.role),
            self._areas,
            name="recommend_to",
        )
        self.text = TextArea(
            card, tr("Yang diminta"), name="recommend_text", longest=LONGEST_TEXT, height=150
        )
        self.due = Field(
            card, tr("Tenggat"), tr("Misalnya 30/11/2026."), name="recommend_due", longest=60, optional=True
        )
        self.days = Segmented(
            card,
            [(tr("{count} hari").format(count=days), "") for days in DUE_DAYS],
            tr("Tenggat"),
            name="recommend_days",
            role="small_strong",
            height=44,
        )
        card.column.addWidget(self.to)
        card.column.addWidget(self.text, 1)
        due = row(spacing=12)
        due.addWidget(self.due, 1)
        due.addWidget(self.days)
        card.column.addLayout(due)
        self.send = Button(self, tr("Kirim"), "F9", "primary", "send", name="recommend_send")
        self.aside = Card(self, spacing=10)
        self._lay_out_aside()
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 8)
        column.setSpacing(16)
        column.addLayout(row(self.title, None, self.send))
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(card, 5)
        both.addWidget(self.aside, 2)
        column.addLayout(both, 1)
        for first, second in (
            (self.to.edit, self.text.edit),
            (self.text.edit, self.due.edit),
            (self.due.edit, self.days),
            (self.days, self.send),
        ):
            self.setTabOrder(first, second)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(SEARCH_AFTER_MS)
        self._wait.timeout.connect(self._search_children)
        self.to.edit.textEdited.connect(lambda _: self._wait.start())
        self.to.entered.connect(self._to_entered)
        self.to.picked.connect(self._goes_to)
        self.due.entered.connect(self.send.setFocus)
        self.days.chosen.connect(lambda at: self.due.set_text(ws.due_text(DUE_DAYS[at], desk.clock.today())))
        self.days.entered.connect(self.send.setFocus)
        self.send.clicked.connect(self._send)

    def _lay_out_aside(self) -> None:
        inside = QWidget(self.aside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self.note = Label(inside, "", "strong", wrap=True)
        self.note.setObjectName("recommend_note")
        self.why_head = Label(inside, tr("Mengapa diusulkan"), "small_strong", "soft")
        self.why = Label(inside, "", "body", wrap=True)
        self.why.setObjectName("recommend_why")
        self.rule = Rule(inside)
        self.figures_head = Label(inside, "", "small_strong", "soft", wrap=True)
        self.figures_head.setObjectName("recommend_figures_head")
        self.figures = Label(inside, "", "body", wrap=True)
        self.figures.setObjectName("recommend_figures")
        self.tip = Label(
            inside,
            tr(
                "Tulis satu hal yang dapat dikerjakan, siapa yang mengerjakan, dan kapan selesai. Penerima "
                "melihatnya pada sinkronisasi atau USB berikutnya."
            ),
            "body",
            "soft",
            wrap=True,
        )
        for widget in (
            *(self.note, self.why_head, self.why, self.rule),
            *(self.figures_head, self.figures, self.tip),
        ):
            column.addWidget(widget)
        column.addStretch(1)
        self.aside.setMinimumWidth(ASIDE)
        self.aside.column.addWidget(Scroll(self.aside, inside), 1)

    def hints(self) -> tuple[tuple[str, str], ...]:
        return ((tr("Lanjut"), "Enter"), (tr("Kirim"), "F9"), (tr("Batal"), "Esc"))

    def open(self, child: str = "") -> None:
        """`child` may be a scope, a child, or a recommendation that is to be replaced."""
        handed, self.desk.handed = self.desk.handed, None
        if isinstance(handed, Letter):
            self._begin(handed)
        elif child:
            self._begin(Letter(to=child) if is_scope(child) else Letter(child=child))
        elif self._letter != Letter():
            self._begin(Letter())
        self.desk.ask(lambda workspace: dict(posyandu_names(workspace)), self._named)
        if child and not is_scope(child):
            self.desk.ask(lambda workspace: _about(workspace, child), self._about_found)
        (self.text.edit if self.to.chosen else self.to.edit).setFocus()

    def escape(self) -> None:
        self.to.close_offers()
        self.desk.go("recommend")

    def leave(self) -> None:
        self.to.close_offers()

    def _named(self, posyandu: dict[str, str]) -> None:
        self._posyandu = posyandu

    def _begin(self, letter: Letter) -> None:
        self._letter = letter
        for field in (self.to, self.due):
            field.set_error("")
        self.text.set_error("")
        self.to.clear()
        self.text.set_text(letter.text)
        self.due.set_text("" if letter.due_on is None else ws.due_text(0, letter.due_on))
        self.days.set_index(-1)
        self.title.setText(tr("Ganti rekomendasi") if letter.instead else tr("Tulis rekomendasi"))
        self._offered = letter.text
        self._rest_on(ws.basis(letter))
        if letter.to:
            to = letter.to
            self.desk.ask(lambda workspace: recommendations.area_name(workspace, to), self._area_named)

    def _rest_on(self, basis: Basis) -> None:
        """Show what it rests on, which is what goes with it."""
        self._basis, self._reading = basis, ""
        if basis.text and basis.text != self.text.text():
            self._offered = basis.text
            self.text.set_text(basis.text)
        based = "\n".join(f"{figure.label}: {figure.told}" for figure in basis.figures)
        self.note.setText(basis.note)
        self.why.setText(basis.reason)
        self.figures.setText(based)
        self.figures_head.setText(ws.based_on(basis.figures))
        for widget, words in (
            (self.note, basis.note),
            (self.why_head, basis.reason),
            (self.why, basis.reason),
            (self.rule, basis.reason and based),
            (self.figures_head, based),
            (self.figures, based),
        ):
            widget.setVisible(bool(words))
        self.tip.setVisible(not basis.reason)
        self.send.setEnabled(True)

    def _goes_to(self, key: str) -> None:
        """Figures belong to whom they are sent: to another area go its own, about a child none."""
        letter = self._letter
        if not letter.figures:
            return
        if key == letter.key and not letter.unread:
            untouched = not self._edited
            self._rest_on(replace(ws.basis(letter), text=letter.text if untouched else ""))
        elif key.startswith(CHILD):
            self._rest_on(ws.basis_of_child(letter))
        else:
            self._read_for(key)

    @property
    def _edited(self) -> bool:
        return self.text.text() != self._offered

    def _read_for(self, key: str) -> None:
        """Read the figures for that area; until they are there nothing can be sent."""
        letter, area, name = self._letter, key.removeprefix(AREA), self.to.text()
        self._rest_on(Basis(note=tr("Membaca angka {to} …").format(to=name)))
        self._reading = key
        self.send.setEnabled(False)

        def found(fitted: Fitted) -> None:
            if self._reading != key:
                return
            if letter.unread and key == letter.key and fitted.figures:
                self._letter = replace(letter, figures=fitted.figures, unread=False)
                self._rest_on(ws.basis(self._letter))
            else:
                self._rest_on(
                    ws.basis_elsewhere(fitted, name, edited=self._edited, proposed=letter.rule is not None)
                )

        self._figures.ask(
            lambda analyst: proposing.fitted(analyst, letter.figures, letter.rule, area),
            found,
            lambda _: found(Fitted(())),
        )

    def _area_named(self, name: str) -> None:
        self.to.choose(Suggestion(AREA + self._letter.to, name))
        if self.isVisible():
            self.text.edit.setFocus()

    def _about_found(self, found: "Letter | Child") -> None:
        if isinstance(found, Letter):
            self._begin(found)
            if found.child:
                wanted = found.child
                self.desk.ask(lambda workspace: children.get(workspace, wanted), self._choose_child)
        else:
            self._choose_child(found)

    def _choose_child(self, child: Child) -> None:
        self.to.choose(self._offer(child))
        if self.isVisible():
            self.text.edit.setFocus()

    # whom it goes to

    def _areas(self, text: str) -> Sequence[Suggestion]:
        return ws.areas(text, self.desk.workspace.scope or "", self._posyandu)

    def _offer(self, child: Child) -> Suggestion:
        role = self.desk.workspace.user.role
        return ws.child_offer(child, role, self._posyandu, self.desk.clock.today())

    def _search_children(self) -> None:
        text = self.to.edit.text()
        self._latest.ask(
            lambda workspace: recommendations.children_named(workspace, text),
            lambda found: self.to.offer_more(text, [self._offer(child) for child in found]),
        )

    def _to_entered(self) -> None:
        if self.to.chosen:
            self.text.edit.setFocus()
        else:
            self.to.set_error(tr("Pilih dari yang ditawarkan."))

    # sending

    def _send(self) -> None:
        for field in (self.to, self.due):
            field.set_error("")
        self.text.set_error("")
        if self._reading:
            return
        if self.to.chosen and self._basis.of_another and not self._edited:
            sentence = tr("Kalimat ini masih tentang wilayah lain. Ubah dulu.")
            self._refused(InvalidValue("text", sentence))
            return
        key, text, letter = self.to.chosen, self.text.text(), self._letter
        figures = self._basis.figures
        try:
            due = ws.read_due(self.due.text())
        except InvalidValue as error:
            self._refused(error)
            return
        scope = key.removeprefix(AREA) if key.startswith(AREA) else None
        child = key.removeprefix(CHILD) if key.startswith(CHILD) else None

        def deed(workspace: Workspace) -> Changes:
            if letter.instead:
                return recommendations.send_instead(
                    workspace,
                    letter.instead,
                    text,
                    scope=scope,
                    child_id=child,
                    due_on=due,
                    figures=figures,
                )
            return recommendations.send(
                workspace, text, scope=scope, child_id=child, due_on=due, figures=figures
            )

        def done(changes: Changes) -> None:
            self._begin(Letter())
            self.desk.offer(changes)
            self.desk.handed = Sent(changes.entities)
            self.desk.go("recommend")

        self.desk.do(deed, done, self._refused)

    def _refused(self, error: Exception) -> None:
        fields: dict[str, Field | TextArea] = {"scope": self.to, "due_on": self.due, "text": self.text}
        if isinstance(error, InvalidValue) and error.field in fields:
            fields[error.field].set_error(error.message)
            fields[error.field].edit.setFocus()
        else:
            self.desk.trouble(error)


def _about(workspace: Workspace, wanted: str) -> "Letter | Child":
    """A recommendation that is to be replaced, else the child."""
    if recommendations.exists(workspace, wanted):
        item = recommendations.one(workspace, wanted).status.recommendation
        return Letter(
            to="" if item.child else item.scope,
            child=item.child or "",
            text=item.text,
            due_on=item.due_on,
            figures=item.figures,
            instead=item.id,
        )
    return children.get(workspace, wanted)

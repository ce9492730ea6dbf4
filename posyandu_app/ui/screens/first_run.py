"""First start on this laptop: how it looks, which way to begin, then the questions of that way."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from posyandu_app.domain import regions
from posyandu_app.domain.model import Role
from posyandu_app.domain.regions import Level
from posyandu_app.i18n import tr
from posyandu_app.settings import Settings
from posyandu_app.ui.screens import first_run_state as fs
from posyandu_app.ui.screens.first_run_state import FirstRunState, Step, Way
from posyandu_app.ui.widgets.basic import Button, Label, Segmented, row
from posyandu_app.ui.widgets.choices import Choice, Choices
from posyandu_app.ui.widgets.fields import Field, PasswordField
from posyandu_app.ui.widgets.scroll import Scroll
from posyandu_app.ui.widgets.suggest import SuggestField, Suggestion
from posyandu_app.ui.widgets.welcome import Welcome

_ROLES = (Role.KADER, Role.BIDAN)
_WAYS = tuple(Way)
_LANGUAGES = ("id", "en")
_SIZES = ("normal", "large")
_FIELDS = {
    Step.PLACE: ("kabupaten", "kecamatan", "village", "posyandu_name"),
    Step.PERSON: ("user_name", "role", "password", "repeated"),
    Step.CODE: fs.CODE_FIELDS,
    Step.NAME: ("called",),
}
_LEVELS = {"kabupaten": Level.KABUPATEN, "kecamatan": Level.KECAMATAN, "village": Level.VILLAGE}


class FirstRunScreen(QWidget):
    """Tells `wanted(Setup)`, `joining(Joining)` or `practice_wanted()` when everything has been answered.

    `named(name)` is what people call a posyandu that the Dinas knows by its number alone.

    `wished(setting, value)` is about how it looks; `discard_wanted()` throws practice data away.
    """

    wanted = Signal(object)
    joining = Signal(object)
    named = Signal(str)
    practice_wanted = Signal()
    discard_wanted = Signal()
    wished = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("first_run_screen")
        self._state = FirstRunState()
        self.fields: dict[str, Field] = {}
        self.title = Label(self, "", "display")
        self.lead = Label(self, "", "body", "soft", wrap=True)
        self.steps = Label(self, "", "small_strong", "accent")
        self.message = Label(self, "", "strong", "danger", wrap=True)
        self.message.setObjectName("first_run_message")
        self.back = Button(
            self, tr("Kembali"), "", "secondary", "arrow-left", name="first_run_back", shown_key="Esc"
        )
        self.next = Button(self, tr("Lanjut"), "", "primary", name="first_run_next", shown_key="Enter")
        self.discard = Button(
            self, tr("Buang data latihan"), "F10", "quiet", "undo-2", name="discard_practice"
        )
        self._can_discard = False
        self.pages = {
            Step.LOOK: self._look(),
            Step.WAY: self._way(),
            Step.PLACE: self._place(),
            Step.PERSON: self._person(),
            Step.CODE: self._code(),
            Step.LIST: self._list(),
            Step.NAME: self._called(),
        }
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(Welcome(self))
        whole.addWidget(Scroll(self, self._column()), 1)
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self._forward)
        self.discard.clicked.connect(self.discard_wanted)
        self._show()

    def _column(self) -> QWidget:
        content = QWidget(self)
        column = QVBoxLayout()
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(10)
        column.addStretch(1)
        column.addWidget(self.steps)
        column.addWidget(self.title)
        column.addWidget(self.lead)
        column.addSpacing(8)
        for page in self.pages.values():
            column.addWidget(page)
        column.addWidget(self.message)
        column.addSpacing(8)
        column.addLayout(row(self.back, self.next, None, self.discard, spacing=8))
        column.addStretch(2)
        whole = QHBoxLayout(content)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addStretch(1)
        whole.addLayout(column, 5)
        whole.addStretch(1)
        return content

    def _look(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        languages = [("Bahasa Indonesia", ""), ("English", "")]
        self.language = Segmented(page, languages, "Bahasa / Language", name="first_language")
        sizes = [(tr("Biasa"), ""), (tr("Besar"), "")]
        self.text_size = Segmented(page, sizes, tr("Ukuran huruf"), name="first_text_size")
        self.language.chosen.connect(lambda at: self.wished.emit("language", _LANGUAGES[at]))
        self.text_size.chosen.connect(lambda at: self.wished.emit("text_size", _SIZES[at]))
        self.language.entered.connect(self.text_size.setFocus)
        self.text_size.entered.connect(self._forward)
        for words, choice in (("Bahasa / Language", self.language), (tr("Ukuran huruf"), self.text_size)):
            column.addWidget(Label(page, words, "strong"))
            column.addLayout(row(choice, None))
            column.addSpacing(6)
        hint = tr("Pilih dengan ← dan →, lalu Enter. Nanti dapat diganti di Pengaturan.")
        column.addWidget(Label(page, hint, "small", "soft", wrap=True))
        return page

    def _way(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        choices = (
            Choice("laptop", tr("Posyandu baru di laptop ini"), tr("Mulai tanpa internet.")),
            Choice(
                "cloud-check",
                tr("Gabung dengan kode dari Dinas"),
                tr("Perlu internet sekali, dengan alamat dan kode dari puskesmas atau Dinas."),
            ),
            Choice(
                "baby",
                tr("Coba dulu dengan anak-anak buatan (latihan)"),
                tr("Tidak pernah dikirim, dan dapat dibuang kapan saja."),
            ),
        )
        self.ways = Choices(page, choices, tr("Cara memulai"), name="first_way")
        self.ways.chosen.connect(lambda at: self._set(fs.way_chosen(self._state, _WAYS[at])))
        self.ways.entered.connect(self._forward)
        column.addWidget(self.ways)
        return page

    def _list(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        choices = (
            Choice("sprout", tr("Mulai kosong"), tr("Anak didaftarkan satu per satu saat datang.")),
            Choice(
                "file-spreadsheet",
                tr("Impor daftar yang ada"),
                tr(
                    "Dari e-PPGBM, atau isi dulu contoh isian yang diunduh di sana. "
                    "Dilihat dulu, baru disimpan."
                ),
            ),
        )
        self.lists = Choices(page, choices, tr("Daftar anak"), name="first_list")
        self.lists.chosen.connect(lambda at: self._set(fs.list_chosen(self._state, at == 1)))
        self.lists.entered.connect(self._forward)
        column.addWidget(self.lists)
        return page

    def _code(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        self._text_field(column, page, "url", tr("Alamat server"), tr("Dengan atau tanpa https://"), 200)
        code = tr("Seperti ABCD-EFGH-JKLM")
        self._text_field(column, page, "code", tr("Kode pendaftaran"), code)
        laptop = tr("Misalnya Laptop Melati 1")
        self._text_field(column, page, "laptop", tr("Nama laptop ini"), laptop)
        self.progress = Label(page, "", "strong", "accent", wrap=True)
        self.progress.setObjectName("first_run_progress")
        column.addWidget(self.progress)
        return page

    def _place(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        words = {
            "kabupaten": (
                tr("Kabupaten atau kota"),
                tr("Ketik beberapa huruf, lalu pilih dengan ↓ dan Enter."),
            ),
            "kecamatan": (tr("Kecamatan"), ""),
            "village": (tr("Desa atau kelurahan"), ""),
        }
        for level, (label, hint) in words.items():
            field = SuggestField(page, label, hint, partial(self._regions, level), name=level)
            field.picked.connect(
                lambda code, level=level: self._set(fs.place_chosen(self._state, level, code))
            )
            field.changed.connect(
                lambda _text, level=level: self._set(fs.place_chosen(self._state, level, ""))
            )
            self._add(column, level, field)
        self._text_field(column, page, "posyandu_name", tr("Nama posyandu"), tr("Misalnya Melati 1."))
        return page

    def _called(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self._text_field(column, page, "called", tr("Nama posyandu"), tr("Misalnya Melati 1."))
        return page

    def _person(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        self._text_field(
            column,
            page,
            "user_name",
            tr("Nama Anda"),
            tr("Nama ini Anda pilih setiap kali membuka aplikasi."),
        )
        self.role = Segmented(page, [(tr("Kader"), ""), (tr("Bidan"), "")], tr("Peran Anda"), name="role")
        self.role.chosen.connect(lambda index: self._set(fs.role_chosen(self._state, _ROLES[index])))
        self.role.entered.connect(lambda: self.fields["password"].setFocus())
        self.role_line = QWidget(page)
        line = row(Label(self.role_line, tr("Peran Anda"), "strong"), self.role, None)
        self.role_line.setLayout(line)
        column.addWidget(self.role_line)
        rule = tr(
            "Paling sedikit 8 huruf atau angka. Simpan baik-baik: tanpa kata sandi data tidak bisa dibuka."
        )
        first = PasswordField(page, tr("Kata sandi"), rule, name="password")
        second = PasswordField(page, tr("Kata sandi sekali lagi"), name="repeated")
        for name, field in (("password", first), ("repeated", second)):
            field.changed.connect(lambda text, name=name: self._set(fs.typed(self._state, name, text)))
            self._add(column, name, field)
        return page

    def _text_field(
        self, column: QVBoxLayout, page: QWidget, name: str, label: str, hint: str, longest: int = 100
    ) -> None:
        field = Field(page, label, hint, name=name, longest=longest)
        field.changed.connect(lambda text: self._set(fs.typed(self._state, name, text)))
        self._add(column, name, field)

    def _add(self, column: QVBoxLayout, name: str, field: Field) -> None:
        self.fields[name] = field
        field.entered.connect(lambda: self._entered(name))
        column.addWidget(field)

    def _regions(self, level: str, text: str) -> list[Suggestion]:
        parent = {"kabupaten": "", "kecamatan": self._state.kabupaten, "village": self._state.kecamatan}[
            level
        ]
        if level != "kabupaten" and not parent:
            return []
        found = regions.search(text, _LEVELS[level], parent)
        return [Suggestion(region.code, region.name, _above(region.code)) for region in found]

    @property
    def state(self) -> FirstRunState:
        """What has been chosen and typed so far."""
        return self._state

    def start(self) -> None:
        """Put the keyboard where this step begins."""
        if self._state.step == Step.LOOK:
            self.language.setFocus()
        elif self._state.step == Step.WAY:
            self.ways.setFocus()
        elif self._state.step == Step.LIST:
            self.lists.setFocus()
        else:
            self.fields[_FIELDS[self._state.step][0]].setFocus()

    def show_settings(self, settings: Settings, practised: bool) -> None:
        """Show the look in force, the address known already, and whether there are practice data."""
        self.language.set_index(_LANGUAGES.index(settings.language))
        self.text_size.set_index(_SIZES.index(settings.text_size))
        self._can_discard = practised
        if settings.server_url and not self._state.texts.get("url"):
            self.fields["url"].set_text(settings.server_url)
            self._state = fs.typed(self._state, "url", settings.server_url)
        self._show()

    def resume(self, state: FirstRunState, focus: str) -> None:
        """Go on where the same screen stood before it was built anew."""
        for name, text in state.texts.items():
            self.fields[name].set_text(text)
        for level in _LEVELS:
            self.fields[level].set_text(regions.name_of(getattr(state, level)) or "")
        self._state = state
        self._show()
        self.start()
        wanted = self.findChild(QWidget, focus)
        if wanted is not None and focus:
            wanted.setFocus()

    def go_back(self) -> None:
        """Esc: one step back."""
        before = self._state.step
        self._set(fs.back(self._state))
        if self._state.step == Step.PLACE and before == Step.PERSON:
            self.fields["posyandu_name"].setFocus()
        elif self._state.step != before:
            self.start()

    def show_prepared(self) -> None:
        """The laptop has its user; the Dinas is asked now."""
        self._set(fs.prepared(self._state))

    def ask_name(self) -> None:
        """What people call this posyandu is all that is missing."""
        self._set(fs.name_wanted(self._state))
        self.start()

    def show_received(self, count: int, total: int = 0) -> None:
        """The Dinas took this laptop in; so many records have arrived, of so many if that is known."""
        self._set(fs.received(self._state, count, total))

    def show_discarded(self) -> None:
        """There are no practice data any more."""
        self._can_discard = False
        self._show()
        self.start()

    def refuse(self, name: str, message: str) -> None:
        """Setting up did not work."""
        self._set(fs.refused(self._state, name, message))
        self._focus_first_error()

    def _entered(self, name: str) -> None:
        order = [key for key in _FIELDS[self._state.step] if key != "role" or self._state.way == Way.NEW]
        at = order.index(name)
        if at == len(order) - 1:
            self._forward()
        elif order[at + 1] == "role":
            self.role.setFocus()
        else:
            self.fields[order[at + 1]].setFocus()

    def _forward(self) -> None:
        if self._state.busy:
            return
        before = self._state.step
        self._set(fs.forward(self._state))
        if not self._state.busy:
            if self._state.step != before:
                self.start()
            else:
                self._focus_first_error()
        elif self._state.step == Step.NAME:
            self.named.emit(self._state.texts["called"])
        elif self._state.way == Way.PRACTICE:
            self.practice_wanted.emit()
        elif self._state.way == Way.JOIN:
            self.joining.emit(fs.joining_of(self._state))
        else:
            self.wanted.emit(fs.setup_of(self._state))

    def _focus_first_error(self) -> None:
        first = next((name for name in self.fields if name in self._state.errors), None)
        if first is not None:
            self.fields[first].setFocus()

    def _set(self, state: FirstRunState) -> None:
        below = {"kabupaten": ("kecamatan", "village"), "kecamatan": ("village",)}
        for level, others in below.items():
            if getattr(self._state, level) != getattr(state, level):
                for name in others:
                    field = self.fields[name]
                    assert isinstance(field, SuggestField)
                    field.clear()
        self._state = state
        self._show()

    def _show(self) -> None:
        state = self._state
        words = tr("Langkah {now} dari {all}")
        self.steps.setText(words.format(now=state.steps_done + 1, all=state.steps))
        self.steps.setVisible(state.step != Step.NAME)
        title, lead = _words(state)
        self.title.setText(title)
        self.lead.setText(lead)
        for step, page in self.pages.items():
            page.setVisible(step == state.step)
        self.role_line.setVisible(state.way == Way.NEW)
        self.ways.set_index(_WAYS.index(state.way))
        self.lists.set_index(int(state.imports))
        self.back.setVisible(state.can_go_back)
        self.discard.setVisible(state.step == Step.WAY and self._can_discard and not state.busy)
        self.progress.setText(state.progress)
        self.progress.setVisible(bool(state.progress))
        for name, field in self.fields.items():
            field.set_error(state.errors.get(name, ""))
        self.role.set_index(_ROLES.index(state.role))
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        going = _last_words(state) if state.is_last else tr("Lanjut")
        self.next.set_words(tr("Menyiapkan…") if state.busy else going)
        self.next.setEnabled(not state.busy)


def _words(state: FirstRunState) -> tuple[str, str]:
    """What a step is about, and the sentence below."""
    if state.step == Step.LOOK:
        return tr("Selamat datang"), tr("Pilih bahasa dan ukuran huruf yang nyaman.")
    if state.step == Step.WAY:
        return tr("Bagaimana Anda mulai?"), tr("Pilih dengan ↑ dan ↓, lalu tekan Enter.")
    if state.step == Step.PLACE:
        return tr("Posyandu baru di laptop ini"), tr("Di mana posyandu Anda? Cukup sekali ini saja.")
    if state.step == Step.CODE:
        lead = tr("Wilayah dan peran Anda datang bersama kode. Bila internet putus, isian ini tetap ada.")
        return tr("Gabung dengan kode dari Dinas"), lead
    if state.step == Step.NAME:
        lead = tr("Dinas baru mengenal kodenya. Nama ini tampil di layar, kartu QR, surat, dan laporan.")
        return tr("Apa nama posyandu ini?"), lead
    if state.step == Step.LIST:
        return tr("Sudah punya daftar anak?"), tr("Daftar yang ada juga dapat diimpor nanti, di Pengaturan.")
    return (
        tr("Siapa yang bekerja di sini?"),
        tr("Data anak terkunci. Hanya kata sandi Anda yang membukanya."),
    )


def _last_words(state: FirstRunState) -> str:
    """The deed at the end of a way."""
    if state.way == Way.PRACTICE:
        return tr("Mulai latihan")
    joins = state.way == Way.JOIN and state.step != Step.NAME
    return tr("Gabungkan laptop ini") if joins else tr("Mulai memakai")


def _above(code: str) -> str:
    """The region that a region lies in."""
    parts = code.split(".")
    return regions.name_of(".".join(parts[:-1])) or "" if len(parts) > 1 else ""

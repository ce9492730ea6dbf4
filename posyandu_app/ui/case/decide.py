"""Deciding in two steps: what was found and its MTBS class; then what is done, proposed and editable."""

import itertools
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from posyandu_app.domain.age import age_in_days, completed_months
from posyandu_app.domain.danger_signs import danger_signs_for
from posyandu_app.domain.mtbs import OLDER_FROM_MONTHS, Complication
from posyandu_app.domain.reviews import Decision
from posyandu_app.i18n import tr
from posyandu_app.services.cases import CaseCard, Proposal
from posyandu_app.ui.case.step import StepPage
from posyandu_app.ui.screens import decide_state as ds
from posyandu_app.ui.screens.decide_state import NOTE, PLACES, PMT_DAYS, REVISIT, DecideState
from posyandu_app.ui.widgets.basic import Card, Label, Segmented, row
from posyandu_app.ui.widgets.care import Rule, Tick
from posyandu_app.ui.widgets.fields import Field
from posyandu_app.ui.widgets.scroll import Scroll

_YES_NO = (True, False)
DECISIONS = (Decision.REFER_TODAY, Decision.REFER, Decision.COUNSEL, Decision.PMT)


def rule_words(months: int | None) -> str:
    """Where the class comes from."""
    if months is not None and months < OLDER_FROM_MONTHS:
        return tr("Aturan: bagan MTBS, status gizi umur 2 sampai kurang dari 6 bulan.")
    return tr("Aturan: bagan MTBS, status gizi umur 6 sampai 59 bulan; batas PMK 2/2020.")


class ExamPage(StepPage):
    """Ticks for complications and danger signs, a few questions, and at once the class they make."""

    changed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Langkah 1 dari 2: periksa anak"), tr("Lanjut: putuskan"), name="exam")
        self._state = DecideState()
        self._showing = False
        self._months: int | None = None
        self.signs: dict[str, Tick] = {}
        self.complications = {
            item.value: Tick(self, item.label, name=f"complication_{item.value}", role="small")
            for item in Complication
        }
        self._grid = QGridLayout()
        self.appetite = self._asked("exam_appetite", tr("Uji nafsu makan"), (tr("Lulus"), tr("Tidak lulus")))
        self.feeding = self._asked("exam_feeding", tr("Masalah pemberian makan"), (tr("Ada"), tr("Tidak")))
        self.rising = self._asked("exam_rising", tr("Berat naik"), (tr("Naik"), tr("Tidak naik")))
        self.oedema = Segmented(
            self,
            [(tr("Tidak"), "0"), ("+1", "1"), ("+2", "2"), ("+3", "3")],
            tr("Bengkak kedua kaki"),
            name="exam_oedema",
            role="small_strong",
            height=40,
        )
        self.appetite_label = Label(self, "", "small", "soft")
        self.feeding_label = Label(self, tr("Masalah pemberian makan"), "small", "soft")
        self.rising_label = Label(self, tr("Berat badan"), "small", "soft")
        self.oedema_label = Label(self, tr("Bengkak kedua kaki"), "small", "soft")
        self.klass = Label(self, "", "lead_strong", wrap=True)
        self.klass.setObjectName("exam_class")
        self.findings = Label(self, "", "small", wrap=True)
        self.findings.setObjectName("exam_findings")
        self.missing = Label(self, "", "small_strong", "accent", wrap=True)
        self.missing.setObjectName("exam_missing")
        self.rule = Label(self, "", "small", "soft", wrap=True)
        self.rule.setObjectName("exam_rule")
        self.sides.addWidget(self._ticks(), 5)
        self.sides.addWidget(self._questions(), 3)
        self._connect()

    def _asked(self, name: str, accessible: str, choices: tuple[str, str]) -> Segmented:
        return Segmented(
            self,
            [(choices[0], "y"), (choices[1], "t")],
            accessible,
            name=name,
            role="small_strong",
            height=40,
        )

    def _ticks(self) -> QWidget:
        card = Card(self, margins=14, spacing=0)
        area = QWidget(card)
        inner = QVBoxLayout(area)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        self._grid.addWidget(Label(area, tr("Komplikasi medis"), "strong"), 0, 0)
        self._grid.addWidget(Label(area, tr("Tanda bahaya"), "strong"), 0, 1)
        for at, tick in enumerate(self.complications.values()):
            self._grid.addWidget(tick, at + 1, 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        inner.addLayout(self._grid)
        inner.addStretch(1)
        card.column.addWidget(Scroll(card, area), 1)
        return card

    def _questions(self) -> QWidget:
        card = Card(self, margins=18, spacing=6)
        card.column.addLayout(row(self.oedema_label, None, self.oedema, spacing=10))
        card.column.addLayout(row(self.appetite_label, None, self.appetite, spacing=10))
        card.column.addLayout(row(self.rising_label, None, self.rising, spacing=10))
        card.column.addLayout(row(self.feeding_label, None, self.feeding, spacing=10))
        card.column.addSpacing(6)
        card.column.addWidget(Rule(card))
        card.column.addSpacing(6)
        card.column.addWidget(self.klass)
        for label in (self.findings, self.missing):
            card.column.addWidget(label)
        card.column.addStretch(1)
        card.column.addWidget(self.rule)
        return card

    def _connect(self) -> None:
        self.oedema.chosen.connect(lambda grade: self._answer("oedema", grade))
        self.appetite.chosen.connect(lambda at: self._answer("appetite", _YES_NO[at]))
        self.feeding.chosen.connect(lambda at: self._answer("feeding_problem", _YES_NO[at]))
        self.rising.chosen.connect(lambda at: self._answer("not_rising", not _YES_NO[at]))
        for code, tick in self.complications.items():
            tick.toggled.connect(lambda on, code=code: self._tick("complications", code, on))
            tick.entered.connect(self.save.setFocus)
        stops = (self.oedema, self.appetite, self.rising, self.feeding)
        for at, stop in enumerate(stops):
            stop.entered.connect(lambda at=at: self._after(at))

    def _after(self, at: int) -> None:
        stops = (self.oedema, self.appetite, self.rising, self.feeding)
        later = (stop for stop in stops[at + 1 :] if stop.isVisibleTo(self))
        next(later, next(iter(self.complications.values()))).setFocus()

    def open(self, card: CaseCard) -> None:
        """Ask about this child: her age chooses the danger signs and the questions."""
        birth = card.child.birth_date
        self._months = None if birth is None else completed_months(birth, card.today)
        days = None if birth is None else age_in_days(birth, card.today)
        for tick in self.signs.values():
            self._grid.removeWidget(tick)
            tick.hide()
            tick.deleteLater()
        self.signs = {}
        for at, sign in enumerate(danger_signs_for(days)):
            tick = Tick(self, sign.label, name=f"danger_{sign.value}", role="small")
            tick.toggled.connect(lambda on, code=sign.value: self._tick("danger_signs", code, on))
            tick.entered.connect(self.save.setFocus)
            self.signs[sign.value] = tick
            self._grid.addWidget(tick, at + 1, 1)
        older = self._months is None or self._months >= OLDER_FROM_MONTHS
        self.appetite_label.setText(tr("Uji nafsu makan") if older else tr("Kuat menyusu"))
        for widget in (self.rising, self.rising_label):
            widget.setVisible(not older)
        for widget in (self.feeding, self.feeding_label):
            widget.setVisible(older)
        self.rule.setText(rule_words(self._months))
        stops: list[QWidget] = [self.oedema, self.appetite, self.rising, self.feeding]
        stops += [*self.complications.values(), *self.signs.values(), self.save, self.cancel]
        for first, second in itertools.pairwise(stops):
            QWidget.setTabOrder(first, second)

    def show_state(self, state: DecideState, seen_oedema: int | None) -> None:
        """Show the answers, and what MTBS says to them; `seen_oedema` is what stands from the measuring."""
        self._state = state
        self._showing = True
        exam = state.exam
        grade = seen_oedema if exam.oedema is None else exam.oedema
        self.oedema.set_index(-1 if grade is None else grade)
        self.appetite.set_index(_at(exam.appetite))
        self.feeding.set_index(_at(exam.feeding_problem))
        self.rising.set_index(_at(None if exam.not_rising is None else not exam.not_rising))
        for kind, ticks in (("complications", self.complications), ("danger_signs", self.signs)):
            for code, tick in ticks.items():
                tick.setChecked(code in getattr(exam, kind))
        if state.proposal is not None:
            found = state.proposal.classification
            self.klass.setText(found.label)
            self.findings.setText("\n".join(f"• {line}" for line in found.findings[:5]))
            missing = "; ".join(found.missing)
            told = tr("Belum diperiksa: {what}.").format(what=missing) if missing else ""
            self.missing.setText(told)
            self.missing.setVisible(bool(told))
            self.findings.setVisible(bool(found.findings))
        self._showing = False

    def take_keyboard(self) -> None:
        self.oedema.setFocus()

    def _answer(self, name: str, value: bool | int) -> None:
        if not self._showing:
            self.changed.emit(ds.answered(self._state, name, value))

    def _tick(self, kind: str, code: str, on: bool) -> None:
        if not self._showing:
            self.changed.emit(ds.ticked(self._state, kind, code, on))


class PlanPage(StepPage):
    """The plan as the rules propose it; every part can be changed."""

    changed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Langkah 2 dari 2: putuskan"), tr("Simpan keputusan"), name="plan")
        self._state = DecideState()
        self._showing = False
        names = {
            Decision.REFER_TODAY: tr("Rujuk hari ini juga"),
            Decision.REFER: tr("Rujuk"),
            Decision.COUNSEL: tr("Konseling"),
            Decision.PMT: tr("PMT pangan lokal"),
        }
        self.ticks = {item: Tick(self, names[item], name=f"plan_{item.value}") for item in DECISIONS}
        self.place = Segmented(
            self,
            [(place.label, place.label[:1].lower()) for place in PLACES],
            tr("Dirujuk ke"),
            name="plan_place",
            role="small_strong",
            height=40,
        )
        self.place_label = Label(self, tr("Dirujuk ke"), "small", "soft")
        self.days = Field(self, tr("Lama PMT (hari)"), name="plan_pmt_days", longest=12)
        self.revisit = Field(
            self,
            tr("Tanggal kontrol"),
            tr("Kosong berarti kontrol di posyandu berikutnya."),
            name="plan_revisit_on",
            longest=40,
        )
        self.note = Field(self, tr("Catatan untuk kader"), name="plan_note", longest=500, optional=True)
        self.klass = Label(self, "", "lead_strong", wrap=True)
        self.klass.setObjectName("plan_class")
        self.action = Label(self, "", "body", wrap=True)
        self.action.setObjectName("plan_action")
        self.why = Label(self, "", "small", "soft", wrap=True)
        self.why.setObjectName("plan_why")
        self.rule = Label(self, "", "small", "soft", wrap=True)
        self.sides.addWidget(self._form(), 1)
        self.sides.addWidget(self._proposal(), 1)
        self._connect()

    def _form(self) -> QWidget:
        card = Card(self, margins=16, spacing=0)
        form = QWidget(card)
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(form, tr("Tindakan"), "strong"))
        for first, second in (DECISIONS[:2], DECISIONS[2:]):
            line = row(self.ticks[first], self.ticks[second], spacing=8)
            column.addLayout(line)
        column.addLayout(row(self.place_label, None, self.place, spacing=10))
        column.addSpacing(4)
        both = row(spacing=12)
        both.addWidget(self.days, 1)
        both.addWidget(self.revisit, 2)
        column.addLayout(both)
        column.addSpacing(4)
        column.addWidget(self.note)
        column.addStretch(1)
        card.column.addWidget(Scroll(card, form), 1)
        return card

    def _proposal(self) -> QWidget:
        card = Card(self, margins=18, spacing=8)
        card.column.addWidget(Label(card, tr("Usul aturan"), "strong"))
        for label in (self.klass, self.action, self.why):
            card.column.addWidget(label)
        card.column.addStretch(1)
        card.column.addWidget(self.rule)
        return card

    def _connect(self) -> None:
        for item, tick in self.ticks.items():
            tick.toggled.connect(lambda on, item=item: self._event(ds.turned, item, on))
        for first, second in itertools.pairwise(DECISIONS):
            self.ticks[first].entered.connect(self.ticks[second].setFocus)
        self.ticks[DECISIONS[-1]].entered.connect(self._after_ticks)
        self.place.chosen.connect(lambda at: self._event(ds.placed, PLACES[at]))
        self.place.entered.connect(self._after_place)
        for field, name in ((self.days, PMT_DAYS), (self.revisit, REVISIT), (self.note, NOTE)):
            field.changed.connect(lambda text, name=name: self._event(ds.typed, name, text))
        self.days.entered.connect(self.revisit.edit.setFocus)
        self.revisit.entered.connect(self.note.edit.setFocus)
        self.note.entered.connect(self.save.setFocus)
        stops: list[QWidget] = [*self.ticks.values(), self.place, self.days.edit, self.revisit.edit]
        stops += [self.note.edit, self.save, self.cancel]
        for before, after in itertools.pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _after_ticks(self) -> None:
        if self.place.isVisibleTo(self):
            self.place.setFocus()
        else:
            self._after_place()

    def _after_place(self) -> None:
        (self.days if self.days.isVisibleTo(self) else self.revisit).edit.setFocus()

    def show_state(self, state: DecideState, reasons: Sequence[str], months: int | None) -> None:
        """Show the plan; `reasons` are those that stand."""
        self._state = state
        self._showing = True
        for item, tick in self.ticks.items():
            tick.setChecked(item in state.decisions)
        self.place.set_index(PLACES.index(state.place) if state.place in PLACES else -1)
        for widget in (self.place, self.place_label):
            widget.setVisible(state.refers)
        self.days.setVisible(Decision.PMT in state.decisions)
        for field, name in ((self.days, PMT_DAYS), (self.revisit, REVISIT), (self.note, NOTE)):
            if field.edit.text() != state.texts.get(name, ""):
                field.set_text(state.texts.get(name, ""))
            field.set_error(state.errors.get(name, ""))
        self.say(
            " ".join(text for name, text in state.errors.items() if name not in (PMT_DAYS, REVISIT, NOTE))
        )
        if state.proposal is not None:
            self._show_proposal(state.proposal)
        self.why.setText("\n".join(f"• {reason}" for reason in reasons[:4]))
        self.rule.setText(rule_words(months))
        self._showing = False

    def _show_proposal(self, proposal: Proposal) -> None:
        found = proposal.classification
        self.klass.setText(found.label)
        steps = list(found.action)
        if proposal.place is not None and found.refer is None:
            steps.append(tr("Kartu bantu ILP: rujuk ke pustu atau puskesmas."))
        if proposal.pmt is not None:
            steps.append(
                tr("PMT {days} hari ({why}).").format(days=proposal.pmt.days, why=_pmt(proposal.pmt.why))
            )
        self.action.setText("\n".join(steps))

    def take_keyboard(self) -> None:
        if REVISIT in self._state.errors:
            self.revisit.edit.setFocus()
        elif PMT_DAYS in self._state.errors:
            self.days.edit.setFocus()
        else:
            self.ticks[DECISIONS[0]].setFocus()

    def _event(self, event: object, *arguments: object) -> None:
        if not self._showing:
            assert callable(event)
            self.changed.emit(event(self._state, *arguments))


def _at(answer: bool | None) -> int:
    return -1 if answer is None else 0 if answer else 1


def _pmt(why: str) -> str:
    return {
        "gizi_kurang": tr("gizi kurang"),
        "bb_kurang": tr("berat badan kurang"),
        "tidak_naik": tr("berat tidak naik"),
    }.get(why, why)

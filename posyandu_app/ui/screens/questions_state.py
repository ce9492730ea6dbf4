"""Going through the questions for the midwife, as pure functions of (state, event)."""

from dataclasses import dataclass, field, replace

from posyandu_app.services.deciding import Decision, Waiting


@dataclass(frozen=True, slots=True)
class QuestionsState:
    """The questions of one list, one at a time; `linked` shows the records that are one child by now."""

    waiting: Waiting = field(default_factory=Waiting)
    linked: bool = False
    at: int = 0
    loaded: bool = False

    @property
    def questions(self) -> tuple[Decision, ...]:
        return self.waiting.linked if self.linked else self.waiting.decisions

    @property
    def current(self) -> Decision | None:
        return self.questions[self.at] if self.at < len(self.questions) else None


def found(state: QuestionsState, waiting: Waiting) -> QuestionsState:
    """The lists were read; the question in sight stays if it still waits, else the next one comes."""
    before = state.current
    state = replace(state, waiting=waiting, loaded=True)
    ids = [item.id for item in state.questions]
    if before is not None and before.id in ids:
        return replace(state, at=ids.index(before.id))
    return replace(state, at=min(state.at, max(0, len(ids) - 1)))


def moved(state: QuestionsState, step: int) -> QuestionsState:
    """Leave this question for later and look at another; past the end it begins again."""
    count = len(state.questions)
    return replace(state, at=(state.at + step) % count) if count else state


def turned(state: QuestionsState, linked: bool) -> QuestionsState:
    """The other list, from its beginning."""
    return state if linked == state.linked else replace(state, linked=linked, at=0)


def shown(state: QuestionsState, id_: str) -> QuestionsState:
    """The question of this id comes in sight, in whichever list it stands; nothing changes without it."""
    for linked, questions in ((False, state.waiting.decisions), (True, state.waiting.linked)):
        ids = [item.id for item in questions]
        if id_ in ids:
            return replace(state, linked=linked, at=ids.index(id_))
    return state

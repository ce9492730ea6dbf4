"""What stands half-typed in a form is kept a moment after the last key: a power cut takes nothing away."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer, Signal

from posyandu_app.services import drafts
from posyandu_app.ui.desk import Desk

DELAY_MS = 400


class DraftKeeper(QObject):
    """Keeps the draft of one form, off the GUI thread; nothing when it is kept already.

    `standing` says under which name the draft waits and what stands in its fields; None while there is
    nothing to keep, as during a save.
    """

    kept = Signal(str)
    """The name of a draft that has changed or is gone."""

    def __init__(
        self, parent: QObject, desk: Desk, standing: Callable[[], tuple[str, dict[str, str]] | None]
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._standing = standing
        self._known: dict[str, str] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.keep)

    def opened(self, fields: Mapping[str, str] | None) -> None:
        """The form shows a draft that waits already, or none."""
        self._known = dict(fields or {})

    def soon(self) -> None:
        """Something was typed: keep it in a moment."""
        self._timer.start()

    def stop(self) -> None:
        """Keep nothing for now: a save is on its way."""
        self._timer.stop()

    def done(self) -> None:
        """What was typed is saved: nothing waits any more."""
        self._timer.stop()
        self._known = {}

    def keep(self) -> None:
        """Keep what stands in the form now."""
        self._timer.stop()
        standing = self._standing()
        if standing is None or standing[1] == self._known:
            return
        name, fields = standing
        self._known = fields
        if fields:
            self._desk.tell(lambda workspace: drafts.save(workspace, name, fields))
        else:
            self._desk.tell(lambda workspace: drafts.clear(workspace, name))
        self.kept.emit(name)

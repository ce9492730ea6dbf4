"""Garbage is collected on the GUI thread alone.

Python collects on whichever thread makes the next object. A worker that meets the widgets of a
window that is gone would destroy them there, and a Qt object that dies on another thread leaves
its timers behind: the next one that is due takes the app down.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000


class Collector(QObject):
    """Looks for garbage once a second, as far as the interpreter's own thresholds ask; until `close()`.

    While one of several is at work, the interpreter keeps off.
    """

    _at_work = 0

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        Collector._at_work += 1
        gc.disable()
        if not gc.get_freeze_count():
            gc.freeze()  # modules and the like stay; going through them again would hold up the keyboard
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation whose threshold is passed."""
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > limits[generation]:
                gc.collect(generation)
                return

    def close(self) -> None:
        """Leave it to the interpreter again, which finds nothing of the app left to destroy elsewhere."""
        if not self._timer.isActive():
            return
        self._timer.stop()
        Collector._at_work -= 1
        if Collector._at_work == 0:
            gc.collect()
            gc.enable()

"""How a picture is dressed: a look of the theme, its type in pixels so that paper and screen agree."""

from dataclasses import dataclass

from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QWidget

from posyandu_app.ui import theme
from posyandu_app.ui.page_file import CSS_DPI
from posyandu_app.ui.theme import Colors, Look


@dataclass(frozen=True, slots=True)
class PictureStyle:
    """A look, and how many px an inch of text has."""

    look: Look
    dpi: float = CSS_DPI

    @classmethod
    def of(cls, widget: QWidget) -> "PictureStyle":
        """The look in force, at the resolution of a widget's screen."""
        return cls(theme.current(), float(widget.logicalDpiY()))

    @classmethod
    def paper(cls) -> "PictureStyle":
        """Black on white, normal size."""
        return cls(Look())

    @property
    def colors(self) -> Colors:
        return self.look.colors

    def px(self, normal: float) -> float:
        """A length that grows with the text."""
        return normal * self.look.scale

    def font(self, role: str = "body", *, figures: bool = False) -> QFont:
        """The typeface of a text role, its size in px."""
        font = self.look.font(role, figures=figures)
        font.setPixelSize(max(7, round(self.look.points(role) * self.dpi / 72)))
        return font

    def width(self, words: str, role: str = "body", *, figures: bool = False) -> float:
        """How wide words come out in a role."""
        return QFontMetricsF(self.font(role, figures=figures)).horizontalAdvance(words)

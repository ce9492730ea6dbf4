"""How everything looks: colours, type sizes and the one style sheet, in a normal and a high-contrast form.

Colours of health status are used for status alone. Every pair of text and background
named in `text_pairs` keeps a contrast of 4.5:1 (7:1 in high contrast); a test computes it.
"""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from posyandu_app.paths import resources

TARGET = 40  # px at 96 dpi: 10.6 mm, the smallest thing a finger or a tired hand must hit
FAMILY = "Inter"
RADIUS = 12


class TextSize(StrEnum):
    """The two text sizes."""

    NORMAL = "normal"
    LARGE = "large"


class Contrast(StrEnum):
    """The two colour schemes."""

    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class ToneColors:
    """One status: text on its soft background, and the solid colour of its shape with what stands on it."""

    text: str
    soft: str
    solid: str
    on_solid: str


@dataclass(frozen=True, slots=True)
class Colors:
    """One colour scheme."""

    canvas: str
    surface: str
    sunken: str
    ink: str
    ink_soft: str
    line: str
    line_strong: str
    accent: str
    accent_pressed: str
    accent_soft: str
    on_accent: str
    focus: str
    danger: str
    bar: str
    on_bar: str
    tones: dict[str, ToneColors]


_NORMAL = Colors(
    canvas="#F4F5F8",
    surface="#FFFFFF",
    sunken="#EDEFF4",
    ink="#171C26",
    ink_soft="#545D6C",
    line="#E2E5EB",
    line_strong="#858D9B",
    accent="#3251C8",
    accent_pressed="#263E9E",
    accent_soft="#E9EDFB",
    on_accent="#FFFFFF",
    focus="#3251C8",
    danger="#A8123A",
    bar="#1D2433",
    on_bar="#FFFFFF",
    tones={
        "rujuk_segera": ToneColors("#93102F", "#FCE6EA", "#B3123A", "#FFFFFF"),
        "rujuk": ToneColors("#8A3606", "#FDEBDD", "#BC4B0B", "#FFFFFF"),
        "waspada": ToneColors("#664800", "#FFF2CC", "#F2B705", "#2B1F00"),
        "baik": ToneColors("#125B36", "#E0F3E8", "#1C7D4A", "#FFFFFF"),
        "belum_diukur": ToneColors("#4A5362", "#EDEFF3", "#697283", "#FFFFFF"),
        "lebih": ToneColors("#53308A", "#F0E9FA", "#6B3FA8", "#FFFFFF"),
    },
)

_HIGH = Colors(
    canvas="#FFFFFF",
    surface="#FFFFFF",
    sunken="#FFFFFF",
    ink="#000000",
    ink_soft="#1A1A1A",
    line="#000000",
    line_strong="#000000",
    accent="#0A1FA8",
    accent_pressed="#000F6B",
    accent_soft="#E4E8FF",
    on_accent="#FFFFFF",
    focus="#0A1FA8",
    danger="#8C0020",
    bar="#000000",
    on_bar="#FFFFFF",
    tones={
        "rujuk_segera": ToneColors("#7A001C", "#FFFFFF", "#8C0020", "#FFFFFF"),
        "rujuk": ToneColors("#6B2500", "#FFFFFF", "#7F2D00", "#FFFFFF"),
        "waspada": ToneColors("#4A3400", "#FFFFFF", "#FFD43B", "#000000"),
        "baik": ToneColors("#00431F", "#FFFFFF", "#005A2B", "#FFFFFF"),
        "belum_diukur": ToneColors("#2B2B2B", "#FFFFFF", "#3A3A3A", "#FFFFFF"),
        "lebih": ToneColors("#3C1675", "#FFFFFF", "#4B1D91", "#FFFFFF"),
    },
)

# role → points at normal size, weight
TYPE: dict[str, tuple[float, int]] = {
    "small": (12, 400),
    "small_strong": (12, 600),
    "body": (14, 400),
    "strong": (14, 600),
    "lead": (16, 400),
    "lead_strong": (16, 600),
    "heading": (18, 600),
    "title": (22, 600),
    "status": (22, 600),
    "display": (26, 600),
    "number": (28, 600),
}
_LARGE = 1.18


@dataclass(frozen=True, slots=True)
class Look:
    """One combination of colours and text size, and what the window's size makes of it (`ui/fit.py`)."""

    contrast: Contrast = Contrast.NORMAL
    text_size: TextSize = TextSize.NORMAL
    compact: bool = False
    shrink: float = 1.0

    @property
    def colors(self) -> Colors:
        return _HIGH if self.contrast == Contrast.HIGH else _NORMAL

    @property
    def scale(self) -> float:
        return (_LARGE if self.text_size == TextSize.LARGE else 1.0) * self.shrink

    @property
    def stroke(self) -> int:
        """The width of borders in px."""
        return 2 if self.contrast == Contrast.HIGH else 1

    def points(self, role: str) -> float:
        """The size of a text role in pt."""
        return TYPE[role][0] * self.scale

    def font(self, role: str = "body", *, figures: bool = False) -> QFont:
        """The typeface of a text role; `figures` for columns of numbers: digits of equal width.

        In running text they stay off, since they widen hyphens too.
        """
        font = QFont(FAMILY)
        font.setPointSizeF(self.points(role))
        font.setWeight(QFont.Weight(TYPE[role][1]))
        if figures:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def px(self, normal: int) -> int:
        """A length that grows with the text."""
        return round(normal * self.scale)

    def tone(self, tone: str) -> ToneColors:
        """The colours of a status; one that a newer version knows is shown without colour."""
        return self.colors.tones.get(tone, self.colors.tones["belum_diukur"])


_look = Look()


def current() -> Look:
    """The look in force; widgets ask when they paint."""
    return _look


def color(text: str) -> QColor:
    """A colour of the scheme as Qt wants it."""
    return QColor(text)


def load_fonts() -> None:
    """Make the bundled typeface known to Qt; raises `FileNotFoundError` when it was not shipped."""
    for name in ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf"):
        path = resources() / "fonts" / name
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FileNotFoundError(path)


def apply(app: QApplication, look: Look) -> None:
    """Give every widget this look, those on screen too."""
    global _look
    _look = look
    colors = look.colors
    palette = QPalette()
    for role, value in (
        (QPalette.ColorRole.Window, colors.canvas),
        (QPalette.ColorRole.WindowText, colors.ink),
        (QPalette.ColorRole.Base, colors.surface),
        (QPalette.ColorRole.AlternateBase, colors.sunken),
        (QPalette.ColorRole.Text, colors.ink),
        (QPalette.ColorRole.Button, colors.surface),
        (QPalette.ColorRole.ButtonText, colors.ink),
        (QPalette.ColorRole.Highlight, colors.accent),
        (QPalette.ColorRole.HighlightedText, colors.on_accent),
        (QPalette.ColorRole.PlaceholderText, colors.ink_soft),
        (QPalette.ColorRole.ToolTipBase, colors.bar),
        (QPalette.ColorRole.ToolTipText, colors.on_bar),
        (QPalette.ColorRole.Accent, colors.accent),
    ):
        palette.setColor(role, QColor(value))
    app.setPalette(palette)
    app.setFont(look.font())
    app.setStyleSheet(style_sheet(look))


def style_sheet(look: Look) -> str:
    """The one style sheet; type roles are the `role` property of labels and fields."""
    c = look.colors
    roles = "\n".join(
        f'*[role="{role}"] {{ font-size: {look.points(role):.2f}pt; font-weight: {weight}; }}'
        for role, (_, weight) in TYPE.items()
    )
    return f"""
{roles}
QLabel {{ color: {c.ink}; background: transparent; }}
QLabel[ink="soft"] {{ color: {c.ink_soft}; }}
QLabel[ink="danger"] {{ color: {c.danger}; }}
QLabel[ink="accent"] {{ color: {c.accent}; }}
QLabel[ink="bar"] {{ color: {c.on_bar}; }}
QWidget#window, QWidget[ground="canvas"] {{ background: {c.canvas}; }}
QWidget[ground="surface"] {{ background: {c.surface}; }}
QLineEdit {{
    color: {c.ink}; background: {c.surface};
    border: 2px solid {c.line_strong}; border-radius: 10px;
    padding: 0 {look.px(12)}px; min-height: {look.px(44)}px;
    selection-background-color: {c.accent}; selection-color: {c.on_accent};
    placeholder-text-color: {c.ink_soft};
}}
QLineEdit:focus {{
    border: 3px solid {c.focus}; padding: 0 {look.px(12) - 1}px; min-height: {look.px(44) - 2}px;
}}
QLineEdit[wrong="true"] {{
    border: 3px solid {c.danger}; padding: 0 {look.px(12) - 1}px; min-height: {look.px(44) - 2}px;
}}
QLineEdit:disabled {{ color: {c.ink_soft}; background: {c.sunken}; }}
QScrollArea, QListView, QAbstractScrollArea {{ background: transparent; border: none; }}
QPlainTextEdit {{
    color: {c.ink}; background: {c.surface};
    border: 2px solid {c.line_strong}; border-radius: 10px; padding: {look.px(6)}px {look.px(8)}px;
    selection-background-color: {c.accent}; selection-color: {c.on_accent};
}}
QPlainTextEdit:focus {{ border: 3px solid {c.focus}; }}
QPlainTextEdit[wrong="true"] {{ border: 3px solid {c.danger}; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {c.line_strong}; border-radius: 4px; min-height: 40px;
    margin: 2px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QScrollBar:horizontal {{ height: 0; }}
QScrollArea#frame > QWidget > QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle:horizontal {{ background: {c.line_strong}; border-radius: 4px; min-width: 40px;
    margin: 2px; }}
QToolTip {{ color: {c.on_bar}; background: {c.bar}; border: none; padding: 8px; }}
"""


def contrast(foreground: str, background: str) -> float:
    """The contrast ratio of two colours by WCAG 2: 1 (none) to 21."""

    def luminance(text: str) -> float:
        parts = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(foreground), luminance(background)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_pairs(colors: Colors) -> list[tuple[str, str, str]]:
    """Every (use, text colour, background colour) that the screens put together."""
    grounds = (("canvas", colors.canvas), ("surface", colors.surface), ("sunken", colors.sunken))
    pairs = [(f"ink on {name}", colors.ink, ground) for name, ground in grounds]
    pairs += [(f"soft ink on {name}", colors.ink_soft, ground) for name, ground in grounds]
    pairs += [(f"accent on {name}", colors.accent, ground) for name, ground in grounds]
    pairs += [(f"danger on {name}", colors.danger, ground) for name, ground in grounds]
    pairs += [
        ("on accent", colors.on_accent, colors.accent),
        ("on pressed accent", colors.on_accent, colors.accent_pressed),
        ("accent on its soft form", colors.accent, colors.accent_soft),
        ("ink on soft accent", colors.ink, colors.accent_soft),
        ("soft ink on soft accent", colors.ink_soft, colors.accent_soft),
        ("on bar", colors.on_bar, colors.bar),
    ]
    for name, tone in colors.tones.items():
        pairs += [
            (f"{name} text on soft", tone.text, tone.soft),
            (f"{name} text on surface", tone.text, colors.surface),
            (f"{name} text on canvas", tone.text, colors.canvas),
            (f"{name} shape", tone.on_solid, tone.solid),
        ]
    return pairs


ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ALIGN_CENTER = Qt.AlignmentFlag.AlignCenter

"""The colours of the growth chart: one scheme for every day, one of high contrast."""

from dataclasses import dataclass

from posyandu_app.domain.model import Sex
from posyandu_app.ui.charts.standards import Tint


@dataclass(frozen=True, slots=True)
class Sheet:
    """The card of one sex: its ground, the paper the lines lie on, and the ink of its headings."""

    ground: str
    paper: str
    ink: str


@dataclass(frozen=True, slots=True)
class ChartColors:
    """One colour scheme of the chart, `#RRGGBB`; `heavy` widens lines and marks."""

    boy: Sheet
    girl: Sheet
    unknown: Sheet
    ink: str
    ink_soft: str
    grid: str
    tints: dict[Tint, str]
    red_line: str
    red_text: str
    orange_line: str
    orange_text: str
    median: str
    limit: str
    severe: str
    edge: str
    child: str
    casing: str
    fresh: str
    focus: str
    note: str
    rising: str
    rising_soft: str
    falling: str
    on_falling: str
    plain: str
    callout: str
    on_callout: str
    on_callout_soft: str
    heavy: bool = False

    def sheet(self, sex: Sex | None) -> Sheet:
        """The card for this sex; grey while it is not known."""
        return {Sex.MALE: self.boy, Sex.FEMALE: self.girl, None: self.unknown}[sex]


NORMAL = ChartColors(
    boy=Sheet("#D6E8F8", "#EAF4FC", "#12385C"),
    girl=Sheet("#FADCE6", "#FDEFF4", "#6A1A3D"),
    unknown=Sheet("#E4E7EC", "#F4F5F8", "#2A3240"),
    ink="#1B2433",
    ink_soft="#4A5566",
    grid="#20304A",
    tints={
        Tint.NONE: "",
        Tint.THIN: "#FCEBA6",
        Tint.LIGHT: "#D2EBBF",
        Tint.CORE: "#A9D79A",
        Tint.OVER: "#FDE6C0",
        Tint.FAT: "#FDEFD9",
    },
    red_line="#C3202F",
    red_text="#A3141F",
    orange_line="#DB6A00",
    orange_text="#8A3F00",
    median="#2F7D3B",
    limit="#C98A1B",
    severe="#C3202F",
    edge="#6FA364",
    child="#14263F",
    casing="#FFFFFF",
    fresh="#3251C8",
    focus="#3251C8",
    note="#FFFFFF",
    rising="#125B36",
    rising_soft="#D9F0DF",
    falling="#B3231B",
    on_falling="#FFFFFF",
    plain="#4A5566",
    callout="#1B2433",
    on_callout="#FFFFFF",
    on_callout_soft="#C9D2E0",
)

HIGH_CONTRAST = ChartColors(
    boy=Sheet("#DCEBFF", "#FFFFFF", "#00264D"),
    girl=Sheet("#FFE0EC", "#FFFFFF", "#4D0026"),
    unknown=Sheet("#EDEDED", "#FFFFFF", "#000000"),
    ink="#000000",
    ink_soft="#1A1A1A",
    grid="#000000",
    tints={
        Tint.NONE: "",
        Tint.THIN: "#FFE97A",
        Tint.LIGHT: "#DDF5CC",
        Tint.CORE: "#A6DB93",
        Tint.OVER: "#FFDCA6",
        Tint.FAT: "#FFEED6",
    },
    red_line="#A00014",
    red_text="#8C0010",
    orange_line="#A34700",
    orange_text="#6B2E00",
    median="#00561B",
    limit="#7A4E00",
    severe="#A00014",
    edge="#1F5A17",
    child="#000000",
    casing="#FFFFFF",
    fresh="#0A1FA8",
    focus="#0A1FA8",
    note="#FFFFFF",
    rising="#00431F",
    rising_soft="#FFFFFF",
    falling="#8C0020",
    on_falling="#FFFFFF",
    plain="#000000",
    callout="#000000",
    on_callout="#FFFFFF",
    on_callout_soft="#FFFFFF",
    heavy=True,
)

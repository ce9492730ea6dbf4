"""The places of the window: which screen stands where, and who finds it in the rail.

The order here is the order in the rail; a role's places get Alt+1, Alt+2 … in that order.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.ui.desk import Desk
from posyandu_app.ui.screens.analysis import AnalysisScreen
from posyandu_app.ui.screens.cancel import CancelGivenScreen, CancelScreen, RestoreScreen
from posyandu_app.ui.screens.case import CaseScreen
from posyandu_app.ui.screens.child import ChildScreen
from posyandu_app.ui.screens.controls import ControlsScreen
from posyandu_app.ui.screens.correct import CorrectScreen
from posyandu_app.ui.screens.data_help import DataHelpScreen
from posyandu_app.ui.screens.day import DayScreen
from posyandu_app.ui.screens.display import DisplayScreen
from posyandu_app.ui.screens.edit_child import EditChildScreen
from posyandu_app.ui.screens.import_screen import ImportScreen
from posyandu_app.ui.screens.leaving import LeavingScreen
from posyandu_app.ui.screens.proposals import ProposalsScreen
from posyandu_app.ui.screens.quality import QualityScreen
from posyandu_app.ui.screens.questions import QuestionsScreen
from posyandu_app.ui.screens.recommend import RecommendScreen
from posyandu_app.ui.screens.recommend_write import RecommendWriteScreen
from posyandu_app.ui.screens.recommendation import RecommendationScreen
from posyandu_app.ui.screens.register import RegisterScreen
from posyandu_app.ui.screens.report import ReportScreen
from posyandu_app.ui.screens.reports import ReportsScreen
from posyandu_app.ui.screens.review import ReviewScreen
from posyandu_app.ui.screens.roster import RosterScreen
from posyandu_app.ui.screens.rules import RulesScreen
from posyandu_app.ui.screens.screen import Screen
from posyandu_app.ui.screens.settings_screen import SettingsScreen
from posyandu_app.ui.screens.sync_screen import SyncScreen
from posyandu_app.ui.screens.today import TodayScreen
from posyandu_app.ui.screens.users import UsersScreen
from posyandu_app.ui.screens.weighing import WeighingScreen
from posyandu_app.ui.widgets.rail import Place

EVERYBODY = frozenset(Role)
FIELD = frozenset({Role.KADER, Role.BIDAN})
"""Those who stand at the posyandu: they register and measure."""
MIDWIFE = frozenset({Role.BIDAN})
BY_NAME = FIELD | {Role.TPG}
"""Those who see children by name."""
OFFICES = frozenset({Role.TPG, Role.DINAS})
"""Those who ask others to do something."""
DECIDE = frozenset({Role.BIDAN, Role.TPG})
"""Those who decide what is done about a child at risk."""
ANALYSTS = frozenset({Role.BIDAN, Role.TPG, Role.DINAS})
"""Those who look at an area as a whole: a village, a kecamatan, the kabupaten."""


@dataclass(frozen=True, slots=True)
class Room:
    """One screen: how it is made, the roles that have it in the rail, and how it is called there.

    A screen without words is reached from another one and stands `within` that one's place in the
    rail; with `within` empty, and for other roles, within the place that it was opened from. To one that
    `returns`, a child's card opened from it goes back, not to the place in the rail.
    """

    name: str
    make: Callable[[QWidget, Desk], Screen]
    words: str = ""
    icon: str = ""
    roles: frozenset[Role] = EVERYBODY
    within: str = ""
    returns: bool = False


def rooms() -> tuple[Room, ...]:
    """Every room, in the order of the rail."""
    return (
        Room("roster", RosterScreen, tr("Penimbangan"), "scale", BY_NAME),
        Room("weighing", WeighingScreen, roles=FIELD, within="roster"),
        Room("register", RegisterScreen, roles=FIELD, within="roster"),
        Room("leaving", LeavingScreen),
        Room("correct", CorrectScreen),
        Room("cancel", CancelScreen),
        Room("cancel_given", CancelGivenScreen),
        Room("restore", RestoreScreen),
        Room("day", DayScreen, tr("Hari posyandu"), "calendar-days", BY_NAME),
        Room("review", ReviewScreen, tr("Perlu perhatian"), "heart-pulse", BY_NAME),
        Room("controls", ControlsScreen, roles=DECIDE, within="review", returns=True),
        Room("decide", QuestionsScreen, roles=MIDWIFE, within="review", returns=True),
        Room("case", CaseScreen),
        Room("analysis", AnalysisScreen, tr("Analisis"), "chart-line", ANALYSTS),
        Room("quality", QualityScreen, within="analysis", roles=ANALYSTS, returns=True),
        Room("child", ChildScreen),
        Room("recommend", RecommendScreen, tr("Rekomendasi"), "message-square-text"),
        Room("recommendation", RecommendationScreen, within="recommend"),
        Room("recommend_write", RecommendWriteScreen, within="recommend", roles=OFFICES),
        Room("proposals", ProposalsScreen, within="recommend", roles=OFFICES),
        Room("edit", EditChildScreen),
        Room("reports", ReportsScreen, tr("Laporan bulanan"), "clipboard-check", ANALYSTS),
        Room("report", ReportScreen),
        Room("sync", SyncScreen, tr("Sinkronisasi"), "refresh-cw"),
        Room("data_help", DataHelpScreen, within="sync"),
        Room("settings", SettingsScreen, tr("Pengaturan"), "settings"),
        Room("rules", RulesScreen, within="settings"),
        Room("display", DisplayScreen, within="settings"),
        Room("users", UsersScreen, within="settings"),
        Room("today", TodayScreen),
        Room("import", ImportScreen, roles=FIELD, within="settings"),
    )


def in_rail(every: tuple[Room, ...], role: str) -> tuple[Place, ...]:
    """The places of a role with their keys, in order; an unknown role sees what everybody sees."""
    own = [room for room in every if room.words and (role in room.roles or room.roles == EVERYBODY)]
    return tuple(
        Place(room.name, room.words, room.icon, f"Alt+{number}") for number, room in enumerate(own, 1)
    )

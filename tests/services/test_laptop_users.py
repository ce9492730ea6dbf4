"""The people of one laptop: own passwords, none above her own role, no entry without its name."""

import json

import pytest

from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Role
from posyandu_app.services import accounts, laptop_users, practice, registration, workspace
from posyandu_app.services.accounts import Setup
from posyandu_app.services.workspace import Workspace
from posyandu_app.storage import log, registers
from tests.services.conftest import PASSWORD, siti
from tests.storage.made_up import SCOPE, clock

EUIS_PASSWORD = "cempaka-7"


@pytest.fixture
def euis(ws: Workspace) -> str:
    """A second kader, by id."""
    changes = laptop_users.add(ws, "Euis Nurjanah", Role.KADER, EUIS_PASSWORD, cheap=True)
    return next(iter(changes.entities))


@pytest.fixture
def rina(ws: Workspace, as_role) -> str:
    """The midwife, by id; she was added by a midwife."""
    changes = laptop_users.add(as_role(Role.BIDAN), "Rina", Role.BIDAN, "kenanga-88", cheap=True)
    return next(iter(changes.entities))


def opened(ws: Workspace, label: str, password: str) -> Workspace:
    return accounts.unlock(ws.folder, label, password, clock())


def cannot_open(ws: Workspace, label: str, password: str) -> bool:
    try:
        opened(ws, label, password).close()
    except UserError as error:
        return error.code in ("wrong_password", "unknown_label")
    return False


def test_everybody_is_listed_with_role_and_who_is_here(ws, euis, rina):
    listed = [(p.name, p.role, p.here, p.may_help) for p in laptop_users.everybody(ws)]
    assert listed == [
        ("Sari Dewi", Role.KADER, True, False),
        ("Euis Nurjanah", Role.KADER, False, True),
        ("Rina", Role.BIDAN, False, False),
    ]


def test_a_role_changed_by_the_dinas_is_the_one_shown_and_judged(ws, euis):
    change = log.NewOperation("user.set", euis, SCOPE, {"role": {"v": "bidan", "base": "kader"}})
    log.append(ws.database, [change], actor=ws.user.id, clock=ws.clock)
    assert registers.user(ws.database, euis).role == "bidan"
    assert laptop_users.everybody(ws)[1].role == Role.BIDAN
    with pytest.raises(NotAllowed):
        laptop_users.set_password(ws, euis, PASSWORD, "melati-baru", cheap=True)


def test_an_added_colleague_opens_with_her_own_password(ws, euis):
    other = opened(ws, "Euis Nurjanah", EUIS_PASSWORD)
    assert (other.user.id, other.user.name, other.user.role) == (euis, "Euis Nurjanah", Role.KADER)
    other.close()


@pytest.mark.parametrize(
    ("acting", "scope", "given"),
    [
        (Role.KADER, SCOPE, (Role.KADER,)),
        (Role.BIDAN, SCOPE, (Role.KADER, Role.BIDAN)),
        (Role.BIDAN, "32.11.13.2005", (Role.BIDAN,)),
        (Role.TPG, "32.11.13", (Role.TPG,)),
        (Role.DINAS, "32.11", (Role.DINAS,)),
    ],
)
def test_nobody_gives_a_higher_role_nor_one_that_would_see_too_much(ws, as_role, acting, scope, given):
    acting_ws = as_role(acting)
    ws.database.set_meta("scope", scope)
    assert laptop_users.roles_to_give(acting_ws) == given
    for role in set(Role) - set(given):
        with pytest.raises(NotAllowed):
            laptop_users.add(acting_ws, "Rina", role, "kenanga-88", cheap=True)
    assert accounts.labels(ws.folder) == ("Sari",)


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [
        ("", "kenanga-88", "label"),
        ("S" * 81, "kenanga-88", "label"),
        ("sari", "kenanga-88", "label"),
        ("Euis", "pendek", "password"),
    ],
)
def test_a_mistake_names_its_field_and_adds_nobody(ws, name, password, field):
    before = log.count(ws.database)
    with pytest.raises(InvalidValue) as told:
        laptop_users.add(ws, name, Role.KADER, password, cheap=True)
    assert told.value.field == field
    assert log.count(ws.database) == before
    assert len(laptop_users.everybody(ws)) == 1


def test_ones_own_password_is_changed_with_the_old_one(ws):
    laptop_users.change_own_password(ws, PASSWORD, "kenanga-88", cheap=True)
    assert cannot_open(ws, "Sari", PASSWORD)
    opened(ws, "Sari", "kenanga-88").close()


@pytest.mark.parametrize(("old", "new"), [("salah-salah", "kenanga-88"), (PASSWORD, "pendek")])
def test_a_wrong_old_or_short_new_password_changes_nothing(ws, old, new):
    before = ws.folder.keys.read_bytes()
    with pytest.raises(UserError):
        laptop_users.change_own_password(ws, old, new, cheap=True)
    assert ws.folder.keys.read_bytes() == before


def test_who_forgot_hers_gets_a_new_password_and_stays_who_she_is(ws, euis):
    other = opened(ws, "Euis Nurjanah", EUIS_PASSWORD)
    registration.register(other, siti())
    other.close()
    laptop_users.set_password(ws, euis, PASSWORD, "euis-ingat-lagi", cheap=True)
    assert cannot_open(ws, "Euis Nurjanah", EUIS_PASSWORD)
    again = opened(ws, "Euis Nurjanah", "euis-ingat-lagi")
    assert again.user.id == euis
    told = next(p for p in laptop_users.everybody(again) if p.here)
    assert (told.reset_by, told.reset_on) == ("Sari Dewi", "2026-11-23")
    laptop_users.change_own_password(again, "euis-ingat-lagi", "hanya-saya-tahu", cheap=True)
    assert next(p for p in laptop_users.everybody(again) if p.here).reset_by == ""
    again.close()
    opened(ws, "Sari", PASSWORD).close()


@pytest.mark.parametrize("deed", ["password", "remove"])
class TestOverAColleague:
    def act(self, ws: Workspace, deed: str, user_id: str, own: str) -> None:
        if deed == "password":
            laptop_users.set_password(ws, user_id, own, "melati-baru", cheap=True)
        else:
            laptop_users.remove(ws, user_id, own)

    def test_a_wrong_own_password_does_nothing(self, ws, euis, deed):
        before = ws.folder.keys.read_bytes()
        with pytest.raises(UserError) as told:
            self.act(ws, deed, euis, EUIS_PASSWORD)
        assert told.value.code == "wrong_password"
        assert ws.folder.keys.read_bytes() == before
        assert laptop_users.everybody(ws)[1].reset_by == ""

    def test_a_higher_role_is_out_of_reach(self, ws, rina, deed):
        before = ws.folder.keys.read_bytes()
        with pytest.raises(NotAllowed):
            self.act(ws, deed, rina, PASSWORD)
        assert ws.folder.keys.read_bytes() == before

    def test_it_is_never_oneself_nor_somebody_who_is_not_here(self, ws, deed):
        with pytest.raises(NotAllowed):
            self.act(ws, deed, ws.user.id, PASSWORD)
        for nobody in ("", "nobody"):
            with pytest.raises(UserError):
                self.act(ws, deed, nobody, PASSWORD)
        assert accounts.labels(ws.folder) == ("Sari",)


def test_a_password_too_short_for_a_colleague_is_told_at_its_field(ws, euis):
    with pytest.raises(InvalidValue) as told:
        laptop_users.set_password(ws, euis, PASSWORD, "pendek", cheap=True)
    assert told.value.field == "password"


def test_who_left_cannot_open_and_her_entries_keep_her_name(ws, euis):
    other = opened(ws, "Euis Nurjanah", EUIS_PASSWORD)
    registration.register(other, siti())
    other.close()
    laptop_users.remove(ws, euis, PASSWORD)
    assert cannot_open(ws, "Euis Nurjanah", EUIS_PASSWORD)
    assert [p.name for p in laptop_users.everybody(ws)] == ["Sari Dewi"]
    assert workspace.user_name(ws, euis) == "Euis Nurjanah"


def test_the_same_name_may_come_again_as_somebody_new(ws, euis):
    laptop_users.remove(ws, euis, PASSWORD)
    changes = laptop_users.add(ws, "Euis Nurjanah", Role.KADER, "melati-baru", cheap=True)
    assert euis not in changes.entities
    assert {p.user_id for p in laptop_users.everybody(ws)} == {ws.user.id, *changes.entities}


def test_a_laptop_set_up_before_labels_were_kept_learns_them_when_it_is_opened(ws, euis):
    for user_id, name in ((ws.user.id, "Sari Dewi"), (euis, "Euis Nurjanah")):
        ws.database.set_meta(f"account:{user_id}", json.dumps({"name": name, "role": "kader"}))
    again = opened(ws, "Sari", PASSWORD)
    assert [(p.label, p.user_id) for p in laptop_users.everybody(again)] == [
        ("Sari", ws.user.id),
        ("Euis Nurjanah", euis),
    ]
    laptop_users.change_own_password(again, PASSWORD, "kenanga-88", cheap=True)
    again.close()


def test_a_key_of_unknown_owner_is_shown_and_left_alone(ws, euis):
    ws.database.set_meta(f"account:{euis}", json.dumps({"name": "Nama Lain", "role": "kader"}))
    stranger = laptop_users.everybody(ws)[1]
    assert (stranger.name, stranger.role, stranger.user_id, stranger.may_help) == (
        "Euis Nurjanah",
        None,
        "",
        False,
    )


def test_before_the_area_is_known_people_may_be_added_already(folder):
    setup = Setup(None, "", "Sari Dewi", "Sari", Role.KADER, PASSWORD)
    made = accounts.set_up(folder, setup, clock(), cheap=True)
    laptop_users.add(made, "Euis", Role.KADER, EUIS_PASSWORD, cheap=True)
    assert log.count(made.database) == 0
    made.close()
    accounts.unlock(folder, "Euis", EUIS_PASSWORD, clock()).close()


def test_practice_leaves_its_one_person_alone(folder):
    play = practice.start(folder, clock(), cheap=True)
    with pytest.raises(UserError) as told:
        laptop_users.add(play, "Euis", Role.KADER, EUIS_PASSWORD, cheap=True)
    assert told.value.code == "practice"
    with pytest.raises(UserError):
        laptop_users.change_own_password(play, practice.PASSWORD, "kenanga-88", cheap=True)
    play.close()
    practice.start(folder, clock()).close()

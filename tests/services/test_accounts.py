"""Setting up, opening, adding people: nothing overwritten, nobody rises by herself."""

import pytest

from posyandu_app.domain.derived_ids import posyandu_entity
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Role
from posyandu_app.paths import DataFolder
from posyandu_app.services import accounts, workspace
from posyandu_app.services.accounts import Setup
from posyandu_app.storage import log, peer
from posyandu_app.storage.peer import Peer
from tests.services.conftest import PASSWORD, siti
from tests.storage.made_up import SCOPE, clock


def setup(**changes: object) -> Setup:
    values = {
        "scope": SCOPE,
        "posyandu_name": "Melati 1",
        "user_name": "Sari Dewi",
        "label": "Sari",
        "role": Role.KADER,
        "password": PASSWORD,
    }
    return Setup(**{**values, **changes})


def test_an_empty_laptop_has_nobody(folder):
    assert accounts.labels(folder) == ()
    assert not folder.root.exists()


def test_setting_up_opens_the_laptop(ws, folder):
    assert (ws.user.name, ws.user.role, ws.scope, ws.posyandu_name) == (
        "Sari Dewi",
        Role.KADER,
        SCOPE,
        "Melati 1",
    )
    assert accounts.labels(folder) == ("Sari",)
    assert folder.database.exists()
    assert sorted(path.name for path in folder.root.iterdir() if not path.name.startswith("posyandu.db")) == [
        "keys.json"
    ]


def test_opening_again_finds_the_same_person(ws, folder):
    user = ws.user
    ws.close()
    again = accounts.unlock(folder, "Sari", PASSWORD, clock())
    assert (again.user, again.scope, again.posyandu_name) == (user, SCOPE, "Melati 1")
    again.close()


def test_user_and_posyandu_are_in_the_log_once(ws, folder):
    ws.close()
    for _ in range(3):
        again = accounts.unlock(folder, "Sari", PASSWORD, clock())
        types = [entry.operation.type for entry in log.own_after(again.database, 0, 10)]
        assert types == ["user.register", "posyandu.register"]
        again.close()


def test_a_posyandu_has_one_id_on_every_laptop():
    assert posyandu_entity(SCOPE) == posyandu_entity(SCOPE)
    assert posyandu_entity(SCOPE) != posyandu_entity("32.11.13.2005.002")


def test_a_wrong_password_opens_nothing(ws, folder):
    ws.close()
    with pytest.raises(UserError) as told:
        accounts.unlock(folder, "Sari", "melati124", clock())
    assert told.value.code == "wrong_password"


def test_setting_up_twice_overwrites_nothing(ws, folder):
    before = {path.name: path.read_bytes() for path in folder.root.iterdir()}
    with pytest.raises(UserError) as told:
        accounts.set_up(folder, setup(label="Lain"), clock(), cheap=True)
    assert told.value.code == "already_set_up"
    assert {path.name: path.read_bytes() for path in folder.root.iterdir()} == before


@pytest.mark.parametrize("lost", ["keys", "database"])
def test_half_a_data_folder_is_told_and_never_set_up_anew(ws, folder, lost):
    ws.close()
    getattr(folder, lost).unlink()
    with pytest.raises(UserError) as told:
        accounts.unlock(folder, "Sari", PASSWORD, clock())
    assert told.value.code == ("keys_missing" if lost == "keys" else "database_missing")
    with pytest.raises(UserError):
        accounts.set_up(folder, setup(), clock(), cheap=True)


def test_keys_of_another_laptop_do_not_open_this_one(ws, folder, tmp_path):
    ws.close()
    elsewhere = DataFolder(tmp_path / "elsewhere")
    accounts.set_up(elsewhere, setup(), clock(), cheap=True).close()
    folder.keys.write_bytes(elsewhere.keys.read_bytes())
    with pytest.raises(UserError) as told:
        accounts.unlock(folder, "Sari", PASSWORD, clock())
    assert told.value.code == "database_damaged"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scope": "Cilembu"}, "scope"),
        ({"scope": "32.11.13.2005"}, "scope"),
        ({"scope": "32.11.13.2005.001.1"}, "scope"),
        ({"scope": "٣٢.11.13.2005.001"}, "scope"),
        ({"scope": ""}, "scope"),
        ({"posyandu_name": "  "}, "posyandu_name"),
        ({"posyandu_name": "M" * 101}, "posyandu_name"),
        ({"user_name": ""}, "user_name"),
        ({"user_name": "a\x07"}, "user_name"),
        ({"user_name": "a" * 101}, "user_name"),
        ({"label": ""}, "label"),
        ({"password": "pendek"}, "password"),
    ],
)
def test_what_cannot_be_names_its_field_and_leaves_nothing(folder, changes, field):
    with pytest.raises(InvalidValue) as told:
        accounts.set_up(folder, setup(**changes), clock(), cheap=True)
    assert told.value.field == field
    assert accounts.labels(folder) == ()


def test_a_midwife_works_in_a_village(folder):
    made = accounts.set_up(
        folder, setup(scope="32.11.13.2005", posyandu_name="", role=Role.BIDAN), clock(), cheap=True
    )
    assert made.scope == "32.11.13.2005"
    assert [e.operation.type for e in log.own_after(made.database, 0, 9)] == ["user.register"]
    made.close()


class TestWithoutScope:
    @pytest.fixture
    def ws(self, folder):
        made = accounts.set_up(folder, setup(scope=None), clock(), cheap=True)
        yield made
        made.close()

    def test_nothing_is_recorded_before_the_area_is_known(self, ws):
        from posyandu_app.services import registration, review, roster

        assert ws.scope is None
        assert log.count(ws.database) == 0
        with pytest.raises(UserError) as told:
            registration.register(ws, siti())
        assert told.value.code == "no_scope"
        assert roster.rows(ws) == review.at_risk(ws) == ()

    def test_joining_the_district_announces_user_and_posyandu(self, ws, folder):
        peer.enrol(ws.database, Peer("http://dinas", "device", SCOPE, b"s" * 32, b"b" * 32, "epoch-1"))
        assert ws.scope == SCOPE
        ws.close()
        again = accounts.unlock(folder, "Sari", PASSWORD, clock())
        assert (again.user.name, again.posyandu_name) == ("Sari Dewi", "Melati 1")
        types = [entry.operation.type for entry in log.own_after(again.database, 0, 9)]
        assert types == ["user.register", "posyandu.register"]
        accounts.announce(again)
        assert log.count(again.database) == 2
        again.close()


class TestPeople:
    def test_a_second_kader_opens_with_her_own_password(self, ws, folder):
        user = accounts.add_user(ws, "Dewi", "Dewi Lestari", Role.KADER, "cempaka-7", cheap=True)
        ws.close()
        again = accounts.unlock(folder, "Dewi", "cempaka-7", clock())
        assert again.user == user
        assert workspace.user_name(again, user.id) == "Dewi Lestari"
        again.close()

    def test_a_taken_name_leaves_no_second_user_in_the_log(self, ws):
        before = log.count(ws.database)
        with pytest.raises(InvalidValue):
            accounts.add_user(ws, "Sari", "Lain", Role.KADER, "cempaka-7", cheap=True)
        assert log.count(ws.database) == before

    @pytest.mark.parametrize("role", [Role.BIDAN, Role.TPG, Role.DINAS])
    def test_a_kader_gives_nobody_a_higher_role(self, ws, role):
        with pytest.raises(NotAllowed):
            accounts.add_user(ws, "Rina", "Rina", role, "cempaka-7", cheap=True)
        assert accounts.labels(ws.folder) == ("Sari",)

    def test_a_midwife_may_add_a_midwife(self, ws, as_role):
        midwife = as_role(Role.BIDAN)
        accounts.add_user(midwife, "Rina", "Rina", Role.BIDAN, "cempaka-7", cheap=True)
        assert accounts.labels(ws.folder) == ("Sari", "Rina")


def test_an_unknown_writer_is_a_dash(ws):
    assert workspace.user_name(ws, "nobody") == "—"


def test_todays_backup_is_made_once(ws, folder):
    assert workspace.back_up_daily(ws)
    assert not workspace.back_up_daily(ws)
    assert len(list(folder.backups.iterdir())) == 1


def test_a_posyandu_without_the_dinas_takes_a_number_that_neither_the_dinas_nor_a_neighbour_gave():
    drawn = [accounts.own_scope("32.11.13.2005") for _ in range(300)]
    numbers = [int(scope.removeprefix("32.11.13.2005.")) for scope in drawn]
    assert all(workspace.is_posyandu(scope) for scope in drawn)
    assert min(numbers) >= 100
    assert max(numbers) <= 999
    assert len(set(numbers)) > 100, "hardly ever the same one"

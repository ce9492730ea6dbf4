"""Setting a laptop up, opening it, and who else may."""

import contextlib
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

import uuid_utils

from posyandu_app.domain.clock import Clock
from posyandu_app.domain.derived_ids import posyandu_entity
from posyandu_app.domain.errors import InvalidValue, NotAllowed, UserError
from posyandu_app.domain.model import Role
from posyandu_app.domain.operations import field_writes
from posyandu_app.domain.rules import default_rules
from posyandu_app.i18n import tr
from posyandu_app.paths import DataFolder
from posyandu_app.services import programme_rules
from posyandu_app.services.views import User
from posyandu_app.services.workspace import Workspace, is_posyandu, is_scope
from posyandu_app.storage import accounts as kept
from posyandu_app.storage import exchanges, keys, log, peer, registers
from posyandu_app.storage.accounts import Account
from posyandu_app.storage.connection import Database, Progress
from posyandu_app.storage.keys import KeyRing
from posyandu_app.storage.log import NewOperation

LONGEST_NAME = 100

_RANK = {Role.KADER: 0, Role.BIDAN: 1, Role.TPG: 2, Role.DINAS: 3}


@dataclass(frozen=True, slots=True)
class Setup:
    """What a new laptop needs to know; `scope` is None until a code from the Dinas says it.

    `practice` marks the data for good as made up: never enrolled, never sent.
    """

    scope: str | None
    posyandu_name: str
    user_name: str
    label: str
    role: Role
    password: str
    practice: bool = False


def set_up(folder: DataFolder, setup: Setup, clock: Clock, cheap: bool = False) -> Workspace:
    """A new encrypted database with its first user, opened; nothing that is there is overwritten.

    A power cut on the way leaves either nothing or a laptop that opens. `cheap` makes weak
    password wraps, for tests only.
    """
    setup = _checked(setup)
    if folder.keys.exists() or folder.database.exists():
        raise UserError(
            tr(
                "Laptop ini sudah disiapkan; tidak ada yang ditimpa. "
                "Buka dengan nama dan kata sandi yang ada."
            ),
            code="already_set_up",
        )
    unfinished = _unfinished(folder)
    for leftover in (unfinished, Path(f"{unfinished}-wal"), Path(f"{unfinished}-shm")):
        leftover.unlink(missing_ok=True)  # never opened by anybody: its key was not kept
    key, user_id = keys.new_key(), str(uuid_utils.uuid7())
    database = Database.create(unfinished, key)
    try:
        with database.atomic():
            if setup.practice:
                database.set_meta(peer.PRACTICE, "1")
            if setup.scope is not None:
                database.set_meta("scope", setup.scope)
            if setup.posyandu_name:
                database.set_meta("posyandu_name", setup.posyandu_name)
            kept.keep(database, Account(user_id, setup.user_name, setup.role.value, setup.label))
            _register_missing(database, clock)
    finally:
        database.close()
    KeyRing.create(folder.keys, key, setup.label, setup.password, user=user_id, cheap=cheap)
    unfinished.replace(folder.database)
    return _opened(folder, key, user_id, setup.label, clock, None)


def own_scope(village: str) -> str:
    """The scope of a posyandu that is set up without the Dinas: a random number of its village.

    100 to 999, so that two laptops of one village that have never met are not taken for one
    posyandu, nor for one of those that the Dinas numbers from 001.
    """
    return f"{village}.{100 + secrets.randbelow(900)}"


def labels(folder: DataFolder) -> tuple[str, ...]:
    """The people who can open this laptop; empty when it has not been set up."""
    if not folder.keys.exists() and not folder.database.exists():
        return ()
    return KeyRing.load(folder.keys).labels()


def unlock(
    folder: DataFolder, label: str, password: str, clock: Clock, progress: Progress | None = None
) -> Workspace:
    """The workspace of somebody with her password; `UserError` when it is wrong or data cannot be read."""
    unlocked = KeyRing.load(folder.keys).open(label, password)
    unfinished = _unfinished(folder)
    if (
        not folder.database.exists() and unfinished.exists()
    ):  # a power cut between the last two steps of set_up
        unfinished.replace(folder.database)
    return _opened(folder, unlocked.key, unlocked.user, label, clock, progress)


def add_user(ws: Workspace, label: str, name: str, role: Role, password: str, cheap: bool = False) -> User:
    """Let another person use this laptop with her own password; nobody gives a higher role than her own."""
    assert ws.folder is not None, "only a workspace with its folder has keys"
    if outranks(role, ws.user.role):
        raise NotAllowed(tr("Peran yang lebih tinggi hanya dapat ditambahkan oleh orang dengan peran itu."))
    label = keys.check_label(label)
    user = User(str(uuid_utils.uuid7()), _name(name), role)
    with ws.database.atomic():
        kept.keep(ws.database, Account(user.id, user.name, role.value, label))
        _register_missing(ws.database, ws.clock)
        KeyRing.load(ws.folder.keys).add(ws.database.key, label, password, user=user.id, cheap=cheap)
    return user


def outranks(role: Role, other: Role) -> bool:
    """Whether a role may do more on a laptop than another one."""
    return _RANK[role] > _RANK[other]


def adopt_role(ws: Workspace, role: str) -> None:
    """Take the role that came with the code of the Dinas, unless hers is in the log already."""
    if registers.user(ws.database, ws.user.id) is not None:
        return
    with contextlib.suppress(ValueError):  # a role of a newer version: the old one stays in force
        ws.user = replace(ws.user, role=Role(role))
        with ws.database.atomic():
            account = kept.find(ws.database, ws.user.id)
            kept.keep(ws.database, replace(account, role=ws.user.role.value))


def announce(ws: Workspace) -> None:
    """Log this laptop's posyandu and users as soon as its scope is known; does nothing when they are."""
    with ws.database.atomic():
        _register_missing(ws.database, ws.clock)


def nameless(ws: Workspace) -> bool:
    """Whether a kader's posyandu is known by its number alone, though all that the Dinas has was received."""
    scope = ws.scope
    if scope is None or ws.user.role is not Role.KADER or not is_posyandu(scope):
        return False
    if scope in registers.posyandu_names(ws.database):
        return False
    heard = exchanges.latest(ws.database, exchanges.KEPT)
    return any(not done.trouble and done.way != exchanges.Way.STICK_OUT for done in heard)


def name_posyandu(ws: Workspace, name: str) -> None:
    """Say what this laptop's posyandu is called, unless it is known; `InvalidValue` for `posyandu_name`."""
    name = _posyandu_name(name)
    if not name:
        raise InvalidValue("posyandu_name", tr("Isi nama posyandu."))
    with ws.database.atomic():
        ws.database.set_meta("posyandu_name", name)
        _register_missing(ws.database, ws.clock)


def known_as(database: Database, account: Account) -> User:
    """Who an account is: her name and role as the log knows them, else as they were set up here."""
    name, role = account.name, Role(account.role)
    known = registers.user(database, account.user_id)
    if known is not None:
        name = known.name or name
        with contextlib.suppress(ValueError):  # a role of a newer version: the old one stays in force
            role = Role(known.role)
    return User(account.user_id, name, role)


def _opened(
    folder: DataFolder, key: bytes, user_id: str, label: str, clock: Clock, progress: Progress | None
) -> Workspace:
    database = Database.open(folder.database, key, progress)
    try:
        with database.atomic():
            _register_missing(database, clock)
        account = kept.find(database, user_id)
        if account.label != label:  # set up before labels were kept, or a copy of another day
            account = replace(account, label=label)
            kept.keep(database, account)
        ws = Workspace(database, known_as(database, account), default_rules(), clock, folder)
        programme_rules.refresh(ws)
        return ws
    except BaseException:
        database.close()
        raise


def _unfinished(folder: DataFolder) -> Path:
    return folder.database.with_name(f"{folder.database.name}.baru")


def _register_missing(database: Database, clock: Clock) -> None:
    """Log posyandu and users that were named before the scope was known."""
    server = peer.load(database)
    scope = server.scope if server is not None else database.meta("scope")
    if scope is None:
        return
    accounts = kept.everybody(database)
    for account in accounts:
        if registers.user(database, account.user_id) is None:
            new = _register("user", account.user_id, scope, name=account.name, role=account.role)
            log.append(database, [new], actor=account.user_id, clock=clock)
    name = database.meta("posyandu_name")
    if accounts and name and is_posyandu(scope) and scope not in registers.posyandu_names(database):
        new = _register("posyandu", posyandu_entity(scope), scope, name=name)
        log.append(database, [new], actor=accounts[0].user_id, clock=clock)


def _register(kind: str, entity: str, scope: str, **fields: str) -> NewOperation:
    return NewOperation(f"{kind}.register", entity, scope, field_writes(fields))


def _checked(setup: Setup) -> Setup:
    scope = setup.scope.strip() if setup.scope is not None else None
    if scope is not None and not is_scope(scope):
        raise InvalidValue(
            "scope", tr("Kode wilayah ditulis seperti 32.11.13.2005.001 (desa dan nomor posyandu).")
        )
    if scope is not None and setup.role is Role.KADER and not is_posyandu(scope):
        raise InvalidValue(
            "scope", tr("Kader bekerja di satu posyandu: tambahkan nomor posyandu, misalnya .001.")
        )
    posyandu = _posyandu_name(setup.posyandu_name)
    if scope is not None and is_posyandu(scope) and not posyandu:
        raise InvalidValue("posyandu_name", tr("Isi nama posyandu."))
    return Setup(
        scope=scope,
        posyandu_name=posyandu,
        user_name=_name(setup.user_name),
        label=keys.check_label(setup.label),
        role=setup.role,
        password=keys.check_password(setup.password),
        practice=setup.practice,
    )


def _posyandu_name(name: str) -> str:
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or not (name or " ").isprintable():
        raise InvalidValue("posyandu_name", tr("Nama posyandu terlalu panjang atau tidak terbaca."))
    return name


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise InvalidValue("user_name", tr("Isi nama Anda."))
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidValue("user_name", tr("Nama terlalu panjang atau berisi tanda yang tidak terbaca."))
    return name

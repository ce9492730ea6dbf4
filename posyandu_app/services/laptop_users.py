"""The people of this laptop: who they are, another one, a new password, somebody who leaves.

The database key does not change: whoever leaves loses her way in, what she wrote keeps her name.
"""

from dataclasses import dataclass, replace

from posyandu_app.domain.errors import NotAllowed, UserError
from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.services import accounts
from posyandu_app.services.views import Changes, User
from posyandu_app.services.workspace import POSYANDU_PARTS, Workspace
from posyandu_app.storage import accounts as kept
from posyandu_app.storage import keys
from posyandu_app.storage.accounts import Account
from posyandu_app.storage.keys import KeyRing

_LEAST_PARTS = {Role.KADER: POSYANDU_PARTS, Role.BIDAN: POSYANDU_PARTS - 1}
"""How narrow a laptop's scope must be for a role: she sees all that is on it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can open this laptop.

    `role` is None and `user_id` "" while it is not known whose key it is; `here` is the acting
    person, who `may_help` those of her own role or below. `reset_by` and `reset_on` (ISO date)
    say who gave her the password she has now, "" when she chose it herself.
    """

    user_id: str
    label: str
    name: str
    role: Role | None
    here: bool
    may_help: bool
    reset_by: str = ""
    reset_on: str = ""


def everybody(ws: Workspace) -> tuple[Person, ...]:
    """All who can open this laptop, in the order they were added."""
    known = kept.everybody(ws.database)
    return tuple(_person(ws, label, _account(known, label)) for label in _ring(ws).labels())


def roles_to_give(ws: Workspace) -> tuple[Role, ...]:
    """The roles that the acting person may give: none above her own, none that would see too much here."""
    scope = ws.scope
    parts = scope.count(".") + 1 if scope is not None else POSYANDU_PARTS
    return tuple(
        role
        for role in Role
        if not accounts.outranks(role, ws.user.role)
        and parts >= _LEAST_PARTS.get(role, 0)
        and (role in _LEAST_PARTS or role is ws.user.role)
    )


def add(ws: Workspace, name: str, role: Role, password: str, *, cheap: bool = False) -> Changes:
    """Let another person use this laptop; she opens it with her name.

    Raises `InvalidValue` (`label`, `user_name`, `password`) and `NotAllowed`.
    """
    _not_in_practice(ws)
    if role not in roles_to_give(ws):
        raise NotAllowed(tr("Peran itu tidak dapat ditambahkan di laptop ini."))
    return _changed(accounts.add_user(ws, name, name, role, password, cheap=cheap).id)


def change_own_password(ws: Workspace, old: str, new: str, *, cheap: bool = False) -> Changes:
    """Replace the acting person's password; `UserError` (`wrong_password`) when `old` is not hers."""
    _not_in_practice(ws)
    account = kept.find(ws.database, ws.user.id)
    _prove(ws, old)
    with ws.database.atomic():
        kept.keep(ws.database, replace(account, reset_by="", reset_on=""))
        _ring(ws).change_password(account.label, old, new, cheap=cheap)
    return _changed(ws.user.id)


def set_password(ws: Workspace, user_id: str, own: str, new: str, *, cheap: bool = False) -> Changes:
    """Give a colleague who forgot hers a new password; `own` proves who asks.

    Her name, role and records stay. Raises `NotAllowed` for a higher role, `UserError`
    (`wrong_password`) for a wrong `own`, `InvalidValue` for a bad new one.
    """
    person = _colleague(ws, user_id)
    keys.check_password(new)
    _prove(ws, own)
    account = replace(
        kept.find(ws.database, user_id),
        label=person.label,
        reset_by=ws.user.name,
        reset_on=ws.clock.today().isoformat(),
    )
    with ws.database.atomic():
        kept.keep(ws.database, account)
        _ring(ws).replace(ws.database.key, person.label, new, user=user_id, cheap=cheap)
    return _changed(user_id)


def remove(ws: Workspace, user_id: str, own: str) -> Changes:
    """Take a colleague's way into this laptop away; `own` proves who asks. What she wrote stays hers."""
    person = _colleague(ws, user_id)
    _prove(ws, own)
    account = replace(kept.find(ws.database, user_id), label="", reset_by="", reset_on="")
    with ws.database.atomic():
        kept.keep(ws.database, account)
        _ring(ws).remove(person.label)
    return _changed(user_id)


def _colleague(ws: Workspace, user_id: str) -> Person:
    _not_in_practice(ws)
    if user_id == ws.user.id:
        raise NotAllowed(tr("Anda sedang memakai laptop ini. Mintalah rekan untuk mengeluarkan Anda."))
    found = next((person for person in everybody(ws) if person.user_id == user_id and user_id), None)
    if found is None:
        raise UserError(tr("Nama itu belum terdaftar di laptop ini."), code="unknown_label")
    if not found.may_help:
        raise NotAllowed(tr("Hanya orang dengan peran yang sama atau lebih tinggi yang dapat mengubahnya."))
    return found


def _prove(ws: Workspace, own: str) -> None:
    """Raise `UserError` unless this is the acting person's own password."""
    unlocked = _ring(ws).open(kept.find(ws.database, ws.user.id).label, own)
    if unlocked.user != ws.user.id or unlocked.key != ws.database.key:
        raise UserError(tr("Nama itu belum terdaftar di laptop ini."), code="unknown_label")


def _person(ws: Workspace, label: str, account: Account | None) -> Person:
    if account is None:
        return Person("", label, label, None, here=False, may_help=False)
    user: User = accounts.known_as(ws.database, account)
    here = user.id == ws.user.id
    may_help = not here and not accounts.outranks(user.role, ws.user.role)
    return Person(user.id, label, user.name, user.role, here, may_help, account.reset_by, account.reset_on)


def _account(known: tuple[Account, ...], label: str) -> Account | None:
    """Whose label it is; on a laptop set up before labels were kept, the one who is called so."""
    found = next((account for account in known if account.label == label), None)
    return found or next((account for account in known if not account.label and account.name == label), None)


def _ring(ws: Workspace) -> KeyRing:
    assert ws.folder is not None, "only a workspace with its folder has keys"
    return KeyRing.load(ws.folder.keys)


def _not_in_practice(ws: Workspace) -> None:
    if ws.practice:
        raise UserError(tr("Ini latihan: pengguna laptop diatur di luar latihan."), code="practice")


def _changed(user_id: str) -> Changes:
    return Changes(frozenset({"user"}), frozenset({user_id}))

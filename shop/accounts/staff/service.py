"""Who works in the admin, and as what.

Nobody gives or takes what they do not have themselves: only owners make, change or remove owners,
and nobody hands out a role that does more than their own.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from shop import audit
from shop.accounts import queries as accounts
from shop.accounts import service
from shop.accounts.models import Account, Role, account_roles
from shop.accounts.permissions import Access, Area, contains, written
from shop.accounts.staff import queries
from shop.accounts.staff.models import StaffInvitation, new_key
from shop.clock import now
from shop.extensions import db
from shop.outbox import service as outbox

INVITED = "staff_invitation"
GOOD_FOR = timedelta(days=7)


class AlreadyStaff(Exception):
    """The address belongs to somebody on the staff."""


class AlreadyInvited(Exception):
    """The address has an invitation that waits for its answer."""


class TooManyInvitations(Exception):
    """So many wait already that the list of them could not show another."""


class BeyondOwnRights(Exception):
    """Somebody would give or take more than they have."""


class TitleTaken(Exception):
    """Another role is called that."""


class RoleInUse(Exception):
    """People or invitations have it."""


def may_give(by: Account, role: Role) -> bool:
    return by.is_owner or (not role.is_owner and contains(by.grid, role.grid))


def may_manage(by: Account, other: Account) -> bool:
    """Nobody manages themselves: a slip would lock them out."""
    return by.id != other.id and all(may_give(by, role) for role in other.roles)


# Invitations ---------------------------------------------------------------------------------


def invite(email: str, role: Role, *, name: str, language: str, by: Account) -> StaffInvitation:
    """Mails a link. `email` in its normal form.

    Raises AlreadyStaff, AlreadyInvited, TooManyInvitations and BeyondOwnRights.
    """
    if not may_give(by, role):
        raise BeyondOwnRights
    account = accounts.account_by_email(email)
    if account is not None and account.is_staff:
        raise AlreadyStaff
    if len(queries.invitations()) >= queries.MOST_INVITATIONS:
        raise TooManyInvitations
    invitation = StaffInvitation(
        email=email,
        name=name,
        role=role,
        invited_by_id=by.id,
        language=language,
        expires_at=now() + GOOD_FOR,
    )
    try:
        with db.session.begin_nested():
            db.session.add(invitation)
    except IntegrityError:
        raise AlreadyInvited from None
    _mail(invitation)
    _record_invitation("staff.invited", invitation, by)
    return invitation


def send_again(invitation: StaffInvitation, *, by: Account) -> None:
    """With a new link, which makes the one before worth nothing. Raises BeyondOwnRights."""
    if not may_give(by, invitation.role):
        raise BeyondOwnRights
    invitation.key = new_key()
    invitation.sent_at = now()
    invitation.expires_at = now() + GOOD_FOR
    _mail(invitation)
    _record_invitation("staff.invited_again", invitation, by)


def revoke(invitation: StaffInvitation, *, by: Account) -> None:
    """Raises BeyondOwnRights."""
    if not may_give(by, invitation.role):
        raise BeyondOwnRights
    _record_invitation("staff.invitation_revoked", invitation, by)
    db.session.delete(invitation)
    db.session.flush()


def accept(invitation: StaffInvitation, *, name: str, password_hash: str) -> Account | None:
    """Whoever opened the mailed link joins the staff. A customer's account becomes one of the staff
    and is signed out everywhere. None where the link was used, replaced or revoked meanwhile.
    """
    role, email, language = invitation.role, invitation.email, invitation.language
    used = db.session.scalar(
        sa.delete(StaffInvitation)
        .where(StaffInvitation.id == invitation.id, StaffInvitation.key == invitation.key)
        .returning(StaffInvitation.id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        return None
    db.session.expunge(invitation)
    account = accounts.account_by_email(email)
    if account is None:
        account = service.create_customer(email, language=language)
    elif account.is_staff:
        return None
    account.active, account.roles = True, [role]
    account.name = name or account.name
    service.join_with_password(account, password_hash)
    _record("staff.joined", account, by=account.id, role=role.recorded)
    return account


# Members -------------------------------------------------------------------------------------


def change_role(account: Account, role: Role, *, by: Account) -> None:
    """Counts from the person's next request on. Raises BeyondOwnRights and LastOwner."""
    if not may_manage(by, account) or not may_give(by, role):
        raise BeyondOwnRights
    if not role.is_owner and service.is_last_owner(account):
        raise service.LastOwner
    before = [one.recorded for one in account.roles]
    if account.roles == [role]:
        return
    account.roles = [role]
    _record("staff.role_changed", account, by=by.id, role=[", ".join(before), role.recorded])


def set_active(account: Account, is_active: bool, *, by: Account) -> None:
    """Whoever is not active cannot sign in, and is signed out everywhere.

    Raises BeyondOwnRights and LastOwner.
    """
    if not may_manage(by, account):
        raise BeyondOwnRights
    if account.active == is_active:
        return
    if not is_active:
        service.disable(account, by=by.id)
        return
    account.active = True
    _record("account.enabled", account, by=by.id)


def remove(account: Account, *, by: Account) -> None:
    """From the staff: the account stays as a customer's. Raises BeyondOwnRights and LastOwner."""
    if not may_manage(by, account):
        raise BeyondOwnRights
    for role in list(account.roles):
        service.take_role(account, role.name, by=by.id)


def end_sessions(account: Account, *, by: Account) -> None:
    """Raises BeyondOwnRights."""
    if not may_manage(by, account):
        raise BeyondOwnRights
    service.end_sessions(account)
    _record("staff.sessions_ended", account, by=by.id)


def end_session(account: Account, session_id: int, *, by: Account) -> bool:
    """False where there is no such session. Raises BeyondOwnRights."""
    if not may_manage(by, account):
        raise BeyondOwnRights
    is_gone = service.end_one_session(account.id, session_id)
    if is_gone:
        _record("staff.session_ended", account, by=by.id)
    return is_gone


# Roles ---------------------------------------------------------------------------------------


def create_role(title: str, grid: Mapping[Area, Access], *, by: Account) -> Role:
    """Raises BeyondOwnRights and TitleTaken."""
    if not contains(by.grid, grid):
        raise BeyondOwnRights
    role = Role(name=f"own-{secrets.token_hex(8)}", title=title, permissions=written(grid))
    try:
        with db.session.begin_nested():
            db.session.add(role)
    except IntegrityError:
        raise TitleTaken from None
    _record_role("role.created", role, by, title=title, permissions=written(grid))
    return role


def save_role(role: Role, title: str | None, grid: Mapping[Area, Access], *, by: Account) -> None:
    """Counts for everybody who has it from their next request on. `title` none: a preset's name.

    Raises BeyondOwnRights and TitleTaken.
    """
    if role.is_owner or not contains(by.grid, grid) or not may_give(by, role):
        raise BeyondOwnRights
    new = {"title": title, "permissions": written(grid)}
    old = {"title": role.title, "permissions": list(role.permissions or [])}
    changes = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    if not changes:
        return
    try:
        with db.session.begin_nested():
            role.title, role.permissions = title, written(grid)
    except IntegrityError:
        raise TitleTaken from None
    _record_role("role.changed", role, by, **changes)


def delete_role(role: Role, *, by: Account) -> None:
    """Raises BeyondOwnRights, and RoleInUse."""
    if role.is_owner or not may_give(by, role):
        raise BeyondOwnRights
    db.session.execute(sa.select(Role.id).where(Role.id == role.id).with_for_update())
    if _is_used(role):
        raise RoleInUse
    _record_role("role.deleted", role, by, title=role.recorded)
    db.session.delete(role)
    db.session.flush()


# Inside --------------------------------------------------------------------------------------


def _is_used(role: Role) -> bool:
    by_people = sa.exists().where(account_roles.c.role_id == role.id)
    by_invitations = sa.exists().where(StaffInvitation.role_id == role.id)
    return bool(db.session.scalar(sa.select(sa.or_(by_people, by_invitations))))


def _mail(invitation: StaffInvitation) -> None:
    db.session.flush()
    outbox.enqueue(
        channel=outbox.EMAIL,
        name=INVITED,
        payload={"invitation_id": invitation.id, "key": invitation.key},
        dedupe_key=f"{INVITED}:{invitation.key}",
    )


def _record(action: str, account: Account, *, by: int, **data: object) -> None:
    db.session.flush()
    audit.record(by, action, subject_kind="account", subject_id=account.id, **data)


def _record_invitation(action: str, invitation: StaffInvitation, by: Account) -> None:
    audit.record(
        by.id,
        action,
        subject_kind="staff_invitation",
        subject_id=invitation.id,
        email=invitation.email,
        role=invitation.role.recorded,
    )


def _record_role(action: str, role: Role, by: Account, **data: object) -> None:
    audit.record(by.id, action, subject_kind="role", subject_id=role.id, **data)

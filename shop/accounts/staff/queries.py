"""Reading the staff, their roles and invitations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shop.accounts.models import Account, AccountSession, Role, account_roles
from shop.accounts.permissions import OWNER, PRESETS
from shop.accounts.staff.models import StaffInvitation
from shop.clock import now
from shop.extensions import db

_PRESET_ORDER = [OWNER, *PRESETS]


@dataclass(frozen=True)
class Member:
    account: Account
    #: The newest of the sessions that are kept.
    signed_in_at: datetime | None


def members(*, text: str, limit: int, offset: int) -> Sequence[Member]:
    """Active ones first, by name."""
    newest = (
        sa.select(sa.func.max(AccountSession.signed_in_at))
        .where(AccountSession.account_id == Account.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Account, newest)
        .where(Account.id.in_(sa.select(account_roles.c.account_id)), _matches(text))
        .order_by(Account.active.desc(), Account.name, Account.email)
        .limit(limit)
        .offset(offset)
    )
    return [Member(account, signed_in_at) for account, signed_in_at in rows]


def member(account_id: int) -> Account | None:
    """None where that account is a customer's."""
    account = db.session.get(Account, account_id)
    return account if account is not None and account.is_staff else None


def locked_member(account_id: int) -> Account | None:
    """For a change of it."""
    account = db.session.scalar(
        sa.select(Account)
        .where(Account.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return account if account is not None and account.is_staff else None


def invitations() -> Sequence[StaffInvitation]:
    """Newest first."""
    return db.session.scalars(
        sa.select(StaffInvitation).order_by(StaffInvitation.sent_at.desc()).limit(MOST_INVITATIONS)
    ).all()


def good_invitation(key: str) -> StaffInvitation | None:
    """None where it was accepted, revoked, mailed anew, or its time has run out."""
    return db.session.scalar(
        sa.select(StaffInvitation).where(
            StaffInvitation.key == key, StaffInvitation.expires_at > now()
        )
    )


def roles() -> list[Role]:
    """The ones a shop begins with, then the merchant's own."""
    known = {name: place for place, name in enumerate(_PRESET_ORDER)}
    found = db.session.scalars(sa.select(Role)).all()
    return sorted(found, key=lambda role: (known.get(role.name, len(known)), role.id))


def counts_by_role() -> dict[int, int]:
    """Id of a role -> how many people have it."""
    rows = db.session.execute(
        sa.select(account_roles.c.role_id, sa.func.count()).group_by(account_roles.c.role_id)
    )
    return {row[0]: row[1] for row in rows}


#: So many wait for an answer at most.
MOST_INVITATIONS = 100


def _matches(text: str) -> sa.ColumnElement[bool]:
    if not text:
        return sa.true()
    return sa.or_(
        Account.name.icontains(text, autoescape=True),
        Account.email.icontains(text, autoescape=True),
    )

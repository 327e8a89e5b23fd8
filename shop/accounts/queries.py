"""Reading accounts."""

from __future__ import annotations

import sqlalchemy as sa

from shop.accounts.models import Account, AccountSession, MailedLink, Role, account_roles
from shop.accounts.permissions import OWNER
from shop.clock import now
from shop.extensions import db


def account_by_email(email: str) -> Account | None:
    """`email` in its normal form."""
    return db.session.scalar(sa.select(Account).where(Account.email == email))


def has_owner() -> bool:
    found = db.session.scalar(
        sa.select(Account.id)
        .join(account_roles)
        .join(Role)
        .where(Role.name == OWNER, Account.active)
        .limit(1)
    )
    return found is not None


def good_link(link_id: int) -> MailedLink | None:
    """None where it was used, or its time has run out."""
    return db.session.scalar(
        sa.select(MailedLink).where(
            MailedLink.id == link_id,
            MailedLink.used_at.is_(None),
            MailedLink.expires_at > now(),
        )
    )


def sessions_of(account_id: int) -> list[AccountSession]:
    """Newest first."""
    return list(
        db.session.scalars(
            sa.select(AccountSession)
            .where(AccountSession.account_id == account_id)
            .order_by(AccountSession.id.desc())
        )
    )


def account(account_id: int | None) -> Account | None:
    return None if account_id is None else db.session.get(Account, account_id)

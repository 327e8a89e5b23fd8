"""Reading accounts."""

from __future__ import annotations

import sqlalchemy as sa

from shop.accounts.models import ADMIN, Account, Role, account_roles
from shop.extensions import db


def account_by_email(email: str) -> Account | None:
    """`email` in its normal form."""
    return db.session.scalar(sa.select(Account).where(Account.email == email))


def has_admin() -> bool:
    found = db.session.scalar(
        sa.select(Account.id)
        .join(account_roles)
        .join(Role)
        .where(Role.name == ADMIN, Account.active)
        .limit(1)
    )
    return found is not None

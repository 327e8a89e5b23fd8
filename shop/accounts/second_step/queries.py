"""Reading second steps."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from shop.accounts.models import Account
from shop.accounts.second_step.models import (
    Authenticator,
    Passkey,
    RecoveryCode,
    StaffSettings,
)
from shop.extensions import db


def authenticator(account_id: int) -> Authenticator | None:
    return db.session.get(Authenticator, account_id)


def passkeys(account_id: int) -> Sequence[Passkey]:
    """Oldest first."""
    return db.session.scalars(
        sa.select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    ).all()


def passkey_by_credential(credential_id: str) -> Passkey | None:
    return db.session.scalar(sa.select(Passkey).where(Passkey.credential_id == credential_id))


def has_second_step(account_id: int) -> bool:
    return bool(db.session.scalar(sa.select(_exists(sa.literal(account_id)))))


def with_second_step(account_ids: Sequence[int]) -> set[int]:
    """Those of the accounts that have one."""
    return set(
        db.session.scalars(
            sa.select(Account.id).where(Account.id.in_(account_ids), _exists(Account.id))
        )
    )


def lacks() -> sa.ColumnElement[bool]:
    """Of an account in a query: it must have a second step and has none."""
    is_needed = sa.exists().where(StaffSettings.needs_second_step)
    return sa.and_(is_needed, ~_exists(Account.id))


def codes_left(account_id: int) -> int:
    """Recovery codes that are not used yet."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def is_needed() -> bool:
    """Whether everybody on the staff must have one."""
    return bool(db.session.scalar(sa.select(StaffSettings.needs_second_step)))


def _exists(account_id: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.exists().where(Authenticator.account_id == account_id),
        sa.exists().where(Passkey.account_id == account_id),
    )

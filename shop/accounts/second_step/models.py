"""What somebody on the staff shows after the password: an authenticator's code or a passkey."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class Authenticator(Model):
    """An app that shows a new code every half minute; one for an account."""

    __tablename__ = "authenticators"

    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: Encrypted with the shop's secret key.
    secret: Mapped[str] = mapped_column(sa.Text)
    #: The half minute of the code used last; no code of it or before is taken again.
    last_counter: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)


class RecoveryCode(Model):
    """Opens the account once where app and passkeys are lost."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    #: SHA-256 of 79 random bits, which nobody can try through.
    digest: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None]


class Passkey(Model):
    """Proves possession and person in one: signs in without a password."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    #: The authenticator's name for it, base64url.
    credential_id: Mapped[str] = mapped_column(sa.String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    #: What its owner calls it.
    name: Mapped[str] = mapped_column(sa.String(60))
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]


class StaffSettings(Model):
    __tablename__ = "staff_settings"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    #: Whether everybody on the staff must have a second step.
    needs_second_step: Mapped[bool] = mapped_column(default=False)

"""Who may sign in. Staff and customers share one table and differ by role."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.accounts.permissions import EVERYTHING, OWNER, Access, Area, read, union
from shop.clock import now
from shop.extensions import GIVEN_ONCE, Model

account_roles = sa.Table(
    "account_roles",
    Model.metadata,
    sa.Column("account_id", sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Model, RoleMixin):
    __tablename__ = "roles"
    __table_args__ = (GIVEN_ONCE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: A preset's, or random; never shown.
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    #: What the merchant calls it; none: a preset under its own name.
    title: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    #: As shop.accounts.permissions writes them; the owner's role needs none.
    permissions: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))

    @property
    def is_owner(self) -> bool:
        return self.name == OWNER

    @property
    def recorded(self) -> str:
        """As the activity keeps it: a preset's name is put into words where somebody reads it."""
        return self.title or self.name

    @property
    def grid(self) -> dict[Area, Access]:
        """How far it gets in each area."""
        return dict(EVERYTHING) if self.is_owner else read(self.permissions or [])


class Account(Model, UserMixin):
    __tablename__ = "accounts"
    __table_args__ = (GIVEN_ONCE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    #: argon2 hash; none: its owner signs in by mailed links.
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    #: Part of every session; changing it signs the account out everywhere.
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: Code of the language for mails.
    language: Mapped[str] = mapped_column(
        sa.String(8), default="en", server_default=sa.text("'en'")
    )
    #: What staff write down about a customer; separated by commas.
    tags: Mapped[str] = mapped_column(sa.String(300), default="", server_default=sa.text("''"))
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    #: Of staff: whether single letters are commands in the admin.
    has_keys: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: What the owner's passkeys know the account by.
    passkey_handle: Mapped[str | None] = mapped_column(sa.String(64), unique=True)

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # the mixin's is vaguer
        secondary=account_roles, lazy="selectin"
    )

    @property
    def is_owner(self) -> bool:
        return any(role.is_owner for role in self.roles)

    @property
    def is_staff(self) -> bool:
        """Who has no role is a customer."""
        return bool(self.roles)

    @property
    def grid(self) -> dict[Area, Access]:
        """How far this person gets in each area of the admin."""
        return union(role.grid for role in self.roles)


class AccountSession(Model):
    """One browser that is signed in; a cookie whose row is gone signs nobody in."""

    __tablename__ = "account_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    #: Random; new at each sign-in, and part of the signed cookie.
    key: Mapped[str] = mapped_column(sa.String(43), unique=True)
    #: "Firefox, Windows", as far as the browser tells; for its owner to know it by.
    device: Mapped[str] = mapped_column(sa.String(60), default="")
    signed_in_at: Mapped[datetime] = mapped_column(default=now, index=True)


class LinkPurpose(StrEnum):
    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"
    NEW_PASSWORD = "new_password"  # noqa: S105 - a purpose
    CHANGE_EMAIL = "change_email"


class MailedLink(Model):
    """A link that proves an address: whoever opens it reads that mailbox. Good once, for a while.

    The link itself is not kept: it is the row's id, signed with the shop's key.
    """

    __tablename__ = "mailed_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    #: Where it goes, in its normal form; whether somebody has an account there plays no part.
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    #: Whose address changes; none for the other purposes.
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    #: The address before the change, told of it.
    old_email: Mapped[str] = mapped_column(sa.String(254), default="")
    #: A path within the shop to go on to.
    way_on: Mapped[str] = mapped_column(sa.String(2000), default="")
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

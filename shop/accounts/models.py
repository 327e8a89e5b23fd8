"""Who may sign in. Staff and customers share one table and differ by role."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.clock import now
from shop.extensions import Model

ADMIN = "admin"

account_roles = sa.Table(
    "account_roles",
    Model.metadata,
    sa.Column("account_id", sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Model, RoleMixin):
    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    permissions: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))


class Account(Model, UserMixin):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    #: argon2 hash.
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    #: Part of every session; changing it signs the account out everywhere.
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # the mixin's is vaguer
        secondary=account_roles, lazy="selectin"
    )

    @property
    def is_admin(self) -> bool:
        return any(role.name == ADMIN for role in self.roles)

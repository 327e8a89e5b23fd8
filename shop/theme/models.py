"""Versions of the shop's look: at most one draft, one live, and all that were live before."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class VersionState(StrEnum):
    DRAFT = "draft"
    LIVE = "live"
    PAST = "past"


_ALONE = sa.text("state IN ('draft', 'live')")


class ThemeVersion(Model):
    __tablename__ = "theme_versions"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'live', 'past')", name="known_state"),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL)", name="drafts_are_not_published"
        ),
        sa.Index(
            "uq_theme_versions_alone",
            "state",
            unique=True,
            sqlite_where=_ALONE,
            postgresql_where=_ALONE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(10), default=VersionState.DRAFT)
    #: Counts the changes of a draft, so that nobody publishes what they have not seen.
    revision: Mapped[int] = mapped_column(default=1)
    #: Folder name of the theme.
    theme: Mapped[str] = mapped_column(sa.String(40))
    #: The shop's name and tagline where this version changes them; written to the store when it is
    #: published.
    words: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: See theme/look.py.
    look: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The home page from the top, see theme/sections.py.
    sections: Mapped[list[Any]] = mapped_column(default=list)
    #: What `look` says in tokens, served under the name `digest`; empty: nothing differs.
    stylesheet: Mapped[str] = mapped_column(sa.Text, default="")
    digest: Mapped[str] = mapped_column(sa.String(16), default="", index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    #: None: the shop itself, or an account that is gone.
    published_by: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )

"""What the theme's pages ask beyond shop/theme: who published what, and the collections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shop.accounts.models import Account
from shop.catalog.models import Collection
from shop.extensions import db
from shop.theme.models import ThemeVersion

MAX_HISTORY = 50
MAX_COLLECTIONS = 500


@dataclass(frozen=True)
class VersionLine:
    """A version in the history."""

    id: int
    state: str
    theme: str
    published_at: datetime
    #: Empty: the shop itself, or an account that is gone.
    published_by: str


def history() -> list[VersionLine]:
    """What was published, newest first."""
    return [VersionLine(*row) for row in db.session.execute(_HISTORY)]


def collections() -> list[tuple[str, str]]:
    """Handle and title of each."""
    rows = db.session.execute(
        sa.select(Collection.handle, Collection.title)
        .order_by(Collection.title, Collection.id)
        .limit(MAX_COLLECTIONS)
    )
    return [(handle, title) for handle, title in rows]


_HISTORY = (
    sa.select(
        ThemeVersion.id,
        ThemeVersion.state,
        ThemeVersion.theme,
        ThemeVersion.published_at,
        sa.func.coalesce(sa.func.nullif(Account.name, ""), Account.email, ""),
    )
    .outerjoin(Account, Account.id == ThemeVersion.published_by)
    .where(ThemeVersion.published_at.is_not(None))
    .order_by(ThemeVersion.published_at.desc(), ThemeVersion.id.desc())
    .limit(MAX_HISTORY)
)

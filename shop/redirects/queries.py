"""Where an old address leads."""

from __future__ import annotations

import sqlalchemy as sa

from shop.extensions import db
from shop.redirects.models import Redirect


def target_of(path: str) -> str | None:
    return db.session.scalar(sa.select(Redirect.target).where(Redirect.path == path))

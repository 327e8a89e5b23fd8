"""Where an old address leads."""

from __future__ import annotations

import sqlalchemy as sa

from shop.extensions import db
from shop.redirects.models import Redirect

#: Of shops that came from Shopify; a redirect or a collection of that address goes first.
_USUAL = {"/collections": "/products", "/collections/all": "/products"}

#: Paths no redirect begins at.
FIXED = ("/static/", "/media/", "/admin")


def followed(path: str) -> str | None:
    """Where an address of the shop that shows nothing leads on to."""
    path = path.rstrip("/")
    return (target_of(path) or _USUAL.get(path)) if path else None


def target_of(path: str) -> str | None:
    return db.session.scalar(sa.select(Redirect.target).where(Redirect.path == path))

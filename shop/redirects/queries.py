"""Where an old address leads."""

from __future__ import annotations

import re

import sqlalchemy as sa

from shop.extensions import db
from shop.redirects.models import Redirect

#: Of shops that came from Shopify; a redirect or a collection of that address goes first.
_USUAL = {"/collections": "/products", "/collections/all": "/products"}

#: Paths no redirect begins at.
FIXED = ("/static/", "/media/", "/admin")


#: What has a handle; those are in lower case, and no address of ours ends with a slash.
_HANDLED = re.compile(r"/(?:products|collections|pages|blogs)/")
#: A blog of another name, with an article or without.
_OTHER_BLOG = re.compile(r"/blogs/(?!journal(?:/|$))[^/.]+(/[^/]+)?")


def followed(path: str) -> str | None:
    """Where an address of the shop that shows nothing leads on to."""
    bare = path.rstrip("/")
    if not bare:
        return None
    return target_of(bare) or _USUAL.get(bare) or _meant(path, bare)


def _meant(path: str, bare: str) -> str | None:
    """Of an address that is ours but for its slash, its capital letters or the name of its blog."""
    if not _HANDLED.match(bare):
        return None
    blog = _OTHER_BLOG.fullmatch(bare)
    tidy = f"/blogs/journal{blog[1] or ''}" if blog else bare
    return tidy.lower() if tidy.lower() != path else None


def target_of(path: str) -> str | None:
    return db.session.scalar(sa.select(Redirect.target).where(Redirect.path == path))

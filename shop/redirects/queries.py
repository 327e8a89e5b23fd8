"""Where an old address leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlencode

import sqlalchemy as sa

from shop.extensions import db
from shop.redirects.models import Redirect

#: What Shopify calls the list of all products.
ALL = "/collections/all"
#: Of shops that came from Shopify; a redirect or a collection of that address goes first.
_USUAL = {
    "/account/login": "/sign-in",
    "/account/register": "/sign-up",
    "/collections": "/products",
    ALL: "/products",
    "/collections/all/products.json": "/products.json",
    # What is asked of these two is a vendor's or a type's name: "?q=Mugs".
    "/collections/types": "/search",
    "/collections/vendors": "/search",
}

#: Paths no redirect begins at.
FIXED = ("/static/", "/media/", "/admin")


#: What has a handle; those are in lower case, and no address of ours ends with a slash.
_HANDLED = re.compile(r"/(?:products|collections|pages|blogs)/")
#: A blog of another name, with an article or without; its feed.
_OTHER_BLOG = re.compile(r"/blogs/(?!journal(?:[/.]|$))[^/.]+(/[^/]+|\.atom)?")
#: The journal knows no tags.
_TAGGED_ARTICLES = re.compile(r"/blogs/[^/.]+/tagged/[^/]+")
#: Shopify's second address of a product.
_IN_COLLECTION = re.compile(r"/collections/[^/]+(/products/[^/]+)")
#: A list filtered by tags: "/collections/vases/blue+small".
_TAGGED = re.compile(r"(/collections/[^/]+)/((?!products$)[^/.]+)")
#: A product for scripts; `.json` tells the same in another shape.
_FOR_SCRIPTS = re.compile(r"(/products/[^/.]+)\.js")
#: What stands beside a page, and goes where the page went.
_BESIDE = re.compile(r"(/(?:products|collections)/[^/.]+)(\.json|/products\.json|/reviews)")


def followed(path: str) -> str | None:
    """Where an address of the shop that shows nothing leads on to."""
    bare = path.rstrip("/")
    if not bare:
        return None
    return target_of(bare) or _USUAL.get(bare) or _beside(bare) or _meant(path, bare)


def passed(target: str) -> Iterator[str]:
    """The paths, of which nothing is percent-encoded, that whoever is sent to `target` passes while
    the shop shows nothing there: each once, and at last the address elsewhere.
    """
    seen: set[str] = set()
    onward: str | None = target
    while onward is not None and onward.startswith("/"):
        path = path_of(onward)
        if path in seen or not path.isprintable():
            return
        seen.add(path)
        yield path
        onward = followed(path)
    if onward is not None:
        yield onward


def leads_back(path: str) -> bool:
    """Whether a redirect begins there that leads back. Where the shop sends on by itself, something
    may be shown that keeps a redirect from being asked.
    """
    target = target_of(path.rstrip("/"))
    return target is not None and path in passed(target)


def path_of(target: str) -> str:
    """Without what is asked of it, and nothing is percent-encoded."""
    return unquote(re.split("[?#]", target, maxsplit=1)[0])


def _beside(bare: str) -> str | None:
    found = _BESIDE.fullmatch(bare)
    address = f"{target_of(found[1])}{found[2]}" if found else ""
    return address if _BESIDE.fullmatch(address) else None


def _meant(path: str, bare: str) -> str | None:
    """Of an address that is ours but for its slash, its capitals, or what Shopify calls it."""
    if not _HANDLED.match(bare):
        return None
    tidy = _from_shopifys(bare).lower()
    return tidy if tidy != path else None


def _from_shopifys(bare: str) -> str:
    if _TAGGED_ARTICLES.fullmatch(bare):
        return "/blogs/journal"
    if blog := _OTHER_BLOG.fullmatch(bare):
        return f"/blogs/journal{blog[1] or ''}"
    if product := _IN_COLLECTION.fullmatch(bare):
        return product[1]
    if product := _FOR_SCRIPTS.fullmatch(bare):
        return f"{product[1]}.json"
    if tagged := _TAGGED.fullmatch(bare):
        return f"{tagged[1]}?{urlencode([('tag', tag) for tag in tagged[2].split('+') if tag])}"
    return bare


def target_of(path: str) -> str | None:
    return db.session.scalar(sa.select(Redirect.target).where(Redirect.path == path))

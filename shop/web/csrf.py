"""Who may change things: an unsafe request must come from the shop's own pages.

Source: OWASP CSRF Prevention Cheat Sheet, Fetch Metadata with a fallback to Origin. No token
stands in any page, so anonymous pages are the same bytes for everyone.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Request, abort
from flask_babel import gettext as _

from shop.web.proxies import request_now

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
#: Endpoints that prove their sender another way.
EXEMPT = {
    "payments.receive_event",
    "newsletter.unsubscribe",
    "recovery.stop",
    "reviews.stop_invitations",
}


def init_app(app: Flask) -> None:
    app.before_request(require_own_origin)


def require_own_origin() -> None:
    asked = request_now()
    if asked.method in SAFE_METHODS or asked.endpoint in EXEMPT:
        return
    if not is_from_our_pages(asked):
        abort(403, _("This request did not come from a page of this shop. Nothing was changed."))


def is_from_our_pages(asked: Request) -> bool:
    site = asked.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = asked.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == asked.host

"""The response headers that keep a browser on our side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask

from shop.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STRIPE_PAGES = "https://checkout.stripe.com"
STRIPE_FRAMES = (STRIPE_PAGES, "https://*.js.stripe.com", "https://hooks.stripe.com")
STRIPE_SERVERS = (STRIPE_PAGES, "https://api.stripe.com")
NOTHING: Mapping[str, str] = MappingProxyType({})
ONE_YEAR = 31_536_000
#: Until then, in Unix seconds, a page says what is true; the page cache forgets it then.
VALID_UNTIL = "X-Valid-Until"


class Guarded:
    """Adds to every answer what its view did not say otherwise. Behind Flask, since each header
    that a response object holds is checked and copied on its way out, more than once.
    """

    def __init__(self, app: WSGIApplication, usual: Mapping[str, str]) -> None:
        self._app = app
        self._usual = [(name.lower(), (name, value)) for name, value in usual.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            own = {name.lower() for name, _ in headers}
            headers += [pair for name, pair in self._usual if name not in own]
            return start_response(status, headers, *rest)

        return self._app(environ, start)


def init_app(app: Flask, settings: Settings) -> None:
    app.wsgi_app = Guarded(app.wsgi_app, _headers(settings))  # type: ignore[method-assign]  # Flask's way


def _headers(settings: Settings) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": content_security_policy(settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cache-Control": "private, no-store",
    }
    if settings.is_https:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
    return headers


def payment_frame_headers(settings: Settings) -> dict[str, str]:
    """Of the one page that holds the payment provider's form, whose wallets open windows.
    Source: docs.stripe.com/security/guide.
    """
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(settings.stripe_js))
    is_stripes = not settings.uses_sandbox
    frames = [origin, *(STRIPE_FRAMES if is_stripes else ())]
    opened = {
        "script-src": f"'self' {origin}",
        "frame-src": " ".join(frames),
        "connect-src": " ".join(["'self'", *(STRIPE_SERVERS if is_stripes else ())]),
        "img-src": "'self' data: https://*.stripe.com" if is_stripes else "'self' data:",
    }
    payers = " ".join(["self", *(f'"{frame}"' for frame in frames)])
    return {
        "Content-Security-Policy": content_security_policy(settings, opened),
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        "Permissions-Policy": f"camera=(), geolocation=(), microphone=(), payment=({payers})",
    }


def content_security_policy(settings: Settings, opened: Mapping[str, str] = NOTHING) -> str:
    """Own files only, but for what is `opened`. Chromium checks a form's redirects too, so the
    payment page is named.
    """
    api = urlsplit(settings.stripe_api)
    is_stand_in = settings.stripe_api_base or settings.uses_sandbox
    # Stripe's too where a stand-in runs: its keys may be typed while the shop is open.
    payment_pages = f"{api.scheme}://{api.netloc} {STRIPE_PAGES}" if is_stand_in else STRIPE_PAGES
    policy = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "connect-src": "'self'",
        "font-src": "'self'",
        "form-action": f"'self' {payment_pages}",
        "frame-ancestors": "'none'",
        "img-src": "'self' data:",
        "manifest-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
    } | dict(opened)
    return "; ".join(f"{name} {value}" for name, value in policy.items())

"""The steps from a visit to the checkout, told by a request's first line and two of its headers.

Pure, and in front of every request: a step costs a few looks into a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


class Step(StrEnum):
    """In the order in which shoppers take them; paid orders are counted from the orders."""

    VISIT = "visit"
    PRODUCT = "product"
    CART = "cart"
    CHECKOUT = "checkout"


#: Where the script of a page that was fetched in advance tells that somebody looks at it now.
SEEN = "/seen"
#: A cart that has something in it is told by this cookie, which refusals do not set.
CART_COOKIE = "cart_count="
#: Of staff and of machines.
_NOT_THE_SHOP = ("/admin", "/dev/", "/_", "/static/", "/media/", "/feeds/", "/webhooks/")
#: What the large crawlers and the tools of developers call themselves.
_MACHINE = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|headless|preview|monitor|curl|wget|lighthouse|python|scrapy",
    re.IGNORECASE,
)


def step_of(environ: Mapping[str, Any]) -> Step | None:
    """Of a page that a person's browser opens in its window; none for all else.

    Browsers tell so themselves (Sec-Fetch-Dest, Fetch Metadata standard), most machines do not.
    """
    wanted = environ.get("HTTP_SEC_FETCH_DEST")
    if wanted == "document":
        if "HTTP_SEC_PURPOSE" in environ:
            return None
        path: str = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] == "GET":
            if path.startswith("/products/"):
                return Step.PRODUCT
            if path.startswith("/checkout"):
                return Step.CHECKOUT if path == "/checkout" else None
            return None if path.startswith(_NOT_THE_SHOP) else Step.VISIT
        return Step.CART if path.startswith("/cart/") else None
    if wanted == "empty" and environ["REQUEST_METHOD"] == "POST":
        path = environ.get("PATH_INFO", "")
        if path == SEEN:
            return Step.PRODUCT
        return Step.CART if path.startswith("/cart/lines") else None
    return None


def is_taken(step: Step, status: str, headers: Sequence[tuple[str, str]]) -> bool:
    """Whether the shop's answer says that the step was taken, not only tried."""
    if step is Step.CART:
        return status < "4" and any(
            value.startswith(CART_COOKIE) for name, value in headers if name == "Set-Cookie"
        )
    if step is Step.CHECKOUT:
        return status.startswith("200")
    return status < "4"


def is_machine(agent: str) -> bool:
    return not agent or _MACHINE.search(agent) is not None


def address_of(environ: Mapping[str, Any], proxies: int) -> str:
    """Whom the outermost of so many trusted proxies names; of IPv6 the network (/64) only."""
    address: str = environ.get("REMOTE_ADDR", "")
    if proxies:
        named = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        address = (len(named) >= proxies and named[-proxies].strip()) or address
    return ":".join(address.split(":")[:4]) if address.count(":") > 1 else address

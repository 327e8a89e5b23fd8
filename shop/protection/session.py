"""Who is at the other end of the current request."""

from __future__ import annotations

import ipaddress

from flask import request

from shop.limits.service import digest, network
from shop.protection.service import Visitor
from shop.web.config import settings


def visitor(checkout_id: int) -> Visitor:
    return Visitor(checkout_id, "" if is_hidden() else digest(network(request.remote_addr)))


def is_hidden() -> bool:
    """Whether a proxy stands before the shop that TRUSTED_PROXIES does not count: all visitors
    then come from its address, and a limit for a network would be one for the whole shop.
    """
    if settings().trusted_proxies or "X-Forwarded-For" not in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_private
    except ValueError:
        return False

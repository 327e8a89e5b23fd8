"""What Flask's proxies stand for, asked for as LocalProxy documents it: an attribute read through
one costs four calls, and a page reads a hundred. RuntimeError: there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Request, g, request, session

if TYPE_CHECKING:
    from flask.ctx import _AppCtxGlobals
    from flask.sessions import SessionMixin

# Flask types its proxies as what they stand for, which has no such method.
g_now: Callable[[], _AppCtxGlobals] = g._get_current_object
request_now: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined]
session_now: Callable[[], SessionMixin] = session._get_current_object  # type: ignore[attr-defined]

"""What Flask's proxies stand for. Each attribute that is read through one costs four calls, and a
page reads a hundred. Both raise LookupError where there is nothing.
"""

from __future__ import annotations

from flask.globals import _cv_app, _cv_request

app_now = _cv_app.get
request_now = _cv_request.get

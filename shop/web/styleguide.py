"""Every part of the templates in every state on one page, in development only."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from shop.money import Money
from shop.web.pagination import Pager

bp = Blueprint("styleguide", __name__)


@bp.get("/dev/components")
def components() -> ResponseReturnValue:
    pagers = [
        Pager(range(24), number, 24, number < 42, "?page={}".format, total, is_capped)
        for number, total, is_capped in ((1, 60, False), (2, 60, False), (7, 1000, True))
    ]
    return render_template("components/styleguide.html", money=Money, pagers=pagers)

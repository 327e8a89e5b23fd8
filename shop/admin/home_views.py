"""What to do now."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from shop.admin import queries
from shop.admin.access import bp, store
from shop.admin.event_views import health_facts
from shop.admin.mail_words import mail_name


@bp.get("")
def home() -> ResponseReturnValue:
    return render_template(
        "admin/home.html",
        home=queries.home(store().currency),
        mail_name=mail_name,
        **health_facts(),
    )

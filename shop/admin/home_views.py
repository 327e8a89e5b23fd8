"""What to do now, how the shop sells, and both kept up to date while the page is open.

The stream of events ends with each answer and the browser comes again by itself: docs/adr/0035.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from shop.accounts.permissions import EVERYTHING
from shop.admin import offers, queries, report_words
from shop.admin.access import bp, may_visit, staff, store
from shop.admin.event_views import health_facts
from shop.admin.lists import one_of
from shop.admin.mail_words import mail_name
from shop.clock import now
from shop.money import Money
from shop.reports import charts, dashboard
from shop.reports.periods import Period, Preset, preset_period
from shop.setup import queries as setup
from shop.web.config import settings

#: Milliseconds until a browser asks again.
AGAIN_AFTER = 4000
#: Seconds for which one process gives every open page the same answer.
KEPT_FOR = 2.0
#: What the home page can be looked at for.
PRESETS = (Preset.TODAY, Preset.WEEK, Preset.MONTH, Preset.QUARTER)
LIVE = "live_home"


@bp.get("")
def home() -> ResponseReturnValue:
    is_new = setup.is_listed()
    return render_template(
        "admin/home.html",
        mail_name=mail_name,
        **_facts(_preset()),
        progress=setup.progress(store(), settings()) if is_new else None,
        **health_facts(),
    )


@bp.get("/<path:address>")
def nothing(address: str) -> ResponseReturnValue:
    """Where no page is: staff are told within the admin, guests asked to sign in as everywhere."""
    abort(404)


@bp.get("/live")
def live() -> ResponseReturnValue:
    """What of the home page changes, as one server-sent event; nothing where it is as before."""
    preset = _preset()
    rights = str(sorted(staff().grid.items())) + str(staff().is_owner)
    page = _kept((str(get_locale()), preset, rights), lambda: _live_page(preset))
    event_id = hashlib.sha256(page.encode()).hexdigest()[:16]
    lines = [f"retry: {AGAIN_AFTER}"]
    if request.headers.get("Last-Event-ID") != event_id:
        lines += [f"id: {event_id}", "event: home", *(f"data: {line}" for line in page.split("\n"))]
    return Response("\n".join(lines) + "\n\n", mimetype="text/event-stream")


def _preset() -> Preset:
    found = one_of(Preset, request.args.get("days"), Preset.WEEK)
    return found if found in PRESETS else Preset.WEEK


def _live_page(preset: Preset) -> str:
    """With no link that this person's role would be refused at."""
    page = render_template("admin/_home_live.html", **_facts(preset))
    return page if staff().grid == EVERYTHING else offers.cut(page, request.path, may_visit)


def _facts(preset: Preset) -> dict[str, Any]:
    shop, at = store(), now()
    period = preset_period(preset, shop.day_of(at), shop.zone)
    figures = dashboard.figures(period, shop.currency, at) if staff().may("reports") else None
    return {
        "preset": preset,
        "presets": [(each, report_words.preset_names()[each]) for each in PRESETS],
        "home": queries.home(),
        "figures": figures,
        "period": period,
        "sellers_are_kept": preset is dashboard.KEPT,
        "best_sellers": dashboard.best_sellers(period, shop.currency) if figures else [],
        "low_stock": dashboard.low_stock(),
        "recent": dashboard.last_orders(),
        "last_payment": dashboard.last_payment(),
        "in_money": lambda amount: Money(amount, shop.currency),
        "rows_of": lambda series, is_money: report_words.rows_of(
            period, series, shop.currency if is_money else ""
        ),
        "change": lambda stat: report_words.change(stat, period),
        "conversion_change": _conversion_change(figures, period),
        "sparkline": charts.sparkline,
    }


def _conversion_change(figures: dashboard.Figures | None, period: Period) -> str:
    if figures is None:
        return ""
    now_, before = figures.conversion, figures.conversion_before
    if now_ is None or not before:
        return report_words.change_by(None, period)
    return report_words.change_by(round((now_ - before) * 100 / before), period)


def _kept(key: tuple[str, ...], make: Callable[[], str]) -> str:
    """Twenty open pages cost as much as one."""
    held: dict[tuple[str, ...], tuple[float, str]] = current_app.extensions.setdefault(LIVE, {})
    found = held.get(key)
    if found is not None and found[0] > time.monotonic() and not current_app.testing:
        return found[1]
    page = make()
    with _lock:
        held[key] = time.monotonic() + KEPT_FOR, page
    return page


_lock = threading.Lock()

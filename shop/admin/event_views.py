"""The ledger of Stripe's events: what came, what was made of it, and once more."""

from __future__ import annotations

import json
import logging
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import event_queries as queries
from shop.admin import event_words
from shop.admin.access import bp, staff
from shop.admin.event_queries import EventFilter
from shop.admin.lists import listing_text, one_of, pager_of
from shop.admin.queries import PAGE_SIZE
from shop.payments import events
from shop.payments.gateway import PaymentsError, gateway
from shop.payments.health import health
from shop.payments.keys import with_keys
from shop.payments.models import EventStatus
from shop.web.config import settings

log = logging.getLogger("shop.admin.events")


@bp.get("/settings/payments/events")
def stripe_events() -> ResponseReturnValue:
    text = listing_text()
    only = one_of(EventFilter, request.args.get("show"), EventFilter.ALL)
    wanted = request.args.get("type", "")
    type_ = wanted if wanted in events.EVENTS else ""
    chosen: dict[str, Any] = {"q": text or None, "show": only or None, "type": type_ or None}
    pager = pager_of(
        lambda page: queries.events(text=text, only=only, type_=type_, page=page),
        PAGE_SIZE,
        ".stripe_events",
        chosen,
    )
    return render_template(
        "admin/stripe_events.html",
        pager=pager,
        text=text,
        only=only,
        type_=type_,
        types=events.EVENTS,
        is_new_shop=not pager.rows and not queries.has_events(),
        verdict_words=event_words.verdict_words,
        **health_facts(),
    )


@bp.get("/settings/payments/events/<event_id>")
def stripe_event(event_id: str) -> ResponseReturnValue:
    found = queries.event(event_id)
    if found is None:
        abort(404)
    event, order = found
    is_done = event.status != EventStatus.FAILED
    return render_template(
        "admin/stripe_event.html",
        event=event,
        order=order,
        verdict=event_words.verdict_words(event.verdict),
        payload=json.dumps(event.payload, indent=2, ensure_ascii=False),
        can_replay=not is_done or event.type in events.REPEATABLE_EVENTS,
    )


@bp.post("/settings/payments/events/<event_id>/replay")
def replay_event(event_id: str) -> ResponseReturnValue:
    """Bring the shop up to what Stripe says now; doing so again changes nothing."""
    try:
        status = events.replay(event_id, gateway(), by=staff().id)
    except LookupError:
        abort(404)
    except events.ToldOnce:
        abort(409, _("This event is told on its order already, and only once. Nothing changed."))
    except PaymentsError:
        flash(_("Stripe does not answer just now. Nothing was changed; try again later."), "error")
    except Exception:  # the ledger tells staff what it was; the page shows it
        log.exception("replay failed", extra={"event": event_id})
        flash(_("It failed again. The reason stands below."), "error")
    else:
        flash(_replayed(status), "ok")
    return redirect(url_for(".stripe_event", event_id=event_id), code=303)


def health_facts() -> dict[str, Any]:
    """What the health light's panel prints."""
    found, config = health(), with_keys(settings())
    return {
        "health": found,
        "signs": event_words.sign_sentences(found),
        "light": event_words.light_words(found),
        "mode": "sandbox" if config.uses_sandbox else "live" if config.is_stripe_live else "test",
        "secret_count": len(config.webhook_secrets),
        "webhook_url": f"{config.url}/webhooks/stripe",
    }


def _replayed(status: EventStatus) -> str:
    if status is EventStatus.IGNORED:
        return _("Taken in again. It is still nothing for this shop.")
    return _("Taken in again. The shop is as Stripe says now.")

"""The list and retrieve endpoints: which filters each takes and where they look."""

from __future__ import annotations

from collections.abc import Callable

from . import schemas
from .errors import no_such
from .expand import line_list
from .listing import Listing
from .schemas import EMAIL_FILTER, ID_FILTER, listing
from .store import Doc, Work

SESSIONS = listing(
    payment_intent=ID_FILTER,
    customer=ID_FILTER,
    status=schemas.SESSION_STATUS,
    customer_details=schemas.SESSION_CUSTOMER,
)
LINES = listing()
INTENTS = listing(customer=ID_FILTER)
CHARGES = listing(customer=ID_FILTER, payment_intent=ID_FILTER)
REFUNDS = listing(charge=ID_FILTER, payment_intent=ID_FILTER)
CUSTOMERS = listing(email=EMAIL_FILTER)
COUPONS = listing()
EVENTS = listing(
    type=ID_FILTER, types=schemas.EVENT_TYPES, delivery_success=schemas.DELIVERY_SUCCESS
)
DISPUTES = listing(charge=ID_FILTER, payment_intent=ID_FILTER)
BALANCE = listing(type=ID_FILTER, source=ID_FILTER)
ENDPOINTS = listing()


def one(kind: str) -> Callable[..., Doc]:
    """A handler that retrieves an object of this kind by its id."""

    def retrieve(work: Work, params: Doc, object_id: str) -> Doc:
        found = work.get(kind, object_id)
        if found is None:
            raise no_such(kind, object_id)
        return found

    return retrieve


def sessions(work: Work, params: Doc) -> Doc:
    found = Listing(work, "checkout.session", params, "/v1/checkout/sessions")
    found.equal("payment_intent", "customer", "status")
    if "customer_details" in params:
        email = params["customer_details"].get("email", "")
        found.where("json_extract(doc, '$.customer_details.email') = ?", email)
    return found.page()


def lines(work: Work, params: Doc, session_id: str) -> Doc:
    """Line items live in their session, so their pages are cut here."""
    session = one("checkout.session")(work, params, session_id)
    items: list[Doc] = session["_lines"]
    ids = [item["id"] for item in items]
    start, stop = 0, len(items)
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in ids:
            raise no_such("line_item", params[name], param=name, status=400)
    limit = params.get("limit", 10)
    if "ending_before" in params:
        stop = ids.index(params["ending_before"])
        start = max(0, stop - limit)
        return line_list(session, items[start:stop], has_more=start > 0)
    if "starting_after" in params:
        start = ids.index(params["starting_after"]) + 1
    return line_list(session, items[start : start + limit], has_more=stop > start + limit)


def intents(work: Work, params: Doc) -> Doc:
    found = Listing(work, "payment_intent", params, "/v1/payment_intents")
    return found.equal("customer").page()


def charges(work: Work, params: Doc) -> Doc:
    found = Listing(work, "charge", params, "/v1/charges")
    return found.equal("customer", "payment_intent").page()


def refunds(work: Work, params: Doc) -> Doc:
    found = Listing(work, "refund", params, "/v1/refunds")
    return found.equal("charge", "payment_intent").page()


def customers(work: Work, params: Doc) -> Doc:
    found = Listing(work, "customer", params, "/v1/customers")
    if "email" in params:
        found.where("json_extract(doc, '$.email') = ?", params["email"])
    return found.page()


def coupons(work: Work, params: Doc) -> Doc:
    return Listing(work, "coupon", params, "/v1/coupons").page()


def events(work: Work, params: Doc) -> Doc:
    found = Listing(work, "event", params, "/v1/events").equal("type")
    if "types" in params:
        marks = ", ".join("?" for _ in params["types"])
        found.where(f"type IN ({marks})", *params["types"])
    if "delivery_success" in params:
        undelivered = (
            "EXISTS (SELECT 1 FROM deliveries WHERE event_id = objects.id AND state != 'done')"
        )
        found.where(f"NOT {undelivered}" if params["delivery_success"] else undelivered)
    return found.page()


def disputes(work: Work, params: Doc) -> Doc:
    found = Listing(work, "dispute", params, "/v1/disputes")
    return found.equal("charge", "payment_intent").page()


def balance_transactions(work: Work, params: Doc) -> Doc:
    found = Listing(work, "balance_transaction", params, "/v1/balance_transactions")
    return found.equal("type", "source").page()


def webhook_endpoints(work: Work, params: Doc) -> Doc:
    return Listing(work, "webhook_endpoint", params, "/v1/webhook_endpoints").page()

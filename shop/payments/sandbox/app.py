"""The sandbox's table of contents: every address and what answers it."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Flask, abort, request

from . import (
    authorizations,
    coupons,
    customers,
    endpoints,
    lists,
    refunds,
    schemas,
    sessions,
    taxes,
)
from .account import account
from .api import Api, Handler, unknown_path
from .clock import Clock
from .config import SandboxConfig
from .controls import controls_blueprint
from .dashboard import dashboard_blueprint
from .faults import Faults
from .pages import pages_blueprint
from .params import Hash
from .store import Store

_MAX_BODY = 1_000_000
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_OWN_NAMES = {"127.0.0.1", "localhost", "[::1]"}


class Sandbox:
    """The parts of one sandbox; `app.extensions["sandbox"]` holds it."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.clock = Clock()
        self.faults = Faults()
        self.store = Store(config.state, self.clock, base_url=config.base_url)
        self.api = Api(config, self.store, self.faults)
        with self.store.writing() as work:
            endpoints.keep_configured(work, config.endpoints)

    def close(self) -> None:
        self.store.close()


def create_sandbox(config: SandboxConfig) -> Flask:
    sandbox = Sandbox(config)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = _MAX_BODY
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["sandbox"] = sandbox
    app.before_request(_refuse_strangers)
    v1 = sandbox.api.blueprint()
    _add_api(v1, sandbox)
    app.register_blueprint(v1, url_prefix="/v1")
    app.register_blueprint(pages_blueprint(sandbox.store, config))
    app.register_blueprint(dashboard_blueprint(sandbox.store, config))
    app.register_blueprint(controls_blueprint(sandbox.store, sandbox.faults))
    return app


def _add_api(v1: Blueprint, sandbox: Sandbox) -> None:
    def route(method: str, rule: str, schema: Hash, handler: Handler) -> None:
        view = sandbox.api.endpoint(schema, handler)
        v1.add_url_rule(rule, f"{method} {rule}".replace(".", "_"), view, methods=[method])

    settle_seconds = sandbox.config.settle_seconds
    route("POST", "/checkout/sessions", schemas.CREATE_SESSION, sessions.create)
    route("GET", "/checkout/sessions", lists.SESSIONS, lists.sessions)
    route("GET", "/checkout/sessions/<session_id>", schemas.RETRIEVE, sessions.show)
    route("POST", "/checkout/sessions/<session_id>", schemas.UPDATE_SESSION, sessions.update)
    route("POST", "/checkout/sessions/<session_id>/expire", schemas.RETRIEVE, sessions.expire)
    route("GET", "/checkout/sessions/<session_id>/line_items", lists.LINES, lists.lines)
    route("GET", "/payment_intents", lists.INTENTS, lists.intents)
    route("GET", "/payment_intents/<intent_id>", schemas.RETRIEVE, authorizations.show)
    route("POST", "/payment_intents/<intent_id>", schemas.UPDATE_INTENT, authorizations.update)
    route(
        "POST",
        "/payment_intents/<intent_id>/capture",
        schemas.CAPTURE_INTENT,
        authorizations.capture,
    )
    route(
        "POST",
        "/payment_intents/<intent_id>/cancel",
        schemas.CANCEL_INTENT,
        authorizations.cancel,
    )
    route("GET", "/charges", lists.CHARGES, lists.charges)
    route("GET", "/charges/<object_id>", schemas.RETRIEVE, lists.one("charge"))
    create_refund = partial(refunds.create, settle_seconds=settle_seconds)
    route("POST", "/refunds", schemas.CREATE_REFUND, create_refund)
    route("GET", "/refunds", lists.REFUNDS, lists.refunds)
    route("GET", "/refunds/<object_id>", schemas.RETRIEVE, lists.one("refund"))
    route("POST", "/refunds/<refund_id>", schemas.UPDATE_REFUND, refunds.update)
    route("POST", "/customers", schemas.CUSTOMER, customers.create)
    route("GET", "/customers", lists.CUSTOMERS, lists.customers)
    route("GET", "/customers/<object_id>", schemas.RETRIEVE, lists.one("customer"))
    route("POST", "/customers/<customer_id>", schemas.CUSTOMER, customers.update)
    route("POST", "/coupons", schemas.CREATE_COUPON, coupons.create)
    route("GET", "/coupons", lists.COUPONS, lists.coupons)
    route("GET", "/coupons/<object_id>", schemas.RETRIEVE, lists.one("coupon"))
    route("POST", "/coupons/<coupon_id>", schemas.UPDATE_COUPON, coupons.update)
    route("DELETE", "/coupons/<coupon_id>", schemas.RETRIEVE, coupons.delete)
    route("GET", "/events", lists.EVENTS, lists.events)
    route("GET", "/events/<object_id>", schemas.RETRIEVE, lists.one("event"))
    route("GET", "/disputes", lists.DISPUTES, lists.disputes)
    route("GET", "/disputes/<object_id>", schemas.RETRIEVE, lists.one("dispute"))
    route("GET", "/balance_transactions", lists.BALANCE, lists.balance_transactions)
    one_entry = lists.one("balance_transaction")
    route("GET", "/balance_transactions/<object_id>", schemas.RETRIEVE, one_entry)
    route("POST", "/webhook_endpoints", schemas.CREATE_WEBHOOK, endpoints.create)
    route("GET", "/webhook_endpoints", lists.ENDPOINTS, lists.webhook_endpoints)
    one_endpoint = lists.one("webhook_endpoint")
    route("GET", "/webhook_endpoints/<object_id>", schemas.RETRIEVE, one_endpoint)
    route("POST", "/webhook_endpoints/<endpoint_id>", schemas.UPDATE_WEBHOOK, endpoints.update)
    route("DELETE", "/webhook_endpoints/<endpoint_id>", schemas.RETRIEVE, endpoints.delete)
    route("POST", "/tax/calculations", schemas.CALCULATE_TAX, taxes.calculate)
    route("GET", "/account", schemas.RETRIEVE, partial(account, sandbox.config))
    v1.add_url_rule("/", "root", unknown_path, methods=_METHODS)
    v1.add_url_rule("/<path:rest>", "unknown", unknown_path, methods=_METHODS)


def _refuse_strangers() -> None:
    """Other sites must not reach the sandbox through a browser on this machine.

    A foreign name that resolves to this machine is refused, and so is a form on another page.
    """
    if request.host.rpartition(":")[0] not in _OWN_NAMES and request.host not in _OWN_NAMES:
        abort(421)
    origin_kind = request.headers.get("Sec-Fetch-Site", "none")
    if request.method != "GET" and origin_kind not in ("none", "same-origin"):
        abort(403)

"""The pages a shopper sees: payment, 3-D Secure, receipt. They work without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from babel.core import Locale
from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from . import currencies, payments, sessions
from .cards import CARDS, Refusal
from .config import SandboxConfig
from .payform import Debit, Incomplete, PayForm, asks_address, asks_phone, bank_scheme
from .store import Doc, Store, Work
from .tasks import run_due

_NOT_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
#: Typed by a test card's button: valid with every test card.
_FILLED = {"expiry": "12 / 34", "cvc": "123"}
_UNITS = {"business_day": "business days", "day": "days", "hour": "hours"}


def pages_blueprint(store: Store, config: SandboxConfig) -> Blueprint:
    pages = Blueprint("pages", __name__)
    pages.add_app_template_filter(currencies.show, "money")
    pages.add_app_template_filter(_estimate, "estimate")
    pages.after_request(secure)

    @pages.get("/c/pay/<key>")
    @pages.get("/c/embedded/<key>")
    def payment_page(key: str) -> Response:
        with store.writing() as work:
            run_due(work)
            session = _opened(work, key)
            form = PayForm(session, _first_values(session, config))
            return _page(work, config, form, _last_refusal(work, session))

    @pages.post("/c/pay/<key>")
    @pages.post("/c/embedded/<key>")
    def pay(key: str) -> BaseResponse:
        with store.writing() as work:
            run_due(work)
            session = _opened(work, key)
            form = PayForm(session, request.form)
            if "fill" in request.form:
                form.values |= _filled(session, request.form["fill"])
                return _page(work, config, form, None)
            return _pay(work, config, form)

    @pages.get("/c/challenge/<session_id>")
    def challenge(session_id: str) -> BaseResponse:
        with store.writing() as work:
            run_due(work)
            session = _session(work, session_id)
            if not payments.awaits_challenge(work, session):
                return redirect(_address(session), 303)
            return _html("challenge.html", session, config)

    @pages.post("/c/challenge/<session_id>")
    def answer_challenge(session_id: str) -> BaseResponse:
        with store.writing() as work:
            run_due(work)
            session = _session(work, session_id)
            if payments.awaits_challenge(work, session):
                passed = request.form.get("outcome") == "complete"
                payments.answer_challenge(work, session, passed=passed)
            return _onward(session)

    @pages.get("/receipts/<charge_id>")
    def receipt(charge_id: str) -> Response:
        with store.reading() as work:
            charge = work.get("charge", charge_id)
            if charge is None or charge["status"] != "succeeded":
                abort(404)
            intent = work.need("payment_intent", charge["payment_intent"])
            session = work.need("checkout.session", intent["_session"])
            return _html("receipt.html", session, config, charge=charge)

    return pages


def _session(work: Work, session_id: str) -> Doc:
    session = work.get("checkout.session", session_id)
    if session is None:
        abort(404)
    return session


def _opened(work: Work, key: str) -> Doc:
    """By its id, or in a frame by its client secret, which only the store's page is told."""
    session = _session(work, key.partition("_secret_")[0])
    if key != (session["client_secret"] if sessions.is_embedded(session) else session["id"]):
        abort(404)
    return session


def _address(session: Doc) -> str:
    if sessions.is_embedded(session):
        return f"/c/embedded/{session['client_secret']}"
    return f"/c/pay/{session['id']}"


def _pay(work: Work, config: SandboxConfig, form: PayForm) -> BaseResponse:
    """One attempt to pay; on a session that is over it only leads onward."""
    session = form.session
    if session["status"] != "open":
        return _onward(session)
    today = datetime.fromtimestamp(work.at, UTC)
    try:
        payer, instrument = form.read(year=today.year, month=today.month)
    except Incomplete:
        return _page(work, config, form, None, status=422)
    refusal: Refusal | None = None
    if instrument is None:
        payments.pay_nothing(work, session, payer)
    elif isinstance(instrument, Refusal):
        refusal = payments.refuse_unknown_card(work, session, instrument)
    elif isinstance(instrument, Debit):
        scheme, account = instrument.scheme, instrument.account
        intent = payments.pay_by_bank(work, session, scheme, account, payer)
        if config.bank_seconds is not None:
            work.later("settle_bank_debit", intent["id"], work.at + config.bank_seconds)
    else:
        refusal = payments.pay_by_card(work, session, instrument, payer)
    if refusal:
        return _page(work, config, form, refusal.message, status=402)
    if payments.awaits_challenge(work, session):
        return redirect(f"/c/challenge/{session['id']}", 303)
    return _onward(session)


def _onward(session: Doc) -> BaseResponse:
    """To the store once the session is complete, otherwise to the payment page. A frame stays where
    it is: its page has the store's leave.
    """
    if session["status"] == "complete" and not sessions.is_embedded(session):
        return redirect(sessions.success_url(session), 303)
    return redirect(_address(session), 303)


def _page(
    work: Work, config: SandboxConfig, form: PayForm, refusal: str | None, status: int = 200
) -> Response:
    session = form.session
    form.forget_card()
    if session["status"] != "open":
        return _html("over.html", session, config, onward=sessions.success_url(session))
    rate = session["shipping_cost"] and session["shipping_cost"]["shipping_rate"]
    return _html(
        "pay.html",
        session,
        config,
        status=status,
        form=form,
        refusal=refusal,
        lines=session["_lines"],
        rate=rate and work.need("shipping_rate", rate),
        coupon=_coupon_name(work, session),
        bank=bank_scheme(session),
        asks_address=asks_address(session),
        asks_phone=asks_phone(session),
        countries=_countries(),
        cards=list(CARDS.values()),
    )


def _html(
    template: str, session: Doc, config: SandboxConfig, *, status: int = 200, **facts: Any
) -> Response:
    g.may_post_to = _origin(sessions.success_url(session))
    g.is_framed = sessions.is_embedded(session)
    page = render_template(
        template,
        session=session,
        business=_business(session, config),
        is_framed=g.is_framed,
        **facts,
    )
    return make_response(page, status)


def _first_values(session: Doc, config: SandboxConfig) -> dict[str, str]:
    details = session["customer_details"] or {}
    known = {"email": details.get("email"), "name": details.get("name")}
    shipping = session["_intent"].get("shipping", {})
    country = shipping.get("address", {}).get("country") or _browsers_country() or config.country
    values = {"name": shipping.get("name", ""), "country": country, "method": "card"}
    return values | {name: value for name, value in known.items() if value}


def _business(session: Doc, config: SandboxConfig) -> str:
    """As the store calls itself in the session; sessions of older state files do not say."""
    branding = session.get("branding_settings") or {}
    return branding.get("display_name") or config.business_name


def _browsers_country() -> str:
    """Stripe goes by the address of the network; here all of them are this machine."""
    region = (request.accept_languages.best or "").partition("-")[2].upper()
    return region if region in dict(_countries()) else ""


def _filled(session: Doc, choice: str) -> dict[str, str]:
    """What a test card's or test account's button types for the shopper."""
    name = {"name": request.form.get("name") or "Test Shopper"}
    if choice in CARDS:
        return {"method": "card", "number": _grouped(choice), **_FILLED, **name}
    scheme = bank_scheme(session)
    accounts = scheme.accounts if scheme else ()
    for account in accounts:
        if account.number == choice:
            holder = {"account_name": request.form.get("account_name") or "Test Shopper"}
            return {"method": "bank", "account": choice, "routing": account.routing, **holder}
    return {}


def _grouped(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _last_refusal(work: Work, session: Doc) -> str | None:
    """Why the last attempt failed, for a shopper who comes back from 3-D Secure."""
    if session["status"] != "open" or not session["payment_intent"]:
        return None
    error = work.need("payment_intent", session["payment_intent"])["last_payment_error"]
    return error and str(error["message"])


def _coupon_name(work: Work, session: Doc) -> str | None:
    for discount in session["discounts"]:
        coupon = work.get("coupon", discount["coupon"])
        return str((coupon and coupon["name"]) or discount["coupon"])
    return None


def _estimate(rate: Doc) -> str:
    """ "2 to 5 business days", or nothing where the store promised nothing."""
    estimate = rate["delivery_estimate"] or {}
    parts = [estimate[end] for end in ("minimum", "maximum") if estimate.get(end)]
    if not parts:
        return ""
    unit = _UNITS.get(parts[-1]["unit"], f"{parts[-1]['unit']}s")
    return f"{' to '.join(str(part['value']) for part in parts)} {unit}"


@cache
def _countries() -> list[tuple[str, str]]:
    names = Locale("en").territories
    wanted = [
        (code, name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    ]
    return sorted(wanted, key=lambda pair: pair[1])


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def secure(response: Response) -> Response:
    """No script at all, but for one that tells the store's page around a frame how high it is and
    when it is done. Forms go here, and by redirect to the store the session belongs to.
    """
    target = g.get("may_post_to", "")
    script, around = ("'self'", target) if g.get("is_framed") else ("'none'", "'none'")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; script-src {script}; "
        f"base-uri 'none'; frame-ancestors {around}; form-action 'self' {target}".rstrip()
    )
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response

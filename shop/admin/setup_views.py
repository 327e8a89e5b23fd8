"""The first-run assistant: a few questions, each of which can wait."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import versions
from shop.admin.access import bp, staff, store
from shop.admin.own_currency_views import refused
from shop.admin.refund_forms import new_press
from shop.admin.setup_forms import DeliveryForm, PaymentsForm, ShopForm, TaxForm, takes_live
from shop.admin.versions import ChangedMeanwhile
from shop.admin.zone_forms import named_countries
from shop.content.worker import remove_pictures_of
from shop.database import transaction
from shop.payments import keys
from shop.payments import queries as payments
from shop.payments.events import EVENTS
from shop.payments.gateway import PaymentRefused, PaymentsError, StripeGateway, gateway_of
from shop.payments.keys import KeySource, TypedKeys, source_of, with_keys
from shop.payments.snapshots import AccountFacts
from shop.pricing import published
from shop.pricing.service import NameTaken, PlaceTaken
from shop.setup import guesses, own_currency, queries, service
from shop.setup.models import Step
from shop.setup.queries import Progress
from shop.setup.service import HasPrices
from shop.store import queries as stores
from shop.store.models import StoreSettings
from shop.web.config import settings
from shop.web.context import own_name
from shop.web.languages import LOCALES, current_language

_PRESS = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_TERRITORY = re.compile(r"[a-z]{2,3}[-_]([A-Z]{2})\b")


@bp.get("/setup")
def setup() -> ResponseReturnValue:
    found = queries.progress(store(), settings())
    return render_template("admin/setup.html", progress=found, steps=Step, press=new_press())


@bp.post("/setup/hidden")
def hide_setup() -> ResponseReturnValue:
    with transaction():
        service.hide(by=staff().id)
    flash(_("The list is gone from the home page. It stays here, under Settings."), "ok")
    return redirect(url_for(".home"), code=303)


@bp.post("/setup/test-mail")
def send_test_mail() -> ResponseReturnValue:
    press, language = request.form.get("press", ""), current_language()
    if not _PRESS.fullmatch(press):
        abort(400, _("The form came without its parts. Nothing was sent; please press once more."))
    with transaction():
        service.mail_test(staff().email, language, press=press, by=staff().id)
    flash(_("A test mail is on its way to %(email)s.", email=staff().email), "ok")
    return redirect(url_for(".setup"), code=303)


@bp.post("/setup/<step>/skip")
def skip_step(step: str) -> ResponseReturnValue:
    skipped = _step(step)
    with transaction():
        service.skip(skipped)
    return _on(skipped)


@bp.get("/setup/products")
def setup_products() -> ResponseReturnValue:
    return _page(Step.PRODUCTS)


# The shop itself ---------------------------------------------------------------------------------


@bp.get("/setup/shop")
def setup_shop() -> ResponseReturnValue:
    shop = store()
    if queries.step(Step.SHOP) is not None or shop.contact_email:
        return _shop_page(ShopForm.of(shop))
    return _shop_page(_guessed(staff().email))


@bp.post("/setup/shop")
def save_setup_shop() -> ResponseReturnValue:
    form, before = ShopForm(), store()
    if not form.is_valid():
        return _shop_page(form), 422
    try:
        with transaction():
            versions.lock(StoreSettings)
            versions.check(ShopForm.of(stores.current()), typed=[form])
            forgotten = service.name_shop(form.basics(), before, by=staff().id)
    except ChangedMeanwhile:
        form.complain(form.name, versions.sentence())
        return _shop_page(form), 409
    except HasPrices:
        form.complain(
            form.currency,
            _("There are prices in %(currency)s, so it stays.", currency=before.currency),
        )
        return _shop_page(form), 422
    except own_currency.REFUSALS as refusal:
        form.complain(form.currency, refused(refusal, before.currency))
        return _shop_page(form), 409
    remove_pictures_of(forgotten, settings().media_path)
    return _on(Step.SHOP)


def _guessed(email: str) -> ShopForm:
    """What the owner's browser makes likely; all of it is a proposal."""
    match = _TERRITORY.search(request.headers.get("Accept-Language", ""))
    known = named_countries()
    country = match[1] if match and match[1] in known else store().country
    language = guesses.language_of(country, tuple(LOCALES))
    values: dict[str, Any] = {
        "name": "",
        "contact_email": email,
        "country": country,
        "currency": guesses.currency_of(country) or store().currency,
        "language": language,
        "also": [],
    }
    return ShopForm(values=values)


def _shop_page(form: ShopForm) -> str:
    return _page(
        Step.SHOP,
        form=form,
        version=versions.version_of(ShopForm.of(stores.current())),
        countries=list(named_countries().items()),
        languages=[(code, own_name(code)) for code in LOCALES],
        has_amounts=own_currency.has_amounts(),
    )


# Delivery ----------------------------------------------------------------------------------------


@bp.get("/setup/delivery")
def setup_delivery() -> ResponseReturnValue:
    return _delivery_page(DeliveryForm.blank())


@bp.post("/setup/delivery")
def save_setup_delivery() -> ResponseReturnValue:
    form, shop = DeliveryForm(), store()
    form.currency = shop.currency
    if not form.is_valid():
        return _delivery_page(form), 422
    is_worldwide = bool(form.is_worldwide.data)
    name = _("Everywhere") if is_worldwide else _country_name(shop.country)
    try:
        with transaction():
            service.open_delivery(
                form.way(), country=shop.country, name=name, is_worldwide=is_worldwide,
                by=staff().id,
            )  # fmt: skip
    except (NameTaken, PlaceTaken):
        form.complain(form.name, _("Another zone delivers there already. Change it in its place."))
        return _delivery_page(form), 409
    return _on(Step.DELIVERY)


def _delivery_page(form: DeliveryForm) -> str:
    shop = store()
    return _page(
        Step.DELIVERY, form=form, country=_country_name(shop.country), currency=shop.currency
    )


# Taxes -------------------------------------------------------------------------------------------


@bp.get("/setup/taxes")
def setup_taxes() -> ResponseReturnValue:
    return _tax_page(TaxForm(values={}))


@bp.post("/setup/taxes")
def save_setup_taxes() -> ResponseReturnValue:
    form, country = TaxForm(), store().country
    name = next(iter(published.sets_of(country)), "")
    form.regions = _regions(name, country)
    if not form.is_valid():
        return _tax_page(form), 422
    if form.charges.data == "no":
        with transaction():
            service.charge_no_tax(by=staff().id)
        return _on(Step.TAXES)
    if not name:
        form.complain(form.charges, _("No rates of this country come with the shop."))
        return _tax_page(form), 422
    with transaction():
        service.charge_tax(
            name,
            country=country if form.charges.data == "home" else "",
            region=form.region.data or "",
            by=staff().id,
        )
    return _on(Step.TAXES)


def _regions(name: str, country: str) -> tuple[str, ...]:
    return tuple(published.regions_of(name, country)) if name else ()


def _tax_page(form: TaxForm) -> str:
    country = store().country
    name = next(iter(published.sets_of(country)), "")
    return _page(
        Step.TAXES,
        form=form,
        country=_country_name(country),
        table=published.read(name) if name else None,
        regions=[(region, region) for region in _regions(name, country)],
    )


# Payments ----------------------------------------------------------------------------------------


@bp.get("/setup/payments")
def setup_payments() -> ResponseReturnValue:
    return _payments_page(PaymentsForm(is_empty=True))


@bp.post("/setup/payments")
def save_setup_payments() -> ResponseReturnValue:
    """Stripe is asked whose the key is, and told where events go, before anything is kept."""
    form = PaymentsForm()
    form.takes_live = takes_live(settings())
    if source_of(settings()) is KeySource.ENVIRONMENT:
        form.complain(form.secret_key, _from_environment())
        return _payments_page(form), 409
    if not form.is_valid():
        return _payments_page(form), 422
    key = form.secret_key.data or ""
    stripe = gateway_of(replace(settings(), stripe_secret_key=key))
    try:
        account = stripe.account()
    except PaymentRefused:
        form.complain(form.secret_key, _("Stripe does not know this key. Copy it once more."))
        return _payments_page(form), 422
    except PaymentsError:
        form.complain(form.secret_key, _unreachable())
        return _payments_page(form), 503
    _connect(stripe, key, account)
    return redirect(url_for(".setup_payments"), code=303)


@bp.post("/setup/payments/check")
def check_payments() -> ResponseReturnValue:
    """Ask Stripe whose the key is that counts now."""
    config = with_keys(settings())
    stripe = gateway_of(config)
    try:
        account = stripe.account()
    except PaymentRefused:
        flash(_("Stripe does not know the key any more. Put another one in its place."), "error")
    except PaymentsError:
        flash(_unreachable(), "error")
    else:
        with transaction():
            service.note_account(account, config.stripe_secret_key, by=staff().id)
        flash(_answered(account), "ok")
    return redirect(url_for(".setup_payments"), code=303)


@bp.post("/setup/payments/webhook")
def register_webhook() -> ResponseReturnValue:
    """Once more, with the key that was typed."""
    typed = keys.typed_keys(settings())
    if typed is None or source_of(settings()) is not KeySource.TYPED:
        abort(409, _("There is no typed key to do that with. Nothing was changed."))
    _register(gateway_of(with_keys(settings())), typed.secret_key)
    return redirect(url_for(".setup_payments"), code=303)


@bp.post("/setup/payments/delete")
def remove_payment_keys() -> ResponseReturnValue:
    if keys.typed_keys(settings()) is None:
        abort(409, _("There is no typed key to remove. Nothing was changed."))
    keys.forget(settings())
    with transaction():
        service.forget_account(by=staff().id)
    flash(_("The key is removed. Cards are not taken until there is another."), "ok")
    return redirect(url_for(".setup_payments"), code=303)


def _connect(stripe: StripeGateway, key: str, account: AccountFacts) -> None:
    """The key counts from here on, in every process of the shop."""
    before = keys.typed_keys(settings())
    if before is None or before.secret_key != key:
        keys.keep(settings(), TypedKeys(key))  # another key may be another account's
        _tell_of_form()
    with transaction():
        service.note_account(account, key, by=staff().id)
    flash(_answered(account), "ok")
    _register(stripe, key)


def _tell_of_form() -> None:
    if payments.settings().is_embedded and not with_keys(settings()).publishable_key:
        flash(
            _(
                "Buyers pay on Stripe's own page for now: the form inside the checkout needs the"
                " publishable key, under Settings, Payments."
            ),
            "warn",
        )


def _register(stripe: StripeGateway, key: str) -> None:
    """Without events a payment is found by the page that the buyer returns to, or within minutes
    by asking: worth a warning, no failure.
    """
    url = f"{settings().url}/webhooks/stripe"
    if not (settings().is_https or with_keys(settings()).uses_sandbox):
        flash(
            _(
                "Stripe sends events only to https addresses, so it cannot reach this shop. It is"
                " asked every five minutes instead."
            ),
            "warn",
        )
        return
    try:
        endpoint_id, secret = stripe.add_webhook(url, EVENTS)
        known = keys.typed_keys(settings())
        publishable = known.publishable_key if known else ""
        keys.keep(settings(), TypedKeys(key, secret, publishable))
        stripe.remove_webhooks(url, besides=endpoint_id)
    except PaymentsError as error:
        flash(
            _("Stripe did not take the address for its events: %(reason)s",
              reason=str(error) or _("it did not answer.")),
            "warn",
        )  # fmt: skip
    else:
        flash(_("Stripe sends its events to this shop from now on."), "ok")


def _payments_page(form: PaymentsForm) -> str:
    source, row = source_of(settings()), queries.step(Step.PAYMENTS)
    config = with_keys(settings())
    return _page(
        Step.PAYMENTS,
        form=form,
        source=source,
        is_checked=source is not KeySource.SANDBOX and queries.is_key_checked(row, settings()),
        account=row.data if row else {},
        key_end=config.stripe_secret_key[-4:] if source is not KeySource.NONE else "",
        has_webhook=bool(config.webhook_secrets),
    )


def _answered(account: AccountFacts) -> str:
    if account.is_live:
        return _("Stripe knows the key: %(name)s, real money.", name=account.name)
    return _("Stripe knows the key: %(name)s, test mode.", name=account.name)


def _unreachable() -> str:
    return _("Stripe does not answer at the moment. Nothing was changed; please try again.")


def _from_environment() -> str:
    return _("The key is set in the server's environment, which counts before one typed here.")


# Inside ------------------------------------------------------------------------------------------


def _step(name: str) -> Step:
    return Step(name) if name in set(Step) else abort(404)


def _on(step: Step) -> ResponseReturnValue:
    """To the next question that is open, or to what is missing."""
    following = _progress().next_after(step)
    if following is None:
        return redirect(url_for(".setup"), code=303)
    return redirect(url_for(f".setup_{following}"), code=303)


def _progress() -> Progress:
    return queries.progress(stores.current(), settings())  # as it was just written


def _page(step: Step, **values: Any) -> str:
    found = queries.progress(store(), settings())
    return render_template(
        f"admin/setup_{step}.html", step=step, steps=Step, progress=found, **values
    )


def _country_name(code: str) -> str:
    return named_countries().get(code, code)

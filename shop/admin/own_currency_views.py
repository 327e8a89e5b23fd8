"""The shop's own currency, and what becomes of its prices when it changes."""

from __future__ import annotations

from babel.numbers import get_currency_name
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import price_queries
from shop.admin.access import bp, staff, store
from shop.admin.currency_forms import OwnCurrencyForm
from shop.bulk import queries as bulk
from shop.content.worker import remove_pictures_of
from shop.database import transaction
from shop.setup import own_currency as service
from shop.setup.own_currency import CurrencySettled, FileWaiting, OtherBase, Sold, TooDear
from shop.store.currencies import Currency
from shop.web.config import settings
from shop.web.counts import ngettext
from shop.web.filters import money
from shop.web.locale import locale_now


class JobRunning(Exception):
    """A change of many products is not finished."""


@bp.get("/settings/currencies/own")
def own_currency() -> ResponseReturnValue:
    return _page(OwnCurrencyForm.blank())


@bp.post("/settings/currencies/own")
def change_own_currency() -> ResponseReturnValue:
    form = OwnCurrencyForm()
    form.base = store().currency
    if request.form.get("base") != form.base:
        form.complain(form.code, refused(OtherBase(), form.base))
        return _page(form), 409
    if not form.is_valid():
        return _page(form), 422
    to, by = form.currency(), staff().id
    if "preview" in request.form:
        return _page(form, to)
    try:
        with transaction():
            if bulk.unfinished():
                raise JobRunning
            forgotten = service.change(to, by=by)
    except (JobRunning, *service.REFUSALS) as refusal:
        field = form.rate if isinstance(refusal, TooDear) and form.is_converting else form.code
        form.complain(field, refused(refusal, to.base))
        return _page(form), 409
    remove_pictures_of(forgotten, settings().media_path)
    flash(_("The shop's currency is %(currency)s now.", currency=to.code), "ok")
    return redirect(url_for(".currencies"), code=303)


def refused(refusal: Exception, base: str) -> str:
    """Why the currency stays, and what to do. `base`: the one of now."""
    if isinstance(refusal, CurrencySettled):
        return sold_words(refusal.sold, base)
    if isinstance(refusal, FileWaiting):
        return _("A file of products waits or is being brought in. Finish or discard it first.")
    if isinstance(refusal, JobRunning):
        return _("A change of many products is still at work. Wait until it is done.")
    if isinstance(refusal, TooDear):
        return _(
            "An amount would become %(price)s, more than a card can pay. Please check the rate.",
            price=money(refusal.would_be),
        )
    return _("The shop's currency was changed meanwhile. Look at the prices, then choose again.")


def sold_words(sold: Sold, base: str) -> str:
    """Why it stays for good."""
    found = []
    if sold.orders:
        found.append(ngettext("%(num)s order", "%(num)s orders", sold.orders))
    if sold.gift_cards:
        found.append(ngettext("%(num)s gift card", "%(num)s gift cards", sold.gift_cards))
    if sold.payments and not sold.orders:
        found.append(ngettext("%(num)s payment", "%(num)s payments", sold.payments))
    return _(
        "The shop has sold already (%(what)s), so its own currency stays %(currency)s: reports,"
        " discounts and the books would count two currencies as one. Add the other currency"
        " beside it, and shoppers can see and pay their prices in it.",
        what=", ".join(found),
        currency=base,
    )


def _page(form: OwnCurrencyForm, preview: Currency | None = None) -> str:
    shop, sold = store(), service.sold()
    return render_template(
        "admin/own_currency.html",
        form=form,
        base=shop.currency,
        name=get_currency_name(shop.currency, locale=locale_now()),
        others=[each.code for each in shop.currencies],
        why_not=sold_words(sold, shop.currency) if sold else "",
        has_amounts=service.has_amounts(),
        preview=price_queries.priced_examples(preview) if preview else [],
    )

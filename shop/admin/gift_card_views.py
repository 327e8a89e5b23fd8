"""Gift cards and store credit: the list of them, a new one, and one with its ledger."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.admin import gift_card_queries as queries
from shop.admin import versions
from shop.admin.access import bp, staff, store
from shop.admin.gift_card_forms import ChangeForm, IssueForm, SendForm
from shop.admin.gift_card_queries import CardFilter
from shop.admin.lists import listing_text, one_of, pager_of
from shop.admin.queries import PAGE_SIZE
from shop.admin.versions import ChangedMeanwhile
from shop.database import transaction
from shop.extensions import db
from shop.gift_cards import service
from shop.gift_cards.models import CardKind, GiftCard
from shop.gift_cards.queries import issued_with, today_of
from shop.gift_cards.service import CodeLost, TooMuch


@bp.get("/gift-cards")
def gift_cards() -> ResponseReturnValue:
    text, today = listing_text(), today_of(store())
    only = one_of(CardFilter, request.args.get("show"), CardFilter.ALL)
    chosen: dict[str, Any] = {"q": text or None, "show": only or None}
    pager = pager_of(
        lambda page: queries.gift_cards(text=text, only=only, today=today, page=page),
        PAGE_SIZE,
        ".gift_cards",
        chosen,
    )
    return render_template(
        "admin/gift_cards.html",
        pager=pager,
        text=text,
        only=only,
        statuses={row.id: queries.status_of(row, today) for row in pager.rows},
    )


@bp.get("/gift-cards/new")
def new_gift_card() -> ResponseReturnValue:
    values = {"kind": CardKind.GIFT_CARD, "email": request.args.get("email", "")}
    return render_template("admin/new_gift_card.html", form=IssueForm(values=values))


@bp.post("/gift-cards/new")
def issue_gift_card() -> ResponseReturnValue:
    form = IssueForm()
    form.currency = store().currency
    if not form.is_valid():
        return render_template("admin/new_gift_card.html", form=form), 422
    try:
        with transaction():
            card = _issue(form)
            card_id, address = card.id, card.email
    except TooMuch:
        form.complain(form.amount, _("That is more than one balance can hold."))
        return render_template("admin/new_gift_card.html", form=form), 422
    flash(
        _("Issued. Its code is on the way to %(email)s.", email=address)
        if address
        else _("Issued. Send the code to somebody when you want it to be spent."),
        "ok",
    )
    return _back(card_id)


@bp.get("/gift-cards/<id:card_id>")
def gift_card(card_id: int) -> ResponseReturnValue:
    return _page(_card_or_404(card_id))


@bp.post("/gift-cards/<id:card_id>")
def change_gift_card(card_id: int) -> ResponseReturnValue:
    card, form = _card_or_404(card_id), ChangeForm()
    if not form.is_valid():
        return _page(card, change=form), 422
    note, last_day, by = form.note.data or "", form.last_day, staff().id
    try:
        with transaction():
            card = _locked_or_404(card_id)
            versions.check(ChangeForm.of(card), typed=[form])
            service.change(card, note=note, expires_on=last_day, by=by)
    except ChangedMeanwhile:
        form.complain(form.note, versions.sentence())
        return _page(_card_or_404(card_id), change=form), 409
    flash(_("Saved."), "ok")
    return _back(card_id)


@bp.post("/gift-cards/<id:card_id>/activation")
def activate_gift_card(card_id: int) -> ResponseReturnValue:
    """`active`: 1 or 0."""
    is_active = request.form.get("active") == "1"
    with transaction():
        service.set_active(_locked_or_404(card_id), is_active, by=staff().id)
    flash(
        _("It can be spent again.") if is_active else _("Disabled: no new order can spend it."),
        "ok",
    )
    return _back(card_id)


@bp.post("/gift-cards/<id:card_id>/mails")
def send_gift_card(card_id: int) -> ResponseReturnValue:
    """The same code once more."""
    card, form = _card_or_404(card_id), SendForm()
    if not form.is_valid():
        return _page(card, send=form), 422
    if not card.is_active:
        abort(409, _("It is disabled, so its code is not sent. Nothing was changed."))
    try:
        with transaction():
            service.send_again(_locked_or_404(card_id), form.email.data or "", by=staff().id)
    except CodeLost:
        flash(
            _(
                "Its code cannot be told any more: the shop's secret key was changed since. "
                "Disable it and issue a new one with what is left."
            ),
            "error",
        )
    else:
        flash(_("The code is on the way once more."), "ok")
    return _back(card_id)


# Inside


def _issue(form: IssueForm) -> GiftCard:
    language, by = store().languages[0], staff().id
    if form.is_store_credit:
        return service.give_credit(
            form.email.data or "",
            form.money,
            language=language,
            note=form.note.data or "",
            by=by,
        )
    return service.issue(form.money, form.gift(language), by=by)


def _page(card: GiftCard, *, change: ChangeForm | None = None, send: SendForm | None = None) -> str:
    return render_template(
        "admin/gift_card.html",
        card=card,
        status=queries.status_of(card, today_of(store())),
        issued=issued_with(card),
        ledger=queries.ledger(card),
        change=change or ChangeForm.of(card),
        send=send or SendForm(values={"email": card.email}),
    )


def _card_or_404(card_id: int) -> GiftCard:
    found = db.session.get(GiftCard, card_id)
    if found is None:
        abort(404)
    return found


def _locked_or_404(card_id: int) -> GiftCard:
    found = service.locked(card_id)
    if found is None:
        abort(404)
    return found


def _back(card_id: int) -> ResponseReturnValue:
    return redirect(url_for(".gift_card", card_id=card_id), code=303)

"""What is left on a gift card, for whoever has its code."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from shop.database import transaction
from shop.extensions import db
from shop.gift_cards import guesses, queries, words
from shop.gift_cards.models import GiftCard
from shop.limits import service as limits
from shop.money import Money
from shop.web.config import settings
from shop.web.context import current_site

bp = Blueprint("gift_cards", __name__)

#: The page with the balance stays open so long; then the code is asked for again.
GOOD_FOR_SECONDS = 60 * 60
_SALT = "gift-card"
#: Characters that the field takes: a code with blanks and hyphens, and some to spare.
MAX_TYPED = 60


@bp.get("/gift-card")
def ask() -> ResponseReturnValue:
    return _page()


@bp.post("/gift-card")
def look_up() -> ResponseReturnValue:
    """What cannot be a code and what is none are answered alike."""
    typed = request.form.get("code", "")
    if not typed.strip():
        return _page("", _("Please type the code: sixteen letters and digits.")), 422
    limit = guesses.limit_of(request.remote_addr)
    with transaction():
        wait = limits.take([limit])
        card = None if wait else queries.card_of_code(typed)
        if card is not None:
            limits.give_back([limit])
    if wait:
        response = make_response(_page(typed, words.too_many(wait)), 429)
        response.headers["Retry-After"] = str(wait)
        return response
    if card is None:
        complaint = _("We do not know this code. Please check it against the mail.")
        return _page(typed, complaint), 422
    return redirect(url_for(".show", link=_serializer().dumps(card.id)), code=303)


@bp.get("/gift-card/<link>")
def show(link: str) -> ResponseReturnValue:
    try:
        card_id = _serializer().loads(link, max_age=GOOD_FOR_SECONDS)
    except SignatureExpired:
        flash(_("The balance was open for an hour. Please type the code once more."), "info")
        return redirect(url_for(".ask"), code=303)
    except BadSignature:
        abort(404)
    card = db.session.get(GiftCard, card_id)
    if card is None:
        abort(404)
    presented = queries.present(card, current_site().store)
    return render_template(
        "gift_cards/balance.html",
        card=card,
        refusal=words.refused(presented),
        entries=[
            (entry, Money(entry.amount, card.currency)) for entry in queries.ledger_of(card.id)
        ],
    )


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_keys, salt=_SALT)


def _page(typed: str = "", complaint: str = "") -> str:
    return render_template(
        "gift_cards/ask.html", typed=typed[:MAX_TYPED], max_typed=MAX_TYPED, complaint=complaint
    )

"""Which mails a customer gets beside those about orders."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.customers.session import customer
from shop.customers.views import bp
from shop.database import transaction
from shop.newsletter import queries as subscribers
from shop.newsletter import service as newsletter
from shop.reviews import service as reviews
from shop.web.languages import current_language


@bp.post("/details/newsletter")
def change_newsletter() -> ResponseReturnValue:
    """The address is proved already, so that a yes here needs no mail."""
    with transaction():
        subscriber = subscribers.by_email(customer().email)
        if request.form.get("wanted") == "yes":
            newsletter.subscribe_proved(
                customer().email, source="account", language=current_language()
            )
        elif subscriber is not None:
            newsletter.unsubscribe(subscriber)
    flash(_("Saved."), "ok")
    return redirect(url_for(".details", _anchor="newsletter"), code=303)


@bp.post("/details/invitations")
def change_invitations() -> ResponseReturnValue:
    """Whether to be asked for reviews after an order."""
    with transaction():
        if request.form.get("wanted") == "yes":
            reviews.resume_invitations(customer().email)
        else:
            reviews.stop_invitations(customer().email)
    flash(_("Saved."), "ok")
    return redirect(url_for(".details", _anchor="invitations"), code=303)

"""Erasing a person, and keeping the books: what tax law asks for stays, the rest goes.

An order keeps its number, lines, sums, taxes, and the name and address of its bill. Its email,
phone and notes stay as long as it may come back or be refunded, and are blanked by themselves then.
An address that wants no more invitations to review stays noted, so that none is sent.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from shop import audit
from shop.accounts.models import Account, MailedLink
from shop.alerts import service as alerts
from shop.alerts.models import StockAlert
from shop.audit import AuditEntry
from shop.checkout.models import Checkout
from shop.clock import now
from shop.contact.models import ContactMessage
from shop.extensions import db
from shop.gift_cards.models import GiftCard
from shop.newsletter import service as newsletter
from shop.orders.event_kinds import EventKind
from shop.orders.models import Order, OrderEvent
from shop.payments.models import PaymentAttempt, StripeEvent
from shop.pricing.discount_models import DiscountUse
from shop.privacy.export import orders_of
from shop.recovery.models import AbandonedCheckout
from shop.reviews import service as reviews
from shop.reviews.models import Review

#: Returns, refunds and complaints are over by then; the customer is still written to until then.
CONTACT_KEPT_FOR = timedelta(days=60)
_BLANK = {"email": "", "phone": "", "note": "", "gift_message": "", "gift_email": ""}


def erase(account: Account, *, by: int | None) -> None:
    """The account and all that hangs on it, and what its address left elsewhere. For good."""
    address = account.email
    orders = orders_of(account)
    for order in orders:
        order.forget_contact_at = max(now(), order.placed_at + CONTACT_KEPT_FOR)
    _forget_words(address, [order.id for order in orders], account, by=by)
    audit.record(by, "account.erased", subject_kind="account", subject_id=account.id)
    db.session.delete(account)
    db.session.flush()
    forget_contacts()


def forget_contacts() -> None:
    """Blank email, phone and notes of the orders whose time has come."""
    due = sa.select(Order.id).where(Order.forget_contact_at <= now())
    ids = list(db.session.scalars(due))
    if not ids:
        return
    _run(sa.update(DiscountUse).where(DiscountUse.order_id.in_(ids)).values(email=""))
    _forget_at_payments(ids)
    _forget_corrections(ids)
    _run(sa.update(Order).where(Order.id.in_(ids)).values(**_BLANK, forget_contact_at=None))
    db.session.expire_all()


def _forget_corrections(order_ids: list[int]) -> None:
    """What address, email and phone were before they were put right."""
    is_told = (OrderEvent.order_id.in_(order_ids), OrderEvent.kind == EventKind.CONTACT_CHANGED)
    _run(sa.update(OrderEvent).where(*is_told).values(data={}))
    is_recorded = (
        AuditEntry.subject_kind == "order",
        AuditEntry.subject_id.in_(order_ids),
        AuditEntry.action == f"order.{EventKind.CONTACT_CHANGED}",
    )
    _run(sa.update(AuditEntry).where(*is_recorded).values(data={}, text=""))


def _forget_at_payments(order_ids: list[int]) -> None:
    """What was sent to Stripe and what came back name the buyer; both are settled long since."""
    is_theirs = PaymentAttempt.order_id.in_(order_ids)
    names = (PaymentAttempt.session_id, PaymentAttempt.payment_intent_id)
    stripe_ids = sa.union(*(sa.select(name).where(is_theirs, name.is_not(None)) for name in names))
    object_ = StripeEvent.payload["data"]["object"]
    is_about_them = sa.or_(
        StripeEvent.object_id.in_(stripe_ids),
        # Charges, refunds and disputes have ids of their own, and name the payment.
        object_["payment_intent"].as_string().in_(stripe_ids),
    )
    _run(sa.update(StripeEvent).where(is_about_them).values(payload={}))
    _run(sa.update(PaymentAttempt).where(is_theirs).values(params={}))


def _forget_words(address: str, order_ids: list[int], account: Account, *, by: int | None) -> None:
    for review in db.session.scalars(sa.select(Review).where(Review.order_id.in_(order_ids))):
        reviews.anonymize(review, by=by)
    checkout_ids = list(
        db.session.scalars(
            sa.select(Checkout.id).where(
                sa.or_(Checkout.account_id == account.id, sa.func.lower(Checkout.email) == address)
            )
        )
    )
    blank = dict.fromkeys(
        ("name", "line1", "line2", "district", "city", "region", "postal_code", "country",
         "vat_number", *_BLANK), ""
    )  # fmt: skip
    _run(sa.update(Checkout).where(Checkout.id.in_(checkout_ids)).values(**blank, billing={}))
    # Also those that somebody signed in left with another address.
    _run(sa.delete(AbandonedCheckout).where(AbandonedCheckout.checkout_id.in_(checkout_ids)))
    newsletter.forget(address)
    alerts.forget_kept(address)
    for model, column in ((StockAlert, StockAlert.email), (MailedLink, MailedLink.email),
                          (ContactMessage, ContactMessage.email),
                          (AbandonedCheckout, AbandonedCheckout.email)):  # fmt: skip
        _run(sa.delete(model).where(sa.func.lower(column) == address))
    # A card is money and stays good for whoever holds its code; its mailbox is forgotten.
    is_card = sa.and_(GiftCard.email == address, GiftCard.kind != "store_credit")
    _run(sa.update(GiftCard).where(is_card).values(email="", sender="", message=""))


def _run(statement: sa.Update | sa.Delete) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))

"""Every kind of mail with made-up facts, to be looked at and sent to oneself. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from shop.clock import now
from shop.extensions import Model
from shop.gift_cards.models import CardKind, GiftCard
from shop.money import Money
from shop.orders.models import LineItem, Order
from shop.orders.placement import PayBy
from shop.orders.states import OrderState
from shop.outbox.mailer import Letter
from shop.pricing.queries import delivery_calendar
from shop.store import queries as stores
from shop.store.queries import Store
from shop.web.config import settings

Row = TypeVar("Row", bound=Model)

TEST = "test_mail"
#: Of the sample order: its lines' names, options, quantities and prices in minor units.
_GOODS = (("Tuesday mug", "Cobalt / Medium", 2, 3400), ("Larder bottle", "Oxblood", 1, 5400))
_SHIPPING = 450


class NoSuchMail(Exception):
    """The shop sends nothing of that name."""


def sample(name: str, language: str, to: str) -> Letter:
    """Raises NoSuchMail."""
    if name not in _SAMPLES:
        raise NoSuchMail(name)
    shop = stores.current()
    letter = _SAMPLES[name](shop, language)
    letter.to, letter.language = to, language
    return letter


def test_letter(payload: dict[str, Any]) -> Letter:
    """A sample as it arrives in a mailbox."""
    letter = sample(payload["mail"], payload["language"], payload["to"])
    letter.subject = _("Test: %(subject)s", subject=letter.subject)
    letter.stop_url = ""
    return letter


def names() -> list[str]:
    return list(_SAMPLES)


def _order(shop: Store, language: str, **values: Any) -> Order:
    """Never added to a session, so that nothing of it is stored."""
    goods = sum(quantity * amount for _title, _options, quantity, amount in _GOODS)
    tax = round((goods + _SHIPPING) / 6)
    order = _row(
        Order,
        {
            "id": 1042,
            "number": 1042,
            "token": "sample",
            "state": OrderState.PAID,
            "currency": shop.currency,
            "subtotal_amount": goods,
            "shipping_amount": _SHIPPING,
            "tax_amount": tax,
            "total_amount": goods + _SHIPPING,
            "is_tax_included": True,
            "tax_lines": [
                {"name": "VAT", "rate_ppm": 200_000, "base": goods + _SHIPPING - tax, "amount": tax}
            ],
            "language": language,
            "email": "ines@example.com",
            "name": "Ines Rowan",
            "line1": "14 Alder Row",
            "city": "Leeds",
            "postal_code": "LS6 2AB",
            "country": shop.country,
            "shipping_name": "Tracked 48",
            "shipping_min_days": 2,
            "shipping_max_days": 3,
            "pay_by": PayBy.CARD,
            "placed_at": now(),
            "paid_at": now(),
            "expires_at": None,
        }
        | values,
    )
    order.lines = [_line(*each) for each in enumerate(_GOODS, start=1)]
    return order


def _line(number: int, goods: tuple[str, str, int, int]) -> LineItem:
    title, options, quantity, amount = goods
    values = {
        "id": number, "position": number, "title": title, "options": options,
        "unit_amount": amount, "quantity": quantity, "total_amount": amount * quantity,
        "tax_amount": 0,
    }  # fmt: skip
    return _row(LineItem, values)


def _row(model: type[Row], values: dict[str, Any]) -> Row:
    """With the usual value of every column that is not named, as if it were stored."""
    usual = {}
    for attribute in sa.inspect(model).column_attrs:
        default = attribute.columns[0].default
        if default is not None and (default.is_scalar or default.is_callable):
            usual[attribute.key] = default.arg if default.is_scalar else default.arg(None)
    return model(**(usual | values))


def _of_order(
    template: str, subject: Callable[[Order], Any], **values: Any
) -> Callable[[Store, str], Letter]:
    def make(shop: Store, language: str) -> Letter:
        order = _order(shop, language, **values)
        calendar = delivery_calendar(shop)
        return _letter(
            f"orders/{template}",
            subject(order),
            order=order,
            order_url=f"{settings().url}/orders/sample",
            arrives=calendar.promise(now(), 2, 3).days,
            fulfillment=_PARCEL,
            sent=[(line, line.quantity) for line in order.lines],
            rest=0,
            refunded=order.total,
        )

    return make


def _refunded(shop: Store, language: str) -> Letter:
    order = _order(shop, language)
    line = order.lines[0]
    share = SimpleNamespace(line_item_id=line.id, quantity=1)
    refund = SimpleNamespace(
        lines=[share], total=line.unit, taxes=[], share_of=lambda _line: line.unit
    )
    return _letter(
        "orders/refunded",
        _("Your refund for order %(number)s", number=order.number),
        order=order,
        order_url=f"{settings().url}/orders/sample",
        refund=refund,
        method="stripe",
        paid_with="Visa 4242",
        titles={each.id: each.title for each in order.lines},
    )


def _back_in_stock(shop: Store, language: str) -> Letter:
    url = settings().url
    return _letter(
        "alerts/back_in_stock",
        _("%(title)s is back", title="Tuesday mug"),
        title="Tuesday mug",
        options="Cobalt / Medium",
        file=None,
        price=Money(3400, shop.currency),
        product_url=f"{url}/products",
        forget_url=url,
    )


def _gift_card(shop: Store, language: str) -> Letter:
    subject = _("%(name)s has sent you a gift card for %(shop)s", name="Ines", shop=shop.name)
    given = {"kind": CardKind.GIFT_CARD, "currency": shop.currency, "last_four": "NPQR"}
    card = _row(GiftCard, given | {"sender": "Ines", "message": "Happy birthday!"})
    return _letter(
        "gift_cards/gift_card",
        subject,
        card=card,
        has_currencies=len(shop.offered) > 1,
        subject_line=subject,
        code="ABCD EFGH JKLM NPQR",
        worth=Money(5000, shop.currency),
        balance_url=f"{settings().url}/gift-card",
    )


def _link(shop: Store, language: str) -> Letter:
    title = _("Your link to sign in")
    return _letter(
        "accounts/link",
        title,
        title=title,
        sentence=_("You asked for a link to sign in. It works once, within the next hour."),
        button=_("Sign in"),
        url=f"{settings().url}/sign-in",
        is_warning=False,
    )


def _newsletter(template: str, subject: Any) -> Callable[[Store, str], Letter]:
    def make(shop: Store, language: str) -> Letter:
        url = settings().url
        return _letter(
            f"newsletter/{template}",
            subject,
            title=subject,
            confirm_url=f"{url}/newsletter/sample",
            stop_url=f"{url}/newsletter/sample/unsubscribe",
        )

    return make


def _invitation(shop: Store, language: str) -> Letter:
    order = _order(shop, language)
    bought = [
        SimpleNamespace(title=line.title, bought=line.options, file=None) for line in order.lines
    ]
    return _letter(
        "reviews/invitation",
        _("How is it? Your order %(number)s", number=order.number),
        stop_url=f"{settings().url}/orders/sample/invitations",
        order=order,
        purchases=bought,
        reviews_url=f"{settings().url}/orders/sample/reviews",
    )


def _refusal(shop: Store, language: str) -> Letter:
    title = _GOODS[0][0]
    return _letter(
        "reviews/refusal",
        _("We did not publish your review of %(product)s", product=title),
        title=title,
        reason=_("Please leave out the name of your neighbor."),
        review_url=f"{settings().url}/orders/sample/reviews/1",
    )


def _reminder(shop: Store, language: str) -> Letter:
    order = _order(shop, language)
    return _letter(
        "recovery/reminder",
        _("Your basket at %(shop)s is still here", shop=shop.name),
        stop_url=f"{settings().url}/sample",
        lines=order.lines,
        subtotal=order.bill.subtotal,
        basket_url=f"{settings().url}/cart",
    )


def _message(shop: Store, language: str) -> Letter:
    written = SimpleNamespace(
        name="Ines Rowan",
        email="ines@example.com",
        text="Hello,\n\nis the cobalt mug dishwasher-safe?",
        created_at=_today(),
    )
    return _letter(
        "contact/message",
        _("%(name)s writes", name=written.name),
        message=written,
        number="",
        order_url="",
    )


def _alarm(shop: Store, language: str) -> Letter:
    return _letter(
        "protection/alarm",
        _("Many cards are being declined in your shop"),
        declined=31,
        until=_today() + timedelta(hours=6),
        admin_url=f"{settings().url}/admin/settings/protection",
    )


def _letter(template: str, subject: Any, **facts: Any) -> Letter:
    return Letter(to="", subject=subject, template=template, **facts)


def _today() -> datetime:
    return now().replace(second=0, microsecond=0)


_PARCEL = SimpleNamespace(
    carrier="Royal Mail",
    tracking_number="QX 1234 5678 9GB",
    tracking_url="https://www.royalmail.com/track-your-item",
)
_WAITS = {"number": None, "paid_at": None}
_SAMPLES: dict[str, Callable[[Store, str], Letter]] = {
    "order_confirmation": _of_order(
        "confirmation", lambda order: _("Order %(number)s is confirmed", number=order.number)
    ),
    "order_awaiting_bank": _of_order(
        "awaiting_bank",
        lambda order: _(
            "Order %(reference)s: we are waiting for your bank", reference=order.reference
        ),
        state=OrderState.AWAITING_BANK,
        **_WAITS,
    ),
    "order_payment_failed": _of_order(
        "payment_failed",
        lambda order: _(
            "Order %(reference)s: your payment did not go through", reference=order.reference
        ),
        state=OrderState.PENDING_PAYMENT,
        **_WAITS,
    ),
    "order_awaiting_money": _of_order(
        "awaiting_money",
        lambda order: _("Order %(reference)s: how to pay it", reference=order.reference),
        state=OrderState.AWAITING_MONEY,
        pay_by=PayBy.BANK_TRANSFER,
        instructions="IBAN GB33 BUKB 2020 1555 5555 55",
        expires_at=now() + timedelta(days=7),
        **_WAITS,
    ),
    "order_authorized": _of_order(
        "authorized",
        lambda order: _("We have your order %(reference)s", reference=order.reference),
        state=OrderState.AUTHORIZED,
        **_WAITS,
    ),
    "order_ended": _of_order(
        "ended",
        lambda order: _(
            "Order %(reference)s has ended without a payment", reference=order.reference
        ),
        state=OrderState.EXPIRED,
        **_WAITS,
    ),
    "order_fulfilled": _of_order(
        "sent", lambda order: _("Order %(number)s is on its way", number=order.number)
    ),
    "order_canceled": _of_order(
        "canceled", lambda order: _("Order %(number)s is canceled", number=order.number)
    ),
    "order_refunded": _refunded,
    "gift_card": _gift_card,
    "back_in_stock": _back_in_stock,
    "review_invitation": _invitation,
    "review_refusal": _refusal,
    "abandoned_checkout": _reminder,
    "account_link": _link,
    "newsletter_confirmation": _newsletter("confirmation", _("Do you want the newsletter?")),
    "newsletter_welcome": _newsletter("welcome", _("You get the newsletter from now on")),
    "contact_message": _message,
    "protection_alarm": _alarm,
}

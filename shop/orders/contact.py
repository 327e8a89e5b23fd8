"""Putting right where an order goes and whom the shop writes to, as long as nothing of it is sent.

What was paid stays: the country, the taxes, and a way of delivery that the shop has there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shop.addresses import Address
from shop.orders.event_kinds import EventKind
from shop.orders.models import Order
from shop.orders.service import note
from shop.orders.states import FulfillmentState, OrderState
from shop.pricing import discount_service as discounts
from shop.pricing import queries as pricing
from shop.pricing.places import Destination
from shop.store.queries import Store

#: Whose buyer has told everything. One that pays still is changed at its own checkout.
_SETTLED = (
    OrderState.AWAITING_BANK,
    OrderState.AWAITING_MONEY,
    OrderState.AUTHORIZED,
    OrderState.PAID,
    OrderState.PAYMENT_REVIEW,
)
_UNTOUCHED = (FulfillmentState.UNFULFILLED, FulfillmentState.NOTHING_TO_SEND)


class NotChangeable(Exception):
    """Something of the order is sent, or it is not agreed yet, or over."""


class OtherTaxes(Exception):
    """The new address is taxed otherwise than the one that was paid for."""


class NotSentThere(Exception):
    """The way of delivery that was paid is not offered at the new address."""


@dataclass(frozen=True)
class Contact:
    email: str
    phone: str
    #: Empty but for what taxes need, where nothing is sent.
    address: Address

    @classmethod
    def of(cls, order: Order) -> Contact:
        return cls(order.email, order.phone, order.address)

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Contact:
        """From what `values` gives."""
        parts = dict(values)
        return cls(parts.pop("email"), parts.pop("phone"), Address(**parts))

    @property
    def values(self) -> dict[str, str]:
        """By the order's columns."""
        return {"email": self.email, "phone": self.phone, **asdict(self.address)}

    @property
    def destination(self) -> Destination:
        return Destination(self.address.country, self.address.region, self.address.postal_code)


def is_changeable(order: Order) -> bool:
    return order.state in _SETTLED and order.fulfillment_state in _UNTOUCHED


def change(order: Order, contact: Contact, shop: Store, *, by: int) -> bool:
    """Whether anything differed. The caller holds the order's row lock and, where the shop takes
    its taxes from Stripe, has had both destinations asked.

    Raises NotChangeable, OtherTaxes and NotSentThere; nothing is changed then.
    """
    if not is_changeable(order):
        raise NotChangeable
    old = Contact.of(order)
    _check_place(order, old.destination, contact.destination, shop)
    changes: dict[str, Any] = {
        name: [old.values[name], value]
        for name, value in contact.values.items()
        if old.values[name] != value
    }
    for name, (_before, after) in changes.items():
        setattr(order, name, after)
    if "email" in changes:
        discounts.change_email(order.id, contact.email)
    if changes:
        note(order, EventKind.CONTACT_CHANGED, by=by, **changes)
    return bool(changes)


def _check_place(order: Order, old: Destination, new: Destination, shop: Store) -> None:
    if old == new:
        return
    if old.country != new.country:
        raise OtherTaxes
    taxes = [pricing.tax_rules(each, shop, vat_number=order.vat_number) for each in (old, new)]
    if taxes[0] != taxes[1]:
        raise OtherTaxes
    if order.collect_from:
        return
    before, after = (pricing.shipping_options(each, shop.selling) for each in (old, new))
    if before != after and order.shipping_name not in {option.name for option in after}:
        raise NotSentThere

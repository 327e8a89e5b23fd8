"""From a checkout and a priced cart to an order: which one to use, replace or place."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

import sqlalchemy as sa

from shop.accounts import queries as accounts
from shop.addresses import Address
from shop.cart.service import CartLine, CartView
from shop.checkout.models import Checkout
from shop.clock import now
from shop.extensions import db
from shop.inventory import queries as stock
from shop.orders import queries as order_queries
from shop.orders import service as orders
from shop.orders.models import Order
from shop.orders.placement import Buyer, OfflinePayment, OrderedLine, Placement
from shop.orders.states import OrderState
from shop.payments.service import reservation_until
from shop.pricing import queries as pricing
from shop.pricing.discount_queries import NOBODY, Shopper
from shop.pricing.places import Destination
from shop.pricing.quote import Quote, QuoteLine
from shop.pricing.shipping import ShippingOption
from shop.pricing.tax import TaxRules
from shop.protection import service as protection
from shop.protection.service import Visitor
from shop.store.queries import Store

WHOLE_ADDRESS = frozenset(field.name for field in fields(Address))
#: What of it its taxes depend on.
TAX_PLACE = frozenset({"country", "region", "postal_code"})
DEAD = (OrderState.EXPIRED, OrderState.CANCELED)


@dataclass(frozen=True)
class Decision:
    """What pressing "Pay" means for this checkout now."""

    order_id: int
    #: In the order's addresses.
    token: str
    #: The order is paid, or its money is on the way: there is nothing to pay.
    is_settled: bool = False
    #: The order was placed for another cart or address and must make room first.
    is_outdated: bool = False


def checkout_by_token(token: str | None) -> Checkout | None:
    if token is None:
        return None
    return db.session.scalars(sa.select(Checkout).where(Checkout.token == token)).first()


def new_checkout() -> Checkout:
    checkout = Checkout(token=secrets.token_urlsafe(24))
    db.session.add(checkout)
    return checkout


def asked_of(cart: CartView) -> frozenset[str]:
    """The fields of an address that the cart needs: all to send it, the place to tax it, and the
    name alone for what is neither, as gift cards.
    """
    if cart.needs_parcel:
        return WHOLE_ADDRESS
    return TAX_PLACE | {"name"} if cart.is_taxed else frozenset({"name"})


def has_details(checkout: Checkout, cart: CartView) -> bool:
    """Whether all that this cart needs has been told."""
    told = {name for name in ("name", "line1", "country") if getattr(checkout, name)}
    return bool(checkout.email) and asked_of(cart) & {"name", "line1", "country"} <= told


def save_buyer(checkout: Checkout, buyer: Buyer, asked: Iterable[str]) -> None:
    """What was not asked stays, for a cart that needs it."""
    checkout.email, checkout.phone = buyer.email, buyer.phone
    checkout.vat_number = buyer.vat_number
    for name in asked:
        setattr(checkout, name, getattr(buyer.address, name))


def save_billing(checkout: Checkout, address: Address | None) -> None:
    """None: the bill goes where the goods go."""
    checkout.billing = asdict(address) if address and address != checkout.address else {}


def buyer_of(checkout: Checkout, cart: CartView) -> Buyer:
    asked = {name: getattr(checkout, name) for name in asked_of(cart)}
    address = replace(Address("", ""), **asked)
    return Buyer(checkout.email, address, checkout.phone, checkout.vat_number)


def destination_of(checkout: Checkout) -> Destination:
    return Destination(checkout.country, checkout.region, checkout.postal_code)


def tax_rules(checkout: Checkout, shop: Store) -> TaxRules:
    """The caller has had Stripe asked, where the shop goes by that."""
    return pricing.tax_rules(destination_of(checkout), shop, vat_number=checkout.vat_number)


def chosen_option(checkout: Checkout, options: list[ShippingOption]) -> ShippingOption | None:
    """The shopper's choice, else the cheapest; none where the shop does not send there."""
    chosen = [option for option in options if option.rate_id == checkout.shipping_rate_id]
    return next(iter(chosen or options), None)


def quote_for(cart: CartView, option: ShippingOption, tax: TaxRules) -> Quote:
    return cart.quote(shipping=option.cost(cart.parcel), tax=tax)


def placement_of(
    checkout: Checkout,
    cart: CartView,
    quoted: Quote,
    option: ShippingOption,
    *,
    language: str,
    shop_address: str = "",
    offline: OfflinePayment | None = None,
) -> Placement:
    """Everything the shopper agrees to by pressing "Pay"."""
    return Placement(
        buyer=buyer_of(checkout, cart),
        lines=tuple(
            _ordered(line, priced) for line, priced in zip(cart.buyable, quoted.lines, strict=True)
        ),
        bill=quoted.bill,
        steps=quoted.steps,
        shipping_name=option.name,
        shipping_min_days=option.min_days,
        shipping_max_days=option.max_days,
        collect_from=shop_address if option.is_pickup else "",
        billing=checkout.billing_address,
        offline=offline,
        note=checkout.note,
        gift_message=checkout.gift_message,
        gift_email=checkout.gift_email if cart.has_gift_cards else "",
        gift_cards=quoted.gift_cards,
        language=language,
    )


def order_for(visitor: Visitor, placement: Placement) -> Decision:
    """The order of this checkout for exactly this agreement, placed if there is none.

    Two presses, two tabs or a reload find the first one's order: the checkout's row is locked.
    Raises as orders.place, and protection's Refused; the caller's transaction must then roll back.
    """
    checkout_id = visitor.checkout_id
    account_id = _lock(checkout_id)
    latest = order_queries.latest_of_checkout(checkout_id)
    if latest is not None and latest.state not in DEAD:
        if latest.state != OrderState.PENDING_PAYMENT and _is_same_cart(latest, placement):
            return Decision(latest.id, latest.token, is_settled=True)
        if latest.state == OrderState.PENDING_PAYMENT:
            is_same = latest.fingerprint == placement.fingerprint
            return Decision(latest.id, latest.token, is_outdated=not is_same)
    rules = protection.admit(visitor, placement.quantities)
    revision = latest.revision + 1 if latest else 1
    order = orders.place(
        placement,
        checkout_id=checkout_id,
        account_id=account_id,
        revision=revision,
        # Also without a payment page the stock is not held for ever.
        expires_at=now() + rules.hold if rules.hold else reservation_until(),
    )
    protection.remember(order.id, visitor, rules)
    return Decision(order.id, order.token)


def settled_order(checkout: Checkout, cart: CartView) -> Order | None:
    """The order by which this very cart is paid already, though the cookie still has it."""
    latest = order_queries.latest_of_checkout(checkout.id)
    if latest is None or latest.state in DEAD or latest.state == OrderState.PENDING_PAYMENT:
        return None
    wanted = {line.variant_id: line.wanted for line in cart.lines}
    return latest if _quantities(latest) == wanted else None


def shopper_of(checkout: Checkout | None, *, told_email: str = "") -> Shopper:
    """`told_email`: of whose orders a placing has told already."""
    if checkout is None:
        return NOBODY
    return Shopper(
        email=checkout.email,
        has_ordered=bool(checkout.email) and order_queries.has_ordered(checkout.email),
        unpaid_order_id=order_queries.unpaid_of_checkout(checkout.id),
        is_known=told_email == checkout.email or _is_own_address(checkout),
    )


def _is_own_address(checkout: Checkout) -> bool:
    """Whether it was typed by the account that has proved it."""
    account = accounts.account(checkout.account_id)
    return account is not None and account.email == checkout.email.casefold()


def held_units(checkout_id: int) -> dict[int, int]:
    """Units by variant that the checkout's unpaid order keeps for its shopper."""
    unpaid_order_id = order_queries.unpaid_of_checkout(checkout_id)
    return stock.held_for(unpaid_order_id) if unpaid_order_id else {}


def _lock(checkout_id: int) -> int | None:
    """Whose account it is in."""
    row = sa.select(Checkout.account_id).where(Checkout.id == checkout_id).with_for_update()
    return db.session.execute(row).scalar_one()


def _is_same_cart(order: Order, placement: Placement) -> bool:
    """Who pays twice for the same things by pressing twice has not ordered twice."""
    return _quantities(order) == placement.quantities


def _quantities(order: Order) -> dict[int, int]:
    return {line.variant_id: line.quantity for line in order.lines if line.variant_id is not None}


def _ordered(line: CartLine, priced: QuoteLine) -> OrderedLine:
    return OrderedLine(
        variant_id=line.variant_id,
        title=line.title,
        options=line.options,
        sku=line.sku,
        file=line.file,
        unit=line.unit,
        quantity=line.quantity,
        discount=priced.discount,
        total=priced.total,
        tax=priced.tax,
        is_gift_card=line.is_gift_card,
        backordered=line.backordered,
        promised_on=line.promised_on,
    )

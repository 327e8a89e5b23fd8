"""Everything the shop keeps about a person, as one file for that person."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from shop.accounts.models import Account, AccountSession
from shop.address_book.models import SavedAddress
from shop.alerts.models import StockAlert
from shop.cart.saved import saved_cart
from shop.catalog.models import Product, Variant
from shop.checkout.models import Checkout
from shop.contact.models import ContactMessage
from shop.extensions import Model, db
from shop.gift_cards.models import GiftCard
from shop.newsletter.models import Subscriber
from shop.orders.models import Order
from shop.payments.models import Payment
from shop.recovery.models import AbandonedCheckout
from shop.reviews.models import InvitationObjection, Review, ReviewPhoto
from shop.wishlist.models import Wish, Wishlist

#: What is the shop's own, or opens something: links, keys, digests.
_OWN = {
    "id", "account_id", "checkout_id", "order_id", "product_id", "variant_id", "line_item_id",
    "token", "share_token", "key", "seed", "code_digest", "fingerprint", "steps", "fs_uniquifier",
    "password", "payment_intent_id", "version",
}  # fmt: skip


def orders_of(account: Account) -> list[Order]:
    """With their lines: those of the account, and those of its address that are nobody's."""
    return list(
        db.session.scalars(
            sa.select(Order)
            .where(
                sa.or_(
                    Order.account_id == account.id,
                    sa.and_(
                        Order.account_id.is_(None), sa.func.lower(Order.email) == account.email
                    ),
                )
            )
            .order_by(Order.id)
            .options(selectinload(Order.lines))
        )
    )


def data_of(account: Account) -> dict[str, Any]:
    """By kind; amounts are in minor units of their currency, times in UTC."""
    orders = orders_of(account)
    order_ids = [order.id for order in orders]
    mine, here = account.id, account.email
    return {
        "account": _row(account) | {"has_password": account.password is not None},
        "signed_in_browsers": _rows(AccountSession, AccountSession.account_id == mine),
        "addresses": _rows(SavedAddress, SavedAddress.account_id == mine),
        "orders": [
            _row(order) | {"lines": [_row(line) for line in order.lines]} for order in orders
        ],
        "payments": _rows(Payment, Payment.order_id.in_(order_ids)),
        "checkouts": _rows(Checkout, _is_checkout_of(account)),
        "reviews": _rows(Review, Review.order_id.in_(order_ids)),
        "no_more_invitations_to_review": _rows(
            InvitationObjection, InvitationObjection.email == here
        ),
        "wishlist": _wishes(mine),
        "basket": [
            {"product": title, "quantity": saved_cart(mine).quantities[variant_id]}
            for variant_id, title in _titles(saved_cart(mine).quantities)
        ],
        "store_credit_and_gift_cards": _rows(GiftCard, GiftCard.email == here),
        "stock_alerts": _rows(StockAlert, StockAlert.email == here),
        "reminders_of_checkouts": _rows(
            AbandonedCheckout,
            sa.or_(
                AbandonedCheckout.email == here,
                AbandonedCheckout.checkout_id.in_(
                    sa.select(Checkout.id).where(_is_checkout_of(account))
                ),
            ),
        ),
        "newsletter": _rows(Subscriber, Subscriber.email == here),
        "messages_to_the_shop": _rows(ContactMessage, sa.func.lower(ContactMessage.email) == here),
    }


def archive_of(account: Account, media: Path) -> bytes:
    """A ZIP of data.json and the photos of the person's reviews."""
    order_ids = [order.id for order in orders_of(account)]
    files = db.session.scalars(
        sa.select(ReviewPhoto.file)
        .join(Review, Review.id == ReviewPhoto.review_id)
        .where(Review.order_id.in_(order_ids))
    ).all()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(data_of(account), indent=2, ensure_ascii=False, default=_plain)
        archive.writestr("data.json", text)
        for base in files:
            largest = max(
                media.glob(f"{base}-*.jpg"), key=lambda file: file.stat().st_size, default=None
            )
            if largest is not None:
                archive.write(largest, f"photos/{largest.name}")
    return buffer.getvalue()


def _is_checkout_of(account: Account) -> sa.ColumnElement[bool]:
    return sa.or_(Checkout.account_id == account.id, sa.func.lower(Checkout.email) == account.email)


def _rows(model: type[Model], condition: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    found = db.session.scalars(sa.select(model).where(condition))
    return [_row(row) for row in found]


def _row(row: Model) -> dict[str, Any]:
    columns = sa.inspect(row).mapper.column_attrs
    return {column.key: getattr(row, column.key) for column in columns if column.key not in _OWN}


def _wishes(account_id: int) -> list[dict[str, Any]]:
    rows = db.session.execute(
        sa.select(Product.title, Wish.added_at)
        .join(Variant, Variant.id == Wish.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .join(Wishlist, Wishlist.id == Wish.wishlist_id)
        .where(Wishlist.account_id == account_id)
    )
    return [{"product": row.title, "added_at": row.added_at} for row in rows]


def _titles(variant_ids: Iterable[int]) -> list[tuple[int, str]]:
    rows = db.session.execute(
        sa.select(Variant.id, Product.title)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id.in_(list(variant_ids)))
    )
    return [(row.id, row.title) for row in rows]


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)

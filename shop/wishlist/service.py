"""Changes of wishlists, in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from shop import audit
from shop.catalog.models import Product, ProductStatus, Variant
from shop.clock import now
from shop.extensions import db
from shop.wishlist import queries
from shop.wishlist.models import Wish, Wishlist

MAX_WISHES = 500
#: Longer than the session's cookie lives, so that no list goes before its owner.
KEPT_FOR = timedelta(days=400)


class WishlistFull(Exception):
    """The list has MAX_WISHES variants already."""


class NotForSale(Exception):
    """There is no such variant in the shop."""


def new_wishlist() -> Wishlist:
    wishlist = Wishlist(token=secrets.token_urlsafe(24))
    db.session.add(wishlist)
    db.session.flush()
    return wishlist


def add(wishlist: Wishlist, variant_id: int) -> None:
    """Put it on the list, once. Raises NotForSale, WishlistFull."""
    _lock(wishlist)
    if db.session.get(Wish, (wishlist.id, variant_id)) is not None:
        return
    amount = db.session.scalar(
        sa.select(Variant.unit_amount)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id == variant_id, Product.status == ProductStatus.PUBLISHED)
    )
    if amount is None:
        raise NotForSale
    if queries.count(wishlist.id) >= MAX_WISHES:
        raise WishlistFull
    db.session.add(Wish(wishlist_id=wishlist.id, variant_id=variant_id, unit_amount=amount))
    wishlist.changed_at = now()
    db.session.flush()


def remove(wishlist: Wishlist, variant_ids: Collection[int]) -> None:
    db.session.execute(
        sa.delete(Wish)
        .where(Wish.wishlist_id == wishlist.id, Wish.variant_id.in_(variant_ids))
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    wishlist.changed_at = now()


def remove_product(wishlist: Wishlist, product_id: int) -> None:
    """All of the product's variants."""
    of_product = sa.select(Variant.id).where(Variant.product_id == product_id)
    remove(wishlist, list(db.session.scalars(of_product)))


def share(wishlist: Wishlist) -> None:
    """A new link for others; one that was given before leads nowhere from now on."""
    wishlist.share_token = secrets.token_urlsafe(18)
    wishlist.changed_at = now()


def stop_sharing(wishlist: Wishlist) -> None:
    wishlist.share_token = None
    wishlist.changed_at = now()


def adopt(account_id: int, guests: Wishlist | None) -> Wishlist | None:
    """The account's list, with what the guest's held; the guest's is the account's where it had
    none. A list of another account is left alone.
    """
    own = queries.of_account(account_id)
    if guests is None or guests.account_id is not None:
        return own
    if own is None:
        guests.account_id = account_id
        return guests
    _lock(own)
    there = sa.select(Wish.variant_id).where(Wish.wishlist_id == own.id)
    new = db.session.scalars(
        sa.select(Wish.variant_id)
        .where(Wish.wishlist_id == guests.id, Wish.variant_id.not_in(there))
        .order_by(Wish.added_at.desc(), Wish.variant_id.desc())
        .limit(MAX_WISHES - queries.count(own.id))
    ).all()
    db.session.execute(
        sa.update(Wish)
        .where(Wish.wishlist_id == guests.id, Wish.variant_id.in_(new))
        .values(wishlist_id=own.id)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        sa.delete(Wishlist)
        .where(Wishlist.id == guests.id)
        .execution_options(synchronize_session=False)
    )
    own.changed_at = now()
    return own


def keep_wishes(product_id: int, variant_ids: Collection[int]) -> list[Any]:
    """Of a product that is deleted. A list is known by its day too: ids may be given again."""
    rows = db.session.execute(
        sa.select(Wish, Wishlist.created_at)
        .join(Wishlist, Wishlist.id == Wish.wishlist_id)
        .where(Wish.variant_id.in_(variant_ids))
        .order_by(Wish.wishlist_id, Wish.variant_id)
    )
    return [[audit.values_of(wish), made_at.isoformat()] for wish, made_at in rows]


def restore_wishes(kept: Sequence[Any], product_id: int, variants: Mapping[int, int]) -> None:
    """On the lists that are still there and have room."""
    for values, made_at in kept:
        wishlist = db.session.get(Wishlist, values["wishlist_id"], with_for_update=True)
        if wishlist is None or wishlist.created_at.isoformat() != made_at:
            continue
        if queries.count(wishlist.id) < MAX_WISHES:
            variant_id = variants[values["variant_id"]]
            db.session.add(audit.remade(Wish, dict(values, variant_id=variant_id)))
            db.session.flush()


def forget_old() -> None:
    """Lists of nobody's account that were not changed for KEPT_FOR."""
    db.session.execute(
        sa.delete(Wishlist)
        .where(Wishlist.account_id.is_(None), Wishlist.changed_at < now() - KEPT_FOR)
        .execution_options(synchronize_session=False)
    )


def _lock(wishlist: Wishlist) -> None:
    """Two at once must not pass the limit together, nor put the same variant on it twice."""
    db.session.execute(
        sa.select(Wishlist.id).where(Wishlist.id == wishlist.id).with_for_update()
    ).one()

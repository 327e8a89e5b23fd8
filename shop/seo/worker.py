"""Keeps the file of the product feed as the catalog is, for the worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from shop.catalog import journal
from shop.clock import now
from shop.extensions import db
from shop.pricing.places import Destination
from shop.pricing.queries import delivery_calendar, shipping_options
from shop.seo import feed, queries
from shop.seo.feedfile import FeedFile, State
from shop.store import queries as stores
from shop.store.currencies import Currency

#: The catalog is looked at so often, and the file written no more often.
FEED_EVERY = timedelta(minutes=15)
#: Products read at a time.
PART = 500
#: Characters written at a time: a write for each item would cost more than making it.
_BLOCK = 65_536


def keep_feeds(data_folder: Path, url: str) -> None:
    """One for each currency that shoppers can choose."""
    shop = stores.current()
    for currency in shop.offered.values():
        keep_feed(data_folder, url, currency)


def keep_feed(data_folder: Path, url: str, currency: Currency | None = None) -> bool:
    """Whether the file was written anew: the catalog, its pictures or what the shop says of itself
    are not what the file tells. Where another worker is at it, or was just now, nothing happens.
    Without a currency: the shop's own.
    """
    file = FeedFile(data_folder, "" if currency is None or currency.is_base else currency.code)
    with file.locked() as is_ours:
        if not is_ours:
            return False
        at, state = now().timestamp(), file.state()
        # Half: two workers' turns never fall into one interval, and one's own is never missed.
        if state and at - state.checked_at < FEED_EVERY.total_seconds() / 2:
            return False
        seller = seller_now(url, currency)
        mark, place = _mark(seller), journal.place()
        if state and state.mark == mark and not _has_changed(state, at):
            place = state.place
            is_written = False
        else:
            file.write(blocks(document(seller)))
            is_written = True
        file.keep_state(State(place.stamp, sorted(place.read), mark, at))
        return is_written


def seller_now(url: str, currency: Currency | None = None) -> feed.Seller:
    """Two queries."""
    store = stores.current()
    selling = currency or store.base
    shipping = shipping_options(Destination(store.country), selling)
    today = delivery_calendar(store).today(now())
    return feed.Seller(store.name, url, store.country, selling, tuple(shipping), today)


def document(seller: feed.Seller) -> Iterator[str]:
    yield feed.head(seller)
    for listings in queries.feed_parts(seller.currency, PART):
        for listing in listings:
            yield from feed.items(listing, seller)
    yield feed.TAIL


def blocks(parts: Iterable[str], size: int = _BLOCK) -> Iterator[str]:
    block: list[str] = []
    length = 0
    for part in parts:
        block.append(part)
        length += len(part)
        if length >= size:
            yield "".join(block)
            block, length = [], 0
    yield "".join(block)


def _mark(seller: feed.Seller) -> str:
    text = f"{seller!r} {queries.pictures_mark()}"
    return hashlib.sha256(text.encode()).hexdigest()


def _has_changed(state: State, at: float) -> bool:
    """Also where changes may have been forgotten since somebody looked."""
    is_forgotten = at - state.checked_at > journal.KEPT_FOR.total_seconds() / 2
    has_changed = is_forgotten or journal.changes_since(state.place) is not None
    db.session.rollback()
    return has_changed

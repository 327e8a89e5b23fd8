"""Changes of an address book, in the caller's transaction. One address is the default, where there
are any.
"""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from shop.accounts.models import Account
from shop.address_book import queries
from shop.address_book.models import SavedAddress
from shop.addresses import Address
from shop.extensions import db

MAX_ADDRESSES = 20


class BookFull(Exception):
    """The book has MAX_ADDRESSES already."""


def add(account_id: int, address: Address, phone: str = "") -> SavedAddress:
    """Keep it; the same one is kept once. Raises BookFull."""
    _lock(account_id)
    saved = queries.addresses_of(account_id)
    same = next((one for one in saved if one.address == address), None)
    if same is not None:
        return same
    if len(saved) >= MAX_ADDRESSES:
        raise BookFull
    new = SavedAddress(account_id=account_id, is_default=not saved, phone=phone, **asdict(address))
    db.session.add(new)
    db.session.flush()
    return new


def change(saved: SavedAddress, address: Address, phone: str) -> None:
    for name, value in asdict(address).items():
        setattr(saved, name, value)
    saved.phone = phone


def make_default(saved: SavedAddress) -> None:
    _lock(saved.account_id)
    db.session.execute(
        sa.update(SavedAddress)
        .where(SavedAddress.account_id == saved.account_id, SavedAddress.is_default)
        .values(is_default=False)
    )
    saved.is_default = True
    db.session.flush()


def remove(saved: SavedAddress) -> None:
    """The newest of the others takes the place of a default."""
    _lock(saved.account_id)
    account_id, was_default = saved.account_id, saved.is_default
    db.session.delete(saved)
    db.session.flush()
    left = queries.addresses_of(account_id)
    if was_default and left:
        make_default(left[0])


def _lock(account_id: int) -> None:
    db.session.execute(sa.select(Account.id).where(Account.id == account_id).with_for_update())

"""Reading saved addresses."""

from __future__ import annotations

import sqlalchemy as sa

from shop.address_book.models import SavedAddress
from shop.addresses import Address
from shop.extensions import db


def addresses_of(account_id: int) -> list[SavedAddress]:
    """The default first, then the newest."""
    return list(
        db.session.scalars(
            sa.select(SavedAddress)
            .where(SavedAddress.account_id == account_id)
            .order_by(SavedAddress.is_default.desc(), SavedAddress.id.desc())
        )
    )


def address_of(account_id: int, address_id: int) -> SavedAddress | None:
    """None where it is somebody else's."""
    return db.session.scalar(
        sa.select(SavedAddress).where(
            SavedAddress.id == address_id, SavedAddress.account_id == account_id
        )
    )


def default_of(account_id: int) -> SavedAddress | None:
    return db.session.scalar(
        sa.select(SavedAddress).where(
            SavedAddress.account_id == account_id, SavedAddress.is_default
        )
    )


def is_saved(account_id: int, address: Address) -> bool:
    return any(saved.address == address for saved in addresses_of(account_id))

"""The shop's own settings, readable before a merchant has made any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa

from shop.extensions import db
from shop.store.models import StoreSettings


@dataclass(frozen=True)
class Store:
    """What every page knows of the shop; the defaults stand in until it is set up."""

    name: str = "Till"
    legal_name: str = ""
    currency: str = "GBP"
    country: str = "GB"
    contact_email: str = ""
    #: Codes; the first is the shop's own.
    languages: Sequence[str] = ("en",)
    tagline: str = ""
    announcement: str = ""
    announcement_url: str = ""


_CURRENT = sa.select(*(getattr(StoreSettings, field.name) for field in fields(Store)))


def current() -> Store:
    row = db.session.execute(_CURRENT).first()
    return Store(*row) if row else Store()

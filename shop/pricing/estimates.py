"""What pages tell before an address is known: where the shop sends to, and what delivery and taxes
are in a country. Kept in this process until the rates change; what is agreed to is read anew.
"""

from __future__ import annotations

from shop.pricing import queries
from shop.pricing.places import Destination
from shop.pricing.shipping import Parcel, ShippingOption
from shop.pricing.tax import TaxRules
from shop.store.currencies import Currency
from shop.web.countries import country_names
from shop.web.locale import locale_name
from shop.web.visit import kept


def served_countries() -> dict[str, str]:
    """Code -> name in the reader's language, sorted by name."""
    return kept(("served", locale_name()), lambda: queries.served_names(country_names()))


def ways_to(country: str, currency: Currency) -> list[ShippingOption]:
    """Of delivery, the cheapest first."""
    return kept(
        ("shipping", country, currency.code),
        lambda: queries.shipping_options(Destination(country), currency),
    )


def cheapest_way(
    country: str, currency: Currency, parcel: Parcel | None = None
) -> ShippingOption | None:
    """None where the shop does not send, or not this parcel. Without one, what stands first."""
    ways = ways_to(country, currency)
    carried = ways if parcel is None else queries.carrying(parcel, ways, currency)
    return next(iter(carried), None)


def taxes_of(country: str) -> TaxRules:
    return kept(("tax", country), lambda: queries.tax_for(Destination(country)))

"""What sending a product costs, and how long that takes, in schema.org's words.

Source: Google Search Central, merchant listing: OfferShippingDetails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shop.catalog.product_page import VariantRow
from shop.money import plain_amount
from shop.pricing.shipping import Parcel, ShippingOption, cheapest_sent


@dataclass(frozen=True)
class Delivery:
    """To the shop's own country."""

    options: Sequence[ShippingOption]
    country: str
    #: Open days that packing takes.
    handling_days: int

    def details(self, row: VariantRow) -> dict[str, Any] | None:
        """Of one unit alone, sent the cheapest way; none where it is not sent."""
        if not row.requires_shipping:
            return None
        parcel = Parcel(row.price, row.weight_grams, 1)
        way = cheapest_sent(self.options, parcel)
        if way is None:
            return None
        cost = way.cost(parcel)
        return {
            "@type": "OfferShippingDetails",
            "@id": f"#delivery-{way.rate_id}-{cost.amount}",
            "shippingRate": {
                "@type": "MonetaryAmount",
                "value": plain_amount(cost),
                "currency": cost.currency,
            },
            "shippingDestination": {"@type": "DefinedRegion", "addressCountry": self.country},
            "deliveryTime": {
                "@type": "ShippingDeliveryTime",
                # What is ordered after the cut-off is packed from the next day on.
                "handlingTime": _days(self.handling_days, self.handling_days + 1),
                "transitTime": _days(way.min_days, way.max_days),
            },
        }


def _days(least: int, most: int) -> dict[str, Any]:
    return {"@type": "QuantitativeValue", "minValue": least, "maxValue": most, "unitCode": "DAY"}

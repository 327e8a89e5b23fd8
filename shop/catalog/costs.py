"""What variants cost the shop. No shopper sees it; it values what is in stock."""

from __future__ import annotations

from shop import audit
from shop.catalog.models import Variant
from shop.extensions import db


def change_cost(variant_id: int, cost_amount: int | None, *, by: int | None) -> None:
    """In minor units of the shop's currency; none: not known."""
    variant = db.session.get_one(Variant, variant_id)
    was = variant.cost_amount
    if was == cost_amount:
        return
    variant.cost_amount = cost_amount
    audit.record(
        by,
        "variant.cost_changed",
        subject_kind="variant",
        subject_id=variant_id,
        cost_amount=[was, cost_amount],
    )
    db.session.flush()

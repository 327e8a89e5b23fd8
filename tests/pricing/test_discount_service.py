"""Who may use a discount: limits that hold, and uses that come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.catalog.models import Variant
from shop.clock import now
from shop.database import transaction
from shop.extensions import db
from shop.orders import service as orders
from shop.orders.models import Order
from shop.payments.service import reservation_until
from shop.pricing import discount_queries as queries
from shop.pricing import discount_service as service
from shop.pricing.discount_models import DiscountUse, StoredDiscount
from shop.pricing.discount_queries import NotNow, Shopper
from shop.pricing.discount_service import DiscountGone
from shop.store.currencies import Currency
from tests.factories import (
    make_checkout,
    make_discount,
    make_placement,
    make_variant,
    stock_of,
)
from tests.rush import place_at_once

GBP = Currency("GBP")


def place(code: str, variant: Variant, email: str = "ines@example.com") -> Order:
    offered = queries.offer(code, now(), GBP)
    return orders.place(
        make_placement(variant, discounts=offered.discounts, email=email),
        checkout_id=make_checkout().id,
        revision=1,
        expires_at=reservation_until(),
    )


def uses(discount: StoredDiscount) -> tuple[int, int]:
    """As counted, and as written down."""
    rows = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(DiscountUse)
        .where(DiscountUse.discount_id == discount.id)
    )
    db.session.refresh(discount)
    return discount.used_count, rows or 0


def test_an_order_carries_the_code_it_was_placed_with(app: Flask) -> None:
    discount = make_discount()

    order = place("MUG10", make_variant(unit_amount=3400))

    assert uses(discount) == (1, 1)
    assert (order.discount_amount, order.total_amount) == (340, 3510)
    assert order.discount_lines == [
        {"discount_id": discount.id, "title": "Ten off", "code": "MUG10", "amount": 340}
    ]


@pytest.mark.parametrize("end", ["expire", "cancel"])
def test_an_order_that_dies_unpaid_gives_its_code_back(app: Flask, end: str) -> None:
    discount = make_discount(limit_total=1)
    order = place("MUG10", make_variant())

    if end == "expire":
        orders.expire(order)
    else:
        orders.cancel(order, reason="replaced")

    assert uses(discount) == (0, 0)
    service.release(order.id)
    assert uses(discount) == (0, 0)


def test_a_paid_order_keeps_its_code(app: Flask) -> None:
    discount = make_discount(limit_total=1)
    order = place("MUG10", make_variant())

    orders.mark_paid(order, at=now())

    assert uses(discount) == (1, 1)
    assert queries.offer("MUG10", now(), GBP).refusal is NotNow.USED_UP


def test_money_that_comes_late_takes_the_code_again(app: Flask) -> None:
    discount = make_discount(limit_total=1)
    order = place("MUG10", make_variant())
    orders.expire(order)

    orders.retake_stock(order)

    assert uses(discount) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"ends_at": now() - timedelta(seconds=1)},
        {"starts_at": now() + timedelta(days=1)},
        {"limit_total": 0},
    ],
)
def test_a_code_that_ended_meanwhile_moves_nothing(app: Flask, change: dict[str, object]) -> None:
    discount, variant = make_discount(), make_variant(on_hand=10)
    placement = make_placement(variant, discounts=queries.offer("MUG10", now(), GBP).discounts)
    checkout = make_checkout()
    for name, value in change.items():
        setattr(discount, name, value)
    db.session.flush()

    with pytest.raises(DiscountGone), db.session.begin_nested():
        orders.place(placement, checkout_id=checkout.id, revision=1, expires_at=reservation_until())

    assert uses(discount) == (0, 0)
    assert stock_of(variant) == (10, 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


@pytest.mark.parametrize("limit", [{"limit_per_customer": 1}, {"first_order_only": True}])
def test_one_customer_cannot_use_it_twice_in_another_spelling(
    app: Flask, limit: dict[str, object]
) -> None:
    discount, variant = make_discount(**limit), make_variant()
    place("MUG10", variant, email="ines@example.com")

    with pytest.raises(DiscountGone), db.session.begin_nested():
        place("MUG10", variant, email="Ines@Example.com")

    assert uses(discount) == (1, 1)
    again = queries.offer("MUG10", now(), GBP, Shopper("INES@example.com"))
    assert again.refusal is NotNow.USED_BY_YOU
    assert queries.offer("MUG10", now(), GBP, Shopper("noor@example.com")).refusal is None


def test_a_discount_for_certain_customers(app: Flask) -> None:
    code = make_discount(emails=["ines@example.com"])
    make_discount(None, title="For Ines", emails=["ines@example.com"])
    noor, ines = Shopper("noor@example.com"), Shopper("Ines@Example.com")

    assert queries.offer("MUG10", now(), GBP, noor).refusal is NotNow.NOT_YOURS
    assert queries.offer("MUG10", now(), GBP, ines).refusal is None
    # Nobody yet: the code may be tried, what comes by itself is not promised.
    unknown = queries.offer("MUG10", now(), GBP)
    assert unknown.refusal is None
    assert [one.code for one in unknown.discounts] == ["MUG10"]
    assert len(queries.offer("", now(), GBP, ines).discounts) == 1

    with pytest.raises(DiscountGone), db.session.begin_nested():
        place("MUG10", make_variant(), email="noor@example.com")
    assert uses(code) == (0, 0)
    place("MUG10", make_variant(), email="INES@example.com")
    assert uses(code) == (1, 1)


def test_what_the_own_unpaid_order_carries_is_still_offered(app: Flask) -> None:
    make_discount(limit_total=1, limit_per_customer=1)
    order = place("MUG10", make_variant())

    own = queries.offer("MUG10", now(), GBP, Shopper(order.email, unpaid_order_id=order.id))

    assert own.refusal is None
    assert queries.offer("MUG10", now(), GBP).refusal is NotNow.USED_UP


def test_why_a_code_is_no_good(app: Flask) -> None:
    at = now()
    make_discount("SOON", starts_at=at + timedelta(days=1))
    make_discount("LATE", ends_at=at)
    make_discount("OFF", is_active=False)
    make_discount("FIRST", first_order_only=True)

    def why(code: str) -> NotNow | None:
        return queries.offer(code, at, GBP, Shopper("a@example.com", has_ordered=True)).refusal

    assert [why(code) for code in ("SOON", "LATE", "OFF", "FIRST", "NONE", "")] == [
        NotNow.NOT_YET, NotNow.OVER, NotNow.OVER, NotNow.FIRST_ORDER_ONLY, NotNow.UNKNOWN, None,
    ]  # fmt: skip


def test_automatic_discounts_need_no_code(app: Flask) -> None:
    found = make_discount(None, title="Autumn")
    make_discount(None, is_active=False)
    make_discount("MUG10")

    assert [one.id for one in queries.offer("", now(), GBP).discounts] == [found.id]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (" mug10 ", "MUG10"),
        ("Mug 10", "MUG10"),
        ("MUG-10_a", "MUG-10_A"),
        ("MUG%", ""),
        ("ｍｕｇ", ""),
        ("M" * 41, ""),
        ("", ""),
    ],
)
def test_codes_are_read_in_any_case_and_with_blanks(typed: str, code: str) -> None:
    assert queries.tidy_code(typed) == code


def test_of_fifty_at_once_exactly_one_gets_a_single_use_code(own_database: Flask) -> None:
    with own_database.app_context(), transaction():
        variant = make_variant(on_hand=100)
        discount_id = make_discount(limit_total=1).id
        placements = [
            make_placement(
                variant,
                discounts=queries.offer("MUG10", now(), GBP).discounts,
                email=f"buyer{number}@example.com",
            )
            for number in range(50)
        ]

    told = place_at_once(own_database, placements, DiscountGone)

    with own_database.app_context():
        carrying = [one for one in db.session.scalars(sa.select(Order)) if one.discount_lines]
        assert len(carrying) == 1
        assert db.session.get_one(StoredDiscount, discount_id).used_count == 1
        assert db.session.scalars(sa.select(DiscountUse.order_id)).all() == [carrying[0].id]
    assert told == ["gone"] * 49 + ["placed"]

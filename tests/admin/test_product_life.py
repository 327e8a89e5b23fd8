"""A product archived, scheduled, copied and deleted, by its page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import current_app
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog import lifecycle
from shop.catalog import service as catalog
from shop.catalog.models import Product, ProductStatus
from shop.clock import now
from shop.extensions import db
from shop.inventory import service as inventory
from shop.orders import service as orders
from shop.store.models import StoreSettings
from shop.worker import keep_schedules
from tests.admin.editing import opened, save
from tests.factories import make_image, make_order, make_product, stock_of, variants_of

MORNING = datetime(2026, 7, 1, 8, tzinfo=UTC)


def fresh(product: Product) -> Product:
    return db.session.get_one(Product, product.id, populate_existing=True)


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Product)) or 0


def test_a_product_is_archived_and_brought_back(staff: FlaskClient) -> None:
    product = make_product(handle="mug")

    assert save(staff, product, opened(staff, product) | {"status": "archived"}).status_code == 303
    assert fresh(product).status == ProductStatus.ARCHIVED
    assert staff.get("/products/mug").status_code == 410
    assert "Archived" in staff.get(f"/admin/products/{product.id}").text
    assert save(staff, product, opened(staff, product) | {"status": "published"}).status_code == 303
    assert staff.get("/products/mug").status_code == 200
    assert actions() == [
        "product.unpublished", "product.archived", "product.unarchived", "product.published",
    ]  # fmt: skip


def test_a_moment_is_typed_by_the_shops_clock_and_kept(staff: FlaskClient) -> None:
    db.session.get_one(StoreSettings, 1).time_zone = "Europe/Berlin"
    product = make_product(published=False, handle="mug")
    db.session.commit()
    typed = {"publish_at": "2026-07-01T12:00", "unpublish_at": "2026-07-02T12:00"}

    response = save(staff, product, opened(staff, product) | typed)

    assert response.status_code == 303
    assert fresh(product).publish_at == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert product.unpublish_at == datetime(2026, 7, 2, 10, tzinfo=UTC)
    again = opened(staff, product)
    assert {name: again[name] for name in typed} == typed
    assert save(staff, product, again).status_code == 303
    assert actions() == ["product.scheduled"]


def test_a_page_in_memory_follows_the_schedule(staff: FlaskClient) -> None:
    product = make_product(published=False, handle="mug")
    product.publish_at = datetime(2026, 7, 1, 10, tzinfo=UTC)
    product.unpublish_at = datetime(2026, 7, 1, 11, tzinfo=UTC)
    db.session.commit()

    statuses = []
    for minute in (9 * 60 + 59, 10 * 60, 10 * 60 + 59, 11 * 60):
        hour, rest = divmod(minute, 60)
        with time_machine.travel(datetime(2026, 7, 1, hour, rest, 30, tzinfo=UTC), tick=False):
            keep_schedules()
            statuses += [staff.get("/products/mug").status_code for _ in range(2)]

    assert statuses == [404, 404, 200, 200, 200, 200, 410, 410]


def test_one_that_fails_keeps_no_other_out(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop.catalog import schedule

    first, second = make_product(published=False), make_product(published=False)
    first.publish_at = second.publish_at = MORNING
    db.session.commit()
    carry_out = schedule.carry_out

    def failing(product_id: int) -> None:
        if product_id == first.id:
            raise RuntimeError
        carry_out(product_id)

    monkeypatch.setattr(schedule, "carry_out", failing)
    ids = first.id, second.id
    keep_schedules()

    found = [db.session.get_one(Product, id_, populate_existing=True).status for id_ in ids]
    assert found == [ProductStatus.DRAFT, ProductStatus.PUBLISHED]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"publish_at": "tomorrow"}, "Choose a day and a time, or leave it empty."),
        ({"unpublish_at": "9999-12-31T10:00"}, "Choose a day and a time, or leave it empty."),
        (
            {"publish_at": "2027-01-02T10:00", "unpublish_at": "2027-01-02T10:00"},
            "Choose a moment after it comes into the shop.",
        ),
        (
            {"publish_at": "2027-01-02T10:00", "status": "published"},
            "Choose Draft to publish it later, or leave this empty to publish it now.",
        ),
        ({"status": "sold"}, "Choose draft, published or archived."),
    ],
)
def test_a_wrong_moment_is_told_beside_its_field(
    staff: FlaskClient, typed: dict[str, str], sentence: str
) -> None:
    product = make_product(published=False)

    response = save(staff, product, opened(staff, product) | {"title": "New"} | typed)

    assert response.status_code == 422
    assert sentence in response.text
    for name in typed.keys() - {"status"}:
        assert f'value="{typed[name]}"' in response.text
    assert fresh(product).title == "Tuesday mug"
    assert (product.publish_at, product.unpublish_at, actions()) == (None, None, [])


def test_a_button_pressed_twice_makes_one_copy(staff: FlaskClient) -> None:
    product = make_product("Mug", handle="mug", on_hand=5)
    assert 'name="handle" value="mug-2"' in staff.get(f"/admin/products/{product.id}").text

    answers = [
        staff.post(f"/admin/products/{product.id}/copies", data={"handle": "mug-2"})
        for _ in range(2)
    ]

    copy = db.session.scalars(sa.select(Product).where(Product.handle == "mug-2")).one()
    assert [answer.location for answer in answers] == [f"/admin/products/{copy.id}"] * 2
    assert (copy.title, copy.status, count()) == ("Mug (copy)", ProductStatus.DRAFT, 2)
    assert stock_of(variants_of(copy)[0]) == (0, 0)


@pytest.mark.parametrize("handle", ["", "Not A Handle", "x" * 300])
def test_a_copy_needs_a_readable_address(staff: FlaskClient, handle: str) -> None:
    product = make_product()

    response = staff.post(f"/admin/products/{product.id}/copies", data={"handle": handle})

    assert (response.status_code, count(), actions()) == (422, 1, [])


def media() -> Path:
    found: Path = current_app.extensions["settings"].media_path
    return found


def test_a_draft_nobody_bought_is_deleted_with_its_pictures(staff: FlaskClient) -> None:
    product, other = make_product(published=False), make_product()
    own, shared = make_image(product), make_image(product)
    own.file, shared.file = "p-own", "p-shared"
    make_image(other).file = "p-shared"
    for name in ("p-own-400.webp", "p-shared-400.webp"):
        (media() / name).write_bytes(b"x")
    address, other_id = f"/admin/products/{product.id}/delete", other.id
    db.session.commit()

    response = staff.post(address)

    assert (response.status_code, response.location) == (303, "/admin/products")
    assert db.session.scalars(sa.select(Product.id)).all() == [other_id]
    assert not (media() / "p-own-400.webp").exists()
    assert (media() / "p-shared-400.webp").exists()
    assert staff.post(address).status_code == 404


def sold() -> Product:
    product = make_product(published=False)
    inventory.sell(make_order(variants_of(product)[0], quantity=1).id)
    return product


def sold_and_removed() -> Product:
    """Its other variant was never sold and is still there."""
    product = make_product(published=False, options={"Glaze": ["Cobalt", "Milk"]})
    cobalt, _milk = variants_of(product)
    orders.mark_paid(make_order(cobalt), at=now())
    catalog.discard_variants([cobalt], by=None)
    db.session.query(AuditEntry).delete()
    return product


def promised() -> Product:
    product = make_product(published=False)
    make_order(variants_of(product)[0], quantity=1)
    return product


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (make_product, "It is in the shop. Make it a draft first, then delete it."),
        (sold, "It was sold, so orders tell of it. Archive it instead."),
        (sold_and_removed, "It was sold, so orders tell of it. Archive it instead."),
        (promised, "An unpaid order holds units of it. Nothing was deleted."),
    ],
)
def test_what_shoppers_or_orders_know_is_not_deleted(
    staff: FlaskClient, make: Any, sentence: str
) -> None:
    product_id = make().id
    db.session.commit()

    response = staff.post(f"/admin/products/{product_id}/delete", follow_redirects=True)

    assert sentence in response.text
    assert (count(), actions()) == (1, [])


def test_a_removed_variant_that_was_sold_leaves_the_product_to_be_archived(
    staff: FlaskClient,
) -> None:
    product_id = sold_and_removed().id
    db.session.commit()

    page = staff.get(f"/admin/products/{product_id}").text

    assert "It was sold or reviewed, so it cannot be deleted. Archive it instead." in page
    assert f"/admin/products/{product_id}/delete" not in page
    product = db.session.get_one(Product, product_id)
    save(staff, product, opened(staff, product) | {"status": "archived"})
    assert fresh(product).is_archived
    copy = lifecycle.duplicate(fresh(product), title="Copy", handle="copy")
    assert not copy.lost_sold_variant  # nobody bought the copy


def test_a_removed_variant_that_nobody_bought_does_not_keep_the_product(
    staff: FlaskClient,
) -> None:
    product = make_product(published=False, options={"Glaze": ["Cobalt", "Milk"]})
    product_id = product.id
    catalog.discard_variants(variants_of(product)[:1], by=None)
    db.session.commit()

    staff.post(f"/admin/products/{product_id}/delete")

    assert count() == 0

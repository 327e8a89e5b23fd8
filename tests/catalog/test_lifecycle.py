from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog import collections, lifecycle, schedule, service, variant_service
from shop.catalog.collections import CollectionDetails
from shop.catalog.models import (
    CollectionProduct,
    PriceChange,
    Product,
    ProductImage,
    ProductStatus,
    Variant,
    VariantPrice,
)
from shop.extensions import db
from shop.inventory.models import StockItem
from tests.factories import (
    make_image,
    make_order,
    make_price,
    make_product,
    make_store,
    make_variant,
    stock_of,
    variants_of,
)

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def fresh(product: Product) -> Product:
    return db.session.get_one(Product, product.id, populate_existing=True)


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


# Archived


def test_an_archived_product_is_out_of_the_shop_and_comes_back_as_a_draft(app: Flask) -> None:
    product = make_product(on_hand=7)
    product.unpublish_at = NOON
    (variant,) = variants_of(product)

    lifecycle.archive(product)
    lifecycle.archive(product)

    assert fresh(product).status == ProductStatus.ARCHIVED
    assert product.unpublish_at is None
    assert stock_of(variant) == (7, 0)
    lifecycle.unarchive(product)
    lifecycle.unarchive(product)
    assert fresh(product).status == ProductStatus.DRAFT
    assert actions() == ["product.unpublished", "product.archived", "product.unarchived"]


# Scheduled


def test_a_product_comes_and_goes_at_its_moments(app: Flask) -> None:
    product = make_product(published=False)
    schedule.set_schedule(product, publish_at=NOON, unpublish_at=NOON + timedelta(hours=1))

    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        assert schedule.due() == []
    with time_machine.travel(NOON, tick=False):
        assert schedule.due() == [product.id]
        schedule.carry_out(product.id)
        schedule.carry_out(product.id)
        assert schedule.due() == []
        assert fresh(product).is_published
        assert (product.published_at, product.publish_at) == (NOON, None)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert schedule.due() == [product.id]
        schedule.carry_out(product.id)
        assert fresh(product).status == ProductStatus.DRAFT
        assert schedule.due() == []
    assert actions() == ["product.scheduled", "product.published", "product.unpublished"]


def test_one_that_would_have_come_and_gone_meanwhile_is_never_shown(app: Flask) -> None:
    product = make_product(published=False)
    schedule.set_schedule(product, publish_at=NOON, unpublish_at=NOON + timedelta(hours=1))

    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        schedule.carry_out(product.id)

    assert fresh(product).status == ProductStatus.DRAFT
    assert (product.published_at, product.publish_at, product.unpublish_at) == (None, None, None)


def test_what_has_nothing_to_sell_stays_a_draft_and_the_trail_tells(app: Flask) -> None:
    product = make_product(published=False, options={"Glaze": []})
    schedule.set_schedule(product, publish_at=NOON, unpublish_at=None)

    with time_machine.travel(NOON, tick=False):
        schedule.carry_out(product.id)
        assert schedule.due() == []

    assert fresh(product).status == ProductStatus.DRAFT
    assert actions() == ["product.scheduled", "product.not_published"]


def test_a_product_cannot_leave_before_it_comes(app: Flask) -> None:
    product = make_product(published=False)

    with pytest.raises(schedule.WrongOrder):
        schedule.set_schedule(product, publish_at=NOON, unpublish_at=NOON)

    assert (product.publish_at, product.unpublish_at) == (None, None)
    assert actions() == []


def test_a_press_of_the_button_ends_the_moment_it_anticipates(app: Flask) -> None:
    product = make_product(published=False)
    schedule.set_schedule(product, publish_at=NOON, unpublish_at=NOON + timedelta(hours=1))

    service.publish(product)
    assert (product.publish_at, product.unpublish_at) == (None, NOON + timedelta(hours=1))
    service.unpublish(product)
    assert product.unpublish_at is None


# Copied


def test_a_copy_is_a_draft_without_stock_sku_and_reviews(app: Flask) -> None:
    make_store()
    product = make_product(
        "Mug", handle="mug", options={"Glaze": ["Cobalt", "Milk"]}, tags=["tea"], summary="Good."
    )
    cobalt, milk = variants_of(product)
    cobalt.sku, cobalt.barcode, cobalt.weight_grams = "FT-1", "5901234123457", 350
    image = make_image(product, alt="A mug")
    milk.image_id = image.id
    product.rating_count, product.rating_sum = 2, 9
    make_price(cobalt, "EUR", 4200)
    picked = collections.create_collection(CollectionDetails(title="Mugs"))
    collections.add_product(picked, product.id)

    assert lifecycle.copy_handle(product) == "mug-2"
    copy = lifecycle.duplicate(product, title="Mug (copy)", handle="mug-2")

    copy = fresh(copy)
    assert (copy.handle, copy.title, copy.status) == ("mug-2", "Mug (copy)", ProductStatus.DRAFT)
    assert (copy.tags, copy.summary, copy.rating_count) == (["tea"], "Good.", 0)
    assert copy.published_at is None
    copied = variants_of(copy)
    assert [(v.sku, v.barcode, v.option1, v.unit_amount) for v in copied] == [
        (None, "", "Cobalt", 3400), (None, "", "Milk", 3400),
    ]  # fmt: skip
    assert [stock_of(variant) for variant in copied] == [(0, 0), (0, 0)]
    assert copied[0].weight_grams == 350
    (pictured,) = db.session.scalars(
        sa.select(ProductImage).where(ProductImage.product_id == copy.id)
    )
    assert (pictured.file, pictured.alt) == (image.file, "A mug")
    assert [variant.image_id for variant in copied] == [None, pictured.id]
    prices = sa.select(VariantPrice.unit_amount).where(VariantPrice.variant_id == copied[0].id)
    assert db.session.scalars(prices).all() == [4200]
    held = sa.select(CollectionProduct.product_id).order_by(CollectionProduct.position)
    assert db.session.scalars(held).all() == [product.id, copy.id]
    assert stock_of(cobalt) == (10, 0)
    noted = sa.select(PriceChange.is_public).where(PriceChange.variant_id == copied[0].id)
    assert db.session.scalars(noted).all() == [False]


def test_a_copy_keeps_what_is_not_counted(app: Flask) -> None:
    product = make_product("Voucher", options={"Value": []}, handle="voucher")
    make_variant(product, is_tracked=False, option1="20")

    copy = lifecycle.duplicate(product, title="Voucher", handle="voucher-2")

    tracked = sa.select(StockItem.is_tracked).where(StockItem.variant_id == variants_of(copy)[0].id)
    assert db.session.scalars(tracked).all() == [False]


def test_a_copy_needs_an_address_of_its_own(app: Flask) -> None:
    product = make_product(handle="mug")

    with pytest.raises(service.HandleTaken):
        lifecycle.duplicate(product, title="Mug", handle="mug")

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Product)) == 1


# Deleted


def test_a_draft_is_deleted_with_all_that_is_its_own(app: Flask) -> None:
    product = make_product(published=False)
    make_image(product)
    sku = variants_of(product)[0].sku

    lifecycle.delete(product)

    for model in (Product, Variant, ProductImage, StockItem):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "product.deleted")
    ).one()
    assert entry.data["title"] == "Tuesday mug"
    assert entry.data["variants"] == [[sku, [], 3400]]


def test_what_is_in_the_shop_or_promised_is_not_deleted(app: Flask) -> None:
    make_store()
    published = make_product()
    promised = make_product(published=False)
    make_order(variants_of(promised)[0], quantity=1)

    with pytest.raises(lifecycle.StillPublished):
        lifecycle.delete(published)
    with pytest.raises(variant_service.UnitsPromised):
        lifecycle.delete(promised)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Product)) == 2

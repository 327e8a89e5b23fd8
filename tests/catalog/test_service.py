"""The merchant's changes of the catalog."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog import collections, images, searchable, variant_service
from shop.catalog import service as catalog
from shop.catalog.collections import CollectionDetails
from shop.catalog.models import Product, ProductImage, ProductStatus
from shop.catalog.service import Direction, ProductDetails
from shop.catalog.variant_service import VariantDetails
from shop.extensions import db
from shop.media.pictures import StoredPicture
from shop.redirects.queries import target_of
from shop.search import index
from tests.factories import make_product, make_variant, stock_of, variants_of

MUG = ProductDetails(title="Tuesday mug", description="<p>Holds 300 ml</p>", tags=("Mug",))


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def found(words: str) -> list[int]:
    return index.find(words, limit=10)


def test_a_new_product_is_a_draft_with_a_handle_made_from_its_title(app: Flask) -> None:
    product = catalog.create_product(ProductDetails(title="Crème brûlée dish, 12 cm"))

    assert product.handle == "creme-brulee-dish-12-cm"
    assert product.status == ProductStatus.DRAFT
    assert found("creme") == []
    assert actions() == ["product.created"]


def test_equal_titles_get_numbered_handles(app: Flask) -> None:
    handles = [catalog.create_product(MUG).handle for _ in range(3)]

    assert handles == ["tuesday-mug", "tuesday-mug-2", "tuesday-mug-3"]


def test_a_handle_of_another_product_is_refused(app: Flask) -> None:
    first = make_product(handle="mug")

    with pytest.raises(catalog.HandleTaken) as refusal:
        catalog.create_product(ProductDetails(title="Mug", handle="mug"))

    assert (refusal.value.handle, refusal.value.product_id) == ("mug", first.id)
    assert db.session.scalar(sa.select(sa.func.count(Product.id))) == 1
    assert actions() == []


@pytest.mark.parametrize("handle", ["Mug", "a b", "a/b", "-a", "a-", "ä\u0301 ", "x" * 256, "a.b"])
def test_a_handle_that_is_no_address_is_refused(app: Flask, handle: str) -> None:
    with pytest.raises(catalog.BadHandle):
        catalog.create_product(ProductDetails(title="Mug", handle=handle))

    assert db.session.scalar(sa.select(sa.func.count(Product.id))) == 0


def test_an_edit_is_audited_with_what_was_and_found_at_once(app: Flask) -> None:
    product = make_product("Tuesday mug", published=True)

    catalog.update_product(product, ProductDetails(title="Friday mug"), by=None)

    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.data) == (
        "product.updated",
        {"title": ["Tuesday mug", "Friday mug"]},
    )
    assert found("friday") == [product.id]


def test_an_edit_that_changes_nothing_leaves_no_audit_entry(app: Flask) -> None:
    product = make_product("Tuesday mug")

    catalog.update_product(product, ProductDetails(title="Tuesday mug", handle=product.handle))

    assert actions() == []


def test_publishing_makes_a_product_findable_and_unpublishing_hides_it(app: Flask) -> None:
    product = make_product("Tuesday mug", published=False)

    catalog.publish(product)
    shown = found("tuesday")
    catalog.unpublish(product)

    assert shown == [product.id]
    assert found("tuesday") == []
    assert product.status == ProductStatus.DRAFT
    assert actions() == ["product.published", "product.unpublished"]


def test_publishing_again_changes_nothing(app: Flask) -> None:
    product = make_product(published=True)
    at = product.published_at

    catalog.publish(product)

    assert product.published_at == at
    assert actions() == []


def test_a_product_without_variants_cannot_be_published(app: Flask) -> None:
    product = catalog.create_product(MUG)

    with pytest.raises(catalog.NothingToSell):
        catalog.publish(product)

    assert product.status == ProductStatus.DRAFT
    assert found("mug") == []


def test_a_variant_brings_its_stock_and_its_sku_is_found(app: Flask) -> None:
    product = make_product("Tuesday mug")

    variant_service.set_options(product, ["Glaze"])
    variant = variant_service.add_variant(
        product,
        VariantDetails(unit_amount=3400, sku="MUG-COB-01", options=("Cobalt", "", "")),
        on_hand=7,
    )

    assert stock_of(variant) == (7, 0)
    assert variant.position == 2
    assert found("mugcob01") == found("MUG-COB-01") == found("cobalt") == [product.id]


def test_a_sku_belongs_to_one_variant(app: Flask) -> None:
    owner = make_variant()
    product = make_product(options={"Size": ["S"]})

    with pytest.raises(variant_service.SkuTaken) as refusal:
        variant_service.add_variant(
            product, VariantDetails(unit_amount=1, sku=owner.sku, options=("M", "", ""))
        )

    assert refusal.value.product_id == owner.product_id
    assert len(variants_of(product)) == 1


def test_option_values_are_given_once_and_for_every_option(app: Flask) -> None:
    product = make_product(options={"Size": ["S"]})

    with pytest.raises(variant_service.OptionsTaken):
        variant_service.add_variant(product, VariantDetails(unit_amount=1, options=("S", "", "")))
    with pytest.raises(variant_service.OptionsDoNotFit):
        variant_service.add_variant(
            product, VariantDetails(unit_amount=1, options=("M", "Red", ""))
        )
    with pytest.raises(variant_service.OptionsDoNotFit):
        variant_service.add_variant(product, VariantDetails(unit_amount=1))

    assert len(variants_of(product)) == 1


def test_a_price_change_is_audited_once(app: Flask) -> None:
    variant = make_variant(unit_amount=3400)

    for _ in range(2):
        variant_service.change_price(variant, unit_amount=2900, compare_at_amount=3400, by=None)

    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.subject_id) == ("variant.price_changed", variant.id)
    assert entry.data == {"unit_amount": [3400, 2900], "compare_at_amount": [None, 3400]}


def test_an_edited_variant_keeps_its_stock(app: Flask) -> None:
    product = make_product(unit_amount=3400, on_hand=5)
    (variant,) = variants_of(product)

    variant_service.update_variant(product, variant, VariantDetails(unit_amount=3600, sku="NEW-1"))

    assert (variant.sku, variant.unit_amount, stock_of(variant)) == ("NEW-1", 3600, (5, 0))
    assert actions() == ["variant.updated", "variant.price_changed"]
    assert found("new-1") == [product.id]


def test_a_removed_variant_is_not_found(app: Flask) -> None:
    product = make_product(options={"Size": ["S", "M"]})
    searchable.refresh_search([product])
    small, _medium = variants_of(product)
    sku = small.sku or ""

    variant_service.discard_variants([small], by=None)
    catalog.keep_in_step([product])

    assert found(sku) == []
    assert [variant.option1 for variant in variants_of(product)] == ["M"]


def test_pictures_keep_their_order_when_moved_and_removed(app: Flask) -> None:
    product = make_product()
    first, second, third = (
        images.add_image(product, StoredPicture(name, 800, 1000, "#FFFFFF"), alt=name)
        for name in "abc"
    )

    images.move_image(third, Direction.UP)
    images.move_image(first, Direction.UP)
    images.describe_image(third, "A pot")
    file = images.remove_image(second)

    pictures = db.session.scalars(sa.select(ProductImage).order_by(ProductImage.position)).all()
    assert [(image.position, image.alt) for image in pictures] == [(1, "a"), (2, "A pot")]
    assert file == "b"


def test_the_old_address_of_a_product_that_was_in_the_shop_leads_to_the_new_one(app: Flask) -> None:
    product = make_product(handle="mug")

    catalog.update_product(product, ProductDetails(title="Mug", handle="cup"))

    assert target_of("/products/mug") == "/products/cup"


def test_a_draft_nobody_has_seen_leaves_no_redirect(app: Flask) -> None:
    product = make_product(handle="mug", published=False)

    catalog.update_product(product, ProductDetails(title="Mug", handle="cup"))

    assert target_of("/products/mug") is None


def test_a_refused_handle_leaves_no_redirect(app: Flask) -> None:
    make_product(handle="cup")
    product = make_product(handle="mug")

    with pytest.raises(catalog.HandleTaken):
        catalog.update_product(product, ProductDetails(title="Mug", handle="cup"))

    assert (product.handle, target_of("/products/mug")) == ("mug", None)


def test_the_number_of_a_deleted_product_or_variant_is_never_given_again(app: Flask) -> None:
    old = make_variant()
    numbers = old.id, old.product_id
    db.session.execute(sa.delete(Product).where(Product.id == old.product_id))
    db.session.expire_all()

    new = make_variant()

    assert (new.id > numbers[0], new.product_id > numbers[1]) == (True, True)


def test_the_number_of_a_deleted_collection_is_never_given_again(app: Flask) -> None:
    old = collections.create_collection(CollectionDetails(title="Old"))
    number = old.id
    collections.delete_collection(old)

    assert collections.create_collection(CollectionDetails(title="New")).id > number

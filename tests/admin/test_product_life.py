"""A product archived, scheduled, copied and deleted, by its page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import current_app
from flask.testing import FlaskClient

from shop.alerts import service as alerts
from shop.alerts.models import StockAlert
from shop.audit import KEPT_FOR, AuditEntry
from shop.catalog import collections, lifecycle, restoring, variant_service
from shop.catalog import service as catalog
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductStatus,
    Variant,
)
from shop.clock import now
from shop.content.worker import forget_deleted, remove_pictures_of
from shop.extensions import db
from shop.inventory import reservations
from shop.inventory import service as inventory
from shop.inventory.models import Backorders
from shop.orders import service as orders
from shop.privacy import service as privacy
from shop.recommendations import service as recommendations
from shop.recommendations.models import MAX_PICKS, ProductPick
from shop.store.models import StoreSettings
from shop.wishlist import service as wishlist
from shop.wishlist.models import Wish, Wishlist
from shop.worker import keep_schedules
from tests.accounts.people import make_account
from tests.admin.editing import opened, save
from tests.factories import (
    make_currency,
    make_image,
    make_order,
    make_price,
    make_product,
    stock_of,
    variants_of,
)

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
        "product.unpublished", "product.archived", "product.saved",
        "product.unarchived", "product.published", "product.saved",
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
    assert actions() == ["product.scheduled", "product.saved"]


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


def test_a_draft_nobody_bought_is_deleted_and_its_pictures_wait(staff: FlaskClient) -> None:
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
    assert staff.post(address).status_code == 404
    assert (media() / "p-own-400.webp").exists()
    entry = db.session.query(AuditEntry).filter_by(action="product.deleted").one()
    entry.at -= KEPT_FOR + timedelta(days=1)
    db.session.commit()

    forget_deleted(media())

    assert not (media() / "p-own-400.webp").exists()
    assert (media() / "p-shared-400.webp").exists()
    assert entry.kept is None


def test_a_picture_stays_while_another_deleted_product_can_come_back(staff: FlaskClient) -> None:
    products = make_product(published=False), make_product(published=False)
    (media() / "p-both-400.webp").write_bytes(b"x")
    for product in products:
        make_image(product).file = "p-both"
    db.session.commit()
    for product in products:
        staff.post(f"/admin/products/{product.id}/delete")
    first, second = db.session.query(AuditEntry).filter_by(action="product.deleted")
    first.at -= KEPT_FOR + timedelta(days=1)
    db.session.commit()

    forget_deleted(media())
    assert (media() / "p-both-400.webp").exists()

    second.at -= KEPT_FOR + timedelta(days=1)
    db.session.commit()
    forget_deleted(media())
    assert not (media() / "p-both-400.webp").exists()


def test_pictures_of_many_forgotten_products_are_asked_for_at_once(
    staff: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    files = [f"p-{number}" for number in range(40)]
    make_image(make_product()).file = files[7]
    db.session.commit()
    kept = {"images": [{"file": file} for file in files]}
    for file in files:
        (media() / f"{file}-400.webp").write_bytes(b"x")

    with count_queries() as statements:
        remove_pictures_of([("product.deleted", kept)], media())

    assert len(statements) == 2
    assert [file for file in files if (media() / f"{file}-400.webp").exists()] == [files[7]]


def test_a_picture_removed_of_a_copy_stays_for_the_deleted_original(staff: FlaskClient) -> None:
    product, copy = make_product(published=False), make_product(published=False)
    (media() / "p-both-400.webp").write_bytes(b"x")
    make_image(product).file = "p-both"
    image = make_image(copy)
    image.file = "p-both"
    address = f"/admin/products/{copy.id}/images/{image.id}/delete"
    db.session.commit()
    entry = deleted(staff, product)

    assert staff.post(address).status_code == 303

    assert db.session.scalars(sa.select(ProductImage)).all() == []
    assert (media() / "p-both-400.webp").exists()
    bring_back(staff, entry)
    assert db.session.scalars(sa.select(ProductImage.file)).all() == ["p-both"]
    assert (media() / "p-both-400.webp").exists()


# Brought back -------------------------------------------------------------------------------------


def rich_product() -> Product:
    """A draft with everything that a product can have, between two others on a shelf."""
    product = make_product(
        "Mug", handle="mug", published=False, options={"Glaze": ["Cobalt", "Ash"]},
        tags=["clay"], summary="Words", seo_title="Found", facts=[["Height", "95 mm"]],
    )  # fmt: skip
    cobalt, ash = variants_of(product)
    image = make_image(product, file="p-mug", alt="A mug", focal_x=25)
    cobalt.sku, cobalt.image_id, cobalt.cost_amount, cobalt.barcode = "COB", image.id, 900, "501"
    cobalt.compare_at_amount, cobalt.weight_grams, cobalt.restock_on = 4000, 350, date(2027, 1, 2)
    make_currency("EUR", "1.17")
    make_price(cobalt, "EUR", 4100)
    inventory.set_on_hand(ash.id, 3)
    inventory.set_low_stock_at(ash.id, 2, by=None)
    inventory.set_backorders(
        ash.id, Backorders.BACKORDER, limit=5, promised_on=date(2027, 2, 1), by=None
    )
    shelf = Collection(handle="shelf", title="Shelf")
    db.session.add(shelf)
    db.session.flush()
    ids = [make_product("First").id, product.id, make_product("Last").id]
    collections.add_products(shelf, ids)
    recommendations.pick(product.id, ids[2], by=None)
    recommendations.pick(ids[0], product.id, by=None)
    remember(ash)
    alerts.wait_for(ash.id, "ines@example.com", "de")
    db.session.commit()
    return product


def remember(variant: Variant) -> Wishlist:
    """A guest's list with it."""
    found = wishlist.new_wishlist()
    db.session.add(Wish(wishlist_id=found.id, variant_id=variant.id, unit_amount=3400))
    db.session.flush()
    return found


def everything(product_id: int) -> dict[str, Any]:
    """Of the product, as it would be kept, but for the moment of the last change."""
    db.session.expire_all()
    kept = restoring.kept_of(db.session.get_one(Product, product_id))
    for change in kept["history"]:
        del change["id"]
    del kept["updated_at"]
    return kept


def deleted(staff: FlaskClient, product: Product) -> AuditEntry:
    assert staff.post(f"/admin/products/{product.id}/delete").status_code == 303
    entry: AuditEntry = db.session.query(AuditEntry).filter_by(action="product.deleted").one()
    return entry


def bring_back(staff: FlaskClient, entry: AuditEntry) -> Any:
    return staff.post(f"/admin/settings/activity/{entry.id}/restoration")


def test_a_deleted_product_comes_back_with_all_that_it_had(staff: FlaskClient) -> None:
    product = rich_product()
    product_id, before = product.id, everything(product.id)
    entry = deleted(staff, product)
    shown = staff.get("/admin/settings/activity?show=kept").text
    assert shown.count("/restoration") == 1  # not its variants one by one

    answer = bring_back(staff, entry)

    assert answer.status_code == 303
    assert everything(product_id) == before
    page = staff.get(f"/admin/products/{product_id}").text
    assert "COB" in page
    (shelf,) = db.session.query(Collection).all()
    held = sa.select(CollectionProduct.product_id).where(
        CollectionProduct.collection_id == shelf.id
    )
    ordered = db.session.scalars(held.order_by(CollectionProduct.position)).all()
    assert ordered[1] == product_id
    assert bring_back(staff, entry).status_code == 409
    assert count() == 3


def test_what_others_hold_of_it_comes_back_as_far_as_it_can(staff: FlaskClient) -> None:
    product = rich_product()
    first, last = db.session.scalars(
        sa.select(Product).where(Product.title.in_(["First", "Last"])).order_by(Product.id)
    )
    gone = remember(variants_of(product)[0])
    gone_id, made_at, product_id = gone.id, gone.created_at, product.id
    db.session.commit()
    entry = deleted(staff, product)
    assert entry.kept is not None
    assert [len(entry.kept[name]) for name in ("picks", "wishes", "alerts")] == [2, 2, 1]
    db.session.delete(gone)
    db.session.flush()
    # Somebody else's list, under an id that is given again.
    db.session.add(Wishlist(id=gone_id, token="new", created_at=made_at + timedelta(days=1)))
    catalog.unpublish(last)
    lifecycle.delete(last)
    for number in range(MAX_PICKS):
        recommendations.pick(first.id, make_product(f"Other {number}").id, by=None)
    db.session.commit()

    assert bring_back(staff, entry).status_code == 303

    assert db.session.scalars(sa.select(ProductPick.picked_id)).all().count(product_id) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Wish)) == 1
    (alert,) = db.session.scalars(sa.select(StockAlert))
    assert (alert.email, alert.language) == ("ines@example.com", "de")


def test_an_erased_customer_waits_for_no_product_that_comes_back(staff: FlaskClient) -> None:
    entry = deleted(staff, rich_product())
    privacy.erase(make_account(email="ines@example.com"), by=None)
    db.session.commit()

    bring_back(staff, entry)

    assert db.session.scalars(sa.select(StockAlert)).all() == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Wish)) == 1


def test_the_message_takes_the_deletion_back(staff: FlaskClient) -> None:
    product = rich_product()
    product_id, before = product.id, everything(product.id)
    page = staff.post(f"/admin/products/{product_id}/delete", follow_redirects=True).text
    found = re.search(r'class="flash__action" action="(/admin/undo/\d+)"', page)
    assert found

    assert staff.post(found[1]).status_code == 303

    assert everything(product_id) == before


def test_it_comes_back_under_other_ids_where_its_own_are_taken(staff: FlaskClient) -> None:
    product = rich_product()
    before, ids = everything(product.id), [each.id for each in variants_of(product)]
    product_id = product.id
    entry = deleted(staff, product)
    db.session.execute(sa.insert(Product).values(id=product_id, handle="jug", title="Jug"))
    db.session.execute(
        sa.insert(Variant), [{"id": id_, "product_id": product_id, "unit_amount": 1,
                              "option1": str(id_)} for id_ in ids]
    )  # fmt: skip
    db.session.commit()

    bring_back(staff, entry)

    mug = db.session.query(Product).filter_by(handle="mug").one()
    assert mug.id != product_id
    after = everything(mug.id)
    (cobalt, _ash), (image,) = after["variants"], after["images"]
    assert (cobalt["sku"], cobalt["image_id"]) == ("COB", image["id"])
    assert [each["unit_amount"] for each in after["prices"]] == [4100]
    assert [each["on_hand"] for each in after["stock"]] == [
        each["on_hand"] for each in before["stock"]
    ]


@pytest.mark.parametrize(
    ("taken", "sentence"),
    [
        ({"handle": "mug"}, "Another product has its address by now"),
        ({"sku": "COB"}, "Another variant has its SKU by now"),
    ],
)
def test_what_took_its_place_is_told(
    staff: FlaskClient, taken: dict[str, str], sentence: str
) -> None:
    entry = deleted(staff, rich_product())
    other = make_product("Other", handle=taken.get("handle", "other"))
    variants_of(other)[0].sku = taken.get("sku", "OTHER")
    db.session.commit()
    before, done = count(), actions()

    answer = bring_back(staff, entry)

    assert answer.status_code == 409
    assert sentence in answer.text
    assert (count(), actions()) == (before, done)
    assert db.session.get_one(AuditEntry, entry.id, populate_existing=True).kept is not None


def test_a_moment_that_passed_meanwhile_publishes_nothing(staff: FlaskClient) -> None:
    product = rich_product()
    product.publish_at = now() + timedelta(hours=1)
    db.session.commit()
    entry = deleted(staff, product)
    assert entry.kept
    entry.kept = entry.kept | {"publish_at": (now() - timedelta(hours=1)).isoformat()}
    db.session.commit()

    bring_back(staff, entry)

    mug = db.session.query(Product).filter_by(handle="mug").one()
    assert (mug.status, mug.publish_at) == ("draft", None)


def test_products_deleted_by_an_action_come_back_one_by_one(staff: FlaskClient) -> None:
    product = rich_product()
    before, product_id = everything(product.id), product.id
    staff.post("/admin/products/actions", data={"action": "delete", "id": [str(product_id)]})
    entry = db.session.query(AuditEntry).filter_by(action="product.deleted").one()

    bring_back(staff, entry)

    assert everything(product_id) == before


def sold() -> Product:
    product = make_product(published=False)
    reservations.sell(make_order(variants_of(product)[0], quantity=1).id)
    return product


def sold_and_removed() -> Product:
    """Its other variant was never sold and is still there."""
    product = make_product(published=False, options={"Glaze": ["Cobalt", "Milk"]})
    cobalt, _milk = variants_of(product)
    orders.mark_paid(make_order(cobalt), at=now())
    variant_service.discard_variants([cobalt], by=None)
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
    variant_service.discard_variants(variants_of(product)[:1], by=None)
    db.session.commit()

    staff.post(f"/admin/products/{product_id}/delete")

    assert count() == 0

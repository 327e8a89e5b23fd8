"""What one Save or one action changed of products, taken back whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.accounts.models import Role
from shop.audit import AuditEntry
from shop.bulk.models import BulkJob
from shop.catalog import collections, saves
from shop.catalog.models import Collection, PriceChange, Product, ProductImage
from shop.catalog.snapshots import differences
from shop.clock import now
from shop.extensions import db
from tests.accounts.people import be_signed_in, make_account
from tests.admin import test_grid
from tests.admin.editing import opened, save
from tests.factories import make_image, make_order, make_product, stock_of, variants_of
from tests.pages import read


def undo_in(html: str) -> str:
    found = re.search(r'class="flash__action" action="(/admin/undo/\d+)"', html)
    assert found is not None
    return found[1]


def undo_of(staff: FlaskClient, address: str) -> str:
    return undo_in(staff.get(address).text)


def state(product: Product) -> dict[str, Any]:
    db.session.expire_all()
    found = saves.before([product.id])
    return dict(found.states.get(product.id, {})) | {"places": found.places}


def entries() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0


def shelf(title: str, *products: Product) -> Collection:
    found = Collection(handle=title.lower(), title=title)
    db.session.add(found)
    db.session.flush()
    collections.add_products(found, [product.id for product in products])
    return found


@pytest.fixture
def mug(staff: FlaskClient) -> Product:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Ash"]}, tags=["clay"])
    for number, variant in enumerate(variants_of(product)):
        variant.sku = f"MUG-{number}"
    make_image(product)
    db.session.flush()
    return product


def change_everything(staff: FlaskClient, product: Product) -> str:
    """Saves the page with something else in every kind of field; where its Undo leads."""
    gifts = shelf("Gifts", make_product("Gift"))
    first, second = variants_of(product)
    (image,) = db.session.query(ProductImage).filter_by(product_id=product.id)
    values: dict[str, Any] = opened(staff, product)
    values |= {
        "title": "Beaker", "handle": "beaker", "summary": "New words", "tags": "clay, blue",
        "vendor": "Fettle", "status": "draft", "collections": [str(gifts.id)],
        f"variant-{first.id}-price": "41.00", f"variant-{first.id}-compare_at": "50.00",
        f"variant-{first.id}-sku": "MUG-9", f"variant-{second.id}-sku": "MUG-0",
        f"variant-{first.id}-cost": "12", f"variant-{first.id}-weight": "300",
        f"variant-{first.id}-restock_on": "2027-01-02",
        f"variant-{first.id}-contains": "250 g", f"variant-{first.id}-price_per": "100 g",
        f"variant-{second.id}-on_hand": "4", f"image-{image.id}-alt": "A beaker",
    }  # fmt: skip
    answer = save(staff, product, values)
    assert answer.status_code == 303
    return undo_of(staff, f"/admin/products/{product.id}")


def test_a_saved_page_goes_back_to_what_it_was(staff: FlaskClient, mug: Product) -> None:
    shelf("Kitchen", make_product("First"), mug, make_product("Last"))
    first, second = variants_of(mug)
    before = state(mug)
    address = change_everything(staff, mug)
    assert state(mug) != before

    answer = staff.post(address)

    assert answer.status_code == 303
    assert differences(before, state(mug)) == {}
    assert (stock_of(first), stock_of(second)) == ((10, 0), (10, 0))
    # The address of before is no redirect's any more, and the other one leads here.
    assert staff.get(f"/products/{mug.handle}").status_code == 200
    assert staff.get("/products/beaker").status_code == 301
    last = db.session.query(PriceChange).filter_by(variant_id=first.id).all()[-1]
    assert (last.unit_amount, last.is_public) == (3400, True)


def test_it_is_taken_back_once(staff: FlaskClient, mug: Product) -> None:
    address = change_everything(staff, mug)
    staff.post(address)
    after = state(mug)

    assert staff.post(address).status_code == 409
    assert state(mug) == after


def _retitle(product: Product) -> None:
    product.title = "Theirs"
    db.session.flush()


def _sell(product: Product) -> None:
    make_order(variants_of(product)[1], paid=True)


def _delete(product: Product) -> None:
    db.session.delete(product)
    db.session.flush()


@pytest.mark.parametrize("change", [_retitle, _sell, _delete])
def test_what_was_changed_sold_or_deleted_since_stays(
    staff: FlaskClient, mug: Product, change: Callable[[Product], None]
) -> None:
    address = change_everything(staff, mug)
    change(mug)
    before, count = state(mug), entries()

    answer = staff.post(address)

    assert answer.status_code == 409
    assert "It was changed again since then, or units of it were sold" in answer.text
    assert (state(mug), entries()) == (before, count)


def test_a_collection_that_a_rule_decides_by_now_takes_nothing_back(
    staff: FlaskClient, mug: Product
) -> None:
    kitchen = shelf("Kitchen", mug)
    save(staff, mug, opened(staff, mug) | {"collections": []})
    address = undo_of(staff, f"/admin/products/{mug.id}")
    kitchen.conditions = [["price", "greater", 90_000]]
    db.session.flush()
    before, count = state(mug), entries()

    answer = staff.post(address)

    assert answer.status_code == 409
    assert "It was changed again since then" in answer.text
    assert (state(mug), entries()) == (before, count)


def test_a_planned_moment_that_fits_no_more_takes_nothing_back(staff: FlaskClient) -> None:
    product = make_product("Jug", published=False)
    product.publish_at = now() + timedelta(days=3)
    db.session.flush()
    save(staff, product, opened(staff, product) | {"publish_at": ""})
    address = undo_of(staff, f"/admin/products/{product.id}")
    product.unpublish_at = now() + timedelta(days=1)
    db.session.flush()
    before, count = state(product), entries()

    answer = staff.post(address)

    assert answer.status_code == 409
    assert "It was changed again since then" in answer.text
    assert (state(product), entries()) == (before, count)


def test_what_else_changed_since_is_no_matter(staff: FlaskClient, mug: Product) -> None:
    first, second = variants_of(mug)
    values = opened(staff, mug) | {"title": "Beaker"}
    save(staff, mug, values)
    address = undo_of(staff, f"/admin/products/{mug.id}")
    second.unit_amount = 4200
    db.session.flush()

    staff.post(address)

    db.session.expire_all()
    assert (mug.title, first.unit_amount, second.unit_amount) == ("Mug", 3400, 4200)


def test_its_address_was_taken_meanwhile(staff: FlaskClient, mug: Product) -> None:
    handle = mug.handle
    save(staff, mug, opened(staff, mug) | {"handle": "beaker"})
    address = undo_of(staff, f"/admin/products/{mug.id}")
    make_product("Other", handle=handle)
    before = state(mug)

    answer = staff.post(address)

    assert answer.status_code == 409
    assert "Another product has its address by now" in answer.text
    assert state(mug) == before


def test_a_planned_moment_comes_back(staff: FlaskClient) -> None:
    product = make_product("Jug", published=False)
    product.publish_at = now() + timedelta(days=3)
    db.session.flush()
    before = state(product)
    save(staff, product, opened(staff, product) | {"status": "published", "publish_at": ""})
    assert state(product) != before

    staff.post(undo_of(staff, f"/admin/products/{product.id}"))

    assert state(product) == before


def test_a_planned_moment_that_passed_meanwhile_publishes_nothing(staff: FlaskClient) -> None:
    product = make_product("Jug", published=False)
    product.publish_at = now() + timedelta(days=3)
    db.session.flush()
    save(staff, product, opened(staff, product) | {"title": "Pot", "publish_at": ""})
    address = undo_of(staff, f"/admin/products/{product.id}")
    entry = db.session.query(AuditEntry).filter_by(action=saves.PAGE_SAVED).one()
    (kept,) = (entry.kept or {})["products"]
    passed = [(now() - timedelta(hours=1)).isoformat(), None]
    changes = kept["changes"] | {"publish_at": passed}
    entry.kept = {"products": [kept | {"changes": changes}]}
    db.session.flush()

    staff.post(address)

    db.session.expire_all()
    assert (product.title, product.status, product.publish_at) == ("Jug", "draft", None)


def test_nothing_saved_is_nothing_to_take_back(staff: FlaskClient, mug: Product) -> None:
    save(staff, mug, opened(staff, mug))

    assert "flash__action" not in staff.get(f"/admin/products/{mug.id}").text
    assert entries() == 0


def test_the_activity_takes_a_save_back_days_later(staff: FlaskClient, mug: Product) -> None:
    before = state(mug)
    save(staff, mug, opened(staff, mug) | {"title": "Beaker", "tags": "blue"})
    for entry in db.session.scalars(sa.select(AuditEntry)):
        entry.at -= timedelta(days=3)
    db.session.flush()
    page = staff.get("/admin/settings/activity").text
    (address,) = re.findall(r'action="(/admin/settings/activity/\d+/restoration)"', page)
    assert ">Undo<" in page

    answer = staff.post(address)

    assert answer.status_code == 303
    assert state(mug) == before
    kept = staff.get("/admin/settings/activity?show=kept").text
    assert "/restoration" not in kept


def test_who_may_not_change_products_takes_nothing_back(
    client: FlaskClient, staff: FlaskClient, mug: Product
) -> None:
    save(staff, mug, opened(staff, mug) | {"title": "Beaker"})
    entry = db.session.query(AuditEntry).filter_by(action=saves.PAGE_SAVED).one()
    db.session.add(Role(name="clerk", title="Clerk", permissions=["settings:change"]))
    db.session.flush()
    be_signed_in(client, make_account(roles=("clerk",)))

    answer = client.post(f"/admin/settings/activity/{entry.id}/restoration")

    assert answer.status_code == 403
    assert db.session.get_one(Product, mug.id, populate_existing=True).title == "Beaker"


# The table ---------------------------------------------------------------------------------------


def saved_table(staff: FlaskClient, mug: Product, jug: Product) -> str:
    cobalt, ash = variants_of(mug)
    (only,) = variants_of(jug)
    columns = "title status tags vendor sku price compare_at cost barcode weight on_hand"
    values = test_grid.opened(staff, mug, jug, columns=columns) | {
        f"v-{cobalt.id}-title": "Beaker", f"v-{cobalt.id}-tags": "tea", f"v-{ash.id}-cost": "12",
        f"v-{cobalt.id}-price": "36", f"v-{ash.id}-on_hand": "9", f"v-{cobalt.id}-sku": "MUG-9",
        f"v-{only.id}-status": "archived", f"v-{only.id}-vendor": "Fettle",
        f"v-{ash.id}-sku": "MUG-0",
    }  # fmt: skip
    answer = test_grid.save(staff, values)
    assert answer.status_code == 303
    return undo_of(staff, answer.location)


def test_a_saved_table_goes_back_to_what_it_was(staff: FlaskClient, mug: Product) -> None:
    jug = make_product("Jug")
    before = state(mug), state(jug)
    address = saved_table(staff, mug, jug)
    assert (state(mug), state(jug)) != before

    assert staff.post(address).status_code == 303

    assert [differences(*pair) for pair in zip(before, (state(mug), state(jug)), strict=True)] == [
        {},
        {},
    ]


def test_a_table_stays_whole_where_one_product_was_changed(
    staff: FlaskClient, mug: Product
) -> None:
    jug = make_product("Jug")
    address = saved_table(staff, mug, jug)
    jug.vendor = "Theirs"
    db.session.flush()
    before, count = (state(mug), state(jug)), entries()

    answer = staff.post(address)

    assert answer.status_code == 409
    assert ((state(mug), state(jug)), entries()) == (before, count)


# Jobs --------------------------------------------------------------------------------------------


def tagged(staff: FlaskClient, *products: Product) -> str:
    """Where the Undo of the message leads."""
    db.session.commit()
    answer = staff.post(
        "/admin/products/actions",
        data={"action": "add_tag", "id": [product.id for product in products], "tag": "new"},
    )
    assert answer.status_code == 303
    return undo_of(staff, answer.location)


def tags_of(product: Product) -> list[str]:
    db.session.expire_all()
    return list(product.tags)


def test_an_action_on_many_is_taken_back_from_its_message(staff: FlaskClient, mug: Product) -> None:
    jug = make_product("Jug")
    address = tagged(staff, mug, jug)
    assert (tags_of(mug), tags_of(jug)) == (["clay", "new"], ["new"])

    answer = staff.post(address)

    assert re.fullmatch(r"/admin/products/jobs/\d+", answer.location)
    assert (tags_of(mug), tags_of(jug)) == (["clay"], [])
    assert staff.post(address).status_code == 409


def test_an_action_on_many_leaves_what_was_changed_since_and_tells(
    staff: FlaskClient, mug: Product
) -> None:
    jug = make_product("Jug")
    address = tagged(staff, mug, jug)
    jug.tags = ["theirs"]
    db.session.commit()

    answer = staff.post(address, follow_redirects=True)

    assert (tags_of(mug), tags_of(jug)) == (["clay"], ["theirs"])
    assert "1 left out" in read(answer.text).text


def test_a_job_taken_back_on_its_page_is_not_taken_back_again(
    staff: FlaskClient, mug: Product
) -> None:
    address = tagged(staff, mug)
    job = db.session.query(BulkJob).one()
    staff.post(f"/admin/products/jobs/{job.id}/undo")
    assert tags_of(mug) == ["clay"]

    answer = staff.post(address)

    assert answer.status_code == 409
    assert "was taken back already" in answer.text
    assert db.session.query(BulkJob).count() == 2

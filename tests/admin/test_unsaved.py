"""What was typed and not saved, what only the merchant asks for, and the link to look first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog import collections, preview
from shop.catalog.collections import CollectionDetails
from shop.catalog.models import CollectionProduct, Product
from shop.desk import service as desk
from shop.desk.models import UnsavedForm
from shop.extensions import db
from tests.accounts.people import be_signed_in, make_admin
from tests.admin.editing import Inputs, opened, save
from tests.factories import make_image, make_product, variants_of


def count(model: type[object]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def keep(staff: FlaskClient, product: Product, values: dict[str, str]) -> int:
    return staff.post(f"/admin/products/{product.id}/unsaved", data=values).status_code


def test_what_was_typed_is_offered_on_return_and_taken_up(staff: FlaskClient) -> None:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]})
    cobalt = variants_of(product)[0]
    image = make_image(product)
    db.session.commit()
    typed = opened(staff, product) | {
        "title": "Tuesday mug",
        f"variant-{cobalt.id}-price": "36",
        f"image-{image.id}-alt": "A mug",
    }

    assert keep(staff, product, typed) == 204
    kept = db.session.scalars(sa.select(UnsavedForm)).one()
    kept.saved_at = datetime(2026, 11, 26, 14, 2, tzinfo=UTC)
    db.session.commit()
    page = staff.get(f"/admin/products/{product.id}").text

    assert "You have unsaved changes from 26\N{NO-BREAK SPACE}Nov 2026, 14:02." in page
    assert Inputs(page).values["title"] == "Mug"
    taken = staff.get(f"/admin/products/{product.id}?unsaved=1").text
    assert Inputs(taken).values == typed
    assert 'data-guard="changed"' in taken
    assert (count(AuditEntry), product.title) == (0, "Mug")
    assert save(staff, product, Inputs(taken).values).status_code == 303
    assert db.session.get_one(Product, product.id, populate_existing=True).title == "Tuesday mug"
    assert count(UnsavedForm) == 0
    assert "You have unsaved changes" not in staff.get(f"/admin/products/{product.id}").text


def test_it_is_ones_own_and_can_be_dropped(staff: FlaskClient, client: FlaskClient) -> None:
    product = make_product("Mug")
    db.session.commit()
    address = f"/admin/products/{product.id}"
    keep(staff, product, {"title": "Mine"})
    keep(staff, product, {"title": "Mine again"})
    assert count(UnsavedForm) == 1

    assert staff.post(f"{address}/unsaved/delete").location == address

    assert count(UnsavedForm) == 0
    keep(staff, product, {"title": "Mine"})
    be_signed_in(client, make_admin(email="other@example.com"))
    assert "unsaved changes" not in client.get(address).text
    assert Inputs(client.get(f"{address}?unsaved=1").text).values["title"] == "Mug"


@pytest.mark.parametrize("values", [{}, {"title": "x" * 1_000_001}])
def test_nothing_and_too_much_are_not_kept(staff: FlaskClient, values: dict[str, str]) -> None:
    product = make_product()
    db.session.commit()

    assert keep(staff, product, values) in (413, 422)
    assert count(UnsavedForm) == 0


def test_a_save_that_is_refused_keeps_what_was_typed(staff: FlaskClient) -> None:
    product = make_product("Mug")
    make_product(handle="taken")
    db.session.commit()
    keep(staff, product, {"title": "Typed"})

    response = save(staff, product, opened(staff, product) | {"handle": "taken"})

    assert response.status_code == 422
    assert count(UnsavedForm) == 1


def test_a_change_by_somebody_else_meanwhile_is_told_when_it_is_saved(staff: FlaskClient) -> None:
    product = make_product("Mug")
    db.session.commit()
    keep(staff, product, opened(staff, product) | {"summary": "mine"})
    save(staff, product, opened(staff, product) | {"title": "Theirs"})
    keep(staff, product, opened(staff, product) | {"summary": "mine", "version": "old"})

    taken = Inputs(staff.get(f"/admin/products/{product.id}?unsaved=1").text).values
    response = save(staff, product, taken)

    assert response.status_code == 409
    assert "Somebody else changed this product meanwhile" in response.text


def test_nobody_comes_back_after_a_month(staff: FlaskClient) -> None:
    product = make_product()
    db.session.commit()
    keep(staff, product, {"title": "Old"})

    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        desk.forget_old()

    assert count(UnsavedForm) == 0


# What only the merchant asks for


def test_barcode_cost_and_weight_are_saved_with_their_trail(staff: FlaskClient) -> None:
    product = make_product("Mug")
    (variant,) = variants_of(product)
    db.session.commit()
    name = f"variant-{variant.id}"
    typed = {f"{name}-barcode": "5901234123457", f"{name}-cost": "12.50", f"{name}-weight": "350"}

    response = save(staff, product, opened(staff, product) | typed)

    assert response.status_code == 303
    db.session.refresh(variant)
    assert (variant.barcode, variant.cost_amount, variant.weight_grams) == (
        "5901234123457", 1250, 350,
    )  # fmt: skip
    entry, save_of_page = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
    assert save_of_page.action == "product.saved"
    assert entry.data == {
        "barcode": ["", "5901234123457"], "cost_amount": [None, 1250], "weight_grams": [0, 350],
    }  # fmt: skip
    assert opened(staff, product)[f"{name}-cost"] == "12.50"


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("cost", "cheap", "Type an amount like 34.00"),
        ("weight", "1.5", "Type whole grams from 0 to 1,000,000."),
        ("weight", "1000001", "Type whole grams from 0 to 1,000,000."),
        ("barcode", "1" * 256, "Use at most 255 characters."),
    ],
)
def test_a_bad_cell_is_told_beside_it(
    staff: FlaskClient, field: str, text: str, sentence: str
) -> None:
    product = make_product("Mug")
    (variant,) = variants_of(product)
    db.session.commit()

    response = save(
        staff, product, opened(staff, product) | {f"variant-{variant.id}-{field}": text}
    )

    assert response.status_code == 422
    assert sentence in response.text
    assert count(AuditEntry) == 0


def test_collections_picked_by_hand_are_ticked(staff: FlaskClient) -> None:
    product = make_product("Mug")
    picked = collections.create_collection(CollectionDetails(title="Mugs"))
    db.session.commit()
    values = opened(staff, product)
    held = sa.select(CollectionProduct.collection_id)

    assert save(staff, product, values | {"collections": str(picked.id)}).status_code == 303
    assert db.session.scalars(held).all() == [picked.id]
    again = opened(staff, product)
    assert again["collections"] == str(picked.id)
    assert save(staff, product, again | {"title": "New"}).status_code == 303
    assert db.session.scalars(held).all() == [picked.id]
    last = opened(staff, product)
    del last["collections"]
    assert save(staff, product, last).status_code == 303
    assert db.session.scalars(held).all() == []


# The link


def test_a_draft_is_looked_at_by_its_link_for_a_week_and_is_nowhere_kept(
    staff: FlaskClient, client: FlaskClient
) -> None:
    product = make_product(
        "Secret mug", handle="secret", published=False, options={"Glaze": ["Cobalt", "Milk"]}
    )
    db.session.commit()
    page = staff.get(f"/admin/products/{product.id}").text
    link = page.split('href="/preview/')[1].split('"')[0]
    client.delete_cookie("session")

    response = client.get(f"/preview/{link}")

    assert response.status_code == 200
    assert "Secret mug" in response.text
    assert f"/preview/{link}?" in response.text
    assert '<div class="flash flash--info"' in response.text
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "Doorstep" not in client.get(f"/preview/{link}").text
    product.title = "Better mug"
    db.session.commit()
    assert "Better mug" in client.get(f"/preview/{link}").text
    assert client.get("/products/secret").status_code == 404
    with time_machine.travel(datetime.now(UTC) + preview.GOOD_FOR + timedelta(minutes=1)):
        ended = client.get(f"/preview/{link}")
    assert ended.status_code == 404
    assert "This preview has ended" in ended.text


@pytest.mark.parametrize("token", ["x", "MQ.abc.def", "1"])
def test_nobody_makes_a_link_for_himself(client: FlaskClient, store: None, token: str) -> None:
    make_product(published=False)

    assert client.get(f"/preview/{token}").status_code == 404

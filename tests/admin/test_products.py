from __future__ import annotations

import io
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from shop.accounts.models import Account
from shop.alerts import service as alerts
from shop.audit import AuditEntry
from shop.catalog.measures import Measures
from shop.catalog.models import Product, ProductImage, ProductStatus, Variant
from shop.extensions import db
from shop.inventory import reservations
from shop.inventory.models import StockMovement
from shop.orders.models import LineItem
from shop.store.models import StoreSettings
from tests.admin.editing import Inputs, opened, save
from tests.factories import (
    make_image,
    make_order,
    make_product,
    make_variant,
    stock_of,
    variants_of,
)


def fresh(product: Product) -> Product:
    return db.session.get_one(Product, product.id, populate_existing=True)


def complaints_in(page: str) -> list[str]:
    """The sentences of the summary, in their order."""
    summary = page.split('<div class="error-summary"')[1].split("</div>")[0]
    return [unescape(text.strip()) for text in re.findall(r"<a href=[^>]*>(.*?)</a>", summary)]


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 500)) -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", size, "#1c33b5").save(stream, kind)
    stream.seek(0)
    return stream


def images_of(product: Product) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(ProductImage.alt)
            .where(ProductImage.product_id == product.id)
            .order_by(ProductImage.position)
        )
    )


def one_image() -> tuple[int, str]:
    image = db.session.scalars(sa.select(ProductImage)).one()
    assert image.file is not None
    return image.id, image.file


def media() -> Path:
    from flask import current_app

    found: Path = current_app.extensions["settings"].media_path
    return found


# The list


def test_a_new_shop_is_told_how_to_begin(staff: FlaskClient) -> None:
    page = staff.get("/admin/products").text

    assert "No products yet" in page
    assert 'href="/admin/products/new"' in page


@pytest.fixture
def shelf(staff: FlaskClient) -> None:
    make_product("Tuesday mug", handle="tuesday-mug", unit_amount=3400, on_hand=10)
    jug = make_product("Doorstep jug", handle="jug", unit_amount=5000, on_hand=3)
    variants_of(jug)[0].sku = "FT-JUG-COB"
    jug.tags, jug.product_type = ["tea", "été"], "Jug"
    make_product("Secret bowl", handle="secret", published=False, on_hand=0)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Secret bowl", "Doorstep jug", "Tuesday mug"]),
        ("sort=title", ["Doorstep jug", "Secret bowl", "Tuesday mug"]),
        ("sort=changed", ["Secret bowl", "Doorstep jug", "Tuesday mug"]),
        ("sort=nonsense", ["Secret bowl", "Doorstep jug", "Tuesday mug"]),
        ("show=published", ["Doorstep jug", "Tuesday mug"]),
        ("show=draft", ["Secret bowl"]),
        ("show=low", ["Doorstep jug"]),
        ("show=x'y", ["Secret bowl", "Doorstep jug", "Tuesday mug"]),
        ("q=MUG", ["Tuesday mug"]),
        ("q=ft-jug", ["Doorstep jug"]),
        ("q=secret", ["Secret bowl"]),
        ("q=%25", []),
        ("q=u_sday", []),
        ("q=mug&show=draft", []),
        ("show=scheduled", []),
        ("show=archived", []),
        ("stock=in", ["Doorstep jug", "Tuesday mug"]),
        ("stock=out", ["Secret bowl"]),
        ("stock=uncounted", []),
        ("tag=Tea", ["Doorstep jug"]),
        ("tag=te", []),
        ("tag=%22", []),
        ("type=JUG", ["Doorstep jug"]),
        ("vendor=nobody", []),
        ("from=34.01", ["Doorstep jug"]),
        ("from=34&to=34", ["Secret bowl", "Tuesday mug"]),
        ("from=cheap&to=-1", ["Secret bowl", "Doorstep jug", "Tuesday mug"]),
        ("collection=999", []),
        ("collection=x", ["Secret bowl", "Doorstep jug", "Tuesday mug"]),
    ],
)
def test_products_are_found(staff: FlaskClient, shelf: None, query: str, found: list[str]) -> None:
    page = staff.get(f"/admin/products?{query}").text

    titles = re.findall(r'<a href="/admin/products/[0-9]+">([^<]*)</a>', page)
    assert titles == found
    assert ("No product matches" in page) is (not found)


def test_a_row_tells_price_range_and_stock(staff: FlaskClient) -> None:
    product = make_product("Mug", options={"Size": ["S", "L"]}, unit_amount=2000, on_hand=4)
    variants_of(product)[1].unit_amount = 3050
    make_order(variants_of(product)[0], quantity=3)
    make_variant(make_product("Gift card", options={"Value": []}), is_tracked=False)

    page = " ".join(staff.get("/admin/products").text.split())

    assert "£20.00 to £30.50" in page
    assert '<span class="cell-label">Available</span>5</td>' in page
    assert '<span class="cell-label">Available</span>not counted</td>' in page


def test_the_list_asks_a_fixed_number_of_questions(staff: FlaskClient, count_queries: Any) -> None:
    for number in range(27):
        make_image(make_product(f"Pot {number}"))
    db.session.commit()

    with count_queries() as statements:
        first = staff.get("/admin/products").text
    second = staff.get("/admin/products?page=2").text

    assert (first.count('class="list-item"'), second.count('class="list-item"')) == (25, 2)
    # Account, shop, menu; products with pictures and count, prices and stock, what may be
    # chosen.
    assert len(statements) == 6


def test_a_filter_is_kept_over_pages(staff: FlaskClient) -> None:
    for number in range(26):
        make_product(f"Pot {number}")

    page = unescape(staff.get("/admin/products?q=pot&show=published&sort=title").text)

    assert 'href="/admin/products?q=pot&show=published&sort=title&page=2"' in page
    assert "1 to 25 of 26" in page
    assert "26 to 26 of 26" in staff.get("/admin/products?q=pot&page=2").text


# A new one


def test_a_new_product_is_a_draft_with_one_variant(staff: FlaskClient, admin: Account) -> None:
    response = staff.post(
        "/admin/products/new",
        data={"title": " Tuesday  mug ", "price": "34,50", "sku": "FT-1", "on_hand": "7"},
    )

    product = db.session.scalars(sa.select(Product)).one()
    (variant,) = variants_of(product)
    assert (response.status_code, response.location) == (303, f"/admin/products/{product.id}")
    assert (product.title, product.handle, product.status) == (
        "Tuesday mug", "tuesday-mug", ProductStatus.DRAFT,
    )  # fmt: skip
    assert (variant.sku, variant.unit_amount, stock_of(variant)) == ("FT-1", 3450, (7, 0))
    assert actions() == ["product.created", "variant.created"]
    assert db.session.scalars(sa.select(AuditEntry.account_id)).all() == [admin.id] * 2


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Give the product a title."),
        ("title", "x" * 256, "Use at most 255 characters."),
        ("price", "", "Type an amount like 34.00"),
        ("price", "1.234,50", "Type an amount like 34.00"),
        ("price", "-1", "Type an amount like 34.00"),
        ("price", "٣٤", "Type an amount like 34.00"),
        ("price", "1e3", "Type an amount like 34.00"),
        ("price", "1_000", "Type an amount like 34.00"),
        ("price", "34.505", "Type an amount like 34.00"),
        ("price", "9" * 30, "Use at most 20 characters."),
        ("on_hand", "", "Type a whole number"),
        ("on_hand", "1.5", "Type a whole number"),
        ("on_hand", "-1", "Type a whole number"),
        ("on_hand", "1000001", "Type a whole number"),
        ("on_hand", "７", "Type a whole number"),
        ("sku", "TAKEN", "has a variant with this SKU"),
    ],
)
def test_a_bad_field_of_a_new_product_is_kept_as_typed(
    staff: FlaskClient, field: str, value: str, sentence: str
) -> None:
    variants_of(make_product("Other"))[0].sku = "TAKEN"
    values = {"title": "Mug", "price": "34", "sku": "", "on_hand": "1"} | {field: value}

    response = staff.post("/admin/products/new", data=values)

    assert response.status_code == 422
    (complaint,) = complaints_in(response.text)
    assert sentence in complaint
    assert f'aria-describedby="field-{field}' in response.text
    for typed in values.values():
        assert f'value="{typed}"' in response.text
    assert db.session.scalars(sa.select(Product.title)).all() == ["Other"]
    assert actions() == []


# The page of one


def test_saving_a_page_untouched_changes_nothing(staff: FlaskClient) -> None:
    product = make_product(
        "Mug <b>", options={"Glaze": ["Cobalt", "Milk"]}, summary="Two\nlines", tags=["a", "b c"]
    )
    make_image(product, alt='A "mug"')
    values = opened(staff, product)

    response = save(staff, product, values)

    assert response.status_code == 303
    assert actions() == []
    assert opened(staff, product) == values


def test_one_save_changes_words_prices_stock_and_pictures(
    staff: FlaskClient, admin: Account
) -> None:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]}, on_hand=5)
    cobalt, milk = variants_of(product)
    image = make_image(product, alt="")
    values = opened(staff, product) | {
        "title": "Tuesday mug",
        "handle": "tuesday-mug",
        "summary": "A mug.",
        "description": "<p>Good</p>",
        "tags": "coffee, Tea, coffee ,,",
        "status": "draft",
        f"variant-{cobalt.id}-price": "36",
        f"variant-{cobalt.id}-compare_at": "40,00",
        f"variant-{cobalt.id}-sku": "FT-COB",
        f"variant-{milk.id}-on_hand": "9",
        f"image-{image.id}-alt": "A mug",
    }

    response = save(staff, product, values)

    assert (response.status_code, response.location) == (303, f"/admin/products/{product.id}")
    product = fresh(product)
    assert (product.title, product.handle, product.summary, product.description) == (
        "Tuesday mug", "tuesday-mug", "A mug.", "<p>Good</p>",
    )  # fmt: skip
    assert product.tags == ["coffee", "Tea"]
    assert product.status == ProductStatus.DRAFT
    db.session.refresh(cobalt)
    assert (cobalt.sku, cobalt.unit_amount, cobalt.compare_at_amount) == ("FT-COB", 3600, 4000)
    assert (stock_of(cobalt), stock_of(milk)) == ((5, 0), (9, 0))
    assert images_of(product) == ["A mug"]
    assert sorted(actions()) == [
        "image.described", "product.saved", "product.unpublished", "product.updated",
        "stock.adjusted",
            "variant.price_changed",
        "variant.updated",
    ]  # fmt: skip
    assert set(db.session.scalars(sa.select(AuditEntry.account_id))) == {admin.id}
    movement = db.session.scalars(
        sa.select(StockMovement).where(StockMovement.variant_id == milk.id)
    ).all()[-1]
    assert (movement.quantity, movement.account_id) == (4, admin.id)


def test_every_bad_field_is_told_at_once_and_nothing_is_saved(staff: FlaskClient) -> None:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]}, on_hand=5)
    cobalt, milk = variants_of(product)
    values = opened(staff, product) | {
        "title": " ",
        "handle": "Not A Handle",
        "tags": "x" * 61,
        "status": "sold",
        f"variant-{cobalt.id}-price": "cheap",
        f"variant-{cobalt.id}-on_hand": "many",
        f"variant-{milk.id}-price": "99",
    }

    response = save(staff, product, values)

    assert response.status_code == 422
    assert len(complaints_in(response.text)) == 6
    assert "Cobalt, Price: Type an amount like 34.00, at most 999999.99." in complaints_in(
        response.text
    )
    for name in ("title", "handle", "tags", f"variant-{cobalt.id}-price"):
        assert f'href="#field-{name}"' in response.text
    assert Inputs(response.text).values[f"variant-{cobalt.id}-price"] == "cheap"
    assert Inputs(response.text).values[f"variant-{milk.id}-price"] == "99"
    assert fresh(product).title == "Mug"
    assert variants_of(product)[1].unit_amount == 3400
    assert actions() == []


def test_what_only_the_database_knows_is_told_beside_its_field(staff: FlaskClient) -> None:
    other = make_product("Other", handle="taken")
    variants_of(other)[0].sku = "TAKEN"
    product = make_product("Mug", on_hand=5)
    (variant,) = variants_of(product)
    make_order(variant, quantity=4)
    values = opened(staff, product) | {
        "title": "Changed",
        "handle": "taken",
        f"variant-{variant.id}-sku": "TAKEN",
        f"variant-{variant.id}-on_hand": "3",
    }

    response = save(staff, product, values)

    assert response.status_code == 422
    assert complaints_in(response.text) == [
        "Another product has this address. Choose a different one.",
        f"SKU: Product {other.id} has a variant with this SKU.",
        "On hand: 4 are promised to orders; it cannot be less.",
    ]
    assert Inputs(response.text).values == values
    assert fresh(product).title == "Mug"
    assert stock_of(variant) == (5, 4)
    assert actions() == []


def test_a_sale_meanwhile_is_not_overwritten(staff: FlaskClient) -> None:
    product = make_product("Mug", on_hand=10)
    (variant,) = variants_of(product)
    values = opened(staff, product) | {"title": "New title", f"variant-{variant.id}-on_hand": "12"}
    order = make_order(variant, quantity=2)
    reservations.sell(order.id)

    response = save(staff, product, values)

    assert response.status_code == 422
    assert complaints_in(response.text) == [
        "On hand: Meanwhile it became 8; the page showed 10. Check your number and save again."
    ]
    assert stock_of(variant) == (8, 0)
    assert fresh(product).title == "Mug"
    again = Inputs(response.text).values
    assert (again["title"], again[f"variant-{variant.id}-on_hand"]) == ("New title", "12")
    assert save(staff, product, again).status_code == 303
    assert stock_of(variant) == (12, 0)


def test_a_sale_meanwhile_is_no_matter_where_the_number_was_not_touched(
    staff: FlaskClient,
) -> None:
    product = make_product("Mug", on_hand=10)
    (variant,) = variants_of(product)
    values = opened(staff, product) | {"title": "New title"}
    reservations.sell(make_order(variant, quantity=2).id)

    assert save(staff, product, values).status_code == 303
    assert stock_of(variant) == (8, 0)


def test_two_people_editing_are_told_of_each_other(staff: FlaskClient) -> None:
    product = make_product("Mug", summary="old")
    (variant,) = variants_of(product)
    mine = opened(staff, product) | {"summary": "mine"}
    theirs = opened(staff, product) | {"title": "Theirs", f"variant-{variant.id}-price": "50"}
    assert save(staff, product, theirs).status_code == 303

    response = save(staff, product, mine)

    assert response.status_code == 409
    assert "Somebody else changed this product meanwhile" in response.text
    for there in (
        "<dt>Title</dt><dd>Theirs</dd>",
        "<dd>50.00</dd>",
        "<dt>Summary</dt><dd>old</dd>",
    ):
        assert there in response.text
    assert (fresh(product).title, fresh(product).summary) == ("Theirs", "old")
    again = Inputs(response.text).values
    assert (again["title"], again["summary"]) == ("Mug", "mine")
    assert save(staff, product, again).status_code == 303
    assert (fresh(product).title, fresh(product).summary) == ("Mug", "mine")


@pytest.mark.parametrize("version", ["", "x", "0" * 16])
def test_a_made_up_version_saves_nothing(staff: FlaskClient, version: str) -> None:
    product = make_product("Mug")
    values = opened(staff, product) | {"version": version, "title": "Changed"}

    assert save(staff, product, values).status_code == 409
    assert fresh(product).title == "Mug"


def test_a_form_cannot_reach_another_products_rows(staff: FlaskClient) -> None:
    product, other = make_product("Mug"), make_product("Other")
    (variant,) = variants_of(other)
    image = make_image(other, alt="Other")
    values = opened(staff, product) | {
        f"variant-{variant.id}-price": "1",
        f"variant-{variant.id}-on_hand": "0",
        f"image-{image.id}-alt": "stolen",
        "id": str(other.id),
        "created_at": "2000-01-01",
        "published_at": "",
    }

    assert save(staff, product, values).status_code == 303
    assert variants_of(other)[0].unit_amount == 3400
    assert stock_of(variant) == (10, 0)
    assert images_of(other) == ["Other"]


def test_rows_that_the_form_leaves_out_stay(staff: FlaskClient) -> None:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]})
    cobalt, _milk = variants_of(product)
    values = {
        name: value
        for name, value in opened(staff, product).items()
        if not name.startswith(f"variant-{cobalt.id}-")
    }

    assert save(staff, product, values).status_code == 303
    assert [variant.unit_amount for variant in variants_of(product)] == [3400, 3400]


def test_publishing_and_taking_back(staff: FlaskClient) -> None:
    product = make_product("Mug", published=False)

    save(staff, product, opened(staff, product) | {"status": "published"})
    published = fresh(product).status
    save(staff, product, opened(staff, product) | {"status": "draft"})

    assert (published, fresh(product).status) == ("published", "draft")
    assert actions() == [
        "product.published", "product.saved", "product.unpublished", "product.saved",
    ]  # fmt: skip


def test_a_product_without_variants_is_not_published(staff: FlaskClient) -> None:
    product = make_product("Mug", published=False, options={"Glaze": []})

    response = save(staff, product, opened(staff, product) | {"status": "published"})

    assert response.status_code == 422
    assert complaints_in(response.text) == ["A product without variants cannot be published."]
    assert fresh(product).status == "draft"


def test_an_uncounted_variant_has_no_number_to_type(staff: FlaskClient) -> None:
    product = make_product("Gift card", options={"Value": []})
    variant = make_variant(product, is_tracked=False, on_hand=0)

    values = opened(staff, product)

    assert f"variant-{variant.id}-on_hand" not in values
    assert save(staff, product, values | {f"variant-{variant.id}-price": "25"}).status_code == 303
    assert variants_of(product)[0].unit_amount == 2500


@pytest.mark.parametrize(
    ("currency", "typed", "amount"), [("JPY", "1200", 1200), ("KWD", "1.230", 1230)]
)
def test_prices_follow_the_shops_currency(
    staff: FlaskClient, currency: str, typed: str, amount: int
) -> None:
    db.session.execute(sa.update(StoreSettings).values(currency=currency))
    product = make_product("Mug", unit_amount=500)
    (variant,) = variants_of(product)
    values = opened(staff, product) | {f"variant-{variant.id}-price": typed}

    assert save(staff, product, values).status_code == 303
    assert variants_of(product)[0].unit_amount == amount
    assert opened(staff, product)[f"variant-{variant.id}-price"] == typed


def test_a_price_that_the_currency_cannot_express_is_refused(staff: FlaskClient) -> None:
    db.session.execute(sa.update(StoreSettings).values(currency="JPY"))
    product = make_product("Mug", unit_amount=500)
    (variant,) = variants_of(product)

    response = save(
        staff, product, opened(staff, product) | {f"variant-{variant.id}-price": "12.50"}
    )

    assert response.status_code == 422
    assert complaints_in(response.text) == ["Price: Type an amount like 3400, at most 99999999."]


def test_the_page_asks_a_fixed_number_of_questions(staff: FlaskClient, count_queries: Any) -> None:
    product = make_product("Mug", options={"Glaze": [f"Glaze {n}" for n in range(12)]})
    for _ in range(5):
        make_image(product)
    address = f"/admin/products/{product.id}"
    db.session.commit()

    with count_queries() as statements:
        staff.get(address)

    # Account, shop, menu; product, options, variants, pictures, stock, who waits, whether it was
    # sold, a copy's address, what was not saved, the collections that hold it and all of them.
    assert len(statements) == 14


# Pictures


def upload(client: FlaskClient, product: Product, stream: Any, name: str = "a.png") -> TestResponse:
    return client.post(
        f"/admin/products/{product.id}/images",
        data={"picture": (stream, name), "alt": "A mug"},
    )


def test_an_uploaded_picture_is_encoded_anew_and_stands_last(staff: FlaskClient) -> None:
    product = make_product("Mug")
    make_image(product, alt="first")

    response = upload(staff, product, picture(), name="../../evil.php")

    assert (response.status_code, response.location) == (
        303, f"/admin/products/{product.id}#pictures",
    )  # fmt: skip
    assert images_of(product) == ["first", "A mug"]
    file = db.session.scalars(sa.select(ProductImage.file).order_by(ProductImage.id.desc())).first()
    assert file is not None
    assert {path.suffix for path in media().glob(f"{file}-*")} == {".avif", ".webp", ".jpg"}
    assert actions() == ["image.added"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This is not a picture we can read."),
        (b"<?php echo 1 ?>", "This is not a picture we can read."),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not a picture we can"),
        (picture().read()[:60], "This is not a picture we can read."),
        (picture(size=(12_001, 1)).read(), "This picture is too large."),
        (picture(size=(40, 50)).read(), "This picture is too small to look sharp."),
    ],
    ids=["empty", "php", "svg", "torn", "long", "tiny"],
)
def test_what_is_no_picture_is_refused_beside_the_field(
    staff: FlaskClient, content: bytes, sentence: str
) -> None:
    product = make_product("Mug")
    before = set(media().iterdir())

    response = upload(staff, product, io.BytesIO(content))

    assert response.status_code == 422
    (complaint,) = complaints_in(response.text)
    assert sentence in complaint
    assert 'id="field-picture-error"' in response.text
    assert 'value="A mug"' in response.text
    assert images_of(product) == []
    assert set(media().iterdir()) == before
    assert actions() == []


def test_uploading_nothing_is_told(staff: FlaskClient) -> None:
    product = make_product("Mug")

    response = staff.post(f"/admin/products/{product.id}/images", data={"alt": ""})

    assert response.status_code == 422
    assert complaints_in(response.text) == ["Choose a picture first."]


def test_pictures_move_up_and_down_and_stop_at_the_ends(staff: FlaskClient) -> None:
    product = make_product("Mug")
    for position, alt in enumerate(["a", "b", "c"], start=1):
        make_image(product, alt=alt, position=position)
    ids = {
        image.alt: image.id
        for image in db.session.scalars(
            sa.select(ProductImage).where(ProductImage.product_id == product.id)
        )
    }
    seen = []
    for alt, direction in [("c", "up"), ("a", "up"), ("a", "down"), ("b", "down")]:
        staff.post(
            f"/admin/products/{product.id}/images/{ids[alt]}/position",
            data={"direction": direction},
        )
        seen.append("".join(images_of(product)))

    assert seen == ["acb", "acb", "cab", "cab"]


def test_an_unknown_direction_moves_nothing(staff: FlaskClient) -> None:
    product = make_product("Mug")
    image = make_image(product, alt="a")

    address = f"/admin/products/{product.id}/images/{image.id}/position"

    assert staff.post(address, data={"direction": "sideways"}).status_code == 400
    assert actions() == []


def test_a_removed_picture_leaves_no_files(staff: FlaskClient) -> None:
    product = make_product("Mug")
    upload(staff, product, picture())
    image_id, file = one_image()

    response = staff.post(f"/admin/products/{product.id}/images/{image_id}/delete")

    assert response.status_code == 303
    assert images_of(product) == []
    assert list(media().glob(f"{file}-*")) == []
    assert actions() == ["image.added", "image.removed"]


def test_a_picture_that_an_order_shows_stays_in_the_folder(staff: FlaskClient) -> None:
    product = make_product("Mug")
    upload(staff, product, picture())
    image_id, file = one_image()
    make_order(variants_of(product)[0])
    db.session.execute(sa.update(LineItem).values(file=file))

    staff.post(f"/admin/products/{product.id}/images/{image_id}/delete")

    assert images_of(product) == []
    assert len(list(media().glob(f"{file}-*"))) == 7


@pytest.mark.parametrize("action", ["position", "delete"])
def test_a_picture_is_changed_at_its_own_product_only(staff: FlaskClient, action: str) -> None:
    product, other = make_product("Mug"), make_product("Other")
    image = make_image(other, alt="theirs")

    response = staff.post(
        f"/admin/products/{product.id}/images/{image.id}/{action}", data={"direction": "up"}
    )

    assert response.status_code == 404
    assert images_of(other) == ["theirs"]
    assert actions() == []


# Coming again, and unit price


def test_a_restock_date_and_a_unit_price_are_saved_and_cleared(staff: FlaskClient) -> None:
    product = make_product()
    (variant,) = variants_of(product)
    path = f"/admin/products/{product.id}"
    prefix = f"variant-{variant.id}-"

    form = Inputs(staff.get(path).text).values
    more = {"restock_on": "2026-11-27", "contains": "250 g", "price_per": "100 g"}
    staff.post(path, data=form | {prefix + name: value for name, value in more.items()})
    saved = db.session.get_one(Variant, variant.id, populate_existing=True)
    assert (saved.restock_on, saved.measures) == (
        date(2026, 11, 27), Measures(250_000, "g", 100, "g"),
    )  # fmt: skip

    again = Inputs(staff.get(path).text).values
    assert again[prefix + "contains"] == "250 g"
    staff.post(path, data=again | {prefix + name: "" for name in more})
    cleared = db.session.get_one(Variant, variant.id, populate_existing=True)
    assert (cleared.restock_on, cleared.measures) == (None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"restock_on": "27 November"},
        {"contains": "250 g"},
        {"price_per": "100 g"},
        {"contains": "250 g", "price_per": "1 l"},
    ],
)
def test_a_date_or_amount_that_cannot_be_read_is_refused(
    staff: FlaskClient, wrong: dict[str, str]
) -> None:
    product = make_product(title="Tea")
    (variant,) = variants_of(product)
    path = f"/admin/products/{product.id}"

    form = Inputs(staff.get(path).text).values | {"title": "Other"}
    answer = staff.post(
        path, data=form | {f"variant-{variant.id}-{name}": value for name, value in wrong.items()}
    )

    assert answer.status_code == 422
    assert db.session.get_one(Product, product.id, populate_existing=True).title == "Tea"


def test_the_page_says_how_many_wait_for_a_variant(staff: FlaskClient) -> None:
    product = make_product(on_hand=0)
    (variant,) = variants_of(product)
    for name in ("ines", "tom"):
        alerts.wait_for(variant.id, f"{name}@example.com", "en")

    page = staff.get(f"/admin/products/{product.id}").text

    assert re.search(r"Waiting</span>\s*2<", page)


def test_what_a_product_is_taxed_as_is_chosen(staff: FlaskClient) -> None:
    product = make_product("A book", handle="a-book")
    address = f"/admin/products/{product.id}"
    values = Inputs(staff.get(address).text).values

    refused = staff.post(address, data=values | {"tax_category": "cake"})
    kept = db.session.get_one(Product, product.id).tax_category
    saved = staff.post(address, data=values | {"tax_category": "reduced"})

    assert (refused.status_code, kept, saved.status_code) == (422, "standard", 303)
    assert "Choose one of the kinds of goods." in refused.text
    assert db.session.get_one(Product, product.id).tax_category == "reduced"
    assert '<option value="reduced" selected>' in staff.get(address).text

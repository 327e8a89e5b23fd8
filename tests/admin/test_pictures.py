"""Adding, describing, ordering and assigning a product's pictures."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from shop.audit import AuditEntry
from shop.catalog.models import Product, ProductImage, Variant
from shop.extensions import db
from tests.factories import make_image, make_product, variants_of
from tests.pages import read

JSON = {"Accept": "application/json"}


def png(size: tuple[int, int] = (300, 300)) -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", size, "#1c33b5").save(stream, "PNG")
    stream.seek(0)
    return stream


def upload(
    client: FlaskClient,
    product: Product,
    *files: tuple[io.BytesIO, str],
    headers: dict[str, str] | None = None,
) -> TestResponse:
    return client.post(
        f"/admin/products/{product.id}/images",
        data={"picture": list(files), "alt": "A mug"},
        headers=headers,
    )


def alts_of(product: Product) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(ProductImage.alt)
            .where(ProductImage.product_id == product.id)
            .order_by(ProductImage.position)
        )
    )


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def address_of(image: ProductImage) -> str:
    return f"/admin/products/{image.product_id}/images/{image.id}"


def values(**changes: object) -> dict[str, object]:
    return {"alt": "A mug", "is_decorative": "", "focal": "50,50"} | changes


# Adding


def test_several_pictures_are_added_in_one_go(staff: FlaskClient) -> None:
    product = make_product("Mug")

    response = upload(staff, product, (png(), "a.png"), (png(), "b.png"))

    assert response.status_code == 303
    assert alts_of(product) == ["", ""]  # one description fits one picture
    assert "2 pictures added." in staff.get(f"/admin/products/{product.id}").text


def test_each_refused_file_is_told_by_its_name_and_the_others_are_kept(
    staff: FlaskClient,
) -> None:
    product = make_product("Mug")

    response = upload(
        staff,
        product,
        (io.BytesIO(b"<svg/>"), "logo.svg"),
        (png(), "good.png"),
        (png((20, 20)), "tiny.png"),
    )

    assert response.status_code == 422
    text = unescape(" ".join(response.text.split()))
    assert "logo.svg: This is not a picture we can read." in text
    assert "tiny.png: This picture is too small to look sharp." in text
    assert alts_of(product) == [""]
    assert actions() == ["image.added"]


def test_too_many_at_once_are_none(staff: FlaskClient) -> None:
    product = make_product("Mug")

    response = upload(staff, product, *((io.BytesIO(b"x"), f"{i}.png") for i in range(21)))

    assert response.status_code == 422
    assert "Send at most 20 pictures at once." in response.text
    assert alts_of(product) == []


def test_a_script_is_answered_in_its_own_way(staff: FlaskClient) -> None:
    product = make_product("Mug")

    added = upload(staff, product, (png(), "a.png"), headers=JSON)
    refused = upload(staff, product, (io.BytesIO(b""), "<b>.png"), headers=JSON)

    assert (added.status_code, added.json) == (201, {})
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["error"]["message"].startswith("<b>.png: This is not a picture")
    assert alts_of(product) == ["A mug"]


# One picture


def test_a_picture_is_described_focused_and_given_to_variants(staff: FlaskClient) -> None:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Milk", "Rust"]})
    cobalt, milk, rust = variants_of(product)
    image, other = make_image(product), make_image(product)
    rust.image_id, milk.image_id = image.id, other.id

    response = staff.post(
        address_of(image),
        data=values(alt="From above", focal="25,100", variants=[cobalt.id, milk.id]),
    )

    assert (response.status_code, response.location) == (
        303, f"/admin/products/{product.id}#pictures",
    )  # fmt: skip
    db.session.expire_all()
    assert (image.alt, image.is_decorative) == ("From above", False)
    assert (image.focal_x, image.focal_y) == (25, 100)
    assert [v.image_id for v in variants_of(product)] == [image.id, image.id, None]
    assert actions() == ["image.described"]


def test_a_decorative_picture_needs_no_words(staff: FlaskClient) -> None:
    image = make_image(make_product("Mug"), alt="Old words")

    staff.post(address_of(image), data=values(alt="", is_decorative="1"))

    db.session.refresh(image)
    assert (image.alt, image.is_decorative) == ("", True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"alt": " "}, "Describe it, or say that it only decorates."),
        ({"alt": "x" * 513}, "Use at most 512 characters."),
        ({"focal": "30,50"}, "Choose a point of the picture."),
        ({"focal": "'"}, "Choose a point of the picture."),
        ({"is_decorative": "2"}, "Choose one of the two."),
    ],
)
def test_what_does_not_fit_changes_nothing(
    staff: FlaskClient, changes: dict[str, object], sentence: str
) -> None:
    image = make_image(make_product("Mug"), alt="Old words")

    response = staff.post(address_of(image), data=values(**changes))

    assert response.status_code == 422
    assert sentence in response.text
    db.session.refresh(image)
    assert (image.alt, image.focal_x, image.is_decorative) == ("Old words", 50, False)
    assert actions() == []


def test_a_picture_is_never_given_to_another_products_variant(staff: FlaskClient) -> None:
    image = make_image(make_product("Mug"))
    stranger = variants_of(make_product("Bowl"))[0]

    staff.post(address_of(image), data=values(variants=[stranger.id, 10**12, "x"]))

    assert db.session.get_one(Variant, stranger.id).image_id is None


def test_a_pictures_page_shows_its_focal_point_and_its_variants(staff: FlaskClient) -> None:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]})
    cobalt, _milk = variants_of(product)
    image = make_image(product, focal_x=75, focal_y=0, alt="A mug")
    cobalt.image_id = image.id

    page = read(staff.get(address_of(image)).text)

    assert page.chosen("focal") == "75,0"
    assert len(page.having("input", name="focal")) == 25
    boxes = page.having("input", name="variants")
    assert [box["value"] for box in boxes if "checked" in box] == [str(cobalt.id)]


def test_words_that_somebody_else_wrote_meanwhile_are_not_overwritten(staff: FlaskClient) -> None:
    product = make_product("Mug")
    image = make_image(product, alt="")
    page = read(staff.get(f"/admin/products/{product.id}").text)
    image.alt = "Theirs"

    sent = {"version": page.value("version"), "title": "Mug", "handle": product.handle}
    sent |= {"status": "draft", f"image-{image.id}-alt": "Mine", f"image-{image.id}-alt_was": ""}
    response = staff.post(f"/admin/products/{product.id}", data=sent)

    assert response.status_code == 422
    assert "Meanwhile it became “Theirs”." in response.text
    assert alts_of(product) == ["Theirs"]


# Their order


def test_pictures_are_put_in_any_order(staff: FlaskClient) -> None:
    product = make_product("Mug")
    a, b, c = (make_image(product, alt=alt, position=i) for i, alt in enumerate("abc", 1))

    response = staff.post(
        f"/admin/products/{product.id}/images/order", data={"image_id": [c.id, a.id, b.id]}
    )

    assert response.status_code == 303
    assert alts_of(product) == ["c", "a", "b"]
    assert actions() == ["image.ordered"]


@pytest.mark.parametrize("kind", ["none", "one missing", "a stranger", "twice", "no number"])
def test_an_order_of_other_pictures_moves_nothing(staff: FlaskClient, kind: str) -> None:
    product = make_product("Mug")
    a, b = (make_image(product, alt=alt, position=i) for i, alt in enumerate("ab", 1))
    stranger = make_image(make_product("Bowl"))
    ids = {
        "none": [],
        "one missing": [b.id],
        "a stranger": [b.id, a.id, stranger.id],
        "twice": [b.id, b.id, a.id],
        "no number": ["x", "y"],
    }[kind]

    response = staff.post(
        f"/admin/products/{product.id}/images/order", data={"image_id": ids}, headers=JSON
    )

    assert response.status_code == 409
    assert alts_of(product) == ["a", "b"]
    assert actions() == []


def test_the_first_cannot_move_up_nor_the_last_down(staff: FlaskClient) -> None:
    product = make_product("Mug")
    for position in (1, 2):
        make_image(product, position=position)

    html = staff.get(f"/admin/products/{product.id}").text

    buttons = re.findall(r'name="direction" value="(\w+)"( disabled)?', html)
    assert buttons == [("up", " disabled"), ("down", ""), ("up", ""), ("down", " disabled")]

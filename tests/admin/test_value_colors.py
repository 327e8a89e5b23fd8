"""Colors of an option's values: typed once, seen on every product and in the filters."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog.models import Product, Swatch
from shop.extensions import db
from tests.factories import make_product
from tests.pages import read


@pytest.fixture
def mug(staff: FlaskClient) -> Product:
    product = make_product("Mug", options={"Glaze": ["Cobalt", "Milk"]})
    db.session.commit()
    return product


def colors_of(option: str) -> dict[str, str]:
    db.session.expire_all()
    rows = db.session.execute(
        sa.select(Swatch.value, Swatch.color).where(Swatch.option_name == option)
    )
    return {row.value: row.color for row in rows}


def address(product: Product) -> str:
    return f"/admin/products/{product.id}/colors"


def test_a_color_makes_a_tile_on_every_product_and_in_the_filters(
    staff: FlaskClient, mug: Product
) -> None:
    bowl = make_product("Bowl", options={"Glaze": ["Cobalt", "Milk"]})
    make_product("Lid", options={"Glaze": ["Milk"]})
    db.session.commit()

    answer = staff.post(address(mug), data={"color-0": "1C33B5", "color-1": "#fff"})

    assert (answer.status_code, answer.location) == (303, f"/admin/products/{mug.id}#variants")
    assert colors_of("Glaze") == {"Cobalt": "#1c33b5", "Milk": "#ffffff"}
    assert db.session.scalars(sa.select(AuditEntry.action)).all() == ["product.colors_changed"]
    page = read(staff.get(f"/products/{bowl.handle}").text)
    assert len(page.having("a", class_="tile")) == 2
    assert "fill='%231c33b5'" in page.having("img", width="144")[0]["src"]
    assert len(read(staff.get("/products").text).having("label", class_="facet__tile")) == 2


def test_what_is_no_color_changes_nothing(staff: FlaskClient, mug: Product) -> None:
    answer = staff.post(address(mug), data={"color-0": "blue", "color-1": "#ffffff"})

    assert answer.status_code == 422
    assert "Write the color as #1c33b5" in answer.text
    assert read(answer.text).value("color-0") == "blue"
    assert colors_of("Glaze") == {}
    assert db.session.scalars(sa.select(AuditEntry.action)).all() == []


def test_an_empty_field_takes_the_swatch_away(staff: FlaskClient, mug: Product) -> None:
    staff.post(address(mug), data={"color-0": "#1c33b5", "color-1": "#ffffff"})

    staff.post(address(mug), data={"color-0": "", "color-1": "#ffffff"})

    assert colors_of("Glaze") == {"Milk": "#ffffff"}


def test_who_saves_an_old_page_is_told_first(staff: FlaskClient, mug: Product) -> None:
    seen = read(staff.get(address(mug)).text).value("made_from")
    staff.post(address(mug), data={"color-0": "#1c33b5", "color-1": "#ffffff"})

    answer = staff.post(address(mug), data={"made_from": seen, "color-0": "#000000"})

    assert answer.status_code == 409
    assert "Somebody changed this meanwhile" in answer.text
    assert colors_of("Glaze") == {"Cobalt": "#1c33b5", "Milk": "#ffffff"}


def test_a_product_without_options_has_nothing_to_color(staff: FlaskClient) -> None:
    plain = make_product("Salt pig")
    db.session.commit()

    assert staff.get(address(plain)).status_code == 200
    assert staff.post(address(plain)).status_code == 303
    assert colors_of("Glaze") == {}

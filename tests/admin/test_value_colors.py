"""Colors of an option's values: typed once, seen on every product and in the filters."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.catalog import swatches
from shop.catalog.models import Product, Swatch
from shop.database import transaction
from shop.extensions import db
from tests.accounts.people import make_admin
from tests.admin.test_options import arrange
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
    assert len(read(staff.get("/products").text).having("img", width="144")) == 2


@pytest.mark.parametrize(
    ("changes", "option"),
    [({"o0_value_0": "Deep cobalt"}, "Glaze"), ({"o0_name": "Color"}, "Color")],
    ids=["value", "option"],
)
def test_what_is_renamed_keeps_its_color(
    staff: FlaskClient, mug: Product, changes: dict[str, str], option: str
) -> None:
    staff.post(address(mug), data={"color-0": "#1c33b5", "color-1": "#ffffff"})
    make_product("Bowl", options={"Glaze": ["Cobalt"]})
    db.session.commit()

    answer = arrange(staff, mug, [0, 1], **changes)

    assert answer.status_code == 303
    page = read(staff.get(address(mug)).text)
    assert (page.value("color-0"), page.value("color-1")) == ("#1c33b5", "#ffffff")
    assert colors_of("Glaze")["Cobalt"] == "#1c33b5"  # of the bowl
    assert changes.get("o0_value_0", "Cobalt") in colors_of(option)


def test_a_new_name_that_has_a_color_keeps_that(staff: FlaskClient, mug: Product) -> None:
    staff.post(address(mug), data={"color-0": "#1c33b5", "color-1": "#ffffff"})

    arrange(staff, mug, [0, 1], o0_value_0="Milk", o0_value_1="Cobalt")

    assert colors_of("Glaze") == {"Cobalt": "#1c33b5", "Milk": "#ffffff"}


def test_an_option_without_colors_is_renamed_as_ever(staff: FlaskClient, mug: Product) -> None:
    arrange(staff, mug, [0, 1], o0_value_0="Deep cobalt")

    assert colors_of("Glaze") == {}


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


def test_the_options_stand_in_the_products_order(staff: FlaskClient) -> None:
    pot = make_product("Pot", options={"Glaze": ["Milk", "Cobalt"], "Body": ["Red clay"]})
    db.session.commit()

    text = read(staff.get(address(pot)).text).text

    places = [text.index(words) for words in ("Glaze", "Milk", "Cobalt", "Body", "Red clay")]
    assert places == sorted(places)


def test_two_products_bring_the_same_value_at_once(own_database: Flask) -> None:
    colors = [f"#00000{number}" for number in range(8)]
    glazes = [("Glaze", f"Glaze {number}") for number in range(20)]
    with own_database.app_context():
        by = make_admin().id
        ids = [make_product().id for _ in colors]
        db.session.commit()
    start = threading.Barrier(len(colors))

    def save(number: int) -> None:
        order = glazes if number % 2 else glazes[::-1]
        with own_database.app_context():
            db.session.get_one(Product, ids[number])
            start.wait()
            with transaction():
                product = db.session.get_one(Product, ids[number])
                swatches.paint(product, dict.fromkeys(order, colors[number]), by=by)

    with ThreadPoolExecutor(len(colors)) as threads:
        list(threads.map(save, range(len(colors))))

    with own_database.app_context():
        stored = colors_of("Glaze")
        assert sorted(stored) == sorted(value for _name, value in glazes)
        assert set(stored.values()) < set(colors)
        assert len(set(stored.values())) == 1
        assert db.session.scalar(sa.select(sa.func.count(AuditEntry.id))) == len(colors)

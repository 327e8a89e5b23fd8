"""The shop's own currency, changed while nothing is sold: no price becomes another one unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.audit import AuditEntry
from shop.bulk import service as bulk
from shop.bulk.models import Action, BulkJob
from shop.catalog import variant_service
from shop.catalog.models import Collection, PriceChange, Product, Variant, VariantPrice
from shop.extensions import db
from shop.imports.models import Import, ImportState
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.discounts import Kind
from shop.pricing.models import ShippingRate
from shop.pricing.shipping import Basis
from shop.setup import own_currency as service
from shop.store import queries as stores
from shop.store.currencies import Currency, Ending
from shop.store.models import StoreSettings
from tests.accounts.people import be_signed_in, make_account
from tests.factories import (
    make_currency,
    make_discount,
    make_gift_card,
    make_image,
    make_order,
    make_price,
    make_product,
    make_rates,
    variants_of,
)
from tests.pages import read

PATH = "/admin/settings/currencies/own"
EUR = {"base": "GBP", "code": "eur", "method": "keep"}


def amounts() -> list[int]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Variant.unit_amount).order_by(Variant.id)))


def settings() -> StoreSettings:
    db.session.expire_all()
    return db.session.get_one(StoreSettings, 1)


@pytest.mark.parametrize(
    ("code", "becomes", "shown"),
    [("EUR", 3450, "€34.50"), ("JPY", 35, "¥35"), ("KWD", 34_500, "34.500")],
)
def test_numbers_that_stay_keep_their_decimals_right(
    staff: FlaskClient, code: str, becomes: int, shown: str
) -> None:
    product = make_product(unit_amount=3450)

    answer = staff.post(PATH, data=EUR | {"code": code})

    assert answer.location == "/admin/settings/currencies"
    assert (amounts(), stores.current().currency) == ([becomes], code)
    assert shown in read(staff.get(f"/products/{product.handle}").text).text.replace("\xa0", " ")


def test_converting_multiplies_every_amount_once(staff: FlaskClient) -> None:
    product = make_product(unit_amount=3400)
    (variant,) = variants_of(product)
    variant.compare_at_amount, variant.cost_amount = 4000, 1200
    make_rates(shipping=450, free_from=6000)
    way = db.session.query(ShippingRate).one()
    way.basis, way.steps = Basis.PRICE, [[10_000, 900], [20_000, None]]
    off = make_discount("FIVE", kind=Kind.AMOUNT, value=500, minimum_amount=2000,
                        tiers=[[3000, 700]])  # fmt: skip
    tenth = make_discount("TENTH", value=100_000, tiers=[[5000, 200_000]])
    db.session.flush()

    answer = staff.post(PATH, data=EUR | {
        "code": "JPY", "method": "convert", "rate": "190,5", "ending": "nearest_10",
    })  # fmt: skip

    assert answer.status_code == 303
    db.session.expire_all()
    # 34.00 x 190.5 = 6477; 40.00: 7620; 12.00: 2286
    assert (variant.unit_amount, variant.compare_at_amount, variant.cost_amount) == (
        6480, 7620, 2290,
    )  # fmt: skip
    # 4.50: 857.25; 60.00: 11430; 100.00: 19050; 9.00: 1714.5; 200.00: 38100
    assert (way.amount, way.free_from_amount) == (860, 11_430)
    assert way.steps == [[19_050, 1710], [38_100, None]]
    # 5.00: 952.5; 20.00: 3810; 30.00: 5715; 7.00: 1333.5
    assert (off.value, off.minimum_amount, off.tiers) == (950, 3810, [[5720, 1330]])
    assert (tenth.value, tenth.tiers) == (100_000, [[9530, 200_000]])
    last = db.session.query(PriceChange).filter_by(variant_id=variant.id).all()
    assert {(each.unit_amount, each.compare_at_amount) for each in last} <= {(6480, None)}


def test_weights_of_deliveries_are_no_money(staff: FlaskClient) -> None:
    make_rates()
    way = db.session.query(ShippingRate).one()
    way.basis, way.steps = Basis.WEIGHT, [[2000, 900]]
    db.session.flush()

    staff.post(PATH, data=EUR | {"code": "JPY"})

    db.session.expire_all()
    assert way.steps == [[2000, 9]]


def test_a_price_typed_for_the_new_currency_becomes_the_price(staff: FlaskClient) -> None:
    typed, other = make_product("Mug"), make_product("Bowl")
    make_currency("EUR", "1.17")
    make_currency("USD", "1.30")
    make_price(variants_of(typed)[0], "EUR", 3900, 4500)
    make_price(variants_of(typed)[0], "USD", 4400)

    staff.post(PATH, data=EUR | {"method": "convert", "rate": "1.17", "ending": "exact"})

    assert amounts() == [3900, 3978]
    assert variants_of(typed)[0].compare_at_amount == 4500
    assert [each.currency for each in db.session.query(VariantPrice)] == ["USD"]
    assert variants_of(other)[0].compare_at_amount is None
    assert settings().currencies == []  # their rates were about pounds


def test_limits_of_collections_move_along(staff: FlaskClient) -> None:
    make_product("Mug", unit_amount=3400)
    rule = [["price", "greater", 3000], ["stock", "greater", 3]]
    shelf = Collection(handle="dear", title="Dear", conditions=rule)
    db.session.add(shelf)
    db.session.flush()

    staff.post(PATH, data=EUR | {"code": "JPY"})

    db.session.expire_all()
    assert shelf.conditions == [["price", "greater", 30], ["stock", "greater", 3]]
    assert "Mug" in staff.get("/collections/dear").text


def test_the_preview_keeps_nothing(staff: FlaskClient) -> None:
    make_product("Tuesday mug", unit_amount=3400)

    answer = staff.post(PATH, data=EUR | {"code": "JPY", "preview": "1"})

    assert answer.status_code == 200
    assert "Tuesday mug GBP £34.00 JPY JP¥34" in read(answer.text).text
    assert (amounts(), stores.current().currency) == ([3400], "GBP")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "EURO"}, "Type the three letters"),
        ({"code": "GBP"}, "GBP is the shop's own currency already"),
        ({"method": ""}, "Choose what becomes of the prices"),
        ({"method": "convert", "rate": "0", "ending": "exact"}, "more than nothing"),
        ({"method": "convert", "rate": "", "ending": "exact"}, "more than nothing"),
        ({"method": "convert", "rate": "1", "ending": "no"}, "Choose how amounts end"),
        (
            {"code": "JPY", "method": "convert", "rate": "1", "ending": "up_to_95"},
            "no such amounts",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    staff: FlaskClient, change: dict[str, Any], sentence: str
) -> None:
    make_product(unit_amount=3400)

    answer = staff.post(PATH, data=EUR | change)

    assert answer.status_code == 422
    assert sentence in read(answer.text).text
    assert (amounts(), stores.current().currency) == ([3400], "GBP")


def test_no_amount_becomes_more_than_a_card_can_pay(staff: FlaskClient) -> None:
    make_product(unit_amount=20_000_000)
    make_product("Bowl", unit_amount=100)

    answer = staff.post(PATH, data=EUR | {"code": "KWD"})

    assert answer.status_code == 409
    assert "more than a card can pay" in answer.text
    assert (amounts(), stores.current().currency) == ([20_000_000, 100], "GBP")
    assert db.session.query(AuditEntry).filter_by(subject_kind="store").count() == 0


@pytest.mark.parametrize("sold", [make_order, make_gift_card])
def test_once_something_is_sold_the_currency_stays(staff: FlaskClient, sold: Any) -> None:
    make_product("Bowl", unit_amount=3400)
    sold()
    before = amounts()

    answer = staff.post(PATH, data=EUR)

    assert answer.status_code == 409
    assert "The shop has sold already" in answer.text
    assert "Add the other currency beside it" in read(staff.get(PATH).text).text
    assert (amounts(), stores.current().currency) == (before, "GBP")


def test_a_rate_about_another_currency_is_not_used(staff: FlaskClient) -> None:
    make_product(unit_amount=3400)
    staff.post(PATH, data=EUR)

    answer = staff.post(PATH, data=EUR | {"code": "USD"})

    assert answer.status_code == 409
    assert (amounts(), stores.current().currency) == ([3400], "EUR")


def test_two_at_once_change_it_once(staff: FlaskClient, admin: Account) -> None:
    make_product(unit_amount=3400)
    service.change(Currency("JPY", base="GBP", rate="190", ending=Ending.EXACT), by=admin.id)

    with pytest.raises(service.OtherBase):
        service.change(Currency("JPY", base="GBP", rate="190", ending=Ending.EXACT), by=admin.id)

    assert amounts() == [6460]


def test_undo_brings_no_amount_of_before_back(staff: FlaskClient) -> None:
    product = make_product(unit_amount=3400)
    (variant,) = variants_of(product)
    by = db.session.query(AuditEntry).first()
    discount = make_discount("FIVE", kind=Kind.AMOUNT, value=500)
    staff.post(f"/admin/discounts/{discount.id}/delete")
    me = db.session.query(AuditEntry).filter_by(action="discount.deleted").one()
    variant_service.change_price(
        variant, unit_amount=3000, compare_at_amount=None, by=me.account_id
    )
    db.session.flush()
    priced = db.session.query(AuditEntry).filter_by(action="variant.price_changed").one()
    staff.post(PATH, data=EUR | {"code": "JPY"})

    back = staff.post(f"/admin/settings/activity/{me.id}/restoration")
    undone = staff.post(f"/admin/undo/{priced.id}")
    currency = db.session.query(AuditEntry).filter_by(action="store.currency_changed").one()
    again = staff.post(f"/admin/undo/{currency.id}")

    assert by is None
    assert (back.status_code, undone.status_code, again.status_code) == (409, 409, 409)
    assert db.session.query(StoredDiscount).count() == 0
    assert (amounts(), stores.current().currency) == ([30], "JPY")


def test_pictures_of_what_cannot_come_back_go_with_it(staff: FlaskClient) -> None:
    media: Path = current_app.extensions["settings"].media_path
    gone, other = make_product(published=False), make_product()
    for product, files in ((gone, ("p-gone", "p-shown")), (other, ("p-shown",))):
        for file in files:
            make_image(product).file = file
            (media / f"{file}-400.webp").write_bytes(b"x")
    db.session.commit()
    staff.post(f"/admin/products/{gone.id}/delete")

    assert staff.post(PATH, data=EUR | {"base": "USD"}).status_code == 409
    assert (media / "p-gone-400.webp").exists()
    assert staff.post(PATH, data=EUR).status_code == 303

    assert not (media / "p-gone-400.webp").exists()
    assert (media / "p-shown-400.webp").exists()


def test_a_file_that_waits_is_finished_or_discarded_first(staff: FlaskClient) -> None:
    make_product(unit_amount=3400)
    file = Import(press="press-1", file_name="mugs.csv", file_size=1, source="shopify",
                  currency="GBP", state=ImportState.CHECKED)  # fmt: skip
    db.session.add(file)
    db.session.flush()

    answer = staff.post(PATH, data=EUR)

    assert answer.status_code == 409
    assert "Finish or discard it first" in answer.text
    assert (amounts(), stores.current().currency) == ([3400], "GBP")


def test_a_job_at_work_is_waited_for_and_its_prices_do_not_come_back(staff: FlaskClient) -> None:
    product = make_product(unit_amount=3400)
    params = {"ppm": 100_000, "amount": 0, "ending": "exact", "is_sale": False}
    job = bulk.begin(Action.PRICE, params, Product.id == product.id, press="p-1", by=None)

    refused = staff.post(PATH, data=EUR | {"code": "JPY"})
    bulk.carry_on(job.id, "GBP")
    changed = staff.post(PATH, data=EUR | {"code": "JPY"})

    assert (refused.status_code, changed.status_code) == (409, 303)
    assert amounts() == [37]  # 37.40
    with pytest.raises(bulk.CannotUndo):
        bulk.undo(db.session.get_one(BulkJob, job.id), by=None)


def test_who_may_not_change_settings_is_not_let_in(client: FlaskClient, store: None) -> None:
    make_product(unit_amount=3400)
    be_signed_in(client, make_account(roles=("support",)))

    answer = client.post(PATH, data=EUR)

    assert answer.status_code == 403
    assert (amounts(), stores.current().currency) == ([3400], "GBP")

"""A discount code beside the basket and in the checkout: typed, told, taken away again."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.catalog.models import Collection, CollectionProduct, Variant
from shop.clock import now
from shop.extensions import db
from shop.orders.models import Order
from shop.orders.urls import order_link
from shop.pricing.discount_models import DiscountUse, StoredDiscount
from shop.pricing.discounts import Kind
from shop.pricing.models import ShippingRate
from tests.accounts.people import be_signed_in, make_account
from tests.factories import DETAILS, make_discount, make_order, make_rates, make_store, make_variant
from tests.fakes import FakeGateway
from tests.pages import Page, read


@pytest.fixture
def mug(client: FlaskClient) -> Variant:
    make_store()
    make_rates("GB", shipping=450, free_from=None)
    mug = make_variant(unit_amount=3400)
    assert client.post("/cart/lines", data={"variant_id": mug.id}).status_code == 303
    return mug


def basket(client: FlaskClient) -> Page:
    return read(client.get("/cart").text)


def type_code(client: FlaskClient, code: str, back: str = "") -> int:
    return client.post("/cart/discount", data={"code": code, "back": back}).status_code


def payment(client: FlaskClient, **details: str) -> Page:
    assert client.post("/checkout", data=DETAILS | details).status_code == 303
    return read(client.get("/checkout/payment").text)


def pay(client: FlaskClient, page: Page) -> tuple[int, str]:
    form = {"total": page.value("total"), "shipping_rate_id": page.chosen("shipping_rate_id")}
    answer = client.post("/checkout/payment", data=form)
    return answer.status_code, answer.text


@pytest.mark.parametrize("typed", ["MUG10", "mug10", " mug 10 "])
def test_a_code_comes_off_the_basket(client: FlaskClient, mug: Variant, typed: str) -> None:
    make_discount()

    assert type_code(client, typed) == 303
    page = basket(client)

    assert "Subtotal £34.00 Ten off MUG10 -£3.40 Delivery United Kingdom £4.50" in page.text
    # 30.60 / 6 = 5.10 and 4.50 / 6 = 0.75.
    assert "Total £35.10 Including VAT £5.85" in page.text


def test_typing_it_twice_takes_it_off_once(client: FlaskClient, mug: Variant) -> None:
    make_discount()

    type_code(client, "MUG10")
    type_code(client, "mug10")

    assert "Total £35.10" in basket(client).text


def test_a_code_is_taken_off_again(client: FlaskClient, mug: Variant) -> None:
    make_discount()
    type_code(client, "MUG10")

    assert client.post("/cart/discount/delete").status_code == 303

    page = basket(client)
    assert "Total £38.50" in page.text
    assert "Add a discount code" in page.text


def test_an_unknown_code_is_refused_and_not_kept(client: FlaskClient, mug: Variant) -> None:
    answer = client.post("/cart/discount", data={"code": "MUG11"})

    assert answer.status_code == 422
    page = read(answer.text)
    assert page.text.count("We do not know the code MUG11.") == 1
    (field,) = page.having("input", name="code", value="MUG11")
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "field-code-error")
    assert page.having("p", id="field-code-error")
    assert "code" in page.shown_fields  # what folds it away is open
    assert "MUG11" not in basket(client).text


def test_a_refused_code_is_told_where_the_basket_has_no_field(client: FlaskClient) -> None:
    make_store()

    answer = client.post("/cart/discount", data={"code": "MUG11"})

    assert answer.status_code == 422
    assert "We do not know the code MUG11." in read(answer.text).text


@pytest.mark.parametrize("code", ["", "<script>", "M" * 5000, "MUG\x00", "🎁"])
def test_what_cannot_be_a_code_is_refused(client: FlaskClient, mug: Variant, code: str) -> None:
    assert client.post("/cart/discount", data={"code": code}).status_code in (400, 422)
    assert "Total £38.50" in basket(client).text


def test_the_basket_says_what_is_missing(client: FlaskClient, mug: Variant) -> None:
    make_discount(minimum_amount=4000)

    type_code(client, "MUG10")

    page = basket(client)
    assert "£6.00 more of what MUG10 is for, and it comes off." in page.text
    assert "Total £38.50" in page.text
    client.post("/cart/lines", data={"variant_id": mug.id})
    assert "Ten off MUG10 -£6.80" in basket(client).text
    client.post(f"/cart/lines/{mug.id}", data={"quantity": "1"})
    assert "Total £38.50" in basket(client).text


def test_pieces_can_be_missing_too(client: FlaskClient, mug: Variant) -> None:
    make_discount(minimum_quantity=3)

    type_code(client, "MUG10")

    assert "2 more pieces of what MUG10 is for" in basket(client).text


def test_free_delivery_for_a_basket_that_has_it_is_told_as_that(client: FlaskClient) -> None:
    make_store()
    make_rates("GB", shipping=450, free_from=3000)
    mug = make_variant(unit_amount=3400)
    client.post("/cart/lines", data={"variant_id": mug.id})
    make_discount(kind=Kind.FREE_SHIPPING, value=0)

    type_code(client, "MUG10")

    assert "Delivery is free already, so you do not need MUG10." in basket(client).text


def test_a_code_for_a_collection_is_for_nothing_else(client: FlaskClient, mug: Variant) -> None:
    bowls = Collection(handle="bowls", title="Bowls")
    db.session.add(bowls)
    db.session.flush()
    make_discount(collection_ids=[bowls.id])
    type_code(client, "MUG10")

    assert "Nothing in your basket is what MUG10 is for." in basket(client).text

    part = Collection(handle="small-bowls", title="Small bowls", parent_id=bowls.id)
    db.session.add(part)
    db.session.flush()
    db.session.add(CollectionProduct(collection_id=part.id, product_id=mug.product_id))
    assert "Ten off MUG10 -£3.40" in basket(client).text


def test_a_worse_code_is_left_out_and_the_basket_says_so(client: FlaskClient, mug: Variant) -> None:
    make_discount(None, title="Autumn", value=200_000, combines=False)
    make_discount(combines=False)

    type_code(client, "MUG10")

    page = basket(client)
    assert "You pay less without MUG10, so we have left it out." in page.text
    assert "Autumn -£6.80" in page.text


def test_the_drawer_shows_what_comes_off(client: FlaskClient, mug: Variant) -> None:
    make_discount(None, title="Autumn")

    answer = client.post(
        "/cart/lines", data={"variant_id": mug.id}, headers={"Accept": "application/json"}
    )

    assert answer.json is not None
    assert "Subtotal £68.00 Autumn -£6.80" in read(answer.json["lines_html"]).text


@pytest.mark.parametrize(
    ("to", "leads"),
    [("/collections/mugs", "/collections/mugs"), ("//evil.example", "/"), ("", "/")],
)
def test_a_link_keeps_the_code_and_leads_on(
    client: FlaskClient, mug: Variant, to: str, leads: str
) -> None:
    make_discount()

    answer = client.get("/discount/mug10", query_string={"to": to})

    assert (answer.status_code, answer.location) == (303, leads)
    assert "Ten off MUG10 -£3.40" in basket(client).text


def test_a_link_with_a_code_that_is_over_says_so(client: FlaskClient, mug: Variant) -> None:
    make_discount(ends_at=now() - timedelta(days=1))

    assert client.get("/discount/MUG10").status_code == 303

    assert "MUG10 is over." in basket(client).text


def test_a_code_typed_in_the_checkout_leads_back_there(client: FlaskClient, mug: Variant) -> None:
    make_discount()
    payment(client)

    answer = client.post("/cart/discount", data={"code": "MUG10", "back": "/checkout/payment"})

    assert answer.location == "/checkout/payment"
    page = read(client.get("/checkout/payment").text)
    assert "Before the discount: £34.00 £30.60" in page.text
    assert page.value("total") == "3510"


@pytest.mark.parametrize("back", ["/checkout", "/checkout/payment"])
def test_a_code_refused_in_the_checkout_stays_in_its_field_once(
    client: FlaskClient, mug: Variant, back: str
) -> None:
    payment(client)

    answer = client.post("/cart/discount", data={"code": "MUG11", "back": back})

    assert answer.location == back
    page = read(client.get(back).text)
    assert page.text.count("We do not know the code MUG11.") == 1
    (field,) = page.having("input", name="code", value="MUG11")
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "field-code-error")
    assert "MUG11" not in client.get(back).text


def test_a_gift_card_refused_in_the_checkout_is_not_written_into_the_cookie(
    client: FlaskClient, mug: Variant
) -> None:
    payment(client)

    client.post("/cart/discount", data={"code": "7QKX-R2MD-90VB-W4TE", "back": "/checkout"})

    with client.session_transaction() as kept:
        typed, why = kept["refused_code"]
    assert (typed, bool(why)) == ("", True)
    assert why in read(client.get("/checkout").text).text


def test_a_code_refused_where_nothing_is_sent_to_is_told_all_the_same(
    client: FlaskClient, mug: Variant
) -> None:
    db.session.execute(sa.delete(ShippingRate))
    db.session.commit()

    client.post("/cart/discount", data={"code": "MUG11", "back": "/checkout"})

    assert "We do not know the code MUG11." in read(client.get("/checkout").text).text


def test_the_order_carries_what_was_shown(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    discount = make_discount(limit_total=1)
    type_code(client, "MUG10")

    status, _ = pay(client, payment(client))

    assert status == 303
    order = db.session.scalars(sa.select(Order)).one()
    assert (order.discount_amount, order.total_amount) == (340, 3510)
    db.session.refresh(discount)
    assert discount.used_count == 1
    # Coming back, the own unpaid order's code is still one's own.
    assert "Ten off MUG10 -£3.40" in read(client.get("/checkout/payment").text).text
    assert pay(client, read(client.get("/checkout/payment").text))[0] == 303
    db.session.refresh(discount)
    assert discount.used_count == 1


def test_a_code_paused_before_paying_shows_the_new_total(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    discount = make_discount()
    type_code(client, "MUG10")
    page = payment(client)
    discount.is_active = False

    status, text = pay(client, page)

    assert status == 409
    assert "the total is £38.50 now" in read(text).text
    assert "MUG10 is over." in read(text).text
    assert gateway.created == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_who_is_beaten_to_the_last_use_is_told_and_not_charged(
    client: FlaskClient, mug: Variant, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    discount = make_discount(limit_total=1)
    type_code(client, "MUG10")
    page = payment(client)
    from shop.checkout import views
    from shop.checkout.placing import Outcome, place_and_pay

    def beaten(*arguments: object) -> Outcome:
        db.session.execute(sa.update(StoredDiscount).values(used_count=1))
        db.session.commit()
        return place_and_pay(*arguments)

    monkeypatch.setattr(views, "place_and_pay", beaten)
    status, text = pay(client, page)

    assert status == 409
    assert "the total is £38.50 now" in read(text).text
    assert gateway.created == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
    db.session.refresh(discount)
    assert discount.used_count == 1


def test_a_first_order_code_is_refused_when_the_order_is_placed(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    make_order(paid=True)
    make_discount(first_order_only=True)

    type_code(client, "MUG10")

    assert "Ten off MUG10 -£3.40" in basket(client).text
    page = payment(client)
    assert "is for a first order" not in page.text
    assert page.value("total") == "3510"
    assert type_code(client, "MUG10") == 303

    status, text = pay(client, page)

    assert status == 409
    told = read(text)
    assert "the total is £38.50 now. You have not been charged." in told.text
    assert "MUG10 is for a first order." in told.text
    assert gateway.created == []
    assert "MUG10 is for a first order." in basket(client).text
    assert pay(client, told)[0] == 303
    assert gateway.created[0]["line_items"][0]["price_data"]["unit_amount"] == 3400


@pytest.mark.parametrize("limits_", [{"first_order_only": True}, {"limit_per_customer": 1}])
def test_a_code_does_not_tell_whether_an_address_has_bought(
    client: FlaskClient, mug: Variant, gateway: FakeGateway, limits_: dict[str, int]
) -> None:
    discount = make_discount(**limits_)
    bought = make_order(paid=True, email="buyer@example.com")
    db.session.add(
        DiscountUse(order_id=bought.id, discount_id=discount.id, email="buyer@example.com")
    )
    type_code(client, "MUG10")
    basket(client)  # tells what was put in

    pages = [
        payment(client, email=email).text.replace(email, "")
        for email in ("buyer@example.com", "nobody@example.com")
    ]

    assert pages[0] == pages[1]


def test_one_network_does_not_try_address_after_address(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    make_discount(first_order_only=True)
    for number in range(11):
        make_order(paid=True, email=f"buyer{number}@example.com")
    type_code(client, "MUG10")

    answers = [
        pay(client, payment(client, email=f"buyer{number}@example.com")) for number in range(11)
    ]

    assert [status for status, _text in answers] == [409] * 10 + [429]
    assert "is for a first order" not in answers[-1][1]
    assert gateway.created == []


def test_a_customer_who_is_signed_in_is_told_at_once(client: FlaskClient, mug: Variant) -> None:
    make_discount(first_order_only=True)
    make_order(paid=True)
    be_signed_in(client, make_account(email="ines@example.com"))
    payment(client)

    answer = client.post("/cart/discount", data={"code": "MUG10"})

    assert answer.status_code == 422
    assert "MUG10 is for a first order." in answer.text


def test_a_code_for_the_delivery_frees_it(client: FlaskClient, mug: Variant) -> None:
    make_discount(kind=Kind.FREE_SHIPPING, value=0, title="Delivery on us")

    type_code(client, "MUG10")

    assert "Delivery on us MUG10 -£4.50" in basket(client).text
    assert "Total £34.00" in basket(client).text


def test_all_for_nothing_is_placed_without_a_payment_page(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    make_discount(value=1_000_000)
    make_discount(None, kind=Kind.FREE_SHIPPING, value=0, title="Delivery on us")
    type_code(client, "MUG10")

    assert pay(client, payment(client))[0] == 303

    assert gateway.created == []
    order = db.session.scalars(sa.select(Order)).one()
    assert (order.total_amount, order.state) == (0, "paid")
    assert "MUG10" not in client.get("/cart").text


def test_every_figure_can_be_opened_from_basket_to_order(
    client: FlaskClient, mug: Variant, gateway: FakeGateway
) -> None:
    make_discount()
    type_code(client, "MUG10")
    sentence = "£34.00 − £3.40 + £4.50 = £35.10"
    assert sentence in basket(client).text

    page = payment(client)
    assert sentence in page.text
    assert pay(client, page)[0] == 303

    order = db.session.scalars(sa.select(Order)).one()
    shown = read(client.get(f"/orders/{order_link(order.token)}").text).text
    assert "How this adds up" in shown
    assert "Tuesday mug: VAT 20% within £30.60 = £5.10" in shown
    assert sentence in shown

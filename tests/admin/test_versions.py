"""Two people edit the same: the second is told, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from shop.accounts.models import Account, Role
from shop.accounts.permissions import Area
from shop.admin.protection_forms import RANGES
from shop.catalog import costs
from shop.catalog.models import Collection, ProductImage, Variant, VariantPrice
from shop.extensions import db
from shop.forecasts import service as forecasts
from shop.forecasts.models import ForecastSettings
from shop.forecasts.reorder import Plan
from shop.gift_cards.models import GiftCard
from shop.inventory import service as inventory
from shop.inventory.models import Backorders, StockItem
from shop.orders import numbers, tags
from shop.payments import service as payments
from shop.payments.models import PaymentSettings
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.models import ShippingZone, TaxZone
from shop.protection import queries as protections
from shop.protection import service as protection
from shop.purchasing import service as purchasing
from shop.purchasing.models import PurchaseLine, PurchaseOrder
from shop.purchasing.service import Ordered, PurchaseDetails
from shop.recovery import service as recovery
from shop.recovery.models import RecoverySettings
from shop.reviews.models import Review
from shop.search import service as search
from shop.search.models import Synonym
from shop.search.service import SynonymDetails
from shop.store import queries as store
from shop.store import service as settings
from tests.accounts.people import make_account
from tests.factories import (
    make_currency,
    make_discount,
    make_gift_card,
    make_image,
    make_order,
    make_price,
    make_product,
    make_rates,
    make_variant,
)
from tests.pages import read

MEANWHILE = "Somebody changed this meanwhile"
STOCK = {"stock_display": "few", "few_units": "5"}


def made_from(staff: FlaskClient, path: str) -> str:
    return read(staff.get(path).text).value("made_from")


def test_settings_that_somebody_else_changed_are_told_before_they_are_replaced(
    staff: FlaskClient,
) -> None:
    path = "/admin/settings/stock"
    mine = made_from(staff, path)
    staff.post(path, data={"stock_display": "always", "few_units": "2", "made_from": mine})

    refused = staff.post(path, data=STOCK | {"made_from": mine})

    assert refused.status_code == 409
    assert MEANWHILE in refused.text
    assert read(refused.text).value("few_units") == "5"  # what was typed is kept
    assert store.current().stock_display == "always"

    told = read(refused.text).value("made_from")
    assert staff.post(path, data=STOCK | {"made_from": told}).status_code == 303
    assert store.current().stock_display == "few"


def test_a_complaint_in_between_does_not_hide_the_conflict(staff: FlaskClient) -> None:
    path = "/admin/settings/stock"
    mine = made_from(staff, path)
    staff.post(path, data={"stock_display": "always", "few_units": "2"})

    wrong = staff.post(path, data=STOCK | {"few_units": "many", "made_from": mine})
    again = staff.post(path, data=STOCK | {"made_from": read(wrong.text).value("made_from")})

    assert (wrong.status_code, again.status_code) == (422, 409)
    assert store.current().stock_display == "always"


def test_a_discount_is_not_overwritten_unseen(staff: FlaskClient) -> None:
    discount = make_discount(code="MUG10")
    path = f"/admin/discounts/{discount.id}"
    page = read(staff.get(path).text)
    discount.title = "Somebody else's words"
    db.session.flush()

    answer = staff.post(path, data={
        "title": "Mine", "kind": "percentage", "percent": "10", "code": "MUG10",
        "method": "code", "made_from": page.value("made_from"),
    })  # fmt: skip

    assert answer.status_code == 422
    assert db.session.get_one(StoredDiscount, discount.id).title == "Somebody else's words"


@pytest.mark.parametrize(
    ("table", "path"),
    [(ShippingZone, "/admin/settings/zones/{}"), (TaxZone, "/admin/settings/taxes/{}")],
)
def test_a_zone_is_not_overwritten_unseen(
    staff: FlaskClient, table: type[ShippingZone | TaxZone], path: str
) -> None:
    make_rates()
    zone = db.session.query(table).first()
    assert zone is not None
    address = path.format(zone.id)
    seen = made_from(staff, address)
    zone.name = "Another name"
    db.session.flush()

    answer = staff.post(address, data={
        "name": "Mine", "countries": ["GB"], "is_included": "1", "shipping_tax": "none",
        "made_from": seen,
    })  # fmt: skip

    assert answer.status_code == 422
    assert MEANWHILE in answer.text
    assert db.session.get_one(table, zone.id).name == "Another name"


# Pages that were made from one row ---------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """One that edits a row: where, what is typed, and how somebody else changes it meanwhile."""

    path: str
    typed: dict[str, Any]
    change: Callable[[], object]
    #: Whether what somebody else wrote stands.
    is_kept: Callable[[], bool]
    #: What the page tells of it.
    told: str
    name: str = "made_from"
    post: str = ""


def _set(row: Any, **values: Any) -> None:
    for column, value in values.items():
        setattr(row, column, value)
    db.session.flush()


def _is(model: type[Any], row_id: Any, **values: Any) -> bool:
    db.session.expire_all()
    row = db.session.get_one(model, row_id)
    return all(getattr(row, column) == value for column, value in values.items())


def a_collection() -> Page:
    row = Collection(handle="mugs", title="Mugs")
    db.session.add(row)
    db.session.flush()
    return Page(f"/admin/collections/{row.id}",
                {"title": "Mine", "kind": "hand", "needs": "all"},
                lambda: _set(row, summary="Theirs"),
                lambda: _is(Collection, row.id, summary="Theirs"), "Theirs")  # fmt: skip


def a_synonym() -> Page:
    row = search.add_synonym(SynonymDetails("cup", "mug", is_two_way=True))
    return Page(f"/admin/searches/synonyms/{row.id}",
                {"searched": "beaker", "found": "mug", "direction": "two-way"},
                lambda: _set(row, searched="theirs"),
                lambda: _is(Synonym, row.id, searched="theirs"), "theirs")  # fmt: skip


def a_currency() -> Page:
    make_currency("EUR", "1.17")
    typed = {"rate": "1.2", "margin": "", "ending": "exact", "total_units": "1"}
    return Page("/admin/settings/currencies/EUR", typed, lambda: make_currency("EUR", "1.31"),
                lambda: store.current().currencies[0].rate == "1.31", "1.31")  # fmt: skip


def a_price_list() -> Page:
    make_currency("EUR", "1.17")
    variant = make_variant()
    typed = {"variant": str(variant.id), f"price-{variant.id}": "39"}
    return Page("/admin/settings/currencies/EUR/prices", typed,
                lambda: make_price(variant, "EUR", 4100),
                lambda: _is(VariantPrice, (variant.id, "EUR"), unit_amount=4100), "")  # fmt: skip


def the_protection() -> Page:
    typed = {name: str(least) for name, (least, _) in RANGES.items()}
    return Page("/admin/settings/protection", typed,
                lambda: protection.change({"stock_percent": 37}, by=None),
                lambda: protections.current().usual.stock_percent == 37, "37")  # fmt: skip


def the_payments() -> Page:
    return Page("/admin/settings/payments", {"hold_days": "9"},
                lambda: payments.change_settings({"hold_days": 12}, by=_anybody()),
                lambda: _is(PaymentSettings, 1, hold_days=12), "12")  # fmt: skip


def the_reminders() -> Page:
    return Page("/admin/settings/abandoned-checkouts", {"after_hours": "5", "pause_days": "9"},
                lambda: recovery.change({"pause_days": 33}, by=None),
                lambda: _is(RecoverySettings, 1, pause_days=33), "33")  # fmt: skip


def the_order_plan() -> Page:
    return Page("/admin/reports/forecasts",
                {"lead_days": "5", "review_days": "9", "service_percent": "90"},
                lambda: forecasts.change_plan(Plan(41, 7, 95), by=_anybody()),
                lambda: _is(ForecastSettings, 1, lead_days=41), "41")  # fmt: skip


def a_customer() -> Page:
    row = make_account()
    return Page(f"/admin/customers/{row.id}", {"tags": "mine", "note": ""},
                lambda: _set(row, note="Theirs"),
                lambda: _is(Account, row.id, tags="", note="Theirs"), "Theirs")  # fmt: skip


def a_role() -> Page:
    row = Role(name="packers", title="Packers")
    db.session.add(row)
    db.session.flush()
    typed = {area.value: "see" for area in Area} | {"title": "Mine"}
    return Page(f"/admin/settings/staff/roles/{row.id}", typed, lambda: _set(row, title="Theirs"),
                lambda: _is(Role, row.id, title="Theirs"), "Theirs")  # fmt: skip


def a_gift_card() -> Page:
    row = make_gift_card()
    return Page(f"/admin/gift-cards/{row.id}", {"note": "Mine", "expires_on": ""},
                lambda: _set(row, note="Theirs"),
                lambda: _is(GiftCard, row.id, note="Theirs"), "Theirs")  # fmt: skip


def the_backorders() -> Page:
    variant = make_variant()
    path = f"/admin/inventory/{variant.id}"
    return Page(path, {"kind": "backorder", "limit": "5"},
                lambda: inventory.set_backorders(variant.id, Backorders.PREORDER, limit=17,
                                                 promised_on=None, by=None),
                lambda: _is(StockItem, variant.id, backorder_limit=17), "17",
                "made_from-backorders", f"{path}/backorders")  # fmt: skip


def the_counting() -> Page:
    variant = make_variant()
    path = f"/admin/inventory/{variant.id}"
    return Page(path, {"is_tracked": "y", "low_stock_at": "4", "cost": ""},
                lambda: costs.change_cost(variant.id, 1234, by=None),
                lambda: _is(Variant, variant.id, cost_amount=1234), "12.34",
                "made_from-settings", f"{path}/settings")  # fmt: skip


def _anybody() -> int:
    return db.session.query(Account).first().id


def _purchase() -> PurchaseOrder:
    details = PurchaseDetails(supplier="Clay & Co")
    return purchasing.create(
        details, [Ordered(make_variant().id, 5, None)], press="p-1", by=_anybody()
    )


def a_purchase() -> Page:
    row = _purchase()
    return Page(f"/admin/inventory/incoming/{row.id}", {"supplier": "Mine"},
                lambda: _set(row, reference="Theirs"),
                lambda: _is(PurchaseOrder, row.id, supplier="Clay & Co", reference="Theirs"),
                "Theirs", "made_from-order")  # fmt: skip


def the_lines_of_a_purchase() -> Page:
    row = _purchase()
    (line,) = row.lines
    path = f"/admin/inventory/incoming/{row.id}"
    return Page(path, {f"line-{line.id}-quantity": "6", f"line-{line.id}-cost": "", "lines": ""},
                lambda: _set(line, quantity=77),
                lambda: _is(PurchaseLine, line.id, quantity=77), "77",
                "made_from-lines", f"{path}/lines")  # fmt: skip


def the_tax_of_stripe() -> Page:
    return Page("/admin/settings/stripe-tax", {"source": "zones", "has_taxes_included": "y"},
                lambda: settings.change({"tax_codes": {"standard": "txcd_12345678"}}, by=None),
                lambda: store.current().tax_codes == {"standard": "txcd_12345678"},
                "txcd_12345678")  # fmt: skip


def a_picture() -> Page:
    product = make_product()
    image = make_image(product)
    path = f"/admin/products/{product.id}/images/{image.id}"
    return Page(path, {"alt": "Mine", "focal": "50,50", "is_decorative": ""},
                lambda: _set(image, alt="Theirs"),
                lambda: _is(ProductImage, image.id, alt="Theirs"), "Theirs")  # fmt: skip


def an_answer() -> Page:
    row = Review(product_id=make_product().id, is_verified=True, rating=5)
    db.session.add(row)
    db.session.flush()
    path = f"/admin/reviews/{row.id}"
    return Page(path, {"text": "Mine"}, lambda: _set(row, reply="Theirs"),
                lambda: _is(Review, row.id, reply="Theirs"), "Theirs",
                post=f"{path}/reply")  # fmt: skip


def the_tags_of_an_order() -> Page:
    order = make_order()
    path = f"/admin/orders/{order.id}"
    return Page(path, {"tags": "mine"}, lambda: tags.set_tags(order.id, ["theirs"], by=None),
                lambda: tags.tags_of([order.id])[order.id] == ["theirs"], "",
                "made_from-tags", f"{path}/tags")  # fmt: skip


PAGES = [
    a_collection, a_synonym, a_currency, a_price_list, the_protection, the_payments, the_reminders,
    the_order_plan, a_customer, a_role, a_gift_card, the_backorders, the_counting, a_purchase,
    the_lines_of_a_purchase, the_tax_of_stripe, a_picture, an_answer, the_tags_of_an_order,
]  # fmt: skip


@pytest.mark.parametrize("make", PAGES, ids=lambda make: make.__name__)
def test_a_page_tells_what_somebody_wrote_meanwhile(
    staff: FlaskClient, make: Callable[[], Page]
) -> None:
    page = make()
    seen = read(staff.get(page.path).text).value(page.name)
    page.change()

    answer = staff.post(page.post or page.path, data=page.typed | {page.name: seen})

    assert answer.status_code == 409
    assert page.is_kept()
    told = read(answer.text).text
    assert "Somebody changed" in told
    if page.told:
        assert "Somebody else changed this meanwhile" in told
        assert page.told in told
        again = read(answer.text).value(page.name)
        assert (
            staff.post(page.post or page.path, data=page.typed | {page.name: again}).status_code
            == 303
        )
        assert not page.is_kept()


@pytest.mark.parametrize("make", PAGES, ids=lambda make: make.__name__)
def test_a_page_that_nobody_changed_is_saved(staff: FlaskClient, make: Callable[[], Page]) -> None:
    page = make()
    seen = read(staff.get(page.path).text).value(page.name)

    answer = staff.post(page.post or page.path, data=page.typed | {page.name: seen})

    assert answer.status_code == 303


def test_a_role_that_somebody_gave_meanwhile_is_told(staff: FlaskClient) -> None:
    person = make_account(roles=("editor",))
    other = make_account(roles=("support",)).roles[0]
    path = f"/admin/settings/staff/{person.id}"
    seen = made_from(staff, path)
    person.roles = [db.session.query(Role).filter_by(name="manager").one()]
    db.session.flush()

    answer = staff.post(path, data={"role": str(other.id), "made_from": seen})

    assert answer.status_code == 409
    assert [role.name for role in person.roles] == ["manager"]


def test_order_numbers_that_somebody_else_let_go_on_are_told_first(staff: FlaskClient) -> None:
    path = "/admin/settings/order-numbers"
    mine = made_from(staff, path)
    make_order(paid=True)  # the next number is another one, and nobody's work is lost
    assert staff.post(path, data={"number": "2000", "made_from": mine}).status_code == 303

    refused = staff.post(path, data={"number": "3000", "made_from": mine})

    assert refused.status_code == 409
    assert MEANWHILE in refused.text
    assert numbers.next_number() == 2000
    assert read(refused.text).value("number") == "3000"
    told = read(refused.text).value("made_from")
    assert staff.post(path, data={"number": "3000", "made_from": told}).status_code == 303
    assert numbers.next_number() == 3000


def test_the_first_set_up_does_not_overwrite_unseen(staff: FlaskClient) -> None:
    path = "/admin/setup/shop"
    sent = {"name": "Mine", "contact_email": "hello@fettle.example", "country": "GB",
            "currency": "GBP", "language": "en"}  # fmt: skip
    mine = made_from(staff, path)
    staff.post(path, data=sent | {"name": "Theirs"})

    refused = staff.post(path, data=sent | {"made_from": mine})

    assert refused.status_code == 409
    assert MEANWHILE in refused.text
    assert "Theirs" in refused.text
    assert store.current().name == "Theirs"
    told = read(refused.text).value("made_from")
    assert staff.post(path, data=sent | {"made_from": told}).status_code == 303
    assert store.current().name == "Mine"

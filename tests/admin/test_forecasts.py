"""What to order, customer groups, and what is bought together."""

from __future__ import annotations

import csv
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.audit import AuditEntry
from shop.catalog.models import Variant
from shop.clock import now
from shop.extensions import db
from shop.forecasts import queries, service
from shop.forecasts.groups import Group
from shop.forecasts.models import ForecastSettings, GroupCount, VariantForecast
from shop.forecasts.reorder import Plan
from shop.purchasing import service as purchasing
from shop.purchasing.service import Ordered, PurchaseDetails
from shop.recommendations.models import ProductCompanion
from tests.factories import make_order, make_product, variants_of


def sell_weekly(variant: Variant, weeks: int, quantity: int = 3) -> None:
    for week in range(weeks):
        order = make_order(variant, quantity=quantity, paid=True)
        order.paid_at = now() - timedelta(days=3 + 7 * week)
    db.session.flush()


def compute() -> None:
    """As the worker does, inside the test's own transaction."""
    shop_zone, day = now().tzinfo, now().date()
    assert shop_zone is not None
    found = service.computed(queries.weekly_sales(day, shop_zone), now())
    service.keep_forecasts(found, set(db.session.scalars(sa.select(Variant.id))))
    then = list(queries.buyers(now() - service.BACK, "GBP"))
    service.keep_counts(service.counted(queries.buyers(now(), "GBP"), then, now()))


def test_what_runs_out_is_proposed_with_how_many(staff: FlaskClient) -> None:
    (variant,) = variants_of(make_product("Tuesday mug", on_hand=40))
    sell_weekly(variant, 12)
    compute()

    (row,) = queries.forecasts(Plan())
    page = staff.get("/admin/reports/forecasts").text

    assert row.available == 4
    assert 10 <= row.expected <= 14
    assert row.to_order >= 8
    assert row.last_sold == 12
    assert "Tuesday mug" in page
    assert "How wrong it was last month" in page


def test_what_is_on_order_is_not_ordered_again(staff: FlaskClient, admin: Account) -> None:
    (variant,) = variants_of(make_product("Tuesday mug", on_hand=40))
    sell_weekly(variant, 12)
    compute()
    (before,) = queries.forecasts(Plan())
    details = PurchaseDetails("Clay & Sons", "", None, is_told=False)
    made = purchasing.create(details, [Ordered(variant.id, 7, 850)], press="a", by=admin.id)
    (line,) = purchasing.locked(made.id).lines

    (ordered,) = queries.forecasts(Plan())
    purchasing.receive(made.id, {line.id: 3}, press="b", by=admin.id)
    (partly,) = queries.forecasts(Plan())
    purchasing.cancel_rest(made.id, by=admin.id)
    (called_off,) = queries.forecasts(Plan())

    assert (ordered.incoming, ordered.to_order) == (7, before.to_order - 7)
    assert (partly.incoming, partly.available) == (4, 7)
    assert partly.to_order == ordered.to_order  # it moved from the way to the shelf
    assert (called_off.incoming, called_off.to_order) == (0, before.to_order - 3)


def test_the_page_and_the_file_tell_what_is_incoming(staff: FlaskClient, admin: Account) -> None:
    (variant,) = variants_of(make_product("Tuesday mug", on_hand=40))
    sell_weekly(variant, 12)
    compute()
    details = PurchaseDetails("Clay & Sons", "", None, is_told=False)
    purchasing.create(details, [Ordered(variant.id, 2, 850)], press="a", by=admin.id)

    page = staff.get("/admin/reports/forecasts").text
    header, row = csv.reader(staff.get("/admin/reports/forecasts.csv").text.splitlines())

    assert "<small>2 incoming</small>" in page
    assert row[header.index("Incoming")] == "2"


def test_what_is_deleted_meanwhile_is_left_out(app: Flask) -> None:
    forecast = VariantForecast(variant_id=999, method="mean", rate=1.0, variance=1.0)

    assert service.keep_forecasts([forecast], known={1}) == 0


def test_before_the_first_night_the_pages_say_so(staff: FlaskClient) -> None:
    assert "Nothing is forecast yet" in staff.get("/admin/reports/forecasts").text
    assert "Loyal" in staff.get("/admin/reports/customer-groups").text
    assert "No pairs yet" in staff.get("/admin/reports/bought-together").text
    assert "Nobody is in this group" in staff.get("/admin/reports/customer-groups/new").text


def test_how_the_merchant_orders_is_kept_and_noted(staff: FlaskClient) -> None:
    answer = staff.post(
        "/admin/reports/forecasts",
        data={"lead_days": "30", "review_days": "7", "service_percent": "90"},
    )

    assert (answer.status_code, answer.location) == (303, "/admin/reports/forecasts")
    assert queries.plan() == Plan(30, 7, 90)
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert entry.action == "forecasts.changed"


def test_what_cannot_be_is_refused_and_stays_in_its_field(staff: FlaskClient) -> None:
    answer = staff.post(
        "/admin/reports/forecasts",
        data={"lead_days": "0", "review_days": "soon", "service_percent": "100"},
    )

    assert answer.status_code == 422
    assert 'value="soon"' in answer.text
    assert db.session.get(ForecastSettings, 1) is None
    assert db.session.scalars(sa.select(AuditEntry)).all() == []


def test_customers_are_counted_by_group_and_whether_they_came_back(staff: FlaskClient) -> None:
    product = variants_of(make_product(on_hand=100))[0]
    for email, days in (
        ("one@example.com", [5]),
        ("two@example.com", [40, 10]),
        ("two@EXAMPLE.com", [60]),
        ("old@example.com", [500]),
    ):
        for back in days:
            order = make_order(product, paid=True, email=email)
            order.paid_at = now() - timedelta(days=back)
    compute()

    counts = {row.group: row for row in db.session.scalars(sa.select(GroupCount))}
    page = staff.get("/admin/reports/customer-groups/returning").text

    assert {name: counts[name].customers for name in Group} == {
        "loyal": 0, "returning": 1, "new": 1, "slipping": 0, "once": 0, "gone": 1,
    }  # fmt: skip
    assert (counts["returning"].then, counts["returning"].came_back) == (1, 1)
    assert counts["gone"].then == 1
    assert "two@example.com" in page
    assert "one@example.com" not in page


def test_each_list_holds_whom_the_counts_count(staff: FlaskClient) -> None:
    product = variants_of(make_product(on_hand=100))[0]
    for number, days in enumerate([1, 90, 91, 364, 365, 366, 400]):
        order = make_order(product, paid=True, email=f"buyer{number}@example.com")
        order.paid_at = now() - timedelta(days=days)
    compute()

    for group, count in queries.group_counts().items():
        members = queries.members(Group(group), now(), "GBP", None)
        assert len(members) == count.customers


def test_the_files_hold_the_same(staff: FlaskClient) -> None:
    (variant,) = variants_of(make_product("Tuesday mug", on_hand=40))
    sell_weekly(variant, 6)
    compute()

    forecasts = staff.get("/admin/reports/forecasts.csv").text
    loyal = staff.get("/admin/reports/customer-groups/loyal.csv").text

    assert "Tuesday mug" in forecasts
    assert loyal.splitlines()[1].startswith("ines@example.com,Ines Rowan,6,")


def test_each_pair_is_told_once(staff: FlaskClient) -> None:
    one, other = make_product("Tuesday mug"), make_product("Salt pig")
    for product, companion in ((one, other), (other, one)):
        db.session.add(
            ProductCompanion(product_id=product.id, companion_id=companion.id, position=1, orders=7)
        )

    page = staff.get("/admin/reports/bought-together").text

    assert page.count("Together with</span>") == 1
    assert "Salt pig" in page

"""The reports' pages and files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine.interfaces import CacheStats

from shop.admin.report_tables import reports
from shop.clock import now
from shop.extensions import db
from shop.orders.models import Order
from shop.payments.gateway import PaymentsUnreachable
from shop.payments.models import Payment
from shop.payments.refund_models import Refund, RefundLine, RefundMethod, RefundStatus
from shop.payments.snapshots import BalanceEntry
from shop.search.models import SearchedWords
from shop.store import queries as store
from shop.store.models import StoreSettings
from shop.traffic.models import TrafficDay
from tests.factories import make_order, make_product, make_variant, variants_of
from tests.fakes import FakeGateway
from tests.pages import read

pytestmark = pytest.mark.usefixtures("noon")

NAMES = [
    "sales", "products", "variants", "collections", "countries", "discounts", "taxes", "payments",
    "funnel", "searches",
]  # fmt: skip


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    gateway = FakeGateway()
    monkeypatch.setattr("shop.admin.reconciliation_views.gateway", lambda: gateway)
    return gateway


def make_sale(*, number: str = "pi_1", back: int = 0, failed: bool = False) -> Order:
    """Two at 30.00 with VAT 20 % inside, delivery 4.50; `back` of the first line given back."""
    product = make_product("Tuesday mug", unit_amount=3000)
    order = make_order(variants_of(product)[0], quantity=2, paid=True)
    payment = Payment(
        order_id=order.id, provider_payment_id=number, amount=order.total_amount,
        currency="GBP", method="card", refunded_amount=0 if failed else back,
    )  # fmt: skip
    db.session.add(payment)
    db.session.flush()
    if back:
        refund = Refund(
            order_id=order.id, payment_id=payment.id, method=RefundMethod.STRIPE, amount=back,
            status=RefundStatus.FAILED if failed else RefundStatus.SUCCEEDED, currency="GBP",
            provider_refund_id=f"re_{number}",
        )  # fmt: skip
        db.session.add(refund)
        db.session.flush()
        taxes = [{"name": "VAT", "rate_ppm": 200_000, "amount": back // 6}]
        db.session.add(RefundLine(refund_id=refund.id, quantity=1, amount=back, taxes=taxes,
                                  line_item_id=None))  # fmt: skip
        db.session.flush()
    return order


def cells(client: FlaskClient, address: str) -> list[list[str]]:
    response = client.get(address)
    assert response.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))


def test_the_list_names_every_report(staff: FlaskClient) -> None:
    page = staff.get("/admin/reports").text

    with staff.application.test_request_context():
        assert list(reports()) == NAMES
    for name in [*NAMES, "reconciliation"]:
        assert f'href="/admin/reports/{name}"' in page


@pytest.mark.parametrize("name", NAMES)
def test_every_report_has_an_empty_page_and_an_empty_file(staff: FlaskClient, name: str) -> None:
    page = staff.get(f"/admin/reports/{name}")

    assert page.status_code == 200
    assert len(cells(staff, f"/admin/reports/{name}.csv")) >= 1


@pytest.mark.parametrize("name", NAMES)
def test_every_report_takes_few_questions(
    staff: FlaskClient,
    name: str,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    for number in range(3):
        make_sale(number=f"pi_{number}", back=600)
    db.session.commit()

    with count_queries() as statements:
        staff.get(f"/admin/reports/{name}?days=365")

    # Account, shop and menu are every page's.
    assert len(statements) <= 3 + 3


@pytest.mark.parametrize("path", ["/admin", *(f"/admin/reports/{name}" for name in NAMES)])
def test_no_statement_of_a_report_is_compiled_at_each_look(staff: FlaskClient, path: str) -> None:
    compiled_anew: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, _p: Any, context: Any, _many: bool) -> None:
        is_question = statement.startswith(("SELECT", "WITH"))
        if is_question and context.cache_hit is not CacheStats.CACHE_HIT:
            compiled_anew.append(statement)

    staff.get(path)
    sa.event.listen(db.engine, "before_cursor_execute", note)
    staff.get(path)
    sa.event.remove(db.engine, "before_cursor_execute", note)

    assert compiled_anew == []


def test_sales_are_told_by_day_with_refunds_taken_off(staff: FlaskClient) -> None:
    make_sale(back=600)
    make_sale(number="pi_2", back=600, failed=True)

    header, *rows = cells(staff, "/admin/reports/sales.csv?days=7")

    today = dict(zip(header, rows[-1], strict=True))
    assert len(rows) == 7
    assert (today["Time"], today["Orders"]) == (store.current().day_of(now()).isoformat(), "2")
    assert (today["Goods"], today["Delivery"], today["Total"]) == ("120.00", "9.00", "129.00")
    assert (today["Refunds"], today["Net sales"], today["Tax inside"]) == (
        "-6.00", "123.00", "20.50",
    )  # fmt: skip


def test_a_time_without_sales_has_no_chart(staff: FlaskClient) -> None:
    empty = staff.get("/admin/reports/sales?days=7").text
    make_sale()
    db.session.commit()

    assert 'class="chart"' not in empty
    assert "£0.01" not in empty
    assert 'class="chart"' in staff.get("/admin/reports/sales?days=7").text


@pytest.mark.parametrize("name", ["sales", "reconciliation"])
def test_days_the_wrong_way_round_are_swapped_and_told(staff: FlaskClient, name: str) -> None:
    page = read(staff.get(f"/admin/reports/{name}?since=2026-11-05&until=2026-11-01").text)
    right = read(staff.get(f"/admin/reports/{name}?since=2026-11-01&until=2026-11-05").text)

    assert (page.value("since"), page.value("until")) == ("2026-11-01", "2026-11-05")
    assert "so we swapped them" in page.text
    assert "so we swapped them" not in right.text


def test_what_was_paid_yesterday_is_in_yesterdays_line(staff: FlaskClient) -> None:
    order = make_sale()
    order.paid_at = now() - timedelta(days=1)

    rows = cells(staff, "/admin/reports/sales.csv?days=7")

    assert [row[1] for row in rows[-2:]] == ["1", "0"]


def test_products_and_countries_and_taxes_are_told(staff: FlaskClient) -> None:
    make_sale(back=600)

    (_, product) = cells(staff, "/admin/reports/products.csv")
    (_, country) = cells(staff, "/admin/reports/countries.csv")
    (_, tax) = cells(staff, "/admin/reports/taxes.csv")
    (_, payment) = cells(staff, "/admin/reports/payments.csv")

    assert product[:4] == ["Tuesday mug", "1", "2", "0"]
    assert country == ["United Kingdom", "1", "64.50", "-6.00", "58.50", "9.75"]
    assert tax == ["United Kingdom", "VAT 20 %", "53.75", "10.75", "-5.00", "-1.00", "9.75"]
    assert payment == ["Card", "Stripe", "1", "64.50", "1", "-6.00", "58.50"]


def test_each_currency_has_a_table_of_its_own(staff: FlaskClient) -> None:
    make_sale()
    make_order(make_variant(unit_amount=5000), paid=True, currency="EUR", shipping=0)

    assert len(cells(staff, "/admin/reports/products.csv")) == 2
    assert len(cells(staff, "/admin/reports/products.csv?currency=EUR")) == 2  # not sold in: GBP


def test_the_funnel_goes_from_visits_to_paid_orders(staff: FlaskClient) -> None:
    make_sale()
    for step, number in (("visit", 40), ("product", 20), ("cart", 4), ("checkout", 2)):
        db.session.add(TrafficDay(day=now().date(), step=step, visitors=number))

    rows = cells(staff, "/admin/reports/funnel.csv?days=today")[1:]

    assert [row[1] for row in rows] == ["40", "20", "4", "2", "1"]
    assert rows[-1][2:] == ["0.0250", "0.5000"]


def test_figures_of_a_page_are_written_as_the_readers_language_does(staff: FlaskClient) -> None:
    db.session.get_one(StoreSettings, 1).languages = ["en", "de"]
    for step, number in (("visit", 4000), ("product", 1500)):
        db.session.add(TrafficDay(day=now().date(), step=step, visitors=number))
    db.session.commit()

    page = staff.get("/admin/reports/funnel?days=today").text
    german = staff.get("/admin/reports/funnel?days=today", headers={"Accept-Language": "de"}).text

    assert ">4,000<" in page
    assert ">37.5%<" in page
    assert ">4.000<" in german
    assert "37,5" in german


def test_a_file_holds_no_formula(staff: FlaskClient) -> None:
    db.session.add(SearchedWords(searched_on=now().date(), words="=1+1", searches=3, found=0))

    assert cells(staff, "/admin/reports/searches.csv")[1] == ["'=1+1", "3", "0"]


def test_an_unknown_report_and_odd_days_are_answered(staff: FlaskClient) -> None:
    assert staff.get("/admin/reports/nothing").status_code == 404
    assert staff.get("/admin/reports/sales?since=x&until=2026-99-99&days=!").status_code == 200
    assert staff.get("/admin/reports/sales?since=1066-10-14").status_code == 200
    assert staff.get("/admin/reports/products?page=2").status_code == 404


# Reconciliation


def entry(number: str, amount: int, *, refund: str = "") -> BalanceEntry:
    kind = "refund" if refund else "charge"
    return BalanceEntry(
        f"txn_{number}{refund}", kind, amount, 0 if refund else 50, "gbp", now(), number, refund
    )


def test_what_agrees_with_stripe_is_said_to(staff: FlaskClient, fake: FakeGateway) -> None:
    make_sale(back=600)
    fake.entries = [entry("pi_1", 6450), entry("pi_1", -600, refund="re_pi_1")]

    page = staff.get("/admin/reports/reconciliation?compare=1").text

    assert "No differences" in page
    assert "£58.50" in page


def test_what_differs_is_told_one_by_one(staff: FlaskClient, fake: FakeGateway) -> None:
    make_sale()
    make_sale(number="pi_2")
    fake.entries = [entry("pi_2", 6400), entry("pi_3", 999)]

    page = staff.get("/admin/reports/reconciliation?compare=1").text

    assert "3 differences" in page
    assert "The shop has a payment that Stripe has not: £64.50" in page
    assert "Stripe has a payment that the shop has not: £9.99" in page
    assert "The amounts differ: £64.50 here, £64.00 at Stripe" in page


def test_stripe_is_not_asked_unless_somebody_presses(staff: FlaskClient, fake: FakeGateway) -> None:
    fake.failure = PaymentsUnreachable("away")

    assert "Stripe does not answer" not in staff.get("/admin/reports/reconciliation").text
    assert "Stripe does not answer" in staff.get("/admin/reports/reconciliation?compare=1").text


def test_a_long_period_is_not_compared(staff: FlaskClient, fake: FakeGateway) -> None:
    fake.failure = PaymentsUnreachable("must not be asked")

    page = staff.get("/admin/reports/reconciliation?compare=1&days=365").text

    assert "Choose 31 days or fewer to compare" in page

"""Who may open which door: every admin rule, for guests, customers and admins."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.admin.areas import AREAS
from shop.audit import AuditEntry
from shop.extensions import db
from shop.orders.models import OrderEvent
from tests.accounts.people import be_signed_in, make_account, make_admin
from tests.admin.test_exports import OF_PEOPLE
from tests.factories import make_store

#: What an admin gets for ids that do not exist and for empty forms. A new rule needs a line here.
ADMIN_ANSWERS = {
    ("GET", "/admin"): 200,
    ("GET", "/admin/settings/activity"): 200,
    ("GET", "/admin/settings/activity.csv"): 200,
    ("POST", "/admin/settings/activity/<id:entry_id>/restoration"): 404,
    ("GET", "/admin/live"): 200,
    ("GET", "/admin/<path:address>"): 404,
    ("GET", "/admin/reports"): 200,
    ("GET", "/admin/reports/<name>"): 404,
    ("GET", "/admin/reports/<name>.csv"): 404,
    ("GET", "/admin/reports/reconciliation"): 200,
    ("GET", "/admin/settings/mails/<name>"): 404,
    ("GET", "/admin/settings/mails/<name>/html"): 404,
    ("POST", "/admin/settings/mails/<name>/tests"): 404,
    ("GET", "/admin/settings/maintenance"): 200,
    ("POST", "/admin/settings/maintenance"): 422,
    ("POST", "/admin/settings/maintenance/end"): 409,
    ("GET", "/admin/settings/order-numbers"): 200,
    ("POST", "/admin/settings/order-numbers"): 422,
    ("GET", "/admin/reports/forecasts"): 200,
    ("POST", "/admin/reports/forecasts"): 422,
    ("GET", "/admin/reports/forecasts.csv"): 200,
    ("GET", "/admin/reports/bought-together"): 200,
    ("GET", "/admin/reports/customer-groups"): 200,
    ("GET", "/admin/reports/customer-groups/<name>"): 404,
    ("GET", "/admin/reports/customer-groups/<name>.csv"): 404,
    ("GET", "/admin/settings/outbox"): 200,
    ("POST", "/admin/settings/outbox/attempts"): 409,
    ("POST", "/admin/settings/outbox/<id:message_id>/attempts"): 404,
    ("GET", "/admin/settings/payments/events"): 200,
    ("GET", "/admin/settings/payments/events/<event_id>"): 404,
    ("POST", "/admin/settings/payments/events/<event_id>/replay"): 404,
    ("GET", "/admin/products/export.csv"): 200,
    ("GET", "/admin/products/inventory.csv"): 200,
    ("GET", "/admin/customers/export.csv"): 200,
    ("GET", "/admin/discounts/export.csv"): 200,
    ("GET", "/admin/gift-cards/export.csv"): 200,
    ("GET", "/admin/imports"): 200,
    ("GET", "/admin/imports/new"): 200,
    ("POST", "/admin/imports/new"): 422,
    ("GET", "/admin/imports/<id:import_id>"): 404,
    ("GET", "/admin/imports/<id:import_id>/progress"): 404,
    ("GET", "/admin/imports/<id:import_id>/left-out.csv"): 404,
    ("POST", "/admin/imports/<id:import_id>/start"): 404,
    ("POST", "/admin/imports/<id:import_id>/cancel"): 404,
    ("POST", "/admin/imports/<id:import_id>/undo"): 404,
    ("POST", "/admin/imports/<id:import_id>/pictures"): 404,
    ("GET", "/admin/pages"): 200,
    ("GET", "/admin/pages/new"): 200,
    ("POST", "/admin/pages/new"): 422,
    ("POST", "/admin/pages/preview"): 422,
    ("GET", "/admin/pages/<id:page_id>"): 404,
    ("POST", "/admin/pages/<id:page_id>"): 404,
    ("POST", "/admin/pages/<id:page_id>/delete"): 404,
    ("GET", "/admin/journal"): 200,
    ("GET", "/admin/journal/new"): 200,
    ("POST", "/admin/journal/new"): 422,
    ("POST", "/admin/journal/preview"): 422,
    ("GET", "/admin/journal/<id:article_id>"): 404,
    ("POST", "/admin/journal/<id:article_id>"): 404,
    ("POST", "/admin/journal/<id:article_id>/delete"): 404,
    ("GET", "/admin/menus/<name>"): 404,
    ("POST", "/admin/menus/<name>"): 404,
    ("POST", "/admin/menus/<name>/links/<int:place>"): 404,
    ("POST", "/admin/menus/<name>/links/<int:place>/position"): 400,
    ("POST", "/admin/menus/<name>/links/<int:place>/delete"): 404,
    ("GET", "/admin/redirects"): 200,
    ("POST", "/admin/redirects"): 422,
    ("POST", "/admin/redirects/<id:redirect_id>/delete"): 404,
    ("GET", "/admin/discounts"): 200,
    ("GET", "/admin/discounts/new"): 200,
    ("POST", "/admin/discounts/new"): 422,
    ("GET", "/admin/discounts/<id:discount_id>"): 404,
    ("POST", "/admin/discounts/<id:discount_id>"): 404,
    ("POST", "/admin/discounts/<id:discount_id>/activation"): 404,
    ("POST", "/admin/discounts/<id:discount_id>/delete"): 404,
    ("GET", "/admin/gift-cards"): 200,
    ("GET", "/admin/gift-cards/new"): 200,
    ("POST", "/admin/gift-cards/new"): 422,
    ("GET", "/admin/gift-cards/<id:card_id>"): 404,
    ("POST", "/admin/gift-cards/<id:card_id>"): 404,
    ("POST", "/admin/gift-cards/<id:card_id>/activation"): 404,
    ("POST", "/admin/gift-cards/<id:card_id>/mails"): 404,
    ("GET", "/admin/orders"): 200,
    ("GET", "/admin/orders/export.csv"): 200,
    ("GET", "/admin/orders/packing-slips"): 404,
    ("POST", "/admin/orders/bulk"): 422,
    ("POST", "/admin/orders/views"): 422,
    ("POST", "/admin/orders/views/<id:view_id>/delete"): 404,
    ("POST", "/admin/orders/<id:order_id>/tags"): 404,
    ("POST", "/admin/orders/<id:order_id>/confirmation"): 404,
    ("GET", "/admin/orders/<id:order_id>"): 404,
    ("POST", "/admin/orders/<id:order_id>/fulfillments/<id:fulfillment_id>/delivery"): 404,
    ("GET", "/admin/orders/<id:order_id>/contact"): 404,
    ("POST", "/admin/orders/<id:order_id>/contact"): 404,
    ("POST", "/admin/orders/<id:order_id>/notes"): 404,
    ("POST", "/admin/orders/<id:order_id>/payment-check"): 404,
    ("POST", "/admin/orders/<id:order_id>/cancellation"): 404,
    ("POST", "/admin/orders/<id:order_id>/payments"): 404,
    ("POST", "/admin/orders/<id:order_id>/capture"): 404,
    ("POST", "/admin/orders/<id:order_id>/authorization-cancellation"): 404,
    ("POST", "/admin/orders/<id:order_id>/review"): 404,
    ("GET", "/admin/orders/<id:order_id>/refunds/new"): 404,
    ("POST", "/admin/orders/<id:order_id>/refunds"): 404,
    ("POST", "/admin/orders/<id:order_id>/payments/<id:payment_id>/refunds"): 404,
    ("GET", "/admin/orders/<id:order_id>/cancellation/new"): 404,
    ("GET", "/admin/orders/<id:order_id>/fulfillments/new"): 404,
    ("POST", "/admin/orders/<id:order_id>/fulfillments"): 404,
    ("POST", "/admin/orders/<id:order_id>/fulfillments/<id:fulfillment_id>/pickup"): 404,
    ("POST", "/admin/orders/<id:order_id>/fulfillments/<id:fulfillment_id>/delete"): 404,
    ("GET", "/admin/customers"): 200,
    ("GET", "/admin/customers/<id:customer_id>"): 404,
    ("POST", "/admin/customers/<id:customer_id>"): 404,
    ("POST", "/admin/customers/<id:customer_id>/export"): 404,
    ("POST", "/admin/customers/<id:customer_id>/erasure"): 404,
    ("GET", "/admin/newsletter"): 200,
    ("GET", "/admin/newsletter.csv"): 200,
    ("GET", "/admin/collections"): 200,
    ("GET", "/admin/collections/new"): 200,
    ("POST", "/admin/collections/new"): 422,
    ("GET", "/admin/collections/<id:collection_id>"): 404,
    ("POST", "/admin/collections/<id:collection_id>"): 404,
    ("POST", "/admin/collections/<id:collection_id>/delete"): 404,
    ("POST", "/admin/collections/<id:collection_id>/position"): 400,
    ("POST", "/admin/collections/<id:collection_id>/picture"): 404,
    ("POST", "/admin/collections/<id:collection_id>/products"): 404,
    ("POST", "/admin/collections/<id:collection_id>/products/<id:product_id>/position"): 400,
    ("POST", "/admin/collections/<id:collection_id>/products/<id:product_id>/delete"): 404,
    ("GET", "/admin/products"): 200,
    ("POST", "/admin/products/views"): 422,
    ("POST", "/admin/products/views/<id:view_id>/delete"): 404,
    ("GET", "/admin/products/bulk"): 422,
    ("POST", "/admin/products/bulk"): 422,
    ("GET", "/admin/products/actions"): 422,
    ("POST", "/admin/products/actions"): 422,
    ("GET", "/admin/products/jobs"): 200,
    ("GET", "/admin/products/jobs/<id:job_id>"): 404,
    ("POST", "/admin/products/jobs/<id:job_id>/undo"): 404,
    ("GET", "/admin/products/new"): 200,
    ("POST", "/admin/products/new"): 422,
    ("GET", "/admin/products/<id:product_id>"): 404,
    ("POST", "/admin/products/<id:product_id>"): 404,
    ("POST", "/admin/products/<id:product_id>/copies"): 404,
    ("POST", "/admin/products/<id:product_id>/delete"): 404,
    ("POST", "/admin/products/<id:product_id>/unsaved"): 404,
    ("POST", "/admin/products/<id:product_id>/unsaved/delete"): 404,
    ("POST", "/admin/products/<id:product_id>/images"): 404,
    ("POST", "/admin/products/<id:product_id>/images/order"): 404,
    ("GET", "/admin/products/<id:product_id>/images/<id:image_id>"): 404,
    ("POST", "/admin/products/<id:product_id>/images/<id:image_id>"): 404,
    ("POST", "/admin/products/<id:product_id>/images/<id:image_id>/position"): 400,
    ("POST", "/admin/products/<id:product_id>/images/<id:image_id>/delete"): 404,
    ("GET", "/admin/inventory"): 200,
    ("POST", "/admin/inventory"): 422,
    ("GET", "/admin/inventory/waiting"): 200,
    ("GET", "/admin/inventory/counts"): 200,
    ("GET", "/admin/inventory/counts/new"): 200,
    ("POST", "/admin/inventory/counts/new"): 422,
    ("GET", "/admin/inventory/counts/<id:take_id>"): 404,
    ("POST", "/admin/inventory/counts/<id:take_id>/scans"): 404,
    ("POST", "/admin/inventory/counts/<id:take_id>/lines"): 404,
    ("POST", "/admin/inventory/counts/<id:take_id>/finish"): 404,
    ("POST", "/admin/inventory/counts/<id:take_id>/abandonment"): 404,
    ("GET", "/admin/inventory/incoming"): 200,
    ("GET", "/admin/inventory/incoming/new"): 200,
    ("POST", "/admin/inventory/incoming/new"): 422,
    ("GET", "/admin/inventory/incoming/<id:purchase_id>"): 404,
    ("POST", "/admin/inventory/incoming/<id:purchase_id>"): 404,
    ("POST", "/admin/inventory/incoming/<id:purchase_id>/lines"): 404,
    ("POST", "/admin/inventory/incoming/<id:purchase_id>/receipts"): 404,
    ("POST", "/admin/inventory/incoming/<id:purchase_id>/cancellation"): 404,
    ("GET", "/admin/inventory/<id:variant_id>"): 404,
    ("POST", "/admin/inventory/<id:variant_id>"): 404,
    ("POST", "/admin/inventory/<id:variant_id>/settings"): 404,
    ("POST", "/admin/inventory/<id:variant_id>/backorders"): 404,
    ("GET", "/admin/settings/stripe-tax"): 200,
    ("POST", "/admin/settings/stripe-tax"): 422,
    ("GET", "/admin/products/<id:product_id>/options"): 404,
    ("POST", "/admin/products/<id:product_id>/options"): 404,
    ("GET", "/admin/products/<id:product_id>/colors"): 404,
    ("POST", "/admin/products/<id:product_id>/colors"): 404,
    ("POST", "/admin/products/<id:product_id>/variants"): 404,
    ("GET", "/admin/products/<id:product_id>/picks"): 404,
    ("POST", "/admin/products/<id:product_id>/picks"): 404,
    ("POST", "/admin/products/<id:product_id>/picks/<id:picked_id>/position"): 400,
    ("POST", "/admin/products/<id:product_id>/picks/<id:picked_id>/delete"): 404,
    ("GET", "/admin/reviews"): 200,
    ("GET", "/admin/reviews/<id:review_id>"): 404,
    ("POST", "/admin/reviews/<id:review_id>/publication"): 404,
    ("POST", "/admin/reviews/<id:review_id>/rejection"): 404,
    ("POST", "/admin/reviews/<id:review_id>/reply"): 404,
    ("POST", "/admin/reviews/<id:review_id>/anonymization"): 404,
    ("POST", "/admin/reviews/<id:review_id>/photos/<id:photo_id>/delete"): 404,
    ("GET", "/admin/searches"): 200,
    ("GET", "/admin/searches/synonyms"): 200,
    ("GET", "/admin/searches/synonyms/new"): 200,
    ("POST", "/admin/searches/synonyms/new"): 422,
    ("GET", "/admin/searches/synonyms/<id:synonym_id>"): 404,
    ("POST", "/admin/searches/synonyms/<id:synonym_id>"): 404,
    ("POST", "/admin/searches/synonyms/<id:synonym_id>/delete"): 404,
    ("POST", "/admin/undo/<id:entry_id>"): 409,
    ("GET", "/admin/search"): 200,
    ("GET", "/admin/keys"): 200,
    ("POST", "/admin/keys"): 422,
    ("GET", "/admin/setup"): 200,
    ("POST", "/admin/setup/hidden"): 303,
    ("POST", "/admin/setup/test-mail"): 400,
    ("POST", "/admin/setup/<step>/skip"): 404,
    ("GET", "/admin/setup/shop"): 200,
    ("POST", "/admin/setup/shop"): 422,
    ("GET", "/admin/setup/delivery"): 200,
    ("POST", "/admin/setup/delivery"): 422,
    ("GET", "/admin/setup/taxes"): 200,
    ("POST", "/admin/setup/taxes"): 422,
    ("GET", "/admin/setup/payments"): 200,
    ("POST", "/admin/setup/payments"): 422,
    ("POST", "/admin/setup/payments/check"): 303,
    ("POST", "/admin/setup/payments/webhook"): 409,
    ("POST", "/admin/setup/payments/delete"): 409,
    ("GET", "/admin/setup/products"): 200,
    ("GET", "/admin/settings"): 200,
    ("GET", "/admin/settings/<section>"): 404,
    ("POST", "/admin/settings/<section>"): 404,
    ("GET", "/admin/settings/currencies"): 200,
    ("GET", "/admin/settings/currencies/new"): 200,
    ("POST", "/admin/settings/currencies/new"): 422,
    ("GET", "/admin/settings/currencies/own"): 200,
    ("POST", "/admin/settings/currencies/own"): 409,
    ("GET", "/admin/settings/currencies/<code>"): 404,
    ("POST", "/admin/settings/currencies/<code>"): 404,
    ("GET", "/admin/settings/currencies/<code>/prices"): 404,
    ("POST", "/admin/settings/currencies/<code>/prices"): 404,
    ("GET", "/admin/settings/currencies/<code>/prices.csv"): 404,
    ("POST", "/admin/settings/currencies/<code>/prices.csv"): 404,
    ("GET", "/admin/settings/payments"): 200,
    ("POST", "/admin/settings/payments"): 422,
    ("GET", "/admin/settings/abandoned-checkouts"): 200,
    ("POST", "/admin/settings/abandoned-checkouts"): 422,
    ("GET", "/admin/settings/protection"): 200,
    ("POST", "/admin/settings/protection"): 422,
    ("POST", "/admin/settings/protection/strict"): 422,
    ("POST", "/admin/settings/protection/usual"): 303,
    ("GET", "/admin/account"): 200,
    ("POST", "/admin/account"): 422,
    ("POST", "/admin/account/password"): 422,
    ("POST", "/admin/account/sessions/<id:session_id>/delete"): 404,
    ("GET", "/admin/account/authenticator"): 200,
    ("POST", "/admin/account/authenticator"): 422,
    ("POST", "/admin/account/authenticator/delete"): 404,
    ("POST", "/admin/account/recovery-codes"): 409,
    ("POST", "/admin/account/passkeys/options"): 200,
    ("POST", "/admin/account/passkeys"): 422,
    ("POST", "/admin/account/passkeys/<id:passkey_id>/delete"): 404,
    ("POST", "/admin/settings/staff/second-step"): 303,
    ("POST", "/admin/settings/staff/<id:account_id>/second-step/delete"): 404,
    ("GET", "/admin/settings/staff"): 200,
    ("GET", "/admin/settings/staff/<id:account_id>"): 404,
    ("POST", "/admin/settings/staff/<id:account_id>"): 404,
    ("POST", "/admin/settings/staff/<id:account_id>/activation"): 404,
    ("POST", "/admin/settings/staff/<id:account_id>/removal"): 404,
    ("POST", "/admin/settings/staff/<id:account_id>/sessions/delete"): 404,
    ("POST", "/admin/settings/staff/<id:account_id>/sessions/<id:session_id>/delete"): 404,
    ("GET", "/admin/settings/staff/invitations/new"): 200,
    ("POST", "/admin/settings/staff/invitations/new"): 422,
    ("POST", "/admin/settings/staff/invitations/<id:invitation_id>/mails"): 404,
    ("POST", "/admin/settings/staff/invitations/<id:invitation_id>/delete"): 404,
    ("GET", "/admin/settings/staff/roles"): 200,
    ("GET", "/admin/settings/staff/roles/new"): 200,
    ("POST", "/admin/settings/staff/roles/new"): 422,
    ("GET", "/admin/settings/staff/roles/<id:role_id>"): 404,
    ("POST", "/admin/settings/staff/roles/<id:role_id>"): 404,
    ("POST", "/admin/settings/staff/roles/<id:role_id>/delete"): 404,
    ("GET", "/admin/settings/zones"): 200,
    ("GET", "/admin/settings/zones/new"): 200,
    ("POST", "/admin/settings/zones/new"): 422,
    ("GET", "/admin/settings/zones/<id:zone_id>"): 404,
    ("POST", "/admin/settings/zones/<id:zone_id>"): 404,
    ("POST", "/admin/settings/zones/<id:zone_id>/delete"): 404,
    ("GET", "/admin/settings/zones/<id:zone_id>/ways/new"): 404,
    ("POST", "/admin/settings/zones/<id:zone_id>/ways/new"): 404,
    ("GET", "/admin/settings/zones/<id:zone_id>/ways/<id:way_id>"): 404,
    ("POST", "/admin/settings/zones/<id:zone_id>/ways/<id:way_id>"): 404,
    ("POST", "/admin/settings/zones/<id:zone_id>/ways/<id:way_id>/delete"): 404,
    ("GET", "/admin/settings/taxes"): 200,
    ("POST", "/admin/settings/taxes/rates"): 422,
    ("GET", "/admin/settings/taxes/new"): 200,
    ("POST", "/admin/settings/taxes/new"): 422,
    ("GET", "/admin/settings/taxes/<id:zone_id>"): 404,
    ("POST", "/admin/settings/taxes/<id:zone_id>"): 404,
    ("POST", "/admin/settings/taxes/<id:zone_id>/delete"): 404,
    ("GET", "/admin/theme"): 200,
    ("GET", "/admin/theme/brand"): 200,
    ("POST", "/admin/theme/brand"): 422,
    ("GET", "/admin/theme/style"): 200,
    ("POST", "/admin/theme/style"): 422,
    ("GET", "/admin/theme/colors"): 200,
    ("POST", "/admin/theme/colors"): 303,
    ("POST", "/admin/theme/sections"): 400,
    ("GET", "/admin/theme/sections/<section_id>"): 404,
    ("POST", "/admin/theme/sections/<section_id>"): 404,
    ("POST", "/admin/theme/sections/<section_id>/position"): 400,
    ("POST", "/admin/theme/sections/<section_id>/visibility"): 400,
    ("POST", "/admin/theme/sections/<section_id>/delete"): 404,
    ("POST", "/admin/theme/publication"): 400,
    ("POST", "/admin/theme/draft/delete"): 303,
    ("POST", "/admin/theme/versions/<id:version_id>/restoration"): 404,
    ("GET", "/admin/theme/preview/"): 303,
    ("GET", "/admin/theme/preview/<path:path>"): 303,
}


@dataclass(frozen=True)
class Door:
    method: str
    rule: str

    @property
    def path(self) -> str:
        parts = ["999" if part.startswith("<") else part for part in self.rule.split("/")]
        return "/".join(parts)


DOORS = [Door(*key) for key in ADMIN_ANSWERS]


def test_every_admin_rule_has_a_line_in_the_table(app: Flask) -> None:
    rules = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/admin") or rule.endpoint.startswith("admin.")
    }

    assert rules == set(ADMIN_ANSWERS)


def test_every_endpoint_of_the_admin_has_an_area(app: Flask) -> None:
    endpoints = {
        rule.endpoint.removeprefix("admin.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.")
    }

    assert set(AREAS) == endpoints, "shop/admin/areas.py names the area of every endpoint"


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.rule}")
@pytest.mark.parametrize("who", ["guest", "customer", "admin"])
def test_doors_open_for_admins_alone(client: FlaskClient, who: str, door: Door) -> None:
    make_store()
    if who != "guest":
        be_signed_in(client, make_admin() if who == "admin" else make_account())
    asks_for_sign_in = 303 if door.method == "GET" else 401
    expected = {
        "guest": asks_for_sign_in,
        "customer": 403,
        "admin": ADMIN_ANSWERS[door.method, door.rule],
    }

    response = client.open(door.path, method=door.method)

    assert response.status_code == expected[who]
    if who == "guest" and door.method == "GET":
        assert response.location == f"/sign-in?next={door.path}"
    is_noted = response.status_code == 200 and door.rule in OF_PEOPLE
    for table, entries in ((AuditEntry, is_noted), (OrderEvent, False)):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == entries


def test_a_guest_comes_back_to_the_page_with_its_question(client: FlaskClient) -> None:
    response = client.get("/admin/orders?show=paid&q=ann")

    assert response.location == "/sign-in?next=/admin/orders?show%3Dpaid%26q%3Dann"


def test_pages_of_the_admin_are_kept_by_no_cache_and_no_search_engine(client: FlaskClient) -> None:
    make_store()
    be_signed_in(client, make_admin())

    response = client.get("/admin")

    assert response.headers["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in response.text


@pytest.mark.parametrize("path", ["/admin/nothing", "/admin/orders/0", "/admin/orders/x",
                                  "/admin/orders/99999999999", "/admin/products/٣"])  # fmt: skip
def test_there_is_nothing_else(client: FlaskClient, path: str) -> None:
    make_store()
    be_signed_in(client, make_admin())

    answer = client.get(path)

    assert answer.status_code == 404
    assert "Nothing is here" in answer.text
    assert 'class="admin-side"' in answer.text


def test_guests_are_not_told_which_addresses_there_are(client: FlaskClient) -> None:
    answers = [client.get(path) for path in ("/admin/nothing", "/admin/orders")]

    assert [answer.status_code for answer in answers] == [303, 303]

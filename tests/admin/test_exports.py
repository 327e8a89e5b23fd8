"""Lists as CSV files."""

from __future__ import annotations

import codecs
import csv
import io
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account
from shop.audit import AuditEntry
from shop.catalog.import_product import Outcome
from shop.catalog.importer import import_sheet
from shop.catalog.models import Product
from shop.catalog.sheet_reader import read_sheet
from shop.extensions import db
from shop.gift_cards.models import GiftCard
from shop.pricing.discounts import Kind
from tests.accounts.people import make_account
from tests.factories import (
    make_discount,
    make_gift_card,
    make_image,
    make_order,
    make_product,
    variants_of,
)


def rows_of(staff: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = staff.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def test_products_come_out_and_in_again_unchanged(staff: FlaskClient) -> None:
    mug = make_product("=Tuesday mug", options={"Glaze": ["Cobalt", "-Milk"]}, tags=["a", "b"])
    mug.facts = [["Height", "95 mm"], ["Ratio", "1:2"]]
    make_image(mug)
    make_product("Draft", published=False)
    written = staff.get("/admin/products/export.csv").text

    sheet = read_sheet(written.encode(), "GBP")
    report = import_sheet(sheet, media_url="http://localhost/media")

    assert report.count(Outcome.UNCHANGED) == len(report.products) == 2
    assert [one.changes for one in report.products] == [(), ()]
    assert staff.get("/admin/products/export.csv").text == written
    assert "'=Tuesday mug" in written


def test_products_are_those_of_the_filter_or_the_marked_ones(staff: FlaskClient) -> None:
    mug, jug = make_product("Tuesday mug", handle="mug"), make_product("Milk jug", handle="jug")
    make_product("Draft", handle="draft", published=False)

    def handles(query: str) -> list[str]:
        return [row["Handle"] for row in rows_of(staff, f"/admin/products/export.csv{query}")]

    assert handles("") == ["mug", "jug", "draft"]
    assert handles("?show=published&q=mug") == ["mug"]
    assert handles(f"?id={jug.id}&id={mug.id}&id=x") == ["mug", "jug"]
    assert handles("?q=nothing") == []


def test_the_form_below_the_list_exports_all_that_match(staff: FlaskClient) -> None:
    """Its page shows a part of them, and marks of that page do not narrow it."""
    mug = make_product("Tuesday mug", handle="mug")
    make_product("Sunday mug", handle="sunday")
    make_product("Milk jug", handle="jug")
    make_product("Draft mug", handle="draft", published=False)

    def handles(query: str) -> list[str]:
        return [row["Handle"] for row in rows_of(staff, f"/admin/products/export.csv{query}")]

    form = "?list-q=mug&list-show=published&action=publish"
    assert handles(f"{form}&all=1") == ["mug", "sunday"]
    assert handles(f"{form}&all=1&id={mug.id}") == ["mug", "sunday"]
    assert handles(f"{form}&id={mug.id}") == ["mug"]
    assert handles("?action=publish&all=1") == ["mug", "sunday", "jug", "draft"]


def test_an_export_without_a_mark_is_refused_and_means_nobody(staff: FlaskClient) -> None:
    make_product("Tuesday mug", handle="mug")

    answer = staff.get("/admin/products/export.csv?list-q=mug&action=publish")

    assert answer.status_code == 422
    assert "Mark at least one product first." in answer.text
    assert "mug," not in answer.text


def test_inventory_has_a_line_for_each_variant(staff: FlaskClient) -> None:
    mug = make_product("Tuesday mug", handle="mug", on_hand=7)
    variants_of(mug)[0].sku = "=MUG"

    (row,) = rows_of(staff, "/admin/products/inventory.csv")

    assert (row["Handle"], row["SKU"], row["Counted"]) == ("mug", "'=MUG", "true")
    assert (row["On hand"], row["Reserved"], row["Available"]) == ("7", "0", "7")


def test_customers_are_exported_without_staff(staff: FlaskClient) -> None:
    make_account(email="ann@example.com", name="+Ann")
    make_account(email="bob@example.com", name="Bob")

    rows = rows_of(staff, "/admin/customers/export.csv")

    assert [(row["Email"], row["Name"]) for row in rows] == [
        ("bob@example.com", "Bob"),
        ("ann@example.com", "'+Ann"),
    ]
    assert len(rows_of(staff, "/admin/customers/export.csv?q=ann")) == 1


@pytest.mark.parametrize(
    "address",
    [
        "orders/export.csv",
        "customers/export.csv",
        "discounts/export.csv",
        "gift-cards/export.csv",
        "newsletter.csv",
        "products/inventory.csv",
        "reports/sales.csv",
        "settings/activity.csv",
    ],
)
def test_a_spreadsheet_reads_a_file_as_utf_8(staff: FlaskClient, address: str) -> None:
    assert staff.get(f"/admin/{address}").data.startswith(codecs.BOM_UTF8)


def test_an_order_in_the_file_tells_where_it_goes(staff: FlaskClient) -> None:
    order = make_order(paid=True)
    order.line2, order.region, order.phone = "Flat 2", "Kent", "+44 7700 900123"
    db.session.commit()

    (row,) = rows_of(staff, "/admin/orders/export.csv")

    told = [row[name] for name in ("Street", "Second line", "Postal code", "City", "Region")]
    assert told == ["14 Alder Row", "Flat 2", "LS6 2AB", "Leeds", "Kent"]
    assert row["Phone"] == "'+44 7700 900123"


#: Files that tell of people, by what the audit trail calls them.
OF_PEOPLE = {
    "/admin/customers/export.csv": "customers",
    "/admin/reports/customer-groups/<name>.csv": "customers",
    "/admin/gift-cards/export.csv": "gift_cards",
    "/admin/newsletter.csv": "newsletter",
    "/admin/orders/export.csv": "orders",
    "/admin/settings/activity.csv": "activity",
}
#: Files that tell of goods, prices and sums.
OF_THINGS = {
    "/admin/products/export.csv",
    "/admin/products/inventory.csv",
    "/admin/discounts/export.csv",
    "/admin/reports/forecasts.csv",
    "/admin/reports/<name>.csv",
    "/admin/settings/currencies/<code>/prices.csv",
    "/admin/imports/<id:import_id>/left-out.csv",
}


def entries() -> list[AuditEntry]:
    found = sa.select(AuditEntry).where(AuditEntry.subject_kind == "export")
    return list(db.session.scalars(found.order_by(AuditEntry.id)))


def test_every_file_tells_of_people_or_of_things(app: Flask) -> None:
    files = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin") and rule.rule.endswith(".csv") and "GET" in rule.methods
    }

    assert files == OF_PEOPLE.keys() | OF_THINGS


@pytest.mark.parametrize("path", sorted(OF_PEOPLE))
def test_who_takes_a_file_of_people_stands_in_the_audit_trail(
    staff: FlaskClient, admin: Account, path: str
) -> None:
    address = path.replace("<name>", "loyal")

    assert staff.get(address).status_code == 200
    assert staff.get(f"{address}?q=ines@example.com").status_code == 200

    whole, part = entries()
    assert (whole.account_id, whole.action) == (admin.id, f"{OF_PEOPLE[path]}.exported")
    is_always, is_never = "customer-groups" in path, "newsletter" in path
    assert whole.data == {"of": OF_PEOPLE[path], "is_part": is_always}
    assert part.data == {"of": OF_PEOPLE[path], "is_part": not is_never}  # not who was looked for
    assert "File with personal data" in staff.get("/admin/settings/activity").text


def test_a_file_that_is_refused_leaves_no_entry(staff: FlaskClient) -> None:
    assert staff.get("/admin/reports/customer-groups/none.csv").status_code == 404

    assert entries() == []


@pytest.mark.parametrize("path", ["/admin/products/export.csv", "/admin/reports/forecasts.csv"])
def test_a_file_of_things_needs_no_entry(staff: FlaskClient, path: str) -> None:
    assert staff.get(path).status_code == 200

    assert entries() == []


def test_discounts_are_exported_with_their_state(staff: FlaskClient) -> None:
    make_discount("MUG10")
    make_discount("OLD", ends_at=datetime(2020, 1, 1, tzinfo=UTC))

    rows = rows_of(staff, "/admin/discounts/export.csv")

    assert [(row["Code"], row["State"]) for row in rows] == [("OLD", "over"), ("MUG10", "active")]
    assert len(rows_of(staff, "/admin/discounts/export.csv?show=over")) == 1


def test_what_a_discount_takes_off_is_told_as_people_write_it(staff: FlaskClient) -> None:
    make_discount("TEN")
    make_discount("THIRD", value=333_300)
    make_discount("FIVE", kind=Kind.AMOUNT, value=550)
    make_discount("SENT", kind=Kind.FREE_SHIPPING, value=0)

    rows = rows_of(staff, "/admin/discounts/export.csv")

    told = {row["Code"]: row["Value"] for row in rows}
    assert told == {"TEN": "10%", "THIRD": "33.33%", "FIVE": "5.50", "SENT": ""}


def test_gift_cards_are_exported_without_their_codes(app: Flask, staff: FlaskClient) -> None:
    card = make_gift_card(5000)
    db.session.flush()

    answer = staff.get("/admin/gift-cards/export.csv").text
    (row,) = rows_of(staff, "/admin/gift-cards/export.csv")

    kept = db.session.get_one(GiftCard, card.id)
    assert (row["Balance"], row["Last four"]) == ("50.00", kept.last_four)
    assert kept.seed not in answer
    assert kept.code_digest not in answer


def test_a_large_shop_is_read_in_parts(staff: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from shop.admin import customer_queries, exports
    from shop.catalog import exporter

    for module, name in ((exports, "PART"), (customer_queries, "PART"), (exporter, "BATCH")):
        monkeypatch.setattr(module, name, 2)
    for number in range(5):
        make_product(f"Mug {number}")
        make_account(email=f"n{number}@example.com")
        make_discount(f"CODE{number}")

    assert len(rows_of(staff, "/admin/products/export.csv")) == 5
    assert len(rows_of(staff, "/admin/products/inventory.csv")) == 5
    assert len(rows_of(staff, "/admin/customers/export.csv")) == 5
    assert len(rows_of(staff, "/admin/discounts/export.csv")) == 5
    assert db.session.query(Product).count() == 5

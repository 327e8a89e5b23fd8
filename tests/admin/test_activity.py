from __future__ import annotations

import ast
import csv
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop import audit
from shop.accounts.models import Account
from shop.admin.activity_names import DONE, FACTS, KINDS
from shop.audit import AuditEntry
from shop.catalog import collections as catalog
from shop.catalog import variant_service
from shop.catalog.collections import CollectionDetails
from shop.catalog.models import Collection, CollectionProduct, Product, Variant
from shop.clock import now
from shop.content import service as content
from shop.content.models import Article, Page
from shop.content.service import ArticleDetails, PageDetails
from shop.content.worker import forget_deleted
from shop.extensions import Model, db
from shop.orders import service as orders
from shop.orders.event_kinds import EventKind
from shop.payments.models import PaymentSettings
from shop.pricing import discount_service as discounts
from shop.pricing import service as pricing
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.protection.models import ProtectionSettings
from shop.purchasing.models import PurchaseOrder
from shop.recovery.models import RecoverySettings
from shop.redirects import service as redirects
from shop.redirects.models import Redirect
from shop.settings import ROOT
from shop.stock_takes.models import StockTake
from shop.store.models import StoreSettings
from tests.accounts.people import make_account
from tests.factories import (
    make_discount,
    make_order,
    make_product,
    make_rates,
    make_variant,
    stock_of,
    variants_of,
)
from tests.pages import read

ACTIVITY = "/admin/settings/activity"


def note(action: str, admin: Account | None = None, subject_id: int = 1, **data: Any) -> None:
    audit.record(
        admin.id if admin else None,
        action,
        subject_kind=action.partition(".")[0],
        subject_id=subject_id,
        **data,
    )
    db.session.commit()


def last_kept() -> int:
    """The id of the newest entry whose thing can be brought back."""
    ids = sa.select(AuditEntry.id).where(AuditEntry.kept.is_not(None))
    return db.session.scalars(ids.order_by(AuditEntry.id.desc())).first() or 0


def bring_back(staff: FlaskClient, entry_id: int = 0) -> int:
    db.session.commit()
    path = f"{ACTIVITY}/{entry_id or last_kept()}/restoration"
    status = staff.post(path).status_code
    db.session.expire_all()
    return status


# The list ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "data", "words"),
    [
        ("stock_take.finished", {"state": ["open", "finished"]}, ["Open", "Finished"]),
        (
            "staff.role_changed",
            {"role": ["read_only", "Night shift"]},
            ["Read only", "Night shift"],
        ),
        ("product.deleted", {"status": "draft"}, ["Draft"]),
        ("store.changed", {"closed_weekdays": [[6], [5, 6]]}, ["Sunday", "Saturday, Sunday"]),
        (
            "discount.deleted",
            {"kind": "percentage", "value": 125_000},
            ["A percentage off", "12.5%"],
        ),
        ("discount.deleted", {"kind": "amount", "value": 500}, ["An amount off", "£5.00"]),
        (
            "discount.changed",
            {"kind": "percentage", "value": [100_000, 150_000]},
            ["10%", "15%"],
        ),
        (
            "discount.changed",
            {"kind": ["percentage", "amount"], "value": [100_000, 500]},
            ["10%", "£5.00"],
        ),
    ],
)
def test_values_are_told_in_words(
    staff: FlaskClient, action: str, data: dict[str, Any], words: list[str]
) -> None:
    note(action, **data)

    page = staff.get(ACTIVITY).text

    for word in words:
        assert f">{word}</dd>" in page or f"</span>{word}</dd>" in page


def test_orders_to_suppliers_and_stock_takes_are_led_to(staff: FlaskClient) -> None:
    order = PurchaseOrder(supplier="Clay & Sons", press="a")
    take = StockTake(title="Front shelf", press="a")
    db.session.add_all([order, take])
    db.session.flush()
    note("purchase_order.created", subject_id=order.id)
    note("stock_take.started", subject_id=take.id)

    page = read(staff.get(ACTIVITY).text)

    assert page.having("a", href=f"/admin/inventory/incoming/{order.id}")
    assert page.having("a", href=f"/admin/inventory/counts/{take.id}")
    assert "Clay &amp; Sons" in staff.get(f"{ACTIVITY}?q=clay").text


def test_facts_name_what_their_numbers_are_of(staff: FlaskClient) -> None:
    variant = make_variant()
    variant.sku = "FT-MUG"
    collection = catalog.create_collection(CollectionDetails(title="Mugs"))
    note("purchase_order.line_added", variant_id=variant.id, quantity=3)
    note("purchase_order.received", units={str(variant.id): 3, "99999": 2})
    note("product.picked", product_id=variant.product_id)
    note("collection.updated", parent_id=[None, collection.id])

    page = read(staff.get(ACTIVITY).text).text

    assert "Variant FT-MUG" in page
    assert "FT-MUG: 3; 99999: 2" in page
    assert "Lies in Before: nothing After: Mugs" in page
    assert f"Product {db.session.get_one(Product, variant.product_id).title}" in page


def test_what_was_deleted_keeps_its_own_name_where_a_newer_thing_has_its_number(
    staff: FlaskClient,
) -> None:
    page = content.create_page(PageDetails(title="Newer"))
    note("page.deleted", subject_id=page.id, title="Older")

    shown = read(staff.get(f"{ACTIVITY}?action=deleted").text)

    assert "Deleted Older" in shown.text
    assert "Newer" not in shown.text
    assert not shown.having("a", href=f"/admin/pages/{page.id}")


def test_a_shop_where_nothing_was_changed_says_so(staff: FlaskClient) -> None:
    assert "Nothing was changed yet" in staff.get(ACTIVITY).text


def test_a_change_is_told_in_words_as_it_was_and_as_it_is(
    staff: FlaskClient, admin: Account
) -> None:
    variant = make_variant(unit_amount=1250)
    variant_service.change_price(variant, unit_amount=1499, compare_at_amount=None, by=admin.id)
    db.session.commit()

    page = " ".join(staff.get(ACTIVITY).text.split())

    assert "<b>Variant:</b> Price changed" in page
    assert "Maya Kerr" in page
    assert "Before: </span>£12.50</dd>" in page
    assert "After: </span>£14.99</dd>" in page
    assert "[1250" not in page


def test_what_was_typed_is_never_markup(staff: FlaskClient, admin: Account) -> None:
    note("page.updated", admin, title=["<script>1</script>", "<b>2</b>"])

    page = staff.get(ACTIVITY).text

    assert "<script>1" not in page
    assert "&lt;b&gt;2&lt;/b&gt;" in page


def test_an_entry_leads_to_its_thing_while_there_is_one(staff: FlaskClient) -> None:
    page = content.create_page(PageDetails(title="About us"))
    note("page.updated", None, page.id, summary=["", "New"])
    note("page.updated", None, page.id + 500, summary=["", "New"])

    text = staff.get(f"{ACTIVITY}?kind=page").text

    assert f'href="/admin/pages/{page.id}"' in text
    assert f'href="/admin/pages/{page.id + 500}"' not in text


def test_an_account_is_opened_where_it_belongs(staff: FlaskClient, admin: Account) -> None:
    ines = make_account(email="ines@example.com")
    for account in (ines, admin):
        audit.record(admin.id, "account.changed", subject_kind="account", subject_id=account.id)

    text = staff.get(ACTIVITY).text

    for address in (f"/admin/customers/{ines.id}", f"/admin/settings/staff/{admin.id}"):
        assert f'href="{address}"' in text
        assert staff.get(address).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"one", "two", "three"}),
        ("person=0", {"two", "three"}),
        ("kind=redirect", {"two"}),
        ("action=deleted", {"two"}),
        ("action=changed", {"one", "three"}),
        ("q=FIRST", {"one"}),
        ("q=100%25", set()),
        ("since=2100-01-01", set()),
        ("until=2020-01-01", set()),
        ("show=kept", set()),
        ("kind=nonsense&action=nonsense&since=nonsense&person=nonsense", {"one", "two", "three"}),
    ],
)
def test_the_list_is_narrowed(
    staff: FlaskClient, admin: Account, query: str, found: set[str]
) -> None:
    note("page.updated", admin, title=["First", "one"])
    note("redirect.removed", path="/two")
    note("store.changed", name=["x", "three"])

    page = staff.get(f"{ACTIVITY}?{query}").text

    assert {word for word in ("one", "two", "three") if f">{word}<" in page.replace("/", "")
            or f"</span>{word}</dd>" in page} == found  # fmt: skip


def test_changes_are_found_by_what_their_thing_is_called(staff: FlaskClient) -> None:
    product = make_product(title="Tuesday mug")
    note("product.published", None, product.id)
    note("product.published", None, product.id + 99)

    page = staff.get(f"{ACTIVITY}?q=tuesday").text

    assert page.count("<b>Product:</b>") == 1


def test_the_list_asks_a_fixed_number_of_questions(
    staff: FlaskClient, admin: Account, count_queries: object
) -> None:
    for number in range(60):
        note(f"{('page', 'product', 'variant')[number % 3]}.updated", admin, number + 1, a=[1, 2])

    with count_queries() as statements:
        page = staff.get(ACTIVITY).text

    assert "Next page" in page
    # Three that every page asks, one for the entries, one for their names,
    # one for the people.
    assert len(statements) == 6


def test_the_export_holds_what_the_filters_find_and_runs_nothing(
    staff: FlaskClient, admin: Account
) -> None:
    note("page.updated", admin, title=["=1+1", "@SUM(A1)"])
    note("redirect.removed", path="/gone")

    response = staff.get(f"{ACTIVITY}.csv?kind=page")
    rows = list(csv.DictReader(response.text.splitlines()))

    assert [(row["What"], row["Before"], row["After"]) for row in rows] == [
        ("Title", "'=1+1", "'@SUM(A1)")
    ]


def test_what_staff_do_with_orders_stands_there_too(staff: FlaskClient, admin: Account) -> None:
    order = make_order(paid=True)
    orders.note(order, EventKind.NOTE, by=admin.id, text="Private words")
    db.session.commit()

    page = staff.get(f"{ACTIVITY}?kind=order").text

    assert "Note added" in page
    assert "Private words" not in page


# Bringing back -----------------------------------------------------------------------------------


def test_a_deleted_page_comes_back_with_one_press(staff: FlaskClient, admin: Account) -> None:
    page = content.create_page(
        PageDetails(title="Returns", summary="How", body="## Two weeks", is_published=False)
    )
    page_id = page.id
    content.delete_page(page, by=admin.id)

    assert "Bring back" in staff.get(f"{ACTIVITY}?show=kept").text
    assert bring_back(staff) == 303

    back = db.session.get_one(Page, page_id)
    assert (back.handle, back.title, back.body) == ("returns", "Returns", "## Two weeks")
    assert not back.is_published
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["page.deleted", "page.restored"]


def test_a_second_press_brings_nothing_back_twice(staff: FlaskClient) -> None:
    discount = make_discount(None, title="Autumn")
    discounts.delete(discount, by=None)
    entry_id = last_kept()

    assert [bring_back(staff, entry_id) for _ in range(2)] == [303, 409]
    assert db.session.scalars(sa.select(StoredDiscount.title)).all() == ["Autumn"]


def test_a_page_whose_address_is_taken_stays_away(staff: FlaskClient) -> None:
    content.delete_page(content.create_page(PageDetails(title="Returns")))
    content.create_page(PageDetails(title="Returns", body="The new one"))
    db.session.commit()

    response = staff.post(f"{ACTIVITY}/{last_kept()}/restoration")

    assert response.status_code == 409
    assert "Something else has its address by now." in response.text
    assert db.session.scalars(sa.select(Page.body)).all() == ["The new one"]
    assert last_kept()


def test_a_deleted_article_comes_back_with_its_date_and_tags(staff: FlaskClient) -> None:
    at = now() - timedelta(days=3)
    article = content.create_article(
        ArticleDetails(title="Firing 149", tags=("kiln", "news"), published_at=at)
    )
    article.file = "p-kiln"
    content.delete_article(article)

    assert bring_back(staff) == 303

    back = db.session.scalars(sa.select(Article)).one()
    assert (back.published_at, back.tags, back.file) == (at, ["kiln", "news"], "p-kiln")


def test_a_deleted_collection_comes_back_with_the_products_there_still_are(
    staff: FlaskClient,
) -> None:
    stays, goes = make_product(), make_product()
    above = catalog.create_collection(CollectionDetails(title="Kitchen"))
    mugs = catalog.create_collection(CollectionDetails(title="Mugs", parent_id=above.id))
    for product in (goes, stays):
        catalog.add_product(mugs, product.id)
    catalog.delete_collection(mugs)
    db.session.delete(goes)
    catalog.delete_collection(above)
    entry = db.session.scalars(
        sa.select(AuditEntry.id).where(
            AuditEntry.subject_id == mugs.id, AuditEntry.kept.is_not(None)
        )
    ).one()

    assert bring_back(staff, entry) == 303

    back = db.session.scalars(sa.select(Collection)).one()
    assert (back.title, back.handle, back.parent_id) == ("Mugs", "mugs", None)
    assert db.session.scalars(sa.select(CollectionProduct.product_id)).all() == [stays.id]


def test_a_deleted_discount_comes_back_as_it_was(staff: FlaskClient) -> None:
    ends_at = now() + timedelta(days=9)
    discount = make_discount("SPRING", ends_at=ends_at, emails=["a@example.com"])
    before = audit.values_of(discount)
    discounts.delete(discount, by=None)

    assert bring_back(staff) == 303
    assert audit.values_of(db.session.scalars(sa.select(StoredDiscount)).one()) == before


def test_a_discount_whose_code_is_taken_stays_away(staff: FlaskClient) -> None:
    discounts.delete(make_discount("SPRING"), by=None)
    make_discount("SPRING")

    assert bring_back(staff) == 409
    assert len(db.session.scalars(sa.select(StoredDiscount)).all()) == 1


def test_a_removed_redirect_comes_back_unless_another_begins_there(staff: FlaskClient) -> None:
    redirects.remove(redirects.add("/old", "/new"))
    first = last_kept()

    assert bring_back(staff, first) == 303
    assert db.session.scalars(sa.select(Redirect.target)).all() == ["/new"]

    redirects.remove(db.session.scalars(sa.select(Redirect)).one())
    redirects.add("/old", "/newer")
    assert bring_back(staff) == 409
    assert db.session.scalars(sa.select(Redirect.target)).all() == ["/newer"]


def test_a_removed_variant_comes_back_with_its_stock(staff: FlaskClient) -> None:
    variant = make_variant(unit_amount=1500, on_hand=7)
    sku, product = variant.sku, db.session.get_one(Product, variant.product_id)

    variant_service.discard_variants([variant], by=None)

    assert bring_back(staff) == 303

    (back,) = variants_of(product)
    assert (back.sku, back.unit_amount) == (sku, 1500)
    assert stock_of(back)[0] == 7


def test_a_variant_whose_sku_is_taken_stays_away(staff: FlaskClient) -> None:
    gone, other = make_variant(), make_variant()
    sku = gone.sku
    variant_service.discard_variants([gone], by=None)
    other.sku = sku

    assert bring_back(staff) == 409
    assert len(db.session.scalars(sa.select(Variant)).all()) == 1


def test_what_was_deleted_long_ago_is_forgotten_with_its_picture(app: Flask, tmp_path: Any) -> None:
    article = content.create_article(ArticleDetails(title="Old"))
    article.file = "p-old"
    content.delete_article(article)
    content.delete_page(content.create_page(PageDetails(title="New")))
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "article.deleted"))
    entry.one().at = now() - audit.KEPT_FOR - timedelta(days=1)
    (tmp_path / "p-old-400.jpg").write_bytes(b"")
    db.session.commit()

    forget_deleted(tmp_path)

    assert list(tmp_path.iterdir()) == []
    kept = sa.select(AuditEntry.action).where(AuditEntry.kept.is_not(None))
    assert db.session.scalars(kept).all() == ["page.deleted"]


@pytest.mark.parametrize("kind", ["zone", "way", "tax"])
def test_zones_come_back_with_what_was_in_them(staff: FlaskClient, kind: str) -> None:
    make_rates()
    zone = db.session.scalars(sa.select(ShippingZone)).first()
    way = db.session.scalars(sa.select(ShippingRate)).first()
    tax = db.session.scalars(sa.select(TaxZone)).first()
    assert zone
    assert way
    assert tax

    def told() -> list[Any]:
        rows = [*db.session.scalars(sa.select(ShippingRate).order_by(ShippingRate.name)),
                *db.session.scalars(sa.select(TaxZone).order_by(TaxZone.name))]  # fmt: skip
        rates = db.session.execute(sa.select(TaxRate.name, TaxRate.rate_ppm).order_by(TaxRate.name))
        but = {"id", "position", "zone_id"}
        kept = [{k: v for k, v in audit.values_of(row).items() if k not in but} for row in rows]
        return [kept, [tuple(row) for row in rates]]

    before = told()
    if kind == "zone":
        pricing.remove_shipping_zone(zone, by=None)
    elif kind == "way":
        pricing.remove_way(way, by=None)
    else:
        pricing.remove_tax_zone(tax, by=None)
    assert told() != before

    assert bring_back(staff) == 303
    assert told() == before


# Words


#: What recording takes beside the facts.
NO_FACTS = {"by", "noted", "subject_id", "subject_kind"}


def strings_of_audit() -> tuple[set[str], set[str], set[str]]:
    """Actions, kinds and names of facts that the code records, as far as they are written out."""
    actions, kinds, facts = set(), set(), set()
    for path in (ROOT / "shop").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            if re.fullmatch(r"_?(record|change)\w*", name):
                found = set(re.findall(r"'([a-z_]+\.[a-z_]+)'", ast.unparse(node)))
                actions |= found
                facts |= {word.arg for word in node.keywords if found and word.arg} - NO_FACTS
            kinds |= {
                word.value.value
                for word in node.keywords
                if word.arg == "subject_kind" and isinstance(word.value, ast.Constant)
            }
    return actions, kinds, facts


def test_all_that_is_recorded_has_words_that_are_translated() -> None:
    actions, kinds, facts = strings_of_audit()

    assert {"stock_take.started", "staff.invited", "variant.price_changed"} <= actions
    assert {"account", "copied_from", "on_hand"} <= facts
    assert {action.partition(".")[2] for action in actions} - DONE.keys() == set()
    assert kinds - KINDS.keys() == set()
    assert facts - FACTS.keys() == set()


#: Columns that nobody on the staff sets.
UNTOLD = {
    "created_at", "drawing", "id", "import_columns", "lost_sold_variant", "rating_count",
    "rating_sum", "strict_by", "strict_since", "strict_until", "updated_at", "used_count",
}  # fmt: skip


@pytest.mark.parametrize(
    "model",
    [PaymentSettings, Product, ProtectionSettings, RecoverySettings, StoreSettings, StoredDiscount],
)
def test_whatever_of_a_thing_is_changed_has_words(model: type[Model]) -> None:
    columns = {column.name for column in model.__table__.columns}

    assert columns - FACTS.keys() - UNTOLD == set()


@pytest.mark.parametrize(("fact", "told"), [({"copied_from": "Mug"}, "Mug"), ({"of": 12}, "12")])
def test_a_copy_tells_what_it_was_made_from(
    staff: FlaskClient, admin: Account, fact: dict[str, Any], told: str
) -> None:
    note("product.duplicated", admin, **fact)

    page = " ".join(read(staff.get(ACTIVITY).text).text.split())

    assert f"Copied from {told}" in page
    assert "List" not in page

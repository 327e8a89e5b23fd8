"""Downloads of lists as CSV files: what the list's address finds."""

from __future__ import annotations

import sqlalchemy as sa
from flask import request
from flask.typing import ResponseReturnValue

from shop.admin import exports, product_queries
from shop.admin.access import bp, store
from shop.admin.bulk_views import has_marks, is_marked, nothing_marked, selection_in
from shop.admin.discount_queries import DiscountFilter
from shop.admin.downloads import csv_file, streamed
from shop.admin.export_notes import note_export
from shop.admin.gift_card_queries import CardFilter
from shop.admin.lists import listing_text, one_of
from shop.admin.product_list_views import refused, search_in
from shop.catalog.exporter import export_lines
from shop.clock import now
from shop.gift_cards.queries import today_of
from shop.web.config import settings


@bp.get("/products/export.csv")
def export_products() -> ResponseReturnValue:
    """With Shopify's columns: all that the list's filter finds, or what its form marks."""
    if is_marked(request.args) and not has_marks(request.args):
        return refused(nothing_marked())
    lines = export_lines(
        currency=store().currency,
        media_url=f"{settings().url}/media",
        which=sa.and_(sa.true(), *_chosen_products()),
    )
    return streamed(lines, "products")  # begins with its header, so that it is read as it came


@bp.get("/products/inventory.csv")
def export_inventory() -> ResponseReturnValue:
    return csv_file(exports.inventory(), "inventory")


@bp.get("/customers/export.csv")
def export_customers() -> ResponseReturnValue:
    note_export("customers", is_part=bool(listing_text()))
    return csv_file(exports.customers(text=listing_text()), "customers")


@bp.get("/discounts/export.csv")
def export_discounts() -> ResponseReturnValue:
    only = one_of(DiscountFilter, request.args.get("show"), DiscountFilter.ALL)
    lines = exports.discounts(text=listing_text(), only=only, at=now(), currency=store().currency)
    return csv_file(lines, "discounts")


@bp.get("/gift-cards/export.csv")
def export_gift_cards() -> ResponseReturnValue:
    only = one_of(CardFilter, request.args.get("show"), CardFilter.ALL)
    note_export("gift_cards", is_part=bool(listing_text()) or only is not CardFilter.ALL)
    lines = exports.gift_cards(text=listing_text(), only=only, today=today_of(store()))
    return csv_file(lines, "gift-cards")


def _chosen_products() -> list[sa.ColumnElement[bool]]:
    if is_marked(request.args):
        return selection_in(request.args).conditions
    return product_queries.matches(search_in(request.args))

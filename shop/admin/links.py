"""Where the admin's own box and keys lead: its places, and what one comes to do."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


@dataclass(frozen=True)
class Link:
    words: LazyString
    endpoint: str
    #: Other words that somebody may look for it by.
    other: LazyString | str = ""
    #: The second of two keys, after g.
    key: str = ""
    section: str = ""

    def url(self) -> str:
        if self.section:
            return url_for(self.endpoint, section=self.section)
        return url_for(self.endpoint)


PLACES = (
    Link(_l("Home"), "admin.home", _l("start overview"), "h"),
    Link(_l("Orders"), "admin.orders", _l("sales"), "o"),
    Link(_l("Customers"), "admin.customers", "", "c"),
    Link(_l("Products"), "admin.products", "", "p"),
    Link(_l("Imports"), "admin.imports", _l("csv shopify woocommerce upload")),
    Link(_l("Inventory"), "admin.stock", _l("stock on hand"), "i"),
    Link(_l("Stock takes"), "admin.stock_takes", _l("count stocktaking")),
    Link(_l("Orders from suppliers"), "admin.purchases", _l("purchase orders incoming")),
    Link(_l("Collections"), "admin.collections", _l("categories"), "l"),
    Link(_l("Discounts"), "admin.discounts", _l("codes coupons vouchers"), "d"),
    Link(_l("Gift cards"), "admin.gift_cards", _l("store credit"), "f"),
    Link(_l("Reviews"), "admin.reviews", _l("stars"), "r"),
    Link(_l("Reports"), "admin.reports", _l("sales figures numbers"), "e"),
    Link(_l("What to order"), "admin.forecasts", _l("forecasts demand reorder")),
    Link(_l("Searches"), "admin.searches", "", "q"),
    Link(_l("Content"), "admin.pages", _l("pages texts"), "n"),
    Link(_l("Journal"), "admin.journal", _l("articles blog")),
    Link(_l("Redirects"), "admin.redirections", _l("old addresses")),
    Link(_l("Theme"), "admin.theme", _l("look colors logo home page"), "t"),
    Link(_l("Settings"), "admin.settings", "", "s"),
    Link(_l("Delivery zones"), "admin.shipping_zones", _l("shipping rates countries")),
    Link(_l("Taxes"), "admin.tax_zones", _l("vat sales tax rates")),
    Link(_l("Currencies"), "admin.currencies", _l("exchange rates money")),
    Link(_l("Payments"), "admin.payment_settings", _l("cards bank transfer cash stripe")),
    Link(_l("Protection of the checkout"), "admin.protection", _l("fraud limits")),
    Link(_l("Abandoned checkouts"), "admin.abandoned_checkouts", _l("reminders")),
    Link(_l("Newsletter"), "admin.subscribers", _l("subscribers")),
    Link(_l("Staff"), "admin.staff_list", _l("team invite roles")),
    Link(_l("Set up"), "admin.setup", _l("first steps")),
    Link(_l("Synonyms"), "admin.synonyms", ""),
    Link(_l("Shop"), "admin.settings_section", _l("name address contact"), section="shop"),
)
ACTIONS = (
    Link(_l("New product"), "admin.new_product", _l("add create")),
    Link(_l("Import products"), "admin.new_import", _l("csv shopify woocommerce upload")),
    Link(_l("Create discount"), "admin.new_discount", _l("add new code")),
    Link(_l("New collection"), "admin.new_collection", _l("add create")),
    Link(_l("New page"), "admin.new_page", _l("add create text")),
    Link(_l("New article"), "admin.new_article", _l("add create journal")),
    Link(_l("Issue a gift card"), "admin.new_gift_card", _l("add create new")),
)

"""What areas, and the roles a shop begins with, are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from shop.accounts.models import Role
from shop.accounts.permissions import Area

AREAS: dict[Area, LazyString] = {
    Area.ORDERS: _("Orders"),
    Area.REFUNDS: _("Refunds and cancellations"),
    Area.CUSTOMERS: _("Customers"),
    Area.PRODUCTS: _("Products and collections"),
    Area.INVENTORY: _("Inventory"),
    Area.DISCOUNTS: _("Discounts"),
    Area.GIFT_CARDS: _("Gift cards"),
    Area.REVIEWS: _("Reviews"),
    Area.CONTENT: _("Content"),
    Area.THEME: _("Theme"),
    Area.REPORTS: _("Reports"),
    Area.SETTINGS: _("Settings"),
    Area.PAYMENT_SETTINGS: _("Payment settings"),
    Area.STAFF: _("Staff and roles"),
}
PRESETS: dict[str, LazyString] = {
    "owner": _("Owner"),
    "manager": _("Manager"),
    "fulfillment": _("Fulfillment"),
    "editor": _("Editor"),
    "support": _("Support"),
    "read_only": _("Read only"),
}


def name_of(role: Role) -> str:
    return role.title or str(PRESETS.get(role.name, role.name))

"""Every table, imported in one place so that migrations and tests see them all."""

from __future__ import annotations

from shop import audit
from shop.accounts import models as accounts
from shop.accounts.second_step import models as second_step
from shop.accounts.staff import models as staff
from shop.address_book import models as address_book
from shop.alerts import models as alerts
from shop.bulk import models as bulk
from shop.cart import models as cart
from shop.catalog import models as catalog
from shop.checkout import models as checkout
from shop.contact import models as contact
from shop.content import models as content
from shop.desk import models as desk
from shop.forecasts import models as forecasts
from shop.gift_cards import models as gift_cards
from shop.imports import models as imports
from shop.inventory import models as inventory
from shop.limits import models as limits
from shop.newsletter import models as newsletter
from shop.orders import models as orders
from shop.outbox import models as outbox
from shop.payments import models as payments
from shop.pricing import discount_models as discounts
from shop.pricing import models as pricing
from shop.protection import models as protection
from shop.purchasing import models as purchasing
from shop.recommendations import models as recommendations
from shop.recovery import models as recovery
from shop.redirects import models as redirects
from shop.reports import models as reports
from shop.reviews import models as reviews
from shop.search import models as search
from shop.setup import models as setup
from shop.stock_takes import models as stock_takes
from shop.store import models as store
from shop.theme import models as theme
from shop.traffic import models as traffic
from shop.wishlist import models as wishlist

__all__ = [
    "accounts",
    "address_book",
    "alerts",
    "audit",
    "bulk",
    "cart",
    "catalog",
    "checkout",
    "contact",
    "content",
    "desk",
    "discounts",
    "forecasts",
    "gift_cards",
    "imports",
    "inventory",
    "limits",
    "newsletter",
    "orders",
    "outbox",
    "payments",
    "pricing",
    "protection",
    "purchasing",
    "recommendations",
    "recovery",
    "redirects",
    "reports",
    "reviews",
    "search",
    "second_step",
    "setup",
    "staff",
    "stock_takes",
    "store",
    "theme",
    "traffic",
    "wishlist",
]

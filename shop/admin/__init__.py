"""The merchant's side: pages to see and change what the shop holds. No rules live here."""

from __future__ import annotations

from shop.admin import (
    collection_views,
    content_views,
    discount_views,
    fulfillment_views,
    gift_card_views,
    home_views,
    option_views,
    order_list_views,
    order_views,
    payment_settings_views,
    pick_views,
    picture_views,
    product_views,
    protection_views,
    refund_views,
    review_views,
    search_views,
    settings_views,
    theme_preview_views,
    theme_views,
    zone_views,
)
from shop.admin.access import bp

__all__ = [
    "bp",
    "collection_views",
    "content_views",
    "discount_views",
    "fulfillment_views",
    "gift_card_views",
    "home_views",
    "option_views",
    "order_list_views",
    "order_views",
    "payment_settings_views",
    "pick_views",
    "picture_views",
    "product_views",
    "protection_views",
    "refund_views",
    "review_views",
    "search_views",
    "settings_views",
    "theme_preview_views",
    "theme_views",
    "zone_views",
]

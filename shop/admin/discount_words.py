"""A discount's rule in sentences, for the staff who make it."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from shop.money import Money
from shop.pricing.discount_service import DiscountDetails
from shop.pricing.discounts import Kind
from shop.web.counts import ngettext
from shop.web.filters import instant, money


def rule_of(
    details: DiscountDetails, currency: str, titles: Mapping[str, list[str]], zone: ZoneInfo
) -> list[str]:
    """Whole sentences. `titles`: of the products and the collections it is about, and of those
    they get, where these are others.
    """
    names = [*titles["collections"], *titles["products"]]
    got = [*titles["get_collections"], *titles["get_products"]]
    return [
        *_gives(details, currency),
        *([_("What they get is one of %(goods)s.", goods=", ".join(got))] if got else []),
        _("It is about %(goods)s only.", goods=", ".join(names))
        if names
        else _("It is about everything in the shop."),
        *_asks(details, currency),
        _("Shoppers type %(code)s.", code=details.code)
        if details.code
        else _("It applies by itself, to every basket that fits."),
        *_dates(details, zone),
        *_limits(details),
        _("It may be taken together with other discounts.")
        if details.combines
        else _("It stands alone: a basket gets it, or the others, whichever takes more off."),
    ]


def _gives(details: DiscountDetails, currency: str) -> list[str]:
    if details.tiers:
        return [_step(details, currency, *tier) for tier in details.tiers]
    if details.kind is Kind.FREE_SHIPPING:
        return [_("Delivery costs nothing.")]
    if details.kind is Kind.AMOUNT:
        return [_("%(amount)s off.", amount=money(Money(details.value, currency)))]
    if details.kind is Kind.PERCENTAGE:
        return [_("%(percent)s%% off.", percent=_percent(details.value))]
    return [
        _(
            "Who buys %(buy)s gets %(get)s more, the cheapest, at %(percent)s%% off.",
            buy=details.buy_quantity,
            get=details.get_quantity,
            percent=_percent(details.value),
        ),
        *_times(details),
    ]


def _step(details: DiscountDetails, currency: str, start: int, value: int) -> str:
    off = (
        f"{_percent(value)}%" if details.kind is Kind.PERCENTAGE else money(Money(value, currency))
    )
    return _("From %(amount)s on, %(off)s off.", amount=money(Money(start, currency)), off=off)


def _times(details: DiscountDetails) -> list[str]:
    if not details.most_times:
        return []
    return [
        ngettext("Once in one basket.", "%(num)s times in one basket at the most.",
                 details.most_times)
    ]  # fmt: skip


def _asks(details: DiscountDetails, currency: str) -> list[str]:
    sentences = []
    if details.minimum_amount:
        least = money(Money(details.minimum_amount, currency))
        sentences.append(_("What it is about must cost %(amount)s or more.", amount=least))
    if details.minimum_quantity:
        sentences.append(
            ngettext("It needs %(num)s piece.", "It needs %(num)s pieces.",
                     details.minimum_quantity)
        )  # fmt: skip
    return sentences


def _dates(details: DiscountDetails, zone: ZoneInfo) -> list[str]:
    sentences = []
    if details.starts_at:
        begins = instant(details.starts_at.astimezone(zone))
        sentences.append(_("It begins on %(instant)s.", instant=begins))
    if details.ends_at:
        ends = instant(details.ends_at.astimezone(zone))
        sentences.append(_("It ends on %(instant)s.", instant=ends))
    return sentences


def _limits(details: DiscountDetails) -> list[str]:
    sentences = []
    if details.limit_total is not None:
        sentences.append(
            ngettext("One order can have it.", "%(num)s orders can have it.", details.limit_total)
        )
    if details.emails:
        sentences.append(
            ngettext("It is for one customer only.", "It is for %(num)s customers only.",
                     len(details.emails))
        )  # fmt: skip
    if details.first_order_only:
        sentences.append(_("It is for a customer's first order only."))
    elif details.limit_per_customer is not None:
        sentences.append(
            ngettext("Each customer can have it once.", "Each customer can have it %(num)s times.",
                     details.limit_per_customer)
        )  # fmt: skip
    return sentences


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:g}"

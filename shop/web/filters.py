"""How amounts, instants and written text are printed in pages and mails."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import nh3
from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_symbol,
    get_decimal_symbol,
)
from flask import Flask
from flask_babel import gettext as _
from jinja2 import StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from shop.addresses import Address, lines_of
from shop.media import refusals
from shop.money import Money, exponent, plain_amount
from shop.web.countries import country_names
from shop.web.locale import locale_now
from shop.web.proxies import g_now

#: Raw HTML in Markdown is shown as text, never run.
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
RICH_TAGS = {
    "a", "b", "blockquote", "br", "caption", "code", "dd", "dl", "dt", "em", "h2", "h3", "h4",
    "hr", "i", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
#: Of dates, in CLDR's terms.
LENGTHS = {"full", "long", "medium", "short"}
#: CLDR puts a space between a currency's letters and a digit; Babel leaves it out.
_CODE_BEFORE_NUMBER = re.compile(r"(?<=[^\W\d_])(?=\d)")
#: What tells one country's dollar, pound or yen from another's: "US$", in French "$US".
_COUNTRY_OF_SIGN = re.compile(r"^[A-Z]{1,2}(?=[$£¥]$)|(?<=^[$£¥])[A-Z]{1,2}$")
#: Their letters are no country's that could be left out: Brazil itself writes "R$".
_OWN_SIGNS = {"BRL", "NIO"}
#: "3 Dec", "3. Dezember": no line ends between the two.
_BEFORE_MONTH = re.compile(r"(\d\.?) (?=[^\W\d_])")


def init_app(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for name, function in {
        "money": money,
        "short_money": short_money,
        "price": price,
        "price_each": price_each,
        "gift_card_name": gift_card_name,
        "typed_amount": typed_amount,
        "date": day,
        "datetime": instant,
        "time": time_of_day,
        "number": number,
        "small": small,
        "one_decimal": one_decimal,
        "markdown": markdown,
        "rich_text": rich_text,
        "postal_lines": postal_lines,
        "refusal": refusals.told,
        "email_address": email_address,
        "srcset": srcset,
    }.items():
        app.jinja_env.filters[name] = function


def money(value: Money) -> str:
    """With the currency's bare sign where the shop has no other: "$29.00", not "US$29.00"."""
    return _told(value, is_short=False)


def short_money(value: Money) -> str:
    """As one says it: "£60", but "£4.50". For sentences and choices; figures below one another keep
    their pence.
    """
    return _told(value, is_short=True)


def tell_sole_currency(code: str) -> None:
    """For all that is printed from here on; empty: the shop has several."""
    g_now().sole_currency = code


def _told(value: Money, *, is_short: bool) -> str:
    locale = str(locale_now())  # first: asking a request for it reads the shop
    is_sole = value.currency == sole_currency()
    return _money(value.amount, value.currency, locale, is_short=is_short, is_sole=is_sole)


def sole_currency() -> str:
    """Empty too where nobody has told: in a command, or while the database is away."""
    try:
        known: str = vars(g_now()).get("sole_currency", "")
    except RuntimeError:
        return ""
    return known


def price(value: Money) -> str:
    """What a product, a line or a way of delivery costs. Sums of a bill are figures: `money`."""
    return money(value) if value else _("Free")


def price_each(value: Money) -> str:
    """The price of one of several."""
    return _("%(price)s each", price=money(value)) if value else _("Free")


def typed_amount(value: Money) -> str:
    """As one types it, without the currency: "128.00", in German "128,00"."""
    return plain_amount(value).replace(".", get_decimal_symbol(locale_now()))


@lru_cache(maxsize=4096)
def _money(amount: int, currency: str, locale: str, *, is_short: bool, is_sole: bool) -> str:
    decimal = Decimal(amount).scaleb(-exponent(currency))
    if is_short and decimal == int(decimal):
        whole = Locale.parse(locale).currency_formats["standard"].pattern.replace(".00", "")
        told = format_currency(decimal, currency, whole, locale=locale, currency_digits=False)
    else:
        told = format_currency(decimal, currency, locale=locale)
    if is_sole and currency not in _OWN_SIGNS:
        sign = get_currency_symbol(currency, locale=locale)
        told = told.replace(sign, _COUNTRY_OF_SIGN.sub("", sign))
    return _CODE_BEFORE_NUMBER.sub("\u00a0", told)


def small(name: str) -> str:
    """A thing's name within a sentence; German writes it with a capital there too."""
    return name if locale_now().language == "de" else name.lower()


def gift_card_name(last_four: str) -> str:
    """As bills call what pays; store credit has no last four."""
    if not last_four:
        return _("Store credit")
    return _("Gift card ending in %(last_four)s", last_four=last_four)


def day(value: date | datetime, style: str = "long") -> str:
    """`style`: one of the locale's own lengths, or the parts to tell as a CLDR skeleton: "MMMEd"
    is "Thu 26 Nov" and "Do., 26. Nov.".
    """
    locale = locale_now()
    if style in LENGTHS:
        told = format_date(value, style, locale=locale)
    else:
        told = format_skeleton(style, value, locale=locale)
    return _BEFORE_MONTH.sub("\\1\u00a0", told)


def instant(value: datetime, style: str = "long") -> str:
    return f"{day(value, style)}, {time_of_day(value)}"


def time_of_day(value: datetime) -> str:
    return format_time(value, "short", locale=locale_now())


def number(value: int) -> str:
    """ "1,164", as the language writes it."""
    if isinstance(value, int) and 0 <= value < 1000:  # most are, and lists have hundreds
        return str(value)
    return format_decimal(value, locale=locale_now())


def one_decimal(value: float) -> str:
    """ "4.8", as the language writes it."""
    return format_decimal(value, "0.0", locale=locale_now())


def email_address(value: str) -> Markup:
    """Where it has to break in a narrow place, it does so before its "@" and its dots."""
    parts = re.split(r"(?=[@.])", value)
    return Markup("<wbr>").join(parts)


def srcset(file: str, widths: Iterable[int]) -> str:
    """The renditions of a picture."""
    return ", ".join([f"/media/{file}-{width}.avif {width}w" for width in widths])


def postal_lines(address: Address) -> list[str]:
    """As it stands on a parcel: in the country's own order, its name last."""
    names = country_names()
    return lines_of(address, names.get(address.country, address.country))


def markdown(text: str) -> Markup:
    """The merchant's own text, so that search engines may follow its links."""
    return _clean(_markdown.render(text), link_rel=None)


def rich_text(html: str) -> Markup:
    """What is harmless of the merchant's HTML; staff may be careless too."""
    return _clean(html, link_rel="nofollow noopener")


def _clean(html: str, *, link_rel: str | None) -> Markup:
    clean = nh3.clean(
        html,
        tags=RICH_TAGS,
        attributes={"a": {"href"}, "td": {"align"}, "th": {"align"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=link_rel,
    )
    return Markup(clean)  # noqa: S704 - sanitized on the line above

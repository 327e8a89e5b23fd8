"""Every part of the templates in every state on one page, in development only.

It is looked at by day and by night, in both directions and in narrow windows by plain links.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from string import ascii_uppercase
from typing import Any
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue

from shop.addresses import Address
from shop.cart.service import CartLine, Notice
from shop.catalog.facets import TAG, Chosen, Sort
from shop.catalog.filters import Address as ListAddress
from shop.catalog.listing import (
    SHOWN_VALUES,
    Chip,
    ChipKind,
    FacetChoice,
    ListPage,
    PriceChoice,
    ValueChoice,
)
from shop.catalog.options import Choosable, Picker, pick
from shop.catalog.queries import Picture, SwatchTile
from shop.money import Money
from shop.pricing.delivery import DeliveryPromise
from shop.pricing.discounts import Discount, Kind
from shop.pricing.explain import explain
from shop.pricing.quote import GiftCardBalance, Item, Quote, quote
from shop.pricing.tax import STANDARD, Rate, TaxRules
from shop.reviews.queries import PublishedReview, Summary
from shop.search.suggestions import Completion
from shop.settings import ROOT
from shop.web.address_form import AddressForm
from shop.web.headers import content_security_policy
from shop.web.pagination import Pager

bp = Blueprint("styleguide", __name__)

COMPONENTS = ROOT / "templates" / "components"
CSS = ROOT / "static" / "css"
#: Beside those that every page has.
SHEETS = ("forms.css", "catalog.css", "list.css", "gallery.css", "reviews.css", "content.css",
          "checkout.css", "pictures.css", "suggest.css", "admin-reports.css",
          "dev.css")  # fmt: skip
BASE_SHEETS = ("base.css", "components.css", "storefront.css")
#: Parts of one kind of page, beside the components.
PAGE_PARTS = ("chips", "facets", "review", "suggestions")
THEMES, DIRECTIONS, WIDTHS = ("light", "dark"), ("ltr", "rtl"), ("320", "390", "768")


@bp.get("/dev/components")
def components() -> ResponseReturnValue:
    """`?width=320` shows itself in a frame so wide, where media queries answer to it."""
    chosen = {
        name: request.args[name]
        for name, known in (("theme", THEMES), ("dir", DIRECTIONS), ("width", WIDTHS))
        if request.args.get(name) in known
    }
    inner = {name: value for name, value in chosen.items() if name != "width"}
    response = make_response(
        render_template(
            "components/styleguide.html",
            names=[*(path.stem for path in component_files()), *PAGE_PARTS],
            sheets=SHEETS,
            theme=chosen.get("theme"),
            direction=chosen.get("dir"),
            width=chosen.get("width"),
            is_framed="framed" in request.args,
            frame=_address(**inner, framed=""),
            toggles=[
                ("Theme", _links(chosen, "theme", THEMES, "As the system")),
                ("Direction", _links(chosen, "dir", DIRECTIONS, "As the language")),
                ("Width", _links(chosen, "width", WIDTHS, "The window")),
            ],
            **_examples(),
        )
    )
    return _framable(response)


@bp.get("/dev/components.css")
def themed_css() -> Response:
    """All styles once more, as if the system asked for the theme."""
    theme = request.args.get("theme")
    if theme not in THEMES:
        abort(404)
    css = "".join((CSS / name).read_text() for name in (*BASE_SHEETS, *SHEETS))
    night = "screen and (prefers-color-scheme: dark)"
    css = css.replace(night, "all" if theme == "dark" else "not all")
    return Response(css.replace("../", "/static/"), mimetype="text/css")


#: Three columns and the line of the three days before, in a chart's own units.
_DRAWING: dict[str, Any] = {
    "bars": [
        ({"x": 40 + 240 * at, "y": 220 - height, "width": 160, "height": height}, words)
        for at, (height, words) in enumerate([(150, "£120"), (100, "£80"), (200, "£160")])
    ],
    "before": "M120 120L360 140L600 60",
    "scale": ["£160", "£80", "£0"],
    "lines": [20, 120, 220],
    "labels": ["Tue", "Wed", "Thu"],
}


def component_files() -> list[Path]:
    return sorted(path for path in COMPONENTS.glob("*.html") if path.stem != "styleguide")


def _links(
    chosen: dict[str, str], name: str, values: tuple[str, ...], usual: str
) -> list[tuple[str, str, bool]]:
    """Words, address and whether it is so now."""
    others = {key: value for key, value in chosen.items() if key != name}
    return [
        (usual, _address(**others), name not in chosen),
        *(
            (value, _address(**others, **{name: value}), chosen.get(name) == value)
            for value in values
        ),
    ]


def _address(**asked: str) -> str:
    return f"/dev/components?{urlencode(asked)}"


def _framable(response: Response) -> Response:
    policy = content_security_policy(current_app.extensions["settings"])
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Content-Security-Policy"] = policy.replace(
        "frame-ancestors 'none'", "frame-ancestors 'self'; frame-src 'self'"
    )
    return response


# Examples

_TITLE = "Tuesday mug, Cobalt"
_PARCEL = Address(
    name="Ines Rowan", line1="14 Alder Row", city="Leeds", postal_code="LS6 2AB", country="GB"
)


def _examples() -> dict[str, Any]:
    moment = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    days = (date(2026, 11, 24), date(2026, 11, 26), date(2026, 12, 1))
    picker, prices = _picker()
    pictures = _pictures()
    return {
        "money": Money,
        "missing": lambda subtotal: Money(6000 - subtotal.amount, "GBP"),
        "pagers": _pagers(),
        "quotes": [(each.bill, explain(each.steps, [_TITLE], each.bill)) for each in _quotes()],
        "parcel": _PARCEL,
        "address_form": AddressForm(
            asdict(_PARCEL) | {"postal_code": "LS6"},
            {"postal_code": "That postcode doesn't match Leeds. Check both."},
        ),
        "moment": moment,
        "drawing": _DRAWING,
        "days": days,
        "promise": DeliveryPromise(days[1], days[2], moment),
        "pictures": pictures,
        "picture_states": _picture_states(pictures),
        "cart_lines": _cart_lines(days[2]),
        "list_page": _list_page(),
        "suggestions": [([Completion("tue", "sday mug")], list(_TILES.values())[:1]), ([], [])],
        "reviews": Summary(6, 25, {5: 3, 4: 2, 3: 0, 2: 1, 1: 0}),
        "reviewed": _reviews(moment, pictures[:2]),
        "restocks": dict.fromkeys(prices, days[2]),
        "swatches": list(_TILES.values())[:2],
        "tiles": _TILES,
        "option_groups": picker.groups,
        "variant_prices": prices,
        "article": {
            "picture": pictures[1],
            "title": "What the ash does in the kiln",
            "url": "#article_card",
            "summary": "Forty hours of wood smoke, and why no two bowls agree about it.",
            "published_at": moment,
        },
    }


def _pictures() -> list[Picture]:
    """With a placeholder, with its ground alone, and with what must be seen at its top."""
    return [
        Picture("tuesday-mug-cobalt", "A cobalt mug", 800, 1000, "#f4a98e", placeholder=_BLURRED),
        Picture("tuesday-mug-celadon", "A celadon mug", 800, 1000, "#1e5a48"),
        Picture("tuesday-mug-milk", "A milk-white mug", 800, 1000, "#1c33b5", focal_y=0),
    ]


def _picture_states(pictures: list[Picture]) -> list[tuple[Picture | None, str]]:
    plain = pictures[1]
    return [
        (pictures[0], "With placeholder"),
        (plain, "Ground alone, fetched once it is near"),
        (plain._replace(file="tuesday-mug-tenmoku"), "Fetched at once"),
        (pictures[2], "What matters is at its top"),
        (plain._replace(focal_x=20), "What matters is at its side"),
        (None, "There is none"),
        (plain._replace(file=None), "Not fetched yet"),
    ]


def _cart_lines(day: date) -> list[CartLine]:
    price, was = Money(3400, "GBP"), Money(4800, "GBP")
    usual = CartLine(
        variant_id=1, handle="tuesday-mug", title="Tuesday mug", options="Cobalt / Medium",
        sku="FT-MUG-COB-M", file="tuesday-mug-cobalt", ground="#f4a98e", unit=price, quantity=2,
        wanted=2, total=price * 2, tax_category=STANDARD, requires_shipping=True,
        weight_grams=400, product_id=1, max_quantity=20,
    )  # fmt: skip
    return [
        usual,
        replace(usual, was=was, lowest=price),
        replace(usual, old_unit=Money(3000, "GBP"), notices=(Notice.PRICE_CHANGED,)),
        replace(usual, left=2, wanted=5, max_quantity=2, notices=(Notice.FEWER_LEFT,)),
        replace(usual, backordered=1, promised_on=day),
        replace(usual, quantity=0, notices=(Notice.SOLD_OUT,)),
        replace(usual, quantity=0, handle="", title="", options="", file=None,
                notices=(Notice.GONE,)),
    ]  # fmt: skip


def _list_page() -> ListPage:
    """Filtered by a glaze, a price and what is in stock; its lowest price was no amount."""
    chosen = Chosen({"glaze": ("cobalt",)}, None, 4000, is_available=True)
    address = ListAddress(
        "/dev/components", "GBP", chosen, Sort.NEWEST, Sort.NEWEST, unread=("12,000", "")
    )
    here, highest = "#chips", Money(4000, "GBP")
    return ListPage(
        address=address,
        cards=[],
        pager=Pager(range(0), 1, 24, False, "?page={}".format, 3),
        count=3,
        total=32,
        sorts=(Sort.NEWEST,),
        facets=tuple(_facets()),
        price=PriceChoice("12,000", "40", True, False, Money(1200, "GBP"), Money(12800, "GBP")),
        available=12,
        chips=(
            Chip(ChipKind.VALUE, "Cobalt", here, 4),
            Chip(ChipKind.PRICE, "", here, 5, None, highest),
            Chip(ChipKind.PRICE, "", here, 5, Money(1000, "GBP"), highest),
            Chip(ChipKind.AVAILABLE, "", here, 4),
        ),
    )


def _facets() -> Iterator[FacetChoice]:
    """The first is chosen, there is none of the third, and some are behind "Show all"."""

    def group(
        name: str, label: str, words: Sequence[str], *, is_chosen: bool = True
    ) -> FacetChoice:
        values = tuple(
            ValueChoice(each.lower(), each, 0 if at == 2 else 14 - at, is_chosen and not at,
                        _TILES.get((label, each)))
            for at, each in enumerate(words)
        )  # fmt: skip
        return FacetChoice(name, label, values[:SHOWN_VALUES], values[SHOWN_VALUES:])

    yield group("glaze", "Glaze", ["Cobalt", "Celadon", "Heather"])
    yield group("letter", "Letter", ascii_uppercase[:14])
    yield group(TAG, "", ["Dishwasher", "Oven", "Microwave"], is_chosen=False)


def _reviews(at: datetime, photos: list[Picture]) -> list[PublishedReview]:
    with_words = PublishedReview(
        1, 5, "Holds a proper cup", "Two years of mornings, not a chip.", "Ines", _TITLE, "en",
        True, at, "Thank you. That is what the thick foot is for.", tuple(photos),
    )  # fmt: skip
    plain = replace(
        with_words, id=2, rating=2, title="", text="", name="", bought="", is_verified=False,
        reply="", photos=(),
    )  # fmt: skip
    return [with_words, plain]


_BLURRED = (
    "data:image/webp;base64,UklGRk4AAABXRUJQVlA4IEIAAABQAgCdASoMAA8ABUB8JbACdAEPEINC7+YMcAA"
    "A/t5z/6sMgTF91PqabKnzMaxjPHTlT8B44mTI5hU57eBPtuHKAAA="
)
_TILES = {
    ("Glaze", value): SwatchTile("Glaze", value, value.lower(), f"tile-{value.lower()}", "", note)
    for value, note in (("Cobalt", "Gloss"), ("Celadon", "Satin"), ("Heather", "Matt"))
}


def _picker() -> tuple[Picker, dict[int, Money]]:
    """Heather comes small only, celadon is sold out."""
    letters = [chr(code) for code in range(ord("A"), ord("P"))]
    values = [
        (glaze, size, letter)
        for (_, glaze), size, letter in product(_TILES, ("Small", "Large"), letters)
        if (glaze, size) != ("Heather", "Large")
    ]
    variants = [
        Choosable(number, each, each[0] != "Celadon") for number, each in enumerate(values, 1)
    ]
    prices = {
        variant.id: Money(3400 if variant.values[1] == "Large" else 2900, "GBP")
        for variant in variants
    }
    return pick(("Glaze", "Size", "Letter"), variants, {"size": "large"}), prices


def _pagers() -> list[Pager[int]]:
    address = "?page={}".format
    counted = [
        Pager(range(24), number, 24, number < 42, address, total, is_capped)
        for number, total, is_capped in ((1, 60, False), (2, 60, False), (7, 1000, True))
    ]
    return [*counted, Pager(range(24), -4, 24, True, address, from_end=True)]


def _quotes() -> list[Quote]:
    """Tax within and added, discounts, relief, rounding and a gift card."""

    def quoted(currency: str, tax: TaxRules, **more: Any) -> Quote:
        items = [Item(1, Money(4650, currency), 2)]
        return quote(items, shipping=Money(450, currency), tax=tax, **more)

    vat, sales_tax = Rate("VAT", 200_000), Rate("Sales tax", 88_750)
    ten_off = Discount(1, "Ten off", Kind.PERCENTAGE, code="TEN", value=100_000)
    card = GiftCardBalance(1, Money(2500, "GBP"), "W4TE")
    return [
        quoted("GBP", TaxRules(True, {STANDARD: (vat,)})),
        quoted("USD", TaxRules(False, {STANDARD: (sales_tax,)}), discounts=[ten_off]),
        quoted("GBP", TaxRules(True, {STANDARD: (vat,)}), gift_cards=[card]),
        quoted("EUR", TaxRules(True, {STANDARD: (vat,)}, relief="Reverse charge"), round_to=5),
    ]

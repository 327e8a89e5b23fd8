"""Products as lists show them: published ones only, as small values. A page that nobody asked for
before makes two dozen of them, so they are read as plain rows, and are tuples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from shop.catalog.facets import Wanted
from shop.catalog.matching import Match, match
from shop.catalog.measures import UnitPrice
from shop.catalog.models import (
    MAX_OPTIONS,
    Product,
    ProductImage,
    ProductOption,
    ProductStatus,
    Swatch,
    Variant,
    measures_of,
)
from shop.catalog.options import options_in
from shop.catalog.price_lists import Priced
from shop.catalog.queries import MEASURES, PICTURE, Picture, Rating, rating_of
from shop.clock import now
from shop.extensions import db
from shop.inventory.models import StockItem
from shop.inventory.queries import TOLD
from shop.money import Money
from shop.store.currencies import Currency, amounts_in
from shop.store.queries import Store
from shop.store.wording import StockWords
from shop.web.visit import kept, kept_each

#: How long a product counts as new.
NEW_FOR = timedelta(days=30)
MAX_DOTS = 9

#: By option and value: where its swatch stands, and "#RRGGBB".
_Swatches = Mapping[tuple[str, str], tuple[int, str]]
#: A product, and what is wanted of its variants.
Asked = tuple[int, Wanted | None]


class ProductCard(NamedTuple):
    id: int
    handle: str
    title: str
    line: str
    price: Money
    #: The price before, where every variant is reduced from the same.
    was: Money | None
    is_from: bool
    is_reduced: bool
    is_new: bool
    image: Picture | None
    #: "#RRGGBB" of the glazes it comes in.
    colors: tuple[str, ...]
    rating: Rating | None = None
    #: Of the cheapest variant, whose price this is.
    unit_price: UnitPrice | None = None
    is_sold_out: bool = False
    #: Only a few units are left.
    is_low: bool = False
    #: How many they are, where the shop says it.
    left: int = 0
    #: What its variants were chosen by, of a list that is about some of them.
    wanted: Wanted | None = None
    #: There, "?glaze=celadon", and the variant that this leads to: "Celadon / Small".
    query: str = ""
    variant_id: int | None = None
    options: str = ""

    @property
    def key(self) -> Asked:
        return self.id, self.wanted

    @property
    def kept_size(self) -> int:
        return 3_000

    @property
    def url(self) -> str:
        return f"/products/{self.handle}{self.query}"

    @property
    def percent_off(self) -> int:
        if self.was is None or not self.was.amount:
            return 0
        return (self.was.amount - self.price.amount) * 100 // self.was.amount


def cards_of(ids: Sequence[int], store: Store) -> list[ProductCard]:
    """As this visitor sees them. No query for those that are kept."""
    return list(cards_as([(id_, None) for id_ in ids], store).values())


def cards_as(asked: Sequence[Asked], store: Store) -> dict[Asked, ProductCard]:
    """The same, of each product the variants that are wanted. No query for those that are kept."""

    def load(missing: Sequence[Asked]) -> dict[Asked, ProductCard]:
        found = product_cards(missing, store.selling, store.stock_words)
        return {card.key: card for card in found}

    return kept_each(("card", store.chosen), asked, load)


def product_cards(
    asked: Sequence[Asked],
    currency: Currency,
    words: StockWords = StockWords(),  # noqa: B008 - frozen
) -> list[ProductCard]:
    """Those of published products, in their order. Three queries at most, one more where variants
    that are wanted have pictures, and one where others of the product have.
    """
    if not asked:
        return []
    ids = list(dict.fromkeys(id_ for id_, _ in asked))
    variants: defaultdict[int, list[Any]] = defaultdict(list)
    for row in _VARIANTS.rows(currency, ids=ids).all():
        variants[row[0]].append(row)
    products = db.session.connection().execute(_PRODUCTS, {"ids": ids}).all()
    rows = {row[0]: row for row in products}
    swatches = kept("colors of swatches", _swatches)
    fresh_from = now() - NEW_FOR
    there = [one for one in asked if one[0] in rows and one[0] in variants]
    matches: dict[Asked, Match] = {
        (id_, wanted): _match(rows[id_], variants[id_], currency, wanted)
        for id_, wanted in there
        if wanted is not None
    }
    cards = [
        _card(
            rows[id_],
            _Offers(found.variants if (found := matches.get((id_, wanted))) else each, currency),
            _colors(rows[id_][_OPTIONS], each, swatches),
            fresh_from,
            words,
        )
        for id_, wanted in there
        for each in (variants[id_],)
    ]
    return _showing(there, cards, matches) if matches else cards


def _match(row: Any, variants: list[Any], currency: Currency, wanted: Wanted) -> Match:
    amounts = {each.id: amounts_in(currency, *each[_AMOUNTS])[0] for each in variants}
    return match([name for name in row[_OPTIONS] if name], variants, amounts, wanted)


def _showing(
    asked: Sequence[Asked], cards: Sequence[ProductCard], matches: Mapping[Asked, Match]
) -> list[ProductCard]:
    """With the pictures and the addresses of what was found."""
    pictures = _pictures_of(matches)
    return [
        card._replace(
            image=pictures.get(one, card.image),
            wanted=one[1],
            query=f"?{urlencode(query)}" if (query := matches[one].query) else "",
            variant_id=matches[one].first.id,
            options=options_in(matches[one].first),
        )
        if one in matches
        else card
        for one, card in zip(asked, cards, strict=True)
    ]


def _pictures_of(matches: Mapping[Asked, Match]) -> dict[Asked, Picture]:
    """Those that the addresses open with: the variant's own, or the first that shows no other."""
    own = {one: found.image_id for one, found in matches.items() if found.image_id is not None}
    bare = {
        one: found.others
        for one, found in matches.items()
        if found.query and found.others and one not in own
    }
    by_id = {row[1]: Picture(*row[2:]) for row in _rows(_PICTURES, set(own.values()))}
    pictures = {one: by_id[id_] for one, id_ in own.items() if id_ in by_id}
    for product_id, id_, *picture in _rows(_ALL_PICTURES, {id_ for id_, _ in bare}):
        for one, others in bare.items():
            if one[0] == product_id and id_ not in others:
                pictures.setdefault(one, Picture(*picture))
    return pictures


def _rows(statement: sa.Select[*tuple[Any, ...]], ids: Collection[int]) -> Sequence[Any]:
    return db.session.connection().execute(statement, {"ids": ids}).all() if ids else ()


class _Offers:
    """What the variants of a product come to."""

    def __init__(self, variants: list[Any], currency: Currency) -> None:
        priced = [(*amounts_in(currency, *row[_AMOUNTS]), row) for row in variants]
        amount, _, cheapest = min(priced, key=lambda one: (one[0], one[2][1]))
        self.price = Money(amount, currency.code)
        self.is_from = any(one[0] != amount for one in priced)
        before = {one[1] for one in priced}
        self.is_reduced = before != {None}
        was = before.pop() if not self.is_from and len(before) == 1 else None
        self.was = None if was is None else Money(was, currency.code)
        measures = measures_of(cheapest)
        self.unit_price = measures.unit_price(self.price) if measures else None
        self.units = [row.units for row in variants]


def _card(
    row: Any,
    offers: _Offers,
    colors: tuple[str, ...],
    fresh_from: datetime,
    words: StockWords,
) -> ProductCard:
    # None: of one variant there is always some.
    left = None if None in offers.units else sum(offers.units)
    is_low = words.is_low(left)
    return ProductCard(
        row.id,
        row.handle,
        row.title,
        row.product_type,
        offers.price,
        offers.was,
        offers.is_from,
        offers.is_reduced,
        row.published_at is not None and row.published_at >= fresh_from,
        Picture(*row[_PICTURE]) if row.width is not None else None,
        colors,
        rating_of(row),
        offers.unit_price,
        is_sold_out=left == 0,
        is_low=is_low,
        left=words.count(left) if is_low else 0,
    )


def _colors(names: Sequence[str], variants: list[Any], swatches: _Swatches) -> tuple[str, ...]:
    """In the order of the swatches, each once. `names`: of the options."""
    found = {
        swatches[key]
        for row in variants
        for key in zip(names, row[_VALUES], strict=True)
        if key in swatches
    }
    return tuple(dict.fromkeys(color for _, color in sorted(found)))[:MAX_DOTS]


def _swatches() -> _Swatches:
    rows = db.session.connection().execute(_SWATCHES)
    return {(name, value): (place, color) for place, (name, value, color) in enumerate(rows)}


_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_picture = aliased(ProductImage)
_options = [aliased(ProductOption) for _ in range(MAX_OPTIONS)]


def _products() -> sa.Select[*tuple[Any, ...]]:
    first_picture = (
        sa.select(_picture.id)
        .where(_picture.product_id == Product.id)
        .order_by(_picture.position, _picture.id)
        .limit(1)
        .correlate(Product)
        .scalar_subquery()
    )
    rows = (
        sa.select(
            Product.id,
            Product.handle,
            Product.title,
            Product.product_type,
            Product.published_at,
            Product.rating_count,
            Product.rating_sum,
            *PICTURE,
            *(option.name for option in _options),
        )
        .select_from(Product)
        .outerjoin(ProductImage, ProductImage.id == first_picture)
    )
    for position, option in enumerate(_options, start=1):
        rows = rows.outerjoin(
            option, sa.and_(option.product_id == Product.id, option.position == position)
        )
    return rows.where(Product.id.in_(_IDS), Product.status == ProductStatus.PUBLISHED)


# Statements of the busiest pages, built once, and places in their rows.

_PRODUCTS = _products()
_PICTURE, _OPTIONS = slice(7, 7 + len(PICTURE)), slice(7 + len(PICTURE), None)
_VARIANTS = Priced(
    sa.select(
        Variant.product_id,
        Variant.id,
        Variant.option1,
        Variant.option2,
        Variant.option3,
        *MEASURES,
        Variant.position,
        Variant.image_id,
        TOLD.label("units"),
        Variant.unit_amount,
        Variant.compare_at_amount,
    )
    .outerjoin(StockItem, StockItem.variant_id == Variant.id)
    .where(Variant.product_id.in_(_IDS))
)
_VALUES, _AMOUNTS = slice(2, 5), slice(8 + len(MEASURES), None)
_pictures = sa.select(ProductImage.product_id, ProductImage.id, *PICTURE)
_PICTURES = _pictures.where(ProductImage.id.in_(_IDS))
_ALL_PICTURES = _pictures.where(ProductImage.product_id.in_(_IDS)).order_by(
    ProductImage.position, ProductImage.id
)
_SWATCHES = sa.select(Swatch.option_name, Swatch.value, Swatch.color).order_by(
    Swatch.position, Swatch.id
)

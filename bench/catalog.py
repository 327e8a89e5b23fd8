"""Fills an empty shop with as many products as asked for, the same ones at every run.

Rows go in by bulk inserts that leave what the services would leave, movements of stock included;
the search index is made by the shop's own `flask search rebuild`.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from shop.catalog import journal
from shop.catalog.handles import handle_from
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductOption,
    ProductStatus,
    Swatch,
    Variant,
)
from shop.clock import now
from shop.content.models import Page
from shop.database import transaction
from shop.extensions import db
from shop.inventory.models import MovementReason, StockItem, StockMovement
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.pricing.places import EVERYWHERE_ELSE
from shop.store.models import StoreSettings

NAME, CURRENCY, COUNTRY = "Fettle", "GBP", "GB"
#: Products a transaction.
BATCH = 1000
#: Of these there is enough for any number of measured orders.
PLENTY = 100_000
IN_COLLECTIONS = 2
#: Rows come with their ids.
_WITH_IDS = (Collection, Product, ProductImage, Variant)

KINDS = (
    "mug", "beaker", "bowl", "plate", "platter", "jug", "teapot", "vase", "planter", "saucer",
    "pitcher", "tumbler", "ramekin", "casserole", "colander", "candlestick", "crock", "cup", "dish",
    "egg cup", "butter dish", "salt pig", "oil bottle", "tray",
)  # fmt: skip
PLACES = (
    "Harbor", "Alder", "Moor", "Fen", "Quarry", "Orchard", "Tidal", "Ridge", "Heath", "Willow",
    "Cinder", "Pebble", "Meadow", "Fjord", "Lantern", "Thistle", "Copper", "Drift", "Juniper",
    "Kestrel", "Loam", "Marsh", "Nettle", "Osier", "Plover", "Rowan", "Saffron", "Tarn", "Umber",
    "Vale", "Weir", "Yarrow",
)  # fmt: skip
MANNERS = (
    "tall", "small", "everyday", "footed", "ribbed", "faceted", "wide", "narrow", "deep", "shallow",
    "lidded", "stacking", "carved", "dipped", "speckled", "plain", "round", "oval", "square",
    "handled",
)  # fmt: skip
GLAZES = (
    ("Cobalt", "#2b4a9b"), ("Celadon", "#9fbfa8"), ("Tenmoku", "#3a2418"), ("Milk", "#f1ece1"),
    ("Heather", "#8b7590"), ("Persimmon", "#c4562f"), ("Moss", "#5f7042"), ("Slate", "#55606a"),
    ("Honey", "#c8923f"), ("Ink", "#1d2430"), ("Oat", "#d9cbb0"), ("Rust", "#8c4a2c"),
)  # fmt: skip
SIZES = ("Small", "Medium", "Large")
PAGES = ("Delivery", "Returns", "Care", "Privacy", "Terms", "The studio")
#: How many glazes and sizes a product comes in: none means that there is nothing to choose.
_SHAPES = ((1, 0), (2, 0), (3, 0), (4, 0), (2, 2), (3, 2), (2, 3), (6, 0), (0, 0), (0, 0))

_SENTENCES = (
    "Thrown on the wheel and finished by hand, so that no two are quite alike.",
    "The clay is a stoneware that takes the oven, the freezer and the dishwasher.",
    "The rim is left thin, the foot broad, and the glaze stops just above the table.",
    "Fired twice, the second time to 1,280 degrees for eleven hours.",
    "Small pinholes and a drop of glaze at the foot are signs of the kiln, not faults.",
    "It holds a little more than you would think.",
    "Sold singly; they stack without touching at the rim.",
)


@dataclass
class _Rows:
    """One transaction's rows by table, in the order in which they must go in."""

    products: list[dict[str, Any]]
    options: list[dict[str, Any]]
    images: list[dict[str, Any]]
    variants: list[dict[str, Any]]
    stock: list[dict[str, Any]]
    movements: list[dict[str, Any]]
    places: list[dict[str, Any]]


def fill(count: int, *, is_found: bool = True) -> None:
    """`count` products into an empty, migrated shop, ready to be sold and, if asked for, found."""
    with transaction():
        journal.remove(db.session.connection())  # nobody reads yet
        _add_frame()
        _insert(Collection, [*_collections(count)])
    chance = random.Random(count)
    makers = _ids()
    for first in range(1, count + 1, BATCH):
        rows = _Rows([], [], [], [], [], [], [])
        for product_id in range(first, min(first + BATCH, count + 1)):
            _add_product(rows, product_id, count, chance, makers)
        with transaction():
            _insert_all(rows)
    with transaction():
        _settle_sequences()
        journal.install(db.session.connection())
    if is_found:
        _rebuild_search()
    _analyze()


def collection_count(count: int) -> int:
    """A collection of about 100 products for each hundred, twelve to two hundred of them."""
    return max(12, min(200, count // 100))


# What surrounds the products --------------------------------------------------------------------


def _add_frame() -> None:
    """The store, its rates, pages and swatches: what every page prints beside the products."""
    db.session.add(
        StoreSettings(
            name=NAME,
            legal_name="Fettle Pottery Ltd",
            currency=CURRENCY,
            country=COUNTRY,
            contact_email="hello@fettle.example",
            tagline="Pots for every day",
            announcement="Free delivery from £60.",
            announcement_url="/pages/delivery",
        )
    )
    for country, amount in ((COUNTRY, 450), (EVERYWHERE_ELSE, 1450)):
        zone = ShippingZone(name=country, places=[{"country": country}])
        db.session.add(zone)
        db.session.flush()
        db.session.add(_rate(zone.id, "Standard", amount, days=(2, 4)))
        db.session.add(_rate(zone.id, "Express", amount * 2, days=(1, 2)))
    taxed = TaxZone(name=COUNTRY, places=[{"country": COUNTRY}])
    db.session.add(taxed)
    db.session.flush()
    db.session.add(TaxRate(zone_id=taxed.id, name="VAT", rate_ppm=200_000))
    body = "\n\n".join(_SENTENCES)
    db.session.add(Page(handle="home", title="Pots for every day", body=body))
    for title in PAGES:
        db.session.add(Page(handle=handle_from(title), title=title, body=body))
    for position, (glaze, color) in enumerate(GLAZES, start=1):
        handle = handle_from(glaze)
        db.session.add(
            Swatch(
                option_name="Glaze",
                value=glaze,
                handle=handle,
                position=position,
                file=f"tile-{handle}",
                color=color,
                note="Gloss",
            )
        )
    db.session.flush()


def _rate(zone_id: int, name: str, amount: int, *, days: tuple[int, int]) -> ShippingRate:
    return ShippingRate(
        zone_id=zone_id,
        name=name,
        amount=amount,
        free_from_amount=6000 if name == "Standard" else None,
        min_days=days[0],
        max_days=days[1],
    )


def _collections(count: int) -> Iterator[dict[str, Any]]:
    titles = (f"{place} {kind}s" for kind, place in itertools.product(KINDS, PLACES))
    for number, title in enumerate(itertools.islice(titles, collection_count(count)), start=1):
        yield {
            "id": number,
            "handle": handle_from(title),
            "title": title,
            "summary": _SENTENCES[number % len(_SENTENCES)],
            "position": number,
            "is_in_menu": number <= 5,
            "file": f"shelf-{number}" if number <= 4 else None,
        }


# One product ------------------------------------------------------------------------------------


@dataclass
class _Ids:
    image: itertools.count[int]
    variant: itertools.count[int]


def _ids() -> _Ids:
    return _Ids(itertools.count(1), itertools.count(1))


def _add_product(rows: _Rows, id_: int, count: int, chance: random.Random, ids: _Ids) -> None:
    kind, place = chance.choice(KINDS), chance.choice(PLACES)
    title = f"{place} {chance.choice(MANNERS)} {kind} {id_}"
    is_published = chance.random() < 0.97
    rows.products.append(
        {
            "id": id_,
            "handle": handle_from(title),
            "title": title,
            "summary": chance.choice(_SENTENCES),
            "description": _description(chance),
            "vendor": NAME,
            "product_type": kind.capitalize() + "s",
            "tags": [place.lower(), kind],
            "status": ProductStatus.PUBLISHED if is_published else ProductStatus.DRAFT,
            "published_at": (
                now() - timedelta(seconds=chance.randrange(3 * 365 * 86_400))
                if is_published
                else None
            ),
            "facts": [["Height", f"{chance.randrange(40, 300)} mm"], ["Clay", "Stoneware"]],
        }
    )
    glazes, sizes = chance.choice(_SHAPES)
    _add_options(rows, id_, glazes, sizes)
    images = _add_images(rows, id_, title, max(glazes, 1) + 1, ids)
    _add_variants(rows, id_, chance, (glazes, sizes), images, ids)
    for collection_id in chance.sample(range(1, collection_count(count) + 1), IN_COLLECTIONS):
        rows.places.append(
            {"collection_id": collection_id, "product_id": id_, "position": id_ % BATCH}
        )


def _description(chance: random.Random) -> str:
    paragraphs = (" ".join(chance.sample(_SENTENCES, 3)) for _ in range(2))
    return "".join(f"<p>{text}</p>" for text in paragraphs) + "<ul><li>Dishwasher safe</li></ul>"


def _add_options(rows: _Rows, product_id: int, glazes: int, sizes: int) -> None:
    names = [name for name, values in (("Glaze", glazes), ("Size", sizes)) if values]
    for position, name in enumerate(names, start=1):
        rows.options.append({"product_id": product_id, "position": position, "name": name})


def _add_images(rows: _Rows, product_id: int, title: str, count: int, ids: _Ids) -> list[int]:
    made = []
    for position in range(1, count + 1):
        image_id = next(ids.image)
        made.append(image_id)
        rows.images.append(
            {
                "id": image_id,
                "product_id": product_id,
                "position": position,
                "alt": f"{title}, picture {position}",
                "file": f"pot-{image_id}",
                "ground": "#e9e4da",
            }
        )
    return made


def _add_variants(
    rows: _Rows,
    product_id: int,
    chance: random.Random,
    shape: tuple[int, int],
    images: list[int],
    ids: _Ids,
) -> None:
    """One for each glaze in each size; the price rises with the size."""
    glazes = chance.sample([name for name, _ in GLAZES], shape[0]) or [""]
    sizes = SIZES[: shape[1]] or ("",)
    base = chance.randrange(12, 90) * 100
    is_reduced = chance.random() < 0.1
    for position, (glaze, size) in enumerate(itertools.product(glazes, sizes), start=1):
        amount = base + 400 * sizes.index(size)
        variant_id = next(ids.variant)
        rows.variants.append(
            {
                "id": variant_id,
                "product_id": product_id,
                "position": position,
                "sku": f"FT-{product_id:06d}-{position}",
                "option1": glaze,
                "option2": size,
                "unit_amount": amount,
                "compare_at_amount": amount + 500 if is_reduced else None,
                "weight_grams": 380,
                "image_id": images[glazes.index(glaze)],
            }
        )
        _add_stock(rows, variant_id, chance)


def _add_stock(rows: _Rows, variant_id: int, chance: random.Random) -> None:
    """One in twenty sold out, one in five in plenty, one in fifty without a limit."""
    throw = chance.random()
    on_hand = 0 if throw < 0.05 else PLENTY if throw < 0.25 else chance.randrange(1, 60)
    rows.stock.append(
        {"variant_id": variant_id, "on_hand": on_hand, "is_tracked": chance.random() > 0.02}
    )
    if on_hand:
        rows.movements.append(
            {"variant_id": variant_id, "quantity": on_hand, "reason": MovementReason.INITIAL}
        )


# Into the database ------------------------------------------------------------------------------


def _insert_all(rows: _Rows) -> None:
    _insert(Product, rows.products)
    _insert(ProductOption, rows.options)
    _insert(ProductImage, rows.images)
    _insert(Variant, rows.variants)
    _insert(StockItem, rows.stock)
    _insert(StockMovement, rows.movements)
    _insert(CollectionProduct, rows.places)


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(sa.insert(model.__table__), rows)


def _settle_sequences() -> None:
    """PostgreSQL counts on from its own sequences, which rows with ids do not move."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in (model.__tablename__ for model in _WITH_IDS):
        db.session.execute(
            sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608 - our own table names
        )


def _rebuild_search() -> None:
    db.session.remove()
    result = current_app.test_cli_runner().invoke(args=["search", "rebuild"])
    if result.exit_code:
        raise RuntimeError(f"flask search rebuild failed: {result.output}") from result.exception


def _analyze() -> None:
    """What autovacuum does to a loaded PostgreSQL within a minute; SQLite is left as it is."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))

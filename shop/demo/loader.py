"""Puts the demo shop into the database and its pictures into the media folder.

Only what is missing is added: a second run changes nothing, and what a merchant has made or edited
stays as it is.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from PIL import Image

from shop.catalog import held_by_rules, images, variant_service
from shop.catalog import service as catalog
from shop.catalog.measures import Measures
from shop.catalog.models import (
    Collection,
    CollectionProduct,
    PriceChange,
    Product,
    ProductImage,
    Swatch,
    Variant,
)
from shop.catalog.service import ProductDetails
from shop.catalog.variant_service import VariantDetails
from shop.content.models import Article, Page
from shop.demo.discounts import add_discounts
from shop.demo.entries import (
    PICTURES,
    Coat,
    CollectionEntry,
    Demo,
    GiftCard,
    ProductEntry,
    ShippingZoneEntry,
    read_demo,
    read_home,
    read_journal,
    read_pages,
)
from shop.demo.reviews import add_reviews
from shop.demo.synonyms import add_synonyms
from shop.extensions import Model, db
from shop.media.pictures import StoredPicture, placeholder_of
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.reviews.models import Review
from shop.store.models import StoreSettings
from shop.theme.models import ThemeVersion
from shop.theme.service import make_live
from shop.theme.themes import CORE

PPM_PER_PERCENT = 10_000
PICTURE_SIZE = (800, 1000)
#: A pot stands below the middle of its picture.
FOCAL_POINT = (50, 75)
DIP_SIZE = (800, 800)


class OtherCurrency(Exception):
    """The shop's prices are in another currency than the demo's."""

    def __init__(self, currency: str, demo_currency: str) -> None:
        self.currency, self.demo_currency = currency, demo_currency
        super().__init__(f"the shop sells in {currency}, the demo in {demo_currency}")


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """How many of each were added."""

    products: int
    variants: int
    pictures: int
    swatches: int
    collections: int
    pages: int
    articles: int
    rates: int
    reviews: int

    @property
    def is_empty(self) -> bool:
        return not any(vars(self).values())


def load() -> LoadReport:
    """Raises OtherCurrency in a shop with prices of another currency, and adds nothing."""
    demo = read_demo()
    _add_store(demo)
    before = _counts()
    _add_swatches(demo)
    for product in demo.products:
        if not _has(Product.handle == product.handle):
            _add_product(demo, product)
    if not _has(Product.handle == demo.gift_card.handle):
        _add_gift_card(demo, demo.gift_card)
    _add_collections(demo)
    _add_pages()
    _add_journal(demo)
    _add_theme()
    _add_rates(demo)
    add_synonyms()
    add_reviews()
    add_discounts()
    db.session.flush()
    after = _counts()
    return LoadReport(**{name: after[name] - count for name, count in before.items()})


def copy_pictures(media_path: Path) -> int:
    """Copy those that are missing; how many that were."""
    media_path.mkdir(parents=True, exist_ok=True)
    missing = [path for path in sorted(PICTURES.iterdir()) if not (media_path / path.name).exists()]
    for path in missing:
        partial = media_path / f".{path.name}.part"
        shutil.copyfile(path, partial)
        partial.replace(media_path / path.name)
    return len(missing)


def _counts() -> dict[str, int]:
    kinds: dict[str, list[type[Model]]] = {
        "products": [Product],
        "variants": [Variant],
        "pictures": [ProductImage],
        "swatches": [Swatch],
        "collections": [Collection],
        "pages": [Page],
        "articles": [Article],
        "rates": [ShippingRate, TaxRate],
        "reviews": [Review],
    }
    return {name: sum(map(_count, models)) for name, models in kinds.items()}


def _count(model: type[Model]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def _has(condition: sa.ColumnElement[bool]) -> bool:
    return bool(db.session.scalar(sa.select(sa.exists().where(condition))))


def _add_store(demo: Demo) -> None:
    store = db.session.get(StoreSettings, 1)
    if store is not None:
        if store.currency != demo.store.currency:
            raise OtherCurrency(store.currency, demo.store.currency)
        return
    db.session.add(
        StoreSettings(
            name=demo.store.name,
            legal_name=demo.store.legal_name,
            currency=demo.store.currency,
            country=demo.store.country,
            contact_email=demo.store.contact_email,
            tagline=demo.store.tagline,
            announcement=demo.store.announcement,
            announcement_url=demo.store.announcement_url,
            languages=list(demo.store.languages),
            stock_display=demo.store.stock_display,
        )
    )


def _add_swatches(demo: Demo) -> None:
    for position, glaze in enumerate(demo.glazes, start=1):
        if _has(sa.and_(Swatch.option_name == "Glaze", Swatch.value == glaze.name)):
            continue
        db.session.add(
            Swatch(
                option_name="Glaze",
                value=glaze.name,
                handle=glaze.handle,
                position=position,
                file=f"tile-{glaze.handle}",
                color=glaze.color,
                note=glaze.note,
                text=glaze.text,
            )
        )


def _add_product(demo: Demo, entry: ProductEntry) -> None:
    firing = demo.firing(entry.firing)
    product = catalog.create_product(
        ProductDetails(
            title=entry.title,
            handle=entry.handle,
            summary=entry.summary,
            description=entry.description,
            vendor=demo.store.vendor,
            product_type=entry.type,
            tags=entry.tags,
            seo_description=entry.summary,
            facts=(*entry.facts.items(), ("Clay", demo.store.clay), ("Firing", firing.fact)),
        )
    )
    product.drawing = entry.drawing
    variant_service.set_options(product, entry.option_names)
    for coat in entry.glazes:
        _add_coat(demo, entry, coat, product)
    for view in entry.views:
        ground = demo.grounds[entry.glazes[0].ground]
        _add_picture(product, entry.view_picture(view), view.alt, ground)
    catalog.publish(product)
    product.published_at = demo.published_at(entry)


def _add_coat(demo: Demo, entry: ProductEntry, coat: Coat, product: Product) -> None:
    """The product in one glaze: a picture, and a variant for each size."""
    ground = demo.grounds[coat.ground]
    image = _add_picture(product, entry.picture(coat), entry.picture_alt(coat), ground)
    for size, on_hand in zip(entry.sizes, coat.stock, strict=True):
        variant = variant_service.add_variant(
            product,
            VariantDetails(
                unit_amount=size.price,
                compare_at_amount=size.compare_at,
                sku=demo.sku(entry, coat, size),
                options=(coat.name, size.name, ""),
                weight_grams=size.grams,
                restock_on=None if on_hand else coat.back_on,
                measures=_measures(entry),
            ),
            on_hand=on_hand,
        )
        variant.image_id = image.id
        if size.compare_at:
            _note_full_price(demo, entry, variant, size.compare_at)


def _measures(entry: ProductEntry) -> Measures | None:
    """A set is compared by the piece."""
    return Measures(entry.pieces * 1000, "item", 1, "item") if entry.pieces > 1 else None


def _note_full_price(demo: Demo, entry: ProductEntry, variant: Variant, amount: int) -> None:
    """What it cost before it was reduced, since its firing opened."""
    opened = demo.published_at(entry)
    db.session.add(
        PriceChange(variant_id=variant.id, unit_amount=amount, is_public=True, at=opened)
    )


def _add_picture(
    product: Product, file: str, alt: str, ground: str, size: tuple[int, int] = PICTURE_SIZE
) -> ProductImage:
    stored = StoredPicture(file, *size, ground, placeholder=_placeholder(file))
    image = images.add_image(product, stored, alt)
    images.focus_image(image, *FOCAL_POINT)
    return image


@cache
def _placeholder(file: str) -> str | None:
    with Image.open(PICTURES / f"{file}-400.webp") as picture:
        return placeholder_of(picture.convert("RGB"))


def _add_gift_card(demo: Demo, card: GiftCard) -> None:
    product = catalog.create_product(
        ProductDetails(
            title=card.title,
            handle=card.handle,
            summary=card.summary,
            description=card.description,
            vendor=demo.store.vendor,
            product_type=card.type,
            is_gift_card=True,
        )
    )
    variant_service.set_options(product, ["Value"])
    _add_picture(product, card.picture, card.alt, demo.grounds[card.ground], DIP_SIZE)
    for value in card.values:
        pounds = value // 100
        details = VariantDetails(
            unit_amount=value,
            sku=f"FT-{card.code}-{pounds}",
            options=(f"£{pounds}", "", ""),
            is_taxable=False,
            requires_shipping=False,
        )
        variant_service.add_variant(product, details)
    catalog.publish(product)
    # Older than the pots: what is new is about those.
    product.published_at = min(demo.published_at(entry) for entry in demo.products)


def _add_collections(demo: Demo) -> None:
    entries = [*demo.collections, *demo.glaze_collections()]
    for position, entry in enumerate(entries, start=1):
        if not _has(Collection.handle == entry.handle):
            _add_collection(entry, position, demo.products)


def _add_collection(
    entry: CollectionEntry, position: int, products: tuple[ProductEntry, ...]
) -> None:
    collection = Collection(
        handle=entry.handle,
        title=entry.title,
        summary=entry.summary,
        position=position,
        is_in_menu=entry.is_in_menu,
        file=entry.picture,
        parent_id=_id_of_collection(entry.parent),
        conditions=[list(condition) for condition in entry.conditions],
    )
    db.session.add(collection)
    db.session.flush()
    if entry.conditions:
        held_by_rules.apply_rule(collection)
        return
    if not (entry.products or entry.firing or entry.tag):
        return  # it holds what those in it hold
    handles = entry.products or [product.handle for product in products if entry.holds(product)]
    ids = {
        handle: product_id
        for product_id, handle in db.session.execute(
            sa.select(Product.id, Product.handle).where(Product.handle.in_(handles))
        )
    }
    for place, handle in enumerate(handles, start=1):
        db.session.add(
            CollectionProduct(collection_id=collection.id, product_id=ids[handle], position=place)
        )


def _id_of_collection(handle: str | None) -> int | None:
    return db.session.scalar(sa.select(Collection.id).where(Collection.handle == handle))


def _add_pages() -> None:
    for page in read_pages():
        if not _has(Page.handle == page.handle):
            db.session.add(
                Page(
                    handle=page.handle,
                    kind=page.kind,
                    title=page.title,
                    summary=page.summary,
                    body=page.body,
                )
            )


def _add_journal(demo: Demo) -> None:
    for entry in read_journal():
        if not _has(Article.handle == entry.handle):
            db.session.add(
                Article(
                    handle=entry.handle,
                    title=entry.title,
                    summary=entry.summary,
                    body=entry.body,
                    author=entry.author,
                    tags=list(entry.tags),
                    published_at=entry.published_at,
                    file=entry.picture,
                    alt=entry.alt,
                    ground=demo.grounds[entry.ground],
                )
            )


def _add_theme() -> None:
    """A shop that was ever arranged keeps what it has."""
    if not _has(ThemeVersion.id.is_not(None)):
        version = ThemeVersion(theme=CORE, look={"has_mark": True}, sections=read_home())
        db.session.add(version)
        make_live(version, by=None)


def _add_rates(demo: Demo) -> None:
    """A shop with zones of its own keeps only those."""
    if not _has(ShippingZone.id.is_not(None)):
        for position, zone in enumerate(demo.shipping_zones, start=1):
            _add_shipping_zone(zone, position)
    if not _has(TaxZone.id.is_not(None)):
        for position, (country, percent) in enumerate(demo.vat.items(), start=1):
            taxed = TaxZone(name=country, places=[{"country": country}], position=position)
            db.session.add(taxed)
            db.session.flush()
            ppm = round(percent * PPM_PER_PERCENT)
            db.session.add(TaxRate(zone_id=taxed.id, name="VAT", rate_ppm=ppm))


def _add_shipping_zone(entry: ShippingZoneEntry, position: int) -> None:
    places = [{"country": country} for country in entry.countries]
    zone = ShippingZone(name=entry.name, places=places, position=position)
    db.session.add(zone)
    db.session.flush()
    db.session.add_all(
        ShippingRate(
            zone_id=zone.id,
            name=rate.name,
            amount=rate.amount,
            free_from_amount=rate.free_from,
            min_days=rate.days[0],
            max_days=rate.days[1],
            position=at,
        )
        for at, rate in enumerate(entry.rates, start=1)
    )

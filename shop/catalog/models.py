"""What the shop sells: products, their options, variants and pictures, and collections."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.catalog.measures import Measures
from shop.catalog.rules import Rule, from_rows
from shop.clock import now
from shop.extensions import GIVEN_ONCE, Model

MAX_OPTIONS = 3


class Widths(sa.types.TypeDecorator[tuple[int, ...]]):
    """Widths of renditions, rising, kept as "400 800"."""

    impl = sa.String(60)
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: sa.Dialect) -> str:
        return " ".join(str(width) for width in value or ())

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> tuple[int, ...]:
        return tuple(int(width) for width in (value or "").split())


class ProductStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    #: Kept for the books and out of the merchant's way.
    ARCHIVED = "archived"


class Product(Model):
    __tablename__ = "products"
    __table_args__ = (
        sa.CheckConstraint("status IN ('draft', 'published', 'archived')", name="status_known"),
        sa.CheckConstraint("rating_count >= 0", name="rating_count_not_negative"),
        sa.CheckConstraint(
            "rating_sum BETWEEN rating_count AND 5 * rating_count", name="rating_sum_in_range"
        ),
        # One index for each way a list of 100,000 products is sorted.
        sa.Index("ix_products_status_published_at", "status", "published_at", "id"),
        sa.Index("ix_products_status_title", "status", "title", "id"),
        sa.Index("ix_products_status", "status", "id"),
        sa.Index("ix_products_title", "title", "id"),
        sa.Index("ix_products_updated_at", "updated_at", "id"),
        sa.Index("ix_products_product_type", "product_type", "id"),
        sa.Index("ix_products_vendor", "vendor", "id"),
        sa.Index("ix_products_publish_at", "publish_at"),
        sa.Index("ix_products_unpublish_at", "unpublish_at"),
        GIVEN_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Last part of the product's address; lower case letters, digits and hyphens.
    handle: Mapped[str] = mapped_column(sa.String(255), unique=True)
    title: Mapped[str] = mapped_column(sa.String(255))
    #: One or two plain sentences beside the price.
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    #: HTML or plain text as the merchant wrote it; sanitized on output.
    description: Mapped[str] = mapped_column(sa.Text, default="")
    vendor: Mapped[str] = mapped_column(sa.String(255), default="")
    product_type: Mapped[str] = mapped_column(sa.String(255), default="")
    #: Names the rates of pricing.tax; a variant that is not taxable has none.
    tax_category: Mapped[str] = mapped_column(
        sa.String(40), default="standard", server_default="standard"
    )
    #: Each unit is a gift card of the variant's price: not sent, not taxed, not discounted.
    is_gift_card: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    tags: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(sa.String(16), default=ProductStatus.DRAFT)
    published_at: Mapped[datetime | None]
    #: When the worker shall put it into the shop, and take it out; see shop/catalog/schedule.py.
    publish_at: Mapped[datetime | None]
    unpublish_at: Mapped[datetime | None]
    seo_title: Mapped[str] = mapped_column(sa.String(255), default="")
    seo_description: Mapped[str] = mapped_column(sa.String(512), default="")
    #: Pairs [name, value] for the table of numbers: ["Height", "95 mm"].
    facts: Mapped[list[Any]] = mapped_column(default=list)
    #: Base name of the scale drawing in the media folder: <base>.svg and <base>-dark.svg.
    drawing: Mapped[str | None] = mapped_column(sa.String(120))
    #: Published reviews and the sum of their stars; written by reviews/service.py alone.
    rating_count: Mapped[int] = mapped_column(default=0, server_default="0")
    rating_sum: Mapped[int] = mapped_column(default=0, server_default="0")
    #: A variant of it that stands in an order was removed: the order's line leads here no more.
    lost_sold_variant: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: Columns of a CSV export that the shop does not use, kept so that an export loses nothing.
    import_columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    options: Mapped[list[ProductOption]] = relationship(
        back_populates="product",
        order_by="ProductOption.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise_on_sql",
    )
    variants: Mapped[list[Variant]] = relationship(
        back_populates="product",
        order_by="Variant.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise_on_sql",
    )
    images: Mapped[list[ProductImage]] = relationship(
        back_populates="product",
        order_by="ProductImage.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise_on_sql",
    )

    @property
    def is_published(self) -> bool:
        return self.status == ProductStatus.PUBLISHED

    @property
    def is_archived(self) -> bool:
        return self.status == ProductStatus.ARCHIVED


class ProductOption(Model):
    """A way variants differ ("Glaze"). Its values are those of the variants, in their order."""

    __tablename__ = "product_options"
    __table_args__ = (
        sa.UniqueConstraint("product_id", "position"),
        sa.CheckConstraint("position BETWEEN 1 AND 3", name="position_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("products.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(255))

    product: Mapped[Product] = relationship(back_populates="options", lazy="raise_on_sql")


class Variant(Model):
    __tablename__ = "variants"
    __table_args__ = (
        sa.UniqueConstraint("product_id", "option1", "option2", "option3"),
        sa.CheckConstraint("unit_amount >= 0", name="unit_amount_not_negative"),
        sa.CheckConstraint("compare_at_amount >= 0", name="compare_at_amount_not_negative"),
        sa.CheckConstraint("cost_amount >= 0", name="cost_amount_not_negative"),
        sa.CheckConstraint("weight_grams >= 0", name="weight_not_negative"),
        sa.CheckConstraint("measure_amount > 0 AND base_amount > 0", name="measures_positive"),
        sa.Index("ix_variants_barcode", "barcode"),
        sa.Index("ix_variants_unit_amount", "unit_amount", "id", "product_id"),
        sa.Index("ix_variants_product_id_unit_amount", "product_id", "unit_amount", "id"),
        GIVEN_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("products.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=1)
    sku: Mapped[str | None] = mapped_column(sa.String(255), unique=True)
    barcode: Mapped[str] = mapped_column(sa.String(255), default="")
    #: Values of the product's options by position; empty where the product has no such option.
    option1: Mapped[str] = mapped_column(sa.String(255), default="")
    option2: Mapped[str] = mapped_column(sa.String(255), default="")
    option3: Mapped[str] = mapped_column(sa.String(255), default="")
    #: Price of one, in the minor unit of the shop's currency.
    unit_amount: Mapped[int]
    #: The price before a reduction, in the same unit.
    compare_at_amount: Mapped[int | None]
    #: What one costs the shop, in the same unit; none: not known.
    cost_amount: Mapped[int | None]
    weight_grams: Mapped[int] = mapped_column(default=0)
    is_taxable: Mapped[bool] = mapped_column(default=True)
    requires_shipping: Mapped[bool] = mapped_column(default=True)
    #: When it can be bought again; told while it is sold out.
    restock_on: Mapped[date | None]
    #: For the price of a usual amount: see shop/catalog/measures.py. All four or none.
    measure_amount: Mapped[int | None]
    measure_unit: Mapped[str | None] = mapped_column(sa.String(8))
    base_amount: Mapped[int | None]
    base_unit: Mapped[str | None] = mapped_column(sa.String(8))
    image_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("product_images.id", ondelete="SET NULL"), index=True
    )
    import_columns: Mapped[dict[str, Any]] = mapped_column(default=dict)

    product: Mapped[Product] = relationship(back_populates="variants", lazy="raise_on_sql")
    image: Mapped[ProductImage | None] = relationship(lazy="raise_on_sql")

    @property
    def option_values(self) -> list[str]:
        return [value for value in (self.option1, self.option2, self.option3) if value]

    @property
    def measures(self) -> Measures | None:
        return measures_of(self)

    @measures.setter
    def measures(self, measures: Measures | None) -> None:
        self.measure_amount = measures.amount if measures else None
        self.measure_unit = measures.unit if measures else None
        self.base_amount = measures.base if measures else None
        self.base_unit = measures.base_unit if measures else None


def measures_of(row: Any) -> Measures | None:
    """Of a variant, or of a row with its columns."""
    if row.measure_amount is None:
        return None
    return Measures(row.measure_amount, row.measure_unit, row.base_amount, row.base_unit)


class VariantPrice(Model):
    """A price typed for one more currency; a variant without one is converted."""

    __tablename__ = "variant_prices"
    __table_args__ = (
        sa.CheckConstraint("unit_amount >= 0", name="unit_amount_not_negative"),
        sa.CheckConstraint("compare_at_amount >= 0", name="compare_at_amount_not_negative"),
    )

    variant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True
    )
    currency: Mapped[str] = mapped_column(sa.String(3), primary_key=True)
    #: In the currency's minor unit.
    unit_amount: Mapped[int]
    compare_at_amount: Mapped[int | None]


class PriceChange(Model):
    """What a variant cost from this moment until the next; written by shop/catalog/prices.py."""

    __tablename__ = "price_changes"
    __table_args__ = (sa.Index("ix_price_changes_variant_id_at", "variant_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(sa.ForeignKey("variants.id", ondelete="CASCADE"))
    unit_amount: Mapped[int]
    compare_at_amount: Mapped[int | None]
    #: Whether shoppers could see it: the product was published.
    is_public: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)


class ProductImage(Model):
    """A picture, once it is in the media folder; see media.pictures.StoredPicture."""

    __tablename__ = "product_images"
    __table_args__ = (
        sa.CheckConstraint("focal_x BETWEEN 0 AND 100", name="focal_x_in_range"),
        sa.CheckConstraint("focal_y BETWEEN 0 AND 100", name="focal_y_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(
        sa.ForeignKey("products.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(default=1)
    alt: Mapped[str] = mapped_column(sa.String(512), default="")
    #: It adds nothing to the words beside it: read aloud as nothing, not as the product's title.
    is_decorative: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: Base name in the media folder; none while a remote picture is not fetched yet.
    file: Mapped[str | None] = mapped_column(sa.String(120))
    #: Size of the 800 pixel rendition, so that the page reserves its room.
    width: Mapped[int] = mapped_column(default=800)
    height: Mapped[int] = mapped_column(default=1000)
    #: "#RRGGBB" of the picture's ground, shown behind it while it loads.
    ground: Mapped[str] = mapped_column(sa.String(7), default="")
    #: The renditions to choose from.
    widths: Mapped[tuple[int, ...]] = mapped_column(
        Widths(), default=(400, 800), server_default="400 800"
    )
    #: A few blurred pixels as a data: address.
    placeholder: Mapped[str | None] = mapped_column(sa.String(255))
    #: What stays in sight where the picture is cropped: percent from its left and top.
    focal_x: Mapped[int] = mapped_column(default=50, server_default="50")
    focal_y: Mapped[int] = mapped_column(default=50, server_default="50")
    #: Where an imported picture is fetched from.
    source_url: Mapped[str] = mapped_column(sa.String(2048), default="")
    #: Why it could not be had: see media/refusals.py.
    fetch_error: Mapped[str] = mapped_column(sa.String(255), default="")

    product: Mapped[Product] = relationship(back_populates="images", lazy="raise_on_sql")


class Swatch(Model):
    """How one value of an option looks: Glaze "Cobalt" as a picture of its test tile."""

    __tablename__ = "swatches"
    __table_args__ = (sa.UniqueConstraint("option_name", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    option_name: Mapped[str] = mapped_column(sa.String(255))
    value: Mapped[str] = mapped_column(sa.String(255))
    handle: Mapped[str] = mapped_column(sa.String(255))
    position: Mapped[int] = mapped_column(default=1)
    #: Base name in the media folder: <file>-<144|288>.avif and <file>-288.webp; empty: a tile
    #: in its color.
    file: Mapped[str] = mapped_column(sa.String(120))
    #: "#RRGGBB", for the small chip on cards too.
    color: Mapped[str] = mapped_column(sa.String(7))
    #: A short word under the name: "Gloss".
    note: Mapped[str] = mapped_column(sa.String(80), default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")


class Collection(Model):
    __tablename__ = "collections"
    __table_args__ = (GIVEN_ONCE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(sa.String(255), unique=True)
    title: Mapped[str] = mapped_column(sa.String(255))
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    position: Mapped[int] = mapped_column(default=1)
    #: Shown in the header's menu.
    is_in_menu: Mapped[bool] = mapped_column(default=False)
    #: Base name of a 4:5 picture in the media folder, laid out like a product image's.
    file: Mapped[str | None] = mapped_column(sa.String(120))
    #: The collection it is a part of; that one holds what this one holds.
    parent_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("collections.id", ondelete="SET NULL"), index=True
    )
    #: Triples [field, comparison, value] that decide what it holds; none: picked by hand.
    conditions: Mapped[list[Any]] = mapped_column(default=list)
    #: Whether all conditions must hold, or any.
    needs_all: Mapped[bool] = mapped_column(default=True, server_default=sa.true())

    @property
    def is_rule_based(self) -> bool:
        return bool(self.conditions)

    @property
    def rule(self) -> Rule:
        return from_rows(self.conditions, needs_all=self.needs_all)


class CollectionProduct(Model):
    __tablename__ = "collection_products"
    __table_args__ = (sa.Index("ix_collection_products_position", "collection_id", "position"),)

    collection_id: Mapped[int] = mapped_column(
        sa.ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[int] = mapped_column(
        sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(default=1)


class CatalogChange(Model):
    """A product or a collection that changed, noted by triggers (shop/catalog/journal.py), so that
    each web process can bring its facet index up to date.
    """

    __tablename__ = "catalog_changes"
    __table_args__ = (
        sa.Index("ix_catalog_changes_stamp", "stamp"),
        GIVEN_ONCE,
    )

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True
    )
    #: The row may be gone by now, so neither is a foreign key.
    product_id: Mapped[int | None]
    collection_id: Mapped[int | None]
    #: Of the transaction; see journal.py.
    stamp: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime]

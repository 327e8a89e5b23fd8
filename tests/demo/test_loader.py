"""Loading the demo shop: whole, once, and around what a merchant has made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from shop.catalog.models import (
    Collection,
    CollectionProduct,
    Product,
    ProductImage,
    ProductStatus,
    Swatch,
    Variant,
)
from shop.content.models import Page
from shop.database import transaction
from shop.demo import days
from shop.demo.entries import PICTURES, read_demo
from shop.demo.loader import LoadReport, OtherCurrency, copy_pictures, load
from shop.demo.reviews import add_reviews
from shop.extensions import Model, db
from shop.inventory import service as inventory
from shop.inventory.models import StockItem, StockMovement
from shop.pricing.models import ShippingRate, ShippingZone, TaxRate, TaxZone
from shop.recommendations.models import ProductPick
from shop.reviews.models import Review, ReviewPhoto
from shop.store.models import StoreSettings
from tests.conftest import Apps
from tests.factories import make_product, make_rates, make_store, stock_of

TABLES: tuple[type[Model], ...] = (
    Collection,
    CollectionProduct,
    Page,
    Product,
    ProductImage,
    ProductPick,
    Review,
    ReviewPhoto,
    ShippingRate,
    StockItem,
    StockMovement,
    StoreSettings,
    Swatch,
    TaxRate,
    Variant,
)
NOTHING = LoadReport(
    products=0,
    variants=0,
    pictures=0,
    swatches=0,
    collections=0,
    pages=0,
    articles=0,
    rates=0,
    reviews=0,
)


@pytest.fixture(scope="module")
def loaded_app(
    dialect: str, tmp_path_factory: pytest.TempPathFactory, apps: Apps
) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp(f"demo-{dialect}")
    with apps(dialect, folder) as app:
        with app.app_context(), transaction():
            load()
        yield app


@pytest.fixture
def fettle(loaded_app: Flask) -> Iterator[Flask]:
    """The loaded demo shop, to be looked at only."""
    with loaded_app.app_context():
        yield loaded_app
        db.session.remove()


def everything() -> dict[str, list[tuple[object, ...]]]:
    db.session.flush()
    return {
        model.__tablename__: sorted(
            map(tuple, db.session.execute(sa.select(model.__table__))), key=str
        )
        for model in TABLES
    }


def variant(sku: str) -> Variant:
    return db.session.scalars(sa.select(Variant).where(Variant.sku == sku)).one()


def product(handle: str) -> Product:
    return db.session.scalars(sa.select(Product).where(Product.handle == handle)).one()


def test_the_demo_shop_loads_whole(app: Flask):
    report = load()

    assert report == LoadReport(
        products=33,
        variants=145,
        pictures=134,
        swatches=9,
        collections=24,
        pages=11,
        articles=7,
        rates=36,
        reviews=60,
    )
    statuses = db.session.execute(
        sa.select(Product.status, sa.func.count()).group_by(Product.status)
    )
    assert dict(map(tuple, statuses)) == {ProductStatus.PUBLISHED: 33}
    assert db.session.scalar(sa.select(sa.func.min(Variant.unit_amount))) == 1200


def test_a_second_load_changes_nothing(app: Flask):
    load()
    before = everything()

    report = load()

    assert report == NOTHING
    assert report.is_empty
    assert everything() == before


def test_a_mug_has_its_price_stock_picture_and_numbers(fettle: Flask):
    mug = variant("FT-MUG-COB-M")
    assert (mug.option1, mug.option2) == ("Cobalt", "Medium")
    assert (mug.unit_amount, mug.compare_at_amount, mug.weight_grams) == (3400, None, 360)
    assert stock_of(mug) == (6, 0)
    image = db.session.get_one(ProductImage, mug.image_id)
    assert (image.file, image.ground) == ("tuesday-mug-cobalt", "#F4A98E")
    assert image.alt == "Straight-sided mug with a round handle, glazed Cobalt, on a peach ground"
    opened = days.moved(date(2026, 11, 14))
    assert ["Firing", f"148, opened {opened.day} {opened:%B %Y}"] in product("tuesday-mug").facts
    assert product("tuesday-mug").drawing == "tuesday-mug-drawing"


def test_a_second_shows_what_it_cost_before(fettle: Flask):
    planter = variant("FT-PLNT-SHE-14")

    assert (planter.unit_amount, planter.compare_at_amount) == (3840, 4800)


def test_the_newest_products_stand_in_the_order_of_the_file(fettle: Flask):
    newest = db.session.scalars(
        sa.select(Product.handle)
        .where(Product.status == ProductStatus.PUBLISHED)
        .order_by(Product.published_at.desc(), Product.id)
    ).all()

    assert newest == [*(entry.handle for entry in read_demo().products), "gift-card"]


def test_each_glaze_has_a_collection_of_its_pots(fettle: Flask):
    count = sa.select(sa.func.count()).select_from(CollectionProduct)
    oxblood = db.session.scalars(sa.select(Collection).where(Collection.handle == "oxblood")).one()

    assert db.session.scalar(count.where(CollectionProduct.collection_id == oxblood.id)) == 8
    assert oxblood.file == "larder-bottle-oxblood"


def test_collections_lie_in_each_other_and_follow_rules(fettle: Flask):
    collections = {one.handle: one for one in db.session.scalars(sa.select(Collection))}
    held = {
        handle: db.session.scalars(
            sa.select(Product.handle)
            .join(CollectionProduct, CollectionProduct.product_id == Product.id)
            .where(CollectionProduct.collection_id == one.id)
        ).all()
        for handle, one in collections.items()
    }

    assert collections["bowls"].parent_id == collections["table"].id
    assert len(held["mugs-and-cups"]) == 4
    assert held["presents"] == []
    assert held["under-25"]
    assert set(held["last-few"]) < {one.handle for one in read_demo().products}


def test_rates_are_in_minor_units_and_parts_per_million(fettle: Flask):
    standard = db.session.scalars(
        sa.select(ShippingRate)
        .join(ShippingZone, ShippingZone.id == ShippingRate.zone_id)
        .where(ShippingZone.name == "United Kingdom")
        .order_by(ShippingRate.position)
    ).first()
    assert standard is not None
    assert (standard.amount, standard.free_from_amount) == (450, 6000)
    assert (standard.min_days, standard.max_days) == (2, 3)
    rates = sa.select(TaxZone.name, TaxRate.rate_ppm).join(TaxRate, TaxRate.zone_id == TaxZone.id)
    by_zone = dict(db.session.execute(rates).all())
    assert (by_zone["GB"], by_zone["FI"], by_zone["*"]) == (200_000, 255_000, 0)


def test_a_merchants_changes_stay(app: Flask):
    load()
    mug = variant("FT-MUG-COB-M")
    inventory.set_on_hand(mug.id, 2)
    mug.unit_amount = 3600
    product("salt-pig").title = "Salt pot"
    make_product("Own pot", handle="own-pot")
    before = everything()

    report = load()

    assert report == NOTHING
    assert everything() == before
    assert stock_of(mug) == (2, 0)


def test_a_merchants_product_rates_and_settings_are_left_alone(app: Flask):
    make_store(name="Claypool")
    make_rates("GB", shipping=900)
    make_product("Other mug", handle="tuesday-mug", unit_amount=999)

    report = load()

    assert report.products == 32
    assert product("tuesday-mug").title == "Other mug"
    assert db.session.get_one(StoreSettings, 1).name == "Claypool"
    assert db.session.scalars(sa.select(ShippingRate.amount)).all() == [900]


def test_a_shop_with_another_currency_is_refused(app: Flask):
    make_store(currency="JPY", country="JP")
    before = everything()

    with pytest.raises(OtherCurrency) as refusal:
        load()

    assert (refusal.value.currency, refusal.value.demo_currency) == ("JPY", "GBP")
    assert everything() == before


def test_pictures_are_copied_once(tmp_path: Path):
    count = len(list(PICTURES.iterdir()))

    assert copy_pictures(tmp_path / "media") == count
    assert copy_pictures(tmp_path / "media") == 0
    assert sorted(path.name for path in (tmp_path / "media").iterdir()) == sorted(
        path.name for path in PICTURES.iterdir()
    )


def test_a_picture_already_there_is_not_overwritten(tmp_path: Path):
    (tmp_path / "dip-800.jpg").write_bytes(b"mine")

    copy_pictures(tmp_path)

    assert (tmp_path / "dip-800.jpg").read_bytes() == b"mine"


def test_the_command_says_what_it_did(own_database: Flask):
    runner = own_database.test_cli_runner()

    first = runner.invoke(args=["demo", "load"])
    second = runner.invoke(args=["demo", "load"])

    assert first.exit_code == 0
    assert first.output.startswith("Added 33 products with 145 variants, 24 collections")
    assert second.exit_code == 0
    assert second.output == "The demo shop is already here. Nothing was changed.\n"
    media = own_database.extensions["settings"].media_path
    assert (media / "tuesday-mug-cobalt-800.avif").exists()


def test_the_command_refuses_a_shop_with_another_currency(own_database: Flask):
    with own_database.app_context():
        make_store(currency="EUR", country="IE")
        db.session.commit()

    result = own_database.test_cli_runner().invoke(args=["demo", "load"])

    assert result.exit_code == 1
    assert "This shop sells in EUR, the demo in GBP." in result.output
    with own_database.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Product)) == 0


def test_reviews_carry_the_ratings_of_their_products(fettle: Flask) -> None:
    mug = product("tuesday-mug")

    reviews = db.session.scalars(sa.select(Review).where(Review.product_id == mug.id)).all()
    picks = db.session.scalars(
        sa.select(Product.handle)
        .join(ProductPick, ProductPick.picked_id == Product.id)
        .where(ProductPick.product_id == mug.id)
        .order_by(ProductPick.position)
    )

    assert (mug.rating_count, mug.rating_sum) == (len(reviews), sum(r.rating for r in reviews))
    assert list(picks) == [
        "half-past-teapot",
        "elevenses-cup-and-saucer",
        "toast-plate",
        "biscuit-jar",
    ]


def test_early_in_the_day_the_newest_review_is_not_to_come(app: Flask) -> None:
    make_product("Mug", handle="half-past-teapot")
    morning = datetime(2027, 3, 4, 6, tzinfo=UTC)

    with time_machine.travel(morning, tick=False):
        add_reviews()

    assert db.session.scalar(sa.select(sa.func.max(Review.published_at))) <= morning

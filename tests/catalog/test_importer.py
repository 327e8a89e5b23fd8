"""Product CSVs brought into the shop."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog.csvfile import FileRefused
from shop.catalog.import_product import Outcome
from shop.catalog.models import Product, ProductImage, ProductOption, Variant
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import MovementReason, StockItem, StockMovement
from shop.outbox.models import OutboxMessage
from shop.search import index
from tests.catalog.sheets import HEADER, OURS, SHARED, bring_in, outcomes
from tests.factories import make_product, make_variant, stock_of

MUGS = HEADER + (
    "tuesday-mug,Tuesday mug,Glaze,Cobalt,MUG-COB,shopify,5,34,https://pictures.example/1.jpg\n"
    "tuesday-mug,,,Milk,MUG-MLK,shopify,3,36.50,https://pictures.example/2.jpg\n"
    "milk-jug,Milk jug,Title,Default Title,,,7,48,\n"
)
TABLES = (
    *(Product, ProductOption, Variant, ProductImage, StockItem, StockMovement),
    *(OutboxMessage, AuditEntry),
)


def rows_of_all_tables() -> list[int]:
    return [db.session.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in TABLES]


def product(handle: str) -> Product:
    return db.session.scalars(sa.select(Product).where(Product.handle == handle)).one()


def variant(sku: str) -> Variant:
    return db.session.scalars(sa.select(Variant).where(Variant.sku == sku)).one()


def changes(file: str) -> list[str]:
    return [change for report in bring_in(file).products for change in report.changes]


def refusal_of(file: str | bytes) -> list[str]:
    before = rows_of_all_tables()
    with pytest.raises(FileRefused) as refusal, db.session.begin_nested():
        bring_in(file)
    assert rows_of_all_tables() == before
    return [str(fault) for fault in refusal.value.faults]


@pytest.mark.parametrize("path", [*OURS, *SHARED], ids=lambda path: path.name)
def test_files_of_other_shops_come_in_whole_and_once(app: Flask, path: Path) -> None:
    data = path.read_bytes()

    first = bring_in(data)
    before = rows_of_all_tables()
    second = bring_in(data)

    count = len(first.products)
    assert outcomes(first) == (count, 0, 0)
    assert outcomes(second) == (0, 0, count)
    assert [report.changes for report in second.products] == [()] * count
    assert rows_of_all_tables() == before


def test_a_product_comes_with_variants_stock_and_pictures(app: Flask) -> None:
    bring_in(MUGS)

    cobalt, milk = variant("MUG-COB"), variant("MUG-MLK")
    assert (cobalt.option1, cobalt.unit_amount, stock_of(cobalt)) == ("Cobalt", 3400, (5, 0))
    assert (milk.option1, milk.unit_amount, stock_of(milk)) == ("Milk", 3650, (3, 0))
    assert product("tuesday-mug").is_published
    assert index.find("mug-cob", limit=5) == [product("tuesday-mug").id]
    images = db.session.scalars(sa.select(ProductImage).order_by(ProductImage.position)).all()
    assert [(image.position, image.source_url, image.file) for image in images] == [
        (1, "https://pictures.example/1.jpg", None),
        (2, "https://pictures.example/2.jpg", None),
    ]
    messages = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [(message.channel, message.name, message.payload) for message in messages] == [
        ("image", "fetch_image", {"image_id": image.id}) for image in images
    ]


def test_without_a_tracker_stock_is_kept_and_not_counted(app: Flask) -> None:
    bring_in(MUGS)

    item = db.session.scalars(
        sa.select(StockItem)
        .join(Variant, Variant.id == StockItem.variant_id)
        .where(Variant.product_id == product("milk-jug").id)
    ).one()
    assert (item.on_hand, item.is_tracked) == (7, False)


def test_a_changed_price_is_told_and_audited(app: Flask) -> None:
    bring_in(MUGS)

    report = bring_in(MUGS.replace("36.50", "39"))

    assert outcomes(report) == (0, 1, 1)
    assert report.products[0].changes == ("MUG-MLK: price 36.50 -> 39.00",)
    assert variant("MUG-MLK").unit_amount == 3900
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "variant.price_changed")
    ).one()
    assert entry.data["unit_amount"] == [3650, 3900]


def test_columns_the_file_lacks_stay_as_they_are(app: Flask) -> None:
    bring_in(MUGS)

    report = bring_in("Handle,Variant SKU,Variant Price\ntuesday-mug,MUG-COB,31\n")

    assert report.products[0].changes == ("MUG-COB: price 34.00 -> 31.00",)
    assert product("tuesday-mug").title == "Tuesday mug"
    assert variant("MUG-COB").option1 == "Cobalt"
    assert (stock_of(variant("MUG-COB")), stock_of(variant("MUG-MLK"))) == ((5, 0), (3, 0))


def test_a_product_of_one_variant_needs_no_sku_to_be_priced(app: Flask) -> None:
    bring_in(MUGS)

    assert changes("Handle,Price\nmilk-jug,50\n") == ["only variant: price 48.00 -> 50.00"]


def test_variants_without_sku_are_known_by_their_options(app: Flask) -> None:
    file = HEADER + "a,A,Size,S,,,1,5,\na,,,M,,,1,6,\n"
    bring_in(file)
    before = set(db.session.scalars(sa.select(Variant.id)))

    report = bring_in(file.replace(",S,,", ",S,SKU-S,"))

    assert report.products[0].changes == ("SKU-S: Variant SKU",)
    assert set(db.session.scalars(sa.select(Variant.id))) == before


def test_variants_are_known_by_their_sku_when_renamed(app: Flask) -> None:
    bring_in(MUGS)
    before = variant("MUG-COB").id

    report = bring_in(MUGS.replace("Cobalt", "Deep cobalt"))

    assert report.products[0].changes == ("MUG-COB: options",)
    assert (variant("MUG-COB").id, variant("MUG-COB").option1) == (before, "Deep cobalt")


def test_variants_may_swap_their_options_and_skus(app: Flask) -> None:
    bring_in(HEADER + "a,A,Size,S,ONE,,1,5,\na,,,M,TWO,,1,6,\n")

    bring_in(HEADER + "a,A,Size,M,ONE,,1,5,\na,,,S,TWO,,1,6,\na,,,L,THREE,,1,7,\n")

    assert [variant(sku).option1 for sku in ("ONE", "TWO", "THREE")] == ["M", "S", "L"]


def test_a_new_variant_may_take_the_options_of_a_renamed_one(app: Flask) -> None:
    bring_in(HEADER + "a,A,Size,S,ONE,,1,5,\n")

    bring_in(HEADER + "a,A,Size,S,NEW,,1,5,\na,,,M,ONE,,1,6,\n")

    assert (variant("NEW").option1, variant("ONE").option1) == ("S", "M")


def test_what_the_file_does_not_mention_stays(app: Flask) -> None:
    bring_in(MUGS)
    other = make_product("Other")

    bring_in(HEADER + "tuesday-mug,Tuesday mug,Glaze,Cobalt,MUG-COB,shopify,5,34,\n")

    assert variant("MUG-MLK").position == 2
    assert db.session.scalar(sa.select(sa.func.count(ProductImage.id))) == 2
    assert db.session.get(Product, other.id) is other


def test_a_product_can_be_taken_out_of_the_shop(app: Flask) -> None:
    bring_in("Handle,Title,Status,Price\na,Trivet,active,5\n")

    report = bring_in("Handle,Title,Status,Price\na,Trivet,archived,5\n")

    assert report.products[0].changes == ("taken out of the shop",)
    assert index.find("trivet", limit=5) == []


def test_pictures_follow_the_file(app: Flask) -> None:
    header = "Handle,Title,Price,Image Src,Image Position,Image Alt Text,Variant Image\n"
    bring_in(header + "a,A,5,https://x.example/1.jpg,1,One,\na,,,https://x.example/2.jpg,2,,\n")

    told = changes(
        header
        + "a,A,5,https://x.example/1.jpg,2,First,https://x.example/1.jpg\n"
        + "a,,,https://x.example/2.jpg,1,,\na,,,https://x.example/3.jpg,3,,\n"
    )

    images = db.session.scalars(sa.select(ProductImage).order_by(ProductImage.position)).all()
    assert [(image.source_url[-5:], image.alt) for image in images] == [
        ("2.jpg", ""),
        ("1.jpg", "First"),
        ("3.jpg", ""),
    ]
    shown = db.session.scalars(sa.select(Variant)).one().image_id
    assert shown == images[1].id
    assert told == [
        "text of a picture",
        "picture added",
        "order of the pictures",
        "only variant: picture",
    ]


# Stock


def sell(sku: str, quantity: int) -> None:
    """Units gone since the import, as a finished order leaves them."""
    on_hand, _reserved = stock_of(variant(sku))
    inventory.set_on_hand(variant(sku).id, on_hand - quantity, reason=MovementReason.SALE)


def test_importing_the_same_file_again_gives_back_nothing_that_was_sold(app: Flask) -> None:
    bring_in(MUGS)
    sell("MUG-COB", 2)

    report = bring_in(MUGS)

    assert stock_of(variant("MUG-COB")) == (3, 0)
    assert report.products[0].outcome == Outcome.UNCHANGED
    assert [str(note) for note in report.products[0].notes] == [
        "MUG-COB: stock stays 3, 5 is an earlier count"
    ]


def test_an_export_that_sales_have_overtaken_gives_back_nothing(app: Flask) -> None:
    bring_in(MUGS)
    sell("MUG-COB", 1)
    exported = MUGS.replace("shopify,5,34", "shopify,4,34")
    sell("MUG-COB", 2)

    bring_in(exported)

    assert stock_of(variant("MUG-COB")) == (2, 0)


def test_a_quantity_that_somebody_typed_is_taken_as_a_movement(app: Flask) -> None:
    bring_in(MUGS)
    sell("MUG-COB", 2)

    report = bring_in(MUGS.replace("shopify,5,34", "shopify,20,34"))

    assert report.products[0].changes == ("MUG-COB: stock 3 -> 20",)
    assert stock_of(variant("MUG-COB")) == (20, 0)
    movements = db.session.execute(
        sa.select(StockMovement.quantity, StockMovement.reason)
        .where(StockMovement.variant_id == variant("MUG-COB").id)
        .order_by(StockMovement.id)
    ).all()
    assert [tuple(movement) for movement in movements] == [
        (5, "import"),
        (-2, "sale"),
        (17, "import"),
    ]


def test_an_earlier_quantity_counts_again_after_the_next_import(app: Flask) -> None:
    bring_in(MUGS)
    bring_in(MUGS.replace("shopify,5,34", "shopify,20,34"))

    bring_in(MUGS)

    assert stock_of(variant("MUG-COB")) == (5, 0)


def test_a_blank_quantity_leaves_stock_alone(app: Flask) -> None:
    bring_in(MUGS)

    bring_in(MUGS.replace("shopify,5,34", "shopify,,34"))

    assert stock_of(variant("MUG-COB")) == (5, 0)


def test_less_than_what_is_promised_is_refused(app: Flask) -> None:
    bring_in(MUGS)
    item = db.session.get_one(StockItem, variant("MUG-COB").id)
    item.reserved = 4
    db.session.flush()

    faults = refusal_of(MUGS.replace("shopify,5,34", "shopify,2,34"))

    assert faults == [
        "line 2, Variant Inventory Qty: 2 in stock, but 4 are promised to orders",
    ]
    assert stock_of(variant("MUG-COB")) == (5, 4)


def test_counting_can_begin_later(app: Flask) -> None:
    bring_in(MUGS)

    told = changes(MUGS.replace("Default Title,,,7", "Default Title,,shopify,7"))

    assert told == ["only variant: stock is counted"]


# Refusals


def test_one_bad_row_keeps_the_whole_file_out(app: Flask) -> None:
    faults = refusal_of(MUGS + "vase,Vase,Title,Default Title,V-1,,1,abc,\n")

    assert faults == [
        'line 5, Variant Price: "abc" is not a price in GBP; write 12.50 or 12,50, without grouping'
    ]


def test_a_sku_of_another_product_is_refused(app: Flask) -> None:
    owner = make_product(handle="owner")
    make_variant(owner, sku="MUG-COB", option1="x")

    faults = refusal_of(MUGS)

    assert faults == ['line 2, Variant SKU: "MUG-COB" is a SKU of another product, owner']


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (
            "Handle,Price\nnew,5\n",
            "line 2, Title: the column is missing, and the product is new",
        ),
        (
            "Handle,Title\nnew,New\n",
            "line 2, Variant Price: the column is missing, and the product is new",
        ),
        ("Handle,Title,Price\nnew,New,\n", "line 2, Price: the price is missing"),
        (
            "Handle,Title,Option1 Value,Price\nnew,New,S,5\n",
            "line 2, Option1 Name: the column is missing, and the product is new",
        ),
        (
            "Handle,SKU,Price\ntuesday-mug,NEW,5\n",
            "line 2, SKU: no variant of the product has this SKU, and option values are not given",
        ),
        (
            "Handle,Option1 Value\ntuesday-mug,Tenmoku\n",
            "line 2, Variant Price: the column is missing, and the variant is new",
        ),
        (
            "Handle,SKU,Option1 Value,Option2 Value,Price\ntuesday-mug,MUG-COB,Cobalt,L,5\n",
            "line 2, Option1 Value: the product has 1 options",
        ),
        (
            "Handle,SKU,Option1 Value\ntuesday-mug,MUG-COB,Milk\n",
            "line 2, Option1 Value: the variant Milk has these values",
        ),
        (
            HEADER + "milk-jug,Milk jug,Size,S,,,7,48,\n",
            "line 2, Option1 Value: the variant without options, which the file does not mention,"
            " does not fit the options",
        ),
    ],
)
def test_what_the_shop_cannot_place_is_refused(app: Flask, file: str, fault: str) -> None:
    bring_in(MUGS)

    assert refusal_of(file) == [fault]


def test_variants_that_fit_no_more_for_one_reason_are_told_once(app: Flask) -> None:
    bring_in(
        HEADER
        + "".join(
            f"cup,{'Cup' if size == 'S' else ''},Size,{size},CUP-{size},shopify,5,9,\n"
            for size in "SML"
        )
    )

    faults = refusal_of(
        "Handle,SKU,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Price\n"
        "cup,CUP-S,Size,S,Glaze,Milk,9\n"
    )

    assert faults == [
        "line 2, Option1 Value: 2 variants, which the file does not mention, do not fit the"
        " options: M is one of them"
    ]


def test_faults_of_the_file_and_of_the_shop_are_told_together(app: Flask) -> None:
    owner = make_product(handle="owner")
    make_variant(owner, sku="MUG-COB", option1="x")

    faults = refusal_of(MUGS.replace("48", "x"))

    assert [fault.partition(":")[0] for fault in faults] == [
        "line 2, Variant SKU",
        "line 4, Variant Price",
    ]

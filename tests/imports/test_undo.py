"""An import undone: everything as it was, but for what somebody did since."""

from __future__ import annotations

import random
import string

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.audit import AuditEntry
from shop.catalog import collections, restoring, variant_service
from shop.catalog import service as catalog
from shop.catalog.models import Collection, CollectionProduct, Product, ProductImage, Variant
from shop.catalog.rules import About, Comparison, Condition
from shop.extensions import db
from shop.imports import queries
from shop.imports.models import Import, ImportState
from shop.inventory import service as inventory
from shop.inventory.models import StockItem, StockMovement
from tests.catalog.sheets import HEADER
from tests.factories import make_order
from tests.imports.files import export, give, import_of, run, start, undo, work

MUGS = HEADER + (
    "tuesday-mug,Tuesday mug,Glaze,Cobalt,MUG-COB,shopify,5,34,https://pictures.example/1.jpg\n"
    "tuesday-mug,,,Milk,MUG-MLK,shopify,3,36.50,https://pictures.example/2.jpg\n"
    "milk-jug,Milk jug,Title,Default Title,JUG,shopify,7,48,\n"
)
#: A file that changes everything an import can.
MORE = (
    "Handle,Title,Body (HTML),Vendor,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,"
    "Variant Compare At Price,Image Src,Image Alt Text,Variant Image,Collection,Nobody's\n"
    "tuesday-mug,Monday mug,<p>New.</p>,Kiln,new,false,Color,Cobalt,Size,S,MUG-MLK,shopify,9,30,34,"
    "https://pictures.example/2.jpg,From above,https://pictures.example/2.jpg,Sale > Mugs,x\n"
    "tuesday-mug,,,,,,,Cobalt,,L,MUG-COB,,4,31,,https://pictures.example/3.jpg,,,,y\n"
    "tuesday-mug,,,,,,,Ochre,,L,MUG-OCH,shopify,2,32,,,,https://pictures.example/3.jpg,,\n"
    "vase,Vase,,,,true,,,,,VASE,shopify,1,80,,https://pictures.example/9.jpg,,,Sale,\n"
)


def product(handle: str) -> Product:
    return db.session.scalars(sa.select(Product).where(Product.handle == handle)).one()


def variant(sku: str) -> Variant:
    return db.session.scalars(sa.select(Variant).where(Variant.sku == sku)).one()


def on_hand(sku: str) -> int:
    return db.session.get_one(StockItem, variant(sku).id, populate_existing=True).on_hand


def conflicts(file: Import) -> dict[str, dict[str, str]]:
    rows = queries.conflicts_of(file.id, 1)
    named = {}
    for row in rows:
        keys = {}
        for key, why in row.conflicts.items():
            kind, _, rest = key.partition(":")
            id_, _, name = rest.partition(":")
            keys[":".join(filter(None, [kind, row.labels.get(id_, ""), name]))] = why
        named[row.handle] = keys
    return named


def sell(sku: str, quantity: int = 1) -> None:
    make_order(variant(sku), quantity=quantity, paid=True)


def test_everything_is_as_it_was(app: Flask) -> None:
    run(MUGS)
    written = export()
    movements = stock_by_movements()

    done = run(MORE, press="2")
    assert (done.created_count, done.updated_count, done.faulty_count) == (1, 1, 0)
    assert export() != written
    undone = undo(done.id)

    assert export() == written
    assert conflicts(undone) == {}
    assert (undone.state, undone.conflict_count) == (ImportState.UNDONE, 0)
    assert stock_by_movements() == movements
    assert db.session.scalar(sa.select(sa.func.count(Collection.id))) == 0
    assert db.session.scalar(sa.select(sa.func.count(ProductImage.id))) == 2
    assert db.session.scalar(sa.select(Product.id).where(Product.handle == "vase")) is None


def stock_by_movements() -> dict[int, int]:
    """Of what is on hand each variant's movements are the sum."""
    rows = db.session.execute(
        sa.select(StockMovement.variant_id, sa.func.sum(StockMovement.quantity)).group_by(
            StockMovement.variant_id
        )
    )
    sums = {variant_id: int(units) for variant_id, units in rows}
    items = db.session.execute(sa.select(StockItem.variant_id, StockItem.on_hand))
    for variant_id, units in items:
        assert sums.get(variant_id, 0) == units
    return {variant_id: units for variant_id, units in sums.items() if units}


def test_undone_twice_is_undone_once(app: Flask) -> None:
    run(MUGS)
    done = run(MORE, press="2")
    undo(done.id)

    assert not import_of(done.id).can_undo


def test_the_same_file_can_be_brought_in_again(app: Flask) -> None:
    run(MUGS)
    done = run(MORE, press="2")
    written = export()
    undo(done.id)

    again = run(MORE, press="3")

    assert (again.created_count, again.updated_count) == (1, 1)
    assert on_hand("MUG-OCH") == 2
    assert export().splitlines()[0] == written.splitlines()[0]


def test_what_was_changed_since_stays_and_is_told(app: Flask) -> None:
    run(MUGS)
    done = run(MUGS.replace("Milk jug", "Cream jug").replace(",48,", ",50,"), press="2")
    jug = product("milk-jug")
    catalog.update_product(jug, catalog.ProductDetails(title="Best jug"))

    undone = undo(done.id)

    assert conflicts(undone) == {"milk-jug": {"title": "changed"}}
    assert (product("milk-jug").title, variant("JUG").unit_amount) == ("Best jug", 4800)
    assert undone.conflict_count == 1


def test_sales_since_stay_sold(app: Flask) -> None:
    run(MUGS)
    done = run(MUGS.replace("JUG,shopify,7", "JUG,shopify,20"), press="2")
    sell("JUG", 3)

    undone = undo(done.id)

    assert on_hand("JUG") == 4  # 7 were there, and 3 were sold
    assert conflicts(undone) == {}


def test_stock_that_was_counted_since_is_left_alone(app: Flask) -> None:
    run(MUGS)
    done = run(MUGS.replace("JUG,shopify,7", "JUG,shopify,20"), press="2")
    inventory.set_on_hand(variant("JUG").id, 18)

    assert conflicts(undo(done.id)) == {"milk-jug": {"stock:JUG:on_hand": "changed"}}
    assert on_hand("JUG") == 18


def test_no_more_is_taken_back_than_is_not_promised(app: Flask) -> None:
    run(MUGS)
    done = run(MUGS.replace("JUG,shopify,7", "JUG,shopify,20"), press="2")
    db.session.execute(
        sa.update(StockItem).where(StockItem.variant_id == variant("JUG").id).values(reserved=10)
    )

    assert conflicts(undo(done.id)) == {"milk-jug": {"stock:JUG:on_hand": "promised"}}
    assert on_hand("JUG") == 20


def test_a_new_product_that_was_sold_is_taken_out_of_the_shop(app: Flask) -> None:
    done = run(MUGS)
    sell("JUG")

    undone = undo(done.id)

    assert conflicts(undone) == {"milk-jug": {"product": "sold"}}
    assert not product("milk-jug").is_published
    assert db.session.scalar(sa.select(Product.id).where(Product.handle == "tuesday-mug")) is None


def test_a_new_product_that_was_edited_stays(app: Flask) -> None:
    done = run(MUGS)
    catalog.update_product(product("milk-jug"), catalog.ProductDetails(title="Best jug"))

    undone = undo(done.id)

    assert conflicts(undone) == {"milk-jug": {"product": "changed"}}
    assert product("milk-jug").is_published


def test_a_new_variant_that_was_sold_stays_with_its_options(app: Flask) -> None:
    run(MUGS)
    done = run(MORE, press="2")
    sell("MUG-OCH")

    undone = undo(done.id)

    assert conflicts(undone)["tuesday-mug"] == {"variant:MUG-OCH": "sold", "options": "changed"}
    assert variant("MUG-OCH").option1 == "Ochre"
    assert product("tuesday-mug").title == "Tuesday mug"


def test_a_sku_that_another_has_by_now_is_not_taken_back(app: Flask) -> None:
    run(MUGS)
    done = run(MUGS.replace(",JUG,", ",JUG-2,"), press="2")
    other = catalog.create_product(catalog.ProductDetails(title="Other"))
    variant_service.add_variant(other, variant_service.VariantDetails(unit_amount=100, sku="JUG"))

    assert conflicts(undo(done.id)) == {"milk-jug": {"variant:JUG-2:sku": "taken"}}
    assert variant("JUG-2").product_id == product("milk-jug").id


def test_a_product_that_is_gone_is_told(app: Flask) -> None:
    run(MUGS)
    done = run(MUGS.replace("Milk jug", "Cream jug"), press="2")
    db.session.delete(product("milk-jug"))

    assert conflicts(undo(done.id)) == {"milk-jug": {"product": "gone"}}


def test_a_variant_that_is_gone_is_told_once(app: Flask) -> None:
    run(MUGS)
    done = run(MUGS.replace("36.50", "40").replace("Milk,MUG", "Oat,MUG"), press="2")
    variant_service.discard_variants([variant("MUG-MLK")], by=None)

    undone = undo(done.id)

    assert conflicts(undone)["tuesday-mug"]["variant:MUG-MLK"] == "gone"


def test_rules_decide_anew(app: Flask) -> None:
    collections.create_collection(
        collections.CollectionDetails(
            title="Kiln", conditions=(Condition(About.VENDOR, Comparison.EQUALS, "Kiln"),)
        )
    )
    run(MUGS)
    done = run(MORE, press="2")
    held = (
        sa.select(CollectionProduct.product_id).join(Collection).where(Collection.title == "Kiln")
    )
    assert list(db.session.scalars(held)) == [product("tuesday-mug").id]

    undo(done.id)

    assert list(db.session.scalars(held)) == []


def test_a_collection_that_was_made_and_is_used_since_stays(app: Flask) -> None:
    run(MUGS)
    done = run(MORE, press="2")
    sale = db.session.scalars(sa.select(Collection).where(Collection.title == "Sale")).one()
    collections.add_product(sale, product("milk-jug").id)

    undo(done.id)

    assert list(db.session.scalars(sa.select(Collection.title))) == ["Sale"]


WORDS = st.text(string.ascii_letters + "äß陶 ,'=<", min_size=1, max_size=8)


@st.composite
def catalogs(draw: st.DrawFn) -> str:
    """Products p0 to p3 with up to three variants, of which some come with pictures."""
    rows = []
    for number in draw(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True)):
        names = draw(st.lists(st.sampled_from("ABC"), min_size=1, max_size=3, unique=True))
        has_sizes = draw(st.booleans())
        for place, name in enumerate(names):
            title = draw(WORDS.filter(lambda text: text.strip(" '="))) if not place else ""
            rows.append(
                [
                    f"p{number}",
                    title,
                    draw(WORDS) if not place else "",
                    draw(st.sampled_from(["true", "false", ""])) if not place else "",
                    "Kind" if not place else "",
                    name,
                    "Size" if has_sizes and not place else "",
                    draw(st.sampled_from("SL")) if has_sizes else "",
                    draw(st.sampled_from(["", f"SKU-{number}-{name}"])),
                    draw(st.sampled_from(["shopify", ""])),
                    str(draw(st.integers(0, 9))),
                    str(draw(st.integers(0, 99))),
                    draw(st.sampled_from(["", f"https://p.example/{draw(st.integers(0, 2))}.jpg"])),
                    draw(st.sampled_from(["", "One", "One > Two"])) if not place else "",
                    draw(st.sampled_from(["", "x", "y"])),
                ]
            )
    return "\n".join(",".join(_quoted(cell) for cell in row) for row in [_HEADER, *rows]) + "\n"


_HEADER = [
    "Handle", "Title", "Body (HTML)", "Published", "Option1 Name", "Option1 Value", "Option2 Name",
    "Option2 Value", "Variant SKU", "Variant Inventory Tracker", "Variant Inventory Qty",
    "Variant Price", "Image Src",
    "Collection", "Somebody else's",
]  # fmt: skip


def _quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


@settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(first=catalogs(), second=catalogs())
def test_any_import_undone_leaves_the_export_as_it_was(app: Flask, first: str, second: str) -> None:
    run_or_none(first)
    before = export()

    done = run_or_none(second)
    if done is not None:
        undone = undo(done.id)
        assert conflicts(undone) == {}

    assert export() == before
    stock_by_movements()
    _empty()


def run_or_none(file: str) -> Import | None:
    """None where it would change nothing."""
    import_id = give(file, press=_press())
    work()
    if not import_of(import_id).can_start:
        return None
    start(import_id)
    work()
    return import_of(import_id)


def _press() -> str:
    return f"{random.getrandbits(64):x}"


def _empty() -> None:
    """Each example begins in an empty shop."""
    for table in (Product, Collection, Import):
        db.session.execute(sa.delete(table))
    db.session.commit()
    db.session.expunge_all()


@pytest.fixture(autouse=True)
def _few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.imports.batches.BATCH", 2)


def test_what_came_with_an_undone_import_can_be_brought_back_as_a_draft(app: Flask) -> None:
    run(MUGS)
    done = run(MORE, press="2")
    made = product("vase")
    before = (made.id, made.title, made.import_columns, variant("VASE").unit_amount)
    undo(done.id)

    (entry,) = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "product.deleted")
    )
    assert entry.kept is not None
    restoring.restore_product(entry.kept, by=None)

    back = product("vase")
    assert (back.id, back.title, back.import_columns, variant("VASE").unit_amount) == before
    assert (back.status, on_hand("VASE")) == ("draft", 1)
    pictures = db.session.scalars(sa.select(ProductImage).where(ProductImage.product_id == back.id))
    assert len(pictures.all()) == 1

"""The demo's own files: what they name exists, and nothing else is carried along."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from shop.catalog.handles import is_handle
from shop.demo.entries import PICTURES, ProductEntry, read_demo, read_journal, read_pages

DEMO = read_demo()
PAGES = read_pages()
PORTRAIT = ("400.avif", "400.webp", "800.avif", "800.webp", "800.jpg")
TILE = ("144.avif", "288.avif", "288.webp")
HERO = ("1920.avif", "1920.webp", "1920.jpg")
HERO_MOBILE = ("900.avif", "900.webp", "900.jpg")
EU = {
    "AT",
    "BE",
    "BG",
    "HR",
    "CY",
    "CZ",
    "DK",
    "EE",
    "FI",
    "FR",
    "DE",
    "GR",
    "HU",
    "IE",
    "IT",
    "LV",
    "LT",
    "LU",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SK",
    "SI",
    "ES",
    "SE",
}


def pictures_of(product: ProductEntry) -> list[str]:
    own = [product.picture(coat) for coat in product.glazes]
    return own + [product.view_picture(view) for view in product.views]


def expected_files() -> set[str]:
    portraits = [name for product in DEMO.products for name in pictures_of(product)]
    files = {f"{name}-{end}" for name in [*portraits, "dip"] for end in PORTRAIT}
    files |= {f"tile-{glaze.handle}-{end}" for glaze in DEMO.glazes for end in TILE}
    files |= {
        f"{product.drawing}{end}" for product in DEMO.products for end in (".svg", "-dark.svg")
    }
    return files | {f"hero-{end}" for end in HERO} | {f"hero-mobile-{end}" for end in HERO_MOBILE}


def test_the_folder_holds_every_picture_in_all_its_formats_and_no_other():
    found = {path.name for path in PICTURES.iterdir()}

    assert found == expected_files()


@pytest.mark.parametrize("end", ["800.avif", "800.webp", "800.jpg"])
def test_large_product_pictures_are_800_by_1000(end: str):
    for product in DEMO.products:
        for name in pictures_of(product):
            with Image.open(PICTURES / f"{name}-{end}") as picture:
                assert picture.size == (800, 1000), name


def test_tiles_are_cut_out():
    for glaze in DEMO.glazes:
        with Image.open(PICTURES / f"tile-{glaze.handle}-288.webp") as tile:
            assert tile.mode == "RGBA"
            assert tile.getchannel("A").getextrema() == (0, 255)


def test_the_named_ground_is_the_color_of_the_picture():
    for product in DEMO.products:
        for coat in product.glazes:
            with Image.open(PICTURES / f"{product.picture(coat)}-400.webp") as picture:
                corner = (
                    picture.convert("RGB").resize((1, 1), box=(4, 470, 40, 496)).getpixel((0, 0))
                )

            named = bytes.fromhex(DEMO.grounds[coat.ground].removeprefix("#"))
            assert max(abs(a - b) for a, b in zip(corner, named, strict=True)) <= 30, product.handle


def test_drawings_carry_the_height_of_the_facts_and_no_style():
    for product in DEMO.products:
        height = re.match(r"\d+ mm", product.facts["Height"])
        for end in (".svg", "-dark.svg"):
            drawing = (PICTURES / f"{product.drawing}{end}").read_text(encoding="utf-8")

            assert height is not None
            assert f">{height[0]}</text>" in drawing
            assert "style" not in drawing


def test_the_pictures_stay_small():
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 14_000_000


def test_there_are_32_products_with_whole_variants():
    assert len(DEMO.products) == 32
    for product in DEMO.products:
        assert is_handle(product.handle)
        assert 1 <= len(product.sizes) <= 3
        assert 2 <= len(product.glazes) <= 6
        assert all(len(coat.stock) == len(product.sizes) for coat in product.glazes)


def test_skus_are_unique():
    skus = [
        DEMO.sku(product, coat, size)
        for product in DEMO.products
        for coat in product.glazes
        for size in product.sizes
    ]

    assert len(skus) == len(set(skus)) == 142
    assert "FT-MUG-COB-M" in skus


def test_prices_lie_between_12_and_128_pounds():
    prices = [size.price for product in DEMO.products for size in product.sizes]

    assert (min(prices), max(prices)) == (1200, 12800)


def test_seconds_are_the_four_on_sale():
    on_sale = [p.handle for p in DEMO.products if any(size.compare_at for size in p.sizes)]

    assert on_sale == [product.handle for product in DEMO.products if "second" in product.tags]
    assert len(on_sale) == 4


def test_three_products_are_nearly_gone_and_two_say_when_they_return():
    left = {
        product.handle: sum(sum(coat.stock) for coat in product.glazes) for product in DEMO.products
    }

    assert [handle for handle, n in left.items() if n == 0] == [
        "windowsill-planter",
        "doorway-vase",
    ]
    assert sorted(n for n in left.values() if 0 < n <= 3) == [1, 2, 3]
    for product in DEMO.products:
        assert ("Next firing" in product.facts) == (left[product.handle] == 0)


def test_every_product_is_in_a_collection_of_its_kind():
    kinds = [entry for entry in DEMO.collections if entry.products]

    for product in DEMO.products:
        assert any(entry.holds(product) for entry in kinds), product.handle


@pytest.mark.parametrize("columns", [2, 3, 4])
def test_neighbors_in_the_usual_order_stand_on_different_grounds(columns: int):
    alike = {"lemon": "bright yellow"}
    grounds = [alike.get(p.glazes[0].ground, p.glazes[0].ground) for p in DEMO.products]

    for place, ground in enumerate(grounds):
        if (place + 1) % columns and place + 1 < len(grounds):
            assert grounds[place + 1] != ground, DEMO.products[place].handle
        if place + columns < len(grounds):
            assert grounds[place + columns] != ground, DEMO.products[place].handle


def test_descriptions_of_pictures_differ_and_are_filled_in():
    alts = [p.picture_alt(coat) for p in DEMO.products for coat in p.glazes]
    alts += [view.alt for product in DEMO.products for view in product.views]

    assert len(alts) == len(set(alts))
    assert not any("{" in alt or len(alt) > 160 for alt in alts)


def test_great_britain_and_the_union_have_delivery_and_tax():
    delivered = {country for zone in DEMO.shipping_zones for country in zone.countries}

    assert delivered == {"GB", "US", "*"} | EU
    assert DEMO.vat.keys() == {"GB", "US", "*"} | EU
    assert (DEMO.vat["GB"], DEMO.vat["US"], DEMO.vat["*"]) == (20, 0, 0)


def test_pages_and_articles_have_a_title_a_summary_and_links_that_lead_somewhere():
    known = {
        "pages": {page.handle for page in PAGES},
        "collections": {entry.handle for entry in (*DEMO.collections, *DEMO.glaze_collections())},
        "products": {product.handle for product in DEMO.products},
    }

    for page in [*PAGES, *read_journal()]:
        assert page.title
        assert 20 < len(page.summary) <= 160
        for kind, handle in re.findall(r"\]\(/(pages|collections|products)/([a-z-]+)\)", page.body):
            assert handle in known[kind], page.handle


def test_articles_have_a_picture_on_a_known_ground_and_a_description():
    for article in read_journal():
        assert (PICTURES / f"{article.picture}-800.jpg").exists(), article.handle
        assert article.ground in DEMO.grounds
        assert article.alt
        assert article.author

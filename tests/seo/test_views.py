"""Sitemaps, feeds, JSON and the small files with fixed names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from shop.catalog.models import Collection, CollectionProduct, Product
from shop.clock import now
from shop.content.models import Article, Page
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders
from shop.seo import queries
from shop.seo.feed import is_gtin
from tests.factories import (
    make_currency,
    make_image,
    make_price,
    make_product,
    make_rates,
    make_store,
    variants_of,
)
from tests.pages import read
from tests.theme.looks import show

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"
G = "{http://base.google.com/ns/1.0}"


def xml(client: FlaskClient, path: str) -> ElementTree.Element:
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert "max-age" in answer.headers["Cache-Control"]
    return ElementTree.fromstring(answer.data)  # noqa: S314 - our own


def addresses(client: FlaskClient, path: str) -> list[str]:
    return [found.text or "" for found in xml(client, path).iter(f"{MAP}loc")]


def all_addresses(client: FlaskClient) -> list[str]:
    files = addresses(client, "/sitemap.xml")
    return [found for file in files for found in addresses(client, file)]


def make_collection(*products: Product, handle: str = "table") -> Collection:
    collection = Collection(handle=handle, title=handle.title(), summary="All of it.")
    db.session.add(collection)
    db.session.flush()
    for position, product in enumerate(products, start=1):
        db.session.add(
            CollectionProduct(collection_id=collection.id, product_id=product.id, position=position)
        )
    db.session.flush()
    return collection


# Sitemaps


def test_the_sitemap_names_everything_that_can_be_seen_and_nothing_else(
    client: FlaskClient,
) -> None:
    make_collection(make_product(handle="mug"))
    make_product(handle="draft", published=False)
    db.session.add_all(
        [
            Page(handle="delivery", title="Delivery"),
            Page(handle="hidden", title="Hidden", is_published=False),
            Article(handle="first", title="First", published_at=now()),
            Article(handle="soon", title="Soon", published_at=now() + timedelta(days=1)),
            Article(handle="never", title="Never", published_at=None),
        ]
    )

    found = all_addresses(client)

    assert sorted(found) == [
        "http://localhost/",
        "http://localhost/blogs/journal",
        "http://localhost/blogs/journal/first",
        "http://localhost/collections/table",
        "http://localhost/pages/contact",
        "http://localhost/pages/delivery",
        "http://localhost/products",
        "http://localhost/products/mug",
    ]


def test_a_file_of_the_sitemap_never_holds_more_than_the_protocol_allows(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "URLS_PER_FILE", 3)
    monkeypatch.setattr(queries, "CHUNK", 2)
    handles = [make_product().handle for _ in range(8)]

    files = [path for path in addresses(client, "/sitemap.xml") if "products" in path]

    found = [addresses(client, path) for path in files]
    assert all(len(part) <= 3 for part in found)
    assert [path.rpartition("/")[2] for part in found for path in part] == handles


def test_a_sitemaps_entry_tells_its_change_and_its_picture(client: FlaskClient) -> None:
    product = make_product(handle="crème")
    make_image(product, file="mug")

    root = xml(client, f"/sitemap-products-{-(-product.id // queries.URLS_PER_FILE)}.xml")

    (entry,) = root
    assert entry.findtext(f"{MAP}loc") == "http://localhost/products/cr%C3%A8me"
    assert entry.findtext(f"{MAP}lastmod") == product.updated_at.date().isoformat()
    assert entry.findtext(f"{IMAGE}image/{IMAGE}loc") == "http://localhost/media/mug-800.jpg"


@pytest.mark.parametrize("name", ["products-0", "products-999", "nothing-1", "products-x"])
def test_there_is_no_other_file(client: FlaskClient, name: str) -> None:
    assert client.get(f"/sitemap-{name}.xml").status_code == 404


def test_robots_txt_names_the_sitemap_and_closes_what_is_personal(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text

    assert "Sitemap: http://localhost/sitemap.xml" in text.splitlines()
    assert "Disallow: /checkout" in text.splitlines()
    assert "Disallow: /products" not in text


# The product feed


def items(client: FlaskClient, path: str = "/feeds/products.xml") -> list[ElementTree.Element]:
    return list(xml(client, path).iter("item"))


def test_the_feed_has_an_item_for_each_variant(client: FlaskClient) -> None:
    make_store(name="Fettle")
    make_rates(shipping=450, free_from=6000)
    product = make_product(
        "Mug & cup",
        handle="mug",
        options={"Size": ["Small", "Large"]},
        description="<p>Blue.</p><p>Deep \x0b blue.</p><script>x</script>",
        product_type="Mugs",
    )
    small, large = variants_of(product)
    small.sku, small.barcode = "FT-S", "4006381333931"
    large.sku, large.unit_amount, large.compare_at_amount = None, 6500, 8000
    large.weight_grams = 400
    own = make_image(product, file="mug-small")
    other = make_image(product, file="mug-large")
    small.image_id, large.image_id = own.id, other.id
    make_product(handle="draft", published=False)

    first, second = items(client)

    assert {field.tag.removeprefix(G): field.text for field in first if len(field) == 0} == {
        "id": str(small.id),
        "title": "Mug & cup - Small",
        "item_group_id": str(product.id),
        "description": "Blue. Deep blue.",
        "link": "http://localhost/products/mug?size=small",
        "image_link": "http://localhost/media/mug-small-800.jpg",
        "additional_image_link": "http://localhost/media/mug-large-800.jpg",
        "availability": "in_stock",
        "price": "34.00 GBP",
        "condition": "new",
        "brand": "Fettle",
        "gtin": "4006381333931",
        "mpn": "FT-S",
        "product_type": "Mugs",
        "size": "Small",
    }
    assert first.findtext(f"{G}shipping/{G}price") == "4.50 GBP"
    assert second.findtext(f"{G}price") == "80.00 GBP"
    assert second.findtext(f"{G}sale_price") == "65.00 GBP"
    assert second.findtext(f"{G}image_link") == "http://localhost/media/mug-large-800.jpg"
    assert second.findtext(f"{G}identifier_exists") == "no"
    assert second.findtext(f"{G}shipping_weight") == "400 g"
    assert second.findtext(f"{G}shipping/{G}price") == "0.00 GBP"


@pytest.mark.parametrize(
    ("kind", "promised_on", "on_hand", "told"),
    [
        (Backorders.BACKORDER, date(2099, 5, 1), 0, ("backorder", "2099-05-01T00:00Z")),
        (Backorders.PREORDER, date(2099, 5, 1), 0, ("preorder", "2099-05-01T00:00Z")),
        (Backorders.PREORDER, date(2099, 5, 1), 2, ("in_stock", None)),
        # The specification takes neither without a day.
        (Backorders.BACKORDER, None, 0, ("out_of_stock", None)),
        (Backorders.PREORDER, date(2020, 5, 1), 0, ("out_of_stock", None)),
    ],
)
def test_the_feed_tells_what_is_sold_before_it_is_here(
    client: FlaskClient, kind: Backorders, promised_on: date | None, on_hand: int,
    told: tuple[str, str | None],
) -> None:  # fmt: skip
    make_store()
    (variant,) = variants_of(make_product(handle="mug", on_hand=on_hand))
    inventory.set_backorders(variant.id, kind, limit=3, promised_on=promised_on, by=None)

    (item,) = items(client)

    assert item.findtext(f"{G}availability") == told[0]
    assert item.findtext(f"{G}availability_date") == told[1]


def test_there_is_a_feed_for_each_currency(client: FlaskClient) -> None:
    """34.00 pounds and 4.50 to send, at 1.2; a typed price stands as it was typed."""
    make_store()
    make_rates()
    make_currency("EUR", "1.2")
    mug = variants_of(make_product(handle="mug"))[0]
    jug = variants_of(make_product(handle="jug", unit_amount=5000))[0]
    make_price(jug, "EUR", 5500, 6500)

    first, second = items(client, "/feeds/products-EUR.xml")

    assert first.findtext(f"{G}id") == str(mug.id)
    assert first.findtext(f"{G}price") == "40.80 EUR"
    assert first.findtext(f"{G}shipping/{G}price") == "5.40 EUR"
    assert first.findtext(f"{G}link") == "http://localhost/products/mug?currency=EUR"
    assert second.findtext(f"{G}price") == "65.00 EUR"
    assert second.findtext(f"{G}sale_price") == "55.00 EUR"
    assert items(client)[0].findtext(f"{G}price") == "34.00 GBP"
    assert client.get("/feeds/products-USD.xml").status_code == 404


def test_the_feed_says_what_is_sold_out_and_no_number(client: FlaskClient) -> None:
    make_store()
    make_product(on_hand=0)
    make_product(on_hand=7531)

    text = client.get("/feeds/products.xml").text

    assert text.count("out_of_stock") == 1
    assert "7531" not in text


def test_the_feed_reads_the_catalog_in_parts(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, count_queries: Callable[[], Any]
) -> None:
    monkeypatch.setattr("shop.seo.worker.PART", 2)
    make_store()
    handles = [make_product().handle for _ in range(5)]

    with count_queries() as statements:
        found = items(client)

    links = [item.findtext(f"{G}link") for item in found]
    assert links == [f"http://localhost/products/{handle}" for handle in handles]
    # Three parts of four queries, the end, whether there are few, the store and its rates.
    assert len(statements) == 16


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("4006381333931", True),
        ("96385074", True),
        ("036000291452", True),
        ("4006381333932", False),
        ("400638133393", False),
        ("", False),
        ("٤006381333931", False),
    ],
)
def test_a_gtin_has_a_right_check_digit(text: str, is_one: bool) -> None:
    assert is_gtin(text) is is_one


# JSON


def test_a_product_has_json_beside_its_page(client: FlaskClient) -> None:
    make_store()
    product = make_product(
        "Mug",
        handle="mug",
        options={"Glaze": ["Cobalt", "Milk"]},
        on_hand=7531,
        tags=["Blue", "Mug"],
        description="<p>Blue</p><script>x</script>",
    )
    make_image(product, file="mug", alt="A mug")

    answer = client.get("/products/mug.json")

    node = answer.get_json()["product"]
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert (node["id"], node["title"], node["handle"]) == (product.id, "Mug", "mug")
    assert node["body_html"] == "<p>Blue</p>"
    assert node["tags"] == "Blue, Mug"
    assert [row["title"] for row in node["variants"]] == ["Cobalt", "Milk"]
    assert [(row["price"], row["compare_at_price"]) for row in node["variants"]] == [
        ("34.00", None),
        ("34.00", None),
    ]
    assert [row["available"] for row in node["variants"]] == [True, True]
    assert node["options"] == [{"name": "Glaze", "position": 1, "values": ["Cobalt", "Milk"]}]
    assert node["image"]["src"] == "http://localhost/media/mug-800.jpg"
    assert "7531" not in answer.text


def test_a_product_without_options_has_the_usual_title(client: FlaskClient) -> None:
    make_store()
    make_product("Mug", handle="mug")

    node = client.get("/products/mug.json").get_json()["product"]

    assert node["variants"][0]["title"] == "Default Title"
    assert node["options"] == [{"name": "Title", "position": 1, "values": ["Default Title"]}]


def test_a_collection_has_json_with_its_products(client: FlaskClient) -> None:
    make_store()
    draft = make_product(published=False)
    make_collection(make_product(handle="one"), make_product(handle="two"), draft)

    node = client.get("/collections/table.json").get_json()["collection"]
    listed = client.get("/collections/table/products.json").get_json()["products"]

    assert (node["title"], node["products_count"]) == ("Table", 2)
    assert {row["handle"] for row in listed} == {"one", "two"}
    assert listed[0]["tags"] == []


def test_a_collection_has_what_the_collections_in_it_have(client: FlaskClient) -> None:
    make_store()
    table = make_collection(make_product(handle="one"))
    bowls = Collection(handle="bowls", title="Bowls", parent_id=table.id)
    db.session.add(bowls)
    db.session.flush()
    bowl = make_product(handle="bowl")
    db.session.add(CollectionProduct(collection_id=bowls.id, product_id=bowl.id))

    node = client.get("/collections/table.json").get_json()["collection"]
    listed = client.get("/collections/table/products.json").get_json()["products"]

    assert node["products_count"] == 2
    assert {row["handle"] for row in listed} == {"one", "bowl"}


def test_json_lists_are_paged_in_a_fixed_number_of_queries(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    make_store()
    for _ in range(5):
        make_product()

    with count_queries() as statements:
        first = client.get("/products.json?limit=3").get_json()["products"]
    second = client.get("/products.json?limit=3&page=2").get_json()["products"]
    third = client.get("/products.json?limit=3&page=3").get_json()["products"]

    assert (len(first), len(second), len(third)) == (3, 2, 0)
    assert len({row["id"] for row in first + second}) == 5
    assert len(statements) == 7


@pytest.mark.parametrize("limit", ["0", "251", "x", "-1", "٣", "9999999999"])
def test_a_limit_that_is_none_is_refused_in_words(client: FlaskClient, limit: str) -> None:
    answer = client.get("/products.json", query_string={"limit": limit})

    assert answer.status_code == 400
    assert answer.get_json()["error"]["message"] == "limit is a whole number from 1 to 250."


@pytest.mark.parametrize(
    "path", ["/products/none.json", "/collections/none.json", "/collections/none/products.json"]
)
def test_json_that_is_not_there_says_so_in_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "*/*"})

    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == 404


def test_a_draft_has_no_json(client: FlaskClient) -> None:
    make_product(handle="draft", published=False)

    assert client.get("/products/draft.json").status_code == 404


# Other addresses


def test_a_product_below_a_collection_leads_to_its_one_address(client: FlaskClient) -> None:
    answer = client.get("/collections/table/products/mug?glaze=milk")

    assert (answer.status_code, answer.location) == (301, "/products/mug?glaze=milk")


@pytest.mark.parametrize("path", ["/favicon.ico", "/apple-touch-icon.png"])
def test_icons_are_where_browsers_look_for_them(client: FlaskClient, path: str) -> None:
    show(look={"has_mark": True})

    with client.get(path, follow_redirects=True) as answer:
        assert answer.status_code == 200
        assert answer.mimetype.startswith("image/")


def test_a_shop_without_an_icon_has_the_first_letter_of_its_name(client: FlaskClient) -> None:
    make_store(name="«östlich»")

    icon = client.get("/favicon.svg")

    assert (icon.status_code, icon.mimetype) == (200, "image/svg+xml")
    assert ">Ö</text>" in icon.text
    assert 'href="/favicon.svg"' in client.get("/").text
    assert client.get("/favicon.ico").location == "/favicon.svg"
    assert client.get("/apple-touch-icon.png").status_code == 404


def test_an_uploaded_icon_is_the_one_everywhere(client: FlaskClient) -> None:
    show(look={"icon": {"file": "ab12", "width": 512, "height": 512}})

    assert client.get("/favicon.ico").location == "/media/ab12-400.webp"
    assert client.get("/apple-touch-icon.png").location == "/media/ab12-800.jpg"
    (icon, _larger) = client.get("/site.webmanifest").get_json()["icons"]
    assert icon == {"src": "/media/ab12-400.webp", "sizes": "any", "type": "image/webp"}
    page = read(client.get("/").text)
    assert page.having("link", rel="icon", href="/media/ab12-400.webp", type="image/webp")
    assert page.having("link", rel="apple-touch-icon", href="/media/ab12-800.jpg")


def test_a_page_names_the_icons_of_the_mark(client: FlaskClient) -> None:
    show(look={"has_mark": True})

    page = read(client.get("/").text)

    links = [*page.having("link", rel="icon"), *page.having("link", rel="apple-touch-icon")]
    assert [link.get("sizes") for link in links] == ["32x32", None, None]
    for link in links:
        with client.get(link["href"]) as picture:
            assert (picture.status_code, picture.mimetype[:6]) == (200, "image/")


@pytest.mark.parametrize("has_mark", [True, False])
def test_the_manifest_names_the_shop_and_its_icons(client: FlaskClient, *, has_mark: bool) -> None:
    make_store(name="Fettle")
    show(look={"has_mark": has_mark})

    answer = client.get("/site.webmanifest")

    assert answer.mimetype == "application/manifest+json"
    assert answer.get_json()["name"] == "Fettle"
    for icon in answer.get_json()["icons"]:
        with client.get(icon["src"]) as picture:
            assert picture.status_code == 200


def test_whom_to_tell_of_a_weakness_is_known_once_the_shop_has_an_address(
    client: FlaskClient,
) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404

    make_store(contact_email="hello@fettle.example")

    text = client.get("/.well-known/security.txt").text
    assert "Contact: mailto:hello@fettle.example" in text
    assert "Expires: " in text

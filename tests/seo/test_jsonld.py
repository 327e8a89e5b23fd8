"""What pages tell machines, read from the pages as they are served."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.catalog.models import Collection, CollectionProduct, Product, ProductImage
from shop.extensions import db
from shop.inventory import service as inventory
from shop.inventory.models import Backorders
from shop.pricing.shipping import Basis
from shop.reviews.models import Review, ReviewStatus
from shop.seo import jsonld
from tests.content.test_views import make_page
from tests.factories import (
    make_image,
    make_order,
    make_product,
    make_rates,
    make_store,
    make_variant,
    variants_of,
)
from tests.pages import read
from tests.seo.data import data_of
from tests.theme.looks import show


def make_mug(**values: Any) -> None:
    product = make_product(
        "Tuesday mug",
        handle="tuesday-mug",
        options={"Glaze": ["Cobalt", "Milk & honey"]},
        vendor="Fettle",
        **values,
    )
    cobalt, milk = variants_of(product)
    cobalt.sku, milk.sku, milk.unit_amount = "FT-MUG-COB", None, 2999
    image = make_image(product, file="mug", alt="A mug", width=800, height=1000)
    db.session.add(ProductImage(product_id=product.id, source_url="https://x.example/a.jpg"))
    assert image.id


def test_a_product_of_several_variants_is_a_group_of_them(client: FlaskClient) -> None:
    make_store(name="Fettle")
    make_mug(summary="A mug.")

    html = client.get("/products/tuesday-mug").text

    (group,) = data_of(html, "ProductGroup")
    assert data_of(html, "Product") == []
    assert group["@context"] == "https://schema.org"
    assert group["name"] == "Tuesday mug"
    assert group["description"] == "A mug."
    assert group["url"] == "http://localhost/products/tuesday-mug"
    assert group["image"] == ["http://localhost/media/mug-800.jpg"]
    assert group["brand"] == {"@type": "Brand", "name": "Fettle"}
    assert {"offers", "sku", "aggregateRating", "review", "variesBy"} & group.keys() == set()
    cobalt, milk = group["hasVariant"]
    assert cobalt == {
        "@type": "Product",
        "name": "Tuesday mug - Cobalt",
        "url": "http://localhost/products/tuesday-mug?glaze=cobalt",
        "sku": "FT-MUG-COB",
        "image": "http://localhost/media/mug-800.jpg",
        "offers": {
            "@type": "Offer",
            "url": "http://localhost/products/tuesday-mug?glaze=cobalt",
            "price": "34.00",
            "priceCurrency": "GBP",
            "availability": "https://schema.org/InStock",
            "itemCondition": "https://schema.org/NewCondition",
            "seller": {"@type": "Organization", "name": "Fettle"},
        },
    }
    assert (milk["offers"]["price"], milk["url"][-20:]) == ("29.99", "mug?glaze=milk-honey")
    assert "sku" not in milk


def test_a_group_is_known_by_what_the_feed_calls_it(client: FlaskClient) -> None:
    make_store()
    make_mug()

    (group,) = data_of(client.get("/products/tuesday-mug").text, "ProductGroup")

    feed = client.get("/feeds/products.xml").text
    assert f"<g:item_group_id>{group['productGroupID']}</g:item_group_id>" in feed


def test_variants_tell_how_they_differ_where_there_is_a_word_for_it(client: FlaskClient) -> None:
    make_store()
    shirt = make_product(
        "Shirt",
        handle="shirt",
        options={"Farbe": ["Blue", "Red"], "Größe": ["M"], "Cut": ["Slim"]},
    )
    blue, red = variants_of(shirt)
    make_image(shirt, file="front")
    own = make_image(shirt, file="red")
    red.image_id, red.barcode, blue.barcode = own.id, "4006381333931", "1"
    db.session.flush()

    (group,) = data_of(client.get("/products/shirt").text, "ProductGroup")

    assert group["variesBy"] == ["https://schema.org/color", "https://schema.org/size"]
    first, second = group["hasVariant"]
    assert (first["color"], first["size"], first["name"]) == (
        "Blue",
        "M",
        "Shirt - Blue / M / Slim",
    )
    assert (second["color"], second["gtin"]) == ("Red", "4006381333931")
    assert "gtin" not in first
    assert first["image"] == "http://localhost/media/front-800.jpg"
    assert second["image"] == "http://localhost/media/red-800.jpg"


def test_options_that_mean_the_same_are_told_as_one(client: FlaskClient) -> None:
    make_store()
    make_product(
        "Mug",
        handle="mug",
        options={"Colour": ["Blue", "Red"], "Farbe": ["Matt"], "Size": ["M"]},
    )

    (group,) = data_of(client.get("/products/mug").text, "ProductGroup")

    assert group["variesBy"] == ["https://schema.org/color", "https://schema.org/size"]
    assert [(each["color"], each["size"]) for each in group["hasVariant"]] == [
        ("Blue/Matt", "M"),
        ("Red/Matt", "M"),
    ]
    feed = client.get("/feeds/products.xml").text
    assert feed.count("<g:color>") == 2
    assert "<g:color>Blue/Matt</g:color>" in feed


def test_one_variant_with_options_is_a_product(client: FlaskClient) -> None:
    make_store()
    make_product("Shirt", handle="shirt", options={"Color": ["Blue"]})

    html = client.get("/products/shirt").text

    (product,) = data_of(html, "Product")
    assert data_of(html, "ProductGroup") == []
    assert product["offers"]["url"] == "http://localhost/products/shirt?color=blue"


def test_a_hundred_variants_leave_the_page_light(client: FlaskClient) -> None:
    make_store()
    colors, sizes = [f"Color {n}" for n in range(11)], [f"Size {n}" for n in range(10)]
    shirt = make_product("Shirt", handle="shirt", options={"Color": colors, "Size": sizes})
    for n, variant in enumerate(variants_of(shirt)):
        variant.sku, variant.barcode = f"SHIRT-{n * 7919 % 997:03}", _trade_number(n * 104729)
    db.session.flush()

    html = client.get("/products/shirt").text

    (group,) = data_of(html, "ProductGroup")
    assert len(group["hasVariant"]) == jsonld.MAX_VARIANTS == 100
    assert all("gtin" in variant for variant in group["hasVariant"])
    without = html.replace(str(jsonld.script(group)), "")
    assert len(without) < len(html)
    assert len(gzip.compress(html.encode())) - len(gzip.compress(without.encode())) < 4096


def _trade_number(number: int) -> str:
    digits = f"{number:012}"
    total = sum(int(digit) * (1 if i % 2 else 3) for i, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def test_a_barcode_is_told_where_it_is_a_trade_number(client: FlaskClient) -> None:
    make_store()
    mug, bowl = make_product(handle="mug"), make_product(handle="bowl")
    variants_of(mug)[0].barcode = "4006381333931"
    variants_of(bowl)[0].barcode = "4006381333932"  # its last digit is wrong

    (told,) = data_of(client.get("/products/mug").text, "Product")
    (untold,) = data_of(client.get("/products/bowl").text, "Product")

    assert told["gtin"] == "4006381333931"
    assert "gtin" not in untold


def test_a_rated_product_tells_its_rating(client: FlaskClient) -> None:
    make_store()
    make_product("Mug", handle="mug", rating_count=3, rating_sum=14)

    (product,) = data_of(client.get("/products/mug").text, "Product")

    assert product["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": 4.67,
        "reviewCount": 3,
    }


def test_reviews_with_a_name_are_told(client: FlaskClient) -> None:
    make_store()
    product = make_product(
        "Mug", handle="mug", options={"Color": ["Blue", "Red"]}, rating_count=2, rating_sum=9
    )
    published = {"status": ReviewStatus.PUBLISHED, "published_at": datetime(2026, 5, 1, tzinfo=UTC)}
    for values in (
        {"rating": 4, "title": "Good", "text": "Holds tea.", "name": "Ann", **published},
        {"rating": 5, "text": "Nobody's words.", **published},
        {"rating": 1, "text": "Not yet read.", "name": "Bo"},
    ):
        db.session.add(Review(product_id=product.id, is_verified=False, **values))

    (group,) = data_of(client.get("/products/mug").text, "ProductGroup")

    assert group["review"] == [
        {
            "@type": "Review",
            "author": {"@type": "Person", "name": "Ann"},
            "datePublished": "2026-05-01",
            "reviewRating": {"@type": "Rating", "ratingValue": 4},
            "reviewBody": "Holds tea.",
            "name": "Good",
        }
    ]
    assert group["aggregateRating"]["reviewCount"] == 2


def test_every_offers_address_shows_that_variant(client: FlaskClient) -> None:
    make_store()
    make_mug()

    (group,) = data_of(client.get("/products/tuesday-mug").text, "ProductGroup")

    shown = [client.get(variant["offers"]["url"]).text for variant in group["hasVariant"]]
    assert "£34.00" in shown[0]
    assert "£29.99" in shown[1]


def test_what_is_sold_out_says_so(client: FlaskClient) -> None:
    make_store()
    make_product("Mug", handle="mug", on_hand=0)

    (product,) = data_of(client.get("/products/mug").text, "Product")

    assert product["offers"]["availability"] == "https://schema.org/OutOfStock"


@pytest.mark.parametrize(
    ("kind", "promised_on", "on_hand", "told"),
    [
        (Backorders.BACKORDER, date(2099, 5, 1), 0, ("BackOrder", "2099-05-01")),
        (Backorders.PREORDER, date(2099, 5, 1), 0, ("PreOrder", "2099-05-01")),
        (Backorders.PREORDER, None, 0, ("PreOrder", None)),
        (Backorders.BACKORDER, date(2020, 5, 1), 0, ("BackOrder", None)),
        (Backorders.PREORDER, date(2099, 5, 1), 2, ("InStock", None)),
    ],
)
def test_what_is_sold_before_it_is_here_says_so(
    client: FlaskClient, kind: Backorders, promised_on: date | None, on_hand: int,
    told: tuple[str, str | None],
) -> None:  # fmt: skip
    make_store()
    (variant,) = variants_of(make_product("Mug", handle="mug", on_hand=on_hand))
    inventory.set_backorders(variant.id, kind, limit=3, promised_on=promised_on, by=None)

    (product,) = data_of(client.get("/products/mug").text, "Product")

    offer = product["offers"]
    assert offer["availability"] == f"https://schema.org/{told[0]}"
    assert offer.get("availabilityStarts") == told[1]


def test_a_back_order_whose_limit_is_reached_is_sold_out(client: FlaskClient) -> None:
    make_store()
    (variant,) = variants_of(make_product("Mug", handle="mug", on_hand=0))
    inventory.set_backorders(variant.id, Backorders.BACKORDER, limit=2, promised_on=None, by=None)
    make_order(variant, quantity=2, backordered=2, paid=True)

    (product,) = data_of(client.get("/products/mug").text, "Product")

    assert product["offers"]["availability"] == "https://schema.org/OutOfStock"


@pytest.mark.parametrize(
    ("currency", "price"), [("GBP", "1234.00"), ("JPY", "123400"), ("KWD", "123.400")]
)
def test_prices_have_the_digits_of_their_currency(
    client: FlaskClient, currency: str, price: str
) -> None:
    make_store(currency=currency)
    make_product("Mug", handle="mug", unit_amount=123400)

    (product,) = data_of(client.get("/products/mug").text, "Product")

    assert product["offers"]["price"] == price


def test_a_script_in_a_title_stays_a_title(client: FlaskClient) -> None:
    make_store()
    title = '</script><script>alert(1)</script><!-- \u2028 & "'
    make_product(title, handle="mug")

    html = client.get("/products/mug").text

    (product,) = data_of(html, "Product")
    assert product["name"] == title
    assert "<script>alert" not in html
    assert "</script><script>" not in jsonld.script(product)


def test_a_reduced_price_is_told_with_the_one_struck_through(client: FlaskClient) -> None:
    make_store()
    product = make_product("Mug", handle="mug", options={"Glaze": ["Milk", "Cobalt"]})
    variants_of(product)[1].compare_at_amount = 4250
    db.session.flush()

    (group,) = data_of(client.get("/products/mug").text, "ProductGroup")

    milk, cobalt = (each["offers"] for each in group["hasVariant"])
    assert "priceSpecification" not in milk
    assert cobalt["price"] == "34.00"
    assert cobalt["priceSpecification"] == {
        "@type": "UnitPriceSpecification",
        "priceType": "https://schema.org/StrikethroughPrice",
        "price": "42.50",
        "priceCurrency": "GBP",
    }


def sent(client: FlaskClient, path: str = "/products/mug") -> list[str | None]:
    """What sending each offer of the page costs; None: untold."""
    html = client.get(path).text
    ways = {each["@id"]: each for each in data_of(html, "OfferShippingDetails")}
    (node,) = data_of(html, "ProductGroup") or data_of(html, "Product")
    offers = [each["offers"] for each in node.get("hasVariant", [node])]
    names = [offer.get("shippingDetails", {}).get("@id") for offer in offers]
    assert ways.keys() == set(names) - {None}
    return [ways[name]["shippingRate"]["value"] if name else None for name in names]


def test_an_offer_tells_what_sending_it_costs_and_how_long_it_takes(client: FlaskClient) -> None:
    make_store(country="GB", handling_days=1)
    rate, _tax = make_rates(shipping=450, free_from=None)
    make_product("Mug", handle="mug")

    (way,) = data_of(client.get("/products/mug").text, "OfferShippingDetails")

    assert way == {
        "@context": "https://schema.org",
        "@type": "OfferShippingDetails",
        "@id": f"#delivery-{rate.id}-450",
        "shippingRate": {"@type": "MonetaryAmount", "value": "4.50", "currency": "GBP"},
        "shippingDestination": {"@type": "DefinedRegion", "addressCountry": "GB"},
        "deliveryTime": {
            "@type": "ShippingDeliveryTime",
            "handlingTime": {
                "@type": "QuantitativeValue", "minValue": 1, "maxValue": 2, "unitCode": "DAY",
            },
            "transitTime": {
                "@type": "QuantitativeValue", "minValue": 2, "maxValue": 3, "unitCode": "DAY",
            },
        },
    }  # fmt: skip
    assert sent(client) == ["4.50"]


def test_variants_that_are_sent_alike_name_one_way(client: FlaskClient) -> None:
    make_store()
    make_rates(shipping=450, free_from=6000)
    product = make_product("Mug", handle="mug", options={"Size": ["S", "M", "L"]})
    variants_of(product)[2].unit_amount = 6000
    db.session.flush()

    assert sent(client) == ["4.50", "4.50", "0.00"]


def test_a_heavy_variant_costs_what_its_weight_costs(client: FlaskClient) -> None:
    make_store()
    rate, _tax = make_rates(shipping=450, free_from=None)
    rate.basis, rate.steps = Basis.WEIGHT, [[2000, 900], [30000, None]]
    product = make_product("Mug", handle="mug", options={"Size": ["S", "M", "L"]})
    for variant, grams in zip(variants_of(product), (500, 2000, 30000), strict=True):
        variant.weight_grams = grams
    db.session.flush()

    assert sent(client) == ["4.50", "9.00", None]


def test_what_is_not_sent_or_not_here_yet_tells_nothing_of_delivery(client: FlaskClient) -> None:
    make_store()
    make_rates()
    mug = make_product("Mug", handle="mug", options={"Size": ["S", "M"]}, on_hand=0)
    download, later = variants_of(mug)
    download.requires_shipping = False
    inventory.set_backorders(later.id, Backorders.PREORDER, limit=3, promised_on=None, by=None)
    make_product("Card", handle="card", is_gift_card=True)
    make_product("Bowl", handle="bowl")
    db.session.flush()

    assert sent(client) == [None, None]
    assert sent(client, "/products/card") == [None]
    assert sent(client, "/products/bowl") == ["4.50"]


def test_what_can_only_be_picked_up_is_not_sent(client: FlaskClient) -> None:
    make_store()
    rate, _tax = make_rates()
    make_product("Mug", handle="mug")
    rate.is_pickup = True
    db.session.flush()

    assert sent(client) == [None]
    assert "<g:shipping>" not in client.get("/feeds/products.xml").text


def test_breadcrumbs_tell_the_way(client: FlaskClient) -> None:
    make_store()
    product = make_product("Mug", handle="mug")
    table = Collection(handle="table", title="Table", is_in_menu=True)
    db.session.add(table)
    db.session.flush()
    db.session.add(CollectionProduct(collection_id=table.id, product_id=product.id))

    (way,) = data_of(client.get("/products/mug").text, "BreadcrumbList")

    assert way["itemListElement"] == [
        {"@type": "ListItem", "position": 1, "name": "Home", "item": "http://localhost/"},
        {
            "@type": "ListItem",
            "position": 2,
            "name": "Table",
            "item": "http://localhost/collections/table",
        },
        {"@type": "ListItem", "position": 3, "name": "Mug"},
    ]


def test_home_tells_of_the_shop_and_its_search(client: FlaskClient) -> None:
    make_store(name="Fettle", legal_name="Fettle Pottery")

    html = client.get("/").text

    (shop,) = data_of(html, "OnlineStore")
    assert (shop["name"], shop["legalName"], shop["url"]) == (
        "Fettle",
        "Fettle Pottery",
        "http://localhost/",
    )
    assert "logo" not in shop
    (site,) = data_of(html, "WebSite")
    target = site["potentialAction"]["target"]["urlTemplate"]
    assert client.get(target.replace("{search_term_string}", "mug")).status_code == 200


def test_the_shop_tells_where_returns_are_explained(client: FlaskClient) -> None:
    make_store()
    assert "hasMerchantReturnPolicy" not in data_of(client.get("/").text, "OnlineStore")[0]
    make_page("returns", title="Returns")

    (shop,) = data_of(client.get("/").text, "OnlineStore")

    assert shop["hasMerchantReturnPolicy"] == {
        "@type": "MerchantReturnPolicy",
        "merchantReturnLink": "http://localhost/pages/returns",
    }


def test_the_shop_is_told_with_its_mark(client: FlaskClient) -> None:
    make_store()
    show(look={"has_mark": True})

    (shop,) = data_of(client.get("/").text, "OnlineStore")

    with client.get(shop["logo"]) as logo:
        assert logo.status_code == 200


def test_catalogue_pages_may_be_found_and_others_not(client: FlaskClient) -> None:
    make_store()
    make_product("Mug", handle="mug")

    for path in ("/", "/products", "/products/mug", "/blogs/journal"):
        page = read(client.get(path).text)
        assert not page.having("meta", name="robots", content="noindex"), path
        (canonical,) = page.having("link", rel="canonical")
        assert canonical["href"] == f"http://localhost{path}"
        assert page.having("meta", property="og:url", content=canonical["href"])
        assert len(page.having("meta", property="og:title")) == 1
        assert page.having("meta", name="twitter:card")
    for path in ("/search?q=mug", "/cart"):
        page = read(client.get(path).text)
        assert page.having("meta", name="robots", content="noindex"), path


def test_a_variants_page_names_the_products_as_the_one_to_index(client: FlaskClient) -> None:
    make_store()
    make_mug()

    page = read(client.get("/products/tuesday-mug?glaze=milk-honey&utm_source=x").text)

    assert page.having("link", rel="canonical", href="http://localhost/products/tuesday-mug")


def test_a_preview_names_the_pictures_size(client: FlaskClient) -> None:
    make_store()
    make_mug()

    page = read(client.get("/products/tuesday-mug").text)

    found = {
        item["property"]: item["content"] for item in page.having("meta") if "property" in item
    }
    assert found["og:image"] == "http://localhost/media/mug-800.jpg"
    assert (found["og:image:width"], found["og:image:height"]) == ("800", "1000")
    assert found["og:image:alt"] == "A mug"


def test_a_preview_of_a_list_shows_its_own_picture_or_else_its_first_products(
    client: FlaskClient,
) -> None:
    make_store()
    make_mug()
    shelf = Collection(handle="mugs", title="Mugs")
    db.session.add(shelf)
    db.session.flush()
    mug = db.session.scalars(sa.select(Product)).one()
    db.session.add(CollectionProduct(collection_id=shelf.id, product_id=mug.id, position=0))
    db.session.flush()

    shown = [preview_of(client, "/products"), preview_of(client, "/collections/mugs")]
    shelf.file = "shelf"
    db.session.flush()

    assert shown == ["http://localhost/media/mug-800.jpg"] * 2
    assert preview_of(client, "/collections/mugs") == "http://localhost/media/shelf-800.jpg"


def test_a_preview_of_a_page_without_a_picture_shows_what_stands_for_the_shop(
    client: FlaskClient,
) -> None:
    make_page(handle="about")
    assert preview_of(client, "/pages/about") is None

    version = show(look={"icon": {"file": "sign", "width": 512, "height": 512}})
    assert preview_of(client, "/pages/about") == "http://localhost/media/sign-800.jpg"
    assert preview_of(client, "/products") == "http://localhost/media/sign-800.jpg"

    version.look = version.look | {"logo": {"file": "name", "width": 900, "height": 300}}
    db.session.flush()
    assert preview_of(client, "/pages/about") == "http://localhost/media/name-800.jpg"


def preview_of(client: FlaskClient, path: str) -> str | None:
    found = read(client.get(path).text).having("meta", property="og:image")
    return found[0]["content"] if found else None


def test_every_block_on_a_page_is_json(client: FlaskClient) -> None:
    make_store()
    make_variant()

    html = client.get("/").text

    blocks = [part.split("</script>")[0] for part in html.split('ld+json">')[1:]]
    assert blocks
    for block in blocks:
        json.loads(block)

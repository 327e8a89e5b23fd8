"""What pages tell machines about themselves, in schema.org's words. Values in, dicts out.

Source: schema.org, and what Google Search Central asks for: Product snippet, merchant listing and
product variants, return policy, Breadcrumb, Article, FAQPage, Organization, WebSite.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urljoin

from markupsafe import Markup

from shop.catalog.options import Choosable, queries_of
from shop.catalog.product_page import ProductPage, VariantRow
from shop.catalog.queries import Picture
from shop.inventory.models import Backorders
from shop.inventory.queries import NOTHING, Availability
from shop.money import plain_amount
from shop.reviews.queries import ProductReviews, PublishedReview
from shop.seo.delivery import Delivery
from shop.seo.feed import by_field, field_of, is_gtin
from shop.seo.words import plain_text

CONTEXT = "https://schema.org"
MAX_DESCRIPTION = 5000
MAX_IMAGES = 8
#: A hundred weigh some 2 KB of a page, compressed; the feed tells all.
MAX_VARIANTS = 100
#: Width of the JPEG that every reader understands.
IMAGE_WIDTH = 800

Node = dict[str, Any]


class ArticleText(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def picture(self) -> Picture | None: ...
    @property
    def published_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...


def script(*nodes: Node) -> Markup:
    """A data block for a page. Nothing in it can end the element, nor begin a comment in it."""
    data = nodes[0] if len(nodes) == 1 else list(nodes)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup('<script type="application/ld+json">' + text + "</script>")  # noqa: S704 - escaped


def product(
    page: ProductPage,
    stock: Mapping[int, Availability],
    reviews: ProductReviews | None,
    delivery: Delivery,
    *,
    today: date,
    site_url: str,
    seller: str,
) -> list[Node]:
    """A `Product`, or of several variants a `ProductGroup`, known by the feed's `item_group_id`;
    behind it what its offers name: how they are sent.

    `stock`: by variant. `today`: by the shop's clock; a promised day that is over is untold.
    """
    address = site_url + quote(page.url)
    offers = _offers(page, stock, address, seller, today)
    sent = _sent(page, stock, delivery, offers)
    node: Node = {
        "@context": CONTEXT,
        "@id": f"{address}#product",
        "name": page.title,
        "url": address,
        "brand": {"@type": "Brand", "name": page.vendor or seller},
    }
    if description := page.summary or plain_text(page.description):
        node["description"] = description[:MAX_DESCRIPTION]
    if images := [image_url(picture, site_url) for picture in page.images.values() if picture.file]:
        node["image"] = images[:MAX_IMAGES]
    if page.product_type:
        node["category"] = page.product_type
    if len(page.variants) > 1:
        node |= _group(page, offers, site_url)
    else:
        node |= {"@type": "Product", "offers": offers[0]} | _codes(page.variants[0])
    if page.rating is not None:
        node["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(page.rating.average, 2),
            "reviewCount": page.rating.count,
        }
    if told := [_review(each) for each in reviews.newest if each.name] if reviews else []:
        node["review"] = told
    return [node, *sent]


def breadcrumbs(items: Sequence[tuple[str, str]], *, site_url: str) -> Node:
    """`items`: words and path; the last, with no path, is the page itself."""
    return {
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": words}
            | ({"item": site_url + quote(path)} if path else {})
            for position, (words, path) in enumerate(items, start=1)
        ],
    }


def organization(
    name: str, *, site_url: str, email: str, legal_name: str, logo: str, returns: str
) -> Node:
    """`logo`, `returns`: paths of a picture and of the page about returns, empty without one."""
    node: Node = {
        "@context": CONTEXT,
        "@type": "OnlineStore",
        "@id": f"{site_url}/#organization",
        "name": name,
        "url": f"{site_url}/",
    }
    if logo:
        node["logo"] = urljoin(f"{site_url}/", logo)
    if legal_name:
        node["legalName"] = legal_name
    if email:
        node["email"] = email
    if returns:
        # The days and costs of it are the page's words: of a policy a link alone is enough.
        link = site_url + quote(returns)
        node["hasMerchantReturnPolicy"] = {
            "@type": "MerchantReturnPolicy",
            "merchantReturnLink": link,
        }
    return node


def website(name: str, *, site_url: str) -> Node:
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "@id": f"{site_url}/#website",
        "name": name,
        "url": f"{site_url}/",
        "publisher": {"@id": f"{site_url}/#organization"},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{site_url}/search?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }


def faq(questions: Sequence[tuple[str, str]]) -> Node:
    """`questions`: each with its answer as HTML."""
    return {
        "@context": CONTEXT,
        "@type": "FAQPage",
        "mainEntity": [
            {
                "@type": "Question",
                "name": question,
                "acceptedAnswer": {"@type": "Answer", "text": answer},
            }
            for question, answer in questions
        ],
    }


def article(text: ArticleText, *, site_url: str, publisher: str) -> Node:
    address = site_url + quote(text.url)
    node: Node = {
        "@context": CONTEXT,
        "@type": "BlogPosting",
        "@id": f"{address}#article",
        "headline": text.title,
        "url": address,
        "mainEntityOfPage": address,
        "datePublished": text.published_at.isoformat(),
        "dateModified": max(text.updated_at, text.published_at).isoformat(),
        "author": {"@type": "Person", "name": text.author}
        if text.author
        else {"@type": "Organization", "name": publisher},
        "publisher": {"@type": "Organization", "name": publisher, "url": f"{site_url}/"},
    }
    if text.summary:
        node["description"] = text.summary
    if text.picture and text.picture.file:
        node["image"] = [image_url(text.picture, site_url)]
    return node


def image_url(picture: Picture, site_url: str) -> str:
    return f"{site_url}/media/{picture.file}-{IMAGE_WIDTH}.jpg"


def _group(page: ProductPage, offers: Sequence[Node], site_url: str) -> Node:
    """What the variants share stands in the group alone, but a picture, which each must have.

    Of how they differ only what schema.org has words for can be told.
    """
    fields = [field_of(name) for name in page.options]
    group: Node = {
        "@type": "ProductGroup",
        "productGroupID": str(page.id),
        "hasVariant": [
            _variant(page, row, fields, offer, site_url)
            for row, offer in zip(page.variants, offers, strict=False)
        ],
    }
    if known := [f"{CONTEXT}/{field}" for field in dict.fromkeys(fields) if field]:
        group["variesBy"] = known
    return group


def _variant(
    page: ProductPage, row: VariantRow, fields: Sequence[str], offer: Node, site_url: str
) -> Node:
    words = " / ".join(value for value in row.values if value)
    node: Node = {
        "@type": "Product",
        "name": f"{page.title} - {words}" if words else page.title,
        "url": offer["url"],
        "offers": offer,
    }
    node |= by_field(fields, row.values)
    if picture := page.images.get(row.image_id or 0) or next(iter(page.images.values()), None):
        node["image"] = image_url(picture, site_url)
    return node | _codes(row)


def _offers(
    page: ProductPage, stock: Mapping[int, Availability], address: str, seller: str, today: date
) -> list[Node]:
    """One for each variant that is told."""
    queries = queries_of(
        page.options, [Choosable(row.id, row.values, is_available=True) for row in page.variants]
    )
    return [
        _offer(row, _with_query(address, queries[row.id]), seller)
        | _availability(stock.get(row.id, NOTHING), today)
        for row in page.variants[:MAX_VARIANTS]
    ]


def _sent(
    page: ProductPage, stock: Mapping[int, Availability], delivery: Delivery, offers: Sequence[Node]
) -> list[Node]:
    """The ways in which the offers are sent, once each; the offers name them. Untold of what is not
    here yet.
    """
    found: dict[str, Node] = {}
    for row, offer in zip(page.variants, offers, strict=False):
        details = None if page.is_gift_card else delivery.details(row)
        if details is not None and not stock.get(row.id, NOTHING).comes_later:
            found[details["@id"]] = {"@context": CONTEXT, **details}
            offer["shippingDetails"] = {"@id": details["@id"]}
    return list(found.values())


def _availability(stock: Availability, today: date) -> Node:
    if not stock.comes_later:
        return {"availability": f"{CONTEXT}/{'InStock' if stock.allows(1) else 'OutOfStock'}"}
    is_preorder = stock.backorders == Backorders.PREORDER
    node: Node = {"availability": f"{CONTEXT}/{'PreOrder' if is_preorder else 'BackOrder'}"}
    if stock.promised_on and stock.promised_on >= today:
        node["availabilityStarts"] = stock.promised_on.isoformat()
    return node


def _offer(row: VariantRow, address: str, seller: str) -> Node:
    offer: Node = {
        "@type": "Offer",
        "url": address,
        "price": plain_amount(row.price),
        "priceCurrency": row.price.currency,
        "itemCondition": f"{CONTEXT}/NewCondition",
        "seller": {"@type": "Organization", "name": seller},
    }
    if row.was is not None:
        offer["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            "priceType": f"{CONTEXT}/StrikethroughPrice",
            "price": plain_amount(row.was),
            "priceCurrency": row.was.currency,
        }
    return offer


def _review(review: PublishedReview) -> Node:
    node: Node = {
        "@type": "Review",
        "author": {"@type": "Person", "name": review.name},
        "datePublished": review.published_at.date().isoformat(),
        "reviewRating": {"@type": "Rating", "ratingValue": review.rating},
        "reviewBody": review.text,
    }
    return node | ({"name": review.title} if review.title else {})


def _codes(row: VariantRow) -> Node:
    codes = {"sku": row.sku, "gtin": row.barcode if is_gtin(row.barcode) else ""}
    return {name: code for name, code in codes.items() if code}


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address

"""The demo shop as catalogue.toml and pages/ describe it, read into values."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec

from shop.catalog.rules import About, Comparison
from shop.content.models import PageKind
from shop.demo import days

FOLDER = Path(__file__).resolve().parent
PICTURES = FOLDER / "pictures"
OPENING_HOUR = time(10, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Store:
    name: str
    legal_name: str
    currency: str
    country: str
    contact_email: str
    tagline: str
    announcement: str
    announcement_url: str
    #: Codes; the first is the shop's own.
    languages: tuple[str, ...]
    stock_display: str
    vendor: str
    clay: str


@dataclass(frozen=True, kw_only=True)
class Firing:
    number: int
    opened_on: date

    @property
    def fact(self) -> str:
        return f"{self.number}, opened {self.opened_on.day} {self.opened_on:%B %Y}"


@dataclass(frozen=True, kw_only=True)
class Glaze:
    name: str
    #: Middle part of its SKUs.
    code: str
    color: str
    note: str
    text: str

    @property
    def handle(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, kw_only=True)
class CollectionEntry:
    """Its products are named, of a firing, with a tag, or those that meet conditions."""

    handle: str
    title: str
    summary: str
    is_in_menu: bool
    picture: str
    products: tuple[str, ...] = ()
    firing: int | None = None
    tag: str | None = None
    #: Handle of the collection it lies in.
    parent: str | None = None
    #: As the rules of the catalog: [about, comparison, value].
    conditions: tuple[tuple[About, Comparison, str | int], ...] = ()

    def holds(self, product: ProductEntry) -> bool:
        is_tagged = self.tag is not None and self.tag in product.tags
        return product.handle in self.products or product.firing == self.firing or is_tagged


@dataclass(frozen=True, kw_only=True)
class Size:
    """Amounts in pence. A product of one size has no name for it."""

    price: int
    grams: int
    name: str = ""
    code: str = ""
    compare_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Coat:
    """A product in one glaze."""

    name: str
    ground: str
    #: On hand by size.
    stock: tuple[int, ...]
    #: When its sold-out sizes come from the kiln.
    back_on: date | None = None
    #: The glaze of a lid or an upper half.
    second: str = ""


@dataclass(frozen=True, kw_only=True)
class View:
    """Another picture of the product's first glaze."""

    name: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class ProductEntry:
    handle: str
    #: First part of its SKUs.
    code: str
    firing: int
    title: str
    summary: str
    description: str
    type: str
    tags: tuple[str, ...]
    facts: dict[str, str]
    #: Description of its pictures, with {glaze} and {second} to be filled in.
    alt: str
    sizes: tuple[Size, ...]
    glazes: tuple[Coat, ...]
    #: How many pots are one.
    pieces: int = 1
    views: tuple[View, ...] = ()

    @property
    def option_names(self) -> list[str]:
        return ["Glaze", "Size"] if self.sizes[0].name else ["Glaze"]

    @property
    def drawing(self) -> str:
        return f"{self.handle}-drawing"

    def picture(self, coat: Coat) -> str:
        return f"{self.handle}-{coat.name.lower()}"

    def picture_alt(self, coat: Coat) -> str:
        described = self.alt.format(glaze=coat.name, second=coat.second)
        article = "an" if coat.ground[0] in "aeiou" else "a"
        return f"{described}, on {article} {coat.ground} ground"

    def view_picture(self, view: View) -> str:
        return f"{self.picture(self.glazes[0])}-{view.name}"


@dataclass(frozen=True, kw_only=True)
class GiftCard:
    handle: str
    code: str
    title: str
    summary: str
    description: str
    type: str
    picture: str
    alt: str
    ground: str
    #: In pence.
    values: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ShippingRateEntry:
    name: str
    amount: int
    #: Working days, fewest and most.
    days: tuple[int, int]
    free_from: int | None = None


@dataclass(frozen=True, kw_only=True)
class ShippingZoneEntry:
    name: str
    countries: tuple[str, ...]
    rates: tuple[ShippingRateEntry, ...]


@dataclass(frozen=True, kw_only=True)
class Demo:
    store: Store
    firings: tuple[Firing, ...]
    #: Hex colors by the name that picture descriptions use.
    grounds: dict[str, str]
    glazes: tuple[Glaze, ...]
    collections: tuple[CollectionEntry, ...]
    products: tuple[ProductEntry, ...]
    gift_card: GiftCard
    shipping_zones: tuple[ShippingZoneEntry, ...]
    #: Percent by country.
    vat: dict[str, float]

    def firing(self, number: int) -> Firing:
        return next(firing for firing in self.firings if firing.number == number)

    def glaze(self, name: str) -> Glaze:
        return next(glaze for glaze in self.glazes if glaze.name == name)

    def sku(self, product: ProductEntry, coat: Coat, size: Size) -> str:
        parts = ["FT", product.code, self.glaze(coat.name).code, size.code]
        return "-".join(part for part in parts if part)

    def published_at(self, product: ProductEntry) -> datetime:
        """When its firing opened; a minute apart, so that the newest stand in the file's order."""
        opened = datetime.combine(self.firing(product.firing).opened_on, OPENING_HOUR)
        return opened - timedelta(minutes=self.products.index(product))

    def glaze_collections(self) -> list[CollectionEntry]:
        return [self._collection_of(glaze) for glaze in self.glazes]

    def _collection_of(self, glaze: Glaze) -> CollectionEntry:
        coats = [
            (product, coat)
            for product in self.products
            for coat in product.glazes
            if coat.name == glaze.name
        ]
        # A pot shown first in this glaze has its most careful picture.
        shown = next((product, coat) for product, coat in coats if coat is product.glazes[0])
        return CollectionEntry(
            handle=glaze.handle,
            title=glaze.name,
            summary=glaze.text,
            is_in_menu=False,
            picture=shown[0].picture(shown[1]),
            conditions=((About.OPTION, Comparison.EQUALS, glaze.name),),
        )


@dataclass(frozen=True, kw_only=True)
class PageEntry:
    handle: str
    title: str
    summary: str
    #: Markdown.
    body: str

    @property
    def kind(self) -> PageKind:
        return _KINDS.get(self.handle, PageKind.TEXT)


@dataclass(frozen=True, kw_only=True)
class ArticleEntry(PageEntry):
    published_at: datetime
    author: str
    #: Base name of its picture, the name of its ground and its description.
    picture: str
    ground: str
    alt: str
    tags: tuple[str, ...]


#: Pages that are more than their text.
_KINDS = {"faq": PageKind.QUESTIONS, "glaze-library": PageKind.SWATCHES}


def read_demo() -> Demo:
    text = days.read(FOLDER / "catalogue.toml")
    return msgspec.convert(tomllib.loads(text), Demo)


def read_home() -> list[Any]:
    """The home page's sections as a version of the theme stores them."""
    text = days.read(FOLDER / "home.toml")
    sections: list[Any] = tomllib.loads(text)["sections"]
    return sections


def read_pages() -> list[PageEntry]:
    return [_page(path) for path in sorted((FOLDER / "pages").glob("*.md"))]


def read_journal() -> list[ArticleEntry]:
    return [_article(path) for path in sorted((FOLDER / "journal").glob("*.md"))]


def _article(path: Path) -> ArticleEntry:
    """A page whose body begins with lines "name: value"."""
    page = _page(path)
    facts, body = page.body.split("\n\n", 1)
    known = dict(line.split(": ", 1) for line in facts.splitlines())
    return ArticleEntry(
        handle=page.handle,
        title=page.title,
        summary=page.summary,
        body=body,
        published_at=datetime.combine(date.fromisoformat(known["on"]), OPENING_HOUR),
        author=known["author"],
        picture=known["picture"],
        ground=known["ground"],
        alt=known["alt"],
        tags=tuple(known["tags"].split(", ")),
    )


def _page(path: Path) -> PageEntry:
    """A title line "# ...", a summary line "> ...", then the body, blank lines between."""
    title, summary, body = days.read(path).split("\n\n", 2)
    return PageEntry(
        handle=path.stem,
        title=title.removeprefix("# "),
        summary=summary.removeprefix("> "),
        body=body,
    )

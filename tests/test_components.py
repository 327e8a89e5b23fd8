"""The parts of the templates: what they print in their states."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, get_template_attribute
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound

from shop.addresses import Address
from shop.catalog.queries import Picture, Rating
from shop.money import Money
from shop.pricing.quote import Item, quote
from shop.pricing.tax import STANDARD, Rate, TaxRules
from shop.settings import ROOT
from shop.theme.sections import ICONS
from shop.web.pagination import FARTHEST, PageLink, Pager, paginate, read_page
from shop.web.styleguide import PAGE_PARTS, component_files

CSS = sorted((ROOT / "static" / "css").glob("*.css"))


def part(app: Flask, name: str, *args: Any, file: str = "", **values: Any) -> str:
    with app.test_request_context():
        html = get_template_attribute(f"components/{file or name}.html", name)(*args, **values)
    return " ".join(html.split())


def pounds(amount: int) -> Money:
    return Money(amount, "GBP")


@pytest.mark.parametrize("path", component_files(), ids=lambda path: path.stem)
def test_every_component_has_a_section_of_its_own(path: Path) -> None:
    page = (ROOT / "templates" / "components" / "styleguide.html").read_text()

    assert f'from "components/{path.name}" import' in page
    assert f'call section("{path.stem}"' in page


@pytest.mark.parametrize("query", ["", "?theme=dark&dir=rtl&framed", "?theme=pink&dir=up&width=9"])
def test_every_component_is_shown_in_development(client: FlaskClient, query: str) -> None:
    page = client.get(f"/dev/components{query}")

    assert page.status_code == 200
    shown = re.findall(r'<section class="section form" id="(\w+)"', page.text)
    assert sorted(shown) == sorted([path.stem for path in component_files()] + list(PAGE_PARTS))


def test_components_are_shown_by_night_and_in_a_narrow_window_without_a_script(
    client: FlaskClient,
) -> None:
    page = client.get("/dev/components?theme=dark&dir=rtl&width=320")
    css = client.get("/dev/components.css?theme=dark")

    assert 'src="/dev/components?theme=dark&amp;dir=rtl&amp;framed="' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "@media all" in css.text
    assert "prefers-color-scheme" not in css.text
    assert client.get("/dev/components.css?theme=pink").status_code == 404


def test_a_sale_price_is_told_in_words(app: Flask) -> None:
    html = part(app, "price", pounds(3840), pounds(4800))

    assert re.sub("<[^>]+>", "", html) == "Sale price £38.40, was £48.00"


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((pounds(3400),), "£34.00"),
        ((pounds(0),), "Free"),
        ((pounds(2900), None, True), "from £29.00"),
    ],
)
def test_a_price_says_what_one_costs(app: Flask, args: tuple[Any, ...], text: str) -> None:
    assert re.sub("<[^>]+>", "", part(app, "price", *args)) == text


def test_a_field_names_its_hint_and_its_error(app: Flask) -> None:
    html = part(app, "field", "email", "Email", "x", hint="For the receipt.", error="Not one.")

    assert 'for="field-email"' in html
    assert 'aria-describedby="field-email-hint field-email-error" aria-invalid="true"' in html
    assert 'id="field-email-error"' in html


def test_a_field_keeps_what_was_typed_escaped(app: Flask) -> None:
    html = part(app, "field", "name", "Name", '"><script>')

    assert 'value="&#34;&gt;&lt;script&gt;"' in html


def test_the_error_summary_links_to_the_fields(app: Flask) -> None:
    html = part(app, "error_summary", {"email": "Not one.", "city": "Missing."})

    assert "2 things need your attention" in html
    assert '<a href="#field-email">Not one.</a>' in html
    assert part(app, "error_summary", {}) == ""


def test_tax_that_is_included_stands_below_the_total(app: Flask) -> None:
    items, nothing = [Item(1, pounds(1000), 1)], pounds(0)
    vat = TaxRules(is_included=True, rates={STANDARD: (Rate("VAT", 200_000),)})
    sales_tax = TaxRules(is_included=False, rates={STANDARD: (Rate("Sales tax", 80_000),)})
    included = part(app, "summary", quote(items, shipping=nothing, tax=vat).bill)
    added = part(app, "summary", quote(items, shipping=nothing, tax=sales_tax).bill)

    assert included.index("Total") < included.index("Including VAT")
    assert added.index("Sales tax") < added.index("Total")


def test_a_rating_is_told_in_words(app: Flask) -> None:
    html = part(app, "rating", Rating(64, 308))

    assert 'role="img" aria-label="Rated 4.8 out of 5, 64 reviews"' in html
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize("name", ICONS)
def test_a_promise_has_its_drawing(app: Flask, name: str) -> None:
    assert "<path" in part(app, "icon", name)


def test_stars_are_filled_as_far_as_they_go(app: Flask) -> None:
    widths = [
        re.findall(r'<rect width="([\d.]+)%"', part(app, "stars", value, file="rating"))
        for value in (5, 3, 4.5)
    ]

    assert widths == [["100"], ["60"], ["90.0"]]


def test_a_picture_keeps_its_room_and_its_ground(app: Flask) -> None:
    image = {"file": "mug", "alt": "A mug", "width": 800, "height": 1000, "ground": "#F4A98E"}

    html = part(app, "picture", image, "50vw")

    assert 'color="#F4A98E"' in html
    assert 'width="800" height="1000" alt="A mug" loading="lazy"' in html
    assert "/media/mug-400.avif 400w, /media/mug-800.avif 800w" in html


def test_a_picture_offers_only_the_widths_there_are(app: Flask) -> None:
    image = Picture("mug", "", 600, 750, "#F4A98E", widths=(200, 400, 600))

    html = part(app, "picture", image, "50vw")

    sources = [f"/media/mug-{width}.avif {width}w" for width in (200, 400, 600)]
    assert f'srcset="{", ".join(sources)}"' in html
    assert "800.avif" not in html


def test_a_large_pictures_placeholder_lies_on_its_ground(app: Flask) -> None:
    image = Picture("mug", "", 800, 1000, "#F4A98E", placeholder="data:image/webp;base64,UklGRg==")

    large = part(app, "picture", image, "100vw", is_blurred=True)
    small = part(app, "picture", image, "50vw")

    assert 'color="#F4A98E" aria-hidden="true"><image' in large
    assert 'href="data:image/webp;base64,UklGRg=="' in large
    assert 'color="#F4A98E"' in small
    assert "data:image" not in small


def test_a_cropped_picture_keeps_its_focal_point_in_sight(app: Flask) -> None:
    off_center = Picture("mug", "", 800, 1000, "", focal_x=25, focal_y=100)
    centered = Picture("mug", "", 800, 1000, "")

    assert 'class="picture focal-x-25 focal-y-100"' in part(app, "picture", off_center, "50vw")
    assert 'class="picture"' in part(app, "picture", centered, "50vw")


def test_one_picture_of_a_page_is_fetched_first_and_its_neighbours_at_once(app: Flask) -> None:
    image = Picture("mug", "", 800, 1000, "")

    first = part(app, "picture", image, "50vw", is_first=True)
    eager = part(app, "picture", image, "50vw", is_eager=True)

    assert 'fetchpriority="high"' in first
    assert "lazy" not in first + eager
    assert "fetchpriority" not in eager


def pictures(count: int) -> list[Picture]:
    return [Picture(f"pot-{i}", f"Pot {i}", 800, 1000, "") for i in range(1, count + 1)]


def test_a_gallery_shows_every_small_picture_and_the_drawing_last(app: Flask) -> None:
    html = part(app, "gallery", pictures(3), "Mug", "mug-drawing")

    thumbs = re.findall(r'href="#([a-z0-9-]+)"', html)
    assert thumbs == ["picture-1", "picture-2", "picture-3", "numbers"]
    assert html.count('aria-current="true"') == 1
    assert "<details" not in html


def test_of_many_pictures_the_last_tile_says_how_many_more_there_are(app: Flask) -> None:
    html = part(app, "gallery", pictures(12), "Mug")

    shown, more = html.split("<details")
    assert shown.count('href="#picture-') == 8
    assert ">+4<" in more
    assert "Show 4 more pictures" in more
    assert more.count('href="#picture-') == 4


@pytest.mark.parametrize("count", [0, 1])
def test_a_gallery_of_one_picture_has_no_small_ones(app: Flask, count: int) -> None:
    html = part(app, "gallery", pictures(count), "Mug")

    assert "gallery__thumbs" not in html
    assert html.count("<li") == 1


def test_a_large_picture_links_to_its_largest_rendition(app: Flask) -> None:
    image = Picture("mug", "A mug", 800, 1000, "", widths=(200, 400, 800, 1600))

    html = part(app, "gallery", [image], "Mug")

    assert '<a class="gallery__picture" href="/media/mug-1600.webp" data-zoom>' in html
    assert 'fetchpriority="high"' in html


def test_a_decorative_picture_is_read_aloud_as_nothing(app: Flask) -> None:
    plain = Picture("mug", "", 800, 1000, "")
    decorative = Picture("mug", "", 800, 1000, "", is_decorative=True)

    assert 'alt="Mug"' in part(app, "gallery", [plain], "Mug")
    assert 'alt=""' in part(app, "gallery", [decorative], "Mug")


def test_a_missing_picture_is_a_tile_with_the_first_letter(app: Flask) -> None:
    html = part(app, "picture", None, "50vw", words="tuesday mug")

    assert ">T</text>" in html
    assert "<img" not in html


def test_a_picture_that_is_not_fetched_yet_shows_its_letter_and_no_ground_above_it(
    app: Flask,
) -> None:
    html = part(
        app, "picture", Picture(None, "", 800, 1000, "#F4A98E"), "50vw", words="tuesday mug"
    )

    assert ">T</text>" in html
    assert "picture__ground" not in html


# Pages of a list


def pager(number: int, total: int | None, *, has_next: bool = True) -> Pager[int]:
    return Pager(range(10), number, 10, has_next, "?page={}".format, total)


def test_page_links_show_the_ends_and_the_neighbours() -> None:
    links = pager(7, 200).links

    assert [link and link.number for link in links] == [1, None, 6, 7, 8, None, 20]
    assert links[3] == PageLink(7, "?page=7", is_current=True)


def test_without_a_count_the_last_page_is_not_known() -> None:
    assert [link and link.number for link in pager(3, None).links] == [1, 2, 3, 4]
    assert [link and link.number for link in pager(3, None, has_next=False).links] == [1, 2, 3]


def test_a_list_that_nobody_counted_leads_to_its_last_page_from_the_end() -> None:
    def links(number: int, *, has_next: bool = True) -> list[int | None]:
        address = "?page={}".format
        page = Pager(range(10), number, 10, has_next, address, from_end=True)
        return [link and link.number for link in page.links]

    assert links(1) == [1, 2, None, -1]
    assert links(2, has_next=False) == [1, 2]
    assert links(-1) == [1, None, -2, -1]
    assert links(-4) == [1, None, -5, -4, -3, None, -1]
    assert links(-4, has_next=False) == [1, None, -4, -3, None, -1]


def test_counts_of_rows_are_grouped(app: Flask) -> None:
    page = replace(pager(124, 10_000), is_capped=True)

    assert "1,231 to 1,240 of 10,000+" in part(app, "pagination", page)
    shown = part(app, "pagination", page, more="More")
    assert "Showing 1,240 of 10,000+" in shown
    assert 'value="1240" max="10000" aria-label="1,240 of 10,000+ shown"' in shown


def test_from_the_end_the_row_more_is_the_one_before() -> None:
    page = paginate([1, 2, 3], -2, 2, str, from_end=True)

    assert (list(page.rows), page.has_next, page.last_shown) == ([2, 3], True, 0)
    assert page.next == PageLink(-1, "-1")
    assert paginate([1, 2, 3], -1, 2, str, total=9, from_end=True).next is None
    assert paginate([1, 2, 3], -2, 2, str, total=9, from_end=True).last_shown == 7


@pytest.mark.parametrize("text", ["-1", "--1", "-0", "-x", "-", "1-", "-1000000"])
def test_only_a_list_that_allows_it_has_pages_from_the_end(text: str) -> None:
    with pytest.raises(NotFound):
        read_page(text)
    if text == "-1":
        assert read_page(text, from_end=True) == -1
    else:
        with pytest.raises(NotFound):
            read_page(text, from_end=True)


@pytest.mark.parametrize("number", [FARTHEST, -FARTHEST])
def test_a_list_that_can_be_long_has_so_many_pages_from_either_end(app: Flask, number: int) -> None:
    assert read_page(str(number), from_end=True) == number
    for beyond in (number + 1, number - 1):
        if abs(beyond) > FARTHEST:
            with pytest.raises(NotFound):
                read_page(str(beyond), from_end=True)
    page = paginate([1, 2, 3], number, 2, str, from_end=True)

    numbers = [link.number for link in page.links if link]
    assert (min(numbers), max(numbers)) == ((-FARTHEST, 1) if number < 0 else (-1, FARTHEST))
    assert page.next == (PageLink(number + 1, str(number + 1)) if number < 0 else None)
    assert "Only the first and the last 100 pages are shown." in part(app, "pagination", page)


def test_the_last_page_is_counted_from_the_end_where_its_number_is_too_high() -> None:
    page = paginate([1, 2, 3], 1, 2, str, total=2 * FARTHEST + 1, from_end=True)

    assert [link and link.number for link in page.links] == [1, 2, None, -1]
    assert read_page(str(FARTHEST + 1)) == FARTHEST + 1


def test_one_row_more_tells_that_another_page_follows() -> None:
    page = paginate([1, 2, 3], 1, 2, str)

    assert (list(page.rows), page.has_next, page.last_shown) == ([1, 2], True, 2)


def test_the_first_page_may_be_empty() -> None:
    page: Pager[int] = paginate([], read_page(None), 24, str, total=0)

    assert (page.has_others, page.links) == (False, [PageLink(1, "1", is_current=True)])


# Style sheets


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_a_style_sheet_keeps_the_rules(path: Path) -> None:
    css = path.read_text()
    physical = re.findall(r"[\s-](?:left|right):|(?:margin|padding|border)-(?:top|bottom)", css)

    assert path.stat().st_size <= (20_000 if path.name == "admin.css" else 15_000)
    assert physical == []
    assert css.count("!important") == css.count("position: absolute !important")


def test_lines_of_an_address_and_long_texts_keep_the_direction_of_their_words(app: Flask) -> None:
    home = Address("Ines Rowan", "14 Alder Row", city="Leeds", postal_code="LS6 2AB", country="GB")

    assert "<bdi>14 Alder Row</bdi><br><bdi>Leeds</bdi>" in part(app, "address", home)
    assert 'dir="auto"' in part(app, "field", "text", "Text", type="textarea")

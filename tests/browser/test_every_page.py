"""Every page of the storefront: accessible, within the window, light, and still while it loads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import RunningShop, ask
from tests.browser.paying import pay_by_card

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: WCAG 2.2 AA and what axe calls best practice; of what passes, axe need not describe each place.
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
WIDTHS = (1280, 390)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")

BUYER = "ines@example.com"
#: Pages that a visitor reaches by their address alone.
PAGES = [
    "/",
    "/products",
    "/products?glaze=heather",
    "/products?glaze=heather&price=900-999",
    "/collections/latest-firing",
    "/collections/tea-and-coffee",
    "/collections/mugs-and-cups",
    "/products/tuesday-mug",
    "/products/tuesday-mug?glaze=heather",
    "/products/gift-card",
    "/products/tuesday-mug/reviews",
    "/search?q=mug",
    "/search?q=teapto",
    "/search?q=zzzzzz",
    "/cart",
    "/cart/FT-MUG-COB-S:2,NOTHING",
    "/wishlist",
    "/pages/delivery",
    "/pages/faq",
    "/pages/glaze-library",
    "/pages/contact",
    "/pages/contact/sent",
    "/blogs/journal",
    "/blogs/journal/what-came-out-of-firing-148",
    "/track",
    "/gift-card",
    "/sign-in",
    "/no-such-page",
    "/checkout",
]
#: In bytes as they travel, on a first visit.
BUDGETS = {"html": 12_288, "css": 12_288, "js": 12_288, "font": 61_440}
LIST_BUDGET = 358_400
WEIGHED = ["/", "/products", "/products/tuesday-mug", "/search?q=mug", "/cart", "/checkout"]


@pytest.fixture(params=WIDTHS)
def looked_at(
    browser: Browser, running_shop: RunningShop, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A page in one width; axe is a script, and the pages' policy allows none."""
    context = browser.new_context(
        base_url=running_shop.url,
        viewport={"width": request.param, "height": 900},
        reduced_motion="reduce",
        bypass_csp=True,
    )
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def addresses(browser: Browser, running_shop: RunningShop) -> list[str]:
    """PAGES, and those that only the buyer of something reaches."""
    page = browser.new_page(base_url=running_shop.url)
    checkout_payment(page)
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    pay_by_card(page)
    page.get_by_role("heading", name="Thank you, Ines").wait_for()
    order = urlsplit(page.url).path
    ((number, product_id),) = running_shop.query(
        "SELECT orders.number, products.id FROM orders, products"
        " WHERE orders.email = :email AND products.handle = 'tuesday-mug'"
        " ORDER BY orders.id DESC LIMIT 1",  # other tests may have bought as the same person
        email=BUYER,
    )
    page.goto("/track")
    page.get_by_label("Order number").fill(str(number))
    page.get_by_label("Email", exact=True).fill(BUYER)
    page.get_by_role("button", name="Track").click()
    page.get_by_role("heading", name=f"Order {number}").wait_for()
    tracked = urlsplit(page.url).path
    page.close()
    written = f"{order}/reviews/{product_id}"
    return [*PAGES, order, f"{order}/reviews", written, f"{order}/invitations", tracked]


#: Colors glide from one light to the other, be it for a millisecond, and what inherits a gliding
#: color glides after it. They are put at their end: a page that draws nothing ends no glide, so
#: that nobody may wait for one.
_GLIDED = """
() => {
  const gliding = () => document.getAnimations().filter((one) => one instanceof CSSTransition);
  for (let round = 0; round < 20; round++) {
    const found = gliding();
    if (!found.length) return true;
    found.forEach((one) => one.finish());
  }
  return false;
}
"""


def by_day_and_night(page: Page) -> Iterator[str]:
    """In one light after the other. Only the style sheets tell them apart, and those follow the
    window, so a page need not be loaded for each.
    """
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(_GLIDED), "colors glide without end"
        yield scheme
    page.emulate_media(color_scheme="light")


def violations(page: Page) -> list[str]:
    """By day and by night."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return [
        f"{page.url} {scheme} {each['id']}: {each['nodes'][0]['html'][:160]}"
        for scheme in by_day_and_night(page)
        for each in page.evaluate(
            "(rules) => axe.run(rules).then((told) => told.violations)", RULES
        )
    ]


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(ask(page, "document.documentElement.scrollWidth - innerWidth"))


def most_overflow(page: Page) -> int:
    """By day and by night."""
    return max(overflow(page) for _ in by_day_and_night(page))


def test_every_page_is_accessible_and_fits(looked_at: Page, addresses: list[str]) -> None:
    faults = []
    for path in addresses:
        looked_at.goto(path)
        faults += violations(looked_at)
        if (too_much := most_overflow(looked_at)) > 0:
            faults.append(f"{path} is {too_much} pixels too wide")

    assert faults == []


def test_an_order_of_forty_lines_prints_on_two_pages(
    browser: Browser, running_shop: RunningShop, addresses: list[str]
) -> None:
    page = browser.new_page(base_url=running_shop.url)
    page.goto(addresses[len(PAGES)])
    page.locator(".line-items tbody").evaluate(
        "(rows) => { while (rows.rows.length < 40) rows.append(rows.rows[0].cloneNode(true)); }"
    )
    pdf = page.pdf(format="A4")
    page.close()

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2


def test_every_component_is_accessible(looked_at: Page) -> None:
    looked_at.goto("/dev/components")

    # Examples of one region stand below each other, each under the name it has on a page.
    assert [told for told in violations(looked_at) if "landmark-unique" not in told] == []


def test_every_page_fits_a_very_narrow_window(
    browser: Browser, running_shop: RunningShop, addresses: list[str]
) -> None:
    page = browser.new_page(base_url=running_shop.url, viewport={"width": 320, "height": 640})
    faults = []
    for path in addresses:
        page.goto(path)
        if overflow(page) > 0:
            faults.append(f"{path} is {overflow(page)} pixels too wide")
        if (header := page.locator(".header__bar")).count() and header.evaluate(HEIGHT) > ONE_ROW:
            faults.append(f"{path} has a header of two rows")
    page.close()

    assert faults == []


HEIGHT, ONE_ROW = "(header) => header.offsetHeight", 72
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauporzellantasse"
_STICKS_OUT = """
(selector) => {
  const all = document.querySelector(selector), end = all.getBoundingClientRect().right;
  const parts = [...all.querySelectorAll("*")];
  return parts.filter((one) => one.getBoundingClientRect().right > end + 1).length;
}
"""


@pytest.mark.parametrize("width", [1280, 320])
def test_a_product_called_by_one_long_word_keeps_within_its_place(
    browser: Browser, running_shop: RunningShop, width: int
) -> None:
    ((title,),) = running_shop.query("SELECT title FROM products WHERE handle = 'tuesday-mug'")
    rename = "UPDATE products SET title = :title WHERE handle = 'tuesday-mug'"
    context = browser.new_context(
        base_url=running_shop.url, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    faults = []
    running_shop.run(rename, title=LONG_WORD)
    try:
        drawer(page)
        faults += [("drawer", page.evaluate(_STICKS_OUT, "#basket"))]
        for path in ("/", "/products", "/products/tuesday-mug", "/search?q=mug", "/cart"):
            page.goto(path)
            faults += [(path, overflow(page))]
        checkout_payment(page)
        page.locator(".order-summary summary").first.evaluate(
            "(one) => (one.parentElement.open = true)"
        )
        faults += [("summary", page.evaluate(_STICKS_OUT, ".order-summary"))]
    finally:
        running_shop.run(rename, title=title)
        context.close()

    assert [fault for fault in faults if fault[1] > 0] == []


# States that take a hand to reach


def drawer(page: Page) -> None:
    page.goto("/products/tuesday-mug")
    page.get_by_role("button", name="Add to basket").first.click()
    page.get_by_role("dialog").wait_for()


def filled_cart(page: Page) -> None:
    drawer(page)
    page.goto("/cart")


def checkout_with_errors(page: Page) -> None:
    drawer(page)
    page.goto("/checkout")
    page.get_by_role("button", name=re.compile("Continue")).click()
    page.get_by_role("alert").first.wait_for()


def checkout_payment(page: Page) -> None:
    drawer(page)
    page.goto("/checkout")
    page.get_by_label("Email", exact=True).fill(BUYER)
    page.get_by_label("Full name").fill("Ines Rowan")
    page.get_by_label("Address", exact=True).fill("14 Alder Row")
    page.get_by_label("Postcode").fill("LS6 2AB")
    page.get_by_label("Town or city").fill("Leeds")
    page.get_by_role("button", name=re.compile("Continue")).click()
    page.get_by_role("button", name=re.compile("^Pay ")).wait_for()


def checkout_billing(page: Page) -> None:
    checkout_payment(page)
    page.get_by_role("link", name="Change the billing address").click()
    page.wait_for_url("**/checkout/billing")  # and for the script that answers to the country
    page.get_by_label("Country").select_option("US")
    page.get_by_label("ZIP code").wait_for()


def checkout_changed(page: Page) -> None:
    """Another way of delivery was chosen, and Pay was pressed before the sums followed."""
    checkout_payment(page)
    page.route("**/checkout/delivery", lambda route: route.abort())
    page.evaluate("document.querySelector('[name=shown]').form.noValidate = true")
    page.locator("[name=shipping_rate_id]").last.evaluate("(radio) => (radio.checked = true)")
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    page.get_by_role("table", name="What changed").wait_for()


def wishlist(page: Page) -> None:
    page.goto("/products")
    page.get_by_role("button", name=re.compile("on the wishlist")).first.click()
    page.get_by_role("link", name="Wishlist, 1 item", exact=True).wait_for()
    page.goto("/wishlist")
    page.get_by_role("button", name="Make a link to share").click()
    page.get_by_label("Link to share").wait_for()


def alert_with_error(page: Page) -> None:
    page.goto("/products/tuesday-mug?glaze=heather")
    page.locator(".alert-form").evaluate("(form) => (form.noValidate = true)")
    page.get_by_role("button", name="Tell me").click()
    page.get_by_text("That is not an email address.").wait_for()


def shared_wishlist(page: Page) -> None:
    wishlist(page)
    page.goto(page.get_by_label("Link to share").input_value())
    page.get_by_role("heading", name="A wishlist").wait_for()


def contact_with_errors(page: Page) -> None:
    page.goto("/pages/contact")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("alert").first.wait_for()


def track_with_errors(page: Page) -> None:
    page.goto("/track")
    page.get_by_role("button", name="Track").click()
    page.get_by_role("alert").first.wait_for()


def suggestions(page: Page) -> None:
    page.goto("/search")
    field = page.locator("main input[type=search]")
    field.click()
    field.press_sequentially("teapto")
    page.get_by_role("listbox").get_by_role("option").first.wait_for()


def filters(page: Page) -> None:
    """At hand beside a wide list, behind a button on a narrow one."""
    page.goto("/products")
    opener = page.locator("summary", has_text="Filter")
    if opener.is_visible():
        opener.click()
        page.get_by_role("dialog", name="Filter").wait_for()


def zoom(page: Page) -> None:
    page.goto("/products/tuesday-mug")
    page.locator("#picture-1 a[data-zoom]").click()
    page.get_by_role("dialog", name="Picture 1 of 4").wait_for()


def menu(page: Page) -> None:
    page.goto("/")
    opener = page.get_by_role("link", name="Menu")
    if opener.is_visible():
        opener.click()
        page.get_by_role("dialog").wait_for()


STATES: list[Callable[[Page], None]] = [
    drawer,
    filled_cart,
    checkout_with_errors,
    checkout_payment,
    checkout_billing,
    checkout_changed,
    wishlist,
    alert_with_error,
    shared_wishlist,
    contact_with_errors,
    track_with_errors,
    suggestions,
    filters,
    zoom,
    menu,
]


@pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)
def test_every_state_is_accessible_and_fits(looked_at: Page, reach: Callable[[Page], None]) -> None:
    reach(looked_at)

    assert violations(looked_at) == []
    assert most_overflow(looked_at) == 0


# Weight

_KINDS = """
() => {
  const sizes = {html: 0, css: 0, js: 0, font: 0, other: 0};
  sizes.html = performance.getEntriesByType("navigation")[0].encodedBodySize;
  for (const one of performance.getEntriesByType("resource")) {
    const path = new URL(one.name).pathname;
    const kind = path.endsWith(".css") ? "css" : path.endsWith(".js") ? "js"
      : path.endsWith(".woff2") ? "font" : "other";
    sizes[kind] += one.encodedBodySize;
  }
  return sizes;
}
"""
#: A frame's shifts are known when the next one begins.
_SHIFTS = """
() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({type: "layout-shift", buffered: true});
  resolve(observer.takeRecords().reduce((sum, one) => sum + one.value, 0));
})))
"""


@pytest.mark.parametrize("path", WEIGHED)
def test_a_first_visit_is_light_and_nothing_shifts(
    browser: Browser, running_shop: RunningShop, path: str
) -> None:
    context = browser.new_context(
        base_url=running_shop.url,
        viewport={"width": 412, "height": 823},
        device_scale_factor=1.75,
        is_mobile=True,
    )
    page = context.new_page()
    page.goto(path, wait_until="networkidle")
    sizes = page.evaluate(_KINDS)
    shifts = page.evaluate(_SHIFTS)
    context.close()

    over = {kind: sizes[kind] for kind, budget in BUDGETS.items() if sizes[kind] > budget}
    assert over == {}
    assert sum(sizes.values()) <= LIST_BUDGET
    assert shifts == 0


@pytest.mark.parametrize("reach", [filled_cart, checkout_payment])
def test_what_is_bought_stands_still(
    browser: Browser, running_shop: RunningShop, reach: Callable[[Page], None]
) -> None:
    context = browser.new_context(
        base_url=running_shop.url, viewport={"width": 412, "height": 823}, is_mobile=True
    )
    page = context.new_page()
    reach(page)
    page.reload(wait_until="networkidle")
    shifts = page.evaluate(_SHIFTS)
    context.close()

    assert shifts == 0


def test_rare_letters_bring_their_font_when_they_are_there(
    browser: Browser, running_shop: RunningShop
) -> None:
    page = browser.new_page(base_url=running_shop.url)
    page.goto("/products", wait_until="networkidle")
    fonts = page.evaluate(
        "performance.getEntriesByType('resource').filter(({name}) => name.endsWith('woff2')).length"
    )
    with page.expect_response(re.compile(r"/text-more\.")) as rare:
        page.locator("main p").first.evaluate("(words) => (words.textContent = 'sm\u00f8r')")
    answer = rare.value
    page.close()

    assert fonts == 2
    assert answer.ok


#: Of each line of the words: where it stands, how high it is.
_LINES = """
(elements) => elements.map((element) => {
  const words = document.createRange();
  words.selectNodeContents(element);
  return [...words.getClientRects()].map(({y, height}) => [Math.round(y), Math.round(height)]);
})
"""


def test_words_stand_where_they_will_before_our_fonts_are_there(
    browser: Browser, running_shop: RunningShop
) -> None:
    lines = []
    for fonts in ("come", "are late"):
        context = browser.new_context(
            base_url=running_shop.url, viewport={"width": 412, "height": 823}
        )
        if fonts == "are late":
            context.route("**/*.woff2", lambda route: route.abort())
        page = context.new_page()
        page.goto("/", wait_until="networkidle")
        lines.append(page.locator("main :is(h1, .hero p, .button)").evaluate_all(_LINES))
        context.close()

    assert lines[0] == lines[1]

"""Every page of the admin, taken from its rules: accessible and within the window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from shop import create_app
from tests.browser.conftest import RunningShop
from tests.browser.paying import pay_by_card
from tests.browser.test_every_page import WIDTHS, checkout_payment, most_overflow, violations
from tests.conftest import make_settings

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: What a window of 1280 shows at 400 %.
NARROW = {"width": 320, "height": 900}
#: The tables whose rows fill the parts of an address, by the part's name.
TABLES = {
    "order_id": "SELECT max(id) FROM orders",
    "product_id": "SELECT min(id) FROM products WHERE handle = 'tuesday-mug'",
    "image_id": "SELECT min(product_images.id) FROM product_images JOIN products"
    " ON products.id = product_id WHERE handle = 'tuesday-mug'",
    "variant_id": "SELECT min(id) FROM variants",
    "collection_id": "SELECT min(id) FROM collections",
    "discount_id": "SELECT min(id) FROM discounts",
    "review_id": "SELECT min(id) FROM reviews",
    "page_id": "SELECT min(id) FROM pages",
    "article_id": "SELECT min(id) FROM articles",
    "synonym_id": "SELECT min(id) FROM synonyms",
    "entry_id": "SELECT max(id) FROM audit_entries",
    "event_id": "SELECT max(id) FROM stripe_events",
    "message_id": "SELECT max(id) FROM outbox_messages",
    "role_id": "SELECT min(id) FROM roles",
    "way_id": "SELECT min(id) FROM shipping_rates",
    "zone_id": "SELECT min(id) FROM shipping_zones",
    "account_id": "SELECT min(id) FROM accounts",
    "import_id": "SELECT id FROM imports",
    "purchase_id": "SELECT min(id) FROM purchase_orders",
    "take_id": "SELECT min(id) FROM stock_takes",
    "card_id": "SELECT min(id) FROM gift_cards",
}
#: What an import shows of its file.
SHOWN = ("", "?show=faults", "?show=changed")
#: Read on paper too, which is about so wide.
PRINTED = ("/admin/reports/sales", "/admin/reports/reconciliation", "/admin/reports/forecasts",
           "/admin/orders/packing-slips?id={order}", "/admin/orders/{order}")  # fmt: skip
PAPER = {"width": 794, "height": 1123}
#: As Shopify exports it; the last product has no price that anybody could read.
FILE = """\
Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Status
harbour-mug,Harbour mug,Title,Default Title,MUG-9,20.00,6,active
cracked-bowl,Cracked bowl,Title,Default Title,BOWL-9,about ten,2,active
"""
#: Of zones and ways there are two kinds; the rule tells which.
TAX_ZONE = "SELECT min(id) FROM tax_zones"
ZONE_OF_WAY = "SELECT zone_id FROM shipping_rates ORDER BY id LIMIT 1"
SECTIONS = ("shop", "stock", "delivery", "reviews")
#: No pages: files, frames, fragments and streams.
FILES = re.compile(r"\.csv$|/export|/preview/|/live$|/progress$|/stream|\.txt$|/events\.json$")


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every address of the admin that is read, as it is written in the code."""
    folder = tmp_path_factory.mktemp("rules")
    return rules_of(create_app(make_settings(f"sqlite:///{folder / 'none.sqlite'}", folder)))


def rules_of(app: Flask) -> list[str]:
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.")
        and "GET" in (rule.methods or set())
        and not FILES.search(rule.rule)
    )


def addresses(shop: RunningShop, rule: str) -> list[str]:
    """With ids of rows that the shop has; none where it has no such row."""
    if "<section>" in rule:
        return [rule.replace("<section>", section) for section in SECTIONS]
    for whole, name in re.findall(r"(<(?:\w+:)?(\w+)>)", rule):
        statement = TABLES.get(name)
        if name == "zone_id":
            statement = TAX_ZONE if "/taxes/" in rule else ZONE_OF_WAY
        if statement is None:
            return []
        found = [str(row[0]) for row in shop.query(statement) if row[0] is not None]
        if not found:
            return []
        if name == "import_id":
            return [rule.replace(whole, each) + shown for each in found for shown in SHOWN]
        rule = rule.replace(whole, found[0])
    return [rule]


@pytest.fixture(scope="module")
def bought(browser: Browser, running_shop: RunningShop) -> None:
    """One paid order, so that there is something to see."""
    page = browser.new_page(base_url=running_shop.url)
    checkout_payment(page)
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    pay_by_card(page)
    page.get_by_role("heading", name="Thank you, Ines").wait_for()
    page.close()


@pytest.fixture(scope="module")
def worked(browser: Browser, running_shop: RunningShop) -> None:
    """What a hand has to do first: imports to be decided on, refused, done; units on their way and
    counted; a gift card.
    """
    context = browser.new_context(base_url=running_shop.url)
    page = signed_in(context, running_shop)
    for name, text, told in [
        ("done.csv", FILE, "What would change"),
        ("refused.csv", FILE.splitlines()[0], "This file cannot be imported"),
        ("more.csv", FILE, "What would change"),
    ]:
        page.goto("/admin/imports/new")
        page.get_by_label("CSV file").set_input_files(
            {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
        )
        page.get_by_role("button", name="Look through the file").click()
        page.get_by_role("heading", name=told).wait_for()  # until then the page loads itself anew
        if name == "done.csv":
            page.get_by_role("button", name="Import 1 product").click()
            page.get_by_role("button", name="Undo this import").wait_for()
    page.goto("/admin/inventory/incoming/new")
    page.get_by_label("Supplier").fill("Clay and Company")
    page.get_by_label("Lines").fill("FT-JAR-MLK 5 4.20")
    page.get_by_role("button", name="Save the order").click()
    page.get_by_role("heading", name="Clay and Company").wait_for()
    page.goto("/admin/inventory/counts/new")
    page.get_by_role("button", name="Start counting").click()
    page.wait_for_url(re.compile(r"/counts/\d+"))
    page.goto("/admin/gift-cards/new")
    page.get_by_label("Amount").fill("25")
    page.get_by_role("button", name="Issue").click()
    page.get_by_role("heading", name="Gift card ending in").wait_for()
    context.close()


@pytest.fixture(scope="module", params=WIDTHS)
def admin(
    browser: Browser,
    running_shop: RunningShop,
    request: pytest.FixtureRequest,
    bought: None,
    worked: None,
) -> Iterator[Page]:
    context = browser.new_context(
        base_url=running_shop.url,
        viewport={"width": request.param, "height": 900},
        reduced_motion="reduce",
        bypass_csp=True,
    )
    yield signed_in(context, running_shop)
    context.close()


def signed_in(context: BrowserContext, shop: RunningShop) -> Page:
    page = context.new_page()
    page.goto("/sign-in?next=/admin")
    page.get_by_label("Email", exact=True).fill(shop.email)
    page.get_by_label("Password", exact=True).fill(shop.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/admin")  # the query names it before
    return page


def test_every_page_of_the_admin_is_accessible_and_fits(
    rules: list[str], admin: Page, running_shop: RunningShop
) -> None:
    """All in one, so that a new rule needs no line here and each that fails is told."""
    every = [address for rule in rules for address in addresses(running_shop, rule)]

    faults = {address: found for address in every if (found := faults_at(admin, address))}

    assert faults == {}


def faults_at(page: Page, address: str) -> list[str]:
    answer = page.goto(address)
    assert answer is not None
    if answer.status == 404:
        return []  # a row of another rule's kind
    # 422: a form's page that says what is missing when nothing is chosen; it is looked at as well.
    faults = [f"answers {answer.status}"] if answer.status >= 400 and answer.status != 422 else []
    faults += violations(page)
    window = page.viewport_size
    assert window is not None
    for size in (window, NARROW) if window["width"] < 500 else (window,):
        page.set_viewport_size(size)
        if too_much := most_overflow(page):
            faults.append(f"{too_much} pixels too wide at {size['width']}")
    page.set_viewport_size(window)
    return faults


#: What a search goes through can be read: from a label above the field, or a hint that fits in.
_IS_TOLD = """(field) => {
  const { font, paddingLeft, paddingRight } = getComputedStyle(field);
  const ruler = document.createElement("canvas").getContext("2d");
  ruler.font = font;
  const room = field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  const label = getComputedStyle(field.labels[0]);
  return label.clipPath === "none" || ruler.measureText(field.placeholder).width <= room;
}"""


@pytest.mark.parametrize("size", [16, 32])
@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_search_goes_through_is_told_in_german_and_large_letters(
    browser: Browser, running_shop: RunningShop, width: int, size: int
) -> None:
    window = {"width": width, "height": 900}
    context = browser.new_context(base_url=running_shop.url, viewport=window)
    page = signed_in(context, running_shop)
    context.set_extra_http_headers({"Accept-Language": "de"})
    sizes = {"fontSizes": {"standard": size, "fixed": size}}
    context.new_cdp_session(page).send("Page.setFontSizes", sizes)
    told = {}
    for part in ("inventory", "products", "reviews", "search"):
        page.goto(f"/admin/{part}")
        told[part] = page.locator("#list-search").evaluate(_IS_TOLD)
    context.close()

    assert told == dict.fromkeys(told, True)


def test_what_is_read_on_paper_is_accessible_and_fits(
    admin: Page, running_shop: RunningShop
) -> None:
    ((order,),) = running_shop.query("SELECT max(id) FROM orders")
    window = admin.viewport_size
    faults = []
    admin.emulate_media(media="print")
    admin.set_viewport_size(PAPER)
    for path in PRINTED:
        admin.goto(path.format(order=order))
        faults += violations(admin)
        if most_overflow(admin) > 0 or admin.locator(".admin-side, .admin-top").first.is_visible():
            faults.append(f"{path} is not made for paper")
    admin.emulate_media(media="screen")
    admin.set_viewport_size(window)

    assert faults == []


def test_the_menu_of_a_narrow_window_is_accessible(admin: Page) -> None:
    admin.goto("/admin/orders")
    opener = admin.get_by_role("link", name="Menu", exact=True)
    settings = admin.get_by_role("link", name="Settings", exact=True)
    if admin.viewport_size == {"width": 1280, "height": 900}:
        assert settings.is_visible()
        assert not opener.is_visible()
        return
    assert not settings.is_visible()
    assert admin.locator(".admin-side").bounding_box()["height"] < 80

    opener.click()
    settings.wait_for()
    assert violations(admin) == []
    admin.get_by_role("link", name="Close menu").click()
    settings.wait_for(state="hidden")


@pytest.mark.parametrize("keys", ["Control+k", "?"])
def test_what_opens_over_a_page_is_accessible(admin: Page, keys: str) -> None:
    admin.goto("/admin/orders")
    admin.locator("main").focus()
    admin.keyboard.press(keys)
    dialog = admin.get_by_role("dialog")
    dialog.wait_for()

    assert violations(admin) == []
    assert most_overflow(admin) == 0
    admin.keyboard.press("Escape")
    dialog.wait_for(state="hidden")

"""A merchant's first day: from an empty shop to an order that is sent and partly given back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import RunningShop, complaints_of, started
from tests.browser.keyboard import Keys
from tests.browser.test_every_page import overflow
from tests.browser.test_purchase import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OWNER, BUYER = "ada@example.com", "ines@example.com"
PASSWORD = "a kiln behind the house"
#: What Shopify exports; the last product has no price that anybody could read.
FILE = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,\
Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,\
Variant Price,Status
harbour-mug,Harbour mug,<p>Holds a pint.</p>,Kiln,Mug,mug,true,Title,Default Title,MUG-1,\
300,shopify,6,deny,20.00,active
linen-towel,Linen towel,<p>Dries plates.</p>,Loom,Towel,linen,true,Size,Small,TOWEL-S,\
120,shopify,4,deny,9.50,active
linen-towel,,,,,,,,Large,TOWEL-L,200,shopify,3,deny,12.00,
cracked-bowl,Cracked bowl,,Kiln,Bowl,,true,Title,Default Title,BOWL-1,\
400,shopify,2,deny,about ten,active
"""


class Hands(Protocol):
    """What a person does on a page; `words` and `label` are expressions for a name."""

    def follow(self, words: str) -> None: ...
    def press(self, words: str) -> None: ...
    def open(self, words: str) -> None: ...
    def fill(self, label: str, text: str) -> None: ...
    def pick(self, words: str) -> None: ...
    def give(self, label: str, file: Path) -> None: ...


class Pointer:
    """With a mouse or a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def follow(self, words: str) -> None:
        self.page.wait_for_load_state()  # to be seen at once, or not at all
        link = self.page.get_by_role("link", name=re.compile(words))
        menu = self.page.get_by_role("link", name="Menu", exact=True)
        if menu.is_visible() and not link.count():  # closed at first in a narrow window
            menu.click()
        link.first.click()

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=re.compile(words)).first.click()

    def open(self, words: str) -> None:
        self.page.locator("summary").filter(has_text=re.compile(words)).first.click()

    def fill(self, label: str, text: str) -> None:
        field = self.page.get_by_label(re.compile(label))
        field.and_(self.page.locator("input, textarea")).first.fill(text)

    def pick(self, words: str) -> None:
        name = re.compile(words)
        boxes = self.page.get_by_role("radio", name=name)
        boxes.or_(self.page.get_by_role("checkbox", name=name)).first.check()

    def give(self, label: str, file: Path) -> None:
        self.page.get_by_label(re.compile(label)).set_input_files(file)


class Typist:
    """Without either: each thing is gone to from where the one before was."""

    #: Tab stops from one thing to the next; the admin has long forms.
    LIMIT = 200

    def __init__(self, page: Page) -> None:
        self.keys = Keys(page)

    def follow(self, words: str) -> None:
        self.keys.tab_to(words, limit=self.LIMIT)
        self.keys.press("Enter")

    def press(self, words: str) -> None:
        self.keys.tab_to(words, limit=self.LIMIT)
        self.keys.press("Space")

    def open(self, words: str) -> None:
        self.press(words)

    def fill(self, label: str, text: str) -> None:
        self.keys.fill(label, text, limit=self.LIMIT)

    def pick(self, words: str) -> None:
        self.keys.pick(words, limit=self.LIMIT)

    def give(self, label: str, file: Path) -> None:
        self.keys.give(label, file, limit=self.LIMIT)


@dataclass(frozen=True)
class Way:
    """How somebody sits before the shop."""

    width: int
    height: int
    hands: Callable[[Page], Pointer | Typist]


WAYS = {
    "desktop": Way(1280, 900, Pointer),
    "phone": Way(390, 844, Pointer),
    "keyboard": Way(1280, 900, Typist),
}


@dataclass(frozen=True)
class NewShop:
    shop: RunningShop
    setup_url: str


@pytest.fixture
def new_shop(tmp_path: Path) -> Iterator[NewShop]:
    """Nothing in it, and nobody's yet."""
    with started(tmp_path, DEMO="false") as (port, told):
        link = re.search(r"Set up +(\S+)", told)
        assert link is not None, told
        yield NewShop(RunningShop(port, tmp_path, OWNER, PASSWORD), link[1])


@pytest.fixture(params=WAYS.values(), ids=WAYS.keys())
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.fixture
def persons(browser: Browser, way: Way, new_shop: NewShop) -> Iterator[Callable[[], Person]]:
    """New people, each with a browser of their own."""
    contexts: list[BrowserContext] = []

    def arrive() -> Person:
        context = browser.new_context(
            base_url=new_shop.shop.url,
            viewport={"width": way.width, "height": way.height},
            locale="en-GB",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        return Person(page, way.hands(page), complaints_of(page))

    yield arrive
    for context in contexts:
        context.close()


@dataclass(frozen=True)
class Person:
    page: Page
    hands: Hands
    #: Errors of the pages.
    complaints: list[str]

    def sees(self, words: str, role: str = "heading") -> None:
        """On a page that fits the window."""
        found = self.page.get_by_role(role, name=re.compile(words))
        expect(found.first).to_be_visible()
        assert overflow(self.page) == 0, self.page.url

    def reads(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(re.compile(words))


def test_a_merchants_first_day(
    new_shop: NewShop, persons: Callable[[], Person], tmp_path: Path
) -> None:
    shop, merchant, shopper = new_shop.shop, persons(), persons()

    set_up(merchant, new_shop.setup_url)
    import_products(merchant, tmp_path)
    arrange_collection(merchant)
    make_discount(merchant)
    assert shop.on_hand("MUG-1") == 6

    buy(shopper)
    assert eventually(lambda: states(shop) == [("paid", "unfulfilled", 4050, 0)])
    assert shop.on_hand("MUG-1") == 4

    send(merchant)
    give_back(merchant)
    assert eventually(lambda: states(shop) == [("paid", "fulfilled", 4050, 1800)])
    check_the_books(shop)
    shopper.page.reload()
    shopper.reads("£18.00")
    for person in (merchant, shopper):
        assert person.complaints == []
        if isinstance(person.hands, Typist):
            assert person.hands.keys.unseen == []


# What the merchant does --------------------------------------------------------------------------


def set_up(merchant: Person, link: str) -> None:
    hands = merchant.hands
    merchant.page.goto(link)
    merchant.sees("^Your new shop$")
    hands.fill("^Your name", "Ada Kiln")
    hands.fill("^Email", OWNER)
    hands.fill("^Password", PASSWORD)
    hands.press("^Make me the owner$")

    merchant.sees("^Set up the shop$")
    hands.follow("^Go on: The shop$")
    merchant.sees("^The shop$")
    hands.fill("^Name", "Kiln & Loom")
    hands.press("^Save and go on$")

    merchant.sees("^Delivery$")
    hands.fill("^Price", "4.50")
    hands.press("^Save and go on$")

    merchant.sees("^Taxes$")
    hands.pick("^Charge the tax of United Kingdom")
    hands.press("^Save and go on$")
    merchant.sees("^Products$")


def import_products(merchant: Person, folder: Path) -> None:
    hands, file = merchant.hands, folder / "products_export.csv"
    file.write_text(FILE)
    hands.follow("^Import products$")
    merchant.sees("^Import products$")
    hands.give("^CSV file", file)
    hands.press("^Look through the file$")

    merchant.sees("^What would change$")
    merchant.reads("1 product holds errors")
    hands.press("^Import 2 products$")
    merchant.sees("^What was changed$")
    hands.follow("^Products$")
    merchant.sees("^Products$")
    merchant.sees("^Harbour mug", role="link")
    merchant.sees("^Linen towel", role="link")


def arrange_collection(merchant: Person) -> None:
    hands = merchant.hands
    hands.follow("^Collections$")
    merchant.sees("^Collections$")
    hands.follow("^Add collection$")
    merchant.sees("^Add collection$")
    hands.fill("^Title", "Table")
    hands.pick("^Show in the menu")
    hands.pick("^Picked by hand")
    hands.press("^Create collection$")

    merchant.sees("^Table$")
    for title in ("Linen towel", "Harbour mug"):
        hands.fill("^Add by title", title)
        hands.press("^Search$")
        merchant.sees(f"^Add {title}$", role="button")
        hands.press(f"^Add {title}$")
        merchant.sees(f"^Remove {title}$", role="button")
    hands.press("^Move up Harbour mug$")
    merchant.sees("^Move down Harbour mug$", role="button")


def make_discount(merchant: Person) -> None:
    hands = merchant.hands
    hands.follow("^Discounts$")
    merchant.sees("^Discounts$")
    hands.follow("^Add discount$")
    merchant.sees("^Add discount$")
    hands.fill("^Title", "Opening day")
    hands.fill("^Code", "OPEN10")
    hands.pick("^A percentage off")
    hands.fill("^Percent", "10")
    hands.press("^Add discount$")
    merchant.sees("^Opening day$")


def send(merchant: Person) -> None:
    hands = merchant.hands
    hands.follow("^Orders$")
    merchant.sees("^Orders$")
    hands.follow("^#?1001")
    merchant.sees("^Order 1001$")
    merchant.reads("OPEN10|Opening day")
    hands.follow("^Mark as sent$")
    merchant.sees("^Mark as sent$")
    hands.fill("^Carrier", "Royal Mail")
    hands.fill("^(Tracking n|N)umber", "RM123456789GB")
    hands.press("^Mark as sent$")
    merchant.sees("^Parcels$")
    merchant.reads("Royal Mail")


def give_back(merchant: Person) -> None:
    """One of two mugs, which comes back unharmed."""
    hands = merchant.hands
    hands.follow("^Refund$")
    merchant.sees("^Refund$")
    hands.fill("^Pieces of Harbour mug", "1")
    hands.pick("^Back on the shelf of Harbour mug")
    hands.press("^Work out the sum$")
    merchant.sees("^You give back £18.00$")
    hands.press("^Refund £18.00$")
    merchant.sees("^Order 1001$")
    merchant.reads("Given back")


# What the shopper does ---------------------------------------------------------------------------


def buy(shopper: Person) -> None:
    hands = shopper.hands
    shopper.page.goto("/collections/table")
    shopper.sees("^Table$")
    products = shopper.page.get_by_role("link", name=re.compile("^(Harbour mug|Linen towel)"))
    expect(products.first).to_have_accessible_name(re.compile("Harbour mug"))
    hands.follow("^Harbour mug")
    shopper.page.wait_for_url("**/products/harbour-mug")
    shopper.sees("^Harbour mug$")
    hands.press("^Add to basket$")
    expect(shopper.page.get_by_role("dialog")).to_be_visible()

    shopper.page.goto("/cart")
    shopper.sees("^Your basket$")
    hands.fill("^Quantity of Harbour mug", "2")
    shopper.page.keyboard.press("Enter")
    shopper.reads("2 pieces")
    hands.open("Add a discount code")
    hands.fill("^Discount code", "open10")
    hands.press("^Apply$")
    shopper.sees("^Take the code OPEN10 off$", role="button")
    shopper.reads("£40.50")
    hands.follow("^Checkout$")
    shopper.sees("^Who is it for")
    hands.fill("^Email", BUYER)
    hands.fill("^Full name", "Ines Rowan")
    hands.fill("^Address$", "14 Alder Row")
    hands.fill("^Town or city", "Leeds")
    hands.fill("^Postcode", "LS6 2AB")
    hands.press("^Continue")
    shopper.sees("^Pay £40.50$", role="button")
    hands.press("^Pay £40.50$")

    shopper.sees("^Pay ")
    hands.fill("^Card number", "4242424242424242")
    hands.fill("^Expiry", "1234")
    hands.fill("^Security code", "123")
    hands.fill("^Name on card", "Ines Rowan")
    hands.press("^Pay £40.50$")
    shopper.sees("^Thank you, Ines")


# What is written down ----------------------------------------------------------------------------


def states(shop: RunningShop) -> list[tuple[object, ...]]:
    rows = shop.query("SELECT state, fulfillment_state, total_amount, refunded_amount FROM orders")
    return [tuple(row) for row in rows]


def check_the_books(shop: RunningShop) -> None:
    """The piece that came back can be sold again; nothing else moved."""
    assert shop.on_hand("MUG-1") == 5
    assert (shop.on_hand("TOWEL-S"), shop.on_hand("TOWEL-L")) == (4, 3)
    assert [tuple(row) for row in shop.query("SELECT amount, status FROM refunds")] == [
        (1800, "succeeded")
    ]
    assert shop.query("SELECT 1 FROM products WHERE handle = 'cracked-bowl'") == []
    ((used,),) = shop.query("SELECT used_count FROM discounts WHERE code = 'OPEN10'")
    assert used == 1
    assert eventually(lambda: len(shop.mails_to(BUYER)) == 3)

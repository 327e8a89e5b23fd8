"""A product's pictures and variants in a real browser, with and without JavaScript."""

from __future__ import annotations

import io
import re
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import RunningShop, has_scripts_on
from tests.browser.test_every_page import SCHEMES
from tests.browser.test_purchase import eventually

pytestmark = [pytest.mark.browser, pytest.mark.processes]

MUG = "/products/tuesday-mug"


def test_a_choice_changes_price_picture_title_and_address(page: Page) -> None:
    page.goto(f"{MUG}?glaze=cobalt&size=small")
    has_scripts = has_scripts_on(page)
    before = page.locator(".buy__price .price").inner_text()

    page.get_by_role("link", name="Celadon").click()
    if not has_scripts:  # with them, the second choice may come before the first is answered
        expect(page).to_have_url(re.compile("glaze=celadon"))
    page.get_by_role("link", name=re.compile("^Medium")).click()

    expect(page).to_have_url(re.compile(r"/products/tuesday-mug\?glaze=celadon&size=medium$"))
    expect(page).to_have_title(re.compile("^Tuesday mug, Celadon / Medium"))
    expect(page.locator(".buy__price .price")).not_to_have_text(before)
    picture = page.locator("#picture-1 picture img")
    expect(picture).to_have_attribute("src", re.compile("tuesday-mug-celadon"))
    page.goto("/cart")
    page.go_back()
    expect(page).to_have_title(re.compile("^Tuesday mug, Celadon / Medium"))
    expect(picture).to_have_attribute("src", re.compile("tuesday-mug-celadon"))


@pytest.mark.parametrize("height", [900, 650])
def test_a_pot_is_never_cut_by_the_window(
    browser: Browser, running_shop: RunningShop, height: int
) -> None:
    page = browser.new_page(base_url=running_shop.url, viewport={"width": 1280, "height": height})
    page.goto(MUG)
    box = page.locator("#picture-1 .picture").bounding_box()
    page.close()

    assert box is not None
    # The demo's pots stand whole in a square.
    assert box["height"] >= box["width"]
    assert box["y"] + box["height"] <= height


def test_a_picture_of_another_shape_fills_its_frame(page: Page) -> None:
    page.goto("/products/gift-card")  # a square picture in an upright frame

    frame = page.locator("#picture-1 .picture").bounding_box()
    picture = page.locator("#picture-1 picture img").bounding_box()

    assert frame is not None
    assert frame == picture


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_small_scale_drawing_can_be_seen(
    browser: Browser, running_shop: RunningShop, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(
        base_url=running_shop.url, viewport={"width": 1280, "height": 900}, color_scheme=scheme
    )
    page.goto(MUG)
    drawing = page.locator(".gallery__drawing")
    expect(drawing.locator("img")).to_have_js_property("complete", True)
    shot = Image.open(io.BytesIO(drawing.screenshot())).convert("L").crop((8, 8, 56, 56))
    page.close()

    ground = shot.getpixel((0, 0))
    assert isinstance(ground, int)
    strong = [count for level, count in enumerate(shot.histogram()) if abs(level - ground) > 60]
    assert sum(strong) > 100


def test_a_picture_is_enlarged(page: Page) -> None:
    page.goto(MUG)
    has_scripts = has_scripts_on(page)
    link = page.locator("#picture-1 a[data-zoom]")
    address = link.get_attribute("href") or ""

    link.click()

    if not has_scripts:
        page.wait_for_url(f"**{address}")
        return
    dialog = page.get_by_role("dialog", name="Picture 1 of 4")
    expect(dialog).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name="Picture 2 of 4")).to_be_visible()
    larger = page.get_by_role("button", name="Larger")
    larger.click()
    expect(larger).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("group", name="Move the picture")).to_be_visible()
    stage = page.locator("[data-zoom-stage]")
    was = stage.evaluate("stage => stage.scrollLeft")
    page.get_by_role("button", name="Show more of the right").click()
    assert eventually(lambda: stage.evaluate("stage => stage.scrollLeft") > was)
    page.keyboard.press("Escape")
    expect(page.locator("#zoom")).not_to_be_visible()
    expect(page.locator("#picture-2 a[data-zoom]")).to_be_focused()


#: Scrolled as far as asked or as there is, with every picture that is in sight.
_IS_SEEN = """
(asked) => scrollY >= Math.min(asked, document.documentElement.scrollHeight - innerHeight) - 1
  && [...document.images].every((picture) => {
    const { top, bottom, width } = picture.getBoundingClientRect();
    return !width || bottom < 0 || top > innerHeight || picture.naturalWidth;
  })
"""


@pytest.mark.parametrize("context", [True], indirect=True, ids=["with JavaScript"])
def test_a_picture_that_stands_alone_has_no_next_one(page: Page) -> None:
    page.goto("/products/gift-card")

    page.locator("[data-zoom]").click()

    dialog = page.get_by_role("dialog", name="Picture 1 of 1")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button")).to_have_count(2)  # larger, close


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["/", "/products", MUG])
def test_nothing_shifts_while_a_page_loads(
    browser: Browser, running_shop: RunningShop, path: str, width: int
) -> None:
    context: BrowserContext = browser.new_context(
        base_url=running_shop.url, viewport={"width": width, "height": 844}
    )
    context.add_init_script(
        """window.shifts = [];
        const keep = (entries) => {
          for (const entry of entries) if (!entry.hadRecentInput) window.shifts.push(
            [entry.value, ...entry.sources.map(({ node }) => node?.outerHTML ?? "words")]);
        };
        window.observer = new PerformanceObserver((list) => keep(list.getEntries()));
        window.observer.observe({ type: "layout-shift", buffered: true });
        window.allShifts = () => new Promise((resolve) => requestAnimationFrame(
          () => requestAnimationFrame(() => {
            keep(window.observer.takeRecords());
            resolve(window.shifts);
          })));"""
    )
    page = context.new_page()
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.mouse.wheel(0, 1500)
    page.wait_for_function(_IS_SEEN, arg=1500)

    shifts = page.evaluate("window.allShifts()")

    context.close()
    assert sum(shift[0] for shift in shifts) < 0.001, shifts  # what Lighthouse calls 0

"""Every kind of mail, as a program that reads styles shows it: readable, within the window."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser

from shop.admin import mail_samples
from shop.orders import emails
from shop.orders.letters import LETTERS
from shop.outbox import mailer
from tests.browser.test_every_page import SCHEMES, overflow
from tests.factories import make_order, make_product, make_store, variants_of
from tests.theme.looks import show

pytestmark = pytest.mark.browser

#: WCAG 2.2 AA. A mail is no page: landmarks are its program's.
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}
#: No word of it has a place to break.
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 3


@pytest.mark.parametrize("theme", ["fettle", "plain"])
def test_mails_are_accessible_by_day_and_by_night(app: Flask, browser: Browser, theme: str) -> None:
    make_store()
    show(theme=theme)
    page = browser.new_page()

    for name in mail_samples.names():
        _, html = mailer.render(mail_samples.sample(name, "de", "ines@example.com"))
        page.set_content(html)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=RULES).response["violations"]
            assert [one["id"] for one in found] == [], (name, scheme)
    page.close()


def test_words_without_a_place_to_break_stay_in_the_narrowest_window(
    app: Flask, browser: Browser
) -> None:
    make_store()
    (variant,) = variants_of(make_product(LONG, unit_amount=12_345_600))
    order = make_order(variant, quantity=9)
    order.name, order.note = LONG[:120], f"https://example.com/{LONG}"
    page = browser.new_page(viewport={"width": 320, "height": 600})

    _, html = mailer.render(LETTERS[emails.AUTHORIZED]({"order_id": order.id}))
    page.set_content(html)

    assert overflow(page) == 0
    page.close()

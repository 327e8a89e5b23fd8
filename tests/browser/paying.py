"""What shoppers type into the payment page."""

from __future__ import annotations

import re

from playwright.sync_api import FrameLocator, Page

#: Pays at once.
GOOD_CARD = "4242 4242 4242 4242"


def pay_by_card(form: FrameLocator | Page, number: str = GOOD_CARD) -> None:
    form.get_by_label("Card number").fill(number)
    form.get_by_label("Expiry date").fill("12 / 34")
    form.get_by_label("Security code").fill("123")
    form.get_by_label("Name on card").fill("Ines Rowan")
    form.get_by_role("button", name=re.compile(r"^Pay £")).click()

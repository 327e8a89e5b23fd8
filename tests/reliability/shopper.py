"""A shopper who knows only what the pages show, and presses their buttons by plain HTTP."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import requests

from tests.reliability.shop_processes import TIMEOUT, Shop, session

T = TypeVar("T")
S = TypeVar("S")

#: Every shopper is at home somewhere else.
_NUMBERS = itertools.count()  # which threads may share, as they may not a generator
CARD = "4242 4242 4242 4242"
DETAILS = {
    "country": "GB",
    "name": "Ines Rowan",
    "line1": "14 Alder Row",
    "postal_code": "LS6 2AB",
    "city": "Leeds",
}


class Shopper:
    """One browser with its cookies; `name` makes the address to which the mail goes."""

    def __init__(self, shop: Shop, name: str = "ines") -> None:
        self.shop, self.email = shop, f"{name}@example.com"
        self.http = session()
        number = next(_NUMBERS)
        self.http.headers["X-Forwarded-For"] = f"198.18.{number // 250}.{number % 250 + 1}"

    def twin(self) -> Shopper:
        """Another tab or a copied cookie: the same session, on a connection of its own."""
        twin = Shopper(self.shop)
        twin.email = self.email
        twin.http.cookies.update(self.http.cookies)
        twin.http.headers.update(self.http.headers)
        return twin

    # Steps --------------------------------------------------------------------------------------

    def add(self, variant_id: int, quantity: int = 1) -> requests.Response:
        return self.post("/cart/lines", variant_id=str(variant_id), quantity=str(quantity))

    def give_details(self, **changes: str) -> requests.Response:
        return self.post("/checkout", **{"email": self.email, **DETAILS, **changes})

    def review(self) -> dict[str, str]:
        """The fields of the form whose button says Pay."""
        page = self.get("/checkout/payment")
        assert page.status_code == 200, f"{page.status_code} {page.headers.get('Location')}"
        total = re.search(r'name="total" value="([0-9]+)"', page.text)
        rate = re.search(r'name="shipping_rate_id" value="([0-9]+)" checked', page.text)
        assert total is not None
        assert rate is not None
        return {"total": total[1], "shipping_rate_id": rate[1]}

    def press_pay(self, form: dict[str, str]) -> requests.Response:
        return self.post("/checkout/payment", **form)

    def prepare(self, *variant_ids: int, quantity: int = 1) -> dict[str, str]:
        """Everything up to the button."""
        for variant_id in variant_ids:
            assert self.add(variant_id, quantity).status_code == 303
        assert self.give_details().status_code == 303
        return self.review()

    def begin(self, *variant_ids: int, quantity: int = 1) -> str:
        """Onto the payment page; its address."""
        return self.payment_page(self.press_pay(self.prepare(*variant_ids, quantity=quantity)))

    def payment_page(self, answer: requests.Response) -> str:
        assert is_payment_page(answer), f"{answer.status_code} {answer.headers.get('Location')}"
        return answer.headers["Location"]

    def pay(self, payment_page: str, card: str = CARD) -> str:
        """Type a card; the address to which Stripe sends the shopper back."""
        form = {
            "email": self.email, "method": "card", "number": card, "expiry": "12 / 34",
            "cvc": "123", "name": "Ines Rowan", "country": "GB",
        }  # fmt: skip
        answer = self.http.post(payment_page, data=form, allow_redirects=False, timeout=TIMEOUT)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def come_back(self, address: str) -> requests.Response:
        """The order's page, as it is after Stripe sent the shopper back."""
        return self.http.get(address, timeout=TIMEOUT)

    def buy(self, *variant_ids: int, quantity: int = 1) -> requests.Response:
        return self.come_back(self.pay(self.begin(*variant_ids, quantity=quantity)))

    # HTTP ---------------------------------------------------------------------------------------

    def get(self, path: str) -> requests.Response:
        return self.http.get(self.shop.url + path, allow_redirects=False, timeout=TIMEOUT)

    def post(self, path: str, **form: str) -> requests.Response:
        return self.http.post(
            self.shop.url + path, data=form, allow_redirects=False, timeout=TIMEOUT
        )

    def follow(self, answer: requests.Response) -> requests.Response:
        """Where a browser ends up."""
        while answer.is_redirect:
            answer = self.http.get(
                requests.compat.urljoin(answer.url, answer.headers["Location"]),
                allow_redirects=False,
                timeout=TIMEOUT,
            )
        return answer


def is_payment_page(answer: requests.Response) -> bool:
    return answer.status_code == 303 and "/c/pay/" in answer.headers["Location"]


def words(answer: requests.Response) -> str:
    """What the page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def each(work: Callable[[S], T], things: Sequence[S], *, at_once: int = 8) -> list[T]:
    """A few at a time, in order; for what is only prepared."""
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(work, things))


def all_at_once(work: Callable[[S], T], things: Sequence[S]) -> list[T]:
    """Every one in a thread of its own, let go at the same moment."""
    gate = Barrier(len(things))

    def go(thing: Any) -> T:
        gate.wait(TIMEOUT)
        return work(thing)

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(go, things))

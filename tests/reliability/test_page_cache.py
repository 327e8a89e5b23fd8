"""A change in the admin is on the next page, from every process, while others read without end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from shop.extensions import db
from tests.accounts.people import PASSWORD, make_admin
from tests.admin.test_products import Inputs
from tests.conftest import Databases
from tests.factories import make_product, variants_of
from tests.reliability.conftest import FULL, seed
from tests.reliability.numbered import WORKER
from tests.reliability.processes import wait_until
from tests.reliability.shop_processes import TIMEOUT, Shop, own_shop, session

CHANGES = 500 if FULL else 60
READERS = 4
EMAIL = "maya@example.com"
PAGES = ("/products/tuesday-mug", "/products")


@pytest.fixture
def numbered_shop(dialect: str, tmp_path: Path, databases: Databases) -> Iterator[Shop]:
    target = "tests.reliability.numbered:create_app"
    with (
        databases(dialect, tmp_path) as url,
        own_shop(url, tmp_path, target=target) as shop,
    ):
        seed(shop)
        with shop.app.app_context():
            make_product("Tuesday mug", handle="tuesday-mug", on_hand=40)
            make_admin(email=EMAIL)
            db.session.commit()
        shop.start("web")
        yield shop


def test_a_price_changed_in_the_admin_is_on_the_next_page_of_every_process(
    numbered_shop: Shop,
) -> None:
    shop = numbered_shop
    visitors = one_for_each_process(shop)
    staff, address, field = signed_in(shop)
    with readers(shop) as read:
        for number in range(CHANGES):
            price = f"{20 + number}.{number % 100:02d}"
            change(staff, address, {field: price})
            for worker, visitor in visitors.items():
                for page in PAGES:
                    answer = visitor.get(shop.url + page, timeout=TIMEOUT)
                    assert answer.headers[WORKER] == worker
                    assert f"£{price}" in answer.text, (number, worker, page)

    assert len(visitors) == 2
    assert sum(read) > CHANGES
    assert is_from_memory(shop, visitors)


def one_for_each_process(shop: Shop) -> dict[str, requests.Session]:
    """Connections that stay open, and so with the process that took them."""
    found: dict[str, requests.Session] = {}

    def try_another() -> bool:
        visitor = session()
        worker = visitor.get(f"{shop.url}/products", timeout=TIMEOUT).headers[WORKER]
        found.setdefault(worker, visitor)
        return len(found) == shop.settings.web_workers

    wait_until(try_another, "a connection to each process")
    return found


def signed_in(shop: Shop) -> tuple[requests.Session, str, str]:
    """Staff, the address of the mug's form, and the name of its price."""
    staff = session()
    form = {"email": EMAIL, "password": PASSWORD, "next": "/admin"}
    answer = staff.post(f"{shop.url}/sign-in", data=form, allow_redirects=False, timeout=TIMEOUT)
    assert answer.status_code == 303, answer.text
    with shop.app.app_context():
        from shop.catalog.models import Product

        product = db.session.scalars(db.select(Product)).one()
        (variant,) = variants_of(product)
        address = f"{shop.url}/admin/products/{product.id}"
        field = f"variant-{variant.id}-price"
        db.session.remove()
    return staff, address, field


def change(staff: requests.Session, address: str, values: dict[str, str]) -> None:
    form = Inputs(staff.get(address, timeout=TIMEOUT).text).values | values
    answer = staff.post(address, data=form, allow_redirects=False, timeout=TIMEOUT)
    assert answer.status_code == 303, answer.text


@contextmanager
def readers(shop: Shop) -> Iterator[list[int]]:
    """So many read all the time; how many pages each has read."""
    stop, read = threading.Event(), [0] * READERS

    def keep_reading(place: int) -> None:
        visitor = session()
        while not stop.is_set():
            for page in PAGES:
                assert visitor.get(shop.url + page, timeout=TIMEOUT).status_code == 200
                read[place] += 1

    threads = [threading.Thread(target=keep_reading, args=(n,)) for n in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield read
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def is_from_memory(shop: Shop, visitors: dict[str, requests.Session]) -> bool:
    """The cache really was on: a page from memory was made by no request."""

    def all_from_memory() -> bool:
        return all(
            "X-Request-Id" not in visitor.get(shop.url + PAGES[0], timeout=TIMEOUT).headers
            for visitor in visitors.values()
        )

    return wait_until(all_from_memory, "a page from memory")

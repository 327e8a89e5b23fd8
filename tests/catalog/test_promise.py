"""The date of arrival on a product's page, which caches keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import time_machine
from flask import Response
from flask.testing import FlaskClient

from shop.web.headers import VALID_UNTIL
from tests.factories import make_product, make_rates, make_store
from tests.pages import read


@time_machine.travel(datetime(2026, 11, 23, 11, 46, tzinfo=UTC), tick=False)
def test_a_product_page_promises_a_date_and_says_until_when(
    answered_inside: Callable[[str], Response],
) -> None:
    make_store()
    make_rates()
    make_product(handle="tuesday-mug")

    answer = answered_inside("/products/tuesday-mug")

    html = answer.get_data(as_text=True)
    assert "Arrives Wed 25 to Thu 26 Nov if you order by 14:00 today" in read(html).text
    assert '<time datetime="2026-11-23T14:00:00+00:00" data-order-by' in html
    assert answer.headers[VALID_UNTIL] == "1795442400"  # 14:00


@time_machine.travel(datetime(2026, 11, 27, 15, 0, tzinfo=UTC), tick=False)
def test_after_fridays_cut_off_it_is_mondays(
    answered_inside: Callable[[str], Response],
) -> None:
    make_store()
    make_rates()
    make_product(handle="tuesday-mug")

    answer = answered_inside("/products/tuesday-mug")

    words = read(answer.get_data(as_text=True)).text
    assert "Arrives Wed 2 to Thu 3 Dec if you order by 14:00 on Mon 30 Nov" in words
    assert answer.headers[VALID_UNTIL] == "1795824000"  # midnight


@time_machine.travel(datetime(2026, 11, 23, 11, 46, tzinfo=UTC), tick=False)
def test_nothing_is_promised_for_what_is_sold_out(client: FlaskClient) -> None:
    make_store()
    make_rates()
    make_product(handle="tuesday-mug", on_hand=0)

    words = read(client.get("/products/tuesday-mug").text).text

    assert "Arrives" not in words
    assert "With you in 2 to 3 working days." in words

from __future__ import annotations

from typing import Any

import pytest

from shop.traffic.steps import Step, address_of, is_machine, is_taken, step_of


def environ(method: str, path: str, dest: str | None = "document", **more: str) -> dict[str, Any]:
    found: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, **more}
    return found if dest is None else found | {"HTTP_SEC_FETCH_DEST": dest}


@pytest.mark.parametrize(
    ("asked", "step"),
    [
        (environ("GET", "/"), Step.VISIT),
        (environ("GET", "/collections/mugs"), Step.VISIT),
        (environ("GET", "/products/tuesday-mug"), Step.PRODUCT),
        (environ("POST", "/seen", "empty"), Step.PRODUCT),
        (environ("GET", "/products"), Step.VISIT),
        (environ("POST", "/cart/lines"), Step.CART),
        (environ("POST", "/cart/lines", "empty"), Step.CART),
        (environ("GET", "/checkout"), Step.CHECKOUT),
        (environ("GET", "/checkout/payment"), None),
        (environ("GET", "/admin/orders"), None),
        (environ("GET", "/static/js/site.js"), None),
        (environ("GET", "/", "empty"), None),
        (environ("GET", "/", "image"), None),
        (environ("GET", "/", None), None),
        (environ("GET", "/products/tuesday-mug", HTTP_SEC_PURPOSE="prefetch"), None),
        (environ("HEAD", "/"), None),
    ],
)
def test_a_step_is_told_by_the_request(asked: dict[str, Any], step: Step | None) -> None:
    assert step_of(asked) == step


def test_a_refused_line_fills_no_cart() -> None:
    filled = [("Set-Cookie", "cart_count=1; Path=/")]

    assert is_taken(Step.CART, "303 SEE OTHER", filled)
    assert not is_taken(Step.CART, "303 SEE OTHER", [("Set-Cookie", "till=x")])
    assert not is_taken(Step.CART, "409 CONFLICT", filled)


def test_who_is_sent_back_has_no_checkout() -> None:
    assert is_taken(Step.CHECKOUT, "200 OK", [])
    assert not is_taken(Step.CHECKOUT, "303 SEE OTHER", [])
    assert not is_taken(Step.PRODUCT, "404 NOT FOUND", [])


@pytest.mark.parametrize(
    "agent",
    ["", "Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.5.0", "HeadlessChrome/130", "python/3"],
)  # fmt: skip
def test_machines_are_left_out(agent: str) -> None:
    assert is_machine(agent)
    assert not is_machine("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Safari/605.1.15")


def test_behind_a_proxy_the_visitor_is_whom_it_names() -> None:
    asked = {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.7"}

    assert address_of(asked, 0) == "10.0.0.9"
    assert address_of(asked, 1) == "203.0.113.7"
    assert address_of({"REMOTE_ADDR": "10.0.0.9"}, 1) == "10.0.0.9"
    assert address_of({"REMOTE_ADDR": "2001:db8:1:2:3::4"}, 0) == "2001:db8:1:2"

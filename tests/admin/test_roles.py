"""What each role may open: every admin rule, and what pages offer."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shop.accounts.models import Account, Role
from shop.accounts.permissions import PRESETS, Access, Area, contains, read, union, written
from shop.admin.areas import AREAS
from shop.admin.offers import cut
from shop.audit import AuditEntry
from shop.extensions import db
from shop.orders.models import OrderEvent
from tests.accounts.people import be_signed_in, make_account
from tests.admin.test_doors import ADMIN_ANSWERS, DOORS, Door
from tests.factories import make_order, make_product, make_store

ROLES = ["owner", "manager", "fulfillment", "editor", "support", "read_only"]
#: What of the shop each role must never reach, and what it lives by, spelled out.
REFUSED = {
    "manager": ["POST /admin/settings/payments"],
    "fulfillment": [
        "POST /admin/orders/1/refunds", "GET /admin/orders/1/refunds/new",
        "GET /admin/settings/zones",
        "POST /admin/products/new", "GET /admin/discounts", "POST /admin/customers/1/erasure",
    ],
    "editor": [
        "GET /admin/orders", "GET /admin/customers", "GET /admin/gift-cards",
        "GET /admin/newsletter.csv",
        "POST /admin/discounts/new", "GET /admin/settings/payments",
    ],
    "support": [
        "POST /admin/orders/1/refunds", "POST /admin/orders/1/cancellation",
        "POST /admin/gift-cards/new",
        "GET /admin/gift-cards/new", "POST /admin/products/1", "GET /admin/theme",
    ],
    "read_only": [
        "POST /admin/orders/1/notes", "GET /admin/products/new",
        "POST /admin/settings/outbox/attempts",
        "GET /admin/settings/payments",
    ],
}  # fmt: skip
ALLOWED = {
    "manager": ["GET /admin/settings/payments", "POST /admin/orders/1/refunds"],
    "fulfillment": ["POST /admin/orders/1/fulfillments", "GET /admin/orders/packing-slips"],
    "editor": ["POST /admin/pages/new", "POST /admin/products/1", "POST /admin/theme/publication"],
    "support": ["POST /admin/orders/1/notes", "POST /admin/customers/1", "GET /admin/gift-cards"],
    "read_only": ["GET /admin/orders", "GET /admin/settings/zones", "GET /admin/discounts"],
}


def make_staff(role: str, **values: object) -> Account:
    return make_account(roles=(role,), **values)


def answer(client: FlaskClient, request: str) -> int:
    method, path = request.split()
    return client.open(path, method=method).status_code


def changes(door: Door, endpoint: str) -> bool:
    return door.method == "POST" or endpoint.startswith("new_")


@pytest.mark.parametrize("who", ["guest", "customer", *ROLES])
def test_every_rule_opens_for_the_roles_of_its_area_alone(client: FlaskClient, who: str) -> None:
    make_store()
    if who != "guest":
        be_signed_in(client, make_staff(who) if who in ROLES else make_account())
    adapter = client.application.url_map.bind("")
    answers, expected = {}, {}
    for door in DOORS:
        endpoint = adapter.match(door.path, door.method)[0].removeprefix("admin.")
        area = AREAS[endpoint]
        has = PRESETS.get(who, {}).get(area, Access.NONE) if area else Access.CHANGE
        is_open = has == Access.CHANGE or (has == Access.SEE and not changes(door, endpoint))
        allowed = who == "owner" or (who in ROLES and is_open)
        refusal = 403 if who != "guest" else 303 if door.method == "GET" else 401
        expected[door] = ADMIN_ANSWERS[door.method, door.rule] if allowed else refusal
        answers[door] = client.open(door.path, method=door.method).status_code

    assert answers == expected


@pytest.mark.parametrize("role", REFUSED)
def test_roles_stay_out_of_what_is_not_theirs(client: FlaskClient, role: str) -> None:
    make_store()
    be_signed_in(client, make_staff(role))

    assert {request: answer(client, request) for request in REFUSED[role]} == dict.fromkeys(
        REFUSED[role], 403
    )
    for table in (AuditEntry, OrderEvent):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


@pytest.mark.parametrize("role", ALLOWED)
def test_roles_reach_what_they_work_with(client: FlaskClient, role: str) -> None:
    make_store()
    be_signed_in(client, make_staff(role))

    refused = [request for request in ALLOWED[role] if answer(client, request) in (401, 403)]

    assert refused == []


def test_the_refusal_says_what_the_role_lacks_and_whom_to_ask(client: FlaskClient) -> None:
    make_store()
    be_signed_in(client, make_staff("editor"))

    page = client.get("/admin/orders")

    assert page.status_code == 403
    assert "The role “Editor” does not open this part of the shop: Orders." in page.text
    assert "ask an owner" in page.text


def test_the_shop_begins_with_these_roles(app: Flask) -> None:
    roles = {role.name: role for role in db.session.scalars(sa.select(Role))}

    assert set(roles) == set(ROLES)
    assert {name: roles[name].grid for name in PRESETS} == {
        name: read(written(grid)) for name, grid in PRESETS.items()
    }
    assert set(roles["owner"].grid.values()) == {Access.CHANGE}


def test_a_changed_role_counts_from_the_next_request_on(client: FlaskClient) -> None:
    make_store()
    be_signed_in(client, make_staff("editor"))
    assert client.get("/admin/orders").status_code == 403

    role = db.session.scalars(sa.select(Role).where(Role.name == "editor")).one()
    role.permissions = written({Area.ORDERS: Access.SEE})

    assert client.get("/admin/orders").status_code == 200
    assert client.get("/admin/pages").status_code == 403


def forbidden_offers(client: FlaskClient, html: str, path: str) -> list[str]:
    """Links and buttons of a page that lead to a refusal."""
    found = []
    for href in re.findall(r'<a\b[^>]*href="(/admin[^"]*)"', html):
        if "preview" not in href and client.get(href).status_code == 403:
            found.append(href)
    for attributes, inside in re.findall(r"<form\b([^>]*)>(.*?)</form>", html, re.DOTALL):
        action = re.search(r'action="([^"]*)"', attributes)
        target = action[1] if action else path
        is_sent = 'method="post"' in attributes and re.search(r"<button(?! type=.button)", inside)
        if is_sent and target.startswith("/admin") and client.post(target).status_code == 403:
            found.append(f"POST {target}")
    return found


@pytest.mark.parametrize("role", ["manager", "fulfillment", "support", "read_only"])
def test_pages_offer_nothing_that_would_be_refused(client: FlaskClient, role: str) -> None:
    make_store()
    order, product = make_order(), make_product()
    be_signed_in(client, make_staff(role))
    paths = ["/admin", "/admin/orders", f"/admin/orders/{order.id}", "/admin/products",
             f"/admin/products/{product.id}", "/admin/settings", "/admin/customers"]  # fmt: skip

    offers = {path: forbidden_offers(client, client.get(path).text, path) for path in paths}

    assert offers == {path: [] for path in paths}


def test_who_may_only_look_is_told_so_and_cannot_type(client: FlaskClient) -> None:
    make_store()
    product = make_product()
    be_signed_in(client, make_staff("read_only"))

    page = client.get(f"/admin/products/{product.id}").text

    assert "View only" in page
    assert '<fieldset class="locked" disabled>' in page
    assert ">Save<" not in page
    assert 'form="edit" disabled>' in page


def test_who_may_only_look_is_shown_no_tools(client: FlaskClient) -> None:
    make_store()
    make_order(paid=True)
    make_product()
    pages = ["/admin/orders", "/admin/products", "/admin/inventory"]
    be_signed_in(client, make_staff("owner"))
    tools = [">Add tag<", ">Continue<", 'name="note"']
    for page, tool in zip(pages, tools, strict=True):
        assert tool in client.get(page).text

    be_signed_in(client, make_staff("read_only"))

    for page, tool in zip(pages, tools, strict=True):
        text = client.get(page).text
        assert tool not in text
        assert " disabled" not in text


def may(address: str, method: str) -> bool:
    return "no" not in address and not (method == "POST" and "see" in address)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ('<a href="/yes">A</a>', '<a href="/yes">A</a>'),
        ('<b><a href="/no">A</a></b>', "<b><span>A</span></b>"),
        ('<b><a class="button" href="/no">A</a></b>', "<b></b>"),
        ('<ul><li>\n<a href="/no">A</a>\n</li><li><a href="/x">B</a></li></ul>',
         '<ul><li><a href="/x">B</a></li></ul>'),
        ('<li><a href="/no">A</a> and more</li>', "<li><span>A</span> and more</li>"),
        ('<form action="/no"><button>Find</button></form>',
         '<form action="/no"><button>Find</button></form>'),
        ('<form method="post" action="/see"><input name="a"><button>Save</button></form>',
         '<form method="post" action="/see"><fieldset class="locked" disabled><input name="a">'
         "</fieldset></form>"),
        ('<form method="post"><footer> <button>Save</button></footer></form>',
         '<form method="post"><fieldset class="locked" disabled></fieldset></form>'),
        ('<form method="post" action="/x"><button formaction="/see">A</button><button>B</button>'
         "</form>", '<form method="post" action="/x"><button>B</button></form>'),
        ('<form id="f" method="post" action="/see"></form><input name="a" form="f"><input name="b">'
         '<button form="f">Go</button>',
         '<form id="f" method="post" action="/see"><fieldset class="locked" disabled></fieldset>'
         '</form><input name="a" form="f" disabled><input name="b">'),
        ('<details><summary>Delete</summary><form method="post" action="/see">Sure?</form>'
         "</details>", ""),
        ('<details><summary>More</summary><form method="post" action="/x">Sure?</form></details>',
         '<details><summary>More</summary><form method="post" action="/x">Sure?</form></details>'),
        ("<details><summary>More</summary>words</details>",
         "<details><summary>More</summary>words</details>"),
    ],
)  # fmt: skip
def test_what_is_cut_out_of_a_page(html: str, left: str) -> None:
    assert cut(html, "/see", may) == left


def test_grids_are_written_and_read() -> None:
    grid = {Area.ORDERS: Access.CHANGE, Area.STAFF: Access.SEE, Area.THEME: Access.NONE}

    assert written(grid) == ["orders:change", "staff:see"]
    assert contains(read(written(grid)), grid)
    assert read(["orders:fly", "moon:see", "", "orders"])[Area.ORDERS] == Access.NONE


def test_the_union_of_grids_has_the_most_of_each() -> None:
    one = {Area.ORDERS: Access.SEE, Area.THEME: Access.CHANGE}
    other = {Area.ORDERS: Access.CHANGE}

    both = union([one, other])

    assert (both[Area.ORDERS], both[Area.THEME]) == (Access.CHANGE, Access.CHANGE)
    assert contains(both, one)
    assert not contains(one, both)
    assert union([]) == dict.fromkeys(Area, Access.NONE)

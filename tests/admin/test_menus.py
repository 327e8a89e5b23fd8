from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shop.audit import AuditEntry
from shop.content import service as content
from shop.content.service import PageDetails
from shop.extensions import db
from shop.redirects import service as redirects
from shop.store import menus
from shop.store import queries as store
from tests.factories import make_product
from tests.pages import read

MENU = "/admin/menus/header"


def version(staff: FlaskClient, path: str = MENU) -> str:
    return read(staff.get(path).text).having("input", name="version")[0]["value"]


def add(staff: FlaskClient, label: str, target: str, path: str = MENU) -> int:
    data = {"label": label, "target": target, "version": version(staff, path)}
    return staff.post(path, data=data).status_code


def press(staff: FlaskClient, address: str, **data: str) -> int:
    return staff.post(f"{MENU}/{address}", data={"version": version(staff)} | data).status_code


def labels() -> list[str]:
    links = menus.read(store.current().menus, menus.HEADER)
    return [f"{' ' if link.is_nested else ''}{link.label}" for link in links]


def test_until_it_is_arranged_the_shop_makes_the_menu_itself(staff: FlaskClient) -> None:
    assert "The shop makes this menu itself" in staff.get(MENU).text
    assert "All products" in staff.get("/products").text


def test_the_header_shows_what_was_arranged(staff: FlaskClient) -> None:
    assert add(staff, "Everything", "/products") == 303
    assert add(staff, "On Instagram", "https://instagram.example/fettle") == 303
    assert press(staff, "links/1/position", direction="in") == 303

    header = re.search(r'<ul class="header__menu">.*?</nav>', staff.get("/cart").text, re.DOTALL)

    assert header is not None
    assert "<summary>Everything" in header[0]
    assert 'href="https://instagram.example/fettle"' in header[0]
    assert "All products" not in header[0]
    entries = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert entries == ["store.changed"] * 3


@pytest.mark.parametrize(
    ("target", "is_told"),
    [
        ("/products", False),
        ("/products/mug?color=red", False),
        ("/products/draft", True),
        ("/products/gone", True),
        ("/collections/all", False),
        ("/collections/gone", True),
        ("/pages/shown", False),
        ("/pages/hidden", True),
        ("/blogs/journal/gone", True),
        ("/old", False),
        ("/nothing/here", True),
        ("/products/m%00g", True),
        ("/checkout/reminder", True),
        ("https://elsewhere.example/gone", False),
    ],
)
def test_a_link_that_leads_nowhere_is_kept_and_told(
    staff: FlaskClient, target: str, is_told: bool
) -> None:
    make_product("Mug", handle="mug")
    make_product("Draft", handle="draft", published=False)
    content.create_page(PageDetails(title="Shown"))
    content.create_page(PageDetails(title="Hidden", is_published=False))
    redirects.add("/old", "/products")
    db.session.commit()

    assert add(staff, "Here", target) == 303
    added = staff.get(MENU).text
    assert press(staff, "links/0", label="There", target=target) == 303
    changed = staff.get(MENU).text

    assert ["shows nothing at" in page for page in (added, changed)] == [is_told] * 2
    assert labels() == ["There"]


def test_the_footer_keeps_the_legal_texts_beside_an_arranged_menu(staff: FlaskClient) -> None:
    content.create_page(PageDetails(title="Imprint"))
    db.session.commit()
    assert add(staff, "About the pottery", "/pages/about", "/admin/menus/footer") == 303

    page = staff.get("/cart").text

    assert "About the pottery" in page
    assert '<a href="/pages/imprint">Imprint</a>' in page[page.index("footer__texts") :]


def test_the_footer_names_a_legal_text_once_where_no_menu_is_arranged(staff: FlaskClient) -> None:
    content.create_page(PageDetails(title="Imprint"))
    content.create_page(PageDetails(title="Visit us"))
    db.session.commit()

    page = staff.get("/cart").text
    footer = page[page.index('class="footer"') : page.index("</footer>")]

    assert footer.count('<a href="/pages/imprint">Imprint</a>') == 1
    assert '<a href="/pages/imprint">Imprint</a>' in footer[footer.index("footer__texts") :]
    assert footer.index("/pages/visit-us") < footer.index("footer__texts")


def test_links_are_ordered_nested_renamed_and_removed(staff: FlaskClient) -> None:
    for label in ("One", "Two", "Three"):
        add(staff, label, f"/pages/{label.lower()}")

    assert press(staff, "links/2/position", direction="up") == 303
    assert labels() == ["One", "Three", "Two"]
    assert press(staff, "links/1/position", direction="in") == 303
    assert labels() == ["One", " Three", "Two"]
    assert press(staff, "links/1", label="Drei", target="/pages/drei") == 303
    assert press(staff, "links/0/delete") == 303
    assert labels() == ["Drei", "Two"]


@pytest.mark.parametrize(
    ("label", "target"),
    [
        ("", "/products"),
        ("x" * 61, "/products"),
        ("Bad", "javascript:alert(1)"),
        ("Bad", "//elsewhere.example"),
        ("Bad", "products"),
        ("Bad", ""),
    ],
)
def test_what_leads_nowhere_is_refused_and_kept_in_the_form(
    staff: FlaskClient, label: str, target: str
) -> None:
    data = {"label": label, "target": target, "version": version(staff)}

    response = staff.post(MENU, data=data)

    assert response.status_code == 422
    assert read(response.text).having("input", name="label")[0]["value"] == label
    assert labels() == []


def test_a_menu_that_somebody_changed_meanwhile_is_left_alone(staff: FlaskClient) -> None:
    seen = version(staff)
    add(staff, "First", "/products")

    for address, data in [("", {"label": "Second", "target": "/x"}), ("/links/0/delete", {})]:
        response = staff.post(f"{MENU}{address}", data={"version": seen} | data)
        assert response.status_code == 409
    assert labels() == ["First"]


def test_a_link_that_cannot_go_there_stays(staff: FlaskClient) -> None:
    add(staff, "Only", "/products")

    for direction in ("up", "down", "in", "out"):
        assert press(staff, "links/0/position", direction=direction) == 409
    assert press(staff, "links/7/delete") == 409
    assert press(staff, "links/0/position", direction="sideways") == 400
    assert labels() == ["Only"]


def test_a_removed_link_comes_back_by_the_message(staff: FlaskClient) -> None:
    add(staff, "Mugs", "/products")
    add(staff, "Journal", "/blogs/journal")
    press(staff, "links/0/delete")
    assert labels() == ["Journal"]
    (form,) = read(staff.get(MENU).text).having("form", class_="flash__action")

    staff.post(form["action"])

    assert labels() == ["Mugs", "Journal"]

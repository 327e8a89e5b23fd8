from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from shop.catalog.models import Collection
from shop.content.models import Page
from shop.extensions import db
from shop.redirects import service
from shop.redirects.models import Redirect
from tests.factories import make_product, make_store


def test_an_old_address_answers_301_and_keeps_the_query(client: FlaskClient) -> None:
    service.moved("/products/old", "/products/new")

    answer = client.get("/products/old?glaze=cobalt&utm_source=a%20b")

    assert (answer.status_code, answer.location) == (
        301,
        "/products/new?glaze=cobalt&utm_source=a%20b",
    )
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/old-page.html", "/blogs/news/first", "/old-page.html/"])
def test_any_address_that_shows_nothing_may_lead_on(client: FlaskClient, path: str) -> None:
    service.add(path.rstrip("/"), "/pages/new?x=1#part")

    assert client.get(path).location == "/pages/new?x=1#part"
    assert client.get(f"{path}?y=2").location == "/pages/new?x=1&y=2#part"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/cart/", "/cart"),
        ("/search/?q=mug", "/search?q=mug"),
        ("/admin/", "/admin"),
        ("/no-such-page/", None),
    ],
)
def test_a_slash_too_much_is_forgiven(client: FlaskClient, path: str, target: str | None) -> None:
    answer = client.get(path)

    assert answer.status_code == (404 if target is None else 301)
    assert answer.location == target
    assert client.post(path).location is None


def test_letters_of_any_script_are_sent_on(client: FlaskClient) -> None:
    service.moved("/products/crème", "/products/brûlée")

    assert client.get("/products/crème").location == "/products/br%C3%BBl%C3%A9e"


def test_what_is_there_is_shown_whatever_the_redirects_say(
    client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    make_store()
    make_product(handle="mug")
    service.add("/products/mug", "/pages/elsewhere")

    with count_queries() as statements:
        answer = client.get("/products/mug")

    assert answer.status_code == 200
    assert not [statement for statement in statements if "redirects" in statement]


@pytest.mark.parametrize("path", ["/collections", "/collections/all", "/collections/all/"])
def test_a_moved_shops_list_of_everything_is_the_list_of_products(
    client: FlaskClient, path: str
) -> None:
    make_store()

    assert client.get(f"{path}?page=2").location == "/products?page=2"

    db.session.add(Collection(handle="all", title="All of it"))
    service.add("/collections", "/pages/shelves")
    assert client.get("/collections/all").status_code == 200
    assert client.get("/collections").location == "/pages/shelves"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/account/login?lang=de", "/sign-in?lang=de"),
        ("/account/register", "/sign-up"),
        ("/collections/all/products.json?limit=5", "/products.json?limit=5"),
        ("/collections/types?q=Mugs", "/search?q=Mugs"),
        ("/collections/vendors?q=Hay%20%26%20Co", "/search?q=Hay%20%26%20Co"),
    ],
)
def test_what_else_a_moved_shop_was_asked_for_leads_on(
    client: FlaskClient, path: str, target: str
) -> None:
    make_store()

    assert client.get(path).location == target


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/products/old.json", "/products/mug.json"),
        ("/products/old/reviews?stars=5", "/products/mug/reviews?stars=5"),
        ("/collections/old.json", "/collections/mugs.json"),
        ("/collections/old/products.json", "/collections/mugs/products.json"),
        ("/products/sold.json", None),
        ("/products/never.json", None),
    ],
)
def test_what_stands_beside_a_page_goes_where_the_page_went(
    client: FlaskClient, path: str, target: str | None
) -> None:
    make_store()
    service.add("/products/old", "/products/mug")
    service.add("/collections/old", "/collections/mugs")
    service.add("/products/sold", "/pages/about")

    answer = client.get(path)

    assert (answer.status_code, answer.location) == ((301, target) if target else (404, None))


def test_an_unknown_address_is_not_found(client: FlaskClient) -> None:
    assert client.get("/products/nothing").status_code == 404
    assert client.post("/products/nothing").status_code in (404, 405)


def test_without_a_database_the_shelf_is_empty_all_the_same(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: str) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr("shop.redirects.views.followed", fail)

    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert "This shelf is empty" in answer.text


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/products/mug/", "/products/mug"),
        ("/products/Mug?glaze=cobalt", "/products/mug?glaze=cobalt"),
        ("/blogs/news/First-Firing", "/blogs/journal/first-firing"),
        ("/blogs/news", "/blogs/journal"),
        ("/blogs/News.atom", "/blogs/journal.atom"),
        ("/blogs/news/tagged/wood-firing", "/blogs/journal"),
        ("/blogs/journal/tagged/glaze?page=2", "/blogs/journal?page=2"),
        ("/collections/all/products/Mug/", "/products/mug"),
        ("/collections/mugs/Blue", "/collections/mugs?tag=blue"),
        ("/collections/mugs/blue+small?page=2", "/collections/mugs?tag=blue&tag=small&page=2"),
        ("/collections/mugs/%C3%A9maill%C3%A9", "/collections/mugs?tag=%c3%a9maill%c3%a9"),
        ("/products/mug.js", "/products/mug.json"),
        ("/policies/privacy-policy", "/pages/privacy"),
    ],
)
def test_an_address_that_is_meant_leads_on(client: FlaskClient, path: str, target: str) -> None:
    make_store()
    make_page("privacy")

    answer = client.get(path)

    assert (answer.status_code, answer.location) == (301, target)


@pytest.mark.parametrize("name", ["contact-information", "privacy-policy", "refund-policy"])
def test_a_redirect_goes_before_what_the_shop_makes_of_a_policys_address(
    client: FlaskClient, name: str
) -> None:
    make_store()
    make_page("privacy")
    before = client.get(f"/policies/{name}")

    service.add(f"/policies/{name}", "/pages/kontakt")

    assert before.location != "/pages/kontakt"
    assert before.status_code == 404 or before.headers["Cache-Control"] == "no-cache"
    assert client.get(f"/policies/{name}?x=1").location == "/pages/kontakt?x=1"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/products/mug", "/products/Mug"),
        ("/blogs/journal/x", "/blogs/news/x"),
        ("/collections/all-a", "/collections/All-A?x=1"),
        ("/products/mug", "/collections/all/products/mug"),
        ("/old", "/old/"),
    ],
)
def test_a_stored_loop_ends_in_a_page_that_says_not_found(
    client: FlaskClient, path: str, target: str
) -> None:
    make_store()
    db.session.add(Redirect(path=path, target=target))
    db.session.flush()

    for address in (path, target, f"{path}/", f"{path}?y=2"):
        answers = [client.get(address)]
        while location := answers[-1].location:
            assert len(answers) < 3
            answers.append(client.get(location))

        assert answers[-1].status_code == 404


def test_a_stored_loop_is_none_while_a_page_is_shown_there(client: FlaskClient) -> None:
    make_store()
    make_product(handle="mug")
    db.session.add(Redirect(path="/products/mug", target="/products/Mug"))
    db.session.flush()

    assert client.get("/products/Mug", follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/products/nothing",
        "/Old-Page/",
        "/blogs/journal/nothing",
        "/policies/refund-policy",
        "/cart.js",
        "/collections/nothing/products.json",
        "/collections/nothing/products",
        "/collections/a/b/c",
    ],
)
def test_what_nobody_can_guess_is_not_found(client: FlaskClient, path: str) -> None:
    make_store()

    assert client.get(path).status_code == 404


def make_page(handle: str) -> None:
    db.session.add(Page(handle=handle, title=handle))
    db.session.flush()


def test_a_list_by_tags_of_everything_is_one_of_all_products(client: FlaskClient) -> None:
    make_store()
    make_product("Blue mug", tags=["blue"])
    make_product("White jug", tags=["white"])

    page = client.get("/collections/all/blue", follow_redirects=True)

    assert len(page.history) == 1
    assert (page.request.path, page.request.args["tag"]) == ("/products", "blue")
    assert "Blue mug" in page.text
    assert "White jug" not in page.text


def test_tags_of_everything_are_asked_where_the_merchant_shows_it(client: FlaskClient) -> None:
    make_store()
    asked = "/collections/all/blue+small?page=2"

    service.add("/collections/all", "/pages/shelves?x=1#top")
    elsewhere = client.get(asked).location
    db.session.add(Collection(handle="all", title="All of it"))
    db.session.flush()

    assert elsewhere == "/pages/shelves?x=1&tag=blue&tag=small&page=2#top"
    assert client.get(asked).location == "/collections/all?tag=blue&tag=small&page=2"


def test_a_stored_loop_of_everything_ends_too(client: FlaskClient) -> None:
    make_store()
    db.session.add(Redirect(path="/collections/all", target="/collections/all/blue"))
    db.session.flush()

    assert client.get("/collections/all/blue", follow_redirects=True).status_code == 404

from __future__ import annotations

import pytest
from flask import Flask

from shop.extensions import db
from shop.redirects import service
from shop.redirects.models import Redirect


def ways() -> dict[str, str]:
    db.session.expire_all()
    return {row.path: row.target for row in db.session.scalars(db.select(Redirect))}


def test_an_old_address_leads_to_the_new_one(app: Flask) -> None:
    service.moved("/products/a", "/products/b")

    assert ways() == {"/products/a": "/products/b"}


def test_a_chain_is_collapsed_to_one_step(app: Flask) -> None:
    service.moved("/products/a", "/products/b")
    service.moved("/products/b", "/products/c")

    assert ways() == {"/products/a": "/products/c", "/products/b": "/products/c"}


def test_a_handle_that_comes_back_ends_the_redirect_from_it(app: Flask) -> None:
    service.moved("/products/a", "/products/b")
    service.moved("/products/b", "/products/a")

    assert ways() == {"/products/b": "/products/a"}


def test_a_long_way_round_never_becomes_a_loop(app: Flask) -> None:
    for path, target in [("/a", "/b"), ("/b", "/c"), ("/c", "/a"), ("/a", "/b")]:
        service.moved(path, target)

    found = ways()
    assert found == {"/a": "/b", "/c": "/b"}
    assert not set(found) & set(found.values())


def test_a_merchants_redirect_goes_to_where_its_target_leads(app: Flask) -> None:
    service.add("/b", "/c")
    service.add("/a", "/b")

    assert ways() == {"/a": "/c", "/b": "/c"}


@pytest.mark.parametrize("replaces", ["", "/c"])
def test_a_second_redirect_from_the_same_address_is_refused(app: Flask, replaces: str) -> None:
    service.add("/a", "/b")

    with pytest.raises(service.PathTaken, match="/b"):
        service.add("/a", "/d", replaces=replaces)

    assert ways() == {"/a": "/b"}


def test_a_merchants_redirect_replaces_the_one_that_it_names(app: Flask) -> None:
    service.add("/a", "/b")
    service.add("/a", "https://other.example/b?x=1", replaces="/b")

    assert ways() == {"/a": "https://other.example/b?x=1"}


def test_a_redirect_that_leads_back_is_refused(app: Flask) -> None:
    service.add("/b", "/a")

    with pytest.raises(service.LeadsBack):
        service.add("/a", "/b")
    with pytest.raises(service.LeadsBack):
        service.add("/c", "/c")

    assert ways() == {"/b": "/a"}


@pytest.mark.parametrize("target", ["/a?x=1", "/a#top", "/a/", "/%61", "/a/?x#y"])
def test_the_same_page_asked_for_otherwise_leads_back_too(app: Flask, target: str) -> None:
    with pytest.raises(service.LeadsBack):
        service.add("/a", target)

    assert ways() == {}


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/products/mug", "/products/Mug"),
        ("/products/mug", "/products/MUG/?x=1"),
        ("/products/mug", "/collections/all/products/mug"),
        ("/blogs/journal/x", "/blogs/news/x"),
        ("/collections/all-a", "/collections/All-A?x=1"),
        ("/", "/"),
    ],
)
def test_what_the_shop_sends_on_by_itself_leads_back_too(
    app: Flask, path: str, target: str
) -> None:
    service.add("/other", target)

    with pytest.raises(service.LeadsBack):
        service.add(path, target)
    with pytest.raises(service.LeadsBack):
        service.add(path, "/other")

    assert ways() == {"/other": target}


def test_capitals_may_lead_to_the_address_that_is_meant(app: Flask) -> None:
    service.add("/products/Mug", "/products/mug")
    service.add("/blogs/news/x", "/blogs/news/y")

    assert ways() == {"/products/Mug": "/products/mug", "/blogs/news/x": "/blogs/news/y"}


def test_a_loop_through_the_redirect_that_is_replaced_is_refused(app: Flask) -> None:
    service.add("/a", "/b")
    service.add("/c", "/a?x=1")

    with pytest.raises(service.LeadsBack):
        service.add("/a", "/c", replaces="/b")

    assert ways() == {"/a": "/b", "/c": "/a?x=1"}


@pytest.mark.parametrize("is_moved_first", [True, False])
def test_what_a_target_asks_is_kept_whichever_comes_first(app: Flask, is_moved_first: bool) -> None:
    adds = [("/b", "/c"), ("/a", "/b?x=1")]
    for path, target in adds if is_moved_first else reversed(adds):
        service.add(path, target)

    assert ways() == {"/a": "/b?x=1", "/b": "/c"}


def test_no_loop_arises_by_what_a_target_asks_of_its_page(app: Flask) -> None:
    service.add("/a", "/b?x=1")
    service.add("/b", "/c")

    with pytest.raises(service.LeadsBack):
        service.add("/c", "/a#top")

    assert ways() == {"/a": "/b?x=1", "/b": "/c"}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "/admin/x",
        "/static/x",
        "/media/x",
        "//evil.example",
        "/\\evil.example",
        "/a?b=1",
        "/a b",
        "/a#b",
        "/a\0b",
        "/a\x7f",
        "/" + "x" * 512,
    ],
)
def test_what_is_no_path_is_refused(app: Flask, path: str) -> None:
    with pytest.raises(service.NotAPath):
        service.add(path, "/b")

    assert ways() == {}


@pytest.mark.parametrize(
    "target",
    [
        "",
        "b",
        "https://...",
        "https://a..example",
        "https://bank.example@evil.example",
        "https://a.example:port",
        "//evil.example",
        "/\\x",
        "javascript:alert(1)",
        "https://",
        "ftp://a.example",
        "/x%00",
        "/x\0",
        "/x?y=\x7f",
        "https://a.example/\0",
    ],
)
def test_what_is_no_target_is_refused(app: Flask, target: str) -> None:
    with pytest.raises(service.NotATarget):
        service.add("/a", target)

    assert ways() == {}

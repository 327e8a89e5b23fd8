from __future__ import annotations

import gzip

import brotli
import pytest

from shop.web.pagecache.layer import in_order, visitor_of, without_tracking
from shop.web.pagecache.pages import HOLE, OVERHEAD, Page, Pages, chosen_encoding

BODY = b"<p>Tuesday mug</p>" * 100


def page(body: bytes = BODY, *, version: int = 1, valid_until: float = 100.0) -> Page:
    return Page([("Content-Type", "text/html")], body, version, valid_until)


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", "identity"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0,gzip;q=0", "identity"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("*", "br"),
        ("br;q=0, *;q=0.5", "gzip"),
        ("*;q=0", "identity"),
        ("identity", "identity"),
        ("identity;q=1, br;q=0.5", "identity"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("zstd", "identity"),
        ("br;q=nonsense", "identity"),
        (";,=;q", "identity"),
    ],
)
def test_the_encoding_is_what_the_browser_likes_best(accepted: str, chosen: str) -> None:
    assert chosen_encoding(accepted) == chosen


def test_every_encoding_holds_the_same_page() -> None:
    made = page()

    assert brotli.decompress(made.answer("br", 0).body) == BODY
    assert gzip.decompress(made.answer("gzip", 0).body) == BODY
    assert made.answer("identity", 0).body == BODY


def test_each_encoding_has_a_tag_of_its_own_that_lasts() -> None:
    tags = [page().answer(encoding, 0).etag for encoding in ("br", "gzip", "identity")]

    assert len(set(tags)) == 3
    assert tags == [page(version=2).answer(e, 0).etag for e in ("br", "gzip", "identity")]
    assert not any(tag.startswith("W/") for tag in tags)


def test_a_short_page_is_not_compressed() -> None:
    answer = page(b"<p>Mug</p>").answer("br", 0)

    assert answer.body == b"<p>Mug</p>"
    assert "Content-Encoding" not in dict(answer.headers)


def test_the_basket_is_counted_into_the_hole_and_nowhere_else() -> None:
    made = page(BODY + HOLE + BODY)

    for_two = made.answer("identity", 2)

    assert b"data-cart-count>2</span>" in for_two.body
    assert made.answer("identity", 0).body == BODY + HOLE + BODY
    assert for_two.etag != made.answer("identity", 0).etag


def test_a_page_of_another_version_is_not_found() -> None:
    pages = Pages(1_000_000)
    pages.keep("a", page(version=1))

    assert pages.find("a", 1, 0.0) is not None
    assert pages.find("a", 2, 0.0) is None
    assert len(pages) == 0
    assert pages.size == 0


def test_a_page_is_not_found_when_its_time_is_over() -> None:
    pages = Pages(1_000_000)
    pages.keep("a", page(valid_until=100.0))

    assert pages.find("a", 1, 99.9) is not None
    assert pages.find("a", 1, 100.0) is None


def test_the_pages_used_last_stay_within_the_limit() -> None:
    size = len(BODY) + OVERHEAD
    pages = Pages(3 * size)
    for key in "abc":
        pages.keep(key, page())
    pages.find("a", 1, 0.0)

    pages.keep("d", page())

    assert [key for key in "abcd" if pages.find(key, 1, 0.0)] == ["a", "c", "d"]
    assert pages.size == 3 * size


def test_a_page_that_grew_counts_with_all_its_encodings() -> None:
    made = page()
    pages = Pages(1_000_000)
    pages.keep("a", made)
    made.answer("br", 0)
    made.answer("gzip", 3)

    pages.keep("a", made)

    assert pages.size == made.size > len(BODY) + OVERHEAD


def test_a_page_larger_than_the_limit_is_not_kept() -> None:
    pages = Pages(1000)

    pages.keep("a", page())

    assert len(pages) == 0
    assert pages.size == 0


@pytest.mark.parametrize(
    ("query", "normal"),
    [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("b=2&a=2&a=1", "a=2&a=1&b=2"),
        ("&&a=1&", "a=1"),
        ("utm_source=x&page=2&gclid=y&fbclid=z", "page=2"),
        ("utm=1&gclidx=2", "gclidx=2&utm=1"),
        ("a", "a"),
        ("%61=1&a=%20", "%61=1&a=%20"),
    ],
)
def test_a_query_means_the_same_in_any_order(query: str, normal: str) -> None:
    assert in_order(without_tracking(query)) == normal


@pytest.mark.parametrize(
    ("cookies", "count", "is_private", "language", "currency"),
    [
        ("till=x; cart_count=2", 2, False, None, ""),
        ("cart_count=12;language=de", 12, False, "de", ""),
        ("xcart_count=2", 0, False, None, ""),
        ("cart_count=-1", 0, False, None, ""),
        ("cart_count=99999", 0, False, None, ""),
        ("cart_count=<b>", 0, False, None, ""),
        ("flash=1", 0, True, None, ""),
        ("x=1; flash=1", 0, True, None, ""),
        ("noflash=1", 0, False, None, ""),
        ("language=de; currency=EUR", 0, False, "de", "EUR"),
        ("currency=eur", 0, False, None, ""),
        ("xcurrency=EUR; currency=<b>", 0, False, None, ""),
    ],
)
def test_a_visitor_is_told_by_the_cookies(
    cookies: str, count: int, is_private: bool, language: str | None, currency: str
) -> None:
    assert visitor_of({"HTTP_COOKIE": cookies}) == (count, is_private, language, currency)


def test_a_page_fetched_in_advance_shows_no_message() -> None:
    environ = {"HTTP_COOKIE": "flash=1", "HTTP_SEC_PURPOSE": "prefetch;prerender"}

    assert not visitor_of(environ).is_private


def test_the_same_words_of_a_stranger_find_the_answer_while_its_page_is_current() -> None:
    pages, made = Pages(10**6), page(version=1, valid_until=100.0)
    answer = made.answer("br", 0)

    pages.keep_ready("GET /", made, answer)

    assert pages.find_ready("GET /", 1, 99.9) is answer
    assert pages.find_ready("GET /", 1, 100.0) is None
    assert pages.find_ready("GET /", 2, 50.0) is None
    assert pages.find_ready("GET /products", 1, 50.0) is None


def test_answers_that_are_ready_go_when_room_is_needed() -> None:
    pages, made = Pages(len(BODY) + OVERHEAD), page()
    pages.keep(1, made)
    pages.keep_ready("GET /", made, made.answer("identity", 0))

    pages.keep(2, page())

    assert pages.find_ready("GET /", 1, 50.0) is None

"""Reviews as readers see them, and the buyer's pages behind the order's link."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from shop.catalog.models import Product
from shop.extensions import db
from shop.orders.models import Order
from shop.orders.urls import order_link, order_url
from shop.outbox import mailer
from shop.outbox.models import OutboxMessage
from shop.reviews import queries, service
from shop.reviews.emails import REFUSAL
from shop.reviews.letters import LETTERS
from shop.reviews.models import Review, ReviewPhoto, ReviewStatus
from shop.reviews.views import MAX_SENT
from shop.web.config import settings
from tests.factories import make_order, make_product, make_rates, make_store, variants_of
from tests.pages import read
from tests.reviews.test_service import make_review


@pytest.fixture
def product(app: Flask) -> Product:
    make_store()
    make_rates()
    return make_product("Tuesday mug", handle="tuesday-mug")


@pytest.fixture
def order(product: Product) -> Order:
    return make_order(*variants_of(product), paid=True)


@pytest.fixture
def media(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(type(settings()), "media_path", property(lambda _: tmp_path))
    return tmp_path


def address(order: Order, product: Product | None = None) -> str:
    base = f"/orders/{order_link(order.token)}/reviews"
    return f"{base}/{product.id}" if product else base


def a_photo(name: str = "mug.jpg") -> tuple[BytesIO, str]:
    data = BytesIO()
    Image.new("RGB", (400, 300), "#1C33B5").save(data, "JPEG")
    return BytesIO(data.getvalue()), name


def send(client: FlaskClient, order: Order, product: Product, **values: Any) -> Any:
    usual = {"rating": "4", "title": "Good", "text": "It holds tea.", "name": "Ines R."}
    return client.post(
        address(order, product), data=usual | values, content_type="multipart/form-data"
    )


def all_reviews() -> list[Review]:
    return list(db.session.scalars(sa.select(Review).order_by(Review.id)))


# To read


def test_a_product_without_reviews_says_who_can_write_one(
    client: FlaskClient, product: Product
) -> None:
    page = read(client.get("/products/tuesday-mug").text)

    assert "No reviews yet" in page.text
    assert page.having("a", class_="buy__rating") == []


def test_a_product_shows_its_newest_reviews(client: FlaskClient, product: Product) -> None:
    for n in range(4):
        make_review(
            product,
            5 - n,
            title=f"Title {n}",
            text="Good",
            name="Ines R.",
            bought="Cobalt / Medium",
        )
    service.reply(all_reviews()[3], "We are sorry.", by=None)

    page = read(client.get("/products/tuesday-mug").text)

    assert "4 reviews" in page.text
    assert "Title 3" in page.text
    assert "Title 0" not in page.text
    assert "Ines R. , bought Cobalt / Medium" in page.text
    assert "Verified buyer" in page.text
    assert "Fettle answers We are sorry." in page.text
    assert page.having("a", class_="buy__rating", href="#reviews") != []
    assert page.having("a", href="/products/tuesday-mug/reviews?rating=4") != []


def test_many_reviews_are_counted_alike_wherever_they_are_told(
    client: FlaskClient, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_review(product, title="Good", text="It is.")
    many = queries.Summary(1164, 5 * 1164, dict.fromkeys(range(1, 6), 0) | {5: 1164})
    monkeypatch.setattr(queries, "summary", lambda _product_id: many)
    product.rating_count, product.rating_sum = 1164, 5 * 1164
    db.session.commit()

    page = read(client.get("/products/tuesday-mug").text)
    cards = read(client.get("/products").text)

    assert "1,164 reviews" in page.text
    assert "All 1,164 reviews" in page.text
    assert "(1,164)" in cards.text
    assert cards.having("span", aria_label="Rated 5.0 out of 5, 1,164 reviews") != []
    assert "1164" not in page.text + cards.text


def test_what_is_not_published_is_shown_nowhere(client: FlaskClient, product: Product) -> None:
    make_review(product, title="Secret", published=False)
    rejected = make_review(product, title="Awful")
    service.reject(rejected, "An insult.", by=None)

    for path in ("/products/tuesday-mug", "/products/tuesday-mug/reviews", "/products"):
        text = client.get(path).text
        assert "Secret" not in text
        assert "Awful" not in text
        assert "out of 5" not in text


def test_cards_show_the_rating(client: FlaskClient, product: Product) -> None:
    make_review(product, 5)
    make_review(product, 4)

    page = read(client.get("/products").text)
    assert page.having("span", aria_label="Rated 4.5 out of 5, 2 reviews") != []


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["c", "b", "a"]),
        ("?rating=5", ["c", "a"]),
        ("?rating=5&sort=lowest", ["c", "a"]),
        ("?sort=lowest", ["b", "c", "a"]),
        ("?rating=3", []),
        ("?rating=9&sort=nonsense", ["c", "b", "a"]),
        ("?rating=٣", ["c", "b", "a"]),
    ],
)
def test_the_list_of_reviews_is_filtered_and_sorted_by_its_address(
    client: FlaskClient, product: Product, query: str, titles: list[str]
) -> None:
    for title, rating in (("a", 5), ("b", 2), ("c", 5)):
        make_review(product, rating, title=title)

    answer = client.get(f"/products/tuesday-mug/reviews{query}")

    assert answer.status_code == 200
    found = [
        each.split("</h2>")[0].split(">")[-1] for each in answer.text.split("review__title")[1:]
    ]
    assert found == titles


@pytest.mark.parametrize("query", ["?page=2", "?page=0", "?rating=4&page=2"])
def test_there_is_no_page_beyond_the_last(
    client: FlaskClient, product: Product, query: str
) -> None:
    make_review(product)

    assert client.get(f"/products/tuesday-mug/reviews{query}").status_code == 404


def test_long_lists_have_pages(client: FlaskClient, product: Product) -> None:
    for _ in range(21):
        make_review(product, 4)

    first = read(client.get("/products/tuesday-mug/reviews?rating=4&sort=highest").text)
    second = client.get("/products/tuesday-mug/reviews?page=2").text

    next_page = "/products/tuesday-mug/reviews?rating=4&sort=highest&page=2"
    assert first.having("a", rel="next", href=next_page) != []
    assert second.count('class="review"') == 1
    assert 'rel="canonical" href="http://localhost/products/tuesday-mug/reviews?page=2"' in second


def test_what_people_write_is_shown_as_text(client: FlaskClient, product: Product) -> None:
    bad = "<script>alert(1)</script>"
    review = make_review(product, title=bad, text=bad, name=bad, bought=bad)
    service.reply(review, bad, by=None)

    text = client.get("/products/tuesday-mug").text

    assert bad not in text
    assert text.count("&lt;script&gt;alert(1)") == 5


def test_a_product_page_costs_three_queries_more_for_any_number_of_reviews(
    client: FlaskClient, product: Product, count_queries: Callable[[], Any]
) -> None:
    with count_queries() as none:
        client.get("/products/tuesday-mug")
    for _ in range(5):
        review = make_review(product, text="Good", has_photos=True)
        db.session.add(
            ReviewPhoto(review_id=review.id, product_id=product.id, file="p", width=8, height=6)
        )
    db.session.commit()
    with count_queries() as some:
        client.get("/products/tuesday-mug")

    assert len(some) == len(none) + 3


def test_lists_without_a_product_are_not_there(client: FlaskClient) -> None:
    assert client.get("/products/nothing/reviews").status_code == 404


def test_readers_leave_no_trace_in_the_list(client: FlaskClient, product: Product) -> None:
    answer = client.get("/products/tuesday-mug/reviews")

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-cache"


# To write


def test_the_order_leads_to_its_reviews_once_it_is_sent(client: FlaskClient, order: Order) -> None:
    before = client.get(f"/orders/{order_link(order.token)}")
    order.fulfillment_state = "fulfilled"
    db.session.commit()
    after = client.get(f"/orders/{order_link(order.token)}")

    assert f'href="{address(order)}"' not in before.text
    assert f'href="{address(order)}"' in after.text


def test_what_was_bought_can_be_reviewed(
    client: FlaskClient, order: Order, product: Product
) -> None:
    page = read(client.get(address(order)).text)

    assert "Tuesday mug" in page.text
    assert page.having("a", href=address(order, product)) != []


def test_the_form_suggests_a_short_name(
    client: FlaskClient, order: Order, product: Product
) -> None:
    page = read(client.get(address(order, product)).text)

    assert page.value("name") == "Ines R."


def test_a_sent_review_waits_for_staff(client: FlaskClient, order: Order, product: Product) -> None:
    answer = send(client, order, product)

    assert (answer.status_code, answer.location) == (303, address(order))
    (review,) = all_reviews()
    assert (review.rating, review.title, review.text) == (4, "Good", "It holds tea.")
    assert (review.name, review.status, review.order_id) == ("Ines R.", "pending", order.id)
    page = read(client.get(address(order)).text)
    assert "Thank you. We read every review" in page.text
    assert "We are reading it" in page.text


def test_two_clicks_give_one_review(client: FlaskClient, order: Order, product: Product) -> None:
    assert [send(client, order, product).status_code for _ in range(2)] == [303, 303]

    assert len(all_reviews()) == 1


def test_a_faulty_form_keeps_all_that_was_typed_and_the_photos(
    client: FlaskClient, order: Order, product: Product, media: Path
) -> None:
    answer = send(client, order, product, rating="", title="T" * 121, photos=a_photo())

    assert answer.status_code == 422
    page = read(answer.text)
    assert "Please choose how many stars, one to five." in page.text
    assert page.value("title") == "T" * 121
    assert "It holds tea." in page.text
    assert len(page.having("input", name="remove_photo")) == 1
    assert all_reviews() == []

    assert send(client, order, product).status_code == 303
    (review,) = all_reviews()
    assert review.has_photos is True
    assert len(list(media.glob("*-800.jpg"))) == 1


@pytest.mark.parametrize("rating", ["0", "6", "", "five", "٣", "-1", "4.5"])
def test_only_one_to_five_stars_exist(
    client: FlaskClient, order: Order, product: Product, rating: str
) -> None:
    assert send(client, order, product, rating=rating).status_code == 422
    assert all_reviews() == []


def test_a_file_that_is_no_picture_is_told(
    client: FlaskClient, order: Order, product: Product, media: Path
) -> None:
    answer = send(client, order, product, photos=(BytesIO(b"not a picture"), "notes.txt"))

    assert answer.status_code == 422
    assert "notes.txt: This is not a picture we can read." in answer.text
    assert all_reviews() == []
    assert list(media.iterdir()) == []


def test_too_many_photos_are_refused_and_leave_no_file(
    client: FlaskClient, order: Order, product: Product, media: Path
) -> None:
    for _ in range(2):
        send(client, order, product, photos=[a_photo(), a_photo()])

    answer = send(client, order, product, photos=a_photo())

    assert answer.status_code == 422
    assert "A review has 4 photos at most." in answer.text
    assert len(list(media.glob("*-800.jpg"))) == 4


def test_a_photo_can_be_removed_until_it_is_published(
    client: FlaskClient, order: Order, product: Product, media: Path
) -> None:
    send(client, order, product, photos=a_photo())
    (photo,) = db.session.scalars(sa.select(ReviewPhoto))

    send(client, order, product, remove_photo=str(photo.id))

    assert list(media.iterdir()) == []
    assert db.session.scalars(sa.select(ReviewPhoto)).all() == []


@pytest.mark.parametrize("number", ["9" * 5000, "\u0663", "", "x"])
def test_a_photo_to_remove_that_cannot_be_is_left_out(
    client: FlaskClient, order: Order, product: Product, media: Path, number: str
) -> None:
    send(client, order, product, photos=a_photo())

    assert send(client, order, product, remove_photo=number).status_code == 303
    assert len(list(media.glob("*-800.jpg"))) == 1


def test_a_published_review_is_closed(
    client: FlaskClient, order: Order, product: Product, media: Path
) -> None:
    send(client, order, product)
    service.publish(all_reviews()[0], by=None)

    answer = send(client, order, product, title="Changed", photos=a_photo())
    page = read(client.get(address(order, product)).text)

    assert answer.status_code == 303
    assert all_reviews()[0].title == "Good"
    assert list(media.iterdir()) == []
    assert page.shown_fields == []
    assert "Your review is published" in page.text


def test_the_writer_reads_why_it_was_rejected(
    client: FlaskClient, order: Order, product: Product
) -> None:
    send(client, order, product)
    service.reject(all_reviews()[0], "It names our courier.", by=None)

    assert "It names our courier." in client.get(address(order)).text
    assert "It names our courier." in client.get(address(order, product)).text
    send(client, order, product, text="Without names.")
    assert all_reviews()[0].status == ReviewStatus.PENDING


def test_the_writer_is_told_by_mail_why_it_was_rejected(
    client: FlaskClient, order: Order, product: Product
) -> None:
    send(client, order, product)
    review = all_reviews()[0]
    for reason in ("It names our courier.", "It names our courier.", "It names two couriers."):
        service.reject(review, reason, by=None)

    keys = db.session.scalars(sa.select(OutboxMessage.dedupe_key)).all()
    assert sum(key.startswith(f"review_refusal:{review.id}:") for key in keys) == 2
    letter = LETTERS[REFUSAL]({"review_id": review.id})
    assert letter is not None
    assert letter.to == order.email
    for words in mailer.render(letter):
        assert "It names two couriers." in words
        assert f"{order_url(order.token)}/reviews/{product.id}" in words
        assert "no real money" not in words
    send(client, order, product, text="Without names.")
    assert LETTERS[REFUSAL]({"review_id": review.id}) is None


def test_nobody_is_told_of_a_review_without_an_order(product: Product) -> None:
    assert not service.reject(make_review(product), "Spam.", by=None)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) == 0


def test_nobody_is_told_whose_address_is_forgotten(
    client: FlaskClient, order: Order, product: Product
) -> None:
    send(client, order, product)
    review = all_reviews()[0]

    assert service.reject(review, "It names our courier.", by=None)
    order.email = ""
    assert not service.reject(review, "It names two couriers.", by=None)

    names = db.session.scalars(sa.select(OutboxMessage.name)).all()
    assert names.count(REFUSAL) == 1


def test_only_what_the_order_paid_for_can_be_reviewed(
    client: FlaskClient, order: Order, product: Product
) -> None:
    other = make_product("Another")
    unpaid = make_order(*variants_of(product))

    assert client.get(address(order, other)).status_code == 404
    assert send(client, order, other).status_code == 404
    assert send(client, unpaid, product).status_code == 404
    assert client.get(address(unpaid)).status_code == 200
    assert all_reviews() == []


def test_a_wrong_link_opens_nothing(client: FlaskClient, product: Product) -> None:
    assert client.get("/orders/guess/reviews").status_code == 404
    assert client.post(f"/orders/guess/reviews/{product.id}").status_code == 404


def test_sending_without_end_is_slowed_down(
    client: FlaskClient, order: Order, product: Product
) -> None:
    answers = [send(client, order, product).status_code for _ in range(MAX_SENT + 1)]

    assert answers == [303] * MAX_SENT + [429]


def test_a_buyers_pages_are_kept_by_no_cache(
    client: FlaskClient, order: Order, product: Product
) -> None:
    for path in (address(order), address(order, product)):
        assert client.get(path).headers["Cache-Control"] == "private, no-store"

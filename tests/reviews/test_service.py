"""What happens to reviews, and that a product's rating follows."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog.models import Product
from shop.extensions import db
from shop.inventory.models import Reservation, StockMovement
from shop.media.pictures import StoredPicture
from shop.orders.models import LineItem, Order, OrderEvent
from shop.reviews import queries, service
from shop.reviews.models import MAX_PHOTOS, Review, ReviewPhoto, ReviewStatus
from shop.reviews.queries import Sort
from shop.reviews.service import ReviewDetails
from tests.factories import make_image, make_order, make_product, variants_of


@pytest.fixture
def product(app: Flask) -> Product:
    return make_product("Tuesday mug")


@pytest.fixture
def order(product: Product) -> Order:
    return make_order(*variants_of(product), paid=True)


def make_review(
    product: Product, rating: int = 5, *, published: bool = True, **values: Any
) -> Review:
    review = Review(product_id=product.id, is_verified=True, rating=rating, **values)
    db.session.add(review)
    db.session.flush()
    if published:
        service.publish(review, by=None)
    return review


def submit(order: Order, product: Product, rating: int = 5, **values: Any) -> Review:
    return service.submit(
        order, product.id, ReviewDetails(rating=rating, **values), bought="Cobalt"
    )


def rating_of(product: Product) -> tuple[int, int]:
    db.session.refresh(product)
    return product.rating_count, product.rating_sum


def stored(file: str = "p-1") -> StoredPicture:
    return StoredPicture(file, 800, 600, "#C0FFEE")


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


# Writing


def test_a_review_waits_to_be_read(order: Order, product: Product) -> None:
    review = submit(order, product, 4, title="Good", text="It holds tea.", name="Ines R.")

    assert (review.status, review.is_verified, review.bought) == ("pending", True, "Cobalt")
    assert rating_of(product) == (0, 0)
    assert queries.summary(product.id) is None


def test_a_second_form_changes_the_same_review(order: Order, product: Product) -> None:
    first = submit(order, product, 4, title="Good")
    second = submit(order, product, 2, title="It cracked")

    assert first.id == second.id
    assert (second.rating, second.title) == (2, "It cracked")


def test_what_is_published_is_not_changed_by_its_writer(order: Order, product: Product) -> None:
    service.publish(submit(order, product, 5), by=None)

    with pytest.raises(service.AlreadyPublished):
        submit(order, product, 1)
    with pytest.raises(service.AlreadyPublished):
        service.add_photos(order.id, product.id, [stored()])
    with pytest.raises(service.AlreadyPublished):
        service.remove_photos(order.id, product.id, {1})

    assert rating_of(product) == (1, 5)


def test_a_rejected_review_that_is_changed_waits_again(order: Order, product: Product) -> None:
    review = submit(order, product)
    service.reject(review, "It names a person.", by=None)

    submit(order, product, 3)

    assert (review.status, review.rejection_reason, review.rating) == ("pending", "", 3)


def test_the_database_allows_one_review_of_a_product_an_order(
    order: Order, product: Product
) -> None:
    submit(order, product)
    db.session.add(Review(order_id=order.id, product_id=product.id, is_verified=True, rating=1))

    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()


# Photos


def test_photos_wait_for_their_review_and_join_it(order: Order, product: Product) -> None:
    service.add_photos(order.id, product.id, [stored()])
    review = submit(order, product)

    (photo,) = db.session.scalars(sa.select(ReviewPhoto))
    assert (photo.review_id, photo.order_id, review.has_photos) == (review.id, None, True)
    assert service.photos_of(order.id, product.id) == [photo]


def test_a_review_has_few_photos(order: Order, product: Product) -> None:
    service.add_photos(order.id, product.id, [stored(f"p-{n}") for n in range(MAX_PHOTOS)])
    submit(order, product)

    with pytest.raises(service.TooManyPhotos):
        service.add_photos(order.id, product.id, [stored("one-more")])

    assert len(service.photos_of(order.id, product.id)) == MAX_PHOTOS


def test_photos_can_be_taken_away(order: Order, product: Product) -> None:
    service.add_photos(order.id, product.id, [stored("a"), stored("b")])
    review = submit(order, product)
    first, second = service.photos_of(order.id, product.id)

    assert service.remove_photos(order.id, product.id, {first.id}) == ["a"]
    assert review.has_photos is True
    assert service.remove_photo(review, second.id, by=None) == ["b"]
    assert review.has_photos is False


def test_a_picture_that_a_product_shows_is_not_deleted(order: Order, product: Product) -> None:
    make_image(product, file="shared")
    service.add_photos(order.id, product.id, [stored("shared")])
    (photo,) = service.photos_of(order.id, product.id)

    assert service.remove_photos(order.id, product.id, {photo.id}) == []


def test_another_orders_photos_are_out_of_reach(order: Order, product: Product) -> None:
    other = make_order(*variants_of(product), paid=True)
    service.add_photos(other.id, product.id, [stored()])
    (photo,) = service.photos_of(other.id, product.id)

    assert service.remove_photos(order.id, product.id, {photo.id}) == []
    assert service.photos_of(order.id, product.id) == []
    assert len(service.photos_of(other.id, product.id)) == 1


# The shop


def test_the_rating_follows_every_decision(product: Product) -> None:
    five, two = make_review(product, 5), make_review(product, 2)
    assert rating_of(product) == (2, 7)

    service.publish(two, by=None)
    assert rating_of(product) == (2, 7)

    service.reject(five, "Spam.", by=None)
    assert rating_of(product) == (1, 2)
    assert (five.published_at, five.status) == (None, "rejected")

    service.publish(five, by=None)
    assert rating_of(product) == (2, 7)


def test_a_review_is_no_edit_of_the_product(product: Product) -> None:
    before = product.updated_at

    make_review(product)

    db.session.refresh(product)
    assert product.updated_at == before


def test_decisions_are_in_the_audit_trail_without_the_writers_name(product: Product) -> None:
    review = make_review(product, name="Ines Rowan")
    service.reply(review, "Thank you.", by=None)
    service.reply(review, "Thank you.", by=None)
    service.anonymize(review, by=None)
    service.anonymize(review, by=None)
    service.reject(review, "Spam.", by=None)

    assert actions() == [
        "review.published",
        "review.replied",
        "review.anonymized",
        "review.rejected",
    ]
    assert review.name == ""
    assert "Rowan" not in str(list(db.session.scalars(sa.select(AuditEntry.data))))


def test_an_answer_can_be_taken_back(product: Product) -> None:
    review = make_review(product)
    service.reply(review, "Thank you.", by=None)
    assert review.replied_at is not None

    service.reply(review, "", by=None)

    assert (review.reply, review.replied_at) == ("", None)


def test_a_product_takes_its_reviews_along(product: Product) -> None:
    make_review(product)

    db.session.delete(product)
    db.session.flush()

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Review)) == 0


def test_an_erased_order_leaves_its_review(order: Order, product: Product) -> None:
    review = submit(order, product)
    service.publish(review, by=None)
    for model in (OrderEvent, LineItem, Reservation, StockMovement, Order):
        db.session.execute(sa.delete(model))
    db.session.refresh(review)

    assert (review.order_id, review.is_verified) == (None, True)


# Reading


def test_a_summary_counts_what_is_published(product: Product) -> None:
    for rating in (5, 5, 4, 1):
        make_review(product, rating)
    make_review(product, 1, published=False)

    found = queries.summary(product.id)

    assert found is not None
    assert found.by_stars == {5: 2, 4: 1, 3: 0, 2: 0, 1: 1}
    assert (found.count, found.sum, found.average) == (4, 15, 3.75)
    assert rating_of(product) == (4, 15)


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        (Sort.NEWEST, ["d", "c", "b", "a"]),
        (Sort.HIGHEST, ["d", "b", "c", "a"]),
        (Sort.LOWEST, ["a", "c", "d", "b"]),
        (Sort.PHOTOS, ["b", "d", "c", "a"]),
    ],
)
def test_reviews_stand_in_the_order_asked_for(
    product: Product, sort: Sort, titles: list[str]
) -> None:
    for title, rating in (("a", 1), ("b", 5), ("c", 3), ("d", 5)):
        make_review(product, rating, title=title, has_photos=title == "b")
    make_review(product, title="hidden", published=False)

    found = queries.published(product.id, sort=sort, limit=10)

    assert [review.title for review in found] == titles
    assert [r.title for r in queries.published(product.id, rating=5, limit=1, offset=1)] == ["b"]


def test_reviews_come_with_their_photos(product: Product) -> None:
    review = make_review(product, has_photos=True)
    db.session.add(
        ReviewPhoto(review_id=review.id, product_id=product.id, file="p-1", width=800, height=600)
    )
    db.session.flush()

    (found,) = queries.published(product.id, limit=10)

    assert [photo.file for photo in found.photos] == ["p-1"]


# What was bought


def test_two_variants_of_a_product_are_one_purchase(app: Flask) -> None:
    product = make_product(options={"Glaze": ["Cobalt", "Milk"]})
    order = make_order(*variants_of(product), paid=True)
    for line, options in zip(lines(order), ("Cobalt", "Milk"), strict=True):
        line.options = options
    submit(order, product)

    (found,) = queries.purchases(order)

    assert (found.product_id, found.bought) == (product.id, "Cobalt, Milk")
    assert found.url == f"/products/{product.handle}"
    assert found.review is not None
    assert found.review.status == ReviewStatus.PENDING


def test_an_unpaid_order_bought_nothing(product: Product) -> None:
    order = make_order(*variants_of(product))
    lines(order)

    assert queries.purchases(order) == []


def lines(order: Order) -> list[Any]:
    db.session.flush()
    db.session.refresh(order, ["lines"])
    return list(order.lines)

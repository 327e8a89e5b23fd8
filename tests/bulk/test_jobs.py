from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.bulk import actions, queries, service, worker
from shop.bulk.models import Action, BulkItem, BulkJob
from shop.catalog import collections, lifecycle, variant_service
from shop.catalog import service as catalog
from shop.catalog.collections import CollectionDetails
from shop.catalog.models import CollectionProduct, Product, ProductStatus, Variant
from shop.extensions import db
from shop.inventory import reservations
from tests.factories import make_order, make_product, make_store, variants_of

ALL = sa.true()


@pytest.fixture(autouse=True)
def store(app: Flask) -> None:
    make_store()
    db.session.commit()


def begin(action: Action, which: sa.ColumnElement[bool] = ALL, **params: Any) -> int:
    press = f"press-{db.session.scalar(sa.select(sa.func.count()).select_from(BulkJob))}"
    job = service.begin(action, params, which, press=press, by=None)
    db.session.commit()
    return job.id


def run(action: Action, which: sa.ColumnElement[bool] = ALL, **params: Any) -> int:
    job_id = begin(action, which, **params)
    worker.finish(job_id)
    return job_id


def take_back(job_id: int) -> int:
    back_id = service.undo(db.session.get_one(BulkJob, job_id), by=None).id
    db.session.commit()
    worker.finish(back_id)
    return back_id


def reasons(job_id: int) -> list[str]:
    rows = sa.select(BulkItem.reason).where(BulkItem.job_id == job_id)
    return list(db.session.scalars(rows.order_by(BulkItem.product_id)))


def statuses() -> list[str]:
    return list(db.session.scalars(sa.select(Product.status).order_by(Product.id)))


def prices() -> list[tuple[int, int | None]]:
    rows = db.session.execute(
        sa.select(Variant.unit_amount, Variant.compare_at_amount).order_by(Variant.id)
    )
    return [tuple(row) for row in rows]


def held() -> list[int]:
    places = sa.select(CollectionProduct.product_id).order_by(CollectionProduct.position)
    return list(db.session.scalars(places))


def test_products_are_published_but_those_with_nothing_to_sell_and_back(app: Flask) -> None:
    make_product(published=False)
    make_product(published=False, options={"Glaze": []})
    archived = make_product(published=False)
    lifecycle.archive(archived)
    make_product()

    job_id = run(Action.PUBLISH)

    assert statuses() == ["published", "draft", "published", "published"]
    assert reasons(job_id) == ["", "nothing_to_sell", "", "same"]
    take_back(job_id)
    assert statuses() == ["draft", "draft", "archived", "published"]
    first = db.session.scalars(sa.select(Product).order_by(Product.id)).first()
    assert first is not None
    assert first.published_at is None


def test_what_was_changed_since_is_left_as_it_is(app: Flask) -> None:
    first, second = make_product(), make_product()
    ids = first.id, second.id
    job_id = run(Action.ARCHIVE)
    catalog.publish(db.session.get_one(Product, ids[0]))
    db.session.commit()

    back_id = take_back(job_id)

    assert statuses() == ["published", "published"]
    assert reasons(back_id) == ["changed", ""]


def test_tags_come_and_go_whatever_their_case(app: Flask) -> None:
    make_product(tags=["tea"])
    make_product(tags=["Winter", "mug"])
    make_product(tags=[str(number) for number in range(50)])

    added = run(Action.ADD_TAG, tag="winter")
    assert reasons(added) == ["", "same", "too_many_tags"]
    removed = run(Action.REMOVE_TAG, tag="WINTER")

    tags = sa.select(Product.tags).order_by(Product.id)
    assert db.session.scalars(tags).all()[:2] == [["tea"], ["mug"]]
    assert reasons(removed) == ["", "", "same"]
    take_back(removed)
    assert db.session.scalars(tags).all()[:2] == [["tea", "winter"], ["Winter", "mug"]]


def test_prices_fall_with_their_old_price_beside_them_and_come_back(app: Flask) -> None:
    make_product(options={"Size": ["S", "L"]}, unit_amount=3400)
    make_product(unit_amount=20)

    job_id = run(Action.PRICE, amount=-100, ending="exact", is_sale=True)

    assert prices() == [(3300, 3400), (3300, 3400), (20, None)]
    assert reasons(job_id) == ["", "price_too_low"]
    take_back(job_id)
    assert prices() == [(3400, None), (3400, None), (20, None)]


def test_a_product_whose_one_price_was_changed_since_keeps_all_of_them(app: Flask) -> None:
    product = make_product(options={"Size": ["S", "L"]}, unit_amount=3400)
    job_id = run(Action.PRICE, ppm=100_000, ending="exact")
    variant_service.change_price(
        variants_of(product)[1], unit_amount=5000, compare_at_amount=None, by=None
    )
    db.session.commit()

    back_id = take_back(job_id)

    assert prices() == [(3740, None), (5000, None)]
    assert reasons(back_id) == ["changed"]


def test_a_collection_picked_by_hand_takes_them_in_once(app: Flask) -> None:
    first, second = make_product(), make_product()
    picked = collections.create_collection(CollectionDetails(title="Mugs"))
    collections.add_product(picked, second.id)
    ids = first.id, second.id

    job_id = run(Action.COLLECT, collection_id=picked.id)

    assert held() == [ids[1], ids[0]]
    assert reasons(job_id) == ["", "same"]
    take_back(job_id)
    assert held() == [ids[1]]


def test_a_collection_that_is_gone_is_told(app: Flask) -> None:
    make_product()

    assert reasons(run(Action.COLLECT, collection_id=999)) == ["no_collection"]


def test_only_what_nobody_bought_or_sees_is_deleted(app: Flask) -> None:
    make_product()
    sold = make_product(published=False)
    reservations.sell(make_order(variants_of(sold)[0], quantity=1).id)
    make_product(published=False)

    job_id = run(Action.DELETE)

    assert reasons(job_id) == ["published", "sold", ""]
    assert len(statuses()) == 2
    with pytest.raises(service.CannotUndo):
        service.undo(db.session.get_one(BulkJob, job_id), by=None)


def test_the_same_press_begins_one_job(app: Flask) -> None:
    make_product()

    ids = {service.begin(Action.ARCHIVE, {}, ALL, press="once", by=None).id for _ in range(2)}

    assert len(ids) == 1


def test_a_job_is_taken_back_once_and_only_when_it_is_finished(app: Flask) -> None:
    make_product()
    job_id = begin(Action.ARCHIVE)
    with pytest.raises(service.CannotUndo):
        service.undo(db.session.get_one(BulkJob, job_id), by=None)
    worker.finish(job_id)
    take_back(job_id)

    with pytest.raises(service.CannotUndo):
        service.undo(db.session.get_one(BulkJob, job_id), by=None)

    assert statuses() == [ProductStatus.PUBLISHED]


def test_a_worker_that_died_is_followed_by_one_that_goes_on(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(service.PART + 3):
        make_product(unit_amount=1000)
    job_id = begin(Action.PRICE, ppm=100_000, ending="exact")
    assert worker.carry_on(job_id)
    change = variant_service.change_price

    def dying(variant: Variant, **values: Any) -> None:
        change(variant, **values)
        raise KeyboardInterrupt

    monkeypatch.setattr(variant_service, "change_price", dying)
    with pytest.raises(KeyboardInterrupt):
        worker.carry_on(job_id)
    monkeypatch.setattr(variant_service, "change_price", change)
    db.session.rollback()

    worker.carry_jobs_on()

    assert {price for price, _ in prices()} == {1100}
    found = queries.progress(job_id)
    assert found is not None
    assert (found.is_finished, found.done, found.waiting) == (True, service.PART + 3, 0)
    assert not worker.carry_on(job_id)


def test_one_product_that_fails_keeps_none_of_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _second = make_product(unit_amount=1000), make_product(unit_amount=1000)
    broken = first.id
    change = variant_service.change_price

    def failing(variant: Variant, **values: Any) -> None:
        change(variant, **values)
        db.session.flush()
        if variant.product_id == broken:
            raise RuntimeError

    monkeypatch.setattr(variant_service, "change_price", failing)
    job_id = run(Action.PRICE, ppm=100_000, ending="exact")

    assert prices() == [(1000, None), (1100, None)]
    assert reasons(job_id) == [actions.Reason.FAILED, ""]


def test_every_reason_and_action_has_words() -> None:
    from pathlib import Path

    words = Path("templates/admin/_bulk.html").read_text()

    for each in [*actions.Reason, *Action]:
        assert f'"{each}": _(' in words

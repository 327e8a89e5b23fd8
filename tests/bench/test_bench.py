"""The catalog that the measurements run on. What is measured is no matter of a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from bench import bare, catalog, orders, report, shops, tables
from shop.catalog import product_page
from shop.catalog.models import Product, ProductImage, Variant
from shop.extensions import db
from shop.inventory.models import StockItem, StockMovement
from shop.search import index
from shop.store import queries as store
from shop.store.currencies import Currency
from tests.conftest import dispose, make_settings, migrated_app

COUNT = 60


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("bench")
    app = migrated_app(make_settings(f"sqlite:///{folder / 'till.sqlite'}", folder))
    with app.app_context():
        catalog.fill(COUNT)
        db.session.remove()
        yield app
    dispose(app)


def test_every_product_asked_for_has_one_to_six_variants_and_a_picture(filled: Flask) -> None:
    variants = dict(_counted(Variant.product_id))
    pictures = dict(_counted(ProductImage.product_id))

    assert set(variants) == set(pictures) == set(range(1, COUNT + 1))
    assert min(variants.values()) == 1
    assert max(variants.values()) == 6


def test_every_published_product_has_a_page_with_values_for_all_its_options(filled: Flask) -> None:
    handles = list(
        db.session.scalars(sa.select(Product.handle).where(Product.status == "published"))
    )

    pages = [
        product_page.published_product(handle, Currency(catalog.CURRENCY)) for handle in handles
    ]

    assert 50 < len(pages) <= COUNT
    for page in pages:
        assert page is not None
        assert page.collection is not None
        assert all(all(variant.values) for variant in page.variants)
        assert len({variant.values for variant in page.variants}) == len(page.variants)


def test_stock_is_the_sum_of_its_movements(filled: Flask) -> None:
    moved = dict(
        db.session.execute(
            sa.select(StockMovement.variant_id, sa.func.sum(StockMovement.quantity)).group_by(
                StockMovement.variant_id
            )
        ).all()
    )
    on_hand = dict(db.session.execute(sa.select(StockItem.variant_id, StockItem.on_hand)).all())

    assert len(on_hand) == db.session.scalar(sa.select(sa.func.count()).select_from(Variant))
    assert {id_: moved.get(id_, 0) for id_ in on_hand} == on_hand


def test_a_published_product_is_found_by_its_title_and_a_draft_is_not(filled: Flask) -> None:
    products = db.session.scalars(sa.select(Product)).all()

    for product in products:
        assert (product.id in index.find(product.title, limit=10)) == product.is_published


def test_the_pages_that_are_measured_are_shown(filled: Flask) -> None:
    client = filled.test_client()

    for address in ("/", "/products", "/collections/harbor-mugs", "/search?q=mug"):
        assert 'class="product-card"' in client.get(address).text


def test_every_cart_to_be_paid_is_a_whole_order(filled: Flask) -> None:
    [(checkout_id, _)] = orders.add_checkouts(1)

    carts = orders.ready_carts(checkout_id)

    assert carts
    assert all(len(ready.placement.lines) == 2 for ready in carts)
    assert all(ready.placement.due.amount > 0 for ready in carts)


def test_the_bare_route_runs_under_the_very_flags_of_the_shop(filled: Flask) -> None:
    settings = filled.extensions["settings"]

    web, sandbox = shops.shop_processes(settings, store.current())
    bare_web = shops.bare_process(settings)

    assert (web.name, sandbox.name) == ("web", "sandbox")
    assert [
        part.replace("bench.bare:create_app", "shop:create_web_app") for part in bare_web.command
    ] == web.command
    assert bare_web.command != web.command


def test_the_bare_page_is_two_kilobytes() -> None:
    answer = bare.create_app().test_client().get("/")

    assert len(answer.data) == bare.SIZE == 2048


def _counted(column: sa.ColumnExpressionArgument[int]) -> list[tuple[int, int]]:
    return list(db.session.execute(sa.select(column, sa.func.count()).group_by(column)).all())


def test_a_new_run_keeps_what_was_noted_beside_the_last_one() -> None:
    before = "Intro\n\n## SQLite, 1,000 products\n\nold\n\n## Notes\n\n### Of mine\n\nkept\n"
    text = "New\n\n## PostgreSQL, 200 products\n\nnew\n"

    assert report.keeping_notes(text, before) == text + "\n## Notes\n\n### Of mine\n\nkept\n"
    assert report.keeping_notes(text, text) == text


def test_measuring_one_list_keeps_the_others_and_the_notes() -> None:
    head = "| look | 1 |\n|---|---|\n"
    before = (
        f"{tables.MARK}\n\nOld words.\n\nA note.\n\n- Another.\n\n### SQLite\n\n{head}"
        f"| /a | 1 |\n| /b | 2 |\n| /gone | 3 |\n\n### PostgreSQL\n\n{head}| /a | 4 |\n"
    )
    file = f"First.\n\n{before}\n## Behind\n\nLast.\n"
    found = f"{tables.MARK}\n\nNew words.\n\n### SQLite\n\n{head}| /b | 9 |\n"

    merged = tables.merged(found, tables.section(file), ["/a", "/b", "/c"])

    assert merged == (
        f"{tables.MARK}\n\nNew words.\n\nA note.\n\n- Another.\n\n### SQLite\n\n{head}"
        f"| /a | 1 |\n| /b | 9 |\n\n### PostgreSQL\n\n{head}| /a | 4 |\n"
    )
    assert tables.put(file, merged) == f"First.\n\n{merged}\n## Behind\n\nLast.\n"

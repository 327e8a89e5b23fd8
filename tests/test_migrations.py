from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask

from shop.accounts.models import Account
from shop.catalog.models import Collection, CollectionProduct
from shop.clock import now
from shop.content.models import Article, Page
from shop.database import numbers_kept
from shop.extensions import GIVEN_ONCE, db
from shop.inventory.models import StockItem
from shop.payments.models import Payment, PaymentAttempt
from shop.redirects.models import Redirect
from tests.accounts.people import make_account, make_admin
from tests.factories import (
    make_discount,
    make_image,
    make_order,
    make_product,
    make_rates,
    make_store,
    variants_of,
)

#: Before the storefront: no languages, themes, zones or bills.
OLD = "0002"


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda thing, name, kind, *_: (
                    not (
                        kind in ("table", "index")
                        and (name or "").startswith(("search_", "alembic_", "catalog_version"))
                    )
                ),
                "compare_server_default": True,
            },
        )
        return list(compare_metadata(context, db.metadata))


def test_the_migrated_schema_equals_the_models(own_database: Flask) -> None:
    with own_database.app_context():
        assert differences() == []


def test_every_constraint_of_the_models_is_in_the_database(own_database: Flask) -> None:
    """Alembic does not compare CHECKs, and they are the last line of defence."""
    with own_database.app_context():
        inspector = sa.inspect(db.engine)
        wanted = {
            (table.name, str(constraint.name))
            for table in db.metadata.tables.values()
            for constraint in table.constraints
            if isinstance(constraint, sa.CheckConstraint)
        }
        found = {
            (table, constraint["name"])
            for table in db.metadata.tables
            for constraint in inspector.get_check_constraints(table)
        }

    assert wanted <= found


def test_the_database_gives_numbers_once_where_the_models_say_so(own_database: Flask) -> None:
    with own_database.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL never gives a number again")
        tables = db.session.execute(
            sa.text("SELECT name FROM sqlite_master WHERE sql LIKE '%PRIMARY KEY AUTOINCREMENT%'")
        )
        found = set(tables.scalars()) & set(db.metadata.tables)
        wanted = {
            name
            for name, table in db.metadata.tables.items()
            if table.dialect_options["sqlite"]["autoincrement"]
        }

        assert found == wanted
        # What the activity names and somebody can delete.
        assert wanted >= {"accounts", "articles", "collections", "discounts", "pages", "products"}
        assert wanted >= {"redirects", "roles", "shipping_rates", "shipping_zones", "synonyms"}
        assert wanted >= {"tax_zones", "variants"}


@pytest.mark.parametrize(
    "make",
    [
        make_discount,
        lambda: Page(handle="page", title="Page"),
        lambda: Article(handle="article", title="Article"),
        lambda: Redirect(path="/old", target="/new"),
        make_account,
    ],
    ids=["discount", "page", "article", "redirect", "account"],
)
def test_the_number_of_what_was_deleted_is_never_given_again(
    app: Flask, make: Callable[[], Any]
) -> None:
    def stored() -> Any:
        row = make()
        db.session.add(row)
        db.session.flush()
        return row

    old = stored()
    number = old.id
    db.session.delete(old)
    db.session.flush()

    assert stored().id > number


@pytest.mark.parametrize("count", [1, 2], ids=["none left", "one left"])
def test_a_table_made_anew_gives_no_number_again(own_database: Flask, count: int) -> None:
    def stored(path: str) -> Redirect:
        redirect = Redirect(path=path, target="/new")
        db.session.add(redirect)
        db.session.commit()
        return redirect

    with own_database.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL makes no table anew")
        *_left, last = [stored(f"/old-{at}") for at in range(count)]
        number = last.id
        db.session.delete(last)
        db.session.commit()

        with db.engine.begin() as connection, numbers_kept(connection):
            operations = Operations(MigrationContext.configure(connection))
            with operations.batch_alter_table(
                "redirects", recreate="always", table_kwargs=GIVEN_ONCE
            ):
                pass

        assert stored("/old").id > number


def test_the_schema_can_be_taken_down_and_put_up_again(own_database: Flask) -> None:
    with own_database.app_context():
        flask_migrate.downgrade(revision="base")
        left = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
        flask_migrate.upgrade()

        assert left == set()
        assert differences() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_items SET reserved = on_hand + 1",
        "UPDATE stock_items SET reserved = -1",
        "UPDATE orders SET total_amount = total_amount - 1",
        "UPDATE orders SET state = 'given_away'",
        "UPDATE line_items SET quantity = 0",
        "UPDATE line_items SET unit_amount = 1",
        "UPDATE variants SET unit_amount = -1",
    ],
)
def test_the_database_itself_refuses_what_must_never_be(app: Flask, statement: str) -> None:
    product = make_product()
    make_order(*variants_of(product))
    db.session.commit()

    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.text(statement))


def test_changing_a_table_keeps_the_rows_that_belong_to_it(own_database: Flask) -> None:
    """SQLite makes the changed table anew, and dropping the old one must delete nothing else."""
    with own_database.app_context():
        (variant,) = variants_of(make_product(on_hand=7))
        variant_id = variant.id
        db.session.commit()
        db.session.remove()

        flask_migrate.downgrade(revision="0013")  # 0014 changes the variants, there and back
        flask_migrate.upgrade()

        assert db.session.get_one(StockItem, variant_id).on_hand == 7


@pytest.fixture
def old_shop(own_database: Flask) -> Flask:
    """At the revision OLD, with rows in its tables."""
    with own_database.app_context():
        make_store()
        make_rates()
        db.session.add(Page(handle="home", title="From the kiln", summary="Pots.", body="By hand."))
        product = make_product(on_hand=7)
        make_image(product)
        collection = Collection(handle="mugs", title="Mugs")
        db.session.add(collection)
        db.session.flush()
        db.session.add(CollectionProduct(collection_id=collection.id, product_id=product.id))
        order = make_order(*variants_of(product), quantity=2, paid=True)
        attempt = PaymentAttempt(
            order_id=order.id, ordinal=1, amount=order.total_amount, currency="GBP", params={},
            idempotency_key="order-1", status="paid", expires_at=now(),
        )  # fmt: skip
        db.session.add(attempt)
        db.session.flush()
        db.session.add(
            Payment(
                order_id=order.id, attempt_id=attempt.id, provider_payment_id="pi_1",
                amount=order.total_amount, currency="GBP",
            )
        )  # fmt: skip
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision=OLD)
    return own_database


Rows = dict[str, list[dict[str, object]]]


def all_rows() -> Rows:
    """By table, in the order of their keys; made-up tables of search and caches left out."""
    tables = sa.MetaData()
    tables.reflect(db.engine)
    with db.engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(
                    sa.select(table).order_by(*table.primary_key.columns)
                ).mappings()
            ]
            for table in tables.sorted_tables
            if not table.name.startswith(("search_", "alembic_", "catalog_"))
        }


def cells(rows: Rows, like: Rows) -> Rows:
    """Of the tables and columns that `like` has too."""
    return {
        name: [
            {column: value for column, value in row.items() if column in like[name][0]}
            for row in rows[name]
        ]
        for name in rows
        if like.get(name)
    }


def test_an_old_shop_keeps_every_row_on_the_way_up_and_down(old_shop: Flask) -> None:
    with old_shop.app_context():
        old = all_rows()
        flask_migrate.upgrade()
        new = all_rows()
        schema = differences()
        flask_migrate.downgrade(revision=OLD)
        again = all_rows()
        flask_migrate.upgrade()

        moved = {"pages", "roles", "tax_rates"}
        kept = {name for name, rows in old.items() if rows} - moved
        assert {"orders", "line_items", "payments", "stock_items", "reservations", "variants",
                "stock_movements", "collection_products", "product_images"} <= kept  # fmt: skip
        old_cells, new_cells = cells(old, new), cells(new, old)
        assert {name: new_cells[name] for name in kept} == {name: old_cells[name] for name in kept}
        assert schema == differences() == []
        (home,) = again["pages"]
        assert again | {"pages": []} == old | {"pages": []}
        assert (home["title"], home["summary"], home["body"]) == (
            "From the kiln",
            "Pots.",
            "By hand.",
        )


def test_what_an_old_shop_had_stands_in_the_new_tables(old_shop: Flask) -> None:
    with old_shop.app_context():
        old = all_rows()
        flask_migrate.upgrade()
        new = all_rows()

    (order,), (old_order,) = new["orders"], old["orders"]
    assert new["store_settings"][0]["languages"] == ["en"]
    assert order["language"] == "en"
    assert order["tax_lines"] == [
        {"name": "VAT", "rate_ppm": 200_000, "amount": old_order["tax_amount"],
         "base": old_order["total_amount"] - old_order["tax_amount"]}
    ]  # fmt: skip
    assert (order["discount_amount"], order["gift_card_amount"], order["steps"]) == (0, 0, [])
    assert (new["products"][0]["rating_count"], new["products"][0]["rating_sum"]) == (0, 0)
    image = new["product_images"][0]
    assert (image["widths"], image["focal_x"], image["focal_y"]) == ("400 800", 50, 50)
    (change,) = new["price_changes"]
    assert (change["unit_amount"], change["is_public"]) == (3400, True)
    (version,) = new["theme_versions"]
    hero, story = version["sections"][0], version["sections"][4]
    assert (hero["heading"], hero["text"], story["body"]) == ("From the kiln", "Pots.", "By hand.")
    assert new["pages"] == []
    for table, rates in (("shipping_zones", "shipping_rates"), ("tax_zones", "tax_rates")):
        (zone,), (rate,) = new[table], new[rates]
        assert (zone["name"], zone["places"]) == ("GB", [{"country": "GB"}])
        assert rate["zone_id"] == zone["id"]


def test_who_administered_the_shop_owns_it(own_database: Flask) -> None:
    with own_database.app_context():
        make_admin(email="ann@example.com")
        db.session.commit()
        flask_migrate.downgrade(revision="0046")
        names = list(db.session.scalars(sa.text("SELECT name FROM roles")))
        db.session.remove()

        flask_migrate.upgrade()

        assert names == ["admin"]
        found = db.session.scalars(sa.select(Account)).one()
        assert (found.email, found.is_owner) == ("ann@example.com", True)

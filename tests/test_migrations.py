from __future__ import annotations

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from shop.extensions import db
from shop.inventory.models import StockItem
from tests.factories import make_order, make_product, variants_of


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda thing, name, kind, *_: (
                    not (
                        kind == "table"
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

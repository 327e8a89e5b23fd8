"""How many published reviews a product has, and the sum of their stars.

The columns are added in SQL: Alembic would make SQLite copy the table for a named CHECK.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE products ADD COLUMN rating_count INTEGER DEFAULT '0' NOT NULL"
        " CONSTRAINT ck_products_rating_count_not_negative CHECK (rating_count >= 0)"
    )
    op.execute(
        "ALTER TABLE products ADD COLUMN rating_sum INTEGER DEFAULT '0' NOT NULL"
        " CONSTRAINT ck_products_rating_sum_in_range"
        " CHECK (rating_sum BETWEEN rating_count AND 5 * rating_count)"
    )


def downgrade() -> None:
    """Not in SQL: once a later migration has copied the table, its CHECKs stand beside the columns."""
    with op.batch_alter_table("products") as batch:
        for name in ("rating_sum_in_range", "rating_count_not_negative"):
            batch.drop_constraint(op.f(f"ck_products_{name}"), type_="check")
        batch.drop_column("rating_sum")
        batch.drop_column("rating_count")

"""How stock is told to shoppers, and on which days parcels leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: Columns, with what a shop that exists already has in them.
COLUMNS = [
    (sa.Column("stock_display", sa.String(length=16), nullable=False), "never"),
    (sa.Column("few_units", sa.Integer(), nullable=False), "3"),
    (sa.Column("time_zone", sa.String(length=64), nullable=False), "Europe/London"),
    (sa.Column("cutoff", sa.Time(), nullable=False), "14:00:00.000000"),
    (sa.Column("handling_days", sa.Integer(), nullable=False), "0"),
    (sa.Column("closed_weekdays", sa.JSON(), nullable=False), "[5, 6]"),
    (sa.Column("closed_days", sa.JSON(), nullable=False), "[]"),
]
CHECKS = {
    "ck_store_settings_stock_display_known": "stock_display IN ('never', 'few', 'always')",
    "ck_store_settings_few_units_in_range": "few_units BETWEEN 1 AND 99",
    "ck_store_settings_handling_days_in_range": "handling_days BETWEEN 0 AND 30",
}


def upgrade() -> None:
    with op.batch_alter_table("store_settings") as batch_op:
        for column, value in COLUMNS:
            batch_op.add_column(
                sa.Column(column.name, column.type, nullable=False, server_default=value)
            )
    with op.batch_alter_table("store_settings") as batch_op:
        for column, _value in COLUMNS:
            batch_op.alter_column(column.name, server_default=None)
        for name, condition in CHECKS.items():
            batch_op.create_check_constraint(op.f(name), condition)


def downgrade() -> None:
    with op.batch_alter_table("store_settings") as batch_op:
        for name in CHECKS:
            batch_op.drop_constraint(op.f(name), type_="check")
        for column, _value in COLUMNS:
            batch_op.drop_column(column.name)

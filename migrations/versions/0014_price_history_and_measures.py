"""What variants cost over time, what is in one, and when it comes again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CHECK = "ck_variants_measures_positive"
#: What every variant costs at this moment is where its history begins.
BEGIN = """
INSERT INTO price_changes (variant_id, unit_amount, compare_at_amount, is_public, at)
SELECT v.id, v.unit_amount, v.compare_at_amount, p.status = 'published', CURRENT_TIMESTAMP
FROM variants AS v JOIN products AS p ON p.id = v.product_id
"""


def upgrade() -> None:
    with op.batch_alter_table("variants") as batch_op:
        batch_op.add_column(sa.Column("restock_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("measure_amount", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("measure_unit", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("base_amount", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("base_unit", sa.String(length=8), nullable=True))
        batch_op.create_check_constraint(op.f(CHECK), "measure_amount > 0 AND base_amount > 0")
    op.create_table(
        "price_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("unit_amount", sa.Integer(), nullable=False),
        sa.Column("compare_at_amount", sa.Integer(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_price_changes_variant_id_variants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_changes")),
    )
    op.create_index(
        "ix_price_changes_variant_id_at", "price_changes", ["variant_id", "at"], unique=False
    )
    op.execute(BEGIN)


def downgrade() -> None:
    op.drop_index("ix_price_changes_variant_id_at", table_name="price_changes")
    op.drop_table("price_changes")
    with op.batch_alter_table("variants") as batch_op:
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        for column in ("base_unit", "base_amount", "measure_unit", "measure_amount", "restock_on"):
            batch_op.drop_column(column)

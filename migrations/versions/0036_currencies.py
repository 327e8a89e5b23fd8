"""More currencies than the shop's own, with rates, and prices typed for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("store_settings") as batch:
        batch.add_column(sa.Column("currencies", sa.JSON(), server_default="[]", nullable=False))
    # The models give the value; the default was for the row that stood here.
    with op.batch_alter_table("store_settings") as batch:
        batch.alter_column("currencies", existing_type=sa.JSON(), server_default=None)
    op.create_table(
        "variant_prices",
        sa.Column("variant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_amount", sa.Integer(), nullable=False),
        sa.Column("compare_at_amount", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "unit_amount >= 0", name=op.f("ck_variant_prices_unit_amount_not_negative")
        ),
        sa.CheckConstraint(
            "compare_at_amount >= 0", name=op.f("ck_variant_prices_compare_at_amount_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_variant_prices_variant_id_variants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("variant_id", "currency", name=op.f("pk_variant_prices")),
    )


def downgrade() -> None:
    op.drop_table("variant_prices")
    with op.batch_alter_table("store_settings") as batch:
        batch.drop_column("currencies")

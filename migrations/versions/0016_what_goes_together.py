"""What goes with a product: picked by hand, and bought together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "product_picks",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("picked_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "product_id <> picked_id", name=op.f("ck_product_picks_not_itself")
        ),
        sa.ForeignKeyConstraint(
            ["picked_id"],
            ["products.id"],
            name=op.f("fk_product_picks_picked_id_products"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_picks_product_id_products"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", "picked_id", name=op.f("pk_product_picks")),
    )
    op.create_index(op.f("ix_product_picks_picked_id"), "product_picks", ["picked_id"])
    op.create_table(
        "product_companions",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("companion_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["companion_id"],
            ["products.id"],
            name=op.f("fk_product_companions_companion_id_products"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_companions_product_id_products"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "product_id", "companion_id", name=op.f("pk_product_companions")
        ),
    )
    op.create_index(
        op.f("ix_product_companions_companion_id"), "product_companions", ["companion_id"]
    )


def downgrade() -> None:
    op.drop_table("product_companions")
    op.drop_table("product_picks")

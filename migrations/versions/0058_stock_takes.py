"""Stock takes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_takes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("press", sa.String(80), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'finished', 'abandoned')", name=op.f("ck_stock_takes_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_stock_takes_account_id_accounts",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stock_takes"),
        sa.UniqueConstraint("press", name=op.f("uq_stock_takes_press")),
    )
    op.create_table(
        "stock_take_lines",
        sa.Column("stock_take_id", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_stock_take_lines_counted_not_negative")),
        sa.CheckConstraint(
            "(counted IS NULL) = (expected IS NULL)",
            name=op.f("ck_stock_take_lines_counted_as_expected"),
        ),
        sa.ForeignKeyConstraint(
            ["stock_take_id"],
            ["stock_takes.id"],
            name="fk_stock_take_lines_stock_take_id_stock_takes",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name="fk_stock_take_lines_variant_id_variants",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_stock_take_lines_account_id_accounts",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("stock_take_id", "variant_id", name="pk_stock_take_lines"),
    )
    op.create_index("ix_stock_take_lines_variant_id", "stock_take_lines", ["variant_id"])


def downgrade() -> None:
    op.drop_table("stock_take_lines")
    op.drop_table("stock_takes")

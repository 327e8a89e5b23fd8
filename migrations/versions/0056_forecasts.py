"""Forecasts of what will be sold, and customers by how they buy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecast_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("service_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_forecast_settings_one_row")),
        sa.CheckConstraint(
            "lead_days BETWEEN 1 AND 365", name=op.f("ck_forecast_settings_lead_days_in_range")
        ),
        sa.CheckConstraint(
            "review_days BETWEEN 1 AND 365", name=op.f("ck_forecast_settings_review_days_in_range")
        ),
        sa.CheckConstraint(
            "service_percent BETWEEN 50 AND 99",
            name=op.f("ck_forecast_settings_service_percent_in_range"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_forecast_settings"),
    )
    op.create_table(
        "variant_forecasts",
        sa.Column("variant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("variance", sa.Double(), nullable=False),
        sa.Column("last_expected", sa.Double(), nullable=True),
        sa.Column("last_low", sa.Integer(), nullable=True),
        sa.Column("last_high", sa.Integer(), nullable=True),
        sa.Column("last_sold", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name="fk_variant_forecasts_variant_id_variants",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("variant_id", name="pk_variant_forecasts"),
    )
    op.create_table(
        "customer_group_counts",
        sa.Column("group_name", sa.String(16), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("then", sa.Integer(), nullable=False),
        sa.Column("came_back", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("group_name", name="pk_customer_group_counts"),
    )


def downgrade() -> None:
    op.drop_table("customer_group_counts")
    op.drop_table("variant_forecasts")
    op.drop_table("forecast_settings")

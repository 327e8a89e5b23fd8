"""Taxes as a tax service tells them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tax_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=120), nullable=False),
        sa.Column("postal_code", sa.String(length=20), nullable=False),
        sa.Column("is_included", sa.Boolean(), nullable=False),
        sa.Column("shipping_tax", sa.String(length=12), nullable=False),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_answers")),
        sa.UniqueConstraint(
            "country", "region", "postal_code", name=op.f("uq_tax_answers_country_region_postal_code")
        ),
    )
    for name, usual in (("is_taxed_by_stripe", sa.false()), ("has_taxes_included", sa.true())):
        op.add_column(
            "store_settings", sa.Column(name, sa.Boolean(), nullable=False, server_default=usual)
        )
    with op.batch_alter_table("store_settings") as table:
        table.add_column(sa.Column("tax_codes", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("store_settings") as table:
        table.alter_column("tax_codes", existing_type=sa.JSON(), server_default=None)


def downgrade() -> None:
    for name in ("tax_codes", "has_taxes_included", "is_taxed_by_stripe"):
        op.drop_column("store_settings", name)
    op.drop_table("tax_answers")

"""Who wants to hear when a sold-out variant can be bought again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WAITING = sa.text("notified_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "stock_alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_stock_alerts_variant_id_variants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_alerts")),
        sa.UniqueConstraint("token", name=op.f("uq_stock_alerts_token")),
    )
    op.create_index(
        "uq_stock_alerts_waiting",
        "stock_alerts",
        ["variant_id", "email"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_stock_alerts_notified_at", "stock_alerts", ["notified_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_stock_alerts_notified_at", table_name="stock_alerts")
    op.drop_index("uq_stock_alerts_waiting", table_name="stock_alerts")
    op.drop_table("stock_alerts")

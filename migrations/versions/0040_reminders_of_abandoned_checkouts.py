"""Reminders of checkouts that were left, for shoppers who ask for one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("after_hours", sa.Integer(), nullable=False),
        sa.Column("pause_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_recovery_settings_one_row")),
        sa.CheckConstraint(
            "after_hours BETWEEN 1 AND 48", name=op.f("ck_recovery_settings_after_hours_in_range")
        ),
        sa.CheckConstraint(
            "pause_days BETWEEN 1 AND 365", name=op.f("ck_recovery_settings_pause_days_in_range")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_settings"),
    )
    op.create_table(
        "abandoned_checkouts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checkout_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("cart", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["checkout_id"],
            ["checkouts.id"],
            name="fk_abandoned_checkouts_checkout_id_checkouts",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["restored_id"],
            ["checkouts.id"],
            name="fk_abandoned_checkouts_restored_id_checkouts",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_abandoned_checkouts"),
        sa.UniqueConstraint("checkout_id", name="uq_abandoned_checkouts_checkout_id"),
    )
    op.create_index(
        "ix_abandoned_checkouts_sent_at_updated_at",
        "abandoned_checkouts",
        ["sent_at", "updated_at"],
    )
    op.create_index("ix_abandoned_checkouts_restored_id", "abandoned_checkouts", ["restored_id"])
    op.create_table(
        "refused_addresses",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_refused_addresses"),
    )


def downgrade() -> None:
    op.drop_table("refused_addresses")
    op.drop_table("abandoned_checkouts")
    op.drop_table("recovery_settings")

"""Bank transfers and cash, authorized payments, and the merchant's choice of ways to pay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ORDER_STATES = ["pending_payment", "awaiting_bank", "paid", "payment_review", "expired", "canceled"]
ATTEMPT_STATES = ["creating", "open", "awaiting_bank", "paid", "failed", "expired"]
LIVE = ["creating", "open", "awaiting_bank"]


def upgrade() -> None:
    empty = sa.text("''")
    op.create_table(
        "payment_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("takes_bank_transfer", sa.Boolean(), nullable=False),
        sa.Column("bank_transfer_text", sa.Text(), nullable=False),
        sa.Column("takes_cash", sa.Boolean(), nullable=False),
        sa.Column("cash_text", sa.Text(), nullable=False),
        sa.Column("hold_days", sa.Integer(), nullable=False),
        sa.Column("captures_manually", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_payment_settings_one_row")),
        sa.CheckConstraint(
            "hold_days BETWEEN 1 AND 60", name=op.f("ck_payment_settings_hold_days_in_range")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_settings")),
    )
    for table in ("checkouts", "orders"):
        op.add_column(
            table,
            sa.Column("pay_by", sa.String(20), nullable=False, server_default=sa.text("'card'")),
        )
    op.add_column(
        "orders", sa.Column("instructions", sa.Text(), nullable=False, server_default=empty)
    )
    op.add_column(
        "payment_attempts", sa.Column("capture_before", sa.DateTime(timezone=True), nullable=True)
    )
    _states([*ORDER_STATES, "awaiting_money", "authorized"], [*ATTEMPT_STATES, "authorized"])
    _live([*LIVE, "authorized"])
    with op.batch_alter_table("payments") as table:
        table.alter_column("attempt_id", existing_type=sa.Integer(), nullable=True)
        table.alter_column("provider_payment_id", existing_type=sa.String(255), nullable=True)
        table.add_column(sa.Column("recorded_by", sa.Integer(), nullable=True))
        table.create_index(op.f("ix_payments_recorded_by"), ["recorded_by"])
        table.create_foreign_key(
            op.f("fk_payments_recorded_by_accounts"),
            "accounts",
            ["recorded_by"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    op.execute("DELETE FROM payments WHERE attempt_id IS NULL OR provider_payment_id IS NULL")
    with op.batch_alter_table("payments") as table:
        table.drop_constraint(op.f("fk_payments_recorded_by_accounts"), type_="foreignkey")
        table.drop_index(op.f("ix_payments_recorded_by"))
        table.drop_column("recorded_by")
        table.alter_column("provider_payment_id", existing_type=sa.String(255), nullable=False)
        table.alter_column("attempt_id", existing_type=sa.Integer(), nullable=False)
    op.execute("UPDATE orders SET state = 'payment_review' WHERE state = 'authorized'")
    op.execute("UPDATE orders SET state = 'pending_payment' WHERE state = 'awaiting_money'")
    op.execute("UPDATE payment_attempts SET status = 'awaiting_bank' WHERE status = 'authorized'")
    _live(LIVE)
    _states(ORDER_STATES, ATTEMPT_STATES)
    op.drop_column("payment_attempts", "capture_before")
    op.drop_column("orders", "instructions")
    op.drop_column("orders", "pay_by")
    op.drop_column("checkouts", "pay_by")
    op.drop_table("payment_settings")


def _states(of_orders: list[str], of_attempts: list[str]) -> None:
    with op.batch_alter_table("orders") as table:
        table.drop_constraint(op.f("ck_orders_state_known"), type_="check")
        table.create_check_constraint(
            op.f("ck_orders_state_known"), sa.column("state").in_(of_orders)
        )
    with op.batch_alter_table("payment_attempts") as table:
        table.drop_constraint(op.f("ck_payment_attempts_status_known"), type_="check")
        table.create_check_constraint(
            op.f("ck_payment_attempts_status_known"), sa.column("status").in_(of_attempts)
        )


def _live(statuses: list[str]) -> None:
    is_live = sa.text(f"status IN ({', '.join(repr(status) for status in statuses)})")
    op.drop_index("uq_payment_attempts_live", table_name="payment_attempts")
    op.create_index(
        "uq_payment_attempts_live",
        "payment_attempts",
        ["order_id"],
        unique=True,
        sqlite_where=is_live,
        postgresql_where=is_live,
    )

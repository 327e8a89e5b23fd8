"""Saved views, forms not saved yet, and jobs over many products."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_products_title", "products", ["title", "id"])
    op.create_index("ix_products_updated_at", "products", ["updated_at", "id"])
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(20), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_saved_views_account_id_accounts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sa.UniqueConstraint(
            "account_id", "area", "name", name="uq_saved_views_account_id_area_name"
        ),
    )
    op.create_table(
        "unsaved_forms",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(60), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_unsaved_forms_account_id_accounts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "form", name="pk_unsaved_forms"),
    )
    op.create_index("ix_unsaved_forms_saved_at", "unsaved_forms", ["saved_at"])
    op.create_table(
        "bulk_jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("press", sa.String(40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "action IN ('publish', 'unpublish', 'archive', 'add_tag', 'remove_tag', 'price',"
            " 'collect', 'delete', 'undo')",
            name=op.f("ck_bulk_jobs_action_known"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_bulk_jobs_account_id_accounts",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"],
            ["bulk_jobs.id"],
            name="fk_bulk_jobs_undoes_id_bulk_jobs",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_jobs"),
        sa.UniqueConstraint("press", name="uq_bulk_jobs_press"),
        sa.UniqueConstraint("undoes_id", name="uq_bulk_jobs_undoes_id"),
    )
    op.create_index("ix_bulk_jobs_account_id", "bulk_jobs", ["account_id"])
    op.create_index(
        "ix_bulk_jobs_unfinished",
        "bulk_jobs",
        ["id"],
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "bulk_items",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'skipped')",
            name=op.f("ck_bulk_items_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["bulk_jobs.id"],
            name="fk_bulk_items_job_id_bulk_jobs",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "product_id", name="pk_bulk_items"),
    )
    op.create_index("ix_bulk_items_state", "bulk_items", ["job_id", "state", "product_id"])


def downgrade() -> None:
    op.drop_table("bulk_items")
    op.drop_table("bulk_jobs")
    op.drop_table("unsaved_forms")
    op.drop_table("saved_views")
    op.drop_index("ix_products_updated_at", "products")
    op.drop_index("ix_products_title", "products")

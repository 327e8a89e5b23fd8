"""Versions of the shop's look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ALONE = sa.text("state IN ('draft', 'live')")


def upgrade() -> None:
    op.create_table(
        "theme_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(length=40), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("look", sa.JSON(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("stylesheet", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'live', 'past')", name=op.f("ck_theme_versions_known_state")
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL)",
            name=op.f("ck_theme_versions_drafts_are_not_published"),
        ),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["accounts.id"],
            name=op.f("fk_theme_versions_published_by_accounts"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme_versions")),
    )
    with op.batch_alter_table("theme_versions") as batch:
        batch.create_index(
            "uq_theme_versions_alone",
            ["state"],
            unique=True,
            sqlite_where=ALONE,
            postgresql_where=ALONE,
        )
        batch.create_index(op.f("ix_theme_versions_digest"), ["digest"])
        batch.create_index(op.f("ix_theme_versions_published_by"), ["published_by"])


def downgrade() -> None:
    op.drop_table("theme_versions")

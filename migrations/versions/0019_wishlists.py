"""What shoppers want to remember, and to show others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wishlists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("share_token", sa.String(length=64), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_wishlists_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishlists")),
        sa.UniqueConstraint("account_id", name=op.f("uq_wishlists_account_id")),
        sa.UniqueConstraint("share_token", name=op.f("uq_wishlists_share_token")),
        sa.UniqueConstraint("token", name=op.f("uq_wishlists_token")),
    )
    op.create_index("ix_wishlists_changed_at", "wishlists", ["changed_at"], unique=False)
    op.create_table(
        "wishes",
        sa.Column("wishlist_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("variant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_amount", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_wishes_variant_id_variants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["wishlist_id"],
            ["wishlists.id"],
            name=op.f("fk_wishes_wishlist_id_wishlists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("wishlist_id", "variant_id", name=op.f("pk_wishes")),
    )
    op.create_index("ix_wishes_variant_id", "wishes", ["variant_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_wishes_variant_id", table_name="wishes")
    op.drop_table("wishes")
    op.drop_index("ix_wishlists_changed_at", table_name="wishlists")
    op.drop_table("wishlists")

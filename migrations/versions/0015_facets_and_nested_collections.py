"""Collections in collections, and by rules; and the journal that keeps facet indexes up to date.

Existing collections stay picked by hand. The journal's triggers are not part of any migration:
migrations/env.py puts them in place after each.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _nest_collections()
    op.create_table(
        "catalog_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("collection_id", sa.Integer(), nullable=True),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_catalog_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_catalog_changes_stamp", "catalog_changes", ["stamp"])


def _nest_collections() -> None:
    with op.batch_alter_table("collections") as batch:
        batch.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("conditions", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(
            sa.Column("needs_all", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch.create_index("ix_collections_parent_id", ["parent_id"])
        batch.create_foreign_key(
            "fk_collections_parent_id_collections",
            "collections",
            ["parent_id"],
            ["id"],
            ondelete="SET NULL",
        )
    # The models give the value; the default was for the rows that stood here.
    with op.batch_alter_table("collections") as batch:
        batch.alter_column("conditions", existing_type=sa.JSON(), server_default=None)


def downgrade() -> None:
    op.drop_table("catalog_changes")
    with op.batch_alter_table("collections") as batch:
        batch.drop_constraint("fk_collections_parent_id_collections", type_="foreignkey")
        batch.drop_index("ix_collections_parent_id")
        batch.drop_column("needs_all")
        batch.drop_column("conditions")
        batch.drop_column("parent_id")

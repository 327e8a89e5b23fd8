"""Products that are archived, and when they come and go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

KNOWN = "ck_products_status_known"


def upgrade() -> None:
    with op.batch_alter_table("products") as batch:
        batch.drop_constraint(op.f(KNOWN), type_="check")
        batch.create_check_constraint(
            op.f(KNOWN), "status IN ('draft', 'published', 'archived')"
        )
        batch.add_column(sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("unpublish_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_index("ix_products_publish_at", ["publish_at"])
        batch.create_index("ix_products_unpublish_at", ["unpublish_at"])


def downgrade() -> None:
    op.execute("UPDATE products SET status = 'draft' WHERE status = 'archived'")
    with op.batch_alter_table("products") as batch:
        batch.drop_index("ix_products_unpublish_at")
        batch.drop_index("ix_products_publish_at")
        batch.drop_column("unpublish_at")
        batch.drop_column("publish_at")
        batch.drop_constraint(op.f(KNOWN), type_="check")
        batch.create_check_constraint(op.f(KNOWN), "status IN ('draft', 'published')")

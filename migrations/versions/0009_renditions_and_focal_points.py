"""Which renditions a picture has, what stands in for it meanwhile, and where its focal point is.

Existing pictures: run `flask catalog pictures`. The columns with a CHECK are added in SQL: Alembic
would make SQLite copy the table for it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "product_images",
        sa.Column("widths", sa.String(60), server_default="400 800", nullable=False),
    )
    op.add_column("product_images", sa.Column("placeholder", sa.String(255), nullable=True))
    op.add_column(
        "product_images",
        sa.Column("is_decorative", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute(
        "ALTER TABLE product_images ADD COLUMN focal_x INTEGER DEFAULT '50' NOT NULL"
        " CONSTRAINT ck_product_images_focal_x_in_range CHECK (focal_x BETWEEN 0 AND 100)"
    )
    op.execute(
        "ALTER TABLE product_images ADD COLUMN focal_y INTEGER DEFAULT '50' NOT NULL"
        " CONSTRAINT ck_product_images_focal_y_in_range CHECK (focal_y BETWEEN 0 AND 100)"
    )


def downgrade() -> None:
    for name in ("focal_y", "focal_x", "is_decorative", "placeholder", "widths"):
        op.drop_column("product_images", name)

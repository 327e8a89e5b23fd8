"""Roles of staff with permissions; who administered the shop becomes its owner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

MOST = "orders refunds customers products inventory discounts gift_cards reviews content theme"
PRESETS = {
    "manager": [
        *(f"{area}:change" for area in f"{MOST} reports settings".split()),
        "payment_settings:see",
    ],
    "fulfillment": ["orders:change", "customers:see", "products:see", "inventory:change"],
    "editor": [
        "products:change",
        "inventory:see",
        "discounts:see",
        "reviews:change",
        "content:change",
        "theme:change",
    ],
    "support": [
        "orders:change",
        "customers:change",
        "products:see",
        "inventory:see",
        "discounts:see",
        "gift_cards:see",
        "reviews:change",
    ],
    "read_only": [f"{area}:see" for area in f"{MOST} reports settings".split()],
}
roles = sa.table("roles", sa.column("name", sa.String), sa.column("permissions", sa.UnicodeText))


def upgrade() -> None:
    with op.batch_alter_table("roles") as batch:
        batch.add_column(sa.Column("title", sa.String(80), nullable=True))
        batch.create_unique_constraint("uq_roles_title", ["title"])
    connection = op.get_bind()
    connection.execute(sa.update(roles).where(roles.c.name == "admin").values(name="owner"))
    found = set(connection.scalars(sa.select(roles.c.name)))
    for name, permissions in {"owner": [], **PRESETS}.items():
        if name not in found:
            op.bulk_insert(roles, [{"name": name, "permissions": ",".join(permissions)}])


def downgrade() -> None:
    connection = op.get_bind()
    connection.execute(sa.delete(roles).where(roles.c.name != "owner"))
    connection.execute(sa.update(roles).where(roles.c.name == "owner").values(name="admin"))
    with op.batch_alter_table("roles") as batch:
        batch.drop_constraint("uq_roles_title", type_="unique")
        batch.drop_column("title")

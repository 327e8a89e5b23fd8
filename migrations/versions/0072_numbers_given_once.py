"""Numbers of products, variants and collections are given once, on SQLite as on PostgreSQL.

SQLite gives the number of the newest row again once that row is deleted. Baskets in cookies hold
numbers of variants, discounts those of products and collections: another one would take its place.
"""

from __future__ import annotations

from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

TABLES = ("products", "variants", "collections")


def upgrade() -> None:
    _make_anew(is_once=True)


def downgrade() -> None:
    _make_anew(is_once=False)


def _make_anew(*, is_once: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in TABLES:
        with op.batch_alter_table(
            table, recreate="always", table_kwargs={"sqlite_autoincrement": is_once}
        ):
            pass

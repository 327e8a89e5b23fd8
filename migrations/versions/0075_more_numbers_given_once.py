"""Numbers of all that is deleted and named by its number elsewhere are given once on SQLite too.

As 0072 did for the catalog. The activity names things by their number and would tell an old change
of a newer thing; a promised mail or a form that is still open would go to another account, role or
way of delivery.
"""

from __future__ import annotations

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

TABLES = (
    "accounts",
    "articles",
    "discounts",
    "pages",
    "redirects",
    "roles",
    "shipping_rates",
    "shipping_zones",
    "synonyms",
    "tax_zones",
)


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

"""Menus, legal texts, mails and the days of the announcement, for the merchant to set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

TEXTS = {
    "mail_sender_name": sa.String(80),
    "mail_reply_to": sa.String(254),
    "mail_signature": sa.Text(),
}


def upgrade() -> None:
    for name in ("announcement_from", "announcement_until"):
        op.add_column("store_settings", sa.Column(name, sa.Date(), nullable=True))
    for name, kind in TEXTS.items():
        column = sa.Column(name, kind, nullable=False, server_default=sa.text("''"))
        op.add_column("store_settings", column)
    for name in ("menus", "legal_pages"):
        empty = sa.text("'{}'")
        column = sa.Column(name, sa.JSON(), nullable=False, server_default=empty)
        op.add_column("store_settings", column)
    op.create_index("ix_audit_entries_subject_kind_id", "audit_entries", ["subject_kind", "id"])
    with op.batch_alter_table("store_settings") as batch:
        for name in ("menus", "legal_pages"):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    op.drop_index("ix_audit_entries_subject_kind_id", "audit_entries")
    with op.batch_alter_table("store_settings") as batch:
        for name in ("menus", "legal_pages", *TEXTS, "announcement_from", "announcement_until"):
            batch.drop_column(name)

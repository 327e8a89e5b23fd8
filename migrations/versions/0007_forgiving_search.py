"""Words to correct a shopper's spelling by, synonyms, and what was searched. The words of existing
products are added by the worker, which rebuilds an index whose vocabulary is empty.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vocabulary_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vocabulary_words"),
        sa.UniqueConstraint("word", name="uq_vocabulary_words_word"),
    )
    op.create_table(
        "synonyms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("searched", sa.String(length=200), nullable=False),
        sa.Column("found", sa.String(length=200), nullable=False),
        sa.Column("is_two_way", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_synonyms"),
    )
    op.create_table(
        "synonym_phrases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("synonym_id", sa.Integer(), nullable=False),
        sa.Column("typed", sa.String(length=200), nullable=False),
        sa.Column("also", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["synonym_id"],
            ["synonyms.id"],
            name="fk_synonym_phrases_synonym_id_synonyms",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_synonym_phrases"),
        sa.UniqueConstraint(
            "synonym_id", "typed", "also", name="uq_synonym_phrases_synonym_id_typed_also"
        ),
    )
    op.create_index("ix_synonym_phrases_typed", "synonym_phrases", ["typed"])
    op.create_table(
        "searched_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("searched_on", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_searched_words"),
        sa.UniqueConstraint(
            "searched_on", "words", name="uq_searched_words_searched_on_words"
        ),
    )


def downgrade() -> None:
    for table in ("searched_words", "synonym_phrases", "synonyms", "vocabulary_words"):
        op.drop_table(table)

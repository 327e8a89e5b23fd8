"""A home page whose words stood in a page of that name has sections now."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

VERSIONS = sa.table(
    "theme_versions",
    sa.column("state", sa.String),
    sa.column("revision", sa.Integer),
    sa.column("theme", sa.String),
    sa.column("words", sa.JSON),
    sa.column("look", sa.JSON),
    sa.column("sections", sa.JSON),
    sa.column("stylesheet", sa.Text),
    sa.column("digest", sa.String),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("published_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    pages = sa.table("pages", sa.column("handle"), sa.column("title"), sa.column("summary"),
                     sa.column("body"))  # fmt: skip
    home = op.get_bind().execute(sa.select(pages).where(pages.c.handle == "home")).first()
    versions = op.get_bind().execute(sa.select(sa.func.count()).select_from(VERSIONS)).scalar()
    if home is None or versions:
        return
    # Only the demo shop's pictures had names that the home page knew.
    store = sa.table("store_settings", sa.column("name"))
    is_demo = op.get_bind().execute(sa.select(store.c.name)).scalar() == "Fettle"
    hero = {"file": "hero", "width": 1920, "height": 880, "is_cut": True} if is_demo else None
    story = {"file": "dip", "width": 800, "height": 800} if is_demo else None
    sections = [
        {
            "type": "hero", "id": "hero", "heading": home.title, "text": home.summary,
            "button": "See what is new", "button_url": "/products",
            "picture": hero,
        },
        {"type": "swatches", "id": "swatches"},
        {"type": "newest", "id": "newest"},
        {"type": "promises", "id": "promises"},
        {"type": "story", "id": "story", "body": home.body, "picture": story},
        {"type": "collections", "id": "collections"},
    ]  # fmt: skip
    now = datetime.now(UTC)
    op.bulk_insert(
        VERSIONS,
        [
            {
                "state": "live", "revision": 1, "theme": "fettle", "words": {}, "look": {},
                "sections": sections, "stylesheet": "", "digest": "", "created_at": now,
                "published_at": now,
            }
        ],
    )  # fmt: skip
    op.execute(sa.delete(pages).where(pages.c.handle == "home"))


def downgrade() -> None:
    """The words stay where they are now."""

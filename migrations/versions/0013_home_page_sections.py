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


PAGES = sa.table(
    "pages",
    *(sa.column(name) for name in ("handle", "kind", "title", "summary", "body")),
    sa.column("is_published", sa.Boolean),
    sa.column("updated_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    connection = op.get_bind()
    home = connection.execute(sa.select(PAGES).where(PAGES.c.handle == "home")).first()
    if home is None:
        return
    if not connection.execute(sa.select(sa.func.count()).select_from(VERSIONS)).scalar():
        _make_version(home)
    connection.execute(sa.delete(PAGES).where(PAGES.c.handle == "home"))


def _make_version(home: sa.Row[tuple[str, ...]]) -> None:
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


def downgrade() -> None:
    """The older shop looks for a page of that name."""
    connection = op.get_bind()
    is_live = sa.select(VERSIONS.c.sections).where(VERSIONS.c.state == "live")
    sections = connection.execute(is_live).scalar() or []
    first = {section["type"]: section for section in reversed(sections)}
    if "hero" not in first:
        return
    page = {
        "handle": "home", "kind": "text", "title": first["hero"].get("heading", ""),
        "summary": first["hero"].get("text", ""), "body": first.get("story", {}).get("body", ""),
        "is_published": True, "updated_at": datetime.now(UTC),
    }  # fmt: skip
    connection.execute(sa.insert(PAGES).values(page))

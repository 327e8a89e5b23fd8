"""Zones of places, to which ways of delivery and taxes belong. Every country that had its own becomes
a zone of that name.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BASES = "basis IN ('flat', 'weight', 'price', 'quantity')"
SHIPPING_TAXES = "shipping_tax IN ('like_goods', 'standard', 'none')"
STANDARD_RATES = (
    "SELECT zone_id, tax_rates.name, rate_ppm, is_included FROM tax_rates"
    " JOIN tax_zones ON tax_zones.id = zone_id WHERE category = 'standard'"
    " ORDER BY tax_rates.position, tax_rates.id"
)


def upgrade() -> None:
    _zone_table("shipping_zones")
    _move_shipping_rates()
    taxes = op.get_bind().execute(sa.text("SELECT * FROM tax_rates ORDER BY country")).all()
    op.drop_table("tax_rates")
    _zone_table(
        "tax_zones",
        sa.Column("is_included", sa.Boolean(), nullable=False),
        sa.Column("shipping_tax", sa.String(12), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("checked_on", sa.Date()),
        sa.CheckConstraint(SHIPPING_TAXES, name=op.f("ck_tax_zones_shipping_tax_known")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("rate_ppm", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rates")),
        sa.ForeignKeyConstraint(
            ["zone_id"],
            ["tax_zones.id"],
            name=op.f("fk_tax_rates_zone_id_tax_zones"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "zone_id", "category", "name", name=op.f("uq_tax_rates_zone_id_category_name")
        ),
        sa.CheckConstraint(
            "rate_ppm BETWEEN 0 AND 1000000", name=op.f("ck_tax_rates_rate_in_range")
        ),
    )
    for position, tax in enumerate(taxes, start=1):
        more = {"is_included": bool(tax.is_included), "shipping_tax": "like_goods", "source": ""}
        zone_id = _make_zone("tax_zones", tax.country, position, more)
        op.get_bind().execute(
            sa.text(
                "INSERT INTO tax_rates (zone_id, category, name, rate_ppm, position)"
                " VALUES (:zone_id, 'standard', :name, :ppm, 1)"
            ),
            {"zone_id": zone_id, "name": tax.name, "ppm": tax.rate_ppm},
        )


def _zone_table(name: str, *more: Any) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("name", name=op.f(f"uq_{name}_name")),
    )


def _move_shipping_rates() -> None:
    connection = op.get_bind()
    countries = connection.execute(
        sa.text("SELECT country FROM shipping_rates GROUP BY country ORDER BY MIN(id)")
    ).scalars()
    zones = {
        country: _make_zone("shipping_zones", country, position, {})
        for position, country in enumerate(countries.all(), start=1)
    }
    with op.batch_alter_table("shipping_rates") as batch:
        batch.add_column(sa.Column("zone_id", sa.Integer()))
        batch.add_column(sa.Column("basis", sa.String(10), nullable=False, server_default="flat"))
        batch.add_column(sa.Column("steps", sa.JSON(), nullable=False, server_default="[]"))
        for name, default in (("is_pickup", sa.false()), ("is_active", sa.true())):
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=default))
    for country, zone_id in zones.items():
        connection.execute(
            sa.text("UPDATE shipping_rates SET zone_id = :zone WHERE country = :country"),
            {"zone": zone_id, "country": country},
        )
    with op.batch_alter_table("shipping_rates") as batch:
        batch.drop_constraint(op.f("uq_shipping_rates_country_name"), type_="unique")
        batch.drop_column("country")
        batch.alter_column("zone_id", existing_type=sa.Integer(), nullable=False)
        for name in ("basis", "steps", "is_pickup", "is_active"):
            batch.alter_column(name, server_default=None)
        batch.create_foreign_key(
            op.f("fk_shipping_rates_zone_id_shipping_zones"),
            "shipping_zones",
            ["zone_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch.create_unique_constraint(op.f("uq_shipping_rates_zone_id_name"), ["zone_id", "name"])
        batch.create_check_constraint(op.f("ck_shipping_rates_basis_known"), BASES)


def _make_zone(table: str, country: str, position: int, more: dict[str, Any]) -> int:
    """Its id."""
    kinds: dict[str, Any] = {"id": sa.Integer(), "position": sa.Integer(), "places": sa.JSON()}
    kinds["is_included"] = sa.Boolean()
    values = {"name": country, "position": position, "places": [{"country": country}], **more}
    columns = [sa.column(name, kinds.get(name)) for name in ("id", *values)]
    zones = sa.table(table, *columns)
    made = op.get_bind().execute(sa.insert(zones).values(**values).returning(zones.c.id))
    return int(made.scalar_one())


def downgrade() -> None:
    """A zone's first place stands for all of it; only the standard rate of each is kept."""
    connection = op.get_bind()
    taxes = connection.execute(sa.text(STANDARD_RATES)).all()
    countries = _first_countries("tax_zones")
    op.drop_table("tax_rates")
    op.drop_table("tax_zones")
    op.create_table(
        "tax_rates",
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("rate_ppm", sa.Integer(), nullable=False),
        sa.Column("is_included", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("country", name=op.f("pk_tax_rates")),
        sa.CheckConstraint(
            "rate_ppm BETWEEN 0 AND 1000000", name=op.f("ck_tax_rates_rate_in_range")
        ),
    )
    first = {countries[tax.zone_id]: tax for tax in reversed(taxes) if tax.zone_id in countries}
    for country, tax in first.items():
        connection.execute(
            sa.text("INSERT INTO tax_rates VALUES (:country, :name, :ppm, :included)"),
            {
                "country": country,
                "name": tax.name,
                "ppm": tax.rate_ppm,
                "included": bool(tax.is_included),
            },
        )
    _move_shipping_rates_back()


def _move_shipping_rates_back() -> None:
    connection = op.get_bind()
    countries = _first_countries("shipping_zones")
    with op.batch_alter_table("shipping_rates") as batch:
        batch.add_column(sa.Column("country", sa.String(2)))
    for zone_id, country in countries.items():
        connection.execute(
            sa.text("UPDATE shipping_rates SET country = :country WHERE zone_id = :zone"),
            {"zone": zone_id, "country": country},
        )
    connection.execute(sa.text("DELETE FROM shipping_rates WHERE country IS NULL"))
    with op.batch_alter_table("shipping_rates") as batch:
        batch.drop_constraint(op.f("ck_shipping_rates_basis_known"), type_="check")
        batch.drop_constraint(op.f("uq_shipping_rates_zone_id_name"), type_="unique")
        batch.drop_constraint(op.f("fk_shipping_rates_zone_id_shipping_zones"), type_="foreignkey")
        for name in ("zone_id", "basis", "steps", "is_pickup", "is_active"):
            batch.drop_column(name)
        batch.alter_column("country", existing_type=sa.String(2), nullable=False)
        batch.create_unique_constraint(
            op.f("uq_shipping_rates_country_name"), ["country", "name"]
        )
    op.drop_table("shipping_zones")


def _first_countries(table: str) -> dict[int, str]:
    """One zone a country."""
    zones = sa.table(
        table, sa.column("id", sa.Integer), sa.column("places", sa.JSON), sa.column("position")
    )
    found: dict[str, int] = {}
    for zone in op.get_bind().execute(sa.select(zones).order_by(zones.c.position)):
        if zone.places:
            found.setdefault(zone.places[0]["country"], zone.id)
    return {zone_id: country for country, zone_id in found.items()}

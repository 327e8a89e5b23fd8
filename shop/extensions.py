"""The shared objects of Flask's extensions and the base class of every table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, registry


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware instants in, aware UTC instants out; SQLite alone would forget the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Model(DeclarativeBase):
    registry = registry(
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: sa.JSON, list[Any]: sa.JSON},
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
    )


#: For the arguments of a table. The activity, carts in cookies, open forms and others hold numbers
#: of rows that may be gone by now: without it SQLite would give the newest row's again.
GIVEN_ONCE = {"sqlite_autoincrement": True}


def partial_index(
    name: str,
    columns: tuple[str | sa.ColumnElement[Any], ...],
    condition: str,
    *,
    on_postgres: str = "",
) -> sa.Index:
    """An index of a few among many rows. A query has to say the condition in these words, values
    spelled out, or the index is not asked. `on_postgres`: where it says it in others.
    """
    return sa.Index(
        name,
        *columns,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(on_postgres or condition),
    )


db = SQLAlchemy(model_class=Model, disable_autonaming=True)
mail = Mail()

"""The tables that catalog pages are made of, and the database triggers that tell of their changes.

Triggers, not code: a bulk update, an import or a statement typed by hand tells as well. A change
moves the one row of `catalog_version` on SQLite. On PostgreSQL it sends a NOTIFY, heard by every
process, and a NOTICE, heard by the one that makes the change: no row there that all would wait for.
Why: docs/adr/0019.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

#: A table stands in one of these two lists; a test asks that of every table.
WATCHED = {
    "articles",
    "collection_products",
    "collections",
    "pages",
    "price_changes",
    "product_companions",
    "product_images",
    "product_options",
    "product_picks",
    "products",
    "purchase_lines",
    "purchase_orders",
    "redirects",
    "review_photos",
    "reviews",
    "shipping_rates",
    "shipping_zones",
    "store_settings",
    "swatches",
    "synonym_phrases",
    "tax_rates",
    "tax_zones",
    "theme_versions",
    "variant_prices",
    "variants",
}
#: Watched too, but only where the change can be seen: see _shown.
STOCK = "stock_items"
#: No page that everybody shares prints these.
NEVER_PRINTED = {
    "abandoned_checkouts",
    "account_roles",
    "account_sessions",
    "accounts",
    "audit_entries",
    "best_sellers",
    "bulk_items",
    "bulk_jobs",
    "authenticators",
    "catalog_changes",
    "checkouts",
    "contact_messages",
    "customer_group_counts",
    "discount_uses",
    "discounts",
    "forecast_settings",
    "fulfillment_lines",
    "fulfillments",
    "gift_card_entries",
    "gift_cards",
    "import_faults",
    "import_files",
    "import_products",
    "imports",
    "invitation_objections",
    "line_items",
    "mailed_links",
    "order_counters",
    "order_events",
    "order_sources",
    "order_tags",
    "orders",
    "outbox_messages",
    "passkeys",
    "payment_attempts",
    "payment_settings",
    "payments",
    "protection_counts",
    "protection_settings",
    "ranked_words",
    "rate_limits",
    "reconcile_marks",
    "recovery_codes",
    "recovery_settings",
    "refused_addresses",
    "refund_lines",
    "refunds",
    "reminder_figures",
    "reservations",
    "roles",
    "saved_addresses",
    "saved_carts",
    "saved_views",
    "searched_periods",
    "searched_words",
    "setup_steps",
    "staff_invitations",
    "staff_settings",
    "stock_alerts",
    "tax_answers",
    "stock_movements",
    "stock_take_lines",
    "stock_takes",
    "stripe_events",
    "subscribers",
    "unsaved_forms",
    "synonyms",
    "traffic_days",
    "traffic_salts",
    "variant_forecasts",
    "vocabulary_words",
    "wishes",
    "wishlists",
}
#: The channel and the words of the notice.
SIGNAL = "till_catalog"
_PREFIX = "till_catalog_"
_ALL_ON_POSTGRES = (
    "SELECT tgname::text, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
)
_ALL_ON_SQLITE = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"

SETTINGS = "store_settings"
#: The largest number of units that pages tell.
_MOST_TOLD = "CASE stock_display WHEN 'always' THEN 2000000000 ELSE few_units END"


def _shown(row: str, most: str) -> str:
    """Units as pages tell them apart: none, each number up to what is told, enough."""
    units = f"{row}.on_hand - {row}.reserved"
    return (
        f"(CASE WHEN NOT {row}.is_tracked OR {units} > {most} THEN -1"
        f" WHEN {units} < 0 THEN 0 ELSE {units} END)"
    )


def _ahead(row: str) -> str:
    """What pages tell of selling beyond what is on hand: nothing, that the limit is reached, or
    how and until when.
    """
    left = f"{row}.on_hand - {row}.reserved + {row}.backorder_limit"
    return (
        f"(CASE WHEN {row}.backorders = 'none' THEN '' WHEN {left} <= 0 THEN 'reached'"
        f" ELSE {row}.backorders || ' ' || COALESCE(CAST({row}.promised_on AS text), '') END)"
    )


_FUNCTIONS = (
    f"""
CREATE FUNCTION till_catalog_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{SIGNAL}', '');
    RAISE NOTICE '{SIGNAL}';
    RETURN NULL;
END $$
""",
    f"""
CREATE FUNCTION till_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most integer := COALESCE((SELECT {_MOST_TOLD} FROM store_settings), 0);
BEGIN
    IF {_shown("OLD", "most")} IS DISTINCT FROM {_shown("NEW", "most")}
        OR {_ahead("OLD")} IS DISTINCT FROM {_ahead("NEW")} THEN
        PERFORM pg_notify('{SIGNAL}', '');
        RAISE NOTICE '{SIGNAL}';
    END IF;
    RETURN NULL;
END $$
""",
)


def keep_triggers(connection: sa.Connection) -> None:
    """Make the database's triggers those of the lists above; does nothing where they are.

    To be called after migrations: a table that is made anew has lost its own.
    """
    wanted = _triggers(connection.dialect.name, _watched_tables(connection))
    found = _found(connection)
    if wanted and wanted.keys() == found.keys():
        return
    for name, table in found.items():
        on_table = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        statement = f"DROP TRIGGER {name}{on_table}"
        connection.exec_driver_sql(statement)
    _drop_support(connection)
    if wanted:
        _create_support(connection)
    for statement in wanted.values():
        connection.exec_driver_sql(statement)


def _watched_tables(connection: sa.Connection) -> set[str]:
    """None in a schema taken down to before stock was told in words or numbers, or sold beyond
    what is on hand.
    """
    inspector = sa.inspect(connection)
    tables = (WATCHED | {STOCK}) & set(inspector.get_table_names())
    if SETTINGS not in tables:
        return set()
    settings = {column["name"] for column in inspector.get_columns(SETTINGS)}
    stock = {column["name"] for column in inspector.get_columns(STOCK)}
    return tables if "stock_display" in settings and "backorders" in stock else set()


def _triggers(dialect: str, tables: set[str]) -> dict[str, str]:
    """Statements by the triggers' names, which tell a changed statement by its digest."""
    statements = [
        statement
        for table in sorted(tables)
        for statement in (_on_postgres(table) if dialect == "postgresql" else _on_sqlite(table))
    ]
    named = {}
    for statement in statements:
        digest = hashlib.sha256("".join((statement, *_FUNCTIONS)).encode()).hexdigest()[:8]
        name = f"{_PREFIX}{digest}"
        named[name] = f"CREATE TRIGGER {name} {statement}"
    return named


def _on_sqlite(table: str) -> list[str]:
    """No trigger may name another table of the shop's: SQLite would refuse to migrate that one.
    So the version's row holds the one number of the settings that the stock's trigger asks for.
    """
    told = f", most_told = (SELECT {_MOST_TOLD} FROM store_settings)" if table == SETTINGS else ""
    act = f"BEGIN UPDATE catalog_version SET version = version + 1{told}; END"
    most = "(SELECT most_told FROM catalog_version)"
    where_shown = (
        f"WHEN {_shown('OLD', most)} IS NOT {_shown('NEW', most)}"
        f" OR {_ahead('OLD')} IS NOT {_ahead('NEW')}"
    )
    return [
        f"AFTER INSERT ON {table} {act}",
        f"AFTER UPDATE ON {table} {where_shown if table == STOCK else ''} {act}",
        f"AFTER DELETE ON {table} {act}",
    ]


def _on_postgres(table: str) -> list[str]:
    act = "EXECUTE FUNCTION till_catalog_changed()"
    if table != STOCK:
        return [f"AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} {act}"]
    return [
        f"AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION till_stock_changed()",
        f"AFTER INSERT OR DELETE OR TRUNCATE ON {table} {act}",
    ]


def _found(connection: sa.Connection) -> dict[str, str]:
    """Tables by the names of the triggers on them."""
    on_postgres = connection.dialect.name == "postgresql"
    rows = connection.exec_driver_sql(_ALL_ON_POSTGRES if on_postgres else _ALL_ON_SQLITE)
    return {name: table for name, table in rows if name.startswith(_PREFIX)}


def _create_support(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        for function in _FUNCTIONS:
            connection.exec_driver_sql(function)
        return
    connection.exec_driver_sql(
        "CREATE TABLE catalog_version (version INTEGER NOT NULL, most_told INTEGER)"
    )
    # Not from 1: a running process may remember a version from before this table was made anew.
    first = (
        f"INSERT INTO catalog_version VALUES (random() / 2, (SELECT {_MOST_TOLD} FROM {SETTINGS}))"
    )
    connection.exec_driver_sql(first)


def _drop_support(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "DROP FUNCTION IF EXISTS till_catalog_changed(), till_stock_changed()"
        )
    else:
        connection.exec_driver_sql("DROP TABLE IF EXISTS catalog_version")

"""Who changed what, as staff read it: entries, and what the things in them are called today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from shop import substrings
from shop.accounts.models import Account, account_roles
from shop.admin.queries import PAGE_SIZE
from shop.admin.restoration import UNDONE
from shop.audit import AuditEntry
from shop.catalog.models import Collection, Product, Variant
from shop.content.models import Article, Page
from shop.extensions import db
from shop.gift_cards.models import GiftCard
from shop.orders.models import Order
from shop.paging import each_value, listed
from shop.pricing.discount_models import StoredDiscount
from shop.pricing.models import ShippingRate, ShippingZone, TaxZone
from shop.purchasing.models import PurchaseOrder
from shop.redirects.models import Redirect
from shop.reviews.models import Review
from shop.search.models import Synonym
from shop.stock_takes.models import StockTake
from shop.substrings import Way
from shop.web.input import id_in

#: Rows that an export reads at a time.
CHUNK = 1000
#: People to choose from.
MAX_PEOPLE = 200
#: An action is a kind and a verb; these verbs are told apart in the filter.
VERBS: dict[str, tuple[str, ...]] = {
    "made": ("created", "added", "issued", "duplicated", "placed"),
    "changed": ("changed", "updated", "price_changed", "options_changed"),
    "deleted": ("deleted", "removed", "erased", "discarded"),
    "restored": ("restored",),
}


@dataclass(frozen=True)
class ActivitySearch:
    """What an address asks for; its parts narrow each other."""

    text: str = ""
    #: Whose; 0: the shop's own; none: everybody's.
    account_id: int | None = None
    kind: str = ""
    subject_id: int | None = None
    verb: str = ""
    since: date | None = None
    until: date | None = None
    #: Its days were given the wrong way round.
    is_swapped: bool = field(default=False, compare=False)
    #: Only what was deleted and can be brought back.
    is_kept: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Beyond view and text."""
        return bool(
            self.account_id is not None or self.kind or self.verb or self.since or self.until
        )

    def as_args(self) -> dict[str, Any]:
        """The address's parts."""
        return {
            "q": self.text or None,
            "person": self.account_id,
            "kind": self.kind or None,
            "id": self.subject_id,
            "action": self.verb or None,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "show": "kept" if self.is_kept else None,
        }


@dataclass(frozen=True)
class ActivityRow:
    id: int
    at: datetime
    account_id: int | None
    #: Name or address; empty: the shop itself, or somebody who is gone.
    by: str
    action: str
    subject_kind: str
    subject_id: int
    data: Mapping[str, Any]
    is_kept: bool
    #: Whether the thing is the account of one of the staff.
    is_of_staff: bool
    #: What the thing is called today; empty: it has no name, or is gone.
    title: str = ""


#: What things are called, for those that have a name.
_NAMES: dict[str, tuple[Any, Any]] = {
    "product": (Product.id, Product.title),
    "collection": (Collection.id, Collection.title),
    "page": (Page.id, Page.title),
    "article": (Article.id, Article.title),
    "discount": (StoredDiscount.id, StoredDiscount.title),
    "redirect": (Redirect.id, Redirect.path),
    "order": (Order.id, sa.cast(Order.number, sa.String)),
    "account": (Account.id, Account.email),
    "gift_card": (GiftCard.id, GiftCard.last_four),
    "shipping_zone": (ShippingZone.id, ShippingZone.name),
    "shipping_rate": (ShippingRate.id, ShippingRate.name),
    "tax_zone": (TaxZone.id, TaxZone.name),
    "purchase_order": (PurchaseOrder.id, PurchaseOrder.supplier),
    "review": (Review.id, Review.title),
    "stock_take": (StockTake.id, StockTake.title),
    "synonym": (Synonym.id, Synonym.searched),
    "variant": (Variant.id, sa.func.coalesce(Variant.sku, "")),
}
#: Facts that are numbers of things.
_REFERENCES = {
    "parent_id": "collection",
    "picked_id": "product",
    "product_id": "product",
    "variant_id": "variant",
}
_COLUMNS = (
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.account_id,
    sa.func.coalesce(sa.func.nullif(Account.name, ""), Account.email, "").label("by"),
    AuditEntry.action,
    AuditEntry.subject_kind,
    AuditEntry.subject_id,
    AuditEntry.data,
    AuditEntry.kept.is_not(None).label("is_kept"),
    sa.and_(
        AuditEntry.subject_kind == "account",
        AuditEntry.subject_id.in_(sa.select(account_roles.c.account_id)),
    ).label("is_of_staff"),
)


def entries(search: ActivitySearch, page: int) -> list[ActivityRow]:
    """A page, newest first, and one more where another follows: two queries, one more for a
    text.
    """
    newest = _newest()
    if search.since or search.until:
        newest.insert(0, AuditEntry.at.desc())  # an index has only those days, in this order
    ids = sa.select(AuditEntry.id).where(*_conditions(search))
    # Rows are read, and people joined, for the page alone.
    return _named(_read(listed(_query(), AuditEntry.id, ids, newest, page, PAGE_SIZE)))


def entry(entry_id: int) -> ActivityRow | None:
    query = _query().where(AuditEntry.id == entry_id)
    rows = _read(query)
    return _named(rows)[0] if rows else None


def to_export(search: ActivitySearch) -> Iterator[ActivityRow]:
    """Every entry that fits, newest first, a chunk at a time."""
    below: int | None = None
    while True:
        query = _query().where(*_conditions(search)).order_by(*_newest())
        if below is not None:
            query = query.where(AuditEntry.id < below)
        chunk = _read(query.limit(CHUNK))
        yield from _named(chunk)
        if len(chunk) < CHUNK:
            return
        below = chunk[-1].id


def people() -> list[tuple[int, str]]:
    """Those who made an entry, MAX_PEOPLE at most; id and name or address."""
    few = sa.select(each_value(AuditEntry.account_id).label("id")).limit(MAX_PEOPLE).subquery()
    name = sa.func.coalesce(sa.func.nullif(Account.name, ""), Account.email)
    rows = db.session.execute(
        sa.select(Account.id, name).join(few, few.c.id == Account.id).order_by(name, Account.id)
    )
    return [(row[0], row[1]) for row in rows]


def _query() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*_COLUMNS).outerjoin(Account, Account.id == AuditEntry.account_id)


def _newest() -> list[sa.ColumnElement[Any]]:
    return [AuditEntry.id.desc()]


def _read(query: sa.Select[*tuple[Any, ...]]) -> list[ActivityRow]:
    return [ActivityRow(**row._mapping) for row in db.session.execute(query)]


def _conditions(search: ActivitySearch) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if search.account_id is not None:
        conditions.append(AuditEntry.account_id.is_not_distinct_from(search.account_id or None))
    if search.kind:
        conditions.append(AuditEntry.subject_kind == search.kind)
    if search.subject_id is not None:
        conditions.append(AuditEntry.subject_id == search.subject_id)
    if search.verb in VERBS:
        conditions.append(_does(VERBS[search.verb]))
    if search.since:
        conditions.append(AuditEntry.at >= _midnight(search.since))
    if search.until:
        conditions.append(AuditEntry.at < _midnight(search.until + timedelta(days=1)))
    if search.is_kept:
        conditions += [AuditEntry.kept.is_not(None), AuditEntry.action.not_in(UNDONE)]
    if search.text:
        conditions.append(_matches(search.text))
    return conditions


def _does(verbs: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether the action is one of these."""
    known = each_value(AuditEntry.action)

    def ends(action: Any) -> sa.ColumnElement[bool]:
        return sa.or_(*(action.endswith(f".{verb}") for verb in verbs))

    meant = sa.select(known).where(ends(known))
    found = sa.select(AuditEntry.id).where(AuditEntry.action.in_(meant))
    return substrings.narrowed(AuditEntry.id, [Way(ends(AuditEntry.action), found)])


def _midnight(day: date) -> datetime:
    """UTC, as all instants of the shop are told."""
    return datetime.combine(day, time(), UTC)


def _matches(text: str) -> sa.ColumnElement[bool]:
    """In the entry's words, or in what its thing is called today."""
    words, subject = text.lower(), AuditEntry.subject_id
    walked = [substrings.has(words, AuditEntry.text)]
    by_index = [substrings.ids(AuditEntry, words)]
    for kind, id_, called, found in _called(text):
        is_kind = AuditEntry.subject_kind == kind
        # Not as EXISTS, for which PostgreSQL reads all that are called so.
        is_called = sa.select(called).where(id_ == subject).correlate(AuditEntry).scalar_subquery()
        walked.append(sa.and_(is_kind, is_called))
        by_index.append(sa.select(AuditEntry.id).where(is_kind, subject.in_(found)))
    # One way: where the words are common, no kind of things is asked for those called so.
    way = Way(sa.or_(*walked), sa.union_all(*by_index))
    return substrings.narrowed(AuditEntry.id, [way])


def _called(text: str) -> Iterator[tuple[str, Any, sa.ColumnElement[bool], sa.Select[Any]]]:
    """By kind: its column of ids, whether a thing is called so today, and the ids of those that
    are. Numbers of orders are meant whole.
    """
    for kind, (id_, name) in _NAMES.items():
        model = id_.class_
        if model is Order:
            called = Order.number == id_in(text.removeprefix("#"))
        elif model is GiftCard:
            called = GiftCard.last_four == text.upper()
        else:
            called = substrings.has(text, name)
        found = sa.select(id_).where(called)
        if model.__tablename__ in substrings.INDEXED and model not in (Order, GiftCard):
            found = found.where(id_.in_(substrings.ids(model, text)))
        yield kind, id_, called, found


def _named(rows: Sequence[ActivityRow]) -> list[ActivityRow]:
    """With what their things are called, and those that their facts name: one query, however many
    kinds there are.
    """
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.subject_kind in _NAMES:
            wanted.setdefault(row.subject_kind, set()).add(row.subject_id)
        for kind, id_ in _referred(row.data):
            wanted.setdefault(kind, set()).add(id_)
    titles = _titles(wanted) if wanted else {}
    return [_with_names(row, titles) for row in rows]


def _with_names(row: ActivityRow, titles: Mapping[tuple[str, int], str]) -> ActivityRow:
    # What was deleted is there no more; on SQLite, a newer thing may have its number.
    is_gone = row.action.endswith((".deleted", ".removed"))
    title = "" if is_gone else titles.get((row.subject_kind, row.subject_id), "")
    data = {name: _called_by_name(name, value, titles) for name, value in row.data.items()}
    return replace(row, title=title, data=data)


def _referred(data: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in data.items():
        if name in _REFERENCES:
            numbers = value if isinstance(value, list) else [value]
            yield from ((_REFERENCES[name], one) for one in numbers if isinstance(one, int))
        elif name == "units" and isinstance(value, dict):
            yield from (("variant", int(key)) for key in value if key.isdigit())


def _called_by_name(name: str, value: Any, titles: Mapping[tuple[str, int], str]) -> Any:
    """Numbers in a fact, as the titles of what they are of; as they are where that has none."""
    if name == "units" and isinstance(value, dict):
        return {
            (key.isdigit() and titles.get(("variant", int(key)))) or key: units
            for key, units in value.items()
        }
    if name not in _REFERENCES:
        return value
    if isinstance(value, list):
        return [_called_by_name(name, one, titles) for one in value]
    return titles.get((_REFERENCES[name], value)) or value


def _titles(wanted: Mapping[str, set[int]]) -> dict[tuple[str, int], str]:
    parts = [
        sa.select(sa.literal(kind), _NAMES[kind][0], _NAMES[kind][1]).where(
            _NAMES[kind][0].in_(sorted(ids))
        )
        for kind, ids in wanted.items()
    ]
    rows = db.session.execute(sa.union_all(*parts))
    return {(row[0], row[1]): row[2] or "" for row in rows}

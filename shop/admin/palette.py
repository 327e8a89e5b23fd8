"""One box that leads anywhere: orders, products, customers, pages, settings, and things to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from shop import substrings
from shop.accounts.models import Account
from shop.admin.access import may_visit
from shop.admin.links import ACTIONS, PLACES, Link
from shop.audit import AuditEntry
from shop.catalog.models import Product, Variant
from shop.content.models import Article, Page
from shop.extensions import db
from shop.orders.models import Order
from shop.pricing.discount_models import StoredDiscount
from shop.substrings import Way

#: Hits in all, and of one kind where there are others too.
MOST, MOST_OF_A_KIND = 10, 4
#: Entries of one's own that the last things are picked from.
LOOKED_BACK = 60
#: So many matches of a kind are found by their ids; more are met soon as rows are walked.
FEW = 200
_NUMBER = re.compile(r"#?([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    #: What tells it from others of the title: a name, a SKU, a state.
    note: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    hits: Sequence[Hit]


def find(text: str) -> list[Group]:
    """What the words lead to that the reader's role may open, at most ten in all. Six queries, each
    of a few rows.
    """
    words = text.split()
    number = _NUMBER.fullmatch(text)
    is_order = substrings.holding(Order, text)
    if number:
        is_numbered = Order.number == int(number[1])
        is_order = Way(is_numbered, sa.select(Order.id).where(is_numbered))
    narrowed = substrings.narrowed_each(
        [
            (Order.id, [is_order]),
            (Product.id, [_titled(Product, words)]),
            (Variant.id, [substrings.holding(Variant, text), _has_barcode(text)]),
            (Account.id, [_named_so(text)]),
            (StoredDiscount.id, [substrings.holding(StoredDiscount, text)]),
            (Page.id, [_titled(Page, words)]),
            (Article.id, [_titled(Article, words)]),
        ],
        most=FEW,
    )
    orders, products, variants, customers, discounts, pages, articles = narrowed
    groups = [
        Group(_("Orders"), _orders(orders[0]) if number or len(text) > 1 else []),
        Group(_("Products"), _products(*products, variants[0])),
        Group(_("Customers"), _customers(customers[0])),
        Group(_("Discounts"), _discounts(discounts[0])),
        Group(_("Pages"), _pages(pages[0], articles[0])),
        Group(_("Do"), _named(ACTIONS, text)),
        Group(_("Go to"), _named(PLACES, text)),
    ]
    return _few(_open(groups))


def recent(account_id: int) -> list[Group]:
    """What one has changed last, and things to do: three queries."""
    rows = db.session.execute(
        sa.select(AuditEntry.subject_kind, AuditEntry.subject_id)
        .where(AuditEntry.account_id == account_id)
        .order_by(AuditEntry.id.desc())
        .limit(LOOKED_BACK)
    )
    seen = list(dict.fromkeys((kind, subject) for kind, subject in rows))
    orders = _by_ids([one for kind, one in seen if kind == "order"], Order)
    products = _by_ids([one for kind, one in seen if kind == "product"], Product)
    lasting = [
        hit
        for kind, one in seen
        if (hit := (orders if kind == "order" else products if kind == "product" else {}).get(one))
    ]
    actions = [Hit(str(link.words), link.url()) for link in ACTIONS]
    return _open([Group(_("What you changed last"), lasting[:4]), Group(_("Do"), actions[:6])])


def marked(title: str, text: str) -> list[tuple[str, bool]]:
    """The title in parts, and whether each is what was typed."""
    words = sorted({re.escape(word) for word in text.split()}, key=len, reverse=True)
    if not words:
        return [(title, False)]
    parts = re.split(f"({'|'.join(words)})", title, flags=re.IGNORECASE)
    return [(part, bool(at % 2)) for at, part in enumerate(parts) if part]


def _open(groups: Sequence[Group]) -> list[Group]:
    """Without what the reader's role does not let them see."""
    allowed = [
        Group(group.title, [hit for hit in group.hits if may_visit(hit.url)]) for group in groups
    ]
    return [group for group in allowed if group.hits]


def _few(groups: Sequence[Group]) -> list[Group]:
    """No kind crowds the others out."""
    if len(groups) > 1:
        groups = [Group(group.title, group.hits[:MOST_OF_A_KIND]) for group in groups]
    left, kept = MOST, []
    for group in groups:
        hits = group.hits[:left]
        left -= len(hits)
        if hits:
            kept.append(Group(group.title, hits))
    return kept


# Each kind --------------------------------------------------------------------------------------


def _orders(condition: sa.ColumnElement[bool]) -> list[Hit]:
    rows = db.session.execute(
        sa.select(Order.id, Order.number, Order.name, Order.email)
        .where(condition)
        .order_by(Order.id.desc())
        .limit(MOST)
    )
    return [_order_hit(*row) for row in rows]


def _order_hit(order_id: int, number: int | None, name: str, email: str) -> Hit:
    title = _("Order %(number)s", number=number) if number else _("Order without a number")
    note = ", ".join(filter(None, (name, email)))
    return Hit(title, url_for("admin.order", order_id=order_id), note)


def _products(
    is_titled: sa.ColumnElement[bool], is_few: bool, has_code: sa.ColumnElement[bool]
) -> list[Hit]:
    """Those with the SKU or barcode first. Of many titles the newest."""
    name = sa.func.coalesce(Variant.sku, Variant.barcode)
    coded = (
        sa.select(Variant.product_id, sa.func.min(name).label("code"))
        .where(has_code)
        .group_by(Variant.product_id)
        .limit(MOST)
        .subquery()
    )
    titled = (
        sa.select(Product.id, Product.title)
        .where(is_titled)
        .order_by(*([Product.title, Product.id] if is_few else [Product.id.desc()]))
        .limit(MOST)
        .subquery()
    )
    rows = db.session.execute(
        sa.union_all(
            sa.select(Product.id, Product.title, coded.c.code).join(
                coded, coded.c.product_id == Product.id
            ),
            sa.select(titled.c.id, titled.c.title, sa.literal("")),
        )
    )
    hits: dict[int, Hit] = {}
    for one, title, code in sorted(rows, key=lambda row: (not row[2], row[1], row[0])):
        hits.setdefault(one, Hit(title, url_for("admin.product", product_id=one), code or ""))
    return list(hits.values())[:MOST]


def _customers(condition: sa.ColumnElement[bool]) -> list[Hit]:
    rows = db.session.execute(
        sa.select(Account.id, Account.name, Account.email)
        .where(~Account.roles.any(), condition)
        .order_by(Account.id.desc())
        .limit(MOST)
    )
    return [
        Hit(name or email, url_for("admin.customer", customer_id=one), email if name else "")
        for one, name, email in rows
    ]


def _discounts(condition: sa.ColumnElement[bool]) -> list[Hit]:
    rows = db.session.execute(
        sa.select(StoredDiscount.id, StoredDiscount.title, StoredDiscount.code)
        .where(condition)
        .order_by(StoredDiscount.id.desc())
        .limit(MOST)
    )
    return [Hit(name, url_for("admin.discount", discount_id=one), typed or "")
            for one, name, typed in rows]  # fmt: skip


def _pages(is_page: sa.ColumnElement[bool], is_article: sa.ColumnElement[bool]) -> list[Hit]:
    """Of the shop, and of its journal; of each the newest, which are met soon."""
    pages, articles = (
        sa.select(
            sa.select(sa.literal(kind).label("kind"), table.id, table.title)
            .where(condition)
            .order_by(table.id.desc())
            .limit(MOST)
            .subquery()
        )
        for kind, table, condition in (("page", Page, is_page), ("article", Article, is_article))
    )
    both = sa.union_all(pages, articles).limit(MOST)
    return [
        Hit(title, url_for("admin.page", page_id=one))
        if kind == "page"
        else Hit(title, url_for("admin.article", article_id=one), _("Journal"))
        for kind, one, title in db.session.execute(both)
    ]


def _titled(table: Any, words: Sequence[str]) -> Way:
    """All of the words, in any order."""
    walked = sa.and_(*(substrings.has(word, table.title) for word in words))
    return Way(walked, substrings.ids(table, *words, columns=["title"]))


def _named_so(text: str) -> Way:
    walked = substrings.has(text, Account.name, Account.email)
    return Way(walked, substrings.ids(Account, text, columns=["email", "name"]))


def _has_barcode(text: str) -> Way:
    has_it = Variant.barcode == text
    return Way(has_it, sa.select(Variant.id).where(has_it))


def _named(links: Iterable[Link], text: str) -> list[Hit]:
    """Those whose words, in the reader's language, begin with what was typed."""
    wanted = text.casefold().split()
    return [
        Hit(str(link.words), link.url())
        for link in links
        if all(_begins(f"{link.words} {link.other}", word) for word in wanted)
    ]


def _begins(words: str, beginning: str) -> bool:
    return any(word.startswith(beginning) for word in _words(words))


def _words(text: str) -> Iterator[str]:
    yield from re.findall(r"\w+", text.casefold())


def _by_ids(ids: Sequence[int], table: type[Order | Product]) -> dict[int, Hit]:
    if not ids:
        return {}
    if table is Order:
        rows = db.session.execute(
            sa.select(Order.id, Order.number, Order.name, Order.email).where(Order.id.in_(ids))
        )
        return {row[0]: _order_hit(*row) for row in rows}
    titles = db.session.execute(sa.select(Product.id, Product.title).where(Product.id.in_(ids)))
    return {one: Hit(title, url_for("admin.product", product_id=one)) for one, title in titles}

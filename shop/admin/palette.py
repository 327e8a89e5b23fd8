"""One box that leads anywhere: orders, products, customers, pages, settings, and things to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import InstrumentedAttribute

from shop.accounts.models import Account
from shop.admin.access import may_visit
from shop.admin.links import ACTIONS, PLACES, Link
from shop.audit import AuditEntry
from shop.catalog.models import Product, Variant
from shop.content.models import Article, Page
from shop.extensions import db
from shop.orders.models import Order
from shop.pricing.discount_models import StoredDiscount

#: Hits in all, and of one kind where there are others too.
MOST, MOST_OF_A_KIND = 10, 4
#: Entries of one's own that the last things are picked from.
LOOKED_BACK = 60
AnyText = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
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
    """What the words lead to that the reader's role may open, at most ten in all. At most five
    queries, each of a few rows.
    """
    groups = [
        Group(_("Orders"), _orders(text)),
        Group(_("Products"), _products(text)),
        Group(_("Customers"), _customers(text)),
        Group(_("Discounts"), _discounts(text)),
        Group(_("Pages"), _pages(text)),
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


def _orders(text: str) -> list[Hit]:
    """The one of the number first."""
    number = _NUMBER.fullmatch(text)
    condition = sa.or_(_has(Order.name, text), _has(Order.email, text))
    if number:
        condition = Order.number == int(number[1])
    elif len(text) < 2:
        return []
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


def _products(text: str) -> list[Hit]:
    """By title, SKU or barcode."""
    name = sa.func.coalesce(Variant.sku, Variant.barcode)
    matching = sa.select(Variant.product_id, sa.func.min(name).label("code")).where(
        sa.or_(_has(Variant.sku, text), Variant.barcode == text)
    )
    by_code = matching.group_by(Variant.product_id).limit(MOST).subquery()
    rows = db.session.execute(
        sa.select(Product.id, Product.title, by_code.c.code)
        .outerjoin(by_code, by_code.c.product_id == Product.id)
        .where(sa.or_(_has_all(Product.title, text), by_code.c.product_id.is_not(None)))
        .order_by(by_code.c.product_id.is_(None), Product.title, Product.id)
        .limit(MOST)
    )
    return [Hit(title, url_for("admin.product", product_id=one), code or "")
            for one, title, code in rows]  # fmt: skip


def _customers(text: str) -> list[Hit]:
    rows = db.session.execute(
        sa.select(Account.id, Account.name, Account.email)
        .where(~Account.roles.any(), sa.or_(_has(Account.name, text), _has(Account.email, text)))
        .order_by(Account.id.desc())
        .limit(MOST)
    )
    return [
        Hit(name or email, url_for("admin.customer", customer_id=one), email if name else "")
        for one, name, email in rows
    ]


def _discounts(text: str) -> list[Hit]:
    code, title = StoredDiscount.code, StoredDiscount.title
    rows = db.session.execute(
        sa.select(StoredDiscount.id, title, code)
        .where(sa.or_(_has(title, text), _has(code, text)))
        .order_by(StoredDiscount.id.desc())
        .limit(MOST)
    )
    return [Hit(name, url_for("admin.discount", discount_id=one), typed or "")
            for one, name, typed in rows]  # fmt: skip


def _pages(text: str) -> list[Hit]:
    """Of the shop, and of its journal."""
    pages = sa.select(sa.literal("page"), Page.id, Page.title).where(_has_all(Page.title, text))
    articles = sa.select(sa.literal("article"), Article.id, Article.title)
    both = sa.union_all(pages, articles.where(_has_all(Article.title, text))).limit(MOST)
    return [
        Hit(title, url_for("admin.page", page_id=one))
        if kind == "page"
        else Hit(title, url_for("admin.article", article_id=one), _("Journal"))
        for kind, one, title in db.session.execute(both)
    ]


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


def _has(column: AnyText, text: str) -> sa.ColumnElement[bool]:
    return sa.func.lower(column).contains(text.lower(), autoescape=True)


def _has_all(column: AnyText, text: str) -> sa.ColumnElement[bool]:
    return sa.and_(*(_has(column, word) for word in text.split()))

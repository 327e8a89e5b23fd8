"""Gift cards and store credit: balances, and the ledger that every change of one leaves."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model, partial_index
from shop.money import Money


class CardKind(StrEnum):
    #: Whoever has its code may spend it.
    GIFT_CARD = "gift_card"
    #: Of one email address, in one currency; grows each time that some is given.
    STORE_CREDIT = "store_credit"


class EntryKind(StrEnum):
    #: Bought, or given by staff.
    ISSUED = "issued"
    #: Held by an order from the moment it is placed.
    SPENT = "spent"
    #: The order died unpaid.
    RETURNED = "returned"
    #: Given back of a paid order.
    REFUNDED = "refunded"
    #: The price that the card was bought for was given back.
    VOIDED = "voided"


_KINDS = ", ".join(f"'{kind}'" for kind in CardKind)
_ENTRY_KINDS = ", ".join(f"'{kind}'" for kind in EntryKind)
_IS_CREDIT = sa.text("kind = 'store_credit'")


class GiftCard(Model):
    __tablename__ = "gift_cards"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="kind_known"),
        sa.CheckConstraint("balance_amount >= 0", name="balance_amount_not_negative"),
        # A unit that was bought is issued once.
        sa.UniqueConstraint("line_item_id", "unit"),
        sa.Index(
            "uq_gift_cards_store_credit",
            "email",
            "currency",
            unique=True,
            sqlite_where=_IS_CREDIT,
            postgresql_where=_IS_CREDIT,
        ),
        sa.Index("ix_gift_cards_email", "email"),
        sa.Index("ix_gift_cards_last_four", "last_four"),
        sa.Index("ix_gift_cards_expires_on", "expires_on"),
        partial_index("ix_gift_cards_with_balance", ("id",), "balance_amount > 0"),
        partial_index(
            "ix_gift_cards_disabled", ("id",), "is_active = 0", on_postgres="NOT is_active"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    currency: Mapped[str] = mapped_column(sa.String(3))
    #: The sum of its entries; changed by gift_cards/service.py alone.
    balance_amount: Mapped[int] = mapped_column(default=0)
    #: See gift_cards/codes.py.
    seed: Mapped[str] = mapped_column(sa.String(32))
    code_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    last_four: Mapped[str] = mapped_column(sa.String(4))
    is_active: Mapped[bool] = mapped_column(default=True)
    #: The last day on which it is spent, by the shop's calendar; none: good for ever.
    expires_on: Mapped[date | None]
    #: Where the code is sent, in small letters; empty: nowhere.
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    #: Code of the language of its mails.
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    #: Who gives it, and what they say with it.
    sender: Mapped[str] = mapped_column(sa.String(120), default="")
    message: Mapped[str] = mapped_column(sa.Text, default="")
    #: For staff.
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    #: The line and the unit of it by which it was bought.
    line_item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("line_items.id"))
    unit: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def balance(self) -> Money:
        return Money(self.balance_amount, self.currency)

    @property
    def is_store_credit(self) -> bool:
        return self.kind == CardKind.STORE_CREDIT


class GiftCardEntry(Model):
    """One change of a balance; rows are added, never changed."""

    __tablename__ = "gift_card_entries"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN ({_ENTRY_KINDS})", name="kind_known"),
        sa.CheckConstraint(
            "(kind IN ('spent', 'voided')) = (amount < 0) AND amount <> 0", name="amount_signed"
        ),
        sa.CheckConstraint("balance_amount >= 0", name="balance_amount_not_negative"),
        # What is done under the same key is done once.
        sa.UniqueConstraint("gift_card_id", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    gift_card_id: Mapped[int] = mapped_column(sa.ForeignKey("gift_cards.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    amount: Mapped[int]
    #: After it.
    balance_amount: Mapped[int]
    #: By which it was bought, on which it was spent, or whose money comes back.
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    key: Mapped[str | None] = mapped_column(sa.String(80))
    #: Of staff.
    account_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accounts.id", ondelete="SET NULL"), index=True
    )
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    at: Mapped[datetime] = mapped_column(default=now)

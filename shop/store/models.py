"""What the merchant may change about the shop itself, in one row."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.extensions import Model

#: Of a shop that has not chosen.
LOW_STOCK_AT = 3


class StoreSettings(Model):
    __tablename__ = "store_settings"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint(
            "stock_display IN ('never', 'few', 'always')", name="stock_display_known"
        ),
        sa.CheckConstraint("few_units BETWEEN 1 AND 99", name="few_units_in_range"),
        sa.CheckConstraint("low_stock_at BETWEEN 0 AND 9999", name="low_stock_at_in_range"),
        sa.CheckConstraint("handling_days BETWEEN 0 AND 30", name="handling_days_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(sa.String(80))
    legal_name: Mapped[str] = mapped_column(sa.String(120), default="")
    #: ISO 4217; every amount that staff type is in it, but the prices in variant_prices.
    currency: Mapped[str] = mapped_column(sa.String(3))
    #: The others that shoppers can pay in, as store.currencies.written gives them.
    currencies: Mapped[list[Any]] = mapped_column(default=list)
    #: ISO 3166-1 alpha-2; where the shop stands, and the first country offered in checkout.
    country: Mapped[str] = mapped_column(sa.String(2))
    contact_email: Mapped[str] = mapped_column(sa.String(254))
    #: Codes of the languages the pages are offered in; the first is the shop's own.
    languages: Mapped[list[Any]] = mapped_column(default=lambda: ["en"])
    #: Where shoppers collect, on one line.
    address: Mapped[str] = mapped_column(sa.String(200), default="", server_default=sa.text("''"))
    #: Totals are rounded to a multiple of so many minor units.
    rounding_units: Mapped[int] = mapped_column(default=1, server_default="1")
    tagline: Mapped[str] = mapped_column(sa.String(200), default="")
    #: One line above the header of every page; empty: none.
    announcement: Mapped[str] = mapped_column(sa.String(200), default="")
    announcement_url: Mapped[str] = mapped_column(sa.String(200), default="")
    #: First and last day on which it is shown, by the clock of the time zone; none: without end.
    announcement_from: Mapped[date | None]
    announcement_until: Mapped[date | None]
    #: Menu -> its links, as shop/store/menus.py writes them; none: the shop makes it itself.
    menus: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Kind of legal text -> handle of its page: see shop/store/legal.py.
    legal_pages: Mapped[dict[str, Any]] = mapped_column(default=dict)

    # Mails: see shop/outbox/mailer.py.
    #: Empty: the shop's name.
    mail_sender_name: Mapped[str] = mapped_column(
        sa.String(80), default="", server_default=sa.text("''")
    )
    #: Where answers go; empty: the contact address.
    mail_reply_to: Mapped[str] = mapped_column(
        sa.String(254), default="", server_default=sa.text("''")
    )
    #: At the foot of every mail.
    mail_signature: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))

    # How stock is told: see shop/store/wording.py.
    stock_display: Mapped[str] = mapped_column(sa.String(16), default="never")
    few_units: Mapped[int] = mapped_column(default=3)
    #: So many available units of a variant or fewer are a task for staff.
    low_stock_at: Mapped[int] = mapped_column(default=LOW_STOCK_AT, server_default="3")

    # When parcels leave: see shop/pricing/delivery.py.
    #: Name of the IANA time zone database: "Europe/London".
    time_zone: Mapped[str] = mapped_column(sa.String(64), default="Europe/London")
    #: What is ordered before it, by the clock of the time zone, counts as ordered that day.
    cutoff: Mapped[time] = mapped_column(default=time(14))
    #: Working days that packing takes.
    handling_days: Mapped[int] = mapped_column(default=0)
    #: Days of the week without packing, Monday is 0.
    closed_weekdays: Mapped[list[Any]] = mapped_column(default=lambda: [5, 6])
    #: Dates without packing and post, as "2026-12-25".
    closed_days: Mapped[list[Any]] = mapped_column(default=list)

    # Who says how much tax a destination takes: see shop/payments/taxes.py.
    is_taxed_by_stripe: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    has_taxes_included: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    #: Category of goods -> Stripe's code for it.
    tax_codes: Mapped[dict[str, Any]] = mapped_column(default=dict)

    #: Days after payment when a buyer is asked for reviews; 0: never.
    review_invitation_days: Mapped[int] = mapped_column(default=14, server_default="14")

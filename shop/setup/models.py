"""What the owner has done of setting the shop up, and what they left for later."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shop.clock import now
from shop.extensions import Model


class Step(StrEnum):
    """In the order in which they are asked."""

    SHOP = "shop"
    DELIVERY = "delivery"
    TAXES = "taxes"
    PAYMENTS = "payments"
    PRODUCTS = "products"


class StepState(StrEnum):
    DONE = "done"
    SKIPPED = "skipped"


#: Rows beside those of the steps: the owner came by the setup link; hid the list.
BEGUN, HIDDEN = "begun", "hidden"

_STATES = ", ".join(f"'{state}'" for state in StepState)


class SetupStep(Model):
    __tablename__ = "setup_steps"
    __table_args__ = (sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),)

    #: A Step, BEGUN or HIDDEN.
    name: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(10))
    #: What was found out when it was done: whose account Stripe's key opens.
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

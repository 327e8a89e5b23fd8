"""What shoppers are told who must wait: what happened, that no money moved, when to try again."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import format_timedelta
from flask_babel import gettext as _

from shop.protection.rules import Reason
from shop.protection.service import Refused


def told(refused: Refused) -> str:
    when = format_timedelta(timedelta(seconds=refused.seconds), add_direction=True, threshold=1.5)
    if refused.reason is Reason.DECLINED:
        return _(
            "Several cards were declined, so paying is paused for a while, to protect their "
            "owners. You have not been charged, and your basket is kept. Please try again "
            "%(when)s, or write to us.",
            when=when,
        )
    if refused.reason is Reason.UNPAID:
        return _(
            "Other orders from your network are not paid yet, so this one was not placed. You "
            "have not been charged, and your basket is kept. Pay one of those, or try again "
            "%(when)s.",
            when=when,
        )
    if refused.reason is Reason.STOCK:
        return _(
            "Unpaid orders from your network already hold many of these pieces, so this one was "
            "not placed. You have not been charged, and your basket is kept. Please take fewer, "
            "or try again %(when)s.",
            when=when,
        )
    return _(
        "Those were many orders in a short time, so this one was not placed. You have not been "
        "charged, and your basket is kept. Please try again %(when)s, or write to us.",
        when=when,
    )

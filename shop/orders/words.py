"""What shoppers are told of orders that are not there."""

from __future__ import annotations

from flask_babel import gettext as _


def no_such_link() -> str:
    """Mail programs break long addresses in two, and people copy half of them."""
    return _(
        "There is no order behind this link. Please open the whole link from the email once more,"
        " or look the order up by its number and your email address under “Track an order”."
    )

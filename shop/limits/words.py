"""What somebody reads who has tried too often."""

from __future__ import annotations

from math import ceil

from shop.web.counts import ngettext


def too_many(seconds: int) -> str:
    return ngettext(
        "Too many tries. Please wait %(num)s minute and try again.",
        "Too many tries. Please wait %(num)s minutes and try again.",
        ceil(seconds / 60),
    )

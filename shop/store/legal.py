"""The texts a shop has to show, and which pages hold them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class LegalText(StrEnum):
    """In the order in which pages link to them. The value is the handle of the usual page."""

    IMPRINT = "imprint"
    TERMS = "terms"
    PRIVACY = "privacy"
    RETURNS = "returns"


#: What a shopper agrees to by pressing Pay, or should know before.
AT_CHECKOUT = (LegalText.TERMS, LegalText.RETURNS, LegalText.PRIVACY)


def handles(chosen: Mapping[str, str]) -> dict[LegalText, str]:
    """The handle of each one's page: the merchant's choice, else the usual one. A choice of nothing
    leaves the text out.
    """
    wanted = {text: chosen.get(text, str(text)) for text in LegalText}
    return {text: handle for text, handle in wanted.items() if handle}

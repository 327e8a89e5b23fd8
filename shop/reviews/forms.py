"""The buyer's form: raw text into a review, or a complaint beside each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from shop.reviews.models import MAX_NAME, MAX_TEXT, MAX_TITLE, Review
from shop.reviews.service import ReviewDetails
from shop.web.forms import tidy, tidy_text

LIMITS = {"title": MAX_TITLE, "text": MAX_TEXT, "name": MAX_NAME}
RATINGS = ("1", "2", "3", "4", "5")


@dataclass(frozen=True)
class ReviewForm:
    """Values as typed, complaints by field, the details where there are none."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    details: ReviewDetails | None = None

    @classmethod
    def blank(cls, buyer_name: str) -> ReviewForm:
        """With a short form of the buyer's name to begin with: "Ines R."."""
        return cls({"rating": "", "title": "", "text": "", "name": short_name(buyer_name)})

    @classmethod
    def of(cls, review: Review) -> ReviewForm:
        return cls(
            {
                "rating": str(review.rating),
                "title": review.title,
                "text": review.text,
                "name": review.name,
            }
        )

    @classmethod
    def read(cls, form: Mapping[str, str]) -> ReviewForm:
        typed = {name: form.get(name, "") for name in ("rating", *LIMITS)}
        clean = {
            "title": tidy(typed["title"]),
            "text": tidy_text(typed["text"]),
            "name": tidy(typed["name"]),
        }
        errors = {}
        if typed["rating"] not in RATINGS:
            errors["rating"] = _("Please choose how many stars, one to five.")
        for name, limit in LIMITS.items():
            if len(clean[name]) > limit:
                errors[name] = _("Please keep this under %(count)s characters.", count=limit)
        if errors:
            return cls(typed, errors)
        return cls(typed, {}, ReviewDetails(rating=int(typed["rating"]), **clean))

    def complaining(self, name: str, sentence: str) -> ReviewForm:
        return replace(self, errors={**self.errors, name: sentence}, details=None)


def short_name(name: str) -> str:
    """ "Ines Rowan" -> "Ines R."; a single name stays as it is."""
    first, *rest = name.split() or [""]
    return f"{first} {rest[-1][0]}."[:MAX_NAME] if rest else first[:MAX_NAME]

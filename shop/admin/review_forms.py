"""What staff write about a review."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from shop.reviews.models import MAX_REASON, MAX_REPLY, Review
from shop.web.forms import Form, at_most, tidy, tidy_text


class RejectionForm(Form):
    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(_l("Say why.")), at_most(MAX_REASON)],
        [tidy],
    )


class ReplyForm(Form):
    text = TextAreaField(_l("Answer"), [at_most(MAX_REPLY)], [tidy_text])

    @classmethod
    def of(cls, review: Review) -> ReplyForm:
        return cls(values={"text": review.reply})

"""What staff write about a review."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import DataRequired

from shop.admin.forms import at_most
from shop.reviews.models import MAX_REASON, MAX_REPLY
from shop.web.forms import Form, tidy, tidy_text


class RejectionForm(Form):
    reason = TextAreaField(
        "Reason", [DataRequired("Say why; the writer reads it."), at_most(MAX_REASON)], [tidy]
    )


class ReplyForm(Form):
    text = TextAreaField("Answer", [at_most(MAX_REPLY)], [tidy_text])

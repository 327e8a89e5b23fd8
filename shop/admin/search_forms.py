"""The form of a synonym."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.validators import DataRequired, ValidationError

from shop.search.models import MAX_SYNONYM, Synonym
from shop.search.question import MAX_PHRASE_WORDS
from shop.search.service import SynonymDetails
from shop.search.synonyms import MAX_PHRASES, TooManyPhrases, UnreadablePhrases, read_phrases
from shop.web.forms import Form, at_most, tidy

TWO_WAY, ONE_WAY = "two-way", "one-way"
_SHORT_ENOUGH = at_most(MAX_SYNONYM)


class SynonymForm(Form):
    searched = StringField(
        _l("Shoppers search for"),
        [DataRequired(_l("Type what shoppers call it.")), _SHORT_ENOUGH],
        [tidy],
    )
    found = StringField(
        _l("Your products say"),
        [DataRequired(_l("Type what your products call it.")), _SHORT_ENOUGH],
        [tidy],
    )
    direction = StringField(_l("Works"))

    def validate_searched(self, field: Field) -> None:
        _check_phrases(field)

    def validate_found(self, field: Field) -> None:
        _check_phrases(field)

    def validate_direction(self, field: Field) -> None:
        if field.data not in (TWO_WAY, ONE_WAY):
            raise ValidationError(_("Choose both ways or one way."))

    def details(self) -> SynonymDetails:
        return SynonymDetails(
            self.searched.data or "", self.found.data or "", self.direction.data == TWO_WAY
        )

    @classmethod
    def of(cls, synonym: Synonym) -> SynonymForm:
        return cls(
            values={
                "searched": synonym.searched,
                "found": synonym.found,
                "direction": TWO_WAY if synonym.is_two_way else ONE_WAY,
            }
        )


def _check_phrases(field: Field) -> None:
    try:
        read_phrases(field.data or "")
    except TooManyPhrases:
        raise ValidationError(
            _("Use at most %(count)s words or phrases.", count=MAX_PHRASES)
        ) from None
    except UnreadablePhrases as unreadable:
        if unreadable.phrase:
            raise ValidationError(
                _(
                    "“%(phrase)s” is too long: use at most %(count)s words between commas.",
                    phrase=unreadable.phrase,
                    count=MAX_PHRASE_WORDS,
                )
            ) from None
        raise ValidationError(_("Use words with letters or digits.")) from None

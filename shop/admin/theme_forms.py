"""The forms of the shop's look: its name and logo, its style, its colors, each kind of section."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from msgspec.structs import replace
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from shop.theme.colors import read_color
from shop.theme.look import Look, palette
from shop.theme.palette import ROLES, unreadable
from shop.theme.sections import (
    ICONS,
    MAX_PRODUCTS,
    MAX_PROMISES,
    MAX_QUESTIONS,
    MAX_TILES,
    Promise,
    Question,
    Section,
    SectionPicture,
)
from shop.theme.themes import Theme
from shop.web.forms import Form, at_most, tidy, tidy_text

_PLACE = re.compile(r"(/(?!/)\S*|#\S+|https?://\S+|mailto:\S+|tel:\S+)")
#: Blank questions below those that are there.
_MORE = 3


def check_place(_form: Form, item: Field) -> None:
    if item.data and not _PLACE.fullmatch(item.data):
        raise ValidationError(_("Type a page of this shop, /collections/sale, or a web address."))


def _place(label: Any) -> StringField:
    return StringField(label, [at_most(300), check_place], [tidy])


class BrandForm(Form):
    name = StringField(_l("Name"), [DataRequired(_l("Give the shop a name.")), at_most(80)], [tidy])
    tagline = StringField(_l("Tagline"), [at_most(200)], [tidy])
    logo = FileField(_l("Logo"))
    logo_dark = FileField(_l("Logo for dark pages"))
    has_mark = BooleanField(_l("A glazed pot before the name, where there is no logo"))
    icon = FileField(_l("Icon"))
    remove_logo = BooleanField(_l("Show the name in letters instead"))
    remove_logo_dark = BooleanField(_l("Use the logo itself on dark pages"))
    remove_icon = BooleanField(_l("Show the first letter of the name instead"))

    UPLOADS: ClassVar = ("logo", "logo_dark", "icon")


class StyleForm(Form):
    theme = SelectField(_l("Theme"), validate_choice=False)
    heading_font = SelectField(_l("Font of headings"), validate_choice=False)
    text_font = SelectField(_l("Font of text"), validate_choice=False)
    corners = SelectField(_l("Corners"), validate_choice=False)
    spacing = SelectField(_l("Room between sections"), validate_choice=False)

    def offer(self, choices: Mapping[str, list[tuple[str, str]]]) -> None:
        for name, pairs in choices.items():
            self[name].choices = pairs

    def is_valid(self) -> bool:
        for item in self:
            if item.data not in {value for value, _words in item.choices or ()}:
                self.complain(item, _("Choose one of the list."))
        return not self.complaints


@dataclass
class ColorSheet:
    """The table of colors as typed: "light-ink" -> "#14201b". Empty is the theme's own."""

    values: dict[str, str]
    complaints: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, theme: Theme, look: Look) -> ColorSheet:
        days = {f"light-{role}": palette(theme, look)[role] for role in ROLES}
        nights = {f"dark-{role}": palette(theme, look, is_night=True)[role] for role in ROLES}
        return cls(days | nights)

    @classmethod
    def sent(cls, form: Mapping[str, str]) -> ColorSheet:
        names = [f"{mode}-{role}" for mode in ("light", "dark") for role in ROLES]
        return cls({name: tidy(form.get(name))[:40] for name in names})

    def overrides(self, theme: Theme, names: Mapping[str, str]) -> dict[str, Any]:
        """By mode, what differs from the theme; `complaints` says what cannot be used."""
        found: dict[str, Any] = {}
        for mode, own in (("light", theme.light), ("dark", theme.dark)):
            colors = self._colors(mode, own)
            found[mode] = {role: color for role, color in colors.items() if color != own[role]}
            for pair in unreadable({**own, **colors}):
                self._complain_of(mode, pair, names)
        return found

    def _colors(self, mode: str, own: Mapping[str, str]) -> dict[str, str]:
        colors = {}
        for role in ROLES:
            typed = self.values[f"{mode}-{role}"]
            color = read_color(typed) if typed else own[role]
            if color is None:
                self.complaints[f"{mode}-{role}"] = _("Type a color like #1c33b5.")
            else:
                colors[role] = color
        return colors

    def _complain_of(self, mode: str, pair: Any, names: Mapping[str, str]) -> None:
        words = {
            "text": names[pair.role],
            "ground": names[pair.ground],
            "ratio": f"{pair.ratio:.2f}",
            "least": f"{pair.minimum:g}",
        }
        sentence = _(
            "%(text)s on %(ground)s has a contrast of %(ratio)s to 1; to be read it needs"
            " %(least)s to 1.",
            **words,
        )
        if pair.suggestion:
            sentence += " " + _("The nearest color that does is %(color)s.", color=pair.suggestion)
        else:
            sentence += " " + _(
                "No color reads on all it lies on: make %(ground)s lighter or darker.",
                ground=words["ground"],
            )
        self.complaints.setdefault(f"{mode}-{pair.role}", sentence)


# Sections ---------------------------------------------------------------------------------------


class SectionForm(Form):
    """`plain` names the fields that are the section's own."""

    heading = StringField(_l("Heading"), [at_most(120)], [tidy])
    plain: ClassVar[tuple[str, ...]] = ("heading",)

    @classmethod
    def of(cls, section: Section) -> SectionForm:
        return cls(values={name: getattr(section, name) for name in cls.plain} | cls.more(section))

    @classmethod
    def more(cls, section: Section) -> dict[str, Any]:
        """Values of the other fields."""
        return {}

    def changed(self, section: Section) -> Section:
        values = {name: self[name].data for name in self.plain}
        return replace(section, **values, **self.changes(section))

    def changes(self, section: Section) -> dict[str, Any]:
        return {}

    @property
    def fields(self) -> list[Field]:
        """In their order on the page, those of `rows` left out."""
        grouped = {item.name for row in self.rows for item in row}
        return [item for item in self if item.name not in grouped]

    @property
    def rows(self) -> list[list[Field]]:
        """Fields that belong together, one list for each thing."""
        return []


class PictureForm(SectionForm):
    """A section with a picture."""

    picture = FileField(_l("Picture"))
    alt = StringField(_l("What the picture shows"), [at_most(300)], [tidy])
    remove_picture = BooleanField(_l("Remove the picture"))

    @classmethod
    def more(cls, section: Any) -> dict[str, Any]:
        return {"alt": section.picture.alt if section.picture else ""}

    def changes(self, section: Any) -> dict[str, Any]:
        picture: SectionPicture | None = section.picture
        if picture is None or self.remove_picture.data:
            return {"picture": None}
        values = vars(picture) | {"alt": self.alt.data or ""}
        return {"picture": SectionPicture(**values)}


class HeroForm(PictureForm):
    text = TextAreaField(_l("Text"), [at_most(400)], [tidy])
    button = StringField(_l("Button"), [at_most(40)], [tidy])
    button_url = _place(_l("Where the button leads"))
    link = StringField(_l("Second link"), [at_most(40)], [tidy])
    link_url = _place(_l("Where the second link leads"))
    plain: ClassVar[tuple[str, ...]] = (
        "heading",
        "text",
        "button",
        "button_url",
        "link",
        "link_url",
    )


class SwatchForm(SectionForm):
    link = StringField(_l("Link beside the heading"), [at_most(40)], [tidy])
    link_url = _place(_l("Where it leads"))
    plain: ClassVar[tuple[str, ...]] = ("heading", "link", "link_url")


class CountForm(SectionForm):
    text = StringField(_l("Line below the heading"), [at_most(300)], [tidy])
    count = StringField(_l("How many"), filters=[tidy])
    most: ClassVar[int] = MAX_PRODUCTS
    plain: ClassVar[tuple[str, ...]] = ("heading", "text")

    @classmethod
    def more(cls, section: Any) -> dict[str, Any]:
        return {"count": str(section.count)}

    def validate_count(self, item: Field) -> None:
        text = item.data or ""
        if not (
            text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= self.most
        ):
            raise ValidationError(_("Type a whole number from 1 to %(most)s.", most=self.most))

    def changes(self, section: Section) -> dict[str, Any]:
        return {"count": int(self.count.data or "1")}


class NewestForm(CountForm):
    has_lead = BooleanField(_l("Show the first one large"))
    plain: ClassVar[tuple[str, ...]] = ("heading", "text", "has_lead")


class CollectionForm(NewestForm):
    collection = SelectField(_l("Collection"), validate_choice=False)
    plain: ClassVar[tuple[str, ...]] = ("heading", "text", "has_lead", "collection")


class JournalForm(CountForm):
    most = 6


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}-{number}" for number in range(1, count + 1)]


class CollectionsForm(SectionForm):
    @classmethod
    def more(cls, section: Any) -> dict[str, Any]:
        return dict(zip(_numbered("tile", MAX_TILES), section.collections, strict=False))

    def changes(self, section: Section) -> dict[str, Any]:
        chosen = (self[name].data for name in _numbered("tile", MAX_TILES))
        return {"collections": tuple(dict.fromkeys(handle for handle in chosen if handle))}


class PromisesForm(SectionForm):
    @classmethod
    def more(cls, section: Any) -> dict[str, Any]:
        values: dict[str, str] = {}
        for number, item in enumerate(section.items, start=1):
            values |= {f"icon-{number}": item.icon, f"title-{number}": item.title}
            values |= {f"text-{number}": item.text}
        return values

    @property
    def rows(self) -> list[list[Field]]:
        numbers = range(1, MAX_PROMISES + 1)
        return [[self[f"{name}-{n}"] for name in ("title", "text", "icon")] for n in numbers]

    def changes(self, section: Section) -> dict[str, Any]:
        made = (
            Promise(title=title.data, text=text.data, icon=icon.data)
            for title, text, icon in self.rows
            if title.data
        )
        return {"items": tuple(made)}

    def is_valid(self) -> bool:
        is_valid = super().is_valid()
        for title, text, icon in self.rows:
            if icon.data not in ICONS:
                self.complain(icon, _("Choose one of the list."))
            if text.data and not title.data:
                self.complain(title, _("Give the line its first words."))
        return is_valid and not self.complaints


class StoryForm(PictureForm):
    body = TextAreaField(_l("Text"), [at_most(5000)], [tidy_text])
    link = StringField(_l("Link below the text"), [at_most(40)], [tidy])
    link_url = _place(_l("Where it leads"))
    is_turned = BooleanField(_l("Words first, then the picture"))
    plain: ClassVar[tuple[str, ...]] = ("heading", "body", "link", "link_url", "is_turned")


class TextForm(SectionForm):
    body = TextAreaField(_l("Text"), [at_most(20_000)], [tidy_text])
    plain: ClassVar[tuple[str, ...]] = ("heading", "body")


class QuestionsForm(SectionForm):
    @classmethod
    def more(cls, section: Any) -> dict[str, Any]:
        values: dict[str, str] = {}
        for number, item in enumerate(section.items, start=1):
            values |= {f"question-{number}": item.question, f"answer-{number}": item.answer}
        return values

    @property
    def rows(self) -> list[list[Field]]:
        """Those that are filled, and a few more."""
        every = [
            [self[f"question-{number}"], self[f"answer-{number}"]]
            for number in range(1, MAX_QUESTIONS + 1)
        ]
        filled = [number for number, row in enumerate(every, start=1) if any(i.data for i in row)]
        return every[: min((filled[-1] if filled else 0) + _MORE, MAX_QUESTIONS)]

    @property
    def fields(self) -> list[Field]:
        return [self.heading]

    def changes(self, section: Section) -> dict[str, Any]:
        made = (
            Question(question=question.data, answer=answer.data)
            for question, answer in self.rows
            if question.data
        )
        return {"items": tuple(made)}

    def is_valid(self) -> bool:
        is_valid = super().is_valid()
        for question, answer in self.rows:
            if bool(question.data) != bool(answer.data):
                self.complain(question, _("A question and its answer belong together."))
        return is_valid and not self.complaints


for _name in _numbered("tile", MAX_TILES):
    setattr(CollectionsForm, _name, SelectField(_l("Collection"), validate_choice=False))
for _number in range(1, MAX_PROMISES + 1):
    setattr(PromisesForm, f"title-{_number}", StringField(_l("Promise"), [at_most(80)], [tidy]))
    setattr(PromisesForm, f"text-{_number}", StringField(_l("More"), [at_most(200)], [tidy]))
    _icon = SelectField(_l("Drawing"), default="check", validate_choice=False)
    setattr(PromisesForm, f"icon-{_number}", _icon)
for _number in range(1, MAX_QUESTIONS + 1):
    _question = StringField(_l("Question"), [at_most(200)], [tidy])
    _answer = TextAreaField(_l("Answer"), [at_most(2000)], [tidy_text])
    setattr(QuestionsForm, f"question-{_number}", _question)
    setattr(QuestionsForm, f"answer-{_number}", _answer)

FORMS: dict[str, type[SectionForm]] = {
    "hero": HeroForm,
    "swatches": SwatchForm,
    "newest": NewestForm,
    "collection": CollectionForm,
    "collections": CollectionsForm,
    "promises": PromisesForm,
    "story": StoryForm,
    "text": TextForm,
    "journal": JournalForm,
    "questions": QuestionsForm,
}

"""Who is invited, and what a role may do."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.validators import AnyOf, InputRequired, ValidationError

from shop.accounts.forms import EmailForm
from shop.accounts.models import Role
from shop.accounts.permissions import Access, Area, Grid
from shop.accounts.role_words import AREAS, name_of
from shop.web.forms import Form, at_most, tidy


class RoleChoiceForm(Form):
    """One of the roles that whoever sends it may give."""

    role = StringField(_l("Role"), [InputRequired(_l("Choose a role."))])
    offered: Sequence[Role] = ()

    def validate_role(self, field: Field) -> None:
        if self.chosen is None:
            raise ValidationError(_l("Choose one of the roles."))

    @property
    def chosen(self) -> Role | None:
        return next((role for role in self.offered if str(role.id) == self.role.data), None)

    @property
    def options(self) -> list[tuple[str, str]]:
        return [(str(role.id), name_of(role)) for role in self.offered]


class InvitationForm(RoleChoiceForm, EmailForm):
    name = StringField(_l("Name"), [at_most(120)], filters=[tidy])


class RoleForm(Form):
    """`title` and a field for each area: "none", "see" or "change"."""

    title = StringField(
        _l("Name"), [InputRequired(_l("Give the role a name.")), at_most(80)], filters=[tidy]
    )

    @classmethod
    def of(cls, role: Role) -> RoleForm:
        chosen = {area.value: str(access) for area, access in role.grid.items()}
        return cls(values={"title": name_of(role), **chosen})

    @property
    def grid(self) -> Grid:
        return {area: Access(self[area.value].data) for area in Area}


for _area in Area:
    setattr(
        RoleForm,
        _area.value,
        StringField(
            AREAS[_area],
            [AnyOf(list(Access), message=_l("Choose how far this role gets here."))],
            default=Access.NONE.value,
        ),
    )

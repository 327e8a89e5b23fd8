"""How the merchant orders, for the proposals of what to order."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField

from shop.admin.checks import check_whole
from shop.forecasts.reorder import Plan
from shop.web.forms import Form, tidy


class PlanForm(Form):
    lead_days = StringField(_l("Days from the order to the shelf"), filters=[tidy])
    review_days = StringField(_l("Days between two orders"), filters=[tidy])
    service_percent = StringField(_l("Chance that nothing runs out, in percent"), filters=[tidy])

    def validate_lead_days(self, field: Field) -> None:
        check_whole(field, 1, 365)

    def validate_review_days(self, field: Field) -> None:
        check_whole(field, 1, 365)

    def validate_service_percent(self, field: Field) -> None:
        check_whole(field, 50, 99)

    @classmethod
    def of(cls, plan: Plan) -> PlanForm:
        return cls(values={name: str(value) for name, value in vars(plan).items()})

    def plan(self) -> Plan:
        return Plan(
            int(self.lead_days.data or "0"),
            int(self.review_days.data or "0"),
            int(self.service_percent.data or "0"),
        )

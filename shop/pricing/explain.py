"""How each figure of a bill came about, in sentences, from the steps that were kept with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from shop.money import Money, total_of
from shop.pricing.bill import Bill
from shop.pricing.quote import Step, StepKind
from shop.web.filters import gift_card_name, money


@dataclass(frozen=True)
class Explanation:
    """Sentences by figure, in the order in which they were worked out."""

    subtotal: tuple[str, ...]
    #: By title.
    discounts: Mapping[str, tuple[str, ...]]
    shipping: tuple[str, ...]
    #: By name and rate in parts per million.
    taxes: Mapping[tuple[str, int], tuple[str, ...]]
    relief: tuple[str, ...]
    rounding: tuple[str, ...]
    total: tuple[str, ...]
    gift_card: tuple[str, ...]


def explain(steps: Sequence[Step], titles: Sequence[str], bill: Bill) -> Explanation | None:
    """`titles`: of the lines, as the steps count them. None for a bill that kept no steps."""
    if not steps:
        return None
    told = _Told(steps, titles, bill.total.currency)
    return Explanation(
        subtotal=told.each(StepKind.GOODS, _goods),
        discounts={one.title: told.discount(one.title) for one in bill.discounts},
        shipping=told.each(StepKind.SHIPPING, _shipping),
        taxes={(tax.name, tax.rate_ppm): told.tax(tax.name, tax.rate_ppm) for tax in bill.taxes},
        relief=told.each(StepKind.RELIEF, _relief),
        rounding=(_rounding(bill),) if bill.rounding else (),
        total=(_total(bill),),
        gift_card=_by_gift_cards(bill),
    )


@dataclass(frozen=True)
class _Told:
    steps: Sequence[Step]
    titles: Sequence[str]
    currency: str

    def each(self, kind: StepKind, sentence: Callable[[_Told, Step], str]) -> tuple[str, ...]:
        return tuple(sentence(self, step) for step in self.steps if step.kind == kind)

    def discount(self, title: str) -> tuple[str, ...]:
        return tuple(
            _("%(title)s: %(amount)s", title=self.name_of(step), amount=money(step.amount))
            for step in self.steps
            if step.kind == StepKind.DISCOUNT and step.name == title
        )

    def tax(self, name: str, rate_ppm: int) -> tuple[str, ...]:
        return tuple(
            _tax(self, step)
            for step in self.steps
            if step.kind == StepKind.TAX and (step.name, step.rate_ppm) == (name, rate_ppm)
        )

    def name_of(self, step: Step) -> str:
        """Of the line, or of the delivery."""
        if step.line is None or step.line >= len(self.titles):
            return _("Delivery")
        return self.titles[step.line]

    def gross(self, step: Step) -> Money:
        """What the step's tax is contained in: the base and every tax on it."""
        taxes = [
            other.amount if other.kind == StepKind.TAX else other.amount * -1
            for other in self.steps
            if other.kind == step.kind and other.line == step.line and other.base == step.base
        ]
        return total_of(taxes, self.currency) + (step.base or Money.zero(self.currency))


def _goods(told: _Told, step: Step) -> str:
    return _(
        "%(title)s: %(quantity)s × %(unit)s = %(amount)s",  # noqa: RUF001 - times, not x
        title=told.name_of(step),
        quantity=step.quantity,
        unit=money(step.base or step.amount),
        amount=money(step.amount),
    )


def _shipping(_told: _Told, step: Step) -> str:
    return _("Delivery by the way you chose: %(amount)s", amount=money(step.amount))


def _tax(told: _Told, step: Step) -> str:
    if step.is_contained:
        return _(
            "%(title)s: %(tax)s %(percent)s%% within %(gross)s = %(amount)s",
            title=told.name_of(step),
            tax=step.name,
            percent=_percent(step),
            gross=money(told.gross(step)),
            amount=money(step.amount),
        )
    return _(
        "%(title)s: %(tax)s %(percent)s%% on %(base)s = %(amount)s",
        title=told.name_of(step),
        tax=step.name,
        percent=_percent(step),
        base=money(step.base or step.amount),
        amount=money(step.amount),
    )


def _relief(told: _Told, step: Step) -> str:
    return _(
        "%(title)s: %(percent)s%% on %(base)s is not charged: %(amount)s",
        title=told.name_of(step),
        percent=_percent(step),
        base=money(step.base or step.amount),
        amount=money(step.amount),
    )


def _rounding(bill: Bill) -> str:
    return _(
        "%(exact)s is rounded to %(total)s, the nearest sum that can be paid.",
        exact=money(bill.total - bill.rounding),
        total=money(bill.total),
    )


def _total(bill: Bill) -> str:
    """The printed figures, as a sum."""
    added = [] if bill.is_tax_included else [tax.amount for tax in bill.taxes]
    parts = [
        *(one.amount * -1 for one in bill.discounts),
        bill.shipping,
        *added,
        bill.relief * -1,
        bill.rounding,
    ]
    signed = [f"{_sign(part)} {money(_size(part))}" for part in parts if part]
    return " ".join([money(bill.subtotal), *signed, "=", money(bill.total)])


def _by_gift_cards(bill: Bill) -> tuple[str, ...]:
    """Each of several, and what they leave."""
    if not bill.gift_card:
        return ()
    each = tuple(
        _("%(title)s: %(amount)s", title=gift_card_name(use.last_four), amount=money(use.amount))
        for use in bill.gift_cards
    )
    return (*each, _due(bill)) if len(each) > 1 else (_due(bill),)


def _due(bill: Bill) -> str:
    return _(
        "%(total)s, of which gift cards pay %(amount)s: %(due)s is left to pay.",
        total=money(bill.total),
        amount=money(bill.gift_card),
        due=money(bill.due),
    )


def _sign(amount: Money) -> str:
    return "\N{MINUS SIGN}" if amount.amount < 0 else "+"


def _size(amount: Money) -> Money:
    return amount * -1 if amount.amount < 0 else amount


def _percent(step: Step) -> str:
    return f"{step.rate_ppm / 10_000:g}"

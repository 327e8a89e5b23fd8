"""How a refund's total comes about, in sentences, like the total of its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from shop.money import Money, total_of
from shop.payments.refund_models import Refund
from shop.payments.shares import Portion, Share, TaxKey
from shop.web.filters import money


@dataclass(frozen=True)
class ExplainedRefund:
    #: One a line, and one for the delivery.
    sentences: tuple[str, ...]
    #: Printed figures, as a sum; empty where there is nothing to add.
    sum: str
    #: What the total contains: name, percent and amount, one entry a rate.
    taxes: Sequence[tuple[str, str, Money]]


def explain_refund(refund: Refund, titles: Mapping[int, str]) -> ExplainedRefund:
    """`titles`: of the order's lines, by id. The refund comes with its lines."""
    taken = [
        Share(line.line_item_id, line.quantity, refund.share_of(line)) for line in refund.lines
    ]
    return _explained(taken, refund.taxes, titles, refund.total)


def explain_plan(
    taken: Sequence[Share], parts: Sequence[Portion], titles: Mapping[int, str], total: Money
) -> ExplainedRefund:
    """Of a refund that is only thought of."""
    portion = {part.line_id: part for part in parts}
    taxes: dict[TaxKey, Money] = {}
    for share in taken:
        for key, tax in portion[share.line_id].taxes_of(share.amount).items():
            taxes[key] = taxes.get(key, Money.zero(tax.currency)) + tax
    told = [(name, f"{rate_ppm / 10_000:g}", tax) for (name, rate_ppm), tax in taxes.items()]
    return _explained(taken, told, titles, total)


def _explained(
    taken: Sequence[Share],
    taxes: Sequence[tuple[str, str, Money]],
    titles: Mapping[int, str],
    total: Money,
) -> ExplainedRefund:
    figures = [share.amount for share in taken if share.amount]
    sentences = [_sentence(share, titles) for share in taken]
    beyond = total - total_of(figures, total.currency)
    if beyond:
        figures.append(beyond)
        sentences.append(_("Beyond the order's total: %(amount)s", amount=money(beyond)))
    added = " + ".join(money(figure) for figure in figures)
    return ExplainedRefund(
        sentences=tuple(sentences),
        sum=f"{added} = {money(total)}" if len(figures) > 1 else "",
        taxes=taxes,
    )


def _sentence(share: Share, titles: Mapping[int, str]) -> str:
    amount = money(share.amount)
    if share.line_id is None:
        return _("Delivery: %(amount)s", amount=amount)
    title = titles.get(share.line_id, "")
    if not share.quantity:
        return _("%(title)s, a part of its price: %(amount)s", title=title, amount=amount)
    return _(
        "%(quantity)s × %(title)s: %(amount)s",  # noqa: RUF001 - times, not x
        quantity=share.quantity,
        title=title,
        amount=amount,
    )

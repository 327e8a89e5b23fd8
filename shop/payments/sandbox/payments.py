"""Paying a Checkout Session: cards, 3-D Secure, bank debits, and the events they cause."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from . import disputes
from .cards import CARDS, NOT_AUTHENTICATED, BankAccount, BankScheme, Card, Refusal
from .events import emit
from .ids import new_id
from .intents import bank_details, book_charge, card_details, error_of, new_charge, new_intent
from .store import Doc, Work

_WEEK = 7 * 86_400


@dataclass(frozen=True)
class Payer:
    """What the payment page asks besides the card; never an amount."""

    email: str
    name: str
    phone: str | None
    address: dict[str, str | None]

    def billing(self) -> Doc:
        return {
            "address": self.address,
            "email": self.email,
            "name": self.name or None,
            "phone": self.phone,
            "tax_id": None,
        }


@dataclass(frozen=True)
class TypedCard:
    card: Card
    month: int
    year: int


def pay_nothing(work: Work, session: Doc, payer: Payer) -> None:
    """A session whose total is zero completes without a payment."""
    _complete(work, session, payer, "no_payment_required")


def pay_by_card(work: Work, session: Doc, typed: TypedCard, payer: Payer) -> Refusal | None:
    """Charge the card, or have the shopper authenticate first; a refusal is also written down.

    Afterwards the session is complete, or its intent waits in `requires_action`, or it is open.
    """
    intent = _intent(work, session, "card")
    if typed.card.challenge:
        _ask_to_authenticate(work, session, intent, typed, payer)
        return None
    return _charge_card(work, session, intent, typed, payer)


def refuse_unknown_card(work: Work, session: Doc, refusal: Refusal) -> Refusal:
    """A number that is no test card: nothing about it is kept but that it was refused."""
    return _fail(work, _intent(work, session, "card"), refusal, None)


def awaits_challenge(work: Work, session: Doc) -> bool:
    if session["status"] != "open" or not session["payment_intent"]:
        return False
    intent = work.need("payment_intent", session["payment_intent"])
    return bool(intent["status"] == "requires_action")


def answer_challenge(work: Work, session: Doc, *, passed: bool) -> Refusal | None:
    """The shopper's answer to 3-D Secure."""
    intent = work.need("payment_intent", session["payment_intent"])
    waiting = intent.pop("_challenge")
    intent["next_action"] = None
    if not passed:
        return _fail(work, intent, NOT_AUTHENTICATED, None)
    typed = TypedCard(CARDS[waiting["number"]], waiting["month"], waiting["year"])
    return _charge_card(work, session, intent, typed, Payer(**waiting["payer"]))


def pay_by_bank(
    work: Work, session: Doc, scheme: BankScheme, account: BankAccount, payer: Payer
) -> Doc:
    """Start a debit: the session completes unpaid, and days later the bank decides."""
    intent = _intent(work, session, scheme.type)
    details = bank_details(scheme, account)
    charge = new_charge(work, intent, details, billing=payer.billing())
    intent |= {
        "latest_charge": charge["id"],
        "payment_method": charge["payment_method"],
        "status": "processing",
        "last_payment_error": None,
        "_refusal": account.refusal and asdict(account.refusal),
    }
    work.save(intent)
    emit(work, "charge.pending", charge)
    emit(work, "payment_intent.processing", intent)
    _complete(work, session, payer, "unpaid")
    return intent


def settle_bank_debit(work: Work, intent: Doc, *, succeeds: bool) -> None:
    """The bank's decision on a pending debit; a second decision changes nothing."""
    if intent["status"] != "processing":
        return
    session = work.need("checkout.session", intent["_session"])
    charge = work.need("charge", intent["latest_charge"])
    if not succeeds:
        refusal = Refusal(**intent["_refusal"]) if intent["_refusal"] else _BANK_REFUSED
        _decline(work, intent, charge, refusal)
        emit(work, "checkout.session.async_payment_failed", session)
        return
    _approve(work, intent, charge)
    session["payment_status"] = "paid"
    emit(work, "checkout.session.async_payment_succeeded", work.save(session))
    book_charge(work, charge)


_BANK_REFUSED = Refusal(
    "payment_intent_payment_attempt_failed", "The bank refused the debit.", "generic_decline"
)


def _intent(work: Work, session: Doc, method_type: str) -> Doc:
    """The session's one PaymentIntent, made by the first attempt to pay."""
    if session["payment_intent"]:
        intent = work.need("payment_intent", session["payment_intent"])
        intent["payment_method_types"] = [method_type]
        intent.pop("_challenge", None)
        intent["next_action"] = None
        return intent
    intent = new_intent(work, session, method_type)
    session["payment_intent"] = intent["id"]
    work.save(session)
    emit(work, "payment_intent.created", intent)
    return intent


def _ask_to_authenticate(
    work: Work, session: Doc, intent: Doc, typed: TypedCard, payer: Payer
) -> None:
    address = f"{work.base_url}/c/challenge/{session['id']}"
    intent |= {
        "status": "requires_action",
        "payment_method": new_id("pm"),
        "last_payment_error": None,
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": address, "return_url": session["url"]},
        },
        "_challenge": {
            "number": typed.card.number,
            "month": typed.month,
            "year": typed.year,
            "payer": asdict(payer),
        },
    }
    emit(work, "payment_intent.requires_action", work.save(intent))


def _charge_card(
    work: Work, session: Doc, intent: Doc, typed: TypedCard, payer: Payer
) -> Refusal | None:
    card = typed.card
    details = card_details(card, typed.month, typed.year)
    charge = new_charge(work, intent, details, billing=payer.billing())
    charge["outcome"] = _outcome(card)
    charge["_refunds"] = card.refunds
    intent |= {"latest_charge": charge["id"], "payment_method": charge["payment_method"]}
    if card.refusal:
        return _decline(work, intent, charge, card.refusal)
    if intent["capture_method"] == "manual":
        _authorize(work, intent, charge)
        _complete(work, session, payer, "unpaid")
        return None
    _approve(work, intent, charge)
    _complete(work, session, payer, "paid")
    book_charge(work, charge)
    _trouble(work, card, charge)
    return None


def _trouble(work: Work, card: Card, charge: Doc) -> None:
    """What the dispute cards bring on right after they have paid."""
    if card.fraud_warning:
        disputes.warn_of_fraud(work, charge)
    if card.dispute:
        disputes.open_dispute(work, charge, card.dispute)


def _approve(work: Work, intent: Doc, charge: Doc) -> None:
    charge |= {
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "amount_captured": charge["amount"],
    }
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "next_action": None,
    }
    emit(work, "charge.succeeded", work.save(charge))
    emit(work, "payment_intent.succeeded", work.save(intent))


def _authorize(work: Work, intent: Doc, charge: Doc) -> None:
    """Hold the money for up to a week until it is captured or let go."""
    charge |= {"status": "succeeded", "paid": True}
    intent |= {
        "status": "requires_capture",
        "amount_capturable": intent["amount"],
        "last_payment_error": None,
        "next_action": None,
    }
    emit(work, "charge.succeeded", work.save(charge))
    emit(work, "payment_intent.amount_capturable_updated", work.save(intent))
    work.later("expire_authorization", intent["id"], work.at + _WEEK)


def _decline(work: Work, intent: Doc, charge: Doc, refusal: Refusal) -> Refusal:
    charge |= {
        "status": "failed",
        "failure_code": refusal.code,
        "failure_message": refusal.message,
    }
    emit(work, "charge.failed", work.save(charge))
    return _fail(work, intent, refusal, charge)


def _fail(work: Work, intent: Doc, refusal: Refusal, charge: Doc | None) -> Refusal:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": error_of(refusal, charge),
    }
    emit(work, "payment_intent.payment_failed", work.save(intent))
    return refusal


def _complete(work: Work, session: Doc, payer: Payer, payment_status: str) -> None:
    session |= {
        "status": "complete",
        "payment_status": payment_status,
        "url": None,
        "customer_details": {
            "address": payer.address,
            "business_name": None,
            "email": payer.email,
            "individual_name": None,
            "name": payer.name or None,
            "phone": payer.phone,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    }
    _redeem_coupon(work, session)
    emit(work, "checkout.session.completed", work.save(session))


def _redeem_coupon(work: Work, session: Doc) -> None:
    for discount in session["discounts"]:
        coupon = work.get("coupon", discount["coupon"])
        if coupon is not None:
            coupon["times_redeemed"] += 1
            work.save(coupon)


def _outcome(card: Card) -> Doc:
    refusal = card.refusal
    blocked = refusal is not None and refusal.decline_code == "fraudulent"
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "not_sent_to_network"
        if blocked
        else ("declined_by_network" if refusal else "approved_by_network"),
        "reason": refusal and (refusal.decline_code or refusal.code),
        "risk_level": "highest" if blocked else "normal",
        "seller_message": "Payment complete." if refusal is None else refusal.message,
        "type": "blocked" if blocked else ("issuer_declined" if refusal else "authorized"),
    }

"""PaymentIntents and charges as objects: how they look when new, and their money on the books."""

from __future__ import annotations

from .cards import BankAccount, BankScheme, Card, Refusal
from .currencies import exponent
from .events import emit
from .ids import new_id
from .store import Doc, Work


def new_intent(work: Work, session: Doc, method_type: str) -> Doc:
    wishes = session["_intent"]
    intent_id = new_id("pi")
    nothing = (
        "application application_fee_amount automatic_payment_methods canceled_at "
        "cancellation_reason customer_account last_payment_error latest_charge next_action "
        "on_behalf_of payment_method payment_method_configuration_details "
        "processing review setup_future_usage transfer_data transfer_group"
    )
    return work.add(
        {
            **dict.fromkeys(nothing.split()),
            "id": intent_id,
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "capture_method": wishes.get("capture_method", "automatic_async"),
            "client_secret": f"{intent_id}_{new_id('secret', 25)}",
            "confirmation_method": "automatic",
            "created": work.now,
            "currency": session["currency"],
            "customer": session["customer"],
            "description": wishes.get("description"),
            "livemode": False,
            "metadata": wishes.get("metadata", {}),
            "payment_method_options": {},
            "payment_method_types": [method_type],
            "receipt_email": wishes.get("receipt_email"),
            "shipping": _shipping(wishes.get("shipping")),
            "statement_descriptor": wishes.get("statement_descriptor"),
            "statement_descriptor_suffix": wishes.get("statement_descriptor_suffix"),
            "status": "requires_payment_method",
            "_session": session["id"],
        }
    )


def _shipping(given: Doc | None) -> Doc | None:
    if given is None:
        return None
    address = {**dict.fromkeys(_ADDRESS), **given["address"]}
    return {"carrier": None, "phone": None, "tracking_number": None, **given, "address": address}


_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def new_charge(work: Work, intent: Doc, details: Doc, *, billing: Doc) -> Doc:
    """A charge that has not been decided; the caller says how it ends."""
    charge_id = new_id("ch")
    nothing = (
        "application application_fee application_fee_amount balance_transaction "
        "failure_balance_transaction failure_code failure_message on_behalf_of outcome "
        "receipt_number review source_transfer transfer_data transfer_group"
    )
    return work.add(
        {
            **dict.fromkeys(nothing.split()),
            "id": charge_id,
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "billing_details": billing,
            "calculated_statement_descriptor": "TILL SANDBOX",
            "captured": False,
            "created": work.now,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "fraud_details": {},
            "livemode": False,
            "metadata": intent["metadata"],
            "paid": False,
            "payment_intent": intent["id"],
            "payment_method": new_id("pm"),
            "payment_method_details": details,
            "radar_options": {},
            "receipt_email": intent["receipt_email"],
            "receipt_url": f"{work.base_url}/receipts/{charge_id}",
            "refunded": False,
            "shipping": intent["shipping"],
            "statement_descriptor": intent["statement_descriptor"],
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": "pending",
        }
    )


def card_details(card: Card, month: int, year: int) -> Doc:
    secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
    return {
        "card": {
            "amount_authorized": None,
            "authorization_code": None,
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "US",
            "exp_month": month,
            "exp_year": year,
            "fingerprint": f"sandbox{card.last4}",
            "funding": "credit",
            "installments": None,
            "last4": card.last4,
            "mandate": None,
            "network": card.brand,
            "network_token": None,
            "network_transaction_id": None,
            "regulated_status": None,
            "three_d_secure": secure if card.challenge else None,
            "wallet": None,
        },
        "type": "card",
    }


def bank_details(scheme: BankScheme, account: BankAccount) -> Doc:
    common: Doc = {"fingerprint": f"sandbox{account.last4}", "last4": account.last4}
    extra: Doc = {
        "us_bank_account": {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "payment_reference": None,
            "routing_number": account.routing,
        },
        "sepa_debit": {
            "bank_code": "37040044",
            "branch_code": "",
            "country": "DE",
            "mandate": None,
        },
        "bacs_debit": {"mandate": None, "sort_code": account.routing},
    }[scheme.type]
    return {scheme.type: {**common, **extra}, "type": scheme.type}


def error_of(refusal: Refusal, charge: Doc | None) -> Doc:
    """`last_payment_error`, as the payment page and the API show it."""
    error: Doc = {
        "code": refusal.code,
        "doc_url": f"https://docs.stripe.com/error-codes/{refusal.code.replace('_', '-')}",
        "message": refusal.message,
        "type": "card_error"
        if charge is None or "card" in charge["payment_method_details"]
        else "invalid_request_error",
    }
    if refusal.decline_code:
        error["decline_code"] = refusal.decline_code
    if charge is not None:
        error["charge"] = charge["id"]
    if charge is not None and "card" in charge["payment_method_details"]:
        error["payment_method"] = _tried_card(charge)
    return error


def _tried_card(charge: Doc) -> Doc:
    """The payment method that was refused, as far as a shop can know it."""
    card = charge["payment_method_details"]["card"]
    told = "brand checks country exp_month exp_year fingerprint funding last4 regulated_status"
    return {
        "id": charge["payment_method"],
        "object": "payment_method",
        "billing_details": charge["billing_details"],
        "card": {name: card[name] for name in told.split()},
        "created": charge["created"],
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def book_charge(work: Work, charge: Doc) -> None:
    """Put a captured charge on the books, a moment after it succeeded, as Stripe does."""
    amount = charge["amount_captured"]
    entry = balance_entry(
        work,
        kind="charge",
        amount=amount,
        fee=_fee(amount, charge["currency"]),
        source=charge,
        description=charge["description"],
    )
    charge["balance_transaction"] = entry["id"]
    emit(work, "charge.updated", work.save(charge), {"balance_transaction": None})


def _fee(amount: int, currency: str) -> int:
    """2.9 % and 30 cents, or what comes near in other currencies; never more than the amount."""
    fixed = {0: 30, 2: 30, 3: 100}[exponent(currency)]
    return min(amount, (amount * 29 + 500) // 1000 + fixed)


def balance_entry(
    work: Work, *, kind: str, amount: int, fee: int, source: Doc, description: str | None
) -> Doc:
    """A balance transaction; money to the store is positive, its fee is taken off."""
    fee_detail = {
        "amount": fee,
        "application": None,
        "currency": source["currency"],
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    return work.add(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": work.now + 2 * 86_400,
            "balance_type": "payments",
            "created": work.now,
            "currency": source["currency"],
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [fee_detail] if fee else [],
            "net": amount - fee,
            "reporting_category": {"adjustment": "dispute"}.get(kind, kind),
            "source": source["id"],
            "status": "pending",
            "type": kind,
        }
    )

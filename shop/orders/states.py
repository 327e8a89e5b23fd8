"""The life of an order as data: which event moves it from which state to which."""

from __future__ import annotations

from enum import StrEnum


class OrderState(StrEnum):
    PENDING_PAYMENT = "pending_payment"
    #: The shopper has paid by a delayed method; the bank has not answered yet.
    AWAITING_BANK = "awaiting_bank"
    #: Ordered without a payment page: the shopper transfers the money, or brings it.
    AWAITING_MONEY = "awaiting_money"
    #: The bank holds the money for the shop, which has not taken it yet.
    AUTHORIZED = "authorized"
    PAID = "paid"
    #: Money arrived that does not fit the order; a person decides.
    PAYMENT_REVIEW = "payment_review"
    #: The time to pay ran out.
    EXPIRED = "expired"
    #: The shopper or staff called it off before payment.
    CANCELED = "canceled"


class Move(StrEnum):
    PAY = "pay"
    WAIT_FOR_BANK = "wait_for_bank"
    WAIT_FOR_MONEY = "wait_for_money"
    AUTHORIZE = "authorize"
    BANK_REFUSED = "bank_refused"
    REVIEW = "review"
    EXPIRE = "expire"
    CANCEL = "cancel"
    #: A person decides a review: the order is good, or it is called off.
    ACCEPT = "accept"
    CALL_OFF = "call_off"


class WrongState(Exception):
    """The order's state does not allow the move."""

    def __init__(self, state: OrderState, move: Move) -> None:
        self.state, self.move = state, move
        super().__init__(f"an order that is {state} cannot {move}")


_S, _M = OrderState, Move
MOVES: dict[tuple[OrderState, Move], OrderState] = {
    (_S.PENDING_PAYMENT, _M.PAY): _S.PAID,
    (_S.PENDING_PAYMENT, _M.WAIT_FOR_BANK): _S.AWAITING_BANK,
    (_S.PENDING_PAYMENT, _M.EXPIRE): _S.EXPIRED,
    (_S.PENDING_PAYMENT, _M.CANCEL): _S.CANCELED,
    (_S.PENDING_PAYMENT, _M.REVIEW): _S.PAYMENT_REVIEW,
    (_S.PENDING_PAYMENT, _M.WAIT_FOR_MONEY): _S.AWAITING_MONEY,
    (_S.PENDING_PAYMENT, _M.AUTHORIZE): _S.AUTHORIZED,
    (_S.AWAITING_MONEY, _M.PAY): _S.PAID,
    (_S.AWAITING_MONEY, _M.EXPIRE): _S.EXPIRED,
    (_S.AWAITING_MONEY, _M.CANCEL): _S.CANCELED,
    # An authorization ends unused when staff cancel it or the bank takes it back.
    (_S.AUTHORIZED, _M.PAY): _S.PAID,
    (_S.AUTHORIZED, _M.CANCEL): _S.CANCELED,
    (_S.AUTHORIZED, _M.REVIEW): _S.PAYMENT_REVIEW,
    (_S.EXPIRED, _M.AUTHORIZE): _S.AUTHORIZED,
    (_S.AWAITING_BANK, _M.PAY): _S.PAID,
    (_S.AWAITING_BANK, _M.BANK_REFUSED): _S.PENDING_PAYMENT,
    (_S.AWAITING_BANK, _M.REVIEW): _S.PAYMENT_REVIEW,
    # Money that arrives late is taken as fact: the stock is taken again, or a person decides.
    (_S.EXPIRED, _M.PAY): _S.PAID,
    (_S.EXPIRED, _M.REVIEW): _S.PAYMENT_REVIEW,
    (_S.CANCELED, _M.REVIEW): _S.PAYMENT_REVIEW,
    # What was paid goes back by refunds.
    (_S.PAID, _M.CANCEL): _S.CANCELED,
    (_S.PAYMENT_REVIEW, _M.ACCEPT): _S.PAID,
    (_S.PAYMENT_REVIEW, _M.CALL_OFF): _S.CANCELED,
    # The money was only held by the bank, which has let go of it.
    (_S.PAYMENT_REVIEW, _M.CANCEL): _S.CANCELED,
}


class FulfillmentState(StrEnum):
    """How far an order has come on its way; what is paid is another matter."""

    UNFULFILLED = "unfulfilled"
    PARTLY_FULFILLED = "partly_fulfilled"
    #: Everything stands ready, and some of it was not fetched yet.
    READY = "ready"
    FULFILLED = "fulfilled"
    #: Nothing is left to send, and nothing was sent: it was refunded before, or goes by email.
    NOTHING_TO_SEND = "nothing_to_send"


class FulfillmentStatus(StrEnum):
    """Of one parcel."""

    SENT = "sent"
    READY = "ready"
    PICKED_UP = "picked_up"
    UNDONE = "undone"


def fulfillment_state(*, unsent: int, fulfilled: int, is_waiting: bool) -> FulfillmentState:
    """In units; `is_waiting`: some stand ready to be fetched."""
    if unsent:
        return FulfillmentState.PARTLY_FULFILLED if fulfilled else FulfillmentState.UNFULFILLED
    if is_waiting:
        return FulfillmentState.READY
    return FulfillmentState.FULFILLED if fulfilled else FulfillmentState.NOTHING_TO_SEND


def refund_extent(refunded: int, total: int) -> str:
    """How much of an order's total was given back: "none", "partly" or "all"."""
    if not refunded:
        return "none"
    return "all" if refunded >= total else "partly"


def next_state(state: str, move: Move) -> OrderState:
    """Raises WrongState where the move is not listed."""
    current = OrderState(state)
    try:
        return MOVES[current, move]
    except KeyError:
        raise WrongState(current, move) from None


def allows(state: str, move: Move) -> bool:
    return (OrderState(state), move) in MOVES

"""Where a guest's money is, in words that stay true whatever became of it."""

from bot.conversation.texts import Texts
from bot.notifications.guest import closed_try
from bot.notifications.refunds import going_back
from bot.screens.money import money_text
from core.ids import LinkId, PaymentId
from core.orders.facts import (
    CancelAsked,
    CashReturned,
    LinkClosed,
    LinkOpened,
    MethodChanged,
    PaymentCaptured,
    PaymentFailed,
    RefundFailed,
    RefundProcessed,
)
from core.orders.ledger import LinkEnd
from core.orders.models import Order
from core.outlets.models import PayMethod
from tests.bot.notifications.test_guest_words import MINUTE, PAY, SEVEN, an_order, done, news, paid, unpaid
from tests.core.orders.builders import after

EN = Texts.of("en")
LATER = SEVEN + 10 * MINUTE
CARD = PaymentId("pay_card")


def reads(order: Order) -> str:
    return money_text(EN, order, "Asia/Kolkata").plain


def cancelled() -> Order:
    order = paid()
    return after(order, CancelAsked(at_ms=SEVEN + 2 * MINUTE, by="guest", step=order.acts))


def bounced(order: Order) -> Order:
    """The bank sends the refund back that was asked for last."""
    last = order.refunds[-1]
    about = {"payment": last.payment, "amount": last.amount, "refund_key": last.key}
    return after(order, RefundFailed(at_ms=LATER, provider_id=f"rfnd_{last.n}", reason="bank said no", **about))


def arrived(order: Order) -> Order:
    last = order.refunds[-1]
    about = {"payment": last.payment, "amount": last.amount, "refund_key": last.key}
    return after(order, RefundProcessed(at_ms=LATER, provider_id="rfnd_7", bank_ref="ARN74", **about))


def paid_by_card_and_by_upi() -> Order:
    """The way to pay was changed, and both links were paid in the end."""
    order = unpaid()
    order = after(order, MethodChanged(at_ms=SEVEN, by="guest", step=order.acts, method=PayMethod.CARD))
    order = after(order, LinkClosed(at_ms=SEVEN, n=1, reason=LinkEnd.CANCELLED, ours=True))
    opened = LinkOpened(at_ms=SEVEN, n=2, link=LinkId("plink_2"), url="https://x/2", expires_ms=SEVEN + 16 * MINUTE)
    facts = [
        PaymentCaptured(at_ms=SEVEN + MINUTE, payment=payment, n=n, amount=order.total, currency="INR")
        for payment, n in ((CARD, 2), (PAY, 1))
    ]
    return after(after(after(order, opened), facts[0]), facts[1])


def test_what_a_bank_wants_to_hear_stands_there():
    text = reads(arrived(cancelled()))
    assert "₹540 paid on Mon 2 Mar · UPI · pay_1" in text
    assert "Refund of ₹540 sent on Mon 2 Mar." in text
    assert "Refund id: rfnd_7\nBank reference (ARN or UTR): ARN74" in text
    assert "tell your bank amount, day, payment id and bank reference" in text
    assert "For the payment" not in text, "there is only one"


def test_a_refund_the_bank_sent_back_and_that_is_under_way_again_is_no_matter_for_a_person():
    text = reads(bounced(cancelled()))
    assert "needs a person" not in text
    assert text.count("Refund of ₹540") == 1
    assert "Refund of ₹540 sent" in reads(arrived(bounced(cancelled())))
    assert "needs a person" not in reads(arrived(bounced(cancelled())))


def test_only_when_a_person_has_to_do_it_that_is_said_and_once():
    order = cancelled()
    for _ in range(3):
        order = bounced(order)
    assert reads(order).count("Refund of ₹540 needs a person; the owner was told") == 1
    assert reads(order).count("Refund of ₹540") == 1


def test_each_refund_names_its_payment_and_goes_where_that_came_from():
    order = paid_by_card_and_by_upi()
    assert order.kept == CARD
    text = reads(order)
    assert "₹540 paid on Mon 2 Mar · Card · pay_card" in text
    assert "₹540 paid on Mon 2 Mar, not needed · pay_1" in text
    assert "goes to the UPI account you paid from.\nFor the payment pay_1" in text
    assert "to the card" not in text
    assert "goes to the UPI account you paid from" in going_back(EN, order, order.refunds[0]).plain


def test_cash_that_was_handed_back_is_named():
    order = done(an_order())
    order = after(order, CashReturned(at_ms=LATER, by="owner", request="w", amount=order.total))
    assert reads(order).splitlines()[-1] == "₹540 was given back in cash."
    assert "₹540 paid in cash on Mon 2 Mar." in reads(order)


def test_without_any_money_nothing_is_promised():
    assert reads(unpaid()).splitlines()[-1] == "No money has reached us for this order."
    assert reads(paid()).splitlines()[-1] == "Nothing is to be returned."


def test_a_try_that_failed_does_not_say_a_second_time_that_it_was_paid():
    order = unpaid()
    failed = PaymentFailed(at_ms=SEVEN, payment=PaymentId("pay_0"), n=1, amount=order.total, currency="INR")
    assert closed_try(news(after(order, failed)), order.links[0]) is None
    order = after(
        after(order, failed), PaymentCaptured(at_ms=SEVEN, payment=PAY, n=1, amount=order.total, currency="INR")
    )
    closed = closed_try(news(order), order.links[0])
    assert closed is not None
    assert closed.text.plain.endswith("This try did not go through at first. ₹540 is paid by now, once.")
    assert closed.buttons == ()

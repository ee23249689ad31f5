"""The practice Razorpay itself: what its API does, what guests, banks and merchants do, and the news of it all."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from core.clock import Clock
from core.money import Money
from core.payments.practice.entities import (
    Json,
    collection,
    link_entity,
    order_entity,
    payment_entity,
    refund_entity,
)
from core.payments.practice.models import (
    LinkStatus,
    PaymentStatus,
    PracticeLink,
    PracticePayment,
    PracticeRefund,
    link_id_of,
    payment_id,
    payment_id_of,
    refund_id,
)
from core.payments.practice.news import Courier, event
from core.payments.practice.rules import Refused, check_key, fingerprint, link_from, refund_from

SETTLES_MS: Final = 4_000  # a bank takes days; practice should not
NO_SUCH_ID: Final = "The id provided does not exist"
DEFAULT_COUNT: Final = 10
LISTED: Final = 10_000  # links whose payments are looked through


class Book(Protocol):
    """Where the links are kept. A change is made again on what somebody else left, until nobody was faster."""

    async def insert(self, link: PracticeLink) -> bool:
        """False: there is a link of this reference."""
        ...

    async def get(self, link_id: str) -> PracticeLink | None: ...

    async def by_reference(self, reference: str) -> PracticeLink | None: ...

    async def recent(self, limit: int) -> list[PracticeLink]: ...

    async def change(self, link_id: str, change: Callable[[PracticeLink], PracticeLink]) -> PracticeLink | None: ...


class Ledger:
    """`page` makes the address of the page on which a link is paid."""

    def __init__(
        self,
        *,
        book: Book,
        clock: Clock,
        courier: Courier,
        page: Callable[[str], str],
        settles_ms: int = SETTLES_MS,
    ) -> None:
        self._book = book
        self._clock = clock
        self._courier = courier
        self._page = page
        self.settles_ms = settles_ms
        self.refunds_fail = False  # whether banks send back what is returned from now on
        self.knows_keys = True  # whether the same idempotency key is the same refund; of test mode nobody says so

    # The API. Each raises Refused.

    async def create_link(self, body: Json) -> Json:
        link = link_from(body, self._now)
        if link.reference and await self._book.by_reference(link.reference) is not None:
            raise Refused(400, "payment link creation with reference ID already attempted", field="reference_id")
        if not await self._book.insert(link):
            raise Refused(400, "payment link creation with reference ID already attempted", field="reference_id")
        return self._link(link)

    async def fetch_link(self, link_id: str) -> Json:
        return self._link(await self.require(link_id))

    async def list_links(self, reference: str, payment: str) -> Json:
        found = await self._book.by_reference(reference) if reference else None
        if payment:
            link = await self._book.get(link_id_of(payment))
            found = link if link is not None and link.payment(payment) is not None else None
        if reference or payment:
            return {"payment_links": [] if found is None else [self._link(found)]}
        return {"payment_links": [self._link(link) for link in await self._book.recent(DEFAULT_COUNT)]}

    async def cancel_link(self, link_id: str) -> Json:
        now_ms = self._now

        def cancel(link: PracticeLink) -> PracticeLink:
            match link.status_at(now_ms):
                case LinkStatus.PAID | LinkStatus.PARTIALLY_PAID:
                    raise Refused(400, "cannot cancel or expire an already paid/partially paid link")
                case LinkStatus.EXPIRED | LinkStatus.CANCELLED:
                    raise Refused(400, "cannot cancel or expire an expired link")
                case LinkStatus.CREATED:
                    return link.model_copy(update={"status": LinkStatus.CANCELLED, "cancelled_ms": now_ms})

        link = await self._change(link_id, cancel)
        await self._tell("payment_link.cancelled", {"payment_link": self._link(link)})
        return self._link(link)

    async def fetch_order(self, order_id: str) -> Json:
        return order_entity(await self._of_order(order_id))

    async def order_payments(self, order_id: str) -> Json:
        link = await self._of_order(order_id)
        return collection([payment_entity(link, payment, self._now) for payment in link.payments])

    async def fetch_payment(self, payment: str) -> Json:
        link, found = await self._paid(payment)
        return payment_entity(link, found, self._now)

    async def refund(self, payment: str, body: Json, key: str | None) -> Json:
        if key is not None:
            check_key(key)
        now_ms = self._now
        made: PracticeRefund | None = None
        fresh = False

        def give_back(link: PracticeLink) -> PracticeLink:
            nonlocal made, fresh
            found = link.payment(payment)
            if found is None:
                raise Refused(400, NO_SUCH_ID)
            seen = key if self.knows_keys else None
            made = next((refund for refund in found.refunds if seen and refund.key == seen), None)
            fresh = made is None
            if made is not None:
                if made.body != fingerprint(body):
                    raise Refused(409, "Different request with the same idempotency key has already been processed.")
                return link
            name = refund_id(payment, len(found.refunds) + 1)
            made = refund_from(body, key, found, name, now_ms, now_ms + self.settles_ms)
            made = made.model_copy(update={"fails": self.refunds_fail})
            return link.with_payment(found.model_copy(update={"refunds": (*found.refunds, made)}))

        link = await self._change(link_id_of(payment), give_back)
        paid = link.payment(payment)
        assert made is not None
        assert paid is not None
        if fresh:
            await self._tell_refund("refund.created", link, paid, made, now_ms)
            end = "refund.failed" if made.fails else "refund.processed"
            await self._tell_refund(end, link, paid, made, made.settles_ms)
        return refund_entity(paid, made, now_ms)

    async def refunds_of(self, payment: str, count: int = DEFAULT_COUNT, skip: int = 0) -> Json:
        _, found = await self._paid(payment)
        newest = found.refunds[::-1][skip : skip + count]
        return collection([refund_entity(found, refund, self._now) for refund in newest])

    async def fetch_refund(self, refund: str) -> Json:
        _, payment = await self._paid(payment_id_of(refund))
        found = next((each for each in payment.refunds if each.id == refund), None)
        if found is None:
            raise Refused(400, NO_SUCH_ID)
        return refund_entity(payment, found, self._now)

    async def list_payments(self, *, since_s: int, until_s: int, count: int, skip: int) -> Json:
        """All of the account's, newest first."""
        made = [
            (payment.at_ms, payment.id, payment_entity(link, payment, self._now))
            for link in await self._book.recent(LISTED)
            for payment in link.payments
        ]
        return _newest(made, since_s, until_s, count, skip)

    async def list_refunds(self, *, since_s: int, until_s: int, count: int, skip: int) -> Json:
        made = [
            (refund.at_ms, refund.id, refund_entity(payment, refund, self._now))
            for link in await self._book.recent(LISTED)
            for payment in link.payments
            for refund in payment.refunds
        ]
        return _newest(made, since_s, until_s, count, skip)

    # The guest, in front of the page. Each raises Refused.

    async def pay(
        self, link_id: str, *, amount: Money | None = None, currency: str | None = None, method: str = ""
    ) -> PracticePayment:
        """All of it at once, or another amount, if a bank were to get it wrong. `method`: the first the link takes."""
        return await self._land(link_id, amount, currency, pays=True, method=method)

    async def pay_late(self, link_id: str) -> PracticePayment:
        """Begun in time, and landing now, whatever became of the link."""
        return await self._land(link_id, None, None, pays=False)

    async def pay_twice(self, link_id: str) -> PracticePayment:
        """Once more from another tab that was still open."""
        return await self._land(link_id, None, None, pays=False)

    async def authorise(self, link_id: str) -> PracticePayment:
        """The bank said yes and has not handed it over yet: `capture` does that."""
        _, link, payment = await self._attempt(link_id, PaymentStatus.AUTHORIZED)
        await self._tell("payment.authorized", {"payment": payment_entity(link, payment, self._now)})
        return payment

    async def capture(self, payment: str) -> PracticePayment:
        """An authorised payment, or one that was reported as failed before."""
        before: PracticeLink | None = None

        def captured(link: PracticeLink) -> PracticeLink:
            nonlocal before
            before, found = link, link.payment(payment)
            if found is None or found.captured:
                raise Refused(400, "This payment has already been captured")
            return _paid_by(link.with_payment(found.model_copy(update={"status": PaymentStatus.CAPTURED, "error": ""})))

        link = await self._change(link_id_of(payment), captured)
        found = link.payment(payment)
        assert before is not None
        assert found is not None
        await self._tell_capture(before, link, found)
        return found

    async def fail(self, link_id: str, reason: str = "payment_failed", *, method: str = "") -> PracticePayment:
        """A try that comes to nothing. The link stays open."""
        _, link, payment = await self._attempt(link_id, PaymentStatus.FAILED, error=reason, method=method)
        await self._tell("payment.failed", {"payment": payment_entity(link, payment, self._now)})
        return payment

    # The merchant's dashboard, and the bank behind it

    async def refund_by_hand(self, payment: str, amount: Money | None = None) -> Json:
        return await self.refund(payment, {} if amount is None else {"amount": amount.paise}, None)

    async def dispute(self, payment: str) -> None:
        link, found = await self._paid(payment)
        about = {
            "amount": found.amount.paise,
            "currency": found.currency,
            "entity": "dispute",
            "id": f"disp_{payment.removeprefix('pay_')}",
            "payment_id": payment,
            "phase": "chargeback",
            "status": "open",
        }
        paid = payment_entity(link, found, self._now)
        await self._tell("payment.dispute.created", {"payment": paid, "dispute": about})

    async def expire(self, link_id: str) -> None:
        """The link's time is over now, whatever was agreed. Raises Refused."""
        now_ms = self._now

        def over(link: PracticeLink) -> PracticeLink:
            if link.status_at(now_ms) is not LinkStatus.CREATED:
                raise Refused(400, f"Payment Link is {link.status_at(now_ms)}")
            return link.model_copy(update={"expire_by": now_ms // 1000})

        await self._change(link_id, over)
        await self._expired(link_id, now_ms)

    async def tick(self) -> None:
        """Links whose time is over expire, and that is told."""
        now_ms = self._now
        for link in await self._book.recent(100):
            if link.status is LinkStatus.CREATED and link.status_at(now_ms) is LinkStatus.EXPIRED:
                await self._expired(link.id, now_ms)

    async def _expired(self, link_id: str, now_ms: int) -> None:
        fresh = False

        def expired(link: PracticeLink) -> PracticeLink:
            nonlocal fresh
            fresh = link.status is LinkStatus.CREATED and link.status_at(now_ms) is LinkStatus.EXPIRED
            return link.model_copy(update={"status": LinkStatus.EXPIRED}) if fresh else link

        link = await self._change(link_id, expired)
        if fresh:
            await self._tell("payment_link.expired", {"payment_link": self._link(link)})

    async def require(self, link_id: str) -> PracticeLink:
        link = await self._book.get(link_id)
        if link is None:
            raise Refused(400, NO_SUCH_ID)
        return link

    # How

    @property
    def _now(self) -> int:
        return self._clock.ms()

    def _link(self, link: PracticeLink) -> Json:
        return link_entity(link, self._page(link.id), self._now)

    async def _of_order(self, order_id: str) -> PracticeLink:
        link = await self.require(link_id_of(order_id))
        if link.order_id != order_id:
            raise Refused(400, NO_SUCH_ID)
        return link

    async def _paid(self, payment: str) -> tuple[PracticeLink, PracticePayment]:
        link = await self.require(link_id_of(payment))
        found = link.payment(payment)
        if found is None:
            raise Refused(400, NO_SUCH_ID)
        return link, found

    async def _change(self, link_id: str, change: Callable[[PracticeLink], PracticeLink]) -> PracticeLink:
        changed = await self._book.change(link_id, change)
        if changed is None:
            raise Refused(400, NO_SUCH_ID)
        return changed

    async def _land(
        self, link_id: str, amount: Money | None, currency: str | None, *, pays: bool, method: str = ""
    ) -> PracticePayment:
        before, link, payment = await self._attempt(
            link_id, PaymentStatus.CAPTURED, amount, currency, even_if_over=not pays, pays=pays, method=method
        )
        authorised = payment.model_copy(update={"status": PaymentStatus.AUTHORIZED})
        await self._tell("payment.authorized", {"payment": payment_entity(link, authorised, self._now)})
        await self._tell_capture(before, link, payment)
        return payment

    async def _attempt(
        self,
        link_id: str,
        status: PaymentStatus,
        amount: Money | None = None,
        currency: str | None = None,
        *,
        method: str = "",
        error: str = "",
        even_if_over: bool = False,
        pays: bool = False,
    ) -> tuple[PracticeLink, PracticeLink, PracticePayment]:
        """The link before it, the link after it, and the payment."""
        now_ms = self._now
        before: PracticeLink | None = None
        made: PracticePayment | None = None

        def add(link: PracticeLink) -> PracticeLink:
            nonlocal before, made
            stands = link.status_at(now_ms)
            if stands is not LinkStatus.CREATED and not even_if_over:
                raise Refused(400, f"Payment Link is {stands}")
            if method and method not in link.methods:
                raise Refused(400, f"{method} is not enabled for this link", field="method")
            before = link
            made = PracticePayment(
                id=payment_id(link.id, len(link.payments) + 1),
                amount=link.amount if amount is None else amount,
                currency=currency or link.currency,
                status=status,
                method=method or (link.methods[0] if link.methods else "upi"),
                error=error,
                at_ms=now_ms,
            )
            added = link.with_payment(made)
            return _paid_by(added) if pays else added

        after = await self._change(link_id, add)
        assert before is not None
        assert made is not None
        return before, after, made

    # News

    async def _tell_capture(self, before: PracticeLink, link: PracticeLink, payment: PracticePayment) -> None:
        """One payment, and up to three pieces of news of it beside the authorisation."""
        entity = payment_entity(link, payment, self._now)
        await self._tell("payment.captured", {"payment": entity})
        order = order_entity(link)
        if order["status"] == "paid" and order_entity(before)["status"] != "paid":
            await self._tell("order.paid", {"payment": entity, "order": order})
        if link.status is LinkStatus.PAID and before.status is not LinkStatus.PAID:
            bare = {**order, "id": order["id"].removeprefix("order_")}  # as the documented example has it
            await self._tell("payment_link.paid", {"payment_link": self._link(link), "order": bare, "payment": entity})

    async def _tell_refund(
        self, name: str, link: PracticeLink, payment: PracticePayment, refund: PracticeRefund, at_ms: int
    ) -> None:
        after_ms = at_ms - self._now
        payload = {"refund": refund_entity(payment, refund, at_ms), "payment": payment_entity(link, payment, at_ms)}
        await self._tell(name, payload, after_ms=after_ms)

    async def _tell(self, name: str, payload: dict[str, Any], *, after_ms: int = 0) -> None:
        await self._courier.post(event(name, payload, self._now, after_ms=after_ms))


def _newest(made: list[tuple[int, str, Json]], since_s: int, until_s: int, count: int, skip: int) -> Json:
    within = sorted(
        (one for one in made if since_s <= one[0] // 1000 <= until_s), reverse=True, key=lambda one: one[:2]
    )
    return collection([entity for _, _, entity in within[skip : skip + count]])


def _paid_by(link: PracticeLink) -> PracticeLink:
    """Paid once what was captured is what was asked for, and only if it still could be."""
    enough = link.amount_paid.paise >= link.amount.paise
    if not enough or link.status is not LinkStatus.CREATED:
        return link
    return link.model_copy(update={"status": LinkStatus.PAID})

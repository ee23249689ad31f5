"""The practice provider: it keeps the promises and the habits of a real one.

A page of its own plays the guest's bank: pay, fail, pay late, pay twice, refund by hand. What happens there is written
to a ledger first and then reported through the inbox, as several pieces of news in the order a real provider sends
them. News can be lost (`quiet`); who asks still learns everything.
"""

import logging
from collections.abc import Callable

from core.clock import Clock
from core.errors import Conflict
from core.ids import LinkId, OrderId, PaymentId, RefundKey, new_id
from core.inbox.service import InboxService
from core.money import Money
from core.outlets.models import PayMethod
from core.payments.errors import PaymentRefused, Refusal, UnreadableEvent
from core.payments.models import (
    LinkStatus,
    News,
    PaymentEvent,
    PaymentLink,
    PaymentRecord,
    PaymentState,
    PaymentView,
    RefundRecord,
    RefundView,
)
from core.payments.provider import order_of, reference_of
from core.payments.sandbox.models import SandboxLink, SandboxPayment, SandboxRefund
from core.payments.sandbox.store import SandboxStore

log = logging.getLogger(__name__)

NAME = "sandbox"
SETTLES_MS = 4_000  # a bank takes days; a demo should not
LISTED = 10_000  # links whose payments are looked through
ENDED = (LinkStatus.EXPIRED, LinkStatus.CANCELLED)


class LinkNotPayable(Conflict):
    """The practice link is paid, cancelled or expired (`status`)."""

    status: LinkStatus


class SandboxProvider:
    """`page` makes the address of the practice page of a link."""

    name = NAME

    def __init__(
        self,
        *,
        store: SandboxStore,
        inbox: InboxService,
        clock: Clock,
        page: Callable[[LinkId], str],
        settles_ms: int = SETTLES_MS,
    ) -> None:
        self._store = store
        self._inbox = inbox
        self._clock = clock
        self._page = page
        self._settles_ms = settles_ms

    # What every provider can do

    async def create_link(
        self,
        *,
        order_id: OrderId,
        n: int,
        amount: Money,
        currency: str,
        method: PayMethod,
        expire_by_ms: int,
        description: str,
    ) -> PaymentLink:
        link_id = LinkId(new_id("plink"))
        link = SandboxLink(
            id=link_id,
            reference=reference_of(order_id, n),
            url=self._page(link_id),
            amount=amount,
            currency=currency,
            method=method,
            description=description,
            expires_ms=expire_by_ms,
            created_ms=self._clock.ms(),
        )
        if not await self._store.insert(link):
            raise PaymentRefused(NAME, Refusal.REFERENCE_USED)
        return link.view(self._clock.ms())

    async def fetch_link(self, link: LinkId) -> PaymentLink:
        return (await self._require(link)).view(self._clock.ms())

    async def find_link(self, reference: str) -> PaymentLink | None:
        found = await self._store.by_reference(reference)
        return None if found is None else found.view(self._clock.ms())

    async def link_of(self, payment: PaymentId) -> PaymentLink | None:
        found = await self._store.get(_link_of(payment))
        return None if found is None or found.payment(payment) is None else found.view(self._clock.ms())

    async def cancel_link(self, link: LinkId) -> LinkStatus:
        now_ms = self._clock.ms()
        cancelled = False

        def cancel(found: SandboxLink) -> SandboxLink:
            nonlocal cancelled
            cancelled = found.status_at(now_ms) is LinkStatus.OPEN
            return found.model_copy(update={"status": LinkStatus.CANCELLED}) if cancelled else found

        changed = await self._change(link, cancel)
        if cancelled:
            await self._report(changed, News.LINK_CANCELLED, f"{link}:cancelled")
        return changed.status_at(now_ms)

    async def payments_of(self, link: PaymentLink) -> tuple[PaymentView, ...]:
        return tuple(payment.view() for payment in (await self._require(link.id)).payments)

    async def refund(self, payment: PaymentId, amount: Money, key: RefundKey) -> RefundView:
        return await self._refund(payment, amount, key, quiet=False)

    async def refunds_of(self, payment: PaymentId) -> tuple[RefundView, ...]:
        found = (await self._require(_link_of(payment))).payment(payment)
        return tuple(refund.view(payment, self._clock.ms()) for refund in found.refunds) if found is not None else ()

    async def fetch_refund(self, refund: str) -> RefundView:
        payment = PaymentId(refund.removeprefix("r").rpartition("_")[0])
        for view in await self.refunds_of(payment):
            if view.id == refund:
                return view
        raise PaymentRefused(NAME, Refusal.NOT_FOUND)

    async def payments_between(self, since_ms: int, until_ms: int) -> tuple[PaymentRecord, ...]:
        return tuple(
            PaymentRecord(payment=payment.view(), at_ms=payment.at_ms, reference=link.reference, link=link.id)
            for link in await self._store.recent(LISTED)
            for payment in link.payments
            if since_ms <= payment.at_ms <= until_ms
        )

    async def refunds_between(self, since_ms: int, until_ms: int) -> tuple[RefundRecord, ...]:
        now_ms = self._clock.ms()
        return tuple(
            RefundRecord(refund=refund.view(payment.id, now_ms), at_ms=refund.at_ms)
            for link in await self._store.recent(LISTED)
            for payment in link.payments
            for refund in payment.refunds
            if since_ms <= refund.at_ms <= until_ms
        )

    def read(self, raw: str) -> tuple[PaymentEvent, ...]:
        try:
            return (PaymentEvent.model_validate_json(raw),)
        except ValueError as unreadable:
            raise UnreadableEvent() from unreadable

    async def close(self) -> None:
        """It holds nothing."""

    # The practice page

    async def link(self, link: LinkId) -> SandboxLink | None:
        """What the page shows: amount, method, status (`status_at(now)`), every payment."""
        return await self._store.get(link)

    async def recent(self, limit: int = 20) -> list[SandboxLink]:
        """The newest links, for the till."""
        return await self._store.recent(limit)

    async def pay(self, link: LinkId, amount: Money | None = None, *, quiet: bool = False) -> PaymentView:
        """Pay it in full, or `amount` if a bank were to get it wrong. Raises LinkNotPayable."""
        now_ms = self._clock.ms()
        payment = await self._add_payment(link, PaymentState.CAPTURED, amount, pays=True)
        if not quiet:
            await self._report_capture(await self._require(link), payment, link_paid=True, at_ms=now_ms)
        return payment.view()

    async def fail(self, link: LinkId, reason: str = "declined", *, quiet: bool = False) -> PaymentView:
        """A try that comes to nothing; the link stays open. Raises LinkNotPayable."""
        payment = await self._add_payment(link, PaymentState.FAILED, None, reason=reason)
        if not quiet:
            await self._report(await self._require(link), News.PAYMENT, f"{payment.id}:failed", payment=payment.view())
        return payment.view()

    async def pay_late(self, link: LinkId, *, quiet: bool = False) -> PaymentView:
        """A payment begun in time that lands now, whatever became of the link."""
        return await self._land(link, quiet=quiet)

    async def pay_twice(self, link: LinkId, *, quiet: bool = False) -> PaymentView:
        """The same link paid once more from another tab."""
        return await self._land(link, quiet=quiet)

    async def refund_by_hand(
        self, payment: PaymentId, amount: Money | None = None, *, quiet: bool = False
    ) -> RefundView:
        """Somebody gives money back in the provider's dashboard, past Tiffin. Raises PaymentRefused."""
        return await self._refund(payment, amount, RefundKey(""), quiet=quiet)

    async def _land(self, link: LinkId, *, quiet: bool) -> PaymentView:
        payment = await self._add_payment(link, PaymentState.CAPTURED, None, even_if_closed=True)
        if not quiet:
            found = await self._require(link)
            await self._report_capture(found, payment, link_paid=False, at_ms=self._clock.ms())
        return payment.view()

    async def _add_payment(
        self,
        link: LinkId,
        state: PaymentState,
        amount: Money | None,
        *,
        reason: str = "",
        pays: bool = False,
        even_if_closed: bool = False,
    ) -> SandboxPayment:
        now_ms = self._clock.ms()
        made: SandboxPayment | None = None

        def add(found: SandboxLink) -> SandboxLink:
            nonlocal made
            status = found.status_at(now_ms)
            if status is not LinkStatus.OPEN and not even_if_closed:
                raise LinkNotPayable(status=status)
            made = SandboxPayment(
                id=_payment_id(found),
                amount=found.amount if amount is None else amount,
                currency=found.currency,
                state=state,
                method=found.method.value,
                reason=reason,
                at_ms=now_ms,
            )
            paid = LinkStatus.PAID if pays else found.status
            return found.model_copy(update={"payments": (*found.payments, made), "status": paid})

        await self._change(link, add)
        assert made is not None
        return made

    async def _refund(self, payment: PaymentId, amount: Money | None, key: RefundKey, *, quiet: bool) -> RefundView:
        now_ms = self._clock.ms()
        made: SandboxRefund | None = None

        def give_back(link: SandboxLink) -> SandboxLink:
            nonlocal made
            paid = link.payment(payment)
            if paid is None or paid.state is not PaymentState.CAPTURED:
                raise PaymentRefused(NAME, Refusal.NOT_FOUND)
            made = next((refund for refund in paid.refunds if key and refund.key == key), None)
            if made is not None:
                return link  # the same key again is the same refund
            wanted = paid.left if amount is None else amount
            if wanted.paise <= 0 or wanted > paid.left:
                raise PaymentRefused(NAME, Refusal.TOO_MUCH)
            made = SandboxRefund(
                id=f"r{payment}_{len(paid.refunds) + 1}",
                key=key,
                amount=wanted,
                at_ms=now_ms,
                settles_ms=now_ms + self._settles_ms,
            )
            with_refund = paid.model_copy(update={"refunds": (*paid.refunds, made)})
            return link.model_copy(
                update={"payments": tuple(with_refund if p.id == payment else p for p in link.payments)}
            )

        link = await self._change(_link_of(payment), give_back)
        assert made is not None
        view = made.view(payment, now_ms)
        if not quiet:
            settled = made.view(payment, made.settles_ms)
            await self._report(link, News.REFUND, f"{made.id}:created", refund=view)
            await self._report(link, News.REFUND, f"{made.id}:processed", refund=settled, after_ms=self._settles_ms)
        return view

    # News

    async def _report_capture(self, link: SandboxLink, payment: SandboxPayment, *, link_paid: bool, at_ms: int) -> None:
        """Authorised, captured, order paid, link paid: one payment, four events, as a real provider has it."""
        view = payment.view()
        authorised = view.model_copy(update={"state": PaymentState.AUTHORISED})
        await self._report(link, News.PAYMENT, f"{payment.id}:authorised", payment=authorised)
        await self._report(link, News.PAYMENT, f"{payment.id}:captured", payment=view)
        await self._report(link, News.PAYMENT, f"{payment.id}:order_paid", payment=view)
        if link_paid:
            await self._report(link, News.LINK_PAID, f"{payment.id}:link_paid", payment=view)

    async def _report(
        self,
        link: SandboxLink,
        news: News,
        event_id: str,
        *,
        payment: PaymentView | None = None,
        refund: RefundView | None = None,
        after_ms: int = 0,
    ) -> None:
        event = PaymentEvent(
            news=news, at_ms=self._clock.ms(), reference=link.reference, link=link.id, payment=payment, refund=refund
        )
        named = order_of(link.reference)
        lane = f"order:{named[0]}" if named is not None else f"link:{link.id}"
        await self._inbox.put(NAME, event_id, lane, event.model_dump_json(), after_ms=after_ms)

    # The ledger

    async def _require(self, link: LinkId) -> SandboxLink:
        found = await self._store.get(link)
        if found is None:
            raise PaymentRefused(NAME, Refusal.NOT_FOUND)
        return found

    async def _change(self, link: LinkId, change: Callable[[SandboxLink], SandboxLink]) -> SandboxLink:
        changed = await self._store.change(link, change)
        if changed is None:
            raise PaymentRefused(NAME, Refusal.NOT_FOUND)
        return changed


def _payment_id(link: SandboxLink) -> PaymentId:
    return PaymentId(f"pay_{link.id}_{len(link.payments) + 1}")


def _link_of(payment: PaymentId) -> LinkId:
    """The ledger finds a payment by its own name."""
    return LinkId(payment.removeprefix("pay_").rpartition("_")[0])

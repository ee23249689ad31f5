"""The practice Razorpay whole: books, API, news, and what somebody can play on it at the till."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import SecretStr

from core.clock import Clock
from core.connections import Database
from core.links import derived_keys
from core.payments.practice.api import Api
from core.payments.practice.courier import NewsCourier
from core.payments.practice.ledger import Ledger
from core.payments.practice.models import LinkStatus, PracticeLink, PracticePayment
from core.payments.practice.news import return_address
from core.payments.practice.rules import Refused
from core.payments.practice.store import MongoBook, NewsStore, SwitchStore
from core.settings import Settings

API_PATH: Final = "/sandbox/razorpay"  # below it, what Razorpay has at its own address
PAGE_PATH: Final = "/sandbox/pay"
NEWS_PATH: Final = "/webhooks/razorpay"
OVER: Final = (LinkStatus.EXPIRED, LinkStatus.CANCELLED)


class Play(StrEnum):
    """What can be played on a link: the first two by whoever pays, the rest is what goes wrong in life."""

    PAY = "pay"
    FAIL = "fail"
    PAY_TWICE = "pay_twice"  # once more from another tab
    EXPIRE = "expire"  # its time is over now
    PAY_LATE = "pay_late"  # the money lands although it is over
    REFUND = "refund"  # somebody gives it back by hand, past Tiffin


@dataclass(frozen=True, slots=True)
class PracticeKeys:
    """Made from JWT_SECRET, so that every process of one Tiffin has the same without keeping any.

    While that secret changes, another process may still sign with the old one.
    """

    key_id: str
    key_secret: SecretStr
    webhook_secrets: tuple[SecretStr, ...]

    @classmethod
    def of(cls, settings: Settings) -> "PracticeKeys":
        key_id, key_secret = (derived_keys(settings, f"practice {use}")[0].hex() for use in ("key", "key secret"))
        webhook = tuple(SecretStr(key.hex()) for key in derived_keys(settings, "practice webhooks"))
        return cls(f"rzp_test_{key_id[:14]}", SecretStr(key_secret), webhook)


def practice_address(settings: Settings) -> str:
    """Where this process reaches the practice bank: at its own door, else at whoever has one."""
    return settings.own_address or settings.public_url


class PracticeBank:
    def __init__(self, settings: Settings, db: Database, clock: Clock) -> None:
        keys = PracticeKeys.of(settings)
        self.key_secret, self.webhook_secrets = keys.key_secret, keys.webhook_secrets
        self._clock = clock
        self._public_url = settings.public_url
        self._book = MongoBook(db)
        self._switches = SwitchStore(db)
        self.courier = NewsCourier(
            store=NewsStore(db, clock),
            switches=self._switches,
            clock=clock,
            door=practice_address(settings) + NEWS_PATH,
            secret=keys.webhook_secrets[0].get_secret_value(),
        )
        self.ledger = Ledger(
            book=self._book,
            clock=clock,
            courier=self.courier,
            page=self.page,
        )
        self.api = Api(self.ledger, key_id=keys.key_id, key_secret=keys.key_secret.get_secret_value())

    async def close(self) -> None:
        await self.courier.close()

    async def tick(self) -> None:
        await self.ledger.tick()

    def page(self, link_id: str) -> str:
        """Where a guest pays it."""
        return f"{self._public_url}{PAGE_PATH}/{link_id}"

    # The till

    async def link(self, link_id: str) -> PracticeLink | None:
        return await self._book.get(link_id)

    async def recent(self, limit: int) -> list[PracticeLink]:
        """The newest first."""
        return await self._book.recent(limit)

    def plays(self, link: PracticeLink) -> tuple[Play, ...]:
        """What can be played on it as it is now."""
        status = link.status_at(self._clock.ms())
        refund = (Play.REFUND,) if self._refundable(link) is not None else ()
        if status is LinkStatus.CREATED:
            return (Play.PAY, Play.FAIL, Play.PAY_TWICE, Play.EXPIRE, *refund)
        return (Play.PAY_LATE if status in OVER else Play.PAY_TWICE, *refund)

    async def play(self, link_id: str, play: Play, *, method: str = "") -> PracticeLink:
        """Answers the link as it is then. Raises Refused."""
        link = await self.ledger.require(link_id)
        match play:
            case Play.PAY:
                await self.ledger.pay(link_id, method=method)
            case Play.FAIL:
                await self.ledger.fail(link_id, method=method)
            case Play.EXPIRE:
                await self.ledger.expire(link_id)
            case Play.PAY_TWICE:
                if link.status_at(self._clock.ms()) is LinkStatus.CREATED:
                    await self.ledger.pay(link_id, method=method)
                await self.ledger.pay_twice(link_id)
            case Play.PAY_LATE:
                if link.status_at(self._clock.ms()) not in OVER:
                    raise Refused(400, "the link is not over yet")
                await self.ledger.pay_late(link_id)
            case Play.REFUND:
                payment = self._refundable(link)
                if payment is None:
                    raise Refused(400, "there is nothing left to refund")
                await self.ledger.refund_by_hand(payment.id)
        return await self.ledger.require(link_id)

    def way_back(self, link: PracticeLink) -> str:
        """Where Razorpay sends the browser of somebody who has just paid; empty: nowhere."""
        paid = next((payment for payment in link.payments if payment.captured), None)
        if paid is None or not link.callback_url:
            return ""
        return return_address(
            link.callback_url,
            self.key_secret.get_secret_value(),
            link=link.id,
            reference=link.reference,
            status=link.status.value,
            payment=paid.id,
        )

    async def dropping(self) -> bool:
        """Whether its news gets lost on the way."""
        return await self._switches.dropping()

    async def set_dropping(self, on: bool) -> None:
        await self._switches.set_dropping(on)

    def _refundable(self, link: PracticeLink) -> PracticePayment | None:
        """The newest payment something is left of."""
        now_ms = self._clock.ms()
        left = (each for each in reversed(link.payments) if each.captured and each.amount > each.refunded_at(now_ms))
        return next(left, None)

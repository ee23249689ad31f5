"""Paying at the door: the code a rider holds up to the guest, and what becomes of that message. Pure."""

from datetime import timedelta

from bot.conversation.reply import Button, Reply, Style
from bot.conversation.text import lines
from bot.kitchen.actions import ShowCard
from bot.kitchen.cards import Kitchen
from core.ids import OrderId
from core.links import Signer
from core.orders.ledger import Link, LinkEnd, LinkState
from core.orders.models import Order
from core.payments.provider import order_of, reference_of

DOOR = "door"  # the purpose the picture's address is signed for; its id is the link's reference
OPEN_FOR = timedelta(minutes=30)


def door_key(order: Order, link: Link) -> str:
    return f"door-{order.id}-{link.n}"


def code_path(links: Signer, order: Order, link: Link) -> str:
    """Where the picture of the code is: whoever sees it could pay, and nothing else."""
    return f"/qr/{links.sign(DOOR, reference_of(order.id, link.n), OPEN_FOR)}.png"


def coded(links: Signer, signed: str) -> tuple[OrderId, int] | None:
    """The order and link a picture's address was signed for. Raises LinkRefused."""
    return order_of(links.check(DOOR, signed))


def door_message(kitchen: Kitchen, order: Order, link: Link, code: str) -> Reply:
    """The code to be scanned, with the page it leads to."""
    texts, amount = kitchen.texts, kitchen.money(order)
    return Reply(
        lines(
            texts.say("*{code} · {amount}* by UPI", code=order.code, amount=amount),
            texts.say("The guest scans this, or you open the page for them. It works until *{time}*.",
                      time=kitchen.clock(link.expires_ms)),
            texts.say("When the money is in, this message and the card say PAID. Hand over then."),
        ),
        (
            (Button(texts.t("Open the page"), url=link.url, style=Style.PRIMARY),),
            (Button(texts.t("Show card"), ShowCard(order=order.id)),),
        ),
        image=code,
        in_place=True,
    )  # fmt: skip


def door_done(kitchen: Kitchen, order: Order, link: Link) -> Reply | None:
    """What the message says once its code is done with; None while it can be paid."""
    texts, facts = kitchen.texts, {"code": order.code, "amount": kitchen.money(order)}
    if link.state in (LinkState.WANTED, LinkState.OPEN):
        return None
    if link.end is LinkEnd.PAID and order.cash_ms:
        text = texts.say("*{code}* was paid twice, in cash and by UPI. The {amount} paid by UPI go back.", **facts)
    elif link.end is LinkEnd.PAID:
        text = texts.say("*{code} · PAID {amount}* by UPI. Take no cash.", **facts)
    elif order.cash_ms:
        text = texts.say("*{code}*: {amount} collected in cash. The code no longer works.", **facts)
    else:
        text = texts.say("*{code}*: this code no longer works. The card shows how it stands.", **facts)
    return Reply(text, ((Button(texts.t("Show card"), ShowCard(order=order.id)),),), in_place=True)


def door_moved(kitchen: Kitchen, order: Order) -> Reply:
    """Where the code was before it was asked for again."""
    return Reply(kitchen.texts.say("*{code}*: the code stands further down now.", code=order.code), in_place=True)


def no_code(kitchen: Kitchen, order: Order) -> Reply:
    text = kitchen.texts.say(
        "*{code}*: no UPI code can be had just now. Please take *{amount}* in cash, or try again in a minute.",
        code=order.code,
        amount=kitchen.money(order),
    )
    return Reply(text, ((Button(kitchen.texts.t("Show card"), ShowCard(order=order.id)),),))

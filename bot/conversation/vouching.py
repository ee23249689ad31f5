"""A channel that vouches for its sender's number has proved it: nobody is asked for what is known.

WhatsApp signs who writes (PLATFORMS.md B3), so there the number is the guest's from the first word on. Where the house
asks for a code all the same (REQUIRE_OTP=always), where the guest has another number already, and for a sender without
one, the guest is asked as elsewhere.
"""

from bot.conversation.turn import Turn
from core.cart.models import Joined
from core.customers import identity
from core.customers.models import Proof
from core.ids import CustomerId, Phone


async def vouched(turn: Turn) -> None:
    """Bind the number the channel vouches for, at the beginning of a session. Later, and above all after the guest has
    signed out everywhere, it takes a tap.
    """
    if turn.first_meeting and not turn.session.phone:
        await trust_sender(turn)


async def trust_sender(turn: Turn) -> bool:
    """Take the sender's number for the guest's where the channel's word is enough. Says whether it did."""
    phone = await sender_phone(turn)
    if phone is None:
        return False
    turn.must_be_ours()
    before = turn.customer_id
    customer = await turn.services.customers.prove_phone(before, turn.handle, phone, Proof.WHATSAPP_SENDER)
    if customer.id != before:
        await welcome_back(turn, before, customer.id)
        turn.first_meeting = False
    turn.proved(customer)
    if customer.language and not turn.session.language_chosen:
        turn.session = turn.session.but(language=customer.language, language_chosen=True)
    return True


async def welcome_back(turn: Turn, before: CustomerId, now: CustomerId) -> None:
    """Two chats turned out to be one guest's: the cart comes along, and what became of a second one is said."""
    texts = turn.texts
    joined = await turn.services.cart.move(before, now)
    turn.notice(texts.say("Welcome back! Your orders and addresses are here."))
    if joined is Joined.TOGETHER:
        turn.notice(texts.say("You had a cart here already: both are one cart now. Please look before you order."))
    elif joined is Joined.ASIDE:
        turn.notice(
            texts.say(
                "You had another cart here, which does not fit into this one. Your cart shows it as *Other cart*."
            )
        )


async def sender_phone(turn: Turn) -> Phone | None:
    """The number this message's channel vouches for, if no code is needed for it."""
    phone = Phone(turn.incoming.phone)
    if not phone:
        return None
    require = turn.services.settings.require_otp
    return phone if identity.vouched(require, await turn.customer(), phone, own=True) else None

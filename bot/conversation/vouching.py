"""A channel that vouches for its sender's number has proved it: nobody is asked for what is known.

WhatsApp signs who writes (PLATFORMS.md B3), so there the number is the guest's from the first word on. Where the house
asks for a code all the same (REQUIRE_OTP=always), and for a sender without a number, the guest is asked as elsewhere.
"""

from bot.conversation.turn import Turn
from core.customers.models import Proof
from core.ids import Phone
from core.settings import RequireOtp


async def vouched(turn: Turn) -> None:
    """Bind the number the channel vouches for, once a session; whoever proved it elsewhere becomes the same guest."""
    phone = Phone(turn.incoming.phone)
    if not phone or turn.session.phone or turn.services.settings.require_otp is not RequireOtp.AUTO:
        return
    turn.must_be_ours()
    before = turn.customer_id
    customer = await turn.services.customers.prove_phone(before, turn.handle, phone, Proof.WHATSAPP_SENDER)
    if customer.id != before:
        await turn.services.cart.move(before, customer.id)
        turn.notice(turn.texts.say("Welcome back! Your orders and addresses are here."))
        turn.first_meeting = False
    turn.proved(customer)
    if customer.language and not turn.session.language_chosen:
        turn.session = turn.session.but(language=customer.language, language_chosen=True)

"""A channel that vouches for its sender spares the code: at the first word, and later by a tap. Unless all get one."""

import itertools

import pytest

from bot.conversation.incoming import Contact, Content, Incoming, Tap, Text
from bot.conversation.reply import Outgoing
from core.customers.models import Proof
from core.ids import ChatKey, Handle, Phone
from core.settings import RequireOtp
from tests.dialogues.walks import PHONE, at_the_menu
from tests.house import House

NUMBER = Phone("+919876543210")
OTHER = Phone("+919900011223")


class Sender:
    """Somebody whose channel may sign the number with every message, as WhatsApp does."""

    def __init__(self, house: House, phone: str = "", name: str = "webchat:signed") -> None:
        self.house, self.phone, self.name = house, phone, name
        self._n = itertools.count()
        self.answer: tuple[Outgoing, ...] = ()

    async def does(self, content: Content) -> str:
        said = Incoming(
            channel="webchat",
            handle=Handle(self.name),
            chat=ChatKey(self.name),
            update_id=f"{self.name}-{next(self._n)}",
            content=content,
            sent_at=self.house.clock.now(),
            language_hint="en",
            phone=self.phone,
        )
        self.answer = await self.house.runtime.router.handle(said)
        return "\n".join(each.text.plain for each in self.answer)

    async def taps(self, label: str) -> str:
        buttons = (button for each in self.answer for row in each.buttons for button in row)
        found = next(button for button in buttons if label in button.label)
        return await self.does(Tap(found.action))


@pytest.fixture
def everybody_gets_a_code(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    services = house.runtime.services
    strict = services.settings.model_copy(update={"require_otp": RequireOtp.ALWAYS})
    object.__setattr__(services, "settings", strict)


async def known(house: House, phone: Phone) -> str:
    guest = await house.runtime.services.customers.by_phone(phone)
    return guest.phone_proof if guest else ""


async def test_who_writes_from_a_signed_number_is_never_asked_for_it(house: House):
    guest = Sender(house, NUMBER)
    await guest.does(Text("hello"))
    assert "Which branch" in await guest.taps("Order food")
    assert await known(house, NUMBER) == Proof.WHATSAPP_SENDER
    assert not house.phone.messages


async def test_a_signed_number_that_another_chat_proved_brings_its_guest_along(house: House):
    await at_the_menu(house)
    guest = Sender(house, NUMBER)
    assert "Welcome back" in await guest.does(Text("hello"))


async def test_after_signing_out_everywhere_the_signed_number_is_used_only_when_the_guest_says_so(house: House):
    guest = Sender(house, NUMBER)
    await guest.does(Text("hello"))
    await guest.does(Text("profile"))
    assert "Signed out" in await guest.taps("Sign out everywhere")
    assert "not given" in await guest.does(Text("profile"))
    await guest.taps("Phone")
    assert "confirmed" in await guest.taps("Use my number")
    assert "not given" not in (await guest.does(Text("profile"))).split("Phone")[1].split("\n")[0]


async def test_another_signed_number_than_the_one_we_know_is_proved_like_any_other(house: House):
    guest = Sender(house, NUMBER)
    await guest.does(Text("hello"))
    guest.phone = OTHER
    await guest.does(Text("profile"))
    await guest.taps("Phone")
    labels = [button.label for each in guest.answer for row in each.buttons for button in row]
    assert not [label for label in labels if "Use my number" in label]
    assert await known(house, OTHER) == ""


@pytest.mark.usefixtures("everybody_gets_a_code")
async def test_where_everybody_gets_a_code_no_channels_word_is_enough(house: House):
    guest = Sender(house, NUMBER)
    await guest.does(Text("hello"))
    assert "mobile number" in await guest.taps("Order food")
    assert "6-digit code" in await guest.does(Contact(NUMBER, own=True))
    assert await known(house, NUMBER) == ""
    await guest.does(Text(await house.phone.code_for(PHONE)))
    assert await known(house, NUMBER) == Proof.OTP


@pytest.mark.parametrize(("own", "proof"), [(True, Proof.TELEGRAM_CONTACT), (False, "")])
async def test_a_contact_is_believed_when_it_is_the_senders_own(house: House, own: bool, proof: str):
    guest = Sender(house)
    await guest.does(Text("hello"))
    await guest.taps("Order food")
    said = await guest.does(Contact(NUMBER, own=own))
    assert ("6-digit code" in said) is not own
    assert await known(house, NUMBER) == proof

"""A Twilio for WhatsApp on loopback: keeps the documented rules, remembers what it showed, refuses what Twilio does."""

from tests.fakes.twilio.person import WhatsAppPerson
from tests.fakes.twilio.server import FakeTwilioChat, Sent, running_twilio

__all__ = ["FakeTwilioChat", "Sent", "WhatsAppPerson", "running_twilio"]

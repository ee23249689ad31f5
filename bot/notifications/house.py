"""What the owner is told when something about the whole house needs a person. Pure."""

from bot.conversation.reply import Reply
from bot.conversation.text import Text, lines
from bot.conversation.texts import Texts
from core.money import Money
from core.monitoring.alerts.models import Alert, AlertKind, Level


def house_alert(texts: Texts, alert: Alert) -> Reply:
    """What happened, and what to do. An urgent one begins with a sign that is seen from afar."""
    sign = "🔴 " if alert.level is Level.PAGE else "🟡 "
    return Reply(lines(Text.of(sign) + headline(texts, alert), _advice(texts, alert)))


def headline(texts: Texts, alert: Alert) -> Text:
    """One line. Phones are told by their last two digits."""
    facts = alert.facts
    match alert.kind:
        case AlertKind.SMS_BUDGET if facts.get("percent") == 100:
            return texts.say("*Today's text messages are used up* · all {most}", most=facts.get("most", ""))
        case AlertKind.SMS_BUDGET:
            return texts.say(
                "*{percent} % of today's text messages are used* · of {most}",
                percent=facts.get("percent", ""),
                most=facts.get("most", ""),
            )
        case AlertKind.SMS_STOPPED:
            return texts.say(
                "*No codes to {series}… for {minutes} minutes* · {used} of the last {of} were used",
                series=facts.get("series", ""),
                minutes=facts.get("minutes", ""),
                used=facts.get("used", ""),
                of=facts.get("of", ""),
            )
        case AlertKind.WRONG_CODES:
            return texts.say(
                "*{most} wrong codes in an hour* for the phone ending in {phone} · last from {chat}",
                most=facts.get("most", ""),
                phone=facts.get("phone", ""),
                chat=facts.get("chat", ""),
            )
        case AlertKind.MANY_PHONES:
            return texts.say(
                "*One chat asked for {most} phones in an hour* · {chat}",
                most=facts.get("most", ""),
                chat=facts.get("chat", ""),
            )
        case AlertKind.DOOR_SHUT:
            return texts.say(
                "*{messages} messages had not reached us* · found at Twilio and answered now",
                messages=facts.get("messages", ""),
            )
        case AlertKind.ORPHAN:
            amount = texts.money(Money(int(facts.get("amount", 0))), str(facts.get("currency") or "INR"))
            named = {"amount": amount, "provider": facts.get("provider", ""), "id": alert.about}
            if facts.get("kind_of") == "refund":
                return texts.say("*{amount} went back of a payment without an order* · {provider} · {id}", **named)
            return texts.say("*A payment of {amount} has no order* · {provider} · {id}", **named)


def _advice(texts: Texts, alert: Alert) -> Text:
    match alert.kind:
        case AlertKind.SMS_BUDGET if alert.facts.get("percent") == 100:
            return texts.say(
                "Guests who type a number get no code until tomorrow (UTC); a shared contact still works. "
                "SMS_DAILY_BUDGET sets how many there are."
            )
        case AlertKind.SMS_BUDGET:
            return texts.say("Is it a good day, or is somebody sending messages? /alerts shows more.")
        case AlertKind.SMS_STOPPED:
            return texts.say(
                "Somebody may earn on messages to these numbers. It goes on by itself; guests who proved their number "
                "in their chat still get codes."
            )
        case AlertKind.WRONG_CODES:
            return texts.say("The chats that guessed wait; the owner of the phone does not notice. Nothing to do.")
        case AlertKind.MANY_PHONES:
            return texts.say("It gets no codes for an hour. Nothing to do unless it comes back.")
        case AlertKind.DOOR_SHUT:
            return texts.say(
                "Was Tiffin down, or does Twilio have another webhook? `tiffin check` prints the right one."
            )
        case AlertKind.ORPHAN:
            return texts.say(
                "Nothing of it goes back by itself. Look it up at the payment service, then close it at /audit."
            )

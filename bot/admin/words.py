"""Words that several pages for owners and admins share: roles, states of an outlet, acts as sentences."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.texts import Texts
from core.audit.models import Act, Did
from core.clock import from_ms
from core.ids import ChatKey
from core.invites.models import BindGroup, read_purpose
from core.money import Money
from core.outlets.hours import opening
from core.outlets.models import Outlet
from core.staff.models import Role

DEFAULT_ZONE = "Asia/Kolkata"
ROLE_WORDS = {
    "owner": Role.OWNER,
    "manager": Role.MANAGER,
    "kitchen": Role.KITCHEN,
    "cook": Role.KITCHEN,
    "chef": Role.KITCHEN,
    "rider": Role.RIDER,
}


def role_name(texts: Texts, role: Role) -> str:
    match role:
        case Role.OWNER:
            return texts.t("owner")
        case Role.MANAGER:
            return texts.t("manager")
        case Role.KITCHEN:
            return texts.t("cook")
        case Role.RIDER:
            return texts.t("rider")


def role_duties(texts: Texts, role: Role) -> str:
    match role:
        case Role.OWNER:
            return texts.t("everything at the outlet, and who works there")
        case Role.MANAGER:
            return texts.t("all orders, cancelling, dishes, pauses")
        case Role.KITCHEN:
            return texts.t("accepting, cooking, handing over, dishes, pauses")
        case Role.RIDER:
            return texts.t("the board, and handing over")


def group_name(texts: Texts, chat: ChatKey) -> str:
    """A group as people can tell it from another: the end of its number."""
    channel, _, number = chat.partition(":")
    return texts.t("{channel} group …{number}", channel=channel.title(), number=number[-5:])


def state_line(texts: Texts, outlet: Outlet, now_ms: int) -> Text:
    """“Open, last orders at 10:45 pm”, “Takes no orders until 8:00 pm”, “Closed, opens Tue 11:00 am”."""
    hours = opening(outlet, from_ms(now_ms))
    if hours.paused:
        until = texts.moment(outlet.paused_until_ms, outlet.timezone, now_ms)
        return texts.say("*Takes no orders* until {time}", time=until)
    if hours.open and not hours.until_ms:
        return texts.say("Open day and night")
    if hours.open:
        return texts.say("Open, last orders at {time}", time=texts.moment(hours.until_ms, outlet.timezone, now_ms))
    if hours.next_ms:
        return texts.say("Closed, opens {time}", time=texts.moment(hours.next_ms, outlet.timezone, now_ms))
    return texts.say("Closed for the next two weeks")


def tomorrow_ms(outlet: Outlet, now_ms: int, hour: int) -> int:
    """The next time it is `hour` o'clock on the outlet's wall."""
    local = from_ms(now_ms).astimezone(ZoneInfo(outlet.timezone))
    minutes = (hour - local.hour) * 60 - local.minute
    return now_ms + (minutes if minutes > 0 else minutes + 24 * 60) * 60_000 - local.second * 1000


def act_said(texts: Texts, act: Act, outlet: Outlet | None) -> Text:
    """What was done, by whom, in a sentence."""
    facts = {
        "who": act.name or act.by.partition(":")[2] or act.by,
        "outlet": outlet.name if outlet else act.outlet,
        **{name: value for name, value in act.facts.items() if name in ("person", "dish", "names")},
    }
    match act.did:
        case Did.INVITE_MADE | Did.INVITE_USED | Did.INVITE_REFUSED:
            return _invite(texts, act, facts)
        case Did.GROUP_BOUND:
            return texts.say("*{who}* made a group the one of {outlet}.", **facts)
        case Did.GROUP_UNBOUND:
            return texts.say("*{who}* took a group away from {outlet}.", **facts)
        case Did.GROUP_MOVED:
            return texts.say("The group of {outlet} became a supergroup; Tiffin went along.", **facts)
        case Did.GROUP_LOST:
            return texts.say("The bot was removed from a group of {outlet}.", **facts)
        case Did.GROUP_JOINED:
            return texts.say("Joined the group of {outlet}: {names}.", **facts)
        case Did.STAFF_ADDED:
            return texts.say("*{person}* works at {outlet} now as {role}; *{who}* let them in.", **facts,
                             role=_role(texts, act, "role"))  # fmt: skip
        case Did.STAFF_ROLE:
            return texts.say("*{who}* made *{person}* {role} at {outlet}.", **facts, role=_role(texts, act, "role"))
        case Did.STAFF_REMOVED:
            return texts.say("*{who}* removed *{person}* from {outlet}.", **facts)
        case Did.OUTLET_PAUSED:
            until = texts.moment(int(act.facts["until_ms"]), outlet.timezone if outlet else DEFAULT_ZONE, act.at_ms)
            return texts.say("*{who}* stopped orders at {outlet} until {time}.", **facts, time=until)
        case Did.OUTLET_RESUMED:
            return texts.say("*{who}* opened {outlet} for orders again.", **facts)
        case Did.PRICE_SET:
            currency = outlet.currency if outlet else "INR"
            was, now = (texts.money(Money(int(act.facts[word])), currency) for word in ("was", "now"))
            return texts.say("*{who}* changed {dish} at {outlet} from {was} to {now}.", **facts, was=was, now=now)
        case (
            Did.REFUND_MADE
            | Did.REFUND_WISHED
            | Did.REFUND_AGREED
            | Did.REFUND_DECLINED
            | Did.REFUND_EXPIRED
            | Did.ORPHAN_CLOSED
        ):
            return _money_said(texts, act, facts, outlet)
        case Did.DISH_BACK:
            return texts.say("*{who}* put {dish} at {outlet} on the menu again.", **facts)
        case Did.REFUSED:
            return _refused(texts, act, facts)


def _invite(texts: Texts, act: Act, facts: Mapping[str, str | int]) -> Text:
    purpose = read_purpose(act.about)
    binds = isinstance(purpose, BindGroup)
    role = "" if isinstance(purpose, BindGroup) else role_name(texts, purpose.role)
    match act.did:
        case Did.INVITE_MADE if binds:
            return texts.say("*{who}* made a code that gives {outlet} a group.", **facts)
        case Did.INVITE_MADE:
            return texts.say("*{who}* made an invitation: {role} at {outlet}.", **facts, role=role)
        case Did.INVITE_USED if binds:
            return texts.say("*{who}* used a code that gives {outlet} a group.", **facts)
        case Did.INVITE_USED:
            return texts.say("*{who}* took an invitation: {role} at {outlet}.", **facts, role=role)
        case _:
            return texts.say("*{who}* tried a code of {outlet} and may not use it. Nothing was changed.", **facts)


def _refused(texts: Texts, act: Act, facts: Mapping[str, str | int]) -> Text:
    match act.facts.get("reason"):
        case "not_staff":
            return texts.say("*{who}* does not work at {outlet} and tried something in its group. Nothing was changed.",
                             **facts)  # fmt: skip
        case "other_outlet":
            return texts.say("*{who}* tried at {outlet} what belongs to another outlet. Nothing was changed.", **facts)
        case "elsewhere":
            return texts.say("*{who}* tapped a kitchen's button outside an outlet's group. Nothing was changed.",
                             **facts)  # fmt: skip
        case _:
            return texts.say("*{who}* tried at {outlet} what is not among their duties. Nothing was changed.", **facts)


def _money_said(texts: Texts, act: Act, facts: Mapping[str, str | int], outlet: Outlet | None) -> Text:
    currency = str(act.facts.get("currency") or (outlet.currency if outlet else "INR"))
    about = {
        "who": facts["who"],
        "amount": texts.money(Money(int(act.facts.get("amount", 0))), currency),
        "code": act.facts.get("code", ""),
        "outlet": facts["outlet"],
    }
    match act.did:
        case Did.REFUND_MADE:
            return texts.say("*{who}* gave {amount} back for order {code} at {outlet}.", **about)
        case Did.REFUND_WISHED:
            return texts.say("*{who}* wants to give {amount} back for order {code} at {outlet}.", **about)
        case Did.REFUND_AGREED:
            return texts.say("*{who}* agreed: {amount} goes back for order {code} at {outlet}.", **about)
        case Did.REFUND_DECLINED:
            return texts.say("*{who}* said no: {amount} does not go back for order {code} at {outlet}.", **about)
        case Did.REFUND_EXPIRED:
            return texts.say("Nobody agreed in a day: {amount} does not go back for order {code} at {outlet}.", **about)
        case _:
            reason = act.facts.get("reason", "")
            return texts.say("*{who}* closed a payment of {amount} without an order: {reason}.", **about, reason=reason)


def _role(texts: Texts, act: Act, word: str) -> str:
    return role_name(texts, Role(str(act.facts[word])))


def act_line(texts: Texts, act: Act, outlet: Outlet | None, now_ms: int) -> Text:
    """A line of the audit: when, and what."""
    when = texts.moment(act.at_ms, outlet.timezone if outlet else DEFAULT_ZONE, now_ms)
    return texts.say("{when} · {what}", when=when, what=act_said(texts, act, outlet))


def page(title: Text, *rows: Text | str | None) -> Text:
    """A title, an empty line, the rows. An empty row is an empty line, however many of them meet."""
    blocks: list[list[Text | str | None]] = [[]]
    for row in rows:
        if row == "":
            blocks.append([])
        else:
            blocks[-1].append(row)
    return paragraphs(title, *(lines(*block) for block in blocks))

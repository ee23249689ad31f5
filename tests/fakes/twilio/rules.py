"""What Twilio takes and what it refuses (PLATFORMS.md B4, B5, B8), each rule with the code it refuses with."""

import re
from typing import Any
from urllib.parse import urlsplit

MESSAGE_FIELDS = frozenset(
    {
        *("To", "From", "MessagingServiceSid", "Body", "MediaUrl", "ContentSid", "ContentVariables", "StatusCallback"),
        *("ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod", "ForceDelivery"),
        *("ContentRetention", "AddressRetention", "SmartEncoded", "PersistentAction", "TrafficType", "ShortenUrls"),
        *("ScheduleType", "SendAt", "SendAsMms", "RiskCheck"),
    }
)
LIST_FIELDS = frozenset({"To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"})
CONTENT_FIELDS = frozenset({"friendly_name", "variables", "language", "types"})
WHATSAPP_TO = re.compile(r"whatsapp:(?:\+[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9._-]{1,128})")
HOLE = re.compile(r"\{\{(\w+)\}\}")
UNFIT = re.compile(r"[\n\r\t]| {5,}")  # a line end, a tab, more than four spaces
PAYLOAD_LIMIT = 200
MOST_VARIABLES = 100


class Mistake(AssertionError):
    """Something no described request holds: our own mistake, met by every test."""


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def problem_of_message(form: dict[str, str], sender: str) -> tuple[int, int, str] | None:
    """(status, code, words), or None."""
    to = form.get("To", "")
    if not to:
        return 400, 21604, "A 'To' phone number is required."
    if form.get("From") != sender:
        return 400, 63007, "Twilio could not find a Channel with the specified From address"
    if not WHATSAPP_TO.fullmatch(to):
        return 400, 21211, f"Invalid 'To' Phone Number: {to}"
    callback = form.get("StatusCallback")
    if callback is not None and not _callable(callback):
        return 400, 21609, f"The 'StatusCallback' URL {callback} is not a valid URL"
    if "ContentVariables" in form and "ContentSid" not in form:
        return 400, 21654, "ContentSid Required"
    if "ContentSid" in form and ("Body" in form or "MediaUrl" in form):
        return 400, 21619, "Body and ContentSid exclude each other"
    if not form.get("Body") and not form.get("MediaUrl") and "ContentSid" not in form:
        return 400, 21619, "A text message body or media urls must be specified."
    if units(form.get("Body", "")) > 1600:
        return 400, 21617, "The concatenated message body exceeds the 1600 character limit"
    return None


def problem_of_content(body: dict[str, Any]) -> str | None:
    """What Twilio would say of a template, or None."""
    types = body.get("types")
    if not isinstance(body.get("language"), str) or not isinstance(types, dict) or len(types) != 1:
        return "language and types are required"
    variables = body.get("variables", {})
    if not all(isinstance(key, str) and isinstance(value, str) and value for key, value in variables.items()):
        return "variables need sample values"
    if len(variables) > MOST_VARIABLES:
        return "a template has at most a hundred variables"
    kind, made = next(iter(types.items()))
    match kind:
        case "twilio/quick-reply":
            if set(made) != {"body", "actions"} or not 1 <= len(made["actions"]) <= 3:
                return "one to three quick replies in a session"
            if any(set(each) != {"type", "title", "id"} or each["type"] != "QUICK_REPLY" for each in made["actions"]):
                return "an action has a type, a title and an id"
        case "twilio/list-picker":
            if set(made) != {"body", "button", "items"} or not 1 <= len(made["items"]) <= 10:
                return "one to ten items"
            if any(not {"item", "id"} <= set(each) <= {"item", "id", "description"} for each in made["items"]):
                return "an item has an item, an id and perhaps a description"
        case "twilio/text":
            if set(made) != {"body"}:
                return "a text has a body"
        case _:
            return f"no such type: {kind}"
    holes = set(HOLE.findall(str(made)))
    return None if holes <= set(variables) else f"no sample for {sorted(holes - set(variables))}"


def filled(made: Any, values: dict[str, str]) -> Any:
    """A template with its variables."""
    if isinstance(made, str):
        return HOLE.sub(lambda hole: values.get(hole[1], hole[0]), made)
    if isinstance(made, list):
        return [filled(each, values) for each in made]
    return {key: filled(each, values) for key, each in made.items()}


def problem_of_filled(kind: str, said: dict[str, Any], values: dict[str, str]) -> tuple[int, str] | None:
    """(code, words) for what WhatsApp would not show."""
    if not all(values.values()) or any(UNFIT.search(value) for value in values.values()):
        return 21656, "The ContentVariables Parameter is invalid"
    if any(units(value) > 1600 for value in values.values()):
        return 21658, "A content variable exceeds 1600 characters"
    if HOLE.search(str(said)):
        return 21656, "a variable has no value"
    if kind == "twilio/text":
        return None
    rows = said.get("actions") or said.get("items") or []
    title, limit = ("title", 20) if kind == "twilio/quick-reply" else ("item", 24)
    names = [row[title] for row in rows]
    unfit = (
        units(said["body"]) > 1024
        or any(not name.strip() or units(name) > limit for name in names)
        or len({name.casefold() for name in names}) < len(names)
        or len({row["id"] for row in rows}) < len(rows)
        or any(units(row["id"]) > PAYLOAD_LIMIT for row in rows)
        or any(units(row.get("description", "")) > 72 for row in rows)
        or units(said.get("button", "")) > 20
    )
    return (63013, "Channel policy violation: the content cannot be shown") if unfit else None


def _callable(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme in {"http", "https"} and bool(host) and "_" not in host and len(url) <= 4000

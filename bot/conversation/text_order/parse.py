"""From a guest's sentence to cart lines: "2 paneer tikka and one garlic naan no butter, bring to table 7".

Deterministic, and it never guesses: what may mean two dishes comes back as a question, what is not on the menu as
unknown, a quantity no line can hold as a problem. The caller echoes the result as a cart to confirm.
"""

from bot.conversation.text_order.hints import read_hints, take_address
from bot.conversation.text_order.index import OrderIndex
from bot.conversation.text_order.intent import Intent, human_reason
from bot.conversation.text_order.lexicon import Role
from bot.conversation.text_order.match import Mention, find_mentions
from bot.conversation.text_order.models import ParsedOrder
from bot.conversation.text_order.outcome import Outcome
from bot.conversation.text_order.reader import Reader
from bot.conversation.text_order.scene import Scene, give_roles
from bot.conversation.text_order.words import MAX_CHARS, MAX_TOKENS, readable, tokens_of


def parse(text: str, index: OrderIndex, language: str = "en") -> ParsedOrder:
    """What `text` orders from the menu behind `index`. Never raises; reads at most 4,096 characters.

    `language` is the guest's, and only decides words that exist in two: "is" asks in English and means "this" in Hindi.
    """
    clean = readable(text)
    scene = Scene(clean, tokens_of(clean))
    hints = read_hints(scene)
    give_roles(scene)
    mentions = find_mentions(scene, index)
    last_dish = mentions[-1].end if mentions else len(scene.tokens)
    take_address(scene, hints, _counted_dishes(scene, mentions), last_dish)
    mentions = [mention for mention in mentions if scene.roles[mention.start] is not Role.HINT]
    human = human_reason(scene, mentions)
    if human is not None:
        return ParsedOrder(human=human)
    intent = Intent(scene, mentions, language)
    telling, asking = intent.tells(), intent.questions()
    reader = Reader(scene, mentions, index)
    reader.read()
    outcome = Outcome(scene, index)
    for draft in reader.drafts:
        if not telling and intent.orders(draft):
            outcome.take(draft)
    if not outcome.found and (telling or asking):
        return ParsedOrder()
    unknown = reader.unknown if outcome.found or reader.counted_unknown else []
    return ParsedOrder(
        lines=tuple(outcome.lines),
        ambiguous=tuple(outcome.ambiguous),
        problems=tuple(outcome.problems),
        unknown=tuple(scene.said(start, end) for start, end in unknown if not intent.asked_in(start)),
        wishes=() if asking else tuple(wish.said for wish in reader.loose),
        fulfilment_hint=hints.fulfilment,
        table_hint=hints.table,
        address_hint=hints.address,
        time_hint=hints.time,
        cut=len(text) > MAX_CHARS or len(scene.tokens) >= MAX_TOKENS,
        asked=outcome.asked or Role.ORDER in scene.roles,
    )


def _counted_dishes(scene: Scene, mentions: list[Mention]) -> set[int]:
    """Where a number with the whole name of a dish begins: there an address ends."""
    return {
        mention.start - 1
        for mention in mentions
        if mention.best.full and mention.start and scene.roles[mention.start - 1] is Role.NUMBER
    }

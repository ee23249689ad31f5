"""A number behind a dish: some of its portions with a wish of their own, its price, or its size."""

from dataclasses import dataclass

from bot.conversation.text_order.draft import Draft, wishes_of
from bot.conversation.text_order.index import OrderIndex
from bot.conversation.text_order.ingredients import Ingredients
from bot.conversation.text_order.lexicon import Role
from bot.conversation.text_order.match import Mention
from bot.conversation.text_order.scene import Scene, size_of
from bot.conversation.text_order.surroundings import JOINERS, Surroundings
from bot.conversation.text_order.wishes import CUES, Wish
from core.cart.models import MAX_QTY


@dataclass(frozen=True, slots=True)
class Parts:
    scene: Scene
    index: OrderIndex
    around: Surroundings
    ingredients: Ingredients

    def is_its_price(self, draft: Draft, value: float) -> bool:
        """A line copied from the menu with its price: "Paneer Tikka half 180"."""
        variants = self.index.items[draft.mention.best.dish].variants
        return value > MAX_QTY and any(variant.price.paise == value * 100 for variant in variants)

    def sold_as(self, mention: Mention, *words: str) -> bool:
        return self.index.words_of(mention.best.dish).comes_in(*words)

    def speaks_of_part(self, base: Draft, at: int) -> bool:
        """Whether what follows a number is a size of that dish or wishes for it, and no dish of its own."""
        if self.around.role(at) in (Role.SIZE, Role.UNIT):
            return self.sold_as(base.mention, size_of(self.scene.keys[at]))
        phrase = self._phrase(at)
        for mention in filter(None, map(self.around.dish_at, phrase)):
            words = tuple(self.scene.keys[mention.start : mention.end])
            cue = self.around.role(self.around.preceding(mention.start))
            wish = Wish(cue if cue in CUES else None, words, "")
            if mention.nominal and cue is not Role.NO and not self.ingredients.offers(base.mention, wish):
                return False  # "2 coffee, 1 cold coffee"
        wishes = wishes_of(self.scene, phrase)
        return bool(wishes) and all(not wish.strange or self.ingredients.offers(base.mention, wish) for wish in wishes)

    def _phrase(self, at: int) -> list[int]:
        """The tokens from `at` up to the next comma, "and" or number."""
        end = at
        while self.around.role(end) not in (None, Role.NUMBER, *JOINERS):
            end += 1
        return list(range(at, end))

    def contradicts(self, base: Draft, at: int) -> bool:
        """ "4 roti without butter and 2 with": not two of the four."""
        words = self.index.words_of(base.mention.best.dish)
        said, now = (
            {one.group for one in (*heard.options, *heard.declined)}
            for heard in (
                words.hear(wishes_of(self.scene, base.after)),
                words.hear(wishes_of(self.scene, self._phrase(at))),
            )
        )
        single = {group.code for group in words.item.groups if group.max == 1}
        return bool(said & now & single)

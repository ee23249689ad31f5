"""Words that name dishes and are something else here: the butter of "garlic naan no butter", the raita of a biryani."""

from dataclasses import dataclass

from bot.conversation.text_order.draft import APART, Position, wishes_of
from bot.conversation.text_order.index import OrderIndex
from bot.conversation.text_order.lexicon import Role
from bot.conversation.text_order.match import Mention
from bot.conversation.text_order.scene import Scene
from bot.conversation.text_order.surroundings import QUIET, Surroundings
from bot.conversation.text_order.wishes import Wish

_POSTPOSED = frozenset({Role.NO, Role.LESS, Role.MORE})


@dataclass(frozen=True, slots=True)
class Ingredients:
    scene: Scene
    index: OrderIndex
    around: Surroundings

    def among(self, mention: Mention, at: Position) -> bool:
        """Whether this name of a dish is here only a wish for another one."""
        before = self.around.preceding(mention.start)
        cue = self.around.role(before)
        words = tuple(self.scene.keys[mention.start : mention.end])
        if cue is Role.LESS:
            return not mention.best.full or at.open_dish is not None
        if cue is Role.NO:
            if self.scene.keys[before] == "not" and mention.best.full:
                return False
            return not mention.best.full or at.open_dish is not None
        if cue in (Role.MORE, Role.WITH) and at.waiting.qty is None:
            offered = at.current is not None and self.offers(at.current.mention, Wish(cue, words, ""))
            return offered or not mention.nominal
        if self._listed(mention, words, at):
            return True
        return not mention.best.full and self._qualifies(mention, words, before, at)

    def offers(self, mention: Mention, wish: Wish) -> bool:
        return any(self.index.words_of(pick.dish).offers(wish) for pick in mention.rivals)

    def _qualifies(self, mention: Mention, words: tuple[str, ...], before: int, at: Position) -> bool:
        """Whether words that name no dish in full only say something of a dish beside them."""
        beside, wish = self.around.beside(mention), Wish(None, words, "")
        if beside is not None:
            leads_up = not mention.certain or beside.start == mention.end
            if self.offers(beside, wish) or (beside.certain and leads_up):
                return True  # "cheese masala dosa", "aloo paratha"
        if at.open_dish is not None and (self.offers(at.open_dish, wish) or self._touches(before, mention, at)):
            return True
        if not mention.nominal:
            behind = self.around.role(self.around.following(mention.end))
            if behind in _POSTPOSED and at.current is not None and at.waiting.qty is None:
                return True  # "pyaaz nahi"
            if before in at.waiting.words:
                return True
        return at.current is not None and at.joined and self.offers(at.current.mention, wish)

    def _touches(self, before: int, mention: Mention, at: Position) -> bool:
        """Whether an uncertain name follows a dish without a pause: the masala of "chicken tikka masala"."""
        pause = at.waiting.qty is not None or at.waiting.words or self.around.role(before) is not Role.DISH
        return not pause and not mention.certain

    def _listed(self, mention: Mention, words: tuple[str, ...], at: Position) -> bool:
        """ "a thali with chana masala and dal makhani": a second option, joined to the first by "and"."""
        if at.current is None or not at.joined or at.waiting.qty is not None or at.waiting.words:
            return False
        said = [one for one in at.current.after if one != APART]
        if not said or not any(wish.cue is Role.WITH for wish in wishes_of(self.scene, at.current.after)):
            return False
        between = set(self.scene.roles[said[-1] + 1 : mention.start])
        return between <= {Role.AND, Role.COMMA, *QUIET} and self.offers(at.current.mention, Wish(Role.WITH, words, ""))

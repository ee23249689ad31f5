"""The one place that turns an error into a sentence and a next step: `explain`, and a book of words for each topic.

Each type has its words; a type without its own is spoken for by the nearest one above it in the tree, so nothing is
ever answered with a bare apology that knows better. A test visits every leaf.
"""

from bot.conversation.errors import cart, checkout, dishes, orders, paying, person, phone, roots, talk
from bot.conversation.errors.book import Explained, Words
from bot.conversation.errors.roots import apology
from bot.conversation.turn import Turn
from core.errors import RestaurantError

__all__ = ["Explained", "apology", "explain", "spoken_for"]

_BOOKS = (
    roots.words,
    talk.words,
    phone.words,
    person.words,
    dishes.words,
    cart.words,
    checkout.words,
    paying.words,
    orders.words,
)
_WORDS: dict[type[RestaurantError], Words] = {kind: speak for book in _BOOKS for kind, speak in book}


def explain(error: RestaurantError, turn: Turn) -> Explained:
    """Raises `error` itself where nobody has words for it: a StoreError is no matter for the guest."""
    for kind in type(error).__mro__:
        if speak := _WORDS.get(kind):
            return speak(error, turn)
    raise error


def spoken_for() -> frozenset[type[RestaurantError]]:
    """The types with words of their own."""
    return frozenset(_WORDS)

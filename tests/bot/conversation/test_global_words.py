import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.global_words import PHRASES, GlobalWord, _keys, global_word


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("menu", GlobalWord.MENU),
        ("MENU!!", GlobalWord.MENU),
        ("please show me the menu", GlobalWord.MENU),
        ("मेनू दिखाइए", GlobalWord.MENU),
        ("menu dikhao bhaiya", GlobalWord.MENU),
        ("order karna hai", GlobalWord.MENU),
        ("My cart", GlobalWord.CART),
        ("कार्ट", GlobalWord.CART),
        ("mera cart dikhao", GlobalWord.CART),
        ("check out", GlobalWord.CHECKOUT),
        ("भुगतान करना है", GlobalWord.CHECKOUT),
        ("order confirm karo", GlobalWord.CHECKOUT),
        ("Where is my order?", GlobalWord.TRACK),
        ("mera order kahan hai", GlobalWord.TRACK),
        ("मेरा ऑर्डर कहाँ है?", GlobalWord.TRACK),
        ("Where is my money?", GlobalWord.MONEY),
        ("refund kab aayega", GlobalWord.MONEY),
        ("मेरे पैसे कहाँ हैं?", GlobalWord.MONEY),
        ("cancel my order", GlobalWord.CANCEL),
        ("Cancel my order please.", GlobalWord.CANCEL),
        ("ऑर्डर रद्द करना है", GlobalWord.CANCEL),
        ("order cancel kar do", GlobalWord.CANCEL),
        ("my orders", GlobalWord.ORDERS),
        ("पुराने ऑर्डर", GlobalWord.ORDERS),
        ("the usual please", GlobalWord.USUAL),
        ("wahi phir se", GlobalWord.USUAL),
        ("वही", GlobalWord.USUAL),
        ("profile", GlobalWord.PROFILE),
        ("मेरा पता", GlobalWord.ADDRESSES),
        ("change language", GlobalWord.LANGUAGE),
        ("हिंदी में", GlobalWord.LANGUAGE),
        ("delete my data", GlobalWord.PRIVACY),
        ("help", GlobalWord.HELP),
        ("मदद चाहिए", GlobalWord.HELP),
        ("madad", GlobalWord.HELP),
        ("I want to talk to a human", GlobalWord.HUMAN),
        ("kisi se baat karni hai", GlobalWord.HUMAN),
        ("इंसान", GlobalWord.HUMAN),
        ("wapas", GlobalWord.BACK),
        ("वापस", GlobalWord.BACK),
        ("STOP", GlobalWord.STOP),
        ("unsubscribe", GlobalWord.STOP),
        ("band karo", GlobalWord.STOP),
        ("hi bhaiya", GlobalWord.HELLO),
        ("नमस्ते 🙏", GlobalWord.HELLO),
    ],
)
def test_a_guest_who_says_one_of_the_words_is_understood(said, meant):
    assert global_word(said) is meant


@pytest.mark.parametrize("word", list(GlobalWord))
def test_every_word_is_a_command_too(word: GlobalWord):
    assert global_word(f"/{word}") is word
    assert global_word(f"/{word.upper()}@tiffin_bot now") is word


@pytest.mark.parametrize(
    "command",
    "start menu cart checkout orders track cancel profile addresses language privacy help stop".split(),
)
def test_the_commands_of_the_bot_menu_are_all_known(command):
    assert global_word("/" + command) is not None


@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "👍",
        "2",
        "/",
        "/nosuchthing",
        "cancel the naan",
        "menu card with 2 dosa",
        "2 masala dosa",
        "helpful staff",
        "ok",
        "thank you",
        "please",
        "back to the kitchen with this soup",
        "stop putting onion in my dosa",
        "track " * 40,
        "menu/cart",
    ],
)
def test_a_message_that_says_more_or_less_is_no_global_word(said):
    assert global_word(said) is None


def test_no_phrase_means_two_things():
    meanings: dict[tuple[str, ...], GlobalWord] = {}
    for word, said in PHRASES.items():
        for phrase in filter(str.strip, said.replace("\n", "|").split("|")):
            assert meanings.setdefault(_keys(phrase), word) is word, phrase


@given(st.text())
def test_any_text_at_all_has_an_answer(text):
    assert global_word(text) in {None, *GlobalWord}
    assert global_word(text) == global_word(text)

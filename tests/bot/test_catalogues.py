import re

import pytest
from babel.messages.catalog import Catalog, Message

from bot.conversation.texts import LANGUAGES as OFFERED
from bot.conversation.texts import Texts
from bot.locales import catalogues
from bot.locales.catalogues import LANGUAGES, hidden_messages, problems, read, template, update

WITHOUT_WORDS = re.compile(r"\{\w+\}|`[^`]*`|/\w+")  # fields and what is typed to the bot
KEPT = {"UPI", "kcal", "Tiffin"}
DEVANAGARI = re.compile("[\u0900-\u097f]")


def test_every_language_a_guest_may_choose_has_a_catalogue():
    assert {"en", *LANGUAGES} == set(OFFERED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_left_over(language):
    assert problems(language) == []


def test_no_message_hides_from_the_translators():
    assert hidden_messages() == []


def test_the_messages_of_the_screens_are_seen():
    assert len([message for message in template() if message.id]) > 300


@pytest.mark.parametrize("message", [message for message in read("hi") if message.id], ids=lambda one: str(one.id))
def test_hindi_is_written_in_hindi(message):
    words = WITHOUT_WORDS.sub("", str(message.id)).strip()
    if re.search("[A-Za-z]{3}", words) and words not in KEPT:
        assert DEVANAGARI.search(str(message.string))


def test_one_and_many_are_told_apart_in_hindi():
    one, many = (Texts.of("hi").n("{count} hour", "{count} hours", count) for count in (1, 2))
    assert (one, many) == ("1 घंटा", "2 घंटे")


def _catalogue(*messages: Message) -> Catalog:
    catalog = Catalog(locale="hi", fuzzy=False)
    for message in messages:
        catalog[message.id] = message
    return catalog


@pytest.fixture
def judged(monkeypatch):
    """What is said of a catalogue with these messages, when the code holds those."""

    def judge(code, *translated):
        monkeypatch.setattr(catalogues, "template", lambda: _catalogue(*(Message(one) for one in code)))
        monkeypatch.setattr(catalogues, "read", lambda language: _catalogue(*translated))
        return problems("hi")

    return judge


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (Message("*Cart*", "कार्ट"), "marks differ"),
        (Message("_{dish_name}_", "_{dish_name}"), "marks differ"),
        (Message("Hello {name}", "नमस्ते"), "fields differ"),
        (Message("Hello {name}", "नमस्ते {naam}"), "fields differ"),
        (Message("Hello ", "नमस्ते"), "blanks"),
        (Message("Hello", ""), "not translated"),
        (Message("Hello", "नमस्ते", flags=["fuzzy"]), "fuzzy"),
        (Message(("{count} dish", "{count} dishes"), ("{count} डिश", "")), "not translated"),
        (Message(("{count} dish", "{count} dishes"), ("{count} डिश", "डिश")), "fields differ"),
    ],
)
def test_a_wrong_translation_is_named(judged, message, fault):
    assert [fault in problem for problem in judged([message.id], message)] == [True]


def test_missing_and_left_over_messages_are_named(judged):
    assert judged(["Cart"]) == ["not in the catalogue: 'Cart'"]
    assert judged([], Message("Cart", "कार्ट")) == ["no longer in the code: 'Cart'"]
    assert judged(["Hello {name}"], Message("Hello {name}", "नमस्ते {name}")) == []


def test_the_file_is_the_same_when_the_words_are(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogues, "path_of", lambda language: tmp_path / f"{language}.po")
    (tmp_path / "hi.po").write_bytes((catalogues.ROOT / "bot/locales/hi/LC_MESSAGES/tiffin.po").read_bytes())
    update("hi")
    first = (tmp_path / "hi.po").read_bytes()
    update("hi")
    assert (tmp_path / "hi.po").read_bytes() == first
    assert b"Date" not in first.split(b"#:")[0]


def test_a_new_language_begins_with_every_message_empty(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogues, "path_of", lambda language: tmp_path / language / "tiffin.po")
    messages, empty = update("ta")
    assert messages == empty > 0

from bot.channels.webchat.rendering import render
from bot.conversation.reply import Attachment, Outgoing, PackedButton
from bot.conversation.text import Mark, Span, Text, fill


def test_marks_sit_on_their_words_behind_emoji_and_hindi():
    text = fill("{hello} *{dish}* costs _{price}_", hello="नमस्ते 👩‍🍳", dish="Dosa", price="₹90")
    shown = render(Outgoing(id="m1", text=text))
    marked = [(shown["text"][start:end], mark) for start, end, mark in shown["marks"]]
    assert marked == [("Dosa", "bold"), ("₹90", "italic")]


def test_neighbours_with_one_mark_are_one_and_empty_ones_none():
    text = Text((Span("Paneer ", Mark.BOLD), Span("Tikka", Mark.BOLD), Span("", Mark.ITALIC), Span("!")))
    assert render(Outgoing(id="m1", text=text))["marks"] == [[0, 12, "bold"]]


def test_what_guests_typed_is_text_and_never_markup():
    shown = render(Outgoing(id="m1", text=fill("Note: {note}", note="<b>*no* onion</b>")))
    assert shown["text"] == "Note: <b>*no* onion</b>"
    assert shown["marks"] == []


def test_a_button_is_tapped_or_opened_never_both():
    rows = ((PackedButton("Menu", action="menu", style="primary"), PackedButton("Pay", url="https://pay.example/1")),)
    shown = render(Outgoing(id="m1", text=Text.of("Hello"), buttons=rows))
    assert shown["buttons"] == [
        [
            {"label": "Menu", "action": "menu", "style": "primary"},
            {"label": "Pay", "url": "https://pay.example/1", "style": ""},
        ]
    ]


def test_pictures_documents_and_what_is_replaced_are_named():
    shown = render(
        Outgoing(
            id="m2",
            text=Text.of("Your data"),
            image="/media/dishes/dosa.svg",
            document=Attachment("/documents/x", "me.json"),
            replaces="m1",
            ask="location",
        )
    )
    assert (shown["image"], shown["replaces"], shown["ask"]) == ("/media/dishes/dosa.svg", "m1", "location")
    assert shown["document"] == {"url": "/documents/x", "name": "me.json"}
    bare = render(Outgoing(id="m1", text=Text.of("Hello")))
    assert (bare["image"], bare["document"], bare["replaces"], bare["ask"]) == (None, None, None, None)

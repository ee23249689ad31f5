"""Keeping the catalogues in step with the words in the code."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "webhooks")
APART = "bot/simulation/"  # played guests "say" things too, to us
LANGUAGES = ("hi",)
# What `bot.conversation.texts.Texts` offers: a message, or one for a single thing and one for many.
KEYWORDS: dict[str, tuple[int, ...] | None] = {"t": None, "n": (1, 2), "say": None, "say_n": (1, 2)}
_PLURAL = frozenset({"n", "say_n"})
_NOTES = ("For translators:",)
_FIELD = re.compile(r"\{(\w+)\}")
_MARK = re.compile(r"[*_~`]")
_HEADER = "# Tiffin in another language. `make messages` keeps this file in step with the code."
_CHANGING = re.compile(  # header lines that tell who ran what when, and nothing about the messages
    rb'^"(?:Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team'
    rb'|Generated-By): .*\\n"\n',
    re.MULTILINE,
)
_WIDTH = 118


def path_of(language: str) -> Path:
    return Path(__file__).parent / language / "LC_MESSAGES" / "tiffin.po"


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(APART):
                yield path


def template() -> Catalog:
    """Every message in the code, with the files it stands in."""
    catalog = Catalog()
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        for message, comments in _extracted(path, path.stat().st_mtime_ns):
            catalog.add(message, locations=[(name, 1)], auto_comments=comments)
    return catalog


@cache
def _extracted(path: Path, _changed_ns: int) -> list[tuple[str | tuple[str, ...], list[str]]]:
    return [(message, notes) for _, message, notes, _ in extract_from_file("python", path, KEYWORDS, _NOTES)]


def read(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, header_comment=_HEADER, fuzzy=False)
    return read_po(BytesIO(path.read_bytes()), locale=language)


def update(language: str) -> tuple[int, int]:
    """Bring a language's file up to date: new messages come in empty, unused ones go. Says (messages, empty ones).

    The same words give the same file: it holds neither dates nor line numbers.
    """
    catalog = read(language)
    catalog.update(template(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    out = BytesIO()
    write_po(out, catalog, width=_WIDTH, sort_by_file=True, include_lineno=False)
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_CHANGING.sub(b"", out.getvalue()))
    messages = [message for message in catalog if message.id]
    return len(messages), sum(not _forms(message)[0] for message in messages)


def problems(language: str) -> list[str]:
    """What keeps a language from being complete and right, one sentence each."""
    catalog, used = read(language), template()
    found = [f"not in the catalogue: {message.id!r}" for message in used if message.id and message.id not in catalog]
    for message in catalog:
        if not message.id:
            continue
        if message.id not in used:
            found.append(f"no longer in the code: {message.id!r}")
        elif message.fuzzy:
            found.append(f"marked fuzzy: {message.id!r}")
        else:
            found += _wrong(message)
    return found


def _wrong(message: Message) -> Iterator[str]:
    originals = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    forms = _forms(message)
    if not all(forms) or len(forms) != len(originals):
        yield f"not translated: {message.id!r}"
        return
    for original, form in zip(originals, forms, strict=True):
        if _fields(original) != _fields(form):
            yield f"fields differ: {original!r} and {form!r}"
        if _marks(original) != _marks(form):
            yield f"marks differ: {original!r} and {form!r}"
        if original[:1].isspace() != form[:1].isspace() or original[-1:].isspace() != form[-1:].isspace():
            yield f"blanks at the ends differ: {original!r} and {form!r}"


def _forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string or "",)


def _fields(text: str) -> frozenset[str]:
    return frozenset(_FIELD.findall(text))


def _marks(text: str) -> Counter[str]:
    return Counter(_MARK.findall(_FIELD.sub("", text)))


def hidden_messages() -> list[str]:
    """Calls whose words the extractor cannot see, because they are no literal: `texts.t(name)`."""
    found = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_texts(node.func):
                words = node.args[: 2 if node.func.attr in _PLURAL else 1]
                if not words or not all(_is_literal(word) for word in words):
                    found.append(f"{path.relative_to(ROOT).as_posix()}:{node.lineno}")
    return found


def _is_literal(word: ast.expr) -> bool:
    return isinstance(word, ast.Constant) and isinstance(word.value, str)


def _is_texts(function: ast.Attribute) -> bool:
    """Whether this is a method of Texts: `texts.t`, `turn.texts.say`, `Texts.of(language).n`."""
    if function.attr not in KEYWORDS:
        return False
    owner = function.value
    if isinstance(owner, ast.Call):
        return isinstance(owner.func, ast.Attribute) and owner.func.attr == "of"
    return getattr(owner, "attr", getattr(owner, "id", "")) == "texts"

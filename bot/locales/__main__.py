"""`python -m bot.locales update` writes the catalogues anew; `python -m bot.locales check` says what they lack."""

import sys

from bot.locales.catalogues import LANGUAGES, problems, update


def main(arguments: list[str]) -> int:
    match arguments:
        case ["update"]:
            for language in LANGUAGES:
                messages, empty = update(language)
                sys.stdout.write(f"{language}: {messages} messages, {empty} to translate\n")
            return 0
        case ["check"]:
            found = [f"{language}: {problem}" for language in LANGUAGES for problem in problems(language)]
            sys.stdout.writelines(f"{problem}\n" for problem in found)
            return 1 if found else 0
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


sys.exit(main(sys.argv[1:]))

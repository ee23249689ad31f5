"""An amount in English words as Indian papers write it: lakh and crore."""

from core.money import Money

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_GROUPS = ((10_000_000, "crore"), (100_000, "lakh"), (1_000, "thousand"), (100, "hundred"))
_UNITS = {"INR": ("rupee", "rupees", "paisa", "paise"), "USD": ("dollar", "dollars", "cent", "cents")}


def amount_words(amount: Money, currency: str) -> str:
    """“Five hundred and forty-six rupees only”; empty for a currency whose coins it does not know."""
    if currency not in _UNITS:
        return ""
    one, many, coin, coins = _UNITS[currency]
    whole, rest = divmod(abs(amount.paise), 100)
    said = f"{number_words(whole)} {one if whole == 1 else many}"
    if rest:
        said += f" and {number_words(rest)} {coin if rest == 1 else coins}"
    return f"{said[0].upper()}{said[1:]} only"


def number_words(number: int) -> str:
    """“one lakh twenty-three thousand four hundred and five”"""
    for size, name in _GROUPS:
        if number >= size:
            many, rest = divmod(number, size)
            said = f"{number_words(many)} {name}"
            if not rest:
                return said
            return f"{said} and {number_words(rest)}" if rest < 100 else f"{said} {number_words(rest)}"
    if number < len(_SMALL):
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")

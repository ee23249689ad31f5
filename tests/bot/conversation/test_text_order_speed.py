"""A message costs the same on a menu of ten thousand dishes as on one of sixty."""

import gc
import time
from itertools import islice, product
from statistics import median

import pytest

from bot.conversation.text_order import build_index, parse
from tests.bot.conversation.test_text_order import a_dish, options, sizes

KINDS = (
    "tikka masala curry biryani dosa naan roti paratha kebab korma roll sandwich pizza soup salad rice noodles".split()
)
STYLES = "malai kadai tandoori hyderabadi punjabi mysore achari kashmiri goan chettinad madras amritsari royal".split()
MAINS = "paneer chicken mutton egg fish prawn aloo gobi palak mushroom veg corn cheese rajma chana soya tofu".split()
PLACES = [
    first + last
    for first, last in product("ban del kol mum che puna goa sur nag lak ran".split(), "pur gad nagar wadi".split())
]


def a_menu(length: int):
    names = (f"{place} {style} {main} {kind}" for kind, place, main, style in product(KINDS, PLACES, MAINS, STYLES))
    step = max(1, len(KINDS) * len(PLACES) * len(MAINS) * len(STYLES) // length)
    groups = (options("out", "No onion", "Extra cheese", max=2),)
    return [
        a_dish(name.title(), variants=sizes("Half", "Full"), groups=groups)
        for name in islice(names, 0, step * length, step)
    ]


def messages(dishes):
    for number in range(150):
        one, other = dishes[number * 7 % len(dishes)].name.lower(), dishes[number * 13 % len(dishes)].name.lower()
        yield f"{number % 5 + 1} {one} no onion and one {other} full, bring to table 7"
        yield f"bhaiya do {one.replace('ee', 'i')} half aur ek {other.rsplit(' ', 1)[-1]} kam mirchi de do"
        yield other.split()[-1]
        yield "where is my order please tell me"


def cost(dishes) -> list[float]:
    index = build_index(dishes)
    gc.collect()
    gc.freeze()  # as the running program does: collecting ten thousand dishes is not the parser's time
    try:
        spent = []
        for message in messages(dishes):
            began = time.process_time()
            parse(message, index)
            spent.append(time.process_time() - began)
        return sorted(spent)
    finally:
        gc.unfreeze()


@pytest.fixture(scope="module")
def long_menu():
    return a_menu(10_000)


def test_the_length_of_the_menu_hardly_matters(long_menu):
    """Ratios of one run, for timings of a machine decide nothing."""
    assert len(long_menu) == 10_000
    long, short = cost(long_menu), cost(a_menu(60))
    assert median(long) < 4 * median(short)
    assert long[int(len(long) * 0.9)] < 20 * median(short)  # the rest first meets a word many dishes share

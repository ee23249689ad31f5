"""Thousands of schedules of the real code, and nothing that must hold is ever broken; and with a guard out, it is."""

import time
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from tests.explorer.guards import GUARDS, without
from tests.explorer.schedule import Ran, run

pytestmark = pytest.mark.race

SEED = 20_261_123
FEW, PARTS = 2_000, 4
MANY = 100_000
TELL_EVERY = 5_000
ENOUGH = 10_000  # schedules in which a missing guard must have done harm
HARMLESS = {
    "refunds are listed before one is sent again": 1_150
}  # so many do none at first; the deep run plays them too

Figure = Callable[[str], None]


def explore(seeds: Iterable[int], tell: Callable[[Ran], None] = lambda ran: None) -> Counter[str]:
    """Run them all; the first that does harm ends the search with its story."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        ran = run(seed)
        if ran.harm:
            pytest.fail(f"{run(seed, story=True)}\n\nonce more: python -m tests.explorer {seed}", pytrace=False)
        seen.update({"schedules": 1, "steps": ran.steps, "kills": ran.kills, "faults": ran.faults})
        seen.update(ran.ends)
        tell(ran)
    return seen


def in_words(seen: Counter[str]) -> str:
    counted = ("schedules", "steps", "kills", "faults")
    ends = ", ".join(f"{n:,} {end}" for end, n in seen.most_common() if end not in counted)
    return f"{', '.join(f'{seen[name]:,} {name}' for name in counted)}; orders ended: {ends}"


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_in_whatever_order_money_and_kitchen_stay_right(part: int, figure: Figure):
    size = FEW // PARTS
    first = SEED + part * size
    seen = explore(range(first, first + size))
    figure(f"explorer, seeds {first} to {first + size - 1}: {in_words(seen)}; 0 violations")


@pytest.mark.parametrize("skips", [True, pytest.param(False, marks=pytest.mark.deep)], ids=["", "from the first"])
@pytest.mark.parametrize("guard", GUARDS)
def test_without_the_guard_the_search_finds_the_harm(guard: str, skips: bool, figure: Figure):
    with without(guard):
        for n in range(HARMLESS.get(guard, 0) if skips else 0, ENOUGH):
            seed = SEED + n
            ran = run(seed)
            if ran.harm:
                figure(f"explorer without «{guard}»: caught in schedule {n + 1} (seed {seed}): {ran.harm[0]}")
                return
    pytest.fail(f"{ENOUGH} schedules without «{guard}» and nothing was broken")


@pytest.mark.parametrize("seed", [SEED, SEED + 1, SEED + 2])
def test_a_seed_tells_the_same_story_every_time(seed: int):
    once, again = run(seed, story=True), run(seed, story=True)
    assert once.story == again.story
    assert len(once.story) > 10
    assert run(seed).steps == once.steps, "telling the story does not change it"


def test_harm_is_shown_with_its_seed_and_a_story_that_plays_again():
    with without("a checkout becomes one order"), pytest.raises(pytest.fail.Exception) as failed:
        explore(range(SEED, SEED + ENOUGH))
    text = str(failed.value)
    assert text.startswith("seed ")
    assert "HARM chk_" in text
    assert "orders.insert_one" in text
    assert f"python -m tests.explorer {text.splitlines()[0].removeprefix('seed ')}" in text


@pytest.mark.deep
@pytest.mark.timeout(4 * 3_600)
def test_a_hundred_thousand_schedules_do_no_harm(figure: Figure, capsys: pytest.CaptureFixture[str]):
    begun, done = time.monotonic(), 0

    def tell(ran: Ran) -> None:
        nonlocal done
        done += 1
        if done % TELL_EVERY == 0:
            with capsys.disabled():
                print(
                    f"\n  explorer: {done:,} of {MANY:,} schedules, {time.monotonic() - begun:.0f} s",
                    end="",
                    flush=True,
                )

    seen = explore(range(SEED, SEED + MANY), tell)
    figure(f"explorer, seeds {SEED} to {SEED + MANY - 1}: {in_words(seen)}; 0 violations")

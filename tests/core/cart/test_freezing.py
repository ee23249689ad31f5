"""From cart to checkout and back: one id for one version, and no order twice when a turn is cut short."""

import asyncio

import pytest

from core.cart.errors import AlreadyPlaced, CartChanged, CartEmpty, LineGone
from core.cart.store import CART_TTL_MS
from core.ids import CheckoutId, new_id
from tests.core.cart.house import ASHA, COFFEE, DOSA, fill_up

DAY_S = CART_TTL_MS // 1000


async def test_every_tap_on_one_version_gets_the_same_checkout(cart):
    view = await fill_up(cart)
    first = await cart.freeze(ASHA, view.version)
    again = await cart.freeze(ASHA, view.version)
    assert first.checkout_id == again.checkout_id
    assert (first.fresh, again.fresh) == (True, False)
    assert [line.id for line in first.lines] == [DOSA.id, COFFEE.id]
    assert first.version == view.version


async def test_a_changed_cart_is_not_the_one_that_was_shown(cart):
    view = await fill_up(cart)
    frozen = await cart.freeze(ASHA, view.version)
    changed = await cart.change(ASHA, DOSA.id, 1, "more")
    with pytest.raises(CartChanged) as stale:
        await cart.freeze(ASHA, view.version)
    assert stale.value.version == changed.version == view.version + 1
    assert (await cart.freeze(ASHA, changed.version)).checkout_id != frozen.checkout_id


async def test_an_empty_cart_cannot_be_frozen(cart):
    with pytest.raises(CartEmpty):
        await cart.freeze(ASHA, 0)
    await fill_up(cart)
    cleared = await cart.clear(ASHA, "c")
    with pytest.raises(CartEmpty):
        await cart.freeze(ASHA, cleared.version)


async def test_a_second_device_learns_that_this_very_cart_was_placed(cart):
    view = await fill_up(cart)
    frozen = await cart.freeze(ASHA, view.version)
    assert await cart.clear_if(ASHA, frozen.checkout_id)
    assert (await cart.view(ASHA)).lines == ()
    with pytest.raises(AlreadyPlaced) as placed:
        await cart.freeze(ASHA, view.version)
    assert placed.value.checkout_id == frozen.checkout_id
    await fill_up(cart, ASHA, COFFEE)  # even when a new cart was begun meanwhile
    with pytest.raises(AlreadyPlaced):
        await cart.freeze(ASHA, view.version)


async def test_a_cart_changed_after_freezing_survives_the_clearing(cart):
    view = await fill_up(cart)
    frozen = await cart.freeze(ASHA, view.version)
    await cart.change(ASHA, DOSA.id, 1, "more")
    assert not await cart.clear_if(ASHA, frozen.checkout_id)
    assert not await cart.clear_if(ASHA, CheckoutId("chk_other"))
    assert (await cart.view(ASHA)).count == 3


async def test_a_tap_delivered_again_after_the_order_does_not_fill_the_cart_anew(cart):
    view = await cart.add(ASHA, DOSA, "once")
    frozen = await cart.freeze(ASHA, view.version)
    await cart.clear_if(ASHA, frozen.checkout_id)
    assert (await cart.add(ASHA, DOSA, "once")).lines == ()
    assert (await cart.add(ASHA, DOSA, "new")).count == 1


@pytest.mark.crash
async def test_cut_short_before_the_order_was_written_the_same_checkout_goes_on(cart):
    """C6: the cart is frozen, no order exists."""
    view = await fill_up(cart)
    frozen = await cart.freeze(ASHA, view.version)
    assert (await cart.view(ASHA)).count == 2
    assert (await cart.freeze(ASHA, view.version)).checkout_id == frozen.checkout_id
    assert (await cart.change(ASHA, DOSA.id, 1, "more")).count == 3


@pytest.mark.crash
@pytest.mark.parametrize("then", ["view", "freeze", "change", "add", "move"])
async def test_cut_short_after_the_order_was_written_the_cart_is_emptied_by_whatever_comes_next(house, then):
    """C7: the order exists, the cart is still full."""
    cart = house.cart
    view = await fill_up(cart)
    frozen = await cart.freeze(ASHA, view.version)
    house.orders.placed.add(frozen.checkout_id)
    match then:
        case "view":
            assert (await cart.view(ASHA)).lines == ()
        case "freeze":
            with pytest.raises(AlreadyPlaced) as placed:
                await cart.freeze(ASHA, view.version)
            assert placed.value.checkout_id == frozen.checkout_id
        case "change":
            with pytest.raises(LineGone):
                await cart.change(ASHA, DOSA.id, 1, "more")
        case "add":
            assert [line.id for line in (await cart.add(ASHA, COFFEE, "more")).lines] == [COFFEE.id]
        case "move":
            await cart.move(ASHA, "cus_other")
            assert (await cart.view("cus_other")).lines == ()
    with pytest.raises(AlreadyPlaced):
        await cart.freeze(ASHA, view.version)


@pytest.mark.race
async def test_ten_taps_at_once_freeze_one_checkout(cart):
    for _ in range(20):
        await cart.forget(ASHA)
        view = await fill_up(cart)
        frozen = await asyncio.gather(*(cart.freeze(ASHA, view.version) for _ in range(10)))
        assert len({each.checkout_id for each in frozen}) == 1
        assert sum(each.fresh for each in frozen) == 1


@pytest.mark.race
async def test_without_the_script_ten_taps_freeze_several_checkouts(cart, redis):
    """The twin of the test above: a freeze that reads and then writes."""

    async def naive_freeze():
        checkout = await redis.get("naive")
        if checkout is None:
            checkout = new_id("chk")
            await redis.set("naive", checkout)
        return checkout

    assert len({*await asyncio.gather(*(naive_freeze() for _ in range(10)))}) > 1


async def freeze_or_none(cart, version):
    try:
        return await cart.freeze(ASHA, version)
    except CartChanged:
        return None


@pytest.mark.race
async def test_an_edit_and_a_freeze_at_once_never_freeze_what_was_not_shown(cart):
    for _ in range(40):
        await cart.forget(ASHA)
        view = await fill_up(cart)
        freezing = asyncio.create_task(freeze_or_none(cart, view.version))
        changed = await cart.change(ASHA, DOSA.id, 1, "more")
        frozen = await freezing
        assert changed.version == view.version + 1
        if frozen is not None:
            assert sum(line.qty for line in frozen.lines) == 2
            assert not await cart.clear_if(ASHA, frozen.checkout_id)


async def test_every_change_renews_the_day_and_a_key_without_an_end_gets_one(house, redis):
    cart, key = house.cart, house.store.key(ASHA)
    view = await fill_up(cart)

    async def keeps_its_end(deed):
        await redis.persist(key)
        outcome = await deed
        assert DAY_S - 5 <= await redis.ttl(key) <= DAY_S
        return outcome

    frozen = await keeps_its_end(cart.freeze(ASHA, view.version))
    await keeps_its_end(cart.clear_if(ASHA, frozen.checkout_id))
    await keeps_its_end(cart.add(ASHA, DOSA, "a"))
    await keeps_its_end(cart.set_note(ASHA, "x", "n"))
    taken = await keeps_its_end(house.store.take(ASHA))
    await keeps_its_end(house.store.take(ASHA, arrived=taken.move))


async def test_a_cart_that_expired_never_meets_its_old_versions_again(cart, house, redis):
    old = await fill_up(cart)
    await redis.delete(house.store.key(ASHA))
    await asyncio.sleep(0.3)
    new = await fill_up(cart, ASHA, COFFEE)
    assert new.version > old.version
    with pytest.raises(CartChanged):
        await cart.freeze(ASHA, old.version)

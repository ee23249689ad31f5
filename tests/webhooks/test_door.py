"""The code a rider holds up, from the tap to the page it leads to."""

from datetime import timedelta
from io import BytesIO

from PIL import Image

from tests.dialogues.walks import code_in, ordered


async def test_a_guest_pays_at_the_door_what_was_to_be_cash(house, http):
    cook = await house.cook("mgroad")
    guest = await ordered(house, "Delivery", "3 masala dosa", phone="98765 00007")
    code = code_in(guest.screen)
    await cook.hears(code)
    for step in ("+15", "Ready", "Out for delivery", "Pay by UPI"):
        await cook.taps_on(code, step)
    shown = await cook.hears("The guest scans this")
    link = next(button.url for row in shown.buttons for button in row if button.url)
    assert "/sandbox/" in link
    picture = shown.image
    async with http.get(picture) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        width, height = Image.open(BytesIO(await response.read())).size
        assert width == height > 300
    await house.till.does(link, "pay")
    await guest.hears("no cash is needed")
    await cook.hears("PAID")
    async with http.get(picture) as response:
        assert response.status == 404  # nobody can pay twice by scanning an old screen
    await cook.taps("Delivered")
    await guest.hears("is delivered")


async def test_the_picture_opens_with_its_own_address_alone_and_for_half_an_hour(house, http):
    signer = house.runtime.services.links
    for refused, status in (
        (signer.sign("door", "ord_none.1", timedelta(minutes=30)), 404),
        (signer.sign("door", "nonsense", timedelta(minutes=30)), 404),
        (signer.sign("track", "ord_none.1", timedelta(minutes=30)), 403),
        (signer.sign("door", "ord_none.1", timedelta(seconds=-1)), 403),
    ):
        async with http.get(f"/qr/{refused}.png") as response:
            assert response.status == status

"""One order on the demo page, in the system's Chromium, by what stands on the page."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.dialogues.walks import ordered
from tests.house import House

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="NO CHROMIUM ON THIS MACHINE: the demo page was not tested in a browser"),
]


@pytest.fixture
async def page(house: House) -> AsyncIterator["Page"]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(10_000)
        yield Page(page, house)
        await browser.close()


class Page:
    """The demo as somebody uses it: buttons by their label, boxes by theirs."""

    def __init__(self, page, house: House) -> None:
        self.page, self.house = page, house
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.guest, self.kitchen = page.locator("#guest"), page.locator("#kitchen")
        self.phone, self.till = page.locator("#phone"), page.locator("#till")

    async def opens(self) -> None:
        await self.page.goto(f"{self.house.base}/demo")

    async def guest_taps(self, label: str) -> None:
        await self.guest.locator(".latest button", has_text=label).first.click()

    async def guest_says(self, text: str) -> None:
        box = self.guest.get_by_label("Your message")
        await box.fill(text)
        await box.press("Enter")

    async def cook_taps(self, label: str) -> None:
        await self.kitchen.get_by_role("button", name=re.compile(rf"^{re.escape(label)}")).last.click()

    async def reads(self, where, text: str) -> None:
        await where.get_by_text(text).last.wait_for()

    async def is_shown_to(self, viewport: tuple[int, int], path: Path) -> None:
        await self.page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
        await self.page.screenshot(path=path)
        assert path.stat().st_size > 10_000


async def test_a_meal_ordered_paid_and_delivered_on_the_demo_page(page: Page, tmp_path: Path):
    await page.opens()
    await page.guest_taps("Order food")
    await page.reads(page.guest, "Your mobile number")
    await page.guest_says("98765 43210")
    await page.reads(page.phone, "is your Tiffin code")
    code = re.search(r"\b\d{6}\b", await page.phone.inner_text())
    assert code
    await page.guest_says(code[0])
    await page.guest_taps("MG Road")
    await page.guest_taps("Delivery")
    await page.reads(page.guest, "What would you like?")
    await page.guest_says("2 full paneer tikka and one garlic naan no butter")
    await page.guest_taps("Checkout")
    await page.reads(page.guest, "Your address, please")
    await page.guest_says("12 Church Street, Bengaluru, 560001")
    await page.guest_taps("No landmark")
    await page.guest_taps("Place order")
    await page.guest_taps("UPI")
    await page.till.get_by_role("button", name=re.compile("^Pay ₹")).click()
    await page.reads(page.kitchen, "PAID")
    await page.cook_taps("Accept +25")
    await page.reads(page.guest, "has accepted order")
    await page.cook_taps("Ready")
    await page.cook_taps("Out")
    await page.reads(page.guest, "on the way")
    await page.cook_taps("Delivered")
    await page.guest_says("track")
    await page.reads(page.guest, "Delivered")
    await page.is_shown_to((1440, 900), tmp_path / "wide.png")
    await page.is_shown_to((390, 844), tmp_path / "narrow.png")
    assert page.complaints == []


async def test_money_is_played_with_at_the_till_and_on_its_own_page(page: Page, tmp_path: Path):
    guest = await ordered(page.house, "Takeaway", "2 masala dosa", "UPI", phone="9845012345")
    await guest.hears("to pay")
    await page.opens()
    await page.till.get_by_role("button", name="Let it fail").click()
    await page.reads(page.till, "failed")
    await guest.hears("did not go through")
    await page.till.get_by_role("button", name="Drop webhooks").click()
    await page.reads(page.till, "The bank's news gets lost.")
    async with page.page.context.expect_page() as opening:
        await page.till.get_by_role("link", name="Open as its own page").click()
    own = await opening.value
    await own.set_viewport_size({"width": 390, "height": 844})
    pay = own.get_by_role("button", name=re.compile(r"^Pay ₹[\d,]+ by UPI$"))
    await pay.wait_for()
    await own.screenshot(path=tmp_path / "pay.png")
    assert await own.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no scrolling sideways"
    await pay.click()
    await own.wait_for_url("**/pay/return?razorpay_payment_id=*")
    await own.get_by_text("Go back to the chat").first.wait_for()
    await page.reads(page.kitchen, "PAID")
    await guest.hears("is placed")
    await page.till.get_by_role("button", name="Drop webhooks").click()
    await page.till.get_by_role("button", name="Pay again").click()
    await guest.hears("was paid twice")
    await page.reads(page.till, "on its way back")
    await page.till.get_by_role("button", name="Refund by hand").click()
    await page.reads(page.kitchen, "its payment was given back by hand")
    assert page.complaints == []


async def test_what_a_guest_types_is_shown_and_never_run(page: Page):
    await page.opens()
    await page.guest_taps("Order food")
    await page.guest_says("<img src=x onerror=alert(1)>")
    await page.reads(page.guest, "<img src=x onerror=alert(1)>")
    assert await page.page.locator("#guest img[src='x']").count() == 0
    assert page.complaints == []


async def test_the_page_works_by_keyboard_alone(page: Page):
    await page.opens()
    await page.guest.locator(".latest button", has_text="Order food").first.focus()
    await page.page.keyboard.press("Enter")
    await page.reads(page.guest, "Your mobile number")
    await page.guest.get_by_label("Your message").focus()
    await page.page.keyboard.type("menu")
    await page.page.keyboard.press("Enter")
    await page.reads(page.guest, "Which branch shall cook for you?")


async def test_a_phone_shows_one_pane_at_a_time(page: Page):
    await page.page.set_viewport_size({"width": 390, "height": 844})
    await page.opens()
    await page.guest.locator(".latest button", has_text="Order food").first.wait_for()
    assert not await page.kitchen.is_visible()
    await page.page.locator("#pane-nav [data-pane='kitchen']").click()
    await page.kitchen.wait_for(state="visible")
    assert not await page.guest.is_visible()

"""Where the food goes: saved addresses, a new one in plain words, or a place on the map."""

from bot.conversation.actions import Action
from bot.conversation.incoming import Location
from bot.conversation.incoming import Text as Typed
from bot.conversation.reply import Ask, Button, Reply, Style
from bot.conversation.screen import Goto, NotUnderstood, Screen, Stay, Step, on
from bot.conversation.session import Fact
from bot.conversation.states import State
from bot.conversation.text import Text, lines, paragraphs
from bot.conversation.turn import Turn
from bot.screens.identity import SendCode, put_away
from bot.screens.taps import GoBack, OpenAddresses, OpenOutlets
from bot.screens.walk import to_review
from core.customers.models import Address
from core.customers.names import clean_text
from core.errors import InvalidInput
from core.ids import AddressId
from core.outlets.models import Fulfilment, Zone
from core.outlets.zones import pin_code, zone_for_pin, zone_for_point

FIELDS = ("line", "city", "pin", "landmark")
LIMITS = {"line": (5, 200), "city": (2, 60), "landmark": (0, 120)}


class AddressUnclear(InvalidInput):
    """What was typed for `field` is not between `minimum` and `maximum` characters."""

    minimum: int
    maximum: int


class PickAddress(Action, tag="to"):
    address: AddressId


class NewAddress(Action, tag="to+"):
    pass


class SkipLandmark(Action, tag="to/"):
    pass


class TakeawayInstead(Action, tag="to-"):
    """We do not deliver there; the guest can still collect."""


class RemoveAddress(Action, tag="to!"):
    address: AddressId


class RemoveAddressYes(Action, tag="to!!"):
    address: AddressId


def address_text(address: Address) -> str:
    parts = [address.line, address.landmark, f"{address.city} {address.pin}"]
    return ", ".join(part for part in parts if part)


def zone_of(turn: Turn, address: Address) -> Zone | None:
    outlet = turn.outlet
    zone = zone_for_pin(outlet, address.pin)
    if zone is None and (address.latitude or address.longitude):
        zone = zone_for_point(outlet, address.latitude, address.longitude)
    return zone


def put_away_reply(turn: Turn, others: tuple[Button, ...]) -> Reply:
    texts = turn.texts
    text = texts.say(
        "Your saved addresses are put away until you confirm your number by a code: it was not used here for a while, "
        "and numbers change hands."
    )
    return Reply(text, ((Button(texts.t("Send the code"), SendCode(), style=Style.PRIMARY),), others), in_place=True)


def _use(turn: Turn, address: Address) -> Step:
    """Deliver there, or say at once that we do not."""
    if zone_of(turn, address) is None:
        return _too_far(turn, address.pin)
    turn.session = turn.session.but(address=address.id, fulfilment=Fulfilment.DELIVERY)
    return to_review(turn)


def _too_far(turn: Turn, where: str) -> Step:
    return Goto(State.ADDRESS, {"too_far": where})


class AddressScreen(Screen):
    state = State.ADDRESS

    async def render(self, turn: Turn) -> Reply:
        texts = turn.texts
        if where := turn.session.data.get("too_far"):
            outlets = turn.services.outlets.all()
            rows: list[tuple[Button, ...]] = []
            rows.append((Button(texts.t("Takeaway instead"), TakeawayInstead(), style=Style.PRIMARY),))
            rows.append((Button(texts.t("Another address"), NewAddress()),))
            if len(outlets) > 1:
                rows.append((Button(texts.t("Another branch"), OpenOutlets()),))
            text = texts.say(
                "Sorry, {outlet} does not deliver to *{where}*. Your cart is safe: you can collect the food yourself, "
                "or give another address.",
                outlet=turn.outlet.name,
                where=str(where),
            )
            return Reply(text, tuple(rows), in_place=True)
        customer = await turn.customer()
        if not customer.addresses:
            return await AddressFormScreen().render(turn)
        if await put_away(turn):
            return put_away_reply(
                turn,
                (Button(texts.t("New address"), NewAddress()), Button(texts.t("Takeaway instead"), TakeawayInstead())),
            )
        rows = []
        for address in customer.addresses:
            zone = zone_of(turn, address)
            label = address_text(address)
            if zone is None:
                label = texts.t("{address} (too far)", address=label)
            rows.append((Button(label[:60], PickAddress(address=address.id), hint=address.pin),))
        rows.append(
            (Button(texts.t("New address"), NewAddress()), Button(texts.t("Takeaway instead"), TakeawayInstead()))
        )
        return Reply(
            texts.say("Where shall we bring it?"),
            tuple(rows),
            in_place=True,
            ask=Ask.LOCATION if turn.capabilities.location_button else None,
        )

    @on(PickAddress)
    async def pick(self, turn: Turn, tap: PickAddress) -> Step:
        if await put_away(turn):
            return Goto(State.ADDRESS)
        address = (await turn.customer()).address(tap.address)
        if address is None:
            turn.notice(turn.texts.say("That address was deleted. Please choose another."))
            return Goto(State.ADDRESS)
        return _use(turn, address)

    @on(NewAddress)
    async def new(self, turn: Turn, tap: NewAddress) -> Step:
        return Goto(State.ADDRESS_FORM)

    @on(TakeawayInstead)
    async def collect(self, turn: Turn, tap: TakeawayInstead) -> Step:
        turn.session = turn.session.but(fulfilment=Fulfilment.TAKEAWAY, address=None)
        return to_review(turn)

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        if turn.session.data.get("too_far"):
            return NotUnderstood()
        return await AddressFormScreen().typed(turn, said)

    @on(Location)
    async def located(self, turn: Turn, at: Location) -> Step:
        """A place on the map says whether we deliver; the door number still has to be typed."""
        outlet = turn.outlet
        if zone_for_point(outlet, at.latitude, at.longitude) is None and any(z.radius_m for z in outlet.zones):
            return _too_far(turn, turn.texts.t("that place"))
        where = f"{at.latitude:.6f},{at.longitude:.6f}"
        turn.notice(turn.texts.say("Got your place on the map."))
        return Goto(State.ADDRESS_FORM, {"point": where})


class AddressFormScreen(Screen):
    """Address, city and PIN code are required, a landmark helps. Typed one by one, or all at once with commas."""

    state = State.ADDRESS_FORM

    async def render(self, turn: Turn) -> Reply:
        texts, data = turn.texts, turn.session.data
        missing = self._missing(data)
        told = lines(*(str(data[field]) for field in FIELDS if data.get(field)))
        question: Text
        row = [Button(texts.t("Back"), GoBack())]
        match missing:
            case "line":
                question = texts.say(
                    "Your *address*, please: house, street and area. You may type it all at once: "
                    "_12 Church Street, Bengaluru, 560001_."
                )
            case "city":
                question = texts.say("Which *city*?")
            case "pin":
                question = texts.say("Which *PIN code*? Six digits, such as 560001.")
            case _:
                question = texts.say("A *landmark* helps the rider, such as _opposite the post office_.")
                row.insert(0, Button(texts.t("No landmark"), SkipLandmark()))
        return Reply(
            paragraphs(told, question),
            (tuple(row),),
            in_place=True,
            ask=Ask.LOCATION
            if turn.capabilities.location_button and missing == "line" and not data.get("point")
            else None,
        )

    @staticmethod
    def _missing(data: dict[str, Fact]) -> str:
        return next((field for field in FIELDS if field not in data), "")

    @on(Typed)
    async def typed(self, turn: Turn, said: Typed) -> Step:
        data = dict(turn.session.data) if turn.session.state is State.ADDRESS_FORM else {}
        field = self._missing(data)
        if field == "line":
            whole = _whole(said.text)
            if whole is not None:
                data |= whole
                return await self._next(turn, data)
        if field == "pin":
            pin = pin_code(said.text)
            if pin is None:
                raise AddressUnclear(field="pin", minimum=6, maximum=6)
            data["pin"] = pin
        else:
            minimum, maximum = LIMITS.get(field, (0, 120))
            text = clean_text(said.text, maximum + 1)
            if not minimum <= len(text) <= maximum or (field == "line" and not any(c.isalnum() for c in text)):
                raise AddressUnclear(field=field, minimum=minimum, maximum=maximum)
            data[field] = text
        return await self._next(turn, data)

    @on(SkipLandmark)
    async def skip(self, turn: Turn, tap: SkipLandmark) -> Step:
        data = dict(turn.session.data)
        if self._missing(data) != "landmark":
            return Stay()
        return await self._next(turn, data | {"landmark": ""})

    async def _next(self, turn: Turn, data: dict[str, Fact]) -> Step:
        pin = str(data.get("pin", ""))
        if pin and not self._reachable(turn, pin, data):
            return _too_far(turn, pin)
        if self._missing(data):
            return Goto(State.ADDRESS_FORM, data, remember=False)
        latitude, longitude = _point(data)
        address = await turn.services.customers.add_address(
            turn.customer_id,
            line=str(data["line"]),
            city=str(data["city"]),
            pin=pin,
            landmark=str(data["landmark"]),
            lat=latitude,
            lon=longitude,
        )
        turn.session = turn.session.but(address=address.id, fulfilment=Fulfilment.DELIVERY)
        turn.forget_customer()
        turn.notice(turn.texts.say("Saved: {address}", address=address_text(address)))
        return to_review(turn)

    @staticmethod
    def _reachable(turn: Turn, pin: str, data: dict[str, Fact]) -> bool:
        if zone_for_pin(turn.outlet, pin) is not None:
            return True
        latitude, longitude = _point(data)
        return bool(latitude or longitude) and zone_for_point(turn.outlet, latitude, longitude) is not None


def _point(data: dict[str, Fact]) -> tuple[float, float]:
    latitude, _, longitude = str(data.get("point", "0,0")).partition(",")
    return float(latitude), float(longitude)


def _whole(text: str) -> dict[str, Fact] | None:
    """“12 Church Street, Bengaluru, 560001” in its parts; None when it is not all there."""
    parts = [part.strip() for part in clean_text(text, 400).replace("\n", ",").split(",") if part.strip()]
    if len(parts) < 2:
        return None
    last = parts[-1]
    pin = pin_code(last)
    if pin is not None:
        rest = parts[:-1]
    else:  # “Bengaluru 560001” or “Bengaluru - 560 001” in one part
        words = last.replace("-", " ").split()
        for taken in (1, 2):
            pin = pin_code("".join(words[-taken:]))
            if pin is not None and len(words) > taken:
                rest = [*parts[:-1], " ".join(words[:-taken])]
                break
        else:
            return None
    if len(rest) < 2:
        return None
    line, city = ", ".join(rest[:-1]), rest[-1]
    if not (LIMITS["line"][0] <= len(line) <= LIMITS["line"][1] and 2 <= len(city) <= LIMITS["city"][1]):
        return None
    return {"line": line, "city": city, "pin": str(pin)}


class AddressesScreen(Screen):
    """Saved addresses, to look at and to delete."""

    state = State.ADDRESSES

    async def render(self, turn: Turn) -> Reply:
        texts, customer = turn.texts, await turn.customer()
        if customer.addresses and await put_away(turn):
            return put_away_reply(turn, (Button(texts.t("Back"), GoBack()),))
        doomed = customer.address(AddressId(str(turn.session.data.get("delete", ""))))
        if doomed is not None:
            row = (
                Button(texts.t("Yes, delete"), RemoveAddressYes(address=doomed.id), style=Style.DANGER),
                Button(texts.t("Keep it"), OpenAddresses()),
            )
            return Reply(texts.say("Delete “{address}”?", address=address_text(doomed)), (row,), in_place=True)
        if not customer.addresses:
            return Reply(
                texts.say("No saved addresses yet. You can give one when you order delivery."),
                ((Button(texts.t("Back"), GoBack()),),),
                in_place=True,
            )
        text = paragraphs(
            texts.say("*Your addresses*"),
            lines(*(f"{n}. {address_text(a)}" for n, a in enumerate(customer.addresses, 1))),
        )
        rows = [
            (Button(texts.t("Delete {number}", number=n), RemoveAddress(address=a.id)),)
            for n, a in enumerate(customer.addresses, 1)
        ]
        return Reply(text, (*rows, (Button(texts.t("Back"), GoBack()),)), in_place=True)

    @on(OpenAddresses)
    async def open(self, turn: Turn, tap: OpenAddresses) -> Step:
        return Goto(State.ADDRESSES)

    @on(RemoveAddress)
    async def ask(self, turn: Turn, tap: RemoveAddress) -> Step:
        return Goto(State.ADDRESSES, {"delete": tap.address})

    @on(RemoveAddressYes)
    async def remove(self, turn: Turn, tap: RemoveAddressYes) -> Step:
        await turn.services.customers.remove_address(turn.customer_id, tap.address)
        turn.forget_customer()
        if turn.session.address == tap.address:
            turn.session = turn.session.but(address=None)
        turn.notice(turn.texts.say("Deleted."))
        return Goto(State.ADDRESSES)

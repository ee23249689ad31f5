"""Every screen a guest can meet, put together once."""

from bot.conversation.screen import Screens
from bot.kitchen.human import HumanDesk
from bot.screens.address import AddressesScreen, AddressFormScreen, AddressScreen
from bot.screens.cart import CartScreen
from bot.screens.hello import HelloScreen, LanguageScreen
from bot.screens.help import HelpScreen, HumanScreen
from bot.screens.identity import CodeScreen, PhoneScreen
from bot.screens.item import ItemScreen, NoteScreen, OptionsScreen
from bot.screens.menu import CategoryScreen, MenuScreen, SearchScreen
from bot.screens.order import OrderScreen
from bot.screens.orders import OrdersScreen
from bot.screens.pay import PayScreen
from bot.screens.place import FulfilmentScreen, OutletScreen, TableScreen
from bot.screens.privacy import PrivacyScreen
from bot.screens.profile import DietScreen, NameScreen, ProfileScreen
from bot.screens.review import ChangeScreen, CouponScreen, ReviewScreen, WhenScreen
from bot.screens.usual import UsualScreen


def guest_screens(desk: HumanDesk) -> Screens:
    return Screens(
        HelloScreen(),
        LanguageScreen(),
        OutletScreen(),
        FulfilmentScreen(),
        TableScreen(),
        PhoneScreen(),
        CodeScreen(),
        MenuScreen(),
        CategoryScreen(),
        SearchScreen(),
        ItemScreen(),
        OptionsScreen(),
        NoteScreen(),
        CartScreen(),
        AddressScreen(),
        AddressFormScreen(),
        AddressesScreen(),
        WhenScreen(),
        CouponScreen(),
        ReviewScreen(),
        ChangeScreen(),
        PayScreen(),
        OrderScreen(),
        OrdersScreen(),
        UsualScreen(),
        ProfileScreen(),
        NameScreen(),
        DietScreen(),
        PrivacyScreen(),
        HelpScreen(),
        HumanScreen(desk),
    )

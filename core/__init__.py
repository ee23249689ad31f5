"""The restaurant itself: menus, carts, orders, money. Knows no chat app and no web server."""

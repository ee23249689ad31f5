"""The menu: categories, items, options, stock, and the snapshot a conversation browses."""

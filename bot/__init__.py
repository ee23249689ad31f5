"""Everything a guest, a cook or an owner reads and taps."""

"""The cart: lines by reference, frozen on checkout."""

"""Asking for money, learning that it came, giving it back."""

"""Payments: links, news, clocks, money back."""

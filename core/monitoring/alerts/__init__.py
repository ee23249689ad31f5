"""Alerts: raised once a key and period, delivered until somebody was reached."""

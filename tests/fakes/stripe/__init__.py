"""A Stripe on loopback: checkout sessions, the payments made in them, refunds, and signed news."""

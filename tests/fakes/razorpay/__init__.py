"""A Razorpay on loopback: the practice ledger behind HTTP, with everything that can go wrong on the way."""

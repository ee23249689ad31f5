"""Razorpay played on this machine: its objects, its rules and its news, with no money behind it.

`Ledger` and `Api` know no network: whoever puts an HTTP server around them has a Razorpay to point RAZORPAY_API_URL at.
`PracticeBank` is the one of PAYMENT_PROVIDER=sandbox, with books in MongoDB and a courier that brings its news.
"""

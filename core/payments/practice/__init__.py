"""Razorpay played on this machine: its objects, its rules and its news, with no network in it and no money behind it.

Whoever puts an HTTP server around it has a Razorpay to point RAZORPAY_API_URL at.
"""

"""A schedule explorer: the real orders, payments, inbox and outbox under every order of events a seed can think of.

Each read and write waits until a seeded scheduler lets it go on: two seeds are two interleavings, and one seed is the
same interleaving for ever. `python -m tests.explorer SEED` tells the story of one.
"""

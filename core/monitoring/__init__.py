"""Watching over the house: what a person must hear of."""

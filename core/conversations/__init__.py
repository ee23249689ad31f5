"""Opaque chat state: one turn at a time, seen-before."""

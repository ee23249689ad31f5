"""What a turn costs, beside the least it could cost: `make bench` (PERFORMANCE.md P1 to P13).

Timings never decide a test, so nothing here is one. Counts that do not wobble are tests in `tests/counts/`.
"""

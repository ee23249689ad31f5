"""Telegram: one message edited in place for guests, cards and a board in the outlets' groups, its limits kept."""

import os

os.environ.setdefault("PTB_TIMEDELTA", "1")  # the library then gives durations as timedeltas, and warns no more

"""`python -m tests.explorer SEED`: the story of one schedule, and what was wrong with it."""

import sys

from tests.explorer.schedule import run

for seed in sys.argv[1:]:
    print(run(int(seed), story=True))

"""The way out: relayed, sent at least once, in order."""

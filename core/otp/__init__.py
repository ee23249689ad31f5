"""One-time codes: issue, verify, limits."""

"""SMS services on loopback: they keep the documented rules (PLATFORMS.md B, D) and fail when told to."""

"""The way in: stored first."""

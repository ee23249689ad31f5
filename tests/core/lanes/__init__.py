"""Work in lanes."""

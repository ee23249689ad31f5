"""Orders: facts, decisions, races."""

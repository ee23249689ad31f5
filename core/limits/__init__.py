"""How often something may happen before it has to wait."""

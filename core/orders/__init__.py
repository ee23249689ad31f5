"""An order and all that may happen to it: facts, decide, the event table."""

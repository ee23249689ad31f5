"""What must go out: leased, retried, dead-lettered."""

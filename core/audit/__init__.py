"""Who did what, and when: the acts of owners and admins, and what happened to the outlets' groups."""

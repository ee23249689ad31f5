"""Guests who asked for a person, and what stands in the outlets' group chats under which name."""

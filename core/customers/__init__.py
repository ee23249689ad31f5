"""The person: handles, phones, addresses, consents, session tokens."""

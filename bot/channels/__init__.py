"""How a reply looks and travels in each chat app."""

"""What went out over WhatsApp: the fate of each message, and what an order's messages cost."""

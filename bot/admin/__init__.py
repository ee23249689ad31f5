"""What owners and admins read, type and tap in their private chats with the bot."""

"""What arrived from outside and how far it got."""

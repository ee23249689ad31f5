"""What a guest sees, one file a screen or a small family of them."""

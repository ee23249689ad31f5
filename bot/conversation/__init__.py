"""The conversation engine: what came in, which screen it meets, what is answered. Knows no channel."""

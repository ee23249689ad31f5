"""Pages for browsers: the chat, the demo, the practice till, the live order page, and what they are made of."""

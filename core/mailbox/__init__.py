"""Messages that wait until their chat fetches them: a browser cannot be called, it has to ask."""

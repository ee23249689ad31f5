"""The door: aiohttp in front of bot and core."""

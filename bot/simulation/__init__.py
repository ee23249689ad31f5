"""Guests and cooks who are not there: they use the web chat as people do, by what they read on the screen."""

"""Shapes, tableware and food of which the dishes' pictures are drawn."""

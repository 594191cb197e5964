"""Rows: the shelves of a profile's home page."""

"""Rows: the rows of a profile's home page."""
